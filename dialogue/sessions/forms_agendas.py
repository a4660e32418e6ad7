"""What is typed about templates of agendas."""

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.models_agendas import AgendaTemplate


class TemplateForm(forms.ModelForm):
    """The name of a template, and whom it is for."""

    class Meta:
        model = AgendaTemplate
        fields = ("name", "whom")
        widgets = {"whom": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": _("So that others find it, for example: second meeting with the sheriff’s office."),
            "whom": _("In a sentence or two."),
        }

    def validate_constraints(self) -> None:
        """Whether the name is taken is the action's to say: it also knows those that come with the site."""
