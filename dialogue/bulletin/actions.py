"""Mailing the bulletin."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import OutreachPartner, User
from accounts.team.policies import may_make_cards
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.jobs.actions import start_job
from dialogue.jobs.models import Job
from seeds.transitions import NotAllowed


@transaction.atomic
def mail_bulletin(*, pk: UUID, area: str, partners: Iterable[OutreachPartner], lock: str, by: User) -> None:
    """Have it mailed to these partners; asked twice with the same `pk`, once.

    Raises NotAllowed for others than who makes cards, and while another mailing of theirs is on its way.
    """
    if not may_make_cards(by):
        raise NotAllowed(_("Only facilitators and operators write to partners."))
    ids = sorted(str(partner.pk) for partner in partners)
    wanted = {"area": area, "partners": ids}
    if start_job(pk=pk, kind=Job.Kind.BULLETIN, wanted=wanted, lock=lock, by=by, total=len(ids)):
        write(AuditEvent.Verb.MAIL_BULLETIN, by=by, detail=str(len(ids)))
