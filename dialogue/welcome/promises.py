"""What the site promises to participants, in one list: pages, tests and the threat model all take it from here.

A test carries `@pytest.mark.promise("P7")` when it proves a promise; a promise without one fails the tests.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Promise:
    """One promise: what participants read, what it does not cover, and what the tests and drills look through."""

    key: str
    statement: "StrOrPromise"
    note: "StrOrPromise"
    searched: str


PROMISES = (
    Promise(
        "P1",
        _("We never ask for your name, phone or e-mail, and there is no place to put them."),
        _("You could still write them in a text. Please don’t."),
        "the columns of a participant; every field of every form that a participant or a stranger can reach",
    ),
    Promise(
        "P2",
        _("What we store can’t connect your name in one talk to your name in another, once the clean-up has run."),
        _("It runs each half hour if something changed. The way you write may still connect them."),
        "order of rows in a dump, transaction ids, bytes of the write-ahead log, with 20 people in two sessions",
    ),
    Promise(
        "P3",
        _("We keep no IP address and no browser type of yours."),
        _("Your phone company can see that you came here, and when. It can’t see what you wrote."),
        "marker addresses and browser types in every file, Redis key, log and mail",
    ),
    Promise(
        "P4",
        _("Your seven words are not stored, and no one can reset them."),
        _("So no one can help you if you lose them."),
        "marker words in every file, Redis key, log and mail; every address for one that resets them",
    ),
    Promise(
        "P5",
        _("After you used it, the code on your card can’t be traced to you or to your words."),
        _("Who gave you the card may still know you."),
        "used codes and their digests in the database, its files and its write-ahead log after the clean-up",
    ),
    Promise(
        "P6",
        _("What you take back or change is destroyed, not hidden."),
        _(
            "Who read it before still knows it. Words that you let a report carry stay in it once it is out."
            " The last traces go with the next clean-up, within half an hour or so."
        ),
        "ciphertext of texts taken back or replaced, in the data directory and the write-ahead log after the clean-up",
    ),
    Promise(
        "P7",
        _("On the day named with each talk, all that was written there becomes unreadable, even in our backups."),
        _(
            "A court can make us stop that. Then it says so on the page of that talk."
            " What listeners own up to stays. So does a report."
        ),
        "an old backup with all keys but the destroyed one: no text of that session opens, all of another one do",
    ),
    Promise(
        "P8",
        _("No one sees when you wrote. Texts come out in groups, in mixed order."),
        _("Each group has at least two authors. Who looks often sees about when a group came out."),
        "columns that tell time or order; pages, headers and feeds of every role; batches of one author",
    ),
    Promise(
        "P9",
        _("Exit leaves the page and signs you out, even without JavaScript. It does not erase history."),
        _("Close the tab as well. On a phone that others use, erase the history by hand."),
        "history, storage and open pages of a real browser after Exit and Back, JavaScript on and off",
    ),
    Promise(
        "P10",
        _("The site loads nothing from anyone else."),
        _("So no other firm hears from us that you came."),
        "every request that a real browser makes on every page",
    ),
    Promise(
        "P11",
        _("Listeners can’t search, download or see who is here."),
        _("They can read, copy by hand and take a picture of what is out."),
        "every address as every kind of listener, with few and with many participants in the session",
    ),
    Promise(
        "P12",
        _("When our team opens text that is not out, or a colleague’s notes, we record it. You can see how often."),
        _("You see the count on the page of your talk, up to last night. The record does not hold whose text it was."),
        "the audit log after every page of staff that shows unreleased text or notes",
    ),
)
BY_KEY = {promise.key: promise for promise in PROMISES}
