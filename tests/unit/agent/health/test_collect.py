"""What the collectors make of recordings and of the box's files."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from vici.protocol import Message, Packet

from linjevakt_agent.base import host
from linjevakt_agent.base.errors import UnavailableError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import (
    CollectError,
    certificate,
    clock,
    config,
    drift,
    duplicates,
    interfaces,
    lines,
    probes,
    settings,
    storage,
    tunnel,
)
from linjevakt_agent.config.records import Generation, Pending
from linjevakt_agent.snmp.readings import Cached, Changes

RECORDINGS = Path(__file__).parent / "recordings"
LINES = {"198.51.100.2": "wan0"}


def list_sas(**changes: Any) -> list[Any]:
    """What charon said of an established tunnel, with changes to the IKE SA."""
    (event,) = json.loads((RECORDINGS / "list_sas_up.json").read_text())
    return [_octets(event["hub"] | changes)]


def _octets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _octets(item) for name, item in value.items()}
    return [_octets(item) for item in value] if isinstance(value, list) else value.encode()


def children(*states: str) -> dict[str, dict[str, str]]:
    return {f"inside-{number}": {"name": "inside", "state": state} for number, state in enumerate(states)}


def test_an_established_tunnel_is_up_with_its_age_and_line() -> None:
    state = tunnel.parse(list_sas(established="75"), ["inside"], "hub", LINES)
    assert state == tunnel.Tunnel(
        up=True,
        detail="established with 203.0.113.2 from 198.51.100.2 over wan0",
        age_s=75.0,
        local="198.51.100.2",
        line="wan0",
    )


@pytest.mark.parametrize(
    ("sas", "detail"),
    [
        ([], "no IKE SA for connection hub"),
        (list_sas(state="CONNECTING", **{"child-sas": {}}), "IKE SA CONNECTING, child SA none"),
        (list_sas(**{"child-sas": {}}), "IKE SA ESTABLISHED, child SA none"),
        (list_sas(**{"child-sas": children("DELETED")}), "IKE SA ESTABLISHED, child SA DELETED"),
    ],
)
def test_a_tunnel_that_carries_nothing_is_down_and_says_why(sas: list[Any], detail: str) -> None:
    assert tunnel.parse(sas, ["inside"], "hub", LINES) == tunnel.Tunnel(up=False, detail=detail)


def test_a_tunnel_stays_up_while_its_child_is_rekeyed() -> None:
    assert tunnel.parse(list_sas(**{"child-sas": children("DELETED", "REKEYING")}), ["inside"], "hub", LINES).up


def test_a_tunnel_that_leaves_a_segment_out_is_down_and_says_which() -> None:
    state = tunnel.parse(list_sas(), ["inside", "segment_psykolog"], "hub", LINES)
    assert state.up is False
    assert state.detail.endswith("over wan0, without segment_psykolog")


def test_children_may_be_spread_over_two_ike_sas_while_one_takes_the_others_place() -> None:
    (old,) = list_sas(established="3600")
    (new,) = list_sas(established="0", **{"child-sas": {"x-9": {"name": "management", "state": "INSTALLED"}}})
    assert tunnel.parse([old, new], ["management", "inside"], "hub", LINES).up


@contextmanager
def charon(path: Path, *answers: bytes) -> Iterator[None]:
    """A vici socket that gives these packets, one for each that it gets; then it falls silent."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            channel, _ = listener.accept()
            with channel:
                for answer in answers:
                    channel.recv(4096)
                    channel.sendall(answer)
                while channel.recv(4096):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield
    thread.join()


def packet(kind: int, body: bytes = b"") -> bytes:
    payload = struct.pack("!B", kind) + body
    return struct.pack("!I", len(payload)) + payload


def test_charon_is_asked_over_its_socket(tmp_path: Path) -> None:
    sas = packet(Packet.EVENT, b"\7list-sa" + Message.serialize({"hub": list_sas()[0]}))
    connections = packet(Packet.EVENT, b"\x09list-conn" + Message.serialize({"hub": {"children": {"inside": {}}}}))
    end, done = packet(Packet.CMD_RESPONSE), packet(Packet.EVENT_CONFIRM)
    with charon(tmp_path / "vici", done, sas + end, done, done, connections + end, done):
        assert tunnel.read(tmp_path / "vici", "hub", LINES).up


def test_a_charon_that_is_not_there_is_a_tunnel_that_is_down(tmp_path: Path) -> None:
    assert tunnel.read(tmp_path / "vici", "hub", {}) == tunnel.Tunnel(up=False, detail="charon is not running")


def test_a_charon_that_says_nothing_is_a_failed_reading(tmp_path: Path) -> None:
    with charon(tmp_path / "vici"), pytest.raises(CollectError, match="timed out"):
        tunnel.read(tmp_path / "vici", "hub", {})


def test_interfaces_are_read_from_a_router_with_a_tunnel() -> None:
    found = interfaces.parse((RECORDINGS / "ip_address.json").read_text(), {"wan0": 1000})
    by_name = {interface.name: interface for interface in found}
    assert [interface.index for interface in found] == sorted(interface.index for interface in found)
    assert by_name["wan0"].speed_mbit == 1000
    assert by_name["wan0"].kind == "veth"
    assert by_name["wan0"].mac == bytes.fromhex("46322dc04821")
    assert "198.51.100.2/30" in by_name["wan0"].addresses
    assert by_name["lo"].oper == "up"
    assert by_name["lo"].mac == b""
    assert by_name["wan0"].received == interfaces.Counters(octets=447088, packets=3559, errors=0, dropped=0)
    assert by_name["wan0"].sent == interfaces.Counters(octets=452433, packets=3706, errors=0, dropped=4)


def test_this_machines_interfaces_are_read() -> None:
    (loopback,) = [interface for interface in interfaces.read() if interface.name == "lo"]
    assert (loopback.kind, loopback.enabled, loopback.mtu) == ("loopback", True, 65536)


def test_a_change_of_state_is_dated_and_what_was_there_at_the_start_is_not() -> None:
    (now,) = clock = [100]
    changes, (lo, wan0, *_) = (
        Changes(lambda: clock[0]),
        interfaces.parse((RECORDINGS / "ip_address.json").read_text(), {}),
    )
    changes.observe([lo])
    assert (changes.entry, changes.table) == ({lo.index: 0}, 0)
    changes.observe([lo, wan0])
    assert (changes.entry, changes.table) == ({lo.index: 0, wan0.index: now}, now)
    clock[0] = 200
    changes.observe([lo, wan0])
    assert (changes.entry, changes.table) == ({lo.index: 0, wan0.index: 100}, 100)


def test_the_certificates_end_is_read_in_utc(box: Any) -> None:
    assert certificate.read(box.paths.section("router.crt")) == datetime(2027, 5, 17, 12, 30, 15, tzinfo=UTC)


def test_a_broken_certificate_is_a_failed_reading_that_names_the_file(box: Any) -> None:
    box.paths.section("router.crt").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(CollectError, match=r"router\.crt"):
        certificate.read(box.paths.section("router.crt"))


ONE, TWO = Generation(1, "a" * 64, "2026-11-21T20:35:00Z"), Generation(2, "b" * 64, "2026-11-21T20:36:00Z")


@pytest.mark.parametrize(
    ("running", "confirmed", "pending", "expected"),
    [
        (None, None, None, config.Config("none")),
        (ONE, ONE, None, config.Config("confirmed", "a" * 64)),
        (TWO, ONE, Pending(2, 1, "s", "waiting", 1060.0), config.Config("pending", "b" * 64, 60.0)),
        (TWO, ONE, Pending(2, 1, "s", "waiting", 900.0), config.Config("pending", "b" * 64, 0.0)),
        (TWO, ONE, Pending(2, 1, "s"), config.Config("pending", "b" * 64, 0.0)),
        (TWO, TWO, Pending(2, 1, "s", "waiting", 1060.0), config.Config("confirmed", "b" * 64)),
        (ONE, None, Pending(1, None, "s", "waiting", 1001.5), config.Config("pending", "a" * 64, 1.5)),
    ],
)
def test_the_configurations_state_follows_from_the_stores_files(
    running: Generation | None, confirmed: Generation | None, pending: Pending | None, expected: config.Config
) -> None:
    assert config.judge(running, confirmed, pending, now=1000.0) == expected


def test_the_stores_files_are_read_as_they_lie(box: Any) -> None:
    assert config.read(box.paths) == config.Config("confirmed", f"{1:064x}")


def test_lines_come_from_the_configuration_with_what_the_watch_saw(box: Any) -> None:
    first, second = lines.read(box.paths)
    assert (first.name, first.kind, first.seen.up, first.seen.rtt_ms) == ("wan0", "own_isp", True, 1.25)
    assert (second.name, second.kind, second.seen) == ("wan1", "mobile", lines.Seen("wan1"))
    assert lines.by_address([first, second]) == {"198.51.100.2": "wan0"}
    assert lines.in_use([first, second]) == "wan0"


def test_a_broken_file_of_the_watch_is_a_failed_reading(box: Any) -> None:
    (box.paths.run / "lines.json").write_text('{"lines": [{"up": true}]}')
    with pytest.raises(CollectError, match=r"lines\.json.*name"):
        lines.read(box.paths)


def test_probes_are_joined_with_their_results_by_what_they_are(box: Any) -> None:
    rows = probes.read(box.paths)
    assert [(row, probe.service, result and result.ok) for row, (probe, result) in rows.items()] == [
        (1, "internet", None),
        (2, "dns", True),
    ]


def test_a_misspelt_setting_is_told_with_file_and_field(box: Any) -> None:
    path = box.paths.section("agent.toml")
    path.write_text(path.read_text().replace("contact", "kontakt"))
    with pytest.raises(CollectError, match=r"agent\.toml.*kontakt"):
        settings.agent(box.paths)


def test_a_reading_is_kept_a_second_and_so_is_its_failure() -> None:
    now, count = [0.0], [0]

    def read() -> int:
        count[0] += 1
        if count[0] == 2:
            raise CollectError("away")
        return count[0]

    cached = Cached(read, lambda: now[0])
    assert [cached(), cached()] == [1, 1]
    now[0] = 1.5
    for _ in range(2):
        with pytest.raises(CollectError, match="away"):
            cached()
    now[0] = 3.0
    assert cached() == 3


NOISE = b'"\xff\xfe"'
READERS: tuple[tuple[str, bytes, Callable[[Paths], object]], ...] = (
    ("base/pending.json", b'{"session": %s}', config.read),
    ("running/meta.json", b'{"hash": %s}', config.read),
    ("base/confirmed/meta.json", b'{"hash": %s}', config.read),
    ("running/agent.toml", b"router = %s", settings.agent),
    ("running/network.toml", b"line = %s", settings.network),
    ("running/secrets.toml", b"a = %s", settings.secrets),
    ("settings/host.toml", b"clock = %s", lambda paths: host.load(paths.settings / "host.toml")),
    ("base/clock.json", b'{"at": %s}', clock.kept),
    ("run/clock.json", b'{"corrected": %s}', clock.state),
    ("run/storage.json", b'{"state": "full", "detail": %s}', storage.read),
    ("run/drift.json", b'{"held": %s}', drift.read),
    ("run/tunnel.json", b'{"said": %s}', tunnel.refused),
    ("run/lines.json", b'{"lines": [{"name": %s}]}', lambda paths: lines.parse_file(paths.run / "lines.json")),
    ("run/probes.json", b'{"probes": [{"service": %s}]}', lambda paths: probes.parse_file(paths.run / "probes.json")),
    ("run/duplicates.json", b'[{"router": %s}]', duplicates.read),
)


@pytest.mark.parametrize(("name", "content", "read"), READERS, ids=[name for name, _, _ in READERS])
def test_noise_is_told_or_as_nothing(box: Any, name: str, content: bytes, read: Callable[[Paths], object]) -> None:
    """A text that is no UTF-8 is another error than one that is no JSON or TOML."""
    where, _, rest = name.partition("/")
    file: Path = getattr(box.paths, where) / rest
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content % NOISE)
    with suppress(CollectError, UnavailableError):
        read(box.paths)
