"""Facilitators' own notes: about a session, a round or a text, never about a person."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import DialogueSession, Round
from dialogue.threads.models import Comment
from seeds.datamap import Kept, Level
from seeds.models import Row


class FacilitatorNoteQuerySet(models.QuerySet["FacilitatorNote"]):
    def visible_to(self, user: User) -> "FacilitatorNoteQuerySet":
        """One's own, and those that a colleague shared with the team of a session one leads."""
        mine = Q(author=user.pk)
        shared = Q(shared=True, dialogue_session__facilitators=user.pk)
        return self.filter(mine | shared).distinct()


class FacilitatorNote(Row):
    """A note, sealed with the session's key; gone 14 days after closing."""

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="notes")
    round = models.ForeignKey(Round, models.CASCADE, null=True, blank=True, related_name="notes")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, blank=True, related_name="notes")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    shared = models.BooleanField(_("share with the team of this session"), default=False)
    body = models.BinaryField()
    is_closing_note = models.BooleanField(default=False)

    objects = FacilitatorNoteQuerySet.as_manager()

    DATA: ClassVar = (
        Kept(
            "id dialogue_session round comment author shared body is_closing_note",
            Level.STAFF,
            _("notes of those who lead a talk, locked. They may be about a text, never about a person"),
            _("so that they recall how it went"),
            _("14 days after the talk"),
            _("who wrote it. If shared, those who lead that talk"),
        ),
    )

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(round=None) | Q(comment=None), name="note_one_subject"),)

    def __str__(self) -> str:
        return "note"
