"""When the router's certificate for the tunnel expires."""

from datetime import datetime
from pathlib import Path

from cryptography import x509

from linjevakt_agent.base.errors import reason
from linjevakt_agent.collect import CollectError


def read(path: Path) -> datetime:
    """The end of validity (UTC) of the first certificate in a PEM file. Raises CollectError."""
    try:
        return parse(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CollectError(f"certificate: {path}: {reason(error)}") from error


def parse(pem: bytes) -> datetime:
    """The end of validity, in UTC, of the first PEM certificate. Raises ValueError."""
    return x509.load_pem_x509_certificate(pem).not_valid_after_utc
