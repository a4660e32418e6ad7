"""What has to be there before the first talk: people and agencies. Other parts of the site name theirs themselves."""

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.listeners.steps import Step
from accounts.models import Agency, OutreachPartner, Role, User
from accounts.team.queries import agencies_in_force

TEAM = 2  # who leads a talk at least; a peer among them
OPERATORS = 2  # so that nobody is locked out when one of them is away


def people_steps() -> list[Step]:
    """Three queries."""
    active = User.objects.filter(is_active=True).aggregate(
        operators=Count("pk", filter=Q(role=Role.OPERATOR)),
        facilitators=Count("pk", filter=Q(role=Role.FACILITATOR)),
        peers=Count("pk", filter=Q(is_peer=True)),
    )
    agencies = Agency.objects.aggregate(all=Count("pk"), signed=Count("pk", filter=Q(pk__in=agencies_in_force())))
    invite, agency_list = reverse("accounts:invite"), reverse("accounts:agencies")
    return [
        Step(
            _("A second operator"),
            _("So that the site is not left alone when you are away."),
            active["operators"] >= OPERATORS,
            invite,
            _("Invite an operator"),
        ),
        Step(
            _("Two facilitators, one of them a peer"),
            _("Each talk is led by at least two people, one with lived experience of drug use."),
            active["facilitators"] >= TEAM and active["peers"] > 0,
            invite,
            _("Invite a facilitator"),
        ),
        Step(
            _("The first agency"),
            _("Listeners register with an address of their agency; the site must know it."),
            agencies["all"] > 0,
            reverse("accounts:agency_add"),
            _("Add an agency"),
        ),
        Step(
            _("An agreement that is in force"),
            _("The head of the office signs it here, in person, once a listener of the agency has registered."),
            agencies["signed"] > 0,
            agency_list,
            _("Look at the agencies"),
        ),
        Step(
            _("The first outreach partner"),
            _("Partners hand out the cards with which participants come in."),
            OutreachPartner.objects.filter(is_active=True).exists(),
            reverse("accounts:partners"),
            _("Add a partner"),
        ),
    ]


def setup_steps() -> list[Step]:
    """All of them, from every part of the site, in the order in which they are done best."""
    return [step for source in settings.SETUP_STEPS for step in import_string(source)()]
