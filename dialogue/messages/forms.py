"""Forms of private messages."""

from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogue.egoguard.actions import Writer
from dialogue.egoguard.forms import GuardedForm
from dialogue.egoguard.showing import NO_DETAILS
from dialogue.messages.models import PrivateMessage
from dialogue.threads.forms import WordsField


class AnswerForm(GuardedForm):
    """Words, with the ticket that makes sending them twice one message. `writer` = who of the team answers."""

    body = WordsField(label=_("Your message"), help_text=_("Up to 3,000 characters."))
    ticket = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    use_required_attribute = False

    def __init__(self, *args: Any, writer: Writer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._writer = writer

    def asks_first(self) -> bool:
        """Whether the writer has to look at it once more. The form is valid."""
        return self.asks(kinds=NO_DETAILS, writer=self._writer)

    def refuse(self, words: str | Promise) -> None:
        """Say above the form why it was not taken."""
        self.add_error(None, str(words))


class MessageForm(AnswerForm):
    """What a participant writes to the people who lead the talk. Looked at once for words that show who somebody is."""

    kind = forms.ChoiceField(
        label=_("What is it about?"),
        choices=PrivateMessage.Kind.choices,
        initial=PrivateMessage.Kind.QUESTION,
        widget=forms.RadioSelect,
    )
    field_order = ("kind", "body", "ticket")

    def __init__(self, *args: Any, about_report: bool = False, **kwargs: Any) -> None:
        """`about_report`: the talk is over, and a report may come."""
        super().__init__(*args, **kwargs)
        if not about_report:
            kinds = [choice for choice in PrivateMessage.Kind.choices if choice[0] != PrivateMessage.Kind.REPORT]
            cast(forms.ChoiceField, self.fields["kind"]).choices = kinds

    def asks_first(self) -> bool:
        """As in `AnswerForm`, for what shows who somebody is. Who is not doing well is not stopped."""
        return self.cleaned_data["kind"] != PrivateMessage.Kind.DISTRESS and self.asks()
