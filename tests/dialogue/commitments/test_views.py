"""The pages of promises: of listeners, of a session, of the team."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import ListenerProfile, Participant, Pledge, User, today
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.desk.queries import home
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round
from dialogue.sessions.models import State as SessionState
from tests import factories
from tests.dialogue.commitments import helpers
from tests.dialogue.commitments.helpers import every_session_is
from tests.reading import grade, text_of

head, promising = helpers.head, helpers.promising
State = Commitment.State
ClientFor = Callable[[User | Participant | None], Client]


def page(client: Client, name: str, pk: object = None, status: int = 200) -> str:
    answer = client.get(reverse(f"commitments:{name}", args=[pk] if pk else []))
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def said(page: str) -> str:
    """What the page says in words."""
    return " ".join(re.sub(r"<[^>]+>", " ", main_of(page)).split())


def ticket_in(page: str) -> str:
    return re.search(r'name="ticket" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]


def typed(page: str, **fields: Any) -> dict[str, Any]:
    """A promise as a form sends it."""
    plain = {
        "text": "No names are run on calls for help.",
        "measure": "The order is on our page.",
        "due_on": str(today() + timedelta(days=60)),
        "level": "personal",
        "unit": "",
        "seen": "",
        "ticket": ticket_in(page),
    }
    return plain | fields


def send(client: Client, name: str, pk: object, data: dict[str, Any]) -> Any:
    return client.post(reverse(f"commitments:{name}", args=[pk]), data, follow=True)


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


# --- From the proposal to the end, by hand -------------------------------------------------------------------------


def test_the_whole_way(
    client_for: ClientFor,
    promising: DialogueSession,
    listener: User,
    facilitator: User,
    participant: Participant,
) -> None:
    theirs, team, theirs_too = client_for(listener), client_for(facilitator), client_for(participant)
    room = theirs.get(reverse("threads:room", args=[promising.pk])).content.decode()
    assert reverse("commitments:propose", args=[promising.pk]) in room
    form = page(theirs, "propose", promising.pk)
    answer = send(theirs, "propose", promising.pk, typed(form))
    assert "Handed in. A facilitator reads it next." in text(answer)
    made = Commitment.objects.get()
    words = made.text
    assert words not in page(theirs_too, "in_session", promising.pk)
    # read
    assert "1 promise, or news of it, waits to be read." in text(
        team.get(reverse("sessions:manage", args=[promising.pk]))
    )
    waiting = page(team, "to_read")
    assert reverse("commitments:read", args=[made.pk]) in waiting
    seen = re.search(r'name="seen" value="([^"]+)"', page(team, "read", made.pk)).group(1)  # type: ignore[union-attr]
    assert "Recorded." in text(send(team, "read", made.pk, {"record": "", "seen": seen}))
    shown = page(theirs_too, "in_session", promising.pk)
    assert words in shown
    assert "It does not bind anyone yet." in shown
    # adopted
    assert reverse("commitments:adopt", args=[made.pk]) in page(theirs, "own", made.pk)
    asked = said(page(theirs, "adopt", made.pk))
    for follows in ("It is public from now on, for good", "reads that it is late", "Nobody can take it off the list"):
        assert follows in asked
    assert "It is promised." in text(send(theirs, "adopt", made.pk, {}))
    assert "does not wait for your word" in text(send(theirs, "adopt", made.pk, {}))
    # news
    form = page(theirs, "news", made.pk)
    news = {"kind": "done", "text": "It is posted.", "evidence_url": "https://police.example/order", "seen": ""}
    assert "Handed in." in text(send(theirs, "news", made.pk, news | {"ticket": ticket_in(form)}))
    update = CommitmentUpdate.objects.get()
    assert "News of it waits to be read" in page(theirs, "news", made.pk)
    inside = page(theirs, "own", made.pk)
    assert "Your news of it waits for a facilitator" in inside
    assert reverse("commitments:news", args=[made.pk]) not in inside
    read = page(team, "read_news", update.pk)
    assert "the promise counts as: Kept" in read
    assert 'href="https://police.example/order"' in read
    assert "It is out." in text(send(team, "read_news", update.pk, {"release": ""}))
    made.refresh_from_db()
    assert made.state == State.DONE
    assert "police.example" not in page(theirs_too, "in_session", promising.pk)


def test_a_double_post_is_one_row(client_for: ClientFor, promising: DialogueSession, listener: User) -> None:
    client = client_for(listener)
    data = typed(page(client, "propose", promising.pk))
    for _again in range(2):
        assert "Handed in." in text(send(client, "propose", promising.pk, data))
    assert Commitment.objects.count() == 1
    other = text(send(client, "propose", promising.pk, data | {"text": "Something else."}))
    assert "This one is different." in other
    assert "Something else." in other
    assert "Handed in." in text(
        send(client, "propose", promising.pk, data | {"ticket": ticket_in(other), "text": "B."})
    )
    assert Commitment.objects.count() == 2


def test_a_forged_ticket_makes_nothing(client_for: ClientFor, promising: DialogueSession, listener: User) -> None:
    client = client_for(listener)
    data = typed(page(client, "propose", promising.pk), ticket=str(uuid4()))
    assert "It was not sent yet." in text(send(client, "propose", promising.pk, data))
    assert not Commitment.objects.exists()


def test_what_shows_others_is_looked_at_once(client_for: ClientFor, promising: DialogueSession, listener: User) -> None:
    client = client_for(listener)
    data = typed(page(client, "propose", promising.pk), text="I will call Wendy Brightman back at 555-201-4433.")
    first = text(send(client, "propose", promising.pk, data))
    assert "Look at it before you hand it in" in first
    assert "555-201-4433" in first
    assert not Commitment.objects.exists()
    seen = re.search(r'name="seen" value="([^"]+)"', first).group(1)  # type: ignore[union-attr]
    again = data | {"seen": seen, "as_is": "1", "ticket": ticket_in(first)}
    assert "Handed in." in text(send(client, "propose", promising.pk, again))


def test_errors_keep_what_was_typed(client_for: ClientFor, promising: DialogueSession, listener: User) -> None:
    client = client_for(listener)
    data = typed(page(client, "propose", promising.pk), level="unit", due_on=str(today()), text="x" * 605)
    back = text(send(client, "propose", promising.pk, data))
    assert "5 characters too many." in back
    assert "x" * 605 in back
    right = text(send(client, "propose", promising.pk, data | {"text": "Fine.", "ticket": ticket_in(back)}))
    for words in ("Choose a day after today", "Please write something here."):
        assert words in right
    assert not Commitment.objects.exists()


def test_who_lost_the_place_keeps_the_words(client_for: ClientFor, promising: DialogueSession, listener: User) -> None:
    client = client_for(listener)
    data = typed(page(client, "propose", promising.pk))
    Pledge.objects.update(withdrawn_on=today())
    back = text(send(client, "propose", promising.pk, data))
    assert "You have no place in this session at the moment" in back
    assert data["text"] in back
    page(client, "propose", promising.pk, 404)
    page(client, "in_session", promising.pk, 404)


def test_why_not_now(client_for: ClientFor, open_session: DialogueSession, listener: User) -> None:
    client = client_for(listener)
    for name in ("propose", "in_session"):
        shown = page(client, name, open_session.pk)
        assert "You can propose a promise in a round about commitments, and after the talk has closed." in shown
    assert "<form" not in main_of(page(client, "propose", open_session.pk))


# --- Stale pages ---------------------------------------------------------------------------------------------------


def test_read_by_a_colleague_meanwhile(client_for: ClientFor, listener: User, facilitator: User) -> None:
    made = factories.make_commitment(State.HELD, owner=listener)
    team = client_for(made.dialogue_session.created_by)
    page(team, "read", made.pk)
    Commitment.objects.update(state=State.RETURNED, note="By when?")
    assert "dealt with this already" in text(send(team, "read", made.pk, {"record": "", "seen": "x"}))
    back = text(send(team, "read", made.pk, {"back": "", "seen": "x", "note": "My own note."}))
    assert "dealt with this already" in back
    assert "My own note." in back
    page(client_for(facilitator), "read", made.pk, 404)


def test_changed_since_it_was_read(client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(State.HELD, owner=listener)
    team = client_for(made.dialogue_session.created_by)
    seen = re.search(r'name="seen" value="([^"]+)"', page(team, "read", made.pk)).group(1)  # type: ignore[union-attr]
    Commitment.objects.update(text="Other words.")
    assert "Its words were changed" in text(send(team, "read", made.pk, {"record": "", "seen": seen}))
    back = text(send(team, "read", made.pk, {"back": "", "seen": seen, "note": "My own note."}))
    assert "Its words were changed" in back
    assert "Other words." in back
    assert "My own note." in back
    made.refresh_from_db()
    assert made.state == State.HELD


def test_news_dealt_with_meanwhile(client_for: ClientFor, listener: User) -> None:
    update = factories.make_update(factories.make_commitment(owner=listener))
    team = client_for(update.commitment.dialogue_session.created_by)
    assert "Please write something here." in text(send(team, "read_news", update.pk, {"back": "", "note": " "}))
    assert "It went back" in text(send(team, "read_news", update.pk, {"back": "", "note": "Where?"}))
    assert "dealt with this already" in text(send(team, "read_news", update.pk, {"release": ""}))
    back = text(send(team, "read_news", update.pk, {"back": "", "note": "My own note."}))
    assert "dealt with this already" in back
    assert "My own note." in back


def test_news_of_an_ended_promise_keeps_the_words(client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(owner=listener)
    client = client_for(listener)
    ticket = ticket_in(page(client, "news", made.pk))
    Commitment.objects.update(state=State.BROKEN, ended_on=today())
    data = {"kind": "progress", "text": "Half of it is done.", "evidence_url": "", "ticket": ticket, "seen": ""}
    back = text(send(client, "news", made.pk, data))
    assert "not running any more" in back
    assert "Half of it is done." in back


@pytest.mark.parametrize("name", ["revise", "adopt", "decline", "change"])
def test_steps_that_are_over_lead_to_the_promise(name: str, client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(State.DONE, owner=listener)
    answer = client_for(listener).get(reverse(f"commitments:{name}", args=[made.pk]))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("commitments:own", args=[made.pk]))


def test_returned_and_handed_in_again(client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(State.RETURNED, owner=listener, note="By when exactly?")
    client = client_for(listener)
    assert "By when exactly?" in page(client, "own", made.pk)
    form = page(client, "revise", made.pk)
    assert "By when exactly?" in form
    assert made.text in form
    data = typed(form.replace("<form", '<form name="ticket" value="-"'), text="By May.")
    assert "Handed in again." in text(send(client, "revise", made.pk, data))
    assert "does not wait for a change" in text(send(client, "revise", made.pk, data))
    made.refresh_from_db()
    assert (made.state, made.text) == (State.HELD, "By May.")


def test_a_change_is_handed_in_once(client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(owner=listener, level="agency")
    client = client_for(listener)
    form = page(client, "change", made.pk)
    assert made.text in form
    assert 'name="level"' not in form
    data = typed(form, text="By June instead.")
    for _again in range(2):
        assert "Handed in. Until it is adopted" in text(send(client, "change", made.pk, data))
    new = Commitment.objects.exclude(pk=made.pk).get()
    assert (new.level, new.replaces) == ("agency", made)
    assert "it takes the place of this one" in page(client, "own", new.pk)


def test_returned_news_begins_the_next(client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(owner=listener)
    factories.make_update(made, state="returned", text="We are on it.", note="Please say what was done.")
    form = page(client_for(listener), "news", made.pk)
    assert "Please say what was done." in form
    assert ">We are on it.</textarea>" in form.replace(">\n", ">")


# --- The team records ----------------------------------------------------------------------------------------------


def test_a_plan_becomes_a_promise(
    client_for: ClientFor, promising: DialogueSession, seat: ListenerSeat, facilitator: User
) -> None:
    client, plan = client_for(facilitator), seat.acknowledgment
    listed = page(client, "in_session", promising.pk)
    address = f"{reverse('commitments:enter', args=[promising.pk])}?plan={plan.pk}"
    assert address in listed
    form = html.unescape(client.get(address).content.decode())
    assert form.count(plan.plan) == 2  # to read, and to begin with
    data = typed(form, owner=str(seat.listener_id), text="No names are run.")
    assert "Recorded." in text(client.post(address, data, follow=True))
    assert "Recorded." in text(client.post(address, data, follow=True))
    made = Commitment.objects.get()
    assert (made.acknowledgment, made.owner, made.state) == (plan, seat.listener, State.PROPOSED)
    assert "A promise was made of it already." not in listed
    assert "A promise was made of it already." in page(client, "in_session", promising.pk)
    assert client.get(f"{reverse('commitments:enter', args=[promising.pk])}?plan={uuid4()}").status_code == 404


def test_only_listeners_of_the_session_can_be_chosen(
    client_for: ClientFor, promising: DialogueSession, other_listener: User, facilitator: User
) -> None:
    client = client_for(facilitator)
    data = typed(page(client, "enter", promising.pk), owner=str(other_listener.pk))
    answer = send(client, "enter", promising.pk, data)
    assert answer.status_code == 200
    assert not Commitment.objects.exists()


def test_recording_has_its_time(client_for: ClientFor, promising: DialogueSession, facilitator: User) -> None:
    every_session_is(SessionState.PREPARING)
    assert "while a session is open, and in its follow-up" in page(client_for(facilitator), "enter", promising.pk)


def test_called_broken_asks_once(client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(owner=listener, due_on=today() - timedelta(days=31))
    client = client_for(made.dialogue_session.created_by)
    assert reverse("commitments:read", args=[made.pk]) in page(client, "to_read")
    form = page(client, "call_broken", made.pk)
    assert "It can’t be undone." in form
    data = {"text": "Nobody told what became of it.", "seen": "", "ticket": ""}
    assert "It counts as broken" in text(send(client, "call_broken", made.pk, data))
    back = text(send(client, "call_broken", made.pk, data))
    assert "not running any more" in back
    assert "Nobody told what became of it." in back
    assert CommitmentUpdate.objects.count() == 1


# --- Who sees what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["held", "returned"])
def test_what_was_not_read_reaches_its_owner_and_the_team_only(
    state: str, client_for: ClientFor, promising: DialogueSession, listener: User, head: User, participant: Participant
) -> None:
    made = factories.make_commitment(
        state, owner=listener, dialogue_session=promising, text="Zanzibar.", level="agency", measure="Quagga."
    )
    colleague = factories.make_listener(listener.agency)
    factories.make_seat(promising, colleague)
    assert "Zanzibar." in page(client_for(listener), "mine")
    for person in (colleague, participant):
        shown = page(client_for(person), "in_session", promising.pk)
        assert "Zanzibar." not in shown
        assert "Quagga." not in shown
    for other in (colleague, head):
        assert "Zanzibar." not in page(client_for(other), "mine")
        page(client_for(other), "own", made.pk, 404)


def test_what_was_declined_leaves_the_session(
    client_for: ClientFor, promising: DialogueSession, listener: User, head: User, participant: Participant
) -> None:
    made = factories.make_commitment(
        State.PROPOSED, owner=listener, dialogue_session=promising, text="Zanzibar.", level="agency"
    )
    assert "Zanzibar." in page(client_for(participant), "in_session", promising.pk)
    assert "Zanzibar." in page(client_for(head), "mine")
    assert "It did not become a promise." in text(send(client_for(head), "decline", made.pk, {}))
    assert "Zanzibar." not in page(client_for(participant), "in_session", promising.pk)
    assert "Zanzibar." not in page(client_for(head), "mine")
    assert "Zanzibar." in page(client_for(listener), "own", made.pk)
    assert "Zanzibar." in page(client_for(promising.created_by), "read", made.pk)


def test_a_closed_account_s_promises_pass_to_the_head(client_for: ClientFor, listener: User, head: User) -> None:
    made = factories.make_commitment(owner=listener)
    page(client_for(head), "own", made.pk, 404)
    User.objects.filter(pk=listener.pk).update(is_active=False)
    assert reverse("commitments:news", args=[made.pk]) in page(client_for(head), "own", made.pk)


def test_notes_of_the_team_stay_inside(
    client_for: ClientFor, promising: DialogueSession, listener: User, participant: Participant
) -> None:
    made = factories.make_commitment(owner=listener, dialogue_session=promising)
    factories.make_update(made, state="returned", text="Zanzibar.", note="Quagga.")
    shown = page(client_for(participant), "in_session", promising.pk)
    assert "Zanzibar." not in shown
    assert "Quagga." not in shown


def test_after_the_purge_any_facilitator_reads(client_for: ClientFor, listener: User, other_facilitator: User) -> None:
    made = factories.make_commitment(State.HELD, owner=listener)
    update = factories.make_update(factories.make_commitment(owner=listener))
    client = client_for(other_facilitator)
    page(client, "read", made.pk, 404)
    page(client, "read_news", update.pk, 404)
    every_session_is(SessionState.PURGED)
    assert made.text in page(client, "read", made.pk)
    assert update.text in page(client, "read_news", update.pk)
    assert {tile["to"]: tile["number"] for tile in home(other_facilitator)["tiles"]}["commitments:to_read"] == 2


# --- What is expected ----------------------------------------------------------------------------------------------


def test_the_home_page_says_what_is_expected(client_for: ClientFor, listener: User, head: User) -> None:
    factories.make_commitment(State.RETURNED, owner=listener, text="One.")
    factories.make_commitment(State.PROPOSED, owner=listener, text="Two.")
    factories.make_commitment(owner=listener, due_on=today() - timedelta(days=3), text="Three.")
    factories.make_commitment(owner=listener, text="Four.")
    office = factories.make_commitment(State.PROPOSED, owner=listener, text="Five.", level="agency")
    theirs = said(client_for(listener).get("/listener/").content.decode())
    assert "Next step: Change a promise that came back One." in theirs
    for later in ("Say yes or no to a promise Two.", "Say what became of a promise: it is late Three."):
        assert later in theirs
    assert "Four." not in theirs
    assert "Five." not in theirs
    heads = client_for(head).get("/listener/").content.decode()
    assert "Say yes or no to a promise Five." in said(heads)
    assert reverse("commitments:own", args=[office.pk]) in heads
    mine = said(page(client_for(listener), "mine"))
    assert "It is 3 days late. Say what became of it." in mine


def test_a_lapse_does_not_hide_what_is_late(client_for: ClientFor, listener: User) -> None:
    made = factories.make_commitment(owner=listener, due_on=today() - timedelta(days=3))
    Pledge.objects.update(withdrawn_on=today())
    ListenerProfile.objects.filter(user=listener).update(
        verified_by=None, verified_on=None, verified_until=None, verification_method=""
    )
    assert reverse("commitments:news", args=[made.pk]) in client_for(listener).get("/listener/").content.decode()
    assert "Hand it in" in page(client_for(listener), "news", made.pk)


def test_the_room_offers_it_in_its_round_only(
    client_for: ClientFor, promising: DialogueSession, listener: User, participant: Participant
) -> None:
    address, propose = (reverse(f"commitments:{name}", args=[promising.pk]) for name in ("in_session", "propose"))

    def room(person: User | Participant) -> str:
        return client_for(person).get(reverse("threads:room", args=[promising.pk])).content.decode()

    assert address in room(participant)
    assert propose not in room(participant)
    assert propose in room(listener)
    assert "You can say in the room what you want them to do." in page(
        client_for(participant), "in_session", promising.pk
    )
    Round.objects.filter(state="open").update(kind="dialogue")
    assert propose not in room(listener)
    assert address in room(listener)


def test_participants_read_plain_words(
    client_for: ClientFor, promising: DialogueSession, participant: Participant
) -> None:
    client = client_for(participant)
    for made in (None, State.PROPOSED, State.ADOPTED):
        if made:
            factories.make_commitment(made, dialogue_session=promising, text="We stop it.", measure="You see it.")
        assert grade(text_of(page(client, "in_session", promising.pk))) <= 6


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize(
    ("who", "name", "queries"),
    [
        ("listener", "mine", 5),
        ("participant", "in_session", 6),
        ("listener", "in_session", 10),
        ("facilitator", "in_session", 8),
        ("facilitator", "to_read", 6),
    ],
)
def test_queries(
    rows: int,
    who: str,
    name: str,
    queries: int,
    client_for: ClientFor,
    promising: DialogueSession,
    request: pytest.FixtureRequest,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    listener = request.getfixturevalue("listener")
    for _row in range(rows):
        for state in (State.HELD, State.PROPOSED, State.ADOPTED):
            factories.make_commitment(state, owner=listener, dialogue_session=promising)
        late = factories.make_commitment(
            owner=listener, dialogue_session=promising, due_on=today() - timedelta(days=40)
        )
        factories.make_update(factories.make_commitment(owner=listener, dialogue_session=promising))
        factories.make_update(late, state="released")
    client = client_for(request.getfixturevalue(who))
    address = reverse(f"commitments:{name}", args=[promising.pk] if name == "in_session" else [])
    client.get(address)
    with django_assert_num_queries(queries):
        client.get(address)
