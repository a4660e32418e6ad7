"""The operator's page about the work that nobody sees."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import operator_only
from dialogue.retention.health import upkeep_page


@operator_only
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """When everything was last done, and what this PostgreSQL lacks."""
    return render(request, "dialogue/retention/health.html", upkeep_page(timezone.now()))
