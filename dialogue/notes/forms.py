"""The form of a note."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.notes.actions import checked
from dialogue.protection.forms import CheckedForm
from dialogue.sessions.models import DialogueSession, Round


class NoteForm(CheckedForm):
    """A note's words and who may read them. What it is about is asked for a new note only."""

    use_required_attribute = False

    round = forms.ModelChoiceField(
        Round.objects.none(), label=_("What it is about"), required=False, empty_label=_("The whole session")
    )
    body = forms.CharField(
        label=_("Note"),
        help_text=_("Write about what was said or how it went, never about who somebody might be."),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Please write something.")},
        strip=False,
    )
    shared = forms.BooleanField(
        label=_("Share with the team of this session"),
        help_text=_("Otherwise only you can read it. Each look at a shared note is recorded."),
        required=False,
    )
    is_closing_note = forms.BooleanField(
        label=_("This is the closing note"),
        help_text=_("Each session needs one, after it is closed: what went well, what to do differently."),
        required=False,
    )

    def __init__(self, *args: Any, dialogue_session: DialogueSession | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if dialogue_session is None:
            del self.fields["round"]
        else:
            cast(forms.ModelChoiceField, self.fields["round"]).queryset = dialogue_session.rounds.all()

    def clean_body(self) -> str:
        """Raises ValidationError for a note that is empty or too long: that is said before anything else is asked."""
        return checked(self.cleaned_data["body"])

    def values(self) -> dict[str, Any]:
        """What the actions take."""
        cleaned = self.cleaned_data
        return {
            "text": cleaned["body"],
            "shared": cleaned["shared"],
            "is_closing_note": cleaned["is_closing_note"],
        }
