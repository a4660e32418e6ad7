"""What is deleted by the clock. Everything is found in the database, each time anew: a run that was missed is made up
for by the next, and two at once do no harm.

A hold (see models.py) stops what concerns its session. Nothing here is an act of a person: the audit log gets no line.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.participants import years
from accounts.team.actions import delete_old_invitations
from dialogue.audit.models import AuditEvent
from dialogue.commitments.actions_seen import end_question
from dialogue.commitments.seen import no_longer_asked
from dialogue.facts.actions import close_facts, delete_facts
from dialogue.feedback.actions import close_questions
from dialogue.jobs.actions import delete_old_jobs
from dialogue.messages.models import PrivateMessage
from dialogue.moderation.actions import move_on
from dialogue.moderation.models import ModerationDecision, Reason
from dialogue.moderation.policies import READY_NOTES, reading_of
from dialogue.notes.actions import delete_expired_notes
from dialogue.notes.models import FacilitatorNote
from dialogue.reminders.models import Reminder
from dialogue.reports.actions_report import delete_unpublished, stop_asking
from dialogue.reports.models import Report
from dialogue.retention.models import Hold, Upkeep
from dialogue.retention.policies import (
    AUDIT_KEPT,
    CLOCKS_DIFFER,
    ENDED,
    LEFT_OPEN,
    LONGEST_PAUSE,
    REMINDERS_KEPT,
    UNENDED,
    is_purge_due,
    is_seal_due,
    oldest_period_kept,
    reminders_expired,
)
from dialogue.retention.upkeep import note_done
from dialogue.sessions.ending import draw_purge_date, ended_at
from dialogue.sessions.models import Alias, Booking, DialogueSession, Round, State
from dialogue.sessions.models_objections import Objection
from dialogue.sessions.reasons import NOT_CLOSED
from dialogue.tallies.actions import close as close_tallies
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed, move
from seeds.vault import Unreadable, destroy_key, keys_kept, seal

logger = logging.getLogger("seeds.retention")
Work = Callable[[], object]


class NotAllDone(Exception):
    """Some of what was due could not be done; each cause is named. The rest was, and the next run tries again."""


class ClockJumped(Exception):
    """This server's time is days after the last run, or before it. Nothing was deleted: the clock may be wrong."""


def check_time(now: datetime) -> None:
    """Raises ClockJumped. One wrong clock must not destroy every key, account and backup.

    After a real pause an operator vouches for the time with `manage.py delete_due`.
    """
    last = Upkeep.objects.filter(kind=Upkeep.Kind.RETENTION).values_list("done_at", flat=True).first()
    if last is not None and not last - CLOCKS_DIFFER <= now <= last + LONGEST_PAUSE:
        raise ClockJumped


def run(now: datetime) -> None:
    """Do all that is due. What fails doesn't stop the rest; then NotAllDone is raised, and no full run is noted."""
    causes = []
    for work in _due(now):
        try:
            work()
        except Exception as error:  # whatever it is, the other sessions' dates have to be kept
            logger.exception("something that was due could not be deleted")  # our log prints the kind and the place
            causes.append(error)
    if causes:
        raise NotAllDone(", ".join(type(cause).__name__ for cause in causes)) from causes[0]
    note_done(Upkeep.Kind.RETENTION)


def _due(now: datetime) -> Iterator[Work]:
    """One piece of work after the other, each with a transaction of its own."""
    for act, sessions in (
        (call_off, _left_open(now)),
        (set_purge_date, DialogueSession.objects.filter(state__in=ENDED, purge_on=None)),
    ):
        yield from (partial(act, one, now) for one in sessions)
    yield from (partial(return_unread, comment) for comment in _unread())
    yield partial(delete_notes, now)
    yield delete_orphaned_messages
    yield from (partial(end_questions, one.pk, now) for one in _with_open_questions())
    yield from (partial(seal_names, one.pk, now) for one in _unsealed())
    ended = DialogueSession.objects.filter(state__in=ENDED)
    yield from (partial(purge, one.pk, now) for one in ended)
    yield from (partial(end_question, promise) for promise in no_longer_asked(now.date()))
    yield sweep_keys
    yield from (partial(act, now) for act in (delete_reminders, delete_old_events, delete_old_jobs))
    yield from (years.date_unknown, years.delete_unused, delete_old_invitations)


def on_hold() -> QuerySet[Hold, UUID]:
    """The sessions in which nothing is deleted by the clock for now."""
    return Hold.objects.in_force().values_list("dialogue_session_id", flat=True)


def _locked(pk: UUID) -> DialogueSession | None:
    """The session's row until the transaction ends; None while another worker has it, or a hold stops everything.

    Placing a hold locks the same row, so a hold that is there is seen.
    """
    held = DialogueSession.objects.select_for_update(skip_locked=True).filter(pk=pk, state__in=ENDED).first()
    return None if held is None or held.holds.in_force().exists() else held


# --- Ends that nobody has set --------------------------------------------------------------------------------------


def _left_open(now: datetime) -> QuerySet[DialogueSession]:
    return DialogueSession.objects.filter(state__in=UNENDED, ends_at__lte=now - LEFT_OPEN)


@transaction.atomic
def call_off(dialogue_session: DialogueSession, now: datetime) -> bool:
    """End a session that nobody closed, or its words would stay for ever."""
    values = {
        "state": State.CANCELLED,
        "cancel_reason": NOT_CLOSED,
        "paused": False,
        "pause_reason": "",
        "purge_on": draw_purge_date(dialogue_session.ends_at, dialogue_session.time_zone, now),
    }
    if not _left_open(now).filter(pk=dialogue_session.pk).update(**values):
        return False
    Booking.objects.filter(dialogue_session=dialogue_session).update(active=False)
    return True


def set_purge_date(dialogue_session: DialogueSession, now: datetime) -> bool:
    """Draw the day for an ended session that has none; the one that is there is never drawn anew."""
    ended = ended_at(dialogue_session)
    if ended is None:
        return False
    day = draw_purge_date(ended, dialogue_session.time_zone, now)
    without = DialogueSession.objects.filter(pk=dialogue_session.pk, state__in=ENDED, purge_on=None)
    return without.update(purge_on=day) == 1


# --- Texts that nobody reads ---------------------------------------------------------------------------------------


def _unread() -> QuerySet[Comment]:
    """Texts that waited for too long, those of participants who were removed as well."""
    waited = Comment.objects.filter(state__in=Comment.WAITING, period__lt=oldest_period_kept())
    return waited.select_related("thread__round")


@transaction.atomic
def return_unread(comment: Comment) -> bool:
    """Give a text back to its author with the ready note; False when somebody was faster, or the key is gone.

    One that waited for a second look goes back as it was returned: its author can ask once more.
    """
    if comment.state == Comment.State.APPEALED:
        return _give_back(comment)
    decision = ModerationDecision(
        comment=comment,
        comment_version=comment.version,
        outcome=ModerationDecision.Outcome.RETURNED,
        reason=Reason.NOT_READ,
    )
    try:
        decision.note = seal(comment.thread.round.dialogue_session_id, decision.pk, str(READY_NOTES[Reason.NOT_READ]))
    except Unreadable:
        return False
    if not _give_back(comment):
        return False
    decision.save(force_insert=True)
    return True


def _give_back(comment: Comment) -> bool:
    returned, source = Comment.State.RETURNED, comment.state
    try:
        move_on(comment, returned, source=source, version=comment.version, period=None, claimed_by=None)
    except NotAllowed:
        return False
    return True


# --- What goes with an ended session -------------------------------------------------------------------------------


def delete_notes(now: datetime) -> int:
    """Facilitators' notes whose time is over; how many went."""
    return delete_expired_notes(now, spared=list(on_hold()))


def delete_orphaned_messages() -> int:
    """What was written in private under names that were forgotten; how many messages went.

    A hold doesn't stop this: forgetting is the participant's own act.
    """
    return PrivateMessage.objects.filter(alias__tag=None).delete()[0]


def _with_open_questions() -> QuerySet[DialogueSession]:
    return DialogueSession.objects.filter(state__in=ENDED, questions_closed_on=None)


@transaction.atomic
def end_questions(pk: UUID, now: datetime) -> bool:
    """Close what all are asked (was I heard, is this fact so) with the sealing of the names, since nobody could answer
    any more; of a cancelled session at once. Mostly its report has done so before."""
    held = _locked(pk)
    if held is None or not (held.state == State.CANCELLED or is_seal_due(held, now)):
        return False
    close_questions(held)
    close_facts(held)
    return True


LINKED = Q(tag__isnull=False) | Q(removed=True) | Q(barred=True)


def _unsealed() -> QuerySet[DialogueSession]:
    linked = Alias.objects.filter(LINKED)
    return DialogueSession.objects.filter(state__in=ENDED, pk__in=linked.values("dialogue_session"))


@transaction.atomic
def seal_names(pk: UUID, now: datetime) -> bool:
    """Cut what leads from participants to their names in this session, and forget who was kept out.

    Words that never came out are destroyed, since nobody could take them back any more; so are private messages
    and objections.
    """
    held = _locked(pk)
    if held is None or not is_seal_due(held, now):
        return False
    inside = Comment.objects.filter(alias__dialogue_session=held, batch=None)
    for comment in inside.exclude(state=Comment.State.WITHDRAWN).defer("body"):
        withdraw_comment(comment)
    PrivateMessage.objects.filter(alias__dialogue_session=held).delete()
    Objection.objects.filter(dialogue_session=held).delete()
    stop_asking(held)
    names = Alias.objects.filter(LINKED, dialogue_session=held)
    return names.update(tag=None, removed=False, barred=False) > 0


@transaction.atomic
def purge(pk: UUID, now: datetime) -> bool:
    """Make everything written in this session unreadable, then delete the rows: names, texts, notes, the agenda, and
    a report that is not out, with its facts.

    The key goes first. Whatever stops the rest, nobody can read it any more, and the next run finishes.
    """
    held = _locked(pk)
    if held is None or not is_purge_due(held, now):
        return False
    destroy_key(held.pk)
    FacilitatorNote.objects.filter(dialogue_session=held).delete()
    delete_unpublished(held)
    Round.objects.filter(dialogue_session=held).delete()  # with its texts, decisions and passes
    Alias.objects.filter(dialogue_session=held).delete()
    close_tallies([reading_of(held.pk)])
    if not Report.objects.filter(dialogue_session=held, state=Report.State.PUBLISHED).exists():
        delete_facts(held)
    move(held, State.PURGED, sources=ENDED, closed_at=ended_at(held))
    return True


def sweep_keys() -> None:
    """Destroy the keys of purged sessions that came back with a copy of the folder."""
    for purged in DialogueSession.objects.filter(state=State.PURGED, pk__in=keys_kept()):
        destroy_key(purged.pk)


# --- What goes by its own age --------------------------------------------------------------------------------------


def delete_reminders(now: datetime) -> int:
    """The ledger of mails about sessions that ended long ago, and about promises; how many rows went."""
    of_promises = Q(dialogue_session=None, due_at__lt=now - REMINDERS_KEPT)
    expired = Reminder.objects.filter(reminders_expired(now, "dialogue_session__") | of_promises)
    return expired.exclude(dialogue_session__in=list(on_hold())).delete()[0]


def delete_old_events(now: datetime) -> int:
    """Lines of the audit log that are older than a year; how many went."""
    old = AuditEvent.objects.filter(at__lt=now - AUDIT_KEPT)
    return old.exclude(dialogue_session__in=list(on_hold())).delete()[0]
