"""The pages that everybody may read, and the gallery of components for operators."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import operator_only
from dialogue.commitments.queries_public import record_of
from dialogue.resources.queries import help_lines
from dialogue.retention.kept import GROUPS
from dialogue.welcome import queries
from dialogue.welcome.promises import PROMISES
from dialogue.welcome.samples import samples


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the two doors, and what to know before one of them."""
    dates = queries.dates_to_come()
    records = record_of({agency for date in dates for agency in date.agencies})
    context = {"dates": dates, "records": records, "lines": help_lines()}
    return render(request, "dialogue/welcome/home.html", context)


@login_not_required
@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """How a session goes, and what happens to a text."""
    return render(request, "dialogue/welcome/how.html")


@login_not_required
@require_safe
def police(request: HttpRequest) -> HttpResponse:
    """What police and prosecutors see, what they don't, and what nobody can promise."""
    return render(request, "dialogue/welcome/police.html")


@login_not_required
@require_safe
def promises(request: HttpRequest) -> HttpResponse:
    """What we promise, what each promise leaves open, and what nobody can promise."""
    return render(request, "dialogue/welcome/promises.html", {"promises": PROMISES})


@login_not_required
@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    """The data map: everything that is kept of participants, why, how long, and who can read it."""
    groups = [group for group in GROUPS if not group.of_others]
    return render(request, "dialogue/welcome/kept.html", {"groups": groups})


@login_not_required
@require_safe
def kept_of_others(request: HttpRequest) -> HttpResponse:
    """The rest of the data map: of those who come by name, and of the talks."""
    groups = [group for group in GROUPS if group.of_others]
    return render(request, "dialogue/welcome/kept_of_others.html", {"groups": groups})


@login_not_required
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """What somebody risks who writes here, what to do about it, and what nobody can do about it."""
    return render(request, "dialogue/welcome/safety.html")


@login_not_required
@require_safe
def leaving(request: HttpRequest) -> HttpResponse:
    """What the exit does and does not do, and what to think of on a phone that others use or watch."""
    return render(request, "dialogue/welcome/leaving.html")


@login_not_required
@require_safe
def listening(request: HttpRequest) -> HttpResponse:
    """How we ask listeners to listen; everybody may know."""
    return render(request, "dialogue/welcome/listening.html")


@login_not_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who runs, pays for and hosts the site."""
    return render(request, "dialogue/welcome/about.html")


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def components(request: HttpRequest) -> HttpResponse:
    """Every component with sample data. Its forms can be sent, to see what they say; nothing is done with it."""
    return render(request, "dialogue/welcome/components.html", samples(request.POST or None))
