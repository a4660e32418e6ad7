"""The pages of notes, and that nobody else comes to see one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.notes import actions, queries
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import DialogueSession, Round
from dialogue.threads.models import Comment
from tests import test_urls as by_address
from tests.factories import make_comment
from tests.url_table import ROWS

targets = by_address.targets
ClientFor = Callable[[User | Participant | None], Client]


def list_url(session: DialogueSession) -> str:
    return reverse("notes:list", args=[session.pk])


def test_a_facilitator_writes_changes_and_deletes(
    client_for: ClientFor, facilitator: User, open_session: DialogueSession
) -> None:
    client = client_for(facilitator)
    assert "No notes yet." in client.get(list_url(open_session)).content.decode()
    new = reverse("notes:create", args=[open_session.pk])
    assert client.get(new)["Refresh"].startswith("3600")
    round_two = open_session.rounds.get(number=2)
    sent = client.post(new, {"body": "It was <quiet> today.", "round": round_two.pk, "shared": "on"})
    assert sent["Location"] == list_url(open_session)
    note = FacilitatorNote.objects.get()
    page = client.get(list_url(open_session)).content.decode()
    assert "It was &lt;quiet&gt; today." in page
    assert "Round 2: Listening" in page
    edit = reverse("notes:edit", args=[note.pk])
    assert "It was &lt;quiet&gt; today." in client.get(edit).content.decode()
    client.post(edit, {"body": "It was loud.", "is_closing_note": "on"})
    note.refresh_from_db()
    assert (queries.text_of(note), note.shared, note.is_closing_note, note.round) == (
        "It was loud.",
        False,
        True,
        round_two,
    )
    delete = reverse("notes:delete", args=[note.pk])
    assert "This can’t be undone." in client.get(delete).content.decode()
    assert client.post(delete)["Location"] == list_url(open_session)
    assert not FacilitatorNote.objects.exists()
    assert client.post(delete).status_code == 404


def test_a_note_about_a_text_says_so(client_for: ClientFor, facilitator: User, open_session: DialogueSession) -> None:
    comment = make_comment(open_session.rounds.get(number=2))
    client = client_for(facilitator)
    url = reverse("notes:create", args=[open_session.pk]) + f"?comment={comment.pk}"
    assert "About: A text in round 2" in client.get(url).content.decode()
    client.post(url, {"body": "Hold this one back."})
    assert FacilitatorNote.objects.get().comment == comment
    for bad in ("0", open_session.pk):
        assert client.get(reverse("notes:create", args=[open_session.pk]) + f"?comment={bad}").status_code == 404


def test_a_note_about_an_open_text_leads_back_to_it(
    client_for: ClientFor, facilitator: User, open_session: DialogueSession
) -> None:
    comment = make_comment(open_session.rounds.get(number=2), claimed_by=facilitator)
    url = f"{reverse('notes:create', args=[open_session.pk])}?comment={comment.pk}"
    client = client_for(facilitator)
    assert "autofocus" in client.get(url).content.decode()
    assert client.post(url, {"body": "Look at it together."}).headers["Location"] == f"/desk/queue/{comment.pk}/"


def test_what_is_wrong_comes_back_with_the_words(
    client_for: ClientFor, facilitator: User, open_session: DialogueSession
) -> None:
    client = client_for(facilitator)
    new = reverse("notes:create", args=[open_session.pk])
    assert "Please write something." in client.post(new, {"body": " ", "shared": "on"}).content.decode()
    long = client.post(new, {"body": "y" * 3002}).content.decode()
    assert "2 characters too many." in long
    assert "y" * 3002 in long
    assert not FacilitatorNote.objects.exists()


@pytest.mark.promise("P12")
def test_reading_a_colleagues_note_is_recorded_and_ones_own_is_not(
    client_for: ClientFor, facilitator: User, peer: User, open_session: DialogueSession
) -> None:
    for shared in (True, True, False):
        actions.write_note(session=open_session, text="For the team", shared=shared, by=peer)
    AuditEvent.objects.all().delete()
    client_for(peer).get(list_url(open_session))
    assert not AuditEvent.objects.exists()
    client_for(facilitator).get(list_url(open_session))
    assert list(AuditEvent.objects.values_list("verb", "actor", "dialogue_session", "detail")) == [
        ("read_notes", facilitator.pk, open_session.pk, "2")
    ]


def test_the_pages_are_for_the_team_and_changes_for_the_author(
    client_for: ClientFor,
    facilitator: User,
    peer: User,
    other_facilitator: User,
    operator: User,
    listener: User,
    participant: Participant,
    open_session: DialogueSession,
) -> None:
    note = actions.write_note(session=open_session, text="For the team", shared=True, by=facilitator)
    pages = [reverse(f"notes:{name}", args=[open_session.pk]) for name in ("list", "create")]
    own = [reverse(f"notes:{name}", args=[note.pk]) for name in ("edit", "delete")]
    for person in (other_facilitator, operator, listener, participant):
        for url in pages + own:
            assert client_for(person).get(url).status_code == 404
            assert client_for(person).post(url, {"body": "x"}).status_code in (404, 405)
    for url in own:
        assert client_for(peer).get(url).status_code == 404
        assert client_for(peer).post(url, {"body": "x"}).status_code == 404
    assert queries.text_of(FacilitatorNote.objects.get()) == "For the team"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    client_for: ClientFor,
    facilitator: User,
    open_session: DialogueSession,
    django_assert_num_queries: Callable,
    count: int,
) -> None:
    held = open_session.rounds.get(number=2)
    for _ in range(count):
        actions.write_note(session=open_session, text="One", shared=False, by=facilitator)
        actions.write_note(session=open_session, text="Two", shared=False, by=facilitator, comment=make_comment(held))
    client = client_for(facilitator)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(list_url(open_session))


LIST_QUERIES = 6


def test_a_notes_words_are_on_no_page_of_anybody_else(
    client_for: ClientFor,
    facilitator: User,
    peer: User,
    other_facilitator: User,
    operator: User,
    listener: User,
    participant: Participant,
    open_session: DialogueSession,
    targets: dict[str, dict[str, Any]],
) -> None:
    """Every address of the site is asked for what stands in this session, with notes about all that may have one."""
    held = Round.objects.get(pk=targets["round"]["pk"])
    comment = Comment.objects.get(pk=targets["held"]["pk"])
    for words, shared in (("OWN-MARKER", False), ("TEAM-MARKER", True)):
        for about in ({}, {"round": held}, {"comment": comment}, {"is_closing_note": True}):
            actions.write_note(session=open_session, text=words, shared=shared, by=facilitator, **about)
    urls = {reverse(row.name, kwargs=targets[row.target]) for row in ROWS} - {reverse("accounts:exit")}
    assert list_url(open_session) in urls

    def shown(client: Client, url: str) -> list[bool]:
        client.raise_request_exception = False
        answer = client.get(url)
        words = b"" if answer.streaming else answer.content
        return [marker in words for marker in (b"OWN-MARKER", b"TEAM-MARKER")]

    for person in (None, participant, listener, other_facilitator, operator):
        client = client_for(person)
        assert [url for url in sorted(urls) if any(shown(client, url))] == []
    colleague = client_for(peer)
    assert [url for url in sorted(urls) if any(shown(colleague, url))] == [list_url(open_session)]
    assert shown(client_for(peer), list_url(open_session)) == [False, True]
    assert shown(client_for(facilitator), list_url(open_session)) == [True, True]
