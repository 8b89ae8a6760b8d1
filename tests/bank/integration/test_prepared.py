"""Queries of the busiest paths, written by hand, are what the models say."""

import pytest
from django.db import close_old_connections, connection, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import IntegrityError, ProgrammingError

from holdfast.bank.customers import known
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.database.prepared import ask, find


@pytest.mark.parametrize(
    ("model", "query", "parameters"),
    [(Customer, known._CUSTOMER, {"id": 0}), (Account, known._ACCOUNTS, {"customer": 0})],
)
def test_a_query_names_every_column_of_its_model(model, query, parameters):
    with connection.cursor() as cursor:
        cursor.execute(query.rstrip().rstrip(";"), parameters)
        assert {one.name for one in cursor.description} == {one.column for one in model._meta.concrete_fields}


def test_a_query_without_an_answer_gives_no_rows_and_a_wrong_one_djangos_error():
    assert ask("SELECT 1 WHERE %(no)s", {"no": False}) == []
    assert ask("SET LOCAL application_name = 'x'", {}) == []
    with pytest.raises(ProgrammingError), transaction.atomic():
        ask("SELECT nothing FROM nowhere", {})


def test_in_a_broken_transaction_nothing_more_is_asked():
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
            ask("INSERT INTO account (id) VALUES (%(id)s)", {"id": 1})
        with pytest.raises(TransactionManagementError):
            find(Customer, known._CUSTOMER, {"id": 0})
        transaction.set_rollback(True)


def test_a_connection_that_the_server_ended_is_made_anew_before_it_is_asked():
    """As after PostgreSQL was restarted, at the first question of a request."""
    connection.ensure_connection()
    ended, other = connection.connection, connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [ended.info.backend_pid])
    other.close()
    close_old_connections()
    ended.answered_at = float("-inf")
    assert find(Account, known._ACCOUNTS, {"customer": 0}) == []
    assert connection.connection is not ended
