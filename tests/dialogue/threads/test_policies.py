"""Who may write when, cell by cell."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from dialogue.sessions.matrix import FACILITATOR, LISTENER, PARTICIPANT, ROLES, cell
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.threads import policies
from dialogue.threads.models import Comment


def round_of(kind: RoundKind, *, state: State = State.OPEN, paused: bool = False, round_state: str = "open") -> Round:
    reason = "Storm" if paused else ""
    dialogue_session = DialogueSession(state=state, paused=paused, pause_reason=reason)
    return Round(dialogue_session=dialogue_session, kind=kind, state=round_state)


@pytest.mark.parametrize("kind", RoundKind)
@pytest.mark.parametrize("role", [PARTICIPANT, LISTENER, FACILITATOR])
def test_the_matrix_decides(role: str, kind: RoundKind) -> None:
    round, rights = round_of(kind), cell(role, kind)
    assert (policies.refusal(role, round, written=0, tells_back=rights.tells_back) is None) == rights.may_write
    assert (policies.refusal(role, round, written=0, answers=True) is None) == rights.may_reply
    moment = policies.now(role, round.dialogue_session, round, written=0, passed=False)
    assert (moment.may_write, moment.may_reply) == (rights.may_write, rights.may_reply)
    assert moment.may_pass == (rights.may_write or rights.may_reply)
    assert str(moment.text)


@pytest.mark.parametrize("kind", RoundKind)
def test_until_he_is_heard_right_a_listener_reads(kind: RoundKind) -> None:
    round, rights = round_of(kind), cell(LISTENER, kind)
    shut = {
        str(policies.refusal(LISTENER, round, written=0, heard=False)),
        str(policies.refusal(LISTENER, round, written=0, heard=False, answers=True)),
        str(policies.now(LISTENER, round.dialogue_session, round, written=0, passed=False, heard=False).text),
    }
    assert (shut == {str(policies.NOT_HEARD)}) == (kind in ("curiosity", "dialogue", "commitments", "closing"))
    moment = policies.now(LISTENER, round.dialogue_session, round, written=0, passed=False, heard=False)
    assert (moment.may_write, moment.may_reply, moment.may_pass) == ((rights.tells_back, False, rights.tells_back))
    again = policies.revision_refusal(LISTENER, round, written=0, answers=False, current=round, heard=False)
    assert (again is None) == rights.tells_back


def test_a_listeners_own_text_in_a_reflecting_round_tells_back() -> None:
    round = round_of(RoundKind.REFLECTING)
    assert "only tell back" in str(policies.refusal(LISTENER, round, written=0))
    assert "only in a reflecting round" in str(
        policies.refusal(LISTENER, round_of(RoundKind.DIALOGUE), written=0, tells_back=True)
    )


def test_a_listener_never_writes_in_a_listening_round() -> None:
    """The one rule that everything stands on, said without the table."""
    round = round_of(RoundKind.LISTENING)
    assert policies.refusal(LISTENER, round, written=0) is not None
    assert policies.refusal(LISTENER, round, written=0, answers=True) is not None


@pytest.mark.parametrize("state", [state for state in State if state != State.OPEN])
def test_nobody_writes_unless_the_session_is_open(state: State) -> None:
    round = round_of(RoundKind.DIALOGUE, state=state)
    assert policies.refusal(PARTICIPANT, round, written=0) is not None
    assert policies.revision_refusal(PARTICIPANT, round, written=0, answers=False) is not None


def test_a_pause_gives_its_reason() -> None:
    round = round_of(RoundKind.DIALOGUE, paused=True)
    assert str(policies.refusal(PARTICIPANT, round, written=0)) == "There is a pause: Storm"


@pytest.mark.parametrize("round_state", ["planned", "done", "skipped"])
def test_only_the_open_round_takes_texts(round_state: str) -> None:
    round = round_of(RoundKind.DIALOGUE, round_state=round_state)
    assert policies.refusal(PARTICIPANT, round, written=0) is not None
    assert policies.revision_refusal(PARTICIPANT, round, written=0, answers=False) is None


def test_the_limit_of_a_round() -> None:
    round = round_of(RoundKind.LISTENING)
    assert policies.refusal(PARTICIPANT, round, written=1) is not None
    assert policies.revision_refusal(PARTICIPANT, round, written=1, answers=False) is not None
    assert policies.refusal(LISTENER, round_of(RoundKind.REFLECTING), written=40, tells_back=True) is None


@pytest.mark.parametrize("kind", ["curiosity", "dialogue", "commitments"])
def test_in_turns_each_speaks_once(kind: RoundKind) -> None:
    spoken = "You have spoken. You can speak again when all have had their turn. Until then you can read"
    rest = "." if kind == "curiosity" else ", and answer."
    round = round_of(kind)
    assert str(policies.refusal(LISTENER, round, written=1)) == spoken + rest
    moment = policies.now(LISTENER, round.dialogue_session, round, written=1, passed=False)
    answers = kind != "curiosity"
    assert (str(moment.text), moment.may_write, moment.may_reply, moment.may_pass) == (
        spoken + rest,
        False,
        answers,
        False,
    )
    assert policies.revision_refusal(LISTENER, round, written=1, answers=False) is not None
    round.turn = 2
    assert policies.refusal(LISTENER, round, written=1) is None
    assert policies.revision_refusal(LISTENER, round, written=1, answers=False) is None
    moment = policies.now(LISTENER, round.dialogue_session, round, written=1, passed=False)
    assert str(moment.text) == "It is your turn again. You can write one more text, or pass."
    assert (moment.may_write, moment.may_reply, moment.may_pass) == (True, answers, True)


THINK = "Take some time to think first. You can write from 2:05 PM (New York time)."


@pytest.mark.parametrize(
    ("minutes", "now", "refused"), [(30, 0, True), (30, 1799, True), (30, 1800, False), (0, 0, False)]
)
def test_think_first(monkeypatch: pytest.MonkeyPatch, minutes: int, now: int, refused: bool) -> None:
    """What says until when counts a minute that has begun as a whole one: who comes then finds it open."""
    round = round_of(RoundKind.DIALOGUE)
    round.dialogue_session.time_zone = "America/New_York"
    round.opened_at, round.think_minutes = datetime(2026, 2, 5, 18, 34, 30, tzinfo=UTC), minutes
    monkeypatch.setattr("django.utils.timezone.now", lambda: round.opened_at + timedelta(seconds=now))
    assert str(policies.refusal(PARTICIPANT, round, written=0)) == (THINK if refused else "None")
    assert policies.refusal(PARTICIPANT, round, written=0, answers=True) is None
    moment = policies.now(PARTICIPANT, round.dialogue_session, round, written=0, passed=False)
    assert (moment.may_write, moment.may_reply, moment.may_pass) == (not refused, True, True)
    assert (str(moment.text) == THINK) is refused
    passed = policies.now(PARTICIPANT, round.dialogue_session, round, written=0, passed=True)
    assert (passed.may_write, passed.may_pass) == (not refused, False)
    assert str(passed.text) == (
        f"You have passed. {THINK}" if refused else "You have passed. You can still write if you want to."
    )


def test_who_only_reads_or_answers_is_not_told_to_think() -> None:
    round = round_of(RoundKind.REFLECTING)
    round.opened_at, round.think_minutes = timezone.now(), 30
    moment = policies.now(PARTICIPANT, round.dialogue_session, round, written=0, passed=False)
    assert str(moment.text) == "Now you can write an answer to what a listener heard. Or you can pass."


def test_between_rounds_there_is_nothing_to_do() -> None:
    moment = policies.now(PARTICIPANT, DialogueSession(state=State.OPEN), None, written=0, passed=False)
    assert (moment.may_write, moment.may_reply, moment.may_pass) == (False, False, False)


def test_once_it_is_over_each_reads_what_is_left_to_do() -> None:
    over = DialogueSession(state=State.FOLLOW_UP)
    said = {role: str(policies.now(role, over, None, written=0, passed=False).text) for role in ROLES}
    own = "This talk is over. You can still read it, and take your own texts back."
    leads = "This talk is over. What comes now is its report."
    assert said == {PARTICIPANT: own, LISTENER: own, FACILITATOR: leads}


def test_who_has_passed_can_still_write() -> None:
    round = round_of(RoundKind.LISTENING)
    moment = policies.now(PARTICIPANT, round.dialogue_session, round, written=0, passed=True)
    assert (moment.may_write, moment.may_pass) == (True, False)


@pytest.mark.parametrize("alias", [None, object()])
def test_a_text_has_one_author(alias: object) -> None:
    with pytest.raises(ValueError, match="one author"):
        policies.author_role(alias=alias, seat=alias)  # type: ignore[arg-type]


def test_everything_but_what_is_gone_can_be_taken_back() -> None:
    assert set(policies.WITHDRAWABLE) == set(Comment.State) - {Comment.State.WITHDRAWN}
