"""The contact sheet of a role: every page with all its pictures, and an overview to be seen at a glance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser

from scripts.shots.camera import Variant

#: What the overview shows of each page.
PICKED = (("en", 360, "light"), ("en", 1280, "light"), ("en", 360, "dark"), ("es", 360, "light"))
PER_OVERVIEW = 6
WIDTHS = {360: 170, 768: 230, 1280: 330}  # of a thumbnail, by that of the page

STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 16px; color: #222; background: #eee }
h2 { font-size: 16px; margin: 28px 0 4px } h2 small { font-weight: normal; color: #555 }
.ways { display: flex; flex-wrap: wrap; gap: 18px } .way { display: flex; gap: 4px; align-items: flex-start }
figure { margin: 0; max-height: 560px; overflow: hidden; border: 1px solid #999; background: #fff }
figcaption { font-size: 11px; padding: 1px 4px } img { display: block; width: 100% } ul { color: #900; margin: 4px 0 }
.overview { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; width: 1800px; margin: 8px }
.overview h2 { margin: 0 0 4px } .overview figure { max-height: 520px }
"""


@dataclass
class Row:
    """One page: its name and address, the folder of its pictures, and what was noticed."""

    name: str
    path: str
    folder: str
    noticed: list[str] = field(default_factory=list)


def _figure(row: Row, variant: Variant) -> str:
    source, told = f"{row.folder}/{variant.file}", f"{variant.language} {variant.scheme} {variant.width}"
    picture = f'<a href="{source}"><img src="{source}" alt="{told}" loading="lazy"></a>'
    return f'<figure style="width:{WIDTHS.get(variant.width, 200)}px"><figcaption>{told}</figcaption>{picture}</figure>'


def _group(row: Row, variants: Iterable[Variant]) -> str:
    return '<div class="way">' + "".join(_figure(row, variant) for variant in variants) + "</div>"


def _heading(row: Row) -> str:
    return f"<h2>{escape(row.name)} <small>{escape(row.path)}</small></h2>"


def _page(role: str, body: str) -> str:
    return f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{role}</title><style>{STYLE}</style>{body}'


def sheet(role: str, rows: Sequence[Row], variants: Sequence[Variant]) -> str:
    """The whole sheet. Languages and schemes stand beside each other, first with JavaScript and then without."""
    parts = [f"<h1>{role}: {len(rows)} pages</h1>"]
    for row in rows:
        ways = groupby(variants, key=lambda variant: (variant.scripted, variant.width))
        parts += [_heading(row), *_noticed(row)]
        for scripted, same in groupby(ways, key=lambda way: way[0][0]):
            groups = "".join(_group(row, way) for _, way in same)
            parts.append(f"<p>{'With' if scripted else 'Without'} JavaScript</p><div class=ways>{groups}</div>")
    return _page(role, "".join(parts))


def _noticed(row: Row) -> list[str]:
    return ["<ul>" + "".join(f"<li>{escape(note)}" for note in row.noticed) + "</ul>"] if row.noticed else []


def picked(variants: Sequence[Variant]) -> list[Variant]:
    """The few that stand for all in the overview; the first few where none of them was taken."""
    first = {(variant.language, variant.width, variant.scheme): variant for variant in reversed(variants)}
    return [first[key] for key in PICKED if key in first] or list(variants[:3])


def write(browser: Browser, folder: Path, role: str, rows: Sequence[Row], variants: Sequence[Variant]) -> Path:
    """Write the sheet and the pictures of its overview beside it; the sheet's path."""
    path = folder / f"{role}.html"
    path.write_text(sheet(role, rows, variants))
    page = browser.new_page(viewport={"width": 1816, "height": 900})
    draft = folder / f"{role}-overview.html"
    few = picked(variants)
    for number, start in enumerate(range(0, len(rows), PER_OVERVIEW), 1):
        shown = rows[start : start + PER_OVERVIEW]
        cells = "".join(f"<section>{_heading(row)}{_group(row, few)}</section>" for row in shown)
        draft.write_text(_page(role, f'<div class="overview">{cells}</div>').replace(' loading="lazy"', ""))
        page.goto(draft.resolve().as_uri())
        page.screenshot(path=folder / f"{role}-{number}.png", full_page=True)
    draft.unlink()
    page.close()
    return path
