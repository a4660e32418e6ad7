"""Pages of listeners, and of who vouches for them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import mail
from accounts.decorators import listener_only, named, staff_only
from accounts.listeners import actions, queries
from accounts.listeners.forms import PledgeForm, VerifyForm
from accounts.listeners.policies import may_sign_for
from accounts.listeners.promise import AGREEMENT, NOT_IMMUNITY, PLEDGE, RENEWABLE
from accounts.listeners.steps import Step
from accounts.models import ListenerProfile, today
from accounts.policies import SOON, is_verified
from seeds.transitions import NotAllowed

LONG_WAIT = timedelta(days=7)  # listeners are told that it takes up to five working days
PER_PAGE = 30


def _way(steps: list[Step], current: Step | None) -> dict[str, list[dict[str, Any]]]:
    """The steps beside the current one, as the component of that name takes them."""
    return {
        "to_come": [
            {
                "title": step.title,
                "text": step.text if step.url else step.why_not or step.text,
                "state": "next",
                "url": step.url,
                "action": step.action,
            }
            for step in steps
            if not step.done and step is not current
        ],
        "done": [{"title": step.title, "state": "done"} for step in steps if step.done],
    }


@listener_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Exactly one next step first, then the whole way."""
    user = named(request)
    steps = queries.all_steps(user)
    current = queries.next_step(steps)
    context = {
        "next": current,
        **_way(steps, current),
        "waiting": not is_verified(user),
        "pledge": queries.pledge_of(user),
        "agreement": queries.agreement_of(user.agency),
        "signs": may_sign_for(user),
    }
    return render(request, "accounts/listeners/home.html", context)


@listener_only
@require_http_methods(["GET", "POST"])
def pledge(request: HttpRequest) -> HttpResponse:
    user = named(request)
    form = PledgeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.sign_pledge(user)
        except NotAllowed as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("You have signed the pledge."))
        return redirect("accounts:listener_home")
    signed = queries.pledge_of(user)
    context = {
        "form": form,
        "pledge": PLEDGE,
        "not_immunity": NOT_IMMUNITY,
        "signed": signed,
        "may_sign": signed is None or signed.expires_on <= today() + RENEWABLE,
    }
    return render(request, "accounts/listeners/pledge.html", context)


@listener_only
@require_safe
def agreement_letter(request: HttpRequest) -> HttpResponse:
    """The letter to the head of office, ready to forward or to print."""
    user = named(request)
    context = {
        "agreement": AGREEMENT,
        "in_force": queries.agreement_of(user.agency),
        "site_url": settings.SITE_URL,
    }
    return render(request, "accounts/listeners/letter.html", context)


@staff_only
@require_safe
def listeners(request: HttpRequest) -> HttpResponse:
    """Who waits to be verified, and who is."""
    page = Paginator(queries.verified(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"waiting": queries.waiting(), "page": page, "long_ago": today() - LONG_WAIT, "soon": today() + SOON}
    return render(request, "accounts/listeners/list.html", context)


def _tell(request: HttpRequest, profile: ListenerProfile) -> None:
    """By mail to the listener, and on the next page to who verified."""
    user = profile.user
    sent = mail.send(
        "verified",
        to=user.email,
        language=user.language,
        subject=gettext_lazy("You are verified"),
        name=user.name,
        until=profile.verified_until,
    )
    messages.success(request, _("%(name)s is verified.") % {"name": user.name})
    if not sent:
        messages.warning(request, _("The mail about it could not be sent. Please tell the person yourself."))


@staff_only
@require_http_methods(["GET", "POST"])
def verify_listener(request: HttpRequest, pk: UUID) -> HttpResponse:
    profile = get_object_or_404(queries.profiles(), pk=pk)
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.verify_listener(profile, **form.cleaned_data, by=named(request))
        except ValidationError as error:
            form.add_error(None, error)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            _tell(request, profile)
            return redirect("accounts:listeners")
    context = {"form": form, "profile": profile, "verified": is_verified(profile.user)}
    return render(request, "accounts/listeners/verify.html", context)


@staff_only
@require_http_methods(["GET", "POST"])
def end_verification(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then locks the listener out."""
    profile = get_object_or_404(ListenerProfile.objects.select_related("user"), pk=pk)
    if request.method != "POST":
        return render(request, "accounts/listeners/end_verification.html", {"profile": profile})
    try:
        actions.end_verification(profile, by=named(request))
    except NotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("%(name)s is no longer verified.") % {"name": profile.user.name})
    return redirect("accounts:listeners")
