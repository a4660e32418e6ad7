"""Pages of operators about agencies: what each has signed, and how long it holds."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import named, operator_only
from accounts.models import Agency, today
from accounts.policies import SOON
from accounts.team import queries
from accounts.team.actions_agencies import save_agency
from accounts.team.forms_agencies import AgencyForm

PER_PAGE = 30


@operator_only
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Every agency, with the last day of its agreement and how many of its people are here."""
    page = Paginator(queries.agencies(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/team/agencies.html", {"page": page, "soon": today() + SOON})


def _edit(request: HttpRequest, agency: Agency | None) -> HttpResponse:
    form = AgencyForm(request.POST if request.method == "POST" else None, instance=agency)
    if form.is_valid():
        try:
            save_agency(form.save(commit=False), by=named(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The agency is stored."))
            return redirect("accounts:agencies")
    context = {"form": form, "today": today()}
    if agency is not None:
        context |= {"agency": Agency.objects.get(pk=agency.pk), "agreements": queries.agreements_of(agency)}
    return render(request, "accounts/team/agency.html", context)


@operator_only
@require_http_methods(["GET", "POST"])
def agency_add(request: HttpRequest) -> HttpResponse:
    """A new one."""
    return _edit(request, None)


@operator_only
@require_http_methods(["GET", "POST"])
def agency_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the site knows of it, and everything that its heads have signed."""
    return _edit(request, get_object_or_404(Agency, pk=pk))
