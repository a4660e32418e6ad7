"""How hard a page is to read: the Flesch-Kincaid grade of its text, roughly the years of school it takes."""

import re
from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "title", "head", "svg"})
#: After these a new sentence begins even without a full stop.
BLOCKS = frozenset({"p", "li", "h1", "h2", "h3", "h4", "dt", "dd", "td", "th", "caption", "label", "legend", "button"})
BLOCKS |= {"div", "option", "summary"}


class Words(HTMLParser):
    """The words of a page's main part, a full stop after every block. Names (`translate="no"`) are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0
        self.inside: list[tuple[str, bool]] = []
        self.in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main":
            self.in_main = True
        if tag in {"meta", "link", "input", "br", "img", "hr"}:
            return
        hidden = tag in SILENT or ("translate", "no") in attrs
        self.inside.append((tag, hidden))
        self.silent += hidden

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.in_main = False
        if tag in BLOCKS:
            self.parts.append(". ")
        while self.inside:
            name, hidden = self.inside.pop()
            self.silent -= hidden
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.in_main and not self.silent:
            self.parts.append(data)


def text_of(html: str) -> str:
    """The text of the page's main part."""
    parser = Words()
    parser.feed(html)
    return " ".join("".join(parser.parts).split())


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end; at least one."""
    word = word.lower()
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith(("e", "es", "ed")) and not word.endswith(("le", "les", "ted", "ded", "ses", "ces", "ges"))
    return max(1, groups - (silent and groups > 1))


def grade(text: str) -> float:
    """The Flesch-Kincaid grade level."""
    sentences = [part for part in re.split(r"[.!?:]+(?:\s|$)", text) if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z]+(?:[’'][A-Za-z]+)*", text)
    if not words:
        return 0.0
    per_sentence = len(words) / len(sentences)
    return 0.39 * per_sentence + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
