"""The five parts, each with what to write and what it can sound like. All examples are invented."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Part:
    """One part: the model's field, its heading for the writer and for the readers, and help in writing it."""

    name: str
    title: "str | _StrPromise"
    guidance: "str | _StrPromise"
    example: "str | _StrPromise"


GUIDE = (
    Part(
        "past_harm",
        _("Past harm"),
        _(
            "What your profession, your agency and you yourself have done to people who use drugs."
            " Say what was done, not that “mistakes were made”."
        ),
        _(
            "For years we counted arrests for possession as good work. I led the evening searches on the same few"
            " blocks. People lost rooms and jobs over what we found in their pockets. I gave those orders."
        ),
    ),
    Part(
        "present_harm",
        _("Present harm"),
        _(
            "What still goes on today. If your own numbers or reports show it, say so."
            " Don’t describe anything that is under investigation or before a court."
        ),
        _(
            "It has not ended. When someone calls for help, our car often comes before the ambulance, and officers"
            " still check names at the door. People wait too long to call because of us."
        ),
    ),
    Part(
        "responsibility",
        _("Responsibility"),
        _("Whose doing it is. Say which part is yours. Leave out reasons and explanations here."),
        _(
            "This was not a few officers. It came from what we trained and praised. I set the training now, so what"
            " happens on a call tonight is mine."
        ),
    ),
    Part(
        "apology",
        _("Apology"),
        _("Say that you are sorry, and for what. No “if”, no “but”. Ask for nothing in return."),
        _(
            "I am sorry for the searches on the curb and for the names we ran at the door."
            " You did not deserve it. I don’t ask you to forgive it."
        ),
    ),
    Part(
        "plan",
        _("Plan"),
        _(
            "What you will change, by when, and how somebody who does not trust you can see whether it was done."
            " Promise only what you can decide."
        ),
        _(
            "By the end of March a standing order says: no names are run on a call for medical help. I will post it"
            " where anyone can read it, and publish each quarter how often it was broken."
        ),
    ),
)
