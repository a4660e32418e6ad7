"""The form of an objection."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agency
from dialogue.protection.forms import CheckedForm
from dialogue.sessions.models import DialogueSession, ListenerSeat
from dialogue.sessions.queries_objections import in_question


class ObjectionForm(CheckedForm):
    """Who should not be in the room, and why, if one likes to say so."""

    words_in = "reason"
    about = forms.ChoiceField(label=gettext_lazy("Who should not be there?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy(
            "Only the people who lead this talk read it. Then we destroy it. Up to 1,000 characters."
        ),
        widget=forms.Textarea({"rows": 4, "dir": "auto", "autocomplete": "off"}),
        required=False,
        strip=False,
    )
    use_required_attribute = False

    def __init__(self, *args: Any, dialogue_session: DialogueSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = list(in_question(dialogue_session))
        agencies = {seat.listener.agency.pk: seat.listener.agency for seat in seats if seat.listener.agency}
        self._named = [*map(str, agencies.values()), *(seat.listener.name for seat in seats)]
        self._found: dict[str, dict[str, ListenerSeat | Agency]] = {str(seat.pk): {"seat": seat} for seat in seats}
        self._found |= {str(pk): {"agency": agency} for pk, agency in agencies.items()}
        people = [(str(seat.pk), f"{seat.listener.listener_profile.rank} {seat.listener.name}") for seat in seats]
        whole = [(str(pk), _("Anyone from %(agency)s") % {"agency": one.name}) for pk, one in agencies.items()]
        self.fields["about"].choices = people + whole  # type: ignore[attr-defined]

    def asks_first(self) -> bool:
        """Whether the reason has to be looked at once more. That it names a listener, all know. The form is valid."""
        return self.asks(known=self._named)

    @property
    def has_choices(self) -> bool:
        """Whether there is anybody to object to."""
        return bool(self._found)

    @property
    def object_of(self) -> dict[str, Any]:
        """As keyword arguments of the action. The form must be valid."""
        return self._found[self.cleaned_data["about"]]
