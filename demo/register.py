"""What was promised in the demo, what became of it, and what participants say of it."""

from datetime import date, timedelta

from accounts.models import Participant, User, today
from demo.content.entries import Content, NewsEntry, PromiseEntry
from demo.rooms import Room
from dialogue.commitments import actions
from dialogue.commitments.actions_seen import say_seen
from dialogue.commitments.actions_updates import release_update, write_update
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.policies import fingerprint
from dialogue.commitments.terms import Terms

LATER = timedelta(days=30)


def promise(room: Room, content: Content, listeners: dict[str, User], participants: dict[str, Participant]) -> None:
    """The promises of one session, through the same steps as on the site; then their days are moved into the past."""
    made: dict[str, Commitment] = {}
    for entry in content.promises:
        if entry.session == room.entry.key:
            made[entry.key] = _adopt(room, entry, listeners[entry.by], made.get(entry.replaces))
            for news in entry.news:
                _tell(room, made[entry.key], news)
            for letter, answer in entry.seen.items():
                say_seen(made[entry.key], answer=answer, by=participants[letter])


def _on(days: int) -> date:
    return today() + timedelta(days=days)


def _adopt(room: Room, entry: PromiseEntry, owner: User, old: Commitment | None) -> Commitment:
    terms = Terms(entry.text, entry.measure, max(_on(entry.due), today() + LATER), entry.level, entry.unit)
    if old:
        proposed = actions.propose_change(old, terms=terms, by=owner)
    else:
        proposed = actions.propose_commitment(room.dialogue_session, terms=terms, by=owner)
    actions.record_commitment(proposed, seen=fingerprint(proposed), by=room.team[0])
    adopted = actions.adopt_commitment(proposed, by=owner)
    if old:
        Commitment.objects.filter(pk=old.pk).update(ended_on=_on(entry.adopted))
    days = {"due_on": _on(entry.due), "recorded_on": _on(entry.adopted), "adopted_on": _on(entry.adopted)}
    Commitment.objects.filter(pk=adopted.pk).update(**days)
    adopted.refresh_from_db()
    return adopted


def _tell(room: Room, commitment: Commitment, news: NewsEntry) -> None:
    update = write_update(commitment, kind=news.kind, text=news.text, evidence_url=news.link, by=commitment.owner)
    release_update(update, by=room.team[-1])
    CommitmentUpdate.objects.filter(pk=update.pk).update(written_on=_on(news.day), decided_on=_on(news.day))
    Commitment.objects.filter(pk=commitment.pk, ended_on__isnull=False).update(ended_on=_on(news.day))
