"""Who on the staff did or looked at what. No foreign keys, no content, nothing of participants."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from seeds.datamap import Kept, Level
from seeds.models import Row


def this_hour() -> datetime:
    """Now, cut to the hour: a look at a text must not tell when the text was written."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)


class AuditEvent(Row):
    """One act of a named account."""

    class Verb(models.TextChoices):
        INVITE = "invite", _("invited a colleague")
        VERIFY_LISTENER = "verify_listener", _("verified a listener")
        END_VERIFICATION = "end_verification", _("ended a listener's verification")
        CLOSE_ACCOUNT = "close_account", _("closed an account")
        OPEN_ACCOUNT = "open_account", _("opened a closed account again")
        MAKE_CARDS = "make_cards", _("made cards")
        VOID_CARDS = "void_cards", _("made unused cards void")
        MAIL_BULLETIN = "mail_bulletin", _("mailed a bulletin to outreach partners")
        CHANGE_SESSION = "change_session", _("changed a session")
        MOVE_SESSION = "move_session", _("moved a session on")
        OVERRIDE_GUARD = "override_guard", _("went on despite a warning about time, place or size")
        PLACE_LISTENER = "place_listener", _("placed a listener")
        DECLINE_LISTENER = "decline_listener", _("did not place a listener")
        DECIDE_ACKNOWLEDGMENT = "decide_acknowledgment", _("checked an acknowledgment")
        MOVE_ROUND = "move_round", _("moved a round on")
        READ_HELD = "read_held", _("read unreleased text")
        APPROVE = "approve", _("approved a text")
        RETURN = "return", _("returned a text")
        PROPOSE = "propose", _("proposed other words for a text")
        UNDO = "undo", _("took back an approval")
        RELEASE = "release", _("released a batch")
        REMOVE_ALIAS = "remove_alias", _("removed a participant from a session")
        READ_NOTES = "read_notes", _("read notes")
        WRITE_NOTE = "write_note", _("wrote a note")
        PLACE_HOLD = "place_hold", _("stopped the deletion of a session")
        LIFT_HOLD = "lift_hold", _("let the deletion of a session go on")
        HANDLE_OBJECTION = "handle_objection", _("dealt with an objection")
        READ_MESSAGES = "read_messages", _("read private messages")
        ANSWER_MESSAGE = "answer_message", _("answered a private message")
        SIGN_AGREEMENT = "sign_agreement", _("signed for an agency")
        END_AGREEMENT = "end_agreement", _("withdrew an agency's agreement")
        COUNT_ANSWERS = "count_answers", _("counted the answers to an acknowledgment")
        LET_OUT_ANSWERS = "let_out_answers", _("let out the answers to what was heard")
        HEAR_APPEAL = "hear_appeal", _("looked again at a returned text")
        RECORD_COMMITMENT = "record_commitment", _("recorded a commitment")
        RETURN_COMMITMENT = "return_commitment", _("returned a commitment, or news of it")
        ADOPT_COMMITMENT = "adopt_commitment", _("adopted a commitment")
        RELEASE_UPDATE = "release_update", _("let out news of a commitment")
        CHANGE_FACTS = "change_facts", _("changed the facts of a session")
        OFFER_THEME = "offer_theme", _("asked the participants about a theme")
        COUNT_THEME = "count_theme", _("counted the answers to a theme")
        READ_QUOTABLE = "read_quotable", _("read texts that may be quoted")
        PREVIEW_REPORT = "preview_report", _("showed a report to the participants")
        PUBLISH_REPORT = "publish_report", _("published a report")
        EXPORT_OWN_WORDS = "export_own_words", _("took a copy of their own words")
        CHANGE_TEMPLATE = "change_template", _("saved or deleted an agenda template")
        CHANGE_RESOURCE = "change_resource", _("changed a help line")
        CHANGE_AGENCY = "change_agency", _("added or changed an agency")
        FREE_LISTENER = "free_listener", _("let a listener write without a confirmed reflection")

    at = models.DateTimeField(default=this_hour, db_index=True)
    actor = models.UUIDField()
    verb = models.CharField(max_length=24, choices=Verb.choices)
    dialogue_session = models.UUIDField(null=True)
    detail = models.CharField(max_length=200, blank=True)

    DATA: ClassVar = (
        Kept(
            "id at actor verb dialogue_session detail",
            Level.STAFF,
            _("what our team did or looked at, with the hour. Not whose text it was"),
            _("so that no look at a text goes unseen. You can ask us how many there were"),
            _("one year"),
            _("those who run the site. The steps of a talk: also those who lead it"),
        ),
    )

    def __str__(self) -> str:
        return self.verb
