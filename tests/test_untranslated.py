"""Every word of every page is translated: in a language that puts ⟦brackets⟧ around each, none stands bare.

Left as they are: names in `translate="no"`, people's words in `class="words"`, `dir="auto"` or <bdi>, and whatever
stands in the database, such as titles and ranks.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import CharField, TextField
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation

from accounts.adapters import AccountAdapter
from accounts.models import Participant, User
from dialogue.egoguard.check import BOOKS
from dialogue.sessions.models import DialogueSession
from tests import test_urls as by_address
from tests.url_table import ROWS, VIEWERS, Row

ClientFor = Callable[[User | Participant | None], Client]
people, targets = by_address.people, by_address.targets
#: Who is asked for a page: of those who get it, the first.
MOST_TO_SEE = ("facilitator", "listener", "participant", "operator", "other_facilitator", "other_listener", "public")


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language in which each word is the English one in brackets."""
    get_resolver().url_patterns  # noqa: B018 - loads all views: what they translate while loading stays bare
    trans = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(trans, "gettext", lambda message: f"⟦{message}⟧" if message else "")
    monkeypatch.setattr(trans, "pgettext", lambda _context, message: f"⟦{message}⟧")
    monkeypatch.setattr(trans, "ngettext", lambda one, more, n: f"⟦{one if n == 1 else more}⟧")
    monkeypatch.setattr(trans, "npgettext", lambda _context, one, more, n: f"⟦{one if n == 1 else more}⟧")


class Bare(HTMLParser):
    """The words of a page that stand outside of brackets, and the spoken attributes that do."""

    SPOKEN = ("alt", "title", "aria-label", "placeholder", "data-label", "label", "data-note")
    VOID = ("meta", "link", "input", "br", "img", "hr", "wbr")
    SILENT = ("script", "style", "title", "textarea", "bdi")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.depth = 0  # brackets may open before a tag and close after it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        quiet = any(quiet for _, quiet in self.open) or tag in self.SILENT or given.get("translate") == "no"
        quiet = quiet or given.get("dir") == "auto" or "words" in (given.get("class") or "").split()
        spoken = [value for name, value in attrs if name in self.SPOKEN and value]
        if tag == "input" and given.get("type") in ("submit", "button"):
            spoken.append(given.get("value") or "")
        if not quiet:
            self.found += [text for value in spoken if (text := outside(value))]
        if tag not in self.VOID:
            self.open.append((tag, quiet))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            continue

    def handle_data(self, data: str) -> None:
        quiet = any(quiet for _, quiet in self.open)
        bare = []
        for part in re.split("([⟦⟧])", data):
            if part in "⟦⟧":
                self.depth += {"⟦": 1, "⟧": -1}.get(part, 0)
            elif self.depth == 0:
                bare.append(part)
        if not quiet:
            self.found += [text for part in bare if has_letters(text := " ".join(part.split()))]


def outside(text: str) -> str:
    """What is left of a text without all that stands in brackets, if there are letters in it."""
    while re.search("⟦[^⟦⟧]*⟧", text):
        text = re.sub("⟦[^⟦⟧]*⟧", "", text)
    return text.strip() if has_letters(text) else ""


def has_letters(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]", text))


def planted() -> list[str]:
    """What people typed, the longest first: the texts of every row, and what the operator set. And what the rules of
    the ego guard bring along in each language."""
    found = {settings.SITE_OPERATOR, settings.SITE_FUNDING, settings.SITE_HOSTING, settings.SITE_CONTACT}
    found |= {text for book in BOOKS.values() for rule in book.rules for text in rule.instead.values()}
    for model in apps.get_models():
        if model._meta.app_label in ("accounts", "dialogue"):
            for field in model._meta.get_fields():
                if isinstance(field, CharField | TextField) and not field.choices:
                    found |= set(model._default_manager.values_list(field.attname, flat=True))
    return sorted((" ".join(text.split()) for text in found if text), key=len, reverse=True)


def bare_words(html: str, known: list[str]) -> list[str]:
    parser = Bare()
    parser.feed(html)
    return [text for text in parser.found if has_letters(without(text, known))]


def without(text: str, known: list[str]) -> str:
    for one in known:
        text = text.replace(one, "")
    return text


def who_looks(row: Row) -> str:
    if row.name.startswith("mfa_"):  # the table knows these before the password is asked once more
        return "facilitator"
    return next((who for who in MOST_TO_SEE if row.cells[VIEWERS.index(who)] == "200"), "")


def test_no_word_of_any_page_is_left_out_of_translation(
    people: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    open_session: DialogueSession,
    client_for: ClientFor,
    bracketed: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AccountAdapter, "is_reauthentication_required", lambda self, *, app, **_rest: False)
    clients = {who: client_for(people[who]) for who in MOST_TO_SEE}
    bare: dict[str, list[str]] = {}
    known = planted()
    for row in ROWS:
        if not (who := who_looks(row)):
            continue
        response = clients[who].get(reverse(row.name, kwargs=targets[row.target]))
        is_page = response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")
        if is_page and (found := bare_words(response.content.decode(), known)):
            bare[f"{row.name} {who}"] = found
    assert bare == {}


def test_the_reader_sees_bare_words() -> None:
    """If it were blind, the test above could not fail."""
    page = (
        "<title>x</title><p>⟦Read <b>this</b> now⟧, <i>Ada</i> <b translate=no>Bo</b> or <bdi>Cy</bdi></p>"
        '<img alt="Dee"><select><option>Ed</select><input placeholder="⟦Fay⟧"><p class="soft words">Gil</p> 5 %'
    )
    assert bare_words(page, ["Ada"]) == ["or", "Dee", "Ed"]
