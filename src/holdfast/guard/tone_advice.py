"""Why a kind of words hurts, and what to write instead: for the staff, in English, with an example in each language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """why: one sentence; instead: what to do; examples: by language."""

    why: str
    instead: str
    examples: Mapping[str, str]


def _advice(why: str, instead: str, en: str, nb: str) -> Advice:
    return Advice(why, instead, {"en": en, "nb": nb})


ADVICE: dict[str, Advice] = {
    "friends": _advice(
        "It sends people who cannot reach their own money to beg from others, who may have none or not exist.",
        "Offer what the bank itself can do today.",
        "You can have emergency money at once: press “Help now” or call us. Nobody asks what it is for.",
        "Med «Hjelp nå» får du nødpenger med en gang. Ingen spør hva du skal bruke dem til, og du kan ta dem ut i dag.",
    ),
    "minimises": _advice(
        "What is small to the bank can be the rent to the reader; it tells them that their trouble does not count.",
        "Say what does not work, for whom and since when, without judging its size.",
        "Card payments have failed since 08:10. Transfers work.",
        "Kortbetalinger har sviktet siden klokken 8.10. Overføringer virker.",
    ),
    "blames": _advice(
        "It blames the customer for what the bank's failure did.",
        "Take the responsibility, and say what the bank does about it.",
        "This was our failure, not yours, and we pay the fee that followed from it.",
        "Feilen var vår og ikke din, og vi betaler gebyret som fulgte av den.",
    ),
    "refuses": _advice(
        "It shuts the door: the reader does not learn what can be done.",
        "Say what cannot be done and why, then what can, by whom and when.",
        "I cannot refund it myself. I have sent it to the person who can; you have the answer by Thursday.",
        "Jeg kan ikke betale det tilbake selv. Jeg har sendt saken til den som kan, og du får svar innen torsdag.",
    ),
    "brushes_off": _advice(
        "It tells the reader to be quiet and wait, as if asking were the problem.",
        "Say when they hear from the bank next, and what they can do until then.",
        "We write again at 14:00, also if nothing is new. Until then transfers work.",
        "Vi skriver igjen klokken 14, også om det ikke er noe nytt. Inntil da virker overføringer.",
    ),
    "false_cheer": _advice(
        "It jokes or celebrates while the reader is worried about money.",
        "Write plainly, as to somebody who may have had a bad day because of the bank.",
        "Cards work again since 11:40. If anything is still wrong for you, write to us here.",
        "Kortene virker igjen siden klokken 11.40. Er noe fortsatt galt hos deg, så skriv til oss her.",
    ),
    "elsewhere": _advice(
        "It sends the reader away to find help alone.",
        "Take the matter over: connect them yourself, or say exactly whom, how and with what from you in hand.",
        "I have asked my colleague who knows this to join us. I stay until she is here, in about two minutes.",
        "Jeg har bedt en kollega som kan dette, om å bli med; jeg blir her til hun kommer.",
    ),
    "policy": _advice(
        "It hides behind rules: the reader learns only that the bank protects itself.",
        "Say what the rule means for this person, what is possible within it, and who can decide otherwise.",
        "The rule does not cover the delay itself. What it cost you, we pay: I fill in the form with you.",
        "Regelen dekker ikke selve forsinkelsen. Det den kostet deg, betaler vi: jeg fyller ut skjemaet med deg.",
    ),
    "hollow": _advice(
        "An apology alone, or one for how the reader feels, helps nobody and reads as a form letter.",
        "Say what went wrong, what you do about it, and by when.",
        "Payments were late from 08:00 to 11:30, and we are sorry. All have arrived; fees come back by Friday.",
        "Betalinger var forsinket fra 8 til 11.30, og det beklager vi. Alle er fremme; gebyrer kommer tilbake.",
    ),
    "dismissive": _advice(
        "Read as a whole, it resembles messages that send a customer away; this sentence weighs most in that.",
        "See whether it says what the bank has done or does, what the reader can do now, or when you write again.",
        "We have sent the payment again, and it arrives today at 14:00. Until then you can pay with your telephone.",
        "Vi har sendt betalingen på nytt, og den er fremme i dag klokken 14. Inntil da kan du betale med telefonen.",
    ),
    "doubts": _advice(
        "It doubts the customer's word, when it is the bank that failed.",
        "Believe them; ask only for what you need to put it right, and say what for.",
        "I believe you. When was it, so that I can find the payment and refund the fee?",
        "Jeg tror deg. Når var det, så jeg kan finne betalingen og gi gebyret tilbake?",
    ),
    "sarcasm": _advice(
        "It mocks the reader.",
        "Answer what was asked, plainly.",
        "You are right, we should have told you sooner. This is what we know now: …",
        "Du har rett, vi skulle ha sagt fra før. Dette er det vi vet nå: …",
    ),
}
