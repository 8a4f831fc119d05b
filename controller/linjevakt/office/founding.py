"""Makes an installation, or brings an old one to this program's schema."""

from pathlib import Path

from linjevakt.office import Office
from linjevakt.trust import Vault, setup


def migrate(office: Office) -> bool:
    """Brings the database to this program's schema; False when it was there already."""
    return office.store.migrate()


def require_kept(office: Office, key: Path) -> None:
    """Raises SecretError when the key file is gone from an installation at work: a new key would open nothing."""
    setup.require_kept(office.store, key)


def prepare(office: Office, vault: Vault) -> None:
    """Has the vault hold all that the fleet needs. Raises SecretError when something of an installation was lost."""
    setup.prepare(vault, enrolled=bool(office.store.devices.all()))
