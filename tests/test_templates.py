"""What holds for every template: it parses, stands on a base, keeps to the strict policy, has its words marked."""

import re
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User

ClientFor = Callable[[User | Participant | None], Client]
ROOT = Path(__file__).parent.parent / "templates"
EVERY = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.*") if path.suffix in (".html", ".txt"))
HTML = [name for name in EVERY if name.endswith(".html")]
#: Mail brings its own look: a mail program loads no style sheet.
ON_SITE = [name for name in HTML if not name.startswith("mail/")]
PARTS = ("components/", "django/", "allauth/elements/", "mail/", "admin/")  # not pages of ours
#: Stands alone because it must work when nothing else does.
ALONE = {"base.html", "500.html"}
PAGES = [
    name
    for name in HTML
    if not name.startswith(PARTS) and not Path(name).name.startswith("_") and "snippets" not in name
]
COMPONENTS = [name for name in HTML if name.startswith("components/")]
BASES = {"base.html", "layout"}


@cache
def source(name: str) -> str:
    return (ROOT / name).read_text()


def whole_source(name: str) -> str:
    """The source with the fragments of its own folder in place."""
    return re.sub(r'{% include "([^"]*/_[^"]+)"[^%]*%}', lambda match: source(match[1]), without_comments(source(name)))


def without_comments(text: str) -> str:
    return re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)


def unmarked(text: str) -> str:
    """The template without what is marked for translation, computed, or a comment."""
    text = without_comments(text)
    text = re.sub(r"{% blocktrans(late)?\b.*?{% endblocktrans(late)? %}", "", text, flags=re.DOTALL)
    return re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)


class BareWords(HTMLParser):
    """Texts and spoken attributes that hold letters; `translate="no"` leaves an element out."""

    SPOKEN = ("alt", "title", "aria-label", "placeholder", "data-label", "content")
    EMPTY = ("meta", "link", "input", "br", "img", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        quiet = tag in ("script", "style") or ("translate", "no") in attrs
        if tag not in self.EMPTY:
            self.open.append((tag, quiet))
        if tag != "meta":
            self.found += [value for key, value in attrs if key in self.SPOKEN and value and self.is_said(value)]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            continue

    def handle_data(self, data: str) -> None:
        if self.is_said(data) and not any(quiet for _, quiet in self.open):
            self.found.append(data.strip())

    @staticmethod
    def is_said(text: str) -> bool:
        return bool(re.search(r"[^\W\d_]{2,}", text))


def bare_words(text: str) -> list[str]:
    parser = BareWords()
    parser.feed(unmarked(text))
    return parser.found


def base_of(name: str) -> str | None:
    """What the template stands on in the end; None when it stands on nothing."""
    match = re.search(r'{% extends "?([^" %]+)"? %}', source(name))
    if match is None:
        return None
    parent = match[1]
    return parent if parent in BASES or not (ROOT / parent).exists() else base_of(parent) or parent


def faults(names: list[str], check: Callable[[str], object]) -> dict[str, object]:
    """What the check finds, by template; one test looks at all, because each is over in no time."""
    return {name: found for name in names if (found := check(name))}


def test_every_template_parses() -> None:
    assert len([get_template(name) for name in EVERY]) == len(EVERY)


def test_no_style_and_no_script_stands_in_a_page() -> None:
    def check(name: str) -> list[str]:
        text = without_comments(source(name))
        scripts = re.findall(r"<script\b(?![^>]*(?:src=|application/json))[^>]*>", text)
        return scripts + re.findall(r"<[^>]*\s(?:on[a-z]+|style)\s*=|<style\b|javascript:", text)

    assert faults(ON_SITE, check) == {}


@pytest.mark.promise("P10")
def test_nothing_comes_from_another_site() -> None:
    assert faults(ON_SITE, lambda name: re.findall(r'(?:src|href|action)="(?:https?:)?//', source(name))) == {}


def test_every_page_stands_on_a_base() -> None:
    assert faults([name for name in PAGES if name not in ALONE], lambda name: base_of(name) not in BASES) == {}


def test_pages_leave_the_frame_to_their_base() -> None:
    frame = re.compile(r"<(?:html|main|body)\b")
    assert faults([name for name in PAGES if name not in ALONE], lambda name: frame.findall(source(name))) == {}


def test_every_form_that_is_posted_is_whole() -> None:
    """Without an action browsers keep the part after "#": the answer would show that place, not what went wrong."""

    def check(name: str) -> list[str]:
        forms = re.findall(r"<form\b(.*?)>(.*?)</form>", whole_source(name), flags=re.DOTALL)
        posted = [(head, body) for head, body in forms if 'method="post"' in head and 'class="exit"' not in head]
        return [
            head
            for head, body in posted
            if "novalidate" not in head or "action=" not in head or not re.search("csrf_?(token|middle)", body)
        ]

    assert faults(ON_SITE, check) == {}


def test_every_word_is_marked_for_translation() -> None:
    assert faults(HTML, lambda name: bare_words(source(name))) == {}


def test_every_component_says_what_it_takes() -> None:
    assert faults(COMPONENTS, lambda name: not source(name).startswith("{# takes: ")) == {}


def included(name: str) -> set[str]:
    """The components that this template shows, directly or within others."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        text = without_comments(source(waiting.pop()))
        fresh = set(re.findall(r'{% (?:include|extends) "([^"]+)"', text)) - found
        found |= fresh
        waiting += fresh
    return found


def test_gallery_shows_every_component() -> None:
    assert [name for name in COMPONENTS if name not in included("dialogue/welcome/components.html")] == []


def test_gallery_renders_all_of_it(operator: User, client_for: ClientFor) -> None:
    html = client_for(operator).get(reverse("welcome:components")).content.decode()
    marks = [
        *("back", "summary-of-errors", "next-step", "notice done", "empty", "state stop", "speaker-listener", "tile"),
        *("comment by-facilitator", "stepper", "pages", "undoable", "<meter", "agenda", "facts", "data-label"),
    ]
    assert [mark for mark in marks if mark not in html] == []


def test_the_checks_see_faults() -> None:
    """If the readers above were blind, their tests could not fail."""
    assert bare_words('<p>{% translate "Marked" %}</p>{# note #}<b translate="no">Ada</b>{{ name }} – 1') == []
    assert bare_words('<p title="Spoken">Bare {{ name }} words</p>') == ["Spoken", "Bare  words"]
    assert bare_words("{% blocktranslate trimmed %}All <b>marked</b>{% endblocktranslate %}<td>not</td>") == ["not"]


SHEET = (Path(settings.BASE_DIR) / "static/css/seeds.css").read_text()
#: The sheet's first part names the colors; the rest uses the names.
TOKENS, REST = re.search(r"1\. Tokens =.*(?=/\* =+ 2\.)", SHEET, re.DOTALL), SHEET[SHEET.index(" 2. Elements =") :]


def palettes() -> dict[str, dict[str, str]]:
    """Light and dark: the name of each color and its value; dark overrides light."""
    assert TOKENS is not None
    light, dark = TOKENS[0].split("prefers-color-scheme: dark")
    colors = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
    first = dict(colors.findall(light))
    return {"light": first, "dark": first | dict(colors.findall(dark))}


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


GROUNDS = "ground surface sunk done-soft warn-soft stop-soft"
#: Ink, grounds, least contrast: 7 = AAA for text, 4.5 = AA, 3 = lines and areas by which something is known.
PAIRS = (
    ("ink", GROUNDS, 7),
    ("ink-soft", GROUNDS, 7),
    ("accent accent-deep", GROUNDS, 7),
    ("done warn stop", GROUNDS, 7),
    ("on-button", "button button-deep", 4.5),
    ("ground", "ink ink-soft stop", 7),  # the exit, the badge of listeners, the button that can't be undone
    ("line-strong", GROUNDS, 3),
    ("button", "ground", 3),
)


def test_colors_have_the_contrast_they_need() -> None:
    low = {
        f"{scheme}: {ink} on {ground}": round(ratio, 2)
        for scheme, colors in palettes().items()
        for inks, grounds, least in PAIRS
        for ink in inks.split()
        for ground in grounds.split()
        if (ratio := contrast(colors[ink], colors[ground])) < least
    }
    assert low == {}
    assert round(contrast("#000000", "#ffffff"), 2) == 21


def test_colors_are_named_in_one_place() -> None:
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", REST) == []
