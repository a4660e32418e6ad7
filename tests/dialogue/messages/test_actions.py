"""Private messages: who may write, answer and take back, and what is left of them."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.messages import actions, queries
from dialogue.messages.models import PrivateMessage
from dialogue.messages.policies import MOST, WRITABLE
from dialogue.retention.clock import delete_orphaned_messages, seal_names
from dialogue.sessions.actions_aliases import forget_me_here
from dialogue.sessions.models import Alias, DialogueSession, State
from seeds.transitions import NotAllowed
from seeds.vault import unseal
from tests import factories
from tests.racing import at_once

Kind = PrivateMessage.Kind
MARK = "my knee and the stairs"


def words(message: PrivateMessage) -> str:
    assert message.body is not None
    return unseal(message.alias.dialogue_session_id, message.pk, message.body)


def unread(facilitator: User) -> int:
    return queries.unread_for(facilitator).count()


def send(alias: Alias, text: str = MARK, **more: object) -> PrivateMessage:
    return actions.send_message(alias, text=text, kind=more.pop("kind", Kind.ACCESS), **more)  # type: ignore[arg-type]


@pytest.mark.promise("P2")
def test_a_message_is_sealed_and_numbered_and_has_no_time(alias: Alias) -> None:
    first, second = send(alias), send(alias, "And a chair.")
    assert [(one.number, one.kind, one.is_read, words(one)) for one in (first, second)] == [
        (1, "access", False, MARK),
        (2, "access", False, "And a chair."),
    ]
    assert MARK.encode() not in bytes(first.body or b"")
    columns = {field.get_internal_type() for field in PrivateMessage._meta.local_fields}
    assert columns & {"DateField", "DateTimeField", "TimeField", "AutoField", "BigAutoField"} == set()


@pytest.mark.parametrize("state", State)
def test_one_writes_from_the_announcement_until_the_names_are_sealed(state: State, participant: Participant) -> None:
    dialogue_session = factories.make_session(state)
    alias = factories.make_alias(dialogue_session, participant)
    if state in WRITABLE:
        assert send(alias).number == 1
        return
    with pytest.raises(NotAllowed):
        send(alias)
    assert not PrivateMessage.objects.exists()


def test_who_was_removed_or_forgotten_writes_no_more(open_session: DialogueSession) -> None:
    gone = factories.make_alias(open_session, removed=True)
    forgotten = factories.make_alias(open_session)
    forget_me_here(forgotten)
    for alias in (gone, forgotten):
        with pytest.raises(NotAllowed):
            send(alias)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 3_001])
def test_a_blank_or_too_long_message_is_refused(alias: Alias, text: str) -> None:
    with pytest.raises(ValidationError):
        send(alias, text)
    assert not PrivateMessage.objects.exists()


def test_sent_twice_it_is_one_and_another_text_under_the_same_id_is_refused(alias: Alias, other_alias: Alias) -> None:
    first = send(alias)
    assert send(alias, pk=first.pk) == first
    for author, text in ((alias, "Something else"), (other_alias, MARK)):
        with pytest.raises(actions.AlreadySent):
            send(author, text, pk=first.pk)
    assert PrivateMessage.objects.count() == 1


def test_a_full_conversation_takes_no_more(alias: Alias) -> None:
    PrivateMessage.objects.create(alias=alias, number=MOST)
    with pytest.raises(NotAllowed):
        send(alias)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_two_numbers(alias: Alias) -> None:
    at_once(lambda: send(alias, "One"), lambda: send(alias, "Two"), lambda: send(alias, "Three"))
    assert sorted(PrivateMessage.objects.values_list("number", flat=True)) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_a_message_taken_back_while_the_team_reads_it_is_gone(alias: Alias, facilitator: User) -> None:
    message = send(alias)
    at_once(
        lambda: actions.take_back_message(message),
        lambda: actions.read_by_team(alias, by=facilitator),
        lambda: queries.conversation(alias),
    )
    assert [(one.paragraphs, str(one.gone)) for one in queries.conversation(alias)] == [([], "Taken back.")]


@pytest.mark.promise("P6")
def test_taking_back_destroys_the_words_once(alias: Alias) -> None:
    message = send(alias)
    assert actions.take_back_message(message).body is None
    with pytest.raises(NotAllowed):
        actions.take_back_message(message)
    assert PrivateMessage.objects.get().body is None


def test_a_facilitators_answer_can_not_be_taken_back_by_the_participant(alias: Alias, facilitator: User) -> None:
    answer = actions.answer_message(alias, text="We have a chair.", by=facilitator)
    with pytest.raises(NotAllowed):
        actions.take_back_message(answer)


def test_only_the_team_answers_and_the_log_says_so_without_a_name(
    alias: Alias, facilitator: User, other_facilitator: User, listener: User, operator: User
) -> None:
    for stranger in (other_facilitator, listener, operator):
        with pytest.raises(NotAllowed):
            actions.answer_message(alias, text="Hello", by=stranger)
    answer = actions.answer_message(alias, text="We have a chair.", by=facilitator)
    assert (answer.written_by, words(answer)) == (facilitator, "We have a chair.")
    event = AuditEvent.objects.get(verb="answer_message")
    assert (event.actor, event.dialogue_session, event.detail) == (facilitator.pk, alias.dialogue_session_id, "")


def test_nobody_is_answered_who_can_not_read_it(alias: Alias, facilitator: User) -> None:
    forget_me_here(alias)
    with pytest.raises(NotAllowed):
        actions.answer_message(alias, text="Hello", by=facilitator)


def test_reading_marks_what_is_new_on_either_side(alias: Alias, facilitator: User) -> None:
    send(alias)
    send(alias, "Second")
    assert unread(facilitator) == 2
    assert actions.read_by_team(alias, by=facilitator) == 2
    assert unread(facilitator) == 0
    actions.answer_message(alias, text="Yes.", by=facilitator)
    assert (actions.read_by_participant(alias), actions.read_by_participant(alias)) == (1, 0)


def test_sealing_the_names_destroys_the_messages(participant: Participant, facilitator: User) -> None:
    ended = factories.make_session(State.FOLLOW_UP, team=[facilitator])
    alias = factories.make_alias(ended, participant)
    send(alias)
    DialogueSession.objects.filter(pk=ended.pk).update(closed_at=timezone.now() - timedelta(days=40))
    assert seal_names(ended.pk, timezone.now())
    assert not PrivateMessage.objects.exists()


def test_forgetting_a_name_destroys_its_messages_with_the_clocks_next_run(
    alias: Alias, other_alias: Alias, facilitator: User
) -> None:
    send(alias)
    kept = send(other_alias)
    forget_me_here(alias)
    assert unread(facilitator) == 1
    assert delete_orphaned_messages() == 1
    assert list(PrivateMessage.objects.all()) == [kept]
