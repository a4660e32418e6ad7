"""The form with which a text goes back to its author."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from dialogue.egoguard.forms import GuardedForm
from dialogue.moderation.models import Reason
from dialogue.moderation.policies import READY_NOTES, reasons_for
from dialogue.moderation.shift import Break
from dialogue.threads.forms import WordsField
from dialogue.threads.models import Comment
from dialogue.threads.text import tidy

NUMBER_KEYS = "1234567890-"  # as they stand on a keyboard, one for each reason


class ReasonSelect(forms.RadioSelect):
    """Reasons, each carrying its ready note and its key for the script."""

    def create_option(
        self, name: str, value: Any, label: Any, selected: bool, index: int, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        option = super().create_option(name, value, label, selected, index, *args, **kwargs)
        option["attrs"]["data-note"] = str(READY_NOTES[Reason(value)])
        option["attrs"]["data-key"] = NUMBER_KEYS[index]
        return option


class ReturnForm(GuardedForm):
    """Why a text goes back, and what its author reads about it. An empty note becomes the reason's ready one."""

    words_in = "note"
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


class UpholdForm(GuardedForm):
    """A second facilitator agrees with a return, and adds a note to the author, or none."""

    words_in = "note"
    note = forms.CharField(
        label=_("Note to the author"),
        help_text=_("The author reads it beside the first reason. You can leave it empty."),
        required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_767)

    use_required_attribute = False


class ReadingForm(forms.Form):
    """How a facilitator reads during this visit."""

    covered = forms.BooleanField(
        label=_("Cover each text until I ask for it"),
        help_text=_("Reading this all day can hurt. You see who wrote and why it came back before you see the words."),
        required=False,
    )
    keys = forms.BooleanField(
        label=_("Work with single keys"),
        help_text=_("One letter approves, returns or goes on. Turn this off if you speak to your computer."),
        required=False,
    )
    break_after = forms.ChoiceField(
        label=_("Suggest a break after"),
        choices=Break.choices,
        help_text=_("You can always go on. Nobody else sees how much you read."),
    )


class VersionForm(forms.Form):
    """Which version of a text a button was pressed for."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_767)
