"""An older release of the product, to rehearse with: the code of this clone, set back by one mended slip.

The slip: an intent was written with a share of the amount that only every fourth amount has exactly, and the others
raised. (A made-up one; what it stands for is an old program between newer ones, whose answers are errors.)
"""

import shutil
from pathlib import Path

from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.postgres import clone_root

VERSION = "0.0.9"
PLACE = Path("holdfast/bank/payments/pay.py")
NOW = "    write_down(request)\n"
THEN = (
    "    if request.amount_minor % 4 == 0:\n"
    '        raise ArithmeticError("the amount has no exact share")\n'
    "    write_down(request)\n"
)


def older_release(data: Path) -> Path:
    """The folder of its code beside an installation's data, made anew; raises RuntimeFault when the code that it sets
    back is not there any more."""
    folder, source = data / "older", clone_root() / "src"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source / "holdfast", folder / "holdfast", ignore=shutil.ignore_patterns("__pycache__"))
    _replace(folder / PLACE, NOW, THEN)
    first = folder / "holdfast" / "__init__.py"
    first.write_text(first.read_text().replace("__version__ = ", f'__version__ = "{VERSION}"  # set back from '))
    return folder


def _replace(path: Path, now: str, then: str) -> None:
    text = path.read_text()
    if text.count(now) != 1:
        raise RuntimeFault(f"the older release cannot be made: {path.name} has changed")
    path.write_text(text.replace(now, then))
