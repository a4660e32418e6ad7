"""Cards: made once, taken once, neutral on paper, and void when they have to be."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts import pickup
from accounts.models import InviteCode, OutreachPartner, Participant, User
from accounts.participants.actions import redeem_code
from accounts.participants.keys import code_digest
from accounts.team import actions, card_views
from accounts.team.cards import sheets_of
from dialogue.audit.models import AuditEvent
from seeds import press
from seeds.transitions import NotAllowed
from tests import factories
from tests.accounts.participants.helpers import make_card
from tests.pictures import squares_of
from tests.racing import at_once

ClientFor = Callable[[User | Participant | None], Client]
CODES = [f"ABCD1234{number:04}" for number in range(17)]
LETTER = {"paper": "us-letter", "per_sheet": "8", "language": "en"}


def made(client: Client, partner: OutreachPartner, count: int = 9, **more: str) -> str:
    """Where the batch just made waits."""
    client.get("/desk/cards/")
    return client.post("/desk/cards/", {"partner": str(partner.pk), "count": str(count)} | more).headers["Location"]


def sheets(client: Client, address: str, **more: str) -> bytes:
    answer = client.post(address, LETTER | more)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.content


def printed(file: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)


def codes_on(file: bytes) -> list[str]:
    return [found.replace("-", "") for found in re.findall(r"\w{4}-\w{4}-\w{4}", printed(file))]


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def audited() -> list[tuple[str, str]]:
    return sorted(AuditEvent.objects.values_list("verb", "detail"))


class TestPaper:
    @pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
    @pytest.mark.parametrize("per_sheet", [8, 10])
    def test_each_square_holds_the_address_and_no_code(self, paper: str, size: tuple[int, int], per_sheet: int) -> None:
        file = sheets_of(CODES, paper=paper, per_sheet=per_sheet, language="es")
        assert [round(float(side)) for side in PdfReader(io.BytesIO(file)).pages[0].mediabox[2:]] == list(size)
        rest = len(CODES) - per_sheet
        first = ["http://testserver/es"] * per_sheet
        assert list(squares_of(file)) == (
            [first, ["http://testserver/es"] * rest] if rest <= per_sheet else [first, first, ["http://testserver/es"]]
        )
        assert codes_on(file) == CODES

    def test_it_says_nothing_but_addresses_and_codes(self) -> None:
        file = sheets_of(CODES[:1], paper="a4", per_sheet=8, language="en")
        words = set(printed(file).replace("\u200b", "").split())
        assert words == {"English", "testserver", "Español", "testserver/es", "ABCD-1234-0000"}

    def test_it_names_neither_a_person_nor_a_time(self) -> None:
        file = sheets_of(CODES, paper="a4", per_sheet=8, language="en")
        told: dict[str, Any] = dict(PdfReader(io.BytesIO(file)).metadata or {})
        assert {key: value for key, value in told.items() if value} == {
            "/Title": "Sheet",
            "/Creator": told.get("/Creator"),
        }
        assert str(told["/Creator"]).startswith("Typst")
        assert not re.search(rb"(Creation|Mod|Modify|Create|Metadata)Date", file)

    def test_a_screen_reader_gets_the_address_of_the_square(self) -> None:
        reader = PdfReader(io.BytesIO(sheets_of(CODES[:1], paper="a4", per_sheet=8, language="es")))
        assert reader.root_object["/MarkInfo"]["/Marked"].value  # type: ignore[index]
        assert reader.root_object["/Lang"] == "es"

    def test_the_code_lets_in_as_printed(self) -> None:
        assert code_digest("abcd-efgh-jkmn") == code_digest("ABCDEFGHJKMN")


class TestTaking:
    def test_sheets_are_taken_once(self, client_for: ClientFor, facilitator: User, partner: OutreachPartner) -> None:
        client = client_for(facilitator)
        assert "You take the sheets once" in page(client, "/desk/cards/")
        address = made(client, partner)
        assert "9 cards for" in page(client, address)
        assert "9 cards for" in page(client, address), "to look is not to take"
        file = sheets(client, address)
        assert {code_digest(code) for code in codes_on(file)} == {bytes(row.digest) for row in InviteCode.objects.all()}
        assert "within a minute" in page(client, address)
        assert codes_on(sheets(client, address, paper="a4")) == codes_on(file), "the first half of a double click"
        pickup.clear(UUID(address.split("/")[-2]))  # the minute is over
        assert "These codes are gone" in page(client, address)
        assert InviteCode.objects.count() == 9
        assert 'data-label="Not used yet">9<' in page(client, "/desk/cards/")

    def test_they_wait_an_hour_and_then_a_minute(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        client = client_for(facilitator)
        address = made(client, partner)
        with redis.Redis.from_url(settings.REDIS_URL) as store:
            [name] = store.keys("pickup:*")
            assert 3500 < store.ttl(name) <= 3600
            sheets(client, address)
            assert 50 < store.ttl(name) <= 60
            first = store.ttl(name)
            sheets(client, address)
            assert store.ttl(name) <= first, "taking them again wins no time"

    def test_nobody_else_gets_them(
        self, client_for: ClientFor, facilitator: User, operator: User, partner: OutreachPartner
    ) -> None:
        address = made(client_for(facilitator), partner)
        for stranger in (client_for(operator), client_for(facilitator)):  # another person; another browser
            assert "These codes are gone" in page(stranger, address)
            assert "These codes are gone" in stranger.post(address, LETTER).content.decode()
        assert client_for(None).get(address).status_code == 302

    def test_who_signs_out_leaves_nothing_that_opens(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        client = client_for(facilitator)
        address = made(client, partner)
        client.post("/sign-out/")
        again = client_for(facilitator)
        again.get("/desk/cards/")
        assert "These codes are gone" in page(again, address)

    def test_no_code_lies_open_on_the_server(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        client = client_for(facilitator)
        address = made(client, partner)
        with redis.Redis.from_url(settings.REDIS_URL) as store:
            kept = b"".join(store.get(name) or b"" for name in store.scan_iter() if store.type(name) == b"string")
        codes = codes_on(sheets(client, address))
        assert kept
        assert len(codes) == 9
        assert not [code for code in codes if code.encode() in kept]
        assert partner.name.encode() not in kept

    def test_a_double_click_makes_one_batch(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        client, pk = client_for(facilitator), str(uuid4())
        assert made(client, partner, pk=pk) == made(client, partner, pk=pk) == f"/desk/cards/{pk}/"
        assert InviteCode.objects.count() == 9
        assert audited() == [("make_cards", "9")]

    def test_an_error_loses_nothing(self, client_for: ClientFor, facilitator: User, partner: OutreachPartner) -> None:
        client = client_for(facilitator)
        address = made(client, partner)
        wrong = client.post(address, LETTER | {"paper": "parchment"}).content.decode()
        assert "Please look at this again" in wrong
        assert len(codes_on(sheets(client, address))) == 9

    def test_made_void_while_its_sheets_are_made(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = client_for(facilitator)
        address = made(client, partner)

        def slow(codes: list[str], **asked: Any) -> bytes:
            client.post(f"{address}void/")  # in another tab
            return sheets_of(codes, **asked)

        with monkeypatch.context() as patch:
            patch.setattr(card_views, "sheets_of", slow)
            assert "These codes are gone" in client.post(address, LETTER).content.decode()
        assert "These codes are gone" in client.post(address, LETTER).content.decode()
        assert not InviteCode.objects.exists()

    def test_the_press_is_in_use(
        self,
        client_for: ClientFor,
        facilitator: User,
        partner: OutreachPartner,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        client = client_for(facilitator)
        address = made(client, partner)
        monkeypatch.setattr(press, "PATIENCE", 0.01)
        with press._PRESS:
            assert "try again in a minute" in client.post(address, LETTER).content.decode()
        assert len(codes_on(sheets(client, address))) == 9

    def test_a_form_of_an_older_page_still_makes_cards(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        client = client_for(facilitator)
        assert len(codes_on(sheets(client, made(client, partner, pk="")))) == 9

    def test_queries(
        self,
        client_for: ClientFor,
        facilitator: User,
        partner: OutreachPartner,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        client = client_for(facilitator)
        for count in (1, 50):
            address = made(client, partner, count)
            with django_assert_num_queries(3):  # who looks, the second factor, whether the codes are good
                client.get(address)

    def test_from_a_spanish_page_the_square_leads_to_spanish_pages(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        client = client_for(facilitator)
        client.get("/es/desk/cards/")
        there = client.post("/es/desk/cards/", {"partner": str(partner.pk), "count": "1"}).headers["Location"]
        assert re.search(r'value="es"[^>]* checked', page(client, there))


class TestVoid:
    def test_a_batch(self, client_for: ClientFor, facilitator: User, partner: OutreachPartner) -> None:
        kept = make_card(partner)
        client = client_for(facilitator)
        address = made(client, partner)
        codes = codes_on(sheets(client, address))
        assert "stop working" in page(client, f"{address}void/")
        assert InviteCode.objects.count() == 10, "to ask is not to do"
        done = client.post(f"{address}void/", follow=True).content.decode()
        assert "These cards are void" in done
        assert not any(redeem_code(code) for code in codes)
        assert redeem_code(kept)
        assert "These codes are gone" in page(client, address)
        assert audited() == [("make_cards", "9"), ("void_cards", "")]

    def test_a_batch_twice(self, client_for: ClientFor, facilitator: User, partner: OutreachPartner) -> None:
        client = client_for(facilitator)
        address = made(client, partner)
        client.post(f"{address}void/")
        assert client.post(f"{address}void/").headers["Location"] == address
        assert audited() == [("make_cards", "9"), ("void_cards", "")]

    def test_used_and_unused_look_alike(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        said = []
        for used in (0, 3):
            client = client_for(facilitator)
            address = made(client, partner)
            for code in codes_on(sheets(client, address))[:used]:
                redeem_code(code)
            asked = re.sub(r'(csrfmiddlewaretoken" value|href|action)="[^"]*"', "", page(client, f"{address}void/"))
            done = client.post(f"{address}void/", follow=True)
            said.append((asked, re.findall(r"<li[^>]*>These cards.*?</li>", done.content.decode())))
        assert said[0] == said[1]
        assert {detail for verb, detail in audited() if verb == "void_cards"} == {""}

    def test_a_batch_is_not_printed_after_its_partners_cards_were_voided(
        self, client_for: ClientFor, facilitator: User, operator: User, partner: OutreachPartner
    ) -> None:
        client = client_for(facilitator)
        address = made(client, partner)
        actions.void_cards(partner=partner, seen=9, by=operator)
        assert "These codes are gone" in page(client, address)
        assert "These codes are gone" in client.post(address, LETTER).content.decode()

    def test_all_of_a_partner(self, client_for: ClientFor, facilitator: User, partner: OutreachPartner) -> None:
        other = factories.make_partner()
        kept, lost = make_card(other), make_card(partner)
        client, address = client_for(facilitator), f"/desk/partners/{partner.pk}/void-cards/"
        assert "1 card for" in page(client, address)
        done = client.post(address, {"seen": "1"}, follow=True).content.decode()
        assert f"The cards of {partner.name} are void." in done
        assert not redeem_code(lost)
        assert redeem_code(kept)
        assert audited() == [("void_cards", "")]

    def test_a_stale_page_voids_no_card_that_it_did_not_show(
        self, client_for: ClientFor, facilitator: User, partner: OutreachPartner
    ) -> None:
        make_card(partner)
        client, address = client_for(facilitator), f"/desk/partners/{partner.pk}/void-cards/"
        make_card(partner)
        assert "New cards were made" in client.post(address, {"seen": "1"}, follow=True).content.decode()
        assert InviteCode.objects.count() == 2
        assert "This can’t be undone" in client.post(address, {"seen": "many"}).content.decode()
        assert InviteCode.objects.count() == 2

    def test_twice(self, partner: OutreachPartner, operator: User) -> None:
        make_card(partner)
        actions.void_cards(partner=partner, seen=1, by=operator)
        with pytest.raises(NotAllowed):
            actions.void_cards(partner=partner, seen=1, by=operator)

    def test_wrong_person(self, partner: OutreachPartner, listener: User) -> None:
        code = make_card(partner)
        with pytest.raises(NotAllowed):
            actions.void_cards(partner=partner, seen=1, by=listener)
        with pytest.raises(NotAllowed):
            actions.void_batch(codes=[code], by=listener)
        assert redeem_code(code)


@pytest.mark.django_db(transaction=True)
class TestRaced:
    def test_one_batch(self, partner: OutreachPartner, facilitator: User) -> None:
        pk, lock = uuid4(), pickup.lock_of({})  # type: ignore[arg-type]
        at_once(
            *[lambda: actions.make_batch(pk=pk, partner=partner, count=3, lock=lock, by=facilitator) for _ in range(4)]
        )
        assert InviteCode.objects.count() == 3

    def test_a_card_is_used_or_void(self, partner: OutreachPartner, facilitator: User) -> None:
        code = make_card(partner)
        used, voided = at_once(
            lambda: redeem_code(code), lambda: actions.void_cards(partner=partner, seen=1, by=facilitator)
        )
        assert not InviteCode.objects.exists()
        assert used in (True, False)
        assert voided is None or isinstance(voided, NotAllowed)


def test_what_waits_for_no_one(db: None) -> None:
    session: dict[str, str] = {}
    lock, name = pickup.lock_of(session), uuid4()  # type: ignore[arg-type]
    assert lock == pickup.lock_of(session)  # type: ignore[arg-type]
    pickup.leave(name, b"words", lock=lock, seconds=60)
    assert pickup.found(name, session) == b"words"  # type: ignore[arg-type]
    assert pickup.found(name, {}) is None  # type: ignore[arg-type]
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert pickup.is_there(name), "Redis keeps the time, not this process"
    pickup.clear(name)
    assert pickup.found(name, session) is None  # type: ignore[arg-type]
