"""What a listener heard in one story, and what the person who told it says to that."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.models import ListenerSeat
from dialogue.threads.models import Comment
from seeds.datamap import WITH_WORDS, Kept, Level


class Reflection(models.Model):
    """One try. Its words are a comment of the listener, reviewed and released like every text.

    An answer is shown, and counts, only once a facilitator lets it out together with others: else the listener could
    see when somebody answered.
    """

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("Yes, that’s it")
        CORRECTED = "corrected", _("Not quite")
        PASSED = "passed", _("No answer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.OneToOneField(Comment, models.CASCADE, related_name="reflection")
    heard = models.ForeignKey(Comment, models.CASCADE, related_name="reflections")  # the story
    seat = models.ForeignKey(ListenerSeat, models.CASCADE, related_name="reflections")
    attempt = models.PositiveSmallIntegerField(default=1)
    answer = models.CharField(max_length=9, choices=Answer.choices, blank=True)
    is_out = models.BooleanField(default=False)  # the answer

    DATA: ClassVar = (
        Kept(
            "id comment heard seat attempt is_out",
            Level.SESSION,
            _("which story a listener told back, and how often they tried"),
            _("so that you can say if it was heard right"),
            WITH_WORDS,
        ),
        Kept(
            "answer",
            Level.SESSION,
            _("if you said “yes, that’s it”, “not quite”, or passed"),
            _("a listener has to listen before they may speak"),
            WITH_WORDS,
            _("you and those who lead that talk. Once we let answers out, a few at once: all in that talk, police too"),
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("seat", "heard", "attempt"), name="reflection_attempt_once"),
            models.CheckConstraint(
                condition=Q(answer__in=("", "confirmed", "corrected", "passed")), name="reflection_answer_known"
            ),
            models.CheckConstraint(condition=Q(is_out=False) | ~Q(answer=""), name="reflection_out_has_answer"),
            models.CheckConstraint(condition=~Q(comment=models.F("heard")), name="reflection_not_of_itself"),
        )

    def __str__(self) -> str:
        return f"reflection ({self.answer or 'no answer'})"
