"""The reports of the demo's sessions that are over: one is out, one in preview, one being written."""

from datetime import timedelta

from accounts.models import Participant, today
from demo.content.entries import Content, QuoteEntry, ReportEntry, ThemeEntry
from demo.rooms import Room
from dialogue.reports.actions import answer_theme, count_theme, offer_theme, write_intro, write_theme
from dialogue.reports.actions_quotes import quote_retold, quote_verbatim
from dialogue.reports.actions_report import publish_report, start_preview
from dialogue.reports.models import Report, Theme
from dialogue.reports.policies import PREVIEW_DAYS
from dialogue.threads.actions_quotes import set_quote_consent
from dialogue.threads.models import Comment

# For how many days the participants have been shown a report; a draft they have not.
SHOWN_FOR: dict[str, int] = {Report.State.PREVIEW: 2, Report.State.PUBLISHED: PREVIEW_DAYS + 1}


def report(room: Room, content: Content, participants: dict[str, Participant], texts: dict[str, Comment]) -> None:
    """The report of one session, if it has one, through the same steps as on the site."""
    for entry in content.reports:
        if entry.session == room.entry.key:
            _write(room, entry, participants, texts)


def _write(room: Room, entry: ReportEntry, participants: dict[str, Participant], texts: dict[str, Comment]) -> None:
    by = room.team[0]
    write_intro(room.dialogue_session, intro=entry.intro, by=by)
    for one in entry.themes:
        theme = write_theme(room.dialogue_session, title=one.title, text=one.text, by=by)
        for quote in one.quotes:
            _quote(room, theme, quote, texts[quote.text])
        _ask(room, theme, one, participants)
    if entry.becomes in SHOWN_FOR:
        start_preview(room.dialogue_session, by=by)
        begun = today() - timedelta(days=SHOWN_FOR[entry.becomes])  # no action begins a preview in the past
        Report.objects.filter(dialogue_session=room.dialogue_session).update(preview_from=begun)
    if entry.becomes == Report.State.PUBLISHED:
        publish_report(room.dialogue_session, by=by)


def _quote(room: Room, theme: Theme, entry: QuoteEntry, text: Comment) -> None:
    text.refresh_from_db()
    if entry.excerpt:
        set_quote_consent(text, consent="verbatim")
        quote_verbatim(theme, text, excerpt=entry.excerpt, by=room.team[0])
    else:
        set_quote_consent(text, consent="paraphrase")
        quote_retold(theme, text, words=entry.retold, by=room.team[0])


def _ask(room: Room, theme: Theme, entry: ThemeEntry, participants: dict[str, Participant]) -> None:
    answers = entry.asked or entry.offered
    if answers:
        offer_theme(theme, by=room.team[0])
    for letter, answer in answers.items():
        answer_theme(theme, by=participants[letter], answer=answer)
    if entry.asked:
        count_theme(theme, by=room.team[-1])
