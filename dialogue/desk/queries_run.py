"""The run of an open session: what is on, what is ready, who has spoken, and the one thing to do next.

Nothing here tells when anybody wrote, or who is there now: see decision 0068.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogue.messages.queries import Waiting, waiting_in
from dialogue.moderation.policies import ON_THE_WAY, authors_of, release_refusal, split_ready, waits_behind
from dialogue.moderation.queries import age_of
from dialogue.sessions.matrix import goes_in_turns
from dialogue.sessions.models import DialogueSession, Round, State
from dialogue.sessions.policies import gaps, may_reopen
from dialogue.sessions.snapshot import Snapshot
from dialogue.threads.models import Comment
from dialogue.threads.periods import hours_waiting
from dialogue.threads.queries_turns import Voice, voices

Words = str | Promise
#: What names beside the round say; the same three words for everybody, whenever it was.
SPOKEN, PASSED, NOT_YET = "spoken", "passed", "not_yet"


@dataclass(frozen=True)
class Act:
    """Something that can be done now, as components/act.html takes it.

    Without `url` there is nothing to do but wait. `post`: one tap does it; with `asks`, only after these words were
    shown. `final`: it can't be undone.
    """

    title: Words
    text: Words = ""
    url: str = ""
    action: Words = ""
    post: bool = False
    asks: Words = ""
    final: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    more_url: str = ""  # the page of the same act, with more to read or to choose
    more: Words = ""


@dataclass
class Texts:
    """The texts of one round by how far they are, as numbers; of those that are ready, the ids."""

    counts: Counter[str] = field(default_factory=Counter)
    ready: list[Comment] = field(default_factory=list)

    @property
    def held(self) -> int:
        """How many wait to be read."""
        return sum(self.counts[state] for state in Comment.WAITING)


@dataclass
class Run:
    """An open session as it stands."""

    dialogue_session: DialogueSession
    rounds: list[Round]
    texts: dict[UUID, Texts]
    oldest: int | None  # the reading period of the text that has waited longest
    voices: list[Voice]  # of the round that is on
    messages: Waiting  # private ones

    @property
    def snapshot(self) -> Snapshot:
        """As far as the gate at the end looks at it."""
        return Snapshot(self.dialogue_session, rounds=self.rounds)

    @property
    def current(self) -> Round | None:
        """The round that is on."""
        return self.snapshot.current_round

    @property
    def upcoming(self) -> Round | None:
        """The round that comes next."""
        return self.snapshot.next_round

    @property
    def closed_last(self) -> Round | None:
        """The round that was closed, if nothing came after it yet and it can be opened again."""
        begun = [one for one in self.rounds if one.state != Round.State.PLANNED]
        last = begun[-1] if begun else None
        return last if last and last.state == Round.State.DONE and may_reopen(last) else None

    @property
    def held(self) -> int:
        """How many texts wait to be read."""
        return sum(texts.held for texts in self.texts.values())

    @property
    def waited_for(self) -> int:
        """How many have neither spoken nor passed in the round that is on."""
        return sum(voice.is_waited_for for voice in self.voices)

    def going(self, round: Round) -> list[Comment]:
        """What is ready in this round and goes out next, as one batch."""
        return split_ready(self.texts[round.pk].ready, round.kind)[0]

    def refused(self, round: Round) -> Words | None:
        """Why that can't go out now; None if it can."""
        authors, over = authors_of(self.going(round)), self._is_over(round)
        return release_refusal(self.dialogue_session, kind=round.kind, over=over, **authors)

    def left(self, round: Round) -> Words:
        """What waits meanwhile, and for what; "" if nothing does."""
        left = split_ready(self.texts[round.pk].ready, round.kind)[1]
        return waits_behind(len(left), over=self._is_over(round)) if left else ""

    def _is_over(self, round: Round) -> bool:
        counts = self.texts[round.pk].counts
        return round.state == Round.State.DONE and not any(counts[state] for state in ON_THE_WAY)


def run_of(dialogue_session: DialogueSession) -> Run:
    """The run of this session as it stands now. Six queries at most."""
    rounds = list(dialogue_session.rounds.order_by("number"))
    texts, oldest = _texts(dialogue_session)
    current = next((one for one in rounds if one.state == Round.State.OPEN), None)
    heard = voices(current) if current else []
    return Run(dialogue_session, rounds, texts, oldest, heard, waiting_in(dialogue_session))


def _texts(dialogue_session: DialogueSession) -> tuple[dict[UUID, Texts], int | None]:
    """The texts of each round, and the period of the one that has waited longest. Two queries."""
    found: dict[UUID, Texts] = defaultdict(Texts)
    oldest: list[int] = []
    here = Comment.objects.filter(thread__round__dialogue_session=dialogue_session).order_by()
    counted = here.filter(state=Comment.State.RELEASED) | here.that_may_come_out()
    rows = counted.values_list("thread__round", "state")
    for pk, state, count, period in rows.annotate(Count("pk"), Min("period")):
        found[pk].counts[state] = count
        oldest += [] if period is None else [period]
    for text in here.ready().select_related("thread").defer("body").order_by("pk"):
        found[text.thread.round_id].ready.append(text)
    return found, min(oldest, default=None)


# --- What to do ---------------------------------------------------------------------------------------------------


def acts(run: Run) -> list[Act]:
    """Everything that can be done now, what matters most first."""
    if run.dialogue_session.paused:
        return [_resume(run.dialogue_session), *_messages(run), *_read(run)]
    found = [*_messages(run), *(_read(run) if _is_late(run) else ()), *_release(run)]
    found += () if _is_late(run) else _read(run)
    return [*found, *_round_acts(run), _hold(run.dialogue_session)]


def _is_late(run: Run) -> bool:
    return run.oldest is not None and hours_waiting(run.oldest) >= run.dialogue_session.reading_hours


def _hold(s: DialogueSession) -> Act:
    """One tap, because it can be undone; the reason that everybody reads stands beside it."""
    reason, url = _("A short break. We go on soon."), reverse("sessions:pause", args=[s.pk])
    text = _("Nobody can hand in anything until you go on. Everybody reads: “%(reason)s”") % {"reason": reason}
    fields = (("reason", reason),)
    more = _("Give another reason")
    return Act(_("Hold the session"), text, url, _("Hold now"), post=True, fields=fields, more_url=url, more=more)


def _resume(s: DialogueSession) -> Act:
    url = reverse("sessions:resume", args=[s.pk])
    return Act(_("The session is on hold"), s.why_paused, url, _("Go on"), post=True)


def _messages(run: Run) -> Iterator[Act]:
    unread, in_distress, unanswered = run.messages
    url = reverse("messages:list", args=[run.dialogue_session.pk])
    if unread:
        title = ngettext("%(count)d private message waits", "%(count)d private messages wait", unread)
        text = _("Somebody is not doing well.") if in_distress else ""
        yield Act(title % {"count": unread}, text, url, _("Read private messages"))
    if unanswered:
        yield Act(_("Somebody is not doing well: read, not answered"), "", url, _("Answer in private"))


def _read(run: Run) -> Iterator[Act]:
    if run.oldest is None:
        return
    title = ngettext("%(count)d text waits to be read", "%(count)d texts wait to be read", run.held)
    age = age_of(run.oldest, run.dialogue_session.reading_hours).text
    url = f"{reverse('moderation:queue')}?session={run.dialogue_session.pk}"
    yield Act(title % {"count": run.held}, _("The oldest: %(age)s.") % {"age": age}, url, _("Read texts"))


def _release(run: Run) -> Iterator[Act]:
    """The round that is on first, then what is left of earlier ones."""
    for round in sorted(run.rounds, key=lambda one: one != run.current):
        going = run.going(round)
        if going and run.refused(round) is None:
            count = len(going)
            named = {"count": count, "number": round.number, "kind": round.get_kind_display()}
            read = _("Round %(number)s, %(kind)s. A facilitator has read and approved each of them.") % named
            yield Act(
                ready_words(going),
                f"{read} {run.left(round)}".rstrip(),
                reverse("moderation:release", args=[round.pk]),
                ngettext("Release %(count)d text", "Release %(count)d texts", count) % named,
                post=True,
                asks=_("They come out as one batch in round %(number)s, in mixed order. All in the talk can read them.")
                % named,
                final=True,
                fields=tuple(("text", str(text.pk)) for text in going),
                more_url=reverse("moderation:release", args=[round.pk]),
                more=_("Look at them once more"),
            )


def ready_words(ready: list[Comment]) -> str:
    """How many texts of how many authors are ready."""
    count, authors = len(ready), sum(authors_of(ready).values())
    whose = ngettext("of %(count)d author", "of %(count)d authors", authors) % {"count": authors}
    words = ngettext("%(count)d text %(whose)s is ready", "%(count)d texts %(whose)s are ready", count)
    return words % {"count": count, "whose": whose}


def _round_acts(run: Run) -> Iterator[Act]:
    current, upcoming = run.current, run.upcoming
    if current:
        if run.voices:
            yield _wait(current)
        yield _close(current)
    elif upcoming:
        named = {"number": upcoming.number, "kind": upcoming.get_kind_display()}
        url = reverse("sessions:round_open", args=[upcoming.pk])
        title = _("Open round %(number)s: %(kind)s") % named
        yield Act(title, upcoming.prompt, url, _("Open this round"), post=True)
    elif not gaps(run.snapshot, State.FOLLOW_UP):
        url = f"{reverse('sessions:move_on', args=[run.dialogue_session.pk])}?to={State.FOLLOW_UP}"
        text = _("All rounds are done. You are asked once more before it closes.")
        yield Act(_("Close the session"), text, url, _("Close the session"))
    if current is None and run.closed_last:
        last = run.closed_last
        named = {"number": last.number, "kind": last.get_kind_display()}
        url = reverse("sessions:round_reopen", args=[last.pk])
        title = _("Round %(number)s, %(kind)s, is closed") % named
        yield Act(title, _("Closed too early? Nothing is lost."), url, _("Open it again"), post=True)
    if upcoming:
        named = {"number": upcoming.number, "kind": upcoming.get_kind_display()}
        url = reverse("sessions:round_skip", args=[upcoming.pk])
        yield Act(_("Skip round %(number)s: %(kind)s") % named, "", url, _("Skip it"))


def turn_act(run: Run) -> Act | None:
    """The next turn of the round that is on, also while not all have had theirs; None where it goes in no turns.

    Shown with the names only: it tells when the last one has passed, so no page may bring it up to date by itself.
    """
    current = run.current
    if current is None or not run.voices or not goes_in_turns(current.kind) or run.dialogue_session.paused:
        return None
    left = run.waited_for > 0
    named = {"turn": current.turn, "next": current.turn + 1}
    more = _("In the next turn each can write one more text.")
    return Act(
        _("Not everybody has spoken or passed yet") if left else _("All have spoken or passed"),
        more,
        reverse("threads:next_turn", args=[current.pk]),
        _("Open turn %(next)s without waiting") % named if left else _("Open turn %(next)s") % named,
        post=True,
        asks=_("They can still write what is theirs, in this turn and in the next.") if left else more,
        final=True,
        fields=(("turn", str(current.turn)), ("without_waiting", str(left))),
    )


def _wait(round: Round) -> Act:
    """That there is nothing to do. The same however many have spoken or passed."""
    named = {"number": round.number, "kind": round.get_kind_display()}
    title = _("Round %(number)s is on: %(kind)s") % named
    return Act(title, _("You can wait. Nobody has to write. Who has spoken stands on this page."))


def _close(round: Round) -> Act:
    """One tap where it can be undone; asked for where it can't."""
    named = {"number": round.number, "kind": round.get_kind_display()}
    happens = _("Nobody can hand in anything in it any more. What waits can still be read and released.")
    title, action = _("Close round %(number)s: %(kind)s") % named, _("Close this round")
    url = reverse("sessions:round_close", args=[round.pk])
    if may_reopen(round):
        again = _("You can open it again until the next one begins.")
        return Act(title, f"{happens} {again}", url, action, post=True)
    return Act(title, "", url, action, post=True, asks=happens, final=True)


# --- What there is to see -------------------------------------------------------------------------------------------


def path(run: Run) -> list[dict[str, Any]]:
    """The agenda as a timeline: each round with its state and what came of it so far."""
    kinds = {
        Round.State.PLANNED: ("todo", "next"),
        Round.State.OPEN: ("doing", "now"),
        Round.State.DONE: ("done", "done"),
        Round.State.SKIPPED: ("stop", "done"),
    }
    return [
        {
            "round": one,
            "mark": {"kind": kinds[Round.State(one.state)][0], "text": one.get_state_display()},
            "place": kinds[Round.State(one.state)][1],
            "facts": list(_facts(run, one)),
        }
        for one in run.rounds
    ]


def _facts(run: Run, round: Round) -> Iterator[Words]:
    texts = run.texts[round.pk]
    counts = texts.counts
    if out := counts[Comment.State.RELEASED]:
        yield ngettext("%(count)d text is out.", "%(count)d texts are out.", out) % {"count": out}
    if texts.ready:
        yield f"{ready_words(run.going(round))}."
        yield from filter(None, (run.refused(round), run.left(round)))
    if texts.held:
        yield ngettext("%(count)d waits to be read.", "%(count)d wait to be read.", texts.held) % {"count": texts.held}
    if asked := counts[Comment.State.PROPOSED]:
        words = ngettext("%(count)d waits for its author’s yes.", "%(count)d wait for their authors’ yes.", asked)
        yield words % {"count": asked}


def spoken(run: Run) -> list[dict[str, Any]]:
    """Who may write in the round that is on: spoken, passed, or not yet."""
    marks = {
        SPOKEN: {"kind": "done", "text": _("Has spoken")},
        PASSED: {"kind": "done", "text": _("Has passed")},
        NOT_YET: {"kind": "todo", "text": _("Not yet")},
    }

    def word(voice: Voice) -> str:
        return SPOKEN if voice.has_spoken else PASSED if voice.has_passed else NOT_YET

    return [{"name": one.name, "is_listener": one.is_listener, "mark": marks[word(one)]} for one in run.voices]


def run_page(dialogue_session: DialogueSession) -> dict[str, Any]:
    """Everything on the page of the run."""
    run = run_of(dialogue_session)
    doable = acts(run)
    return {
        "session": dialogue_session,
        "current": run.current,
        "in_turns": run.current is not None and goes_in_turns(run.current.kind),
        "next": doable[0] if doable else None,
        "also": [act for act in doable[1:] if act.url],
        "voices": spoken(run),
        "turn": turn_act(run),
        "path": path(run),
    }
