"""Lists of revoked certificates that are good, and those that charon would ignore or that let somebody in again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.validation import revocation

DAY = timedelta(days=1)
AGENT = 'router = "hub-a"\n[snmp]\nlisten = "10.250.0.1"\nengine_id = "80007ed905"\n'
ROW = '[[revoked]]\nserial = "{}"\nrouter = "rtr-a"\n'
Change = Callable[[x509.CertificateRevocationListBuilder], x509.CertificateRevocationListBuilder]
Sections = dict[str, str]


class Authority:
    """A certificate authority with a name, and what it revokes."""

    def __init__(self, name: str = "Test CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        made = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(datetime.now(UTC) - DAY)
            .not_valid_after(datetime.now(UTC) + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(self.identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = made.public_bytes(serialization.Encoding.PEM).decode()

    def revoke(
        self,
        *serials: int,
        number: int | None = 5,
        of: "Authority | None" = None,
        named: "Authority | None" = None,
        since: timedelta = DAY,
        change: Change = lambda builder: builder,
    ) -> str:
        """A list, signed by our key, in the name `of` another and with the key identifier `named` if given."""
        then = datetime.now(UTC) - since
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name((of or self).name)
            .last_update(then)
            .next_update(then + timedelta(hours=1))
        )
        key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier((named or of or self).identifier)
        builder = builder.add_extension(key, critical=False)
        if number is not None:
            builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        for serial in serials:
            row = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(then).build()
            builder = builder.add_revoked_certificate(row)
        return change(builder).sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


CA, OTHER = Authority(), Authority("Another")


def sections(crl: str = "", agent: str = AGENT, ca: str = CA.pem) -> Sections:
    return {"ca.crt": ca, "agent.toml": agent} | ({"ca.crl": crl} if crl else {})


def check(given: Sections, running: Path) -> None:
    """As the guard does."""
    if "ca.crl" in given:
        revocation.check(given)
    revocation.check_kept(given, running)


@pytest.fixture
def running(tmp_path: Path) -> Path:
    return tmp_path / "ca.crl"


def test_a_list_of_the_authoritys_is_good_also_when_it_is_stale_or_empty(running: Path) -> None:
    check(sections(), running)
    check(sections(CA.revoke()), running)
    check(sections(CA.revoke(0xBEEF), AGENT + ROW.format("beef")), running)
    check(sections(CA.revoke(0xBEEF), ca=OTHER.pem + CA.pem), running)


def delta(builder: x509.CertificateRevocationListBuilder) -> x509.CertificateRevocationListBuilder:
    return builder.add_extension(x509.DeltaCRLIndicator(3), critical=True)


@pytest.mark.parametrize(
    ("crl", "complaint"),
    [
        ("-----BEGIN X509 CRL-----\nno\n-----END X509 CRL-----\n", "not a PEM certificate revocation list"),
        (CA.pem, "not one list in PEM and nothing else"),
        (CA.revoke() + CA.revoke(), "not one list in PEM and nothing else"),
        (CA.revoke().replace("X509 CRL", "FOO") + CA.revoke(), "charon takes the first block, whatever its name"),
        (CA.revoke(number=None), "has no CRL number"),
        (OTHER.revoke(), "issuer CN=Another is not in ca.crt"),
        (OTHER.revoke(of=CA), "is not signed by the CN=Test CA of ca.crt"),
        (CA.revoke(named=OTHER), "authority key identifier"),
        (CA.revoke(since=-timedelta(minutes=5)), "is from the future"),
        (CA.revoke(change=delta), r"critical extensions \(2\.5\.29\.27\)"),
    ],
)
def test_what_charon_would_ignore_is_refused(running: Path, crl: str, complaint: str) -> None:
    with pytest.raises(InvalidError, match=complaint) as refused:
        check(sections(crl), running)
    assert refused.value.section == "ca.crl"


def test_an_older_list_than_that_in_force_is_refused_and_so_is_none(running: Path) -> None:
    running.write_text(CA.revoke(0xBEEF, number=5))
    check(sections(CA.revoke(0xBEEF, number=5)), running)
    check(sections(CA.revoke(number=6)), running)
    with pytest.raises(InvalidError, match="list 4 is older than list 5 in force"):
        check(sections(CA.revoke(0xBEEF, number=4)), running)
    with pytest.raises(InvalidError, match="is missing: without it, those whom list 5"):
        check(sections(), running)


def test_a_box_that_goes_to_another_authority_need_not_heed_the_old_ones_list(running: Path) -> None:
    running.write_text(CA.revoke(number=5))
    check(sections(ca=OTHER.pem), running)
    check(sections(OTHER.revoke(number=1), ca=OTHER.pem), running)
    running.write_text("what a torn disk left")
    check(sections(), running)


@pytest.mark.parametrize("crl", ["", CA.revoke(0xF00D)])
def test_a_row_of_the_agents_that_the_list_lacks_is_refused(running: Path, crl: str) -> None:
    with pytest.raises(InvalidError, match=r"beef \(rtr-a\) is not in ca\.crl") as refused:
        check(sections(crl, AGENT + ROW.format("beef")), running)
    assert refused.value.section == "agent.toml"


@pytest.mark.parametrize("serial", ["", "0xbeef", "BEEF", "be ef", "f" * 41])
def test_a_serial_number_is_hexadecimal(running: Path, serial: str) -> None:
    with pytest.raises(InvalidError):
        check(sections(CA.revoke(), AGENT + ROW.format(serial)), running)
