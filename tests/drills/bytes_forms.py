"""How a value can stand in a file: the ways to write it down, and the ways to pack it that can be undone again."""

import base64
import hashlib
import html
import ipaddress
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import quote

ZLIB_OR_GZIP = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
TOO_LITTLE = 24  # bytes; what noise inflates to by chance is shorter
AT_MOST = 1 << 26  # bytes that one packed stream may grow to
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
DIGESTS = ("md5", "sha1", "sha256")


def as_written(text: str) -> dict[bytes, str]:
    """Bytes -> how: the text in each encoding and escape. Lower case, to be looked for in lowered bytes."""
    found: dict[bytes, str] = {}
    for spelled in {text, text.lower(), text.upper()}:
        for name in ENCODINGS:
            raw = spelled.encode(name)
            found |= {raw.hex().encode(): f"hex of {name}", raw.lower(): name}
        quoted = quote(spelled, safe="")
        found |= {quoted.replace("%20", "+").lower().encode(): "form", quoted.lower().encode(): "URL"}
        found |= {json.dumps(spelled)[1:-1].lower().encode(): "JSON"}
        found |= {html.escape(spelled).lower().encode(): "HTML"}
        found[spelled.encode("utf-8").lower()] = "utf-8"
    return found


def as_coded(raw: bytes) -> dict[bytes, str]:
    """Bytes -> how: base64 at each of its three alignments, in both alphabets. To be looked for as they are."""
    found = {}
    for before in range(3):
        clean = (before + len(raw)) * 8 // 6  # characters that depend on nothing that follows
        for name, code in (("base64", base64.b64encode), ("base64 for URLs", base64.urlsafe_b64encode)):
            found[code(b"\0" * before + raw)[(0, 2, 3)[before] : clean]] = name
    return found


def digests(raw: bytes) -> dict[bytes, str]:
    """Bytes -> how: plain digests, which anybody could recompute from a list of likely values."""
    return {hashlib.new(name, raw).digest(): name for name in DIGESTS}


def packed_address(address: str) -> bytes:
    """An IP address as sockets and databases keep it: 4 or 16 bytes."""
    return ipaddress.ip_address(address).packed


def unpacked(data: bytes) -> Iterator[bytes]:
    """Whatever zlib or gzip streams in it hold, also of files that were cut off."""
    for match in ZLIB_OR_GZIP.finditer(data):
        bits = zlib.MAX_WBITS | (16 if match[0][0] == 0x1F else 0)
        for content in (
            inflate(data, match.start(), bits),
            inflate(b"".join(dumped_parts(data, match.start())), 0, bits),
        ):
            if len(content) >= TOO_LITTLE:
                yield content


def inflate(data: bytes, start: int, bits: int) -> bytes:
    """As much of the stream that begins there as can be read."""
    engine, content, step = zlib.decompressobj(bits), bytearray(), 4096
    try:
        while start < len(data) and not engine.eof and len(content) < AT_MOST:
            content += engine.decompress(data[start : start + step])
            start, step = start + step, min(step * 4, 1 << 20)
    except zlib.error:
        pass
    return bytes(content)


def dumped_parts(data: bytes, start: int) -> Iterator[bytes]:
    """A stream in a PostgreSQL dump of the custom format is cut up: sign, length (4 bytes), part, ... until 0."""
    at = start - 5
    while at >= 0 and at + 5 <= len(data) and data[at] == 0:
        (length,) = struct.unpack_from("<i", data, at + 1)
        if not 0 < length <= len(data) - at - 5:
            return
        yield data[at + 5 : at + 5 + length]
        at += 5 + length


def pglz(packed: bytes, size: int) -> bytes:
    """What PostgreSQL packed by its own method. Raises ValueError when it isn't such a stream of `size` bytes."""
    plain, at = bytearray(), 0
    while at < len(packed) and len(plain) < size:
        control, at = packed[at], at + 1
        for bit in range(8):
            if at >= len(packed) or len(plain) >= size:
                break
            if control >> bit & 1:
                at = _copied(packed, at, plain)
            else:
                plain.append(packed[at])
                at += 1
    if len(plain) != size:
        raise ValueError("not as long as it says")
    return bytes(plain)


def _copied(packed: bytes, at: int, plain: bytearray) -> int:
    """One tag of pglz: repeat `length` bytes from `back` bytes ago; returns where the next one begins."""
    if at + 2 > len(packed):
        raise ValueError("cut off")
    length, back, at = (packed[at] & 0x0F) + 3, (packed[at] & 0xF0) << 4 | packed[at + 1], at + 2
    if length == 18:
        if at >= len(packed):
            raise ValueError("cut off")
        length, at = length + packed[at], at + 1
    repeat(plain, back, length)
    return at


def lz4(packed: bytes, size: int) -> bytes:
    """The content of one LZ4 block. Raises ValueError when it isn't such a block of `size` bytes."""
    plain, at = bytearray(), 0
    try:
        while len(plain) < size:
            token, at = packed[at], at + 1
            length, at = _lz4_length(packed, at, token >> 4)
            plain += packed[at : at + length]
            at += length
            if len(plain) >= size:
                break
            back = packed[at] | packed[at + 1] << 8
            length, at = _lz4_length(packed, at + 2, token & 15)
            repeat(plain, back, length + 4)
    except IndexError:
        raise ValueError("cut off") from None
    if len(plain) != size:
        raise ValueError("not as long as it says")
    return bytes(plain)


def _lz4_length(packed: bytes, at: int, length: int) -> tuple[int, int]:
    if length == 15:
        while packed[at] == 255:
            length, at = length + 255, at + 1
        length, at = length + packed[at], at + 1
    return length, at


def repeat(plain: bytearray, back: int, length: int) -> None:
    """Append what stands `back` bytes before the end; it may run into what it writes."""
    if not 0 < back <= len(plain):
        raise ValueError("points before the beginning")
    start = len(plain) - back
    pattern = bytes(plain[start : start + length])
    plain += (pattern * (length // len(pattern) + 1))[:length]


def toasted(values: Iterable[bytes]) -> Iterator[bytes]:
    """The content of values that PostgreSQL compressed, from their bytes with the length word (`tcinfo`) in front."""
    for value in values:
        if len(value) <= 4:
            continue
        (info,) = struct.unpack_from("<I", value)
        size, method = info & 0x3FFFFFFF, info >> 30
        try:
            yield (pglz, lz4)[method](value[4:], size)
        except (ValueError, IndexError):
            continue
