"""The words of the no-use pledge, after LEAD's first golden rule: nobody is worse off for having taken part."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from seeds.languages import active

#: The version of both texts below. A change of words is a new version.
VERSION = "2026-11"
LASTS = timedelta(days=365)
#: From this long before its end a pledge may be signed anew.
RENEWABLE = timedelta(days=30)

PLEDGE = (
    _(
        "I will not use what is said in this dialogue to stop, search, question, charge or punish anybody who "
        "takes part."
    ),
    _(
        "If I act against somebody who takes part, it is only because I would have done the same but for their "
        "taking part: from what I knew without this dialogue, for reasons that have nothing to do with it."
    ),
    _("I will not try to find out who anybody is, and I will not ask others to."),
    _("I will not keep lists, notes or pictures that could tell who took part."),
    _("If I think that I have broken this pledge, I tell the facilitators on the same day."),
)

#: Stands beside the pledge wherever it is shown.
NOT_IMMUNITY = _(
    "This is not immunity. The law stays as it is, other officers are not bound by your pledge, and a court can "
    "order you to speak. Do not promise anybody more than this."
)

#: The same for everybody, in plainer words.
NOT_IMMUNITY_PUBLIC = _(
    "This is not immunity. The law stays as it is. Nobody else is bound by what was signed. A court can order a "
    "listener to speak."
)

AGREEMENT = (
    _(
        "Nothing that is said in this dialogue is used by this agency to stop, search, question, charge or punish "
        "anybody who takes part."
    ),
    _(
        "This agency acts against somebody who takes part only where it would have done the same but for their "
        "taking part."
    ),
    _("Nobody in this agency tries to find out who the participants are."),
    _("Members of this agency who listen do so in working time and are not worse off for what they concede."),
    _("This agreement is public. It lasts one year from the day it is signed. The head of the office may withdraw it."),
)


def version() -> str:
    """The version in the language of the page, "2026-11" or "2026-11-es": what somebody signs is what they read."""
    return VERSION if active() == settings.LANGUAGE_CODE else f"{VERSION}-{active()}"


def whole(parts: tuple[object, ...]) -> str:
    """The paragraphs as one text, as it is stored with the signature."""
    return "\n\n".join(str(part) for part in parts)
