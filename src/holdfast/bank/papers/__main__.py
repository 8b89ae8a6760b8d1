"""Typeset one paper: JSON `{"template", "data"}` on standard input, PDF on standard output; ends with 1 otherwise."""

import json
import sys
from pathlib import Path

import typst

TEMPLATES = ("statement", "year")
HERE = Path(__file__).parent


def main() -> int:
    """Read, typeset, write."""
    asked = json.load(sys.stdin)
    if asked["template"] not in TEMPLATES:
        return 1
    pdf = typst.compile(
        str(HERE / f"{asked['template']}.typ"),
        root=str(HERE),
        sys_inputs={"data": json.dumps(asked["data"])},
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
    )
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
