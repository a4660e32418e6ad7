"""What the demo's programs find in their environment: addresses, invented names, and secrets made once and kept."""

import base64
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from seeds.service import private_folder

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
INVENTED = {
    "SITE_TIME_ZONE": "America/Chicago",
    "SITE_OPERATOR": "Harbor Dialogue Project, a nonprofit invented for this demo",
    "SITE_FUNDING": "the Example Foundation, invented for this demo",
    "SITE_HOSTING": "your own machine: nothing here leaves it",
    "SITE_CONTACT": "hello@seeds.example",
    "MAIL_FROM": "Seeds demo <seeds@seeds.example>",
}


class CannotStart(Exception):
    """Something outside the demo has to be changed first; the message says what."""


@dataclass(frozen=True)
class Place:
    """Where this copy of the demo lives."""

    port: int
    data_dir: Path

    @property
    def site_url(self) -> str:
        """What to type into the browser."""
        return f"http://{HOST}:{self.port}"

    @property
    def mailbox(self) -> Path:
        """The folder with the mail it has sent."""
        return self.data_dir / "mail"


def place_from(environ: dict[str, str]) -> Place:
    """Read PORT (default 8000) and DATA_DIR (default var/). Raises CannotStart."""
    port = environ.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {port!r}.")
    return Place(int(port), Path(environ.get("DATA_DIR") or ROOT / "var").resolve())


def new_secrets() -> dict[str, str]:
    """One fresh value for each secret that the settings ask for."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_SALT": base64.b64encode(secrets.token_bytes(32)).decode(),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def kept_secrets(data_dir: Path) -> dict[str, str]:
    """The secrets of this copy, made at the first start. Without them its data would be unreadable."""
    file = private_folder(data_dir) / "secrets.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    complete = {**new_secrets(), **kept}
    if complete != kept:
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            json.dump(complete, opened, indent=1)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    return complete


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def environment(place: Place, *, database_url: str, redis_url: str, mail_port: int) -> dict[str, str]:
    """The environment of every program: ours, with what the demo decides laid over it."""
    return {
        **os.environ,
        **INVENTED,
        **kept_secrets(place.data_dir),
        "DEMO": "1",
        "TLS": "0",
        "PORT": str(place.port),
        "DATA_DIR": str(place.data_dir),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "SITE_URL": place.site_url,
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": str(mail_port),
        "EMAIL_USE_TLS": "0",
        "DEMO_MAILBOX": str(place.mailbox),
        "DJANGO_SETTINGS_MODULE": "seeds.settings",
        "PYTHONWARNINGS": "ignore:::celery.platforms",  # advice against root, which some who try the demo are
    }
