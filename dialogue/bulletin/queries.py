"""What stands in a bulletin: only what anybody may read on the public pages, nothing of participants."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Agency
from dialogue.resources.policies import day_here
from dialogue.resources.queries import HelpLine, help_lines
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.queries_public import ahead
from dialogue.sessions.times import when

#: What fits on one page, with the longest titles there can be.
MOST_SESSIONS = 4
MOST_LINES = 4


@dataclass(frozen=True)
class Told:
    """One talk, in words."""

    title: str
    when: str
    where: str
    agencies: str
    paused: bool


@dataclass(frozen=True)
class Bulletin:
    """What is told. `more`: talks to come that did not fit; they stand at `times` with the others."""

    area: str
    made_on: str
    sessions: list[Told]
    more: int
    times: str
    police: list[str]
    cards: list[str]
    lines: list[HelpLine]


def areas() -> list[str]:
    """The places in which agencies work."""
    return list(Agency.objects.order_by("area").values_list("area", flat=True).distinct())


def bulletin(area: str = "") -> Bulletin:
    """As of today, in the reader's language: of the talks with agencies of one area, or of all."""
    found = ahead(AnonymousUser())
    if area:
        found = found.filter(pk__in=DialogueSession.objects.filter(agencies__area=area).values("pk"))
    sessions = list(found)
    times = f"{settings.SITE_URL}{reverse('sessions:times')}".partition("://")[2]
    return Bulletin(
        area=area,
        made_on=date_format(day_here(), "DATE_FORMAT"),
        sessions=[_told(one) for one in sessions[:MOST_SESSIONS]],
        more=max(0, len(sessions) - MOST_SESSIONS),
        times=times,
        police=_of_police(),
        cards=_of_cards(),
        lines=[line for lines in help_lines().values() for line in lines][:MOST_LINES],
    )


def _told(dialogue_session: DialogueSession) -> Told:
    kind, place = dialogue_session.get_format_display(), dialogue_session.get_venue_display()
    return Told(
        title=dialogue_session.title,
        when=when(dialogue_session),
        where=f"{kind}. {place}.",
        agencies=", ".join(agency.name for agency in dialogue_session.agencies.all()),
        paused=dialogue_session.paused,
    )


def _of_police() -> list[str]:
    return [
        _("They read what people wrote once a facilitator has let it through, under a name that we draw."),
        _("They don’t see who joined, who is there now, who reads, or when somebody wrote."),
        _("They give their own name and agency. They own up to harm before they get a place."),
        _("They can copy what they read. The law does not shield what is said here; a court can ask for it."),
    ]


def _of_cards() -> list[str]:
    return [
        _("A card lets one person in. It bears an address and a code, and does not say what it is for."),
        _("Please hand cards out in person, and write down nothing about who got one."),
        _("The code works once. Then the site gives out seven words, which are the way back in."),
        _("Nobody can bring lost words back. Who lost them needs a new card, and starts with a new name."),
        _("Tell people the times yourself: we have no way to reach them."),
    ]
