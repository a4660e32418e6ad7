"""Seven words sign in; everything else gets the same silence."""

import logging
import statistics
import time

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed

from accounts.models import Participant, User
from accounts.participants import keys
from dialogue.sessions.models import State
from seeds.logging import NothingPersonal
from tests.factories import make_alias, make_participant_with_words, make_session


@pytest.fixture
def known(db) -> tuple[Participant, str]:
    return make_participant_with_words()


def test_words_sign_in_and_bring_the_alias_key(known):
    participant, words = known
    person = authenticate(None, passphrase_secret=words)
    assert isinstance(person, Participant)
    assert (person.pk, person.alias_key) == (participant.pk, participant.alias_key)


def test_forgiving(known):
    participant, words = known
    assert authenticate(None, passphrase_secret="  " + words.upper().replace(" ", "-") + "\n") == participant


@pytest.mark.parametrize("typed", ["", "one two three", "x" * 201, "\x00", "🙂 🙂"])
def test_other_words_sign_nobody_in(known, typed):
    assert authenticate(None, passphrase_secret=typed) is None


def test_words_in_another_order_are_other_words(known):
    _, words = known
    assert authenticate(None, passphrase_secret=" ".join(reversed(words.split()))) is None


def test_password_of_a_named_account_is_not_tried_here(facilitator: User):
    assert authenticate(None, passphrase_secret="correct horse battery staple") is None
    assert authenticate(None, email=facilitator.email, password="correct horse battery staple") == facilitator


@pytest.mark.parametrize(("state", "welcome"), [(State.ANNOUNCED, False), (State.OPEN, False), (State.PURGED, True)])
def test_barred_name_keeps_out_until_its_session_is_purged(known, state, welcome):
    participant, words = known
    make_alias(make_session(state), participant, barred=True)
    assert (authenticate(None, passphrase_secret=words) == participant) is welcome


def test_removed_from_one_session_is_not_barred_from_all(known):
    participant, words = known
    make_alias(make_session(State.OPEN), participant, removed=True)
    make_alias(make_session(State.OPEN), barred=True)  # somebody else's
    assert authenticate(None, passphrase_secret=words) == participant


def test_known_and_unknown_words_cost_the_same(known):
    _, words = known

    def cost(typed: str) -> float:
        started = time.process_time()
        authenticate(None, passphrase_secret=typed)
        return time.process_time() - started

    right = statistics.median(cost(words) for _ in range(3))
    wrong = statistics.median(cost(keys.generate_passphrase()) for _ in range(3))
    assert 0.6 < right / wrong < 1.6


@pytest.mark.promise("P4")
def test_failed_words_reach_no_listener_and_no_log(known, caplog):
    heard = []

    def hear(sender, credentials, **_):
        heard.append(credentials)

    user_login_failed.connect(hear)
    try:
        with caplog.at_level(logging.DEBUG):
            authenticate(None, passphrase_secret="marker words that are unknown")
    finally:
        user_login_failed.disconnect(hear)
    assert heard == [{"passphrase_secret": "********************"}]
    lines = [NothingPersonal().format(record) for record in caplog.records]
    assert "marker" not in "\n".join(lines)


@pytest.mark.promise("P3", "P4")
def test_formatter_drops_what_a_careless_line_would_tell():
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "words: %s", ("marker",), None)
    assert "marker" not in NothingPersonal().format(record)
