"""The bulletin on one page of paper."""

from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from dialogue.bulletin.queries import Bulletin
from seeds.languages import active
from seeds.press import set_pdf

TEMPLATE = Path(__file__).parent / "paper" / "bulletin.typ"


def on_paper(told: Bulletin, *, paper: str) -> bytes:
    """The PDF. Raises press.NotNow."""
    words = {
        "title": _("For outreach partners"),
        "for": _("For you, not to hand out. Nothing of it belongs on a card."),
        "as_of": _("As of %(day)s") % {"day": told.made_on},
        "to_come": _("Talks to come"),
        "none": _("No talk is planned now."),
        "more": _("There are %(number)s more.") % {"number": told.more} if told.more else "",
        "all_times": _("All times, for everybody to read:"),
        "with": _("With:"),
        "paused": _("Paused"),
        "police": _("What police and prosecutors will see"),
        "cards": _("How cards work"),
        "help": _("Help now"),
        "checked": _("Last checked:"),
        "unchecked": _("Not checked since:"),
        "from": settings.SITE_OPERATOR,
        "questions": _("Questions: %(contact)s") % {"contact": settings.SITE_CONTACT},
    }
    return set_pdf(TEMPLATE, {"paper": paper, "language": active(), "words": words} | asdict(told))
