"""Servers that a test may stop, and words that cost nothing to check."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.db import connection
from pytest_django import Settings

from accounts.participants import keys
from seeds.embedded import Redis

hypothesis.settings.register_profile("busy machine", deadline=None)
hypothesis.settings.load_profile("busy machine")


@pytest.fixture
def own_redis(tmp_path: Path, settings: Settings) -> Iterator[Redis]:
    """A Redis of this test's own, which it may stop."""
    before = settings.REDIS_URL, settings.CACHES
    redis = Redis(tmp_path / "redis")
    settings.REDIS_URL = redis.start()
    settings.CACHES = {name: {**options, "LOCATION": redis.url} for name, options in settings.CACHES.items()}
    yield redis
    redis.stop()
    settings.REDIS_URL, settings.CACHES = before


@pytest.fixture
def no_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """From here on the database's socket is not there, as after its server ended."""
    place = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = str(tmp_path)
    yield
    connection.close()
    connection.settings_dict["HOST"] = place


@pytest.fixture
def cheap_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words without Argon2, for tests of pages. What it costs and gives is tested in test_keys and test_backends."""
    monkeypatch.setattr(keys, "root_key", lambda words: hashlib.sha256(keys.normalize(words).encode()).digest())
