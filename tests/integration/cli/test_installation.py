"""An installation from nothing: init, inventory, staging, serving, and what goes wrong on the way."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.boxes import claim
from tests.commandline import application
from typer.testing import CliRunner, Result

from linjevakt import inventory as files
from linjevakt.model.inventory import Inventory
from linjevakt.trust import SealKey

Run = Callable[..., Result]
ROUTER = "rtr-fjellheim"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path, empty_url: str) -> dict[str, str]:
    return {"LINJEVAKT_HOME": str(home), "LINJEVAKT_DATABASE_URL": empty_url}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def runs(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(application(), arguments, env=environment | more)

    return runs


@pytest.fixture
def installed(run: Run, inventory: Inventory, tmp_path: Path) -> Run:
    """Initialised, with an inventory."""
    assert run("init").exit_code == 0
    files.dump(inventory, tmp_path / "inventory")
    imported = run("inventory", "import", str(tmp_path / "inventory"))
    assert imported.exit_code == 0, imported.output
    return run


def test_init_makes_all_that_is_needed_for_its_owner_only_and_says_so(run: Run, home: Path) -> None:
    result = run("init")
    assert result.exit_code == 0
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "key").stat().st_mode & 0o777 == 0o600
    for word in (f"{home}: made", "database: brought", "Back up", "ssh-ed25519 AAAA"):
        assert word in result.stdout


def test_init_again_keeps_everything(run: Run, home: Path) -> None:
    first = json.loads(run("init", "--json").stdout)
    key = (home / "key").read_bytes()
    again = json.loads(run("init", "--json").stdout)
    assert (again["made"], again["ssh_key"], (home / "key").read_bytes()) == ([], first["ssh_key"], key)


def test_init_does_not_make_a_new_key_for_a_database_that_holds_secrets(run: Run, home: Path) -> None:
    run("init")
    (home / "key").unlink()
    result = run("init")
    assert result.exit_code == 1
    assert "Restore it from its backup" in result.stderr
    assert not (home / "key").exists()


def test_init_refuses_a_home_that_is_open_to_others(run: Run, home: Path) -> None:
    home.mkdir(mode=0o755)
    result = run("init")
    assert (result.exit_code, "chmod 700" in result.stderr) == (2, True)


def test_a_key_may_come_from_the_environment(run: Run, home: Path, tmp_path: Path) -> None:
    SealKey.generate().write(tmp_path / "elsewhere")
    assert run("init", LINJEVAKT_KEY=(tmp_path / "elsewhere").read_text()).exit_code == 0
    assert not (home / "key").exists()
    assert run("init", LINJEVAKT_KEY_FILE=str(tmp_path / "elsewhere")).exit_code == 0


def test_the_wrong_key_is_told_by_its_id(installed: Run, tmp_path: Path) -> None:
    SealKey.generate().write(tmp_path / "other")
    box = tmp_path / "box.json"
    box.write_text(json.dumps(claim()))
    result = installed("router", "stage", ROUTER, "--identity", str(box), LINJEVAKT_KEY_FILE=str(tmp_path / "other"))
    assert result.exit_code == 1
    assert re.search("was sealed with key [0-9a-f]{8}, but the key at hand is [0-9a-f]{8}", result.stderr)


def test_staging_writes_the_bootstrap_for_its_owner_only(installed: Run, tmp_path: Path) -> None:
    box, out = tmp_path / "box.json", tmp_path / "bootstrap"
    box.write_text(json.dumps(claim()))
    out.touch(mode=0o644)
    result = installed("router", "stage", ROUTER, "--identity", str(box), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text().startswith("#!linjevakt-config 1\n##### hostname\nrtr-fjellheim\n")
    assert "snmp.linjevakt.auth" not in result.stdout
    shown = json.loads(installed("router", "show", ROUTER, "--json").stdout)
    assert (shown["device"]["serial"], shown["device"]["stage"], shown["state"]) == ("LV-0011", "staged", "unknown")


@pytest.mark.parametrize(
    ("claimed", "complaint"),
    [
        (b"", "empty"),
        (b"\xff\xfe\xff", "not UTF-8"),
        (b"[]", "not a JSON object"),
        (b'{"csr": 1}', "wrong or missing: csr"),
    ],
)
def test_staging_refuses_what_is_no_identity(installed: Run, tmp_path: Path, claimed: bytes, complaint: str) -> None:
    box = tmp_path / "box.json"
    box.write_bytes(claimed)
    result = installed("router", "stage", ROUTER, "--identity", str(box))
    assert (result.exit_code, complaint in result.stderr) == (2, True)


def test_a_missing_identity_file_is_named(installed: Run, tmp_path: Path) -> None:
    result = installed("router", "stage", ROUTER, "--identity", str(tmp_path / "missing"))
    assert (result.exit_code, "missing does not exist. Check" in result.stderr) == (2, True)


@pytest.mark.usefixtures("installed")
def test_a_reader_that_has_enough_is_no_error(environment: dict[str, str], tmp_path: Path) -> None:
    files.dump(files.generate(400), tmp_path / "large")
    argv = [sys.executable, "-m", "linjevakt.main", "inventory", "import", str(tmp_path / "large"), "--dry-run"]
    with subprocess.Popen(
        [*argv, "--json"], env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_serving_with_the_wrong_key_is_refused(installed: Run, tmp_path: Path) -> None:
    SealKey.generate().write(tmp_path / "other")
    result = installed("serve", "--listen", "127.0.0.1:0", LINJEVAKT_KEY_FILE=str(tmp_path / "other"))
    assert (result.exit_code, "was sealed with key" in result.stderr) == (1, True)


def test_into_a_pipe_a_router_is_one_line(
    installed: Run, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)  # as a test runner's worker may have it
    listed = _linjevakt({name: value for name, value in environment.items() if name != "COLUMNS"}, "router", "list")
    assert len(listed.stdout.splitlines()) == 1 + len(json.loads(installed("router", "list", "--json").stdout))


def test_routers_are_listed_as_a_table_and_as_json(installed: Run) -> None:
    assert ROUTER in installed("router", "list", COLUMNS="200").stdout
    rows = json.loads(installed("router", "list", "--json").stdout)
    assert (rows[0]["router"]["name"], rows[0]["role"]) == ("hub-oslo", "hub")


def test_before_init_a_command_says_what_to_run(run: Run) -> None:
    result = run("router", "list")
    assert result.exit_code != 0
    assert "linjevakt init" in result.stderr


def _linjevakt(environment: dict[str, str], *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "linjevakt.main", *arguments]
    return subprocess.run(argv, env=os.environ | environment | more, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_mistyped_variable_is_answered_with_the_right_one(environment: dict[str, str]) -> None:
    result = _linjevakt(environment, "init", LINJEVAKT_DATABASE_ULR="x")
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.endswith("LINJEVAKT_DATABASE_ULR means nothing to Linjevakt. Did you mean 'LINJEVAKT_DATABASE_URL'?")


def _serve(environment: dict[str, str], *arguments: str, **options: Any) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", "linjevakt.main", "serve", "--poll", "1", *arguments]
    return subprocess.Popen(argv, env=os.environ | environment, stderr=subprocess.PIPE, text=True, **options)


def _answer(url: str) -> httpx.Response:
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url, timeout=10)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


@pytest.mark.usefixtures("installed")
def test_serve_takes_over_a_socket_and_ends_cleanly_on_sigterm(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        server = _serve(environment, "--fd", str(fd), pass_fds=(fd,))
    try:
        assert _answer(f"http://127.0.0.1:{port}/healthz").json() == {"status": "ok"}
        assert "rtr-fjellheim" in _answer(f"http://127.0.0.1:{port}/").text
    finally:
        server.send_signal(signal.SIGTERM)
        errors = server.communicate(timeout=30)[1]
    assert server.returncode == 0
    assert [json.loads(line)["event"] for line in errors.splitlines()] == ["serving", "stopped"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("listen", ["8080", "localhost:8080", "127.0.0.1:x", "192.0.2.1:8080", "127.0.0.1:99999"])
def test_an_address_that_cannot_be_listened_on_is_refused(run: Run, listen: str) -> None:
    result = run("serve", "--listen", listen)
    assert (result.exit_code, f"--listen {listen}" in result.stderr) == (2, True)
