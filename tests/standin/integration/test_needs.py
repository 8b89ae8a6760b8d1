"""What a customer told the bank about their needs holds at the spare bank."""

from world import VERIFIER, World


def test_who_reads_large_print_gets_it_here_too_and_reads_that_changes_wait(world: World) -> None:
    assert "data-large" not in world.visit("GET", "/", cookies=world.session()).text
    body = {"name": "Ann Example", "username": "ann", "cohort": 5, "email": "x@example.org", "language": "en"}
    world.bank.say("customer", 17, {**body, "verifier": VERIFIER, "accounts": [10, 11], "needs": ["large-print"]})
    world.until(lambda: "data-large" in world.visit("GET", "/pay", cookies=world.session()).text)
    for method, form in (("GET", None), ("POST", {"need": "more-time"})):
        waits = world.visit(method, "/needs", cookies=world.session(), form=form)
        assert "It can be changed when our main system is back" in waits.text
        assert waits.headers["Content-Language"] == "en", waits.text[:300]
