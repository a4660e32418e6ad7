"""The data of `queries.own_words` as headings, facts and words in the reader's language, for the paper."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dialogue.acknowledgments.models import Acknowledgment
from dialogue.acknowledgments.parts import GUIDE
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.moderation.models import Reason
from dialogue.ownwords.paper import lines_of, printable
from dialogue.sessions.models import ListenerSeat, RecordLabel, RoundKind, State
from dialogue.threads.models import Comment

Block = dict[str, Any]
Blocks = Iterator[Block]
Fields = dict[str, Any]


def blocks_of(words: Fields, time_zone: str) -> list[Block]:
    """The whole document, times in the reader's zone."""
    return [*_front(words), *_promises(words), *_sessions(words, ZoneInfo(time_zone)), *_commitments(words)]


def held() -> list[str]:
    """What it holds, in sentences; the page says the same."""
    return [
        _("Your acknowledgments, each version that you handed in, and what you wrote since."),
        _("Your texts, answers and reflections, with what became of each and why it came back, if it did."),
        _("Your commitments and your own news of them."),
        _("Your pledges, and what the head of your agency signed."),
        _("The sessions in which you asked for a place: title, times, what may be repeated, the prompts you answered."),
    ]


def not_held() -> list[str]:
    """What it leaves out, and why it is less after a while."""
    return [
        _("No words of participants: no story, no text that you answered, no name they bear in a session."),
        _("No notes of facilitators, as these can quote somebody."),
        _("Nothing that you took back. No reflection of a story that was taken back."),
        _("Once the words of a session are destroyed, your texts in it are gone here too. The rest stays."),
    ]


# --- Pieces ---------------------------------------------------------------------------------------------------------


def _heading(level: int, text: str) -> Block:
    return {"kind": "heading", "level": level, "text": printable(text)}


def _facts(*rows: tuple[str, str]) -> Block:
    return {"kind": "facts", "rows": [[key, printable(value)] for key, value in rows if value]}


def _said(text: str) -> Block:
    """Words of the listener, set apart from the record around them."""
    return {"kind": "words", "lines": lines_of(text)}


def _plain(text: str) -> Block:
    return {"kind": "plain", "lines": lines_of(text)}


def _day(iso: str | None) -> str:
    return date_format(date.fromisoformat(iso), "DATE_FORMAT") if iso else ""


def _label(choices: type[TextChoices], value: str) -> str:
    return str(choices(value).label) if value else ""


def _state(choices: type[TextChoices], value: str, *, is_out: bool) -> str:
    label = _label(choices, value)
    return label if is_out else _("%(state)s (not released)") % {"state": label}


# --- Parts ----------------------------------------------------------------------------------------------------------


def _front(words: Fields) -> Blocks:
    person = words["listener"]
    yield _facts(
        (_("Name"), person["name"]),
        (_("Rank"), person["rank"]),
        (_("Agency"), person["agency"]),
        (_("Made on"), _day(words["made_on"])),
        (_("Site"), words["site"]),
    )
    yield _heading(1, _("What is in here"))
    yield from map(_plain, held())
    yield _heading(1, _("What is not"))
    yield from map(_plain, not_held())
    yield _plain(
        _("A sign that can’t be printed stands as its name in brackets. The file for programs holds every sign.")
    )


def _signed(one: Fields, *rows: tuple[str, str]) -> Blocks:
    yield _facts(
        *rows,
        (_("Signed on"), _day(one["signed_on"])),
        (_("In force until"), _day(one["expires_on"])),
        (_("Withdrawn on"), _day(one["withdrawn_on"])),
        (_("Version of the text"), one["version"]),
    )
    yield _plain(one["text"])


def _promises(words: Fields) -> Blocks:
    if words["pledges"]:
        yield _heading(1, _("Your pledges"))
    for one in words["pledges"]:
        yield from _signed(one)
    if words["agreements"]:
        yield _heading(1, _("What your agency signed"))
    for one in words["agreements"]:
        yield from _signed(one, (_("Signed by"), f"{one['signed_by']}, {one['title']}"))


def _sessions(words: Fields, zone: ZoneInfo) -> Blocks:
    for session in words["sessions"]:
        seat = session["seat"]
        begins, ends = (datetime.fromisoformat(session[name]).astimezone(zone) for name in ("begins", "ends"))
        yield _heading(1, session["title"])
        yield _facts(
            (_("From"), f"{date_format(begins, 'DATETIME_FORMAT')} ({zone.key})"),
            (_("Until"), f"{date_format(ends, 'DATETIME_FORMAT')} ({zone.key})"),
            (_("State"), _label(State, session["state"])),
            (_("What may be repeated outside"), _label(RecordLabel, session["record_label"])),
            (_("Your place"), _label(ListenerSeat.State, seat["state"])),
            (_("Acknowledgment complete on"), _day(seat["complete_on"])),
            (_("Enough to begin on"), _day(seat["accepted_on"])),
        )
        yield from _acknowledgment(session["acknowledgment"])
        for number, text in enumerate(session["texts"], 1):
            yield from _text(number, text)


def _acknowledgment(given: Fields | None) -> Blocks:
    if given is None:
        return
    for version in given["versions"]:
        yield _heading(2, _("Your acknowledgment, version %(number)s") % {"number": version["number"]})
        is_last = version is given["versions"][-1]
        yield _facts(
            (_("Handed in on"), _day(version["handed_in_on"])),
            (_("State"), _label(Acknowledgment.State, given["state"]) if is_last else ""),
        )
        yield from _parts(version)
    if given["draft"]:
        yield _heading(2, _("Your acknowledgment, not handed in"))
        yield from _parts(given["draft"])


def _parts(written: Fields) -> Blocks:
    yield _plain(_label(Acknowledgment.Scope, written["scope"]))
    for part in GUIDE:
        if written[part.name]:
            yield _heading(3, str(part.title))
            yield _said(written[part.name])


def _text(number: int, text: Fields) -> Blocks:
    kinds = {"text": _("Your text"), "answer": _("Your answer to a text"), "reflection": _("What you heard in a story")}
    round = text["round"]
    yield _heading(2, f"{number}. {kinds[text['kind']]}")
    confirmed = {True: _("Somebody said: yes, that’s it"), False: "", None: ""}[text["is_confirmed"]]
    yield _facts(
        (_("Round"), f"{round['number']}: {_label(RoundKind, round['kind'])}"),
        (_("Prompt"), round["prompt"]),
        (_("State"), _state(Comment.State, text["state"], is_out=text["is_released"])),
        (_("Came back because"), "; ".join(_label(Reason, reason) for reason in text["returned_for"])),
        (_("Heard right"), confirmed),
    )
    yield _plain(_("These words can’t be read any more.")) if text["words"] is None else _said(text["words"])


def _commitments(words: Fields) -> Blocks:
    if words["commitments"]:
        yield _heading(1, _("Your commitments"))
    for number, one in enumerate(words["commitments"], 1):
        yield _heading(2, _("Commitment %(number)s") % {"number": number})
        yield _said(one["text"])
        yield _facts(
            (_("How people can tell"), one["measure"]),
            (_("By when"), _day(one["due_on"])),
            (_("Who is bound"), _label(Commitment.Authority, one["level"])),
            (_("Unit"), one["unit"]),
            (_("Agency"), one["agency"]),
            (_("Session"), one["session"]),
            (_("State"), _label(Commitment.State, one["state"])),
            (_("Promised on"), _day(one["adopted_on"])),
            (_("Ended on"), _day(one["ended_on"])),
        )
        for update in one["updates"]:
            yield from _update(update)


def _update(update: Fields) -> Blocks:
    yield _heading(3, _("News of %(day)s") % {"day": _day(update["written_on"])})
    yield _said(update["text"])
    is_out = update["state"] == CommitmentUpdate.State.RELEASED
    yield _facts(
        (_("What is new"), _label(CommitmentUpdate.Kind, update["kind"])),
        (_("State"), _state(CommitmentUpdate.State, update["state"], is_out=is_out)),
        (_("Link"), update["evidence_url"]),
    )
