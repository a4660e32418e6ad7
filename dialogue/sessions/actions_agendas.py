"""Starting an agenda from a template, and keeping one as a template."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import lock
from dialogue.sessions.agenda import broken_rules
from dialogue.sessions.models import DialogueSession, Round, State
from dialogue.sessions.models_agendas import NAME_TAKEN, AgendaTemplate
from dialogue.sessions.queries_agendas import Template, deletable, fingerprint, steps_of
from dialogue.sessions.ready_agendas import READY
from seeds.transitions import NotAllowed


@transaction.atomic
def apply_template(dialogue_session: DialogueSession, template: Template, *, seen: str, by: User) -> None:
    """Put the rounds of a template in the place of a draft's agenda. `seen` is the fingerprint of the agenda that goes.

    Once announced an agenda changes round by round only, since people join under it. Twice is the same as once.
    Raises NotAllowed, also when the agenda is no longer the one that was seen, or the template breaks a rule.
    """
    held = lock(dialogue_session, by=by)
    if held.state != State.DRAFT:
        raise NotAllowed(
            _("Only the agenda of a draft can be replaced as a whole. After that, change it round by round.")
        )
    now = steps_of(held)
    if now == template.steps:
        return
    if fingerprint(now) != seen:
        raise NotAllowed(_("The agenda has changed meanwhile. Nothing was replaced."))
    rounds = [
        Round(dialogue_session=held, number=number, kind=kind, prompt=prompt, think_minutes=minutes)
        for number, (kind, prompt, minutes) in enumerate(template.steps, 1)
    ]
    check(rounds)
    held.rounds.all().delete()
    Round.objects.bulk_create(rounds)
    write(AuditEvent.Verb.CHANGE_SESSION, by=by, session_id=held.pk, detail="agenda from a template")


def check(rounds: list[Round]) -> None:
    """The same that an agenda written by hand is asked. Raises NotAllowed with the first rule that is broken."""
    for one in rounds:
        try:
            one.clean_fields(exclude=["dialogue_session"])
        except ValidationError as error:
            raise NotAllowed(error.messages[0]) from error
    if broken := broken_rules([one.kind for one in rounds]):
        raise NotAllowed(broken[0])


@transaction.atomic
def save_template(dialogue_session: DialogueSession, *, name: str, whom: str = "", by: User) -> AgendaTemplate:
    """Keep the agenda of this session, as it stands, as a template for all facilitators of the site.

    Raises ValidationError by field, also for a name that is taken, and NotAllowed when the agenda breaks a rule.
    """
    held = lock(dialogue_session, by=by)
    check(list(held.rounds.order_by("number")))
    if name.strip().casefold() in {str(one.name).casefold() for one in READY}:
        raise ValidationError({"name": NAME_TAKEN})
    made = AgendaTemplate(name=name.strip(), whom=whom.strip(), steps=steps_of(held), made_by=by)
    made.full_clean()
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:  # somebody else took the name between the look and the writing
        raise ValidationError({"name": NAME_TAKEN}) from error
    write(AuditEvent.Verb.CHANGE_TEMPLATE, by=by, session_id=held.pk, detail="saved")
    return made


@transaction.atomic
def delete_template(template: AgendaTemplate, *, by: User) -> None:
    """Delete a saved template for good; agendas that started from it stay. Twice is the same as once."""
    if by.role != Role.FACILITATOR or not _may_delete(template, by):
        raise NotAllowed(_("Only the person who saved a template can delete it."))
    if AgendaTemplate.objects.filter(pk=template.pk).delete()[0]:
        write(AuditEvent.Verb.CHANGE_TEMPLATE, by=by, detail="deleted")


def _may_delete(template: AgendaTemplate, by: User) -> bool:
    gone = not AgendaTemplate.objects.filter(pk=template.pk).exists()
    return gone or deletable(by).filter(pk=template.pk).exists()
