"""A proof, the timetable that runs between proofs, and the facts."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests import timing

from linjevakt_agent.base import inquiry
from linjevakt_agent.base.errors import AbsentError, InvalidError, UnavailableError
from linjevakt_agent.commands import facts, prove
from linjevakt_agent.services import probes

ROW = """
[[probe]]
service = "{service}"
segment = "legekontor"
kind = "tcp"
source = "127.0.0.1"
target = "127.0.0.1:{port}"
every_s = 1
timeout_s = 0.5
"""


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def rows(*ports: int) -> str:
    return "".join(ROW.format(service=f"service-{number}", port=port) for number, port in enumerate(ports, start=1))


def test_a_proof_runs_the_probes_now_and_tells_all_that_the_contract_says(box: Any) -> None:
    with listening() as port:
        box.commit(2, box.agent(extra=rows(port, 1)), box.secrets())
        proof = prove.main(box.root, None)
    assert json.loads(json.dumps(proof)) == proof
    assert (proof["router"], proof["config_hash"], proof["pending"]) == ("rtr-fjellheim", f"{2:064x}", False)
    assert (proof["tunnel"]["up"], proof["tunnel"]["age_s"], proof["tunnel"]["line"]) == (False, None, None)
    assert "is the service `agent` (linjevakt-agent run) up?" in proof["tunnel"]["detail"]
    assert proof["lines"][0] == {
        "name": "wan0",
        "kind": "own_isp",
        "up": True,
        "in_use": True,
        "address": "198.51.100.2",
        "method": "static",
        "rtt_ms": 1.25,
        "path_mtu": 1400,
        "mtu": 1500,
        "detail": "",
        "carrier_changes": None,
    }
    good, bad = proof["probes"]
    assert set(good) == {"service", "segment", "kind", "ok", "ms", "detail"}
    assert (good["service"], good["ok"], bad["ok"], bad["detail"]) == ("service-1", True, False, "connection refused")


@pytest.mark.parametrize(
    ("full", "up", "detail"),
    [
        ({"passes": True, "detail": ""}, True, "established"),
        ({"passes": None, "detail": ""}, True, "established"),
        ({"passes": False, "detail": "a packet of full size does not pass"}, False, "a packet of full size"),
        ({"error": 1}, False, "it is not known whether packets of full size pass"),
    ],
)
def test_a_tunnel_is_up_in_a_proof_only_when_full_packets_pass(
    box: Any, full: dict[str, Any], *, up: bool, detail: str
) -> None:
    async def tunnel(*_: Any) -> dict[str, Any]:
        return {"up": True, "age_s": 1.0, "line": "wan0", "detail": "established"}

    async def answer(*_: Any) -> dict[str, Any]:
        if "error" in full:
            raise UnavailableError("wan0: No such device")
        return full

    async def asked() -> dict[str, Any]:
        serving = asyncio.create_task(inquiry.serve(box.root, {"tunnel": tunnel, "full": answer}))
        try:
            while not (box.paths.run / "run.sock").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            return await asyncio.to_thread(prove.main, box.root, None)
        finally:
            serving.cancel()

    box.commit(2, box.agent(), box.secrets())
    found = asyncio.run(asked())["tunnel"]
    assert found["up"] is up
    assert detail in found["detail"]


def test_a_proof_of_one_service_runs_its_probes_only(box: Any) -> None:
    box.commit(2, box.agent(extra=rows(1, 2)), box.secrets())
    assert [row["service"] for row in prove.main(box.root, "service-2")["probes"]] == ["service-2"]


def test_a_misspelt_service_is_answered_with_the_right_name(box: Any) -> None:
    with pytest.raises(InvalidError, match="did you mean 'internet'"):
        prove.main(box.root, "internett")


def test_without_a_configuration_there_is_nothing_to_prove(tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match="no running configuration"):
        prove.main(tmp_path, None)


_SO_TIMESTAMPNS = 35  # of Linux; the module socket has no name for it


def _came(channel: socket.socket) -> float:
    """When the kernel took the first datagram in, in seconds."""
    _, (control, *_), _, _ = channel.recvmsg(2048, 64)
    seconds, nanoseconds = struct.unpack("qq", control[2])
    return float(seconds + nanoseconds / 1e9)


def test_probes_are_proved_side_by_side(box: Any) -> None:
    silent = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(6)]
    for channel in silent:
        channel.bind(("127.0.0.1", 0))
    targets = "".join(
        ROW.format(service="time", port=channel.getsockname()[1]).replace('"tcp"', '"ntp"') for channel in silent
    )
    box.commit(2, box.agent(extra=targets), box.secrets())
    for channel in silent:
        channel.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    assert [row["ok"] for row in prove.main(box.root, None)["probes"]] == [False] * 6
    asked = [_came(channel) for channel in silent]
    assert max(asked) - min(asked) < 0.5, "all were asked before the first was given up"
    for channel in silent:
        channel.close()


def until(path: Path, happened: Callable[[list[Any]], Any]) -> list[Any]:
    """The results once they are as wanted."""
    deadline = time.monotonic() + timing.HANGS_S
    found: list[Any] = []
    while not happened(found):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
        if path.exists():
            found = json.loads(path.read_text())["probes"]
    return found


def test_the_timetable_writes_results_again_and_again_and_follows_the_configuration(box: Any) -> None:
    file = box.paths.run / "probes.json"
    file.unlink()

    async def play(port: int) -> None:
        task = asyncio.create_task(probes.schedule(box.root))
        first = await asyncio.to_thread(until, file, lambda found: len(found) == 2)
        assert [(row["service"], row["ok"]) for row in first] == [("service-1", True), ("service-2", False)]
        await asyncio.to_thread(until, file, lambda found: found[:1] and found[0]["at"] > first[0]["at"])
        box.commit(3, box.agent(extra=rows(port)), box.secrets())
        await asyncio.to_thread(until, file, lambda found: len(found) == 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with listening() as port:
        box.commit(2, box.agent(extra=rows(port, 1)), box.secrets())
        asyncio.run(play(port))


def test_facts_are_of_this_machine_and_its_identity(tmp_path: Path) -> None:
    identity = tmp_path / "var/lib/linjevakt/identity"
    identity.mkdir(parents=True)
    (identity / "serial").write_text("LV0123456789\n")
    found = facts.collect(tmp_path)
    assert (found["hostname"], found["serial"]) == (socket.gethostname(), "LV0123456789")
    assert "lo" in found["interfaces"]
    assert found["uptime_s"] > 0
    assert json.loads(json.dumps(found)) == found


def test_a_model_that_the_manufacturer_forgot_is_passed_over(tmp_path: Path) -> None:
    for name, text in zip(facts.MODEL_SOURCES, ("To Be Filled By O.E.M.\n", "Example Router 4\0"), strict=True):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    assert facts.model(tmp_path) == "Example Router 4"


def test_the_operating_system_is_named_as_it_names_itself() -> None:
    assert facts.os_version('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n').startswith(
        "Debian GNU/Linux 12 (bookworm) ("
    )
