"""A router's files below a temporary root, and SNMP keys as a controller would derive them."""

import hashlib
import json
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linjevakt_agent.base.paths import Paths

ENGINE_ID = "80007ed905aabbccddeeff0011"
AUTH_PASSWORD = "made-up-auth-password"
PRIVACY_PASSWORD = "made-up-privacy-password"
EXPIRY = datetime(2027, 5, 17, 12, 30, 15, tzinfo=UTC)

NETWORK = """
[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "static"
address = "198.51.100.2/30"
gateway = "198.51.100.1"
priority = 1
[[line]]
name = "wan1"
kind = "mobile"
method = "dhcp"
priority = 2
"""

LINES = {
    "lines": [
        {
            "name": "wan0",
            "kind": "own_isp",
            "up": True,
            "in_use": True,
            "address": "198.51.100.2",
            "rtt_ms": 1.25,
            "changes": 3,
            "path_mtu": 1400,
            "mtu": 1500,
            "detail": "",
        }
    ]
}


COPIES = [
    {
        "router": "rtr-a",
        "address": "192.0.2.1",
        "count": 3,
        "first": "2026-11-26T12:00:00Z",
        "last": "2026-11-26T12:01:00Z",
    }
]


def localized(password: str, engine_id: str, algorithm: str = "sha256") -> str:
    """RFC 3414 section 2.6 with the hash of RFC 7860: 2^20 octets of the password, then bound to the engine."""
    stretched = (password.encode() * (2**20 // len(password) + 1))[: 2**20]
    master = hashlib.new(algorithm, stretched).digest()
    return hashlib.new(algorithm, master + bytes.fromhex(engine_id) + master).hexdigest()


def free_port() -> int:
    """A UDP port that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Box:
    """A router's root directory with one confirmed generation."""

    paths: Paths
    port: int

    @property
    def root(self) -> Path:
        return self.paths.root

    def commit(self, number: int, agent: str, secrets: str) -> None:
        """Make a confirmed generation the running one."""
        directory = self.paths.base / "generations" / str(number)
        directory.mkdir(parents=True)
        files = {"agent.toml": agent, "secrets.toml": secrets, "network.toml": NETWORK, "router.crt": certificate()}
        meta = {"generation": number, "hash": f"{number:064x}", "committed_at": "2026-11-21T20:35:00Z"}
        for name, text in (files | {"meta.json": json.dumps(meta)}).items():
            (directory / name).write_text(text)
        self.paths.running.parent.mkdir(exist_ok=True)
        for link in (self.paths.running, self.paths.base / "confirmed"):
            fresh = link.with_name(f".{link.name}")
            fresh.symlink_to(directory)
            fresh.replace(link)

    def agent(self, *, user: str = "linjevakt", extra: str = "", engine_id: str = ENGINE_ID) -> str:
        return f"""
router = "rtr-fjellheim"
[system]
contact = "02017"
location = "Fjellheim legekontor, 2. etg., rom 214"
[tunnel]
connection = "hub"
[snmp]
listen = "127.0.0.1"
port = {self.port}
engine_id = "{engine_id}"
[[snmp.user]]
name = "{user}"
{extra}
"""

    @staticmethod
    def secrets(*, user: str = "linjevakt", engine_id: str = ENGINE_ID, algorithm: str = "sha256") -> str:
        auth = localized(AUTH_PASSWORD, engine_id, algorithm)
        privacy = localized(PRIVACY_PASSWORD, engine_id, algorithm)
        return f'"snmp.{user}.auth" = "{auth}"\n"snmp.{user}.privacy" = "{privacy}"\n'


def certificate() -> str:
    """A self-signed certificate that ends at EXPIRY."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rtr")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(EXPIRY - timedelta(days=365)).not_valid_after(EXPIRY)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


PROBES = """
[[probe]]
service = "internet"
segment = "legekontor"
kind = "http_proxy"
source = "127.0.0.1"
target = "http://www.example.com/"
server = "127.0.0.1:3128"
[[probe]]
service = "dns"
segment = "legekontor"
kind = "dns"
source = "127.0.0.1"
target = "www.example.com"
server = "127.0.0.1"
"""

RESULTS = {
    "probes": [
        {
            "service": "dns",
            "segment": "legekontor",
            "kind": "dns",
            "target": "www.example.com",
            "ok": True,
            "ms": 12.4,
            "detail": "127.0.0.1 answers that www.example.com is 192.0.2.80",
            "at": "2026-11-21T20:35:00Z",
        }
    ]
}


def make_box(root: Path) -> Box:
    """A router with two lines, two probes and a user."""
    paths = Paths(root)
    made = Box(paths, free_port())
    made.commit(1, made.agent(extra=PROBES), made.secrets())
    paths.run.mkdir(parents=True)
    (paths.run / "lines.json").write_text(json.dumps(LINES))
    (paths.run / "probes.json").write_text(json.dumps(RESULTS))
    (paths.run / "duplicates.json").write_text(json.dumps(COPIES))
    return made


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return make_box(tmp_path)


@pytest.fixture(scope="module")
def common_box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """A router for tests that change nothing of it."""
    return make_box(tmp_path_factory.mktemp("box"))
