"""What the pages of facilitators and operators show about people, invitations and cards."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.listeners import queries as listeners
from accounts.models import Agency, AgencyAgreement, Invitation, OutreachPartner, User, today


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


def people(role: str = "") -> QuerySet[User]:
    """Named accounts, of one role if given, open ones first."""
    rows = User.objects.select_related("agency").order_by("-is_active", "name", "pk")
    return rows.filter(role=role) if role else rows


def agencies_without_agreement() -> QuerySet[Agency]:
    """Agencies whose head of office has signed nothing that is in force today."""
    day = today()
    in_force = AgencyAgreement.objects.filter(
        agency=OuterRef("pk"), withdrawn_on=None, signed_on__lte=day, expires_on__gte=day
    )
    return Agency.objects.exclude(Exists(in_force))


def partners() -> QuerySet[OutreachPartner]:
    """Outreach partners with `unused`, their number of cards that nobody has used."""
    return OutreachPartner.objects.annotate(unused=Count("unused_codes")).order_by("-is_active", "name")


def people_tasks() -> list[Task]:
    """What waits for an operator about people and agencies."""
    without = agencies_without_agreement().count()
    return [
        Task(listeners.waiting().count(), _("listeners wait to be verified"), reverse("accounts:listeners")),
        Task(open_invitations().count(), _("invitations are open"), reverse("accounts:invite")),
        Task(expired_invitations().count(), _("invitations ran out"), reverse("accounts:invite")),
        Task(without, _("agencies have no agreement in force"), reverse("admin:accounts_agency_changelist")),
    ]


def operator_tasks() -> list[Task]:
    """What waits for an operator, from every part of the site that has something."""
    return [task for source in settings.OPERATOR_TASKS for task in import_string(source)()]
