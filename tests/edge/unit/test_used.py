"""What may be used once: claimed at the register by one request, however many ask."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.edge.register import Register, create

pytestmark = pytest.mark.demand("B6", "S1")
CLAIMS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["step:1:2", "recovery:1:a"]), st.sampled_from("abc")), max_size=20
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    path = tmp_path_factory.mktemp("register") / "register.sqlite"
    create(path)
    first, second = Register(path, "door-1"), Register(path, "door-2")
    yield first, second
    first.close()
    second.close()


@given(claims=CLAIMS)
@settings(max_examples=40, deadline=None)
def test_the_first_request_has_it_again_and_no_other_ever(pair, claims):
    pair[0]._db.execute("DELETE FROM used")
    first_by = {}
    for door, text, request in claims:
        granted = pair[door].use(text, request, 60)
        assert granted is (first_by.setdefault(text, request) == request)


def test_an_entry_ends_by_itself_and_says_nothing_of_what_was_used(pair, tmp_path):
    assert pair[0].use("recovery:17:secretdigest", "r1", 60)
    assert not pair[1].use("recovery:17:secretdigest", "r2", 60)
    for digest, request in pair[0]._db.execute("SELECT digest, request FROM used"):
        assert b"secretdigest" not in digest
        assert request in ("a", "b", "c", "r1")
    pair[0]._db.execute("UPDATE used SET until = 0")
    assert pair[1].use("another", "r3", 60)
    assert pair[0]._db.execute("SELECT count(*) FROM used").fetchone() == (1,)


def test_a_register_that_an_older_release_made_learns_to_keep_what_was_used(tmp_path):
    path = tmp_path / "register.sqlite"
    create(path)
    old = Register(path, "door-1")
    old._db.execute("DROP TABLE used")
    old.close()
    new = Register(path, "door-1")
    assert new.use("x", "r", 60)
    new.close()
