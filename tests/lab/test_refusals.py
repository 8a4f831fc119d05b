"""Wrong input, met by a real router: a clear error, and nothing changed on it."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linjevakt import resources
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER = "rtr-fjellheim"
STEPPER = Path(__file__).parent / "stepper.py"


def running(lab: Lab) -> dict[str, Any]:
    """What the router runs."""
    status = json.loads(lab.run(ROUTER, ["linjevakt-agent", "config", "status", "--json"]).stdout)
    generation: dict[str, Any] = status["running"]
    return generation


@pytest.fixture
def untouched(lab: Lab) -> Iterator[None]:
    """The router must run the same generation afterwards."""
    before = running(lab)
    yield
    assert running(lab) == before


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("section", "line", "words"),
    [
        ("nftables.conf", "table inet broken {", "nftables.conf"),
        ("swanctl.conf", "connections { hub { version = ", "swanctl.conf"),
        ("dnsmasq.conf", "no-such-option=1", "dnsmasq.conf"),
        ("nginx.conf", "no_such_directive on;", "nginx.conf"),
        ("network.toml", "nonsense = 1", "network.toml"),
        ("agent.toml", "[nonsense]", "agent.toml"),
        ("hostname", "not a host name", "hostname"),
    ],
)
def test_a_template_that_renders_nonsense_is_refused_by_the_routers_own_tools(
    controller: Controller, tmp_path: Path, section: str, line: str, words: str
) -> None:
    templates = Path(shutil.copytree(resources.templates(), tmp_path / "templates"))
    template = templates / "linux" / f"{section}.j2"
    template.write_text(template.read_text().rstrip("\n") + f"\n{line}\n")
    pushed = controller.using(templates).run("push", ROUTER, "--json", check=False)
    assert pushed.returncode == 1
    result = json.loads(pushed.stdout)[0]
    assert result["state"] == "failed"
    assert words in result["reason"]


@pytest.mark.usefixtures("untouched")
def test_a_broken_template_is_named_with_its_line(controller: Controller, tmp_path: Path) -> None:
    templates = Path(shutil.copytree(resources.templates(), tmp_path / "templates"))
    template = templates / "linux" / "dnsmasq.conf.j2"
    template.write_text("# fine\n{{ no_such_value }}\n")
    pushed = controller.using(templates).run("push", ROUTER, check=False)
    assert pushed.returncode != 0
    assert "dnsmasq.conf.j2" in pushed.stdout + pushed.stderr
    assert "Traceback" not in pushed.stdout + pushed.stderr


def test_an_unreachable_router_is_a_sentence_and_not_a_traceback(controller: Controller, lab: Lab) -> None:
    for line in ("wan0", "wan1"):
        lab.break_line(ROUTER, line, "blackhole")
    try:
        pushed = controller.run("push", ROUTER, "--json", check=False)
    finally:
        for line in ("wan0", "wan1"):
            lab.mend(ROUTER, line)
    result = json.loads(pushed.stdout)[0]
    assert result["state"] == "failed"
    assert ROUTER in result["reason"]
    assert "Traceback" not in pushed.stderr


@pytest.mark.usefixtures("untouched")
def test_another_host_key_than_the_pinned_one_is_refused(controller: Controller) -> None:
    with _device_row(
        controller, "host_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3bTS8VdXPTZJqyoKwPDjrz0gYtkoLBmkcUlGpLzQZr"
    ):
        pushed = controller.run("push", ROUTER, "--json", check=False)
    result = json.loads(pushed.stdout)[0]
    assert result["state"] == "failed"
    assert "host key" in result["reason"]


def test_a_wrong_snmp_key_is_a_clear_health_error(controller: Controller) -> None:
    with _device_row(controller, "engine_id", "80007ed9050000000000000001"):
        health = controller.run("health", ROUTER, "--json", check=False)
    answer = json.loads(health.stdout)
    assert answer["reachable"] is False
    assert answer["detail"]


@pytest.mark.usefixtures("untouched")
def test_a_full_disk_on_the_router_changes_nothing(controller: Controller, lab: Lab, tmp_path: Path) -> None:
    templates = Path(shutil.copytree(resources.templates(), tmp_path / "templates"))
    (templates / "linux" / "chrony.conf.j2").open("a").write("# changed\n")
    base = "/var/lib/linjevakt"
    size = int(lab.run(ROUTER, ["du", "-sk", base]).stdout.split()[0])
    mount = f"mkdir -p /run/full; mount -t tmpfs -o size={size + 16}k,mode=0755 full /run/full"
    copy = f"{mount} && cp -a {base}/. /run/full/"
    fill = "(cat /dev/zero > /run/full/fill || true) 2>/dev/null"
    lab.run(ROUTER, ["sh", "-ec", f"{copy} && {fill} && mount --bind /run/full {base}"])
    try:
        pushed = controller.using(templates).run("push", ROUTER, "--json", check=False)
    finally:
        lab.run(ROUTER, ["sh", "-ec", f"umount {base}; umount /run/full"])
    result = json.loads(pushed.stdout)[0]
    assert result["state"] == "failed"
    assert "space" in result["reason"] or "full" in result["reason"]


@pytest.mark.usefixtures("untouched")
def test_of_two_pushes_at_once_one_runs_and_the_other_is_told_so(controller: Controller) -> None:
    lab = controller.lab
    first = lab.popen(
        "noc",
        [sys.executable, str(STEPPER), ROUTER, "prove", "30"],
        env=controller.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdin is not None
    assert first.stdout is not None
    assert first.stdout.readline().strip() == "at prove"
    second = json.loads(controller.run("push", ROUTER, "--json", check=False).stdout)[0]
    first.stdin.write("go\n")
    output, _ = first.communicate(timeout=90)
    assert json.loads(output)["state"] in {"unchanged", "confirmed"}
    assert second["state"] == "failed"
    assert "runs already" in second["reason"]


class _device_row:  # noqa: N801  reads as a verb in a with statement
    """One value of the pinned device, changed in the database while the block runs."""

    def __init__(self, controller: Controller, column: str, value: str) -> None:
        self.path = next(controller.home.glob("*.db"))
        self.column, self.value = column, value

    def _write(self, value: str) -> str:
        with sqlite3.connect(self.path) as database:
            (old,) = database.execute(f"SELECT {self.column} FROM devices WHERE router = ?", (ROUTER,)).fetchone()
            database.execute(f"UPDATE devices SET {self.column} = ? WHERE router = ?", (value, ROUTER))
        return str(old)

    def __enter__(self) -> None:
        self.old = self._write(self.value)

    def __exit__(self, *_: object) -> None:
        self._write(self.old)
