"""In which language a customer is answered: their choice, else what we know of them, else what the browser asks for."""

LANGUAGES = ("en", "nb")
LANGUAGE_COOKIE = "hf_language"
"""Set by the doors' address /language, read by doors and banks; holds one of LANGUAGES and nothing else."""
NORWEGIAN = frozenset({"nb", "no", "nn"})
ACCEPTED_MAX = 20


def choose_language(chosen: str | None, known: str | None, accepted: str | None) -> str:
    """One of LANGUAGES. chosen: the cookie; known: the customer's fact; accepted: the header Accept-Language."""
    for one in (chosen, known):
        if one in LANGUAGES:
            return one
    return accepted_language(accepted or "")


def accepted_language(header: str) -> str:
    """The language of ours that the header prefers; English when it names none. Any Norwegian is answered in Bokmål."""
    best, weight_best = LANGUAGES[0], 0.0
    for part in header.split(",")[:ACCEPTED_MAX]:
        tag, _, given = part.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        language = "nb" if name in NORWEGIAN else name
        try:
            weight = float(given.strip().removeprefix("q=")) if given.strip() else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight_best < weight <= 1:
            best, weight_best = language, weight
    return best


def own_address(wanted: str) -> str:
    """An address of ours to go back to; the overview for anything that could lead to another site."""
    plain = wanted.isprintable() and wanted.isascii() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else "/"
