"""Forms of a report. What facilitators write is looked at once for words that could show who somebody is."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.egoguard.forms import GuardedForm
from dialogue.threads.forms import PlainField
from dialogue.threads.text import MAX_CHARACTERS

LONGEST_TITLE, LONGEST_TEXT, LONGEST_INTRO = 120, 2000, 1500
VERBATIM, RETOLD = "verbatim", "retold"


def _words(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "dir": "auto", "autocomplete": "off"})


class IntroForm(GuardedForm):
    """What the report is about, in a few sentences."""

    use_required_attribute = False

    body = PlainField(
        limit=LONGEST_INTRO,
        rows=6,
        label=_("In a few sentences"),
        help_text=_("Who met, and why. It stands on top of the report."),
        required=False,
    )


class ThemeForm(GuardedForm):
    """One thing that was heard."""

    use_required_attribute = False

    title = PlainField(limit=LONGEST_TITLE, label=_("In one line"))
    body = PlainField(
        limit=LONGEST_TEXT,
        rows=8,
        label=_("What was heard"),
        help_text=_("In your own words. Not whose story it is, and no words of a text: those go below it as quotes."),
    )

    def words(self) -> list[str]:
        """Both fields are about people."""
        return [self.cleaned_data["title"], self.cleaned_data["body"]]


class QuoteForm(GuardedForm):
    """Words of one text under a theme: as they stand there, or told in other words. The former were looked at."""

    use_required_attribute = False

    how = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect, choices=())
    body = forms.CharField(
        label=_("The words"),
        help_text=_("Word for word: copy them from the text above. In other words: write your own."),
        widget=_words(5),
        max_length=MAX_CHARACTERS,
        error_messages={"required": _("Please write or copy something.")},
    )

    def __init__(self, *args: object, verbatim: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        told = [(RETOLD, _("In other words"))]
        choices = [(VERBATIM, _("Word for word")), *told] if verbatim else told
        how = cast(forms.ChoiceField, self.fields["how"])
        how.choices = choices
        how.initial = choices[0][0]

    def words(self) -> list[str]:
        """What a facilitator wrote; an excerpt was let through as it is."""
        return [self.cleaned_data["body"]] if self.cleaned_data["how"] == RETOLD else []
