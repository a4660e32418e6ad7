"""Forms of private messages."""

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogue.messages.models import PrivateMessage
from dialogue.protection.forms import CheckedForm
from dialogue.threads.forms import WordsField


class AnswerForm(forms.Form):
    """Words, with the ticket that makes sending them twice one message."""

    body = WordsField(label=_("Your message"), help_text=_("Up to 3,000 characters."))
    ticket = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    use_required_attribute = False

    def refuse(self, words: str | Promise) -> None:
        """Say above the form why it was not taken."""
        self.add_error(None, str(words))


class MessageForm(CheckedForm, AnswerForm):
    """What a participant writes to the people who lead the talk. Looked at once for words that show who somebody is."""

    kind = forms.ChoiceField(
        label=_("What is it about?"),
        choices=PrivateMessage.Kind.choices,
        initial=PrivateMessage.Kind.QUESTION,
        widget=forms.RadioSelect,
    )
    field_order = ("kind", "body", "ticket")

    def asks_first(self) -> bool:
        """Whether the writer has to look at it once more. Who is not doing well is not stopped. The form is valid."""
        return self.cleaned_data["kind"] != PrivateMessage.Kind.DISTRESS and self.asks()
