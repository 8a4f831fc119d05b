"""A stolen controller key, or an engineer's merge: what a login and a candidate can make of a real router."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from linjevakt.main import Installation
from linjevakt.settings import Settings
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller

ROUTER = "rtr-fjellheim"
RUNNING = "/var/lib/linjevakt/running"
KEY = "/var/lib/linjevakt/identity/router.key"
MARK = "/tmp/pwned"  # noqa: S108 - on the router
CANARY = Path(__file__).with_name("canary.py")
THIEF = Path(__file__).with_name("thief.py")
REFUSED = [
    "id",
    "sh -c id",
    "cat /etc/passwd",
    "linjevakt-agent guard",
    "linjevakt-agent --root /tmp config status",
    "linjevakt-agent config load --merge /etc/passwd",
    "linjevakt-agent config status; id",
    "ip -json addr; id",
    "ip link set wan0 down",
    "scp -t /tmp",
]
ALLOWED = ["linjevakt-agent config status --json", "linjevakt-agent prove --json", "ip -json addr"]
LOGIN = ["setpriv", "--reuid=linjevakt", "--regid=linjevakt", "--clear-groups"]

APPENDED = [
    ("dnsmasq.conf", f"conf-script=/bin/sh -c 'id > {MARK}'"),
    ("dnsmasq.conf", f"conf-script=\"/bin/sh -c 'id > {MARK}'\""),
    ("dnsmasq.conf", f"#{'x' * 1023}conf-script=\"/bin/sh -c 'id > {MARK}'\""),
    ("dnsmasq.conf", f"conf-file={KEY}"),
    ("nginx.conf", f"error_log {MARK} debug;"),
    ("nginx.conf", f"include {KEY};"),
    ("nginx.conf", f"load_module {KEY};"),
    ("chrony.conf", f"include {KEY}"),
    ("nftables.conf", f'include "{KEY}"'),
    ("nftables.conf", f'# \\\ninclude "{KEY}"'),
    ("swanctl.conf", f"include {KEY}"),
    ("shaping.tc", f"filter add dev ipsec0 bpf object-file {KEY}"),
    ("authorized_keys", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3bTS8VdXPTZJqyoKwPDjrz0gYtkoLBmkcUlGpLzQZr"),
    ("hostname", "\r"),
    ("ca.crt", "-----BEGIN PRIVATE KEY-----"),
]


def test_no_candidate_runs_a_program_or_shows_a_key(lab: Lab) -> None:
    key = lab.run(ROUTER, ["cat", KEY]).stdout
    before = lab.run(ROUTER, ["linjevakt-agent", "config", "show"]).stdout
    for section, line in APPENDED:
        body = lab.run(ROUTER, ["sh", "-c", f"cat {RUNNING}/{section} 2>/dev/null || true"]).stdout
        text = f"#!linjevakt-config 1\n##### {section}\n{body}{line}\n"
        argv = [*LOGIN, "linjevakt-agent", "config", "load", "--merge", "--json", "-"]
        refused = lab.run(ROUTER, argv, input=text, check=False)
        error = json.loads(refused.stderr)["error"]
        assert (refused.returncode, error["kind"], error["section"]) == (2, "invalid", section), (line, error)
        assert not any(secret in refused.stderr for secret in key.splitlines()), line
    assert lab.run(ROUTER, ["ls", MARK], check=False).returncode != 0
    assert lab.run(ROUTER, ["linjevakt-agent", "config", "show"]).stdout == before


def test_a_trial_has_nothing_to_steal_and_nothing_to_change(lab: Lab) -> None:
    """Should a directive slip through one day: what a program on trial finds around it."""
    script = (
        "echo files; find / -xdev -path /proc -prune -o -path /usr -prune -o -type f -print;"
        "echo sockets; find / -type s;"
        "echo powers; grep -E 'CapBnd|NoNewPrivs' /proc/self/status; echo links; ip -brief link; echo tried;"
        f"for try in 'cat {KEY}' 'touch /usr/x' 'mount -t tmpfs x /tmp' 'nsenter -t 1 -m true' 'mknod /tmp/b b 8 0'"
        " 'sysctl -w kernel.panic=1' 'date -s 2030-01-01'; do $try >/dev/null 2>&1 && echo $try; done; true"
    )
    trial = "unshare --mount --net --pid --ipc --uts --fork --kill-child -- /usr/lib/linjevakt/cell"
    box = f'set -e; d=$(mktemp -d /run/linjevakt/check-XXXX); echo a > $d/hostname; {trial} $d sh -c "$1"; rm -r $d'
    said = lab.run(ROUTER, ["sh", "-c", box, "-", script]).stdout
    found = dict(re.findall(r"^(\w+)\n((?:(?!files|sockets|powers|links|tried).*\n)*)", said, re.MULTILINE))
    files = [file for file in found["files"].split() if not file.startswith(("/etc/", "/dev/"))]
    assert [Path(file).name for file in files] == ["hostname"]
    assert not [file for file in found["files"].split() if re.search("ssh|swanctl|shadow|identity", file)]
    assert found["sockets"].strip() == ""
    powers = 1 << 0 | 1 << 6 | 1 << 7 | 1 << 10 | 1 << 12  # capabilities(7): chown, setgid, setuid, bind, net_admin
    assert found["powers"].split() == ["CapBnd:", f"{powers:016x}", "NoNewPrivs:", "1"]
    assert {row.split()[0] for row in found["links"].splitlines()} == {"lo"}
    assert found.get("tried", "").strip() == ""


def test_what_we_take_for_a_comment_or_a_value_its_program_takes_for_one_too(lab: Lab) -> None:
    program = ["python3", "-I", "-c", CANARY.read_text(), "150"]
    for section, found in json.loads(lab.run(ROUTER, program, timeout=120).stdout).items():
        assert found["seen"], f"{section}: the program must read an include that is not hidden, else this shows nothing"
        assert found["accepted"] > 10, section
        assert found["past"] == [], section


@pytest.fixture(scope="module")
def opened(controller: Controller, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a login with the controller's own key opens, tried from its place (thief.py)."""
    target = Installation(Settings(home=controller.home)).fleet.doors.target(ROUTER)
    key = tmp_path_factory.mktemp("thief") / "key"
    key.touch(mode=0o600)
    key.write_text(target.private_key.reveal())
    environment = {
        **os.environ,
        "NAPALM_HOSTNAME": target.address,
        "NAPALM_USERNAME": target.user,
        "NAPALM_OPTIONAL_ARGS": json.dumps({"host_key": target.host_key, "key_file": str(key)}),
    }
    argv = [sys.executable, str(THIEF), *REFUSED, *ALLOWED]
    answers: dict[str, str] = json.loads(controller.lab.run("noc", argv, env=environment, timeout=120).stdout)
    return answers


@pytest.mark.parametrize("door", ["sftp", "forward", "terminal", "agent"])
def test_a_login_opens_no_files_port_terminal_or_agent(opened: dict[str, str], door: str) -> None:
    assert opened[door].startswith("refused")


def test_a_login_is_no_shell(opened: dict[str, str]) -> None:
    assert "this login is no shell" in opened["shell"]
    assert "uid=" not in opened["shell"]


@pytest.mark.parametrize("command", REFUSED)
def test_a_command_that_is_not_the_logins_is_refused(opened: dict[str, str], command: str) -> None:
    assert opened[command].endswith("[exit 2]"), opened[command]
    assert json.loads(opened[command].removesuffix("[exit 2]"))["error"]["kind"] == "invalid"


@pytest.mark.parametrize("command", ALLOWED)
def test_what_the_controller_needs_is_allowed(opened: dict[str, str], command: str) -> None:
    assert opened[command].endswith("[exit 0]"), opened[command]


def test_a_module_in_the_working_directory_is_not_run_by_root(lab: Lab) -> None:
    evil = (
        f'd=$(mktemp -d); cd $d; echo \'open("{MARK}", "w")\' > json.py; cp json.py msgspec.py; cp json.py argparse.py'
    )
    for command in ("linjevakt-agent config status", "linjevakt-agent config show", "linjevakt-agent identity"):
        lab.run(ROUTER, ["sh", "-c", f"{evil}; PYTHONPATH=$d {command}; rm -r $d"], check=False)
    assert lab.run(ROUTER, ["ls", MARK], check=False).returncode != 0
