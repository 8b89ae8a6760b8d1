"""What all buildings share towards people: the style sheet, the banner, words, how a language writes, mails."""

from holdfast.look.banner import Banner, banner_from_header, banner_html, banner_to_header
from holdfast.look.mailing import MAIL_DOMAIN, NOT_A_MAIL, Written, as_mail, mail_bytes, open_mail, refusal_of
from holdfast.look.tour import tour_from_header, tour_html
from holdfast.look.words import Words, read_rooms, read_words
from holdfast.look.writing import KINDS, Writing, shared_words, with_shared

__all__ = [
    "ASSETS",
    "KINDS",
    "MAIL_DOMAIN",
    "NOT_A_MAIL",
    "Banner",
    "Words",
    "Writing",
    "Written",
    "as_mail",
    "banner_from_header",
    "banner_html",
    "banner_to_header",
    "mail_bytes",
    "open_mail",
    "read_rooms",
    "read_words",
    "refusal_of",
    "shared_words",
    "tour_from_header",
    "tour_html",
    "with_shared",
]

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""The folder of files that every building's pages use; the doors serve it at /assets/."""
