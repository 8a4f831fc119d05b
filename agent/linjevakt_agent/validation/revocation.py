"""What can be told of the list of revoked certificates (`ca.crl`, RFC 5280 section 5) before charon is to heed it."""

import re
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from linjevakt_agent.base import schema
from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.config.text import Sections
from linjevakt_agent.validation import content

SECTION = "ca.crl"
_PEM = re.compile(r"-----BEGIN X509 CRL-----\n([A-Za-z0-9+/=]+\n)+-----END X509 CRL-----\n+")


def check(sections: Sections) -> None:
    """Refuse a list that charon would ignore without a word.

    A stale one (past its nextUpdate) is good: it still tells who is shut out, and shuts out nobody else.
    """
    found, authorities = _list(sections[SECTION]), content.certificates(sections["ca.crt"], "ca.crt")
    number(found)
    _check_issuer(found, authorities)
    if (since := found.last_update_utc) > datetime.now(UTC):
        raise _invalid(f"is from the future ({since:%Y-%m-%d %H:%M} UTC): charon would ignore it. Is the clock right?")
    if critical := [extension.oid.dotted_string for extension in found.extensions if extension.critical]:
        raise _invalid(f"has critical extensions ({', '.join(critical)}), as one that tells only a part: give it whole")


def check_kept(sections: Sections, running: Path) -> None:
    """Refuse an older list than the one in force (file `running`), or none: whom that shuts out would come in again.

    Each certificate that the agent is told of must be on the list, or its tunnel would be ended and come back.
    """
    found = _list(sections[SECTION]) if sections.get(SECTION) else None
    _check_newer(found, _in_force(running, content.certificates(sections["ca.crt"], "ca.crt")))
    _check_rows(content.toml(sections["agent.toml"], schema.Agent), found)


def number(found: x509.CertificateRevocationList) -> int:
    """Its CRL number (RFC 5280 section 5.2.3). Raises InvalidError if it has none."""
    try:
        return found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (ValueError, x509.ExtensionNotFound) as error:
        raise _invalid("has no CRL number: it could not be told from an older one") from error


def _list(pem: str) -> x509.CertificateRevocationList:
    if not _PEM.fullmatch(pem):
        raise _invalid("not one list in PEM and nothing else: charon takes the first block, whatever its name")
    try:
        return x509.load_pem_x509_crl(pem.encode())
    except ValueError as error:
        raise _invalid("not a PEM certificate revocation list") from error


def _check_issuer(found: x509.CertificateRevocationList, authorities: list[x509.Certificate]) -> None:
    issuers = [by for by in authorities if by.subject == found.issuer]
    if not issuers:
        raise _invalid(f"its issuer {found.issuer.rfc4514_string()} is not in ca.crt")
    if not any(_signed(found, by) for by in issuers):
        raise _invalid(f"is not signed by the {found.issuer.rfc4514_string()} of ca.crt")
    if not any(_names(found, by) for by in issuers):
        raise _invalid("its authority key identifier is not that of ca.crt: charon would not find it")


def _signed(found: x509.CertificateRevocationList, by: x509.Certificate) -> bool:
    try:
        return found.is_signature_valid(by.public_key())  # type: ignore[arg-type]  # of a kind that signs: else TypeError
    except (TypeError, UnsupportedAlgorithm):
        return False


def _names(found: x509.CertificateRevocationList, by: x509.Certificate) -> bool:
    """Whether the list names this authority's key: by that alone charon finds the list of a certificate's issuer."""
    try:
        key = by.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        named = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except (ValueError, x509.ExtensionNotFound):
        return False
    return key == named


def _in_force(running: Path, authorities: list[x509.Certificate]) -> x509.CertificateRevocationList | None:
    """The running list, if one of these authorities made it: that of another says nothing of their certificates."""
    try:
        found = _list(running.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, InvalidError):
        return None
    return found if any(_signed(found, by) for by in authorities) else None


def _check_newer(found: x509.CertificateRevocationList | None, running: x509.CertificateRevocationList | None) -> None:
    if running is None:
        return
    if found is None:
        raise _invalid(f"is missing: without it, those whom list {number(running)} in force shuts out come in again")
    if number(found) < number(running):
        raise _invalid(f"list {number(found)} is older than list {number(running)} in force: ask for a new one")


def _check_rows(agent: schema.Agent, found: x509.CertificateRevocationList | None) -> None:
    listed = {entry.serial_number for entry in found or ()}  # to look each up in the list walks it anew
    for row in agent.revoked:
        if row.number not in listed:
            message = f"revoked: {row.serial} ({row.router}) is not in ca.crl: its tunnel would be ended and come back"
            raise InvalidError(message, section="agent.toml")


def _invalid(message: str) -> InvalidError:
    return InvalidError(message, section=SECTION)
