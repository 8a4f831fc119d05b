"""The addressing in force, as guard and agent read it from the tmpfs."""

from pathlib import Path

import msgspec
import pytest

from linjevakt_agent.base.schema import Addressing, Network
from linjevakt_agent.network import inforce

NETWORK = """
[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "static"
address = "198.51.100.2/30"
gateway = "198.51.100.1"
priority = 1
[[line.alternative]]
method = "dhcp"
[[line.alternative]]
method = "static"
address = "198.51.100.6/30"
gateway = "198.51.100.5"
[[line]]
name = "wan1"
kind = "mobile"
method = "dhcp"
priority = 2
[watch]
target = "203.0.113.2"
"""
DHCP = Addressing(method="dhcp")
OTHER = Addressing(method="static", address="198.51.100.6/30", gateway="198.51.100.5")


def config(text: str = NETWORK) -> Network:
    return msgspec.toml.decode(text, type=Network)


def now(text: str, run: Path) -> list[str]:
    return [str(line.addressing) for line in inforce.present(config(text), run).line]


def test_lines_are_as_configured_until_something_else_is_chosen(tmp_path: Path) -> None:
    assert inforce.present(config(), tmp_path) == config()
    inforce.choose(config(), "wan0", OTHER, tmp_path)
    assert now(NETWORK, tmp_path) == ["static 198.51.100.6/30", "dhcp"]
    inforce.choose(config(), "wan0", DHCP, tmp_path)
    assert now(NETWORK, tmp_path) == ["dhcp", "dhcp"]


def test_what_is_written_is_what_the_contract_says(tmp_path: Path) -> None:
    inforce.choose(config(), "wan0", OTHER, tmp_path)
    assert msgspec.json.decode((tmp_path / "addressing.json").read_bytes()) == {
        "wan0": {"method": "static", "address": "198.51.100.6/30", "gateway": "198.51.100.5"},
        "wan1": {"method": "dhcp"},
    }


def test_a_choice_survives_a_configuration_that_still_offers_it_and_no_other(tmp_path: Path) -> None:
    inforce.choose(config(), "wan0", OTHER, tmp_path)
    assert now(NETWORK.replace("198.51.100.2/30", "198.51.100.3/29"), tmp_path)[0] == "static 198.51.100.6/30"
    assert now(NETWORK.replace("198.51.100.6/30", "198.51.100.7/29"), tmp_path)[0] == "static 198.51.100.2/30"
    assert now(NETWORK.replace('"wan0"', '"wan2"'), tmp_path)[0] == "static 198.51.100.2/30"


@pytest.mark.parametrize("damage", ["", "{", '{"wan0": {"method": "pppoe"}}', "[]"])
def test_a_file_that_cannot_be_read_leaves_lines_as_configured(tmp_path: Path, damage: str) -> None:
    (tmp_path / "addressing.json").write_text(damage)
    assert inforce.present(config(), tmp_path) == config()
