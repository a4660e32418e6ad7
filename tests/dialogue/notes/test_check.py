"""The protective check on facilitators' notes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.notes import queries
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import DialogueSession, ListenerSeat
from tests.dialogue.threads.test_check import marks, next_fields
from tests.factories import make_alias

ClientFor = Callable[[User | Participant | None], Client]
TEXT = "Amber Brook may be Leroy from case 22-CR-0519."


@pytest.fixture
def browser(client_for: ClientFor, facilitator: User) -> Client:
    return client_for(facilitator)


@pytest.fixture
def new(open_session: DialogueSession) -> str:
    return reverse("notes:create", args=[open_session.pk])


def kept() -> list[str | None]:
    return [queries.text_of(note) for note in FacilitatorNote.objects.all()]


def test_a_note_comes_back_once_with_marks(browser: Client, new: str, open_session: DialogueSession) -> None:
    make_alias(open_session, name="Amber Brook")
    asked = browser.post(new, {"body": TEXT, "shared": "on"})
    page = asked.content.decode()
    assert [words for words, _label in marks(page)] == ["Leroy", "case 22-CR-0519"]
    assert "These words could show who somebody is." in page
    assert f">\n{TEXT}</textarea>" in page
    assert kept() == []
    sent: dict[str, Any] = next_fields(asked) | {"body": TEXT, "shared": "on", "as_is": "1"}
    assert browser.post(new, sent).status_code == 302
    assert (kept(), FacilitatorNote.objects.get().shared) == ([TEXT], True)


def test_a_note_without_findings_is_saved_at_once(browser: Client, new: str) -> None:
    assert browser.post(new, {"body": "Tired today; short answers."}).status_code == 302
    assert kept() == ["Tired today; short answers."]


def test_names_that_everybody_in_the_session_reads_are_not_marked(
    browser: Client, new: str, facilitator: User, seat: ListenerSeat
) -> None:
    body = f"Ask {facilitator.name} and {seat.listener.name} to begin."
    assert browser.post(new, {"body": body}).status_code == 302


def test_a_changed_note_is_checked_too(browser: Client, new: str) -> None:
    browser.post(new, {"body": "Short answers."})
    edit = reverse("notes:edit", args=[FacilitatorNote.objects.get().pk])
    asked = browser.post(edit, {"body": TEXT})
    assert (asked.status_code, kept()) == (200, ["Short answers."])
    more = browser.post(edit, next_fields(asked) | {"body": f"{TEXT} 215-555-0142", "as_is": "1"})
    assert (more.status_code, len(marks(more.content.decode()))) == (200, 3)
    assert browser.post(edit, next_fields(asked) | {"body": TEXT, "as_is": "1"}).status_code == 302
    assert kept() == [TEXT]


def test_too_long_is_said_first(browser: Client, new: str) -> None:
    page = browser.post(new, {"body": "Leroy! " * 500}).content.decode()
    assert "499 characters too many." in page
    assert marks(page) == []
