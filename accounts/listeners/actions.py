"""How a listener comes in, is vouched for, and promises."""

from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.listeners.policies import may_vouch
from accounts.listeners.promise import LASTS, PLEDGE, RENEWABLE, version, whole
from accounts.models import Agency, ListenerProfile, Pledge, Role, User, today
from seeds.languages import active
from seeds.transitions import NotAllowed

LONGEST = timedelta(days=366)
VERIFICATION = ("verified_by", "verified_on", "verified_until", "verification_method", "is_head", "leads_unit")


@transaction.atomic
def register_listener(
    user: User, *, email: str, name: str, rank: str, agency: Agency, password1: str, **_rest: Any
) -> User:
    """Store a listener who has just signed up, with an unconfirmed address and nobody's word for who it is."""
    user.email = email.lower()
    user.name, user.role, user.agency = name, Role.LISTENER, agency
    user.time_zone, user.language = settings.SITE_TIME_ZONE, active()
    user.set_password(password1)
    user.save()
    ListenerProfile.objects.create(user=user, rank=rank)
    return user


def _locked(profile: ListenerProfile) -> ListenerProfile:
    return ListenerProfile.objects.select_for_update(of=("self",)).select_related("user").get(pk=profile.pk)


def _only_vouchers(by: User) -> None:
    if not may_vouch(by):
        raise NotAllowed(_("Only facilitators and operators verify listeners."))


@transaction.atomic
def verify_listener(
    profile: ListenerProfile, *, method: str, until: date, is_head: bool = False, leads_unit: bool = False, by: User
) -> ListenerProfile:
    """Record that `by` made sure who this listener is, and how; good until and on the day `until`. A head of office
    may sign for the agency, and is always public by name; who leads a unit may promise for it.

    Raises ValidationError for an unknown method or a day that is past or more than a year away, NotAllowed for
    others than facilitators and operators, and for a listener whose address is not confirmed.
    """
    _only_vouchers(by)
    if method not in ListenerProfile.Method.values:
        raise ValidationError({"method": _("Choose how you made sure.")})
    if not today() < until <= today() + LONGEST:
        raise ValidationError({"until": _("Choose a day after today, at most a year away.")})
    current = _locked(profile)
    if not EmailAddress.objects.filter(user=current.user, verified=True).exists():
        raise NotAllowed(_("This person has not confirmed the e-mail address yet."))
    profile.verified_by, profile.verified_on = by, today()
    profile.verified_until, profile.verification_method = until, method
    profile.is_head, profile.leads_unit = is_head, leads_unit
    profile.save(update_fields=VERIFICATION)
    said = [method, *(["head of office"] if is_head else []), *(["leads a unit"] if leads_unit else [])]
    audit.write("verify_listener", by=by, detail=", ".join(said))
    return profile


@transaction.atomic
def end_verification(profile: ListenerProfile, *, by: User) -> ListenerProfile:
    """Take back the word for who this listener is: locked out of every session from the next page on.

    Raises NotAllowed for others than facilitators and operators, and when there is nothing to take back.
    """
    _only_vouchers(by)
    if _locked(profile).verified_by_id is None:
        raise NotAllowed(_("This listener is not verified."))
    profile.verified_by = profile.verified_on = profile.verified_until = None
    profile.verification_method, profile.is_head, profile.leads_unit = "", False, False
    profile.save(update_fields=VERIFICATION)
    audit.write("end_verification", by=by)
    return profile


@transaction.atomic
def show_name(profile: ListenerProfile, *, shown: bool) -> ListenerProfile:
    """Let the public read the listener's name, or no longer. Raises NotAllowed for a head of office who hides it."""
    if _locked(profile).is_head and not shown:
        raise NotAllowed(_("The name of a head of office is always public."))
    profile.shows_name = shown
    profile.save(update_fields=["shows_name"])
    return profile


@transaction.atomic
def sign_pledge(user: User) -> Pledge:
    """Sign the pledge for a year, in the words shown. Raises NotAllowed for others than listeners, and for one who
    has a pledge that runs for longer than RENEWABLE."""
    if user.role != Role.LISTENER:
        raise NotAllowed(_("Only listeners sign this pledge."))
    User.objects.select_for_update().get(pk=user.pk)  # two clicks at once sign once
    lasting = Pledge.objects.filter(user=user, withdrawn_on=None, expires_on__gt=today() + RENEWABLE)
    if lasting.exists():
        raise NotAllowed(_("You have signed the pledge already."))
    return Pledge.objects.create(
        user=user, text=whole(PLEDGE), version=version(), signed_on=today(), expires_on=today() + LASTS
    )


@transaction.atomic
def withdraw_pledge(user: User) -> None:
    """Take the pledge back: locked out of every session from the next page on. It can be signed again.

    Raises NotAllowed when there is none in force.
    """
    mine = Pledge.objects.filter(user=user, withdrawn_on=None, expires_on__gte=today())
    if not mine.update(withdrawn_on=today()):
        raise NotAllowed(_("You have no pledge in force."))
