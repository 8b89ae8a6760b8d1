"""`python -m holdfast.foreign FOLDER`: feed the spare bank from a core's files, and hand payments back to it."""

import sys
from pathlib import Path

from aiohttp import web

from holdfast import settings
from holdfast.foreign.errors import ForeignError
from holdfast.foreign.serving import Feeder, make_app
from holdfast.telemetry import configure_logs

ARGUMENTS = 2


def main() -> int:
    """Serve until SIGTERM; 2 with one sentence when it cannot start."""
    configure_logs("foreign")
    if len(sys.argv) != ARGUMENTS or not Path(sys.argv[1]).is_dir():
        sys.stderr.write("Usage: python -m holdfast.foreign FOLDER, with the core's files in FOLDER\n")
        return 2
    try:
        home = settings.load()
        feeder = Feeder(home, Path(sys.argv[1]).resolve())
    except (settings.SettingsError, ForeignError, OSError) as error:
        sys.stderr.write(f"The feeder does not start: {error}\n")
        return 2
    web.run_app(make_app(feeder), host="127.0.0.1", port=home.bank_port, print=None, access_log=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
