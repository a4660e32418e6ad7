"""Signing in, out, everywhere and away."""

import logging
from collections.abc import Callable
from unittest.mock import Mock

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from accounts.participants import keys
from accounts.participants.limits import SIGN_INS, Bucket
from accounts.participants.urls import urlpatterns
from accounts.websession import ABSOLUTE, IDLE
from dialogue.sessions.models import State
from seeds.embedded import Redis
from seeds.logging import NothingPersonal
from tests.accounts.participants.helpers import everything_in_redis, sign_in
from tests.factories import make_alias, make_participant_with_words, make_session

pytestmark = pytest.mark.usefixtures("cheap_words")
SIGN_IN = "/sign-in/"
ONE_MESSAGE = "These words do not open an account. Check each word and the order."


@pytest.fixture
def known(db) -> tuple[Participant, str]:
    return make_participant_with_words()


def test_words_sign_in(client: Client, known):
    participant, words = known
    response = client.post(SIGN_IN, {"words": words})
    assert (response.status_code, response.headers["Location"]) == (302, "/start/")
    assert client.session["alias_key"] == participant.alias_key.hex()
    assert client.get("/start/").headers["Location"] == reverse("sessions:mine")


def test_signing_in_changes_the_cookie(client: Client, known):
    client.get(SIGN_IN)
    before = client.cookies["s"].value
    client.post(SIGN_IN, {"words": known[1]})
    assert client.cookies["s"].value != before


def test_unknown_and_barred_words_get_one_answer(client_for, known):
    participant, words = known
    make_alias(make_session(State.OPEN), participant, barred=True)
    answers = [client_for(None).post(SIGN_IN, {"words": typed}) for typed in (words, keys.generate_passphrase())]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.context["form"].errors["words"] for answer in answers] == [[ONE_MESSAGE]] * 2
    assert all("alias_key" not in answer.wsgi_request.session for answer in answers)


@pytest.mark.parametrize("typed", ["", "  ", "x" * 201, "\x00"])
def test_what_can_not_be_words(client: Client, db, typed):
    response = client.post(SIGN_IN, {"words": typed})
    assert response.status_code == 200
    assert response.context["form"].errors["words"]


def test_sixth_wrong_try_has_to_wait(client: Client, db):
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        answers = [client.post(SIGN_IN, {"words": "no such words"}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert "Please wait 10 minutes." in answers[5].content.decode()
        clock.shift(599)
        assert client.post(SIGN_IN, {"words": "no such words"}).headers["Retry-After"] == "1"
        clock.shift(1)
        assert client.post(SIGN_IN, {"words": "no such words"}).status_code == 200


def test_right_words_clear_the_count(client: Client, db):
    words = keys.generate_passphrase()
    root = keys.root_key(words)
    Participant.objects.create(lookup=keys.lookup(root), wrapped=keys.wrap(root, bytes(32)))
    for _ in range(4):
        client.post(SIGN_IN, {"words": "no such words"})
    client.post(SIGN_IN, {"words": words})
    assert "wrong words" not in client.session


def test_tries_are_limited_for_the_whole_site(client_for, db, monkeypatch):
    monkeypatch.setattr("accounts.participants.views_sign_in.SIGN_INS", Bucket("few", burst=3, per_minute=1))
    answers = [client_for(None).post(SIGN_IN, {"words": "no such words"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert SIGN_INS.burst >= 20


def test_bucket_fills_again(db):
    bucket = Bucket("quick", burst=1, per_minute=6000)
    taken = [bucket.take(), bucket.take()]
    assert taken in ([0, 0], [0, 1])
    slow = Bucket("slow", burst=2, per_minute=1)
    assert [slow.take() for _ in range(3)] in ([0, 0, 60], [0, 0, 61])  # rounded up, whenever the second ticks


def test_full_house_is_told_and_costs_no_try(client: Client, known, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(keys, "root_key", Mock(side_effect=keys.TooManyAtOnce))
        assert client.post(SIGN_IN, {"words": known[1]}).status_code == 429
    assert client.post(SIGN_IN, {"words": known[1]}).status_code == 302


@pytest.mark.promise("P3")
def test_tries_leave_no_address_anywhere(client: Client, db, settings, caplog):
    with caplog.at_level(logging.DEBUG):
        for _ in range(6):
            client.post(
                SIGN_IN,
                {"words": "marker words"},
                REMOTE_ADDR="203.0.113.77",
                HTTP_X_FORWARDED_FOR="203.0.113.77",
                HTTP_USER_AGENT="MarkerBrowser/7",
            )
    stored = everything_in_redis(settings.REDIS_URL)
    logged = "\n".join(NothingPersonal().format(record) for record in caplog.records)
    haystack = b"".join([*stored, *stored.values()]) + logged.encode()
    for marker in (b"203.0.113.77", b"MarkerBrowser", b"marker words"):
        assert marker not in haystack


def test_next_leads_on_within_the_site_only(client_for, known):
    for target, goes_to in (
        ("/my/account/", "/my/account/"),
        ("https://elsewhere.example/", "/start/"),
        ("//elsewhere.example/", "/start/"),
        ("/\\elsewhere.example", "/start/"),
        ("javascript:alert(1)", "/start/"),
        ("", "/start/"),
    ):
        assert client_for(None).post(SIGN_IN, {"words": known[1], "next": target}).headers["Location"] == goes_to


def test_who_is_signed_in_goes_on(participant: Participant, client_for):
    browser = client_for(participant)
    assert browser.get(SIGN_IN).headers["Location"] == "/start/"
    assert browser.get(SIGN_IN + "?next=/my/account/").headers["Location"] == "/my/account/"


def test_page_to_sign_in_remembers_where_to(client: Client, db):
    response = client.get("/my/account/", follow=True)
    assert response.redirect_chain == [("/sign-in/?next=/my/account/", 302)]
    assert '<input type="hidden" name="next" value="/my/account/">' in response.content.decode()


def test_page_links_staff_to_their_own(client: Client, db):
    assert f'href="{reverse("account_login")}"' in client.get(SIGN_IN).content.decode()


def test_start_leads_by_role(client_for, participant, listener, facilitator, operator):
    people = (participant, listener, facilitator, operator)
    names = ("sessions:mine", "accounts:listener_home", "desk:home", "accounts:operator_home")
    assert [client_for(person).get("/start/").headers["Location"] for person in people] == [
        reverse(name) for name in names
    ]
    assert client_for(None).get("/start/").headers["Location"] == "/sign-in/?next=/start/"


def test_idle_session_is_over(known, client: Client):
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        sign_in(client, known[0])
        clock.shift(ABSOLUTE)
        assert client.get("/my/account/").headers["Location"].startswith(SIGN_IN)
    assert IDLE == 1200


def test_sign_out_ends_it_here_only(participant: Participant, client_for):
    here, there = client_for(participant), client_for(participant)
    token = here.cookies["s"].value
    assert here.post("/sign-out/").headers["Location"] == reverse("welcome:home")
    assert here.cookies["s"].value == ""
    here.cookies["s"] = token
    assert here.get("/my/account/").status_code == 302
    assert there.get("/my/account/").status_code == 200


def test_sign_out_everywhere(participant: Participant, other_participant: Participant, client_for):
    here, there, other = (client_for(person) for person in (participant, participant, other_participant))
    assert here.post("/my/account/").headers["Location"] == SIGN_IN
    assert here.get("/my/account/").status_code == there.get("/my/account/").status_code == 302
    assert other.get("/my/account/").status_code == 200


def test_signing_out_everywhere_keeps_the_words(client: Client, known):
    participant, words = known
    sign_in(client, participant)
    client.post("/my/account/")
    assert client.post(SIGN_IN, {"words": words}).headers["Location"] == "/start/"
    assert client.session["alias_key"] == participant.alias_key.hex()


def test_delete_asks_first_and_cuts_every_link(client: Client, known, client_for):
    participant, words = known
    alias = make_alias(make_session(State.OPEN), participant)
    sign_in(client, participant)
    there = client_for(participant)
    page = client.get("/my/account/delete/").content.decode()
    assert "This can’t be undone." in page
    assert Participant.objects.filter(pk=participant.pk).exists()
    assert client.post("/my/account/delete/").headers["Location"] == reverse("welcome:home")
    assert not Participant.objects.filter(pk=participant.pk).exists()
    assert there.get("/my/account/").status_code == 302
    assert client.post(SIGN_IN, {"words": words}).context["form"].errors["words"] == [ONE_MESSAGE]
    alias.refresh_from_db()  # the name stays in its session, and nobody can find it any more
    assert alias.removed is False


@pytest.mark.parametrize("path", ["/my/account/", "/my/account/delete/"])
def test_account_is_for_participants(path, client_for, listener: User, facilitator: User, operator: User):
    for person in (listener, facilitator, operator):
        assert client_for(person).get(path).status_code == client_for(person).post(path).status_code == 404
    assert client_for(None).get(path).headers["Location"] == f"{SIGN_IN}?next={path}"


@pytest.mark.parametrize(
    ("path", "method"),
    [("/sign-out/", "get"), ("/exit/", "get"), ("/start/", "post"), ("/sign-in/", "put"), ("/my/account/", "put")],
)
def test_wrong_method(path, method, participant: Participant, client_for):
    assert getattr(client_for(participant), method)(path).status_code == 405


@pytest.mark.promise("P4")
def test_there_is_no_way_to_reset_seven_words():
    names = {entry.name for entry in urlpatterns}
    assert names == {
        "exit", "start", "sign_in", "sign_out", "card", "before", "words", "words_check", "leave",
        "participant_account", "delete_account",
    }  # fmt: skip


class TestExit:
    @pytest.mark.promise("P9")
    def test_ends_the_session_in_the_store_and_in_the_browser(self, participant, client_for, settings):
        browser = client_for(participant)
        token = browser.cookies["s"].value
        response = browser.post("/exit/")
        assert (response.status_code, response.headers["Location"]) == (303, settings.EXIT_URL)
        assert browser.cookies["s"].value == ""
        assert everything_in_redis(settings.REDIS_URL) == {}
        browser.cookies["s"] = token
        assert browser.get("/my/account/").status_code == 302

    def test_needs_no_token_and_no_session(self, db, settings):
        browser = Client(enforce_csrf_checks=True)
        response = browser.post("/exit/")
        assert (response.status_code, response.headers["Location"]) == (303, settings.EXIT_URL)

    def test_takes_named_people_out_too(self, listener, client_for, settings):
        browser = client_for(listener)
        assert browser.post("/exit/").status_code == 303
        assert everything_in_redis(settings.REDIS_URL) == {}

    def test_asks_the_database_nothing(self, participant, client_for, django_assert_num_queries):
        browser = client_for(participant)
        with django_assert_num_queries(0):
            assert browser.post("/exit/").status_code == 303

    def test_is_on_every_page_of_the_way_in(self, client: Client, db):
        for path in ("/card/", "/sign-in/"):
            assert '<form class="exit" method="post" action="/exit/">' in client.get(path).content.decode()


def test_exit_works_while_redis_is_down(own_redis: Redis, participant, client_for: Callable, settings):
    browser = client_for(participant)
    own_redis.stop()
    response = browser.post("/exit/")
    assert (response.status_code, response.headers["Location"]) == (303, settings.EXIT_URL)
    assert browser.cookies["s"].value == ""
