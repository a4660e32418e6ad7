"""Help now, for everybody; and the pages of those who look after it."""

from collections.abc import Callable
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import named, operator_only, staff_only
from dialogue.resources import actions, policies, queries
from dialogue.resources.forms import ResourceForm, SeenForm
from dialogue.resources.models import Resource
from seeds.transitions import NotAllowed

FOLDER = "dialogue/resources"


@login_not_required
@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Whom to call, and that nobody here can send help."""
    return render(request, f"{FOLDER}/help.html", {"lines": queries.help_lines()})


@staff_only
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All help lines by kind, and when each was checked."""
    found = sorted(Resource.objects.all(), key=lambda one: Resource.Kind.values.index(one.kind))
    groups = [
        {
            "kind": Resource.Kind(kind).label,
            "rows": [{"resource": one, "line": queries.shown(one)} for one in ones],
        }
        for kind, ones in groupby(found, key=lambda one: one.kind)
    ]
    stale = [one for one in found if queries.shown(one).is_old]
    context = {"groups": groups, "stale": stale, "may_change": policies.may_change(named(request))}
    return render(request, f"{FOLDER}/list.html", context)


def _attempt(request: HttpRequest, form: forms.BaseForm, step: Callable[[], object], done: str) -> bool:
    """Act and say so. What is refused is said in the form, and what was typed stays there."""
    if not form.is_valid():
        return False
    try:
        step()
    except (ValidationError, NotAllowed) as refusal:
        form.add_error(None, refusal if isinstance(refusal, ValidationError) else str(refusal))
        return False
    messages.success(request, done)
    return True


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new help line."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    form = ResourceForm(_posted(request))

    def step() -> None:
        pk = form.cleaned_data["new_id"]
        if pk is None:
            raise NotAllowed(_("This page was not complete. Please send it again."))
        actions.add_resource(pk, called=form.cleaned_data["called"], by=named(request), **form.words())

    if request.method == "POST" and _attempt(request, form, step, _("The help line is on the page “Help now”.")):
        return redirect("resources:list")
    return render(request, f"{FOLDER}/form.html", {"form": form})


def _line(request: HttpRequest, pk: UUID) -> Resource | None:
    """The line; None if somebody who acts on it finds it deleted. Raises Http404 where nobody acts."""
    resource = Resource.objects.filter(pk=pk).first()
    if resource is None and request.method != "POST":
        raise Http404
    return resource


def _gone(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Somebody deleted this help line in the meantime."))
    return redirect("resources:list")


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a help line. The page shows it as it is now; after somebody else's change, what was typed stays."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    resource = _line(request, pk)
    if resource is None:
        return _gone(request)
    line, mark = queries.shown(resource), policies.mark_of(resource)
    form = ResourceForm(_posted(request), instance=resource)

    def step() -> None:
        seen, called = form.cleaned_data["seen"], form.cleaned_data["called"]
        actions.change_resource(resource, seen=seen, called=called, by=named(request), **form.words())

    if request.method == "POST" and _attempt(request, form, step, _("The help line is changed.")):
        return redirect("resources:list")
    if form.non_field_errors():
        form.data = data = request.POST.copy()
        data["seen"] = mark
    return render(request, f"{FOLDER}/form.html", {"form": form, "line": line})


def _ask(request: HttpRequest, pk: UUID, act: Callable[..., object], done: str, name: str) -> HttpResponse:
    """A page that shows the line and asks once. A line that has changed is shown as it is now, and asked about anew."""
    resource = _line(request, pk)
    if resource is None:
        return _gone(request)
    form = SeenForm(_posted(request), resource)

    def step() -> None:
        act(resource, seen=form.cleaned_data["seen"], by=named(request))

    if request.method == "POST" and _attempt(request, form, step, done):
        return redirect("resources:list")
    if form.errors:
        messages.warning(request, _("This help line has changed since you opened the page. Here it is as it is now."))
    context = {"resource": resource, "line": queries.shown(resource), "form": SeenForm(None, resource)}
    return render(request, f"{FOLDER}/{name}.html", context)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a help line is right, today."""
    return _ask(request, pk, actions.check_resource, _("Noted: checked today."), "check")


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then takes a help line off the site."""
    return _ask(request, pk, actions.delete_resource, _("The help line is deleted."), "delete")


@operator_only
@require_POST
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a help line at another place (`to`) among those of its kind."""
    resource = _line(request, pk)
    if resource is None:
        return _gone(request)
    to = request.POST.get("to", "")
    if to.isascii() and to.isdigit() and len(to) < 5:
        actions.move_resource(resource, to=int(to), by=named(request))
    return redirect("resources:list")
