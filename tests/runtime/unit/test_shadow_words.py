"""What ./holdfast standin status says about the shadow."""

from holdfast.runtime.shadow import shadow_words

NOTHING = {"judged": 0}
SOME = {
    "judged": 400,
    "same_share": 0.9975,
    "accepted_wrongly_share": 0.0,
    "refused_wrongly_share": 0.0025,
    "ages": {"up to 1 minute": {"judged": 400, "same_share": 0.9975}},
    "disagreements": [{"id": "ab", "words": "The bank accepted it."}],
    "dropped": 3,
    "not_judged": 1,
}


def test_the_agreement_is_said_in_shares_with_the_last_disagreements() -> None:
    assert shadow_words(SOME).splitlines() == [
        "Shadow: 400 decisions compared, 99.75% the same; wrongly accepted 0.00% of the value, wrongly refused 0.25%.",
        "  data up to 1 minute: 400 compared, 99.75% the same",
        "  ab: The bank accepted it.",
        "  not compared: 3 dropped under load, 1 not known well enough",
    ]


def test_before_anything_was_compared_it_says_so() -> None:
    assert shadow_words(NOTHING) == "Shadow: nothing was compared yet."
