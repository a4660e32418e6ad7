"""Who sees which text, and what the database itself refuses."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from accounts.models import Participant, Pledge, User
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round
from dialogue.threads.models import Comment
from tests import factories


@pytest.fixture
def texts(listening: Round, alias: Alias, other_alias: Alias) -> dict[str, Comment]:
    """One text in each state by `alias`, and by somebody else; also one in a session of nobody here."""
    made = {}
    for state in Comment.State.values:
        made[f"mine {state}"] = factories.make_comment(listening, alias, state=state)
        made[f"other {state}"] = factories.make_comment(listening, other_alias, state=state)
    made["other taken back after release"] = factories.make_comment(
        listening, other_alias, state="withdrawn", batch=1, place=7_000
    )
    elsewhere = factories.make_round(factories.make_session(team=[]))
    made["elsewhere released"] = factories.make_comment(elsewhere, state="released")
    return made


def seen(viewer: Any, texts: dict[str, Comment]) -> set[str]:
    visible = set(Comment.objects.visible_to(viewer).values_list("pk", flat=True))
    return {name for name, text in texts.items() if text.pk in visible}


WENT_OUT = {"mine released", "other released", "other taken back after release"}
MINE = {f"mine {state}" for state in Comment.State.values}


def test_participant(texts: dict[str, Comment], participant: Participant) -> None:
    assert seen(participant, texts) == WENT_OUT | MINE


def test_listener(texts: dict[str, Comment], listener: User) -> None:
    assert seen(listener, texts) == WENT_OUT


def test_listener_whose_pledge_ran_out(texts: dict[str, Comment], listener: User) -> None:
    Pledge.objects.all().delete()
    assert seen(listener, texts) == set()


def test_listener_who_gave_the_seat_back(
    texts: dict[str, Comment], listener: User, seat: ListenerSeat, listening: Round
) -> None:
    texts["own"] = factories.make_comment(listening, seat=seat)
    ListenerSeat.objects.filter(pk=seat.pk).update(state="left")
    assert seen(listener, texts) == {"own"}


def test_team(texts: dict[str, Comment], facilitator: User, peer: User) -> None:
    assert seen(facilitator, texts) == seen(peer, texts) == set(texts) - {"elsewhere released"}


@pytest.mark.parametrize("viewer", ["other_facilitator", "other_listener", "other_participant", "operator"])
def test_outsiders(texts: dict[str, Comment], viewer: str, request: pytest.FixtureRequest) -> None:
    assert seen(request.getfixturevalue(viewer), texts) == set()


def test_strangers(texts: dict[str, Comment]) -> None:
    assert seen(AnonymousUser(), texts) == set()


def test_removed_participant(texts: dict[str, Comment], participant: Participant, alias: Alias) -> None:
    Alias.objects.filter(pk=alias.pk).update(removed=True)
    assert seen(participant, texts) == set()


def test_removed_participants_texts_wait_for_nobody(texts: dict[str, Comment], alias: Alias) -> None:
    Alias.objects.filter(pk=alias.pk).update(removed=True)
    assert set(Comment.objects.in_waiting()) == {texts["other held"], texts["other appealed"]}
    assert set(Comment.objects.ready()) == {texts["other approved"]}


def test_unseated_listeners_texts_wait_for_nobody(texts: dict[str, Comment], seat: ListenerSeat) -> None:
    round = texts["mine held"].thread.round
    own = {state: factories.make_comment(round, seat=seat, state=state) for state in ("held", "appealed", "approved")}
    assert {own["held"], own["appealed"]} <= set(Comment.objects.in_waiting())
    assert own["approved"] in Comment.objects.ready()
    ListenerSeat.objects.filter(pk=seat.pk).update(state="left")
    assert not {*own.values()} & {*Comment.objects.in_waiting(), *Comment.objects.ready()}


def test_own_texts(texts: dict[str, Comment], participant: Participant, listener: User) -> None:
    assert set(Comment.objects.written_by(participant)) == {texts[name] for name in MINE}
    assert not Comment.objects.written_by(listener).exists()
    assert not Comment.objects.written_by(AnonymousUser()).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"state": "withdrawn"},  # with its words still there
        {"body": None},
        {"state": "approved"},  # with its period still there
        {"period": None},
        {"batch": 1, "place": 1},
        {"state": "released", "period": None},  # without batch and place
        {"state": "published"},
        {"alias": None},
        {"body": b"x" * 6001},
    ],
)
def test_the_database_refuses(listening: Round, alias: Alias, change: dict[str, Any]) -> None:
    comment = factories.make_comment(listening, alias)
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(**change)


@pytest.mark.promise("P8")
def test_nothing_tells_when_or_in_which_order(open_session: DialogueSession) -> None:
    names = {field.name: field.get_internal_type() for field in Comment._meta.get_fields()}
    assert not {name for name, kind in names.items() if "Date" in kind or "Time" in kind or "Auto" in kind}
