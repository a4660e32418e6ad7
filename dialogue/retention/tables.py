"""Which tables are about participants, in one place: what must tell neither time nor order, and what the scrub treats.

A test fails for a table that is in neither list, and for one that points to a table about participants without being
one itself.
"""

from django.db import models

from accounts.models import (
    Agency,
    AgencyAgreement,
    Invitation,
    InviteCode,
    ListenerProfile,
    OutreachPartner,
    Participant,
    Pledge,
    User,
)
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

Table = type[models.Model]

#: Written because of what a participant did: the order of the rows would tell who did what together with whom.
SCRUBBED: tuple[Table, ...] = (
    Participant,
    InviteCode,
    Alias,
    Comment,
    Pass,
    ModerationDecision,
    ProposedEdit,
    FacilitatorNote,  # may stand beside a text
    PrivateMessage,
    Objection,
    GateAnswer,
    Reflection,
    Tally,
    TallyMark,
    Quote,
)

#: About named people and about sessions; nothing that a participant does writes to them.
ABOUT_OTHERS: tuple[Table, ...] = (
    Acknowledgment,
    AcknowledgmentVersion,
    Agency,
    AgencyAgreement,
    AgendaTemplate,
    AuditEvent,
    Booking,
    Commitment,
    CommitmentUpdate,
    DialogueSession,
    Fact,
    FactPosition,
    GuardOverride,
    Hold,
    Invitation,
    Job,
    ListenerProfile,
    ListenerSeat,
    NudgeCount,
    OutreachPartner,
    Pledge,
    Reminder,
    ReminderRule,
    Report,
    Resource,
    Round,
    Theme,
    Thread,  # begun by a round's first text, one a round
    Upkeep,
    User,
)
