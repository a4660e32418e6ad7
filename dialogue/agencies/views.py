"""The public pages of agencies."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.listeners.promise import NOT_IMMUNITY_PUBLIC
from accounts.models import Agency
from dialogue.agencies import queries
from dialogue.commitments.queries_public import record_of
from dialogue.sessions.views_public import layout_for

A_PAGE = 30


@login_not_required
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Every agency, whether it has signed, and its record."""
    page = Paginator(queries.all_agencies(), A_PAGE).get_page(request.GET.get("page"))
    context = {"layout": layout_for(request), "page": page, "records": record_of(page)}
    return render(request, "dialogue/agencies/list.html", context)


@login_not_required
@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one agency signed, what it concedes, what it promised and kept."""
    agency = get_object_or_404(Agency, pk=pk)
    context = queries.page_of(agency, request.user)
    context |= {"layout": layout_for(request), "not_immunity": NOT_IMMUNITY_PUBLIC}
    return render(request, "dialogue/agencies/detail.html", context)
