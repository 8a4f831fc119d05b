"""The key with which the controller logs in to routers, and the look of a router's own host key."""

import base64
import binascii
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from linjevakt.model.errors import InvalidInputError, SecretError
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret
from linjevakt.trust.vault import Vault

USER: Final = "linjevakt"
NAME: Final = "ssh.login"
_ALGORITHM: Final = "ssh-ed25519"
_BLOB: Final = 51  # octets: two length-prefixed strings, the algorithm's name and 32 octets of key (RFC 8709)


def login_key(vault: Vault) -> Secret:
    """The private key (OpenSSH format), made now if there is none."""
    return vault.ensure(NAME, _new_key)


def public_line(vault: Vault) -> str:
    """The public half as a line of `authorized_keys`."""
    try:
        key = serialization.load_ssh_private_key(login_key(vault).reveal().encode(), None)
    except (ValueError, TypeError) as error:
        raise SecretError(Saying("The secret {name!r} is no private key. Restore the database.", name=NAME)) from error
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return f"{line.decode()} linjevakt-controller"


def host_key(text: str) -> str:
    """`ssh-ed25519 AAAA...` without its comment. Raises InvalidInputError for anything else."""
    algorithm, _, rest = text.strip().partition(" ")
    encoded = rest.split(" ")[0]
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        blob = b""
    if algorithm != _ALGORITHM or len(blob) != _BLOB:
        raise InvalidInputError(
            Saying("The box's SSH host key is not a line `ssh-ed25519 AAAA...`: ask the box for its identity.")
        )
    return f"{algorithm} {encoded}"


def _new_key() -> Secret:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return Secret(pem.decode())
