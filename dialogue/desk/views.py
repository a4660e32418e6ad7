"""The facilitator's desk."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import facilitator_only
from dialogue.desk import queries
from dialogue.sessions.queries_public import card
from dialogue.sessions.queries_team import led
from dialogue.sessions.views_team import facilitator_of

A_PAGE = 20


@facilitator_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Today at a glance."""
    return render(request, "dialogue/desk/home.html", queries.home(facilitator_of(request)))


@facilitator_only
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """All sessions this facilitator leads."""
    page = Paginator(led(facilitator_of(request)), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "dialogue/desk/sessions.html", {"page": page, "rows": [card(one) for one in page]})
