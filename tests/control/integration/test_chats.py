"""A customer's chat: what is said is kept sealed and once, a person is two acts away, and the queue keeps its order."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from holdfast.contracts.support import Asking, Refused, State, Who
from holdfast.control.care.directory import take as take_facts
from holdfast.control.staff.models import Person, StaffAction
from holdfast.control.support import forgetting, queue, sealed, serving, taking, talking
from holdfast.control.support.errors import NotTaken
from holdfast.control.support.models import Agent, CallBack, Conversation, Line
from holdfast.signing.sealing import NotSealed

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("B7")]
NOW = datetime.now(UTC)
SECRET = "My dog Fenris ate the card"


def customer(number: int, needs: list[str] | None = None, phone: str = "") -> None:
    body = {"name": f"Example {number}", "cohort": 1, "language": "en", "needs": needs or [], "phone": phone}
    take_facts([{"number": number, "kind": "customer", "key": str(number), "body": body}])


def ask(conversation: str = "", who: int = 0, language: str = "en") -> Asking:
    return Asking(conversation, who, language, "/cards")


def begin(words: str = SECRET, who: int = 0, person: bool = True, at: datetime = NOW) -> str:
    return talking.say(ask(who=who), str(uuid.uuid4()), words, person, at).conversation


def agent(people: dict[str, str], name: str = "support") -> Person:
    return Person.objects.get(username=name)


def whos(conversation: str) -> list[tuple[str, str]]:
    return [(one.who.value, one.words) for one in talking.read(ask(conversation), 0, NOW).lines]


def test_what_is_said_stands_in_the_database_sealed_and_bound_to_its_place() -> None:
    first, other = begin(), begin("Hello")
    assert whos(first) == [("customer", SECRET), ("notice", "asked_person")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM support_line t")
        assert "Fenris" not in cursor.fetchone()[0]
    stolen = Line.objects.get(conversation=first, number=1).sealed
    Line.objects.filter(conversation=other, number=1).update(sealed=stolen)
    with pytest.raises(NotSealed):
        talking.read(ask(other), 0, NOW)


@pytest.mark.demand("G8")
def test_a_new_key_opens_all_that_was_said_before() -> None:
    first = begin()
    before = Line.objects.get(conversation=first, number=1).sealed
    assert sealed.reseal(wait_s=0) == 2
    assert Line.objects.get(conversation=first, number=1).sealed != before
    assert whos(first)[0] == ("customer", SECRET)


def test_a_message_sent_twice_is_written_once_and_opens_one_conversation() -> None:
    message = str(uuid.uuid4())
    first = talking.say(ask(), message, "Where is my payment?", False, NOW)
    again = talking.say(ask(), message, "Where is my payment?", False, NOW)
    third = talking.say(ask(first.conversation), message, "Where is my payment?", False, NOW)
    assert first.conversation == again.conversation == third.conversation
    assert [one.who for one in third.lines] == [Who.CUSTOMER, Who.HELPER]
    assert (Conversation.objects.count(), Line.objects.count()) == (1, 2)


def test_a_person_is_two_acts_away_and_reads_what_was_written_before() -> None:
    first = talking.say(ask(), str(uuid.uuid4()), "Bananas by night?", False, NOW)
    assert first.state is State.HELPER
    assert "I do not know that" in first.lines[-1].words
    waits = talking.ask_person(ask(first.conversation), NOW)
    assert (waits.state, waits.ahead, waits.wait_s) == (State.WAITING, 0, None)
    assert talking.ask_person(ask(first.conversation), NOW).last == waits.last


@pytest.mark.parametrize(
    ("words", "why"),
    [("", Refused.EMPTY), (" \n\x00\x07 ", Refused.EMPTY), ("x" * 1001, Refused.LONG)],
)
def test_words_that_cannot_be_meant_are_refused_and_nothing_is_kept(words: str, why: Refused) -> None:
    with pytest.raises(NotTaken) as refused:
        talking.say(ask(), str(uuid.uuid4()), words, True, NOW)
    assert refused.value.why is why
    assert (Conversation.objects.count(), Line.objects.count()) == (0, 0)


def test_a_customer_who_writes_without_end_is_stopped_for_a_while_and_what_was_said_stays() -> None:
    first = begin()
    for _ in range(talking.A_MINUTE_MAX - 1):
        talking.say(ask(first), str(uuid.uuid4()), "more", True, NOW)
    with pytest.raises(NotTaken) as refused:
        talking.say(ask(first), str(uuid.uuid4()), "more", True, NOW)
    assert refused.value.why is Refused.OFTEN
    assert Line.objects.filter(conversation=first, who="customer").count() == talking.A_MINUTE_MAX
    talking.say(ask(first), str(uuid.uuid4()), "later", True, NOW + timedelta(minutes=2))


def test_nobody_reads_a_customers_chat_without_being_that_customer() -> None:
    customer(7)
    theirs = begin(who=7)
    for who in (0, 8):
        with pytest.raises(NotTaken) as refused:
            talking.read(ask(theirs, who), 0, NOW)
        assert refused.value.why is Refused.NOT_YOURS
    assert talking.read(ask("", 7), 0, NOW).conversation == theirs  # found again from another browser
    strangers = begin()
    talking.read(ask(strangers, 7), 0, NOW)  # who wrote as a stranger and logged in
    assert Conversation.objects.get(pk=strangers).customer == 7
    with pytest.raises(NotTaken):
        talking.read(ask(strangers), 0, NOW)


@pytest.mark.demand("C1")
def test_needs_come_first_then_who_waited_longest_and_a_flood_costs_nobody_a_place(people: dict[str, str]) -> None:
    customer(11, ["told-first"])
    early = begin(at=NOW - timedelta(minutes=5))
    late = begin(at=NOW - timedelta(minutes=1))
    needs = begin(who=11)
    for _ in range(30):
        begin("Flood", at=NOW)
    order = [str(one) for one in queue.waiting().values_list("id", flat=True)]
    assert order[:3] == [needs, early, late] and len(order) == 33
    assert talking.read(ask(late), 0, NOW).ahead == 2
    taken, why = taking.take(agent(people), None, NOW)
    assert (str(taken and taken.pk), why) == (needs, "")
    assert talking.read(ask(late), 0, NOW).ahead == 1


def test_a_full_queue_says_so_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = begin()
    monkeypatch.setattr(queue, "WAITING_MAX", 1)
    with pytest.raises(NotTaken) as refused:
        begin("One too many")
    assert refused.value.why is Refused.FULL
    assert [str(one) for one in Conversation.objects.values_list("id", flat=True)] == [first]


def test_an_agent_who_drops_out_loses_the_chat_to_the_front_of_the_queue_and_nothing_is_lost(
    people: dict[str, str],
) -> None:
    customer(11, ["told-first"])
    mine = begin(at=NOW - timedelta(minutes=3))
    taking.take(agent(people), None, NOW)
    other = begin(who=11)
    assert queue.sweep(NOW + timedelta(seconds=59)) == 0
    assert queue.sweep(NOW + timedelta(seconds=61)) == 1
    assert queue.sweep(NOW + timedelta(seconds=61)) == 0
    view = talking.read(ask(mine), 0, NOW)
    assert (view.state, view.ahead, view.lines[-1].words) == (State.WAITING, 0, "returned")
    assert [str(one) for one in queue.waiting().values_list("id", flat=True)] == [mine, other]
    draft = taking.Draft(uuid.uuid4(), "Hello, we look into it today.")
    assert taking.answer(agent(people), uuid.UUID(mine), draft, NOW).problem == taking.NOT_YOURS
    assert not Agent.objects.get().here


def test_a_chat_is_handed_over_to_who_is_there_and_to_nobody_else(people: dict[str, str]) -> None:
    mine = uuid.UUID(begin())
    one, other = agent(people), agent(people, "manager")
    taking.take(one, mine, NOW)
    assert "not at the desk" in taking.hand_over(one, mine, "manager", NOW)
    taking.be_here(other, True, NOW)
    assert taking.hand_over(other, mine, "support", NOW) == taking.GONE
    assert taking.hand_over(one, mine, "manager", NOW) == ""
    assert Conversation.objects.get(pk=mine).agent == other
    assert taking.hand_over(other, mine, "", NOW) == ""
    assert queue.places() == {mine: 0}
    told = StaffAction.objects.filter(what="handed a chat over").order_by("number")
    assert [line.data["to"] for line in told] == ["manager", "the queue"]


@pytest.mark.demand("C4")
def test_a_draft_that_hurts_waits_for_a_reason_and_a_leak_never_goes(people: dict[str, str]) -> None:
    person, mine = agent(people), uuid.UUID(begin())
    taking.take(person, mine, NOW)
    hurting = "You should ask your friends or family for money."
    said = uuid.uuid4()
    checked = taking.answer(person, mine, taking.Draft(said, hurting), NOW)
    assert checked.hurts and "hurt" in checked.problem
    wrong = taking.answer(person, mine, taking.Draft(said, hurting, "0" * 16, "I mean it"), NOW)
    assert wrong.hurts
    leaking = taking.answer(person, mine, taking.Draft(said, "Look at https://bank.example/login"), NOW)
    assert "is a link" in leaking.problem
    assert not Line.objects.filter(who="person").exists()
    stands = taking.Draft(said, hurting, checked.mark, "They asked whether they may")
    assert taking.answer(person, mine, stands, NOW).problem == ""
    assert taking.answer(person, mine, stands, NOW).problem == ""  # once
    assert Line.objects.filter(who="person").count() == 1
    (logged,) = StaffAction.objects.filter(what="words that hurt stand")
    assert logged.data["stands"] == "They asked whether they may" and "family" not in str(logged.data)


def test_satisfaction_is_asked_once_and_after_the_end(people: dict[str, str]) -> None:
    mine = begin()
    with pytest.raises(NotTaken):
        talking.rate(ask(mine), 5, NOW)
    taking.take(agent(people), None, NOW)
    assert taking.end(agent(people), uuid.UUID(mine), NOW) == ""
    with pytest.raises(NotTaken):
        talking.rate(ask(mine), 6, NOW)
    assert talking.rate(ask(mine), 4, NOW).rated
    with pytest.raises(NotTaken):
        talking.rate(ask(mine), 1, NOW)
    assert Conversation.objects.get(pk=mine).score == 4
    again = talking.say(ask(mine), str(uuid.uuid4()), "One more thing", False, NOW)
    assert again.conversation != mine and again.state is State.HELPER


def test_who_asks_to_be_called_needs_a_number_and_leaves_the_queue(people: dict[str, str]) -> None:
    customer(7)
    customer(8, ["call-me"], "+4722000000")
    with pytest.raises(NotTaken) as refused:
        talking.ask_call(ask(begin(who=7), 7), NOW)
    assert refused.value.why is Refused.NO_PHONE
    theirs = begin(who=8)
    assert talking.ask_call(ask(theirs, 8), NOW).called
    assert talking.ask_call(ask(theirs, 8), NOW).state is State.ENDED
    (call,) = CallBack.objects.all()
    assert taking.call_ended(agent(people), call.pk, "no-answer", NOW) == ""
    assert CallBack.objects.get().done_at is None
    assert taking.call_ended(agent(people), call.pk, "reached", NOW) == ""
    assert "already" in taking.call_ended(agent(people), call.pk, "reached", NOW)


def test_news_are_what_a_door_does_not_know_yet(people: dict[str, str]) -> None:
    mine, other = begin(at=NOW - timedelta(minutes=1)), begin("Hello")
    known = {one.pk: (one.version, one.last_number, 0) for one in Conversation.objects.all()}
    known[uuid.UUID(other)] = (*known[uuid.UUID(other)][:2], 1)
    assert serving.news(known, queue.places()) == []
    taking.take(agent(people), uuid.UUID(mine), NOW)
    draft = taking.Draft(uuid.uuid4(), "Hello. I look at your card now.")
    taking.answer(agent(people), uuid.UUID(mine), draft, NOW)
    (view,) = serving.news(known, {})
    assert (view.conversation, view.state, view.by) == (mine, State.OPEN, "Made-up support")
    assert [(one.who.value, one.words) for one in view.lines] == [("notice", "taken"), ("person", draft.typed)]
    views = serving.news(known, queue.places())
    assert sorted((one.conversation, one.ahead) for one in views) == sorted([(mine, 0), (other, 0)])


def test_the_wait_told_follows_who_is_there() -> None:
    assert queue.Desk(0, 0, 300).wait_s(0) is None
    assert queue.Desk(1, 0, 300).wait_s(3) == queue.SOON_S
    assert queue.Desk(1, 4, 300).wait_s(0) == 75
    assert queue.Desk(2, 8, 300).wait_s(7) == 300


@pytest.mark.demand("G7")
def test_who_is_no_customer_any_more_leaves_no_word_behind(people: dict[str, str]) -> None:
    customer(7, ["call-me"], "+4722000000")
    theirs, strangers = begin(who=7), begin("Hello")
    take_facts([{"number": 9, "kind": "customer", "key": "7", "body": None}])
    assert not Line.objects.filter(conversation=theirs).exists()
    gone = Conversation.objects.get(pk=theirs)
    assert (gone.customer, gone.state) == (None, "ended")
    assert Line.objects.filter(conversation=strangers).count() == 2
    assert forgetting.trim(NOW + timedelta(days=399)) == 0
    assert forgetting.trim(NOW + timedelta(days=401)) == 2


def test_who_changes_the_pages_language_is_answered_in_it() -> None:
    first = talking.say(ask(), str(uuid.uuid4()), "I lost my card", False, NOW)
    again = talking.say(ask(first.conversation, language="nb"), str(uuid.uuid4()), "I lost my card", False, NOW)
    assert ["Freeze it now" in first.lines[-1].words, "Sperr det nå" in again.lines[-1].words] == [True, True]
