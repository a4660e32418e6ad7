"""`python -m demo.code ROLE`: what the authenticator app of a demo account would show now. `make code` runs it."""

import base64
import hashlib
import hmac
import json
import os
import struct
import sys
import time

from demo.environment import place_from
from demo.welcome import ROLES

STEP_SECONDS = 30


def totp(secret: str, at: float) -> str:
    """The six digits of RFC 6238 for a base32 secret at a time in seconds since 1970."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // STEP_SECONDS), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def main(arguments: list[str]) -> int:
    """Print the digits."""
    if len(arguments) != 1 or arguments[0] not in ROLES:
        print(f"usage: make code WHO={'|'.join(ROLES)}", file=sys.stderr)
        return 2
    told = json.loads((place_from(dict(os.environ)).data_dir / "demo.json").read_text("utf-8"))
    print(totp(told[arguments[0]]["totp_secret"], time.time()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
