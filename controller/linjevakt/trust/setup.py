"""Makes an installation's secrets, once: one that is gone from an installation at work is restored, never made anew."""

from typing import Final

from linjevakt.model.errors import SecretError
from linjevakt.trust import ca, snmp, ssh
from linjevakt.trust.vault import SealedStore, Vault

_NAMES: Final = (ca.KEY, *snmp.NAMES, ssh.NAME)  # in the order in which they are made


def is_begun(store: SealedStore) -> bool:
    """Whether any secret was ever sealed."""
    return any(store.sealed(name) is not None for name in (*_NAMES, ca.CERTIFICATE))


def prepare(vault: Vault, *, enrolled: bool) -> None:
    """Has the vault hold all that the fleet needs; `enrolled`: there are routers that know these secrets.

    Raises SecretError when one was lost: a new CA, a new login key or new SNMP keys would lock us out of the fleet.
    """
    there = [vault.store.sealed(name) is not None for name in _NAMES]
    at_work = enrolled or vault.store.sealed(ca.CERTIFICATE) is not None
    for n, name in enumerate(_NAMES):
        if not there[n] and (at_work or any(there[n:])):
            raise SecretError(
                f"The secret {name!r} is gone from the database, and others are there that were made after it or with "
                "it. A new one would lock us out of the routers: restore the database from its backup."
            )
    making = vault.making()
    ca.ensure_key(making)
    ca.require_fitting(making)
    snmp.MasterKeys.of(making)
    ssh.login_key(making)
