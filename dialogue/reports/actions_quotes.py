"""Words of participants and listeners under a theme, by their leave."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.repeats.checks import not_repeated
from dialogue.reports import policies
from dialogue.reports.actions import drafted, drafted_theme
from dialogue.reports.models import Quote, Theme
from dialogue.reports.queries import quoted, words_of
from dialogue.sessions.models import DialogueSession
from dialogue.threads.models import Comment
from dialogue.threads.text import tidy
from seeds.transitions import NotAllowed
from seeds.vault import TooLong, Unreadable, seal

MOST = 20  # quotes under one theme


def read_quotable(dialogue_session: DialogueSession, *, count: int, by: User) -> None:
    """Somebody looked at `count` texts of which the report may carry something. Not which."""
    write(AuditEvent.Verb.READ_QUOTABLE, by=by, session_id=dialogue_session.pk, detail=str(count))


def _open_to_quotes(theme: Theme, comment: Comment, *, verbatim: bool, by: User) -> tuple[Theme, Comment]:
    """Both rows read anew; neither the text nor a story that it tells back can change, and no leave be taken back,
    until the transaction ends."""
    fresh = drafted_theme(theme, by=by)
    if fresh.state not in policies.QUOTABLE:
        raise NotAllowed(_("Quotes can be put under a draft, or a theme that was approved. Nothing was changed."))
    heard = Comment.objects.select_for_update(of=("self",)).filter(reflections__comment=comment.pk).first()
    if heard and not policies.allows(heard.quote_consent, verbatim=False):
        raise NotAllowed(_("It tells back a story that the report may carry nothing of. What you typed is still here."))
    texts = Comment.objects.select_for_update().filter(
        pk=comment.pk, thread__round__dialogue_session=fresh.report.dialogue_session, state=Comment.State.RELEASED
    )
    text = texts.first()
    if text is None or not policies.allows(text.quote_consent, verbatim=verbatim):
        raise NotAllowed(_("The author does not allow this now. What you typed is still here."))
    if fresh.quotes.count() >= MOST:
        raise NotAllowed(_("This theme has as many quotes as it can hold. What you typed is still here."))
    return fresh, text


def _place(words: str, excerpt: str) -> tuple[int, int]:
    """Where the excerpt stands in the words, from the beginning of a word to the end of one."""
    start = words.find(excerpt) if excerpt else -1
    while start >= 0:
        end = start + len(excerpt)
        if not (words[max(0, start - 1) : start].isalnum() or words[end : end + 1].isalnum()):
            return start, end
        start = words.find(excerpt, start + 1)
    raise ValidationError(_("These words don’t stand in the text like this. Copy whole words, and change nothing."))


@transaction.atomic
def quote_verbatim(theme: Theme, comment: Comment, *, excerpt: str, by: User) -> Quote:
    """Put a part of the text under the theme, word for word: only its place in the text is kept.

    The same once more is one quote. Raises ValidationError when the excerpt doesn't stand in the text or repeats what
    somebody else did not give, NotAllowed as the author's leave, the theme and the report say.
    """
    fresh, text = _open_to_quotes(theme, comment, verbatim=True, by=by)
    session = fresh.report.dialogue_session
    start, end = _place(words_of(text, session.pk), tidy(excerpt))
    not_repeated(session, tidy(excerpt), in_quote=True)
    version = text.version
    return Quote.objects.get_or_create(theme=fresh, comment=text, comment_version=version, start=start, end=end)[0]


@transaction.atomic
def quote_retold(theme: Theme, comment: Comment, *, words: str, by: User) -> Quote:
    """Put what the text says under the theme, in a facilitator's words, sealed. Raises as `quote_verbatim`."""
    fresh, text = _open_to_quotes(theme, comment, verbatim=False, by=by)
    session, words = fresh.report.dialogue_session, tidy(words)
    not_repeated(session, words)
    for earlier in fresh.quotes.filter(comment=text, retold__isnull=False).select_related("comment"):
        if quoted(earlier, session.pk) == words:
            return earlier
    pk = uuid4()
    try:
        sealed = seal(session.pk, pk, words)
    except TooLong as error:
        raise ValidationError(_("This is too long. Please shorten it.")) from error
    except Unreadable as error:
        raise NotAllowed(_("The texts of this talk are gone, so nothing can be added.")) from error
    return Quote.objects.create(pk=pk, theme=fresh, comment=text, comment_version=text.version, retold=sealed)


@transaction.atomic
def remove_quote(quote: Quote, *, by: User) -> None:
    """Take a quote out of the report. Raises NotAllowed as the report says."""
    drafted(quote.theme.report.dialogue_session, by=by)
    Quote.objects.filter(pk=quote.pk).delete()
