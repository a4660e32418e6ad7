"""Figures of one session, and of all sessions of a facilitator."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import facilitator_only
from dialogue.feedback.queries import figures as felt_heard
from dialogue.feedback.showing import charts
from dialogue.figures import queries, showing
from dialogue.sessions.models import State
from dialogue.sessions.views_team import facilitator_of, mine_or_404

FOLDER = "dialogue/figures"


@facilitator_only
@require_safe
def of_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What can be counted of one session."""
    dialogue_session = mine_or_404(request, pk)
    begun = dialogue_session.state in (State.OPEN, State.FOLLOW_UP, State.PURGED)
    closed = dialogue_session.questions_closed_on is not None
    context = {
        "session": dialogue_session,
        "begun": begun,
        "purged": dialogue_session.state == State.PURGED,
        "closed": closed,
        "charts": charts(felt_heard(dialogue_session)) if closed else [],
        "sections": [],
    }
    if begun:
        these = [dialogue_session]
        context["sections"] = [
            showing.took_part(queries.parts(these).get(pk, [])),
            showing.became_of_texts(queries.texts(these).get(pk)),
            showing.read_in_time(queries.in_time(these).get(pk), dialogue_session.reading_hours),
            showing.what_was_promised(queries.promises(these).values()),
        ]
    return render(request, f"{FOLDER}/session.html", context)


@facilitator_only
@require_safe
def of_all(request: HttpRequest) -> HttpResponse:
    """The same over all sessions that this facilitator leads: what each shows by itself, side by side and added up."""
    led = queries.led(facilitator_of(request))
    heard, parts, in_time = queries.heard(led), queries.parts(led), queries.in_time(led)
    sections = [
        showing.heard_over_time([(one, heard[one.pk]) for one in led if one.pk in heard]),
        showing.took_part_over_time([(one, parts[one.pk]) for one in led if one.pk in parts]),
        showing.texts_over_all(list(queries.texts(led).values())),
        showing.in_time_over_time([(one, in_time[one.pk]) for one in led if one.pk in in_time]),
        showing.what_was_promised(queries.promises(led).values()),
    ]
    return render(request, f"{FOLDER}/of_all.html", {"led": led, "sections": sections})
