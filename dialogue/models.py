"""Re-exports for Django, which looks for an app's models here. Nobody imports this module."""

from dialogue.acknowledgments.models import Acknowledgment, AcknowledgmentVersion, GateAnswer
from dialogue.audit.models import AuditEvent
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.egoguard.models import NudgeCount
from dialogue.facts.models import Fact, FactPosition
from dialogue.jobs.models import Job
from dialogue.messages.models import PrivateMessage
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.notes.models import FacilitatorNote
from dialogue.reflections.models import Reflection
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reports.models import Quote, Report, Theme
from dialogue.resources.models import Resource
from dialogue.retention.models import Hold, Upkeep
from dialogue.sessions.models import Alias, Booking, DialogueSession, ListenerSeat, Round
from dialogue.sessions.models_agendas import AgendaTemplate
from dialogue.sessions.models_guards import GuardOverride
from dialogue.sessions.models_objections import Objection
from dialogue.tallies.models import Tally, TallyMark
from dialogue.threads.models import Comment, Pass, Thread

__all__ = [
    "Acknowledgment",
    "AcknowledgmentVersion",
    "AgendaTemplate",
    "Alias",
    "AuditEvent",
    "Booking",
    "Comment",
    "Commitment",
    "CommitmentUpdate",
    "DialogueSession",
    "FacilitatorNote",
    "Fact",
    "FactPosition",
    "GateAnswer",
    "GuardOverride",
    "Hold",
    "Job",
    "ListenerSeat",
    "ModerationDecision",
    "NudgeCount",
    "Objection",
    "Pass",
    "PrivateMessage",
    "ProposedEdit",
    "Quote",
    "Reflection",
    "Reminder",
    "ReminderRule",
    "Report",
    "Resource",
    "Round",
    "Tally",
    "TallyMark",
    "Theme",
    "Thread",
    "Upkeep",
]
