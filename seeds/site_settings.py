"""Every setting from the environment as an operator sees it: what it is for, what it says, what is wrong with it.

A secret is only ever "set" or not. `kind` is that of components/state.html.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from seeds import catalogs

Words = str | Promise
DONE, WARN, STOP = "done", "warn", "stop"


@dataclass(frozen=True)
class Shown:
    """One setting. `value` is None for a secret, of which only `is_set` may be told."""

    name: str
    purpose: Words
    value: str | None
    is_set: bool
    wrong: Words = ""
    kind: str = DONE


def all_shown() -> list[Shown]:
    """All of them, in the order of deploy/env.example. What is wrong in a demo is so on purpose: a warning at most."""
    found = [*_who(), *_addresses(), *_secrets(), *_mail(), *_backups(), *_program()]
    if not settings.DEMO:
        return found
    return [
        Shown(one.name, one.purpose, one.value, one.is_set, one.wrong, min(one.kind, WARN, key=_rank)) for one in found
    ]


def wrong_ones(*names: str) -> list[Shown]:
    """Those that are not in order; of these names only, if there are any."""
    return [one for one in all_shown() if one.kind != DONE and (not names or one.name in names)]


def is_placeholder(value: str) -> bool:
    """Whether it still is what deploy/env.example says."""
    return "example" in value.lower()


def _rank(kind: str) -> int:
    return (DONE, WARN, STOP).index(kind)


def _plain(name: str, purpose: Words, value: object, wrong: Words = "", kind: str = STOP) -> Shown:
    text = ", ".join(value) if isinstance(value, list) else str(value)
    if not wrong and is_placeholder(text):
        wrong, kind = _("This is still the example. Put your own here."), STOP
    return Shown(name, purpose, text, bool(text), wrong, kind if wrong else DONE)


def _secret(name: str, purpose: Words, value: str | bytes, *, required: bool = True) -> Shown:
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    wrong: Words = ""
    if text.startswith("example"):
        wrong = _("This is still the example, which everybody can read. Make one of your own.")
    elif required and not text:
        wrong = _("It is not set.")
    return Shown(name, purpose, None, bool(text), wrong, STOP if wrong else DONE)


def _who() -> Iterator[Shown]:
    read = _("People read it before they decide whether to take part.")
    yield _plain("SITE_OPERATOR", _("Who runs this site.") + " " + read, settings.SITE_OPERATOR)
    yield _plain("SITE_FUNDING", _("Who pays for it.") + " " + read, settings.SITE_FUNDING)
    yield _plain("SITE_HOSTING", _("Who hosts it, and where.") + " " + read, settings.SITE_HOSTING)
    yield _plain("SITE_CONTACT", _("How to reach you.") + " " + read, settings.SITE_CONTACT)
    yield _plain(
        "SITE_TIME_ZONE", _("The time zone of public pages, and the first choice in forms."), settings.SITE_TIME_ZONE
    )
    days = ", ".join(map(str, settings.BENEFIT_DAYS))
    yield _plain(
        "BENEFIT_DAYS", _("Days of the month on which benefits are paid. No talk starts on one without a reason."), days
    )


def _addresses() -> Iterator[Shown]:
    onion = urlsplit(settings.SITE_URL).hostname or ""
    hidden = onion.endswith(".onion")
    open_line = _("It must start with https://, or everybody on the way can read along.")
    bare = not settings.SITE_URL.startswith("https://") and not hidden
    yield _plain(
        "SITE_URL",
        _("The address as people type it; it stands on cards and in mails."),
        settings.SITE_URL,
        open_line if bare else "",
    )
    yield _plain(
        "TLS",
        _("Whether pages come over an encrypted line only. Off is right only for an onion service."),
        _on(settings.TLS),
        "" if settings.TLS or hidden else _("It is off."),
    )
    anybody = _("A star lets anybody use any name for this site. Name yours.")
    yield _plain(
        "ALLOWED_HOSTS",
        _("The names under which the site answers."),
        settings.ALLOWED_HOSTS,
        anybody if "*" in settings.ALLOWED_HOSTS else "",
    )
    yield _plain(
        "EXIT_URL",
        _("Where the Exit button leads. Press it once on each kind of phone that you have."),
        settings.EXIT_URL,
    )
    yield _plain("ONION_URL", _("The same site as an onion service, if there is one."), settings.ONION_URL)


def _secrets() -> Iterator[Shown]:
    yield _secret("SECRET_KEY", _("Signs links and forms."), settings.SECRET_KEY)
    yield _secret("SITE_SALT", _("Without it no card and no seven words work. Never change it."), settings.SITE_SALT)
    keys = settings.FIELD_KEYS
    yield _secret("FIELD_KEYS", _("Locks the second factors of staff and listeners."), _clear(keys[0]) if keys else "")
    yield _secret("DATABASE_URL", _("Where the database is."), str(settings.DATABASES["default"]["NAME"]))
    yield _secret("REDIS_URL", _("Where Redis is."), settings.REDIS_URL)


def _clear(key: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(key)
    except ValueError:
        return key.encode()


def _mail() -> Iterator[Shown]:
    local = settings.EMAIL_HOST in ("localhost", "127.0.0.1", "::1")
    yield _plain("EMAIL_HOST", _("The server that takes our mail."), settings.EMAIL_HOST)
    yield _plain("EMAIL_PORT", _("Its port."), settings.EMAIL_PORT)
    clear = _("It is off: whoever is on the way reads the mail.")
    yield _plain(
        "EMAIL_USE_TLS",
        _("Whether mail goes there over an encrypted line."),
        _on(settings.EMAIL_USE_TLS),
        "" if settings.EMAIL_USE_TLS or local else clear,
    )
    yield _plain("EMAIL_HOST_USER", _("The account there, if it wants one."), settings.EMAIL_HOST_USER)
    yield _secret(
        "EMAIL_HOST_PASSWORD", _("Its password."), settings.EMAIL_HOST_PASSWORD, required=bool(settings.EMAIL_HOST_USER)
    )
    yield _plain("MAIL_FROM", _("From whom our mails come."), settings.DEFAULT_FROM_EMAIL)


def _backups() -> Iterator[Shown]:
    lost = _("Without it no backups are written. If the disk dies, everything is gone.")
    yield _plain(
        "BACKUP_RECIPIENT",
        _("The public key that locks backups."),
        settings.BACKUP_RECIPIENT,
        "" if settings.BACKUP_RECIPIENT else lost,
        WARN,
    )
    yield _plain("BACKUP_DAYS", _("After how many days a backup is deleted."), settings.BACKUP_DAYS)
    wrong, kind = "", DONE
    if not settings.KEY_BACKUP_RECIPIENT:
        wrong, kind = (
            _("Without it there is no copy of the keys. If their disk dies, no text can be read any more."),
            WARN,
        )
    elif settings.KEY_BACKUP_RECIPIENT == settings.BACKUP_RECIPIENT:
        wrong, kind = (
            _("It is the key of the backups. Whoever has it can read everything: give this one to other hands."),
            STOP,
        )
    yield _plain(
        "KEY_BACKUP_RECIPIENT",
        _("The public key that locks the copy of the talks’ keys."),
        settings.KEY_BACKUP_RECIPIENT,
        wrong,
        kind,
    )


def _program() -> Iterator[Shown]:
    invented = _("It is on: everything here is invented. Turn it off before anybody real comes.")
    yield _plain("DEMO", _("Whether this is the demo."), _on(settings.DEMO), invented if settings.DEMO else "")
    told = _("It is on: error pages show what people wrote.")
    yield _plain(
        "DEBUG",
        _("Whether error pages show the program’s inside."),
        _on(settings.DEBUG),
        told if settings.DEBUG else "",
    )
    names = [one.parts[-3] for one in catalogs.missing()]
    words = _("Some words are shown in English only. This mends it: python -m seeds.catalogs")
    yield _plain(
        "LANGUAGES",
        _("The languages of the pages."),
        [code for code, _name in settings.LANGUAGES],
        words if names else "",
        WARN,
    )


def _on(value: object) -> str:
    return "1" if value else "0"
