"""Forms of promises and of news about them."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.terms import MAX_MEASURE, MAX_NEWS, MAX_NOTE, MAX_TEXT, MAX_UNIT, Terms, link
from dialogue.egoguard.actions import Writer
from dialogue.egoguard.forms import GuardedForm
from dialogue.protection.showing import OF_OTHERS
from dialogue.threads import tickets
from dialogue.threads.forms import PlainField


class TicketForm(GuardedForm):
    """A form that makes one row, however often it is sent."""

    fields_looked_at: tuple[str, ...] = ("text",)
    ticket = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    use_required_attribute = False

    def words(self) -> list[str]:
        """All of it, without what was left empty or is not asked here."""
        return [text for name in self.fields_looked_at if (text := self.cleaned_data.get(name))]

    def asks_first(self, known: Iterable[str], writer: Writer) -> bool:
        """Whether its words have to be looked at once more. `known` = names that stand beside them anyway."""
        return self.asks(kinds=OF_OTHERS, known=known, writer=writer)

    def row_id(self, scope: UUID, author: UUID) -> UUID | None:
        """The id that its row gets; None, said above the form, without a ticket of this author for this page."""
        pk = tickets.redeem(self.cleaned_data["ticket"], scope, author)
        if pk is None:
            self.add_error(None, _("It was not sent yet. Please look at it once more, then send it."))
        return pk

    def with_ticket(self, scope: UUID, author: UUID) -> "TicketForm":
        """Itself with a ticket: a fresh one, unless it was only looked at."""
        if not self.is_bound:
            self.initial["ticket"] = tickets.issue(scope, author)
        elif self.errors:
            data = cast(QueryDict, self.data).copy()
            data["ticket"] = tickets.issue(scope, author)
            self.data = data
        return self


class PromiseForm(TicketForm):
    """What is promised, how people can tell, by when, and who is bound."""

    fields_looked_at = ("text", "measure", "unit")
    text = PlainField(
        label=_("What is promised"),
        help_text=_("One thing that somebody can do or leave undone. Not what somebody will try or look into."),
        limit=MAX_TEXT,
        rows=4,
    )
    measure = PlainField(
        label=_("How people can tell that it was done"),
        help_text=_("What somebody who does not trust you can see or read."),
        limit=MAX_MEASURE,
        rows=2,
    )
    due_on = forms.DateField(
        label=_("By when"),
        help_text=_("A day after today, at most three years away. From the day after it, it counts as late."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day by which it is done.")},
    )
    level = forms.ChoiceField(
        label=_("Who is bound by it"),
        help_text=_(
            "A person can bind only themselves. A unit is bound by the person who leads it or by the head of the"
            " office, the whole office by its head: they have to say yes."
        ),
        choices=Commitment.Authority.choices,
        initial=Commitment.Authority.PERSONAL,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who is bound by it.")},
    )
    unit = PlainField(
        label=_("Name of the unit"), help_text=_("Only for a promise by a unit."), limit=MAX_UNIT, required=False
    )

    terms: Terms

    def __init__(self, *args: Any, replaces: Commitment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if replaces:  # what takes its place binds the same people
            self.fixed = {"level": replaces.level, "unit": replaces.unit}
            del self.fields["level"], self.fields["unit"]
        else:
            self.fixed = {}

    def clean(self) -> dict[str, Any]:
        """With the parts put together as `terms`."""
        cleaned = super().clean() or self.cleaned_data
        names = ("text", "measure", "due_on", "level", "unit")
        if not self.errors:
            try:
                self.terms = Terms(**{name: cleaned[name] for name in names if name in cleaned} | self.fixed).in_order()
            except ValidationError as wrong:
                self.add_error(None, wrong)
        return cleaned


class OwnerField(forms.ModelChoiceField):
    """A listener, with rank and agency."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.listener_profile.rank} {obj.name}, {obj.agency}"


class EnterForm(PromiseForm):
    """What a facilitator records, and the listener who answers for it."""

    owner = OwnerField(
        label=_("Who answers for it"),
        help_text=_("Leave out who asked for it, and how: write it in your own words."),
        queryset=User.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who answers for it.")},
    )
    field_order = ("owner", "text", "measure", "due_on", "level", "unit")


class NewsForm(TicketForm):
    """News of a promise."""

    kind = forms.ChoiceField(
        label=_("What is new"),
        choices=CommitmentUpdate.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is new.")},
    )
    text = PlainField(
        label=_("In a few sentences"),
        help_text=_("What was done or not done, in plain words. Everybody can read it once a facilitator has."),
        limit=MAX_NEWS,
        rows=5,
    )
    evidence_url = forms.CharField(
        label=_("Where that can be seen (a link)"),
        help_text=_("A page that anybody can open. It begins with https://"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )

    def clean_evidence_url(self) -> str:
        """Raises ValidationError for what is no link."""
        return link(self.cleaned_data["evidence_url"])


class ReturnForm(forms.Form):
    """Why something goes back, in words that its writer reads."""

    use_required_attribute = False
    note = PlainField(
        label=_("What should change"),
        help_text=_("The listener reads this and writes again."),
        limit=MAX_NOTE,
        rows=4,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class BrokenForm(TicketForm):
    """Why a promise counts as broken."""

    text = PlainField(
        label=_("What you know of it"),
        help_text=_("Everybody reads it, with your name. Say what was promised by when, and that nobody told of it."),
        limit=MAX_NEWS,
        rows=4,
    )
