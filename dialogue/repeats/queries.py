"""Everything that was written in one session and must not be repeated outside it. Read by the program only."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from dialogue.messages.models import PrivateMessage
from dialogue.moderation.models import ProposedEdit
from dialogue.repeats.words import Withheld
from dialogue.sessions.models import Alias, DialogueSession
from dialogue.sessions.models_objections import Objection
from dialogue.threads.models import Comment, QuoteConsent
from dialogue.threads.queries_texts import opened


def withheld(
    dialogue_session: DialogueSession,
    *,
    but_given: bool = False,
    but_requests: bool = False,
    but_of: User | None = None,
) -> Withheld:
    """Words of texts, of other words proposed for one, and of what participants wrote in private; and their names.

    `but_given`: texts that their authors gave to the report word for word are left out. Only quotes may repeat those: a
    quote goes when the text does, anything else would stay. `but_requests`: so are requests to change the report, which
    repeat what stands in it. `but_of`: so are the texts of this listener.
    """
    pk = dialogue_session.pk
    texts = Comment.objects.filter(thread__round__dialogue_session=pk, body__isnull=False)
    if but_given:
        texts = texts.exclude(Q(quote_consent=QuoteConsent.VERBATIM, state=Comment.State.RELEASED))
    if but_of:
        texts = texts.exclude(seat__listener=but_of)
    private = PrivateMessage.objects.filter(alias__dialogue_session=pk, written_by=None, body__isnull=False)
    if but_requests:
        private = private.exclude(kind=PrivateMessage.Kind.REPORT)
    kept: Iterable[QuerySet[Any]] = (
        texts,
        ProposedEdit.objects.filter(comment__thread__round__dialogue_session=pk),
        private,
        Objection.objects.filter(alias__dialogue_session=pk, body__isnull=False),
    )
    words = (opened(pk, row, body)[0] for rows in kept for row, body in rows.order_by().values_list("pk", "body"))
    return Withheld.of(words, Alias.objects.filter(dialogue_session=pk).values_list("name", flat=True))
