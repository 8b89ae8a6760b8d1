"""`python -m holdfast.foreign FOLDER`: feed the spare bank from a core's files, and hand payments back to it."""

import sys
from pathlib import Path

from aiohttp import web

from holdfast import settings
from holdfast.foreign.errors import ForeignError
from holdfast.foreign.serving import Feeder, make_app
from holdfast.signing.authority import AuthorityFault
from holdfast.signing.inside import Inside
from holdfast.telemetry import configure_logs, get_log, lines

ARGUMENTS = 2


def main() -> int:
    """Serve until SIGTERM; 2 with one sentence when it cannot start."""
    configure_logs("foreign")
    if len(sys.argv) != ARGUMENTS or not Path(sys.argv[1]).is_dir():
        sys.stderr.write("Usage: python -m holdfast.foreign FOLDER, with the core's files in FOLDER\n")
        return 2
    try:
        home = settings.load()
        lines.keep(home.folder("foreign"), "foreign")
        if why := settings.confine(home, "feeder"):
            get_log().warning("not confined to its own files", why=why)
        feeder = Feeder(home, Path(sys.argv[1]).resolve())
        inside = Inside(home.keys, "primary", serves=True)
    except (settings.SettingsError, AuthorityFault, ForeignError, OSError) as error:
        sys.stderr.write(f"The feeder does not start: {error}\n")
        return 2
    app, port = make_app(feeder), home.bank_port
    web.run_app(app, host="127.0.0.1", port=port, ssl_context=inside, print=None, access_log=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
