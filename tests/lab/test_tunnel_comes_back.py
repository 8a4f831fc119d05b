"""A hub that answers with a refusal, an SA that somebody ends, a charon that hangs: each site comes back by itself.

`pytest -rP` prints the seconds from when the hub is whole until a site's PC is answered again.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from tests.dossiers import opened
from tests.lab.measure import Probe, by_hand, eventually, probing

from linjevakt import settings
from linjevakt.main import Installation
from linjevakt.model.record import BoxIdentity
from linjevakt.trust.enrol import certified
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

HUB, INSIDE = "hub-oslo", "10.255.0.40"
SITES = ("rtr-elvebredden", "rtr-fjellheim", "rtr-solbakken")
SITE = "rtr-fjellheim"
CHILDREN = {
    "rtr-elvebredden": {"management", "segment_legesenter", "segment_fysioterapi", "segment_psykolog"},
    "rtr-fjellheim": {"management", "segment_legekontor"},
    "rtr-solbakken": {"management", "segment_tannlege"},
}
REFUSED_S = 8.0
GAP_S = 0.5
BACK_WITHIN_S = 15.0
EXPIRED = "/run/expired.crt"

LOAD_CREDENTIALS = "swanctl --load-creds --clear --noprompt"
LOAD = "swanctl --load-all --clear --noprompt"
RELOAD_CHANGED = (
    "sed '{edit}' /etc/swanctl/swanctl.conf > /run/other.conf && swanctl --load-conns --file /run/other.conf"
)
END_ALL = (
    "for n in $(swanctl --list-sas | sed -n 's/^hub: #\\([0-9]*\\),.*/\\1/p'); do swanctl --terminate --ike-id $n; done"
)


@dataclass(frozen=True)
class Refusing:
    """How to make the hub refuse its sites, how to make it whole, and what a site then says of it."""

    begin: str
    end: str
    said: str


WAYS = {
    "no credentials": Refusing(
        f"mv /etc/swanctl/private/router.key /run/away.key; {LOAD_CREDENTIALS}",
        f"mv /run/away.key /etc/swanctl/private/router.key; {LOAD_CREDENTIALS}",
        "the hub refuses us: AUTHENTICATION_FAILED",
    ),
    "other proposals": Refusing(
        RELOAD_CHANGED.format(edit="s/^\\( *proposals = \\).*/\\1aes128-sha256-modp2048/"),
        LOAD,
        "the hub refuses us: NO_PROPOSAL_CHOSEN",
    ),
    "prefix refused": Refusing(
        RELOAD_CHANGED.format(edit="s/^\\( *remote_ts = \\).*/\\1192.0.2.0\\/24/"),
        LOAD,
        "the hub refuses us: TS_UNACCEPTABLE",
    ),
    "certificate expired": Refusing(
        f"ln -sfn {EXPIRED} /etc/swanctl/x509/router.crt; {LOAD_CREDENTIALS}",
        f"ln -sfn /var/lib/linjevakt/running/router.crt /etc/swanctl/x509/router.crt; {LOAD_CREDENTIALS}",
        "we refuse the hub: ",
    ),
}


def sh(lab: Lab, node: str, script: str) -> str:
    """What a shell script prints in a node."""
    return lab.run(node, ["sh", "-c", script], check=False, timeout=60).stdout


def tunnel(lab: Lab, router: str) -> dict[str, Any]:
    """The tunnel's row of a proof taken as the login user, who may not ask charon."""
    prove = "linjevakt-agent prove --json --service internet"
    said = lab.run(router, ["su", "-s", "/bin/sh", "linjevakt", "-c", prove]).stdout
    row: dict[str, Any] = json.loads(said)["tunnel"]
    return row


def carried(lab: Lab, router: str) -> set[str]:
    """The children that carry traffic, as root sees them."""
    listed = sh(lab, router, "swanctl --list-sas")
    return {line.split(":")[0].strip() for line in listed.splitlines() if "INSTALLED" in line}


def whole(lab: Lab, router: str) -> bool:
    """Whether every child is carried, and a PC is answered: an SA may outlive its hub."""
    ping = ["ping", "-c", "1", "-W", "1", INSIDE]
    return carried(lab, router) == CHILDREN[router] and not lab.run(f"pc-{router}-lan0", ping, check=False).returncode


def back_s(probe: Probe, healed: float) -> float:
    """Seconds from then until the answers came again and went on coming; 0 if they did before."""
    assert probe.answers[-1] > healed, "never back"
    gaps = [after for before, after in pairwise(probe.answers) if after - before > GAP_S]
    return max(0.0, gaps[-1] - healed) if gaps else 0.0


@pytest.fixture(autouse=True)
def all_whole(lab: Lab) -> Iterator[None]:
    """Before and after, every site has its tunnel."""
    assert eventually(lambda: all(whole(lab, site) for site in SITES), 30)
    with by_hand(lab, HUB, *SITES):
        yield
    assert eventually(lambda: all(whole(lab, site) for site in SITES), 60)


@pytest.fixture(scope="module")
def expired(controller: Controller) -> str:
    """A certificate of the hub's own key that was good some years ago, by the true authority."""
    installation = Installation(settings.load()).at(controller.home)
    inventory = installation.store.inventory()
    device = installation.store.devices.get(HUB)
    box = BoxIdentity(device.csr, device.host_key, device.serial)
    then = datetime.now(UTC) - timedelta(days=1000)
    return certified(installation.vault, opened(installation.vault, inventory, HUB), box, then).certificate


@contextmanager
def watched(lab: Lab) -> Iterator[dict[str, Probe]]:
    """Ping through every site's tunnel while the block runs."""
    with (
        probing(lab, f"pc-{SITES[0]}-lan0", INSIDE) as first,
        probing(lab, f"pc-{SITES[1]}-lan0", INSIDE) as second,
        probing(lab, f"pc-{SITES[2]}-lan0", INSIDE) as third,
    ):
        yield dict(zip(SITES, (first, second, third), strict=True))


@pytest.mark.parametrize("way", WAYS)
def test_sites_come_back_soon_after_a_hub_that_refused_them(lab: Lab, expired: str, way: str) -> None:
    come_back(lab, WAYS[way], expired, REFUSED_S)


def come_back(lab: Lab, refusing: Refusing, expired: str, for_s: float) -> None:
    """Have the hub refuse its sites for so long, and see them back."""
    lab.run(HUB, ["tee", EXPIRED], input=expired)
    with watched(lab) as probes:
        for site in SITES:
            sh(lab, site, "swanctl --flush-certs")  # a site remembers the hub's good certificate for as long as that is
        sh(lab, HUB, f"{refusing.begin}; {END_ALL}")
        began = time.monotonic()
        try:
            assert eventually(lambda: refusing.said in tunnel(lab, SITE)["detail"], REFUSED_S), tunnel(lab, SITE)
            time.sleep(max(0.0, began + for_s - time.monotonic()))
        finally:
            sh(lab, HUB, refusing.end)
        healed = time.time()
        assert eventually(lambda: all(whole(lab, site) for site in SITES), BACK_WITHIN_S + 5)
        time.sleep(0.5)
    waits = {site: round(back_s(probe, healed), 1) for site, probe in probes.items()}
    print(f"{refusing.said}, for {for_s:.0f} s: back {waits} s after the hub was whole")
    assert max(waits.values()) <= BACK_WITHIN_S, waits


def restart_hubs_charon(lab: Lab) -> None:
    sh(lab, HUB, "sv restart charon")


def cut_the_hubs_power(lab: Lab) -> None:
    lab.kill_box(HUB)
    lab.boot(HUB)


def stop_hubs_charon(lab: Lab) -> None:
    """The hub's charon stands still for so long that every site notices."""
    sh(lab, HUB, "pkill -STOP -x charon-systemd; sleep 12; pkill -CONT -x charon-systemd")


def terminate(lab: Lab) -> None:
    for site in SITES:
        sh(lab, site, "swanctl --terminate --ike hub")


def terminate_a_child(lab: Lab) -> None:
    for site in SITES:
        sh(lab, site, f"swanctl --terminate --child {max(CHILDREN[site])}")


def forget_the_connection(lab: Lab) -> None:
    """As after a crash of charon whose start script failed."""
    for site in SITES:
        empty = "/etc/linjevakt-agent/default-swanctl.conf"
        sh(lab, site, f"swanctl --load-all --clear --noprompt --file {empty}; swanctl --terminate --ike hub")


def terminate_at_the_hub(lab: Lab) -> None:
    sh(lab, HUB, END_ALL)


@pytest.mark.parametrize(
    "end",
    [
        restart_hubs_charon,
        cut_the_hubs_power,
        stop_hubs_charon,
        terminate,
        terminate_a_child,
        terminate_at_the_hub,
        forget_the_connection,
    ],
)
def test_sites_come_back_soon_after_their_sas_are_gone(lab: Lab, end: Callable[[Lab], None]) -> None:
    with watched(lab) as probes:
        time.sleep(1.0)
        end(lab)
        healed = time.time()
        time.sleep(1.0)
        assert eventually(lambda: all(whole(lab, site) for site in SITES), BACK_WITHIN_S + 5)
        time.sleep(0.5)
    waits = {site: round(back_s(probe, healed), 1) for site, probe in probes.items()}
    gaps = {site: round(probe.outage_s, 1) for site, probe in probes.items()}
    print(f"{end.__name__}: back {waits} s after it, longest gap {gaps} s")
    assert max(waits.values()) <= BACK_WITHIN_S, waits


@pytest.mark.attack
def test_sites_come_back_soon_after_five_minutes_of_refusal(lab: Lab, expired: str) -> None:
    come_back(lab, WAYS["no credentials"], expired, 300.0)


@pytest.mark.attack
@pytest.mark.parametrize("router", [SITE, HUB])
def test_a_charon_that_hangs_is_started_anew(lab: Lab, router: str) -> None:
    with probing(lab, f"pc-{SITE}-lan0", INSIDE) as probe:
        time.sleep(1.0)
        sh(lab, router, "pkill -STOP -x charon-systemd")
        stopped = time.time()
        assert eventually(lambda: not tunnel(lab, SITE)["up"], 20)
        assert eventually(lambda: whole(lab, SITE), 60)
        time.sleep(0.5)
    print(f"a charon that hangs on {router}: back {back_s(probe, stopped):.1f} s after it stopped")


def test_who_logs_in_can_neither_list_nor_end_tunnels_but_prove_them(lab: Lab) -> None:
    as_user = ["su", "-s", "/bin/sh", "linjevakt", "-c"]
    for command in ("swanctl --list-sas", "swanctl --terminate --ike hub"):
        refused = lab.run(SITE, [*as_user, command], check=False)
        assert refused.returncode != 0
        assert "Permission denied" in refused.stderr
    found = tunnel(lab, SITE)
    assert (found["up"], found["line"]) == (True, "wan0")


def test_a_proof_without_the_agent_says_so_and_is_no_proof(lab: Lab) -> None:
    sh(lab, SITE, "sv down agent; sleep 0.5")
    try:
        found = tunnel(lab, SITE)
    finally:
        sh(lab, SITE, "sv up agent")
    assert found["up"] is False
    assert "is the service `agent`" in found["detail"]
