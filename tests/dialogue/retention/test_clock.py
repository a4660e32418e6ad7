"""What goes by the clock: on its date and not a day before, once, whatever was missed, and not under a hold."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import Invitation, Participant, User
from accounts.participants.years import new_epoch
from accounts.team.actions import invite
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import approve_comment, return_comment
from dialogue.moderation.models import ModerationDecision, ProposedEdit, Reason
from dialogue.moderation.policies import READY_NOTES
from dialogue.notes.actions import write_note
from dialogue.notes.models import FacilitatorNote
from dialogue.reminders.actions import add_rule
from dialogue.reminders.models import Reminder
from dialogue.retention import clock, policies
from dialogue.retention.models import Hold, Upkeep
from dialogue.retention.tasks import delete_what_is_due
from dialogue.sessions.actions import cancel_session, close_session
from dialogue.sessions.barring import is_barred
from dialogue.sessions.ending import draw_purge_date
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.sessions.queries import my_aliases
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment, Pass, Thread
from dialogue.threads.periods import current_period
from dialogue.threads.queries_own import own_text
from seeds import vault
from seeds.logging import NothingPersonal
from tests import factories
from tests.racing import at_once

CLOSED = datetime(2027, 3, 1, 17, tzinfo=UTC)  # noon in New York
PURGE = date(2027, 5, 10)


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def run_at(moment: datetime) -> None:
    with at(moment):
        clock.run(timezone.now())


def closed_session(**fields: Any) -> DialogueSession:
    """Closed at CLOSED, to be purged on PURGE."""
    fields = {"closed_at": CLOSED, "purge_on": PURGE, "starts_at": CLOSED - timedelta(days=5)} | fields
    return factories.make_session(State.FOLLOW_UP, **fields)


def full_session(**fields: Any) -> DialogueSession:
    """A closed session that holds a row of everything."""
    session = closed_session(**fields)
    done = factories.make_round(session, RoundKind.LISTENING, Round.State.DONE)
    alias = factories.make_alias(session)
    seat = factories.make_seat(session)
    released = factories.make_comment(done, alias, state=Comment.State.RELEASED)
    factories.make_comment(done, seat=seat, state=Comment.State.RELEASED, parent=released)
    returned = factories.make_comment(done, alias)
    leader = session.facilitators.first()
    assert leader is not None
    return_comment(returned, version=1, reason="spam", by=leader)
    propose(factories.make_comment(done, seat=seat, state=Comment.State.PROPOSED))
    Pass.objects.create(thread=done.thread, alias=alias)
    with at(CLOSED):
        write_note(session=session, text="Slow down.", shared=False, by=leader)
    return session


def propose(comment: Comment) -> None:
    """Other words for the text."""
    session = comment.thread.round.dialogue_session
    edit = ProposedEdit(comment=comment, comment_version=comment.version, proposed_by=session.created_by)
    edit.body = vault.seal(session.pk, edit.pk, "Other words.")
    edit.save(force_insert=True)


def hold(session: DialogueSession, by: User | None = None) -> Hold:
    by = by or session.created_by
    return Hold.objects.create(dialogue_session=session, reason="An order", placed_by=by, placed_on=CLOSED.date())


def counts(session: DialogueSession) -> dict[str, int]:
    inside: dict[str, Any] = {"thread__round__dialogue_session": session}
    return {
        "aliases": Alias.objects.filter(dialogue_session=session).count(),
        "rounds": Round.objects.filter(dialogue_session=session).count(),
        "threads": Thread.objects.filter(round__dialogue_session=session).count(),
        "comments": Comment.objects.filter(**inside).count(),
        "passes": Pass.objects.filter(**inside).count(),
        "decisions": ModerationDecision.objects.filter(comment__thread__round__dialogue_session=session).count(),
        "proposed": ProposedEdit.objects.filter(comment__thread__round__dialogue_session=session).count(),
        "notes": FacilitatorNote.objects.filter(dialogue_session=session).count(),
    }


# --- The date is drawn ---------------------------------------------------------------------------------------------


def test_the_day_is_drawn_from_fifteen() -> None:
    drawn = {draw_purge_date(CLOSED, "America/New_York", CLOSED) for _ in range(600)}
    assert drawn == {date(2027, 3, 1) + timedelta(days=days) for days in range(60, 75)}


def test_the_day_counts_in_the_zone_of_the_session() -> None:
    late = datetime(2027, 3, 2, 3, tzinfo=UTC)  # still the first of March in New York
    with patch("dialogue.sessions.ending.secrets.randbelow", return_value=0):
        assert draw_purge_date(late, "America/New_York", late) == date(2027, 4, 30)
        assert draw_purge_date(late, "Europe/Berlin", late) == date(2027, 5, 1)


def test_a_date_never_comes_before_people_could_read_it() -> None:
    long_after = CLOSED + timedelta(days=400)
    assert draw_purge_date(CLOSED, "America/New_York", long_after) == long_after.date() + timedelta(days=1)


def test_closing_and_calling_off_show_the_date_at_once(open_session: DialogueSession, facilitator: User) -> None:
    open_session.rounds.update(state=Round.State.DONE)
    factories.make_round(open_session, RoundKind.CLOSING, Round.State.DONE)
    close_session(open_session, by=facilitator)
    other = factories.make_session(State.ANNOUNCED, [facilitator], starts_at=timezone.now() + timedelta(days=40))
    cancel_session(other, reason="Too few", by=facilitator)
    for session, ended in ((open_session, open_session.closed_at), (other, other.ends_at)):
        assert ended is not None
        assert session.purge_on is not None
        assert 60 <= (session.purge_on - policies.day_of(session, ended)).days <= 74


def test_the_clock_fills_in_a_missing_date_and_never_draws_anew(db: None) -> None:
    sessions = [closed_session(purge_on=None), factories.make_session(State.CANCELLED), factories.make_session()]
    run_at(CLOSED)
    drawn = list(DialogueSession.objects.order_by("starts_at", "pk").values_list("pk", "purge_on"))
    assert {pk for pk, day in drawn if day} == {one.pk for one in sessions[:2]}
    run_at(CLOSED + timedelta(minutes=15))
    assert list(DialogueSession.objects.order_by("starts_at", "pk").values_list("pk", "purge_on")) == drawn


def test_a_session_that_nobody_closes_is_called_off_14_days_after_its_planned_end(db: None) -> None:
    session = factories.make_session(State.OPEN, starts_at=CLOSED - timedelta(days=3), ends_at=CLOSED)
    others = [factories.make_session(starts_at=CLOSED - timedelta(days=90)), closed_session()]
    run_at(CLOSED + timedelta(days=14, seconds=-1))
    session.refresh_from_db()
    assert session.state == State.OPEN
    run_at(CLOSED + timedelta(days=14))
    session.refresh_from_db()
    assert (session.state, session.bookings.filter(active=True).count()) == (State.CANCELLED, 0)
    assert session.cancel_reason == "Nobody closed it within 14 days of its planned end."
    with translation.override("es"):
        assert session.why_cancelled == "Nadie la cerró en los 14 días después de su final previsto."
    assert session.purge_on is not None
    assert 60 <= (session.purge_on - CLOSED.date()).days <= 74
    assert [DialogueSession.objects.get(pk=one.pk).state for one in others] == [State.DRAFT, State.FOLLOW_UP]


# --- Texts that nobody reads ---------------------------------------------------------------------------------------


def held_since(period: int, **fields: Any) -> Comment:
    session = factories.make_session(State.OPEN)
    return factories.make_comment(factories.make_round(session), period=period, **fields)


def test_a_text_that_nobody_reads_goes_back_after_14_days_and_not_before(db: None) -> None:
    with at(CLOSED):
        comment = held_since(current_period())
    run_at(CLOSED + timedelta(days=14))
    comment.refresh_from_db()
    assert comment.state == Comment.State.HELD
    run_at(CLOSED + timedelta(days=14, hours=4))
    comment.refresh_from_db()
    assert (comment.state, comment.version, comment.period) == (Comment.State.RETURNED, 2, None)
    decision = comment.decisions.get()
    assert (decision.decided_by, decision.reason, decision.comment_version) == (None, "not_read", 1)
    assert own_text(comment, comment.thread.round.dialogue_session)["note"] == READY_NOTES[Reason.NOT_READ]
    with translation.override("es"):
        assert own_text(comment, comment.thread.round.dialogue_session)["note"] == READY_NOTES[Reason.NOT_READ]
    assert b"two weeks" not in bytes(decision.note or b"")
    assert AuditEvent.objects.count() == 0
    run_at(CLOSED + timedelta(days=15))
    assert comment.decisions.count() == 1


def test_a_second_look_that_nobody_takes_ends_after_14_days_too(db: None) -> None:
    with at(CLOSED):
        comment = held_since(current_period(), state=Comment.State.APPEALED)
    run_at(CLOSED + timedelta(days=14))
    comment.refresh_from_db()
    assert comment.state == Comment.State.APPEALED
    run_at(CLOSED + timedelta(days=14, hours=4))
    comment.refresh_from_db()
    assert (comment.state, comment.version, comment.period) == (Comment.State.RETURNED, 2, None)
    assert (comment.decisions.count(), AuditEvent.objects.count()) == (0, 0)


def test_one_who_was_removed_gets_the_text_back_too(db: None) -> None:
    session = factories.make_session(State.OPEN)
    alias = factories.make_alias(session, removed=True)
    comment = factories.make_comment(factories.make_round(session), alias, period=1)
    delete_what_is_due()
    comment.refresh_from_db()
    assert comment.state == Comment.State.RETURNED


def test_a_text_whose_key_is_gone_is_left_alone(db: None) -> None:
    lost, fine = held_since(1), held_since(1)
    vault.destroy_key(lost.thread.round.dialogue_session_id)
    delete_what_is_due()
    assert [Comment.objects.get(pk=one.pk).state for one in (lost, fine)] == ["held", "returned"]
    assert ModerationDecision.objects.count() == 1


def test_whoever_was_faster_wins(db: None) -> None:
    session = factories.make_session(State.OPEN)
    listening = factories.make_round(session)
    stale = [factories.make_comment(listening, period=1) for _ in range(2)]
    approved, withdrawn = (Comment.objects.get(pk=one.pk) for one in stale)
    approve_comment(approved, version=1, by=session.created_by)
    withdraw_comment(withdrawn)
    assert [clock.return_unread(one) for one in stale] == [False, False]
    assert ModerationDecision.objects.filter(decided_by=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_gives_the_text_back() -> None:
    pk = held_since(1).pk
    copies = [Comment.objects.select_related("thread__round").get(pk=pk) for _ in range(3)]
    results = at_once(*(lambda one=one: clock.return_unread(one) for one in copies))
    assert sorted(results) == [False, False, True]
    assert ModerationDecision.objects.count() == 1


# --- The names are sealed ------------------------------------------------------------------------------------------

SEAL = datetime(2027, 3, 31, 4, tzinfo=UTC)  # midnight in New York, 30 days after


@pytest.mark.promise("P2")
def test_names_are_cut_off_on_the_thirtieth_day(participant: Participant) -> None:
    session = closed_session()
    alias = factories.make_alias(session, participant)
    run_at(SEAL - timedelta(seconds=1))
    assert list(my_aliases(participant)) == [alias]
    run_at(SEAL)
    alias.refresh_from_db()
    assert (alias.tag, alias.name != "") == (None, True)
    assert list(my_aliases(participant)) == []


def test_a_bar_ends_with_the_seal(participant: Participant) -> None:
    session = closed_session()
    alias = factories.make_alias(session, participant, removed=True, barred=True)
    assert is_barred(participant.alias_key)
    run_at(SEAL)
    alias.refresh_from_db()
    assert (alias.tag, alias.removed, alias.barred) == (None, False, False)
    assert not is_barred(participant.alias_key)


@pytest.mark.promise("P6")
def test_words_that_never_came_out_are_destroyed_with_the_seal(db: None) -> None:
    session = closed_session()
    done = factories.make_round(session, state=Round.State.DONE)
    removed = factories.make_alias(session, removed=True)
    inside = [
        factories.make_comment(done, removed, state=Comment.State.APPROVED),
        factories.make_comment(done, state=Comment.State.RETURNED),
        factories.make_comment(done, period=current_period() + 10_000),
        factories.make_comment(done, state=Comment.State.APPEALED, period=current_period() + 10_000),
        factories.make_comment(done, state=Comment.State.UPHELD),
        factories.make_comment(done, state=Comment.State.PROPOSED),
    ]
    propose(inside[-1])
    out = factories.make_comment(done, state=Comment.State.RELEASED)
    of_listener = factories.make_comment(done, seat=factories.make_seat(session), state=Comment.State.RETURNED)
    run_at(SEAL)
    stored = [Comment.objects.get(pk=one.pk) for one in (*inside, out, of_listener)]
    assert [one.state for one in stored] == ["withdrawn"] * 6 + ["released", "returned"]
    assert [one.body is None for one in stored] == [True] * 6 + [False] * 2
    assert not ProposedEdit.objects.exists()
    assert list(Comment.objects.in_waiting()) == list(Comment.objects.ready()) == []


def test_a_cancelled_session_counts_from_its_planned_end(participant: Participant) -> None:
    session = factories.make_session(
        State.CANCELLED, starts_at=CLOSED - timedelta(days=2), ends_at=CLOSED, purge_on=PURGE
    )
    factories.make_alias(session, participant)
    run_at(SEAL - timedelta(seconds=1))
    assert my_aliases(participant).count() == 1
    run_at(SEAL)
    assert my_aliases(participant).count() == 0


# --- The purge -----------------------------------------------------------------------------------------------------

MIDNIGHT = datetime(2027, 5, 10, 4, tzinfo=UTC)  # the beginning of PURGE in New York


@pytest.mark.promise("P7")
def test_on_the_date_everything_written_is_unreadable_and_gone(db: None) -> None:
    session, other = full_session(), full_session(purge_on=PURGE + timedelta(days=1))
    kept = [(one.pk, bytes(one.body or b"")) for one in Comment.objects.filter(thread__round__dialogue_session=session)]
    assert [len(vault.unseal(session.pk, pk, body)) > 0 for pk, body in kept] == [True] * 4
    everything = counts(session)
    assert min(everything.values()) > 0
    run_at(CLOSED)
    assert counts(session) == everything
    run_at(MIDNIGHT - timedelta(seconds=1))
    session.refresh_from_db()
    assert (session.state, vault.key_file(session.pk).exists()) == (State.FOLLOW_UP, True)
    assert counts(session) == everything | {"notes": 0}
    run_at(MIDNIGHT)
    session.refresh_from_db()
    assert (session.state, session.closed_at, session.purge_on) == (State.PURGED, CLOSED, PURGE)
    assert not vault.key_file(session.pk).exists()
    assert set(counts(session).values()) == {0}
    for pk, body in kept:  # what somebody copied before
        with pytest.raises(vault.Unreadable):
            vault.unseal(session.pk, pk, body)
    other.refresh_from_db()
    assert (other.state, vault.key_file(other.pk).exists()) == (State.FOLLOW_UP, True)
    assert counts(other)["comments"] == 4


def test_what_named_people_promised_stays(db: None) -> None:
    session = full_session()
    placed = hold(session)
    placed.lifted_by, placed.lifted_on = session.created_by, CLOSED.date()
    placed.save(update_fields=["lifted_by", "lifted_on"])
    with at(CLOSED):
        write(AuditEvent.Verb.READ_HELD, by=session.created_by, session_id=session.pk, detail="2")
    run_at(MIDNIGHT)
    seat = ListenerSeat.objects.get(dialogue_session=session)
    assert (seat.state, seat.acknowledgment.past_harm) == ("seated", "We concede: past_harm.")
    assert session.holds.count() == 1
    assert AuditEvent.objects.filter(verb="read_held", dialogue_session=session.pk).count() == 1
    assert session.facilitators.count() == 2


@pytest.mark.parametrize("announced", [True, False])
def test_a_cancelled_session_is_purged_even_one_that_was_never_announced(db: None, announced: bool) -> None:
    session = factories.make_session(
        State.CANCELLED,
        starts_at=CLOSED - timedelta(days=2),
        ends_at=CLOSED,
        purge_on=PURGE,
        announced_at=CLOSED if announced else None,
        legal_basis="Voluntary." if announced else "",
    )
    factories.make_round(session)
    run_at(MIDNIGHT)
    session.refresh_from_db()
    assert (session.state, session.closed_at, counts(session)["rounds"]) == (State.PURGED, CLOSED, 0)


@pytest.mark.promise("P7")
def test_a_crash_after_the_key_leaves_nothing_readable_and_the_next_run_finishes(db: None) -> None:
    session, other = full_session(), full_session()
    with (
        patch.object(clock, "move", side_effect=OSError("power cut")),
        pytest.raises(clock.NotAllDone, match="OSError, OSError"),
    ):
        run_at(MIDNIGHT)
    session.refresh_from_db()
    assert (session.state, counts(session)["comments"]) == (State.FOLLOW_UP, 4)
    assert not vault.key_file(session.pk).exists()
    assert not Upkeep.objects.exists()
    run_at(MIDNIGHT + timedelta(minutes=15))
    assert set(counts(session).values()) == set(counts(other).values()) == {0}
    assert DialogueSession.objects.filter(state=State.PURGED).count() == 2
    assert Upkeep.objects.get(kind="retention").done_at == MIDNIGHT + timedelta(minutes=15)


def test_what_fails_in_one_session_does_not_stop_the_others(db: None, caplog: pytest.LogCaptureFixture) -> None:
    broken, fine = full_session(), full_session()

    def destroy(pk: UUID, real: Callable[[UUID], None] = vault.destroy_key) -> None:
        if pk == broken.pk:
            raise PermissionError
        real(pk)

    with patch.object(clock, "destroy_key", destroy), pytest.raises(clock.NotAllDone, match="PermissionError"):
        run_at(MIDNIGHT)
    states = [DialogueSession.objects.get(pk=one.pk).state for one in (broken, fine)]
    assert states == [State.FOLLOW_UP, State.PURGED]
    line = NothingPersonal().format(caplog.records[-1])
    assert line.startswith("ERROR seeds.retention - PermissionError @ test_clock.py:")
    assert str(broken.pk) not in line


def test_runs_that_were_missed_are_made_up_for_and_a_second_changes_nothing(db: None) -> None:
    session = full_session()
    run_at(MIDNIGHT + timedelta(days=90))
    session.refresh_from_db()
    assert session.state == State.PURGED
    rows = list(DialogueSession.objects.values())
    run_at(MIDNIGHT + timedelta(days=91))
    assert list(DialogueSession.objects.values()) == rows


@pytest.mark.django_db(transaction=True)
def test_two_workers_purge_once() -> None:
    session = full_session()
    with at(MIDNIGHT):
        results = at_once(*[lambda: clock.purge(session.pk, MIDNIGHT)] * 4)
    assert sorted(results) == [False, False, False, True]
    assert set(counts(session).values()) == {0}


@pytest.mark.promise("P7")
def test_a_key_that_comes_back_with_a_copy_is_destroyed_again(db: None) -> None:
    session, live = full_session(), closed_session(purge_on=PURGE + timedelta(days=30))
    copy = vault.key_file(session.pk).read_bytes()
    run_at(MIDNIGHT)
    vault.key_file(session.pk).write_bytes(copy)
    (vault.key_file(session.pk).parent / "something else.key").write_text("not ours")
    run_at(MIDNIGHT + timedelta(hours=1))
    assert (vault.key_file(session.pk).exists(), vault.key_file(live.pk).exists()) == (False, True)


def test_a_key_is_overwritten_before_its_name_goes(db: None) -> None:
    """An open file shows what lay on the disk's blocks when the name was gone."""
    session = factories.make_session()
    path = vault.key_file(session.pk)
    before = path.read_bytes()
    with path.open("rb") as still_open:
        vault.destroy_key(session.pk)
        after = still_open.read()
    assert (len(before), len(after), before != after, path.exists()) == (32, 32, True, False)


# --- What goes by its own age --------------------------------------------------------------------------------------


def test_reminders_go_90_days_after_the_session(facilitator: User) -> None:
    def reminder(session: DialogueSession) -> Reminder:
        rule = session.reminder_rules.create(kind="before_start", before=timedelta(days=1))
        return Reminder.objects.create(
            rule=rule, dialogue_session=session, schedule_version=1, user=facilitator, due_at=CLOSED
        )

    old, stopped, later = closed_session(), closed_session(), closed_session(closed_at=CLOSED + timedelta(hours=1))
    rows = [reminder(one) for one in (old, stopped, later)]
    hold(stopped)
    run_at(CLOSED + timedelta(days=90, seconds=-1))
    assert Reminder.objects.count() == 3
    run_at(CLOSED + timedelta(days=90))
    assert set(Reminder.objects.all()) == set(rows[1:])
    assert old.reminder_rules.count() == 1


def test_reminders_of_an_open_session_stay(open_session: DialogueSession, facilitator: User) -> None:
    rule = add_rule(open_session, before=timedelta(days=1), by=facilitator)
    Reminder.objects.create(
        rule=rule, dialogue_session=open_session, schedule_version=1, user=facilitator, due_at=CLOSED
    )
    assert clock.delete_reminders(timezone.now() + timedelta(days=400)) == 0


@pytest.mark.promise("P12")
def test_the_audit_log_is_kept_for_a_year(facilitator: User) -> None:
    stopped = closed_session()
    hold(stopped)
    with at(CLOSED):
        for session_id in (None, closed_session().pk, stopped.pk):
            write(AuditEvent.Verb.READ_HELD, by=facilitator, session_id=session_id, detail="1")
    run_at(CLOSED + timedelta(days=365))
    assert AuditEvent.objects.count() == 3
    run_at(CLOSED + timedelta(days=365, seconds=1))
    assert list(AuditEvent.objects.values_list("dialogue_session", flat=True)) == [stopped.pk]


def test_unused_accounts_go_with_the_same_run(db: None) -> None:
    with at(CLOSED):
        participant = factories.make_participant()
        Participant.objects.filter(pk=participant.pk).update(epoch=new_epoch())
    run_at(datetime(2028, 12, 31, tzinfo=UTC))
    assert Participant.objects.count() == 1
    run_at(datetime(2029, 1, 1, tzinfo=UTC))
    assert Participant.objects.count() == 0


def test_invitations_go_30_days_after_they_ran_out(operator: User) -> None:
    with at(CLOSED - timedelta(days=7)):
        invite(email="new@team.example", name="New", role="facilitator", is_peer=False, by=operator)
    run_at(CLOSED + timedelta(days=30))
    assert Invitation.objects.count() == 1
    run_at(CLOSED + timedelta(days=30, seconds=1))
    assert Invitation.objects.count() == 0


# --- A hold --------------------------------------------------------------------------------------------------------


def test_a_hold_stops_all_of_it_and_lifting_it_lets_it_go_on(operator: User) -> None:
    session, other = full_session(), full_session()
    placed, everything = hold(session, operator), counts(session)
    run_at(MIDNIGHT + timedelta(days=1))
    session.refresh_from_db()
    assert (session.state, counts(session)) == (State.FOLLOW_UP, everything)
    assert Alias.objects.get(dialogue_session=session).tag is not None
    assert vault.key_file(session.pk).exists()
    assert set(counts(other).values()) == {0}
    placed.lifted_by, placed.lifted_on = operator, PURGE
    placed.save(update_fields=["lifted_by", "lifted_on"])
    run_at(MIDNIGHT + timedelta(days=1, minutes=15))
    assert set(counts(session).values()) == {0}


@pytest.mark.promise("P6")
def test_under_a_hold_what_people_take_back_is_still_destroyed(open_session: DialogueSession, alias: Alias) -> None:
    hold(open_session)
    comment = factories.make_comment(open_session.rounds.get(state="open"), alias)
    withdraw_comment(comment)
    comment.refresh_from_db()
    assert comment.body is None


@pytest.mark.django_db(transaction=True)
def test_a_purge_that_is_under_way_makes_other_workers_pass_on() -> None:
    session = full_session()
    with transaction.atomic():
        DialogueSession.objects.select_for_update().get(pk=session.pk)
        assert at_once(lambda: clock.purge(session.pk, MIDNIGHT), lambda: clock.seal_names(session.pk, MIDNIGHT)) == [
            False,
            False,
        ]
    assert clock.purge(session.pk, MIDNIGHT)
