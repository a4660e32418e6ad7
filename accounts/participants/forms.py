"""What participants type: a card's code, their words. Nothing else is ever asked of them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.participants import keys

#: Browsers neither remember, nor capitalize, nor send to a spelling service what is typed here.
UNREMEMBERED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code on your card"),
        help_text=_("12 letters and numbers. Spaces, lines and capitals do not matter."),
        max_length=60,
        error_messages={"required": _("Type the code on your card.")},
        widget=forms.TextInput(attrs={"class": "code", **UNREMEMBERED}),
    )


class PassphraseForm(forms.Form):
    words = forms.CharField(
        label=_("Your seven words"),
        help_text=_("In order, with spaces between. Capitals do not matter."),
        max_length=keys.MAX_PASSPHRASE,
        error_messages={"required": _("Type your seven words.")},
        widget=forms.TextInput(attrs={"class": "code", **UNREMEMBERED}),
    )


class WordsCheckForm(forms.Form):
    """Some of the words, typed back. `asked` holds them by their number."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, asked: dict[int, str]) -> None:
        super().__init__(data)
        self.asked = asked
        for number in asked:
            self.fields[f"word_{number}"] = forms.CharField(
                label=_("Word %(number)s") % {"number": number},
                max_length=60,
                error_messages={"required": _("Type word %(number)s.") % {"number": number}},
                widget=forms.TextInput(attrs={"class": "code", **UNREMEMBERED}),
            )

    def clean(self) -> dict[str, Any]:
        for number, word in self.asked.items():
            typed = self.cleaned_data.get(f"word_{number}")
            if typed and keys.normalize(typed) != keys.normalize(word):
                message = _("This is not word %(number)s. Look at your note again.") % {"number": number}
                self.add_error(f"word_{number}", ValidationError(message))
        return self.cleaned_data
