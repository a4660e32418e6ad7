"""The facilitator's desk."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only, staff_only
from dialogue.desk import queries
from dialogue.resources.actions import check_resource
from dialogue.resources.models import Resource
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


@staff_only
@require_safe
def resources(request: HttpRequest) -> HttpResponse:
    """The help lines, and when each was checked."""
    return render(request, "dialogue/desk/resources.html", {"rows": queries.resources()})


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def resource_check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a help line is right, today."""
    resource = get_object_or_404(Resource, pk=pk)
    if request.method == "POST":
        check_resource(resource, by=facilitator_of(request))
        messages.success(request, _("Noted: checked today."))
        return redirect("desk:resources")
    context = {"resource": resource, "back": reverse("desk:resources")}
    return render(request, "dialogue/desk/resource_check.html", context)
