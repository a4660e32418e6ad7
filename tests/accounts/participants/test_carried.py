"""Nobody's words are lost: not with the web session, not with a server, and nobody else's are put in their mouth."""

import html
import re

import pytest
from django.core.cache import caches
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from accounts.carried import Carried, from_sign_in, own_path, referring_path
from accounts.models import Participant, User
from dialogue.sessions.models import DialogueSession
from dialogue.threads.models import Comment
from seeds.embedded import Redis
from seeds.faults import carried_fields, worth_carrying
from tests.accounts.participants.helpers import everything_in_redis
from tests.factories import make_alias, make_participant_with_words

pytestmark = pytest.mark.usefixtures("cheap_words")
TEXT = "They took my <tent> & my shoes.\r\nI said nothing. “Why?” é 🙂 שלום"
SHOWN = TEXT.replace("\r\n", "\n")


def form_of(page: str, action: str) -> dict[str, str]:
    """What a browser would send with the first form that goes to this address and is not an exit."""
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}"' in f)
    pairs = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
    pairs += re.findall(r'name="([^"]+)"[^>]*>\r?\n?([^<]*)</textarea>', form)
    return {name: html.unescape(value).replace("\r\n", "\n").replace("\n", "\r\n") for name, value in pairs}


@pytest.fixture
def writer(open_session: DialogueSession) -> tuple[Client, str, str]:
    """Somebody in a running round, in a browser that checks tokens; the address to write at; the seven words."""
    person, words = make_participant_with_words()
    make_alias(open_session, person)
    browser = Client(enforce_csrf_checks=True)
    token = form_of(browser.get("/sign-in/").content.decode(), "/sign-in/")
    browser.post("/sign-in/", token | {"words": words})
    return browser, reverse("threads:write", args=[open_session.pk]), words


def written(browser: Client, path: str) -> dict[str, str]:
    """The form for a text, filled in."""
    page = browser.get(path).content.decode()
    form = re.findall(r'<form method="post"(?! action="/exit/").*?</form>', page, re.DOTALL)[0]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in pairs} | {"body": TEXT}


def end_session_in_store() -> None:
    caches["sessions"].clear()


class TestSessionEnded:
    def test_text_travels_through_the_sign_in_form_and_arrives(self, writer, settings):
        browser, path, words = writer
        sent = written(browser, path)
        end_session_in_store()
        asked = browser.post(path, sent)
        assert (asked.status_code, asked.templates[0].name) == (403, "accounts/participants/sign_in.html")
        page = asked.content.decode()
        assert "Your text was not sent. It is still in this page" in page
        fields = form_of(page, "/sign-in/")
        assert fields["next"] == path
        assert fields["carried-body"] == TEXT
        shown = browser.post("/sign-in/", fields | {"words": words})
        assert shown.status_code == 200
        assert shown.headers["Refresh"].startswith("3600;")
        again = form_of(shown.content.decode(), path)
        assert again["body"] == TEXT
        assert again["csrfmiddlewaretoken"] != sent["csrfmiddlewaretoken"]
        assert browser.post(path, again).status_code in (200, 302, 303)
        assert browser.get("/my/account/").status_code == 200

    def test_nothing_of_it_is_stored(self, writer, settings: Settings):
        browser, path, words = writer
        sent = written(browser, path)
        end_session_in_store()
        fields = form_of(browser.post(path, sent).content.decode(), "/sign-in/")
        assert list(browser.session.keys()) == ["_csrftoken"]
        browser.post("/sign-in/", fields | {"words": words})
        assert TEXT not in str(dict(browser.session.items()))
        assert len(everything_in_redis(settings.REDIS_URL)) == 1
        assert Comment.objects.count() == 0

    def test_wrong_words_keep_the_text(self, writer):
        browser, path, words = writer
        sent = written(browser, path)
        end_session_in_store()
        fields = form_of(browser.post(path, sent).content.decode(), "/sign-in/")
        again = form_of(browser.post("/sign-in/", fields | {"words": "no such words"}).content.decode(), "/sign-in/")
        assert again["carried-body"] == TEXT
        assert form_of(browser.post("/sign-in/", again | {"words": words}).content.decode(), path)["body"] == TEXT

    def test_secrets_do_not_travel(self, writer):
        browser, path, _ = writer
        sent = written(browser, path) | {"password": "marker-1", "word_3": "marker-2", "code": "marker-3"}
        end_session_in_store()
        page = browser.post(path, sent).content.decode()
        assert "marker" not in page
        assert sent["csrfmiddlewaretoken"] not in page

    def test_session_ended_twice(self, writer):
        """Once while they wrote, once while they looked for their note with the words."""
        browser, path, words = writer
        sent = written(browser, path)
        end_session_in_store()
        fields = form_of(browser.post(path, sent).content.decode(), "/sign-in/")
        end_session_in_store()
        second = browser.post("/sign-in/", fields | {"words": words})
        assert second.status_code == 403
        again = form_of(second.content.decode(), "/sign-in/")
        assert (again["next"], again["carried-body"]) == (path, TEXT)
        assert words not in second.content.decode()

    def test_signed_in_again_in_another_tab(self, writer, client_for, participant: Participant):
        """Named people sign in elsewhere and press the second button: the old token must not eat the text."""
        browser, path, words = writer
        sent = written(browser, path)
        end_session_in_store()
        fields = form_of(browser.post(path, sent).content.decode(), "/sign-in/")
        not_yet = browser.post("/sign-in/", fields | {"signed-in": "1"})
        assert "You are not signed in yet. Your text is still here." in not_yet.content.decode()
        fresh = form_of(browser.get("/sign-in/").content.decode(), "/sign-in/")
        browser.post("/sign-in/", fresh | {"words": words})
        back = browser.post("/sign-in/", fields | {"signed-in": "1"})
        assert back.status_code == 403  # the other tab's sign-in changed the token
        assert form_of(back.content.decode(), path)["body"] == TEXT

    def test_named_people_get_their_text_back_on_their_own_pages(self, listener: User, client_for):
        browser = client_for(listener)
        browser.handler.enforce_csrf_checks = True
        end_session_in_store()
        sent = {"past_harm": TEXT, "plan": "", "version": "3"}
        fields = form_of(browser.post("/listener/pledge/?x=1", sent).content.decode(), "/sign-in/")
        browser.cookies["s"] = client_for(listener).cookies["s"].value  # signed in, in another tab
        back = browser.post("/sign-in/", fields | {"signed-in": "1"})
        page = back.content.decode()
        assert (back.status_code, "Sign out" in page) == (403, True)
        again = form_of(page, "/listener/pledge/?x=1")
        assert {name: again[name] for name in sent} == sent

    def test_old_page_of_somebody_signed_in(self, writer):
        browser, path, _ = writer
        shown = browser.post(path, written(browser, path) | {"csrfmiddlewaretoken": "x" * 64})
        assert shown.status_code == 403
        assert form_of(shown.content.decode(), path)["body"] == TEXT

    def test_signed_out_everywhere_meanwhile(self, writer):
        browser, path, _ = writer
        sent = written(browser, path)
        person = Participant.objects.get(pk=browser.session["_auth_user_id"])
        person.epoch = b"another epoch..."
        person.save(update_fields=["epoch"])
        page = browser.post(path, sent)
        assert page.status_code == 403
        assert form_of(page.content.decode(), "/sign-in/")["carried-body"] == TEXT

    def test_stranger_without_text_is_sent_to_sign_in(self, client: Client, db):
        response = client.post("/my/account/", HTTP_REFERER="http://testserver/my/account/delete/")
        assert response.headers["Location"] == "/sign-in/?next=/my/account/delete/"
        assert client.post("/my/account/").headers["Location"] == "/sign-in/?next=/my/account/"

    def test_form_without_text_is_asked_for_once_more(self, db):
        browser = Client(enforce_csrf_checks=True)
        response = browser.post("/card/", {"code": "marker"}, HTTP_REFERER="http://testserver/card/?x=1")
        assert response.status_code == 403
        page = response.content.decode()
        assert 'href="/card/?x=1"' in page
        assert "marker" not in page
        assert 'href="/"' in browser.post("/card/", {"code": "marker"}).content.decode()

    def test_sign_in_page_that_was_open_too_long(self, db):
        response = Client(enforce_csrf_checks=True).post("/sign-in/", {"words": "marker"})
        assert response.status_code == 403
        page = response.content.decode()
        assert "This page was open for too long" in page
        assert "marker" not in page


class TestOtherSites:
    @pytest.mark.parametrize("headers", [{"HTTP_ORIGIN": "https://elsewhere.example"}, {"HTTP_ORIGIN": "null"}])
    def test_text_from_elsewhere_is_not_shown_as_theirs(self, writer, headers):
        browser, path, _ = writer
        response = browser.post(path, {"body": TEXT}, **headers)
        assert response.status_code == 403
        assert "my shoes" not in response.content.decode()

    def test_paths_from_elsewhere_are_dropped(self):
        request = RequestFactory().post("/sign-in/", {"next": "https://elsewhere.example/", "carried-body": TEXT})
        assert from_sign_in(request) == Carried()

    @pytest.mark.parametrize(
        "url", [None, "", "room/", "//elsewhere.example/", "/\\elsewhere.example", "https://testserver/", "\x01/x"]
    )
    def test_only_our_own_paths(self, url):
        assert own_path(RequestFactory().get("/"), url) == ""

    def test_own_path_and_own_referrer(self):
        request = RequestFactory().get("/", HTTP_REFERER="http://testserver/room/?reply=1")
        assert own_path(request, "/room/?a=b") == "/room/?a=b"
        assert referring_path(request) == "/room/?reply=1"
        assert referring_path(RequestFactory().get("/", HTTP_REFERER="http://testserver.example/x")) == ""


class TestWhatIsCarried:
    def test_all_fields_but_secrets_if_somebody_wrote(self):
        sent = [("body", "a text"), ("round", "x" * 36), ("shared", "on"), ("password1", "p"), ("invite_code", "c")]
        assert worth_carrying(sent) == [("body", "a text"), ("round", "x" * 36), ("shared", "on")]

    def test_nothing_if_nobody_wrote(self):
        assert worth_carrying([("body", " \n"), ("ticket", "x" * 60), ("agree", "on")]) == []

    def test_long_text_in_any_field(self):
        text = "A sentence that is longer than forty characters."
        assert worth_carrying([("about", text)]) == [("about", text)]

    def test_nothing_of_a_get_and_nothing_unreadable(self):
        assert carried_fields(RequestFactory().get("/", {"body": "x"})) == []
        broken = RequestFactory().post("/", b"--x", content_type="multipart/form-data; boundary=")
        assert carried_fields(broken) == []

    def test_no_nul(self):
        assert carried_fields(RequestFactory().post("/", {"body": "a\0b"})) == [("body", "ab")]


class TestRedisDown:
    def test_text_comes_back_and_goes_out_later(self, own_redis: Redis, writer):
        browser, path, words = writer
        browser.raise_request_exception = False
        sent = written(browser, path)
        own_redis.stop()
        response = browser.post(path, sent)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
        again = form_of(response.content.decode(), path)
        assert again == sent
        assert response.headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in response.headers
        # Redis forgets: the web session is over, the text is not.
        own_redis.start()
        asked = browser.post(path, again)
        assert asked.status_code == 403
        fields = form_of(asked.content.decode(), "/sign-in/")
        shown = browser.post("/sign-in/", fields | {"words": words})
        assert form_of(shown.content.decode(), path)["body"] == TEXT

    def test_pages_say_so(self, own_redis: Redis, participant, client_for):
        browser = client_for(participant)
        browser.raise_request_exception = False
        own_redis.stop()
        for path in ("/my/account/", "/sign-in/", "/card/", "/"):
            response = browser.get(path)
            assert (path, response.status_code) == (path, 503)
            page = response.content.decode()
            assert f'href="{path}">Try again' in page
            assert '<form class="exit" method="post" action="/exit/">' in page
        assert browser.cookies["s"].value != ""


@pytest.mark.django_db(transaction=True)
class TestDatabaseDown:
    def test_text_comes_back(self, participant, client_for, request):
        browser = client_for(participant)
        browser.raise_request_exception = False
        request.getfixturevalue("no_database")
        response = browser.post("/room/4a7c8ff7-9a5d-4b0c-9d6e-0d3b7b0e8a11/write/?reply=7", {"body": TEXT})
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
        page = response.content.decode()
        assert form_of(page, "/room/4a7c8ff7-9a5d-4b0c-9d6e-0d3b7b0e8a11/write/?reply=7")["body"] == TEXT
        assert browser.get("/my/account/").status_code == 503

    def test_exit_works(self, participant, client_for, request):
        browser = client_for(participant)
        request.getfixturevalue("no_database")
        assert browser.post("/exit/").status_code == 303
