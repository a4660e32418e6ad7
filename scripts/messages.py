"""The words of the source and their translations: `python -m scripts.messages`, or `make messages`.

Puts new words into each catalog, empty, takes out those that nothing uses any more, and makes the .mo. What is still
to do is printed; with anything to do it ends with 1. Python and templates are read here, without GNU gettext.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import write_po
from django.utils.translation.template import templatize

from seeds import catalogs

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd%]|\{[a-z_]*\}")
TAG = re.compile(r"</?[a-z][^>]*>|&[a-z]+;")
#: Lines of a catalog's head that would change with each run and say nothing.
IDLE = re.compile(
    rb'^"(?:Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated-By)[^\n]*\n', re.MULTILINE
)


def python_of(path: Path) -> str:
    """The file as Python whose calls name its messages. A template becomes calls among fillers, in any indentation."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return text
    return "\n".join(line.strip() for line in templatize(text).splitlines())


def messages_in(path: Path) -> Iterator[tuple[Any, ...]]:
    """Line, message, comments and context of each."""
    yield from extract("python", io.BytesIO(python_of(path).encode()), keywords=KEYWORDS)


def sources() -> Iterator[Path]:
    """Every file whose words are shown to somebody."""
    for folder in ("accounts", "dialogue", "seeds"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    for ending in ("html", "txt"):
        yield from sorted((ROOT / "templates").rglob(f"*.{ending}"))


def words_of_the_source() -> Catalog:
    """Every message that the source uses, in its order."""
    found = Catalog()
    for path in sources():
        for _line, message, _comments, context in messages_in(path):
            found.add(message, context=context)
    return found


def forms(message: Message) -> list[str]:
    """The translation, in each plural form if there are several."""
    return [message.string or ""] if isinstance(message.string, str | None) else list(message.string)


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each translation with the English that it stands for: of several, the first form for one, the other for more."""
    english = [message.id] if isinstance(message.id, str) else list(message.id)
    for number, text in enumerate(forms(message)):
        yield english[min(number, len(english) - 1)], text


def differences(english: str, text: str) -> Iterator[str]:
    """What a translation must share with the English."""
    if not text:
        yield "is not translated"
        return
    for name, sign in (("placeholders", PLACEHOLDER), ("tags", TAG)):
        if Counter(sign.findall(english)) != Counter(sign.findall(text)):
            yield f"has other {name}"
    if english[:1].isspace() != text[:1].isspace() or english[-1:].isspace() != text[-1:].isspace():
        yield "begins or ends with other spaces"


def faults(catalog: Catalog, source: Catalog) -> list[str]:
    """What is wrong with a catalog, one line each; nothing is an empty list."""
    lines = [f"is not in the catalog: {one.id!r}" for one in source if one.id and not catalog.get(one.id, one.context)]
    lines += [f"is not used any more: {key!r}" for key in catalog.obsolete]
    for message in catalog:
        if not message.id:
            continue
        if source.get(message.id, message.context) is None:
            lines.append(f"is not used any more: {message.id!r}")
        if message.fuzzy:
            lines.append(f"is fuzzy: {message.id!r}")
        if message.pluralizable and len(forms(message)) != catalog.num_plurals:
            lines.append(f"has {len(forms(message))} plural forms of {catalog.num_plurals}: {message.id!r}")
        lines += [f"{wrong}: {one!r}" for one, text in pairs(message) for wrong in differences(one, text)]
    return lines


def renew(po: Path, source: Catalog) -> None:
    """The same words as the source, in its order; translations stay, no place in the code is written down."""
    catalog = catalogs.read(po)
    catalog.project, catalog.version = "Seeds", "1"
    catalog.update(source, no_fuzzy_matching=True)
    draft = io.BytesIO()
    write_po(draft, catalog, no_location=True, width=120, ignore_obsolete=True)
    po.write_bytes(IDLE.sub(b"", draft.getvalue()))


def main() -> int:
    """Renew all, and say what is to do."""
    source = words_of_the_source()
    to_do = []
    for po in catalogs.catalogs():
        renew(po, source)
        to_do += [f"{po.parts[-3]}: {line}" for line in faults(catalogs.read(po), source)]
    catalogs.make()
    print("\n".join(to_do) or "Every word is there in every language.")
    return 1 if to_do else 0


if __name__ == "__main__":
    sys.exit(main())
