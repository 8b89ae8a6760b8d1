"""Start a front door: `python -m holdfast.edge NUMBER`."""

import sys

from holdfast.edge.app import main

sys.exit(main(sys.argv[1:]))
