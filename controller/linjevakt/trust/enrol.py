"""Makes a box a router of ours: pins its own keys, gives it a certificate, and keeps that certificate right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from pydantic import TypeAdapter, ValidationError

from linjevakt.intent import prefixes
from linjevakt.model.dossier import Dossier
from linjevakt.model.errors import ConflictError, InvalidInputError
from linjevakt.model.intent import Identity, Revoked
from linjevakt.model.record import BoxIdentity, Certificate, DeviceIdentity, Stage
from linjevakt.model.saying import Saying
from linjevakt.trust import ca, crl, snmp, ssh
from linjevakt.trust.vault import Vault

_IDENTITY: Final = TypeAdapter(BoxIdentity)
_SECRETS: Final = (ca.KEY, ca.CERTIFICATE, crl.NAME, ssh.NAME, *snmp.NAMES)  # all that an identity is made with


def enrol(vault: Vault, router: Dossier, box: BoxIdentity, now: datetime | None = None) -> DeviceIdentity:
    """Pins what the box says of itself; enrolling again (a box was swapped) replaces the former pins.

    The former box's certificates stay good: whoever swaps them says when they are to be revoked. Raises
    InvalidInputError for a CSR or host key that is none, ConflictError when the inventory expects, or another router
    has, that serial number, and as `certified`.
    """
    _require_serial(router, box.serial)
    device = certified(vault, router, box, now)
    for former in vault.store.devices.all([router.name]):
        if is_same(former, box):  # a router in use stays so, and is not replaced by mistake the time after
            device = replace(device, stage=former.stage)
    vault.store.devices.save(device)
    return device


def certified(vault: Vault, router: Dossier, box: BoxIdentity, now: datetime | None = None) -> DeviceIdentity:
    """What pinning the box would write down, certificate included; pins nothing: another box may still be at work.

    Raises InvalidInputError for a CSR or host key that is none, ConflictError for a box whose key was stolen or is
    known under another serial number, or while another router has a certificate for the same prefixes.
    """
    now = now or datetime.now(UTC)
    certificate = _issued(vault, router, box, now)
    return DeviceIdentity(
        router=router.name,
        serial=box.serial,
        host_key=ssh.host_key(box.ssh_host_key),
        csr=box.csr,
        certificate=ca.to_pem(certificate),
        certificate_serial=f"{certificate.serial_number:x}",
        certificate_expires=certificate.not_valid_after_utc,
        engine_id=snmp.engine_id(router.name, box.serial),
        stage=Stage.STAGED,
        enrolled=now,
        ports=box.ports,
    )


def identity(vault: Vault, router: Dossier, now: datetime | None = None) -> Identity:
    """What the router's configuration holds of trust; its certificate is made anew when prefixes changed or it ends.

    Raises NotFoundError when the router was never enrolled, ConflictError when its box is shut out, or while another
    router has a certificate for the same prefixes.
    """
    now, vault = now or datetime.now(UTC), vault.gathering(_SECRETS)
    return identity_of(vault, router, _certified(vault, router, router.box, now), now)


def identity_of(vault: Vault, router: Dossier, device: DeviceIdentity, now: datetime | None = None) -> Identity:
    """What the configuration of a box holds of trust, pinned or not."""
    now = now or datetime.now(UTC)
    keys = snmp.MasterKeys.of(vault).localized(device.engine_id)
    authority = _authority(vault, router, now)
    revocations = crl.current(vault, authority, now)
    return Identity(
        certificate=device.certificate,
        ca=authority.pem,
        authorized_keys=(ssh.public_line(vault),),
        snmp_user=snmp.USER,
        snmp_engine_id=device.engine_id,
        secrets={f"snmp.{snmp.USER}.auth": keys.auth, f"snmp.{snmp.USER}.privacy": keys.privacy},
        crl=revocations,
        revoked=_revoked(vault, revocations) if router.role == "hub" else (),
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


def _certified(vault: Vault, router: Dossier, device: DeviceIdentity, now: datetime) -> DeviceIdentity:
    if device.stage is Stage.SHUT_OUT:
        raise ConflictError(
            Saying(
                "{router}: the box {box} is shut out and gets nothing more. Replace it: {how}.",
                router=router.name,
                box=device.serial,
                how=_replacing(router),
            )
        )
    if ca.is_current(device.certificate, router.name, prefixes(router), now):
        return device
    certificate = _issued(vault, router, device, now)
    renewed = replace(
        device,
        certificate=ca.to_pem(certificate),
        certificate_serial=f"{certificate.serial_number:x}",
        certificate_expires=certificate.not_valid_after_utc,
    )
    if not vault.store.devices.renew(renewed):  # someone staged another box, or shut this one out, at that moment
        return _certified(vault, router, vault.store.devices.get(router.name), now)
    return renewed


def _issued(vault: Vault, router: Dossier, box: BoxIdentity | DeviceIdentity, now: datetime) -> x509.Certificate:
    """A new certificate, known to the store before anyone else has it."""
    networks = prefixes(router)
    certificate = _authority(vault, router, now).certify(box.csr, router.name, networks, now)
    vault.store.certificates.issue(
        Certificate(
            serial=f"{certificate.serial_number:x}",
            router=router.name,
            box=box.serial,
            key=ca.fingerprint(ca.public_key(box.csr)),
            networks=() if router.role == "hub" else networks,
            issued=now,
            expires=certificate.not_valid_after_utc,
        )
    )
    return certificate


def _revoked(vault: Vault, pem: str) -> tuple[Revoked, ...]:
    """Whose SAs a hub has to end: no site has others come to it."""
    listed = crl.serials(pem)
    return tuple(Revoked(one.serial, one.router) for one in vault.store.certificates.revoked() if one.serial in listed)


def _replacing(router: Dossier) -> str:
    """What to say to the system."""
    if router.role == "hub":
        return Saying(
            "`linjevakt router stage {router} --identity FILE` with another box's identity", router=router.name
        )
    return "`linjevakt order new replace_router`"


def _authority(vault: Vault, router: Dossier, now: datetime) -> ca.Authority:
    installation = router.installation
    return ca.authority(vault, (*installation.inside, installation.management), now)


def _require_serial(router: Dossier, serial: str) -> None:
    expected = router.router.serial
    if expected and expected != serial:
        raise ConflictError(
            Saying(
                "{router} should be the box with serial number {expected}, but this one has {serial}. Take the right "
                "box, or change `serial` in the inventory.",
                router=router.name,
                expected=expected,
                serial=serial,
            )
        )
