"""What every test may ask for: a small fleet that uses every field of the inventory."""

import gc
import signal
from collections.abc import Iterator
from functools import cache
from typing import Any

import hypothesis
import pytest
from typer.main import get_command

from linjevakt.model.inventory import Inventory

_ACCEPTED = {"accepted": "2026-01-05", "by": "Kari Nordmann", "capacity": "general_manager"}
_MEMBER = {"terms": _ACCEPTED, "data_processing": _ACCEPTED, "customer": _ACCEPTED}

_REGISTERED = {"her_id": 80123, "record_system": "Journal 1", "enterprise_certificate": "2028-05-31"}


def _organisation(number: str, name: str) -> dict[str, Any]:
    contacts = [{"name": f"Daglig leder, {name}", "phone": "+47 99 00 00 01", "email": "leder@example.no"}]
    return {
        "number": number,
        "name": name,
        "category": "other",
        "membership": _MEMBER,
        "contacts": contacts,
    } | _REGISTERED


def _site(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": f"{key.title()} legekontor",
        "street": "Storgata 1",
        "postcode": "0155",
        "city": "Oslo",
        "municipality": "Oslo",
        "floor": "2",
        "room": "214",
    }


_HUB = {
    "router": {"name": "hub-oslo", "management": "10.250.0.1"},
    "line": {
        "name": "wan0",
        "kind": "own_isp",
        "provider": "Eksempelnett",
        "addressing": {"method": "static", "address": "203.0.113.2/30", "gateway": "203.0.113.1"},
        "business": True,
    },
    "inside_port": "lan0",
    "inside_address": "10.255.0.1/24",
}

_FJELLHEIM = {
    "owner": "310000019",
    "site": _site("fjellheim"),
    "router": {"name": "rtr-fjellheim", "management": "10.250.0.11", "serial": "LV-0011"},
    "lines": [
        {
            "name": "wan0",
            "kind": "own_isp",
            "provider": "Eksempelnett",
            "addressing": {"method": "static", "address": "198.51.100.2/30", "gateway": "198.51.100.1"},
            "down_mbit": 500,
            "up_mbit": 250,
            "business": True,
            "fault_phone": "22 00 00 00",
        },
        {"name": "wan1", "kind": "mobile", "provider": "Eksempelmobil", "priority": 2, "down_mbit": 50, "up_mbit": 10},
    ],
    "segments": [
        {
            "name": "legekontor",
            "organisation": "310000019",
            "port": "lan0",
            "prefix": "10.64.1.0/24",
            "share": 60,
            "services": ["internet", "dns"],
            "blocks": [
                {"to": "192.0.2.0/24", "protocol": "tcp", "ports": [25, 587], "reason": "no mail from here"},
                {"to": "198.51.100.0/24", "reason": "ordered by the owner"},
            ],
        },
        {
            "name": "tannlege",
            "organisation": "310000027",
            "port": "lan0",
            "vlan": 20,
            "prefix": "10.64.2.0/24",
            "share": 40,
        },
    ],
    "sharing": [{"organisation": "310000027", "confirmed": "2026-02-01", "document": "arkiv 2026/17"}],
}

_SOLBAKKEN = {
    "owner": "310000027",
    "hub": "hub-oslo",
    "site": _site("solbakken"),
    "router": {"name": "rtr-solbakken", "management": "10.250.0.12"},
    "lines": [
        {"name": "wan0", "kind": "nhn_delivered", "provider": "NHN"},
        {"name": "wan1", "kind": "mobile", "provider": "Eksempelmobil", "priority": 2},
    ],
    "segments": [{"name": "apotek", "organisation": "310000027", "port": "lan0", "prefix": "10.64.3.0/24"}],
}


@pytest.fixture(autouse=True, scope="session")
def _heard() -> Iterator[None]:
    """In the background of a script Ctrl-C is ignored, by every child too; in a test it is not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


hypothesis.settings.register_profile("busy", deadline=None)  # a deadline of 200 ms is broken by whoever else computes
hypothesis.settings.load_profile("busy")


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _built_once() -> Iterator[None]:
    """Typer builds its tree of commands anew for each command that a test runs, in a time many commands would take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture(scope="session")
def inventory() -> Inventory:
    """Nobody can change it."""
    return fleet_of_all_fields()


def fleet_of_all_fields() -> Inventory:
    """One hub; Fjellheim, shared by two organisations over two lines; Solbakken, plain."""
    return Inventory.model_validate(
        {
            "installation": {
                "test": True,
                "inside": ["10.0.0.0/8"],
                "management": "10.250.0.0/16",
                "controllers": ["10.255.0.10/32"],
                "hubs": [_HUB],
                "services": [
                    {"key": "dns", "address": "10.255.0.20", "names": ["dns.nhn.no", "ntp.nhn.no"]},
                    {"key": "ntp", "address": "10.255.0.20", "port": 123},
                    {"key": "proxy", "address": "10.255.0.30", "port": 3128},
                    {"key": "proxy-fallback", "address": "10.255.0.31", "port": 3128},
                ],
            },
            "organisations": [
                _organisation("310000019", "Fjellheim legekontor"),
                _organisation("310000027", "Solbakken apotek"),
            ],
            "sites": [_FJELLHEIM, _SOLBAKKEN],
        }
    )
