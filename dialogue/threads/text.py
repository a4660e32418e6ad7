"""Putting typed text in order: what nobody can see goes, what people write stays.

Kept: every script in its own direction, accents, emoji with their joiners, line breaks. Removed: characters that turn
the direction of the page around, control characters, invisible ones between letters (they can mark a copy), and
stacks of accents that spill over the lines above.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from seeds.vault import MAX_TEXT

#: The most characters in one text; an alphabet with longer encodings reaches the vault's limit a little earlier.
MAX_CHARACTERS = 3_000
MOST_MARKS = 6  # on one letter; no written language needs more

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85\x0b\x0c]")
#: Overrides, embeddings and isolates of direction; zero-width spaces and joiners of no script; hidden selectors.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0100-\U000e01ef]"
)
#: Tag characters hide text, except where they spell the flag that stands before them.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f)|[\U000e0000-\U000e007f]")
#: Joiners belong between two characters of a script or an emoji that uses them: neither ASCII nor a space.
_STRAY_JOINERS = re.compile(r"(?<![^\s\x00-\x7f\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?![^\s\x00-\x7f])")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def _thin_marks(text: str) -> str:
    """The text with at most MOST_MARKS combining marks in a row."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def tidy(text: str) -> str:
    """The text as it is kept: composed characters, plain line ends, at most one empty line, nothing unseen."""
    text = _LINE_ENDS.sub("\n", text)
    text = _UNSEEN.sub("", text)
    text = _TAGS.sub(lambda found: found.group(1) or "", text)
    text = _STRAY_JOINERS.sub("", text)
    text = _thin_marks(unicodedata.normalize("NFC", text))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub("\n{3,}", "\n\n", text).strip()


def is_blank(text: str) -> bool:
    """Whether there is nothing to read in it, whatever characters it is made of."""
    return not any(
        unicodedata.category(character)[0] in "LNPS" for character in text if character not in _BLANK_LETTERS
    )


def too_many(text: str) -> int:
    """How many characters at the end are too many; 0 when the text fits."""
    fits = text.encode()[:MAX_TEXT].decode(errors="ignore")
    return max(0, len(text) - min(MAX_CHARACTERS, len(fits)))


def fitting(text: str, limit: int) -> str:
    """The text put in order. Raises ValidationError for a blank one, and for one that is too long, by how much."""
    plain = tidy(text)
    if is_blank(plain):
        raise ValidationError(_("Please write something here."), code="required")
    over = len(plain) - limit
    if over > 0:
        words = ngettext("%(over)d character too many.", "%(over)d characters too many.", over)
        raise ValidationError(words % {"over": over}, code="too_long")
    return plain


def paragraphs(text: str) -> list[str]:
    """The text split at empty lines, for pages."""
    return text.split("\n\n")
