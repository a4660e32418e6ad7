"""Somebody with a keyboard and nothing else, in a real Chromium: Tab, Shift and Tab, Enter, Space, arrows, letters.

Every stop of the Tab key on the way is looked at: it has a name, is in view, nothing covers it (the bar stays on top),
a ring shows it, and it comes after the stop before as one reads.
"""

import re
import time
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

PHONE = (360, 740)
#: More stops than that to one thing is a page on which nobody gets along with a keyboard.
MANY = 60

#: Of what has the focus: whether it is in view, uppermost, and ringed; whether it moves with the page; where it lies.
FOCUSED = """(() => {
  const thing = document.activeElement, box = thing.getClientRects()[0] || thing.getBoundingClientRect();
  // Of a field for long texts browsers bring the line with the cursor into view, not all of it.
  const height = Math.min(box.height, thing.tagName === 'TEXTAREA' ? 30 : innerHeight / 2);
  const inView = box.top > -2 && box.top + height < innerHeight + 2 && box.left >= -1 && box.right <= innerWidth + 1;
  const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + height / 2);
  const label = thing.labels && thing.labels[0];
  const shown = [thing, ...(thing.labels || [])];
  const uppermost = Boolean(top) && shown.some(part => part.contains(top) || top.contains(part));
  const style = getComputedStyle(thing);
  const ringed = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none';
  let fixed = false;
  for (let up = thing; up; up = up.parentElement)
    fixed ||= ['fixed', 'sticky'].includes(getComputedStyle(up).position);
  return {
    faults: [[inView, 'out of view'], [uppermost, 'covered'], [ringed, 'without a ring']]
      .filter(([well]) => !well).map(([, fault]) => fault),
    nowhere: thing === document.body, fixed,
    top: box.top + scrollY, bottom: box.top + height + scrollY, left: box.left, right: box.right,
  };
})()"""

#: Whether a page that wants to begin somewhere has given the focus there. With a part named in its address it does not.
BEGUN = "!document.querySelector('[autofocus]') || document.activeElement !== document.body || location.hash !== ''"


class Stop(NamedTuple):
    """Where the Tab key has led: what a screen reader calls it, and how it lies on the page."""

    name: str
    role: str
    at: dict[str, Any]

    def is_read_before(self, other: "Stop") -> bool:
        """Whether this one stands above the other one, and not in a column to its right."""
        return bool(self.at["bottom"] <= other.at["top"] + 1 and self.at["left"] < other.at["right"])


class Keyboard:
    """One person's browser, worked by keys alone. Fails as soon as a stop can't be seen or named."""

    def __init__(self, browser: Browser, address: str, *, scripted: bool, size: tuple[int, int] = PHONE) -> None:
        self.address = address
        self.context = browser.new_context(
            java_script_enabled=scripted,
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.protocol = self.context.new_cdp_session(self.page)
        self.last: Stop | None = None

    def close(self) -> None:
        self.context.close()

    def open(self, path: str) -> None:
        """What is typed into the address bar. From there on only links and buttons lead on."""
        self.page.goto(path if path.startswith("http") else self.address + path)
        self._arrive()

    # --- what has the focus

    def focused(self) -> Stop:
        at = self._evaluate(FOCUSED, by_value=True)["value"]
        node = self._evaluate("document.activeElement", by_value=False)["objectId"]
        tree = self.protocol.send("Accessibility.getPartialAXTree", {"objectId": node, "fetchRelatives": False})
        told = tree["nodes"][0]
        name, role = (str(told.get(part, {}).get("value", "")) for part in ("name", "role"))
        return Stop(" ".join(name.split()), role, at)

    def _evaluate(self, expression: str, *, by_value: bool) -> dict[str, Any]:
        """Through the protocol: pages forbid eval, and some have no JavaScript."""
        answer = self.protocol.send("Runtime.evaluate", {"expression": expression, "returnByValue": by_value})
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        result: dict[str, Any] = answer["result"]
        return result

    # --- keys

    def tab(self) -> Stop:
        """The next stop, looked at."""
        self.page.keyboard.press("Tab")
        stop = self.focused()
        faults = list(stop.at["faults"]) if not stop.at["nowhere"] else []
        if not stop.name and not stop.at["nowhere"]:
            faults.append("without a name")
        before = self.last
        if before and not (stop.at["nowhere"] or stop.at["fixed"] or before.at["fixed"] or before.at["nowhere"]):
            faults += [f"stands before “{before.name}”"] * stop.is_read_before(before)
        assert faults == [], f"“{stop.name}” ({stop.role}) at {self.page.url} is {', '.join(faults)}: {stop.at}"
        self.last = stop
        return stop

    def walk_to(self, name: str, role: str = "") -> Stop:
        """Tab until the focus is on the thing whose name begins like this (a pattern)."""
        passed: list[str] = []
        while len(passed) < MANY and passed.count("") < 2:  # twice past the end of the page is all of it
            stop = self.tab()
            passed.append(stop.name)
            if re.match(name, stop.name) and role in ("", stop.role):
                return stop
        raise AssertionError(f"no “{name}” at {self.page.url} among {passed}")

    def back_to(self, name: str) -> None:
        """The same, backward."""
        passed = []
        for _ in range(MANY):
            self.page.keyboard.press("Shift+Tab")
            stop = self.focused()
            assert stop.at["faults"] == [] or stop.at["nowhere"], stop
            passed.append(stop.name)
            if re.match(name, stop.name):
                return
        raise AssertionError(f"no “{name}” before that at {self.page.url} among {passed}")

    def enter(self) -> None:
        """Press Enter on what has the focus, and be where it leads."""
        self.press_key("Enter")

    # --- what people do

    def follow(self, link: str) -> None:
        self.walk_to(link, "link")
        self.enter()

    def follow_in_menu(self, link: str) -> None:
        """On a phone the navigation of named people is folded."""
        self.walk_to("Menu")
        self.page.keyboard.press("Enter")
        self.follow(link)

    def press(self, button: str) -> None:
        self.walk_to(button, "button")
        self.enter()

    def skip(self) -> None:
        """Over the bar and the navigation, by the link that is there for it."""
        self.follow("Skip to the main part")
        self.last = None

    def write(self, label: str, text: str) -> None:
        """Walk to the field and type, in place of what is in it."""
        self.walk_to(label, "textbox")
        self.type(text)

    def type(self, text: str) -> None:
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, label: str) -> None:
        self.walk_to(label, "checkbox")
        self.page.keyboard.press("Space")

    def choose(self, label: str) -> None:
        """One of several round buttons: Tab leads to the group, arrows to the one."""
        passed = []
        stop = self.walk_to(".", "radio")
        self.page.keyboard.press("Space")
        for _ in range(MANY):
            if re.match(label, stop.name):
                return
            passed.append(stop.name)
            self.page.keyboard.press("ArrowDown")
            stop = self.focused()
        raise AssertionError(f"no choice “{label}” at {self.page.url} among {passed}")

    def lead_back(self, field: str) -> None:
        """After an error: the focus is on what says so, and its link leads to the field."""
        summary = self.focused()
        assert summary.role == "alert", f"the focus is on {summary} at {self.page.url}"
        self.follow(f"({field}).*: ")
        arrived = self.focused()
        assert re.match(field, arrived.name), f"led to {arrived}"
        assert arrived.at["faults"] == [], arrived
        self.last = arrived

    def mend(self, field: str, text: str) -> None:
        """After an error: back to the field, and type it anew."""
        self.lead_back(field)
        self.type(text)

    def press_key(self, key: str) -> None:
        """A key that leads to another page, and be there."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self._arrive()

    def _arrive(self) -> None:
        """A page gives the focus to where it wants to begin only as it is drawn, a moment after it was loaded."""
        self.last = None
        until = time.monotonic() + 10
        while not self._evaluate(BEGUN, by_value=True)["value"]:
            assert time.monotonic() < until, f"{self.page.url} did not focus what it says it would"
            time.sleep(0.01)

    def sees(self, text: str) -> None:
        """The main part of the page says so."""
        shown = " ".join(self.page.locator("main").inner_text().split())
        assert text in shown, f"{self.page.url} does not say “{text}”: {shown}"
