"""Invented data for the gallery, one entry for each component that takes some."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from dialogue.protection.showing import look


class SampleForm(forms.Form):
    """One field of each kind that the site uses."""

    title = forms.CharField(label=_("Title"), help_text=_("A few plain words. Everyone sees them."))
    about = forms.CharField(label=_("What it is about"), widget=forms.Textarea(attrs={"rows": 4}))
    places = forms.IntegerField(label=_("Places"), required=False, widget=forms.NumberInput(attrs={"class": "short"}))
    record = forms.ChoiceField(
        label=_("What may be repeated outside"),
        choices=[("on_record", _("On the record")), ("chatham", _("Chatham House rule"))],
        widget=forms.RadioSelect,
    )
    agencies = forms.MultipleChoiceField(
        label=_("Agencies invited"),
        choices=[("police", _("Example City Police")), ("prosecutor", _("Example County Prosecutor"))],
        widget=forms.CheckboxSelectMultiple,
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=[("ny", "New York"), ("chi", "Chicago")])
    agreed = forms.BooleanField(label=_("I have read the agreements."), help_text=_("You can leave at any time."))


def samples(sent: QueryDict | None) -> dict[str, Any]:
    """The gallery's context; `sent` is what the sample form was sent with."""
    here = reverse("welcome:components")
    return {
        "here": here,
        "sample_form": SampleForm(sent, prefix="empty"),
        "wrong_form": SampleForm({"wrong-title": _("A title that stays as typed")}, prefix="wrong"),
        "sample_messages": [Message(messages.SUCCESS, _("Your notes are saved."))],
        "page": _page(),
        "checked": {"check": look([_("They met me at 2:30 am on Main Street. Officer Example took my bag.")])},
        "steps": _steps(),
        "agenda": _agenda(here),
        "facts": _facts(here),
        "speakers": _speakers(),
        "comments": _comments(here),
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
        {"title": _("Opening"), "text": _("The listeners’ first move is read."), "state": "done", "when": _("Monday")},
        {
            "title": _("Listening"),
            "text": _("What should they know?"),
            "state": "now",
            "when": _("Tuesday"),
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
