"""Makes an installation's secrets, once: one that is gone from an installation at work is restored, never made anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from linjevakt.model.errors import SecretError
from linjevakt.model.saying import Saying
from linjevakt.trust import ca, snmp, ssh
from linjevakt.trust.seal import SealKey
from linjevakt.trust.vault import SealedStore, Vault

_FOR: Final[Mapping[str, str]] = {  # in the order in which they are made
    ca.KEY: "stage a box, renew a certificate, shut a box out",
    **dict.fromkeys(snmp.NAMES, "stage a box, ask a router how it is"),
    ssh.NAME: "log in to a router: no push, no order on one, no renewal",
}
_NAMES: Final = tuple(_FOR)


def is_begun(store: SealedStore) -> bool:
    """Whether any secret was ever sealed."""
    return any(store.sealed.get(name) is not None for name in (*_NAMES, ca.CERTIFICATE))


def key(store: SealedStore, file: Path, text: str | None) -> SealKey:
    """The installation's key, from `text` (LINJEVAKT_KEY) if given, else from `file`. Raises as `SealKey.load`."""
    if not text:
        require_kept(store, file)
    return SealKey.load(file, text)


def require_kept(store: SealedStore, file: Path) -> None:
    """Raises SecretError when the key file is gone from an installation at work: a new key would open nothing."""
    if not file.exists() and is_begun(store):
        raise SecretError(
            Saying(
                "The key file {file} is gone, and no other key opens the secrets in the database. Restore it from its "
                "backup, name it (LINJEVAKT_KEY_FILE), or set LINJEVAKT_KEY.",
                file=file,
            )
        )


def lacking(vault: Vault) -> Mapping[str, str]:
    """What cannot be done for want of each secret that is gone, by its name.

    Raises SecretError for one that does not open, and when all are gone.
    """
    gone = {name: cannot for name, cannot in _FOR.items() if vault.find(name) is None}
    if len(gone) == len(_FOR):
        raise SecretError(
            Saying(
                "There is no secret in the database. In a new installation `linjevakt init` makes them; in one that "
                "has been at work restore the database from its backup."
            )
        )
    return gone


def prepare(vault: Vault, *, enrolled: bool) -> None:
    """Has the vault hold all that the fleet needs; `enrolled`: there are routers that know these secrets.

    Raises SecretError when one was lost: a new CA, a new login key or new SNMP keys would lock us out of the fleet.
    """
    there = [vault.store.sealed.get(name) is not None for name in _NAMES]
    at_work = enrolled or vault.store.sealed.get(ca.CERTIFICATE) is not None
    for n, name in enumerate(_NAMES):
        if not there[n] and (at_work or any(there[n:])):
            raise SecretError(
                Saying(
                    "The secret {name!r} is gone from the database, and others are there that were made after it or "
                    "with it. A new one would lock us out of the routers: restore the database from its backup.",
                    name=name,
                )
            )
    making = vault.making()
    ca.ensure_key(making)
    ca.require_fitting(making)
    snmp.MasterKeys.of(making)
    ssh.login_key(making)
