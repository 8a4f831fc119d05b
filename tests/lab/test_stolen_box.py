"""A stolen box: its disk in another box, elsewhere. It takes no tunnel, it is told of, and once revoked it is out."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from tests.lab.life import fetches
from tests.lab.measure import eventually, probing

from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault, addressblocks, ca
from linjevakt_lab import provision
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = "lvstolen"
HUB, ROUTER, THIEF, PC = "hub-oslo", "rtr-bjerka", "rtr-nygata", "pc-rtr-bjerka-lan0"
INSIDE = "10.255.0.30"
THIEVES_ADDRESS = "198.51.100.134"
TRIED_S = 5.0
"""After its first attempt the thief tries again at once, and moves to its other line 3 s later."""

TUNNEL_S, BACK_S, ENDED_S = 30.0, 30.0, 60.0
LOST_AT_MOST, OUTAGE_S = 5, 0.5
"""Of pings 20 ms apart; what the thief took before was 8 s."""


@pytest.fixture(scope="module")
def office() -> Iterator[Controller]:
    """The scenario `life`; the spare box has the disk of a router that is at work, and no power."""
    with provision.raised(Scenario.named("life"), print, prefix=PREFIX) as controller:
        lab = controller.lab
        disk = shell(lab, ROUTER, "tar cf - -C / var/lib/linjevakt | base64")
        shell(lab, THIEF, "rm -rf /var/lib/linjevakt && base64 -d | tar xf - -C /", disk)
        lab.kill_box(THIEF)
        lab.move(THIEF, "wan0", "nygata")
        yield controller


def shell(lab: Lab, node: str, script: str, stdin: str | None = None) -> str:
    return lab.run(node, ["sh", "-ec", script], input=stdin).stdout


def carrying(lab: Lab) -> list[str]:
    """The addresses from which the router's certificate has a tunnel that carries something."""
    shown = f"\n{shell(lab, HUB, 'swanctl --list-sas')}".split("\nhub: ")
    ours = [block for block in shown if f"remote '{ROUTER}' @ " in block and "INSTALLED" in block]
    return [block.split(f"'{ROUTER}' @ ")[1].split("[")[0] for block in ours]


def number(lab: Lab) -> str:
    """The number of the router's IKE SA at the hub."""
    shown = shell(lab, HUB, f"swanctl --list-sas | grep -B2 \"remote '{ROUTER}' @ \" | grep -o '^hub: #[0-9]*'")
    return shown.split("#")[1].strip()


def duplicates(controller: Controller) -> list[dict[str, Any]]:
    """What the hub tells of copies."""
    return list(controller.json("health", HUB, check=False)["duplicates"])


def test_a_router_that_lost_its_power_and_moved_does_not_wait_for_the_hub_to_miss_it(office: Controller) -> None:
    lab = office.lab
    lab.kill_box(ROUTER)
    lab.move(ROUTER, "wan0", "tinghuset")
    began = time.monotonic()
    lab.boot(ROUTER)
    assert eventually(lambda: fetches(lab, PC), BACK_S)
    print(f"{time.monotonic() - began:.1f} s from power to a page")
    assert duplicates(office) == [], "it is no duplicate of itself"


def test_a_copy_of_the_key_takes_no_tunnel_from_the_router_and_is_told_of(office: Controller) -> None:
    lab = office.lab
    assert eventually(lambda: len(carrying(lab)) == 1, TUNNEL_S), "that of before the move has ended"
    home = carrying(lab)
    with probing(lab, PC, INSIDE) as probe:
        lab.boot(THIEF)
        assert eventually(lambda: bool(duplicates(office)), TUNNEL_S)
        time.sleep(TRIED_S)
        assert carrying(lab) == home
        assert fetches(lab, PC)
    print(f"{probe.sent} pings, {probe.lost} lost, longest gap {probe.outage_s:.2f} s, tried from {duplicates(office)}")
    assert probe.lost <= LOST_AT_MOST
    assert probe.outage_s < OUTAGE_S
    told = duplicates(office)
    assert {row["router"] for row in told} == {ROUTER}
    assert home[0] not in {row["address"] for row in told}
    shown = office.run("health", HUB, check=False).stdout
    assert f"somebody has the key of {ROUTER} at {told[0]['address']}" in shown
    lab.kill_box(THIEF)


def test_a_router_that_comes_back_from_where_the_thief_was_gets_its_tunnel(office: Controller) -> None:
    """The mobile network has both behind one address; what is barred there is let in once the hub misses the router."""
    lab = office.lab
    lab.kill_box(ROUTER)
    lab.unplug(ROUTER, "wan0")
    began = time.monotonic()
    lab.boot(ROUTER)
    assert eventually(lambda: fetches(lab, PC), BACK_S)
    print(f"{time.monotonic() - began:.1f} s from power to a page")


def test_a_revoked_certificate_loses_its_tunnel_and_gets_none_again(office: Controller) -> None:
    """By a list that is past its date, as it is when the controller has been away."""
    lab, stolen, authority = office.lab, certificate(office.lab), signer(office)
    blocks = stolen.extensions.get_extension_for_oid(addressblocks.OID).value.public_bytes()
    csr = str(json.loads(lab.run(ROUTER, ["linjevakt-agent", "identity", "--json"]).stdout)["csr"])
    renewed = authority.certify(csr, ROUTER, addressblocks.networks(blocks), datetime.now(UTC))
    commit(lab, ROUTER, {"router.crt": ca.to_pem(renewed)})
    assert eventually(lambda: fetches(lab, PC), BACK_S)
    lab.kill_box(ROUTER)
    shell(lab, HUB, f"swanctl --terminate --force --timeout 1 --ike-id {number(lab)} || true")  # dead anyway
    lab.boot(THIEF)
    assert eventually(lambda: carrying(lab) == [THIEVES_ADDRESS], TUNNEL_S), "it is the only one with that name"

    agent = shell(lab, HUB, "cat /var/lib/linjevakt/running/agent.toml")
    revoked = f'{agent}\n[[revoked]]\nserial = "{stolen.serial_number:x}"\nrouter = "{ROUTER}"\n'
    commit(lab, HUB, {"ca.crl": revocation_list(authority, stolen.serial_number), "agent.toml": revoked})
    began = time.monotonic()
    assert eventually(lambda: not carrying(lab), ENDED_S)
    print(f"the tunnel of the revoked box ended {time.monotonic() - began:.1f} s after the commit")

    lab.kill_box(THIEF)
    lab.boot(THIEF)
    refusals = "grep -c 'certificate was revoked' /var/log/linjevakt/charon/current || true"
    assert eventually(lambda: int(shell(lab, HUB, refusals)) > 0, TUNNEL_S)
    assert carrying(lab) == []
    lab.boot(ROUTER)
    assert eventually(lambda: fetches(lab, PC), BACK_S), "its new certificate is good"
    assert len(carrying(lab)) == 1
    assert THIEVES_ADDRESS not in carrying(lab)


def certificate(lab: Lab) -> x509.Certificate:
    pem = shell(lab, ROUTER, "cat /var/lib/linjevakt/running/router.crt")
    return x509.load_pem_x509_certificate(pem.encode())


def signer(controller: Controller) -> ca.Authority:
    """The controller's CA."""
    vault = Vault(Store(f"sqlite:///{controller.home / 'linjevakt.db'}"), SealKey.load(controller.home / "key"))
    pem = shell(controller.lab, HUB, "cat /var/lib/linjevakt/running/ca.crt")
    return ca.Authority(ca.ensure_key(vault), ca.from_pem(pem))


def revocation_list(by: ca.Authority, serial: int) -> str:
    """One that was due for a successor yesterday."""
    key = by.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    then = datetime.now(UTC) - timedelta(days=2)
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(then)
        .next_update(then + timedelta(days=1))
        .add_extension(x509.CRLNumber(7), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key), critical=False)
        .add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(then).build())
        .sign(by.key, hashes.SHA384())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def commit(lab: Lab, node: str, sections: dict[str, str]) -> None:
    """Put sections in force at the console."""
    text = "".join(f"##### {name}\n{body.strip()}\n" for name, body in sections.items())
    lab.run(node, ["linjevakt-agent", "config", "load", "--merge", "-"], input=f"#!linjevakt-config 1\n{text}")
    lab.run(node, ["linjevakt-agent", "config", "commit", "--message", "by hand"])
