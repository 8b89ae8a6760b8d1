"""The community: ideas, votes, what is refused, what staff do about it; customers stay nameless to each other."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from staffing import client

from holdfast.contracts.community import IDEAS_SHOWN_MAX, WORDS_MAX, Forum, Refused, Trouble, Who
from holdfast.contracts.shapes import from_wire, to_wire
from holdfast.control.care.directory import take as take_facts
from holdfast.control.community import names, problems, reading, writing
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Idea, Member, Post, Problem, Report, Rule, Vote
from holdfast.control.community.writing import A_DAY_MAX, Text
from holdfast.control.staff.models import StaffAction

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("B8")]
NOW = datetime.now(UTC)
HOSTILE = "<script>alert('x')</script>"
STRANGER = Who(0, "en")


def who(number: int, language: str = "en") -> Who:
    return Who(number, language)


def text(words: str = "Then I see it at once.", title: str = "Round amounts") -> Text:
    return Text(uuid.uuid4(), words, title)


def suggest(
    number: int, words: str = "Then I see it at once.", title: str = "Round amounts", at: datetime = NOW
) -> int:
    return writing.suggest(who(number), text(words, title), at)


def first(one: Who, order: str = "votes") -> Forum:
    return reading.forum(one, order)


def customer(number: int, name: str, **more: object) -> None:
    body = {"name": name, "cohort": 1, "language": "en", "needs": [], **more}
    take_facts([{"number": number, "kind": "customer", "key": str(number), "body": body}])


def gone(number: int) -> None:
    take_facts([{"number": 9000 + number, "kind": "customer", "key": str(number), "body": None}])


def refused(work: object) -> Refused:
    with pytest.raises(NotTaken) as found:
        work()  # type: ignore[operator]
    return found.value.why


WRITER = 417_582_936
"""A number whose digits no instant has by chance."""


def test_an_idea_is_seen_by_everybody_and_by_nobody_with_its_writers_name_or_number() -> None:
    customer(WRITER, "Kari Nordmann")
    number = suggest(WRITER)
    seen = first(STRANGER)
    idea = seen.ideas[0]
    assert (idea.post.number, idea.votes, idea.voted, idea.post.mine, seen.name) == (number, 1, False, False, "")
    told = str(to_wire(first(who(5))))
    assert str(WRITER) not in told and "Kari" not in told and "Nordmann" not in told
    mine = first(who(WRITER))
    assert (mine.ideas[0].post.mine, mine.ideas[0].voted) == (True, True)
    assert mine.name == idea.post.by == Member.objects.get().name
    assert from_wire(Forum, to_wire(mine)) == mine


def test_a_stranger_changes_nothing() -> None:
    number = suggest(1)
    for act in (
        lambda: writing.suggest(STRANGER, text(), NOW),
        lambda: writing.comment(STRANGER, number, text(), NOW),
        lambda: writing.vote(STRANGER, number, True, NOW),
        lambda: writing.report(STRANGER, number, "", NOW),
        lambda: writing.appeal(STRANGER, number, "why"),
    ):
        assert refused(act) is Refused.STRANGER
    assert (Post.objects.count(), Vote.objects.count(), Report.objects.count()) == (1, 1, 0)


def test_an_idea_sent_twice_is_one_idea() -> None:
    once = text()
    assert writing.suggest(who(1), once, NOW) == writing.suggest(who(1), once, NOW)
    assert (Idea.objects.count(), Vote.objects.count()) == (1, 1)
    assert refused(lambda: writing.suggest(who(2), once, NOW)) is Refused.UNREADABLE


def test_a_customer_has_one_vote_however_many_are_sent_at_one_moment() -> None:
    number = suggest(1)
    faults: list[BaseException] = []
    together = threading.Barrier(6)

    def vote(customer: int) -> None:
        try:
            together.wait(10)
            writing.vote(who(customer), number, True, NOW)
        except BaseException as fault:  # told below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=vote, args=(one,)) for one in (2, 2, 2, 2, 3, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == [] and first(who(2)).ideas[0].votes == 3
    writing.vote(who(2), number, False, NOW)
    writing.vote(who(2), number, False, NOW)
    assert (first(who(2)).ideas[0].votes, first(who(2)).ideas[0].voted) == (2, False) and counts_hold()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", Refused.EMPTY),
        ("\u202e\u200b \n", Refused.EMPTY),
        ("x" * (WORDS_MAX + 1), Refused.LONG),
        ("x " * 400_000, Refused.LONG),
        ("My card 4111 1111 1111 1111 was refused", Refused.CARD),
        ("Pay to 9712.00.00018 please", Refused.ACCOUNT),
        ("NO93 8601 1117 947 is mine", Refused.ACCOUNT),
        ("Write to me: ola@nordmann.example", Refused.MAIL),
        ("Født 010190 12345, ring meg", Refused.ACCOUNT),
    ],
)
def test_what_gives_numbers_away_or_is_none_is_refused_and_nothing_is_kept(words: str, why: Refused) -> None:
    number = suggest(1)
    assert refused(lambda: writing.suggest(who(2), text(words), NOW)) is why
    assert refused(lambda: writing.comment(who(2), number, text(words), NOW)) is why
    assert Post.objects.count() == 1 and not Member.objects.filter(customer=2).exists()


def test_hostile_text_is_kept_as_text_and_without_what_turns_or_hides_letters() -> None:
    number = suggest(
        1, f"{HOSTILE} see https://evil.example/x\u202egnp.exe \u200b\x07 Z" + "\u0301" * 40, "A\u2066 title"
    )
    post = Post.objects.get(number=number)
    assert post.words.startswith(f"{HOSTILE} see https://evil.example/xgnp.exe  \u0179") and len(post.words) < 80
    assert post.title == "A title"


def test_a_customer_writes_so_much_a_day_and_no_more() -> None:
    for _ in range(A_DAY_MAX["idea"]):
        number = suggest(1)
    assert refused(lambda: suggest(1)) is Refused.OFTEN
    assert suggest(1, at=NOW + timedelta(days=1, seconds=1)) and suggest(2)
    for _ in range(A_DAY_MAX["comment"]):
        writing.comment(who(3), number, text(), NOW)
    assert refused(lambda: writing.comment(who(3), number, text(), NOW)) is Refused.OFTEN
    assert len(reading.one(STRANGER, number).comments) == A_DAY_MAX["comment"]


def test_a_chosen_name_is_not_the_customers_own_nor_the_banks_nor_another_customers() -> None:
    customer(1, "Kari Anne Nordmann")
    names.rename(1, "  Happy   Hat ", NOW)
    assert first(who(1)).name == "Happy Hat"
    assert refused(lambda: names.rename(2, "HAPPY-HÄT", NOW)) is Refused.TAKEN
    for typed in ("Kari", "Mrs Nordmann", "káriplus", "x", "417", "The Bank", "a@b", HOSTILE[:20]):
        assert refused(lambda typed=typed: names.rename(1, typed, NOW)) is Refused.NAME
    assert refused(lambda: names.rename(1, "y" * 31, NOW)) is Refused.LONG
    assert first(who(1)).name == "Happy Hat"


def test_with_a_first_look_only_the_writer_sees_a_new_post_until_staff_did(people: dict[str, str]) -> None:
    manager = client(people, "manager")
    assert manager.post("/community/rule", {"first_look": "yes"}).status_code == 302
    number = suggest(1)
    assert first(STRANGER).ideas == () and first(who(1)).ideas[0].post.fate == "waits"
    assert refused(lambda: writing.vote(who(2), number, True, NOW)) is Refused.GONE
    support = client(people, "support")
    assert 'data-waiting="1"' in support.get("/community").content.decode()
    assert support.post(f"/community/posts/{number}", {"act": "show"}).status_code == 302
    assert len(first(STRANGER).ideas) == 1
    assert support.post("/community/rule", {"first_look": "no"}).status_code == 403 and Rule.objects.get().first_look


def test_a_reported_post_is_looked_at_hidden_with_a_reason_and_appealed_against_once(people: dict[str, str]) -> None:
    number = suggest(1, HOSTILE, "Bad & ugly")
    assert refused(lambda: writing.report(who(1), number, "", NOW)) is Refused.OWN
    for _ in range(2):
        writing.report(who(2), number, f"Rude {HOSTILE}", NOW)
    assert Report.objects.count() == 1 and first(who(2)).ideas[0].post.reported
    support, manager = client(people, "support"), client(people, "manager")
    page = support.get("/community").content.decode()
    assert HOSTILE not in page and "Bad &amp; ugly" in page and "reported by 1" in page
    assert support.post(f"/community/posts/{number}", {"act": "hide", "why": " "}).status_code == 422
    assert support.post(f"/community/posts/{number}", {"act": "hide", "why": "It insults people."}).status_code == 302
    assert first(STRANGER).ideas == () and first(who(2)).ideas == ()
    mine = first(who(1)).ideas[0].post
    assert (mine.fate, mine.why, mine.appeal) == ("hidden", "It insults people.", "none")
    assert refused(lambda: writing.appeal(who(2), number, "Please")) is Refused.GONE
    writing.appeal(who(1), number, "It was meant kindly")
    assert refused(lambda: writing.appeal(who(1), number, "Again")) is Refused.DONE
    refusal = support.post(f"/community/posts/{number}", {"act": "show"})
    assert refusal.status_code == 422 and "somebody else hears the appeal" in refusal.content.decode()
    assert manager.post(f"/community/posts/{number}", {"act": "show"}).status_code == 302
    assert first(STRANGER).ideas[0].post.number == number
    support.post(f"/community/posts/{number}", {"act": "hide", "why": "It insults people again."})
    assert refused(lambda: writing.appeal(who(1), number, "Again")) is Refused.DONE
    logged = StaffAction.objects.filter(what__startswith="post ").order_by("pk")
    assert [(one.who, one.what) for one in logged] == [
        ("support", "post hidden"), ("manager", "post shown"), ("support", "post hidden"),
    ]  # fmt: skip


def test_the_bank_answers_in_both_languages_and_what_was_done_is_told(people: dict[str, str]) -> None:
    number = suggest(1)
    editor, path = client(people, "communicator"), f"/community/ideas/{number}"
    good = {"state": "done", "answer-en": "You said it. We did it.", "answer-nb": "Du sa det. Vi gjorde det."}
    for wrong in (
        {"answer-nb": ""},
        {"state": "flying"},
        {"answer-en": "", "answer-nb": ""},
        {"answer-en": "See db-01.internal"},
        {"answer-en": "You should ask your friends or family for money."},
    ):
        assert editor.post(path, {**good, **wrong}).status_code == 422, wrong
    assert client(people, "support").post(path, good).status_code == 403
    assert Idea.objects.get().state == "new" and first(who(2)).answered == ()
    assert editor.post(path, good).status_code == 302
    told = first(who(2)).answered[0]
    assert (told.state, told.answer["nb"], told.answered_at > 0) == ("done", "Du sa det. Vi gjorde det.", True)
    assert StaffAction.objects.filter(what="idea answered").get().data == {"idea": number, "from": "new", "to": "done"}


def counts_hold() -> bool:
    """What stands beside each idea is how many votes there are."""
    return all(one.count == one.votes.count() for one in Idea.objects.all())


def test_the_most_wanted_comes_first_or_the_latest_and_one_answer_is_bounded() -> None:
    ideas = [Post(kind="idea", customer=9, language="en", title=f"T{one}", words="w", at=NOW, said=uuid.uuid4(), fate="shown")
             for one in range(IDEAS_SHOWN_MAX + 5)]  # fmt: skip
    Idea.objects.bulk_create(Idea(post=one) for one in Post.objects.bulk_create(ideas))
    writing.vote(who(2), ideas[3].number, True, NOW)
    assert first(who(1)).ideas[0].post.title == "T3"
    assert first(who(1), "new").ideas[0].post.title == f"T{IDEAS_SHOWN_MAX + 4}"
    assert len(first(who(1)).ideas) == IDEAS_SHOWN_MAX


def test_who_leaves_is_forgotten_and_an_idea_that_others_want_stays_without_them() -> None:
    customer(1, "Kari Nordmann")
    wanted, alone = suggest(1, title="Wanted"), suggest(1, title="Alone")
    writing.vote(who(2), wanted, True, NOW)
    other = suggest(2, title="Other")
    writing.comment(who(1), other, text(), NOW)
    gone(1)
    assert not Post.objects.filter(customer=1).exists() and not Member.objects.filter(customer=1).exists()
    told = {one.post.number: (one.post.by, one.votes) for one in first(STRANGER).ideas}
    assert (
        alone not in told and told[wanted] == ("", 1) and counts_hold() and reading.one(STRANGER, other).comments == ()
    )


def test_a_problem_is_kept_once_and_read_on_the_console_as_text(people: dict[str, str]) -> None:
    said = uuid.uuid4()
    for _ in range(2):
        problems.report(STRANGER, Trouble.PAY, HOSTILE, said, NOW)
    assert (
        refused(lambda: problems.report(STRANGER, Trouble.PAY, "4111 1111 1111 1111", uuid.uuid4(), NOW))
        is Refused.CARD
    )
    assert Problem.objects.count() == 1
    page = client(people, "auditor").get("/community").content.decode()
    assert HOSTILE not in page and "&lt;script&gt;" in page and "paying" in page
    assert problems.trim(NOW + problems.KEPT + timedelta(days=1)) == 1


@pytest.mark.parametrize("role", ["auditor", "responder"])
def test_who_may_not_moderate_reads_and_changes_nothing(role: str, people: dict[str, str]) -> None:
    number = suggest(1)
    looker = client(people, role)
    assert looker.get("/community").status_code == looker.get(f"/community/ideas/{number}").status_code == 200
    assert looker.post(f"/community/posts/{number}", {"act": "hide", "why": "No"}).status_code == 403
    assert Post.objects.get().fate == "shown" and Client().get("/community").status_code == 302
