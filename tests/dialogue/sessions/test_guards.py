"""Bad times, places and sizes: which guard is met, and the reason it takes to go on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Agency, Participant, User, today
from dialogue.audit.models import AuditEvent
from dialogue.sessions import actions
from dialogue.sessions.actions_guards import override_guard
from dialogue.sessions.actions_plan import change_dialogue_session, postpone_session
from dialogue.sessions.actions_seats import place_listener
from dialogue.sessions.guards import WHY, met
from dialogue.sessions.models import DialogueSession, ListenerSeat, RoundKind, State
from dialogue.sessions.models_guards import Guard, GuardOverride
from dialogue.sessions.policies import missing
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

ClientFor = Callable[[User | Participant | None], Client]
Venue = DialogueSession.Venue
CITY = 400_000


def planned(**fields: Any) -> DialogueSession:
    """A session that meets no guard: live in Chicago on Wednesday the 9th, from 13:00 to 16:00."""
    plain = {
        "format": "live",
        "time_zone": "America/Chicago",
        "starts_at": datetime(2026, 12, 9, 19, 0, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 9, 22, 0, tzinfo=UTC),
        "minimum": 5,
        "listener_places": 4,
        "venue": Venue.ONLINE,
    }
    return DialogueSession(**(plain | fields))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """December 2026 in UTC; Chicago is six hours behind."""
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "populations", "expected"),
    [
        ({}, [CITY], []),
        ({}, [], []),
        ({"starts_at": at(9, 17, 59)}, [CITY], [Guard.BEFORE_NOON]),
        ({"starts_at": at(9, 18)}, [CITY], []),
        ({"starts_at": at(9, 18), "time_zone": "America/Denver"}, [CITY], [Guard.BEFORE_NOON]),
        ({"starts_at": at(9, 6)}, [CITY], [Guard.BEFORE_NOON]),
        ({"starts_at": at(9, 15), "format": "window"}, [CITY], []),
        ({"starts_at": at(2, 5, 59), "ends_at": at(2, 9)}, [CITY], [Guard.BENEFIT_DAY]),  # still the 1st in Chicago
        ({"starts_at": at(4, 1), "ends_at": at(4, 3)}, [CITY], [Guard.BENEFIT_DAY]),  # in the evening of the 3rd
        ({"starts_at": at(4, 19), "ends_at": at(4, 22)}, [CITY], []),
        ({"starts_at": datetime(2026, 11, 30, 20, tzinfo=UTC), "ends_at": at(1, 6)}, [CITY], []),  # until midnight
        ({"starts_at": datetime(2026, 11, 30, 20, tzinfo=UTC), "ends_at": at(1, 7)}, [CITY], [Guard.BENEFIT_DAY]),
        ({"starts_at": datetime(2026, 11, 29, 20, tzinfo=UTC), "ends_at": at(20, 7)}, [CITY], [Guard.BENEFIT_DAY]),
        ({"starts_at": datetime(2026, 11, 30, 20, tzinfo=UTC), "ends_at": at(5, 7), "format": "window"}, [CITY], []),
        ({"starts_at": at(1, 20), "ends_at": at(5, 7), "format": "window"}, [CITY], [Guard.BENEFIT_DAY]),
        ({"venue": Venue.GOVERNMENT}, [CITY], [Guard.GOVERNMENT_VENUE]),
        ({"venue": Venue.COMMUNITY}, [CITY], []),
        ({"minimum": 4}, [CITY], [Guard.FEW_PARTICIPANTS]),
        ({"minimum": 3}, [CITY], [Guard.FEW_PARTICIPANTS, Guard.MANY_LISTENERS]),
        ({"listener_places": 5}, [CITY], []),
        ({"listener_places": 6}, [CITY], [Guard.MANY_LISTENERS]),
        ({}, [CITY, None], [Guard.SMALL_CATCHMENT]),
        ({}, [49_999], [Guard.SMALL_CATCHMENT]),
        ({}, [50_000, CITY], []),
        ({}, [0], [Guard.SMALL_CATCHMENT]),
        (
            {"starts_at": at(1, 14), "ends_at": at(1, 16), "venue": Venue.GOVERNMENT, "minimum": 2},
            [None],
            list(Guard),
        ),
    ],
)
def test_which_guards_are_met(
    fields: dict[str, Any], populations: list[int | None], expected: list[Guard], settings: Settings
) -> None:
    settings.BENEFIT_DAYS = [1, 2, 3]
    assert met(planned(**fields), populations) == expected


def test_the_days_of_benefits_are_the_operators(settings: Settings) -> None:
    settings.BENEFIT_DAYS = []
    assert met(planned(starts_at=at(1, 19), ends_at=at(1, 22)), [CITY]) == []
    settings.BENEFIT_DAYS = [9, 31]
    assert met(planned(), [CITY]) == [Guard.BENEFIT_DAY]


def test_each_guard_says_why_it_matters() -> None:
    assert set(WHY) == set(Guard)
    assert all(str(why).endswith(".") for why in WHY.values())


def ready(state: State, team: list[User], agency: Agency, **fields: Any) -> DialogueSession:
    """From here the next step is open, but for guards: none are met, and none overridden."""
    factories.make_resource()
    session = factories.make_session(state, team=team, waived=(), **({"minimum": 5} | fields))
    session.agencies.add(agency)
    for kind in (RoundKind.OPENING, RoundKind.LISTENING, RoundKind.CLOSING):
        factories.make_round(session, kind, "planned")
    for _ in range(5):
        factories.make_alias(session)
    factories.make_seat(session, factories.make_listener(agency))
    return session


@pytest.fixture
def team(facilitator: User, peer: User) -> list[User]:
    return [facilitator, peer]


BAD: dict[Guard, dict[str, Any]] = {
    Guard.BEFORE_NOON: {"format": "live", "time_zone": "UTC", "starts_at": datetime(2036, 6, 11, 9, tzinfo=UTC)},
    Guard.BENEFIT_DAY: {"time_zone": "UTC", "starts_at": datetime(2036, 6, 28, 15, tzinfo=UTC)},
    Guard.GOVERNMENT_VENUE: {"venue": "government"},
    Guard.FEW_PARTICIPANTS: {"minimum": 4},
    Guard.MANY_LISTENERS: {"listener_places": 6},
    Guard.SMALL_CATCHMENT: {},
}
STEPS = {
    State.DRAFT: (State.ANNOUNCED, actions.announce_session),
    State.ANNOUNCED: (State.PREPARING, actions.begin_preparing),
    State.PREPARING: (State.OPEN, actions.open_session),
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", STEPS)
@pytest.mark.parametrize("guard", Guard)
def test_a_guard_keeps_the_gate_shut_until_a_reason_is_given(
    guard: Guard, state: State, team: list[User], agency: Agency, settings: Settings
) -> None:
    settings.BENEFIT_DAYS = [28]
    session = ready(state, team, agency, **BAD[guard])
    if guard == Guard.SMALL_CATCHMENT:
        Agency.objects.update(population=None)
    to, step = STEPS[state]
    gap = (f"{guard.label}. To go on all the same, say why.", f"/desk/sessions/{session.pk}/guards/")
    assert [(str(one.text), one.url) for one in missing(session, to)] == [gap]
    with pytest.raises(NotAllowed):
        step(session, by=team[0])
    override_guard(session, guard=guard, reason=" They asked for it. ", schedule_version=1, by=team[0])
    assert missing(session, to) == []
    assert step(session, by=team[0]).state == to
    kept = GuardOverride.objects.values_list("guard", "reason", "schedule_version", "made_by", "made_on")
    assert list(kept) == [(guard, "They asked for it.", 1, team[0].pk, today())]
    acts = AuditEvent.objects.filter(verb="override_guard").values_list("actor", "dialogue_session", "detail")
    assert list(acts) == [(team[0].pk, session.pk, guard)]


@pytest.mark.django_db
def test_no_reason_makes_up_for_a_missing_peer(team: list[User], agency: Agency) -> None:
    session = ready(State.DRAFT, team, agency)
    User.objects.update(is_peer=False)
    factories.waive_guards(session, *Guard)
    assert [str(gap.text) for gap in missing(session, State.ANNOUNCED)] == ["At least one facilitator must be a peer."]


@pytest.mark.django_db
def test_other_times_ask_again(team: list[User], agency: Agency) -> None:
    session = ready(State.PREPARING, team, agency, **BAD[Guard.BEFORE_NOON])
    override_guard(session, guard=Guard.BEFORE_NOON, reason="Asked for.", schedule_version=1, by=team[0])
    later = session.starts_at + timedelta(days=1)
    postpone_session(session, starts_at=later, ends_at=later + timedelta(hours=3), by=team[0])
    assert [gap.url_name for gap in missing(session, State.OPEN)] == ["sessions:guards"]
    with pytest.raises(NotAllowed, match="other times"):
        override_guard(session, guard=Guard.BEFORE_NOON, reason="Asked for.", schedule_version=1, by=team[0])
    override_guard(session, guard=Guard.BEFORE_NOON, reason="Again.", schedule_version=2, by=team[1])
    assert missing(session, State.OPEN) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"title": "Another"}, 1),
        ({"venue": "government"}, 1),
        ({"venue": "online"}, 2),
        ({"format": "live"}, 2),
        ({"starts_at": datetime(2036, 1, 1, 9, tzinfo=UTC), "ends_at": datetime(2036, 1, 2, 9, tzinfo=UTC)}, 2),
    ],
)
def test_a_draft_with_other_facts_asks_again(fields: dict[str, Any], version: int, team: list[User]) -> None:
    session = factories.make_session(team=team, venue="government")
    change_dialogue_session(session, by=team[0], **fields)
    assert DialogueSession.objects.get().schedule_version == version


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "guard", "reason", "version", "said"),
    [
        (State.DRAFT, Guard.GOVERNMENT_VENUE, " ", 1, "Say why"),
        (State.DRAFT, Guard.GOVERNMENT_VENUE, "x" * 301, 1, "Say why"),
        (State.DRAFT, Guard.GOVERNMENT_VENUE, "Asked for.", 2, "other times or another place"),
        (State.DRAFT, Guard.BEFORE_NOON, "Asked for.", 1, "does not apply"),
        (State.DRAFT, Guard.FEW_PARTICIPANTS, "Asked for.", 1, "a reason for this already"),
        (State.OPEN, Guard.GOVERNMENT_VENUE, "Asked for.", 1, "open or over"),
        (State.CANCELLED, Guard.GOVERNMENT_VENUE, "Asked for.", 1, "open or over"),
    ],
)
def test_what_is_no_reason(state: State, guard: Guard, reason: str, version: int, said: str, team: list[User]) -> None:
    session = factories.make_session(state, team=team, venue="government", waived=[Guard.FEW_PARTICIPANTS])
    with pytest.raises(NotAllowed, match=said):
        override_guard(session, guard=guard, reason=reason, schedule_version=version, by=team[0])
    assert (GuardOverride.objects.count(), AuditEvent.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_only_the_team_goes_on(team: list[User], other_facilitator: User, operator: User, listener: User) -> None:
    session = factories.make_session(team=team, venue="government", waived=())
    for by in (other_facilitator, operator, listener):
        with pytest.raises(NotAllowed):
            override_guard(session, guard=Guard.GOVERNMENT_VENUE, reason="Why not", schedule_version=1, by=by)
    assert GuardOverride.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_give_a_reason_at_once(team: list[User]) -> None:
    session = factories.make_session(team=team, venue="government", waived=())

    def say(by: User) -> Callable[[], object]:
        return lambda: override_guard(session, guard="government", reason="Asked for.", schedule_version=1, by=by)

    results = at_once(say(team[0]), say(team[1]))
    assert sorted(type(one).__name__ for one in results) == ["GuardOverride", "NotAllowed"]
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
def test_no_more_listeners_than_there_are_places(team: list[User], agency: Agency) -> None:
    session = ready(State.PREPARING, team, agency, listener_places=2, roster_days=0)
    asking = [factories.make_seat(session, factories.make_listener(agency), "applied") for _ in range(2)]
    ListenerSeat.objects.update(acknowledged_on=today(), accepted_on=today())
    place_listener(asking[0], by=team[0])
    with pytest.raises(NotAllowed, match="All places for listeners are given"):
        place_listener(asking[1], by=team[0])
    assert session.seats.filter(state="seated").count() == 2


def page_of(client: Client, session: DialogueSession, name: str = "guards", **typed: Any) -> str:
    url = reverse(f"sessions:{name}", args=[session.pk])
    response = client.post(url, typed, follow=True) if typed else client.get(url)
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.mark.django_db
def test_the_page_asks_keeps_and_shows(client_for: ClientFor, team: list[User]) -> None:
    session = factories.make_session(team=team, venue="government", waived=[Guard.FEW_PARTICIPANTS], minimum=4)
    client = client_for(team[0])
    page = page_of(client, session)
    assert page.count("Asks for a reason") == page.count('type="radio"') == 1
    assert "Who fears arrest won’t walk past a guard, a camera or a police car." in page
    assert "A small group asked for it." in page
    typed: dict[str, Any] = {"guard": "government", "schedule_version": 1}
    assert "This field is required." in page_of(client, session, **typed, reason=" ")
    assert GuardOverride.objects.count() == 1
    page = page_of(client, session, **typed, reason="The hall has the only ramp.")
    assert "Your reason is kept." in page
    assert "There is a reason for each of these" in page
    assert "The hall has the only ramp." in page
    assert f"{team[0].name}, " in page
    assert "Keep this reason" not in page
    again = page_of(client, session, **typed, reason="Twice")
    assert "Somebody gave a reason for this already." in again
    DialogueSession.objects.update(schedule_version=2, venue="online")
    page = page_of(client, session)
    assert "Earlier reasons" in page
    assert "The hall has the only ramp." in page


@pytest.mark.django_db
def test_an_old_page_is_told_of_the_new_times(client_for: ClientFor, team: list[User]) -> None:
    session = factories.make_session(team=team, venue="government", schedule_version=2)
    page = page_of(client_for(team[0]), session, guard="government", schedule_version=1, reason="The hall has a ramp.")
    assert "The session has other times or another place by now." in page
    assert "The hall has a ramp." in page
    assert 'name="schedule_version" value="2"' in page


@pytest.mark.django_db
def test_a_good_plan_has_nothing_to_explain(client_for: ClientFor, team: list[User]) -> None:
    session = factories.make_session(team=team, minimum=5, waived=())
    page = page_of(client_for(team[0]), session)
    assert "Time, place and size are good ones. There is nothing to do here." in page
    assert "<textarea" not in page


@pytest.fixture
def evening(team: list[User]) -> DialogueSession:
    start = datetime(2036, 6, 11, 18, tzinfo=UTC)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=3)}
    return factories.make_session(State.ANNOUNCED, team=team, format="live", time_zone="UTC", **times)


@pytest.mark.django_db
def test_other_times_warn_of_a_guard_and_ask_once(
    client_for: ClientFor, evening: DialogueSession, team: list[User], settings: Settings
) -> None:
    settings.BENEFIT_DAYS = [3]
    client = client_for(team[0])
    assert "anyway" not in page_of(client, evening, "postpone")
    bad = {"starts_at": "2036-07-03T09:00", "ends_at": "2036-07-03T11:00"}
    page = page_of(client, evening, "postpone", **bad)
    for guard in (Guard.BEFORE_NOON, Guard.BENEFIT_DAY):
        assert f"Think again: {guard.label}. {WHY[guard]}" in page
    assert "you will be asked for a reason" in page
    assert 'name="anyway"' in page
    assert 'value="2036-07-03T09:00"' in page
    assert DialogueSession.objects.get().schedule_version == 1
    page_of(client, evening, "postpone", **bad, anyway="on")
    assert DialogueSession.objects.get().starts_at == datetime(2036, 7, 3, 9, tzinfo=UTC)
    evening.refresh_from_db()
    urls = [gap.url_name for gap in missing(evening, State.PREPARING)]
    assert urls.count("sessions:guards") == 4  # two of the times, and the two of its size


@pytest.mark.django_db
def test_good_times_ask_nothing(client_for: ClientFor, evening: DialogueSession, team: list[User]) -> None:
    page_of(client_for(team[0]), evening, "postpone", starts_at="2036-07-09T13:00", ends_at="2036-07-09T15:00")
    assert DialogueSession.objects.get().schedule_version == 2
