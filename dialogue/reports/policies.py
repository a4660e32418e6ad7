"""When themes are asked about, when a report may be shown and come out, and what is missing before it can."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dialogue.reports.models import Report, Theme
from dialogue.sessions.ending import seal_day
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.policies import Gap
from dialogue.threads.models import QuoteConsent

#: Full days in which the participants look at a report before it can come out. The day on which they begin is not one.
PREVIEW_DAYS = 7
#: In which states of its session a report can be written.
WRITABLE = (State.OPEN, State.FOLLOW_UP)
#: In which states the words and the place of a theme can be changed.
CHANGEABLE = (Theme.State.DRAFT, Theme.State.REFUSED)
#: Under which themes words of participants can be put.
QUOTABLE = (Theme.State.DRAFT, Theme.State.APPROVED)
YES, NO, PASS = "yes", "no", "pass"
ANSWERS = ((YES, _("Yes, that was said")), (NO, _("No")), (PASS, _("Pass")))


def subject_of(theme: Theme) -> str:
    """Under which name the answers to this theme are counted."""
    return f"theme {theme.pk}"


def is_approved(counts: Mapping[str, int]) -> bool:
    """Whether more said yes than no. All passed: it is not."""
    return counts.get(YES, 0) > counts.get(NO, 0)


def allows(consent: str, *, verbatim: bool) -> bool:
    """Whether the author of a text agreed to this kind of quote. Who allows the words allows other words, too."""
    if verbatim:
        return consent == QuoteConsent.VERBATIM
    return consent in (QuoteConsent.PARAPHRASE, QuoteConsent.VERBATIM)


def is_writable(dialogue_session: DialogueSession, report: Report | None) -> bool:
    """Whether themes, quotes and the introduction can be changed now."""
    is_draft = report is None or report.state == Report.State.DRAFT
    return is_draft and dialogue_session.state in WRITABLE


def comes_out_from(preview_from: date) -> date:
    """The first day on which a report can come out whose preview began on this day."""
    return preview_from + timedelta(days=PREVIEW_DAYS + 1)


def last_start(dialogue_session: DialogueSession) -> date | None:
    """The last day on which a preview can begin: all its days lie before the one on which names are cut off."""
    sealed = seal_day(dialogue_session)
    return sealed and sealed - timedelta(days=PREVIEW_DAYS + 1)


@dataclass(frozen=True)
class Standing:
    """Where the report of one session stands: how many themes there are, and how many requests nobody has read."""

    dialogue_session: DialogueSession
    report: Report | None
    approved: int = 0
    offered: int = 0
    unread: int = 0

    @property
    def pk(self) -> UUID:
        """What the addresses of the report's pages need."""
        return self.dialogue_session.pk

    @property
    def state(self) -> str:
        """The report's state; a draft before anything was written."""
        return self.report.state if self.report else Report.State.DRAFT

    @property
    def comes_out_from(self) -> date | None:
        """The first day on which it can come out, while it is shown to the participants."""
        return comes_out_from(self.report.preview_from) if self.report and self.report.preview_from else None


def preview_gaps(now: Standing, day: date) -> Iterator[Gap]:
    """What is missing before the participants can be shown the report."""
    if not now.approved:
        text = _("No theme was found right by the participants yet.")
        yield Gap(text, _("Go to the themes"), "reports:write", now.pk, "themes")
    if now.offered:
        text = _("Themes that the participants are still asked about: {count}. Have the answers counted.")
        yield Gap(format_lazy(text, count=now.offered), _("Count the answers"), "reports:write", now.pk, "themes")
    last = last_start(now.dialogue_session)
    if last is None:
        yield Gap(_("The session is not over yet."), _("Go to the session"), "sessions:manage", now.pk)
    elif day > last:
        text = _(
            "The participants’ names are cut off too soon: nobody could look for {days} full days. The last day to"
            " begin was {last}. This report can’t come out any more."
        )
        gap = format_lazy(text, days=PREVIEW_DAYS, last=date_format(last, "DATE_FORMAT"))
        yield Gap(gap, _("See the dates"), "retention:session", now.pk)


def publish_gaps(now: Standing, day: date) -> Iterator[Gap]:
    """What is missing before the report can come out."""
    ready = now.comes_out_from
    if now.state != Report.State.PREVIEW or ready is None:
        text = _("The participants have not been shown the report yet.")
        yield Gap(text, _("Show it to them"), "reports:write", now.pk)
        return
    if day < ready:
        text = _("The participants look at it for {days} full days. It can come out from {day} on.")
        gap = format_lazy(text, days=PREVIEW_DAYS, day=date_format(ready, "DATE_FORMAT"))
        yield Gap(gap, _("Read what they see"), "reports:preview", now.pk)
    if now.unread:
        text = _("Requests to change the report that nobody has read: {count}.")
        yield Gap(format_lazy(text, count=now.unread), _("Read the requests"), "messages:list", now.pk)


def gaps(now: Standing, day: date) -> list[Gap]:
    """What is missing before the next step of the report; [] = it can be taken, or the report is out."""
    if now.state == Report.State.PUBLISHED:
        return []
    check = preview_gaps if now.state == Report.State.DRAFT else publish_gaps
    return list(check(now, day))


def next_step(now: Standing) -> str:
    """What comes next for a report that is not out."""
    if now.state == Report.State.DRAFT:
        return gettext("Show the report to the participants")
    return gettext("Bring the report out")
