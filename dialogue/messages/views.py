"""Pages of private messages: the participant's, and the team's. Listeners have none."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only, named, participant_only
from accounts.models import Participant, Role
from dialogue.egoguard.actions import Writer
from dialogue.messages import actions, policies, queries
from dialogue.messages.forms import AnswerForm, MessageForm
from dialogue.messages.models import PrivateMessage
from dialogue.resources.queries import help_lines
from dialogue.sessions.models import Alias, DialogueSession, State
from dialogue.threads import tickets
from seeds.transitions import NotAllowed

A_PAGE = 30
FOLDER = "dialogue/messages"
Send = Callable[[AnswerForm, UUID], object]


def _sent(form: AnswerForm, alias: Alias, author_pk: UUID, send: Send) -> bool:
    """Send what was typed. If that is refused, the form says why and keeps the words."""
    if not form.is_valid() or form.asks_first():
        return False
    ticket = tickets.redeem(form.cleaned_data["ticket"], alias.pk, author_pk)
    if ticket is None:
        form.refuse(_("Your message was not sent yet. Please look at it once more, then send it."))
        return False
    try:
        send(form, ticket)
    except ValidationError as refused:
        form.refuse(refused.messages[0])
    except NotAllowed as refused:
        form.refuse(refused.args[0])
    except actions.AlreadySent:
        form.refuse(_("You have already sent a message from this page. This one is different. Send it, if you want."))
    return not form.errors


def _with_ticket(form: AnswerForm, alias: Alias, author_pk: UUID) -> AnswerForm:
    """The form with a fresh ticket, what was typed kept."""
    ticket = tickets.issue(alias.pk, author_pk)
    if form.is_bound:
        data = cast(QueryDict, form.data).copy()
        data["ticket"] = ticket
        form.data = data
    else:
        form.initial["ticket"] = ticket
    return form


@participant_only
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A participant's own conversation with the people who lead the talk."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    alias = queries.own_alias(cast(Participant, request.user), pk)
    if alias is None or alias.dialogue_session.state == State.PURGED:
        raise Http404
    form = _message_form(request, alias)
    if request.method == "POST" and _sent(form, alias, alias.pk, _sender(alias)):
        messages.success(request, _("Sent. Only the people who lead this talk can read it."))
        in_distress = form.cleaned_data["kind"] == PrivateMessage.Kind.DISTRESS
        return redirect(f"{request.path}?help=1" if in_distress else request.path)
    context = {
        "session": alias.dialogue_session,
        "alias": alias,
        "conversation": queries.conversation(alias),
        "form": _with_ticket(form, alias, alias.pk),
        "may_write": policies.may_write(alias),
        "lines": help_lines() if "help" in request.GET else None,
    }
    actions.read_by_participant(alias)
    return render(request, f"{FOLDER}/mine.html", context, status=200)


def _message_form(request: HttpRequest, alias: Alias) -> MessageForm:
    """The form, with the kind chosen that a link from elsewhere asks for (`?kind=`)."""
    kind = request.GET.get("kind", "")
    initial = {"kind": kind} if kind in PrivateMessage.Kind.values else {}
    is_over = alias.dialogue_session.state == State.FOLLOW_UP
    return MessageForm(request.POST if request.method == "POST" else None, initial=initial, about_report=is_over)


def _sender(alias: Alias) -> Send:
    return lambda form, ticket: actions.send_message(
        alias, text=form.cleaned_data["body"], kind=form.cleaned_data["kind"], pk=ticket
    )


@participant_only
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then destroys the words of one's own message."""
    message = get_object_or_404(queries.own_messages(cast(Participant, request.user)), pk=pk)
    session_id = message.alias.dialogue_session_id
    if request.method != "POST":
        return render(request, f"{FOLDER}/take_back.html", {"session": message.alias.dialogue_session})
    try:
        actions.take_back_message(message)
        messages.success(request, _("You took your message back. Its words are gone."))
    except NotAllowed as refused:
        messages.info(request, str(refused))
    return redirect("messages:mine", session_id)


@facilitator_only
@require_safe
def conversations(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who wrote to the team of a session, who is not doing well on top."""
    dialogue_session = get_object_or_404(DialogueSession.objects.led_by(named(request)), pk=pk)
    page = Paginator(queries.conversations(dialogue_session), A_PAGE).get_page(request.GET.get("page"))
    return render(request, f"{FOLDER}/list.html", {"session": dialogue_session, "page": page})


@facilitator_only
@require_http_methods(["GET", "POST"])
def conversation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One conversation in full, and the answer. Each look is recorded."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    user = named(request)
    alias = get_object_or_404(queries.led_aliases(user), pk=pk)
    writer = Writer(alias.dialogue_session_id, Role.FACILITATOR)
    form = AnswerForm(request.POST if request.method == "POST" else None, writer=writer)

    def send(form: AnswerForm, ticket: UUID) -> object:
        return actions.answer_message(alias, text=form.cleaned_data["body"], by=user, pk=ticket)

    if request.method == "POST" and _sent(form, alias, user.pk, send):
        messages.success(request, _("Sent. They read it the next time they come in."))
        return redirect("messages:conversation", alias.pk)
    actions.read_by_team(alias, by=user)
    conversation = queries.conversation(alias)
    distress = PrivateMessage.Kind.DISTRESS.label
    context = {
        "alias": alias,
        "session": alias.dialogue_session,
        "conversation": conversation,
        "in_distress": any(one.kind == distress for one in conversation),
        "form": _with_ticket(form, alias, user.pk),
        "may_answer": policies.may_answer(user, alias),
    }
    return render(request, f"{FOLDER}/conversation.html", context)
