"""Pages of participants (their sessions, joining, leaving for good) and of listeners (their seats)."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import listener_only, participant_only
from accounts.models import Participant, User
from dialogue.sessions.actions_aliases import NameTaken, draw_name, forget_me_here, join_session
from dialogue.sessions.actions_seats import apply_for_seat, give_seat_back
from dialogue.sessions.barring import is_barred
from dialogue.sessions.forms import RECORD_HELP, JoinForm
from dialogue.sessions.models import DialogueSession, ListenerSeat, RecordLabel, State
from dialogue.sessions.policies import is_joinable, list_stands, may_apply
from dialogue.sessions.queries import lost_places, my_alias, my_aliases, was_removed
from dialogue.sessions.queries_public import card, joinable, my_seats, roster, with_listeners
from dialogue.sessions.queries_public import mine as mine_of
from seeds.transitions import NotAllowed

DRAWN = "drawn"  # in the encrypted web session: the name drawn for each session, until it is taken
A_PAGE = 20


def participant_of(request: HttpRequest) -> Participant:
    """The viewer, where a guard has let only participants in."""
    assert isinstance(request.user, Participant)  # noqa: S101 - for the types; the guard has decided
    return request.user


def listener_of(request: HttpRequest) -> User:
    """The viewer, where a guard has let only listeners in."""
    assert isinstance(request.user, User)  # noqa: S101 - for the types; the guard has decided
    return request.user


def barred_page(request: HttpRequest) -> HttpResponse:
    """Why somebody can't come in, and what is still theirs to do."""
    return render(request, "dialogue/sessions/barred.html", {"lost": lost_places(participant_of(request))})


@participant_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The participant's sessions, and those to join."""
    participant = participant_of(request)
    if is_barred(participant.alias_key):
        return barred_page(request)
    page = Paginator(joinable(participant, my_aliases(participant)), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "mine": mine_of(participant),
        "lost": lost_places(participant),
        "page": page,
        "joinable": with_listeners(page, participant),
    }
    return render(request, "dialogue/sessions/mine.html", context)


@participant_only
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Your name for this session, the agreements, and in."""
    participant = participant_of(request)
    dialogue_session = get_object_or_404(DialogueSession.objects.visible_to(participant), pk=pk)
    if my_alias(participant, dialogue_session):
        return redirect("sessions:mine")
    if was_removed(participant, dialogue_session):
        return barred_page(request)
    if not is_joinable(dialogue_session):
        messages.warning(request, _("This session takes nobody new at the moment."))
        return redirect("sessions:mine")
    try:
        return _joining(request, dialogue_session)
    except NotAllowed as error:
        messages.warning(request, str(error))
        return redirect("sessions:mine")


def _joining(request: HttpRequest, dialogue_session: DialogueSession) -> HttpResponse:
    if request.method == "POST" and request.POST.get("do") == "draw":
        _draw(request, dialogue_session)
        return redirect("sessions:join", pk=dialogue_session.pk)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _join(request, dialogue_session)
    return _join_page(request, dialogue_session, form)


def _drawn(request: HttpRequest, dialogue_session: DialogueSession) -> str:
    names: dict[str, str] = request.session.get(DRAWN, {})
    return names.get(str(dialogue_session.pk)) or _draw(request, dialogue_session)


def _draw(request: HttpRequest, dialogue_session: DialogueSession) -> str:
    name = draw_name(dialogue_session)
    request.session[DRAWN] = request.session.get(DRAWN, {}) | {str(dialogue_session.pk): name}
    return name


def _join(request: HttpRequest, dialogue_session: DialogueSession) -> HttpResponse:
    name = _drawn(request, dialogue_session)
    try:
        alias = join_session(participant_of(request), dialogue_session, name=name)
    except NameTaken as error:
        _draw(request, dialogue_session)
        messages.warning(request, str(error))
        return redirect("sessions:join", pk=dialogue_session.pk)
    request.session[DRAWN] = {
        key: value for key, value in request.session[DRAWN].items() if key != str(dialogue_session.pk)
    }
    messages.success(request, _("You have joined. Your name there is %(name)s.") % {"name": alias.name})
    return redirect("sessions:mine")


def _join_page(request: HttpRequest, dialogue_session: DialogueSession, form: JoinForm) -> HttpResponse:
    context = card(dialogue_session) | {
        "form": form,
        "name": _drawn(request, dialogue_session),
        "roster": roster(dialogue_session, request.user),
        "record_help": RECORD_HELP[RecordLabel(dialogue_session.record_label)],
    }
    return render(request, "dialogue/sessions/join.html", context)


@participant_only
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cut the link to the name held in this session. The address names the session."""
    participant = participant_of(request)
    alias = get_object_or_404(my_aliases(participant), dialogue_session=pk)
    if request.method == "POST":
        forget_me_here(alias)
        messages.success(request, _("Done. We have deleted the link from you to that name."))
        return redirect("sessions:mine")
    return render(request, "dialogue/sessions/forget.html", {"alias": alias})


@listener_only
@require_safe
def seats(request: HttpRequest) -> HttpResponse:
    """The listener's seats, and the sessions where a seat can be asked for."""
    listener = listener_of(request)
    taken = listener.seats.exclude(state=ListenerSeat.State.LEFT).values("dialogue_session")
    invited = DialogueSession.objects.visible_to(listener).filter(agencies=listener.agency).exclude(pk__in=taken)
    invited = invited.filter(state__in=(State.ANNOUNCED, State.PREPARING), paused=False)
    open_lists = [one for one in invited.order_by("starts_at", "pk") if not list_stands(one)]
    prefetch_related_objects(open_lists, "agencies", "facilitators")
    rows = [card(one) for one in open_lists]
    return render(request, "dialogue/sessions/seats.html", {"seats": my_seats(listener), "invited": rows})


@listener_only
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a seat."""
    listener = listener_of(request)
    dialogue_session = get_object_or_404(DialogueSession.objects.visible_to(listener), pk=pk)
    if request.method == "POST":
        try:
            apply_for_seat(listener, dialogue_session)
        except NotAllowed as error:
            messages.warning(request, str(error))
            return redirect("sessions:detail", pk=pk)
        messages.success(request, _("You have asked for a seat. The next step is your acknowledgment."))
        return redirect("sessions:seats")
    context = card(dialogue_session) | {"may_apply": may_apply(listener, dialogue_session)}
    return render(request, "dialogue/sessions/apply.html", context)


@listener_only
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a seat back."""
    seat = get_object_or_404(listener_of(request).seats.select_related("dialogue_session"), pk=pk)
    if request.method == "POST":
        try:
            give_seat_back(seat)
        except NotAllowed as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("You have given your seat back."))
        return redirect("sessions:seats")
    dialogue_session = seat.dialogue_session
    context = {"seat": seat, "session": dialogue_session, "is_final": list_stands(dialogue_session)}
    return render(request, "dialogue/sessions/give_back.html", context)
