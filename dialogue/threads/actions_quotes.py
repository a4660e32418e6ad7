"""What the report of a session may carry of a text: its author says so, until the report is out."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.models import DialogueSession
from dialogue.sessions.queries import closing_has_begun
from dialogue.threads.models import Comment, QuoteConsent
from seeds.transitions import NotAllowed

REPORT_IS_OUT = _("The report is out. What it carries of a text stays, so this can’t be changed any more.")


def report_is_out(dialogue_session: DialogueSession) -> bool:
    """Whether the report of this session was published; read freshly by whoever holds the session's row."""
    return hasattr(dialogue_session, "report") and dialogue_session.report.published_on is not None


def destroy_quotes(comment: Comment) -> None:
    """Delete what a report that is not out yet would carry of the text, and of what a listener heard in it."""
    of_it = Q(comment=comment) | Q(comment__reflection__heard=comment)
    comment.quotes.model._base_manager.filter(of_it).delete()


@transaction.atomic
def set_quote_consent(comment: Comment, *, consent: str) -> Comment:
    """Note what the report may carry of one's own released text. Quotes that are no longer covered go at once.

    It and publishing wait for each other at the session's row: what was taken back in time is in no report. Raises
    NotAllowed for an unknown choice, before the closing round, for a text that is not out, and once the report is.
    """
    if consent not in QuoteConsent.values:
        raise NotAllowed(_("Please choose one of the three."))
    held = DialogueSession.objects.select_for_update().get(pk=comment.thread.round.dialogue_session_id)
    if report_is_out(held):
        raise NotAllowed(REPORT_IS_OUT)
    if not closing_has_begun(held):
        raise NotAllowed(_("You can say this from the closing round on."))
    if Comment.objects.filter(pk=comment.pk, state=Comment.State.RELEASED).update(quote_consent=consent) != 1:
        raise NotAllowed(_("This text is not out, so no report can carry it."))
    comment.quote_consent = consent
    if consent == QuoteConsent.NONE:
        destroy_quotes(comment)
    elif consent == QuoteConsent.PARAPHRASE:
        comment.quotes.filter(retold=None).delete()
    return comment
