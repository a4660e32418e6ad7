"""Twenty people at the site over HTTP. Whatever could give one of them away is a marker that can be searched for."""

import html
import http.client
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from demo.code import totp

LETTERS = ("bdfgklmnprstvz", "aeiou")
ISO = "203.0.113"  # addresses kept for examples (RFC 5737)


def made_up_word(syllables: int = 7) -> str:
    """A word that stands nowhere else and looks like one, so that no rule finds anything in it."""
    return "".join(secrets.choice(LETTERS[number % 2]) for number in range(2 * syllables))


@dataclass
class Person:
    """Somebody, and every mark they could leave. All of it is in the examiner's list."""

    number: int
    code: str
    address: str = ""
    agent: str = ""
    forwarded: str = ""
    path: str = ""  # typed into the address line: it leads nowhere
    words: str = ""
    wrong_words: str = ""
    cookies: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # session -> alias
    texts: dict[str, str] = field(default_factory=dict)  # kind -> what was typed

    def __post_init__(self) -> None:
        self.address = self.address or f"127.77.{100 + self.number}.{10 + secrets.randbelow(200)}"
        self.forwarded = self.forwarded or f"{ISO}.{100 + self.number}"
        self.agent = self.agent or f"Pocket/{self.number} ({made_up_word()})"
        self.path = self.path or made_up_word()

    def text(self, kind: str, *, long: bool = False) -> str:
        """A new text of this kind, kept as a marker: a word that occurs nowhere else, in the middle of plain ones."""
        mark = made_up_word()
        plain = "and nobody said a word to us that night " * (60 if long else 1)
        self.texts[kind] = f"they took {mark} from me – {plain}it still hurts {mark}"
        return self.texts[kind]

    def mark_of(self, kind: str) -> str:
        """The word in that text which occurs nowhere else."""
        return self.texts[kind].split()[2]


class Hand:
    """A person's browser without JavaScript, from their own address."""

    def __init__(self, port: int, person: Person | None = None, address: str = "127.0.0.1") -> None:
        self.port, self.person, self.cookie = port, person, ""
        self.source = person.address if person else address
        self.headers = {"User-Agent": person.agent, "X-Forwarded-For": person.forwarded} if person else {}

    def go(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """GET, or POST with fields; follows redirects to GETs. Status and page."""
        status, page, onward = self._ask(path, fields)
        for _ in range(5):
            if not onward or urlsplit(onward).netloc:
                break
            status, page, onward = self._ask(onward, None)
        return status, page

    def send(self, path: str, **typed: str) -> str:
        """Fill in the form on this page that has these fields, and send it; confirm if that is asked. The last page."""
        status, page = self.go(path)
        assert status == 200, (path, status, page)
        return self.fill(path, page, **typed)

    def fill(self, path: str, page: str, to: str = "", **typed: str) -> str:
        """As `send`, on a page that is open already; `to` chooses the form by where it leads."""
        action, fields = form_with(page, *typed, to=to)
        status, answer = self.go(action or path, fields | typed)
        assert status == 200, (path, status, answer)
        return answer

    def sign_in(self, words: str) -> str:
        """With seven words; the page that follows."""
        return self.send("/sign-in/", words=words)

    def sign_in_by_name(self, email: str, password: str, secret: str = "", at: float = 0) -> str:
        """With e-mail, password and, if there is a second factor, its code."""
        page = self.send("/account/login/", login=email, password=password)
        return self.fill("/account/2fa/authenticate/", page, code=totp(secret, at)) if secret else page

    def take(self, path: str, fields: dict[str, str]) -> bytes:
        """The file that comes when this form is sent."""
        status, file, _onward = self._fetch(path, fields)
        assert status == 200, (path, status)
        return file

    def _ask(self, path: str, fields: dict[str, str] | None) -> tuple[int, str, str]:
        status, page, onward = self._fetch(path, fields)
        return status, page.decode(), onward

    def _fetch(self, path: str, fields: dict[str, str] | None) -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(self.source, 0))
        headers = {**self.headers, "Cookie": self.cookie}
        if fields is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("GET" if fields is None else "POST", path, urlencode(fields or {}), headers)
        response = connection.getresponse()
        page = response.read()
        for value in response.headers.get_all("Set-Cookie") or []:
            self._keep(value.split(";")[0])
        connection.close()
        return response.status, page, response.headers.get("Location", "")

    def _keep(self, cookie: str) -> None:
        self.cookie = cookie
        token = cookie.partition("=")[2].strip('"')
        if self.person and token and token not in self.person.cookies:
            self.person.cookies.append(token)


def form_with(page: str, *names: str, to: str = "") -> tuple[str, dict[str, str]]:
    """The action and the ready-made fields of the first form in the main part that has all these fields."""
    main = page[page.index("<main") : page.index("</main>")]
    for form in re.findall(r"<form.*?</form>", main, re.DOTALL):
        found = re.search(r'^<form[^>]* action="([^"]*)"', form)
        action = html.unescape(found[1]) if found else ""
        if 'method="post"' in form and to in action and all(f'name="{name}"' in form for name in names):
            return action, ready_made(form)
    raise AssertionError(f"no form with {names} in: {main}")


def ready_made(form: str) -> dict[str, str]:
    """What a browser sends of this form without anything being typed."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        kind = attributes.get("type", "text")
        if kind == "hidden" or (kind not in ("checkbox", "radio", "submit") and "value" in attributes):
            fields[attributes.get("name", "")] = html.unescape(attributes.get("value", ""))
    areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    return fields | {name: html.unescape(text) for name, text in areas}
