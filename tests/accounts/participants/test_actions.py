"""Cards work once, for one person; accounts hold nothing but what the words open."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import InviteCode, OutreachPartner, Participant
from accounts.participants import keys
from accounts.participants.actions import create_participant, delete_account, end_web_sessions, redeem_code
from accounts.participants.years import year_of
from tests.accounts.participants.helpers import make_card
from tests.factories import make_participant

THREADS = 8


@pytest.mark.promise("P1", "P4")
def test_participant_has_four_columns_and_no_more():
    assert [field.name for field in Participant._meta.get_fields()] == ["id", "lookup", "wrapped", "epoch"]


def test_database_has_no_other_column_either(db):
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, Participant._meta.db_table)
    assert {column.name for column in columns} == {"id", "lookup", "wrapped", "epoch"}


@pytest.mark.promise("P2")
def test_nothing_can_point_at_a_participant(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE confrelid = %s::regclass",
            [Participant._meta.db_table],
        )
        assert cursor.fetchall() == []


@pytest.mark.promise("P5")
def test_code_works_once(partner: OutreachPartner):
    code, other = make_card(partner), make_card(partner)
    assert redeem_code(code) is True
    assert [bytes(row.digest) for row in InviteCode.objects.all()] == [keys.code_digest(other)]
    assert redeem_code(code) is False
    assert redeem_code("0000-0000-0000") is False
    assert InviteCode.objects.count() == 1


@pytest.mark.promise("P5")
def test_used_and_unknown_codes_cost_the_same(partner: OutreachPartner, django_assert_num_queries):
    used = make_card(partner)
    redeem_code(used)
    for code in (used, keys.generate_code()):
        with django_assert_num_queries(3) as queries:
            redeem_code(code)
        assert [query["sql"].split()[0] for query in queries.captured_queries] == ["SAVEPOINT", "DELETE", "RELEASE"]


@pytest.mark.django_db(transaction=True)
def test_raced_code_has_one_winner(partner: OutreachPartner):
    for _ in range(5):
        code, start = make_card(partner), threading.Barrier(THREADS)

        def redeem(start: threading.Barrier = start, code: str = code) -> bool:
            try:
                start.wait(60)
                return redeem_code(code)
            finally:
                connection.close()

        with ThreadPoolExecutor(THREADS) as pool:
            results = [future.result() for future in [pool.submit(redeem) for _ in range(THREADS)]]
        assert sorted(results) == [False] * (THREADS - 1) + [True]


def test_words_make_one_account(db):
    words = keys.generate_passphrase()
    participant = create_participant(words)
    again = create_participant(words.upper())
    assert Participant.objects.count() == 1
    assert (again.pk, again.alias_key) == (participant.pk, participant.alias_key)
    row = Participant.objects.get()
    assert (len(row.lookup), len(row.wrapped), len(row.epoch), year_of(row)) == (32, 60, 16, timezone.now().year)
    assert participant.alias_key not in (bytes(row.lookup), bytes(row.wrapped))


@pytest.mark.django_db(transaction=True)
def test_raced_words_make_one_account():
    words, start = keys.generate_passphrase(), threading.Barrier(4)

    def create() -> bytes:
        try:
            start.wait(60)
            return create_participant(words).alias_key
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = {future.result() for future in [pool.submit(create) for _ in range(4)]}
    assert Participant.objects.count() == len(found) == 1


def test_new_epoch_ends_web_sessions(participant: Participant):
    before = participant.get_session_auth_hash()
    end_web_sessions(participant)
    participant.refresh_from_db()
    assert participant.get_session_auth_hash() != before


def test_deleting_removes_the_row_and_nobody_elses(participant: Participant):
    other = make_participant()
    delete_account(participant)
    assert [row.pk for row in Participant.objects.all()] == [other.pk]
