"""Settings fail loudly, by name."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from seeds import settings as site

REQUIRED = (
    "SECRET_KEY",
    "SITE_SALT",
    "FIELD_KEYS",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "SITE_OPERATOR",
    "SITE_FUNDING",
    "SITE_HOSTING",
    "SITE_CONTACT",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_HOST",
    "MAIL_FROM",
)


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **changes}
    return subprocess.run(
        [sys.executable, "-c", "import seeds.settings"], check=False, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_variable_is_named(name: str) -> None:
    assert f"Set the environment variable {name} " in start(**{name: ""}).stderr


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("TLS", "yes", "TLS must be 0 or 1"),
        ("DB_POOL", "-1", "DB_POOL must be a whole number"),
        ("SITE_SALT", "short", "SITE_SALT must"),
        ("SITE_SALT", "c2hvcnQ=", "at least 32 bytes"),
        ("EXIT_URL", "http://plain.example/", "EXIT_URL must start with https://"),
        ("BACKUP_DAYS", "8", "BACKUP_DAYS must be from 1 to 7"),
        ("BACKUP_DAYS", "0", "BACKUP_DAYS must be from 1 to 7"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must start with postgresql://"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, complaint: str) -> None:
    assert complaint in start(**{name: value}).stderr


def test_the_database_address_is_read() -> None:
    read = site.database("postgresql://ann:p%40ss@db.example:6543/seeds?sslmode=require", 0)
    assert {key: read[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "seeds",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6543",
    }
    assert read["OPTIONS"] == {"sslmode": "require", "connect_timeout": "3"}


def test_a_socket_folder_is_a_host_and_the_pool_is_bounded() -> None:
    read = site.database("postgresql://seeds@/seeds?host=/run/pg", 12)
    assert read["HOST"] == "/run/pg"
    assert read["OPTIONS"]["pool"] == {  # type: ignore[index]
        "min_size": 2,
        "max_size": 12,
        "timeout": 2,
        "reconnect_timeout": 3,
    }


def test_numbers_and_lists() -> None:
    with pytest.raises(ImproperlyConfigured):
        site.number("PATH", 3)
    assert site.number("NOT_SET_ANYWHERE", 3) == 3
    assert site.listed("NOT_SET_ANYWHERE", " a, b ,,c ") == ["a", "b", "c"]
