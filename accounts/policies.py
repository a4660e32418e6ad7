"""Who somebody is, as far as a page may ask."""

from datetime import timedelta
from typing import TYPE_CHECKING

from accounts.models import AgencyAgreement, Participant, Pledge, Role, User, today

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

SOON = timedelta(days=30)  # what runs out sooner than this has to be seen to now


def role_of(viewer: "User | Participant | AnonymousUser") -> str:
    """public, participant, listener, facilitator or operator."""
    return getattr(viewer, "role", "public") if viewer.is_authenticated else "public"


def is_verified(user: User) -> bool:
    """Whether somebody made sure who this listener is, and that has not run out."""
    profile = getattr(user, "listener_profile", None)
    return bool(profile and profile.verified_until and profile.verified_until >= today())


def has_pledged(user: User) -> bool:
    """Whether this listener's own pledge is in force."""
    return Pledge.objects.filter(user=user, withdrawn_on=None, expires_on__gte=today()).exists()


def agreement_in_force(user: User) -> bool:
    """Whether the listener's agency stands by an agreement today."""
    return AgencyAgreement.objects.filter(
        agency=user.agency_id, withdrawn_on=None, signed_on__lte=today(), expires_on__gte=today()
    ).exists()


def may_listen(user: User) -> bool:
    """Whether this listener may be in a session at all. Asked at every request: a lapse locks at once."""
    return (
        user.role == Role.LISTENER
        and user.is_active
        and is_verified(user)
        and has_pledged(user)
        and agreement_in_force(user)
    )
