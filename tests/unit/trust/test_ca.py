"""The CA's certificates satisfy OpenSSL and cryptography, and bind a router to its own networks."""

import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, collapse_addresses
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from hypothesis import given
from hypothesis import strategies as st

from linjevakt.model.errors import InvalidInputError
from linjevakt.model.record import BoxIdentity
from linjevakt.trust import Vault, addressblocks, ca

NOW = datetime.now(UTC)
INSIDE = (IPv4Network("10.0.0.0/8"),)
OURS = (IPv4Network("10.250.0.11/32"), IPv4Network("10.64.1.0/24"), IPv4Network("10.64.2.0/24"))

ipv4_networks = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


def _openssl(*argv: str | Path) -> str:
    return subprocess.run(["openssl", *argv], check=True, capture_output=True, text=True).stdout


def _files(authority: ca.Authority, certificate: x509.Certificate, folder: Path) -> tuple[Path, Path]:
    trusted, leaf = folder / "ca.crt", folder / "router.crt"
    trusted.write_text(authority.pem)
    leaf.write_text(ca.to_pem(certificate))
    return trusted, leaf


def test_openssl_verifies_a_router_certificate_and_shows_its_blocks(
    vault: Vault, box: BoxIdentity, tmp_path: Path
) -> None:
    authority = ca.authority(vault, INSIDE, NOW)
    trusted, leaf = _files(authority, authority.certify(box.csr, "rtr-a", OURS, NOW), tmp_path)
    assert _openssl("verify", "-x509_strict", "-verify_hostname", "rtr-a", "-CAfile", trusted, leaf).endswith("OK\n")
    text = _openssl("x509", "-noout", "-text", "-in", leaf)
    blocks = [line.strip() for line in text.partition("sbgp-ipAddrBlock")[2].splitlines()[2:4]]
    assert blocks == ["10.64.1.0-10.64.2.255", "10.250.0.11/32"]


def test_openssl_refuses_blocks_outside_those_of_the_ca(vault: Vault, box: BoxIdentity, tmp_path: Path) -> None:
    narrow = ca.authority(vault, INSIDE, NOW)
    wide = ca.authority(vault, [*INSIDE, IPv4Network("172.16.0.0/12")], NOW)
    leaf = wide.certify(box.csr, "rtr-a", [IPv4Network("172.16.0.0/24")], NOW)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        _openssl("verify", "-CAfile", *_files(narrow, leaf, tmp_path))
    assert "RFC 3779 resource not subset of parent's resources" in refused.value.stderr


def test_cryptography_verifies_a_router_certificate_for_its_name_only(vault: Vault, box: BoxIdentity) -> None:
    authority = ca.authority(vault, INSIDE, NOW)
    leaf = authority.certify(box.csr, "rtr-a", OURS, NOW)
    policy = verification.PolicyBuilder().store(verification.Store([authority.certificate])).time(NOW)
    assert policy.build_server_verifier(x509.DNSName("rtr-a")).verify(leaf, []) == [leaf, authority.certificate]
    with pytest.raises(verification.VerificationError):
        policy.build_server_verifier(x509.DNSName("rtr-b")).verify(leaf, [])


def test_a_router_certificate_lasts_90_days_and_carries_the_box_own_key(vault: Vault, box: BoxIdentity) -> None:
    leaf = ca.authority(vault, INSIDE, NOW).certify(box.csr, "rtr-a", OURS, NOW)
    assert leaf.not_valid_after_utc == (NOW + timedelta(days=90)).replace(microsecond=0)
    assert leaf.public_key() == x509.load_pem_x509_csr(box.csr.encode()).public_key()


def test_no_router_certificate_outlives_its_ca(vault: Vault, box: BoxIdentity) -> None:
    authority = ca.authority(vault, INSIDE, NOW)
    late = authority.certificate.not_valid_after_utc - timedelta(days=10)
    leaf = authority.certify(box.csr, "rtr-a", OURS, late)
    assert leaf.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_a_network_outside_the_inside_is_refused(vault: Vault, box: BoxIdentity) -> None:
    with pytest.raises(InvalidInputError, match=r"rtr-a: 192\.0\.2\.0/24 lies outside the inside 10\.0\.0\.0/8"):
        ca.authority(vault, INSIDE, NOW).certify(box.csr, "rtr-a", [IPv4Network("192.0.2.0/24")], NOW)


def test_a_new_inside_makes_a_new_ca_certificate_under_the_same_key_and_name(vault: Vault, box: BoxIdentity) -> None:
    old = ca.authority(vault, INSIDE, NOW)
    leaf = old.certify(box.csr, "rtr-a", OURS, NOW)
    new = ca.authority(vault, [*INSIDE, IPv4Network("172.16.0.0/12")], NOW)
    assert new.pem != old.pem
    assert ca.authority(vault, [*INSIDE, IPv4Network("172.16.0.0/12")], NOW).pem == new.pem
    leaf.verify_directly_issued_by(new.certificate)


def test_a_ca_certificate_is_renewed_while_it_still_outlives_new_router_certificates(vault: Vault) -> None:
    old = ca.authority(vault, INSIDE, NOW)
    late = old.certificate.not_valid_after_utc - timedelta(days=89)
    assert ca.authority(vault, INSIDE, late).certificate.not_valid_after_utc > late + ca.VALIDITY


def test_a_certificate_is_current_until_its_networks_change_or_its_end_is_near(vault: Vault, box: BoxIdentity) -> None:
    pem = ca.to_pem(ca.authority(vault, INSIDE, NOW).certify(box.csr, "rtr-a", OURS, NOW))
    assert ca.is_current(pem, "rtr-a", OURS, NOW)
    assert ca.is_current(pem, "rtr-a", reversed(OURS), NOW + timedelta(days=44))
    assert not ca.is_current(pem, "rtr-a", OURS, NOW + timedelta(days=60))
    assert not ca.is_current(pem, "rtr-a", OURS[1:], NOW)


def test_renewals_of_a_fleet_are_spread_over_fifteen_days_and_end_a_month_before_the_certificates() -> None:
    ends = NOW + ca.VALIDITY
    moments = sorted(ca.renewal(f"rtr-{n}", ends) for n in range(10_000))
    assert NOW + timedelta(days=45) <= moments[0]
    assert moments[-1] <= NOW + timedelta(days=60)
    an_hour = Counter((at - NOW) // timedelta(hours=1) for at in moments)
    assert max(an_hour.values()) < 3 * 10_000 / 360
    assert ca.renewal("rtr-1", ends) == ca.renewal("rtr-1", ends)


def _csr(key: ec.EllipticCurvePrivateKey) -> bytes:
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


def _pem(der: bytes) -> str:
    return x509.load_der_x509_csr(der).public_bytes(serialization.Encoding.PEM).decode()


def test_a_request_that_does_not_prove_its_key_is_refused() -> None:
    der = bytearray(_csr(ec.generate_private_key(ec.SECP256R1())))
    der[-1] ^= 1
    with pytest.raises(InvalidInputError, match="signature does not fit"):
        ca.public_key(_pem(bytes(der)))


def test_a_request_for_another_kind_of_key_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"not ECDSA P-256"):
        ca.public_key(_pem(_csr(ec.generate_private_key(ec.SECP384R1()))))


@pytest.mark.parametrize("text", ["", "not a request", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"])
def test_a_text_that_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="PKCS #10"):
        ca.public_key(text)


@given(st.lists(ipv4_networks, min_size=1, max_size=12))
def test_address_blocks_come_back_as_they_went_in(networks: list[IPv4Network]) -> None:
    value = addressblocks.extension(networks).value
    assert addressblocks.networks(value) == tuple(collapse_addresses(networks))


def test_address_blocks_match_the_example_of_the_rfc() -> None:
    """RFC 3779 appendix B: 10.0.32/20, 10.0.64/24, 10.1/16, 10.2.48/20, 10.2.64/24, 10.3/16 (no SAFI)."""
    names = ("10.0.32.0/20", "10.0.64.0/24", "10.1.0.0/16", "10.2.48.0/20", "10.2.64.0/24", "10.3.0.0/16")
    value = addressblocks.extension(IPv4Network(name) for name in names).value
    entries = "0304040a00200304000a00400303000a01300c0304040a02300304000a02400303000a03"
    assert entries in value.hex()
