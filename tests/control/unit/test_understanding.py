"""A question's intent is found, or it is said that it is not known; a bad model is refused in words."""

from array import array
from pathlib import Path

import pytest

from holdfast.control.helper import Model, read_model
from holdfast.control.helper.understanding import BadModel, write_model


@pytest.fixture
def model() -> Model:
    """Two intents, two words: a byte of weight for each."""
    return Model(
        ("lost_card", "late_payment"),
        ({"card": 0, "payment": 1, "my": 2, "is": 3}, {}),
        array("f", [1, 1, 1, 1]),
        array("b", [127, -127, -127, 127, 0, 0, 0, 0]),
        (0.01, 0.01),
        (0.0, 0.0),
        0.5,
        0.6,
    )


def test_the_likeliest_intent_is_given_with_how_sure_it_is_and_what_else_it_could_be(model: Model) -> None:
    found = model.understand("Where is my CARD?")
    assert found.intent == "lost_card" and 0.9 < found.sure < 1
    assert found.alternatives == ("lost_card", "late_payment")


def test_a_question_that_could_be_either_is_not_known_but_both_are_offered(model: Model) -> None:
    found = model.understand("card payment")
    assert found.intent is None and found.sure == pytest.approx(0.5) and len(found.alternatives) == 2


@pytest.mark.parametrize("question", ["", "   ", "?!", "Hvor blir det av kortet", "42", "card kommer ikke frem"])
def test_what_it_has_no_words_for_is_not_known(model: Model, question: str) -> None:
    found = model.understand(question)
    assert (found.intent, found.sure, found.alternatives) == (None, 0.0, ())


def test_a_model_kept_in_a_file_answers_as_before(model: Model, tmp_path: Path) -> None:
    write_model(model, tmp_path / "model")
    assert read_model(tmp_path / "model") == model


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-20], lambda raw: b"", lambda raw: b"x" + raw])
def test_a_file_that_is_cut_short_or_no_model_is_refused(model: Model, tmp_path: Path, spoil: object) -> None:
    write_model(model, tmp_path / "model")
    assert callable(spoil)
    (tmp_path / "model").write_bytes(spoil((tmp_path / "model").read_bytes()))
    with pytest.raises(BadModel, match="model"):
        read_model(tmp_path / "model")
