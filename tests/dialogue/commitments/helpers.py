"""What the tests of commitments share: a session in its commitments round, people with authority, and words."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agency, ListenerProfile, User, today
from dialogue.commitments.terms import Terms
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from tests import factories


@pytest.fixture
def promising(open_session: DialogueSession) -> DialogueSession:
    """The open session, in a round about commitments."""
    open_session.rounds.filter(state=Round.State.OPEN).update(state=Round.State.DONE)
    factories.make_round(open_session, RoundKind.COMMITMENTS)
    return open_session


@pytest.fixture
def head(agency: Agency) -> User:
    """The verified head of the listener's agency, without a seat anywhere."""
    return make_head(agency)


def make_head(agency: Agency, **fields: Any) -> User:
    user = factories.make_listener(agency, **({"name": "Dana Whitfield"} | fields))
    ListenerProfile.objects.filter(user=user).update(is_head=True)
    user.listener_profile.refresh_from_db()
    return user


def terms(**fields: Any) -> Terms:
    """What somebody could promise."""
    plain: dict[str, Any] = {
        "text": "No names are run on calls for help.",
        "measure": "The order is on our page.",
        "due_on": today() + timedelta(days=60),
    }
    return Terms(**(plain | fields))


def every_session_is(state: str) -> None:
    """Put all sessions into this state, whatever led there."""
    ended = state in (State.FOLLOW_UP, State.PURGED)
    DialogueSession.objects.update(
        state=state,
        paused=False,
        pause_reason="",
        closed_at=timezone.now() if ended else None,
        cancel_reason="Too few people." if state == State.CANCELLED else "",
    )
