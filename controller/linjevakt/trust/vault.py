"""Secrets by name: sealed on their way into the store, opened on their way out."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol

from linjevakt.model.errors import NotFoundError, SecretError
from linjevakt.model.record import Certificate, DeviceIdentity
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret
from linjevakt.trust.seal import SealKey


class Envelopes(Protocol):
    """Sealed secrets by name."""

    def put(self, name: str, envelope: bytes, *, replace: bool = True) -> bool:
        """Writes an envelope; False when there is one already and it must not be replaced."""
        ...

    def get(self, name: str) -> bytes | None:
        """The envelope, or None."""
        ...

    def some(self, names: Collection[str]) -> Mapping[str, bytes]:
        """The envelopes of those names that are there, read at once."""
        ...


class Pins(Protocol):
    """The routers' pinned identities."""

    def save(self, device: DeviceIdentity) -> None:
        """Pins a router's identity. Raises StolenError when it was stolen since its certificate was issued."""
        ...

    def renew(self, device: DeviceIdentity) -> bool:
        """Gives a pinned box its new certificate; False when it is not pinned any more, or is shut out."""
        ...

    def get(self, router: str) -> DeviceIdentity:
        """A router's pinned identity. Raises NotFoundError."""
        ...

    def all(self, routers: Collection[str] | None = None) -> tuple[DeviceIdentity, ...]:
        """Those of these routers, or all, that are pinned."""
        ...


class Issued(Protocol):
    """The certificates that were ever issued."""

    def issue(self, certificate: Certificate) -> None:
        """Writes down a certificate before its router gets it. Raises ConflictError."""
        ...

    def revoked(self, *, living_at: datetime | None = None) -> tuple[Certificate, ...]:
        """Every certificate that was revoked, in that order; those that had not ended then."""
        ...

    def revoked_serials(self, living_at: datetime) -> frozenset[str]:
        """The serial numbers of those that were revoked and had not ended then."""
        ...


class SealedStore(Protocol):
    """What trust needs of a store."""

    @property
    def sealed(self) -> Envelopes:
        """The secrets."""
        ...

    @property
    def devices(self) -> Pins:
        """The boxes."""
        ...

    @property
    def certificates(self) -> Issued:
        """The certificates."""
        ...


class Vault:
    """The only way to a secret: raises SecretError when the key does not fit what the store holds.

    `complete`: `linjevakt init` has made what there is to make, so that a secret that is missing was lost. `gathered`:
    envelopes that were read just now.
    """

    def __init__(
        self,
        store: SealedStore,
        key: SealKey,
        *,
        complete: bool = False,
        gathered: Mapping[str, bytes | None] | None = None,
    ) -> None:
        self.store = store
        self._key = key
        self._complete = complete
        self._gathered = dict(gathered or {})

    def making(self) -> "Vault":
        """The same, for making an installation's secrets."""
        return Vault(self.store, self._key)

    def gathering(self, names: Collection[str]) -> "Vault":
        """The same, with these secrets read at once: for whoever needs all of them now; not to be kept."""
        found = self.store.sealed.some(names)
        gathered = {name: found.get(name) for name in names}
        return Vault(self.store, self._key, complete=self._complete, gathered=gathered)

    def put(self, name: str, secret: Secret) -> None:
        """Seals a secret under a name; replaces the one that was there."""
        self._gathered.pop(name, None)
        self.store.sealed.put(name, self._key.seal(name, secret.reveal().encode()))

    def find(self, name: str) -> Secret | None:
        """The secret, or None when there is none of that name."""
        envelope = self._gathered[name] if name in self._gathered else self.store.sealed.get(name)
        if envelope is None:
            return None
        try:
            return Secret(self._key.open(name, envelope).decode())
        except UnicodeDecodeError as error:
            raise SecretError(
                Saying("The secret {name!r} in the database is no text. Restore the database.", name=name)
            ) from error

    def get(self, name: str) -> Secret:
        """The secret. Raises NotFoundError when there is none of that name."""
        secret = self.find(name)
        if secret is None:
            raise NotFoundError(Saying("There is no secret {name!r} yet. Run `linjevakt init`.", name=name))
        return secret

    def ensure(self, name: str, make: Callable[[], Secret]) -> Secret:
        """The secret, made now if there is none; of two makers at once the first wins.

        Raises SecretError in a vault that is complete: routers out there know the one that is gone, and no other.
        """
        found = self.find(name)
        if found is not None:
            return found
        if self._complete:
            raise SecretError(
                Saying(
                    "The secret {name!r} is not in the database. In a new installation `linjevakt init` makes it; "
                    "in one that has been at work restore the database from its backup.",
                    name=name,
                )
            )
        made = make()
        self._gathered.pop(name, None)
        kept = self.store.sealed.put(name, self._key.seal(name, made.reveal().encode()), replace=False)
        return made if kept else self.get(name)
