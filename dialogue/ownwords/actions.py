"""Taking the own words along. Nothing is kept of it but that it was done."""

import json

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.ownwords.document import blocks_of
from dialogue.ownwords.paper import QUICK, set_pdf
from dialogue.ownwords.queries import own_words

PDF, JSON = "pdf", "json"


def take_own_words(*, form: str, by: User, longest: int = QUICK) -> bytes:
    """The file with everything that is this listener's own, as PDF or JSON.

    Of a PDF, raises paper.TooMuch when there is more than `longest`, and press.NotNow.
    """
    words = own_words(by)
    file = _pdf(words, by, longest) if form == PDF else json.dumps(words, ensure_ascii=False, indent=2).encode()
    with transaction.atomic():
        write(AuditEvent.Verb.EXPORT_OWN_WORDS, by=by, detail=form)
    return file


def _pdf(words: dict[str, object], listener: User, longest: int) -> bytes:
    title = _("Own words of %(name)s") % {"name": listener.name}
    blocks = blocks_of(words, listener.time_zone)
    language = str(words["language"])
    return set_pdf(title=title, author=listener.name, language=language, blocks=blocks, longest=longest)
