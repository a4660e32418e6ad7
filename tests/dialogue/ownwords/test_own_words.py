"""What a listener takes along: all that is his, the record around it, and nothing of anybody else."""

import io
import json
import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, Pledge, User, today
from dialogue.audit.models import AuditEvent
from dialogue.jobs.models import Job
from dialogue.jobs.running import work_off
from dialogue.ownwords import jobs, paper
from dialogue.ownwords.actions import take_own_words
from dialogue.ownwords.queries import own_words
from dialogue.reflections.models import Reflection
from dialogue.sessions.models import DialogueSession, RoundKind, State
from dialogue.threads.models import Comment
from seeds import press
from tests import factories
from tests.dialogue.ownwords.stage import FOREIGN, OWN, Told, told

ClientFor = Callable[[User | Participant | None], Client]
planted = told
QUERIES = 10


def read(file: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(file), strict=True)


def text_in(file: bytes) -> str:
    """What a reader of the PDF gets to hear, without the marks that let long words break."""
    return "\n".join(page.extract_text() for page in read(file).pages).replace("\u200b", "")


def bytes_in(file: bytes) -> bytes:
    """The file, and each of its streams unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", file, re.DOTALL)
    streams = [zlib.decompressobj().decompress(one) for one in packed if one[:1] == b"\x78"]
    assert streams
    return b"\n".join([file, *streams])


def made(kind: str, listener: User) -> bytes:
    return take_own_words(form=kind, by=listener)


def tree(node: Any) -> list[str]:
    """The kinds of all parts in the structure of a tagged PDF."""
    found = [str(node["/S"])] if "/S" in node else []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        part = kid.get_object()
        found += tree(part) if isinstance(part, dict) else []
    return found


class TestWhatIsInIt:
    def test_both_files_hold_his_words_and_none_of_others(self, told: Told) -> None:
        marks = [*FOREIGN, "Alias-mark", "Marigold"]
        as_json = made("json", told.listener).decode()
        assert [mark for mark in OWN if mark not in as_json] == []
        assert [mark for mark in marks if mark in as_json] == []
        pdf = made("pdf", told.listener)
        heard, raw = text_in(pdf), bytes_in(pdf)
        assert [mark for mark in OWN if mark not in heard] == []
        assert [mark for mark in marks if mark in heard or mark.encode() in raw] == []
        assert [mark for mark in marks if mark.encode("utf-16-be") in raw] == []

    def test_the_fields_and_what_became_of_each_text(self, told: Told) -> None:
        words = json.loads(made("json", told.listener))
        (session,) = words["sessions"]
        shown = {
            text["words"]: (text["kind"], text["is_released"], text["returned_for"], text["is_confirmed"])
            for text in session["texts"]
        }
        assert shown == {
            "own-reflection-mark": ("reflection", True, [], True),
            "own-text-mark": ("text", True, [], None),
            "own-answer-mark": ("answer", True, [], None),
            "own-held-mark": ("text", False, ["open_case"], None),
        }
        assert session["title"] == told.dialogue_session.title
        assert session["seat"]["state"] == "seated"
        assert [one["number"] for one in session["acknowledgment"]["versions"]] == [1]
        assert {one["text"] for one in words["commitments"]} == {"own-promise-mark"}
        assert [one["text"] for one in words["commitments"][0]["updates"]] == ["own-update-mark"]
        assert (len(words["pledges"]), len(words["agreements"])) == (1, 1)

    @pytest.mark.parametrize(("answer", "is_out"), [("confirmed", False), ("corrected", True), ("passed", True)])
    def test_an_answer_is_told_only_if_all_in_the_room_read_yes(self, told: Told, answer: str, is_out: bool) -> None:
        Reflection.objects.filter(pk=told.reflection.pk).update(answer=answer, is_out=is_out)
        file = made("json", told.listener).decode()
        confirmed = [text["is_confirmed"] for text in json.loads(file)["sessions"][0]["texts"]]
        assert (True in confirmed, f'"{answer}"' in file, "Heard right" in text_in(made("pdf", told.listener))) == (
            False,
            False,
            False,
        )

    def test_not_released_is_said(self, told: Told) -> None:
        assert "Waiting to be read (not released)" in text_in(made("pdf", told.listener))
        assert "It is about an open case" in text_in(made("pdf", told.listener))

    def test_what_is_left_after_the_words_were_destroyed(self, told: Told) -> None:
        told.dialogue_session.rounds.all().delete()  # as the clock does
        DialogueSession.objects.filter(pk=told.dialogue_session.pk).update(state=State.PURGED, closed_at=timezone.now())
        words = json.loads(made("json", told.listener))
        assert words["sessions"][0]["texts"] == []
        file = text_in(made("pdf", told.listener))
        kept = {"own-first-version-mark", "own-draft-mark", "own-promise-mark", "own-update-mark"}
        assert {mark for mark in OWN if mark in file} == kept

    def test_words_whose_key_is_gone_don_t_stop_it(self, told: Told) -> None:
        for key in Path(settings.KEY_DIR).glob("*.key"):
            key.unlink()
        assert {text["words"] for text in own_words(told.listener)["sessions"][0]["texts"]} == {None}
        assert "These words can’t be read any more." in text_in(made("pdf", told.listener))

    def test_somebody_else_s_words_are_not_his(self, told: Told, other_listener: User) -> None:
        words = own_words(other_listener)
        assert (words["sessions"], words["commitments"]) == ([], [])
        assert [mark for mark in OWN if mark in made("json", other_listener).decode()] == []

    def test_the_page_in_the_docs_names_each_field(self, told: Told) -> None:
        def names(data: Any) -> set[str]:
            if isinstance(data, dict):
                return set(data) | {name for value in data.values() for name in names(value)}
            return {name for value in data for name in names(value)} if isinstance(data, list) else set()

        page = (settings.BASE_DIR / "docs" / "own-words.md").read_text()
        documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
        assert documented == names(own_words(told.listener))
        assert own_words(told.listener)["schema"] in page


@pytest.mark.parametrize("count", [1, 4])
def test_it_takes_the_same_number_of_queries_however_much_there_is(
    count: int, listener: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        dialogue_session = factories.make_session(State.OPEN)
        seat = factories.make_seat(dialogue_session, listener)
        round = factories.make_round(dialogue_session, RoundKind.DIALOGUE)
        for _ in range(count):
            factories.make_comment(round, seat=seat)
        factories.make_update(factories.make_commitment(owner=listener, dialogue_session=dialogue_session))
    listener = User.objects.get(pk=listener.pk)
    with django_assert_num_queries(QUERIES):
        own_words(listener)


class TestThePaper:
    HOSTILE = (
        '#import "x"',
        '#read("/etc/passwd")',
        "#eval(sys)",
        "$x$",
        "*b*",
        "_i_",
        "= no heading",
        "`r`",
        "@ref",
        "<label>",
        "// no comment",
        "/* nor this */",
        "\\ #{ 1 }",
        '"]})',
    )

    def paper(self, *texts: str) -> bytes:
        blocks: list[dict[str, Any]] = [{"kind": "heading", "level": 1, "text": "One"}]
        blocks += [{"kind": "words", "lines": paper.lines_of(text)} for text in texts]
        return paper.set_pdf(title="Own words of Dana", author="Dana", language="en", blocks=blocks)

    def test_it_is_tagged_and_says_what_it_is(self, told: Told) -> None:
        pdf = read(made("pdf", told.listener))
        root = pdf.trailer["/Root"]
        assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "en")  # type: ignore[index]
        assert pdf.metadata is not None
        assert pdf.metadata.title == "Own words of Marcus Hale"
        assert b"<pdfuaid:part>1</pdfuaid:part>" in made("pdf", told.listener)
        kinds = tree(root["/StructTreeRoot"])  # type: ignore[index]
        assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/LBody"} <= set(kinds) | {"/Document"}
        assert (len(pdf.outline) > 0, len(pdf.pages) > 1) == (True, True)

    def test_nothing_in_a_text_is_read_as_markup(self) -> None:
        heard = text_in(self.paper(*self.HOSTILE))
        assert [text for text in self.HOSTILE if text not in heard] == []
        assert "root:" not in heard

    def test_a_title_is_data_too(self) -> None:
        made = paper.set_pdf(title='#read("/etc/passwd")', author="#x", language="en", blocks=[])
        metadata = read(made).metadata
        assert metadata is not None
        assert metadata.title == '#read("/etc/passwd")'

    def test_other_scripts_stand_there_and_what_fonts_lack_is_named(self) -> None:
        pdf = self.paper("¿Qué pasó, señor Núñez? ¡Nada!", "سلام عليكم", "Hi 😀👍🏽 there", "中文")
        heard = text_in(pdf)
        assert "¿Qué pasó, señor Núñez? ¡Nada!" in heard
        assert "[grinning face][thumbs up sign] there" in heard
        assert "[U+4E2D][U+6587]" in heard
        assert re.search("[\u0600-\u06ff\ufb50-\ufeff]", heard)
        assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf

    def test_from_right_to_left(self) -> None:
        assert [line["rtl"] for line in paper.lines_of("سلام\n\n123 שלום\n\nhello سلام\n\n...")] == [
            True,
            True,
            False,
            False,
        ]

    def test_long_words_don_t_leave_the_page(self) -> None:
        pdf = self.paper("x" * 3_000, "We did this. " * 480)
        assert text_in(pdf).count("x") == 3_000

    def test_a_sign_that_the_list_promises_and_the_font_lacks_stops_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paper, "_is_printable", lambda character: True)
        pdf = self.paper("Hi 😀")
        assert b"pdfuaid" not in pdf
        assert read(pdf).trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]

    def test_the_list_of_signs_is_true(self) -> None:
        """The first and the last sign of each range can be set, each by itself."""
        signs = [chr(sign) for pair in zip(*paper._ranges(), strict=True) for sign in pair]
        blocks = [{"kind": "words", "lines": [{"text": sign, "rtl": False} for sign in signs]}]
        pdf = paper.set_pdf(title="x", author="x", language="en", blocks=blocks)
        assert b"pdfuaid" in pdf

    def test_nothing_but_the_template_lies_in_its_reach(self) -> None:
        assert {path.name for path in paper.FOLDER.iterdir()} == {"own_words.typ", "printable.txt"}


class TestThePages:
    page, file = "/listener/own-words/", "/listener/own-words/file/"

    @pytest.mark.parametrize(
        ("form", "kind", "begins"), [("pdf", "application/pdf", b"%PDF-"), ("json", "application/json", b"{")]
    )
    def test_a_listener_takes_them_along(
        self, client_for: ClientFor, told: Told, form: str, kind: str, begins: bytes
    ) -> None:
        client = client_for(told.listener)
        home = client.get(reverse("accounts:listener_home")).content.decode()
        assert (reverse("ownwords:page"), reverse("ownwords:file")) == (self.page, self.file)
        assert self.page in home
        assert "What it leaves out" in client.get(self.page).content.decode()
        assert not AuditEvent.objects.filter(verb="export_own_words").exists()
        sent = client.post(self.file, {"form": form})
        assert (sent.status_code, sent["Content-Type"], sent.content[: len(begins)]) == (200, kind, begins)
        assert sent["Content-Disposition"] == f'attachment; filename="own-words-{today().isoformat()}.{form}"'
        assert "no-store" in sent["Cache-Control"]
        (event,) = AuditEvent.objects.filter(verb="export_own_words")
        assert (event.actor, event.detail, event.dialogue_session) == (told.listener.pk, form, None)

    def test_a_lapsed_listener_too(self, client_for: ClientFor, told: Told) -> None:
        Pledge.objects.update(signed_on=today() - timedelta(days=400), expires_on=today() - timedelta(days=1))
        assert client_for(told.listener).post(self.file, {"form": "json"}).status_code == 200

    @pytest.mark.parametrize("form", ["", "docx", "../pdf"])
    def test_no_other_kind(self, client_for: ClientFor, listener: User, form: str) -> None:
        assert client_for(listener).post(self.file, {"form": form}).status_code == 404

    def test_nobody_else(
        self, client_for: ClientFor, facilitator: User, operator: User, participant: Participant
    ) -> None:
        for person in (facilitator, operator, participant):
            client = client_for(person)
            assert [client.get(self.page).status_code, client.post(self.file, {"form": "pdf"}).status_code] == [404] * 2
        assert client_for(None).post(self.file, {"form": "pdf"}).status_code == 302
        assert not AuditEvent.objects.filter(verb="export_own_words").exists()

    def made_later(self, client: Client) -> str:
        """Where the file is, asked for by the page's own form, twice as by a double click."""
        shown = client.get(self.page).content.decode()
        asked = {"form": "pdf", "pk": re.findall(r'name="pk" value="([^"]+)"', shown)[0]}
        first, second = (client.post(self.file, asked).headers["Location"] for _click in range(2))
        assert first == second == f"/work/{asked['pk']}/"
        assert Job.objects.count() == 1
        return first

    def test_one_at_a_time(self, client_for: ClientFor, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
        client = client_for(told.listener)
        monkeypatch.setattr(press, "PATIENCE", 0.01)
        with press._PRESS:
            there = self.made_later(client)
        assert not AuditEvent.objects.filter(verb="export_own_words").exists()
        work_off()
        assert all(words in text_in(client.post(f"{there}file/").content) for words in OWN)
        assert AuditEvent.objects.filter(verb="export_own_words", actor=told.listener.pk, detail="pdf").count() == 1

    def test_a_long_one_is_made_in_the_background(
        self, client_for: ClientFor, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = client_for(told.listener)
        monkeypatch.setattr(take_own_words, "__kwdefaults__", {"longest": 1_000})
        there = self.made_later(client)
        with translation.override("es"):
            work_off()  # whatever language the worker has
        assert "Own words of" in text_in(client.post(f"{there}file/").content)
        assert client.post(self.file, {"form": "json"}).status_code == 200

    def test_too_much(self, client_for: ClientFor, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
        client = client_for(told.listener)
        monkeypatch.setattr(take_own_words, "__kwdefaults__", {"longest": 1_000})
        monkeypatch.setattr(jobs, "LONGEST", 1_000)
        there = self.made_later(client)
        work_off()
        assert "too much for one PDF" in client.get(there).content.decode()

    def test_another_one_is_on_its_way(
        self, client_for: ClientFor, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = client_for(told.listener)
        monkeypatch.setattr(take_own_words, "__kwdefaults__", {"longest": 1_000})
        self.made_later(client)
        again = client.post(self.file, {"form": "pdf", "pk": "an older page"}, follow=True).content.decode()
        assert "You have one of these at work already." in again

    def test_a_text_taken_back_meanwhile_is_gone(self, told: Told) -> None:
        Comment.objects.filter(seat=told.seat).update(state="withdrawn", body=None, period=None)
        assert own_words(told.listener)["sessions"][0]["texts"] == []
