"""What hurts in a message to a customer who was let down: words that send away, belittle, blame or mock. Pure.

Each finding names the sentence, why it hurts and what to write instead. Like `leaks`, a finding is a reason to stop and
look, not a proof: a person changes the draft, or says why it stands.

Two readers. Lists of words that hurt wherever they stand (`Sign` in the languages' modules) name what they find. Since
nobody can list every way to brush somebody off, a whole message is also read by a model learnt from labelled drafts
(`tone_model`). Where that takes a draft for dismissive, the signs that hurt only in such a draft name why
(`Sign.alone`, an honest refusal for one); where none stands in it, the sentence that weighs most is named. The model is
often wrong: `docs/explanation/tone.md` has the figures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from holdfast.guard import tone_english, tone_norwegian
from holdfast.guard.tone_advice import ADVICE, Advice
from holdfast.guard.tone_model import read
from holdfast.guard.tone_signs import Sign

TEXT_CHARACTERS_MAX = 20_000
PASSAGE_CHARACTERS_MAX = 240
FOUND_MAX = 20
LANGUAGES: dict[str, tuple[Sign, ...]] = {"en": tone_english.SIGNS, "nb": tone_norwegian.SIGNS}
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

    whole: a message by itself, which the model reads too; a piece of one is judged by the words that hurt anywhere.
    KeyError: another language. A text beyond TEXT_CHARACTERS_MAX is read so far; `leaks_in` objects to its length.
    """
    signs = LANGUAGES[language]
    sentences = sentences_of(text)
    known = read(sentences, language) if whole and sentences else None
    dismissive = known is not None and known.dismissive
    found = [hurt for one in sentences for hurt in _shown(signs, one, dismissive)]
    if known is not None and dismissive and not found:
        found = [Hurt("dismissive", _short(sentences[known.heaviest]))]
    return tuple(found[:FOUND_MAX])


def sentences_of(text: str) -> list[str]:
    """The sentences of the first TEXT_CHARACTERS_MAX, in plain quotes and single spaces."""
    return [one for one in map(_plain, SENTENCE_ENDS.split(text[:TEXT_CHARACTERS_MAX])) if one]


def _shown(signs: tuple[Sign, ...], sentence: str, dismissive: bool) -> Iterator[Hurt]:
    """The first sign that the sentence shows; one reason for each sentence is enough to change it."""
    words = sentence.casefold()
    for sign in signs:
        if sign.alone and not dismissive:
            continue
        if sign.pattern.search(words) and not (sign.unless and sign.unless.search(words)):
            yield Hurt(sign.kind, _short(sentence))
            return


def _plain(text: str) -> str:
    return SPACES.sub(" ", text.translate(QUOTES)).strip()


def _short(sentence: str) -> str:
    if len(sentence) <= PASSAGE_CHARACTERS_MAX:
        return sentence
    return sentence[: PASSAGE_CHARACTERS_MAX - 1] + "…"
