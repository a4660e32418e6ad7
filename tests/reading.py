"""How hard a page is to read: the Flesch-Kincaid grade of its text, roughly the years of school it takes."""

import re
from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "title", "head", "svg", "select", "textarea"})
EMPTY = frozenset({"meta", "link", "input", "br", "img", "hr"})
#: Each is a piece of text of its own.
BLOCKS = frozenset({"p", "li", "h1", "h2", "h3", "h4", "dt", "dd", "td", "th", "caption", "label", "legend", "button"})
BLOCKS |= {"div", "summary"}


class Words(HTMLParser):
    """The site's own words in a page's main part, a line for each block.

    Left out: names (`translate="no"`), what people wrote (class "words"), and the choices of a select.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0
        self.inside: list[tuple[str, bool]] = []
        self.in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main":
            self.in_main = True
        if tag in EMPTY:
            return
        theirs = "words" in (dict(attrs).get("class") or "").split() or ("translate", "no") in attrs
        hidden = tag in SILENT or theirs
        self.inside.append((tag, hidden))
        self.silent += hidden

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.in_main = False
        if tag in BLOCKS:
            self.parts.append("\n")
        while self.inside:
            name, hidden = self.inside.pop()
            self.silent -= hidden
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.in_main and not self.silent:
            self.parts.append(data.replace("\n", " "))


def text_of(html: str) -> str:
    """The text of the page's main part, one line a block."""
    parser = Words()
    parser.feed(html)
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end; at least one."""
    word = word.lower()
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith(("e", "es", "ed")) and not word.endswith(("le", "les", "ted", "ded", "ses", "ces", "ges"))
    return max(1, groups - (silent and groups > 1))


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of the sentences. Lines without one (headings, labels, links) would only flatter."""
    prose = " ".join(line for line in text.split("\n") if re.search(r"[.!?]", line))
    sentences = [part for part in re.split(r"[.!?:]+(?:\s|$)", prose) if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-z]+(?:[’'][A-Za-z]+)*", prose)
    if not words:
        return 0.0
    per_sentence = len(words) / len(sentences)
    return 0.39 * per_sentence + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
