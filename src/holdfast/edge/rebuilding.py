"""The register is lost (rule 17): make its rows anew without giving one epoch to two banks. Pure (see procedures).

The new rows are of a generation above every one that either bank knows. Before anybody is served the spare bank
durably closes all older epochs, so nothing of the old generation is accepted behind our back; while it is silent
we wait. Only when the primary answers too and the whole journal is entered do cohorts begin at the primary, else
at the spare bank. Claims of the old register are gone, which is why ids of an older generation are only voided
(rule 11) and why no refusal of an older generation is granted (rule 4).
"""

from holdfast.contracts.epochs import COHORTS_COUNT, Mode, Row, generation_of, pack_epoch
from holdfast.edge.errors import StepFailed
from holdfast.edge.procedures import Call, Procedure

ASK_S_MAX = 2.0
REPLAY_S_MAX = 30.0


def rebuild(cohorts_count: int = COHORTS_COUNT) -> Procedure[list[Row]]:
    """The rows of a register made anew; StepFailed when the spare bank does not answer (then wait and try again)."""
    spare = yield Call("standin", "/-/epochs", None, ASK_S_MAX, "GET")
    primary_newest, primary_answers = 0, True
    try:
        primary = yield Call("primary", "/-/epochs", None, ASK_S_MAX, "GET")
        primary_newest = int(primary["newest"])
    except StepFailed:
        primary_answers = False
    newest = max(int(spare["newest"]), primary_newest)
    generation = generation_of(newest) + 1
    before = pack_epoch(generation, 0)
    closed = yield Call(
        "standin", "/-/close", {"rows": [[cohort, before] for cohort in range(cohorts_count)]}, ASK_S_MAX
    )
    position = int(closed["position"])
    clean = False
    if primary_answers:
        try:
            answer = yield Call("primary", "/-/replay", {"to": position}, REPLAY_S_MAX)
            clean = int(answer["replayed_to"]) >= position
        except StepFailed:
            clean = False
    mode = Mode.PRIMARY if clean else Mode.STANDIN
    return [Row(cohort, mode, pack_epoch(generation, 1)) for cohort in range(cohorts_count)]
