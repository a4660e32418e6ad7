"""Writing facts down, saying where one stands, and the end of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Participant, User, today
from dialogue.audit.models import AuditEvent
from dialogue.facts import actions
from dialogue.facts.models import Fact, FactPosition
from dialogue.facts.queries import facts_of, for_report, stands
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, State
from dialogue.tallies.models import Tally, TallyMark
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

WORDS = {"statement": "Half of all calls come after ten at night.", "source": "County report, page 4"}


def make_fact(dialogue_session: DialogueSession, **fields: Any) -> Fact:
    team = dialogue_session.facilitators.order_by("name").last()
    assert team is not None
    return actions.add_fact(dialogue_session, **(WORDS | fields), by=team)


def newcomer(dialogue_session: DialogueSession) -> Participant:
    participant = factories.make_participant()
    factories.make_alias(dialogue_session, participant)
    return participant


def say(fact: Fact, *positions: str) -> None:
    """So many new participants answer."""
    for position in positions:
        actions.count_position(fact, position=position, by=newcomer(fact.dialogue_session))


def statements(dialogue_session: DialogueSession) -> list[tuple[int, str]]:
    return list(facts_of(dialogue_session).values_list("number", "statement"))


@pytest.fixture
def fact(open_session: DialogueSession) -> Fact:
    return make_fact(open_session)


@pytest.mark.django_db
class TestTheTeam:
    def test_writes_down_changes_orders_and_takes_out(self, announced: DialogueSession, facilitator: User) -> None:
        one, two, three = (make_fact(announced, statement=f"Statement {name}.") for name in ("one", "two", "three"))
        actions.shift_fact(three, earlier=True, by=facilitator)
        actions.shift_fact(one, earlier=True, by=facilitator)
        assert statements(announced) == [(1, "Statement one."), (2, "Statement three."), (3, "Statement two.")]
        link = "https://county.example/report"
        actions.edit_fact(two, statement=" Statement\n four. ", source="Report", source_url=link, by=facilitator)
        actions.remove_fact(one, by=facilitator)
        assert statements(announced) == [(1, "Statement three."), (2, "Statement four.")]
        assert list(facts_of(announced).values_list("source", "source_url")) == [
            ("County report, page 4", ""),
            ("Report", link),
        ]
        details = AuditEvent.objects.filter(verb=AuditEvent.Verb.CHANGE_FACTS).values_list("detail", flat=True)
        assert sorted(details) == ["added", "added", "added", "changed", "moved", "taken out"]

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"statement": "  "}, "statement"),
            ({"statement": "x" * 501}, "statement"),
            ({"source": ""}, "source"),
            ({"source": "x" * 301}, "source"),
            ({"source_url": "http://county.example/"}, "source_url"),
            ({"source_url": "javascript:alert(1)"}, "source_url"),
            ({"source_url": "https://" + "x" * 300 + ".example"}, "source_url"),
        ],
    )
    def test_what_is_missing_or_wrong(self, announced: DialogueSession, fields: dict[str, str], wrong: str) -> None:
        with pytest.raises(ValidationError) as refused:
            make_fact(announced, **fields)
        assert list(refused.value.message_dict) == [wrong]
        assert statements(announced) == []

    def test_twice_is_once(self, announced: DialogueSession) -> None:
        make_fact(announced)
        with pytest.raises(ValidationError, match="in the list already"):
            make_fact(announced)
        assert len(statements(announced)) == 1

    def test_nobody_else(
        self, fact: Fact, other_facilitator: User, operator: User, listener: User, facilitator: User
    ) -> None:
        held = fact.dialogue_session
        for person in (other_facilitator, operator, listener):
            for act in (
                lambda by: actions.add_fact(held, statement="New.", source="Us", by=by),
                lambda by: actions.edit_fact(fact, **WORDS, by=by),
                lambda by: actions.shift_fact(fact, earlier=True, by=by),
                lambda by: actions.remove_fact(fact, by=by),
            ):
                with pytest.raises(NotAllowed, match="Only the facilitators of this session"):
                    act(person)
        assert statements(held) == [(1, WORDS["statement"])]

    def test_when(self, facilitator: User, peer: User) -> None:
        allowed = []
        for state in State:
            held = factories.make_session(state, team=[])
            held.bookings.create(facilitator=facilitator, starts_at=held.starts_at, ends_at=held.ends_at, active=False)
            try:
                make_fact(held)
            except NotAllowed as refused:
                message = str(refused)
            else:
                allowed.append(state.value)
        assert allowed == ["announced", "preparing", "open", "follow_up"]
        assert message == "The facts of this session can’t be changed now."

    def test_not_once_they_are_closed(self, fact: Fact, facilitator: User) -> None:
        actions.close_facts(fact.dialogue_session)
        for act in (
            lambda: make_fact(fact.dialogue_session, statement="New."),
            lambda: actions.edit_fact(fact, **WORDS, by=facilitator),
            lambda: actions.remove_fact(fact, by=facilitator),
        ):
            with pytest.raises(NotAllowed, match="can’t be changed"):
                act()

    def test_no_more_than_fit(self, announced: DialogueSession) -> None:
        for number in range(20):
            make_fact(announced, statement=f"Statement {number}.")
        with pytest.raises(NotAllowed, match="There are 20 facts, and no more fit"):
            make_fact(announced)

    def test_words_are_fixed_once_people_can_answer(self, fact: Fact, facilitator: User) -> None:
        """Whether or not somebody has answered: the refusal must not tell."""
        with pytest.raises(NotAllowed, match="Take the fact out and write a new one"):
            actions.edit_fact(fact, statement="Other words.", source="Us", by=facilitator)
        actions.edit_fact(fact, statement=WORDS["statement"], source="Page 5", by=facilitator)
        fact.refresh_from_db()
        assert (fact.statement, fact.source) == (WORDS["statement"], "Page 5")

    def test_words_of_a_text_and_names_are_no_fact(
        self, open_session: DialogueSession, alias: Alias, facilitator: User
    ) -> None:
        """Facts stay, in the report. What people repeat of a fact afterwards does not matter."""
        told = "On the night of the storm they took his tent and everything in it."
        fact = make_fact(open_session)
        listening = open_session.rounds.get(state="open")
        factories.make_comment(listening, alias, text=f"{told} {fact.statement}", state="released")
        for wrong in ({"statement": told.upper()}, {"source": f"said by {alias.name}"}):
            with pytest.raises(ValidationError, match="Say it in your own words") as refused:
                make_fact(open_session, **({"statement": "Tents were taken."} | wrong))
            assert list(refused.value.message_dict) == list(wrong)
        with pytest.raises(ValidationError, match=alias.name):
            actions.edit_fact(fact, statement=fact.statement, source=f"said by {alias.name}", by=facilitator)
        actions.edit_fact(fact, statement=fact.statement, source="Another source", by=facilitator)
        assert Fact.objects.get().source == "Another source"

    def test_taking_out_takes_all_that_was_said_along(self, fact: Fact, listener: User, facilitator: User) -> None:
        say(fact, *["agreed"] * 6)
        actions.take_position(fact, position="agreed", by=listener)
        actions.remove_fact(fact, by=facilitator)
        assert [model.objects.count() for model in (Fact, FactPosition, Tally, TallyMark)] == [0, 0, 0, 0]
        with pytest.raises(NotAllowed, match="taken out meanwhile"):
            actions.edit_fact(fact, **WORDS, by=facilitator)
        with pytest.raises(NotAllowed, match="taken out meanwhile"):
            say(fact, "agreed")


@pytest.mark.django_db
class TestParticipants:
    def test_four_show_nothing_the_fifth_shows_all_the_tenth_the_next(self, fact: Fact) -> None:
        seen = []
        for position in ["agreed", "agreed", "agreed", "disputed", "unknown", *["disputed"] * 5]:
            say(fact, position)
            seen.append(for_report(fact.dialogue_session)[0]["participants"])
        five, ten = ({"agreed": 3, "disputed": number, "unknown": 1} for number in (1, 6))
        assert seen == [{}] * 4 + [five] * 5 + [ten]

    def test_only_two_tables_are_written_to(self, fact: Fact, participant: Participant) -> None:
        with CaptureQueriesContext(connection) as sent:
            actions.count_position(fact, position="agreed", by=participant)
        writes = [one["sql"] for one in sent if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert {sql.split('"')[1] for sql in writes} == {"dialogue_tally", "dialogue_tallymark"}

    def test_once(self, fact: Fact, participant: Participant) -> None:
        actions.count_position(fact, position="agreed", by=participant)
        with pytest.raises(NotAllowed, match="We have counted your answer before"):
            actions.count_position(fact, position="disputed", by=participant)
        assert Tally.objects.get().waiting == {"agreed": 1}

    def test_not_without_a_place(
        self, fact: Fact, other_participant: Participant, participant: Participant, alias: Alias
    ) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        for person in (other_participant, participant):
            with pytest.raises(NotAllowed, match="no place in this talk"):
                actions.count_position(fact, position="agreed", by=person)
        assert Tally.objects.count() == 0

    def test_only_the_three(self, fact: Fact, participant: Participant) -> None:
        with pytest.raises(NotAllowed, match="one of the three"):
            actions.count_position(fact, position="maybe", by=participant)


@pytest.mark.django_db
class TestListeners:
    def test_by_name_and_changeable(self, fact: Fact, listener: User) -> None:
        actions.take_position(fact, position="unknown", by=listener)
        actions.take_position(fact, position="agreed", by=listener)
        [stand] = stands(fact.dialogue_session, listener)
        assert [(one["speaker"]["name"], one["position"]) for one in stand.listeners] == [("Marcus Hale", "agreed")]

    def test_a_report_names_whom_a_stranger_may_know(self, fact: Fact, listener: User) -> None:
        actions.take_position(fact, position="disputed", by=listener)
        speaker = {
            "kind": "listener",
            "name": "",
            "rank": "Sergeant",
            "agency": "Harbor City Police",
            "role": "Police",
            "locked": False,
        }
        assert for_report(fact.dialogue_session) == [
            {
                "number": 1,
                "statement": WORDS["statement"],
                "source": WORDS["source"],
                "source_url": "",
                "participants": {},
                "listeners": [{"speaker": speaker, "position": "disputed"}],
            }
        ]

    def test_nobody_else(
        self, fact: Fact, other_listener: User, facilitator: User, listener: User, seat: ListenerSeat
    ) -> None:
        listener.pledges.update(withdrawn_on=today())
        for person in (other_listener, facilitator, listener):
            with pytest.raises(NotAllowed, match="no place in this talk"):
                actions.take_position(fact, position="agreed", by=person)
        assert FactPosition.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("side", ["participant", "listener"])
def test_when_people_say_where_they_stand(fact: Fact, participant: Participant, listener: User, side: str) -> None:
    def is_taken() -> bool:
        before = TallyMark.objects.count() + FactPosition.objects.count()
        try:
            if side == "participant":
                actions.count_position(fact, position="agreed", by=participant)
            else:
                actions.take_position(fact, position="agreed", by=listener)
        except NotAllowed:
            return False
        taken = TallyMark.objects.count() + FactPosition.objects.count() > before
        TallyMark.objects.all().delete()
        FactPosition.objects.all().delete()
        return taken

    row = DialogueSession.objects.filter(pk=fact.dialogue_session_id)
    seen = {}
    for state in State:
        like = factories.make_session(state)
        row.update(state=state, closed_at=like.closed_at, cancel_reason=like.cancel_reason)
        seen[state.value] = is_taken()
    row.update(state=State.OPEN, closed_at=None, paused=True, pause_reason="A break")
    seen["paused"] = is_taken()
    row.update(paused=False, questions_closed_on=today())
    seen["closed"] = is_taken()
    assert [moment for moment, taken in seen.items() if taken] == ["open", "follow_up"]


@pytest.mark.django_db
class TestClosing:
    def test_marks_go_and_what_did_not_show_goes(self, fact: Fact) -> None:
        other = make_fact(fact.dialogue_session, statement="Another one.")
        say(fact, *["agreed"] * 7)
        say(other, *["agreed"] * 4)
        for _ in range(2):
            actions.close_facts(fact.dialogue_session)
            assert not TallyMark.objects.exists()
            assert sorted(Tally.objects.values_list("waiting", "shown"), key=str) == [({}, {"agreed": 5}), ({}, {})]
        assert [one["participants"] for one in for_report(fact.dialogue_session)] == [
            {"agreed": 5, "disputed": 0, "unknown": 0},
            {},
        ]

    def test_of_a_session_that_was_called_off_no_count_is_kept(self, fact: Fact) -> None:
        say(fact, *["agreed"] * 6)
        DialogueSession.objects.update(state=State.CANCELLED, cancel_reason="Too few")
        actions.close_facts(fact.dialogue_session)
        assert (Tally.objects.count(), TallyMark.objects.count(), Fact.objects.count()) == (0, 0, 1)

    def test_deleting_leaves_nothing(self, fact: Fact, listener: User) -> None:
        say(fact, *["agreed"] * 6)
        actions.take_position(fact, position="agreed", by=listener)
        actions.delete_facts(fact.dialogue_session)
        assert [model.objects.count() for model in (Fact, FactPosition, Tally, TallyMark)] == [0, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_participant_twice(self, fact: Fact, participant: Participant) -> None:
        act: Callable[[], object] = lambda: actions.count_position(fact, position="agreed", by=participant)  # noqa: E731
        assert [type(one) for one in at_once(act, act) if one is not None] == [NotAllowed]
        assert Tally.objects.get().waiting == {"agreed": 1}

    def test_the_fifth_as_it_closes(self, fact: Fact) -> None:
        say(fact, *["agreed"] * 4)
        fifth = newcomer(fact.dialogue_session)
        refused, _ = at_once(
            lambda: actions.count_position(fact, position="agreed", by=fifth),
            lambda: actions.close_facts(fact.dialogue_session),
        )
        [tally] = Tally.objects.all()
        assert (isinstance(refused, NotAllowed), tally.shown) in [(True, {}), (False, {"agreed": 5})]
        assert (tally.waiting, TallyMark.objects.count()) == ({}, 0)

    def test_an_answer_as_the_fact_goes(self, fact: Fact, participant: Participant, facilitator: User) -> None:
        at_once(
            lambda: actions.count_position(fact, position="agreed", by=participant),
            lambda: actions.remove_fact(fact, by=facilitator),
        )
        assert [model.objects.count() for model in (Fact, Tally, TallyMark)] == [0, 0, 0]

    def test_two_facilitators_add(self, open_session: DialogueSession) -> None:
        at_once(*(lambda name=name: make_fact(open_session, statement=name) for name in ("One.", "Two.")))
        assert [number for number, _ in statements(open_session)] == [1, 2]
