"""Our localized SNMPv3 keys are those that pysnmp and gufo derive from the same master keys."""

import hashlib

from gufo.snmp.user import Sha256Key
from pysnmp.proto.rfc1902 import OctetString
from pysnmp.proto.secmod.rfc3414.localkey import hash_passphrase
from pysnmp.proto.secmod.rfc3826.priv.aes import Aes
from pysnmp.proto.secmod.rfc7860.auth.hmacsha2 import HmacSha2

from linjevakt.trust import Vault, snmp

ENGINE = snmp.engine_id("rtr-fjellheim", "LV-0011")


def test_an_authentication_key_is_the_one_that_pysnmp_localizes() -> None:
    master = bytes(hash_passphrase(b"maplesyrup", hashlib.sha256))
    theirs = HmacSha2(HmacSha2.SHA256_SERVICE_ID).localize_key(OctetString(master), OctetString(hexValue=ENGINE))
    assert snmp.localize(master, bytes.fromhex(ENGINE)) == bytes(theirs)


def test_a_privacy_key_is_the_one_that_pysnmp_localizes(vault: Vault) -> None:
    ours = snmp.MasterKeys.of(vault).localized(ENGINE).privacy.reveal()
    master = bytes.fromhex(vault.get("snmp.master.privacy").reveal())
    service = HmacSha2.SHA256_SERVICE_ID
    assert bytes.fromhex(ours) == bytes(Aes().localize_key(service, OctetString(master), OctetString(hexValue=ENGINE)))


def test_an_authentication_key_is_the_one_that_gufo_localizes(vault: Vault) -> None:
    ours = snmp.MasterKeys.of(vault).localized(ENGINE).auth.reveal()
    master = bytes.fromhex(vault.get("snmp.master.auth").reveal())
    assert bytes.fromhex(ours) == Sha256Key.get_localized_key(master, bytes.fromhex(ENGINE))


def test_keys_have_the_lengths_of_the_protocols(vault: Vault) -> None:
    keys = snmp.MasterKeys.of(vault).localized(ENGINE)
    assert (len(keys.auth.reveal()), len(keys.privacy.reveal())) == (64, 32)


def test_two_routers_share_no_key(vault: Vault) -> None:
    ours, theirs = (
        snmp.MasterKeys.of(vault).localized(ENGINE),
        snmp.MasterKeys.of(vault).localized(snmp.engine_id("rtr-b", "LV-0011")),
    )
    assert len({ours.auth, ours.privacy, theirs.auth, theirs.privacy}) == 4


def test_keys_stay_the_same_from_one_staging_to_the_next(vault: Vault) -> None:
    assert snmp.MasterKeys.of(vault).localized(ENGINE) == snmp.MasterKeys.of(vault).localized(
        snmp.engine_id("rtr-fjellheim", "LV-0011")
    )


def test_a_box_in_place_of_another_shares_no_key_with_it(vault: Vault) -> None:
    ours, theirs = (
        snmp.MasterKeys.of(vault).localized(ENGINE),
        snmp.MasterKeys.of(vault).localized(snmp.engine_id("rtr-fjellheim", "LV-0012")),
    )
    assert len({ours.auth, ours.privacy, theirs.auth, theirs.privacy}) == 4


def test_name_and_serial_number_are_not_mixed_up() -> None:
    assert snmp.engine_id("rtr-a", "1LV") != snmp.engine_id("rtr-a1", "LV")


def test_an_engine_id_is_of_our_enterprise_and_of_lawful_length() -> None:
    assert ENGINE.startswith("80007ed905")
    assert 5 <= len(bytes.fromhex(ENGINE)) <= 32
