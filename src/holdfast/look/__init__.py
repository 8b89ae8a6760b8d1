"""What pages of every building share: the style sheet, the banner, the frame's words."""

from holdfast.look.banner import Banner, banner_from_header, banner_html, banner_to_header
from holdfast.look.words import Words, read_words

__all__ = ["ASSETS", "Banner", "Words", "banner_from_header", "banner_html", "banner_to_header", "read_words"]

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""The folder of files that every building's pages use; the doors serve it at /assets/."""
