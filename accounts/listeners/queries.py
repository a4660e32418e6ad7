"""What the pages about listeners show."""

from datetime import date

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.listeners.policies import address_belongs, may_sign_for
from accounts.listeners.steps import Step
from accounts.models import Agency, AgencyAgreement, ListenerProfile, Pledge, User, today
from accounts.policies import agreement_in_force, has_pledged, is_verified


def agency_owning(email: str) -> Agency | None:
    """The agency at one of whose domains this address is, if any."""
    return next((agency for agency in Agency.objects.all() if address_belongs(email, agency)), None)


def _pledge(user: User) -> Step:
    return Step(
        title=_("Sign the pledge"),
        text=_("Your own promise not to use what is said here. One page, good for a year."),
        done=has_pledged(user),
        url=reverse("accounts:pledge"),
        action=_("Read the pledge"),
    )


def _agreement(user: User) -> Step:
    if may_sign_for(user):
        return Step(
            title=_("Sign for your agency"),
            text=_("You are the head of the office. Its listeners can take part once you have signed."),
            done=agreement_in_force(user),
            url=reverse("accounts:agreement"),
            action=_("Read the agreement"),
        )
    return Step(
        title=_("Your agency agrees in writing"),
        text=_("Your head of office signs an agreement here. We wrote the letter that asks for it; you forward it."),
        done=agreement_in_force(user),
        url=reverse("accounts:agreement_letter"),
        action=_("See the letter"),
    )


def _verification(user: User) -> Step:
    return Step(
        title=_("We make sure who you are"),
        text=_("A person calls you back through your agency’s published number, or sees you in person."),
        done=is_verified(user),
        why_not=_("This is ours to do. It usually takes up to five working days. You get a mail when it is done."),
    )


def entry_steps(user: User) -> list[Step]:
    """What every listener does once, or once a year, before any session."""
    account = Step(title=_("Confirm your e-mail and set up a second factor"), done=True)
    return [account, _pledge(user), _agreement(user), _verification(user)]


def all_steps(user: User) -> list[Step]:
    """The listener's whole way, from every part of the site that has a say in it, in order."""
    return [step for source in settings.LISTENER_STEPS for step in import_string(source)(user)]


def next_step(steps: list[Step]) -> Step | None:
    """The first that the listener can do now; else the first that somebody else has to do."""
    open_steps = [step for step in steps if not step.done]
    return next((step for step in open_steps if step.url), open_steps[0] if open_steps else None)


def agreement_of(agency: Agency | None) -> AgencyAgreement | None:
    """The agency's agreement that is in force today, if any."""
    day = today()
    in_force = AgencyAgreement.objects.filter(agency=agency, withdrawn_on=None, signed_on__lte=day, expires_on__gte=day)
    return in_force.order_by("-expires_on", "pk").first()


def pledge_of(user: User) -> Pledge | None:
    """The listener's pledge that is in force today, if any."""
    mine = Pledge.objects.filter(user=user, withdrawn_on=None, expires_on__gte=today())
    return mine.order_by("-expires_on", "pk").first()


def profiles() -> QuerySet[ListenerProfile]:
    """Every listener whose address is confirmed and whose account is open."""
    rows = ListenerProfile.objects.select_related("user__agency", "verified_by")
    return rows.filter(user__is_active=True, user__emailaddress__verified=True).distinct()


def waiting() -> QuerySet[ListenerProfile]:
    """Those whom nobody has verified, or whose verification ran out, the longest-waiting first."""
    rows = profiles().exclude(verified_until__gte=today())
    return rows.order_by("user__joined_on", "user__name", "pk")


def run_out_by(day: date) -> QuerySet[ListenerProfile]:
    """Those who are verified today and will not be after this day."""
    return profiles().filter(verified_until__gte=today(), verified_until__lte=day)


def verified() -> QuerySet[ListenerProfile]:
    """Those who are verified today, the soonest to run out first."""
    return profiles().filter(verified_until__gte=today()).order_by(F("verified_until"), "user__name", "pk")
