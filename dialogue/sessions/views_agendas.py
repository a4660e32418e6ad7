"""Pages of agenda templates: choosing one for a draft, keeping an agenda as one."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only
from dialogue.sessions import actions_agendas, queries_agendas
from dialogue.sessions.forms_agendas import TemplateForm
from dialogue.sessions.models import State
from dialogue.sessions.queries_agendas import Template
from dialogue.sessions.views_team import attempt, confirm, facilitator_of, form_page, mine_or_404


def _agenda_url(pk: UUID) -> str:
    return reverse("sessions:agenda", kwargs={"pk": pk})


def _template_or_404(request: HttpRequest, key: str) -> Template:
    template = queries_agendas.template(key, facilitator_of(request))
    if template is None:
        raise Http404
    return template


@facilitator_only
@require_safe
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All templates that an agenda can start from."""
    dialogue_session = mine_or_404(request, pk)
    context = {
        "session": dialogue_session,
        "templates": queries_agendas.templates(facilitator_of(request)),
        "replaceable": dialogue_session.state == State.DRAFT,
    }
    return render(request, "dialogue/sessions/agenda_templates.html", context)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, pk: UUID, key: str) -> HttpResponse:
    """One template in full, and what it would replace; on POST it does."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    template = _template_or_404(request, key)
    if request.method == "POST":
        seen, done = request.POST.get("seen", ""), _("The agenda is replaced. Change what you like.")
        attempt(
            request,
            lambda: actions_agendas.apply_template(dialogue_session, template, seen=seen, by=by),
            None,
            done,
        )
        return redirect(_agenda_url(pk))
    now = queries_agendas.steps_of(dialogue_session)
    context = {
        "session": dialogue_session,
        "template": template,
        "replaceable": dialogue_session.state == State.DRAFT,
        "is_there": now == template.steps,
        "replaces": len(now),
        "seen": queries_agendas.fingerprint(now),
    }
    return render(request, "dialogue/sessions/agenda_use.html", context)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the agenda of this session as a template."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    form = TemplateForm(request.POST if request.method == "POST" else None)
    page: dict[str, Any] = {
        "form": form,
        "heading": _("Save the agenda as a template"),
        "lead": _(
            "All facilitators of this site can then start from it: rounds, prompts and minutes. Leave nothing in the"
            " prompts that leads to a person or to one session."
        ),
        "submit": _("Save it"),
    }
    return form_page(
        request,
        lambda: actions_agendas.save_template(dialogue_session, by=by, **form.cleaned_data),
        _("The template is saved."),
        page,
        _agenda_url(pk),
    )


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: UUID, key: str) -> HttpResponse:
    """Delete a saved template, after a question."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    template = _template_or_404(request, key)
    saved = template.saved
    if saved is None or not template.may_delete:
        raise Http404
    page = {
        "heading": _("Delete the template “%(name)s”") % {"name": template.name},
        "text": _("Nobody can start from it any more. Agendas that started from it stay as they are."),
        "action": _("Delete it"),
        "final": True,
    }
    back = reverse("sessions:agenda_templates", kwargs={"pk": dialogue_session.pk})
    return confirm(
        request, lambda: actions_agendas.delete_template(saved, by=by), _("The template is deleted."), page, back
    )
