"""A box's services have the rights that they need and no others, with systemd as with runit."""

import re
import subprocess
from pathlib import Path

import pytest

SYSTEM = Path(__file__).parents[3] / "agent" / "system"
UNITS = sorted((SYSTEM / "systemd").glob("*.service"))
RUN = SYSTEM / "rootfs" / "etc" / "service"
WIDEST = 3.0
"""Of 10 (systemd.exec(5), `systemd-analyze security`)."""

EXCEPTIONS = {
    "linjevakt-guard": (4.8, "tries a configuration in namespaces of its own"),
    "linjevakt-prepare": (4.4, "Runs once, before there is a network"),
}
"""Who may be open wider, how wide, and what its unit says for it."""

# What is on in a unit unless its comments name it.
PROTECTIONS = (
    "MemoryDenyWriteExecute",
    "NoNewPrivileges",
    "PrivateDevices",
    "PrivateTmp",
    "ProtectClock",
    "ProtectControlGroups",
    "ProtectHome",
    "ProtectHostname",
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "ProtectProc",
    "ProtectSystem",
    "RestrictNamespaces",
    "RestrictRealtime",
    "RestrictSUIDSGID",
)


def name(unit: Path) -> str:
    """What pytest calls a case."""
    return unit.stem


def lines(unit: Path, setting: str) -> list[str]:
    """The values that a unit gives a setting."""
    return re.findall(rf"^{setting}=(.*)$", unit.read_text(), re.MULTILINE)


def comments(unit: Path) -> str:
    """What a unit says about itself, on one line."""
    return " ".join(re.findall(r"^# (.*)$", unit.read_text(), re.MULTILINE))


@pytest.mark.process
@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_no_unit_is_open_wider_than_it_says_why(unit: Path) -> None:
    widest, why = EXCEPTIONS.get(unit.stem, (WIDEST, ""))
    assert why in comments(unit)
    threshold = f"--threshold={round(widest * 10)}"
    argv = ["systemd-analyze", "security", "--offline=yes", "--no-pager", threshold, str(unit)]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, f"{asked.stdout[-200:]}{asked.stderr}"


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_each_protection_is_on_or_its_absence_has_a_reason(unit: Path) -> None:
    off = [one for one in PROTECTIONS if not lines(unit, one) and one not in comments(unit)]
    assert off == []


@pytest.mark.parametrize("unit", [unit for unit in UNITS if "prepare" not in unit.stem], ids=name)
def test_both_ways_to_start_a_service_leave_it_the_same_capabilities(unit: Path) -> None:
    (kept,) = lines(unit, "CapabilityBoundingSet")
    run = (RUN / unit.stem.removeprefix("linjevakt-") / "run").read_text()
    confined = re.search(r"^(?:UMASK=(\d+) )?exec /usr/lib/linjevakt/confined (\S+) ", run, re.MULTILINE)
    assert confined, "not confined"
    assert [f"CAP_{one.upper()}" for one in confined[2].split(",")] == kept.split()
    assert lines(unit, "UMask") == [f"0{confined[1] or '077'}"]


def test_every_service_of_a_box_is_confined_and_logs_by_the_one_script() -> None:
    services = {folder.name for folder in RUN.iterdir()}
    assert services == {unit.stem.removeprefix("linjevakt-") for unit in UNITS} - {"prepare"}
    assert {str((RUN / service / "log" / "run").readlink()) for service in services} == {"/usr/lib/linjevakt/log"}


@pytest.mark.parametrize("unit", [unit for unit in UNITS if "prepare" not in unit.stem], ids=name)
def test_a_service_that_cannot_start_is_tried_for_ever(unit: Path) -> None:
    """By default systemd gives up after five tries in ten seconds, and a router without guard never comes back."""
    assert lines(unit, "StartLimitIntervalSec") == ["0"]
    assert lines(unit, "Restart") in (["always"], ["on-failure"])


def test_runsv_keeps_its_state_in_memory() -> None:
    """It starts nothing where it cannot write: a box with a read-only disk would have no service."""
    links = {folder / of for folder in RUN.iterdir() for of in ("supervise", "log/supervise")}
    assert {str(link.readlink().parent) for link in links} == {"/run/runit"}
    assert len({link.readlink() for link in links}) == len(links)


def test_what_prepares_a_box_writes_to_the_disk_only_where_a_refusal_is_passed_over() -> None:
    script = (SYSTEM / "rootfs/sbin/linjevakt-prepare").read_text()
    writing = re.compile(
        r"^\s*(mkdir|touch|chown|chmod|chgrp|ln|install|groupadd|useradd)\b(?! -p /run/)", re.MULTILINE
    )
    assert writing.findall(script) == []
