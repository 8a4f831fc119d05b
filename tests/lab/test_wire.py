"""What a client reaches, and what anyone on the internet line can see of it."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lab.measure import TUNNEL_ONLY, by_hand, packets

from linjevakt.inventory import load
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER = "rtr-fjellheim"
CLIENT = f"pc-{ROUTER}-lan0"
PAC = "http://config.nhn.no/flex.pac"
INSIDE = "http://fastlegelister.nhn.no/"
OUTSIDE = "http://www.example.com/"
PAYLOAD = "esp or (udp port 4500 and greater 60 and udp[8:4] != 0)"
"""ESP, also in UDP, where four octets of zero mark IKE (RFC 3948): with it the agent measures a line's path."""


def browse(lab: Lab, client: str, url: str) -> str:
    """The page as real headless Chromium shows it, configured by nothing but the PAC address."""
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    quiet = ["--disable-background-networking", "--disable-component-update"]
    with tempfile.TemporaryDirectory() as profile:
        of_its_own = [f"--user-data-dir={profile}", f"--proxy-pac-url={PAC}"]
        argv = ["chromium", *flags, *quiet, *of_its_own, "--timeout=20000", "--dump-dom", url]
        return lab.run(client, argv, timeout=90).stdout


def clients(controller: Controller) -> list[str]:
    """The first client PC behind each site's router."""
    sites = load(controller.lab.inventory_path).sites
    return [f"pc-{site.router.name}-{site.segments[0].port}" for site in sites]


def test_every_site_reaches_the_internet_by_proxy_and_helsenettet_directly_in_chromium(controller: Controller) -> None:
    for client in clients(controller):
        assert "outside" in browse(controller.lab, client, OUTSIDE), client
        assert "inside" in browse(controller.lab, client, INSIDE), client


def test_a_program_that_goes_straight_to_the_internet_gets_nothing(lab: Lab) -> None:
    straight = lab.run(CLIENT, ["curl", "-s", "-m", "3", "http://192.0.2.80/"], check=False)
    assert straight.returncode != 0
    assert straight.stdout == ""


def test_the_internet_line_shows_ike_esp_arp_and_dhcp_and_nothing_else(lab: Lab, tmp_path: Path) -> None:
    capture = tmp_path / "wan0.pcap"
    with lab.capture(ROUTER, "wan0", capture):
        assert "outside" in browse(lab, CLIENT, OUTSIDE)
        lab.run(CLIENT, ["curl", "-s", "-m", "3", "http://192.0.2.80/"], check=False)
    assert len(packets(capture, "udp port 4500")) > 20, "the page must have come through the tunnel on this line"
    assert packets(capture, f"not ({TUNNEL_ONLY})") == []


@pytest.fixture
def charon_dead(lab: Lab) -> Iterator[None]:
    """Charon killed and kept from coming back while the test runs."""
    with by_hand(lab, ROUTER):
        lab.run(ROUTER, ["sv", "down", "charon"])
        lab.run(ROUTER, ["pkill", "-KILL", "charon"], check=False)
        yield
        lab.run(ROUTER, ["sv", "up", "charon"])
        time.sleep(3)


@pytest.mark.usefixtures("charon_dead")
def test_nothing_leaks_with_strongswan_killed(lab: Lab, tmp_path: Path) -> None:
    captures = {line: tmp_path / f"{line}.pcap" for line in ("wan0", "wan1")}
    with lab.capture(ROUTER, "wan0", captures["wan0"]), lab.capture(ROUTER, "wan1", captures["wan1"]):
        for target in ("10.255.0.40", "10.255.0.30", "192.0.2.80", "203.0.113.2", "10.255.0.20"):
            lab.run(CLIENT, ["ping", "-c", "2", "-W", "1", target], check=False)
            lab.run(ROUTER, ["ping", "-c", "2", "-W", "1", target], check=False)
            lab.run(CLIENT, ["curl", "-s", "-m", "1", f"http://{target}/"], check=False)
        lab.run(CLIENT, ["nslookup", "-timeout=1", "www.example.com"], check=False)
    for line, capture in captures.items():
        assert packets(capture, f"not ({TUNNEL_ONLY})") == [], line
        assert packets(capture, PAYLOAD) == [], f"{line}: no tunnel, yet payload"
