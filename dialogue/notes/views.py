"""Pages of facilitators' notes."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.decorators import facilitator_only, named
from accounts.models import User
from dialogue.notes import actions, policies, queries
from dialogue.notes.forms import NoteForm
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import DialogueSession
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed

FOLDER = "dialogue/notes"


def _led(request: HttpRequest, pk: uuid.UUID) -> DialogueSession:
    return get_object_or_404(DialogueSession.objects.led_by(named(request)), pk=pk)


@facilitator_only
@require_GET
def list_notes(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One's own notes about a session and the team's. A look at a colleague's is recorded."""
    dialogue_session = _led(request, pk)
    notes = queries.notes_of(dialogue_session, named(request))
    if foreign := sum(not note.mine for note in notes):
        actions.record_reading(dialogue_session, count=foreign, by=named(request))
    context = {
        "dialogue_session": dialogue_session,
        "notes": notes,
        "gone_on": policies.notes_go_on(dialogue_session),
        "may_write": policies.may_write(named(request), dialogue_session),
    }
    return render(request, f"{FOLDER}/list.html", context)


def _comment(dialogue_session: DialogueSession, asked: str) -> Comment | None:
    """The text of this session that the address asks for, if any."""
    if not asked:
        return None
    try:
        pk = uuid.UUID(asked)
    except ValueError:
        pk = uuid.UUID(int=0)
    rows = Comment.objects.filter(thread__round__dialogue_session=dialogue_session)
    return get_object_or_404(rows.select_related("thread__round"), pk=pk)


def _after(comment: Comment | None, pk: uuid.UUID, user: User) -> str:
    """Where a note leads back to: the text that its writer has open in the queue, else the notes of the session."""
    is_open = comment is not None and comment.claimed_by_id == user.pk
    return reverse("moderation:item", args=[comment.pk]) if comment and is_open else reverse("notes:list", args=[pk])


def _form_page(
    request: HttpRequest, form: NoteForm, dialogue_session: DialogueSession, subject: str, back: str = ""
) -> HttpResponse:
    request.is_writing = True  # type: ignore[attr-defined]
    context = {
        "form": form,
        "subject": subject,
        "dialogue_session": dialogue_session,
        "back_url": back or reverse("notes:list", args=[dialogue_session.pk]),
    }
    return render(request, f"{FOLDER}/form.html", context)


@facilitator_only
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A new note about the session, a round (`?round=`) or a text (`?comment=`)."""
    dialogue_session = _led(request, pk)
    comment = _comment(dialogue_session, request.GET.get("comment", ""))
    back = _after(comment, pk, named(request))
    form = NoteForm(
        request.POST or None,
        initial={"round": request.GET.get("round"), "is_closing_note": "closing" in request.GET},
        dialogue_session=None if comment else dialogue_session,
    )
    if request.method == "POST" and form.is_valid() and not form.asks(known=queries.known_names(dialogue_session)):
        try:
            actions.write_note(
                session=dialogue_session,
                round=form.cleaned_data.get("round"),
                comment=comment,
                by=named(request),
                **form.values(),
            )
        except (ValidationError, NotAllowed) as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("The note is saved."))
            return redirect(back)
    if comment and request.method == "GET":
        form.fields["body"].widget.attrs["autofocus"] = True  # whoever comes by key goes on typing
    about = FacilitatorNote(dialogue_session=dialogue_session, comment=comment)
    return _form_page(request, form, dialogue_session, queries.subject(about) if comment else "", back)


def _tell(form: NoteForm, refusal: ValidationError | NotAllowed) -> None:
    if isinstance(refusal, ValidationError):
        form.add_error("body", refusal)
    else:
        form.add_error(None, str(refusal))


@facilitator_only
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change one's own note."""
    note = get_object_or_404(queries.own_notes(named(request)), pk=pk)
    initial = {
        "body": queries.text_of(note) or "",
        "shared": note.shared,
        "is_closing_note": note.is_closing_note,
    }
    form = NoteForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and not form.asks(known=queries.known_names(note.dialogue_session)):
        try:
            actions.edit_note(note, by=named(request), **form.values())
        except (ValidationError, NotAllowed) as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("The note is saved."))
            return redirect("notes:list", pk=note.dialogue_session_id)
    return _form_page(request, form, note.dialogue_session, queries.subject(note))


@facilitator_only
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete one's own note, after a question."""
    note = get_object_or_404(queries.own_notes(named(request)), pk=pk)
    if request.method == "POST":
        actions.delete_note(note, by=named(request))
        messages.success(request, _("The note is deleted."))
        return redirect("notes:list", pk=note.dialogue_session_id)
    context = {"note": note, "subject": queries.subject(note), "words": queries.text_of(note)}
    return render(request, f"{FOLDER}/delete.html", context)
