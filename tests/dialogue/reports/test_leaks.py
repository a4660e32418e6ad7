"""Planted words that nobody gave to the report are looked for everywhere once it is out; the given ones are there."""

import json
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from accounts.models import Participant, User, today
from dialogue.messages.actions import send_message
from dialogue.notes.actions import write_note
from dialogue.reports.actions import answer_theme, count_theme, offer_theme, write_intro, write_theme
from dialogue.reports.actions_quotes import quote_retold, quote_verbatim
from dialogue.reports.actions_report import publish_report, start_preview
from dialogue.reports.models import Report
from dialogue.reports.policies import PREVIEW_DAYS
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.models_objections import Objection
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.actions_quotes import set_quote_consent
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests import test_urls as by_address
from tests.dialogue.reports import stage
from tests.test_promised_walks import pages_of
from tests.url_table import VIEWERS

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
people, targets = by_address.people, by_address.targets

#: Never out, or taken back: found by nobody but their authors and the team, on pages that are not about reports.
UNSEEN = ("returned", "withdrawn", "held", "appealed", "note", "message", "objection")
#: Out in the room, but not given to the report, or not word for word.
NOT_GIVEN = ("unconsented", "paraphrase", "revoked")
GIVEN = "given"
#: Where people of a session read and handle its texts.
INSIDE = ("threads:", "reflections:", "moderation:", "messages:", "notes:", "sessions:objection")


def marked(name: str) -> str:
    """Nine words, one of which is found nowhere else."""
    return f"On that night the {mark(name)} went past all of us"


def mark(name: str) -> str:
    return f"zq{name}zq"


@pytest.fixture
def out(
    open_session: DialogueSession, people: dict[str, Any], targets: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """A session with every kind of text and a report that is out; the addresses name it."""
    facilitator = people["facilitator"]
    session = stage.over(list(open_session.facilitators.all()))
    factories.make_alias(session, people["participant"], name="Quiet River")
    factories.make_seat(session, people["listener"])
    author, *others = stage.people_in(session, 4)
    plant(session, author, facilitator)
    theme = _written(session, author, facilitator)
    offer_theme(theme, by=facilitator)
    for person in others:
        answer_theme(theme, by=person, answer="yes")
    count_theme(theme, by=facilitator)
    start_preview(session, by=facilitator)
    revoked = session.rounds.get(kind="listening").thread.comments.get(batch=9)
    set_quote_consent(revoked, consent="none")
    Report.objects.filter(dialogue_session=session).update(
        preview_from=today().fromordinal(today().toordinal() - PREVIEW_DAYS - 1)
    )
    report = publish_report(session, by=facilitator)
    return targets | {
        "session": {"pk": session.pk},
        "previewed": {"pk": session.pk},
        "report": {"pk": report.pk},
        "theme": {"pk": report.themes.get().pk},
    }


def plant(session: DialogueSession, author: Participant, facilitator: User) -> None:
    """Every kind of words that could leak."""
    listening, alias = session.rounds.get(kind="listening"), stage.alias_of(author, session)
    for state in ("returned", "held", "appealed"):
        factories.make_comment(listening, alias, text=marked(state), state=state)
    withdrawn = factories.make_comment(listening, alias, text=marked("withdrawn"), state="released")
    for name, consent in (("unconsented", "none"), ("paraphrase", "paraphrase"), (GIVEN, "verbatim")):
        factories.make_comment(listening, alias, text=marked(name), state="released", quote_consent=consent)
    factories.make_comment(
        listening, alias, text=marked("revoked"), state="released", quote_consent="verbatim", batch=9
    )
    for name in ("returned", "withdrawn", "held", "unconsented"):
        _is_refused(lambda name=name: write_theme(session, title="A title", text=marked(name), by=facilitator))
    withdraw_comment(withdrawn)
    write_note(session=session, text=marked("note"), shared=True, by=facilitator)
    send_message(alias, text=marked("message"), kind="question")
    objection = Objection(dialogue_session=session, alias=alias, seat=session.seats.get())
    objection.body = vault.seal(session.pk, objection.pk, marked("objection"))
    objection.save()


def _is_refused(act: Callable[..., object]) -> None:
    with pytest.raises((ValidationError, NotAllowed)):
        act()


def _written(session: DialogueSession, author: Participant, facilitator: User) -> Any:
    """A theme with a quote of each kind; what must not be in it is tried and refused."""
    texts = {
        name: text
        for text in session.rounds.get(kind="listening").thread.comments.filter(state="released")
        for name in (GIVEN, *NOT_GIVEN)
        if mark(name) in vault.unseal(session.pk, text.pk, text.body or b"")
    }
    for name in ("message", "objection", "paraphrase", "revoked"):
        words = marked(name)
        _is_refused(lambda words=words: write_intro(session, intro=words, by=facilitator))
    theme = write_theme(session, title="That night", text="People went by, and no one stopped.", by=facilitator)
    _is_refused(lambda: quote_verbatim(theme, texts["unconsented"], excerpt="all of us", by=facilitator))
    _is_refused(lambda: quote_verbatim(theme, texts["paraphrase"], excerpt="all of us", by=facilitator))
    _is_refused(lambda: quote_retold(theme, texts["paraphrase"], words=marked("paraphrase"), by=facilitator))
    quote_retold(theme, texts["paraphrase"], words="Somebody saw a car that did not stop.", by=facilitator)
    quote_verbatim(theme, texts[GIVEN], excerpt=marked(GIVEN), by=facilitator)
    quote_verbatim(theme, texts["revoked"], excerpt=marked("revoked"), by=facilitator)
    return theme


def found_in(text: str, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if mark(name) in text]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_no_page_of_anybody_shows_what_was_not_given(
    viewer: str, out: dict[str, dict[str, Any]], people: dict[str, Any], client_for: ClientFor
) -> None:
    pages = {
        name: unescape(answer.content.decode())
        for name, answer in pages_of(viewer, client_for(people[viewer]), out)
        if answer.status_code == 200
    }
    outside = {name: html for name, html in pages.items() if not name.startswith(INSIDE)}
    everywhere = outside if viewer == "facilitator" else pages
    assert len(outside) > 10
    assert {name: found for name, html in everywhere.items() if (found := found_in(html, UNSEEN))} == {}
    assert {name: found for name, html in outside.items() if (found := found_in(html, NOT_GIVEN))} == {}
    assert [name for name, html in outside.items() if "Quiet River" in html and name.startswith("reports:")] == []
    given = [name for name, html in outside.items() if marked(GIVEN) in html]
    assert given == ["reports:detail"]
    assert "Somebody saw a car that did not stop." in pages["reports:detail"]


def test_no_row_and_no_mail_holds_it_either(out: dict[str, dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        rows = []
        for table in ("dialogue_report", "dialogue_theme", "dialogue_quote", "dialogue_tally", "dialogue_auditevent"):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            rows += [row for (row,) in cursor.fetchall()]
    stored = unescape("\n".join(rows))
    assert found_in(stored, (*UNSEEN, *NOT_GIVEN)) == []
    assert marked(GIVEN) in stored
    aliases = list(DialogueSession.objects.get(pk=out["session"]["pk"]).aliases.values_list("name", flat=True))
    content = json.dumps(Report.objects.get(pk=out["report"]["pk"]).content)
    assert [name for name in aliases if name.casefold() in content.casefold()] == []
    assert [message.subject for message in mail.outbox] == []
