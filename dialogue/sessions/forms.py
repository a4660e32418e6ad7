"""What is typed about sessions. Times are wall-clock times in the session's own zone."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from dialogue.sessions.agenda import AGREEMENTS
from dialogue.sessions.guards import WHY, Times, met_by_times
from dialogue.sessions.marks import Marks, mark, marks_of
from dialogue.sessions.models import DialogueSession, RecordLabel, Round, RoundKind
from dialogue.sessions.models_guards import Guard
from dialogue.sessions.policies import EDITABLE
from dialogue.sessions.times import from_local, local, site_zone, zone_choices

RECORD_HELP = {
    RecordLabel.ON_RECORD: _("On the record: all of it may be told outside, with names."),
    RecordLabel.CHATHAM: _("Chatham House rule: what was said may be told outside, who said it may not."),
    RecordLabel.PRIVATE: _("Private: nothing may be told outside."),
}
NUMBERS = ("capacity", "minimum", "listener_places", "roster_days", "answers_needed", "enough_share", "reading_hours")
#: The groups of the form about a session, each with its heading and its fields.
GROUPS = (
    (_("Title and topic"), ("title", "topic", "about")),
    (_("Who leads it and who is invited"), ("agencies", "facilitators")),
    (_("Where and when"), ("format", "venue", "time_zone", "starts_at", "ends_at")),
    (_("How many"), ("capacity", "minimum", "listener_places")),
    (_("Before it opens"), ("roster_days", "answers_needed", "enough_share")),
    (_("Its rules"), ("reading_hours", "record_label", "agreements", "legal_basis")),
)


class WallClock(forms.DateTimeField):
    """A date and time without a zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        return moment.replace(tzinfo=None) if moment else None


class Team(forms.ModelMultipleChoiceField):
    """Facilitators, with the word "peer" behind those who are."""

    def label_from_instance(self, obj: Any) -> str:
        return str(_("%(name)s (peer)")) % {"name": obj.name} if obj.is_peer else obj.name


class TimesMixin(forms.Form):
    """Turns two wall-clock times into moments, and says which of them is wrong."""

    def zone(self) -> str:
        raise AttributeError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("starts_at", "ends_at"):
            if name in self.fields and not self.fields[name].disabled and cleaned.get(name):
                try:
                    cleaned[name] = from_local(cleaned[name], self.zone())
                except ValidationError as error:
                    self.add_error(name, error)
        if (start := cleaned.get("starts_at")) and (end := cleaned.get("ends_at")) and end <= start:
            self.add_error("ends_at", _("The end must come after the start."))
        return cleaned


class SinceOpenedMixin(forms.ModelForm):
    """Knows what its page was opened with, so that only what was typed since is handed over."""

    def carry_marks(self) -> None:
        """Send the marks of all fields along with the page. To be called once the fields are there."""
        marks = marks_of(self.instance, self.fields)
        self.fields["seen"] = forms.JSONField(required=False, widget=forms.HiddenInput, initial=marks)

    @property
    def seen(self) -> Marks:
        """The marks that the page was opened with; none of a page that carried none."""
        seen = self.cleaned_data.get("seen")
        return seen if isinstance(seen, dict) else {}

    @property
    def changes(self) -> dict[str, Any]:
        """What may be handed to the action: every field that is not fast nor as when the page was opened."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return {
            name: value
            for name, value in typed.items()
            if not self.fields[name].disabled and self.seen.get(name) != mark(value)
        }


def facilitators() -> QuerySet[User]:
    """Everybody who can be on a team."""
    return User.objects.filter(role=Role.FACILITATOR, is_active=True).order_by("name", "pk")


class SessionForm(TimesMixin, SinceOpenedMixin):
    """A new session, or one that is changed. What stands fast by now is shown and can't be changed."""

    facilitators = Team(
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label=_("Facilitators"),
        help_text=_("At least two, at least one of them a peer. You are always on the team."),
    )
    time_zone = forms.ChoiceField(
        choices=zone_choices, label=_("Time zone"), widget=forms.Select(attrs={"translate": "no"})
    )
    starts_at = WallClock(label=_("Starts"), help_text=_("In the time zone of the session."))
    ends_at = WallClock(label=_("Ends"))

    class Meta:
        model = DialogueSession
        fields = (
            "title",
            "topic",
            "about",
            "agencies",
            "facilitators",
            "format",
            "venue",
            "time_zone",
            "starts_at",
            "ends_at",
            "capacity",
            "minimum",
            "listener_places",
            "roster_days",
            "answers_needed",
            "enough_share",
            "reading_hours",
            "record_label",
            "agreements",
            "legal_basis",
        )
        widgets = {
            "agencies": forms.CheckboxSelectMultiple,
            "format": forms.RadioSelect,
            "venue": forms.RadioSelect,
            "record_label": forms.RadioSelect,
            **{name: forms.NumberInput(attrs={"class": "short"}) for name in NUMBERS},
            "about": forms.Textarea(attrs={"rows": 5}),
            "agreements": forms.Textarea(attrs={"rows": 8}),
            "legal_basis": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {
            "title": _("Everybody sees it. Leave out words that give somebody away on a phone."),
            "topic": _("A few words, for example: being searched on the street."),
            "about": _("Plain words, for people who think about joining."),
            "capacity": _("Large rooms drown voices: 12 is a good number."),
            "minimum": _(
                "With fewer, the session can’t open. Fewer than 5 needs a reason: a story is easier to place."
            ),
            "venue": _("Where people take part. A government building needs a reason: many will not go in."),
            "listener_places": _("No more listeners than this get a place. Participants must not be outnumbered."),
            "roster_days": _("From then on no listener is added. 0 to 60. People see who will read them in time."),
            "answers_needed": _("With fewer answers from participants, a listener’s first move is not counted yet."),
            "enough_share": _(
                "A listener begins only if more than this share of “enough” and “not yet” says “enough”."
            ),
            "reading_hours": _("Within how many hours each text is read. Participants see this promise."),
            "agreements": _("Each participant accepts these before joining."),
            "legal_basis": _("What the agencies have agreed to, and what it does not cover. Needed to announce."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["facilitators"]
        team.queryset = facilitators()  # type: ignore[attr-defined]
        self.fields["record_label"].choices = list(RECORD_HELP.items())  # type: ignore[attr-defined]
        self.fields["agencies"].required = False
        self.is_new = self.instance._state.adding
        if self.is_new:
            start = {"facilitators": [by.pk], "time_zone": by.time_zone, "agreements": str(AGREEMENTS)}
            self.initial.update(start)
        else:
            zone = self.instance.time_zone
            self.initial.update({name: local(getattr(self.instance, name), zone) for name in ("starts_at", "ends_at")})
            self._lock()
            self.carry_marks()

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings, for a page that shows them so."""
        return [(str(heading), [self[name] for name in names]) for heading, names in GROUPS]

    def _lock(self) -> None:
        for name, field in self.fields.items():
            if name not in EDITABLE[self.instance.state]:
                field.disabled = True
                field.help_text = ""  # the page says once, above the form, why it can't be typed in

    @property
    def lead(self) -> str:
        """What stands above the form of a session of which something stands fast."""
        if not any(field.disabled for field in self.fields.values()):
            return ""
        return str(_("Fields that you can’t type in stand fast: people joined under what they say."))

    def zone(self) -> str:
        return self.cleaned_data.get("time_zone") or site_zone()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in ("starts_at", "ends_at"):
            if self.fields[name].disabled:
                cleaned[name] = self.instance_times[name]
        minimum, capacity = cleaned.get("minimum"), cleaned.get("capacity")
        if minimum and capacity and minimum > capacity:
            self.add_error("minimum", _("This can’t be more than the places there are."))
        needed = cleaned.get("answers_needed")
        if minimum and needed and needed > minimum:
            text = _("This can’t be more than the fewest participants: their answers might never be enough.")
            self.add_error("minimum" if self.fields["answers_needed"].disabled else "answers_needed", text)
        return cleaned

    @property
    def instance_times(self) -> dict[str, datetime]:
        """The times as they are stored; a disabled field would give them back without a zone."""
        return {"starts_at": self.instance.starts_at, "ends_at": self.instance.ends_at}


class PostponeForm(TimesMixin):
    """Other times, in the zone of the session."""

    starts_at = WallClock(label=_("New start"))
    ends_at = WallClock(label=_("New end"))
    anyway = forms.BooleanField(
        required=False,
        label=_("Use these times all the same"),
        help_text=_("Before the session can move on, you will be asked for a reason."),
    )

    def __init__(self, *args: Any, dialogue_session: DialogueSession, **kwargs: Any) -> None:
        self.dialogue_session = dialogue_session
        zone = dialogue_session.time_zone
        kwargs["initial"] = {name: local(getattr(dialogue_session, name), zone) for name in ("starts_at", "ends_at")}
        super().__init__(*args, **kwargs)

        if not self.is_bound:
            del self.fields["anyway"]  # asked only once times were typed that meet a guard

    def zone(self) -> str:
        return self.dialogue_session.time_zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        anyway = cleaned.pop("anyway", False)
        if guards := self._met(cleaned):
            if not anyway:
                self.add_error(None, [_warning(guard) for guard in guards])
        else:
            del self.fields["anyway"]
        return cleaned

    def _met(self, cleaned: dict[str, Any]) -> list[Guard]:
        if self.errors:
            return []
        live = self.dialogue_session.format == DialogueSession.Format.LIVE
        return met_by_times(Times(cleaned["starts_at"], cleaned["ends_at"], self.zone(), live))


def _warning(guard: Guard) -> str:
    facts = {"guard": guard.label, "why": WHY[guard]}
    return str(_("Think again: %(guard)s. %(why)s")) % facts


class ReasonForm(forms.Form):
    """Why a session is paused or called off."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("One plain sentence. Everybody who opens the session’s page sees it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RoundForm(SinceOpenedMixin):
    """One round of the agenda."""

    class Meta:
        model = Round
        fields = ("kind", "prompt", "think_minutes")
        widgets = {
            "prompt": forms.Textarea(attrs={"rows": 4}),
            "think_minutes": forms.NumberInput(attrs={"class": "short"}),
        }
        help_texts = {
            "kind": _("It decides who may write."),
            "prompt": _("The question or the invitation, in plain words."),
            "think_minutes": _(
                "For this long nobody can hand in a text of their own. 0 to 240 minutes; with 0 they write at once."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["think_minutes"].required = False
        kinds = [("", _("Choose a kind")), *RoundKind.choices]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        if not self.instance._state.adding:
            self.carry_marks()

    def clean_think_minutes(self) -> int:
        """Left empty is none."""
        return self.cleaned_data["think_minutes"] or 0

    def validate_constraints(self) -> None:
        """The agenda's own rules are the action's; the row has no number yet."""


class NewRoundForm(RoundForm):
    """A further round, and where it goes."""

    before = forms.ModelChoiceField(
        queryset=Round.objects.none(), required=False, label=_("Before"), empty_label=_("At the end")
    )

    def __init__(self, *args: Any, dialogue_session: DialogueSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        planned = dialogue_session.rounds.filter(state=Round.State.PLANNED).order_by("number")
        self.fields["before"].queryset = planned  # type: ignore[attr-defined]
        closing = planned.last()
        self.initial.setdefault("before", closing.pk if closing else None)


class JoinForm(forms.Form):
    """Joining takes one tick: the agreements."""

    agreed = forms.BooleanField(
        label=_("I accept these agreements"),
        error_messages={"required": _("To join, accept the agreements. Or leave: that is fine too.")},
    )


class RemoveForm(forms.Form):
    """From which sessions a participant is kept out."""

    HERE, ALL = "here", "all"
    where = forms.ChoiceField(
        label=_("From where"),
        choices=((HERE, _("From this session")), (ALL, _("From all sessions"))),
        initial=HERE,
        widget=forms.RadioSelect,
    )
