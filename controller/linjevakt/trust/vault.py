"""Secrets by name: sealed on their way into the store, opened on their way out."""

from collections.abc import Callable
from typing import Protocol

from linjevakt.model.errors import NotFoundError
from linjevakt.model.record import DeviceIdentity
from linjevakt.model.secret import Secret
from linjevakt.trust.seal import SealKey


class SealedStore(Protocol):
    """What the vault needs of a store: envelopes by name, and the routers' pinned identities."""

    def put_sealed(self, name: str, envelope: bytes, *, replace: bool = True) -> bool:
        """Writes an envelope; False when there is one already and it must not be replaced."""
        ...

    def sealed(self, name: str) -> bytes | None:
        """The envelope, or None."""
        ...

    def save_device(self, device: DeviceIdentity) -> None:
        """Pins a router's identity."""
        ...

    def device(self, router: str) -> DeviceIdentity:
        """A router's pinned identity. Raises NotFoundError."""
        ...


class Vault:
    """The only way to a secret: raises SecretError when the key does not fit what the store holds."""

    def __init__(self, store: SealedStore, key: SealKey) -> None:
        self.store = store
        self._key = key

    def put(self, name: str, secret: Secret) -> None:
        """Seals a secret under a name; replaces the one that was there."""
        self.store.put_sealed(name, self._key.seal(name, secret.reveal().encode()))

    def find(self, name: str) -> Secret | None:
        """The secret, or None when there is none of that name."""
        envelope = self.store.sealed(name)
        return None if envelope is None else Secret(self._key.open(name, envelope).decode())

    def get(self, name: str) -> Secret:
        """The secret. Raises NotFoundError when there is none of that name."""
        secret = self.find(name)
        if secret is None:
            raise NotFoundError(f"There is no secret {name!r} yet. Run `linjevakt init`.")
        return secret

    def ensure(self, name: str, make: Callable[[], Secret]) -> Secret:
        """The secret, made now if there is none; of two makers at once the first wins."""
        found = self.find(name)
        if found is not None:
            return found
        made = make()
        kept = self.store.put_sealed(name, self._key.seal(name, made.reveal().encode()), replace=False)
        return made if kept else self.get(name)
