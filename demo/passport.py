"""The file that tells whoever started the demo how to sign in. It exists in the demo only."""

import json
import os
from pathlib import Path
from typing import TypedDict

from django.conf import settings


class Named(TypedDict):
    """How one named account signs in."""

    email: str
    password: str
    totp_secret: str


class Words(TypedDict):
    """How the known participant signs in."""

    passphrase: str


class Passport(TypedDict):
    """Everything in demo.json."""

    base_url: str
    facilitator: Named
    peer: Named
    listener: Named
    operator: Named
    participant: Words
    codes: list[str]
    mailbox: str


def path() -> Path:
    """Where the file lies."""
    return Path(settings.DATA_DIR) / "demo.json"


def base_url() -> str:
    """Where this demo answers; PORT as for `make demo`."""
    return f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}"


def mailbox() -> str:
    """The folder in which the demo's mail sink keeps .eml files."""
    return os.environ.get("DEMO_MAILBOX") or str(Path(settings.DATA_DIR) / "mail")


def read() -> Passport | None:
    """What the file says; None when there is none."""
    try:
        passport: Passport = json.loads(path().read_text("utf-8"))
    except FileNotFoundError:
        return None
    return passport


def write(passport: Passport) -> None:
    """Put the file in place in one step, readable by its owner only."""
    path().parent.mkdir(parents=True, exist_ok=True)
    draft = path().with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(passport, file, indent=2, ensure_ascii=False)
        file.write("\n")
    draft.replace(path())


def follow_the_port(passport: Passport) -> None:
    """Tell the address and the mailbox of this start, if they changed; touch nothing otherwise."""
    now: Passport = {**passport, "base_url": base_url(), "mailbox": mailbox()}
    if now != passport:
        write(now)
