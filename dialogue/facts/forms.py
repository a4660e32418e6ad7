"""The form of a fact."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.egoguard.forms import GuardedForm
from dialogue.facts.policies import LONGEST


class FactForm(GuardedForm):
    """What is stated and where it comes from; the words of both are looked at before they are saved."""

    use_required_attribute = False
    words_in = "words"

    statement = forms.CharField(
        label=_("What is stated"),
        help_text=_("One sentence that can be checked. No names, and nothing from which a person could be known."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write what is stated.")},
        max_length=LONGEST,
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        help_text=_("For example a report, its year and page. Participants read this, without the link."),
        error_messages={"required": _("Please say where it comes from.")},
        max_length=300,
    )
    source_url = forms.URLField(
        label=_("Link to the source"),
        help_text=_("Begins with https://. Listeners and your team see it, and readers of the report."),
        required=False,
        assume_scheme="https",
        max_length=300,
    )

    def clean(self) -> dict[str, Any]:
        """The two texts together, for the check."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["words"] = "\n".join(cleaned.get(name, "") for name in ("statement", "source"))
        return cleaned

    def values(self) -> dict[str, str]:
        """What the actions take."""
        return {name: self.cleaned_data[name] for name in ("statement", "source", "source_url")}
