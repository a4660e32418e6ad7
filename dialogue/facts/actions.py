"""Facts: written down by the team; people say where they stand; the counting ends."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Participant, User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.facts import policies
from dialogue.facts.models import Fact, FactPosition, Position
from dialogue.repeats.checks import fields_not_repeated
from dialogue.sessions.actions import end_questions, lock
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.places import Place, find_place
from dialogue.tallies.actions import AlreadyAnswered, close, count, discard
from seeds.transitions import NotAllowed

# --- The team ------------------------------------------------------------------------------------------------------


def _changing(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    held = lock(dialogue_session, by=by)
    if not policies.may_be_changed(held):
        raise NotAllowed(_("The facts of this session can’t be changed now."))
    return held


def _still_there(fact: Fact) -> Fact:
    """The fact as it stands, under the lock on its session. Raises NotAllowed when it was removed."""
    found = Fact.objects.filter(pk=fact.pk).first()
    if found is None:
        raise NotAllowed(_("This fact was taken out meanwhile. Nothing was changed."))
    return found


def _cleaned(fact: Fact) -> Fact:
    """Raises ValidationError for a statement or a source that is missing or too long, and for a link without https."""
    fact.statement, fact.source = " ".join(fact.statement.split()), " ".join(fact.source.split())
    fact.clean_fields(exclude=["dialogue_session", "added_by"])
    if (over := len(fact.statement) - policies.LONGEST) > 0:
        message = ngettext("%(over)d character too many.", "%(over)d characters too many.", over)
        raise ValidationError({"statement": message % {"over": over}})
    if fact.source_url and not fact.source_url.startswith("https://"):
        raise ValidationError({"source_url": _("The link must begin with https://.")})
    twins = Fact.objects.filter(dialogue_session=fact.dialogue_session, statement=fact.statement).exclude(pk=fact.pk)
    if twins.exists():
        raise ValidationError({"statement": _("This statement is in the list already.")})
    return fact


def _note(held: DialogueSession, detail: str, *, by: User) -> None:
    write(AuditEvent.Verb.CHANGE_FACTS, by=by, session_id=held.pk, detail=detail)


@transaction.atomic
def add_fact(dialogue_session: DialogueSession, *, statement: str, source: str, source_url: str = "", by: User) -> Fact:
    """Put a fact at the end of the list.

    Raises NotAllowed for others than the team, before the announcement, once it is closed, and when the list is full;
    ValidationError for what is missing, too long or there already, and for words of a text: facts stay in the report.
    """
    held = _changing(dialogue_session, by=by)
    if held.facts.count() >= policies.MOST:
        raise NotAllowed(_("There are %(most)d facts, and no more fit. Take one out first.") % {"most": policies.MOST})
    last = held.facts.aggregate(last=Max("number"))["last"] or 0
    fact = Fact(dialogue_session=held, number=last + 1, added_by=by)
    fact.statement, fact.source, fact.source_url = statement, source, source_url
    _cleaned(fact)
    fields_not_repeated(held, {"statement": fact.statement, "source": fact.source})
    fact.save(force_insert=True)
    _note(held, "added", by=by)
    return fact


@transaction.atomic
def edit_fact(fact: Fact, *, statement: str, source: str, source_url: str = "", by: User) -> Fact:
    """Change a fact; once the session is open, its source only. Raises as `add_fact` does."""
    held = _changing(fact.dialogue_session, by=by)
    found = _still_there(fact)
    before, source_before = found.statement, found.source
    found.statement, found.source, found.source_url = statement, source, source_url
    _cleaned(found)
    if found.statement != before and policies.words_are_fixed(held):
        raise NotAllowed(
            _("People may have said where they stand on these words. Take the fact out and write a new one.")
        )
    changed = {"statement": found.statement != before, "source": found.source != source_before}
    fields_not_repeated(held, {name: getattr(found, name) for name, is_new in changed.items() if is_new})
    found.save(update_fields=["statement", "source", "source_url"])
    _note(held, "changed", by=by)
    return found


@transaction.atomic
def shift_fact(fact: Fact, *, earlier: bool, by: User) -> None:
    """Swap a fact with the one before or after it; at either end nothing happens. Raises NotAllowed as `add_fact`."""
    held = _changing(fact.dialogue_session, by=by)
    found = _still_there(fact)
    others = held.facts.filter(number__lt=found.number) if earlier else held.facts.filter(number__gt=found.number)
    other = others.order_by("-number" if earlier else "number").first()
    if other is None:
        return
    found.number, other.number = other.number, found.number
    for one in (found, other):
        one.save(update_fields=["number"])
    _note(held, "moved", by=by)


@transaction.atomic
def remove_fact(fact: Fact, *, by: User) -> None:
    """Take a fact out, with all that was said to it. Raises NotAllowed as `add_fact` does."""
    held = _changing(fact.dialogue_session, by=by)
    found = _still_there(fact)
    _delete(found)
    held.facts.filter(number__gt=found.number).update(number=F("number") - 1)
    _note(held, "taken out", by=by)


def _delete(fact: Fact) -> None:
    subject = policies.subject_of(fact.pk)
    discard([subject], once=subject)
    fact.delete()


# --- Where people stand --------------------------------------------------------------------------------------------


def _standing(fact: Fact, position: str, *, by: Participant | User) -> Place:
    """The person's place, with the session locked, where this can be answered now."""
    held = DialogueSession.objects.select_for_update().get(pk=fact.dialogue_session_id)
    place = find_place(by, held.pk)
    if place is None or (place.alias is None and place.seat is None):
        raise NotAllowed(_("You have no place in this talk any more. Nothing was changed."))
    if not policies.is_answerable(held):
        raise NotAllowed(_("This can’t be answered now. Nothing was changed."))
    if position not in Position.values:
        raise NotAllowed(_("Please choose one of the three."))
    _still_there(fact)
    return place


@transaction.atomic
def count_position(fact: Fact, *, position: str, by: Participant) -> None:
    """Count where a participant stands, once; it can't be changed, since nobody knows which is whose.

    Raises NotAllowed for who has no name in the session, for a second answer, for an unknown position, before the
    session opens and once the facts are closed.
    """
    _standing(fact, position, by=by)
    subject = policies.subject_of(fact.pk)
    try:
        count({subject: position}, by=by, once=subject, by_fives=True)
    except AlreadyAnswered:
        raise NotAllowed(_("We have counted your answer before. Nothing was changed.")) from None


@transaction.atomic
def take_position(fact: Fact, *, position: str, by: User) -> FactPosition:
    """Say by name where a listener stands; a later position takes the place of an earlier one.

    Raises NotAllowed for who has no seat or may not listen, and otherwise as `count_position` does.
    """
    seat = _standing(fact, position, by=by).seat
    taken, _made = FactPosition.objects.update_or_create(fact=fact, seat=seat, defaults={"position": position})
    return taken


# --- The end -------------------------------------------------------------------------------------------------------


@transaction.atomic
def close_facts(dialogue_session: DialogueSession) -> None:
    """End the counting: nobody answers any more, every mark is deleted, and what was not shown is thrown away.

    Of a session that was called off no count is kept. Closing again changes nothing.
    """
    held = end_questions(dialogue_session)
    end: Any = discard if held.state == State.CANCELLED else close
    for pk in held.facts.values_list("pk", flat=True):
        end([policies.subject_of(pk)], once=policies.subject_of(pk))


@transaction.atomic
def delete_facts(dialogue_session: DialogueSession) -> None:
    """Delete the facts of a session that leaves no report, with all that was said to them."""
    for fact in dialogue_session.facts.all():
        _delete(fact)
