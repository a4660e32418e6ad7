"""Pages of who makes cards: partners, batches, and the sheet that is shown once."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.decorators import named, staff_only
from accounts.models import OutreachPartner
from accounts.team import actions, queries
from accounts.team.cards import address_as_qr, sheets, typed
from accounts.team.forms import CardsForm, PartnerForm
from seeds.transitions import NotAllowed

#: Where a batch waits, in the encrypted web session, for the one page that shows it.
BATCH = "card_batch"


@staff_only
@require_http_methods(["GET", "POST"])
def cards(request: HttpRequest) -> HttpResponse:
    """Make a batch. The codes travel in the web session to the sheet, once."""
    form = CardsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = actions.make_cards(**form.cleaned_data, by=named(request))
        except (ValidationError, NotAllowed) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            request.session[BATCH] = {"codes": codes, "partner": form.cleaned_data["partner"].name}
            return redirect("accounts:cards_sheet")
    return render(request, "accounts/team/cards.html", {"form": form, "partners": queries.partners()})


@staff_only
@require_GET
def cards_sheet(request: HttpRequest) -> HttpResponse:
    """The cards of the batch just made. Looking takes them out of the web session: a second look shows none."""
    batch = request.session.pop(BATCH, None)
    if batch is None:
        return render(request, "accounts/team/cards_gone.html")
    context = {
        "sheets": sheets(batch["codes"]),
        "count": len(batch["codes"]),
        "partner": batch["partner"],
        "address": typed(settings.SITE_URL),
        "qr": address_as_qr(settings.SITE_URL),
    }
    return render(request, "accounts/team/cards_sheet.html", context)


@staff_only
@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/team/partners.html", {"partners": queries.partners()})


def _edit(request: HttpRequest, partner: OutreachPartner | None) -> HttpResponse:
    form = PartnerForm(request.POST if request.method == "POST" else None, instance=partner)
    if form.is_valid():
        form.save()
        messages.success(request, _("The partner is stored."))
        return redirect("accounts:partners")
    return render(request, "accounts/team/partner.html", {"form": form, "partner": partner})


@staff_only
@require_http_methods(["GET", "POST"])
def partner_add(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@staff_only
@require_http_methods(["GET", "POST"])
def partner_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _edit(request, get_object_or_404(OutreachPartner, pk=pk))
