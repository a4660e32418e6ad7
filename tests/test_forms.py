"""Every form of every page, sent empty and sent with nonsense; every page, asked for with nonsense in its address.

After an error a summary stands on top and has the focus; each of its links leads to a field that says the same; what
was typed is still there. Whatever is sent, nothing breaks.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.test.html import Element, parse_html
from django.urls import reverse

from accounts.models import Participant, User
from tests.browser import test_pages as walk

ClientFor = Callable[[User | Participant | None], Client]
people, targets, pages = walk.people, walk.targets, walk.pages

#: What is typed into a field of each kind so that it is wrong, or at least not much use.
NONSENSE = {"email": "no address", "number": "many", "date": "someday", "datetime-local": "soon", "url": "no address"}
WORDS = "typed <b>&</b> kept"
#: What comes back after an error. A password does not: it would lie in the page for all to see.
TYPED = ("text", "textarea", "email", "number", "date", "datetime-local", "url")


def below(element: Element) -> Iterator[Element]:
    """The element and all in it."""
    yield element
    for child in element.children:
        if isinstance(child, Element):
            yield from below(child)


def attributes(element: Element) -> dict[str, str]:
    return {str(name): str(value or "") for name, value in element.attributes}


def text_in(element: Element) -> str:
    parts = (text_in(child) if isinstance(child, Element) else str(child) for child in element.children)
    return " ".join(" ".join(parts).split())


class Field(NamedTuple):
    name: str
    kind: str
    value: str


class Form(NamedTuple):
    action: str
    fields: list[Field]

    def filled(self, *, words: str) -> dict[str, str]:
        """What a browser sends after somebody typed nonsense, or nothing at all."""
        sent = {field.name: field.value for field in self.fields if field.kind in ("hidden", "button")}
        for field in self.fields:
            if field.kind not in ("hidden", "button", "checkbox", "radio"):
                sent[field.name] = words and NONSENSE.get(field.kind, words)
        return sent


def fields_in(form: Element) -> Iterator[Field]:
    pressed = False
    for element in below(form):
        given = attributes(element)
        kind = given.get("type", "text") if element.name == "input" else element.name
        if element.name == "button":
            if pressed or not given.get("name"):
                pressed = True
                continue
            pressed = True
        if element.name in ("input", "textarea", "select", "button") and given.get("name"):
            yield Field(given["name"], str(kind), given.get("value", ""))


def forms_on(page: Element) -> Iterator[Form]:
    """The forms that are posted and in which there is something to fill in."""
    for element in below(page):
        given = attributes(element)
        if element.name == "form" and given.get("method") == "post":
            form = Form(given["action"], list(fields_in(element)))
            if any(field.kind not in ("hidden", "button") for field in form.fields):
                yield form


def faults_of_answer(page: Element, sent: dict[str, str], form: Form) -> list[str]:
    """What is wrong with a page that should say what went wrong."""
    summaries = [one for one in below(page) if "summary-of-errors" in attributes(one).get("class", "").split()]
    if len(summaries) != 1:
        return [f"{len(summaries)} summaries"]
    top = attributes(summaries[0])
    faults = [] if top.get("role") == "alert" and "autofocus" in top else [f"the summary is {top}"]
    for link in below(summaries[0]):
        if link.name == "a":
            faults += faults_of_link(attributes(link)["href"].removeprefix("#"), text_in(link), page)
    return faults + [f"{name} is gone" for name in forgotten(page, sent, form)]


def faults_of_link(target: str, says: str, page: Element) -> list[str]:
    """The link leads to a field that is marked as wrong and described by the same words."""
    with_id = {given["id"]: element for element in below(page) if "id" in (given := attributes(element))}
    if target not in with_id:
        return [f"#{target} leads nowhere"]
    beside = f"{target.removesuffix('_0')}_error"
    faults = [] if attributes(with_id[target]).get("aria-invalid") == "true" else [f"#{target} is not marked as wrong"]
    if beside not in with_id or says.partition(": ")[2] not in text_in(with_id[beside]):
        faults.append(f"“{says}” does not stand beside #{target}")
    if not any(beside in attributes(one).get("aria-describedby", "").split() for one in below(page)):
        faults.append(f"nothing is described by the error of #{target}")
    return faults


def forgotten(page: Element, sent: dict[str, str], form: Form) -> list[str]:
    """Names of fields in which words were typed that do not come back."""
    shown = {}
    for element in below(page):
        given = attributes(element)
        if element.name in ("input", "textarea"):
            shown[given.get("name", "")] = text_in(element) if element.name == "textarea" else given.get("value", "")
    typed = [field.name for field in form.fields if field.kind in TYPED and sent[field.name]]
    return [name for name in typed if name in shown and not shown[name]]


@pytest.mark.parametrize("viewer", walk.LOOKERS)
def test_every_form_says_what_to_mend_and_forgets_nothing(
    viewer: str, pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor
) -> None:
    client = client_for(people[viewer])
    faults, asked = {}, 0
    for path in pages[viewer]:
        if path == reverse("welcome:components"):  # shows an error of its own, as an example
            continue
        for form in forms_on(parse_html(client.get(path).content.decode())):
            for words in ("", WORDS):
                with transaction.atomic():
                    answer = client.post(form.action, sent := form.filled(words=words))
                    transaction.set_rollback(True)
                if answer.status_code in (302, 303):
                    continue
                asked += 1
                found = [] if answer.status_code in (200, 422) else [f"status {answer.status_code}"]
                found += faults_of_answer(parse_html(answer.content.decode()), sent, form)
                if found:
                    faults[f"{path} {form.action} “{words}”"] = found
    assert faults == {}, walk.listed(faults)
    assert asked > 1


def test_the_checks_see_faults() -> None:
    """If they were blind, the walk above could not fail."""
    form = Form("/", [Field("a", "text", "")])
    page = """<div class="summary-of-errors"><a href="#id_a">A: Too long.</a> <a href="#id_b">B: Missing.</a></div>
    <input id="id_a" name="a"><p id="id_a_error">Too short.</p>"""
    assert faults_of_answer(parse_html(page), {"a": WORDS}, form) == [
        "the summary is {'class': 'summary-of-errors'}",
        "#id_a is not marked as wrong",
        "“A: Too long.” does not stand beside #id_a",
        "nothing is described by the error of #id_a",
        "#id_b leads nowhere",
        "a is gone",
    ]
    assert faults_of_answer(parse_html("<p></p>"), {}, form) == ["0 summaries"]


STRANGE: tuple[Any, ...] = ("99999999999999999999", "\0", ["1", "-1", "x" * 3000])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that views look for in addresses and forms, as they do."""
    names: set[str] = set()

    def noting(read: Callable[..., Any]) -> Callable[..., Any]:
        def reads(self: QueryDict, name: str, *rest: Any) -> Any:
            names.add(name)
            return read(self, name, *rest)

        return reads

    for way in ("get", "getlist", "__getitem__"):
        monkeypatch.setattr(QueryDict, way, noting(getattr(QueryDict, way)))
    return names


@pytest.mark.parametrize("viewer", walk.LOOKERS)
def test_nothing_in_an_address_breaks_a_page(
    viewer: str, pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor, asked: set[str]
) -> None:
    """Numbers too large, NUL bytes, names given many times: the page as it is, or that there is none."""
    client = client_for(people[viewer])
    client.raise_request_exception = False
    broken, read = {}, set()
    for path in pages[viewer]:
        asked.clear()
        client.get(path)
        names = set(asked)
        read |= names
        for value in STRANGE if names else ():
            status = client.get(path, dict.fromkeys(names, value)).status_code
            if status not in (200, 302, 400, 404):
                broken[f"{path} {sorted(names)} {str(value)[:30]!r}"] = status
    assert broken == {}
    assert read >= {"page"}
