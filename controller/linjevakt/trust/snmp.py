"""SNMPv3 keys of the fleet: two sealed master keys, localized to each router's engine (RFC 3414 A.2, RFC 7860)."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

from linjevakt.model.errors import SecretError
from linjevakt.model.health import ENTERPRISE, SnmpTarget
from linjevakt.model.inventory import Router
from linjevakt.model.record import DeviceIdentity
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret
from linjevakt.trust.vault import Vault

USER: Final = "linjevakt"
NAMES: Final = ("snmp.master.auth", "snmp.master.privacy")
_KEY: Final = 32  # octets of a SHA-256 digest: usmHMAC192SHA256AuthProtocol, RFC 7860 section 4.1
_AES128: Final = 16  # octets of the localized key that AES-128 uses, RFC 3826 section 3.1.2.1
_ADMINISTRATIVE: Final = 5  # engine id format "administratively assigned octets", RFC 3411 SnmpEngineID
_ENGINE_OCTETS: Final = 12


@dataclass(frozen=True)
class LocalizedKeys:
    """What one router's engine and its pollers share, hex: 32 octets to authenticate, 16 to encrypt."""

    auth: Secret
    privacy: Secret


def engine_id(router: str, serial: str) -> str:
    """The SNMP engine id, hex, of a box as a router: another box in its place has other keys, the same one the same."""
    head = (ENTERPRISE | 1 << 31).to_bytes(4, "big") + bytes([_ADMINISTRATIVE])
    return (head + hashlib.sha256(f"{router}\0{serial}".encode()).digest()[:_ENGINE_OCTETS]).hex()


@dataclass(frozen=True)
class MasterKeys:
    """The two keys of the whole fleet, read once for many routers."""

    _auth: bytes = field(repr=False)
    _privacy: bytes = field(repr=False)

    @classmethod
    def of(cls, vault: Vault) -> "MasterKeys":
        """The sealed master keys; made when there are none."""
        auth, privacy = (_master(vault, name) for name in NAMES)
        return cls(auth, privacy)

    def localized(self, engine: str) -> LocalizedKeys:
        """The keys of the engine with that id (hex). Raises SecretError for an id that is none."""
        try:
            octets = bytes.fromhex(engine)
        except ValueError as error:
            raise SecretError(
                Saying("The SNMP engine id {engine!r} of a router is not hex. Stage it anew.", engine=engine)
            ) from error
        auth, privacy = localize(self._auth, octets), localize(self._privacy, octets)[:_AES128]
        return LocalizedKeys(Secret(auth.hex()), Secret(privacy.hex()))

    def target(self, router: Router, device: DeviceIdentity, decoder: str, *, hub: bool) -> SnmpTarget:
        """How to poll a router. Raises as `localized`."""
        keys = self.localized(device.engine_id)
        return SnmpTarget(
            router=router.name,
            address=str(router.management),
            user=USER,
            engine_id=device.engine_id,
            auth_key=keys.auth,
            privacy_key=keys.privacy,
            decoder=decoder,
            hub=hub,
        )


def localize(master: bytes, engine: bytes) -> bytes:
    """A master key (1 MiB hash of a password, or as many random octets) bound to one engine: RFC 3414 A.2.1."""
    return hashlib.sha256(master + engine + master).digest()


def _master(vault: Vault, name: str) -> bytes:
    """Random octets instead of a stretched password: nobody types it, and there is no dictionary to try."""
    found = vault.ensure(name, lambda: Secret(secrets.token_hex(_KEY)))
    try:
        return bytes.fromhex(found.reveal())
    except ValueError as error:
        raise SecretError(Saying("The secret {name!r} is no key. Restore the database.", name=name)) from error
