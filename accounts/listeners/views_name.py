"""The page on which a listener says whether the public reads the name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.decorators import listener_only, named
from accounts.listeners.actions import show_name
from seeds.transitions import NotAllowed


@listener_only
@require_http_methods(["GET", "POST"])
def public_name(request: HttpRequest) -> HttpResponse:
    """What strangers read of a listener, and the choice about the name."""
    profile = named(request).listener_profile
    if request.method == "POST":
        shown = request.POST.get("show") == "1"
        try:
            show_name(profile, shown=shown)
        except NotAllowed as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The public reads your name.") if shown else _("Your name is not public."))
        return redirect("accounts:public_name")
    return render(request, "accounts/listeners/public_name.html", {"profile": profile})
