"""The figures as pages draw them: a sentence that says what was found, how many it is about, bars with numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogue.commitments.seen import Seen
from dialogue.figures.policies import Range
from dialogue.figures.queries import STANDINGS, Part, Promises, Share, Texts
from dialogue.moderation.models import Reason
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.times import local

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Row:
    """One bar, as components/meter_row.html takes it."""

    label: str
    value: int
    max: int
    text: str


@dataclass(frozen=True)
class Table:
    """Bars that can be compared. `head` says what its rows are about."""

    caption: str
    head: "StrOrPromise"
    rows: list[Row]


@dataclass(frozen=True)
class Section:
    """One finding with what it rests on; without tables, `empty` says when there will be some."""

    finding: str
    note: str = ""
    tables: list[Table] = field(default_factory=list)
    empty: str = ""


def of_many(value: int, of: int) -> str:
    """In words."""
    return _("%(value)d of %(max)d") % {"value": value, "max": of}


def in_words(count: Range) -> str:
    """A stretch of five in words: never more exact than it is."""
    if count.low == count.high:
        return of_many(count.low, count.of)
    return _("%(low)d to %(high)d of %(of)d") % {"low": count.low, "high": count.high, "of": count.of}


def about(number: int) -> str:
    """A number that the report rounds, in words."""
    return _("about %(number)d") % {"number": number} if number else _("fewer than 5")


def named(dialogue_session: DialogueSession) -> str:
    """A session as the name of a row: title, and when it was."""
    start = local(dialogue_session.starts_at, dialogue_session.time_zone)
    words = {"title": dialogue_session.title, "month": date_format(start, "YEAR_MONTH_FORMAT")}
    return _("%(title)s (%(month)s)") % words


# --- One session -----------------------------------------------------------------------------------------------------


def took_part(parts: list[Part]) -> Section:
    """Round by round, how many handed in a text or passed."""
    if not parts:
        return Section(
            _("Who took part"),
            empty=_("A round shows here once it is over, if five or more had joined. Nobody is named."),
        )
    least = min(parts, key=lambda part: part.spoke_or_passed.low)
    most = max(parts, key=lambda part: part.spoke_or_passed.low)
    words = {
        "low": in_words(least.spoke_or_passed),
        "high": in_words(most.spoke_or_passed),
        "least": least.round.get_kind_display(),
        "most": most.round.get_kind_display(),
    }
    finding = _("Most took part in round “%(most)s” (%(high)s), fewest in “%(least)s” (%(low)s)")
    if least.spoke_or_passed.low == most.spoke_or_passed.low:
        finding = _("In each round that is over, %(low)s took part")
    captions = (_("Handed in a text or passed"), _("Of these: handed in a text"))
    counts = ([part.spoke_or_passed for part in parts], [part.wrote for part in parts])
    n = parts[0].spoke_or_passed.of
    return Section(
        finding % words,
        _(
            "%(n)d had joined. We count by fives, so that no number leads to one person. Passing is taking part, so it"
            " is counted with writing. Rounds in which not all are asked are left out."
        )
        % {"n": n},
        [
            Table(caption, _("Round"), [_bar(part, count) for part, count in zip(parts, of_parts, strict=True)])
            for caption, of_parts in zip(captions, counts, strict=True)
        ],
    )


def _bar(part: Part, count: Range) -> Row:
    return Row(str(part.round), count.low, count.of, in_words(count))


def _rows_of(texts: Texts) -> list[Row]:
    numbers = (
        (_("Let through"), texts.let_through),
        (_("Came back with a reason"), texts.returned),
        (_("Other words that their author took"), texts.words_taken),
        (_("Looked at again by somebody else"), texts.second_looks),
        (_("Not read yet"), texts.waiting),
    )
    most = max(texts.handed_in, *(number for _label, number in numbers), 1)
    return [Row(label, number, most, about(number)) for label, number in numbers]


def became_of_texts(texts: Texts | None) -> Section:
    """What became of the texts, and why some came back."""
    if texts is None:
        return Section(
            _("What became of the texts"),
            empty=_("These numbers come once the session is closed, and go when its words go."),
        )
    words = {"all": about(texts.handed_in), "through": about(texts.let_through), "back": about(texts.returned)}
    tables = [Table(_("What became of them"), _("Texts"), _rows_of(texts))]
    if texts.reasons:
        most = max(texts.reasons.values())
        rows = [Row(str(Reason(key).label), number, most, about(number)) for key, number in texts.reasons.items()]
        tables.append(Table(_("Why texts came back"), _("Reason"), rows))
    return Section(
        _("Texts handed in: %(all)s. Let through: %(through)s. Came back: %(back)s") % words,
        _(
            "Texts of both sides. Each number is rounded to five by itself, as in the report, so they need not add up."
            " A text can be in two rows. Reasons show from five texts on."
        ),
        tables,
    )


def read_in_time(share: Share | None, hours: int) -> Section:
    """Whether texts were read within the promised hours."""
    promise = _("Promised: within %(hours)d hours, in steps of four.") % {"hours": hours}
    if share is None:
        return Section(
            _("Were texts read in time?"),
            empty=promise + " " + _("The first number comes once five texts have been read."),
        )
    return Section(
        _("%(share)s texts were read in time") % {"share": of_many(share.value, share.of)},
        promise + " " + _("We count by fives as texts are read, and keep no time of any text."),
        [Table(_("Read within the promised hours"), _("Texts"), [_share_row(_("Read in time"), share)])],
    )


def _share_row(label: str, share: Share) -> Row:
    return Row(label, share.value, share.of, of_many(share.value, share.of))


def what_was_promised(made: Iterable[Promises]) -> Section:
    """How it stands with promises, and what participants say they see of them."""
    standing: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for one in made:
        standing.update(one.standing)
        seen.update(one.seen)
    total = standing.total()
    if not total:
        return Section(
            _("What was promised"), empty=_("Promises show here once a listener or an office has said yes to one.")
        )
    words = {standing_.value: standing[standing_] for standing_ in STANDINGS}
    rows = [Row(str(one.label), standing[one], total, of_many(standing[one], total)) for one in STANDINGS]
    tables = [Table(_("How it stands today"), _("Promises"), rows)]
    note = ngettext("%(n)d promise.", "%(n)d promises.", total) % {"n": total}
    if n := seen.total():
        said = [Row(str(one.label), seen[one], n, of_many(seen[one], n)) for one in Seen]
        tables.append(Table(_("What participants say they see of them (%(n)d answers)") % {"n": n}, _("Answer"), said))
    else:
        note += " " + _("What participants see of a promise shows once five have answered about it.")
    return Section(
        _("Promises kept %(kept)d, running %(running)d, late %(late)d, broken %(broken)d") % words, note, tables
    )


# --- Over all sessions of one facilitator ----------------------------------------------------------------------------


def heard_over_time(rows: list[tuple[DialogueSession, Share]]) -> Section:
    """Session by session, how many answers of participants are a yes."""
    if not rows:
        return Section(
            _("Did people feel heard?"),
            empty=_("The first numbers come once a session has closed its questions and five or more have answered."),
        )
    value, of = sum(share.value for _one, share in rows), sum(share.of for _one, share in rows)
    return Section(
        _("%(share)s answers of participants say “mostly” or “very much”") % {"share": of_many(value, of)},
        _("Only questions that five or more answered in a session count, as on its own page."),
        [Table(_("By session, the first one first"), _("Session"), [_share_row(named(s), one) for s, one in rows])],
    )


def took_part_over_time(rows: list[tuple[DialogueSession, list[Part]]]) -> Section:
    """Session by session, how often those who were asked handed in a text or passed: what each session shows, added."""
    if not rows:
        return Section(
            _("Who took part"),
            empty=_("A session shows here once a round is over in which five or more had joined."),
        )
    bars = []
    for dialogue_session, parts in rows:
        low, of = sum(part.spoke_or_passed.low for part in parts), sum(part.spoke_or_passed.of for part in parts)
        text = _("at least %(low)d of %(of)d") % {"low": low, "of": of}
        bars.append(Row(named(dialogue_session), low, of, text))
    total = {"low": sum(bar.value for bar in bars), "of": sum(bar.max for bar in bars)}
    return Section(
        _("Of %(of)d times that people were asked, they wrote or passed at least %(low)d times") % total,
        _(
            "Each round asks each person who joined once. We add up what each session’s page shows by fives, and"
            " nothing else. So to take one session from the total tells no more than its own page."
        ),
        [Table(_("By session, the first one first"), _("Session"), bars)],
    )


def texts_over_all(rows: list[Texts]) -> Section:
    """The same numbers as of one session, added up as each session shows them."""
    if not rows:
        return became_of_texts(None)
    reasons: Counter[str] = Counter()
    for one in rows:
        reasons.update(one.reasons)
    names = ("handed_in", "waiting", "let_through", "returned", "words_taken", "second_looks")
    added = {name: sum(getattr(one, name) for one in rows) for name in names}
    return became_of_texts(Texts(**added, reasons={key: reasons[key] for key in Reason.values if reasons[key]}))


def in_time_over_time(rows: list[tuple[DialogueSession, Share]]) -> Section:
    """Session by session, how many texts were read within the hours that were promised there."""
    if not rows:
        return Section(
            _("Were texts read in time?"),
            empty=_("The first number comes once five texts of a session have been read."),
        )
    value, of = sum(share.value for _one, share in rows), sum(share.of for _one, share in rows)
    return Section(
        _("%(share)s texts were read in time") % {"share": of_many(value, of)},
        _("Each session has its own promise. We count by fives as texts are read, and keep no time of any text."),
        [Table(_("By session, the first one first"), _("Session"), [_share_row(named(s), one) for s, one in rows])],
    )
