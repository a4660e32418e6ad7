"""Pages on which promises are signed for an agency, and taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.decorators import listener_only, named
from accounts.listeners import queries
from accounts.listeners.actions import withdraw_pledge as take_pledge_back
from accounts.listeners.actions_agreement import sign_agreement
from accounts.listeners.actions_agreement import withdraw_agreement as end_agreement
from accounts.listeners.forms import AgreementForm
from accounts.listeners.policies import may_sign_for, may_withdraw
from accounts.listeners.promise import AGREEMENT, NOT_IMMUNITY_PUBLIC, RENEWABLE
from accounts.models import AgencyAgreement, Role, User, today
from seeds.transitions import NotAllowed

FOLDER = "accounts/listeners"


@listener_only
@require_http_methods(["GET", "POST"])
def agreement(request: HttpRequest) -> HttpResponse:
    """The head of office reads and signs for the agency; other listeners go to the letter that asks for it."""
    user = named(request)
    if not may_sign_for(user):
        return redirect("accounts:agreement_letter")
    form = AgreementForm(request.POST or None, initial={"title": user.listener_profile.rank})
    if form.is_valid() and _is_signed(request, user, form):
        return redirect("accounts:agreement")
    signed = queries.agreement_of(user.agency)
    context = {
        "form": form,
        "agreement": AGREEMENT,
        "not_immunity": NOT_IMMUNITY_PUBLIC,
        "signed": signed,
        "may_sign": signed is None or signed.expires_on <= today() + RENEWABLE,
    }
    return render(request, f"{FOLDER}/agreement.html", context)


def _is_signed(request: HttpRequest, user: User, form: AgreementForm) -> bool:
    try:
        sign_agreement(user, title=form.cleaned_data["title"])
    except ValidationError as error:
        form.add_error(None, error)
        return False
    except NotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("You have signed for your agency. The agreement is public from now on."))
    return True


@require_http_methods(["GET", "POST"])
def withdraw_agreement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks the head or an operator once, then ends the agreement."""
    found = get_object_or_404(AgencyAgreement.objects.select_related("agency"), pk=pk)
    if not isinstance(request.user, User) or not may_withdraw(request.user, found):
        raise Http404
    back = "accounts:agencies" if request.user.role == Role.OPERATOR else "accounts:agreement"
    if request.method == "POST":
        return _acted(request, lambda: end_agreement(found, by=named(request)), _("The agreement is withdrawn."), back)
    context = {
        "heading": _("Withdraw the agreement of %(agency)s") % {"agency": found.agency},
        "text": _(
            "From the next page on, every listener of this agency is locked out of every session, and each list of"
            " listeners says so. The agreement stays public, with the day of its end."
        ),
        "action": _("Withdraw it"),
        "cancel_url": reverse(back),
    }
    return render(request, f"{FOLDER}/withdraw.html", context)


@listener_only
@require_http_methods(["GET", "POST"])
def withdraw_pledge(request: HttpRequest) -> HttpResponse:
    """Asks once, then takes the listener's own pledge back."""
    if request.method == "POST":
        done = _("Your pledge is withdrawn. You can sign it again.")
        return _acted(request, lambda: take_pledge_back(named(request)), done, "accounts:pledge")
    context = {
        "heading": _("Withdraw your pledge"),
        "text": _(
            "From the next page on you can’t read or write in any session, and each list of listeners says that you"
            " are locked. What you heard stays under the pledge: the promise was made for it."
        ),
        "action": _("Withdraw it"),
        "cancel_url": reverse("accounts:pledge"),
    }
    return render(request, f"{FOLDER}/withdraw.html", context)


def _acted(request: HttpRequest, step: Any, done: str, back: str) -> HttpResponse:
    try:
        step()
    except NotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(back)
