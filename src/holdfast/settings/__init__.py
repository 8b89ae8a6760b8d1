"""Where everything is: one settings file that the runtime writes, read by every building."""

from holdfast.settings.installation import (
    DATA_VERSION,
    Installation,
    SettingsError,
    load,
    write,
)

__all__ = ["DATA_VERSION", "Installation", "SettingsError", "load", "write"]
