"""The form with which a text goes back to its author."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from dialogue.moderation.models import Reason
from dialogue.moderation.policies import READY_NOTES, reasons_for
from dialogue.threads.forms import WordsField
from dialogue.threads.models import Comment
from dialogue.threads.text import tidy


class ReasonSelect(forms.RadioSelect):
    """Reasons, each carrying its ready note for the script that fills it in."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-note"] = str(READY_NOTES[Reason(value)])
        return option


class ReturnForm(forms.Form):
    """Why a text goes back, and what its author reads about it. An empty note becomes the reason's ready one."""

    reason = forms.ChoiceField(label=_("Why does it go back?"), widget=ReasonSelect)
    note = forms.CharField(
        label=_("Note to the author"),
        help_text=_(
            "The author reads the reason and this note. Leave it empty to send the words that stand below the reason."
        ),
        required=False,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_767)

    use_required_attribute = False

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = self.fields["reason"]
        assert isinstance(reasons, forms.ChoiceField)  # noqa: S101 - tells the type checker
        reasons.choices = [
            (reason.value, format_html('{}<br><span class="soft">{}</span>', reason.label, READY_NOTES[reason]))
            for reason in reasons_for(comment)
        ]


class ProposedField(WordsField):
    """Words for somebody else's text. Put in order only: the action says what is wrong with them."""

    def clean(self, value: str | None) -> str:
        return tidy(value or "")


class ProposalForm(forms.Form):
    """Other words for a text, and why. For a `retelling`, which its author asked for, the why may be left out."""

    body = ProposedField(label=_("The words you propose"))
    note = forms.CharField(
        label=_("Note to the author: why?"),
        help_text=_("The author reads it beside your words. Keep it short and plain."),
        error_messages={"required": _("Say in a note why you propose other words.")},
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_767)

    use_required_attribute = False

    def __init__(self, *args: Any, retelling: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = not retelling


class VersionForm(forms.Form):
    """Which version of a text a button was pressed for."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_767)
