"""What anybody may read of an agency: what it signed, what it concedes, what it promised and kept."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Agency, AgencyAgreement, today
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.acknowledgments.queries import told
from dialogue.commitments.queries_public import finding_of, latest_of, tiles_of
from dialogue.reports.queries import of_agency
from dialogue.sessions.models import ListenerSeat
from dialogue.sessions.queries_public import ahead, card, listed

PROMISES_SHOWN = 3  # on the page of an agency; the register has all
MOST_REPORTS = 50  # on one page; all are in the list of reports


def _in_force() -> QuerySet[AgencyAgreement]:
    day = today()
    return AgencyAgreement.objects.filter(withdrawn_on=None, signed_on__lte=day, expires_on__gte=day)


def all_agencies() -> QuerySet[Agency]:
    """Every agency by its name, with `has_signed`: whether an agreement is in force today."""
    return Agency.objects.annotate(has_signed=Exists(_in_force().filter(agency=OuterRef("pk")))).order_by("name", "pk")


def conceded(agency: Agency) -> QuerySet[Acknowledgment]:
    """What was said for the agency and found enough to begin, the latest first."""
    accepted = Acknowledgment.objects.filter(
        scope=Acknowledgment.Scope.AGENCY,
        state=Acknowledgment.State.ACCEPTED,
        seat__listener__agency=agency,
    ).exclude(seat__state=ListenerSeat.State.NOT_PLACED)
    people = ("seat__listener__agency", "seat__listener__listener_profile", "seat__dialogue_session")
    return accepted.select_related(*people).order_by("-checked_on", "pk")


def page_of(agency: Agency, viewer: Any) -> dict[str, Any]:
    """Everything on the public page of one agency."""
    current = _in_force().filter(agency=agency).order_by("-expires_on", "pk").first()
    agreements = agency.agreements.order_by("-signed_on", "-expires_on", "pk")
    tiles = tiles_of(agency)
    return {
        "agency": agency,
        "current": current,
        "earlier": [one for one in agreements if one != current],
        "conceded": [{"speaker": _speaker(one.seat, viewer), "parts": told(one)} for one in conceded(agency)],
        "tiles": tiles,
        "finding": finding_of(tiles),
        "promises": latest_of(agency, viewer, PROMISES_SHOWN),
        "reports": of_agency(agency)[:MOST_REPORTS],
        "sessions": [card(one) for one in ahead(viewer).filter(agencies=agency)],
    }


def _speaker(seat: ListenerSeat, viewer: Any) -> dict[str, Any]:
    seat.in_force = True  # whether somebody may listen today is not the matter here
    return listed(seat, viewer)
