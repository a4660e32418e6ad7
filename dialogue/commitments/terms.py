"""What is promised, as it is typed; and the words around it, put in order."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from accounts.models import today
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.threads.text import fitting

Level = Commitment.Authority
MAX_TEXT = 600
MAX_MEASURE = 300
MAX_UNIT = 120
MAX_NOTE = 600
MAX_NEWS = 1000
FURTHEST = timedelta(days=3 * 365)
_is_link = URLValidator(schemes=["https"])


@dataclass(frozen=True)
class Terms:
    """One promise: what, how people can tell, by when, and who is bound. `unit` counts for a unit only."""

    text: str
    measure: str
    due_on: date
    level: str = Level.PERSONAL
    unit: str = ""

    def in_order(self) -> "Terms":
        """The same with its words put in order. Raises ValidationError by field for what can't stand."""
        wrong: dict[str, list[ValidationError]] = {}
        kept = {"text": "", "measure": "", "unit": ""}
        of_unit = self.level == Level.UNIT
        for name, limit in (("text", MAX_TEXT), ("measure", MAX_MEASURE), ("unit", MAX_UNIT if of_unit else 0)):
            try:
                kept[name] = fitting(getattr(self, name), limit) if limit else ""
            except ValidationError as error:
                wrong[name] = [error]
        if self.level not in Level.values:
            wrong["level"] = [ValidationError(_("Choose who is bound by it."))]
        if not today() < self.due_on <= today() + FURTHEST:
            wrong["due_on"] = [ValidationError(_("Choose a day after today, at most three years away."))]
        if wrong:
            raise ValidationError(wrong)
        return Terms(kept["text"], kept["measure"], self.due_on, self.level, kept["unit"])


def link(address: str) -> str:
    """A link that anybody can open, or "". Raises ValidationError for what is none, or not https."""
    plain = address.strip()
    if not plain:
        return ""
    limit = CommitmentUpdate._meta.get_field("evidence_url").max_length or 0
    try:
        _is_link(plain)
        if len(plain) > limit or "@" in urlsplit(plain).netloc:
            raise ValueError
    except (ValidationError, ValueError) as error:
        raise ValidationError(_("Use a link that begins with https:// and that anybody can open.")) from error
    return plain
