"""Who can log in after the import: some owners of accounts with money, and one made-up customer with a story."""

import random
from dataclasses import replace

from holdfast.bank.berka.plan import CURRENCY, Plan
from holdfast.bank.berka.records import BUSINESS_DATE, Records
from holdfast.bank.customers.opening import NewCustomer
from holdfast.bank.filling.made_up import MadeUp, make_up

STORY_FIRST = 90_000_001
"""Ids of made-up customers, accounts and orders begin here, beyond every number of the records."""
STORY_ROLES = ("late-rent", "landlord")
BALANCE_MINOR_MIN = 10_000


def add_story(plan: Plan) -> None:
    """Add the made-up bank's late-rent customer and her landlord, with their past and her rent order."""
    made = make_up(1, 0, CURRENCY, BUSINESS_DATE, MadeUp(first_customer=STORY_FIRST, first_account=STORY_FIRST))
    roles = {customer: role for customer, role in made.roles.items() if role in STORY_ROLES}
    accounts = [one for one in made.opening.accounts if one.owners[0] in roles]
    known = {one.id for one in accounts}
    posts = [post for post in made.posts if post.debit in known or post.credit in known]
    plan.roles |= roles
    plan.opening.customers += [one for one in made.opening.customers if one.id in roles]
    plan.opening.accounts += accounts
    plan.opening.orders += [replace(order, id=STORY_FIRST + index) for index, order in enumerate(made.opening.orders)]
    plan.opening.cards += [one for one in made.opening.cards if one.customer in roles]
    plan.posts = sorted([*plan.posts, *posts], key=lambda post: post.value_date)
    for post in posts:
        for account, sign in ((post.debit, -1), (post.credit, 1)):
            if account in known:
                plan.balances[account] = plan.balances.get(account, 0) + sign * post.amount_minor


def choose_people(plan: Plan, records: Records, count: int, seed: int) -> list[NewCustomer]:
    """Those who get a password: the late-rent customer, and `count` owners of accounts that hold more than 100.00."""
    rich = {one.id for one in plan.opening.accounts if plan.balances[one.id] > BALANCE_MINOR_MIN}
    firsts = {one.owners[0] for one in plan.opening.accounts if one.id in rich and one.owners}
    owners = sorted({one.client for one in records.dispositions if one.owner} & firsts)
    chosen = set(random.Random(seed).sample(owners, min(count, len(owners))))  # noqa: S311  # a choice, no secret
    special = [one for one in plan.opening.customers if plan.roles.get(one.id) == "late-rent"]
    return special + [one for one in plan.opening.customers if one.id in chosen]
