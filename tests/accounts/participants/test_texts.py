"""What participants read on the way in: plain, and without promises that nobody can keep."""

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.carried import Carried
from accounts.participants.forms import CodeForm, PassphraseForm, WordsCheckForm
from accounts.participants.views_card import _stepper
from tests.reading import grade, text_of

FOLDER = "accounts/participants"
FULL = Carried("/room/", [("body", "text")])
PAGES: dict[str, dict[str, Any]] = {
    "card": {"form": CodeForm()},
    "before_1": {"steps": _stepper(1), "back": 0},
    "before_2": {"steps": _stepper(2), "back": 1},
    "before_3": {"steps": _stepper(3), "back": 2},
    "words": {"steps": _stepper(4), "words": ["fox"] * 7},
    "words_check": {"steps": _stepper(5), "form": WordsCheckForm(asked={1: "fox", 2: "elk", 3: "oat"})},
    "leave": {},
    "sign_in": {"form": PassphraseForm(), "carried": Carried(), "too_old": True, "not_yet": False},
    "resume": {"carried": FULL, "layout": "public.html"},
    "too_old": {"again": "/"},
    "account": {},
    "delete": {},
}
#: Words that promise too much, or speak of people as cases.
NEVER = re.compile(r"\b(safe|safely|safety|secure|securely|guarantee\w*|confidential\w*|anonym\w*|addict\w*)\b", re.I)


def page(name: str) -> str:
    return render_to_string(f"{FOLDER}/{name}.html", PAGES[name], request=RequestFactory().get("/"))


@pytest.mark.parametrize("name", PAGES)
def test_reads_at_grade_six(name):
    text = text_of(page(name))
    assert len(text) > 60
    assert grade(text) <= 6


@pytest.mark.parametrize("name", PAGES)
def test_promises_nothing_that_nobody_can_keep(name):
    assert NEVER.findall(text_of(page(name))) == []
