"""Real services for every test. The people are in cast.py, which can load only once Django knows its database."""

import base64
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.utils import translation

from seeds import catalogs
from seeds.embedded import Postgres, Redis

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps an event loop on this thread
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "seeds.settings",
    "DEMO": "0",
    "TLS": "0",
    "STATIC_FROM_SOURCE": "1",
    "SECRET_KEY": "only-for-tests-0123456789-0123456789-0123456789-0123456789",
    "SITE_SALT": base64.b64encode(b"only for tests, at least 32 bytes.").decode(),
    "FIELD_KEYS": base64.urlsafe_b64encode(b"only for tests, exactly 32 bytes").decode(),
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "SITE_URL": "http://testserver",
    "SITE_OPERATOR": "Harbor Dialogue Project, a nonprofit",
    "SITE_FUNDING": "The Example Foundation",
    "SITE_HOSTING": "Example Hosting Cooperative, in Iceland",
    "SITE_CONTACT": "hello@seeds.example",
    "EMAIL_HOST": "127.0.0.1",
    "EMAIL_PORT": "2525",
    "EMAIL_USE_TLS": "0",
    "MAIL_FROM": "Seeds <seeds@seeds.example>",
    "BENEFIT_DAYS": "",  # tests run on every day of the month; those of the guards set their own
    "DB_POOL": "0",
}


#: Folders whose tests start whole processes or browsers. They go first, so that no single one is left over at the end.
LONG = ("drills", "journeys", "ground", "browser", "demo")
SERVICES = pytest.StashKey[tuple[Path, tuple[Postgres, Redis]]]()


def use_own_redis(number: int) -> None:
    """Give this process its own Redis database, which its tests empty. pytest-django has read the settings by now."""
    os.environ["REDIS_URL"] += f"?db={number}"
    settings.REDIS_URL = os.environ["REDIS_URL"]
    settings.CELERY_BROKER_URL = settings.REDIS_URL.replace("unix://", "redis+socket://").replace(
        "?db=", "?virtual_host="
    )
    for cache in settings.CACHES.values():
        cache["LOCATION"] = settings.REDIS_URL


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL and Redis once; processes that run tests in parallel share them."""
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="seeds-test-"))
        catalogs.make()
        (folder / "static").mkdir()  # whitenoise warns when its folder is missing
        services = (Postgres(folder, test=True), Redis(folder))
        os.environ.update(ENVIRONMENT)
        os.environ.update(DATA_DIR=str(folder), DATABASE_URL=services[0].start(), REDIS_URL=services[1].start())
        config.stash[SERVICES] = (folder, services)
    else:
        use_own_redis(int(config.workerinput["workerid"].removeprefix("gw")) + 1)
    django.setup()
    config.pluginmanager.import_plugin("tests.cast")
    config.pluginmanager.import_plugin("tests.chromium")


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVICES in config.stash:
        folder, services = config.stash[SERVICES]
        for service in services:
            service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not set(LONG) & set(item.path.parts))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page in another language leaves it active on the thread; the next test starts anew."""
    yield
    translation.deactivate()
