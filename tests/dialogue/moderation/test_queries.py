"""What waits, for how long, and what is ready."""

import pytest
import time_machine

from accounts.models import User
from dialogue.moderation.actions import approve_comment, return_comment
from dialogue.moderation.queries import (
    age_of,
    next_waiting,
    oldest_wait_hours,
    read_queue,
    ready_rounds,
    waiting_in,
    what_happened,
)
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.threads.models import Comment
from dialogue.threads.periods import EPOCH, current_period
from tests import factories


def test_waiting_figures(open_session: DialogueSession, listening: Round) -> None:
    assert (oldest_wait_hours(open_session), waiting_in(open_session).count()) == (None, 0)
    for back in (0, 6, 2):
        factories.make_comment(listening, period=current_period() - back)
    factories.make_comment(listening, state="approved")
    assert (oldest_wait_hours(open_session), waiting_in(open_session).count()) == (24, 3)


def test_removed_participants_don_t_count(open_session: DialogueSession, listening: Round) -> None:
    gone = factories.make_alias(open_session, removed=True)
    factories.make_comment(listening, gone)
    assert (oldest_wait_hours(open_session), waiting_in(open_session).count()) == (None, 0)


def test_oldest_first_then_by_random_id(listening: Round, facilitator: User) -> None:
    made = [factories.make_comment(listening, period=period) for period in (9, 3, 9, 3, 5)]
    expected = sorted(made, key=lambda comment: (comment.period or 0, comment.pk))
    assert [row["pk"] for row in read_queue(facilitator, only=None, after="").rows] == [one.pk for one in expected]


def test_pages_of_fifty(listening: Round, alias: Alias, facilitator: User) -> None:
    for number in range(53):
        factories.make_comment(listening, alias, period=number // 4)
    first = read_queue(facilitator, only=None, after="")
    second = read_queue(facilitator, only=None, after=first.after)
    assert (len(first.rows), len(second.rows), second.after) == (50, 3, "")
    assert len({row["pk"] for row in first.rows + second.rows}) == 53


@pytest.mark.parametrize("after", ["x", "1-", "1-" + "z" * 36, "1-" + "-" * 36, "99999999999999999999-" + "a" * 36])
def test_nonsense_is_the_first_page(listening: Round, facilitator: User, after: str) -> None:
    factories.make_comment(listening)
    assert len(read_queue(facilitator, only=None, after=after).rows) == 1


def test_lists_hold_no_words(listening: Round, seat: ListenerSeat, facilitator: User) -> None:
    factories.make_comment(listening, seat=seat, text="Hidden words")
    row = read_queue(facilitator, only=None, after="").rows[0]
    assert (row["name"], row["is_listener"], row["is_answer"]) == ("Marcus Hale", True, False)
    assert "Hidden" not in str(row)
    assert "body" not in row


def test_only_ones_own_sessions(listening: Round, facilitator: User, other_facilitator: User) -> None:
    factories.make_comment(listening)
    factories.make_comment(listening, state="approved")
    elsewhere = factories.make_round(factories.make_session(State.OPEN, team=[other_facilitator]))
    factories.make_comment(elsewhere)
    queue = read_queue(other_facilitator, only=None, after="")
    assert [row["number"] for row in queue.rows] == [elsewhere.number]
    assert read_queue(other_facilitator, only=listening.dialogue_session_id, after="").rows == []
    assert ready_rounds(other_facilitator, None) == []
    assert len(ready_rounds(facilitator, None)) == 1


def test_ready_rounds_count_authors(
    listening: Round, alias: Alias, other_alias: Alias, seat: ListenerSeat, facilitator: User
) -> None:
    for author in ({"alias": alias}, {"alias": alias}, {"alias": other_alias}, {"seat": seat}):
        factories.make_comment(listening, state="approved", **author)
    row = ready_rounds(facilitator, listening.dialogue_session_id)[0]
    assert (row["round_pk"], row["texts"], row["authors"]) == (listening.pk, 4, 3)


def test_ready_rounds_say_what_waits_for_what(
    open_session: DialogueSession, listening: Round, alias: Alias, seat: ListenerSeat, facilitator: User
) -> None:
    def waits_for() -> str:
        return str(ready_rounds(facilitator, open_session.pk)[0]["waits_for"])

    factories.make_comment(listening, alias, state="approved")
    assert "Wait until another participant’s text" in waits_for()
    Round.objects.filter(pk=listening.pk).update(state="done")
    assert "only if the round is opened again" in waits_for()
    held = factories.make_comment(listening)
    assert "Wait until another participant’s text" in waits_for()
    for author in (seat, factories.make_seat(open_session)):
        factories.make_comment(listening, seat=author, state="approved")
    assert waits_for() == "1 text of one participant waits until another participant’s text is approved."
    held.delete()
    assert waits_for().startswith("1 text of one participant is left. This round is closed")


@pytest.mark.parametrize(
    ("back", "kind", "words"),
    [
        (0, "doing", "Less than 4 hours (promised: 24 h)"),
        (5, "doing", "About 20 hours (promised: 24 h)"),
        (6, "stop", "Late: about 24 hours (promised: 24 h)"),
        (18, "stop", "Late: about 3 days (promised: 24 h)"),
    ],
)
def test_age_in_words(back: int, kind: str, words: str) -> None:
    with time_machine.travel(EPOCH.replace(year=2027), tick=False):
        age = age_of(current_period() - back, 24)
    assert (age.kind, str(age.text)) == (kind, words)


def test_what_to_read_next(listening: Round, facilitator: User, peer: User) -> None:
    first, second, third = (factories.make_comment(listening, period=period) for period in (1, 2, 3))
    Comment.objects.filter(pk=second.pk).update(claimed_by=peer)
    assert next_waiting(facilitator, only=None, after=None) == [first, third]
    assert next_waiting(facilitator, only=None, after=first)[0] == third
    assert next_waiting(facilitator, only=None, after=third)[0] == first  # round to the beginning
    assert next_waiting(peer, only=None, after=None)[:2] == [first, second]


def test_what_happened_in_a_sentence(listening: Round, facilitator: User, peer: User) -> None:
    approved, returned = factories.make_comment(listening), factories.make_comment(listening)
    approve_comment(approved, version=1, by=peer)
    return_comment(returned, version=1, reason="spam", by=facilitator)
    told = {
        "Jo Amari approved this text.": approved,
        "Rosa Lindqvist returned this text.": returned,
        "The author took this text back.": factories.make_comment(listening, state="withdrawn"),
        "This text has been released.": factories.make_comment(listening, state="released"),
        "This text waits to be read again. It was changed, or a step was undone.": factories.make_comment(listening),
    }
    assert {str(what_happened(Comment.objects.get(pk=one.pk), facilitator)) for one in told.values()} == set(told)
