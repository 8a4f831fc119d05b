"""A box becomes a router of ours, and its certificate follows the inventory."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from tests.dossiers import opened

from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import BoxIdentity, DeviceIdentity, Stage
from linjevakt.store import Store
from linjevakt.trust import Vault, addressblocks, ca, ssh
from linjevakt.trust.enrol import enrol, identity

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ROUTER = "rtr-fjellheim"


def _networks(certificate: str) -> tuple[IPv4Network, ...]:
    extension = ca.from_pem(certificate).extensions.get_extension_for_oid(addressblocks.OID)
    return addressblocks.networks(extension.value.public_bytes())


def _without_dentist(inventory: Inventory) -> Inventory:
    shared, other = inventory.sites
    alone = shared.model_copy(update={"segments": shared.segments[:1]})
    return inventory.model_copy(update={"sites": (alone, other)})


@pytest.fixture
def device(vault: Vault, inventory: Inventory, box: BoxIdentity) -> DeviceIdentity:
    return enrol(vault, opened(vault, inventory, ROUTER), box, NOW)


def test_a_box_is_pinned_with_all_that_makes_it_ours(device: DeviceIdentity, box: BoxIdentity) -> None:
    assert (device.serial, device.stage) == ("LV-0011", Stage.STAGED)
    assert device.host_key == box.ssh_host_key
    assert int(device.certificate_serial, 16) == ca.from_pem(device.certificate).serial_number


def test_its_certificate_names_its_management_address_and_segments_only(device: DeviceIdentity) -> None:
    wanted = ("10.64.1.0/24", "10.64.2.0/24", "10.250.0.11/32")
    assert _networks(device.certificate) == tuple(IPv4Network(text) for text in wanted)


def test_the_same_identity_is_answered_every_time(vault: Vault, inventory: Inventory, device: DeviceIdentity) -> None:
    first = identity(vault, opened(vault, inventory, ROUTER), NOW)
    assert first == identity(vault, opened(vault, inventory, ROUTER), NOW + timedelta(days=44))
    assert first.certificate == device.certificate
    assert first.snmp_engine_id == device.engine_id
    assert set(first.secrets) == {"snmp.linjevakt.auth", "snmp.linjevakt.privacy"}


def test_a_certificate_follows_the_segments(
    vault: Vault, store: Store, inventory: Inventory, device: DeviceIdentity
) -> None:
    certificate = identity(vault, opened(vault, _without_dentist(inventory), ROUTER), NOW).certificate
    assert _networks(certificate) == (IPv4Network("10.64.1.0/24"), IPv4Network("10.250.0.11/32"))
    pinned = store.devices.get(ROUTER)
    assert pinned.certificate == certificate
    assert replace(pinned, certificate=device.certificate, certificate_serial=device.certificate_serial) == device


def test_a_certificate_is_renewed_a_month_before_its_end(
    vault: Vault, inventory: Inventory, device: DeviceIdentity
) -> None:
    certificate = identity(vault, opened(vault, inventory, ROUTER), NOW + timedelta(days=60)).certificate
    assert ca.from_pem(certificate).not_valid_after_utc == NOW + timedelta(days=60) + ca.VALIDITY
    assert certificate != device.certificate


def test_a_router_that_was_never_enrolled_has_no_identity(vault: Vault, inventory: Inventory) -> None:
    with pytest.raises(NotFoundError):
        identity(vault, opened(vault, inventory, ROUTER), NOW)


def test_the_wrong_box_is_refused(vault: Vault, store: Store, inventory: Inventory, box: BoxIdentity) -> None:
    with pytest.raises(ConflictError, match="should be the box with serial number LV-0011, but this one has LV-9"):
        enrol(vault, opened(vault, inventory, ROUTER), replace(box, serial="LV-9"), NOW)
    with pytest.raises(NotFoundError):
        store.devices.get(ROUTER)


def test_a_mistyped_router_is_refused_with_a_hint(vault: Vault, inventory: Inventory, box: BoxIdentity) -> None:
    with pytest.raises(NotFoundError, match="Did you mean 'rtr-fjellheim'"):
        enrol(vault, opened(vault, inventory, "rtr-fjelheim"), box, NOW)


def test_a_host_key_is_pinned_without_its_comment(box: BoxIdentity) -> None:
    assert ssh.host_key(f"{box.ssh_host_key} root@rtr\n") == box.ssh_host_key


@pytest.mark.parametrize("line", ["", "ssh-rsa AAAA", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 *"])
def test_a_host_key_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(InvalidInputError, match="SSH host key"):
        ssh.host_key(line)


def test_openssh_reads_the_login_key_and_agrees_on_its_public_half(vault: Vault, tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.touch(mode=0o600)
    file.write_text(ssh.login_key(vault).reveal())
    shown = subprocess.run(["ssh-keygen", "-y", "-f", file], check=True, capture_output=True, text=True).stdout
    assert shown.split()[:2] == ssh.public_line(vault).split()[:2]
