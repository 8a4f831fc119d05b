"""Makes a box a router of ours: pins its own keys, gives it a certificate, and keeps that certificate right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from pydantic import TypeAdapter, ValidationError

from linjevakt.intent import prefixes
from linjevakt.model.errors import ConflictError, InvalidInputError
from linjevakt.model.intent import Identity, Revoked
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import BoxIdentity, Certificate, DeviceIdentity, Stage
from linjevakt.model.saying import Saying
from linjevakt.trust import ca, crl, snmp, ssh
from linjevakt.trust.vault import Vault

_IDENTITY: Final = TypeAdapter(BoxIdentity)


def enrol(
    vault: Vault, inventory: Inventory, router: str, box: BoxIdentity, now: datetime | None = None
) -> DeviceIdentity:
    """Pins what the box says of itself; enrolling again (a box was swapped) replaces the former pins.

    The former box's certificates stay good: whoever swaps them says when they are to be revoked. Raises
    InvalidInputError for a CSR or host key that is none, NotFoundError for a router that is not in the inventory,
    ConflictError when the inventory expects, or another router has, that serial number, and as `certified`.
    """
    _require_serial(inventory, router, box.serial)
    device = certified(vault, inventory, router, box, now)
    for former in vault.store.devices.all([router]):
        if is_same(former, box):  # a router in use stays so, and is not replaced by mistake the time after
            device = replace(device, stage=former.stage)
    vault.store.devices.save(device)
    return device


def certified(
    vault: Vault, inventory: Inventory, router: str, box: BoxIdentity, now: datetime | None = None
) -> DeviceIdentity:
    """What pinning the box would write down, certificate included; pins nothing: another box may still be at work.

    Raises InvalidInputError for a CSR or host key that is none, NotFoundError for a router that is not there,
    ConflictError for a box whose key was stolen or is known under another serial number, or while another router has a
    certificate for the same prefixes.
    """
    now = now or datetime.now(UTC)
    certificate = _issued(vault, inventory, router, box, now)
    return DeviceIdentity(
        router=router,
        serial=box.serial,
        host_key=ssh.host_key(box.ssh_host_key),
        csr=box.csr,
        certificate=ca.to_pem(certificate),
        certificate_serial=f"{certificate.serial_number:x}",
        certificate_expires=certificate.not_valid_after_utc,
        engine_id=snmp.engine_id(router, box.serial),
        stage=Stage.STAGED,
        enrolled=now,
        ports=box.ports,
    )


def identity(vault: Vault, inventory: Inventory, router: str, now: datetime | None = None) -> Identity:
    """What the router's configuration holds of trust; its certificate is made anew when prefixes changed or it ends.

    Raises NotFoundError when the router was never enrolled, ConflictError when its box is shut out, or while another
    router has a certificate for the same prefixes.
    """
    now = now or datetime.now(UTC)
    device = _certified(vault, inventory, vault.store.devices.get(router), now)
    return identity_of(vault, inventory, device, now)


def identity_of(vault: Vault, inventory: Inventory, device: DeviceIdentity, now: datetime | None = None) -> Identity:
    """What the configuration of a box holds of trust, pinned or not."""
    now = now or datetime.now(UTC)
    keys = snmp.MasterKeys.of(vault).localized(device.engine_id)
    authority = _authority(vault, inventory, now)
    revocations = crl.current(vault, authority, now)
    return Identity(
        certificate=device.certificate,
        ca=authority.pem,
        authorized_keys=(ssh.public_line(vault),),
        snmp_user=snmp.USER,
        snmp_engine_id=device.engine_id,
        secrets={f"snmp.{snmp.USER}.auth": keys.auth, f"snmp.{snmp.USER}.privacy": keys.privacy},
        crl=revocations,
        revoked=_revoked(vault, revocations) if _is_hub(inventory, device.router) else (),
    )


def claimed(box: Mapping[str, Any]) -> BoxIdentity:
    """What a box said of itself. Raises InvalidInputError when that is no identity."""
    try:
        return _IDENTITY.validate_python(dict(box))
    except ValidationError as error:
        fields = ", ".join(str(fault["loc"][0]) for fault in error.errors())
        raise InvalidInputError(
            Saying(
                "This is not what `linjevakt-agent identity --json` prints; wrong or missing: {fields}.", fields=fields
            )
        ) from error


def is_same(device: DeviceIdentity, box: BoxIdentity) -> bool:
    """Whether the box is the one that was pinned, with the same keys. Raises InvalidInputError for what is no key."""
    keys = ca.fingerprint(ca.public_key(box.csr)), ssh.host_key(box.ssh_host_key)
    return (device.serial, key_of(device), device.host_key) == (box.serial, *keys)


def key_of(device: DeviceIdentity) -> str:
    """The box's key as certificates know it."""
    return ca.fingerprint(ca.public_key(device.csr))


def _certified(vault: Vault, inventory: Inventory, device: DeviceIdentity, now: datetime) -> DeviceIdentity:
    if device.stage is Stage.SHUT_OUT:
        raise ConflictError(
            Saying(
                "{router}: the box {box} is shut out and gets nothing more. Replace it: {how}.",
                router=device.router,
                box=device.serial,
                how=_replacing(inventory, device.router),
            )
        )
    if ca.is_current(device.certificate, device.router, prefixes(inventory, device.router), now):
        return device
    certificate = _issued(vault, inventory, device.router, device, now)
    renewed = replace(
        device,
        certificate=ca.to_pem(certificate),
        certificate_serial=f"{certificate.serial_number:x}",
        certificate_expires=certificate.not_valid_after_utc,
    )
    if not vault.store.devices.renew(renewed):  # someone staged another box, or shut this one out, at that moment
        return _certified(vault, inventory, vault.store.devices.get(device.router), now)
    return renewed


def _issued(
    vault: Vault, inventory: Inventory, router: str, box: BoxIdentity | DeviceIdentity, now: datetime
) -> x509.Certificate:
    """A new certificate, known to the store before anyone else has it."""
    networks = prefixes(inventory, router)
    certificate = _authority(vault, inventory, now).certify(box.csr, router, networks, now)
    vault.store.certificates.issue(
        Certificate(
            serial=f"{certificate.serial_number:x}",
            router=router,
            box=box.serial,
            key=ca.fingerprint(ca.public_key(box.csr)),
            networks=() if _is_hub(inventory, router) else networks,
            issued=now,
            expires=certificate.not_valid_after_utc,
        )
    )
    return certificate


def _revoked(vault: Vault, pem: str) -> tuple[Revoked, ...]:
    """Whose SAs a hub has to end: no site has others come to it."""
    listed = crl.serials(pem)
    return tuple(Revoked(one.serial, one.router) for one in vault.store.certificates.revoked() if one.serial in listed)


def _is_hub(inventory: Inventory, router: str) -> bool:
    return any(hub.router.name == router for hub in inventory.installation.hubs)


def _replacing(inventory: Inventory, router: str) -> str:
    """What to say to the system."""
    if _is_hub(inventory, router):
        return Saying("`linjevakt router stage {router} --identity FILE` with another box's identity", router=router)
    return "`linjevakt order new replace_router`"


def _authority(vault: Vault, inventory: Inventory, now: datetime) -> ca.Authority:
    installation = inventory.installation
    return ca.authority(vault, (*installation.inside, installation.management), now)


def _require_serial(inventory: Inventory, router: str, serial: str) -> None:
    expected = next((known.serial for known in inventory.routers if known.name == router), None)
    if expected and expected != serial:
        raise ConflictError(
            Saying(
                "{router} should be the box with serial number {expected}, but this one has {serial}. Take the right "
                "box, or change `serial` in the inventory.",
                router=router,
                expected=expected,
                serial=serial,
            )
        )
