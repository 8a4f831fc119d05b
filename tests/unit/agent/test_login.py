"""What a login over SSH may run: judged as sshd's forced command hears it, by the agent's real command."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from linjevakt_agent.base import tools
from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.commands import kernelfiles, login

REFUSED = [
    "",
    "sh",
    "/bin/sh -i",
    "id",
    "cat /etc/passwd",
    "scp -t /tmp",
    "/usr/lib/openssh/sftp-server",
    "internal-sftp",
    "linjevakt-agent",
    "linjevakt-agent nonesuch",
    "linjevakt-agent config",
    "linjevakt-agent config load",
    "linjevakt-agent prove --nonesuch",
    "linjevakt-agent readings nonesuch",
    "linjevakt-agent guard",
    "linjevakt-agent run",
    "linjevakt-agent login",
    "linjevakt-agent --root /tmp config status",
    "linjevakt-agent --roo=/tmp config status",
    "linjevakt-agent config load --merge /etc/passwd",
    "linjevakt-agent config load --replace ./x",
    "/usr/local/bin/linjevakt-agent config status",
    "PYTHONPATH=/tmp linjevakt-agent config status",
    "ip -json addr; id",
    "ip -json addr | sh",
    "ip -json addr\nid",
    "ip -json 'addr\nid'",
    "ip -json addr show dev lo",
    "ip -batch /etc/passwd",
    "ip netns exec x sh",
    "ip link set wan0 down",
    "ping -f 10.0.0.1",
    "ping -n -c 5 -W 2 -s 56 -t 64 -f",
    "ping -n -c 5 -W 2 -s 56 -t 64 $(id)",
    "ping -n -c 5 -W 2 -s 56 -t 64 `id`",
    "ping -n -c 99999 -W 2 -s 56 -t 64 10.0.0.1",
    "traceroute -n -m 30 -w 2 -i wan0 10.0.0.1",
    "traceroute -n -m 30 -w 2 '10.0.0.1 -i wan0'",
    "'unbalanced",
]


def asked(command: str, root: Path) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "SSH_ORIGINAL_COMMAND": command}
    argv = tools.python("linjevakt_agent", "--root", str(root), "login")
    return subprocess.run(argv, capture_output=True, text=True, env=environment, check=False, timeout=60)


@pytest.mark.parametrize("command", REFUSED)
def test_what_is_no_command_of_the_login_is_refused_in_one_sentence(command: str, tmp_path: Path) -> None:
    done = asked(command, tmp_path)
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["kind"], done.stdout) == (2, "invalid", "")
    assert "Traceback" not in done.stderr
    assert "\n" not in error["message"]
    assert error["message"].endswith(login.ALLOWED)


FORMS = {
    "ip -json -details -statistics link",
    "ip -json addr",
    "ip -json -4 -statistics neigh",
    "ping -n -c N -W N -s N -t N [-I FROM] HOST",
    "traceroute -n -m N -w N [-s FROM] HOST",
}


def test_what_is_told_to_be_allowed_is_every_form_that_is() -> None:
    own, *forms = login.ALLOWED.removeprefix("allowed: ").split("; ")
    assert set(forms) == FORMS
    for form in forms:
        written = form.replace("N", "1").replace("FROM", "10.0.0.1").replace("HOST", "10.0.0.2")
        login.permitted(written.replace("[", "").replace("]", ""))
        login.permitted(re.sub(r"\[.*?\] ", "", written))
    for word in own.removeprefix("linjevakt-agent ").split(" ")[0].split("|"):
        assert login.permitted(f"linjevakt-agent {word}") == ["linjevakt-agent", word]


@pytest.mark.parametrize(
    "command",
    [
        "ip -json -details -statistics link",
        "ip -json addr",
        "ip -json -4 -statistics neigh",
        "ping -n -c 5 -W 2 -s 100 -t 255 10.255.0.40",
        "ping -n -c 5 -W 2 -s 100 -t 255 -I lan0 www.example.com",
        "traceroute -n -m 255 -w 2 10.255.0.40",
        "traceroute -n -m 255 -w 2 -s 10.64.1.1 10.255.0.40",
    ],
)
def test_the_reads_of_the_driver_are_run_without_a_shell(command: str) -> None:
    assert login.permitted(command) == command.split()


def test_a_command_that_cannot_be_shown_is_named_without_escape_codes() -> None:
    with pytest.raises(InvalidError, match=r"`\?\[31mid` is not for a login"):
        login.permitted("\x1b[31mid")


def test_a_read_is_run_in_our_place(tmp_path: Path) -> None:
    done = asked("ip -json addr", tmp_path)
    assert done.returncode == 0, done.stderr
    assert any(row["ifname"] == "lo" for row in json.loads(done.stdout))


def test_the_agents_own_command_answers_as_at_the_console(tmp_path: Path) -> None:
    (tmp_path / "sys/class/net/wan0").mkdir(parents=True)
    (tmp_path / "sys/class/net/wan0/speed").write_text("1000\n")
    done = asked("linjevakt-agent readings speeds --json", tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (0, kernelfiles.read(tmp_path, "speeds"))
    assert json.loads(done.stdout)["speeds"] == f"{tmp_path}/sys/class/net/wan0/speed:1000\n"


def test_the_environment_is_the_kernels_own_text(tmp_path: Path) -> None:
    sensor = tmp_path / "sys/class/hwmon/hwmon0"
    for folder in (tmp_path / "proc", sensor):
        folder.mkdir(parents=True)
    (tmp_path / "proc/stat").write_text("cpu0 1 2 3\n")
    (tmp_path / "proc/meminfo").write_text("MemTotal: 1 kB\n")
    (sensor / "temp1_input").write_text("41000\n")
    (sensor / "fan1_input").write_text("900\n")
    read = kernelfiles.read(tmp_path, "environment")
    assert read["processors"] == "cpu0 1 2 3\ncpu0 1 2 3\n"
    assert read["memory"] == "MemTotal: 1 kB\n"
    assert read["sensors"] == f"{sensor}/temp1_input:41000\n{sensor}/fan1_input:900\n"


@pytest.mark.parametrize("module", ["json", "msgspec", "linjevakt_agent", "argparse", "sitecustomize"])
def test_the_working_directory_and_the_environment_decide_nothing_that_is_run(tmp_path: Path, module: str) -> None:
    mark = tmp_path / "ran"
    (tmp_path / f"{module}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": f"{tmp_path}/{module}.py"}
    argv = tools.python("linjevakt_agent", "--root", str(tmp_path), "readings", "speeds")
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, mark.exists()) == (0, False), done.stderr


def test_every_python_of_a_box_is_started_isolated() -> None:
    """`python3` without -I puts the working directory, or what PYTHON* names, before our own modules."""
    rootfs = Path(__file__).parents[3] / "agent/system"
    files = [file for file in rootfs.rglob("*") if file.is_file()]
    started = [line for file in files for line in file.read_text().splitlines() if "python" in line.lower()]
    bare = [line for line in started if "python3" in line and "python3 -I" not in line and not line.startswith("# ")]
    assert started
    assert bare == []
    assert not [line for line in started if "PYTHONPATH" in line]
