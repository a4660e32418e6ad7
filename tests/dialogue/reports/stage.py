"""A session that is over, with texts that their authors gave to the report and texts that they did not."""

from datetime import timedelta

from accounts.models import Participant, User, today
from dialogue.reflections.models import Reflection
from dialogue.reports import figures
from dialogue.reports.models import Report, Theme
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.models import Comment
from tests import factories

GIVEN = "They told me to wait in the cold and nobody said a single word for an hour."
KEPT = "My brother stopped calling anyone for help after they took his tent and everything in it."
TOLD = "You had to wait outside, and nobody said a single word to you."


def over(team: list[User], answers_needed: int = 2) -> DialogueSession:
    """In follow-up since today, the closing done."""
    session = factories.make_session(State.FOLLOW_UP, team=team, answers_needed=answers_needed)
    factories.make_round(session, RoundKind.LISTENING, Round.State.DONE)
    factories.make_round(session, RoundKind.CLOSING, Round.State.DONE)
    return session


def people_in(session: DialogueSession, number: int = 5) -> list[Participant]:
    people = [factories.make_participant() for _ in range(number)]
    for one in people:
        factories.make_alias(session, one)
    return people


def alias_of(person: Participant, session: DialogueSession) -> Alias:
    return session.aliases.get(tag=factories.tag_of(person, session))


def said(session: DialogueSession, person: Participant, text: str = GIVEN, consent: str = "verbatim") -> Comment:
    """A released text of this participant."""
    listening = session.rounds.get(kind=RoundKind.LISTENING)
    alias = alias_of(person, session)
    return factories.make_comment(listening, alias, text=text, state="released", quote_consent=consent)


def told_back(story: Comment, seat: ListenerSeat) -> Comment:
    """What this listener heard in the story, released; the listener gives it word for word."""
    reflecting = factories.make_round(story.thread.round.dialogue_session, RoundKind.REFLECTING, Round.State.DONE)
    told = factories.make_comment(reflecting, seat=seat, text=TOLD, state="released", quote_consent="verbatim")
    Reflection.objects.create(comment=told, heard=story, seat=seat)
    return told


def previewed(session: DialogueSession, *, days: int = 8, **fields: str) -> Report:
    """A report with one approved theme, shown to the participants since so many days."""
    factories.make_theme(session, Theme.State.APPROVED, **fields)
    report = Report.objects.get(dialogue_session=session)
    report.figures = figures.taken(session)
    report.state, report.preview_from = Report.State.PREVIEW, today() - timedelta(days=days)
    report.save()
    return report
