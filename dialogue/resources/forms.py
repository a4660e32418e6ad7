"""Forms of the help lines."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dialogue.resources.models import Resource
from dialogue.resources.phones import tel
from dialogue.resources.policies import mark_of


class SeenForm(forms.Form):
    """What the page showed, sent back with the answer."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any, resource: Resource) -> None:
        super().__init__(data, initial={"seen": mark_of(resource)})


class ResourceForm(forms.ModelForm):
    """One help line. The day of the check is no field: whoever ticks the box has called today."""

    use_required_attribute = False

    called = forms.BooleanField(
        label=_("I called there or went there today, and all of this is right"),
        help_text=_("Needed for a new line, and for another phone or address. The page then shows today’s date."),
        required=False,
    )
    #: The id of a new line, drawn with the form: sent twice, it is one line.
    new_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    #: What the page showed of a line that is there already.
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    class Meta:
        model = Resource
        fields = ("kind", "name", "contact", "hours", "note")
        widgets = {"kind": forms.RadioSelect}
        help_texts = {
            "contact": _("A phone number alone, without words, can be tapped to call. Anything else is only shown."),
            "hours": _("For example: every day, 6 pm to 2 am."),
            "note": _(
                "Short and plain. Say only what you know to be so there, for example who may come along, or where to"
                " get naloxone."
            ),
        }

    def __init__(self, data: Any = None, instance: Resource | None = None) -> None:
        initial = {"seen": mark_of(instance)} if instance else {"new_id": uuid4()}
        super().__init__(data, instance=instance, initial=initial)

    def clean(self) -> dict[str, Any]:
        """An emergency number is one that can be called."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Resource.Kind.EMERGENCY and "contact" in cleaned and not tel(cleaned["contact"]):
            self.add_error("contact", ValidationError(_("Write the emergency number alone, without words.")))
        return cleaned

    def words(self) -> dict[str, Any]:
        """What stands in the line."""
        return {field: self.cleaned_data[field] for field in self._meta.fields or ()}
