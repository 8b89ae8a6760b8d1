"""What pages of every building share: the style sheet, the banner, words and how a language writes."""

from holdfast.look.banner import Banner, banner_from_header, banner_html, banner_to_header
from holdfast.look.words import Words, read_rooms, read_words
from holdfast.look.writing import KINDS, Writing, shared_words, with_shared

__all__ = [
    "ASSETS",
    "KINDS",
    "Banner",
    "Words",
    "Writing",
    "banner_from_header",
    "banner_html",
    "banner_to_header",
    "read_rooms",
    "read_words",
    "shared_words",
    "with_shared",
]

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""The folder of files that every building's pages use; the doors serve it at /assets/."""
