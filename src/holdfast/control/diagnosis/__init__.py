"""The cause of an incident: a `Case` of what is known goes in, a `Diagnosis` with ranked suspects comes out.

Standard library only, no clock, no database: `diagnose(case)`. Its parts: `case` (what is known), `movement` (one
metric before and after), `blame` (whose own fault, over the graph), `answers` (probes), `reasons` (changes, settings,
logs; class of cause), `templates` (log lines as patterns), `diagnosing` (puts it together), `confidence`
(probabilities), `suspects` (the result), `telling` (its sentences), `recurring` (seen before?), `recorded` (cases as
files).
"""

from holdfast.control.diagnosis.case import Case, Cause
from holdfast.control.diagnosis.diagnosing import diagnose
from holdfast.control.diagnosis.recurring import fingerprint, problems, seen_before
from holdfast.control.diagnosis.suspects import Diagnosis
from holdfast.control.diagnosis.templates import count, line_of

__all__ = ["Case", "Cause", "Diagnosis", "count", "diagnose", "fingerprint", "line_of", "problems", "seen_before"]
