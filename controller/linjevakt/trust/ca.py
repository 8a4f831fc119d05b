"""The installation's own certificate authority: one ECDSA P-384 key, and a certificate for each router's own key.

The address blocks are not marked critical, which RFC 3779 section 2.1 only recommends: verifiers that do not know them
(Python's `cryptography`) would refuse the certificate, and strongSwan's addrblock plugin demands them either way.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, collapse_addresses
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from linjevakt.model.errors import InvalidInputError, SecretError
from linjevakt.model.record import CERTIFICATE_VALIDITY
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret
from linjevakt.trust import addressblocks
from linjevakt.trust.vault import Vault

KEY: Final = "ca.key"
CERTIFICATE: Final = "ca.certificate"
VALIDITY: Final = CERTIFICATE_VALIDITY
RENEW_BEFORE: Final = timedelta(days=30)  # at the latest: a hub that is away for a week finds every site's still good
RENEW_SPREAD: Final = timedelta(days=15)  # and earlier by a share of this, by the router's name: not all in one night
RENEW_FROM: Final = RENEW_BEFORE + RENEW_SPREAD  # before its end; none is due sooner
CA_VALIDITY: Final = timedelta(days=3652)
BACKDATE: Final = timedelta(days=1)  # a router's clock may be behind before it has reached a time server


@dataclass(frozen=True)
class Authority:
    """A CA that can sign; its certificate names every inside network, so a router's blocks must lie within them."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """The CA certificate, PEM."""
        return to_pem(self.certificate)

    def certify(self, csr: str, router: str, networks: Iterable[IPv4Network], now: datetime) -> x509.Certificate:
        """A certificate for the key in `csr` (PEM), good for `router` and exactly `networks`.

        Raises InvalidInputError when the CSR is not one, does not prove possession of its key, or a network is outside.
        """
        public, issuer = public_key(csr), self.certificate
        self._require_inside(router, networks)
        expires = min(now + VALIDITY, issuer.not_valid_after_utc)
        builder = _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, router)]), issuer.subject, public)
        builder = builder.not_valid_before(now - BACKDATE).not_valid_after(expires)
        for extension, critical in _router_extensions(router, public, issuer, networks):
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, hashes.SHA384())

    def _require_inside(self, router: str, networks: Iterable[IPv4Network]) -> None:
        inside = _networks(self.certificate)
        strays = [network for network in networks if not any(network.subnet_of(ours) for ours in inside)]
        if strays:
            raise InvalidInputError(
                Saying(
                    "{router}: {strays} lies outside the inside {inside}. Change the prefix, or add its network to "
                    "`inside` in installation.yaml.",
                    router=router,
                    strays=", ".join(map(str, strays)),
                    inside=", ".join(map(str, inside)),
                )
            )


def ensure_key(vault: Vault) -> ec.EllipticCurvePrivateKey:
    """The CA's key, made now if there is none. Raises SecretError when it is not an EC key."""
    pem = vault.ensure(KEY, _new_key).reveal().encode()
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise SecretError(Saying("The secret {name!r} is no private key. Restore the database.", name=KEY)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SecretError(Saying("The secret {name!r} is not an elliptic-curve key.", name=KEY))
    return key


def require_fitting(vault: Vault) -> None:
    """Raises SecretError when the CA's certificate, if there is one, is not that of its key."""
    found = vault.find(CERTIFICATE)
    if found:
        _require_fitting(from_pem(found.reveal()), ensure_key(vault))


def _require_fitting(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    if certificate.public_key() != key.public_key():
        raise SecretError(
            Saying(
                "The CA's certificate ({certificate!r}) is not that of its key ({key!r}): routers would refuse what "
                "it signs. Restore both from one backup of the database.",
                certificate=CERTIFICATE,
                key=KEY,
            )
        )


def authority(vault: Vault, networks: Iterable[IPv4Network], now: datetime) -> Authority:
    """The CA for these inside networks; its certificate is made anew, under the same key and name, when they change.

    When the inside grows, the sites must hold the new CA certificate before the hub holds its new one.
    """
    key = ensure_key(vault)
    wanted = tuple(collapse_addresses(networks))
    found = vault.find(CERTIFICATE)
    if found:
        certificate = from_pem(found.reveal())
        _require_fitting(certificate, key)
        if _current(certificate, wanted, now, leave=VALIDITY):
            return Authority(key, certificate)
    certificate = _self_sign(key, wanted, now)
    vault.put(CERTIFICATE, Secret(to_pem(certificate)))
    return Authority(key, certificate)


def renewal(router: str, expires: datetime) -> datetime:
    """When a router's certificate is to be replaced: 30 to 45 days before its end, each router at its own moment."""
    share = int.from_bytes(hashlib.sha256(router.encode()).digest()[:4], "big") / 2**32
    return expires - RENEW_BEFORE - share * RENEW_SPREAD


def is_current(certificate: str, router: str, networks: Iterable[IPv4Network], now: datetime) -> bool:
    """Whether a router's certificate (PEM) names exactly these networks and is not yet to be renewed."""
    found = from_pem(certificate)
    return _networks(found) == tuple(collapse_addresses(networks)) and now < renewal(router, found.not_valid_after_utc)


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """The key by its SHA-256 in hex, as a certificate's SubjectPublicKeyInfo has it."""
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def public_key(csr: str) -> ec.EllipticCurvePublicKey:
    """The key that a CSR (PEM) asks a certificate for, possession proven. Raises InvalidInputError."""
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        key = request.public_key()
        proven = request.is_signature_valid
    except (ValueError, InvalidSignature) as error:
        raise InvalidInputError(
            Saying("The certificate request is not a PEM-encoded PKCS #10 request: {error}.", error=error)
        ) from error
    if not proven:
        raise InvalidInputError(
            Saying("The certificate request's signature does not fit its key: ask the box for a new one.")
        )
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidInputError(Saying("The certificate request's key is not ECDSA P-256: ask the box for a new one."))
    return key


def serial(certificate: str) -> str:
    """The serial number of a certificate (PEM), in hex."""
    return f"{from_pem(certificate).serial_number:x}"


def to_pem(certificate: x509.Certificate) -> str:
    """PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def from_pem(text: str) -> x509.Certificate:
    """Back from PEM text, as we have written it. Raises SecretError for what is no certificate any more."""
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise SecretError(
            Saying("A certificate in the database cannot be read ({error}). Restore the database.", error=error)
        ) from error


def _new_key() -> Secret:
    pem = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Secret(pem.decode())


def _current(
    certificate: x509.Certificate, networks: tuple[IPv4Network, ...], now: datetime, *, leave: timedelta
) -> bool:
    return _networks(certificate) == networks and certificate.not_valid_after_utc - now > leave


def _networks(certificate: x509.Certificate) -> tuple[IPv4Network, ...]:
    try:
        extension = certificate.extensions.get_extension_for_oid(addressblocks.OID).value
        return addressblocks.networks(extension.public_bytes())
    except (ValueError, x509.ExtensionNotFound) as error:
        raise SecretError(
            Saying("A certificate in the database is none of ours ({error}). Restore the database.", error=error)
        ) from error


def _self_sign(key: ec.EllipticCurvePrivateKey, networks: tuple[IPv4Network, ...], now: datetime) -> x509.Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Linjevakt CA {identifier.digest.hex()[:8]}")])
    builder = _builder(name, name, key.public_key())
    return (
        builder.not_valid_before(now - BACKDATE)
        .not_valid_after(now + CA_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(addressblocks.extension(networks), critical=False)
        .sign(key, hashes.SHA384())
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    serial = x509.random_serial_number()
    return x509.CertificateBuilder(issuer, subject, key, serial)


def _router_extensions(
    router: str, key: ec.EllipticCurvePublicKey, issuer: x509.Certificate, networks: Iterable[IPv4Network]
) -> list[tuple[x509.ExtensionType, bool]]:
    issuer_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectAlternativeName([x509.DNSName(router)]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), False),
        (addressblocks.extension(networks), False),
    ]


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
