"""Texts are sealed for one row of one session, and gone with its key."""

import stat
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from seeds import vault


@pytest.fixture
def session_id() -> uuid.UUID:
    session_id = uuid.uuid4()
    vault.create_key(session_id)
    return session_id


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(max_size=1400))
def test_a_text_comes_back_as_it_was(session_id: uuid.UUID, text: str) -> None:
    row = uuid.uuid4()
    sealed = vault.seal(session_id, row, text)
    assert vault.unseal(session_id, row, sealed) == text
    assert len(sealed) <= vault.MAX_SEALED


def test_the_sealed_bytes_hold_nothing_of_the_text_and_hide_its_length(session_id: uuid.UUID) -> None:
    row = uuid.uuid4()
    short, longer = (vault.seal(session_id, row, text) for text in ("marker-7431", "marker-7431 " * 15))
    assert b"marker" not in short + longer
    assert len(short) == len(longer)


def test_a_text_cannot_be_moved_to_another_row_or_session(session_id: uuid.UUID) -> None:
    row, other = uuid.uuid4(), uuid.uuid4()
    vault.create_key(other)
    sealed = vault.seal(session_id, row, "words")
    with pytest.raises(vault.Unreadable):
        vault.unseal(session_id, uuid.uuid4(), sealed)
    with pytest.raises(vault.Unreadable):
        vault.unseal(other, row, sealed)


@pytest.mark.promise("P7")
def test_without_its_key_nothing_can_be_read_or_sealed(session_id: uuid.UUID) -> None:
    row = uuid.uuid4()
    sealed = vault.seal(session_id, row, "words")
    vault.destroy_key(session_id)
    vault.destroy_key(session_id)  # twice is fine
    with pytest.raises(vault.Unreadable):
        vault.unseal(session_id, row, sealed)
    with pytest.raises(vault.Unreadable):
        vault.seal(session_id, row, "words")


def test_an_existing_key_is_kept(session_id: uuid.UUID) -> None:
    sealed = vault.seal(session_id, session_id, "words")
    vault.create_key(session_id)
    assert vault.unseal(session_id, session_id, sealed) == "words"


def test_only_the_owner_may_read_keys(session_id: uuid.UUID, settings: Settings) -> None:
    assert stat.S_IMODE(Path(settings.KEY_DIR).stat().st_mode) == 0o700
    assert stat.S_IMODE(vault.key_file(session_id).stat().st_mode) == 0o600


def test_the_longest_text_fits_and_one_byte_more_is_refused(session_id: uuid.UUID) -> None:
    assert len(vault.seal(session_id, session_id, "x" * vault.MAX_TEXT)) <= vault.MAX_SEALED
    with pytest.raises(vault.TooLong):
        vault.seal(session_id, session_id, "x" * (vault.MAX_TEXT + 1))
