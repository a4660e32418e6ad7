"""Two languages: the address says which, a link leads over, and nothing is kept of it."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

import allauth
import django
import pytest
from babel.messages.catalog import Catalog
from django.test import Client
from django.urls import resolve, reverse
from django.utils import translation
from pypdf import PdfReader

from accounts.borrowed import OF_ALLAUTH, OF_DJANGO
from accounts.models import OutreachPartner, Participant, User
from dialogue.sessions.models import Alias, DialogueSession, Round, State
from scripts import messages
from seeds import catalogs
from seeds.languages import in_language, opens_by_get
from tests import test_urls as by_address
from tests.accounts.participants.helpers import make_card
from tests.factories import make_comment, make_participant_with_words, make_session
from tests.url_table import ROWS

ClientFor = Callable[[User | Participant | None], Client]
Targets = dict[str, dict[str, Any]]
targets = by_address.targets
ENGLISH_DAYS = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)


def switch(response: Any) -> str:
    """Where the link to the other language leads."""
    link = response.content.decode().partition('<a class="language" href="')[2]
    return str(link.partition('"')[0].replace("&amp;", "&"))


def words_of(response: Any) -> str:
    return str(response.content.decode())


# --- The address


def test_every_page_has_a_spanish_address(targets: Targets) -> None:
    for row in ROWS:
        if row.name.startswith("live:"):
            continue  # a stream carries no words
        path = reverse(row.name, kwargs=targets[row.target])
        found = resolve(path)
        assert in_language(path, "es") == f"/es{path}"
        with translation.override("es"):
            assert reverse(row.name, kwargs=targets[row.target]) == f"/es{path}"
            same = resolve(f"/es{path}")
            assert (same.func, same.view_name, same.kwargs) == (found.func, found.view_name, found.kwargs)
            assert in_language(f"/es{path}", "en") == path


def test_it_is_known_which_addresses_are_pages(targets: Targets) -> None:
    """`opens_by_get` reads what Django's decorator keeps to itself; this fails if that ever changes."""
    for row in ROWS:
        view = resolve(reverse(row.name, kwargs=targets[row.target])).func
        assert opens_by_get(view) == ("post" not in row.cells), row.name


def test_what_only_looks_like_a_language_is_a_part_of_the_path() -> None:
    with translation.override("es"):
        assert [in_language(path, "en") for path in ("/es/", "/escape/", "/es-mx/")] == ["/", "/escape/", "/es-mx/"]


def test_the_browser_s_own_language_and_cookies_decide_nothing(client: Client, db: None) -> None:
    client.cookies["django_language"] = "es"
    answer = client.get("/", headers={"accept-language": "es"})
    assert answer.headers["Content-Language"] == "en"
    assert '<html lang="en">' in words_of(answer)


@pytest.mark.promise("P10")
def test_a_spanish_page_sets_no_cookie(client: Client, db: None) -> None:
    answer = client.get("/es/")
    assert not answer.cookies
    assert '<html lang="es">' in words_of(answer)
    assert answer.headers["Refresh"] == "1200; url=/es/"


# --- The way over


def test_a_link_leads_to_the_same_page_and_back(client: Client, db: None) -> None:
    there = switch(client.get("/times/?page=2&q=a%20b"))
    assert there == "/es/times/?page=2&q=a%20b"
    assert switch(client.get(there)) == "/times/?page=2&q=a%20b"


def test_the_link_is_named_in_the_language_that_it_leads_to(client: Client, db: None) -> None:
    assert ' lang="es" hreflang="es" translate="no">Español</a>' in words_of(client.get("/"))
    assert ' lang="en" hreflang="en" translate="no">English</a>' in words_of(client.get("/es/"))


def test_only_public_pages_name_their_other_language_to_machines(
    participant: Participant, client_for: ClientFor
) -> None:
    link = '<link rel="alternate" hreflang="es" href="/es/">'
    assert link in words_of(client_for(None).get("/"))
    assert "alternate" not in words_of(client_for(participant).get("/"))


def test_where_only_forms_go_the_link_leads_to_the_front_page(
    facilitator: User, listening: Round, alias: Alias, client_for: ClientFor
) -> None:
    text = make_comment(listening, alias)
    told = client_for(facilitator).post(reverse("moderation:claim", args=[text.pk]))
    assert (told.status_code, switch(told)) == (409, "/es/")


def test_after_a_form_with_an_error_the_link_leads_to_the_form(client: Client, db: None) -> None:
    assert switch(client.post("/es/sign-in/", {"words": ""})) == "/sign-in/"


def test_signing_in_leads_on_in_the_language_chosen_at_the_door(
    client: Client, db: None, open_session: DialogueSession
) -> None:
    """Whoever follows an English link and changes the language there goes on in Spanish."""
    path = reverse("threads:room", args=[open_session.pk])
    door = client.get(path).headers["Location"]
    assert door == f"/sign-in/?next={path}"
    assert switch(client.get(door)) == f"/es/sign-in/?next=/es{path}"
    assert client.get(f"/es{path}").headers["Location"] == f"/es/sign-in/?next=/es{path}"


# --- What must work in both


def test_a_card_leads_all_the_way_in_in_spanish(client: Client, partner: OutreachPartner) -> None:
    refused = client.post("/es/card/", {"code": "XXXX"})
    assert "Este código no sirve" in words_of(refused)
    step = client.post("/es/card/", {"code": make_card(partner)}).headers["Location"]
    for number in (1, 2, 3):
        assert step == f"/es/card/before/{number}/"
        assert "What we" not in words_of(client.get(step))
        step = client.post(step).headers["Location"]
    assert step == "/es/card/words/"
    words = re.findall(r"<li>([a-z]+)</li>", words_of(client.get(step)).partition('class="seven"')[2])
    check = "/es/card/words/check/"
    asked = re.findall(r'name="word_(\d)"', words_of(client.get(check)))
    answers = {f"word_{number}": words[int(number) - 1] for number in asked}
    assert client.post(check, answers).headers["Location"] == "/es/my/"


def test_times_are_told_in_spanish(client: Client, db: None, facilitator: User, peer: User) -> None:
    start = datetime(2036, 6, 10, 23, tzinfo=UTC)
    session = make_session(State.ANNOUNCED, [facilitator, peer], starts_at=start, ends_at=start + timedelta(hours=2))
    shown = words_of(client.get(f"/es/sessions/{session.pk}/"))
    assert "martes 10 de junio de 2036, de 7:00 p.m. a 9:00 p.m." in shown
    pages = [shown, *(words_of(client.get(f"/es{path}")) for path in ("/", "/times/", "/sessions/", "/help/"))]
    assert [found for page in pages if (found := ENGLISH_DAYS.findall(page))] == []
    entry = client.get(f"/es/sessions/{session.pk}/appointment.ics").content.decode()
    assert "SUMMARY:Cita" in entry


def test_a_listener_s_own_words_are_told_in_spanish(listener: User, client_for: ClientFor) -> None:
    told = client_for(listener).post("/es/listener/own-words/file/", {"form": "pdf"})
    pdf = PdfReader(BytesIO(told.content))
    assert pdf.root_object["/Lang"] == "es"
    assert "Palabras propias" in pdf.pages[0].extract_text()


def test_a_participant_stays_in_spanish(client: Client, db: None) -> None:
    _, words = make_participant_with_words()
    wrong = client.post("/es/sign-in/", {"words": "uno dos"})
    assert "These words do not open" not in words_of(wrong)
    assert client.post("/es/sign-in/", {"words": words}).headers["Location"] == "/es/start/"
    assert client.get("/es/start/").headers["Location"] == "/es/my/"
    mine = client.get("/es/my/")
    assert mine.headers["Refresh"] == "1200; url=/es/"
    assert 'action="/es/exit/"' in words_of(mine)
    assert client.get("/es/listener/").status_code == 404


@pytest.mark.promise("P9")
def test_the_spanish_exit_ends_the_session(participant: Participant, client_for: ClientFor) -> None:
    client = client_for(participant)
    answer = client.post("/es/exit/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://www.wikipedia.org/")
    assert client.get("/my/").headers["Location"] == "/sign-in/?next=/my/"


def test_what_is_not_there_is_not_there_in_spanish(client: Client, db: None) -> None:
    answer = client.get("/es/no-such-page/?a=b")
    assert (answer.status_code, switch(answer)) == (404, "/no-such-page/?a=b")
    assert '<html lang="es">' in words_of(answer)


def test_too_old_a_form_is_told_in_spanish(participant: Participant, client_for: ClientFor) -> None:
    strict = client_for(participant)
    strict.handler.enforce_csrf_checks = True
    answer = strict.post("/es/my/account/")
    assert answer.status_code == 403
    assert '<html lang="es">' in words_of(answer)
    assert 'class="button" href="/es/"' in words_of(answer)


def test_signing_out_leads_to_the_spanish_front_page(listener: User, client_for: ClientFor) -> None:
    assert client_for(listener).post("/es/account/logout/").headers["Location"] == "/es/"


# --- The catalog


def test_every_word_of_the_source_is_there_in_spanish() -> None:
    """`make messages` says what is missing, and puts new words into the catalog to be filled in."""
    source = messages.words_of_the_source()
    assert len(source) > 3000
    assert [line for po in catalogs.catalogs() for line in messages.faults(catalogs.read(po), source)] == []


def calls_for_words(code: str) -> Iterator[tuple[int, str]]:
    """Line and English of every call in this Python that asks for a translation, wherever it stands."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in messages.KEYWORDS:
            place = 1 if "pgettext" in node.func.id else 0  # after the context
            first = node.args[place]
            if isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)


def test_no_call_is_overlooked() -> None:
    """Who reads the source for words sees none within an f-string, before Python 3.12."""
    assert list(calls_for_words("f\"{_('Close')}\"")) == [(1, "Close")]
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in messages.words_of_the_source()}
    calls = [
        (path.name, line, text)
        for path in messages.sources()
        if path.suffix == ".py"
        for line, text in calls_for_words(path.read_text("utf-8"))
    ]
    assert len(calls) > 1000
    assert [call for call in calls if call[2] not in known] == []


def too_early(code: str) -> list[int]:
    """Lines on which a message is translated when the module is loaded: in whatever language that happens to be."""
    tree = ast.parse(code)
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in ("gettext", "ngettext", "pgettext", "npgettext")
    }
    lines, waiting = [], list[ast.AST](tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            lines.append(node.lineno)
        waiting += ast.iter_child_nodes(node)
    return lines


def test_no_message_is_translated_before_the_language_is_known() -> None:
    files = [path for path in messages.sources() if path.suffix == ".py"]
    assert {str(path): lines for path in files if (lines := too_early(path.read_text()))} == {}
    early = "from django.utils.translation import gettext as _, gettext_lazy as l\nA = l('x')\nclass B:\n  c = [_('y')]"
    assert too_early(early + "\ndef f():\n  return _('z')") == [4]


def test_what_is_borrowed_is_there_to_borrow() -> None:
    """When a library changes its English, its words in our list would never be shown again."""
    for words, catalog in (
        (OF_ALLAUTH, Path(allauth.__file__).parent / "locale/es/LC_MESSAGES/django.mo"),
        (OF_DJANGO, Path(django.__file__).parent / "conf/locale/es/LC_MESSAGES/django.mo"),
    ):
        with catalog.open("rb") as file:
            known = GNUTranslations(file)
        assert [one for one in words if known.gettext(one) == one] == []


def test_the_check_of_the_catalog_sees_faults() -> None:
    """If it were blind, the test above could not fail."""
    source, spanish = Catalog(), Catalog(locale="es")
    for one in ("Yes", "No", "Hello %(name)s", "<b>Now</b>", " or", ("%(n)s day", "%(n)s days"), "Maybe"):
        source.add(one)
    spanish.add("No", "")
    spanish.add("Hello %(name)s", "Hola %(nombre)s")
    spanish.add("<b>Now</b>", "<i>Ya</i>")
    spanish.add(" or", "o")
    spanish.add(("%(n)s day", "%(n)s days"), ("%(n)s día",))
    spanish.add("Maybe", "Tal vez", flags=["fuzzy"])
    spanish.add("Gone", "Ido")
    assert sorted(messages.faults(spanish, source)) == sorted(
        [
            "is not in the catalog: 'Yes'",
            "is not translated: 'No'",
            "has other placeholders: 'Hello %(name)s'",
            "has other tags: '<b>Now</b>'",
            "begins or ends with other spaces: ' or'",
            f"has 1 plural forms of {spanish.num_plurals}: ('%(n)s day', '%(n)s days')",
            "is fuzzy: 'Maybe'",
            "is not used any more: 'Gone'",
        ]
    )


def test_words_are_found_in_python_and_in_templates(tmp_path: Any) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        "<p>  it's {% translate 'One' %}</p>\n      {% blocktranslate trimmed count n=n %}{{ n }} day\n"
        "{% plural %}{{ n }} days{% endblocktranslate %}\n   {% include 'x' with text=_(\"Two\") %} 50%"
    )
    found = Catalog()
    for _line, message, _comments, context in messages.messages_in(template):
        found.add(message, context=context)
    assert {one.id for one in found if one.id} == {"One", "Two", ("%(n)s day", "%(n)s days")}


def test_a_catalog_is_made_once_until_it_changes(tmp_path: Any) -> None:
    po = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid "Help now"\nmsgstr "Ayuda ya"\n')
    assert [catalogs.make(tmp_path), catalogs.make(tmp_path)] == [[po], []]
    assert sorted(path.name for path in po.parent.iterdir()) == ["django.mo", "django.po"]
