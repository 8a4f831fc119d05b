"""Makes a box a router of ours: pins its own keys, gives it a certificate, and keeps that certificate right."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Network

from linjevakt.intent import prefixes
from linjevakt.model.errors import ConflictError
from linjevakt.model.intent import Identity
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import BoxIdentity, DeviceIdentity, Stage
from linjevakt.trust import ca, snmp, ssh
from linjevakt.trust.vault import Vault


def enrol(
    vault: Vault, inventory: Inventory, router: str, box: BoxIdentity, now: datetime | None = None
) -> DeviceIdentity:
    """Pins what the box says of itself; enrolling again (a box was swapped) replaces the former pins.

    Raises InvalidInputError for a CSR or host key that is none, NotFoundError for a router that is not in the
    inventory, ConflictError when the inventory expects, or another router has, that serial number.
    """
    device = certified(vault, inventory, router, box, now)
    _require_serial(inventory, router, box.serial)
    vault.store.save_device(device)
    return device


def certified(
    vault: Vault, inventory: Inventory, router: str, box: BoxIdentity, now: datetime | None = None
) -> DeviceIdentity:
    """What pinning the box would write down, certificate included; pins nothing: another box may still be at work.

    Raises InvalidInputError for a CSR or host key that is none, NotFoundError for a router that is not there.
    """
    now = now or datetime.now(UTC)
    certificate = _authority(vault, inventory, now).certify(box.csr, router, prefixes(inventory, router), now)
    return DeviceIdentity(
        router=router,
        serial=box.serial,
        host_key=ssh.host_key(box.ssh_host_key),
        csr=box.csr,
        certificate=ca.to_pem(certificate),
        certificate_serial=f"{certificate.serial_number:x}",
        certificate_expires=certificate.not_valid_after_utc,
        engine_id=snmp.engine_id(router),
        stage=Stage.STAGED,
        enrolled=now,
    )


def identity(vault: Vault, inventory: Inventory, router: str, now: datetime | None = None) -> Identity:
    """What the router's configuration holds of trust; its certificate is made anew when prefixes changed or it ends.

    Raises NotFoundError when the router was never enrolled.
    """
    now = now or datetime.now(UTC)
    authority = _authority(vault, inventory, now)
    device = _certified(vault, authority, vault.store.device(router), prefixes(inventory, router), now)
    return identity_of(vault, inventory, device, now)


def identity_of(vault: Vault, inventory: Inventory, device: DeviceIdentity, now: datetime | None = None) -> Identity:
    """What the configuration of a box holds of trust, pinned or not."""
    keys = snmp.MasterKeys.of(vault).localized(device.engine_id)
    return Identity(
        certificate=device.certificate,
        ca=_authority(vault, inventory, now or datetime.now(UTC)).pem,
        authorized_keys=(ssh.public_line(vault),),
        snmp_user=snmp.USER,
        snmp_engine_id=device.engine_id,
        secrets={f"snmp.{snmp.USER}.auth": keys.auth, f"snmp.{snmp.USER}.privacy": keys.privacy},
    )


def _certified(
    vault: Vault, authority: ca.Authority, device: DeviceIdentity, networks: tuple[IPv4Network, ...], now: datetime
) -> DeviceIdentity:
    if ca.is_current(device.certificate, networks, now):
        return device
    certificate = authority.certify(device.csr, device.router, networks, now)
    renewed = replace(
        device,
        certificate=ca.to_pem(certificate),
        certificate_serial=f"{certificate.serial_number:x}",
        certificate_expires=certificate.not_valid_after_utc,
    )
    vault.store.save_device(renewed)
    return renewed


def _authority(vault: Vault, inventory: Inventory, now: datetime) -> ca.Authority:
    installation = inventory.installation
    return ca.authority(vault, (*installation.inside, installation.management), now)


def _require_serial(inventory: Inventory, router: str, serial: str) -> None:
    expected = next(known.serial for known in inventory.routers if known.name == router)
    if expected and expected != serial:
        raise ConflictError(
            f"{router} should be the box with serial number {expected}, but this one has {serial}. "
            "Take the right box, or change `serial` in the inventory."
        )
