"""The ego guard where listeners and staff write: asked once, sent as they decide, counted without words."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, Role, User, today
from dialogue.acknowledgments import actions as first_moves
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.egoguard.actions import Writer, count_shown
from dialogue.egoguard.kinds import Kind
from dialogue.egoguard.models import NudgeCount
from dialogue.egoguard.queries import shown_to_listeners
from dialogue.facts.models import Fact
from dialogue.messages.models import PrivateMessage
from dialogue.moderation.actions import claim_comment, return_comment
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.reflections.models import Reflection
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.models import Comment
from tests import factories
from tests.dialogue.reflections.stage import Stage, at_reflection, tell_back
from tests.dialogue.threads.test_views import fields_of, next_round
from tests.racing import at_once

ClientFor = Callable[[User | Participant | None], Client]
stage = at_reflection
TEXT = "I am sorry if anyone was hurt. Mistakes were made."
HARMLESS = "I am sorry that I took your tent."
SHOWN = ["“I am sorry if”", "“Mistakes were made”"]


def page_of(response: Any) -> str:
    return unescape(response.content.decode())


def asked_about(response: Any) -> list[str]:
    """The words that a page asks to think about."""
    return re.findall(r"<bdi translate=\"no\">(“.*?”)</bdi>", page_of(response))


def next_fields(response: Any) -> dict[str, str]:
    return {field.name: str(field.value() or "") for field in response.context["form"].hidden_fields()}


def counts() -> dict[tuple[str, str], int]:
    return {(row.role, row.kind): row.times for row in NudgeCount.objects.all()}


IN_TIME = timedelta(days=60)
ONCE = {("listener", "conditional_apology"): 1, ("listener", "excuse"): 1}
STAFF_ONCE = {("facilitator", "conditional_apology"): 1, ("facilitator", "excuse"): 1}


@pytest.fixture
def dialogue_round(open_session: DialogueSession) -> Round:
    return next_round(open_session, RoundKind.DIALOGUE)


@pytest.fixture
def hale(client_for: ClientFor, listener: User) -> Client:
    return client_for(listener)


@pytest.fixture
def rosa(client_for: ClientFor, facilitator: User) -> Client:
    return client_for(facilitator)


@pytest.fixture
def heard(open_session: DialogueSession) -> ListenerSeat:
    """The listener's seat, once somebody has said that he listened."""
    seat = open_session.seats.get()
    seat.heard = ListenerSeat.Heard.CONFIRMED
    seat.save(update_fields=["heard"])
    return seat


@pytest.mark.usefixtures("dialogue_round", "heard")
class TestAListenersText:
    def test_comes_back_once_with_a_better_way_and_goes_as_it_is(
        self, hale: Client, open_session: DialogueSession
    ) -> None:
        url = reverse("threads:write", args=[open_session.pk])
        asked = hale.post(url, fields_of(hale, url) | {"body": TEXT})
        page = page_of(asked)
        assert asked_about(asked) == SHOWN
        assert "<mark><bdi>Mistakes were made</bdi> <small>(a reason)</small></mark>" in page
        assert "Say who did it: “I did …”, “my unit did …”." in page
        assert ("show who somebody is" in page, "Read it once more" in page) == (False, True)
        assert (Comment.objects.exists(), counts()) == (False, ONCE)
        sent = hale.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"})
        assert (sent.status_code, Comment.objects.count(), counts()) == (302, 1, ONCE)

    def test_stands_beside_what_could_show_who_somebody_is(self, hale: Client, open_session: DialogueSession) -> None:
        url = reverse("threads:write", args=[open_session.pk])
        page = page_of(hale.post(url, fields_of(hale, url) | {"body": "My number is 215-555-0142, you junkies."}))
        assert ("215-555-0142</bdi> <small>(phone number)" in page, "(a word for people)" in page) == (True, True)
        assert "It was not sent yet. These words could show who somebody is" in page

    def test_is_asked_about_again_only_for_what_is_new(self, hale: Client, open_session: DialogueSession) -> None:
        url = reverse("threads:write", args=[open_session.pk])
        asked = hale.post(url, fields_of(hale, url) | {"body": TEXT})
        again = hale.post(url, next_fields(asked) | {"body": TEXT})  # "check again", nothing changed
        assert (again.status_code, counts()) == (200, ONCE)
        more = hale.post(url, next_fields(again) | {"body": f"{TEXT} All lives matter.", "as_is": "1"})
        assert (more.status_code, counts()) == (200, ONCE | {("listener", "equalizing"): 1})
        assert hale.post(url, next_fields(more) | {"body": HARMLESS}).status_code == 302

    def test_that_came_back_is_looked_at_again(
        self, hale: Client, dialogue_round: Round, heard: ListenerSeat, facilitator: User
    ) -> None:
        comment = factories.make_comment(dialogue_round, seat=heard, text=HARMLESS)
        claim_comment(comment, version=1, by=facilitator)
        comment = return_comment(comment, version=1, reason="off_topic", note="", by=facilitator)
        url = reverse("threads:revise", args=[comment.pk])
        asked = hale.post(url, {"body": TEXT, "version": comment.version})
        assert (asked_about(asked), counts()) == (SHOWN, ONCE)
        assert hale.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"}).status_code == 302


class TestAParticipantsText:
    """Nothing of this ever, whatever they write."""

    def test_in_the_room(
        self, client_for: ClientFor, participant: Participant, open_session: DialogueSession, facilitator: User
    ) -> None:
        browser = client_for(participant)
        url = reverse("threads:write", args=[open_session.pk])
        assert browser.post(url, fields_of(browser, url) | {"body": TEXT}).status_code == 302
        comment = Comment.objects.get()
        claim_comment(comment, version=1, by=facilitator)
        comment = return_comment(comment, version=1, reason="off_topic", note="", by=facilitator)
        revised = browser.post(reverse("threads:revise", args=[comment.pk]), {"body": TEXT, "version": comment.version})
        assert (revised.status_code, counts()) == (302, {})

    def test_in_a_message_and_a_correction(self, client_for: ClientFor, participant: Participant, stage: Stage) -> None:
        browser = client_for(participant)
        url = reverse("messages:mine", args=[stage.dialogue_session.pk])
        typed = fields_of(browser, url) | {"body": TEXT, "kind": "question"}
        assert (browser.post(url, typed).status_code, PrivateMessage.objects.count()) == (302, 1)
        reflection = tell_back(stage)
        url = reverse("reflections:answer", args=[reflection.pk])
        assert browser.post(url, fields_of(browser, url) | {"body": TEXT}).status_code == 302
        assert counts() == {}

    def test_when_the_team_proposes_other_words_for_it(
        self, rosa: Client, listening: Round, alias: Alias, facilitator: User
    ) -> None:
        comment = claim_comment(factories.make_comment(listening, alias, text=TEXT), version=1, by=facilitator)
        url = reverse("moderation:propose", args=[comment.pk])
        shown = rosa.post(url, {"version": 1, "body": f"{TEXT} There.", "note": "The street is out.", "look": "1"})
        assert (shown.status_code, asked_about(shown), counts()) == (200, [], {})


def test_a_reflection(hale: Client, stage: Stage) -> None:
    url = reverse("reflections:write", args=[stage.story.pk])
    asked = hale.post(url, fields_of(hale, url) | {"body": TEXT})
    assert (asked_about(asked), counts()) == (SHOWN, ONCE)
    assert hale.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"}).status_code == 302
    assert Reflection.objects.count() == 1


class TestAnAcknowledgment:
    @pytest.fixture
    def seat(self, announced: DialogueSession, listener: User) -> ListenerSeat:
        return factories.make_seat(announced, listener, ListenerSeat.State.APPLIED)

    def test_is_looked_at_once_before_it_is_handed_in(self, hale: Client, seat: ListenerSeat) -> None:
        five = dict.fromkeys(PARTS, HARMLESS) | {"apology": TEXT}
        checked = hale.post(reverse("acknowledgments:write", args=[seat.pk]), five | {"check": ""})
        assert counts() == ONCE
        page = hale.get(checked.headers["Location"])
        assert (asked_about(page), counts()) == (SHOWN, ONCE)  # looking counts nothing
        assert "<mark><bdi>I am sorry if</bdi>" in page_of(page)
        assert hale.post(checked.headers["Location"]).status_code == 200  # a form that did not show it
        sent = hale.post(checked.headers["Location"], {"seen": page.context["check"].seen})
        assert (sent.status_code, Acknowledgment.objects.get().state) == (302, "submitted")

    def test_without_anything_to_think_about_goes_in_one_step(self, hale: Client, seat: ListenerSeat) -> None:
        first_moves.save_draft(seat, parts=dict.fromkeys(PARTS, HARMLESS))
        assert hale.post(reverse("acknowledgments:hand_in", args=[seat.pk])).status_code == 302
        assert counts() == {}


class TestStaff:
    @pytest.fixture
    def opened(self, listening: Round, alias: Alias, facilitator: User) -> Comment:
        return claim_comment(factories.make_comment(listening, alias), version=1, by=facilitator)

    def test_a_note_to_an_author(self, rosa: Client, opened: Comment) -> None:
        url = reverse("moderation:return", args=[opened.pk])
        given = {"version": 1, "reason": "off_topic", "note": TEXT}
        asked = rosa.post(url, given)
        assert (asked_about(asked), counts()) == (SHOWN, STAFF_ONCE)
        assert not ModerationDecision.objects.exists()
        sent = rosa.post(url, next_fields(asked) | given | {"as_is": "1"})
        assert (sent.status_code, ModerationDecision.objects.count()) == (302, 1)
        assert counts() == STAFF_ONCE

    def test_a_note_with_other_words(self, rosa: Client, opened: Comment) -> None:
        url = reverse("moderation:propose", args=[opened.pk])
        given = {"version": 1, "body": "They took my bag there.", "note": TEXT}
        shown = rosa.post(url, given | {"look": "1"})
        assert (asked_about(shown), counts()) == (SHOWN, STAFF_ONCE)
        assert rosa.post(url, given | {"send": "1"}).status_code == 302
        assert ProposedEdit.objects.count() == 1

    def test_an_answer_to_a_message(self, rosa: Client, alias: Alias) -> None:
        url = reverse("messages:conversation", args=[alias.pk])
        asked = rosa.post(url, fields_of(rosa, url) | {"body": TEXT})
        assert (asked_about(asked), counts(), PrivateMessage.objects.count()) == (SHOWN, STAFF_ONCE, 0)
        sent = rosa.post(url, next_fields(asked) | {"body": TEXT, "as_is": "1"})
        assert (sent.status_code, PrivateMessage.objects.count()) == (302, 1)

    def test_a_fact(self, rosa: Client, open_session: DialogueSession) -> None:
        url = reverse("facts:add", args=[open_session.pk])
        given = {"statement": TEXT, "source": "Annual report, page 3"}
        asked = rosa.post(url, given)
        assert (asked_about(asked), counts(), Fact.objects.count()) == (SHOWN, STAFF_ONCE, 0)
        assert rosa.post(url, next_fields(asked) | given | {"as_is": "1"}).status_code == 302
        assert Fact.objects.count() == 1


@pytest.mark.usefixtures("heard")
class TestAPromise:
    def test_is_looked_at_once(self, hale: Client, open_session: DialogueSession) -> None:
        next_round(open_session, RoundKind.COMMITMENTS)
        url = reverse("commitments:propose", args=[open_session.pk])
        given = {"level": "personal", "text": TEXT, "measure": "It is posted.", "due_on": str(today() + IN_TIME)}
        asked = hale.post(url, fields_of(hale, url) | given)
        assert (asked_about(asked), counts(), Commitment.objects.count()) == (SHOWN, ONCE, 0)
        assert hale.post(url, next_fields(asked) | given | {"as_is": "1"}).status_code == 302
        assert Commitment.objects.count() == 1

    def test_news_of_it_too(self, hale: Client, listener: User, open_session: DialogueSession) -> None:
        promise = factories.make_commitment(owner=listener, dialogue_session=open_session)
        url = reverse("commitments:news", args=[promise.pk])
        asked = hale.post(url, fields_of(hale, url) | {"kind": "progress", "text": TEXT})
        assert (asked_about(asked), counts(), CommitmentUpdate.objects.count()) == (SHOWN, ONCE, 0)


class TestTheCounts:
    def test_say_how_often_in_the_order_of_the_kinds_and_only_for_listeners(
        self, open_session: DialogueSession
    ) -> None:
        writer = Writer(open_session.pk, Role.LISTENER)
        count_shown(writer, [Kind.ADVICE, Kind.BUT])
        count_shown(writer, [Kind.ADVICE])
        count_shown(Writer(open_session.pk, Role.FACILITATOR), [Kind.STIGMA])
        assert shown_to_listeners(open_session) == [(Kind.BUT.label, 1), (Kind.ADVICE.label, 2)]

    def test_are_read_by_the_team_of_that_session_and_by_nobody_else(
        self,
        client_for: ClientFor,
        open_session: DialogueSession,
        facilitator: User,
        other_facilitator: User,
        operator: User,
        listener: User,
        participant: Participant,
    ) -> None:
        words = "What listeners were asked to think about"
        url = reverse("sessions:manage", args=[open_session.pk])
        assert words not in page_of(client_for(facilitator).get(url))
        count_shown(Writer(open_session.pk, Role.LISTENER), [Kind.ADVICE])
        assert words in page_of(client_for(facilitator).get(url))
        others = [client_for(one).get(url) for one in (other_facilitator, operator, listener, participant, None)]
        assert {page.status_code for page in others} <= {302, 403, 404}
        for one in (listener, participant, other_facilitator, None):
            for name in ("threads:room", "sessions:detail"):
                assert words not in page_of(client_for(one).get(reverse(name, args=[open_session.pk])))

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_are_two(self, open_session: DialogueSession) -> None:
        writer = Writer(open_session.pk, Role.LISTENER)
        at_once(
            lambda: count_shown(writer, [Kind.ADVICE, Kind.BUT]),
            lambda: count_shown(writer, [Kind.BUT, Kind.ADVICE]),
        )
        assert counts() == {("listener", "advice"): 2, ("listener", "but"): 2}
