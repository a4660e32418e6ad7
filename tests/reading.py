"""How hard a page is to read: the Flesch-Kincaid grade of its text, roughly the years of school it takes; in Spanish
the ease by Fernández Huerta and by Szigriszt Pazos."""

import re
from html.parser import HTMLParser

LETTERS = "A-Za-zÁÉÍÓÚÜÑáéíóúüñ"
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


def sentences_and_words(text: str) -> tuple[int, list[str]]:
    """How many sentences, and their words. Lines without a sentence (headings, labels, links) would only flatter."""
    prose = " ".join(line for line in text.split("\n") if re.search(r"[.!?]", line))
    sentences = [part for part in re.split(r"[.!?:]+(?:\s|$)", prose) if re.search(rf"[{LETTERS}]", part)]
    return len(sentences), re.findall(rf"[{LETTERS}]+(?:[’'][{LETTERS}]+)*", prose)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text."""
    sentences, words = sentences_and_words(text)
    if not words:
        return 0.0
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables_in_spanish(word: str) -> int:
    """The syllables of a Spanish word: one for each strong or accented vowel, and for weak ones that stand alone."""
    word = re.sub(r"y$", "i", word.lower())
    word = re.sub(r"qu|gu(?=[eéií])", "c", word)  # a silent u
    word = re.sub(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])", "", word)  # a silent h keeps no vowels apart
    groups = re.findall(r"[aeiouáéíóúü]+", word)
    return max(1, sum(max(1, len(re.findall(r"[aeoáéóíú]", group))) for group in groups))


def ease(text: str) -> tuple[float, float]:
    """How easy a Spanish text is: by Fernández Huerta (70 and more: fairly easy), and by Szigriszt Pazos, which the
    INFLESZ scale reads (65 and more: fairly easy). 100 for no text."""
    sentences, words = sentences_and_words(text)
    if not words:
        return 100.0, 100.0
    per_word, per_sentence = sum(map(syllables_in_spanish, words)) / len(words), len(words) / sentences
    return 206.84 - 60 * per_word - 1.02 * per_sentence, 206.835 - 62.3 * per_word - per_sentence
