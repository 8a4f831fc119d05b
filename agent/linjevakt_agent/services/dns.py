"""The little of DNS (RFC 1035) that a probe needs: ask for a name's IPv4 addresses, read the answer."""

import ipaddress
import struct

HEADER = struct.Struct("!6H")
QUESTION_TAIL = struct.Struct("!2H")
RECORD = struct.Struct("!2HIH")
A, IN = 1, 1
RECURSION_DESIRED, RESPONSE, RCODE = 0x0100, 0x8000, 0x000F
RCODES = {1: "format error", 2: "server failure", 3: "no such name", 4: "not implemented", 5: "refused"}
MAX_LABEL, MAX_NAME, POINTER = 63, 255, 0xC0


class DnsError(ValueError):
    """Not an answer to the question, or an answer that says no; the message is for people."""


def encode_query(number: int, name: str) -> bytes:
    """A recursive query for A records of `name`, numbered 0..65535. Raises DnsError for an impossible name."""
    return HEADER.pack(number, RECURSION_DESIRED, 1, 0, 0, 0) + _name(name) + QUESTION_TAIL.pack(A, IN)


def _name(name: str) -> bytes:
    try:
        labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    except UnicodeError as error:
        raise DnsError(f"{name!r} is not a domain name: {error}") from error
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(encoded) > MAX_NAME or any(not 0 < len(label) <= MAX_LABEL for label in labels):
        raise DnsError(f"{name!r} is not a domain name")
    return encoded


def parse_answer(data: bytes, query: bytes) -> list[str]:
    """The IPv4 addresses in a server's answer to `query`, at least one. Raises DnsError."""
    try:
        number, flags, questions, answers, _, _ = HEADER.unpack_from(data)
        if number != HEADER.unpack_from(query)[0] or not flags & RESPONSE or questions != 1:
            raise DnsError("not an answer to the question")
        if code := flags & RCODE:
            raise DnsError(RCODES.get(code, f"error {code}"))
        if data[HEADER.size : len(query)].lower() != query[HEADER.size :].lower():
            raise DnsError("an answer to another question")
        return _addresses(data, len(query), answers)
    except (struct.error, IndexError) as error:
        raise DnsError("a broken answer") from error


def _addresses(data: bytes, at: int, answers: int) -> list[str]:
    found = []
    for _ in range(answers):
        at = _skip_name(data, at)
        kind, group, _, length = RECORD.unpack_from(data, at)
        at += RECORD.size
        value = data[at : at + length]
        if (kind, group, len(value)) == (A, IN, 4):
            found.append(str(ipaddress.IPv4Address(value)))
        at += length
    if not found:
        raise DnsError("no address for the name")
    return found


def _skip_name(data: bytes, at: int) -> int:
    while (length := data[at]) & POINTER != POINTER:
        at += 1 + length
        if not length:
            return at
    return at + 2
