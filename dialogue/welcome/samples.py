"""Invented data for the gallery, one entry for each component that takes some."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialogue.egoguard.showing import look_kindly
from dialogue.protection.showing import look
from dialogue.resources.phones import tel
from dialogue.resources.queries import HelpLine


class SampleForm(forms.Form):
    """One field of each kind that the site uses."""

    title = forms.CharField(
        label=gettext_lazy("Title"), help_text=gettext_lazy("A few plain words. Everyone sees them.")
    )
    about = forms.CharField(label=gettext_lazy("What it is about"), widget=forms.Textarea(attrs={"rows": 4}))
    places = forms.IntegerField(
        label=gettext_lazy("Places"), required=False, widget=forms.NumberInput(attrs={"class": "short"})
    )
    record = forms.ChoiceField(
        label=gettext_lazy("What may be repeated outside"),
        choices=[("on_record", gettext_lazy("On the record")), ("chatham", gettext_lazy("Chatham House rule"))],
        widget=forms.RadioSelect,
    )
    agencies = forms.MultipleChoiceField(
        label=gettext_lazy("Agencies invited"),
        choices=[
            ("police", gettext_lazy("Example City Police")),
            ("prosecutor", gettext_lazy("Example County Prosecutor")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[("ny", "New York"), ("chi", "Chicago")],
        widget=forms.Select(attrs={"translate": "no"}),
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("I have read the agreements."), help_text=gettext_lazy("You can leave at any time.")
    )


def _acts(here: str) -> list[dict[str, Any]]:
    """One that asks first, one that a tap does, one that leads to a page."""
    asks = _("They come out as one batch, in mixed order.")
    return [
        {"url": here, "action": _("Release the texts"), "post": True, "asks": asks, "final": True},
        {"url": here, "action": _("Close this round"), "post": True},
        {"url": here, "action": _("Read texts")},
    ]


def samples(sent: QueryDict | None) -> dict[str, Any]:
    """The gallery's context; `sent` is what the sample form was sent with."""
    here = reverse("welcome:components")
    return {
        "here": here,
        "sample_acts": _acts(here),
        "sample_voices": [
            {"name": "amber brook", "mark": {"kind": "done", "text": _("Has spoken")}},
            {"name": "quiet stone", "mark": {"kind": "done", "text": _("Has passed")}},
            {"name": "tall reed", "mark": {"kind": "todo", "text": _("Not yet")}},
        ],
        "sample_form": SampleForm(sent, prefix="empty"),
        "wrong_form": SampleForm({"wrong-title": _("A title that stays as typed")}, prefix="wrong"),
        "sample_messages": [Message(messages.SUCCESS, _("Your notes are saved."))],
        "page": _page(),
        "choices": [
            {"text": _("All"), "query": "", "chosen": True},
            {"text": _("Late"), "query": "?late", "chosen": False},
        ],
        "checked": {"check": look([_("They met me at 2:30 am on Main Street. Officer Example took my bag.")])},
        "guarded": {"check": look_kindly([_("I am sorry if anyone was hurt, but mistakes were made on both sides.")])},
        "steps": _steps(),
        "agenda": _agenda(here),
        "way": {"to_come": _agenda(here)[2:], "done": _agenda(here)[:1]},
        "sample_session": {"pk": UUID(int=0)},
        "icons": ("exit", "phone", "print", "calendar", "lock", "external"),
        "facts": _facts(here),
        "speakers": _speakers(),
        "comments": _comments(here),
        "help_lines": _help_lines(),
        "head": [_("Session"), _("Begins"), _("Places left")],
        "rows": _rows(here),
    }


def _page() -> Page:
    return Paginator([*range(30)], 10).page(2)


def _steps() -> list[dict[str, Any]]:
    names = (_("Opening"), _("Listening"), _("Dialogue"), _("Closing"))
    return [{"name": name, "state": state} for name, state in zip(names, ("done", "now", "next", "next"), strict=True)]


def _agenda(here: str) -> list[dict[str, Any]]:
    return [
        {"title": _("Opening"), "text": _("The listeners’ first move is read."), "state": "done", "when": WEEKDAYS[0]},
        {
            "title": _("Listening"),
            "text": _("What should they know?"),
            "state": "now",
            "when": WEEKDAYS[1],
            "url": here,
            "action": _("Review what came in"),
        },
        {"title": _("Closing"), "state": "next"},
    ]


def _facts(here: str) -> list[dict[str, Any]]:
    return [
        {"key": _("Begins"), "value": _("Monday, May 3, 6 p.m. (New York)"), "url": here, "action": _("Change")},
        {"key": _("Places"), "value": 12},
    ]


def _help_lines() -> list[HelpLine]:
    always, checked = _("All day, every day"), _("May 3, 2026")
    return [
        HelpLine(
            _("Example line"), "555-0100", tel("555-0100"), always, _("Somebody to talk to."), checked, is_old=False
        ),
        HelpLine(_("Example house"), _("12 Example Street"), "", "", "", checked, is_old=True),
    ]


def _speakers() -> list[dict[str, Any]]:
    return [
        {"kind": "participant", "name": "Amber Brook", "mine": True},
        {
            "kind": "listener",
            "name": "Dana Example",
            "rank": _("Sergeant"),
            "agency": "Example City Police",
            "role": _("Police"),
        },
        {"kind": "facilitator", "name": "Kim Example", "peer": True},
    ]


def _comments(here: str) -> list[dict[str, Any]]:
    participant, listener, facilitator = _speakers()
    return [
        {
            "speaker": participant,
            "body": _("They took my bag and never gave it back. My medicine was in it."),
            "state": {"kind": "done", "text": _("Others can read this")},
            "url": here,
            "action": _("Take it back"),
            "replies": [{"speaker": listener, "body": _("Thank you. I did not know what a bag can hold.")}],
        },
        {"speaker": facilitator, "body": _("We go on on Thursday.")},
        {"speaker": participant, "gone": _("Taken back")},
    ]


def _rows(here: str) -> list[list[dict[str, Any]]]:
    labels = (_("Session"), _("Begins"), _("Places left"))
    cells: tuple[tuple[dict[str, Any], ...], ...] = (
        ({"text": _("What a search does"), "url": here}, {"text": _("May 3")}, {"text": 4}),
        ({"text": _("After an arrest"), "url": here}, {"text": _("May 17")}, {"text": 12}),
    )
    return [[{"label": label} | cell for label, cell in zip(labels, row, strict=True)] for row in cells]
