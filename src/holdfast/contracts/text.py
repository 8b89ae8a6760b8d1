"""Text as customers type it, before it is kept."""

import unicodedata


def clean_line(typed: str) -> str:
    """The text on one line: without control characters, runs of white space as one space."""
    return " ".join(
        "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in typed).split()
    )
