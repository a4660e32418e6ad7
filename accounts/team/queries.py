"""What the pages of facilitators and operators show about people, invitations and cards."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import ngettext

from accounts.listeners import queries as listeners
from accounts.models import Agency, AgencyAgreement, Invitation, OutreachPartner, User, today
from accounts.policies import SOON

FEW_CARDS = 8  # a sheet of them


@dataclass(frozen=True)
class Task:
    """Something an operator should see to: a number, what it counts, where to go."""

    number: int
    caption: str | Promise
    url: str


def digest_of(token: str) -> bytes:
    """What is kept of an invitation's link. The token is random, so a plain hash tells nothing."""
    return hashlib.sha256(token.encode()).digest()


def invitation_for(token: str) -> Invitation | None:
    """The invitation behind this link, whatever its state."""
    return Invitation.objects.filter(digest=digest_of(token)).first()


def open_invitations() -> QuerySet[Invitation]:
    """Sent, not accepted, still good: the soonest to expire first."""
    rows = Invitation.objects.filter(accepted_at=None, expires_at__gt=timezone.now())
    return rows.order_by("expires_at", "email")


def expired_invitations() -> QuerySet[Invitation]:
    """Never accepted and no longer good, the latest first."""
    rows = Invitation.objects.filter(accepted_at=None, expires_at__lte=timezone.now())
    return rows.order_by("-expires_at", "email")


def people(role: str = "", agency: Agency | None = None, words: str = "") -> QuerySet[User]:
    """Named accounts, open ones first: of one role, of one agency, with these words in name or address."""
    rows = User.objects.select_related("agency").order_by("-is_active", "name", "pk")
    if role:
        rows = rows.filter(role=role)
    if agency:
        rows = rows.filter(agency=agency)
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return rows


def agreements_in_force() -> QuerySet[AgencyAgreement]:
    """Those that hold today."""
    day = today()
    return AgencyAgreement.objects.filter(withdrawn_on=None, signed_on__lte=day, expires_on__gte=day)


def agencies_in_force() -> QuerySet[AgencyAgreement, UUID]:
    """The agencies whose head of office has signed what holds today."""
    return agreements_in_force().values_list("agency_id", flat=True)


def agencies() -> QuerySet[Agency]:
    """Every agency: `held_until` (the last day of its agreement in force, or None) and `people` (open accounts)."""
    held = Max("agreements__expires_on", filter=Q(agreements__in=agreements_in_force()))
    people = Count("user", filter=Q(user__is_active=True), distinct=True)
    return Agency.objects.annotate(held_until=held, people=people).order_by("name")


def agreements_of(agency: Agency) -> QuerySet[AgencyAgreement]:
    """What its heads signed, the latest first."""
    return agency.agreements.order_by("-signed_on", "pk")


def partners() -> QuerySet[OutreachPartner]:
    """Outreach partners with `unused`, their number of cards that nobody has used."""
    return OutreachPartner.objects.annotate(unused=Count("unused_codes")).order_by("-is_active", "name")


def partners_short_of_cards() -> QuerySet[OutreachPartner]:
    """Active partners who can soon give out no more cards."""
    return OutreachPartner.objects.annotate(unused=Count("unused_codes")).filter(is_active=True, unused__lt=FEW_CARDS)


def people_tasks() -> list[Task]:
    """What waits for an operator about people, agencies and partners."""
    unverified, unsure = listeners.waiting().count(), listeners.run_out_by(today() + SOON).count()
    valid, expired = open_invitations().count(), expired_invitations().count()
    held, lasting = agencies_in_force(), agreements_in_force().filter(expires_on__gt=today() + SOON).values("agency")
    ends = Agency.objects.aggregate(
        without=Count("pk", filter=~Q(pk__in=held)), soon=Count("pk", filter=Q(pk__in=held) & ~Q(pk__in=lasting))
    )
    short = partners_short_of_cards().count()
    invite, listening, agency_list = (reverse(f"accounts:{name}") for name in ("invite", "listeners", "agencies"))
    return [
        Task(
            unverified,
            ngettext("listener waits to be verified", "listeners wait to be verified", unverified),
            listening,
        ),
        Task(
            unsure,
            ngettext("verification runs out within 30 days", "verifications run out within 30 days", unsure),
            listening,
        ),
        Task(valid, ngettext("invitation is open", "invitations are open", valid), invite),
        Task(expired, ngettext("invitation ran out", "invitations ran out", expired), invite),
        Task(
            ends["without"],
            ngettext("agency has no agreement in force", "agencies have no agreement in force", ends["without"]),
            agency_list,
        ),
        Task(
            ends["soon"],
            ngettext("agreement runs out within 30 days", "agreements run out within 30 days", ends["soon"]),
            agency_list,
        ),
        Task(
            short,
            ngettext("partner has few cards left", "partners have few cards left", short),
            reverse("accounts:partners"),
        ),
    ]


def operator_tasks() -> list[Task]:
    """What waits for an operator, from every part of the site that has something."""
    return [task for source in settings.OPERATOR_TASKS for task in import_string(source)()]
