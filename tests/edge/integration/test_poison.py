"""A request that breaks a bank: tried at the other at most once, refused in words, and refused from then on."""

import asyncio
import threading
import time
import uuid
from urllib.parse import urlencode

import pytest
from aiohttp import web
from behaviours import fails, strikes

from holdfast.contracts.epochs import Mode
from holdfast.edge.suspects import BLAMED_MAX, REFUSED_S, Blamed, marks

pytestmark = pytest.mark.demand("S6")


def money(doors, cohort, **more):
    """A customer's reading of an address of their own."""
    headers = {"Cookie": f"{doors.cookie(cohort)}; hf_bank=session-{uuid.uuid4().hex}"}
    return doors.request("GET", "/money", headers=headers, **more), headers


def blamed(doors):
    return [event for event in doors.register.events(0) if event["kind"] == "refused-request"]


@pytest.mark.parametrize("breaks", [strikes, fails])
def test_a_payment_that_breaks_both_banks_is_refused_in_words_and_stays_being_checked(doors, breaks):
    doors.forget()
    before = len(blamed(doors))
    doors.primary.behave = doors.standin.behave = breaks
    ident = uuid.uuid4().hex
    status, headers, body = doors.pay(70, ident)
    assert (status, headers["Holdfast-Served-By"]) == (503, "door")
    assert b'data-page="struck"' in body
    assert f'data-payment="{ident}" data-outcome="checking"'.encode() in body
    assert b"not tried again" in body
    assert b"nothing was done" not in body.lower()
    assert (len(doors.primary.asked), len(doors.standin.asked)) == (1, 1)
    (event,) = blamed(doors)[before:]
    assert set(event["data"]) == {"fingerprint", "route"}
    assert ident not in str(event)
    assert doors.register.claim("refused", [(ident, 70, doors.row(70).epoch)]) == ([], [ident]), "never told refused"


def test_the_page_is_in_both_languages(doors):
    doors.forget()
    doors.primary.behave = doors.standin.behave = strikes
    headers = {"Cookie": f"{doors.cookie(71)}; hf_language=nb"}
    status, _, body = doors.request("GET", "/accounts/71?x=norsk", headers=headers)
    assert (status, headers["Cookie"][:9]) == (503, "hf_cohort")
    assert b"blir ikke pr\xc3\xb8vd igjen" in body


def test_each_bank_sees_a_poison_get_once_also_on_a_connection_that_was_kept_open(doors):
    doors.forget()
    for _ in range(4):  # connections of both doors to both banks are open and idle
        doors.request("GET", "/", headers={"Cookie": doors.cookie(72)})
    doors.primary.asked.clear()
    doors.primary.behave = doors.standin.behave = strikes
    (status, _, body), _ = money(doors, 72)
    assert status == 503
    assert b'data-page="struck"' in body
    assert (len(doors.primary.asked), len(doors.standin.asked)) == (1, 1)


def test_the_same_request_again_is_refused_by_every_door_and_reaches_no_bank(doors):
    doors.forget()
    doors.primary.behave = doors.standin.behave = strikes
    ident = uuid.uuid4().hex
    body = urlencode({"id": ident, "birth": doors.birth(ident, 73), "amount": "1"}).encode()
    headers = {"Cookie": doors.cookie(73), "Content-Type": "application/x-www-form-urlencoded"}
    assert doors.request("POST", "/pay", body, headers)[0] == 503
    time.sleep(0.2)  # the other door reads of it in the register
    doors.primary.behave = doors.standin.behave = None
    asked = len(doors.primary.asked) + len(doors.standin.asked)
    someone = {"Cookie": doors.cookie(99), "Content-Type": "application/x-www-form-urlencoded"}
    for number in range(20):  # by either door, whoever sends it
        status, _, page = doors.request("POST", "/pay", body, someone if number % 2 else headers)
        assert (status, b'data-page="struck"' in page, ident.encode() in page) == (503, True, True)
    assert len(doors.primary.asked) + len(doors.standin.asked) == asked
    other = uuid.uuid4().hex
    assert doors.pay(73, other)[0] == 200, "the customer's next payment is another request"


def test_a_door_that_is_started_again_still_knows_what_is_refused(doors):
    doors.forget()
    doors.primary.behave = doors.standin.behave = strikes
    (status, _, _), headers = money(doors, 74)
    assert status == 503
    doors.primary.behave = doors.standin.behave = None
    doors.end_doors()
    for number in (1, 2):
        doors.start(number)
    doors.wait(lambda: all(doors.health(n)["standin_answers"] for n in (1, 2)))
    asked = len(doors.primary.asked) + len(doors.standin.asked)
    assert doors.request("GET", "/money", headers=headers)[0] == 503
    assert len(doors.primary.asked) + len(doors.standin.asked) == asked
    assert doors.request("GET", "/money", headers={"Cookie": doors.cookie(74)})[0] == 200, "another session's page"


def test_neighbours_of_a_request_that_kills_both_banks_are_answered_and_not_blamed(doors):
    """Each bank breaks with all that is in it when the poison comes; the neighbours come to the other one alone."""
    doors.forget()
    before = len(blamed(doors))
    here = {"primary": [], "standin": []}

    def bank(name):
        async def behave(request):
            here[name].append(request.transport)
            if "poison" in request.path_qs:
                for transport in here[name]:
                    transport.abort()
                here[name].clear()
                return web.Response(text="never heard")
            await asyncio.sleep(0.5 if name == "primary" else 0.01)
            if request.transport in here[name]:
                here[name].remove(request.transport)
            return web.Response(text=f"{name} answers")

        return behave

    doors.primary.behave, doors.standin.behave = bank("primary"), bank("standin")
    got = []

    def read(cohort, path):
        got.append((path, doors.request("GET", path, headers={"Cookie": doors.cookie(cohort)})))

    people = [threading.Thread(target=read, args=(cohort, "/money")) for cohort in range(80, 92)]
    people.append(threading.Thread(target=read, args=(93, "/help?poison")))
    for person in people:
        person.start()
        if person is people[-2]:
            doors.wait(lambda: len(here["primary"]) == 12)
    for person in people:
        person.join(10)
    others = [answer for path, answer in got if path == "/money"]
    assert [status for status, _, _ in others] == [200] * 12
    (poison,) = [answer for path, answer in got if path != "/money"]
    assert b'data-page="struck"' in poison[2]
    assert len(blamed(doors)) == before + 1


def test_with_one_bank_gone_who_kills_the_other_twice_is_refused_and_a_bank_that_only_answers_500_accuses_nobody(doors):
    doors.forget()
    before = len(blamed(doors))
    doors.primary.shut()
    doors.standin.behave = strikes
    status, _, body = doors.pay(78)
    assert (status, b'data-page="struck"' in body, len(doors.standin.asked)) == (503, True, 2)
    doors.standin.behave = fails
    status, _, body = doors.pay(79)
    assert (status, b'data-page="nobody"' in body) == (503, True)
    assert len(blamed(doors)) == before + 1


def test_a_bank_that_says_it_is_away_is_not_struck_and_nobody_is_blamed(doors):
    doors.forget()
    before = len(blamed(doors))

    async def away(request):
        return web.Response(status=503, text="the store is away")

    doors.primary.behave = doors.standin.behave = away
    status, _, body = doors.pay(75)
    assert status == 503
    assert b'data-page="nobody"' in body
    assert len(blamed(doors)) == before


def test_what_the_spare_bank_says_of_itself_is_shown_unless_the_bank_may_have_done_it(doors):
    doors.forget()
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": [76], "why": "test", "by": "test"})
    doors.wait(lambda: doors.row(76).mode is Mode.STANDIN)
    doors.wait(lambda: all(doors.rows_of(n).get("standin") == 1 for n in (1, 2)))

    async def drifted(request):
        return web.Response(status=503, text="takes no payments", headers={"Holdfast-Says": "away.drifted"})

    doors.standin.behave = drifted
    status, headers, body = doors.pay(76)
    assert (status, body, headers["Holdfast-Served-By"]) == (503, b"takes no payments", "standin")
    assert "Holdfast-Says" not in headers
    assert len(doors.standin.asked) == 1
    doors.primary.behave = strikes
    ident = uuid.uuid4().hex
    status, _, body = doors.pay(77, ident)
    assert status == 503
    assert b"takes no payments" not in body, "the bank may have taken it"
    assert ident.encode() in body


def test_what_is_remembered_is_bounded_and_ends():
    blamed = Blamed()
    now = time.time()
    blamed.learn(5, [(now - REFUSED_S - 1, "old"), (now, "new")])
    assert (blamed.holds("old"), blamed.holds("new"), blamed.last_event) == (False, True, 5)
    blamed.learn(9, [(now, str(number)) for number in range(BLAMED_MAX)])
    assert (blamed.holds("new"), blamed.holds("0"), blamed.holds(str(BLAMED_MAX - 1))) == (False, True, True)


def test_requests_with_a_body_are_one_for_everybody_and_reads_are_each_sessions_own():
    assert marks("POST", "/pay?", "a", b"x") == marks("POST", "/pay?", "b", b"x")
    assert marks("POST", "/pay?", "a", b"x") != marks("POST", "/pay?", "a", b"y")
    assert marks("GET", "/?", "a", b"") != marks("GET", "/?", "b", b"")
    assert marks("GET", "/?", "a", b"") != marks("GET", "/money?", "a", b"")
