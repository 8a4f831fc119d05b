"""What can be told of a section by reading it: types, certificates, keys, names. Needs no other program."""

import binascii
import difflib
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from linjevakt_agent.base import schema
from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.config.text import Sections
from linjevakt_agent.network import desired
from linjevakt_agent.network.kernel import NetworkError

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)  # RFC 1123, section 2.1
LOGIN = "/usr/local/bin/linjevakt-agent login"
"""What a login runs, whatever it asks for (login.py)."""

_KEY = re.compile(
    rf'restrict(?:,from="[0-9a-fA-F.:/,]+")?,command="{re.escape(LOGIN)}" '
    r"((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*)(?: [^\n]*)?"
)
_PEM = re.compile(r"(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n+)+")
_TOML_LINE = re.compile(r"at line (\d+)")
_FIELD = re.compile(r"unknown field `([^`]+)`")
_NEEDS_SERVER = ("dns", "http_proxy")
_LONGEST_CHAIN = 8
T = TypeVar("T")


def hostname(sections: Sections) -> None:
    """One RFC 1123 label."""
    if not _LABEL.fullmatch(sections["hostname"].rstrip("\n")):
        raise InvalidError("must be one line, a label of letters, digits and hyphens (RFC 1123)", line=1)


def network(sections: Sections) -> None:
    """`network.toml`: its types, and that its addresses and gateways can be right on some machine."""
    found = toml(sections["network.toml"], schema.Network)
    try:
        desired.check(found)
        desired.check_places(found)
    except NetworkError as error:
        raise InvalidError(error.message) from error


def secrets(sections: Sections) -> None:
    """`secrets.toml`: a flat table of strings."""
    toml(sections["secrets.toml"], dict[str, str])


def agent(sections: Sections) -> None:
    """`agent.toml`: its types, and that what it refers to in other sections is there."""
    found = toml(sections["agent.toml"], schema.Agent)
    known = toml(sections["secrets.toml"], dict[str, str])
    for user in found.snmp.user:
        for part in ("auth", "privacy"):
            _hexadecimal(f"snmp.{user.name}.{part}", known)
    for number, probe in enumerate(found.probe, start=1):
        if probe.kind in _NEEDS_SERVER and not probe.server:
            raise InvalidError(f"probe {number} ({probe.service}): kind '{probe.kind}' needs `server`")
    if found.tunnel and not re.search(rf"(?m)^\s*{re.escape(found.tunnel.connection)}\s*\{{", sections["swanctl.conf"]):
        raise InvalidError(f"tunnel.connection: there is no connection '{found.tunnel.connection}' in swanctl.conf")


def _hexadecimal(name: str, known: dict[str, str]) -> None:
    if name not in known:
        raise InvalidError(f"the key '{name}' is missing in secrets.toml")
    try:
        binascii.unhexlify(known[name])
    except (binascii.Error, ValueError) as error:
        raise InvalidError(f"the key '{name}' in secrets.toml is not hexadecimal") from error


def pac(sections: Sections) -> None:
    """`flex.pac`: the function that browsers call."""
    if "function FindProxyForURL" not in sections["flex.pac"]:
        raise InvalidError("has no `function FindProxyForURL`")


def authorized_keys(sections: Sections) -> None:
    """Every line a key, at least one: else nobody could log in again; and none of them opens more than `LOGIN`."""
    keys = 0
    for number, line in enumerate(sections["authorized_keys"].split("\n"), start=1):
        if line and not line.startswith("#"):
            _ssh_key(line, number)
            keys += 1
    if not keys:
        raise InvalidError("holds no key: nobody could log in")


def _ssh_key(line: str, number: int) -> None:
    found = _KEY.fullmatch(line)
    if not found:
        raise InvalidError(f'must be `restrict,from="...",command="{LOGIN}" TYPE KEY`: no key opens more', line=number)
    try:
        serialization.load_ssh_public_key(found[1].encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidError("not an SSH public key", line=number) from error


def toml(body: str, kind: type[T]) -> T:
    """Decode TOML as `kind`; raises InvalidError with the line where it can be told. Never shows a value."""
    try:
        return msgspec.toml.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _misfit(body, str(error)) from error
    except msgspec.DecodeError as error:
        line = _TOML_LINE.search(str(error))
        raise InvalidError(f"not TOML: {error}", line=int(line[1]) if line else None) from error


def _misfit(body: str, message: str) -> InvalidError:
    field = _FIELD.search(message)
    if not field:
        return InvalidError(message)
    hint = _did_you_mean(field[1], _field_names())
    written = re.search(rf"(?m)^\s*\[*\s*{re.escape(field[1])}\b", body)
    line = body[: written.end()].count("\n") + 1 if written else None
    return InvalidError(message + hint, line=line)


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _field_names() -> set[str]:
    structs = [
        value for value in vars(schema).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)
    ]
    return {field for struct in structs for field in struct.__struct_fields__}


# -- certificates ------------------------------------------------------------------------------------------------------


def router_certificate(public_key: Path) -> Callable[[Sections], None]:
    """Return the check of `router.crt`: it is for this key, valid now, and a chain leads to `ca.crt` (RFC 5280)."""

    def check(sections: Sections) -> None:
        own, *between = certificates(sections["router.crt"])
        if own.public_key() != _public_key(public_key):
            raise InvalidError("is not for this box's key: have it made from the request that `identity` prints")
        _check_chain(own, between, certificates(sections["ca.crt"], "ca.crt"))

    return check


def ca_certificate(sections: Sections) -> None:
    """`ca.crt`: certificates of authorities, valid now."""
    for found in certificates(sections["ca.crt"]):
        _check_dates(found)
        if not _is_authority(found):
            raise InvalidError(f"{found.subject.rfc4514_string()} is not an authority (basicConstraints CA)")


def certificates(pem: str, section: str | None = None) -> list[x509.Certificate]:
    """Parse one or more certificates; raises InvalidError."""
    if not _PEM.fullmatch(pem):
        raise InvalidError("not PEM certificates and nothing else", section=section)
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise InvalidError("not a PEM certificate", section=section) from error


def _public_key(file: Path) -> PublicKeyTypes:
    try:
        return serialization.load_pem_public_key(file.read_bytes())
    except FileNotFoundError as error:
        raise InvalidError("the box has no key yet: `linjevakt-agent identity` makes one") from error


def _check_chain(own: x509.Certificate, between: list[x509.Certificate], authorities: list[x509.Certificate]) -> None:
    current = own
    for _ in range(_LONGEST_CHAIN):
        _check_dates(current)
        if any(_issued(by, current) for by in authorities):
            return
        following = [by for by in between if by != current and _is_authority(by) and _issued(by, current)]
        if not following:
            break
        current = following[0]
    raise InvalidError(f"no chain leads from it to ca.crt: its issuer is {current.issuer.rfc4514_string()}")


def _issued(by: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _check_dates(certificate: x509.Certificate) -> None:
    since, until, now = certificate.not_valid_before_utc, certificate.not_valid_after_utc, datetime.now(UTC)
    if not since <= now <= until:
        raise InvalidError(
            f"{certificate.subject.rfc4514_string()} is valid {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
        )
