"""The key that seals every secret at rest, and the envelope: AES-256-GCM bound to the secret's name."""

import base64
import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linjevakt.model import system
from linjevakt.model.errors import SecretError
from linjevakt.model.saying import Saying

_MAGIC: Final = b"LV1"
_ID, _NONCE, _KEY = 4, 12, 32  # octets; 96-bit nonces as NIST SP 800-38D wants them
_HEAD: Final = len(_MAGIC) + _ID
_LARGEST: Final = 1000  # characters of a key file; a key has 44
_TAG: Final = 16  # octets that GCM adds


@dataclass(frozen=True)
class SealKey:
    """32 octets that live outside the database: in a file that only its owner may read, or in the environment."""

    _octets: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "SealKey":
        """A new random key."""
        return cls(AESGCM.generate_key(_KEY * 8))

    @classmethod
    def load(cls, file: Path, text: str | None = None) -> "SealKey":
        """The key from `text` (LINJEVAKT_KEY) if given, else from `file`; base64 of 32 octets.

        Raises SecretError when the file is missing, open to others, or does not hold a key.
        """
        if text:
            return cls(_decode(text, "LINJEVAKT_KEY"))
        return cls(_decode(_read(file), str(file)))

    def write(self, file: Path) -> None:
        """Writes the key to a new file with mode 0600. Raises FileExistsError rather than overwrite a key."""
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(base64.b64encode(self._octets) + b"\n")
            opened.flush()
            os.fsync(opened.fileno())

    @property
    def id(self) -> str:
        """Eight hex digits that name the key without giving it away."""
        return hashlib.sha256(b"linjevakt key id" + self._octets).hexdigest()[: 2 * _ID]

    def seal(self, name: str, clear: bytes) -> bytes:
        """An envelope that opens only with this key and under this name."""
        head, nonce = _MAGIC + bytes.fromhex(self.id), os.urandom(_NONCE)
        return head + nonce + AESGCM(self._octets).encrypt(nonce, clear, head + name.encode())

    def open(self, name: str, envelope: bytes) -> bytes:
        """What was sealed. Raises SecretError for another key's envelope, or a changed, cut or renamed one."""
        if not isinstance(envelope, bytes) or len(envelope) < _HEAD + _NONCE + _TAG:  # a database may hold anything
            raise SecretError(
                Saying("The secret {name!r} in the database is no envelope, or half of one. Restore it.", name=name)
            )
        head, nonce, body = envelope[:_HEAD], envelope[_HEAD : _HEAD + _NONCE], envelope[_HEAD + _NONCE :]
        sealed_by = head[len(_MAGIC) :].hex()
        if not head.startswith(_MAGIC):
            raise SecretError(
                Saying("The secret {name!r} in the database is no envelope that we know. Restore it.", name=name)
            )
        if sealed_by != self.id:
            raise SecretError(
                Saying(
                    "The secret {name!r} was sealed with key {sealed_by}, but the key at hand is {key}. Give the right "
                    "key file (LINJEVAKT_KEY_FILE) or restore it from its backup.",
                    name=name,
                    sealed_by=sealed_by,
                    key=self.id,
                )
            )
        try:
            return AESGCM(self._octets).decrypt(nonce, body, head + name.encode())
        except InvalidTag as error:
            raise SecretError(
                Saying("The secret {name!r} was changed in the database. Restore the database.", name=name)
            ) from error


def _read(file: Path) -> str:
    try:
        if not file.is_file() and file.exists():
            raise SecretError(
                Saying("{file} is not a regular file. Name the key file (LINJEVAKT_KEY_FILE).", file=file)
            )
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            raise SecretError(
                Saying(
                    "The key file {file} is open to others (mode {mode:04o}). Close it: chmod 600 {file}",
                    file=file,
                    mode=mode,
                )
            )
        with file.open(encoding="ascii") as opened:
            return opened.read(_LARGEST)
    except FileNotFoundError as error:
        raise SecretError(
            Saying(
                "There is no key file {file}. `linjevakt init` makes it; where there is one already, name it "
                "(LINJEVAKT_KEY_FILE), or set LINJEVAKT_KEY.",
                file=file,
            )
        ) from error
    except OSError as error:
        raise SecretError(Saying("The key file cannot be read: {why}", why=system.sentence(error))) from error
    except UnicodeDecodeError as error:
        raise SecretError(
            Saying("The key file {file} holds no key: it is not text. Restore it from its backup.", file=file)
        ) from error


def _decode(text: str, where: str) -> bytes:
    try:
        octets = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        octets = b""
    if len(octets) != _KEY:
        raise SecretError(
            Saying("{where} holds no key, which is the base64 of 32 octets. Restore it from its backup.", where=where)
        )
    return octets
