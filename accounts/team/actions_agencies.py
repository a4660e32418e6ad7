"""Which agencies the site knows."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Agency, User
from accounts.team.policies import may_run_site
from seeds.transitions import NotAllowed


@transaction.atomic
def save_agency(agency: Agency, *, by: User) -> Agency:
    """Store a new agency, or a change to one. Raises NotAllowed for others than operators; ValidationError by field
    when somebody stored one of the same name at the same moment."""
    if not may_run_site(by):
        raise NotAllowed(_("Only operators keep the agencies."))
    try:
        with transaction.atomic():
            agency.save()
    except IntegrityError as error:
        raise ValidationError({"name": _("There is an agency with this name already.")}) from error
    audit.write("change_agency", by=by, detail=str(agency.pk))
    return agency
