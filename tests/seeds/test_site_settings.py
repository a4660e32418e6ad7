"""What an operator is told of the settings: what is wrong, and never a secret."""

import shutil
from pathlib import Path

import pytest
from django.core.checks import Warning  # noqa: A004 - Django's name
from pytest_django import Settings

from seeds import catalogs
from seeds.checks import check_catalogs
from seeds.site_settings import all_shown, wrong_ones


@pytest.fixture
def right(settings: Settings) -> Settings:
    """As a real site would have them."""
    settings.SITE_OPERATOR = "Harbor Dialogue Project"
    settings.SITE_FUNDING = settings.SITE_HOSTING = "The Harbor Foundation"
    settings.SITE_CONTACT = "hello@seeds.harbor"
    settings.DEFAULT_FROM_EMAIL = "Seeds <seeds@seeds.harbor>"
    settings.SITE_URL = "https://seeds.harbor"
    settings.TLS = True
    settings.BACKUP_RECIPIENT, settings.KEY_BACKUP_RECIPIENT = "age1one", "age1other"
    return settings


def test_a_real_site_has_nothing_wrong(right: Settings) -> None:
    assert wrong_ones() == []


@pytest.mark.parametrize(
    ("setting", "value", "name", "kind"),
    [
        ("SITE_CONTACT", "hello@seeds.example", "SITE_CONTACT", "stop"),
        ("SITE_URL", "http://seeds.harbor", "SITE_URL", "stop"),
        ("TLS", False, "TLS", "stop"),
        ("ALLOWED_HOSTS", ["*"], "ALLOWED_HOSTS", "stop"),
        ("SECRET_KEY", "example-example-0123456789", "SECRET_KEY", "stop"),
        ("SITE_SALT", b"example example example example!", "SITE_SALT", "stop"),
        ("FIELD_KEYS", ["ZXhhbXBsZSBleGFtcGxlIGV4YW1wbGUgZXhhbXBsZSE="], "FIELD_KEYS", "stop"),
        ("EMAIL_HOST_USER", "seeds", "EMAIL_HOST_PASSWORD", "stop"),
        ("EMAIL_HOST", "mail.harbor", "EMAIL_USE_TLS", "stop"),
        ("BACKUP_RECIPIENT", "", "BACKUP_RECIPIENT", "warn"),
        ("KEY_BACKUP_RECIPIENT", "", "KEY_BACKUP_RECIPIENT", "warn"),
        ("KEY_BACKUP_RECIPIENT", "age1one", "KEY_BACKUP_RECIPIENT", "stop"),
        ("DEBUG", True, "DEBUG", "stop"),
        ("DEMO", True, "DEMO", "warn"),
    ],
)
def test_each_fault_is_named(right: Settings, setting: str, value: object, name: str, kind: str) -> None:
    setattr(right, setting, value)
    assert [(one.name, one.kind) for one in wrong_ones()] == [(name, kind)]


def test_an_onion_service_needs_no_encrypted_line(right: Settings) -> None:
    right.SITE_URL, right.TLS = f"http://{'a' * 56}.onion", False
    assert wrong_ones() == []


def test_a_secret_is_never_shown(right: Settings) -> None:
    right.EMAIL_HOST_PASSWORD = "marker-of-a-password"
    secrets = {one.name: one for one in all_shown() if one.value is None}
    assert set(secrets) == {"SECRET_KEY", "SITE_SALT", "FIELD_KEYS", "DATABASE_URL", "REDIS_URL", "EMAIL_HOST_PASSWORD"}
    assert all(one.is_set for one in secrets.values())
    assert "marker-of-a-password" not in repr(all_shown())
    assert right.SECRET_KEY not in repr(all_shown())


def test_a_language_without_its_words_is_told(right: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_catalogs() == []
    shutil.copytree(catalogs.LOCALE, tmp_path / "locale", ignore=shutil.ignore_patterns("*.mo"))
    found = catalogs.missing(tmp_path / "locale")
    monkeypatch.setattr(catalogs, "missing", lambda: found)
    (warning,) = check_catalogs()
    assert (type(warning), warning.id, warning.hint) == (Warning, "seeds.W001", "python -m seeds.catalogs")
    assert [one.name for one in wrong_ones()] == ["LANGUAGES"]
    monkeypatch.undo()
    catalogs.make(tmp_path / "locale")
    assert catalogs.missing(tmp_path / "locale") == []
