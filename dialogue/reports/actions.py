"""Themes: facilitators write them, the participants say if they are right, and nobody ever learns the numbers."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Participant, User, today
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.repeats.checks import not_repeated
from dialogue.reports import policies
from dialogue.reports.models import Report, Theme
from dialogue.sessions.actions import lock
from dialogue.sessions.ending import seal_day
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.queries import closing_has_begun, my_alias
from dialogue.tallies import actions as tallies
from dialogue.tallies.queries import how_many
from dialogue.threads.text import tidy
from seeds.transitions import NotAllowed, move

State = Theme.State
MOST = 20  # themes in one report


def drafted(dialogue_session: DialogueSession, *, by: User) -> Report:
    """The report as somebody on the team may change it now, made on first use; its session's row is held.

    Raises NotAllowed for others, before the session is open, and while the report is shown or once it is out.
    """
    held = lock(dialogue_session, by=by)
    report = Report.objects.filter(dialogue_session=held).first()
    if not policies.is_writable(held, report):
        raise NotAllowed(_("The report can’t be changed now. What you typed is still here."))
    report = report or Report.objects.create(dialogue_session=held)
    report.dialogue_session = held
    return report


def drafted_theme(theme: Theme, *, by: User) -> Theme:
    """The theme read anew, in a report that may be changed. Raises NotAllowed as `drafted` does."""
    report = drafted(theme.report.dialogue_session, by=by)
    fresh = Theme.objects.filter(pk=theme.pk).first()
    if fresh is None:
        raise NotAllowed(_("This theme is not there any more. What you typed is still here."))
    fresh.report = report
    return fresh


def _changeable(theme: Theme, *, by: User) -> Theme:
    fresh = drafted_theme(theme, by=by)
    if fresh.state not in policies.CHANGEABLE:
        raise NotAllowed(_("The participants are asked about this theme, or have answered. Take it back first."))
    return fresh


@transaction.atomic
def write_intro(dialogue_session: DialogueSession, *, intro: str, by: User) -> Report:
    """Say in a few sentences what the report is about. Raises ValidationError as `not_repeated`, else as `drafted`."""
    report = drafted(dialogue_session, by=by)
    report.intro = tidy(intro)
    not_repeated(report.dialogue_session, report.intro)
    report.save(update_fields=["intro"])
    return report


@transaction.atomic
def write_theme(dialogue_session: DialogueSession, *, title: str, text: str, by: User) -> Theme:
    """Add a theme to the report. The same once more is one theme. Raises as `write_intro`."""
    report = drafted(dialogue_session, by=by)
    title, text = tidy(title), tidy(text)
    earlier = report.themes.filter(title=title, text=text).first()
    if earlier:
        return earlier
    if report.themes.count() >= MOST:
        raise NotAllowed(_("The report has as many themes as it can hold. What you typed is still here."))
    not_repeated(report.dialogue_session, title, text)
    last = report.themes.aggregate(last=Max("number"))["last"] or 0
    return Theme.objects.create(report=report, number=last + 1, title=title, text=text, written_by=by)


@transaction.atomic
def change_theme(theme: Theme, *, title: str, text: str, by: User) -> Theme:
    """Write a theme anew. One that was refused must change, so that nobody is asked the same until they give in.

    Raises as `write_intro`, and NotAllowed while it is asked about and once it was approved.
    """
    fresh = _changeable(theme, by=by)
    title, text = tidy(title), tidy(text)
    if fresh.state == State.REFUSED and (fresh.title, fresh.text) == (title, text):
        raise ValidationError(_("The participants did not find these words right. Change them first."))
    not_repeated(fresh.report.dialogue_session, title, text)
    return move(fresh, State.DRAFT, sources=policies.CHANGEABLE, title=title, text=text, written_by=by)


@transaction.atomic
def delete_theme(theme: Theme, *, by: User) -> None:
    """Delete a theme with its quotes. Raises NotAllowed as `change_theme`."""
    _changeable(theme, by=by).delete()


@transaction.atomic
def raise_theme(theme: Theme, *, by: User) -> None:
    """Put a theme before the one that stands before it; the first stays where it is."""
    fresh = drafted_theme(theme, by=by)
    before = fresh.report.themes.filter(number__lt=fresh.number).order_by("-number").first()
    if before:
        fresh.number, before.number = before.number, fresh.number
        for one in (fresh, before):
            one.save(update_fields=["number"])


# --- Asking the participants -----------------------------------------------------------------------------------------


@transaction.atomic
def offer_theme(theme: Theme, *, by: User) -> Theme:
    """Ask the participants if this was said.

    Raises NotAllowed before the closing round, once nobody can answer any more, and unless it is a draft.
    """
    fresh = drafted_theme(theme, by=by)
    held = fresh.report.dialogue_session
    sealed = seal_day(held)
    if not closing_has_begun(held) or (sealed and today() >= sealed):
        raise NotAllowed(_("Participants are asked from the closing round on, until their names are cut off."))
    not_repeated(held, fresh.title, fresh.text)
    move(fresh, State.OFFERED, sources=[State.DRAFT])
    write(AuditEvent.Verb.OFFER_THEME, by=by, session_id=held.pk)
    return fresh


@transaction.atomic
def answer_theme(theme: Theme, *, by: Participant, answer: str) -> None:
    """Say that this was said, that it was not, or pass: once, and nobody learns who said what.

    Raises NotAllowed for somebody without a place in the session, for an unknown or a second answer, and when the
    participants are not asked about the theme (any more).
    """
    held = DialogueSession.objects.select_for_update().get(pk=theme.report.dialogue_session_id)
    if my_alias(by, held) is None:
        raise NotAllowed(_("You have no place in this talk any more."))
    if answer not in dict(policies.ANSWERS):
        raise NotAllowed(_("Please choose one of the three."))
    if not Theme.objects.filter(pk=theme.pk, state=State.OFFERED).exists() or not closing_has_begun(held):
        raise NotAllowed(_("This can’t be answered any more. Nothing was changed."))
    subject = policies.subject_of(theme)
    try:
        tallies.count({subject: answer}, by=by, once=subject)
    except tallies.AlreadyAnswered as error:
        raise NotAllowed(_("You have answered this before. Your first answer counts.")) from error


@transaction.atomic
def count_theme(theme: Theme, *, by: User) -> Theme:
    """Approve the theme or refuse it, by the participants' answers, which are deleted.

    Raises NotAllowed before enough have answered, and when it was counted or taken back.
    """
    fresh = drafted_theme(theme, by=by)
    held = fresh.report.dialogue_session
    if fresh.state != State.OFFERED:
        raise NotAllowed(_("This was counted or taken back before. Nothing was changed."))
    if how_many(policies.subject_of(fresh)) < held.answers_needed:
        raise NotAllowed(_("Not enough participants have answered yet. Nothing was changed."))
    approved = policies.is_approved(tallies.settle(policies.subject_of(fresh)))
    move(fresh, State.APPROVED if approved else State.REFUSED, sources=[State.OFFERED])
    detail = "approved" if approved else "refused"
    write(AuditEvent.Verb.COUNT_THEME, by=by, session_id=held.pk, detail=detail)
    return fresh


@transaction.atomic
def take_back_theme(theme: Theme, *, by: User) -> Theme:
    """Stop asking about a theme, or open an approved one to changes: a draft again. Answers are deleted uncounted.

    Raises NotAllowed when it is neither.
    """
    fresh = drafted_theme(theme, by=by)
    if fresh.state not in (State.OFFERED, State.APPROVED):
        raise NotAllowed(_("This theme can be changed already. Nothing was changed."))
    tallies.settle(policies.subject_of(fresh))
    return move(fresh, State.DRAFT, sources=[State.OFFERED, State.APPROVED])
