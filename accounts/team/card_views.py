"""Pages of who makes cards: partners, batches, and the sheets that are taken once."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import named, staff_only
from accounts.models import OutreachPartner
from accounts.pickup import clear, lock_of
from accounts.team import actions, batches, queries
from accounts.team.cards import sheets_of
from accounts.team.forms import CardsForm, PartnerForm, SheetsForm, VoidForm
from seeds.press import NotNow
from seeds.transitions import NotAllowed


@staff_only
@require_http_methods(["GET", "POST"])
def cards(request: HttpRequest) -> HttpResponse:
    """Make a batch. Its codes wait for this web session only."""
    lock = lock_of(request.session)
    form = CardsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.make_batch(**form.cleaned_data, lock=lock, by=named(request))
        except (ValidationError, NotAllowed) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            return redirect("accounts:cards_sheet", form.cleaned_data["pk"])
    return render(request, "accounts/team/cards.html", {"form": form, "partners": queries.partners()})


@staff_only
@require_http_methods(["GET", "POST"])
def cards_sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The batch just made, before it is printed; on POST its sheets, once and for a minute."""
    batch = _good(request, pk)
    if batch is None:
        return render(request, "accounts/team/cards_gone.html")
    form = SheetsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            file = sheets_of(batch.codes, **form.cleaned_data)
        except NotNow:
            form.add_error(None, _("Another file is being made just now. Please try again in a minute."))
        else:
            return _sheets(request, pk, file)
    context = {"form": form, "pk": pk, "batch": batch, "count": len(batch.codes)}
    return render(request, "accounts/team/cards_sheet.html", context)


def _good(request: HttpRequest, pk: UUID) -> batches.Batch | None:
    """The batch, if it waits for this web session and none of its cards was made void."""
    batch = batches.waiting(pk, request.session)
    return batch if batch is not None and (batch.taken or actions.are_good(batch.codes)) else None


def _sheets(request: HttpRequest, pk: UUID, file: bytes) -> HttpResponse:
    """Looks again first: the batch may have been made void while its sheets were made."""
    batch = _good(request, pk)
    if batch is None:
        return render(request, "accounts/team/cards_gone.html")
    if not batch.taken:
        batches.keep(pk, replace(batch, taken=True), lock=lock_of(request.session))
    headers = {"Content-Disposition": 'attachment; filename="sheets.pdf"'}
    return HttpResponse(file, content_type="application/pdf", headers=headers)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def void_batch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then makes a batch void that is still here, as the print came out wrong."""
    batch = batches.waiting(pk, request.session)
    if batch is None:
        return redirect("accounts:cards_sheet", pk)
    if request.method != "POST":
        return render(request, "accounts/team/void_batch.html", {"pk": pk, "batch": batch, "count": len(batch.codes)})
    actions.void_batch(codes=batch.codes, by=named(request))
    clear(pk)
    messages.success(request, _("These cards are void. Please destroy what was printed of them."))
    return redirect("accounts:cards")


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def void_cards(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then makes all cards of a partner void that nobody has used."""
    partner = get_object_or_404(queries.partners(), pk=pk)
    form = VoidForm(request.POST if request.method == "POST" else None, initial={"seen": partner.unused_codes.count()})
    if not form.is_valid():
        return render(request, "accounts/team/void_cards.html", {"partner": partner, "form": form})
    try:
        actions.void_cards(partner=partner, **form.cleaned_data, by=named(request))
    except NotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The cards of %(name)s are void.") % {"name": partner.name})
    return redirect("accounts:partner_edit", pk)


@staff_only
@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/team/partners.html", {"partners": queries.partners()})


def _edit(request: HttpRequest, partner: OutreachPartner | None) -> HttpResponse:
    form = PartnerForm(request.POST if request.method == "POST" else None, instance=partner)
    if form.is_valid():
        try:
            actions.save_partner(form.save(commit=False))
        except ValidationError as error:
            form.add_error(None, error)
        else:
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
    return _edit(request, get_object_or_404(queries.partners(), pk=pk))
