"""Puts values into native files safely: what cannot stand there unharmed is refused, never quoted by luck."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from jinja2 import Undefined

from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]*")
_CERTIFICATES = re.compile(r"(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,76}\n)+-----END CERTIFICATE-----\n?)+")
_REVOCATIONS = re.compile(r"-----BEGIN X509 CRL-----\n([A-Za-z0-9+/=]{1,76}\n)+-----END X509 CRL-----\n?")
_SSH_KEY = re.compile(
    r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d{3}|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+={0,2}( [A-Za-z0-9._@-]+)?"
)
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control, surrogate, line and paragraph separators
_SHOWN = 60

PLACE = "@{"
"""How the place of a secret begins (`Candidate.revealed`): no value may smuggle one in."""


class UnfitError(InvalidInputError):
    """A value that cannot stand where the template puts it."""


class Native(str):
    """Text that is already in the syntax of the file it goes into."""

    __slots__ = ()


def finalize(value: object) -> object:
    """What every `{{ expression }}` of a template passes through: a single plain word, a number or an address.

    Anything else needs a filter that knows the target's syntax. Raises UnfitError for what is neither.
    """
    if isinstance(value, Native | int | IPv4Address | IPv4Network | Undefined):
        return value
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    raise UnfitError(Saying("{value} is not one plain word (letters, digits and . _ : / @ + -)", value=_shown(value)))


def commas(values: Iterable[object], between: str = ", ") -> Native:
    """`a, b, c`: a list of plain words, numbers or addresses."""
    return Native(between.join(str(finalize(value)) for value in values))


def words(value: str) -> Native:
    """Several plain words in a row, as in `fq_codel limit 1000`."""
    return commas(value.split(" "), " ")


def names(values: Iterable[object]) -> Native:
    """`"a", "b", "c"`: a list of interface names in nftables."""
    return Native(", ".join(f'"{finalize(value)}"' for value in values))


def toml(value: object) -> Native:
    """A TOML basic string (toml.io v1.0.0)."""
    return Native(json.dumps(text(str(value)), ensure_ascii=False))


def js(value: Any) -> Native:
    """A JavaScript value: a string or a list of strings, in ASCII."""
    return Native(
        json.dumps([text(str(item)) for item in value] if isinstance(value, tuple | list) else text(str(value)))
    )


def certificates(value: str) -> Native:
    """One or more PEM certificates (RFC 7468) and nothing around them."""
    if not _CERTIFICATES.fullmatch(value):
        raise UnfitError(Saying("this is not a PEM certificate; ask trust for the router's certificate anew"))
    return Native(value.rstrip("\n"))


def revocations(value: str) -> Native:
    """One PEM revocation list (RFC 7468, section 6) and nothing around it, or nothing at all."""
    if value and not _REVOCATIONS.fullmatch(value):
        raise UnfitError(Saying("this is not a PEM certificate revocation list; ask trust for it anew"))
    return Native(value.rstrip("\n"))


def ssh_key(value: str) -> Native:
    """One public key as in `authorized_keys`, without options."""
    if not _SSH_KEY.fullmatch(value):
        raise UnfitError(Saying("{value} is not an OpenSSH public key without options", value=_shown(value)))
    return Native(value)


def interface(value: IPv4Interface) -> Native:
    """An address with its prefix length."""
    return Native(str(value))


def text(value: str) -> str:
    """The same text, once it is known to hold no control character and no place of a secret; raises UnfitError."""
    wrong = next((char for char in value if unicodedata.category(char) in _UNPRINTABLE or char == "\x7f"), None)
    if wrong is not None:
        raise UnfitError(
            Saying("{value} holds the control character U+{code:04X}; remove it", value=_shown(value), code=ord(wrong))
        )
    if PLACE in value:
        raise UnfitError(
            Saying(
                "{value} holds {mark!r}, which marks the place of a secret; remove it", value=_shown(value), mark=PLACE
            )
        )
    return value


def _shown(value: object) -> str:
    return ascii(value)[:_SHOWN]


FILTERS: dict[str, Callable[..., Native]] = {
    "commas": commas,
    "names": names,
    "words": words,
    "toml": toml,
    "js": js,
    "certificates": certificates,
    "revocations": revocations,
    "ssh_key": ssh_key,
    "interface": interface,
}
