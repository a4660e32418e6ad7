"""What the pages of notes show."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import DialogueSession
from seeds import vault


@dataclass(frozen=True)
class ReadNote:
    """A note as its page shows it."""

    row: FacilitatorNote
    subject: str
    text: str | None  # None when the session's key is gone
    mine: bool


def subject(note: FacilitatorNote) -> str:
    """What the note is about, in words that name no person."""
    if note.round:
        return _("Round %(number)d: %(kind)s") % {
            "number": note.round.number,
            "kind": note.round.get_kind_display(),
        }
    if note.comment:
        return _("A text in round %(number)d") % {"number": note.comment.thread.round.number}
    return _("The whole session")


def text_of(note: FacilitatorNote) -> str | None:
    """The note's words; None when the session's key is gone."""
    try:
        return vault.unseal(note.dialogue_session_id, note.pk, note.body)
    except vault.Unreadable:
        return None


def notes_of(dialogue_session: DialogueSession, user: User) -> list[ReadNote]:
    """This facilitator's own notes about the session and those the team shares: the session's first, then by round."""
    rows = FacilitatorNote.objects.visible_to(user).filter(dialogue_session=dialogue_session)
    rows = rows.select_related("author", "round", "comment__thread__round")
    number = Coalesce("round__number", "comment__thread__round__number", 0)
    ordered = rows.annotate(number=number).order_by("-is_closing_note", "number", "pk")
    return [ReadNote(row, subject(row), text_of(row), row.author_id == user.pk) for row in ordered]


def own_notes(user: User) -> QuerySet[FacilitatorNote]:
    """The notes this facilitator wrote: those to change or delete."""
    return FacilitatorNote.objects.filter(author=user).select_related(
        "dialogue_session", "round", "comment__thread__round"
    )


def without_closing_note(sessions: QuerySet[DialogueSession]) -> QuerySet[DialogueSession]:
    """Those of `sessions` for which nobody on the team has written the closing note."""
    written = FacilitatorNote.objects.filter(is_closing_note=True).order_by()
    return sessions.exclude(pk__in=written.values("dialogue_session"))


def known_names(dialogue_session: DialogueSession) -> list[str]:
    """Names that everybody in the session reads anyway: its team's, its listeners' and those drawn here."""
    of_team = dialogue_session.facilitators.values_list("name", flat=True)
    of_listeners = dialogue_session.seats.values_list("listener__name", flat=True)
    drawn = dialogue_session.aliases.values_list("name", flat=True)
    return [*of_team.order_by(), *of_listeners.order_by(), *drawn.order_by()]
