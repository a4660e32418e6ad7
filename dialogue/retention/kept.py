"""The data map: every table with what its model declares, what stands in tables of libraries, and what lies elsewhere.

A test refuses a table of the database that stands in no group here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

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
from seeds.datamap import BY_HAND, FOR_GOOD, WITH_WORDS, Kept, Level

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Group:
    """What belongs together for a reader. `tables`: the name of each table, with what is declared for it."""

    title: "StrOrPromise"
    tables: dict[str, tuple[Kept, ...]]
    elsewhere: tuple[Kept, ...] = ()
    of_others: bool = False  # about those who come by name, and the frame: on the second page

    @property
    def entries(self) -> list[Kept]:
        """All that is declared, in order; what several tables hold alike is told once."""
        told = [kept for table in self.tables.values() for kept in table] + list(self.elsewhere)
        return list({kept.what: kept for kept in told}.values())


def tables_of(*models_: type[models.Model]) -> dict[str, tuple[Kept, ...]]:
    """The tables of these models. One that only joins two of them goes with the model that has the field."""
    found: dict[str, tuple[Kept, ...]] = {}
    for model in models_:
        found[model._meta.db_table] = getattr(model, "DATA", ())
        found |= dict.fromkeys(joins(model), ())
    return found


def joins(model: type[models.Model]) -> list[str]:
    """The tables that Django makes by itself for this model's fields."""
    through = [field.remote_field.through for field in model._meta.local_many_to_many]
    return [table._meta.db_table for table in through if table and table._meta.auto_created]


THOSE_WHO_RUN_IT = _("those who run the site")
#: Tables that libraries bring. All columns are named, as the fields of our own models are.
SIGN_IN: dict[str, tuple[Kept, ...]] = {
    "account_emailaddress": (
        Kept(
            "id user_id email verified primary",
            Level.PERSONAL,
            _("that e-mail address once more, and if it was confirmed"),
            _("so that no one signs up with an address of others"),
            BY_HAND,
        ),
    ),
    "account_emailconfirmation": (
        Kept(
            "id created sent key email_address_id",
            Level.SECRET,
            _("nothing: this list stays empty"),
            _("the sign-in program brings it, and we don’t use it"),
            FOR_GOOD,
        ),
    ),
    "mfa_authenticator": (
        Kept(
            "id type data user_id created_at last_used_at",
            Level.SECRET,
            _("their second key, such as a code from a phone, locked, and when it was last used"),
            _("a stolen password alone must not open such an account"),
            BY_HAND,
        ),
    ),
}


def _programs_own(columns: str) -> tuple[Kept, ...]:
    return (
        Kept(
            columns,
            Level.STAFF,
            _("the program’s own lists: its tables, and when it was set up and renewed"),
            _("so that it knows which version it is"),
            FOR_GOOD,
            THOSE_WHO_RUN_IT,
        ),
    )


FRAME: dict[str, tuple[Kept, ...]] = {
    "django_admin_log": (
        Kept(
            "id action_time object_id object_repr action_flag change_message content_type_id user_id",
            Level.STAFF,
            _("what those who run the site changed by hand about agencies and accounts, and when"),
            _("so that someone answers for it"),
            FOR_GOOD,
            THOSE_WHO_RUN_IT,
        ),
    ),
    "auth_group": _programs_own("id name"),
    "auth_group_permissions": _programs_own("id group_id permission_id"),
    "auth_permission": _programs_own("id name content_type_id codename"),
    "django_content_type": _programs_own("id app_label model"),
    "django_migrations": _programs_own("id app name applied"),
}
OUTSIDE = (
    Kept(
        "",
        Level.SECRET,
        _("while you are signed in: a locked note of that. The key to it lies in your browser only"),
        _("so that you don’t have to type your words on each page"),
        _("20 minutes after your last click, and four hours at most. It is never on a disk"),
    ),
    Kept(
        "",
        Level.SECRET,
        _("new cards that are not printed yet, and files that wait for someone who comes by name, locked"),
        _("so that who asked for them can take them"),
        _("one hour at most, or a minute after they took it. It is never on a disk"),
        _("who asked for them, as long as they are signed in"),
    ),
    Kept(
        "",
        Level.PERSONAL,
        _("in your browser: one cookie, with a random number"),
        _("it is the key to that note"),
        _("until you press Exit or close the browser"),
        _("who has your phone"),
    ),
    Kept(
        "",
        Level.STAFF,
        _("how many wrong codes and words the whole site had in the last minutes"),
        _("so that no one can guess them"),
        _("a few minutes"),
        THOSE_WHO_RUN_IT,
    ),
    Kept(
        "",
        Level.SECRET,
        _("the key of each talk, in a file of its own"),
        _("once it is gone, the words can’t be read, in no copy"),
        WITH_WORDS,
        _("the program, and so whoever has our whole computer while the key is there"),
    ),
    Kept(
        "",
        Level.SECRET,
        _("one copy of these keys, locked, made anew as soon as one of them is gone"),
        _("so that a broken disk does not take all words with it"),
        WITH_WORDS,
        _("who has a key that does not lie on our computer"),
    ),
    Kept(
        "",
        Level.STAFF,
        _("the last faults: where in the program, which kind, and when. No address, no page, no words"),
        _("so that we can mend them"),
        _("until newer ones take their place"),
        THOSE_WHO_RUN_IT,
    ),
    Kept(
        "",
        Level.STAFF,
        _("copies of all lists, locked once more, made after a clean-up. The keys of the talks are not in them"),
        _("so that a fault does not end it all"),
        _("7 days"),
        _("who has a key that does not lie on our computer"),
    ),
    Kept(
        "",
        Level.PERSONAL,
        _("mail to those who come by name: dates, links, no words of a talk"),
        _("so that they come"),
        _("as long as they keep it"),
        _("they, and their mail firm"),
    ),
)

GROUPS = (
    Group(
        _("About you"),
        tables_of(Participant, InviteCode, Alias, GateAnswer, Objection, PrivateMessage, TallyMark, Tally),
    ),
    Group(
        _("What is said"),
        tables_of(Comment, Pass, Reflection, ModerationDecision, ProposedEdit, FacilitatorNote, Quote),
    ),
    Group(
        _("Police and prosecutors"),
        tables_of(
            Agency,
            AgencyAgreement,
            ListenerProfile,
            Pledge,
            ListenerSeat,
            Acknowledgment,
            AcknowledgmentVersion,
            Commitment,
            CommitmentUpdate,
            FactPosition,
            NudgeCount,
        ),
        of_others=True,
    ),
    Group(
        _("Our team, and all who sign in by name"),
        tables_of(User) | SIGN_IN | tables_of(Invitation, OutreachPartner, AuditEvent, Job) | FRAME,
        of_others=True,
    ),
    Group(
        _("The talks"),
        tables_of(
            DialogueSession,
            Booking,
            Round,
            AgendaTemplate,
            Thread,
            GuardOverride,
            Hold,
            Fact,
            Report,
            Theme,
            ReminderRule,
            Reminder,
            Resource,
            Upkeep,
        ),
        of_others=True,
    ),
    Group(_("What lies beside these lists"), {}, OUTSIDE),
)
