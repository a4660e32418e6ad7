"""Re-exports for Django, which looks for an app's models here. Nobody imports this module."""

from dialogue.acknowledgments.models import Acknowledgment, AcknowledgmentVersion, GateAnswer
from dialogue.audit.models import AuditEvent
from dialogue.messages.models import PrivateMessage
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.notes.models import FacilitatorNote
from dialogue.reflections.models import Reflection
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.resources.models import Resource
from dialogue.retention.models import Hold, Upkeep
from dialogue.sessions.models import Alias, Booking, DialogueSession, ListenerSeat, Round
from dialogue.sessions.models_guards import GuardOverride
from dialogue.sessions.models_objections import Objection
from dialogue.threads.models import Comment, Pass, Thread

__all__ = [
    "Acknowledgment",
    "AcknowledgmentVersion",
    "Alias",
    "AuditEvent",
    "Booking",
    "Comment",
    "DialogueSession",
    "FacilitatorNote",
    "GateAnswer",
    "GuardOverride",
    "Hold",
    "ListenerSeat",
    "ModerationDecision",
    "Objection",
    "Pass",
    "PrivateMessage",
    "ProposedEdit",
    "Reflection",
    "Reminder",
    "ReminderRule",
    "Resource",
    "Round",
    "Thread",
    "Upkeep",
]
