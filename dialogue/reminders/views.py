"""The page of a session's reminders, and the operators' of the site's."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import facilitator_only, named, operator_only
from dialogue.reminders import actions, policies, queries, queries_site
from dialogue.reminders.forms import RuleForm
from dialogue.reminders.models import ReminderRule
from dialogue.sessions import times
from dialogue.sessions.models import DialogueSession
from seeds.transitions import NotAllowed


@operator_only
@require_safe
def site(request: HttpRequest) -> HttpResponse:
    """What goes out that is not about one session, and what failed."""
    context = {"lines": queries_site.site_lines(), "failed": queries_site.failed_mails()}
    return render(request, "dialogue/reminders/site.html", context)


def _led(request: HttpRequest, pk: uuid.UUID) -> DialogueSession:
    return get_object_or_404(DialogueSession.objects.led_by(named(request)), pk=pk)


def _rule(request: HttpRequest, pk: uuid.UUID) -> ReminderRule:
    rules = ReminderRule.objects.filter(dialogue_session__facilitators=named(request).pk)
    return get_object_or_404(rules.select_related("dialogue_session"), pk=pk)


@facilitator_only
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The rules, what they sent and will send; a new one can be added."""
    dialogue_session = _led(request, pk)
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(request, dialogue_session, form):
        return redirect("reminders:rules", pk=pk)
    context = {
        "form": form,
        "dialogue_session": dialogue_session,
        "overview": queries.overview(dialogue_session, timezone.now()),
        "zone": times.zone_name(dialogue_session.time_zone),
        "may_change": policies.may_change_rules(named(request), dialogue_session),
    }
    return render(request, "dialogue/reminders/rules.html", context)


def _added(request: HttpRequest, dialogue_session: DialogueSession, form: RuleForm) -> bool:
    try:
        actions.add_rule(dialogue_session, before=form.before(), by=named(request))
    except ValidationError as error:
        form.add_error("count", error)
        return False
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("The reminder is added."))
    return True


def _done(request: HttpRequest, pk: uuid.UUID, act: Callable[[], str]) -> HttpResponse:
    """Do it, say what came of it, and go back to the page."""
    try:
        messages.success(request, act())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("reminders:rules", pk=pk)


@facilitator_only
@require_POST
def set_up(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Make the usual rules before the session is announced."""
    dialogue_session = _led(request, pk)

    def act() -> str:
        actions.set_up_rules(dialogue_session, by=named(request))
        return _("The usual reminders are set up.")

    return _done(request, pk, act)


@facilitator_only
@require_POST
def switch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Switch a rule on (`active`) or off."""
    rule = _rule(request, pk)

    def act() -> str:
        actions.switch_rule(rule, active="active" in request.POST, by=named(request))
        return _("The reminder is switched on.") if rule.active else _("The reminder is switched off.")

    return _done(request, rule.about.pk, act)


@facilitator_only
@require_POST
def remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Remove a rule by which nothing was sent; it can be added again."""
    rule = _rule(request, pk)

    def act() -> str:
        actions.remove_rule(rule, by=named(request))
        return _("The reminder is removed.")

    return _done(request, rule.about.pk, act)


@facilitator_only
@require_POST
def retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send what failed once more."""
    dialogue_session = _led(request, pk)

    def act() -> str:
        count = actions.retry_failed(dialogue_session, by=named(request))
        text = ngettext(
            "%(count)d mail is sent again within a minute.", "%(count)d mails are sent again within a minute.", count
        )
        return text % {"count": count}

    return _done(request, pk, act)
