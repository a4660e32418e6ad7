"""The protective check on the pages where texts for the room are written: looked at once, sent as people decide."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.models import Comment
from dialogue.threads.text import MAX_CHARACTERS
from seeds import vault
from tests import factories
from tests.dialogue.threads.test_views import fields_of, next_round, typed
from tests.reading import grade, text_of

ClientFor = Callable[[User | Participant | None], Client]
TEXT = "It was Officer Brady, the day\nI turned 34. <b>Nobody</b> came."
MARKS = [("Officer Brady", "rank and name"), ("turned 34", "age")]


@pytest.fixture
def browser(client_for: ClientFor, participant: Participant) -> Client:
    return client_for(participant)


@pytest.fixture
def url(open_session: DialogueSession, alias: Alias) -> str:
    return reverse("threads:write", args=[open_session.pk])


def marks(page: str) -> list[tuple[str, str]]:
    found = re.findall(r"<mark><bdi>(.*?)</bdi> <small>\((.*?)\)</small></mark>", page, re.DOTALL)
    return [(html.unescape(words), label) for words, label in found]


def next_fields(response: Any) -> dict[str, str]:
    """What the form on the page would send, the text not counted."""
    return {field.name: str(field.value() or "") for field in response.context["form"].hidden_fields()}


def words_of(comment: Comment) -> str:
    assert comment.body is not None
    return vault.unseal(comment.thread.round.dialogue_session_id, comment.pk, comment.body)


class TestWrite:
    def test_a_text_in_which_nothing_is_found_goes_at_once(self, browser: Client, url: str) -> None:
        assert browser.post(url, fields_of(browser, url) | {"body": "They laughed."}).status_code == 302
        assert Comment.objects.count() == 1

    def test_a_text_comes_back_once_with_marks_and_reasons(self, browser: Client, url: str) -> None:
        page = browser.post(url, fields_of(browser, url) | {"body": TEXT}).content.decode()
        assert marks(page) == MARKS
        assert typed(page) == TEXT
        assert "the day<br>I <mark>" in page
        assert "&lt;b&gt;Nobody&lt;/b&gt;" in page
        assert "Who was there knows what was done there, and to whom." in page
        assert "We can’t see all of it. A story can show who somebody is, too." in page
        assert re.findall(r'<button class="button[^>]*>(.*?)</button>', page) == ["Check again", "Send it as it is"]
        assert not Comment.objects.exists()

    def test_sent_as_it_is(self, browser: Client, url: str) -> None:
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        sent = browser.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"})
        assert sent.status_code == 302
        assert words_of(Comment.objects.get()) == TEXT

    def test_changed_and_checked_again(self, browser: Client, url: str) -> None:
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        half = browser.post(url, next_fields(asked) | {"body": "It was an officer. I turned 34."})
        assert marks(half.content.decode()) == [("turned 34", "age")]
        done = browser.post(url, next_fields(half) | {"body": "It was an officer."})
        assert (done.status_code, words_of(Comment.objects.get())) == (302, "It was an officer.")

    def test_changed_to_less_and_sent_as_it_is(self, browser: Client, url: str) -> None:
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        sent = browser.post(url, next_fields(asked) | {"body": "I turned 34. Then it rained.", "as_is": "1"})
        assert sent.status_code == 302

    def test_what_was_not_shown_is_asked_about(self, browser: Client, url: str) -> None:
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        more = f"{TEXT} My number is 215-555-0142."
        again = browser.post(url, next_fields(asked) | {"body": more, "as_is": "1"})
        assert again.status_code == 200
        assert marks(again.content.decode())[-1] == ("215-555-0142", "phone number")
        assert not Comment.objects.exists()
        assert browser.post(url, next_fields(again) | {"body": more, "as_is": "1"}).status_code == 302

    @pytest.mark.parametrize("seen", ["", "x", "AAAAAAAA.AAAAAAAA", "\0", "é" * 5_000])
    def test_made_up_marks_let_nothing_through(self, browser: Client, url: str, seen: str) -> None:
        form = fields_of(browser, url) | {"body": TEXT, "seen": seen, "as_is": "1"}
        assert browser.post(url, form).status_code == 200
        assert not Comment.objects.exists()

    def test_a_double_click_makes_one_row(self, browser: Client, url: str) -> None:
        first = fields_of(browser, url) | {"body": TEXT}
        asked = [browser.post(url, first) for _ in range(2)]
        form = next_fields(asked[-1]) | {"body": TEXT, "as_is": "1"}
        codes = [browser.post(url, form).status_code for _ in range(2)]
        assert (codes, Comment.objects.count()) == ([302, 302], 1)

    def test_back_to_the_first_page_and_once_more_makes_one_row(
        self, browser: Client, url: str, open_session: DialogueSession
    ) -> None:
        next_round(open_session, RoundKind.DIALOGUE)  # in which several texts may be sent
        first = fields_of(browser, url) | {"body": TEXT}
        for _ in range(2):
            asked = browser.post(url, first)
            assert browser.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"}).status_code == 302
        assert Comment.objects.count() == 1

    def test_a_round_that_ended_meanwhile(self, browser: Client, url: str, open_session: DialogueSession) -> None:
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        next_round(open_session, RoundKind.DIALOGUE)
        late = browser.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"})
        page = late.content.decode()
        assert "a new round has begun" in page
        assert (typed(page), marks(page)) == (TEXT, MARKS)
        assert not Comment.objects.exists()
        assert browser.post(url, next_fields(late) | {"body": TEXT, "as_is": "1"}).status_code == 302

    def test_a_round_that_ended_before_the_check(
        self, browser: Client, url: str, open_session: DialogueSession
    ) -> None:
        form = fields_of(browser, url)
        next_round(open_session, RoundKind.DIALOGUE)
        page = browser.post(url, form | {"body": TEXT}).content.decode()
        assert "a new round has begun" in page
        assert marks(page) == MARKS

    def test_too_long_is_said_first(self, browser: Client, url: str) -> None:
        text = "Officer Brady " * 250
        page = browser.post(url, fields_of(browser, url) | {"body": text}).content.decode()
        assert (typed(page), marks(page)) == (text, [])
        assert f"{len(text.strip()) - MAX_CHARACTERS} characters too many." in page

    def test_a_web_session_that_ended_at_the_second_step(
        self, browser: Client, client_for: ClientFor, participant: Participant, url: str
    ) -> None:
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        form = next_fields(asked) | {"body": TEXT, "as_is": "1"}
        caches["sessions"].clear()
        page = browser.post(url, form).content.decode()
        carried = dict(re.findall(r'name="carried-([^"]+)" value="([^"]*)"', page))
        assert {name: html.unescape(value) for name, value in carried.items()} == form
        assert client_for(participant).post(url, form).status_code == 302
        assert words_of(Comment.objects.get()) == TEXT

    def test_nothing_is_stored_before_it_is_sent(self, browser: Client, url: str) -> None:
        form = fields_of(browser, url) | {"body": TEXT}
        before = dict(browser.session.items())
        browser.post(url, form)
        assert dict(browser.session.items()) == before
        assert not Comment.objects.exists()

    def test_a_choice_made_before_stays_made(self, browser: Client, url: str) -> None:
        page = browser.post(url, fields_of(browser, url) | {"body": TEXT, "retelling": "on"}).content.decode()
        assert re.search(r'<input type="checkbox" name="retelling"[^>]* checked', page)

    def test_somebody_elses_marks_are_no_help(self, client_for: ClientFor, browser: Client, url: str) -> None:
        """Marks tell of words, not of people: what was shown to one can't be sent unseen by another who wrote else."""
        asked = browser.post(url, fields_of(browser, url) | {"body": "It was Officer Moss."})
        form = fields_of(browser, url) | {"seen": next_fields(asked)["seen"], "body": TEXT, "as_is": "1"}
        assert browser.post(url, form).status_code == 200

    def test_in_plain_words_and_without_promises(self, browser: Client, url: str) -> None:
        text = "Officer Brady, May 6, 2 am, case 22-CR-0044, 215-555-0142, a@example.com, www.example.com, I'm 34."
        text += " I was at Millbrook Heights with Tasha. My landlord saw it."
        page = browser.post(url, fields_of(browser, url) | {"body": text}).content.decode()
        told = text_of(page)
        assert len(marks(page)) == 11
        assert grade(told) <= 6
        assert [word for word in ("safe", "secure", "guarantee", "confidential") if word in told.lower()] == []

    def test_the_heaviest_page_stays_light(self, browser: Client, url: str) -> None:
        """The page holds the text twice, and no more than as much again in marks for a text of details only."""
        line = "At 2 am on May 6 Officer Brady came. "
        text = (line * 100)[: MAX_CHARACTERS - 1]
        page = browser.post(url, fields_of(browser, url) | {"body": text})
        plain = browser.get(url)
        assert len(page.content) <= len(plain.content) + 8 * MAX_CHARACTERS


class TestListener:
    @pytest.fixture
    def speaker(
        self, client_for: ClientFor, open_session: DialogueSession, listener: User, seat: ListenerSeat
    ) -> Client:
        next_round(open_session, RoundKind.CURIOSITY)
        return client_for(listener)

    def test_is_asked_about_others(self, speaker: Client, url: str) -> None:
        asked = speaker.post(url, fields_of(speaker, url) | {"body": "I looked up report 21-009914."})
        page = asked.content.decode()
        assert marks(page) == [("report 21-009914", "number")]
        assert "or touch an open case" in page
        assert "show who you are" not in page
        form = next_fields(asked) | {"body": "I looked up report 21-009914.", "as_is": "1"}
        assert speaker.post(url, form).status_code == 302

    def test_ones_own_name_and_agency_are_not_marked(self, speaker: Client, url: str, listener: User) -> None:
        body = f"This is {listener.name} of the {listener.agency}."
        assert speaker.post(url, fields_of(speaker, url) | {"body": body}).status_code == 302


class TestRevise:
    @pytest.fixture
    def returned(self, listening: Round, alias: Alias) -> Comment:
        return factories.make_comment(listening, alias, text="Old words", state="returned")

    def test_two_steps(self, browser: Client, returned: Comment) -> None:
        url = reverse("threads:revise", args=[returned.pk])
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        page = asked.content.decode()
        assert (marks(page), typed(page)) == (MARKS, TEXT)
        assert "Send it as it is" in page
        returned.refresh_from_db()
        assert (returned.state, returned.version) == ("returned", 1)
        form = next_fields(asked) | {"body": TEXT, "as_is": "1"}
        codes = [browser.post(url, form).status_code for _ in range(2)]
        returned.refresh_from_db()
        assert (codes, returned.state, returned.version) == ([302, 302], "held", 2)
        assert words_of(returned) == TEXT

    def test_without_findings_in_one(self, browser: Client, returned: Comment) -> None:
        url = reverse("threads:revise", args=[returned.pk])
        assert browser.post(url, fields_of(browser, url) | {"body": "New words"}).status_code == 302

    def test_what_was_not_shown_is_asked_about(self, browser: Client, returned: Comment) -> None:
        url = reverse("threads:revise", args=[returned.pk])
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        again = browser.post(url, next_fields(asked) | {"body": f"{TEXT} Call 215-555-0142.", "as_is": "1"})
        assert (again.status_code, len(marks(again.content.decode()))) == (200, 3)

    def test_taken_back_meanwhile(self, browser: Client, returned: Comment) -> None:
        url = reverse("threads:revise", args=[returned.pk])
        asked = browser.post(url, fields_of(browser, url) | {"body": TEXT})
        Comment.objects.filter(pk=returned.pk).update(state="withdrawn", body=None)
        page = browser.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"}).content.decode()
        assert "not waiting for a change any more" in page
        assert typed(page) == TEXT
