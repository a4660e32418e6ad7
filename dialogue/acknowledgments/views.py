"""Pages of the first move: write, print, hand in, check. Reading and answering it is in views_answers.py."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.decorators import facilitator_only, listener_only, named
from accounts.listeners.promise import NOT_IMMUNITY
from accounts.models import Role, User
from dialogue.acknowledgments import actions, policies, queries
from dialogue.acknowledgments.forms import AcknowledgmentForm, SendBackForm
from dialogue.acknowledgments.models import PARTS, WRITABLE, Acknowledgment
from dialogue.acknowledgments.parts import GUIDE
from dialogue.acknowledgments.queries_answers import Count, count_of
from dialogue.egoguard.actions import Writer, count_shown
from dialogue.egoguard.showing import GuardedCheck, look_kindly
from dialogue.protection.showing import OF_OTHERS
from dialogue.sessions.models import ListenerSeat
from dialogue.sessions.queries_public import speaker_of
from seeds.transitions import NotAllowed

PAGE_SIZE = 25
FOLDER = "dialogue/acknowledgments"


def _writing_page(request: HttpRequest, seat: ListenerSeat, form: AcknowledgmentForm) -> HttpResponse:
    request.is_writing = True  # type: ignore[attr-defined]
    parts = [(form[part.name], part) for part in GUIDE]
    kept = queries.of_seat(seat)
    asked = kept.state == Acknowledgment.State.MORE_ASKED
    context = {"form": form, "parts": parts, "seat": seat, "note": kept.note, "more_asked": asked}
    return render(request, f"{FOLDER}/write.html", context)


def _own_page(request: HttpRequest, seat: ListenerSeat) -> HttpResponse:
    acknowledgment = queries.of_seat(seat)
    context = {
        "seat": seat,
        "acknowledgment": acknowledgment,
        "parts": queries.told(acknowledgment),
        "earlier": [] if acknowledgment._state.adding else queries.earlier_versions(acknowledgment),
    }
    return render(request, f"{FOLDER}/own.html", context)


def _is_written(seat: ListenerSeat) -> bool:
    """Whether there is nothing (more) to write: handed in, complete, or the place is decided."""
    return not policies.may_write(seat) or queries.of_seat(seat).state not in WRITABLE


@listener_only
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The five parts with guidance; saved as a draft or taken on to the check of one's answers."""
    seat = get_object_or_404(queries.own_seats(named(request)), pk=pk)
    if request.method == "POST":
        return _save(request, seat)
    if _is_written(seat):
        return _own_page(request, seat)
    draft = queries.of_seat(seat)
    form = AcknowledgmentForm(initial={name: getattr(draft, name) for name in (*PARTS, "scope")})
    return _writing_page(request, seat, form)


def _save(request: HttpRequest, seat: ListenerSeat) -> HttpResponse:
    form = AcknowledgmentForm(request.POST)
    if not form.is_valid():
        return _writing_page(request, seat, form)
    try:
        actions.save_draft(seat, parts=form.parts(), scope=form.cleaned_data["scope"])
    except ValidationError as error:
        form.add_error(None, error)
        return _writing_page(request, seat, form)
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _writing_page(request, seat, form)
    if "check" in request.POST:
        found = _look(queries.told(queries.of_seat(seat)), named(request))
        count_shown(Writer(seat.dialogue_session_id, Role.LISTENER), found.kinds_not_in(""))
        return redirect("acknowledgments:hand_in", pk=seat.pk)
    messages.success(request, _("Your draft is saved. Only you can see it."))
    return redirect("acknowledgments:write", pk=seat.pk)


@listener_only
@require_http_methods(["GET", "POST"])
def hand_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One's own answers once more, names and numbers of others marked, then in to the facilitators."""
    seat = get_object_or_404(queries.own_seats(named(request)), pk=pk)
    draft = queries.of_seat(seat)
    if draft.state != Acknowledgment.State.DRAFT or draft._state.adding or _is_written(seat):
        return redirect("acknowledgments:write", pk=seat.pk)
    parts = queries.told(draft)
    check = _look(parts, named(request))
    if request.method == "POST" and check.was_shown(request.POST.get("seen", "")):
        return _hand_in(request, draft)
    marked = [{**part, "pieces": pieces} for part, pieces in zip(parts, check.texts, strict=True)]
    missing = [part for part in GUIDE if not getattr(draft, part.name)]
    context = {"seat": seat, "acknowledgment": draft, "parts": marked, "missing": missing, "check": check}
    return render(request, f"{FOLDER}/hand_in.html", context)


@listener_only
@require_GET
def printout(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One's own words as they stand, on paper, for counsel or the head of office."""
    seat = get_object_or_404(queries.own_seats(named(request)), pk=pk)
    acknowledgment = queries.of_seat(seat)
    context = {
        "seat": seat,
        "acknowledgment": acknowledgment,
        "parts": queries.told(acknowledgment),
        "speaker": speaker_of(seat),
        "not_immunity": NOT_IMMUNITY,
    }
    return render(request, f"{FOLDER}/printout.html", context)


def _look(parts: list[queries.Told], listener: User) -> GuardedCheck:
    """What the page on which it is handed in marks: what is of others, and what can be hard to hear."""
    return look_kindly([part["words"] for part in parts], kinds=OF_OTHERS, known=_own_names(listener))


def _own_names(listener: User) -> tuple[str, str]:
    """What stands beside the acknowledgment anyway."""
    return listener.name, str(listener.agency or "")


def _hand_in(request: HttpRequest, draft: Acknowledgment) -> HttpResponse:
    try:
        actions.submit_acknowledgment(draft)
    except ValidationError:
        return redirect("acknowledgments:hand_in", pk=draft.seat_id)  # the page names what is missing
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Handed in. A facilitator reads it next."))
    return redirect("acknowledgments:write", pk=draft.seat_id)


@facilitator_only
@require_GET
def to_check(request: HttpRequest) -> HttpResponse:
    """What waits for a check."""
    page = Paginator(queries.to_check(named(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, f"{FOLDER}/to_check.html", {"page": page, "answering": queries.answering(named(request))})


@facilitator_only
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One acknowledgment in full: complete, or back to the listener with a note."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware: a note may be half typed
    decides = request.method == "POST"
    rows = queries.of_team(named(request)) if decides else queries.visible_to_team(named(request))
    acknowledgment = get_object_or_404(rows, pk=pk)
    form = SendBackForm(request.POST if "back" in request.POST else None)
    if decides and acknowledgment.state != Acknowledgment.State.SUBMITTED:
        return _too_late(request)
    if decides and (done := _decide(request, acknowledgment, form)):
        return done
    context = {
        "form": form,
        "acknowledgment": acknowledgment,
        "parts": queries.told(acknowledgment),
        "speaker": speaker_of(acknowledgment.seat),
        "earlier": queries.earlier_versions(acknowledgment),
        "waits": acknowledgment.state == Acknowledgment.State.SUBMITTED,
        "count": _count(acknowledgment),
    }
    return render(request, f"{FOLDER}/check.html", context)


def _count(acknowledgment: Acknowledgment) -> Count | None:
    """How many participants have answered, while they do."""
    return (
        count_of(acknowledgment)
        if policies.is_answerable(acknowledgment, acknowledgment.seat.dialogue_session)
        else None
    )


def _decide(request: HttpRequest, acknowledgment: Acknowledgment, form: SendBackForm) -> HttpResponse | None:
    """Do what was pressed; None when the page has to be shown again."""
    try:
        if "complete" in request.POST:
            actions.accept_as_complete(acknowledgment, by=named(request))
            messages.success(request, _("It is complete. The participants can now say if it is enough to begin."))
        elif form.is_valid():
            actions.send_back(acknowledgment, note=form.cleaned_data["note"], by=named(request))
            messages.success(request, _("It went back to the listener, with your note."))
        else:
            return None
    except ValidationError as error:
        form.add_error("note", error)
        return None
    except NotAllowed:
        return _too_late(request)
    return redirect("acknowledgments:to_check")


def _too_late(request: HttpRequest) -> HttpResponse:
    """A colleague was first, and it may be a draft again: a plain page with the note that was typed."""
    context = {"happened": _("A colleague has dealt with this already."), "note": request.POST.get("note", "")}
    return render(request, f"{FOLDER}/decided.html", context, status=409)
