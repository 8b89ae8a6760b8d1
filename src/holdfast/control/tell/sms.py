"""How long a text is as an SMS. Pure. Source: 3GPP TS 23.038, 6.2.1 and 23.040, 9.2.3.24.1."""

from dataclasses import dataclass

PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = frozenset("\f^{}\\[~]|€")
"""Of the same alphabet, and as long as two."""
PRINT = str.maketrans("“”«»’–\u00a0", '""""\'- ')
PARTS_MAX = 2
"""A longer one costs more than it says."""


@dataclass(frozen=True, slots=True)
class Length:
    """characters: as they count in its alphabet; alphabet: plain (160 a part, 153 of several) or wide (70, 67)."""

    characters: int
    alphabet: str
    parts: int


def length(text: str) -> Length:
    """What the text takes."""
    if all(one in PLAIN or one in TWICE for one in text):
        count, alone, joined, alphabet = sum(2 if one in TWICE else 1 for one in text), 160, 153, "plain"
    else:
        count, alone, joined, alphabet = len(text.encode("utf-16-be")) // 2, 70, 67, "wide"
    return Length(count, alphabet, 1 if count <= alone else -(-count // joined))


def to_sms(text: str) -> str:
    """The text with the marks of print replaced that would make it wide and so twice as dear."""
    return text.translate(PRINT)
