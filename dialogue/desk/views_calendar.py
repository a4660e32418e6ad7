"""The sessions one leads, as a month and as a file for one's own calendar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import facilitator_only
from dialogue.desk.queries_calendar import led_by, month_page
from dialogue.sessions.times import appointments
from dialogue.sessions.views_public import title_asked
from dialogue.sessions.views_team import facilitator_of


@facilitator_only
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """One month; which one stands in the address."""
    asked = request.GET.get("month", "")
    return render(request, "dialogue/desk/calendar.html", month_page(facilitator_of(request), asked))


@facilitator_only
@require_safe
def calendar_file(request: HttpRequest) -> HttpResponse:
    """All of them as entries under a title of one's own; a newer file takes the place of an older one."""
    sessions = led_by(facilitator_of(request))
    response = HttpResponse(appointments(sessions, title_asked(request)), content_type="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="appointments.ics"'
    return response
