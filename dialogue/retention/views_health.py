"""Whether all parts of the site work: a page for operators, and one word for a monitor."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import operator_only
from dialogue.retention.health import is_well, parts
from seeds.site_settings import all_shown

WORST_FIRST = ("stop", "warn", "done")


@operator_only
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Every part, what is wrong with it and what to do; what is not in order comes first."""
    found = parts(timezone.now())
    context = {
        "parts": sorted(found, key=lambda part: WORST_FIRST.index(part.kind)),
        "red": sum(part.is_red for part in found),
    }
    return render(request, "dialogue/retention/health.html", context)


@operator_only
@require_safe
def site_settings(request: HttpRequest) -> HttpResponse:
    """Every setting: what it is for, and what is wrong with it. Never a secret."""
    shown = sorted(all_shown(), key=lambda one: WORST_FIRST.index(one.kind))
    context = {"shown": shown, "wrong": sum(one.kind != "done" for one in shown)}
    return render(request, "dialogue/retention/site_settings.html", context)


@login_not_required
@require_safe
def monitor(_request: HttpRequest) -> HttpResponse:
    """For whoever watches from outside: one word, never which part."""
    well = is_well(timezone.now())
    return HttpResponse("ok\n" if well else "not ok\n", status=200 if well else 503, content_type="text/plain")
