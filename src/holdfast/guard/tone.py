"""What hurts in a message to a customer who was let down: words that send away, belittle, blame or mock. Pure.

Each finding names the sentence, why it hurts and what to write instead. Like `leaks`, a finding is a reason to stop and
look, not a proof: a person changes the draft, or says why it stands.

Some words hurt wherever they stand (`Sign` in the languages' modules). Others, such as an honest refusal, hurt only in
a draft that offers nothing: no deed of the bank, nothing that the customer can do, no time at which they hear more, no
fault owned. A whole message that offers nothing is stopped for that alone, since nobody can list every way to brush
somebody off (`docs/explanation/tone.md` has the figures).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from holdfast.guard import tone_english, tone_norwegian
from holdfast.guard.tone_advice import ADVICE, Advice
from holdfast.guard.tone_offers import EN_OFFERS, NB_OFFERS
from holdfast.guard.tone_signs import Offers, Sign

TEXT_CHARACTERS_MAX = 20_000
PASSAGE_CHARACTERS_MAX = 240
FOUND_MAX = 20
LANGUAGES: dict[str, tuple[tuple[Sign, ...], Offers]] = {
    "en": (tone_english.SIGNS, EN_OFFERS),
    "nb": (tone_norwegian.SIGNS, NB_OFFERS),
}
SENTENCE_ENDS = re.compile(r"(?<=[.!?…])(?<!\bkl\.)(?<!\bca\.)(?<!\bnr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)\s+|\n+")
SPACES = re.compile(r"\s+")
QUOTES = str.maketrans({"’": "'", "‘": "'", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Hurt:
    """One finding. kind: a name in ADVICE; passage: the sentence, shortened."""

    kind: str
    passage: str

    @property
    def advice(self) -> Advice:
        """Why it hurts, and what to write instead."""
        return ADVICE[self.kind]


def hurts_in(text: str, language: str, whole: bool = True) -> tuple[Hurt, ...]:
    """What hurts in a draft in `en` or `nb`, in its order, the first FOUND_MAX; each sentence is named once.

    whole: a message by itself, which must offer something; a piece of one need not, and is judged by its words alone.
    KeyError: another language. A text beyond TEXT_CHARACTERS_MAX is read so far; `leaks_in` objects to its length.
    """
    signs, helpful = LANGUAGES[language]
    sentences = [one for one in map(_plain, SENTENCE_ENDS.split(text[:TEXT_CHARACTERS_MAX])) if one]
    offers = any(_offers(helpful, one.casefold()) for one in sentences)
    found = [hurt for one in sentences for hurt in _shown(signs, one, offers)]
    if not found and not offers:
        found = [Hurt("hollow", _short(one)) for one in sentences if helpful.apology.search(one.casefold())]
    if not found and not offers and whole:
        found = [Hurt("empty", _short(one)) for one in sentences[:1]]
    return tuple(found[:FOUND_MAX])


def _shown(signs: tuple[Sign, ...], sentence: str, offers: bool) -> Iterator[Hurt]:
    """The first sign that the sentence shows; one reason for each sentence is enough to change it."""
    words = sentence.casefold()
    for sign in signs:
        if sign.alone and offers:
            continue
        if sign.pattern.search(words) and not (sign.unless and sign.unless.search(words)):
            yield Hurt(sign.kind, _short(sentence))
            return


def _offers(helpful: Offers, words: str) -> bool:
    return bool(helpful.given.search(helpful.denied.sub(" ", words)))


def _plain(text: str) -> str:
    return SPACES.sub(" ", text.translate(QUOTES)).strip()


def _short(sentence: str) -> str:
    if len(sentence) <= PASSAGE_CHARACTERS_MAX:
        return sentence
    return sentence[: PASSAGE_CHARACTERS_MAX - 1] + "…"
