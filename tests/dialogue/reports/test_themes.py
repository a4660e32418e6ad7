"""Themes: written by the team, found right or not by the participants, and nobody learns the numbers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.messages.actions import send_message
from dialogue.reports.actions import (
    answer_theme,
    change_theme,
    count_theme,
    delete_theme,
    offer_theme,
    raise_theme,
    take_back_theme,
    write_intro,
    write_theme,
)
from dialogue.reports.models import Report, Theme
from dialogue.reports.policies import is_approved
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.sessions.models_objections import Objection
from dialogue.tallies.models import Tally, TallyMark
from dialogue.threads.actions import withdraw_comment
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.reports import stage
from tests.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(facilitator: User, peer: User) -> DialogueSession:
    return stage.over([facilitator, peer])


@pytest.fixture
def here(session: DialogueSession) -> list[Participant]:
    return stage.people_in(session)


@pytest.fixture
def theme(session: DialogueSession, facilitator: User) -> Theme:
    return write_theme(session, title="Waiting", text="People wait, and nobody says why.", by=facilitator)


def fresh(theme: Theme) -> Theme:
    return Theme.objects.select_related("report__dialogue_session").get(pk=theme.pk)


def say(theme: Theme, here: list[Participant], *answers: str) -> None:
    for person, answer in zip(here, answers, strict=False):
        answer_theme(theme, by=person, answer=answer)


def titles(session: DialogueSession) -> list[str]:
    return list(Theme.objects.filter(report__dialogue_session=session).values_list("title", flat=True))


# --- Writing


def test_a_theme_is_written_changed_ordered_and_deleted(
    session: DialogueSession, theme: Theme, facilitator: User, peer: User
) -> None:
    second = write_theme(session, title="Tents", text="Tents are taken.", by=peer)
    raise_theme(second, by=facilitator)
    assert titles(session) == ["Tents", "Waiting"]
    raise_theme(second, by=facilitator)  # the first stays
    change_theme(theme, title="Long waits", text="People wait long.", by=peer)
    assert titles(session) == ["Tents", "Long waits"]
    assert fresh(theme).written_by == peer
    delete_theme(second, by=facilitator)
    assert titles(session) == ["Long waits"]
    assert write_intro(session, intro="Twelve people met.", by=peer).intro == "Twelve people met."


def test_the_same_sent_twice_is_one_theme(session: DialogueSession, theme: Theme, facilitator: User) -> None:
    again = write_theme(session, title=theme.title, text=theme.text, by=facilitator)
    assert (again.pk, titles(session)) == (theme.pk, ["Waiting"])


def test_only_the_team_writes(
    session: DialogueSession, theme: Theme, other_facilitator: User, operator: User, listener: User
) -> None:
    for stranger in (other_facilitator, operator, listener):
        for act in (
            lambda by: write_theme(session, title="A", text="B", by=by),
            lambda by: write_intro(session, intro="A", by=by),
            lambda by: change_theme(theme, title="A", text="B", by=by),
            lambda by: delete_theme(theme, by=by),
            lambda by: raise_theme(theme, by=by),
            lambda by: offer_theme(theme, by=by),
            lambda by: count_theme(theme, by=by),
            lambda by: take_back_theme(theme, by=by),
        ):
            with pytest.raises(NotAllowed, match="Only the facilitators"):
                act(stranger)
    assert (fresh(theme).title, fresh(theme).state) == ("Waiting", "draft")


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (State.DRAFT, False),
        (State.ANNOUNCED, False),
        (State.PREPARING, False),
        (State.OPEN, True),
        (State.FOLLOW_UP, True),
        (State.CANCELLED, False),
        (State.PURGED, False),
    ],
)
def test_when_a_report_is_written(facilitator: User, state: State, allowed: bool) -> None:
    session = factories.make_session(state, team=[facilitator])
    if allowed:
        assert write_theme(session, title="A", text="B", by=facilitator).number == 1
    else:
        with pytest.raises(NotAllowed, match="can’t be changed"):
            write_theme(session, title="A", text="B", by=facilitator)
        assert not Report.objects.exists()


@pytest.mark.parametrize("state", [Report.State.PREVIEW, Report.State.PUBLISHED])
def test_what_is_shown_or_out_is_not_changed(session: DialogueSession, facilitator: User, state: str) -> None:
    factories.make_report(session, state)
    theme = factories.make_theme(session)
    for act in (
        lambda: write_theme(session, title="A", text="B", by=facilitator),
        lambda: write_intro(session, intro="A", by=facilitator),
        lambda: change_theme(theme, title="A", text="B", by=facilitator),
        lambda: delete_theme(theme, by=facilitator),
        lambda: raise_theme(theme, by=facilitator),
        lambda: offer_theme(theme, by=facilitator),
        lambda: take_back_theme(theme, by=facilitator),
    ):
        with pytest.raises(NotAllowed, match="can’t be changed"):
            act()


@pytest.mark.parametrize("state", ["offered", "approved"])
def test_what_is_asked_about_or_approved_is_not_changed(
    session: DialogueSession, facilitator: User, state: str
) -> None:
    theme = factories.make_theme(session, state)
    for act in (
        lambda: change_theme(theme, title="A", text="B", by=facilitator),
        lambda: delete_theme(theme, by=facilitator),
    ):
        with pytest.raises(NotAllowed, match="Take it back first"):
            act()
    take_back_theme(theme, by=facilitator)
    assert change_theme(theme, title="A", text="B", by=facilitator).state == "draft"


def test_a_theme_that_somebody_deleted(theme: Theme, facilitator: User, peer: User) -> None:
    delete_theme(theme, by=peer)
    with pytest.raises(NotAllowed, match="not there any more"):
        change_theme(theme, title="A", text="B", by=facilitator)


# --- Words that were not given


@pytest.mark.parametrize("state", ["held", "approved", "released", "proposed", "returned"])
@pytest.mark.parametrize("field", ["title", "text", "intro"])
def test_no_words_of_a_text_whatever_its_state(
    session: DialogueSession, facilitator: User, state: str, field: str
) -> None:
    factories.make_comment(session.rounds.get(kind="listening"), text=stage.KEPT, state=state)
    part = "My brother stopped calling anyone for help after"
    words = {"title": "A title", "text": "A text"} | {field: f"So: {part.upper()}!"}
    writing: dict[str, Callable[[], object]] = {
        "intro": lambda: write_intro(session, intro=words["intro"], by=facilitator),
        "theme": lambda: write_theme(session, title=words["title"], text=words["text"], by=facilitator),
    }
    with pytest.raises(ValidationError, match=f"“{part.upper()}”"):
        writing.get(field, writing["theme"])()
    assert titles(session) == []


def test_words_that_were_given_stand_in_quotes_only(
    session: DialogueSession, here: list[Participant], theme: Theme, facilitator: User
) -> None:
    stage.said(session, here[0])
    with pytest.raises(ValidationError, match="repeats words of a text"):
        change_theme(theme, title="Cold", text=stage.GIVEN, by=facilitator)


def test_no_words_that_were_written_in_private(
    session: DialogueSession, here: list[Participant], facilitator: User
) -> None:
    alias = stage.alias_of(here[0], session)
    send_message(alias, text=f"Between us: {stage.KEPT}", kind="question")
    objection = Objection(dialogue_session=session, alias=alias, seat=factories.make_seat(session, state="applied"))
    objection.body = vault.seal(session.pk, objection.pk, stage.GIVEN)
    objection.save()
    for words in (stage.KEPT, stage.GIVEN):
        with pytest.raises(ValidationError):
            write_theme(session, title="A title", text=words, by=facilitator)


def test_no_names_of_participants(session: DialogueSession, facilitator: User) -> None:
    factories.make_alias(session, name="Quiet River")
    with pytest.raises(ValidationError, match="“quiet river”"):
        write_theme(session, title="A title", text="What quiet river told us.", by=facilitator)
    other = stage.over([facilitator])
    assert write_theme(other, title="A title", text="The quiet river.", by=facilitator).state == "draft"


def test_words_of_a_text_written_later_stop_the_asking(session: DialogueSession, facilitator: User) -> None:
    theme = write_theme(session, title="A title", text=stage.KEPT, by=facilitator)
    text = factories.make_comment(session.rounds.get(kind="listening"), text=stage.KEPT)
    with pytest.raises(ValidationError):
        offer_theme(theme, by=facilitator)
    withdraw_comment(text)
    assert offer_theme(theme, by=facilitator).state == "offered"


# --- Asking and counting


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, False),
        ({"pass": 5}, False),
        ({"yes": 1}, True),
        ({"yes": 1, "pass": 9}, True),
        ({"yes": 2, "no": 2}, False),
        ({"yes": 3, "no": 2}, True),
        ({"no": 1}, False),
    ],
)
def test_more_yes_than_no(counts: dict[str, int], expected: bool) -> None:
    assert is_approved(counts) is expected


@pytest.mark.parametrize(
    ("answers", "state"), [(("yes", "no", "yes"), "approved"), (("yes", "no"), "refused"), (("pass",) * 3, "refused")]
)
def test_the_participants_decide_and_nothing_is_left(
    theme: Theme, here: list[Participant], facilitator: User, peer: User, answers: tuple[str, ...], state: str
) -> None:
    offer_theme(theme, by=facilitator)
    say(theme, here, *answers)
    assert count_theme(theme, by=peer).state == state
    assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)
    events = AuditEvent.objects.filter(verb__in=("offer_theme", "count_theme")).order_by("verb")
    session = theme.report.dialogue_session_id
    assert list(events.values_list("actor", "verb", "dialogue_session", "detail")) == [
        (peer.pk, "count_theme", session, state),
        (facilitator.pk, "offer_theme", session, ""),
    ]


def test_too_few_answers_are_not_counted(theme: Theme, here: list[Participant], facilitator: User) -> None:
    offer_theme(theme, by=facilitator)
    say(theme, here, "yes")
    with pytest.raises(NotAllowed, match="Not enough participants"):
        count_theme(theme, by=facilitator)
    assert (fresh(theme).state, TallyMark.objects.count()) == ("offered", 1)


def test_an_answer_counts_once(theme: Theme, here: list[Participant], facilitator: User) -> None:
    offer_theme(theme, by=facilitator)
    say(theme, here, "no")
    with pytest.raises(NotAllowed, match="answered this before"):
        say(theme, here, "yes")
    assert Tally.objects.get().waiting == {"no": 1}


def test_who_can_not_answer(
    session: DialogueSession, theme: Theme, here: list[Participant], other_participant: Participant, facilitator: User
) -> None:
    offer_theme(theme, by=facilitator)
    session.aliases.filter(tag=factories.tag_of(here[0], session)).update(removed=True)
    session.aliases.filter(tag=factories.tag_of(here[1], session)).update(tag=None)
    for person in (other_participant, here[0], here[1]):
        with pytest.raises(NotAllowed, match="no place"):
            answer_theme(theme, by=person, answer="yes")
    with pytest.raises(NotAllowed, match="one of the three"):
        answer_theme(theme, by=here[2], answer="maybe")
    assert not TallyMark.objects.exists()


@pytest.mark.parametrize("state", ["draft", "approved", "refused"])
def test_only_what_is_asked_is_answered_and_counted(
    session: DialogueSession, here: list[Participant], facilitator: User, state: str
) -> None:
    theme = factories.make_theme(session, state)
    with pytest.raises(NotAllowed, match="can’t be answered"):
        answer_theme(theme, by=here[0], answer="yes")
    with pytest.raises(NotAllowed, match="counted or taken back"):
        count_theme(theme, by=facilitator)
    if state != "draft":
        with pytest.raises(NotAllowed):
            offer_theme(theme, by=facilitator)
    assert fresh(theme).state == state


def test_a_refused_theme_is_written_anew_and_asked_again(
    theme: Theme, here: list[Participant], facilitator: User
) -> None:
    offer_theme(theme, by=facilitator)
    say(theme, here, "no", "no")
    count_theme(theme, by=facilitator)
    with pytest.raises(ValidationError, match="Change them first"):
        change_theme(theme, title=theme.title, text=theme.text, by=facilitator)
    change_theme(theme, title=theme.title, text="People wait long.", by=facilitator)
    offer_theme(theme, by=facilitator)
    say(theme, here, "yes", "yes")  # whoever answered before answers again
    assert count_theme(theme, by=facilitator).state == "approved"


def test_asking_is_stopped_and_no_answer_is_left(theme: Theme, here: list[Participant], facilitator: User) -> None:
    offer_theme(theme, by=facilitator)
    say(theme, here, "yes", "yes")
    assert take_back_theme(theme, by=facilitator).state == "draft"
    assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)
    with pytest.raises(NotAllowed, match="can be changed already"):
        take_back_theme(theme, by=facilitator)


def test_nobody_is_asked_before_the_closing(open_session: DialogueSession, facilitator: User) -> None:
    theme = write_theme(open_session, title="A", text="B", by=facilitator)
    with pytest.raises(NotAllowed, match="closing round"):
        offer_theme(theme, by=facilitator)
    open_session.rounds.update(state=Round.State.DONE)
    factories.make_round(open_session, RoundKind.CLOSING, Round.State.OPEN)
    assert offer_theme(theme, by=facilitator).state == "offered"


def test_nobody_is_asked_once_names_are_cut_off(session: DialogueSession, theme: Theme, facilitator: User) -> None:
    DialogueSession.objects.update(closed_at=session.closed_at - timedelta(days=30))  # type: ignore[operator]
    with pytest.raises(NotAllowed, match="until their names are cut off"):
        offer_theme(fresh(theme), by=facilitator)


@pytest.mark.django_db(transaction=True)
def test_answers_race_the_count(facilitator: User, peer: User) -> None:
    session = stage.over([facilitator, peer])
    here = stage.people_in(session, 5)
    theme = offer_theme(write_theme(session, title="A", text="B", by=facilitator), by=facilitator)
    say(theme, here[:2], "yes", "yes")

    def count(by: User) -> Callable[[], object]:
        return lambda: count_theme(fresh(theme), by=by)

    def late(person: Participant) -> Callable[[], object]:
        return lambda: answer_theme(fresh(theme), by=person, answer="no")

    results = at_once(count(facilitator), count(peer), *map(late, here[2:]))
    refused = [isinstance(result, NotAllowed) for result in results]
    assert sorted(refused[:2]) == [False, True]
    assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)
    assert fresh(theme).state == ("refused" if refused[2:].count(False) >= 2 else "approved")


@pytest.mark.django_db(transaction=True)
def test_one_person_answers_twice_at_once(facilitator: User, peer: User) -> None:
    session = stage.over([facilitator, peer])
    here = stage.people_in(session, 1)
    theme = offer_theme(write_theme(session, title="A", text="B", by=facilitator), by=facilitator)
    results = at_once(*[lambda: answer_theme(fresh(theme), by=here[0], answer="yes")] * 2)
    assert sorted(isinstance(result, NotAllowed) for result in results) == [False, True]
    assert Tally.objects.get().waiting == {"yes": 1}
