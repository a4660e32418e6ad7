"""An account that nobody uses goes at the end of the year after; of all visits only the last one's year is kept."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Participant, User
from accounts.participants import years
from accounts.participants.years import new_epoch
from tests.factories import make_participant, make_participant_with_words
from tests.racing import at_once


def on(year: int, month: int = 6, day: int = 1) -> time_machine.travel:
    return time_machine.travel(datetime(year, month, day, 12, tzinfo=UTC), tick=False)


def used_in(year: int) -> Participant:
    with on(year):
        participant = make_participant()
        Participant.objects.filter(pk=participant.pk).update(epoch=new_epoch())
    participant.refresh_from_db(fields=["epoch"])
    return participant


def test_an_epoch_holds_fifteen_random_bytes_and_the_year() -> None:
    with on(2031):
        one, other = new_epoch(), new_epoch()
    assert (len(one), one[15], other[15]) == (16, 31, 31)
    assert one[:15] != other[:15]


def test_an_account_stays_this_year_and_the_next_and_goes_then(db: None) -> None:
    old, newer = used_in(2026), used_in(2027)
    for moment in ((2026, 12, 31), (2027, 1, 1), (2027, 12, 31)):
        with on(*moment):
            assert years.delete_unused() == 0
    with on(2028, 1, 1):
        assert years.delete_unused() == 1
        assert years.delete_unused() == 0
    assert [row.pk for row in Participant.objects.all()] == [newer.pk]
    assert old.pk != newer.pk


@pytest.mark.parametrize("epoch", [bytes(16), b"\xff" * 16, b"\x07" * 16])
def test_an_account_without_a_year_counts_as_used_now_and_is_not_deleted(db: None, epoch: bytes) -> None:
    participant = make_participant()
    Participant.objects.filter(pk=participant.pk).update(epoch=epoch)
    with on(2030):
        assert years.delete_unused() == 0
        assert years.date_unknown() == 1
        assert years.date_unknown() == 0
        participant.refresh_from_db()
        assert (years.year_of(participant), bytes(participant.epoch)[:15] != epoch[:15]) == (2030, True)
    with on(2032, 1, 1):
        assert years.delete_unused() == 1


def post_words(words: str) -> Client:
    client = Client()
    client.post(reverse("accounts:sign_in"), {"words": words})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:participant_account")).status_code == 200


def test_signing_in_renews_the_year_and_stays_signed_in(db: None) -> None:
    participant, words = make_participant_with_words()
    with on(2029):
        Participant.objects.filter(pk=participant.pk).update(epoch=new_epoch())
        earlier = post_words(words)
        participant.refresh_from_db()
        epoch = bytes(participant.epoch)
        assert (is_in(earlier), years.year_of(participant)) == (True, 2029)
    with on(2030, 1, 1):
        renewed, again = post_words(words), post_words(words)
        participant.refresh_from_db()
        assert (years.year_of(participant), bytes(participant.epoch) != epoch) == (2030, True)
        assert (is_in(renewed), is_in(again), is_in(earlier)) == (True, True, False)
        assert years.delete_unused() == 0


def test_a_sign_in_of_the_same_year_writes_nothing(db: None) -> None:
    participant = used_in(2029)
    with on(2029, 12, 31), CaptureQueriesContext(connection) as queries:
        years.renew(participant)
    assert list(queries.captured_queries) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ins_at_once_both_stay() -> None:
    with on(2028):
        pk = used_in(2027).pk
        copies = [Participant.objects.get(pk=pk) for _ in range(4)]
        at_once(*(lambda one=one: years.renew(one) for one in copies))
    stored = bytes(Participant.objects.get(pk=pk).epoch)
    assert {bytes(one.epoch) for one in copies} == {stored}
    assert stored[15] == 28


def test_an_account_that_was_just_deleted_does_not_break_the_sign_in(db: None) -> None:
    participant = used_in(2027)
    stale = Participant.objects.get(pk=participant.pk)
    Participant.objects.all().delete()
    with on(2029):
        years.renew(stale)
    assert Participant.objects.count() == 0


def test_the_account_page_says_when_it_goes(
    participant: Participant, client_for: Callable[[User | Participant | None], Client]
) -> None:
    page = client_for(participant).get(reverse("accounts:participant_account")).content.decode()
    assert "If you don’t sign in until the end of next year, it goes." in page
    assert "the year of the last one" in page
