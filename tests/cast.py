"""The fixed cast: one person of each kind, and an outsider of each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from accounts import second_factor
from accounts.models import Agency, OutreachPartner, Participant, Role, User
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from tests import factories
from tests.serving import serve


@pytest.fixture(autouse=True)
def _fresh_places(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Each test has its own key folder and an empty Redis."""
    settings.KEY_DIR = tmp_path / "keys"
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture
def agency(db: None) -> Agency:
    return factories.make_agency("Harbor City Police")


@pytest.fixture
def facilitator(db: None) -> User:
    return factories.make_facilitator(name="Rosa Lindqvist")


@pytest.fixture
def peer(db: None) -> User:
    return factories.make_facilitator(name="Jo Amari", is_peer=True)


@pytest.fixture
def other_facilitator(db: None) -> User:
    """A facilitator who is on nobody's team: the outsider."""
    return factories.make_facilitator(name="Kit Osei")


@pytest.fixture
def operator(db: None) -> User:
    return factories.make_user(Role.OPERATOR, name="Ola Berg")


@pytest.fixture
def listener(agency: Agency) -> User:
    return factories.make_listener(agency, name="Marcus Hale")


@pytest.fixture
def other_listener(db: None) -> User:
    """A listener of another agency, without a seat anywhere: the outsider."""
    return factories.make_listener(name="Ines Calder")


@pytest.fixture
def new_listener(agency: Agency) -> User:
    return factories.make_new_listener(agency, name="Tom Reyes")


@pytest.fixture
def partner(db: None) -> OutreachPartner:
    return factories.make_partner()


@pytest.fixture
def participant(db: None) -> Participant:
    return factories.make_participant()


@pytest.fixture
def other_participant(db: None) -> Participant:
    """A participant without a place in any session: the outsider."""
    return factories.make_participant()


@pytest.fixture
def draft(facilitator: User, peer: User) -> DialogueSession:
    return factories.make_session(team=[facilitator, peer])


@pytest.fixture
def announced(facilitator: User, peer: User) -> DialogueSession:
    return factories.make_session(State.ANNOUNCED, team=[facilitator, peer])


@pytest.fixture
def open_session(facilitator: User, peer: User, participant: Participant, listener: User) -> DialogueSession:
    """A session in its first listening round, with `participant`, one more alias, and `listener`."""
    dialogue_session = factories.make_session(State.OPEN, team=[facilitator, peer])
    factories.make_round(dialogue_session, RoundKind.OPENING, Round.State.DONE)
    factories.make_round(dialogue_session, RoundKind.LISTENING, Round.State.OPEN)
    factories.make_alias(dialogue_session, participant)
    factories.make_alias(dialogue_session)
    factories.make_seat(dialogue_session, listener)
    return dialogue_session


@pytest.fixture
def listening(open_session: DialogueSession) -> Round:
    """The open session's round that is on."""
    return open_session.rounds.get(state=Round.State.OPEN)


@pytest.fixture
def closing(open_session: DialogueSession) -> DialogueSession:
    """The open session once its closing round is on."""
    open_session.rounds.filter(state=Round.State.OPEN).update(state=Round.State.DONE)
    factories.make_round(open_session, RoundKind.CLOSING)
    return open_session


@pytest.fixture
def alias(open_session: DialogueSession, participant: Participant) -> Alias:
    """The participant's name in the open session."""
    return open_session.aliases.get(tag=factories.tag_of(participant, open_session))


@pytest.fixture
def other_alias(open_session: DialogueSession, alias: Alias) -> Alias:
    """Somebody else's name in the open session."""
    return open_session.aliases.exclude(pk=alias.pk).get()


@pytest.fixture
def seat(open_session: DialogueSession) -> ListenerSeat:
    """The listener's seat in the open session."""
    return open_session.seats.get()


def sign_in(client: Client, person: User | Participant | None) -> Client:
    """This browser, signed in as this person as far as the site asks."""
    if isinstance(person, User):
        secret = get_adapter().encrypt(factories.TOTP_SECRET)
        Authenticator.objects.get_or_create(
            user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": secret}}
        )
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session[second_factor.SESSION_KEY] = str(person.pk)
        session.save()
    elif person is not None:
        client.force_login(person, backend="accounts.backends.PassphraseBackend")  # type: ignore[arg-type]
        session = client.session
        session["alias_key"] = person.alias_key.hex()
        session.save()
    return client


@pytest.fixture
def client_for() -> Callable[[User | Participant | None], Client]:
    """A browser of this person, signed in as far as the site asks; of a stranger for None."""
    return lambda person: sign_in(Client(), person)


@pytest.fixture
def live_site(transactional_db: None, settings: Settings) -> Iterator[str]:
    """The real server, on the test database. Yields its address."""
    with serve() as address:
        settings.SITE_URL = address
        yield address
