"""The revocation list says who is refused, is signed by our CA, and stays the same text until that changes."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from tests.boxes import claim
from tests.dossiers import opened

from linjevakt.model.errors import ConflictError, StolenError
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import BoxIdentity, Reason
from linjevakt.store import Store
from linjevakt.trust import Vault, ca, crl
from linjevakt.trust.enrol import certified, enrol, identity

NOW = datetime.now(UTC).replace(microsecond=0)
HUB, ROUTER, OTHER = "hub-oslo", "rtr-fjellheim", "rtr-solbakken"


@pytest.fixture
def serial(vault: Vault, inventory: Inventory, box: BoxIdentity) -> str:
    """Of the certificate of a router that is at work."""
    return enrol(vault, opened(vault, inventory, ROUTER), box, NOW).certificate_serial


def _number(pem: str) -> int:
    return crl.from_pem(pem).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


@pytest.mark.usefixtures("serial")
def test_there_is_no_list_before_someone_is_revoked(vault: Vault, inventory: Inventory) -> None:
    found = identity(vault, opened(vault, inventory, ROUTER), NOW)
    assert (found.crl, found.revoked) == ("", ())


def test_a_revoked_certificate_is_on_a_list_that_openssl_believes(
    vault: Vault, store: Store, inventory: Inventory, serial: str, tmp_path: Path
) -> None:
    good = enrol(vault, opened(vault, inventory, OTHER), BoxIdentity(**claim("LV-0012")), NOW)
    bad = store.devices.get(ROUTER)
    store.certificates.revoke([serial], Reason.REPLACED)
    enrol(vault, opened(vault, inventory, HUB), BoxIdentity(**claim("LV-0001")), NOW)
    found, hubs = (identity(vault, opened(vault, inventory, router), NOW) for router in (OTHER, HUB))
    assert [(one.serial, one.router) for one in hubs.revoked] == [(serial, ROUTER)]
    assert found.revoked == (), "nobody comes to a site: it has no SA to end"
    assert found.crl == hubs.crl
    for name, text in {"ca": found.ca, "crl": found.crl, ROUTER: bad.certificate, OTHER: good.certificate}.items():
        (tmp_path / name).write_text(text)
    verify = ["openssl", "verify", "-crl_check", "-CAfile", "ca", "-CRLfile", "crl"]
    asked = {name: _run([*verify, name], tmp_path) for name in (ROUTER, OTHER)}
    assert "certificate revoked" in asked[ROUTER].stderr
    assert asked[OTHER].stdout == f"{OTHER}: OK\n", asked[OTHER].stderr


def _run(argv: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(argv, check=False, cwd=folder, capture_output=True, text=True)


@pytest.mark.usefixtures("serial")
def test_the_list_names_its_signer_and_why(vault: Vault, store: Store, inventory: Inventory) -> None:
    store.devices.shut_out("LV-0011")
    enrol(vault, opened(vault, inventory, OTHER), BoxIdentity(**claim("LV-0012")), NOW)
    found = identity(vault, opened(vault, inventory, OTHER), NOW)
    signed, authority = crl.from_pem(found.crl), ca.from_pem(found.ca)
    assert signed.issuer == authority.subject
    by = signed.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert by == authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    (entry,) = signed
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    assert signed.next_update_utc == NOW + crl.VALIDITY
    assert signed.next_update_utc - signed.last_update_utc > ca.VALIDITY, "it outlives who is on it"


def test_it_is_the_same_text_until_someone_else_is_revoked(
    vault: Vault, store: Store, inventory: Inventory, serial: str
) -> None:
    enrol(vault, opened(vault, inventory, OTHER), BoxIdentity(**claim("LV-0012")), NOW)
    store.certificates.revoke([serial], Reason.REPLACED)
    first = _of_other(vault, inventory, NOW)
    assert _of_other(vault, inventory, NOW + timedelta(days=199)) == first, "one that has ended meanwhile may stay"
    store.certificates.revoke([store.devices.get(OTHER).certificate_serial], Reason.TERMINATED)
    second = _of_other(vault, inventory, NOW)
    assert crl.serials(second) > crl.serials(first) == {serial}
    assert _number(second) > _number(first)


def test_it_is_signed_anew_before_it_ends_without_those_who_have_ended_by_themselves(
    vault: Vault, store: Store, inventory: Inventory, serial: str
) -> None:
    enrol(vault, opened(vault, inventory, OTHER), BoxIdentity(**claim("LV-0012")), NOW)
    store.certificates.revoke([serial], Reason.REPLACED)
    first = _of_other(vault, inventory, NOW)
    second = _of_other(vault, inventory, NOW + timedelta(days=201))
    assert crl.serials(second) == frozenset()
    assert _number(second) > _number(first)


def test_a_clock_that_was_set_back_makes_no_older_number(
    vault: Vault, store: Store, inventory: Inventory, serial: str
) -> None:
    enrol(vault, opened(vault, inventory, OTHER), BoxIdentity(**claim("LV-0012")), NOW)
    store.certificates.revoke([serial], Reason.REPLACED)
    first = _of_other(vault, inventory, NOW)
    store.certificates.revoke([store.devices.get(OTHER).certificate_serial], Reason.TERMINATED)
    assert _number(_of_other(vault, inventory, NOW - timedelta(days=30))) > _number(first)


def _of_other(vault: Vault, inventory: Inventory, at: datetime) -> str:
    return identity(vault, opened(vault, inventory, OTHER), at).crl


def test_every_certificate_that_a_box_got_is_known_and_revoked_at_once(
    vault: Vault, store: Store, inventory: Inventory, serial: str
) -> None:
    """The attack: a box keeps the certificate from before its renewal, or the one that a mere plan made."""
    renewed = identity(vault, opened(vault, inventory, ROUTER), NOW + timedelta(days=61)).certificate
    spare = certified(vault, opened(vault, inventory, ROUTER), replace(_box(store), serial="LV-0011"), NOW)
    store.devices.shut_out("LV-0011")
    all_of_it = {serial, ca.serial(renewed), spare.certificate_serial}
    assert {one.serial for one in store.certificates.revoked()} == all_of_it
    assert {one.reason for one in store.certificates.revoked()} == {Reason.STOLEN}


def _box(store: Store) -> BoxIdentity:
    device = store.devices.get(ROUTER)
    return BoxIdentity(device.csr, device.host_key, device.serial)


@pytest.mark.usefixtures("serial")
def test_a_stolen_box_gets_nothing_more(vault: Vault, store: Store, inventory: Inventory) -> None:
    box = _box(store)
    store.devices.shut_out("LV-0011")
    with pytest.raises(ConflictError, match="shut out and gets nothing more"):
        identity(vault, opened(vault, inventory, ROUTER), NOW + timedelta(days=61))
    with pytest.raises(StolenError, match="never certified again"):
        enrol(vault, opened(vault, inventory, ROUTER), box, NOW)
    with pytest.raises(StolenError, match="never certified again"):
        enrol(vault, opened(vault, inventory, OTHER), replace(box, serial="LV-9"), NOW)
    assert len(store.certificates.all()) == 1, "what is refused is not issued"


def test_a_box_that_is_refused_for_its_serial_number_got_no_certificate(
    vault: Vault, store: Store, inventory: Inventory
) -> None:
    with pytest.raises(ConflictError, match="should be the box"):
        enrol(vault, opened(vault, inventory, ROUTER), BoxIdentity(**claim("LV-9")), NOW)
    assert store.certificates.all() == ()


def test_revoking_twice_keeps_the_first_time_and_reason(store: Store, serial: str) -> None:
    store.certificates.revoke([serial], Reason.REPLACED)
    (first,) = store.certificates.revoked()
    store.certificates.revoke([serial], Reason.TERMINATED)
    assert store.certificates.revoked() == (first,)
    store.devices.shut_out("LV-0011")
    assert store.certificates.revoked() == (replace(first, reason=Reason.STOLEN),), "that its key was stolen is news"
