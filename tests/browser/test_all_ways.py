"""Every must-have task by mouse, by keyboard alone and without JavaScript, at 360 and 1280 px, in both languages, at each
bank that offers it. The long tests do all of them; the others do each task once at each bank, in one of two ways that
are drawn by the seed and between them have both widths and languages.
"""

import random
from itertools import product

import pytest
from driving import SEED
from tasks import MAIN, SPARE, TASKS, Walk, enrol, opens_an_account

HOW = {"mouse": (False, True), "keyboard": (True, True), "no JavaScript": (False, False)}
WAYS = list(product(HOW, (360, 1280), ("en", "nb")))
DEMANDS = pytest.mark.demand("B1", "B4", "B6", "B9", "S1")


def drawn():
    """Two ways, opposite in width and language; the second by another means."""
    luck = random.Random(SEED)
    how, width, language = luck.choice(WAYS)
    other = luck.choice([one for one in HOW if one != how])
    return [(how, width, language), (other, 1640 - width, "nb" if language == "en" else "en")]


def cases():
    """Bank by bank, way by way, so that each bank is moved to once and each person logs in once."""
    luck, ways = random.Random(SEED), drawn()
    short = {(bank, name): luck.choice(ways) for bank, name in product((MAIN, SPARE), TASKS)}
    for bank, way in product((MAIN, SPARE), WAYS):
        for name, (_, banks) in TASKS.items():
            if bank in banks:
                marks = [] if short[bank, name] == way else [pytest.mark.long]
                yield pytest.param(bank, way, name, marks=marks, id=f"{name}-{bank}-{'-'.join(map(str, way))}")


@pytest.fixture(scope="module")
def walks(bank, open_visitor, request):
    """One pair of people for each way that is walked, made ready at the main bank."""
    made = {}
    bank.to_main()
    specs = [getattr(one, "callspec", None) for one in request.session.items if one.path == request.path]
    wanted = {one.params["way"] for one in specs if one}
    for how, width, language in sorted(wanted):
        keyboard, scripts = HOW[how]
        pair = [open_visitor(width, keyboard, scripts=scripts, language=language) for _ in range(2)]
        pair[1].person = bank.person()
        walk = made[how, width, language] = Walk(bank, *pair, bank.people[-1], scripts)
        opens_an_account(walk)
        enrol(walk)
    bank.wait_for("the spare bank was told", bank.is_fed)
    yield made
    bank.to_main()
    for walk in made.values():
        walk.visitor.close()
        walk.enrolled.close()


@DEMANDS
@pytest.mark.parametrize(("served_by", "way", "name"), list(cases()))
def test_a_must_have_task_is_done(walks, bank, served_by, way, name):
    if served_by == SPARE and bank.away() < 256:
        bank.wait_for("the spare bank was told", bank.is_fed)
        bank.to_spare()
    walk = walks[way]
    TASKS[name][0](walk)
    assert walk.by.mark("bank") == served_by
    assert walk.by.page.locator("html").get_attribute("lang") == way[2]


def test_each_task_is_walked_at_each_bank_that_offers_it_and_in_every_way_in_the_long_tests():
    short = [one for one in cases() if not one.marks]
    assert len(short) == sum(len(banks) for _, banks in TASKS.values())
    assert len(list(cases())) == len(short) * len(WAYS) == len(short) * 12
