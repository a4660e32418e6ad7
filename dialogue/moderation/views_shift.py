"""A break that is suggested, and how one reads during a visit."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only, named
from dialogue.moderation import queries, shift
from dialogue.moderation.forms import ReadingForm
from dialogue.moderation.views import FOLDER, chosen_session, just_done, queue_query


@facilitator_only
@require_safe
def rest(request: HttpRequest) -> HttpResponse:
    """A break is suggested; nothing is open meanwhile, so colleagues can read."""
    only = chosen_session(request.GET.get("session"))
    so_far = shift.shift_of(request.session)
    if not so_far.break_due:
        return redirect(reverse("moderation:queue") + queue_query(only))
    context = {"only": only, "shift": so_far, "done": just_done(request, named(request))}
    return render(request, f"{FOLDER}/rest.html", context)


@facilitator_only
@require_http_methods(["GET", "POST"])
def reading(request: HttpRequest) -> HttpResponse:
    """How one reads during this visit: texts covered, keys, breaks. Then back to the text one came from, if any."""
    so_far = shift.shift_of(request.session)
    form = ReadingForm(request.POST if request.method == "POST" else None, initial=asdict(so_far))
    text = chosen_session(request.GET.get("text"))
    came_from = queries.items(named(request)).filter(pk=text).first() if text else None
    only = chosen_session(request.GET.get("session"))
    to = reverse("moderation:item", args=[came_from.pk]) if came_from else reverse("moderation:queue")
    if form.is_valid():
        shift.choose(request.session, **form.cleaned_data)
        return redirect(to + queue_query(only))
    return render(request, f"{FOLDER}/reading.html", {"form": form, "back": to + queue_query(only)})
