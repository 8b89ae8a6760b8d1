"""Writing down what is found of an incident's cause: at once from probes' answers, then from all that is measured."""

from collections.abc import Mapping
from typing import Any

from holdfast.control.calls import Kind
from holdfast.control.diagnosis import answers as by_answers
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.watch.observations import Diagnosed, Sight


def from_answers(incident: Incident | None, seen: Sight, answers: Mapping[str, Kind]) -> None:
    """The suspects that the parts' answers name, while an incident is open and they are bad, until all that is measured
    was looked at."""
    if incident is None or incident.phase != "open" or seen.answer is Kind.ANSWERS:
        return
    if answers.get("bank") not in (None, Kind.ANSWERS) and not {"bank web", "bank database"} <= answers.keys():
        return  # its parts are being looked at this instant; a guess before that would only have to be taken back
    if incident.fingerprint is not None:
        return  # all that is measured was looked at, these answers too
    suspects: list[dict[str, Any]] = [
        {**guess.to_json(), "evidence": [{"words": guess.evidence, "source": "probe"}]}
        for guess in by_answers.rank(answers)
    ]
    if suspects == incident.suspects:
        return
    top, said = suspects[0], suspects[0]["evidence"][0]["words"]
    if top["what"] != by_answers.NOT_KNOWN.what and incident.cause_words != top["what"]:
        incident.cause_words = top["what"]
        record.add(incident, seen.at, "watch", "diagnosis", f"Likeliest cause: {top['what']}. {said}")
    incident.suspects = suspects
    incident.save(update_fields=["suspects", "cause_words"])


def record_diagnosis(seen: Diagnosed) -> None:
    """What was found of an open incident; a new likeliest cause, and what is like it, are lines of its timeline."""
    incident = Incident.objects.filter(number=seen.incident, closed_at__isnull=True).first()
    if incident is None:
        return
    first = incident.fingerprint is None
    if seen.likeliest and incident.cause_words != seen.likeliest:
        incident.cause_words = seen.likeliest
        evidence = seen.suspects[0].get("evidence") or [{"words": ""}]
        words = str(evidence[0]["words"])
        record.add(incident, seen.at, "watch", "diagnosis", f"Likeliest cause: {seen.likeliest}. {words}")
    if first:
        for words in seen.before:
            record.add(incident, seen.at, "watch", "recurring", words)
    incident.suspects, incident.fingerprint = seen.suspects, seen.fingerprint
    incident.answers = dict(seen.answers)
    incident.save(update_fields=["suspects", "fingerprint", "cause_words", "answers"])
