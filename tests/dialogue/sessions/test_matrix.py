"""The table of who may write, cell by cell, and the rules that every agenda keeps."""

import html

import pytest
from django.test import Client

from dialogue.sessions.agenda import TEMPLATE, broken_rules
from dialogue.sessions.matrix import MATRIX, ROLES, Cell, cell, goes_in_turns, limit_of, listeners_write
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.sessions.policies import is_writable, may_reply, may_write

#: kind, role: may write, may reply, limit (turn = one a turn)
TABLE = """
opening      participant  -     -      -
opening      listener     -     -      -
opening      facilitator  -     -      -
listening    participant  write -      1
listening    listener     -     -      -
listening    facilitator  -     -      -
reflecting   participant  -     reply  -
reflecting   listener     write -      -
reflecting   facilitator  -     -      -
curiosity    participant  -     reply  -
curiosity    listener     write -      turn
curiosity    facilitator  -     -      -
dialogue     participant  write reply  turn
dialogue     listener     write reply  turn
dialogue     facilitator  -     -      -
commitments  participant  write reply  turn
commitments  listener     write reply  turn
commitments  facilitator  -     -      -
closing      participant  write -      1
closing      listener     write -      1
closing      facilitator  -     -      -
"""
CELLS = [tuple(line.split()) for line in TABLE.strip().splitlines()]


def test_the_table_is_whole() -> None:
    assert [(kind, role) for kind, role, *_ in CELLS] == [(kind.value, role) for kind in RoundKind for role in ROLES]
    assert {kind: set(cells) for kind, cells in MATRIX.items()} == {kind: set(ROLES) for kind in RoundKind}


@pytest.mark.parametrize(("kind", "role", "write", "reply", "limit"), CELLS)
def test_cell(kind: str, role: str, write: str, reply: str, limit: str) -> None:
    got = cell(role, kind)
    assert (got.may_write, got.may_reply) == (write == "write", reply == "reply")
    assert got.limit == (int(limit) if limit.isdigit() else None)
    assert got.in_turn == (limit == "turn")
    assert limit_of(got, Round(turn=3)) == (3 if limit == "turn" else got.limit)
    assert bool(got.what) == (got.may_write or got.may_reply)
    assert str(got.does).endswith(".")


@pytest.mark.parametrize("role", ["public", "operator", "nobody"])
@pytest.mark.parametrize("kind", RoundKind)
def test_other_roles_do_nothing(role: str, kind: str) -> None:
    assert cell(role, kind) == Cell("")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="trial"):
        cell("participant", "trial")


def test_listeners_write_only_after_they_listened() -> None:
    assert [kind.value for kind in RoundKind if not listeners_write(kind)] == ["opening", "listening"]


def test_what_needs_a_confirmed_reflection() -> None:
    """Listeners ask, talk, promise and say a last word only once somebody said that they heard a story right."""
    needs = {(kind.value, role) for kind in RoundKind for role in ROLES if cell(role, kind).needs_heard}
    assert needs == {(kind, "listener") for kind in ("curiosity", "dialogue", "commitments", "closing")}
    tells = {(kind.value, role) for kind in RoundKind for role in ROLES if cell(role, kind).tells_back}
    assert tells == {("reflecting", "listener")}


def test_three_kinds_go_in_turns() -> None:
    assert [kind.value for kind in RoundKind if goes_in_turns(kind)] == ["curiosity", "dialogue", "commitments"]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("round_state", Round.State)
def test_nothing_is_taken_unless_session_and_round_are_on(state: str, paused: bool, round_state: str) -> None:
    round = Round(
        dialogue_session=DialogueSession(state=state, paused=paused), kind=RoundKind.DIALOGUE, state=round_state
    )
    on = state == "open" and not paused and round_state == "open"
    assert is_writable(round) is on
    assert may_write("participant", round) is on
    assert may_reply("listener", round) is on
    assert may_write("facilitator", round) is False


@pytest.mark.parametrize(
    ("kinds", "broken"),
    [
        ("opening listening reflecting closing", ""),
        ("opening listening closing", ""),
        ("opening listening reflecting dialogue listening dialogue closing", ""),
        ("opening listening listening dialogue closing", "ask"),
        ("opening listening dialogue reflecting closing", "ask"),
        ("listening closing", "begin"),
        ("opening closing", "before"),
        ("opening reflecting listening closing", "before"),
        ("opening dialogue closing", "before ask"),
        ("opening listening reflecting dialogue", "end"),
        ("opening listening reflecting closing dialogue", "end"),
        ("", "begin before end"),
    ],
)
def test_rules_of_an_agenda(kinds: str, broken: str) -> None:
    words = {"begin": "must begin", "ask": "ask, talk or promise", "before": "must come before", "end": "must end"}
    sentences = [str(sentence) for sentence in broken_rules(kinds.split())]
    assert [next(key for key, part in words.items() if part in one) for one in sentences] == broken.split()


def test_the_template_keeps_the_rules_and_has_every_kind() -> None:
    kinds = [kind.value for kind, _prompt in TEMPLATE]
    assert kinds == list(RoundKind.values)
    assert broken_rules(kinds) == []
    assert all(20 < len(str(prompt)) < 200 for _kind, prompt in TEMPLATE)


@pytest.mark.django_db
def test_the_public_page_shows_every_cell(client: Client) -> None:
    page = html.unescape(client.get("/who-may-write/").content.decode())
    for kind in RoundKind:
        assert f'<th scope="row">{kind.label}</th>' in page
        for role in ROLES:
            assert str(MATRIX[kind][role].does) in page
    assert page.count("One each until all have spoken or passed.") == 5
    assert page.count("A round may start with time to think.") == 1
    assert page.count("<caption>") == 1
    assert page.count('scope="col"') == 4
