"""The way in: card, three screens, seven words, three typed back. No step can be skipped, none loses anything."""

import re
from collections.abc import Callable
from unittest.mock import Mock

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import InviteCode, OutreachPartner, Participant, User
from accounts.participants import keys
from accounts.participants.limits import CODES, Bucket
from tests.accounts.participants.helpers import make_card

pytestmark = pytest.mark.usefixtures("cheap_words")
CARD, WORDS, CHECK = "/card/", "/card/words/", "/card/words/check/"


@pytest.fixture
def holder(client: Client, partner: OutreachPartner) -> Client:
    """A browser in which a card was just taken."""
    response = client.post(CARD, {"code": make_card(partner)})
    assert (response.status_code, response.headers["Location"]) == (302, "/card/before/1/")
    return client


@pytest.fixture
def reader(holder: Client) -> Client:
    """A browser at the seven words."""
    for step in (1, 2, 3):
        response = holder.post(f"/card/before/{step}/")
    assert response.headers["Location"] == WORDS
    return holder


def shown_words(client: Client) -> list[str]:
    page = client.get(WORDS).content.decode()
    (words,) = re.findall(r'class="seven".*?</ol>', page, re.DOTALL)
    return re.findall(r"<li>([a-z]+)</li>", words)


def asked_words(client: Client, words: list[str]) -> dict[str, str]:
    numbers = re.findall(r'name="word_(\d)"', client.get(CHECK).content.decode())
    assert len(numbers) == 3
    return {f"word_{number}": words[int(number) - 1] for number in numbers}


def test_whole_way_in(reader: Client):
    words = shown_words(reader)
    assert len(words) == 7
    assert set(words) <= set(keys.word_list())
    assert Participant.objects.count() == 0
    response = reader.post(CHECK, asked_words(reader, words))
    assert (response.status_code, response.headers["Location"]) == (302, reverse("sessions:mine"))
    participant = Participant.objects.get()
    assert bytes(participant.lookup) == keys.lookup(keys.root_key(" ".join(words)))
    assert sorted(reader.session.keys()) == [
        "_auth_user_backend", "_auth_user_hash", "_auth_user_id", "_csrftoken", "_messages", "alias_key",
    ]  # fmt: skip
    assert reader.session["_auth_user_id"] == str(participant.pk)
    assert InviteCode.objects.count() == 0


def test_going_in_changes_the_cookie(reader: Client):
    before = reader.cookies["s"].value
    reader.post(CHECK, asked_words(reader, shown_words(reader)))
    assert reader.cookies["s"].value != before


@pytest.mark.parametrize("typed", ["", "   ", "ABCD-EFGH-JKMN", "x", "\x00", "🙂", "A" * 60])
def test_codes_that_do_not_work_get_one_answer(client: Client, partner: OutreachPartner, typed):
    make_card(partner)
    response = client.post(CARD, {"code": typed})
    assert response.status_code == 200
    assert response.context["form"].errors["code"]
    assert InviteCode.objects.count() == 1
    assert client.get("/card/before/1/").headers["Location"] == CARD


@pytest.mark.promise("P5")
def test_used_code_answers_like_an_unknown_one(holder: Client, partner: OutreachPartner, client_for):
    used = make_card(partner)
    assert client_for(None).post(CARD, {"code": used}).status_code == 302

    def answer(code: str) -> tuple[int, str]:
        response = client_for(None).post(CARD, {"code": code})
        page = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())
        return response.status_code, page.replace(code, "CODE")

    assert answer(used) == answer(keys.generate_code())


def test_code_is_forgiven_its_looks(client: Client, partner: OutreachPartner):
    InviteCode.objects.create(digest=keys.code_digest("0A1B2C3D4E5F"), partner=partner)
    assert client.post(CARD, {"code": " oaib-2c3d 4e5f"}).status_code == 302


def test_sixth_wrong_code_has_to_wait(client: Client, partner: OutreachPartner):
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5):
            assert client.post(CARD, {"code": keys.generate_code()}).status_code == 200
        card = make_card(partner)
        response = client.post(CARD, {"code": card})
        assert (response.status_code, response.headers["Retry-After"]) == (429, "600")
        assert "Please wait 10 minutes." in response.content.decode()
        assert card in response.content.decode()
        assert InviteCode.objects.count() == 1
        clock.shift(600)
        assert client.post(CARD, {"code": card}).status_code == 302


def test_wait_is_followed_by_five_more_tries(client: Client, db):
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5):
            client.post(CARD, {"code": keys.generate_code()})
        clock.shift(600)
        answers = [client.post(CARD, {"code": keys.generate_code()}).status_code for _ in range(6)]
        assert answers == [200] * 5 + [429]


def test_codes_are_limited_for_the_whole_site(client_for, db, monkeypatch):
    monkeypatch.setattr("accounts.participants.views_card.CODES", Bucket("few", burst=3, per_minute=1))
    answers = [client_for(None).post(CARD, {"code": keys.generate_code()}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Please wait 1 minute." in answers[3].content.decode()
    assert CODES.burst >= 20


def test_no_step_can_be_skipped(client: Client, db):
    for path in ("/card/before/1/", "/card/before/3/", WORDS, CHECK):
        assert client.get(path).headers["Location"] == CARD
    assert client.post(CHECK, {"word_1": "x"}).headers["Location"] == CARD


def test_no_screen_can_be_skipped(holder: Client):
    for path in ("/card/before/2/", "/card/before/3/", WORDS, CHECK):
        assert holder.get(path).headers["Location"] == "/card/before/1/"
        if path not in (WORDS,):
            assert holder.post(path).headers["Location"] == "/card/before/1/"
    holder.post("/card/before/1/")
    assert holder.get(WORDS).headers["Location"] == "/card/before/2/"
    assert holder.post("/card/before/3/").headers["Location"] == "/card/before/2/"


def test_going_back_loses_nothing(reader: Client):
    words = shown_words(reader)
    asked = asked_words(reader, words)
    for path in ("/card/before/1/", "/card/before/2/", "/card/before/3/"):
        assert reader.get(path).status_code == 200
    assert reader.get(CARD).headers["Location"] == WORDS
    assert shown_words(reader) == words
    assert asked_words(reader, words) == asked


def test_pressing_twice_goes_on_once(holder: Client):
    assert [holder.post("/card/before/1/").headers["Location"] for _ in range(2)] == ["/card/before/2/"] * 2
    assert holder.get("/card/before/3/").headers["Location"] == "/card/before/2/"


def test_second_card_is_not_used_up_on_the_way(holder: Client, partner: OutreachPartner):
    second = make_card(partner)
    assert holder.post(CARD, {"code": second}).headers["Location"] == "/card/before/1/"
    assert InviteCode.objects.count() == 1


@pytest.mark.parametrize("step", [0, 4, 99])
def test_there_are_three_screens(holder: Client, step):
    assert holder.get(f"/card/before/{step}/").status_code == 404


def test_wrong_words_can_be_looked_up_and_tried_again(reader: Client):
    words = shown_words(reader)
    right = asked_words(reader, words)
    first = next(iter(right))
    response = reader.post(CHECK, right | {first: "wrong"})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [first]
    assert Participant.objects.count() == 0
    page = response.content.decode()
    assert 'value="wrong"' in page
    assert f'href="{WORDS}"' in page
    assert shown_words(reader) == words
    assert reader.post(CHECK, {}).context["form"].errors.keys() == right.keys()
    assert reader.post(CHECK, {name: f" {word[:3].upper()}xyz." for name, word in right.items()}).status_code == 302


def test_account_is_made_once(reader: Client):
    right = asked_words(reader, shown_words(reader))
    reader.post(CHECK, right)
    assert reader.post(CHECK, right).headers["Location"] == "/start/"
    assert Participant.objects.count() == 1


def test_full_house_at_the_last_step_can_be_tried_again(reader: Client, monkeypatch):
    right = asked_words(reader, shown_words(reader))
    with monkeypatch.context() as patch:
        patch.setattr(keys, "root_key", Mock(side_effect=keys.TooManyAtOnce))
        response = reader.post(CHECK, right)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    assert reader.post(CHECK, right).status_code == 302


def test_words_are_gone_with_the_web_session(reader: Client):
    words = shown_words(reader)
    reader.cookies.clear()
    response = reader.get(WORDS)
    assert response.headers["Location"] == CARD
    assert words[0] not in reader.get(CARD).content.decode()


@pytest.mark.promise("P5")
def test_leaving_asks_and_keeps_nothing(reader: Client, settings):
    page = reader.get("/card/leave/").content.decode()
    assert "This can’t be undone." in page
    response = reader.post("/card/leave/")
    assert response.headers["Location"] == reverse("welcome:home")
    assert reader.cookies["s"].value == ""
    assert reader.get(WORDS).headers["Location"] == CARD
    assert Participant.objects.count() == 0


def test_leaving_before_the_card_is_just_leaving(client: Client, db):
    assert client.get("/card/leave/").headers["Location"] == reverse("welcome:home")


@pytest.mark.parametrize("path", [CARD, "/card/before/1/", WORDS, CHECK, "/card/leave/"])
def test_who_has_an_account_is_sent_to_it(
    path, participant: Participant, listener: User, client_for: Callable[[object], Client]
):
    for person in (participant, listener):
        assert client_for(person).get(path).headers["Location"] == "/start/"


@pytest.mark.parametrize("path", [CARD, "/card/before/1/", WORDS, CHECK, "/card/leave/"])
def test_wrong_method(path, holder: Client):
    assert holder.put(path).status_code == holder.delete(path).status_code == 405


def test_words_are_only_looked_at(reader: Client):
    assert reader.post(WORDS).status_code == 405


@pytest.mark.promise("P1")
def test_pages_ask_for_nothing_that_names_anybody(reader: Client):
    pages = [reader.get(path).content.decode() for path in ("/card/before/1/", WORDS, CHECK, "/card/leave/")]
    reader.cookies.clear()
    pages += [reader.get(path).content.decode() for path in (CARD, "/sign-in/")]
    fields = {match for page in pages for match in re.findall(r'<input type="(\w+)" name="([\w-]+)"', page)}
    assert {kind for kind, _ in fields} == {"hidden", "text"}
    assert {re.sub(r"\d", "N", name) for _, name in fields} == {"csrfmiddlewaretoken", "word_N", "code", "words"}
    for page in pages:
        assert "<title>Welcome</title>" in page
        for inputs in re.findall(r'<input type="text"[^>]*>', page):
            assert 'autocomplete="off"' in inputs
            assert 'autocapitalize="none"' in inputs
            assert 'spellcheck="false"' in inputs
