"""The texts of notices, as they stand in their files."""

from pathlib import Path

FOLDER = Path(__file__).parent / "messages"


def template(notice: str, language: str, part: str) -> str:
    """The text of a notice's part (`subject`, `body`, `sms`)."""
    return (FOLDER / notice / language / f"{part}.txt").read_text(encoding="utf-8")
