"""What was said so far in the demo's sessions, round by round, through the same steps as on the site."""

from collections.abc import Iterable
from itertools import groupby

from accounts.models import User
from demo.content.entries import CommentEntry, NoteEntry
from demo.rooms import Room
from dialogue.moderation.actions import approve_comment, claim_comment, release_batch, return_comment
from dialogue.moderation.actions_appeals import ask_again, uphold_return
from dialogue.moderation.actions_edits import propose_words, take_words
from dialogue.notes.actions import write_note
from dialogue.reflections.actions import answer_reflection, let_out_answers, submit_reflection
from dialogue.reflections.models import Reflection
from dialogue.reflections.queries import stories, unsettled
from dialogue.sessions.actions_rounds import close_round, open_round
from dialogue.sessions.matrix import goes_in_turns
from dialogue.sessions.models import ListenerSeat, Round, RoundKind
from dialogue.threads.actions import pass_round, submit_comment, withdraw_comment
from dialogue.threads.actions_turns import open_next_turn
from dialogue.threads.models import Comment
from dialogue.threads.periods import HOURS

LAST = 1_000  # a turn after every batch


def turn(entry: CommentEntry) -> int:
    """When in its round a text has its turn: what came back first, then batch by batch, then what still waits."""
    if entry.batch:
        return entry.batch
    return 0 if entry.becomes in ("returned", "upheld") and not entry.answers else LAST


class Talk:
    """One session's rounds, played up to the one that is on now."""

    def __init__(self, room: Room, entries: Iterable[CommentEntry]) -> None:
        self.room = room
        self.entries = list(entries)
        self.comments: dict[str, Comment] = {}

    def play(self) -> None:
        """Open and close the rounds in their order; the one that is on stays open."""
        for key, round in self.room.rounds.items():
            open_round(round, by=self.room.team[0])
            self._play_round(key, round)
            if key == self.room.entry.round_now:
                return
            close_round(round, by=self.room.team[0])
            self._let_out_answers(round)

    def _play_round(self, key: str, round: Round) -> None:
        entries = sorted((entry for entry in self.entries if entry.round == key), key=turn)
        for _turn, group in groupby(entries, key=turn):
            self._play_turn(list(group), round)
        for entry in entries:
            if entry.becomes == "withdrawn":
                withdraw_comment(self.comments[entry.key])
        for letter in self.room.entry.passes.get(key, []):
            pass_round(round, alias=self.room.aliases[letter])

    def _play_turn(self, entries: list[CommentEntry], round: Round) -> None:
        for entry in entries:
            self.comments[entry.key] = self._submit(entry, round)
        for entry in entries:
            self._read(entry, by=self._reader(entry))
        if entries[0].batch:
            texts = [self.comments[entry.key].pk for entry in entries]
            release_batch(round, comments=texts, by=self.room.team[0])

    def _submit(self, entry: CommentEntry, round: Round) -> Comment:
        alias, seat = self.room.aliases.get(entry.by), self.room.seats.get(entry.by)
        if not entry.answers and goes_in_turns(round.kind):
            own = Comment.objects.filter(thread__round=round).counted(alias=alias, seat=seat)
            if own.count() >= round.turn:
                open_next_turn(round, without_waiting=True, by=self.room.team[0])
        if seat and not entry.answers and round.kind == RoundKind.REFLECTING:
            return submit_reflection(round, heard=self._next_story(seat), text=entry.text, seat=seat).comment
        return submit_comment(
            round,
            text=entry.text,
            alias=alias,
            seat=seat,
            parent=self.comments[entry.answers] if entry.answers else None,
            wants_retelling=entry.wants_retelling or bool(entry.retold),
        )

    def _next_story(self, seat: ListenerSeat) -> Comment:
        """The first story that this listener has not told back."""
        story = stories(self.room.dialogue_session).exclude(reflections__seat=seat).first()
        assert story is not None, "the content has a story for each reflection"  # noqa: S101 - shown when loading
        return story

    def _let_out_answers(self, round: Round) -> None:
        """All who told a story say of what was heard in it: yes, that's it."""
        told = list(unsettled(round))
        for reflection in told:
            if reflection.heard.alias:
                answer_reflection(reflection, answer=Reflection.Answer.CONFIRMED, alias=reflection.heard.alias)
        if told:
            let_out_answers(round, by=self.room.team[0])

    def _reader(self, entry: CommentEntry) -> User:
        return self.room.team[self.entries.index(entry) % len(self.room.team)]

    def _read(self, entry: CommentEntry, *, by: User) -> None:
        comment = self.comments[entry.key]
        if entry.becomes == "held":
            self._let_wait(comment, entry.waited_hours // HOURS)
            return
        claim_comment(comment, version=comment.version, by=by)
        if entry.reason:
            return_comment(comment, version=comment.version, reason=entry.reason, note=entry.note, by=by)
            self._look_again(entry, returned_by=by)
        elif entry.becomes == "proposed":
            propose_words(comment, version=comment.version, text=entry.proposed, note=entry.why, by=by)
        elif entry.retold:
            propose_words(comment, version=comment.version, text=entry.retold, by=by)
            take_words(comment, version=comment.version)
        else:
            approve_comment(comment, version=comment.version, by=by)

    def _look_again(self, entry: CommentEntry, *, returned_by: User) -> None:
        """Its author asks that somebody else looks again, and a colleague does, if the entry says so."""
        comment = self.comments[entry.key]
        if entry.becomes in ("appealed", "upheld"):
            ask_again(comment, version=comment.version)
        if entry.becomes == "upheld":
            colleague = next(person for person in self.room.team if person != returned_by)
            uphold_return(comment, version=comment.version, note=entry.second_note, by=colleague)

    def _let_wait(self, comment: Comment, periods: int) -> None:
        """Have it handed in so many reading periods ago: no action writes into the past."""
        if periods and comment.period is not None:
            comment.period -= periods
            comment.save(update_fields=["period"])

    def note(self, entry: NoteEntry, *, by: User) -> None:
        """A facilitator's note about the session, a round or a text of it."""
        write_note(
            session=self.room.dialogue_session,
            round=self.room.rounds.get(entry.round),
            comment=self.comments.get(entry.comment),
            text=entry.text,
            shared=entry.shared_with == "team",
            by=by,
        )
