"""The box's own keys: made on the box, never leaving it; what goes out is a certificate request and a host key."""

import argparse
import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from linjevakt_agent.base.disk import Disk
from linjevakt_agent.base.errors import ConfigError
from linjevakt_agent.base.paths import ROUTER_PUBLIC, Paths, default_root
from linjevakt_agent.collect import CollectError, interfaces

ROUTER_KEY = "router.key"
HOST_KEY = "ssh_host_ed25519_key"
_VENDOR_SERIAL = "sys/class/dmi/id/product_serial"
_NO_SERIAL = {"", "none", "0", "not specified", "default string", "to be filled by o.e.m.", "system serial number"}

_VIRTUAL = frozenset(
    {"loopback", "none", "tun", "ifb", "vlan", "bridge", "bond", "dummy", "xfrm", "ppp", "sit", "ipip", "gre", "vti"}
)
"""Kinds of interfaces that are no socket (ip-link(8)); any other is taken for one."""


def ensure(paths: Paths) -> None:
    """Make the keys that are not there yet; those that are stay. Raises StorageError."""
    paths.identity.mkdir(mode=0o700, parents=True, exist_ok=True)
    disk = Disk()
    if not (paths.identity / ROUTER_KEY).exists():
        disk.write(paths.identity / ROUTER_KEY, _ipsec_key(), 0o600)
        disk.remove(paths.identity / ROUTER_PUBLIC)
    if not (paths.identity / ROUTER_PUBLIC).exists():
        disk.write(paths.identity / ROUTER_PUBLIC, _public(paths.identity / ROUTER_KEY), 0o644)
    if not (paths.identity / HOST_KEY).exists():
        private, public = _host_key()
        disk.write(paths.identity / f"{HOST_KEY}.pub", public, 0o644)
        disk.write(paths.identity / HOST_KEY, private, 0o600)
    if not (paths.identity / "serial").exists():
        disk.write(paths.identity / "serial", _serial(paths.root) + "\n")


def describe(paths: Paths, name: str | None = None) -> dict[str, Any]:
    """Return `{"csr", "ssh_host_key", "serial", "ports"}`; `name` is the request's subject, else the host's name."""
    ensure(paths)
    return {
        "csr": _request(paths.identity / ROUTER_KEY, name or socket.gethostname()),
        "ssh_host_key": (paths.identity / f"{HOST_KEY}.pub").read_text().strip(),
        "serial": serial(paths),
        "ports": ports(),
    }


def serial(paths: Paths) -> str:
    """Return the box's serial number: the maker's if there is one, else one made up at first start."""
    return (paths.identity / "serial").read_text().strip()


def ports() -> list[str]:
    """Return the names of the sockets for cables that the box has; none when the kernel does not tell."""
    try:
        return [found.name for found in interfaces.read() if found.kind not in _VIRTUAL]
    except CollectError:
        return []


def _serial(root: Path) -> str:
    try:
        maker = (root / _VENDOR_SERIAL).read_text().strip()
    except OSError:
        maker = ""
    return f"LV{secrets.token_hex(5).upper()}" if maker.lower() in _NO_SERIAL else maker


def _ipsec_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return _pem(key, serialization.PrivateFormat.PKCS8)


def _host_key() -> tuple[str, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return _pem(key, serialization.PrivateFormat.OpenSSH), public.decode() + "\n"


def _pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, form: serialization.PrivateFormat) -> str:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _router_key(file: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - `ensure` made it
    return key


def _public(key_file: Path) -> str:
    half = _router_key(key_file).public_key()
    return half.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _request(key_file: Path, name: str) -> str:
    key = _router_key(key_file)
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return request.public_bytes(serialization.Encoding.PEM).decode()


def main() -> None:
    """Print `describe` as JSON; run by the guard, so that it stays small itself, and when a box starts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=default_root())
    parser.add_argument("--name")
    asked = parser.parse_args()
    try:
        os.write(1, json.dumps(describe(Paths(asked.root), asked.name)).encode() + b"\n")
    except ConfigError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
