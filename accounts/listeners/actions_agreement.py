"""The head of an office signs for the agency, in person and in public, and may withdraw it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.listeners.policies import may_sign_for, may_withdraw
from accounts.listeners.promise import AGREEMENT, LASTS, RENEWABLE, version, whole
from accounts.models import Agency, AgencyAgreement, User, today
from seeds.transitions import NotAllowed

MAX_TITLE = 120


@transaction.atomic
def sign_agreement(user: User, *, title: str) -> AgencyAgreement:
    """Sign for the agency for a year, in the words shown, with the name of the account.

    Raises ValidationError for an empty or too long title; NotAllowed for others than the agency's head whose
    verification is in force, and while an agreement runs for longer than RENEWABLE.
    """
    said = " ".join(title.split())
    if not 0 < len(said) <= MAX_TITLE:
        raise ValidationError({"title": _("Please write your title, in at most 120 characters.")})
    if user.agency_id is None or not may_sign_for(user):
        raise NotAllowed(_("Only the head of the office signs for the agency, once we have made sure of it."))
    agency = Agency.objects.select_for_update().get(pk=user.agency_id)  # two clicks at once sign once
    lasting = agency.agreements.filter(withdrawn_on=None, expires_on__gt=today() + RENEWABLE)
    if lasting.exists():
        raise NotAllowed(_("Your agency’s agreement is signed already."))
    signed = AgencyAgreement.objects.create(
        agency=agency,
        text=whole(AGREEMENT),
        version=version(),
        signed_by=user,
        signed_by_name=user.name,
        signed_by_title=said,
        signed_on=today(),
        expires_on=today() + LASTS,
    )
    audit.write("sign_agreement", by=user, detail=version())
    return signed


@transaction.atomic
def withdraw_agreement(agreement: AgencyAgreement, *, by: User) -> AgencyAgreement:
    """End an agreement today, and every other of the agency: each of its listeners is locked from the next page on.

    There are others in force when the head has renewed before the end of the year.

    Raises NotAllowed for others than the agency's head and operators, and when this one is not in force.
    """
    if not may_withdraw(by, agreement):
        raise NotAllowed(_("Only the head of the office or an operator can do this."))
    in_force = AgencyAgreement.objects.filter(agency=agreement.agency_id, withdrawn_on=None, expires_on__gte=today())
    held = in_force.select_for_update().order_by("pk").values_list("pk", flat=True)
    if agreement.pk not in held:
        raise NotAllowed(_("This agreement is not in force. Nothing was changed."))
    in_force.update(withdrawn_on=today())
    audit.write("end_agreement", by=by)
    agreement.refresh_from_db(fields=["withdrawn_on"])
    return agreement
