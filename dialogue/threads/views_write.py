"""Pages on which people write. Whatever goes wrong, what they typed comes back with the reason."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from dialogue.egoguard.actions import Writer
from dialogue.sessions.matrix import FACILITATOR, cell
from dialogue.sessions.models import ListenerSeat, Round
from dialogue.sessions.places import Place, find_place
from dialogue.sessions.queries import current_round
from dialogue.threads import policies, queries, tickets
from dialogue.threads.actions import AlreadySent, revise_comment, submit_comment
from dialogue.threads.forms import CommentForm, RevisionForm
from dialogue.threads.models import Comment
from dialogue.threads.queries_own import own_text, proposed_words
from dialogue.threads.queries_texts import answerable
from dialogue.threads.views import layout_of
from seeds.transitions import NotAllowed

BACK_AGAIN = _("Your text was not sent yet. Please look at it once more, then send it.")
ROUND_OVER = _(
    "Since you opened this page a new round has begun. Your text was not sent."
    " Please read what this round asks, and change your text if you need to."
)
OTHER_TEXT = _("You have already sent a text from this page. This one is different. Send it if you want to send both.")
NO_PLACE = _("You have no place in this talk any more, so this text can’t be sent. You can copy it from here.")


def own_place(request: HttpRequest, pk: UUID) -> Place | None:
    """The viewer's place as somebody who can write. None if he had one and lost it; 404 if he never had one."""
    place = find_place(request.user, pk)
    if place and place.role != FACILITATOR:
        return place
    if place is None and request.method == "POST" and queries.had_place(request.user, pk):
        return None
    raise Http404


def give_back(request: HttpRequest, words: str | Promise = NO_PLACE) -> HttpResponse:
    """What somebody typed who can't send it any more."""
    role = getattr(request.user, "role", "")
    context = {"layout": layout_of(role), "words": words, "typed": request.POST.get("body", "").replace("\0", "")}
    return render(request, "dialogue/threads/lost.html", context, status=403)


# --- A new text ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write in the open round, or answer a released text of it (`?reply=`)."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    place = own_place(request, pk)
    if place is None:
        return give_back(request)
    if request.method == "POST":
        return _hand_in(request, place)
    if place.seat and "reply" not in request.GET and _tells_back(place):
        return redirect("reflections:choose", pk)  # there he chooses the story that he tells back
    return _writing_page(
        request, place, CommentForm(by_listener=place.alias is None), reply=request.GET.get("reply", "")
    )


def _tells_back(place: Place) -> bool:
    current = current_round(place.dialogue_session)
    return current is not None and cell(place.role, current.kind).tells_back


def _hand_in(request: HttpRequest, place: Place) -> HttpResponse:
    form = CommentForm(request.POST, by_listener=place.alias is None)
    if is_taken(form, place, lambda *given: _submit(form, place, *given)):
        messages.success(request, _("We have your text. A facilitator reads it first."))
        return redirect("threads:mine", place.dialogue_session.pk)
    return _writing_page(request, place, form, reply=request.POST.get("reply", ""))


def _submit(form: CommentForm, place: Place, round: Round, text: str, pk: UUID) -> object:
    parent = Comment(pk=form.cleaned_data["reply"]) if form.cleaned_data["reply"] else None
    retelling = form.wants_retelling
    return submit_comment(round, text=text, parent=parent, pk=pk, wants_retelling=retelling, **place.author)


def is_taken(form: CommentForm, place: Place, hand_in: Callable[[Round, str, UUID], object]) -> bool:
    """Hand in what the form holds: its round, the text, and the id in its ticket. If that is refused, or there is
    something to look at first, the form says so."""
    if not form.is_valid() or form.asks(known=_own_names(place.seat), writer=_writer(place.seat)):
        return False
    given = form.cleaned_data
    round = Round(pk=given["round"], dialogue_session=place.dialogue_session)
    ticket = tickets.redeem(given["ticket"], round.pk, _author_pk(place)) if round.pk else None
    if ticket is None:
        form.refuse(BACK_AGAIN)
        return False
    try:
        hand_in(round, given["body"], ticket)
    except (NotAllowed, ValidationError) as refused:
        form.refuse(_plain(refused))
    except AlreadySent:
        form.refuse(OTHER_TEXT)
    return not form.errors


def _plain(refused: NotAllowed | ValidationError) -> str | Promise:
    return refused.messages[0] if isinstance(refused, ValidationError) else refused.args[0]


def _own_names(seat: ListenerSeat | None) -> tuple[str, ...]:
    """What stands beside everything this author writes anyway. A participant has no such names."""
    if seat is None:
        return ()
    listener = seat.listener
    return listener.name, str(listener.agency or "")


def _writer(seat: ListenerSeat | None) -> Writer | None:
    """For the ego guard, which reads listeners' words. Participants' words it never reads."""
    return Writer(seat.dialogue_session_id, Role.LISTENER) if seat else None


def _author_pk(place: Place) -> UUID:
    author = place.alias or place.seat
    assert author is not None, "facilitators don't write"  # noqa: S101 - own_place has let only authors through
    return author.pk


def _writing_page(request: HttpRequest, place: Place, form: CommentForm, *, reply: str) -> HttpResponse:
    """The form for the round that is open now, with a fresh ticket; or, with nothing typed, why there is none."""
    rounds = queries.rounds_of(place)
    current = queries.open_round(rounds)
    moment = queries.what_now(place, rounds)
    answered = answerable(place, current, reply) if current and reply else None
    may = moment.may_reply if reply else moment.may_write
    context: dict[str, Any] = {
        "layout": layout_of(place.role),
        "session": place.dialogue_session,
        "place": place,
        "current": current,
        "now": moment,
        "answered": answered,
        "is_answer": bool(reply),
        "may": may and bool(answered or not reply),
        "what": cell(place.role, current.kind).what if current else "",
        "form": form,
    }
    if current:
        renew(form, current, place, reply if answered else "")
    return render(request, "dialogue/threads/write.html", context)


def renew(form: CommentForm, current: Any, place: Place, reply: str) -> None:
    """Make the form one for the open round. If it was sent for another round, say so; nothing moves over unseen."""
    if form.is_bound:
        if form.data.get("round") not in ("", None, str(current.pk)):
            form.errors.pop("__all__", None)
            form.refuse(ROUND_OVER)
        data = cast(QueryDict, form.data).copy()
        data["round"] = str(current.pk)
        data["ticket"] = _ticket(form, current.pk, _author_pk(place))
        data["reply"] = reply
        form.data = data
    else:
        form.initial = {
            "round": current.pk,
            "ticket": tickets.issue(current.pk, _author_pk(place)),
            "reply": reply,
        }


def _ticket(form: CommentForm, round_pk: UUID, author_pk: UUID) -> str:
    """A fresh one; the same again if the text was only checked, so that Back and once more sends it once."""
    given = str(form.data.get("ticket", ""))
    if form.check and not form.errors and tickets.redeem(given, round_pk, author_pk):
        return given
    return tickets.issue(round_pk, author_pk)


# --- A text that came back ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a text that came back and hand it in again."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    own = Comment.objects.written_by(request.user).select_related("thread__round__dialogue_session", "alias", "seat")
    comment = get_object_or_404(own.prefetch_related("decisions"), pk=pk)
    place = own_place(request, comment.thread.round.dialogue_session_id)
    if place is None:
        return give_back(request)
    if request.method == "POST":
        return _hand_in_again(request, comment)
    if comment.state not in policies.REVISABLE:
        messages.info(request, _("This text is not waiting for a change."))
        return redirect("threads:mine", place.dialogue_session.pk)
    return _revision_page(request, comment, None)


def _hand_in_again(request: HttpRequest, comment: Comment) -> HttpResponse:
    form = RevisionForm(request.POST, by_listener=comment.alias is None)
    asked = form.is_valid() and form.asks(known=_own_names(comment.seat), writer=_writer(comment.seat))
    if form.is_valid() and not asked:
        try:
            given, retelling = form.cleaned_data, form.wants_retelling
            revise_comment(comment, text=given["body"], version=given["version"], wants_retelling=retelling)
        except (NotAllowed, ValidationError) as refused:
            form.add_error(None, str(_plain(refused)))
    if asked or form.errors:
        return _revision_page(request, comment, form)
    messages.success(request, _("We have your changed text. A facilitator reads it first."))
    return redirect("threads:mine", comment.thread.round.dialogue_session_id)


def _revision_page(request: HttpRequest, comment: Comment, form: RevisionForm | None) -> HttpResponse:
    dialogue_session = comment.thread.round.dialogue_session
    text = own_text(comment, dialogue_session)
    if form is None:
        initial = {
            "body": proposed_words(comment) or "\n\n".join(text["paragraphs"]),
            "version": comment.version,
            "retelling": comment.wants_retelling,
        }
        form = RevisionForm(initial=initial, by_listener=comment.alias is None)
    context = {
        "layout": layout_of(getattr(request.user, "role", "")),
        "session": dialogue_session,
        "text": text,
        "form": form,
        "shut": policies.closed(dialogue_session),
    }
    return render(request, "dialogue/threads/revise.html", context)
