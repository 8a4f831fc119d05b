"""What is told of a section by reading it, against keys and certificates made for the test."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.agent.fake_box import BASE

from linjevakt_agent import identity
from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.base.paths import ROUTER_PUBLIC, Paths
from linjevakt_agent.config import sections
from linjevakt_agent.ipsec import tunnels
from linjevakt_agent.validation import content, directives, validate

DAY = timedelta(days=1)
AGENT = (
    'router = "rtr-a"\n[snmp]\nlisten = "10.250.0.11"\nengine_id = "80007ed905"\n[[snmp.user]]\nname = "linjevakt"\n'
)
OPTIONS = f'restrict,from="10.255.0.10/32",command="{content.LOGIN}"'
SECRETS = '"snmp.linjevakt.auth" = "aa11"\n"snmp.linjevakt.privacy" = "bb22"\n'


class Authority:
    """A certificate authority for one test."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        self.pem = self._issue(self._name, self._key.public_key(), DAY, ca=True)

    def certify(self, csr: str, lasts: timedelta = DAY) -> str:
        """Return the certificate that a request asks for."""
        request = x509.load_pem_x509_csr(csr.encode())
        key = request.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return self._issue(request.subject, key, lasts, ca=False)

    def _issue(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, lasts: timedelta, *, ca: bool) -> str:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - 3 * DAY)
            .not_valid_after(datetime.now(UTC) + lasts)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


def check_certificate(paths: Paths, router: str, ca: str) -> None:
    content.router_certificate(paths.identity / ROUTER_PUBLIC)({"router.crt": router, "ca.crt": ca})


def test_a_certificate_made_from_the_boxs_request_is_accepted(paths: Paths) -> None:
    authority, csr = Authority(), identity.describe(paths, "rtr-a")["csr"]
    check_certificate(paths, authority.certify(csr), authority.pem)


def test_a_certificate_for_another_key_or_authority_or_time_is_refused(paths: Paths, tmp_path: Path) -> None:
    authority, csr = Authority(), identity.describe(paths)["csr"]
    foreign = identity.describe(Paths(tmp_path / "other"))["csr"]
    with pytest.raises(InvalidError, match="not for this box's key"):
        check_certificate(paths, authority.certify(foreign), authority.pem)
    with pytest.raises(InvalidError, match="no chain leads from it"):
        check_certificate(paths, authority.certify(csr), Authority().pem)
    with pytest.raises(InvalidError, match="is valid 20"):
        check_certificate(paths, authority.certify(csr, lasts=-DAY), authority.pem)
    with pytest.raises(InvalidError, match="is not an authority"):
        content.ca_certificate({"ca.crt": authority.certify(csr)})


def test_keys_are_made_once_and_for_root_only(paths: Paths) -> None:
    first, second = identity.describe(paths), identity.describe(paths)
    assert first["ssh_host_key"].startswith("ssh-ed25519 ")
    assert (first["ssh_host_key"], first["serial"]) == (second["ssh_host_key"], second["serial"])
    assert paths.identity.stat().st_mode & 0o777 == 0o700
    assert {(paths.identity / name).stat().st_mode & 0o777 for name in (identity.ROUTER_KEY, identity.HOST_KEY)} == {
        0o600
    }


def test_a_misspelt_setting_is_told_with_its_line_and_the_right_name() -> None:
    with pytest.raises(InvalidError, match="did you mean `engine_id`") as caught:
        content.agent(BASE | {"agent.toml": AGENT.replace("engine_id", "engin_id"), "secrets.toml": SECRETS})
    assert caught.value.line == 4


def test_an_snmp_user_without_keys_is_refused_without_showing_any() -> None:
    content.agent(BASE | {"agent.toml": AGENT, "secrets.toml": SECRETS})
    with pytest.raises(InvalidError, match=r"snmp\.linjevakt\.privacy"):
        content.agent(BASE | {"agent.toml": AGENT, "secrets.toml": SECRETS.splitlines()[0]})
    with pytest.raises(InvalidError) as caught:
        content.agent(BASE | {"agent.toml": AGENT, "secrets.toml": SECRETS.replace("bb22", "hunter2")})
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("keys", ["", "# nobody\n", f"{OPTIONS} ssh-ed25519 AAAA\n", "hello\n"])
def test_keys_that_let_nobody_in_are_refused(keys: str) -> None:
    with pytest.raises(InvalidError):
        content.authorized_keys({"authorized_keys": keys})


def test_a_key_that_opens_the_login_and_no_more_is_accepted(paths: Paths) -> None:
    key = identity.describe(paths)["ssh_host_key"]
    content.authorized_keys({"authorized_keys": f"# controller\n{OPTIONS} {key} noc\n{OPTIONS} {key}\n"})


@pytest.mark.parametrize(
    "options",
    [
        "",
        "restrict",
        OPTIONS.replace("restrict,", ""),
        OPTIONS.replace("login", "login; sh"),
        OPTIONS.replace("/usr/local/bin/linjevakt-agent login", "/bin/sh"),
        OPTIONS + ",pty",
        OPTIONS + ',environment="X=1"',
        OPTIONS + ',command="/bin/sh"',
        'restrict,command="/bin/sh",from="10.0.0.1/32",command="/usr/local/bin/linjevakt-agent login"',
        "cert-authority," + OPTIONS,
        " " + OPTIONS,
    ],
)
def test_a_key_that_opens_more_than_the_login_is_refused(paths: Paths, options: str) -> None:
    key = identity.describe(paths)["ssh_host_key"]
    with pytest.raises(InvalidError) as caught:
        content.authorized_keys({"authorized_keys": f"{OPTIONS} {key}\n{options} {key}\n".replace("\n ssh", "\nssh")})
    assert caught.value.line == 2


@pytest.mark.parametrize("name", ["", "two words\n", "-a\n", "a.b\n", "a\nb\n", "x" * 64 + "\n"])
def test_what_is_not_one_label_is_no_host_name(name: str) -> None:
    with pytest.raises(InvalidError):
        content.hostname({"hostname": name})


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("/x/swanctl.conf:2: syntax error, unexpected NAME", 2),
        ("loading connection 'hub' failed: unknown option: versoin, config discarded", 3),
        ("loading connection 'hub' failed: something new", 2),
        ("loading certs certificate '/x/nope.crt' failed: No such file", 4),
        ("no idea", None),
    ],
)
def test_swanctls_words_lead_to_a_line(said: str, line: int | None) -> None:
    body = "connections {\n  hub {\n    versoin = 2\n    certs = /y/nope.crt\n  }\n}\n"
    assert tunnels.line_of(said, body) == line


def test_every_section_is_checked() -> None:
    assert {name for name, _check in validate.TRIALS} == set(directives.CHECKS)
    assert {name for name, _check in (*validate.READINGS, *validate.TRIALS)} == set(sections.SECTIONS)
