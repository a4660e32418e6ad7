"""Which times, places and sizes are bad ones, and why. Going on against one takes a reason that is kept."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.models_guards import Guard
from dialogue.sessions.times import local

NOON = 12
#: With fewer, each text has so few possible authors that a listener can guess who wrote it.
FEWEST = 5
#: Below this a story alone often names its author: where some 50,000 people live, a few hundred use drugs, and the
#: officers know many of them by name. An agency whose area nobody has counted is taken for a small one.
SMALL_CATCHMENT = 50_000
GUARDED = (State.DRAFT, State.ANNOUNCED, State.PREPARING)  # after these no gate looks at a guard any more

WHY: dict[Guard, str | Promise] = {
    Guard.BEFORE_NOON: _(
        "Many who use drugs have their worst hours in the morning, and would come unwell or not at all."
    ),
    Guard.BENEFIT_DAY: _("On these days many have errands that can’t wait, and money that has to last."),
    Guard.GOVERNMENT_VENUE: _("Who fears arrest won’t walk past a guard, a camera or a police car."),
    Guard.FEW_PARTICIPANTS: _("Among so few, a listener can guess who wrote what. Nobody should be there alone."),
    Guard.MANY_LISTENERS: _("Those who risk the most must not be outnumbered by those with the power."),
    Guard.SMALL_CATCHMENT: _("Where all know each other, a story without a name still says whose it is."),
}


@dataclass(frozen=True)
class Times:
    """When a session is, or could be: what the guards of the times look at."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    live: bool


def times_of(dialogue_session: DialogueSession) -> Times:
    """The times that the session has."""
    live = dialogue_session.format == DialogueSession.Format.LIVE
    return Times(dialogue_session.starts_at, dialogue_session.ends_at, dialogue_session.time_zone, live)


def met_by_times(times: Times) -> list[Guard]:
    """The guards that these times meet.

    The hour counts only where all must be there at the same one: over days, everybody comes when it suits them.
    So does every day but the first, on which all look in to see what was conceded.
    """
    start, end = local(times.starts_at, times.zone), local(times.ends_at, times.zone)
    last = max(start, end - timedelta(microseconds=1)) if times.live else start  # an end at midnight is the day before
    met = [Guard.BEFORE_NOON] if times.live and start.hour < NOON else []
    return met + ([Guard.BENEFIT_DAY] if _holds_benefit_day(start, last) else [])


def _holds_benefit_day(start: datetime, last: datetime) -> bool:
    days = (last.date() - start.date()).days
    # After 31 days every day of the month has come, so a session of years costs no more than one of a month.
    return any((start.date() + timedelta(days=day)).day in settings.BENEFIT_DAYS for day in range(min(days, 31) + 1))


def met(dialogue_session: DialogueSession, populations: Collection[int | None]) -> list[Guard]:
    """Every guard that the session meets as it is planned now; `populations` are those of its agencies."""
    return [*met_by_times(times_of(dialogue_session)), *_met_by_facts(dialogue_session, populations)]


def _met_by_facts(dialogue_session: DialogueSession, populations: Collection[int | None]) -> Iterator[Guard]:
    if dialogue_session.venue == DialogueSession.Venue.GOVERNMENT:
        yield Guard.GOVERNMENT_VENUE
    if dialogue_session.minimum < FEWEST:
        yield Guard.FEW_PARTICIPANTS
    if dialogue_session.listener_places > dialogue_session.minimum:
        yield Guard.MANY_LISTENERS
    if any(living is None or living < SMALL_CATCHMENT for living in populations):
        yield Guard.SMALL_CATCHMENT
