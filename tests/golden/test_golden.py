"""What is rendered is what somebody has read and found right, and what the real tools take."""

import subprocess
import tomllib
from pathlib import Path

import msgspec
import pytest
from tests.golden.cases import CASES, Case

from linjevakt import platforms, resources
from linjevakt_agent.base import schema
from linjevakt_agent.config import text

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
linux_cases = pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith("linux/")], ids=lambda case: case.name
)


def _alone(*argv: str, stdin: str) -> None:
    """Runs a tool in a network namespace of its own, as its root; its words are the test's failure."""
    done = subprocess.run(
        ["unshare", "--net", "--map-root-user", *argv], input=stdin, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


@every_case
def test_a_router_is_rendered_as_its_golden_files_say(case: Case, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        case.write()
    assert case.rendered() == case.expected


def test_every_platform_has_a_golden_case_for_a_site_a_hub_or_both() -> None:
    assert {case.folder.parents[1].name for case in CASES} == set(platforms.every())


def test_every_template_of_a_platform_is_used_by_some_golden_case() -> None:
    for name, platform in platforms.every().items():
        written = {file for case in CASES if case.name.startswith(f"{name}/") for file in case.expected}
        assert written == set(platform.sections) if platform.sections else written


@linux_cases
def test_the_text_is_in_the_canonical_form_of_the_agent(case: Case) -> None:
    rendered = case.text()
    assert text.canonical(text.parse(rendered)) == rendered


@linux_cases
def test_the_agent_understands_its_own_files(case: Case) -> None:
    network = msgspec.toml.decode(case.expected["network.toml"], type=schema.Network)
    agent = msgspec.toml.decode(case.expected["agent.toml"], type=schema.Agent)
    secrets = tomllib.loads(case.expected["secrets.toml"])
    assert agent.snmp.listen == network.management.address
    assert set(secrets) == {f"snmp.{user.name}.{key}" for user in agent.snmp.user for key in ("auth", "privacy")}
    assert {probe.source for probe in agent.probe} <= {a.split("/")[0] for port in network.port for a in port.addresses}


@linux_cases
def test_nft_takes_the_firewall(case: Case) -> None:
    _alone("nft", "--check", "--file", "-", stdin=case.expected["nftables.conf"])


@linux_cases
def test_tc_takes_the_shaping_twice_over(case: Case) -> None:
    batch = case.expected.get("shaping.tc", "")
    make = "ip tuntap add ipsec0 mode tun && ip link add ifb0 type ifb && cat > $0 && tc -batch $0 && tc -batch $0"
    _alone("unshare", "--mount", "sh", "-c", f"mount -t tmpfs none /mnt && {make}", "/mnt/batch", stdin=batch)


def test_templates_are_found_in_the_checkout() -> None:
    assert (resources.templates() / "linux" / "platform.toml").is_file()
    assert Path(resources.templates()).is_absolute()
