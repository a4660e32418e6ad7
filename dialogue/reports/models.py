"""The report of a session, the themes that facilitators write for it, and words of participants that may be quoted."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import DialogueSession
from dialogue.threads.models import Comment
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row
from seeds.vault import MAX_SEALED


class Report(Row):
    """One report of one session. `figures` are taken once, when the preview begins; `content` once, when it is out."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being written")
        PREVIEW = "preview", _("Shown to the participants")
        PUBLISHED = "published", _("Out")

    dialogue_session = models.OneToOneField(DialogueSession, models.PROTECT, related_name="report")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    intro = models.TextField(_("in a few sentences"), max_length=1500, blank=True)
    figures = models.JSONField(null=True)
    content = models.JSONField(null=True)
    preview_from = models.DateField(null=True)
    published_on = models.DateField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    DATA: ClassVar = (
        Kept(
            "id dialogue_session state intro figures content preview_from published_on published_by",
            Level.PUBLIC,
            _("what a talk leaves behind for all to read, once it is out"),
            _("so that others learn from it"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state="draft", preview_from=None, content=None, published_on=None, published_by=None)
                | Q(
                    state="preview",
                    preview_from__isnull=False,
                    figures__isnull=False,
                    content=None,
                    published_on=None,
                    published_by=None,
                )
                | Q(
                    state="published",
                    preview_from__isnull=False,
                    figures__isnull=False,
                    content__isnull=False,
                    published_on__isnull=False,
                    published_by__isnull=False,
                ),
                name="report_whole_in_each_state",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dialogue_session} ({self.state})"


class Theme(Row):
    """What was heard, in facilitators' words. It stands in the report only once the participants said that it is so."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being written")
        OFFERED = "offered", _("The participants say if it is so")
        APPROVED = "approved", _("The participants said: it is so")
        REFUSED = "refused", _("The participants did not say that it is so")

    report = models.ForeignKey(Report, models.CASCADE, related_name="themes")
    number = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("in one line"), max_length=120)
    text = models.TextField(_("what was heard"), max_length=2000)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    DATA: ClassVar = (
        Kept(
            "id report number title text state written_by",
            Level.SESSION,
            _("what our team heard, in its own words"),
            _("so that you can say if it is so"),
            FOR_GOOD,
        ),
    )

    class Meta:
        ordering = ("report", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("report", "number"), name="theme_number_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "offered", "approved", "refused")), name="theme_state_known"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Quote(models.Model):
    """Words of one text that the report may carry, by its author's leave. Deleted when the report is out: what it then
    carries leads back to no text.

    Verbatim: where in the text the words begin and end, never a copy. Retold: a facilitator's words, sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="quotes")
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="quotes")
    comment_version = models.PositiveSmallIntegerField()
    start = models.PositiveSmallIntegerField(null=True)
    end = models.PositiveSmallIntegerField(null=True)
    retold = models.BinaryField(null=True)

    DATA: ClassVar = (
        Kept(
            "id theme comment comment_version start end retold",
            Level.SESSION,
            _("which words of a text the report may carry, locked"),
            _("only with your yes"),
            _("until the report is out, you take your yes back, or the talk’s words go"),
            _("the people of that talk while they look at the report before it comes out"),
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(start__isnull=False, end__gt=models.F("start"), retold=None)
                | Q(start=None, end=None, retold__isnull=False),
                name="quote_verbatim_or_retold",
            ),
            models.CheckConstraint(
                condition=Q(retold=None) | Q(LessThanOrEqual(Length("retold"), MAX_SEALED)),
                name="quote_fits_its_row",
            ),
        )

    def __str__(self) -> str:
        return "quote"
