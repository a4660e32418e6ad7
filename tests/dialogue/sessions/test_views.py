"""The pages of sessions: what they show to whom, and what their forms do."""

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Agency, Participant, Pledge, User, today
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_aliases import join_session
from dialogue.sessions.agenda import TEMPLATE
from dialogue.sessions.forms import SessionForm
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.sessions.models_guards import Guard
from tests import factories, reading

Browser = Callable[[User | Participant | None], Client]


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def typed(agency: Agency, *people: User, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Who comes when you call",
        "topic": "Calling for help",
        "about": "What people weigh before they call.",
        "agencies": [str(agency.pk)],
        "facilitators": [str(person.pk) for person in people],
        "format": "live",
        "time_zone": "America/Chicago",
        "starts_at": "2036-11-01T18:00",
        "ends_at": "2036-11-01T21:00",
        "capacity": "10",
        "minimum": "4",
        "venue": "community",
        "listener_places": "3",
        "roster_days": "5",
        "answers_needed": "4",
        "enough_share": "60",
        "reading_hours": "6",
        "record_label": "chatham",
        "agreements": "We listen to the end.",
        "legal_basis": "Nothing here is privileged.",
    } | fields


@pytest.mark.django_db
def test_a_facilitator_plans_a_session(client_for: Browser, facilitator: User, peer: User, agency: Agency) -> None:
    client = client_for(facilitator)
    response = client.post("/desk/sessions/new/", typed(agency, peer))
    session = DialogueSession.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/desk/sessions/{session.pk}/")
    assert set(session.facilitators.all()) == {facilitator, peer}
    assert session.starts_at.isoformat() == "2036-11-01T23:00:00+00:00"
    assert (session.capacity, session.minimum, session.reading_hours) == (10, 4, 6)
    assert (session.venue, session.listener_places, session.roster_days) == ("community", 3, 5)
    assert (session.answers_needed, session.enough_share) == (4, 60)
    page = text_of(client.get(f"/desk/sessions/{session.pk}/"))
    assert "Step 1 of 5: Draft" in page
    assert "No help line is listed yet." in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "This field is required."),
        ({"ends_at": "2036-11-01T18:00"}, "The end must come after the start."),
        ({"starts_at": "2036-03-09T02:30", "ends_at": "2036-03-10T02:30"}, "this hour does not exist"),
        ({"minimum": "11"}, "This can’t be more than the places there are."),
        ({"capacity": "99999999999999999999"}, "less than or equal to 60"),
        ({"venue": "moon"}, "Select a valid choice."),
        ({"listener_places": "0"}, "greater than or equal to 1"),
        ({"roster_days": "61"}, "less than or equal to 60"),
        ({"answers_needed": "1"}, "greater than or equal to 2"),
        ({"answers_needed": "5"}, "This can’t be more than the fewest participants"),
        ({"minimum": "3"}, "This can’t be more than the fewest participants"),
        ({"enough_share": "100"}, "less than or equal to 99"),
        ({"starts_at": "soon"}, "Enter a valid date/time."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"about": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_form_keeps_what_was_typed(
    fields: dict[str, str], said: str, client_for: Browser, facilitator: User, peer: User, agency: Agency
) -> None:
    response = client_for(facilitator).post(
        "/desk/sessions/new/", typed(agency, facilitator, peer, legal_basis="Typed with care", **fields)
    )
    page = text_of(response)
    assert response.status_code == 200
    assert said in page
    assert 'class="summary-of-errors"' in page
    assert "Typed with care" in page
    assert "<title>Error:" in page
    assert DialogueSession.objects.count() == 0


@pytest.mark.django_db
def test_a_double_booking_is_said_at_the_field(
    client_for: Browser, facilitator: User, peer: User, agency: Agency
) -> None:
    client = client_for(facilitator)
    client.post("/desk/sessions/new/", typed(agency, peer))
    page = text_of(client.post("/desk/sessions/new/", typed(agency, peer, title="The same evening")))
    assert "Already leads another session at that time: Jo Amari, Rosa Lindqvist." in page
    assert 'value="The same evening"' in page
    assert DialogueSession.objects.count() == 1


@pytest.mark.django_db
def test_the_form_shows_times_in_the_sessions_zone_and_saves_what_it_shows(
    client_for: Browser, facilitator: User, peer: User, agency: Agency
) -> None:
    client = client_for(facilitator)
    client.post("/desk/sessions/new/", typed(agency, peer))
    session = DialogueSession.objects.get()
    page = text_of(client.get(f"/desk/sessions/{session.pk}/edit/"))
    assert 'value="2036-11-01T18:00"' in page
    client.post(f"/desk/sessions/{session.pk}/edit/", typed(agency, peer, title="Another title"))
    after = DialogueSession.objects.get()
    assert (after.title, after.starts_at, after.ends_at) == ("Another title", session.starts_at, session.ends_at)


@pytest.mark.django_db
def test_after_the_announcement_the_form_changes_only_what_may_change(
    client_for: Browser, announced: DialogueSession, facilitator: User, peer: User, agency: Agency
) -> None:
    client = client_for(facilitator)
    response = client.post(
        f"/desk/sessions/{announced.pk}/edit/",
        typed(agency, facilitator, peer, agreements="Nothing is agreed", starts_at="2040-01-01T10:00"),
    )
    assert response.status_code == 302
    after = DialogueSession.objects.get()
    assert (after.title, after.capacity) == ("Who comes when you call", 10)
    assert (after.agreements, after.starts_at, after.record_label) == (
        announced.agreements,
        announced.starts_at,
        announced.record_label,
    )
    stands = ("venue", "listener_places", "roster_days", "answers_needed", "enough_share")
    assert [getattr(after, name) for name in stands] == ["online", 4, 3, 3, 50]


@pytest.mark.django_db
def test_what_stands_fast_is_said_once(
    client_for: Browser, announced: DialogueSession, facilitator: User, other_facilitator: User
) -> None:
    client, why = client_for(facilitator), "Fields that you can’t type in stand fast"
    assert text_of(client.get(f"/desk/sessions/{announced.pk}/edit/")).count(why) == 1
    draft = factories.make_session(State.DRAFT, team=[other_facilitator])
    assert SessionForm(instance=draft, by=other_facilitator).lead == ""


@pytest.mark.django_db
def test_the_form_shows_each_field_once_under_a_heading(client_for: Browser, facilitator: User) -> None:
    form = SessionForm(by=facilitator)
    grouped = [field.name for _heading, fields in form.groups for field in fields]
    assert sorted(grouped) == sorted(form.fields)
    page = text_of(client_for(facilitator).get("/desk/sessions/new/"))
    headings = re.findall(r"<section><h2>([^<]+)</h2>", page)
    assert headings == [heading for heading, _fields in form.groups]


@pytest.mark.django_db
def test_from_draft_to_closed_by_hand(client_for: Browser, facilitator: User, peer: User, agency: Agency) -> None:
    client = client_for(facilitator)
    factories.make_resource()
    client.post("/desk/sessions/new/", typed(agency, peer, minimum="2", answers_needed="2"))
    session = DialogueSession.objects.get()
    factories.waive_guards(session, Guard.FEW_PARTICIPANTS, Guard.MANY_LISTENERS)
    base = f"/desk/sessions/{session.pk}/"

    def next_step() -> str:
        """Follow the one big next action, confirm it if it asks, and return the state of the session."""
        page = text_of(client.get(base))
        part = page[page.index('class="next-step"') : page.index("</section>", page.index('class="next-step"'))]
        address = re.search(r'(?:action|href)="([^"]+)"', part)
        assert address
        assert client.post(address[1]).headers["Location"] in (base, f"{base}run/")
        session.refresh_from_db()
        return session.state

    assert next_step() == "announced"
    for _ in range(2):
        factories.make_alias(session)
    seat = factories.make_seat(session, factories.make_listener(agency), state=ListenerSeat.State.APPLIED)
    ListenerSeat.objects.update(acknowledged_on=today(), accepted_on=today())
    assert client.post(f"/desk/seats/{seat.pk}/place/").status_code == 302
    assert [next_step(), next_step()] == ["preparing", "open"]
    assert [next_step() for _ in range(14)] == ["open"] * 14
    assert next_step() == "follow_up"
    assert "Show the report to the participants" in text_of(client.get(base))
    assert set(session.rounds.values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db
def test_an_old_page_does_not_take_the_step_after(
    client_for: Browser, announced: DialogueSession, facilitator: User
) -> None:
    client = client_for(facilitator)
    response = client.post(f"/desk/sessions/{announced.pk}/move-on/?to=announced", follow=True)
    assert "The session is no longer where this step starts." in text_of(response)
    announced.refresh_from_db()
    assert announced.state == State.ANNOUNCED


@pytest.mark.django_db
def test_a_closed_gate_says_what_is_missing(client_for: Browser, draft: DialogueSession, facilitator: User) -> None:
    client = client_for(facilitator)
    assert "Something is still missing." in text_of(
        client.post(f"/desk/sessions/{draft.pk}/move-on/?to=announced", follow=True)
    )
    page = text_of(client.get(f"/desk/sessions/{draft.pk}/"))
    for said in ("No agency is invited yet.", "No help line is listed yet.", "The agenda must end with a closing."):
        assert said in page
    assert f'href="/desk/sessions/{draft.pk}/agenda/"' in page
    assert 'href="/desk/help-lines/"' in page


@pytest.mark.django_db
def test_pause_resume_postpone_cancel(client_for: Browser, announced: DialogueSession, facilitator: User) -> None:
    client, base = client_for(facilitator), f"/desk/sessions/{announced.pk}/"
    assert "This field is required." in text_of(client.post(f"{base}pause/", {"reason": " "}))
    client.post(f"{base}pause/", {"reason": "A storm"})
    assert "A storm" in text_of(client.get(base))
    assert "A storm" in text_of(client.get(f"/sessions/{announced.pk}/"))
    client.post(f"{base}resume/")
    page = text_of(client.post(f"{base}postpone/", {"starts_at": "2020-01-01T10:00", "ends_at": "2020-01-01T12:00"}))
    assert "The start must lie in the future." in page
    assert 'value="2020-01-01T10:00"' in page
    client.post(f"{base}postpone/", {"starts_at": "2040-01-01T10:00", "ends_at": "2040-01-01T12:00"})
    announced.refresh_from_db()
    assert (announced.paused, announced.schedule_version, announced.starts_at.isoformat()) == (
        False,
        2,
        "2040-01-01T15:00:00+00:00",
    )
    client.post(f"{base}cancel/", {"reason": "Too few people"})
    announced.refresh_from_db()
    assert (announced.state, announced.cancel_reason) == (State.CANCELLED, "Too few people")
    assert Client().get(f"/sessions/{announced.pk}/").status_code == 404
    assert "Too few people" in text_of(client.get(base))


@pytest.mark.django_db
def test_other_times_at_which_the_team_leads_another_session(
    client_for: Browser, announced: DialogueSession, facilitator: User
) -> None:
    moment, old = timezone.now() + timedelta(days=40), announced.starts_at
    team = [facilitator, factories.make_facilitator(is_peer=True)]
    factories.make_session(State.ANNOUNCED, team=team, starts_at=moment)
    typed = {"starts_at": f"{moment:%Y-%m-%d}T15:00", "ends_at": f"{moment + timedelta(days=1):%Y-%m-%d}T20:00"}
    page = client_for(facilitator).post(f"/desk/sessions/{announced.pk}/postpone/", typed | {"anyway": "on"})
    assert page.status_code == 200
    assert f"Already leads another session at that time: {facilitator.name}." in text_of(page)
    assert f'value="{typed["starts_at"]}"' in text_of(page)
    announced.refresh_from_db()
    assert announced.starts_at == old


@pytest.mark.django_db
def test_the_agenda_is_changed_by_hand(client_for: Browser, draft: DialogueSession, facilitator: User) -> None:
    client, base = client_for(facilitator), f"/desk/sessions/{draft.pk}/agenda/"
    closing = factories.make_round(draft, RoundKind.CLOSING, Round.State.PLANNED)
    client.post(f"{base}add/", {"kind": "opening", "prompt": "Welcome", "before": str(closing.pk)})
    opening = draft.rounds.get(kind="opening")
    assert [opening.number, opening.prompt] == [1, "Welcome"]
    page = text_of(client.post(f"/desk/rounds/{opening.pk}/edit/", {"kind": "opening", "prompt": ""}))
    assert "This field is required." in page
    client.post(f"/desk/rounds/{opening.pk}/edit/", {"kind": "listening", "prompt": "Tell one story"})
    client.post(f"/desk/rounds/{opening.pk}/move/", {"to": "later"})
    assert list(draft.rounds.order_by("number").values_list("kind", flat=True)) == ["closing", "listening"]
    assert "The agenda must begin with an opening" in text_of(client.get(base))
    client.post(f"/desk/rounds/{opening.pk}/remove/")
    assert draft.rounds.count() == 1


@pytest.mark.django_db
def test_a_refused_change_of_a_round_keeps_the_words(
    client_for: Browser, open_session: DialogueSession, facilitator: User
) -> None:
    closing = factories.make_round(open_session, RoundKind.CLOSING, Round.State.PLANNED)
    page = text_of(
        client_for(facilitator).post(f"/desk/rounds/{closing.pk}/edit/", {"kind": "listening", "prompt": "Long words"})
    )
    assert "The agenda must end with a closing." in page
    assert "Long words" in page


@pytest.mark.django_db
def test_a_participant_joins_under_a_drawn_name(
    client_for: Browser, announced: DialogueSession, participant: Participant
) -> None:
    client, address = client_for(participant), f"/sessions/{announced.pk}/join/"

    def name() -> str:
        found = re.search(r'<b translate="no">([^<]+)</b>', text_of(client.get(address)))
        assert found
        return found[1]

    first = name()
    assert name() == first  # looking again changes nothing
    assert client.post(address, {"do": "draw"}).status_code == 302
    second = name()
    page = text_of(client.post(address, {"name": "Mayor Jones"}))
    assert "To join, accept the agreements." in page
    assert second in page
    assert client.post(address, {"agreed": "on", "name": "Mayor Jones"}).headers["Location"] == "/my/"
    assert list(announced.aliases.values_list("name", flat=True)) == [second]
    assert client.post(address, {"agreed": "on"}).headers["Location"] == "/my/"
    assert Alias.objects.count() == 1
    page = text_of(client.get("/my/"))
    assert second in page
    assert f"/my/{announced.pk}/forget/" in page
    assert "drawn" in client.session
    assert client.session["drawn"] == {}


@pytest.mark.django_db
def test_a_name_that_somebody_took_meanwhile_is_drawn_again(
    client_for: Browser, announced: DialogueSession, participant: Participant
) -> None:
    client, address = client_for(participant), f"/sessions/{announced.pk}/join/"
    client.get(address)
    name = client.session["drawn"][str(announced.pk)]
    factories.make_alias(announced, name=name)
    page = text_of(client.post(address, {"agreed": "on"}, follow=True))
    assert "Somebody else just got that name." in page
    assert client.session["drawn"][str(announced.pk)] != name
    client.post(address, {"agreed": "on"})
    assert announced.aliases.count() == 2


@pytest.mark.django_db
def test_a_full_or_closed_session_says_so(client_for: Browser, participant: Participant) -> None:
    full = factories.make_session(State.ANNOUNCED, capacity=2)
    for _ in range(2):
        factories.make_alias(full)
    client = client_for(participant)
    assert "All places are taken." in text_of(client.get("/my/"))
    assert "All places are taken." in text_of(client.post(f"/sessions/{full.pk}/join/", {"agreed": "on"}, follow=True))
    running = factories.make_session(State.OPEN)
    assert "takes nobody new" in text_of(client.get(f"/sessions/{running.pk}/join/", follow=True))


@pytest.mark.django_db
def test_forget_me_here_asks_first(
    client_for: Browser, open_session: DialogueSession, participant: Participant
) -> None:
    client, address = client_for(participant), f"/my/{open_session.pk}/forget/"
    assert "We delete the link from you to this name." in text_of(client.get(address))
    assert Alias.objects.filter(tag=None).count() == 0
    assert client.post(address).headers["Location"] == "/my/"
    assert Alias.objects.filter(tag=None).count() == 1
    assert client.post(address).status_code == 404


@pytest.mark.django_db
def test_whoever_was_removed_reads_why(
    client_for: Browser, announced: DialogueSession, participant: Participant, facilitator: User
) -> None:
    alias = join_session(participant, announced, name="Calm Brook")
    team = client_for(facilitator)
    assert "Remove Calm Brook" in text_of(team.get(f"/desk/participants/{alias.pk}/remove/"))
    team.post(f"/desk/participants/{alias.pk}/remove/", {"where": "here"})
    client = client_for(participant)
    assert "You can’t take part here" in text_of(client.get(f"/sessions/{announced.pk}/join/"))
    assert "Calm Brook" not in text_of(client.get("/my/"))
    later = factories.make_session(State.ANNOUNCED, [facilitator], starts_at=timezone.now() + timedelta(days=30))
    elsewhere = join_session(participant, later, name="Wide River")
    team.post(f"/desk/participants/{elsewhere.pk}/remove/", {"where": "all"})
    assert "You can’t take part here" in text_of(client.get("/my/"))


@pytest.mark.django_db
def test_a_listener_asks_for_a_seat_and_gives_it_back(
    client_for: Browser, announced: DialogueSession, listener: User, agency: Agency
) -> None:
    announced.agencies.add(agency)
    client = client_for(listener)
    assert f"/sessions/{announced.pk}/apply/" in text_of(client.get("/listener/seats/"))
    assert client.post(f"/sessions/{announced.pk}/apply/").headers["Location"] == "/listener/seats/"
    seat = ListenerSeat.objects.get()
    page = text_of(client.get("/listener/seats/"))
    assert f"/listener/seats/{seat.pk}/acknowledgment/" in page
    assert f"/sessions/{announced.pk}/apply/" not in page
    client.post(f"/listener/seats/{seat.pk}/give-back/")
    seat.refresh_from_db()
    assert seat.state == "left"
    assert f"/sessions/{announced.pk}/apply/" in text_of(client.get("/listener/seats/"))


@pytest.mark.django_db
def test_who_may_not_ask_is_told_why(client_for: Browser, announced: DialogueSession, other_listener: User) -> None:
    client = client_for(other_listener)
    assert "You can’t ask for a seat" in text_of(client.get(f"/sessions/{announced.pk}/apply/"))
    assert "You can’t ask for a seat" in text_of(client.post(f"/sessions/{announced.pk}/apply/", follow=True))
    assert ListenerSeat.objects.count() == 0


@pytest.mark.django_db
def test_a_lapsed_listener_is_shown_as_locked(
    client_for: Browser, open_session: DialogueSession, facilitator: User, listener: User
) -> None:
    public = f"/sessions/{open_session.pk}/"
    assert "Locked" not in text_of(Client().get(public))
    Pledge.objects.update(withdrawn_on=today())
    page = text_of(client_for(facilitator).get(f"/desk/sessions/{open_session.pk}/"))
    assert "Locked: a promise or the check has run out" in page
    assert "Locked" in text_of(client_for(listener).get("/listener/seats/"))
    assert "Locked at the moment" in text_of(Client().get(public))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("viewer", "door"),
    [
        (None, "/card/"),
        ("participant", "/my/"),
        ("other_participant", "/join/"),
        ("listener", "/apply/"),
        ("facilitator", "/desk/sessions/"),
        ("other_facilitator", ""),
        ("operator", ""),
    ],
)
def test_the_public_page_has_the_right_door(
    viewer: str | None,
    door: str,
    client_for: Browser,
    announced: DialogueSession,
    agency: Agency,
    participant: Participant,
    request: pytest.FixtureRequest,
) -> None:
    announced.agencies.add(agency)
    factories.make_alias(announced, participant)
    person = request.getfixturevalue(viewer) if viewer else None
    page = text_of(client_for(person).get(f"/sessions/{announced.pk}/"))
    main = page[page.index("<main") : page.index("</main>")]
    doors = [one for one in ("/card/", "/join/", "/apply/", "/desk/sessions/") if one in main]
    assert doors == ([door] if door and door != "/my/" else [])


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_strangers_see_listed_sessions_only(state: State, client: Client) -> None:
    session = factories.make_session(state)
    listed = state in (State.ANNOUNCED, State.PREPARING, State.OPEN, State.FOLLOW_UP)
    assert client.get(f"/sessions/{session.pk}/").status_code == (200 if listed else 404)
    assert client.get(f"/sessions/{session.pk}/appointment.ics").status_code == (200 if listed else 404)
    ahead = listed and state != State.FOLLOW_UP
    assert (session.title in text_of(client.get("/sessions/"))) is ahead
    assert (session.title in text_of(client.get("/times/"))) is ahead


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["99999999999999999999", "-1", "x", "\0", ""])
def test_any_page_number_will_do(page: str, client: Client) -> None:
    factories.make_session(State.ANNOUNCED)
    assert client.get("/sessions/", {"page": page}).status_code == 200


@pytest.mark.django_db
@pytest.mark.promise("P11")
def test_public_pages_say_nothing_of_participants(client: Client, open_session: DialogueSession) -> None:
    names = list(open_session.aliases.values_list("name", flat=True))
    for address in ("/sessions/", "/times/", f"/sessions/{open_session.pk}/"):
        page = text_of(client.get(address))
        assert [name for name in names if name in page] == []


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_public_lists_at_fixed_cost(count: int, client: Client, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        session = factories.make_session(State.ANNOUNCED)
        session.agencies.add(factories.make_agency())
    with django_assert_num_queries(5):
        client.get("/sessions/")
    with django_assert_num_queries(1):
        client.get("/times/")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_own_lists_at_fixed_cost(
    count: int, client_for: Browser, participant: Participant, listener: User, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        factories.make_alias(factories.make_session(State.OPEN), participant)
        session = factories.make_session(State.ANNOUNCED)
        session.agencies.add(factories.make_agency(), *[agency for agency in [listener.agency] if agency])
        factories.make_seat(session)
        factories.make_seat(factories.make_session(State.PREPARING), listener)
    mine, seats = client_for(participant), client_for(listener)
    with django_assert_num_queries(20):
        mine.get("/my/")
    with django_assert_num_queries(7):
        seats.get("/listener/seats/")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_teams_page_at_fixed_cost(
    count: int, client_for: Browser, draft: DialogueSession, facilitator: User, django_assert_num_queries: Any
) -> None:
    DialogueSession.objects.update(state=State.ANNOUNCED, announced_at=timezone.now())
    for _ in range(count):
        factories.make_round(draft, RoundKind.LISTENING, Round.State.PLANNED)
        factories.make_seat(draft)
        factories.make_alias(draft)
    client = client_for(facilitator)
    with django_assert_num_queries(16):
        client.get(f"/desk/sessions/{draft.pk}/")
    with django_assert_num_queries(10):
        client.get(f"/desk/sessions/{draft.pk}/agenda/")


@pytest.mark.django_db
def test_what_participants_read_is_plain(
    client_for: Browser, announced: DialogueSession, participant: Participant
) -> None:
    for kind, prompt in TEMPLATE:
        Round.objects.create(
            dialogue_session=announced, number=announced.rounds.count() + 1, kind=kind, prompt=str(prompt)
        )
    mine = factories.make_session(State.OPEN)
    factories.make_alias(mine, participant)
    client = client_for(participant)
    addresses = [f"/sessions/{announced.pk}/", f"/sessions/{announced.pk}/join/", f"/my/{mine.pk}/forget/"]
    grades = {}
    for address in ["/sessions/", "/times/", "/who-may-write/", "/my/", *addresses]:
        words = reading.text_of(client.get(address).content.decode())
        assert re.findall(r"\b(safe|secure|guarantee\w*|confidential\w*|anonym\w*|addict\w*)\b", words, re.I) == []
        grades[address] = reading.grade(words)
    assert {address: grade for address, grade in grades.items() if grade > 6} == {}


def opened(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send from this page if nothing was typed."""
    sent = {}
    for field in client.get(address).context["form"]:
        if (value := field.value()) is not None:
            many = isinstance(value, list)
            sent[field.html_name] = value if many else field.field.hidden_widget().format_value(value)
            if isinstance(value, datetime):
                sent[field.html_name] = f"{value:%Y-%m-%dT%H:%M}"
    return sent


@pytest.mark.django_db
def test_who_saves_an_older_page_keeps_what_a_colleague_saved(
    client_for: Browser, facilitator: User, peer: User, agency: Agency
) -> None:
    rosa, jo = client_for(facilitator), client_for(peer)
    rosa.post("/desk/sessions/new/", typed(agency, facilitator, peer))
    session = DialogueSession.objects.get()
    DialogueSession.objects.update(about="Two lines\r\nof it", starts_at=session.starts_at + timedelta(seconds=7))
    address = f"/desk/sessions/{session.pk}/edit/"
    of_rosa, of_jo = opened(rosa, address), opened(jo, address)
    assert jo.post(address, of_jo | {"legal_basis": "What Jo wrote", "agencies": []}).status_code == 302
    assert rosa.post(address, of_rosa | {"title": "What Rosa wrote"}).status_code == 302
    session.refresh_from_db()
    assert (session.legal_basis, session.title, session.agencies.count()) == ("What Jo wrote", "What Rosa wrote", 0)
    assert set(session.facilitators.all()) == {facilitator, peer}
    assert session.schedule_version == 1
    jo.post(address, of_jo)  # nothing typed: nothing changes, and the log says nothing
    session.refresh_from_db()
    assert (session.legal_basis, session.title) == ("What Jo wrote", "What Rosa wrote")
    verb = AuditEvent.Verb.CHANGE_SESSION
    assert set(AuditEvent.objects.filter(verb=verb).values_list("detail", flat=True)) == {
        "created",
        "agencies,legal_basis",
        "title",
    }


@pytest.mark.django_db
def test_a_field_that_a_colleague_changed_is_not_written_over(
    client_for: Browser, facilitator: User, peer: User, agency: Agency
) -> None:
    client = client_for(facilitator)
    client.post("/desk/sessions/new/", typed(agency, facilitator, peer))
    draft = DialogueSession.objects.get()
    address = f"/desk/sessions/{draft.pk}/edit/"
    older = opened(client, address)
    later = older | {"title": "The first one’s title", "starts_at": "2036-11-02T18:00", "ends_at": "2036-11-02T20:00"}
    assert client.post(address, later).status_code == 302
    other = older | {"title": "The second one’s title", "topic": "Another topic", "time_zone": "Europe/Paris"}
    response = client.post(address, other)
    page = text_of(response)
    assert set(response.context["form"].errors) == {"title", "starts_at", "ends_at"}  # another zone is another moment
    assert "A colleague changed this meanwhile." in page
    assert 'value="The second one’s title"' in page
    draft.refresh_from_db()
    assert (draft.title, draft.topic == "Another topic") == ("The first one’s title", False)
    assert client.post(address, older | {"title": "The first one’s title"}).status_code == 302  # both wrote the same
    assert client.post(address, opened(client, address) | {"title": "Another"}).status_code == 302


@pytest.mark.parametrize("seen", ["[1]", '{"title": 1}', "", None])
@pytest.mark.django_db
def test_a_page_without_marks_is_taken_as_typed(
    client_for: Browser, draft: DialogueSession, facilitator: User, seen: str | None
) -> None:
    client, address = client_for(facilitator), f"/desk/sessions/{draft.pk}/edit/"
    sent = {name: one for name, one in opened(client, address).items() if name != "seen"}
    sent |= {"title": "Another"} | ({} if seen is None else {"seen": seen})
    assert client.post(address, sent).status_code in (200, 302)


@pytest.mark.django_db
def test_of_two_who_change_a_round_nobody_loses_words(
    client_for: Browser, draft: DialogueSession, facilitator: User
) -> None:
    closing = factories.make_round(draft, RoundKind.CLOSING, Round.State.PLANNED)
    client, address = client_for(facilitator), f"/desk/rounds/{closing.pk}/edit/"
    older = opened(client, address)
    client.post(address, older | {"prompt": "The prompt that Jo wrote"})
    assert client.post(address, older | {"think_minutes": "5"}).status_code == 302
    closing.refresh_from_db()
    assert (closing.prompt, closing.think_minutes) == ("The prompt that Jo wrote", 5)
    page = text_of(client.post(address, older | {"prompt": "The prompt that Rosa wrote"}))
    assert "A colleague changed this meanwhile." in page
    assert "The prompt that Rosa wrote" in page
    closing.refresh_from_db()
    assert closing.prompt == "The prompt that Jo wrote"
