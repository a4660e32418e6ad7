"""On what the bulletin is printed, and to whom it is mailed."""

from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import OutreachPartner
from accounts.team.cards import Paper


class SheetForm(forms.Form):
    """The size of the paper."""

    paper = forms.ChoiceField(label=_("Paper"), choices=Paper.choices, initial=Paper.LETTER, widget=forms.RadioSelect)


class MailForm(forms.Form):
    """To whom. The hidden id makes a form that is sent twice one mailing."""

    pk = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    partners = forms.ModelMultipleChoiceField(
        OutreachPartner.objects.filter(is_active=True),
        label=_("To whom?"),
        widget=forms.CheckboxSelectMultiple(attrs={"translate": "no"}),
        error_messages={"required": _("Choose at least one.")},
    )

    def clean_pk(self) -> UUID:
        return self.cleaned_data["pk"] or uuid4()
