"""Proposing other words, and the author's answer, over HTTP."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import approve_comment, claim_comment, free_old_claims, release_batch
from dialogue.moderation.actions_edits import call_back_proposal, propose_words, take_words
from dialogue.moderation.models import ProposedEdit
from dialogue.sessions.actions_aliases import forget_me_here
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment
from seeds import vault
from tests import factories
from tests.reading import grade, text_of

ClientFor = Callable[[User | Participant | None], Client]
OWN, NEW, WHY = "I was at 12 Elm Street", "I was at a friend’s home", "The street could show who you are."
CHANGED = '<del><span class="unseen">[taken out: </span>12 Elm Street <span class="unseen">] </span></del>'


def url(act: str, comment: Comment) -> str:
    return reverse(f"moderation:{act}", args=[comment.pk])


def fresh(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


def words(comment: Comment) -> str:
    comment = fresh(comment)
    assert comment.body is not None
    return vault.unseal(comment.thread.round.dialogue_session_id, comment.pk, comment.body)


def typed(page: str) -> str:
    found = re.search(r'<textarea name="body"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def rosa(client_for: ClientFor, facilitator: User) -> Client:
    return client_for(facilitator)


@pytest.fixture
def browser(client_for: ClientFor, participant: Participant) -> Client:
    return client_for(participant)


@pytest.fixture
def opened(listening: Round, alias: Alias, facilitator: User) -> Comment:
    """A held text that Rosa has open."""
    comment = factories.make_comment(listening, alias, text=OWN)
    return claim_comment(comment, version=1, by=facilitator)


@pytest.fixture
def proposed(opened: Comment, facilitator: User) -> Comment:
    propose_words(opened, version=1, text=NEW, note=WHY, by=facilitator)
    return fresh(opened)


class TestProposing:
    def test_it_starts_with_the_authors_words_and_is_recorded(self, rosa: Client, opened: Comment) -> None:
        assert 'data-key="p"' in rosa.get(url("item", opened)).content.decode()
        response = rosa.get(url("propose", opened))
        assert typed(response.content.decode()) == OWN
        assert AuditEvent.objects.filter(verb="read_held", detail="1").count() == 2
        assert response.headers["Refresh"].startswith("3600;")

    def test_what_the_author_will_see(self, rosa: Client, opened: Comment) -> None:
        given = {"version": 1, "body": NEW, "note": WHY, "look": "1"}
        page = rosa.post(url("propose", opened), given).content.decode()
        assert ("What the author will see" in page, CHANGED in page, "Propose these words" in page) == (True,) * 3
        assert (typed(page), fresh(opened).state, ProposedEdit.objects.count()) == (NEW, "held", 0)

    def test_what_could_still_show_who_somebody_is_is_said_before_it_goes(self, rosa: Client, opened: Comment) -> None:
        given = {"version": 1, "body": "I was home. Call 555-0173.", "note": WHY, "look": "1"}
        page = rosa.post(url("propose", opened), given).content.decode()
        assert ("What we saw, and why" in page, "“555-0173”" in page, "Propose these words" in page) == (True,) * 3

    def test_sent(self, rosa: Client, opened: Comment) -> None:
        given = {"version": 1, "body": NEW, "note": WHY, "send": "1"}
        page = rosa.post(url("propose", opened), given, follow=True).content.decode()
        assert "Nothing comes out before the author says yes." in page
        assert "Proposed by Rosa Lindqvist" in page  # on the list
        assert (fresh(opened).state, words(opened)) == ("proposed", OWN)

    @pytest.mark.parametrize(
        ("given", "fault"),
        [
            ({"body": " "}, "Write the words that you propose."),
            ({"body": OWN}, "These are the author’s own words."),
            ({"note": ""}, "Say in a note why"),
        ],
    )
    def test_what_was_typed_comes_back(self, rosa: Client, opened: Comment, given: dict[str, str], fault: str) -> None:
        for button in ("look", "send"):
            typed_in = {"version": "1", "body": NEW, "note": WHY, button: "1"} | given
            page = rosa.post(url("propose", opened), typed_in).content.decode()
            assert (fault in page, "Propose these words" in page) == (True, False)
            assert typed(page).strip() == typed_in["body"].strip()
        assert fresh(opened).state == "held"

    def test_not_before_it_was_opened(self, client_for: ClientFor, opened: Comment, peer: User) -> None:
        jo = client_for(peer)
        assert jo.get(url("propose", opened)).headers["Location"] == url("item", opened)
        page = jo.post(url("propose", opened), {"version": 1, "body": NEW, "note": WHY, "look": "1"})
        assert (page.status_code, OWN in page.content.decode()) == (409, False)

    def test_a_colleague_was_faster(self, rosa: Client, opened: Comment, peer: User) -> None:
        approve_comment(fresh(opened), version=1, by=peer)
        for button in ("look", "send"):
            response = rosa.post(url("propose", opened), {"version": 1, "body": NEW, "note": WHY, button: "1"})
            page = response.content.decode()
            assert (response.status_code, "Jo Amari approved this text." in page) == (409, True)
            assert (NEW in page, WHY in page) == (True, True)  # nothing typed is lost

    @pytest.mark.parametrize(
        ("given", "shown"),
        [({"look": "1", "note": WHY}, "What the author will see"), ({"send": "1", "note": ""}, "Say in a note why")],
    )
    def test_a_claim_that_ended_while_one_wrote_begins_anew(
        self, rosa: Client, opened: Comment, facilitator: User, given: dict[str, str], shown: str
    ) -> None:
        free_old_claims()
        free_old_claims()
        page = rosa.post(url("propose", opened), {"version": 1, "body": NEW} | given).content.decode()
        assert (shown in page, typed(page)) == (True, NEW)
        assert fresh(opened).claimed_by == facilitator

    def test_who_has_it_is_said_and_the_words_are_kept(self, rosa: Client, opened: Comment, peer: User) -> None:
        claim_comment(opened, version=1, by=peer)
        response = rosa.post(url("propose", opened), {"version": 1, "body": NEW, "note": WHY, "look": "1"})
        page = response.content.decode()
        assert response.status_code == 409
        assert ("Jo Amari is reading this text now." in page, NEW in page, WHY in page) == (True, True, True)

    def test_its_author_took_it_back(self, rosa: Client, opened: Comment) -> None:
        withdraw_comment(fresh(opened))
        given = {"version": 1, "body": NEW, "note": WHY, "send": "1"}
        assert "The author took this text back." in rosa.post(url("propose", opened), given).content.decode()
        assert not ProposedEdit.objects.exists()

    @pytest.mark.parametrize("wants_retelling", [False, True])
    def test_its_author_was_forgotten(self, rosa: Client, opened: Comment, *, wants_retelling: bool) -> None:
        assert opened.alias is not None
        forget_me_here(opened.alias)
        Comment.objects.filter(pk=opened.pk).update(wants_retelling=wants_retelling)
        why = "so nobody could say yes to other words."
        page = rosa.get(url("propose", opened), follow=True).content.decode()
        assert (why in page, url("propose", opened) in page) == (True, False)
        for act in ("look", "send"):
            response = rosa.post(url("propose", opened), {"version": 1, "body": NEW, "note": WHY, act: "1"})
            page = response.content.decode()
            assert (response.status_code, why in page, NEW in page, WHY in page) == (409, True, True, True)
        assert fresh(opened).state == "held"

    @pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "2"])
    def test_an_odd_version_proposes_nothing(self, rosa: Client, opened: Comment, version: str) -> None:
        for button in ("look", "send", "other"):
            rosa.post(url("propose", opened), {"version": version, "body": NEW, "note": WHY, button: "1"})
        rosa.post(url("call_back", opened), {"version": version})
        assert fresh(opened).state == "held"

    def test_a_retelling_starts_empty_and_needs_no_note(self, rosa: Client, opened: Comment) -> None:
        Comment.objects.filter(pk=opened.pk).update(wants_retelling=True)
        item = rosa.get(url("item", opened)).content.decode()
        assert ("can’t come out as it stands" in item, url("approve", opened) in item) == (True, False)
        page = rosa.get(url("propose", opened)).content.decode()
        assert (typed(page), OWN in page) == ("", True)
        page = rosa.post(url("propose", opened), {"version": 1, "body": NEW, "look": "1"}).content.decode()
        assert ("Propose these words" in page, "<del>" in page) == (True, False)
        rosa.post(url("propose", opened), {"version": 1, "body": NEW, "send": "1"})
        assert ProposedEdit.objects.get().is_retelling

    def test_called_back(self, rosa: Client, proposed: Comment) -> None:
        page = rosa.get(url("item", proposed)).content.decode()
        assert (CHANGED in page, "Call it back" in page) == (True, True)
        page = rosa.post(url("call_back", proposed), {"version": 2}, follow=True).content.decode()
        assert ("The proposal is called back." in page, OWN in page, NEW in page) == (True, True, False)

    def test_a_colleague_opens_it_first(self, client_for: ClientFor, proposed: Comment, peer: User) -> None:
        jo = client_for(peer)
        page = jo.get(url("item", proposed)).content.decode()
        assert (OWN in page, NEW in page, "Open and read" in page) == (False, False, True)
        page = jo.post(url("claim", proposed), {"version": 2}, follow=True).content.decode()
        assert (OWN in page, "friend’s home" in page) == (True, True)

    def test_the_list_asks_for_a_retelling(self, rosa: Client, listening: Round, alias: Alias) -> None:
        factories.make_comment(listening, alias, wants_retelling=True)
        assert "Asks for a retelling" in rosa.get("/desk/queue/").content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_same_queries_for_any_number(
        self,
        rosa: Client,
        listening: Round,
        facilitator: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(rows):
            comment = factories.make_comment(listening)
            propose_words(comment, version=1, text=NEW, note=WHY, by=facilitator)
        with django_assert_num_queries(6):  # account, second factor, sessions, waiting, ready, proposed
            rosa.get("/desk/queue/")
        # account, second factor, the text with all around it, its decisions and who took them, its neighbors, the look
        with django_assert_num_queries(7):
            rosa.get(url("item", comment))


class TestAnswering:
    def test_the_author_is_told_at_the_next_visit(
        self, browser: Client, proposed: Comment, open_session: DialogueSession
    ) -> None:
        assert "waits for your answer" in browser.get(reverse("threads:room", args=[open_session.pk])).content.decode()
        page = browser.get(reverse("threads:mine", args=[open_session.pk])).content.decode()
        assert (url("answer", proposed) in page, "Other words for you to look at" in page) == (True, True)
        page = browser.get(url("answer", proposed)).content.decode()
        assert (OWN in page, WHY in page, CHANGED in page, "friend’s home" in page) == (True,) * 4
        assert "Rosa" not in page
        assert grade(text_of(page)) <= 6
        mine = browser.get(reverse("threads:mine", args=[open_session.pk])).content.decode()
        assert grade(text_of(mine)) <= 6

    def test_yes(self, browser: Client, proposed: Comment) -> None:
        page = browser.post(url("answer", proposed), {"version": 2, "answer": "take"}, follow=True).content.decode()
        assert ("Your own are gone." in page, NEW in page, OWN in page) == (True, True, False)
        assert (fresh(proposed).state, words(proposed)) == ("approved", NEW)

    def test_no(self, browser: Client, proposed: Comment) -> None:
        page = browser.post(url("answer", proposed), {"version": 2, "answer": "keep"}, follow=True).content.decode()
        assert "Your own words stay." in page
        assert (fresh(proposed).state, words(proposed), ProposedEdit.objects.count()) == ("held", OWN, 0)

    def test_changed_by_hand(self, browser: Client, proposed: Comment) -> None:
        address = reverse("threads:revise", args=[proposed.pk])
        page = browser.get(address).content.decode()
        assert (typed(page), OWN in page) == (NEW, True)
        assert grade(text_of(page)) <= 6

    @pytest.mark.parametrize("version", ["", "x", "1", "3", "99999999999999999999"])
    @pytest.mark.parametrize("answer", ["take", "keep"])
    def test_an_odd_version_decides_nothing(
        self, browser: Client, proposed: Comment, version: str, answer: str
    ) -> None:
        response = browser.post(url("answer", proposed), {"version": version, "answer": answer}, follow=True)
        assert (response.status_code, fresh(proposed).state, words(proposed)) == (200, "proposed", OWN)

    def test_twice(self, browser: Client, proposed: Comment) -> None:
        for _ in range(2):
            page = browser.post(url("answer", proposed), {"version": 2, "answer": "take"}, follow=True)
        assert (page.status_code, words(proposed)) == (200, NEW)
        assert browser.get(url("answer", proposed)).status_code == 302

    def test_called_back_meanwhile(self, browser: Client, proposed: Comment, facilitator: User) -> None:
        call_back_proposal(fresh(proposed), version=2, by=facilitator)
        page = browser.post(url("answer", proposed), {"version": 2, "answer": "take"}, follow=True).content.decode()
        assert ("These words are not waiting for you any more." in page, OWN in page) == (True, True)

    def test_in_a_pause_nothing_is_lost(
        self, browser: Client, proposed: Comment, open_session: DialogueSession
    ) -> None:
        DialogueSession.objects.filter(pk=open_session.pk).update(paused=True, pause_reason="A storm")
        page = browser.get(url("answer", proposed)).content.decode()
        assert ("There is a pause: A storm" in page, "Yes, take" in page, "Take my text back" in page) == (
            True, False, True,
        )  # fmt: skip
        page = browser.post(url("answer", proposed), {"version": 2, "answer": "take"}, follow=True).content.decode()
        assert "There is a pause: A storm" in page
        assert fresh(proposed).state == "proposed"

    def test_without_the_key(self, browser: Client, proposed: Comment, open_session: DialogueSession) -> None:
        vault.destroy_key(open_session.pk)
        assert browser.get(url("answer", proposed)).content.decode().count("can no longer be read") == 2
        for answer in ("take", "keep"):
            browser.post(url("answer", proposed), {"version": 2, "answer": answer})
        assert fresh(proposed).state == "proposed"

    def test_somebody_removed_can_only_take_it_back(self, browser: Client, proposed: Comment, alias: Alias) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        assert browser.get(url("answer", proposed)).status_code == 404
        assert browser.post(url("answer", proposed), {"version": 2, "answer": "take"}).status_code == 404
        browser.post(reverse("threads:withdraw", args=[proposed.pk]))
        assert (fresh(proposed).body, ProposedEdit.objects.count()) == (None, 0)

    @pytest.mark.parametrize("who", ["other_participant", "listener", "other_listener", "facilitator", "operator"])
    def test_nobody_elses(
        self, client_for: ClientFor, proposed: Comment, who: str, request: pytest.FixtureRequest
    ) -> None:
        client = client_for(request.getfixturevalue(who))
        assert client.get(url("answer", proposed)).status_code == 404
        assert client.post(url("answer", proposed), {"version": 2, "answer": "take"}).status_code == 404
        assert fresh(proposed).state == "proposed"

    def test_no_other_page_shows_either_text(
        self, client_for: ClientFor, proposed: Comment, open_session: DialogueSession, listener: User
    ) -> None:
        other = factories.make_participant()
        factories.make_alias(open_session, other)
        for person in (other, listener):
            for name in ("room", "mine"):
                page = client_for(person).get(reverse(f"threads:{name}", args=[open_session.pk])).content.decode()
                assert ("Elm Street" in page, "friend’s home" in page) == (False, False)

    def test_a_listener_answers_too(
        self, client_for: ClientFor, listening: Round, seat: ListenerSeat, facilitator: User, listener: User
    ) -> None:
        heard = factories.make_comment(listening, seat=seat, text=OWN)
        propose_words(heard, version=1, text=NEW, note=WHY, by=facilitator)
        client = client_for(listener)
        assert CHANGED in client.get(url("answer", heard)).content.decode()
        client.post(url("answer", heard), {"version": 2, "answer": "take"})
        assert words(heard) == NEW

    def test_queries(
        self, browser: Client, proposed: Comment, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        # the participant; sessions and the text, its decisions; sessions and the name; the path of the session
        with django_assert_num_queries(7):
            browser.get(url("answer", proposed))


class TestRetelling:
    @pytest.fixture
    def held(self, listening: Round, alias: Alias) -> Comment:
        return factories.make_comment(listening, alias, text=OWN)

    def ask(self, client: Client, comment: Comment, **given: str) -> str:
        address = reverse("threads:retelling", args=[comment.pk])
        return client.post(address, {"version": "1", "wanted": "1"} | given, follow=True).content.decode()

    def test_asked_for_and_no_longer(self, browser: Client, held: Comment) -> None:
        assert "We will tell it in other words." in self.ask(browser, held)
        assert fresh(held).wants_retelling
        assert "It stays in your own words." in self.ask(browser, held, wanted="0", version="2")
        assert not fresh(held).wants_retelling

    @pytest.mark.parametrize("version", ["", "x", "-1", "999999999999", "7"])
    def test_odd_versions(self, browser: Client, held: Comment, version: str) -> None:
        assert "in the meantime" in self.ask(browser, held, version=version)
        assert not fresh(held).wants_retelling

    def test_offered_to_participants_only(
        self, browser: Client, client_for: ClientFor, open_session: DialogueSession, listener: User
    ) -> None:
        open_session.rounds.filter(state="open").update(state="done")
        factories.make_round(open_session, RoundKind.DIALOGUE)
        address = reverse("threads:write", args=[open_session.pk])
        offered = [
            'name="retelling"' in client.get(address).content.decode() for client in (browser, client_for(listener))
        ]
        assert offered == [True, False]

    def test_chosen_when_writing(self, browser: Client, open_session: DialogueSession, listening: Round) -> None:
        address = reverse("threads:write", args=[open_session.pk])
        form = browser.get(address).context["form"]
        fields = {field.name: str(field.value() or "") for field in form.hidden_fields()}
        browser.post(address, fields | {"body": "My story", "retelling": "on"})
        page = browser.post(address, fields | {"body": "My story", "retelling": "on", "go": "send"}, follow=True)
        assert page.status_code == 200
        assert [comment.wants_retelling for comment in Comment.objects.all()] == [True]

    def test_told_by_a_facilitator_stands_wherever_it_is_shown(
        self, browser: Client, rosa: Client, client_for: ClientFor, held: Comment, facilitator: User, listener: User
    ) -> None:
        session_id = held.thread.round.dialogue_session_id
        self.ask(browser, held)
        propose_words(fresh(held), version=2, text=NEW, by=facilitator)
        take_words(fresh(held), version=3)
        factories.make_comment(held.thread.round, state="approved")
        assert "Told by a facilitator" in rosa.get(url("item", held)).content.decode()
        release = reverse("moderation:release", args=[held.thread.round_id])
        assert "Told by a facilitator" in rosa.get(release).content.decode()
        release_batch(held.thread.round, by=facilitator)
        for client in (browser, rosa, client_for(listener)):
            room = client.get(reverse("threads:room", args=[session_id])).content.decode()
            assert (room.count("Told by a facilitator"), OWN in room) == (1, False)
        mine = browser.get(reverse("threads:mine", args=[session_id])).content.decode()
        assert "Told by a facilitator. You said yes to these words." in mine
