"""What the operator sees about crisis lines and local help."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import today
from accounts.team.queries import Task
from dialogue.resources.models import Resource


def resource_tasks() -> list[Task]:
    """How many numbers nobody has checked for too long; and whether there is none at all."""
    url = reverse("desk:resources")
    if not Resource.objects.exists():
        return [Task(0, _("crisis lines are entered: please add some"), url)]
    return [Task(Resource.objects.stale(today()).count(), _("crisis lines were not checked for 90 days"), url)]
