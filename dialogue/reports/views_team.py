"""Pages on which the team of a session writes its report, asks about it, shows it and brings it out."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import facilitator_only, named
from accounts.models import Role, today
from dialogue.egoguard.actions import Writer
from dialogue.egoguard.forms import GuardedForm
from dialogue.reports import actions, actions_quotes, actions_report, policies, queries
from dialogue.reports.forms import RETOLD, VERBATIM, IntroForm, QuoteForm, ThemeForm
from dialogue.reports.models import Quote, Report, Theme
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.policies import present
from dialogue.sessions.queries import closing_has_begun
from dialogue.sessions.views_team import attempt, confirm, mine_or_404
from dialogue.tallies.queries import how_many
from dialogue.threads.text import paragraphs
from seeds.transitions import NotAllowed

A_PAGE = 20
FOLDER = "dialogue/reports"


def _hub(dialogue_session: DialogueSession) -> str:
    return reverse("reports:write", args=[dialogue_session.pk])


def _theme_or_404(request: HttpRequest, pk: UUID) -> Theme:
    return get_object_or_404(queries.led_themes(named(request)), pk=pk)


def _session_of(theme: Theme) -> DialogueSession:
    return theme.report.dialogue_session


@facilitator_only
@require_safe
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the report stands, what is in it, and what is missing."""
    dialogue_session = mine_or_404(request, pk)
    now = queries.standing_of(dialogue_session)
    report = now.report
    if report:
        report.dialogue_session = dialogue_session
    is_out = now.state == Report.State.PUBLISHED
    context = {
        "session": dialogue_session,
        "report": report,
        "now": now,
        "may_write": policies.is_writable(dialogue_session, report),
        "may_ask": closing_has_begun(dialogue_session),
        "themes": _themes(report) if report and not is_out else [],
        "repeats": queries.repeats(report) if report and not is_out else [],
        "gaps": policies.gaps(now, today()),
        "last_start": policies.last_start(dialogue_session),
    }
    return render(request, f"{FOLDER}/write.html", context)


_MARKS = {
    Theme.State.DRAFT: "todo",
    Theme.State.OFFERED: "doing",
    Theme.State.APPROVED: "done",
    Theme.State.REFUSED: "stop",
}


def _themes(report: Report) -> list[dict[str, Any]]:
    return [
        row
        | {
            "mark": {"kind": _MARKS[Theme.State(row["theme"].state)], "text": row["theme"].get_state_display()},
            "may_change": row["theme"].state in policies.CHANGEABLE,
            "may_quote": row["theme"].state in policies.QUOTABLE,
        }
        for row in queries.themes_of(report)
    ]


# --- Writing ---------------------------------------------------------------------------------------------------------


def _written(
    request: HttpRequest,
    form: GuardedForm,
    step: Callable[[], object],
    dialogue_session: DialogueSession,
    page: dict[str, Any],
) -> HttpResponse:
    """A form that is looked at once before it counts; then it acts and goes back to the report."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    back = page.setdefault("back", _hub(dialogue_session))
    writer = Writer(dialogue_session.pk, Role.FACILITATOR)
    known = [agency.name for agency in dialogue_session.agencies.all()]
    ready = request.method == "POST" and form.is_valid() and not form.asks(known=known, writer=writer)
    if ready and attempt(request, step, form, _("Saved.")):
        return redirect(back)
    return render(request, f"{FOLDER}/form.html", {"session": dialogue_session, "form": form} | page)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def intro(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the report is about."""
    by, dialogue_session = named(request), mine_or_404(request, pk)
    report = queries.standing_of(dialogue_session).report
    form = IntroForm(request.POST or None, initial={"body": report.intro if report else ""})
    return _written(
        request,
        form,
        lambda: actions.write_intro(dialogue_session, intro=form.cleaned_data["body"], by=by),
        dialogue_session,
        {"heading": _("What the report is about")},
    )


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def theme_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new theme."""
    by, dialogue_session = named(request), mine_or_404(request, pk)
    form = ThemeForm(request.POST or None)

    def step() -> object:
        given = form.cleaned_data
        return actions.write_theme(dialogue_session, title=given["title"], text=given["body"], by=by)

    return _written(request, form, step, dialogue_session, {"heading": _("A new theme")})


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def theme_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Other words for a theme."""
    by, theme = named(request), _theme_or_404(request, pk)
    form = ThemeForm(request.POST or None, initial={"title": theme.title, "body": theme.text})

    def step() -> object:
        return actions.change_theme(theme, title=form.cleaned_data["title"], text=form.cleaned_data["body"], by=by)

    return _written(request, form, step, _session_of(theme), {"heading": _("Change the theme")})


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def theme_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a theme, after a question."""
    by, theme = named(request), _theme_or_404(request, pk)
    page = {
        "heading": _("Delete the theme “%(title)s”") % {"title": theme.title},
        "text": _("Its words and the quotes under it go."),
        "action": _("Delete the theme"),
        "final": True,
    }
    return confirm(request, lambda: actions.delete_theme(theme, by=by), _("Deleted."), page, _hub(_session_of(theme)))


@facilitator_only
@require_POST
def theme_raise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a theme one place higher."""
    theme = _theme_or_404(request, pk)
    attempt(request, lambda: actions.raise_theme(theme, by=named(request)), None, _("Moved up."))
    return redirect(_hub(_session_of(theme)))


# --- Asking ----------------------------------------------------------------------------------------------------------


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def theme_offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the participants about a theme, after a question."""
    by, theme = named(request), _theme_or_404(request, pk)
    page = {
        "heading": _("Ask the participants about “%(title)s”") % {"title": theme.title},
        "text": _(
            "Each participant can say yes, no, or pass, once. You see how many have answered, never what. While you"
            " ask, the words can’t be changed."
        ),
        "action": _("Ask them"),
    }
    return _asked(request, lambda: actions.offer_theme(theme, by=by), _("The participants are asked."), page, theme)


def _asked(
    request: HttpRequest, step: Callable[[], object], done: str, page: dict[str, Any], theme: Theme
) -> HttpResponse:
    """Asks once; what the words of the theme stand against is said on the next page."""
    hub = _hub(_session_of(theme))
    try:
        return confirm(request, step, done, page, hub)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(hub)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def theme_count(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have the answers to a theme counted and deleted, after a question."""
    theme = _theme_or_404(request, pk)
    session = _session_of(theme)
    if request.method == "POST":
        try:
            counted = actions.count_theme(theme, by=named(request))
        except NotAllowed as refused:
            messages.warning(request, str(refused))
        else:
            approved = counted.state == Theme.State.APPROVED
            said = _("More said yes than no. The theme stands in the report.")
            refused_words = _("The participants did not say that it is so. You can write it anew and ask again.")
            (messages.success if approved else messages.info)(request, said if approved else refused_words)
        return redirect(_hub(session))
    given = how_many(policies.subject_of(theme))
    context = {
        "theme": theme,
        "session": session,
        "answered": given,
        "present": present(session),
        "may_count": theme.state == Theme.State.OFFERED and given >= session.answers_needed,
    }
    return render(request, f"{FOLDER}/count.html", context)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def theme_take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop asking about a theme, or open an approved one to changes, after a question."""
    by, theme = named(request), _theme_or_404(request, pk)
    page = {
        "heading": _("Change “%(title)s” after all") % {"title": theme.title},
        "text": _(
            "It becomes a draft again, and what the participants answered no longer counts. Then you have to ask them"
            " anew."
        ),
        "action": _("Make it a draft"),
    }
    return confirm(
        request,
        lambda: actions.take_back_theme(theme, by=by),
        _("It is a draft again."),
        page,
        _hub(_session_of(theme)),
    )


# --- Quotes ----------------------------------------------------------------------------------------------------------


@facilitator_only
@require_safe
def quotable(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The texts of which the report may carry something. Each look is recorded."""
    theme = _theme_or_404(request, pk)
    session = _session_of(theme)
    page = Paginator(queries.quotable(session), A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "pk": text.pk,
            "round": text.thread.round,
            "side": queries.side_of(text),
            "consent": text.get_quote_consent_display(),
            "paragraphs": paragraphs(queries.words_of(text, session.pk)),
        }
        for text in page
    ]
    if rows:
        actions_quotes.read_quotable(session, count=len(rows), by=named(request))
    context = {"theme": theme, "session": session, "page": page, "rows": rows, "back": _hub(session)}
    return render(request, f"{FOLDER}/quotable.html", context)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def quote_add(request: HttpRequest, pk: UUID, text: UUID) -> HttpResponse:
    """Put words of one text under a theme."""
    by, theme = named(request), _theme_or_404(request, pk)
    session = _session_of(theme)
    comment = get_object_or_404(queries.quotable(session), pk=text)
    verbatim = policies.allows(comment.quote_consent, verbatim=True)
    form = QuoteForm(request.POST or None, verbatim=verbatim)
    if request.method != "POST":
        actions_quotes.read_quotable(session, count=1, by=by)

    def step() -> Quote:
        words = form.cleaned_data["body"]
        if form.cleaned_data["how"] == VERBATIM:
            return actions_quotes.quote_verbatim(theme, comment, excerpt=words, by=by)
        assert form.cleaned_data["how"] == RETOLD  # noqa: S101 - the form has no third choice
        return actions_quotes.quote_retold(theme, comment, words=words, by=by)

    page = {
        "heading": _("A quote under “%(title)s”") % {"title": theme.title},
        "paragraphs": paragraphs(queries.words_of(comment, session.pk)),
        "consent": comment.get_quote_consent_display(),
        "back": _hub(session),
    }
    return _written(request, form, step, session, page)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def quote_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a quote out, after a question."""
    by = named(request)
    quote = get_object_or_404(queries.led_quotes(by), pk=pk)
    session = quote.theme.report.dialogue_session
    page = {
        "heading": _("Take this quote out"),
        "text": _("“%(words)s” no longer stands in the report.") % {"words": queries.quoted(quote, session.pk)},
        "action": _("Take it out"),
    }
    done = _("It is out of the report.")
    return confirm(request, lambda: actions_quotes.remove_quote(quote, by=by), done, page, _hub(session))


# --- Showing it, bringing it out -------------------------------------------------------------------------------------


def _sure(request: HttpRequest, pk: UUID, step: Callable[..., object], done: str, page: dict[str, Any]) -> HttpResponse:
    by, dialogue_session = named(request), mine_or_404(request, pk)
    return confirm(request, lambda: step(dialogue_session, by=by), done, page, _hub(dialogue_session))


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def start_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the report to the participants, after a question."""
    page = {
        "heading": _("Show the report to the participants"),
        "text": _(
            "They can read it for %(days)d full days and ask you for changes. The numbers are taken now, and the"
            " questions of this session are closed. If you change anything later, the days start anew."
        )
        % {"days": policies.PREVIEW_DAYS},
        "action": _("Show it to them"),
    }
    return _sure(request, pk, actions_report.start_preview, _("The participants can read it now."), page)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a report that is shown a draft again, after a question."""
    dialogue_session = mine_or_404(request, pk)
    last = policies.last_start(dialogue_session)
    text = _("It becomes a draft again. Once you show it anew, the %(days)d full days start from the beginning.")
    words = text % {"days": policies.PREVIEW_DAYS}
    if last and today() > last:
        words += " " + _(
            "But the last day to begin was %(last)s, since the names are cut off soon. If you change it now, this"
            " report can’t come out any more."
        ) % {"last": date_format(last, "DATE_FORMAT")}
    page = {
        "heading": _("Change the report"),
        "text": words,
        "action": _("Make it a draft"),
        "final": bool(last and today() > last),
    }
    return _sure(request, pk, actions_report.take_back_preview, _("It is a draft again."), page)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring the report out, after a question."""
    page = {
        "heading": _("Bring the report out"),
        "text": _(
            "Everybody can read it from then on, and it stays when the words of this session go. Its words can’t be"
            " changed any more, and nobody can take a quote back."
        ),
        "action": _("Bring it out"),
        "final": True,
    }
    return _sure(request, pk, actions_report.publish_report, _("The report is out."), page)
