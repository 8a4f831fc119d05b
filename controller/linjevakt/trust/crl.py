"""The certificate revocation list (RFC 5280, section 5): who is refused although its certificate has not ended.

It is part of every router's configuration, so it stays the same text until someone is revoked, or its end comes near.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from linjevakt.model.record import Certificate, Reason
from linjevakt.model.secret import Secret
from linjevakt.trust.ca import BACKDATE, Authority
from linjevakt.trust.vault import Vault

NAME: Final = "ca.crl"
VALIDITY: Final = timedelta(days=400)  # longer than any certificate: a hub that hears nothing for a year still refuses
RENEW_BEFORE: Final = timedelta(days=200)  # by then every site has had the next one, with a certificate of its own
_PEM: Final = re.compile(r"-----BEGIN X509 CRL-----\n[A-Za-z0-9+/=\n]+-----END X509 CRL-----\n")
_FLAGS: Final = {
    Reason.STOLEN: x509.ReasonFlags.key_compromise,
    Reason.REPLACED: x509.ReasonFlags.superseded,
    Reason.TERMINATED: x509.ReasonFlags.cessation_of_operation,
    Reason.SUPERSEDED: x509.ReasonFlags.superseded,
}


def current(vault: Vault, authority: Authority, now: datetime) -> str:
    """The list in PEM, signed anew when there is someone to add or it ends too soon; empty before the first one.

    Whoever signs beside us may leave a list that lacks one of ours: the next one who asks signs a whole one.
    """
    living = vault.store.certificates.revoked_serials(now)
    found = vault.find(NAME)
    before = from_pem(found.reveal()) if found else None
    if before is None and not living:
        return ""
    if before is not None and found is not None and _is_good(found.reveal(), before, authority, living, now):
        return found.reveal()
    pem = _sign(authority, vault.store.certificates.revoked(living_at=now), _number(before, now), now)
    vault.put(NAME, Secret(pem))
    return pem


def from_pem(text: str) -> x509.CertificateRevocationList:
    """Back from PEM text."""
    return x509.load_pem_x509_crl(text.encode())


@lru_cache(maxsize=4)
def serials(pem: str) -> frozenset[str]:
    """The serial numbers on a list (PEM), in hex; none on an empty text."""
    return frozenset(f"{entry.serial_number:x}" for entry in from_pem(pem)) if pem else frozenset()


def listed(text: str) -> frozenset[str]:
    """The serial numbers on the list that stands somewhere in a configuration; none where there is no list."""
    found = _PEM.search(text)
    return serials(found[0]) if found else frozenset()


def _is_good(
    pem: str, before: x509.CertificateRevocationList, authority: Authority, living: frozenset[str], now: datetime
) -> bool:
    ends = before.next_update_utc
    lasts = ends is not None and ends - now > RENEW_BEFORE
    return lasts and serials(pem) >= living and before.issuer == authority.certificate.subject


def _number(before: x509.CertificateRevocationList | None, now: datetime) -> int:
    """Larger than any before, also when two sign at once or a clock was set back (RFC 5280, section 5.2.3)."""
    last = before.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number if before else 0
    return max(last + 1, int(now.timestamp() * 1_000_000))


def _sign(authority: Authority, living: Collection[Certificate], number: int, now: datetime) -> str:
    identifier = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - BACKDATE)
        .next_update(now + VALIDITY)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for one in living:
        builder = builder.add_revoked_certificate(_entry(one))
    return builder.sign(authority.key, hashes.SHA384()).public_bytes(serialization.Encoding.PEM).decode()


def _entry(one: Certificate) -> x509.RevokedCertificate:
    assert one.revoked is not None  # noqa: S101 - the store asked for those that are
    assert one.reason is not None  # noqa: S101 - written with it
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(int(one.serial, 16))
        .revocation_date(one.revoked)
        .add_extension(x509.CRLReason(_FLAGS[one.reason]), critical=False)
        .build()
    )
