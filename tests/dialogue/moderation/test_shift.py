"""Covered texts, keys and breaks: for this visit, for nobody else's eyes, and nowhere but in the web session."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dialogue.moderation import shift
from dialogue.moderation.shift import Break, Shift
from dialogue.sessions.models import Round
from dialogue.threads.models import Comment
from tests import factories

START, READING, REST = "/desk/queue/start/", "/desk/queue/reading/", "/desk/queue/break/"


@pytest.fixture
def rosa(client_for: Callable[[User], Client], facilitator: User) -> Client:
    return client_for(facilitator)


@pytest.fixture
def texts(listening: Round) -> list[Comment]:
    return factories.make_held_comments(listening, 25)


def choose(client: Client, **given: str) -> str:
    return client.post(READING, {"keys": "on", "break_after": Break.TEXTS_40} | given).headers["Location"]


def read(client: Client, number: int) -> str:
    """Approve so many, one after the other; where that led in the end."""
    where = client.post(START).headers["Location"]
    for _ in range(number):
        pk = where.split("/")[3]
        where = client.post(reverse("moderation:approve", args=[pk]), {"version": 1}).headers["Location"]
    return where


class TestBreak:
    def test_suggested_after_so_many_texts(self, rosa: Client, texts: list[Comment]) -> None:
        choose(rosa, break_after=Break.TEXTS_20)
        assert read(rosa, 19).startswith("/desk/queue/")
        twentieth = Comment.objects.get(claimed_by__isnull=False, state="held")
        where = rosa.post(reverse("moderation:approve", args=[twentieth.pk]), {"version": 1}).headers["Location"]
        assert where == f"{REST}?done={twentieth.pk}"
        page = rosa.get(where).content.decode()
        assert "You have read 20 texts." in page
        assert "Undo" in page
        assert not Comment.objects.filter(claimed_by__isnull=False, state="held").exists()  # colleagues can go on

    def test_one_can_go_on_anyway(self, rosa: Client, texts: list[Comment]) -> None:
        choose(rosa, break_after=Break.TEXTS_20)
        assert read(rosa, 20).startswith(REST)
        assert rosa.post(START).headers["Location"] == REST
        assert rosa.post(START, {"anyway": "1"}).headers["Location"].startswith("/desk/queue/")
        assert read(rosa, 3) != REST

    def test_after_so_many_minutes(self, rosa: Client, texts: list[Comment], monkeypatch: pytest.MonkeyPatch) -> None:
        choose(rosa, break_after=Break.MINUTES_30)
        now = 1_000_000
        monkeypatch.setattr(shift, "_now", lambda: now)
        for _ in range(4):
            assert not rosa.post(START).headers["Location"].startswith(REST)
            now += 9 * 60
        assert rosa.post(START).headers["Location"] == REST
        assert "You have been reading for 36 minutes." in rosa.get(REST).content.decode()
        now += 10 * 60  # that was a break
        assert rosa.get(REST).headers["Location"] == "/desk/queue/"
        assert not rosa.post(START).headers["Location"].startswith(REST)

    def test_never(self, rosa: Client, texts: list[Comment]) -> None:
        choose(rosa, break_after=Break.NEVER)
        assert not read(rosa, 24).startswith(REST)

    def test_no_break_when_nothing_waits(self, rosa: Client, texts: list[Comment]) -> None:
        Comment.objects.filter(pk__in=[text.pk for text in texts[20:]]).delete()
        choose(rosa, break_after=Break.TEXTS_20)
        assert read(rosa, 20).startswith("/desk/queue/?done=")

    def test_the_usual_is_after_forty(self) -> None:
        assert Shift().break_after == Break.TEXTS_40


class TestHowOneReads:
    def test_covered_until_asked_for(self, rosa: Client, texts: list[Comment]) -> None:
        where = rosa.post(START).headers["Location"]
        cover = '<details class="cover" open>'
        assert cover in rosa.get(where).content.decode()
        assert choose(rosa, covered="on") == "/desk/queue/"
        page = rosa.get(where).content.decode()
        assert (cover in page, '<details class="cover">' in page) == (False, True)

    def test_covered_where_texts_go_out_too(self, rosa: Client, texts: list[Comment], listening: Round) -> None:
        read(rosa, 2)
        release = reverse("moderation:release", args=[listening.pk])
        assert "cover" not in rosa.get(release).content.decode()
        choose(rosa, covered="on")
        assert rosa.get(release).content.decode().count('<details class="cover">') == 2

    def test_keys_can_be_turned_off(self, rosa: Client, texts: list[Comment]) -> None:
        where = rosa.post(START).headers["Location"]
        assert "data-keys" in rosa.get(where).content.decode()
        rosa.post(READING, {"break_after": Break.TEXTS_40})
        page = rosa.get(where).content.decode()
        assert ("data-keys" in page, 'id="keys"' in page) == (False, False)

    def test_back_to_the_text_one_came_from(self, rosa: Client, texts: list[Comment], other_facilitator: User) -> None:
        text = texts[3]
        address = f"{READING}?text={text.pk}&session={text.thread.round.dialogue_session_id}"
        answer = rosa.post(address, {"break_after": Break.NEVER})
        assert answer.headers["Location"].startswith(reverse("moderation:item", args=[text.pk]) + "?session=")

    def test_nothing_odd_is_taken(self, rosa: Client, db: None) -> None:
        page = rosa.post(READING, {"break_after": "3 years"}).content.decode()
        assert "Error:" in page
        assert shift.shift_of(rosa.session) == Shift()

    def test_it_is_one_visit_and_one_person(
        self, rosa: Client, client_for: Callable[[User], Client], facilitator: User, peer: User
    ) -> None:
        choose(rosa, covered="on")
        for client in (client_for(facilitator), client_for(peer)):
            assert not shift.shift_of(client.session).covered
