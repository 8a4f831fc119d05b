"""What a fresh box says of itself, with keys of its own."""

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def claim(serial: str = "LV-0011") -> dict[str, Any]:
    """`linjevakt-agent identity --json`."""
    key, host = ec.generate_private_key(ec.SECP256R1()), Ed25519PrivateKey.generate().public_key()
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, hashes.SHA256())
    line = host.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    csr = request.public_bytes(serialization.Encoding.PEM)
    return {"csr": csr.decode(), "ssh_host_key": line.decode(), "serial": serial}
