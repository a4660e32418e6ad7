"""Showing a report to the participants for seven full days, and bringing it out."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Participant, User, today
from dialogue.audit.models import AuditEvent
from dialogue.messages.actions import read_by_team, send_message, take_back_message
from dialogue.reports import actions_report, policies
from dialogue.reports.actions import answer_theme, change_theme, offer_theme
from dialogue.reports.actions_report import publish_report, start_preview, take_back_preview
from dialogue.reports.models import Quote, Report, Theme
from dialogue.retention import clock
from dialogue.sessions.models import DialogueSession, State
from dialogue.tallies.models import TallyMark
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.actions_quotes import set_quote_consent
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.reports import stage
from tests.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(facilitator: User, peer: User) -> DialogueSession:
    return stage.over([facilitator, peer])


def fresh(session: DialogueSession) -> Report:
    return Report.objects.select_related("dialogue_session").get(dialogue_session=session.pk)


def closed(session: DialogueSession, *, days: int) -> DialogueSession:
    """The session as if it had ended so many days ago."""
    DialogueSession.objects.filter(pk=session.pk).update(closed_at=timezone.now() - timedelta(days=days))
    session.refresh_from_db()
    return session


# --- Showing it


def test_it_is_shown_with_its_figures(session: DialogueSession, facilitator: User) -> None:
    factories.make_theme(session, "approved")
    stage.people_in(session, 6)
    report = start_preview(session, by=facilitator)
    assert (report.state, report.preview_from) == ("preview", today())
    assert report.figures is not None
    assert report.figures["present"] == 5
    events = AuditEvent.objects.values_list("actor", "verb", "dialogue_session", "detail")
    assert list(events) == [(facilitator.pk, "preview_report", session.pk, "shown")]
    with pytest.raises(NotAllowed, match="no longer where this step starts"):
        start_preview(session, by=facilitator)


def test_figures_are_taken_once(session: DialogueSession, facilitator: User) -> None:
    """Two previews with figures of their own could be compared."""
    factories.make_theme(session, "approved")
    stage.people_in(session, 5)
    figures = start_preview(session, by=facilitator).figures
    take_back_preview(session, by=facilitator)
    stage.people_in(session, 5)
    assert start_preview(session, by=facilitator).figures == figures


@pytest.mark.parametrize("states", [(), ("draft",), ("refused",), ("approved", "offered")])
def test_only_with_an_approved_theme_and_none_that_is_asked_about(
    session: DialogueSession, facilitator: User, states: tuple[str, ...]
) -> None:
    factories.make_report(session)
    for state in states:
        factories.make_theme(session, state)
    with pytest.raises(NotAllowed, match="still asked about" if "offered" in states else "found right"):
        start_preview(session, by=facilitator)
    assert fresh(session).state == "draft"


def test_only_once_the_session_is_over(open_session: DialogueSession, facilitator: User) -> None:
    factories.make_theme(open_session, "approved")
    with pytest.raises(NotAllowed, match="not over yet"):
        start_preview(open_session, by=facilitator)


@pytest.mark.parametrize(("days", "allowed"), [(21, True), (22, True), (23, False), (40, False)])
def test_only_while_all_can_look_for_seven_full_days(
    session: DialogueSession, facilitator: User, days: int, allowed: bool
) -> None:
    factories.make_theme(session, "approved")
    session.time_zone = "UTC"
    session.save(update_fields=["time_zone"])
    closed(session, days=days)
    if allowed:
        assert start_preview(session, by=facilitator).state == "preview"
    else:
        with pytest.raises(NotAllowed, match="can’t come out any more"):
            start_preview(session, by=facilitator)


def test_only_the_team(session: DialogueSession, other_facilitator: User, operator: User) -> None:
    stage.previewed(session)
    for act in (start_preview, take_back_preview, publish_report):
        for stranger in (other_facilitator, operator):
            with pytest.raises(NotAllowed, match="Only the facilitators"):
                act(session, by=stranger)
    assert fresh(session).state == "preview"


def test_taken_back_the_days_start_anew(session: DialogueSession, facilitator: User) -> None:
    stage.previewed(session, days=30)
    take_back_preview(session, by=facilitator)
    assert (fresh(session).state, fresh(session).preview_from) == ("draft", None)
    start_preview(session, by=facilitator)
    with pytest.raises(NotAllowed, match="7 full days"):
        publish_report(session, by=facilitator)


# --- Bringing it out


def test_who_asks_for_a_change_and_names_the_words_does_not_hold_it_up(
    session: DialogueSession, facilitator: User
) -> None:
    words = "People wait in the cold for a long time, and nobody ever says why."
    stage.previewed(session, text=words)
    alias = stage.alias_of(stage.people_in(session, 1)[0], session)
    send_message(
        alias, text=f"Please take this out: {words} My sister has waited there for many nights.", kind="report"
    )
    read_by_team(alias, by=facilitator)
    assert publish_report(session, by=facilitator).state == "published"


def test_what_is_written_anew_does_not_repeat_a_request(session: DialogueSession, facilitator: User) -> None:
    theme = factories.make_theme(session)
    alias = stage.alias_of(stage.people_in(session, 1)[0], session)
    send_message(alias, text="My sister has waited there for so many cold nights.", kind="report")
    with pytest.raises(ValidationError, match="sister"):
        change_theme(theme, title="Waiting", text="My sister has waited there for so many cold nights.", by=facilitator)


@pytest.mark.parametrize(("days", "allowed"), [(0, False), (6, False), (7, False), (8, True), (30, True)])
def test_seven_full_days(session: DialogueSession, facilitator: User, days: int, allowed: bool) -> None:
    stage.previewed(session, days=days)
    if allowed:
        report = publish_report(session, by=facilitator)
        assert (report.state, report.published_on, report.published_by) == ("published", today(), facilitator)
    else:
        with pytest.raises(NotAllowed, match="7 full days"):
            publish_report(session, by=facilitator)
        assert fresh(session).state == "preview"


def test_the_days_are_whole() -> None:
    assert policies.comes_out_from(date(2026, 3, 2)) == date(2026, 3, 10)


def test_not_while_a_request_is_unread(session: DialogueSession, facilitator: User, peer: User) -> None:
    stage.previewed(session)
    first, second = (stage.alias_of(person, session) for person in stage.people_in(session, 2))
    send_message(first, text="Please change the second theme.", kind="report")
    other = send_message(second, text="And the title.", kind="report")
    send_message(second, text="Something else.", kind="question")
    with pytest.raises(NotAllowed, match="nobody has read: 2"):
        publish_report(session, by=facilitator)
    take_back_message(other)
    read_by_team(first, by=peer)
    assert publish_report(session, by=facilitator).state == "published"


def test_a_request_of_who_is_forgotten_or_of_another_session_stops_nothing(
    session: DialogueSession, facilitator: User, peer: User
) -> None:
    stage.previewed(session)
    for one in (session, stage.over([facilitator, peer])):
        alias = stage.alias_of(stage.people_in(one, 1)[0], one)
        send_message(alias, text="Please change it.", kind="report")
        if one == session:
            one.aliases.update(tag=None)
    assert publish_report(session, by=facilitator).state == "published"


def test_not_with_words_that_were_taken_back_since(session: DialogueSession, facilitator: User) -> None:
    """A text came in, or a yes was taken back, after the theme was written."""
    stage.previewed(session, text=stage.KEPT)
    factories.make_comment(session.rounds.get(kind="listening"), text=stage.KEPT, state="returned")
    with pytest.raises(NotAllowed, match="My brother stopped calling"):
        publish_report(session, by=facilitator)
    assert fresh(session).state == "preview"


@pytest.mark.parametrize("act", [start_preview, publish_report])
def test_neither_shown_nor_out_with_a_name(
    session: DialogueSession, facilitator: User, act: Callable[..., object]
) -> None:
    report = stage.previewed(session, text="What Quiet River said.")
    factories.make_alias(session, name="Quiet River")
    if act is start_preview:
        Report.objects.filter(pk=report.pk).update(state="draft", preview_from=None)
    with pytest.raises(NotAllowed, match="“Quiet River”"):
        act(session, by=facilitator)


def test_what_it_says_is_frozen_and_leads_to_no_text(session: DialogueSession, facilitator: User) -> None:
    agency = factories.make_agency("Harbor City Police")
    session.agencies.add(agency)
    report = stage.previewed(session, title="Waiting", text="People wait long.")
    factories.make_theme(session, "draft", title="Not ready")
    factories.make_theme(session, "refused", title="Not right")
    theme = Theme.objects.get(title="Waiting")
    people = stage.people_in(session, 3)
    given, retold, kept = (
        stage.said(session, people[0]),
        stage.said(session, people[1], "I slept outside.", "paraphrase"),
        stage.said(session, people[2], stage.KEPT, "none"),
    )
    factories.make_quote(theme, given)
    factories.make_quote(theme, retold, retold="Somebody slept outside.")
    publish_report(session, by=facilitator)
    frozen, days = fresh(session).content, {"from": session.starts_at.date(), "to": session.ends_at.date()}
    assert frozen is not None
    quotes = sorted(frozen["themes"][0]["quotes"], key=lambda quote: str(quote["words"]))
    assert quotes == [
        {"words": "Somebody slept outside.", "side": "participant", "is_retold": True},
        {"words": stage.GIVEN[:5], "side": "participant", "is_retold": False},
    ]
    assert frozen == {
        "title": session.title,
        "topic": session.topic,
        "from": frozen["from"],
        "to": frozen["to"],
        "label": "chatham",
        "agencies": ["Harbor City Police"],
        "intro": "",
        "themes": [{"title": "Waiting", "text": "People wait long.", "quotes": frozen["themes"][0]["quotes"]}],
        "figures": report.figures,
    }
    assert [abs(date.fromisoformat(frozen[name]) - day).days <= 1 for name, day in days.items()] == [True, True]
    assert not Quote.objects.exists()
    assert list(report.themes.values_list("title", flat=True)) == ["Waiting"]
    assert set(Comment.objects.values_list("quote_consent", flat=True)) == {"none"}
    with pytest.raises(NotAllowed, match="no longer where this step starts"):
        publish_report(session, by=facilitator)
    with pytest.raises(NotAllowed, match="no longer where this step starts"):
        take_back_preview(session, by=facilitator)
    withdraw_comment(kept)
    withdraw_comment(given)
    assert fresh(session).content == frozen


def test_a_listeners_words_are_told_as_a_listeners(session: DialogueSession, facilitator: User, listener: User) -> None:
    report = stage.previewed(session)
    seat = factories.make_seat(session, listener)
    text = factories.make_comment(
        session.rounds.get(kind="listening"), seat=seat, text=stage.GIVEN, state="released", quote_consent="verbatim"
    )
    factories.make_quote(report.themes.get(), text)
    content = publish_report(session, by=facilitator).content
    assert content is not None
    assert [quote["side"] for quote in content["themes"][0]["quotes"]] == ["listener"]
    assert listener.name not in str(content)


def test_a_yes_taken_back_in_the_preview_takes_the_quote_and_no_day(
    session: DialogueSession, facilitator: User
) -> None:
    report = stage.previewed(session)
    text = stage.said(session, stage.people_in(session, 1)[0])
    factories.make_quote(report.themes.get(), text)
    set_quote_consent(text, consent="none")
    assert fresh(session).preview_from == report.preview_from
    content = publish_report(session, by=facilitator).content
    assert content is not None
    assert content["themes"][0]["quotes"] == []


@pytest.mark.django_db(transaction=True)
def test_two_bring_it_out_at_once(facilitator: User, peer: User) -> None:
    session = stage.over([facilitator, peer])
    stage.previewed(session)
    results = at_once(lambda: publish_report(session, by=facilitator), lambda: publish_report(session, by=peer))
    assert sorted(type(result).__name__ for result in results) == ["NotAllowed", "Report"]
    assert AuditEvent.objects.filter(verb="publish_report").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["withdraw", "revoke"])
@pytest.mark.parametrize("of_story", [False, True])
def test_taking_back_races_coming_out(facilitator: User, peer: User, listener: User, way: str, of_story: bool) -> None:
    """Either the words are not in the report, or the author is told that it was out before. A story that a listener
    told back goes with that, too."""
    session = stage.over([facilitator, peer])
    report = stage.previewed(session)
    text = source = stage.said(session, stage.people_in(session, 1)[0])
    if of_story:
        source = stage.told_back(text, factories.make_seat(session, listener))
    factories.make_quote(report.themes.get(), source)

    def take_back() -> object:
        again = Comment.objects.select_related("thread__round").get(pk=text.pk)
        return withdraw_comment(again) if way == "withdraw" else set_quote_consent(again, consent="none")

    out, taken = at_once(lambda: publish_report(session, by=facilitator), take_back)
    assert isinstance(out, Report)
    content: dict[str, Any] = fresh(session).content or {}
    is_in = bool(content["themes"][0]["quotes"])
    if way == "revoke":
        assert isinstance(taken, NotAllowed) is is_in
    assert not Quote.objects.exists()


# --- By the clock


def later(session: DialogueSession, days: int) -> None:
    """The day of its purge has come, wherever it was held."""
    closed(session, days=days)
    DialogueSession.objects.filter(pk=session.pk).update(purge_on=today() - timedelta(days=1))


@pytest.mark.parametrize("state", ["draft", "preview"])
def test_the_purge_deletes_a_report_that_is_not_out(session: DialogueSession, facilitator: User, state: str) -> None:
    report = stage.previewed(session)
    text = stage.said(session, stage.people_in(session, 1)[0])
    factories.make_quote(report.themes.get(), text)
    if state == "draft":
        take_back_preview(session, by=facilitator)
        offered = factories.make_theme(session)
        answering = stage.people_in(session, 1)[0]
        answer_theme(offer_theme(offered, by=facilitator), by=answering, answer="yes")
    later(session, days=74)
    assert clock.purge(session.pk, timezone.now())
    assert (Report.objects.count(), Theme.objects.count(), Quote.objects.count()) == (0, 0, 0)
    assert TallyMark.objects.count() == 0


def test_the_purge_leaves_a_report_that_is_out(session: DialogueSession, facilitator: User) -> None:
    report = stage.previewed(session)
    factories.make_quote(report.themes.get(), stage.said(session, stage.people_in(session, 1)[0]))
    content = publish_report(session, by=facilitator).content
    later(session, days=74)
    assert clock.purge(session.pk, timezone.now())
    session.refresh_from_db()
    assert (session.state, fresh(session).content) == (State.PURGED, content)


def test_once_names_are_cut_off_nobody_is_asked_and_no_mark_is_left(
    session: DialogueSession, facilitator: User
) -> None:
    people: list[Participant] = stage.people_in(session, 2)
    theme = offer_theme(factories.make_theme(session), by=facilitator)
    answer_theme(theme, by=people[0], answer="yes")
    closed(session, days=31)
    assert clock.seal_names(session.pk, timezone.now())
    theme.refresh_from_db()
    assert (theme.state, TallyMark.objects.count()) == ("draft", 0)
    actions_report.stop_asking(session)
