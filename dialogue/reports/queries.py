"""Reports and what stands in them, as pages show it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Agency, Participant, User
from dialogue.messages.models import PrivateMessage
from dialogue.moderation.models import ProposedEdit
from dialogue.reports.models import Quote, Report, Theme
from dialogue.reports.policies import Standing, subject_of
from dialogue.reports.repeats import Withheld
from dialogue.sessions.matrix import LISTENER, PARTICIPANT
from dialogue.sessions.models import Alias, DialogueSession
from dialogue.sessions.models_objections import Objection
from dialogue.tallies.queries import answered
from dialogue.threads.models import Comment, QuoteConsent
from dialogue.threads.queries_texts import opened

# --- For everybody ---------------------------------------------------------------------------------------------------


def published() -> QuerySet[Report]:
    """The reports that are out, the latest first."""
    out = Report.objects.filter(state=Report.State.PUBLISHED)
    return out.select_related("dialogue_session").order_by("-published_on", "pk")


def of_agency(agency: Agency) -> QuerySet[Report]:
    """The reports of talks to which this agency was invited."""
    return published().filter(dialogue_session__agencies=agency)


def out_of(dialogue_session: DialogueSession) -> Report | None:
    """The report of this session, if it is out."""
    return published().filter(dialogue_session=dialogue_session).first()


# --- For those in the session ----------------------------------------------------------------------------------------


def stages(dialogue_sessions: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """What there is to do about the report of each of these sessions: its state, and if themes are asked about.

    One query; sessions without a report are left out.
    """
    offered = Theme.objects.filter(report=OuterRef("pk"), state=Theme.State.OFFERED)
    rows = Report.objects.filter(dialogue_session__in=list(dialogue_sessions)).annotate(asks=Exists(offered))
    return {
        row.dialogue_session_id: {"pk": row.pk, "state": row.state, "asks": row.asks, "preview_from": row.preview_from}
        for row in rows
    }


def themes_for(participant: Participant, dialogue_session: DialogueSession) -> list[dict[str, Any]]:
    """The themes about which the participants are asked or were, each with `answered`. Two queries."""
    shown = (Theme.State.OFFERED, Theme.State.APPROVED)
    themes = list(Theme.objects.filter(report__dialogue_session=dialogue_session, state__in=shown).order_by("number"))
    done = answered(participant, [subject_of(theme) for theme in themes])
    return [{"theme": theme, "answered": subject_of(theme) in done} for theme in themes]


# --- For the team ----------------------------------------------------------------------------------------------------


def led_themes(user: User) -> QuerySet[Theme]:
    """The themes of the sessions this facilitator leads."""
    led = DialogueSession.objects.led_by(user)
    themes = Theme.objects.filter(report__dialogue_session__in=led.values("pk"))
    return themes.select_related("report__dialogue_session")


def led_quotes(user: User) -> QuerySet[Quote]:
    """The quotes of the sessions this facilitator leads."""
    led = DialogueSession.objects.led_by(user)
    quotes = Quote.objects.filter(theme__report__dialogue_session__in=led.values("pk"))
    return quotes.select_related("theme__report__dialogue_session", "comment")


def unread_requests(dialogue_sessions: Iterable[DialogueSession]) -> dict[UUID, int]:
    """How many requests to change the report of each of these sessions nobody on the team has read. One query."""
    waiting = PrivateMessage.objects.filter(
        alias__dialogue_session__in=[one.pk for one in dialogue_sessions],
        alias__tag__isnull=False,
        kind=PrivateMessage.Kind.REPORT,
        written_by=None,
        is_read=False,
        body__isnull=False,
    )
    counts = waiting.values_list("alias__dialogue_session").annotate(number=Count("pk")).order_by()
    return dict(counts)


def standings(dialogue_sessions: Iterable[DialogueSession]) -> list[Standing]:
    """Where the reports of these sessions stand. Two queries, however many there are."""
    sessions = list(dialogue_sessions)
    reports = Report.objects.filter(dialogue_session__in=sessions).annotate(
        approved=Count("themes", filter=Q(themes__state=Theme.State.APPROVED)),
        offered=Count("themes", filter=Q(themes__state=Theme.State.OFFERED)),
    )
    found = {report.dialogue_session_id: report for report in reports}
    unread = unread_requests(sessions)
    return [
        Standing(
            dialogue_session=one,
            report=found.get(one.pk),
            approved=found[one.pk].approved if one.pk in found else 0,
            offered=found[one.pk].offered if one.pk in found else 0,
            unread=unread.get(one.pk, 0),
        )
        for one in sessions
    ]


def standing_of(dialogue_session: DialogueSession) -> Standing:
    """Where the report of this session stands."""
    return standings([dialogue_session])[0]


# --- Words -----------------------------------------------------------------------------------------------------------


def quotable(dialogue_session: DialogueSession) -> QuerySet[Comment]:
    """The released texts of this session of which their authors let the report carry something, in reading order."""
    texts = Comment.objects.filter(
        thread__round__dialogue_session=dialogue_session, state=Comment.State.RELEASED
    ).exclude(quote_consent=QuoteConsent.NONE)
    return texts.select_related("thread__round").order_by("thread__round__number", "batch", "place")


def words_of(comment: Comment, session_id: UUID) -> str:
    """The words of a text; "" when there are none, or they can't be read."""
    return opened(session_id, comment.pk, comment.body)[0]


def side_of(comment: Comment) -> str:
    """Who said it, as far as a report tells: a participant or a listener."""
    return PARTICIPANT if comment.alias_id else LISTENER


def quoted(quote: Quote, session_id: UUID) -> str:
    """The words that the report carries; "" when the text has changed since, or nothing can be read."""
    if quote.comment_version != quote.comment.version:
        return ""
    if quote.retold is not None:
        return opened(session_id, quote.pk, quote.retold)[0]
    return words_of(quote.comment, session_id)[quote.start : quote.end]


def themes_of(report: Report, *, approved: bool = False) -> list[dict[str, Any]]:
    """The themes in their order, each with its quotes in words. Two queries."""
    themes = report.themes.order_by("number").prefetch_related("quotes__comment")
    if approved:
        themes = themes.filter(state=Theme.State.APPROVED)
    session_id = report.dialogue_session_id
    return [{"theme": theme, "quotes": _quotes_of(theme, session_id)} for theme in themes]


def _quotes_of(theme: Theme, session_id: UUID) -> list[dict[str, Any]]:
    rows = sorted(theme.quotes.all(), key=lambda quote: quote.pk)
    shown = [
        {
            "pk": quote.pk,
            "words": quoted(quote, session_id),
            "side": side_of(quote.comment),
            "is_retold": quote.retold is not None,
        }
        for quote in rows
    ]
    return [row for row in shown if row["words"]]


def withheld(dialogue_session: DialogueSession, *, but_given: bool = False) -> Withheld:
    """Everything that a report must not repeat: words of texts, of other words proposed for one, of what participants
    wrote in private; and their names. Read by the program only.

    `but_given`: texts that their authors gave word for word are left out. Only quotes may repeat those: a quote goes
    when the text does, a theme would stay.
    """
    pk = dialogue_session.pk
    texts = Comment.objects.filter(thread__round__dialogue_session=pk, body__isnull=False)
    given = Q(quote_consent=QuoteConsent.VERBATIM, state=Comment.State.RELEASED)
    kept: Iterable[QuerySet[Any]] = (
        texts.exclude(given) if but_given else texts,
        ProposedEdit.objects.filter(comment__thread__round__dialogue_session=pk),
        PrivateMessage.objects.filter(alias__dialogue_session=pk, written_by=None, body__isnull=False),
        Objection.objects.filter(alias__dialogue_session=pk, body__isnull=False),
    )
    words = (opened(pk, row, body)[0] for rows in kept for row, body in rows.order_by().values_list("pk", "body"))
    return Withheld.of(words, Alias.objects.filter(dialogue_session=pk).values_list("name", flat=True))


def repeats(report: Report) -> list[dict[str, Any]]:
    """Where the report, as it stands, repeats what it must not: the theme (None: the introduction), and the words."""
    everything = withheld(report.dialogue_session)
    not_given = withheld(report.dialogue_session, but_given=True)
    found: list[dict[str, Any]] = [{"theme": None, "words": everything.found_in(report.intro)}]
    for row in themes_of(report, approved=True):
        theme, quotes = row["theme"], row["quotes"]
        own = [theme.title, theme.text, *(quote["words"] for quote in quotes if quote["is_retold"])]
        words = [part for text in own for part in everything.found_in(text)]
        words += [part for quote in quotes if not quote["is_retold"] for part in not_given.found_in(quote["words"])]
        found.append({"theme": theme, "words": words})
    return [row for row in found if row["words"]]
