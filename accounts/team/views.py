"""Pages of operators: what is to do, invitations, people; and everybody's own profile."""

import re
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import mail
from accounts.decorators import named, named_only, operator_only
from accounts.models import Invitation, User
from accounts.team import actions, queries
from accounts.team.forms import AcceptForm, InviteForm, ProfileForm
from accounts.team.forms_agencies import PeopleForm
from accounts.team.setup import setup_steps
from seeds.transitions import NotAllowed

PER_PAGE = 30


@operator_only
@require_safe
def operator_home(request: HttpRequest) -> HttpResponse:
    """What waits, in big numbers; what is in order, folded away; and the ways to everything else."""
    tasks, steps = queries.operator_tasks(), setup_steps()
    context = {
        "waiting": [one for one in tasks if one.number],
        "in_order": [one for one in tasks if not one.number],
        "steps": steps,
        "steps_left": sum(not step.done for step in steps),
    }
    return render(request, "accounts/team/home.html", context)


def _send(request: HttpRequest, invitation: Invitation, token: str, language: str) -> None:
    sent = mail.send(
        "invitation",
        to=invitation.email,
        language=language,
        subject=gettext_lazy("An invitation"),
        invitation=invitation,
        token=token,
    )
    if sent:
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
    else:
        messages.error(request, _("The mail server did not take the mail. Please invite this person again later."))


@operator_only
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody, and see which invitations are open or ran out."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        language = form.cleaned_data.pop("language")  # not kept: the account has that of the page where it is accepted
        try:
            invitation, token = actions.invite(**form.cleaned_data, by=named(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if token:  # else the form was sent twice, and the mail is on its way
                _send(request, invitation, token, language)
            return redirect("accounts:invite")
    context = {
        "form": form,
        "open": queries.open_invitations(),
        "expired": queries.expired_invitations(),
    }
    return render(request, "accounts/team/invite.html", context)


@login_not_required
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invitation's link leads. Whoever holds the link may accept it, once."""
    found = queries.invitation_for(token)
    try:
        open_one = actions.check_open(found)
        form = AcceptForm(request.POST if request.method == "POST" else None, initial={"name": open_one.name})
        if form.is_valid():
            return _accept(request, token, form)
    except NotAllowed as refusal:
        return render(request, "accounts/team/invitation_closed.html", {"why": str(refusal)}, status=410)
    except ValidationError as error:
        form.add_error("password", error)
    return render(request, "accounts/team/invitation.html", {"form": form, "invitation": open_one})


def _accept(request: HttpRequest, token: str, form: AcceptForm) -> HttpResponse:
    name, password = form.cleaned_data["name"], form.cleaned_data["password"]
    actions.accept_invitation(token, name=name, password=password)
    messages.success(request, _("Your account is there. Sign in, then set up your second factor."))
    return redirect("account_login")


@operator_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who is here by name; or those of a role, an agency, a name."""
    form = PeopleForm(request.GET)
    form.is_valid()  # a field that can't be read is left out
    asked = form.cleaned_data
    found = queries.people(asked.get("role", ""), asked.get("agency"), asked.get("words", ""))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "is_search": any(asked.values())}
    return render(request, "accounts/team/people.html", context)


@operator_only
@require_http_methods(["GET", "POST"])
def close_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then closes the account; or opens a closed one again. A page sent twice does what it said once."""
    user = get_object_or_404(User, pk=pk)
    change = {"close": actions.close_account, "open": actions.open_account}.get(request.POST.get("intent", ""))
    if change is None:
        context = {"person": user, "intent": "close" if user.is_active else "open"}
        return render(request, "accounts/team/close_account.html", context)
    try:
        change(user, by=named(request))
    except NotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        done = _("The account of %(name)s is open.") if user.is_active else _("The account of %(name)s is closed.")
        messages.success(request, done % {"name": user.name})
    return redirect("accounts:people")


@named_only
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name and time zone; the rest is shown."""
    user = User.objects.select_related("agency").get(pk=named(request).pk)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_valid():
        user.save(update_fields=list(form.fields))
        messages.success(request, _("Your changes are stored."))
        return redirect("accounts:profile")
    return render(request, "accounts/team/profile.html", {"form": form, "person": user})


@login_not_required
@require_safe
def new_password(request: HttpRequest, key: str) -> HttpResponse:
    """Where the link of a password mail leads: one more link, clicked on our own page.

    Browsers keep our strict cookie back on the way in from a mail program, and the form behind needs it.
    """
    uid, separator, token = key.partition("-")
    if not (uid.isascii() and uid.isalnum() and separator and re.fullmatch(r"[\x21-\x7e]+", token)):
        raise Http404
    return render(request, "accounts/team/new_password.html", {"uid": uid, "token": token})
