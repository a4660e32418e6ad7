"""Shows one page in every way that was asked for, and takes a picture of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession, Page, Response

from scripts.shots.crawl import in_language

HEIGHT = 740
TALLEST = 2400
QUALITY = 55


@dataclass(frozen=True)
class Plan:
    """In which ways each page is shown."""

    languages: tuple[str, ...]
    scripts: tuple[bool, ...] = (True, False)
    widths: tuple[int, ...] = (360, 768, 1280)
    schemes: tuple[str, ...] = ("light", "dark")

    def variants(self) -> "Iterator[Variant]":
        """All of them."""
        for scripted in self.scripts:
            for width in self.widths:
                for language in self.languages:
                    for scheme in self.schemes:
                        yield Variant(language, width, scheme, scripted)


@dataclass(frozen=True)
class Variant:
    """One way to show a page."""

    language: str
    width: int
    scheme: str
    scripted: bool

    @property
    def file(self) -> str:
        """The name of its picture."""
        return f"{self.language}-{self.width}-{self.scheme}{'' if self.scripted else '-noscript'}.jpg"


class Camera:
    """One window, with JavaScript or without, that also notes what goes wrong in it."""

    def __init__(self, context: BrowserContext, site: str, *, scripted: bool) -> None:
        self.site, self.scripted = site, scripted
        self.page: Page = context.new_page()
        self.protocol: CDPSession = context.new_cdp_session(self.page)
        self.noted: list[str] = []
        self.page.on("console", lambda message: self.noted.append(f"console: {message.text[:200]}"))
        self.page.on("pageerror", lambda error: self.noted.append(f"script: {error}"))
        self.page.on("requestfailed", lambda request: self.noted.append(f"failed: {request.url} ({request.failure})"))
        self.page.on("response", self._note_answer)

    def _note_answer(self, answer: Response) -> None:
        if answer.status >= 400:
            self.noted.append(f"{answer.status}: {answer.url}")

    def take(self, path: str, plan: Plan, folder: Path) -> list[str]:
        """Pictures of the page in this window's part of the plan; what was noticed, each with where."""
        noticed: dict[str, None] = {}
        for language in plan.languages:
            self.noted.clear()
            self.page.goto(self.site + in_language(path, language))
            for variant in plan.variants():
                if (variant.language, variant.scripted) == (language, self.scripted):
                    self._shoot(variant, folder)
            noticed |= dict.fromkeys(f"{language}: {note}" for note in self.noted)
        return list(noticed)

    def _shoot(self, variant: Variant, folder: Path) -> None:
        self.page.emulate_media(color_scheme="dark" if variant.scheme == "dark" else "light", reduced_motion="reduce")
        self.page.set_viewport_size({"width": variant.width, "height": HEIGHT})
        # Through the protocol: it answers without JavaScript too.
        measured = self.protocol.send("Page.getLayoutMetrics")
        shown, whole = measured["cssLayoutViewport"], measured["cssContentSize"]
        if (beyond := whole["width"] - shown["clientWidth"]) > 0:
            self.noted.append(f"scrolls sideways by {beyond:.0f} px at {variant.width} px")
        self.page.screenshot(
            path=folder / variant.file,
            type="jpeg",
            quality=QUALITY,
            full_page=True,
            clip={"x": 0, "y": 0, "width": variant.width, "height": min(whole["height"], TALLEST)},
        )
