"""What a listener does next for a session, as his home page shows it."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.listeners.steps import Step
from accounts.models import User
from accounts.policies import may_listen
from dialogue.acknowledgments.models import WRITABLE, Acknowledgment
from dialogue.sessions.models import JOINABLE, LISTED, ListenerSeat, State

SeatState = ListenerSeat.State


def _seats(user: User) -> list[ListenerSeat]:
    """Places in sessions that are not over, and those asked for where they are still given; the earliest first."""
    seated = Q(state=SeatState.SEATED, dialogue_session__state__in=LISTED)
    asked = Q(state=SeatState.APPLIED, dialogue_session__state__in=JOINABLE)
    rows = ListenerSeat.objects.filter(seated | asked, listener=user)
    rows = rows.select_related("dialogue_session", "acknowledgment")
    return list(rows.order_by("dialogue_session__starts_at", "pk"))


def _unwritten(seat: ListenerSeat) -> bool:
    if seat.state != SeatState.APPLIED:
        return False
    written = getattr(seat, "acknowledgment", None)
    return written is None or written.state in WRITABLE


def _is_asked_for_more(seat: ListenerSeat) -> bool:
    written = getattr(seat, "acknowledgment", None)
    return written is not None and written.state == Acknowledgment.State.MORE_ASKED


def _apply(user: User, seats: list[ListenerSeat]) -> Step:
    ready = may_listen(user)
    return Step(
        title=_("Ask for a place in a session"),
        text=_("Choose a session to which your agency is invited."),
        done=bool(seats),
        url=reverse("sessions:list") if ready else "",
        action=_("See the sessions"),
        why_not=_("Not yet: first your pledge, your agency’s agreement and the check of who you are must stand."),
    )


def _write(user: User, seats: list[ListenerSeat]) -> Step:
    seat = next(filter(_unwritten, seats), None)
    title = _("Write your acknowledgment: the first move")
    if seat is None or not may_listen(user):
        return Step(title=title, done=bool(seats) and seat is None, why_not=_("Not yet: it is written for a session."))
    about = _("Five short parts, before anybody is asked to speak. For: %(title)s")
    if _is_asked_for_more(seat):
        title = _("Write more: the participants ask for it")
        about = _("They read your acknowledgment, and it is not enough to begin yet. For: %(title)s")
    return Step(
        title=title,
        text=about % {"title": seat.dialogue_session.title},
        url=reverse("acknowledgments:write", args=[seat.pk]),
        action=_("Write it"),
    )


def _wait(seats: list[ListenerSeat]) -> Step:
    return Step(
        title=_("The facilitators give you a place"),
        text=_("They check your acknowledgment, and the participants say if it is enough to begin."),
        done=any(seat.state == SeatState.SEATED for seat in seats),
        why_not=_("This is theirs to do. A facilitator checks what you wrote. Then the participants answer it."),
    )


def _listen(user: User, seats: list[ListenerSeat]) -> Step:
    seated = [seat for seat in seats if seat.state == SeatState.SEATED]
    now = next((seat for seat in seated if seat.dialogue_session.state == State.OPEN), None)
    if now is None and may_listen(user) and any(seat.dialogue_session.state in JOINABLE for seat in seated):
        return Step(
            title=_("Read how to listen"),
            text=_("You have a place. The session is not open yet; we remind you before it starts."),
            url=reverse("welcome:listening"),
            action=_("Read it"),
        )
    if now is None or not may_listen(user):
        return Step(title=_("Listen"), why_not=_("Not yet: the session is not open. We remind you before it starts."))
    return Step(
        title=_("Listen"),
        text=_("The session is open: %(title)s") % {"title": now.dialogue_session.title},
        url=reverse("threads:room", args=[now.dialogue_session_id]),
        action=_("Go to the session"),
    )


def session_steps(user: User) -> list[Step]:
    """From asking for a place to listening."""
    seats = _seats(user)
    return [_apply(user, seats), _write(user, seats), _wait(seats), _listen(user, seats)]
