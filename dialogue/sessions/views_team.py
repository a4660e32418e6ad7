"""Pages of the facilitators of a session."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only
from accounts.models import User
from dialogue.sessions import actions
from dialogue.sessions.actions_aliases import remove_alias
from dialogue.sessions.actions_plan import (
    change_dialogue_session,
    create_dialogue_session,
    postpone_session,
)
from dialogue.sessions.actions_seats import decline_listener, place_listener
from dialogue.sessions.forms import PostponeForm, ReasonForm, RemoveForm, SessionForm
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, State
from dialogue.sessions.policies import next_state
from dialogue.sessions.queries_team import move_words, session_page
from seeds.transitions import NotAllowed

Context = dict[str, Any]
TEAM = "dialogue_session__facilitators"
FORM = "dialogue/sessions/form.html"
CONFIRM = "dialogue/sessions/confirm.html"
MOVING: dict[State, Callable[..., DialogueSession]] = {
    State.ANNOUNCED: actions.announce_session,
    State.PREPARING: actions.begin_preparing,
    State.OPEN: actions.open_session,
    State.FOLLOW_UP: actions.close_session,
}


def facilitator_of(request: HttpRequest) -> User:
    """The viewer, where a guard has let only facilitators in."""
    assert isinstance(request.user, User)  # noqa: S101 - for the types; the guard has decided
    return request.user


def mine_or_404(request: HttpRequest, pk: UUID) -> DialogueSession:
    """The session, if the viewer is on its team."""
    return get_object_or_404(DialogueSession.objects.led_by(request.user), pk=pk)


def attempt(request: HttpRequest, step: Callable[[], object], form: forms.BaseForm | None, done: str) -> bool:
    """Run an action and say that it is done. What it refuses is said in the form, so that nothing typed is lost;
    without a form, on the next page. False = show the form again."""
    try:
        step()
    except ValidationError as error:
        if form is None:
            raise
        _refuse(form, error)
        return False
    except NotAllowed as error:
        if form is None:
            messages.warning(request, str(error))
            return True
        form.add_error(None, str(error))
        return False
    messages.success(request, done)
    return True


def _refuse(form: forms.BaseForm, error: ValidationError) -> None:
    """Say it at the field it is about; about what this form has no field for (the team, for other times), above all."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": [error]}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, ValidationError(errors))


def confirm(request: HttpRequest, step: Callable[[], object], done: str, page: Context, back: str) -> HttpResponse:
    """A page that asks once; on POST it acts and goes back. With a form in `page`, the form must be right."""
    form = page.get("form")
    request.is_writing = form is not None  # type: ignore[attr-defined]  # read by seeds.middleware
    if request.method == "POST" and (form is None or form.is_valid()) and attempt(request, step, form, done):
        return redirect(back)
    return render(request, CONFIRM, {"cancel_url": back} | page)


def form_page(request: HttpRequest, step: Callable[[], object], done: str, page: Context, back: str) -> HttpResponse:
    """A page with a form; on POST it acts and goes back."""
    request.is_writing = True  # type: ignore[attr-defined]
    form = page["form"]
    if request.method == "POST" and form.is_valid() and attempt(request, step, form, done):
        return redirect(back)
    return render(request, FORM, {"back": back} | page)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    by, pk = facilitator_of(request), uuid4()
    form = SessionForm(request.POST if request.method == "POST" else None, by=by)
    page = {
        "form": form,
        "heading": _("New session"),
        "submit": _("Save as a draft"),
        "lead": _("You can change all of this until you announce it."),
        "back": reverse("desk:sessions"),
    }
    return form_page(
        request,
        lambda: create_dialogue_session(by=by, id=pk, **form.cleaned_data),
        _("The draft is saved. Its agenda is a start: change what you like."),
        page,
        reverse("sessions:manage", kwargs={"pk": pk}),
    )


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what may still be changed."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    form = SessionForm(request.POST if request.method == "POST" else None, instance=mine_or_404(request, pk), by=by)
    page = {"form": form, "heading": _("Change the session"), "submit": _("Save"), "lead": form.lead}
    return form_page(
        request,
        lambda: change_dialogue_session(dialogue_session, by=by, seen=form.seen, **form.changes),
        _("Saved."),
        page,
        _back_to(dialogue_session),
    )


@facilitator_only
@require_safe
def manage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the session stands, what comes next, who is in it."""
    return render(request, "dialogue/sessions/manage.html", session_page(mine_or_404(request, pk)))


def _back_to(dialogue_session: DialogueSession) -> str:
    return reverse("sessions:manage", kwargs={"pk": dialogue_session.pk})


def _run_or_manage(dialogue_session: DialogueSession, state: str = "") -> str:
    """Where the team goes on: at the run of a session that is open (or will be, in this `state`)."""
    is_open = (state or dialogue_session.state) == State.OPEN
    return reverse("desk:run" if is_open else "sessions:manage", kwargs={"pk": dialogue_session.pk})


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def move_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the next step of a session's life, after asking once. The page says where to; a stale one does nothing."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    to = next_state(dialogue_session)
    if to is None or request.GET.get("to", to) != to:
        messages.warning(request, _("The session is no longer where this step starts. Nothing was changed."))
        return redirect(_back_to(dialogue_session))
    title, text = move_words(dialogue_session, to)
    page = {"heading": title, "text": text, "action": title, "final": True}
    step: Callable[[], object] = lambda: MOVING[to](dialogue_session, by=by)  # noqa: E731 - as short as it gets
    back = _run_or_manage(dialogue_session, to)
    return confirm(request, step, _("Done: %(state)s.") % {"state": to.label}, page, back)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop for a while, with a reason."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    page = {
        "heading": _("Pause the session"),
        "text": _("Nobody can hand in anything or join until you resume it. No reminders go out meanwhile."),
        "action": _("Pause it"),
        "form": form,
    }
    return confirm(
        request,
        lambda: actions.pause_session(dialogue_session, reason=form.cleaned_data["reason"], by=by),
        _("The session is paused."),
        page,
        _run_or_manage(dialogue_session),
    )


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on after a pause."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    page = {
        "heading": _("Resume the session"),
        "text": _("People can hand in texts and join again, as far as the session’s state lets them."),
        "action": _("Resume it"),
    }
    step: Callable[[], object] = lambda: actions.resume_session(dialogue_session, by=by)  # noqa: E731 - as short as it gets
    return confirm(request, step, _("The session goes on."), page, _run_or_manage(dialogue_session))


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def postpone(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Other times."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    form = PostponeForm(request.POST if request.method == "POST" else None, dialogue_session=dialogue_session)
    page = {
        "heading": _("Give the session other times"),
        "text": _("All reminders are sent again for the new times. The public pages show them at once."),
        "action": _("Use the new times"),
        "form": form,
    }
    return confirm(
        request,
        lambda: postpone_session(dialogue_session, by=by, **form.cleaned_data),
        _("The session has its new times."),
        page,
        _back_to(dialogue_session),
    )


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Call the session off."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    page = {
        "heading": _("Call the session off"),
        "text": _("It leaves all public pages. Nobody can join it or write in it any more."),
        "action": _("Call it off"),
        "final": True,
        "form": form,
    }
    return confirm(
        request,
        lambda: actions.cancel_session(dialogue_session, reason=form.cleaned_data["reason"], by=by),
        _("The session is called off."),
        page,
        _back_to(dialogue_session),
    )


def _seat_or_404(request: HttpRequest, pk: UUID) -> ListenerSeat:
    seats = ListenerSeat.objects.filter(**{TEAM: request.user.pk})
    return get_object_or_404(seats.select_related("dialogue_session", "listener"), pk=pk)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a listener the seat."""
    by, seat = facilitator_of(request), _seat_or_404(request, pk)
    page = {
        "heading": _("Give %(name)s a seat") % {"name": seat.listener.name},
        "text": _("Everybody sees from then on that this listener will be there."),
        "action": _("Give the seat"),
    }
    back = _back_to(seat.dialogue_session)
    return confirm(request, lambda: place_listener(seat, by=by), _("The seat is given."), page, back)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def decline_seat(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a listener no seat, or take it back."""
    by, seat = facilitator_of(request), _seat_or_404(request, pk)
    page = {
        "heading": _("No seat for %(name)s") % {"name": seat.listener.name},
        "text": _("This listener can’t ask for a seat in this session again, and sees nothing said in it."),
        "action": _("Give no seat"),
        "final": True,
    }
    back = _back_to(seat.dialogue_session)
    return confirm(request, lambda: decline_listener(seat, by=by), _("The listener has no seat."), page, back)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep out whoever holds a name."""
    names = Alias.objects.filter(**{TEAM: request.user.pk}).select_related("dialogue_session")
    by, alias = facilitator_of(request), get_object_or_404(names, pk=pk)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    page = {
        "heading": _("Remove %(name)s") % {"name": alias.name},
        "text": _("Whoever holds this name can’t read or write here any more. Released texts stay."),
        "action": _("Remove this person"),
        "final": True,
        "form": form,
    }
    return confirm(
        request,
        lambda: remove_alias(alias, by=by, from_all=form.cleaned_data["where"] == RemoveForm.ALL),
        _("Removed."),
        page,
        _back_to(alias.dialogue_session),
    )
