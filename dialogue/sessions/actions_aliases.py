"""Participants: joining under a drawn name, leaving for good, being removed. Nothing here keeps a time."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Participant, User
from accounts.participants.keys import alias_tag
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import lock
from dialogue.sessions.models import JOINABLE, Alias, DialogueSession
from dialogue.sessions.models_objections import Objection
from dialogue.sessions.names import NoneLeft, draw
from dialogue.sessions.policies import is_joinable, present
from dialogue.sessions.queries import my_alias, taken_names, was_removed
from seeds.transitions import NotAllowed


class NameTaken(NotAllowed):
    """Somebody else got this name a moment ago; another one has to be drawn."""


def draw_name(dialogue_session: DialogueSession) -> str:
    """A name that is free in this session at the moment. Raises NotAllowed when there is none."""
    try:
        return draw(taken_names(dialogue_session))
    except NoneLeft as error:
        raise NotAllowed(_("All names of this session are taken.")) from error


@transaction.atomic
def join_session(participant: Participant, dialogue_session: DialogueSession, *, name: str) -> Alias:
    """Give the participant this name in the session; joining twice gives the name that is there already.

    Raises NameTaken, or NotAllowed when the session is full, not joinable, or the participant was removed.
    """
    held = DialogueSession.objects.select_for_update().get(pk=dialogue_session.pk)
    if was_removed(participant, held):
        raise NotAllowed(_("You can’t join this session."))
    if alias := my_alias(participant, held):
        return alias
    if not is_joinable(held):
        raise NotAllowed(_("This session takes nobody new at the moment."))
    if present(held) >= held.capacity:
        raise NotAllowed(_("All places are taken."))
    try:
        with transaction.atomic():
            return Alias.objects.create(dialogue_session=held, name=name, tag=alias_tag(participant.alias_key, held.pk))
    except IntegrityError as error:
        raise NameTaken(_("Somebody else just got that name. Here is another one.")) from error


@transaction.atomic
def forget_me_here(alias: Alias) -> None:
    """Cut what leads from the participant to this name, for good. The name and the released words stay.

    Before the session opens there are no words yet: the name then goes too, and somebody else may draw it. Objections
    go with it; only what the team answered with a yes stays, without the name.
    """
    # The session's row is locked: an objection is decided before or after this, and the session can't open meanwhile.
    DialogueSession.objects.select_for_update().get(pk=alias.dialogue_session_id)
    unused = Alias.objects.filter(pk=alias.pk, removed=False, dialogue_session__state__in=JOINABLE)
    Objection.objects.filter(alias__in=unused, state=Objection.State.NOT_PLACED).update(alias=None)
    if unused.delete()[0]:
        return
    if Alias.objects.filter(pk=alias.pk, removed=False).update(tag=None) != 1:
        raise NotAllowed(_("This can’t be done for this session."))
    alias.tag = None


@transaction.atomic
def remove_alias(alias: Alias, *, by: User, from_all: bool = False) -> Alias:
    """Keep out whoever holds this name: of this session, or of all. The audit log doesn't say which name."""
    held = lock(alias.dialogue_session, by=by)
    if Alias.objects.filter(pk=alias.pk, removed=False).update(removed=True, barred=from_all) != 1:
        raise NotAllowed(_("This participant was removed already."))
    detail = "all sessions" if from_all else "this session"
    write(AuditEvent.Verb.REMOVE_ALIAS, by=by, session_id=held.pk, detail=detail)
    alias.refresh_from_db(fields=["removed", "barred"])
    return alias
