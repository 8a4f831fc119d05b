"""The clock looked after: what is on the disk is heeded, a time server is asked, what fails harms nothing."""

import json
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linjevakt_agent import RELEASED
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import clock
from linjevakt_agent.machine import timekeeping
from linjevakt_agent.machine.timekeeping import Timekeeping
from linjevakt_agent.services import ntp

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
ERA_ENDS = datetime(2036, 2, 7, 6, 28, 16, tzinfo=UTC)
"""RFC 5905 section 6."""
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rtr-a")])


def certificate(begins: datetime, ends: datetime) -> str:
    """A certificate good from then to then, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(begins).not_valid_after(ends)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class Box:
    """A box whose clock, when it is set, notes to what."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root)
        self.noted = root / "set"
        for folder in (self.paths.settings, self.paths.run, self.paths.base / "generations/1"):
            folder.mkdir(parents=True)
        self.generation = self.paths.base / "generations/1"
        self.paths.confirmed.symlink_to(self.generation)
        self.clock_is_set_by(["sh", "-c", f"echo {{time}} > {self.noted}"])

    def clock_is_set_by(self, command: list[str]) -> None:
        """Say how in `host.toml`."""
        other = "".join(f'{name} = ["true"]\n' for name in ("restart", "stop", "log", "runs"))
        (self.paths.settings / "host.toml").write_text(f"{other}clock = {json.dumps(command)}\n")

    def is_at_work(self) -> None:
        """The guard has put the confirmed configuration in force."""
        if not self.paths.running.is_symlink():
            self.paths.running.symlink_to(self.generation)

    def runs(self, **sections: str) -> None:
        """Put sections in place: `router_crt` is `router.crt`."""
        for name, text in sections.items():
            (self.generation / name.replace("_", ".")).write_text(text)

    @property
    def set_to(self) -> datetime | None:
        """To what the clock was set, if it was."""
        return datetime.fromtimestamp(int(self.noted.read_text()), UTC) if self.noted.exists() else None


@pytest.fixture(params=["at its boot", "at work"])
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Box:
    """Before the guard has put a configuration in force, nothing is there but the disk."""
    box = Box(tmp_path)
    if request.param == "at work":
        box.is_at_work()
    return box


def now() -> datetime:
    """To the second, as clocks are set."""
    return datetime.now(UTC).replace(microsecond=0)


def test_a_clock_that_can_be_right_is_left_alone(box: Box) -> None:
    box.runs(router_crt=certificate(now() - HOUR, now() + HOUR))
    timekeeping.at_boot(box.paths)
    assert box.set_to is None
    assert clock.row(box.paths)["detail"] == "not compared: no time server answers"


def test_a_clock_before_the_certificate_is_lifted_to_its_begin(box: Box) -> None:
    begins = now() + HOUR
    box.runs(router_crt=certificate(begins, begins + HOUR))
    timekeeping.at_boot(box.paths)
    assert box.set_to == begins
    assert "then the router's certificate begins" in clock.row(box.paths)["detail"]


def test_a_clock_past_the_certificates_end_goes_back_to_what_was_kept(box: Box) -> None:
    kept = now() - 2 * HOUR
    box.runs(router_crt=certificate(kept - HOUR, kept + HOUR))
    (box.paths.base / clock.FILE).write_text(json.dumps({"at": kept.isoformat()}))
    timekeeping.at_boot(box.paths)
    assert box.set_to == kept


ENDLESS = ('{"at": "0001-01-01T00:00:00+14:00"}', '{"at": "9999-12-31T23:59:59-14:00"}')


@pytest.mark.parametrize("broken", ["", "{}", '{"at": "yesterday"}', "\0" * 64, "[" * 100_000, *ENDLESS])
def test_a_file_that_a_power_cut_has_spoilt_says_nothing(box: Box, broken: str) -> None:
    box.runs(router_crt=broken, ca_crt=broken, ca_crl=broken, chrony_conf=broken)
    (box.paths.base / clock.FILE).write_text(broken)
    (box.paths.run / clock.FILE).write_text(broken)
    timekeeping.at_boot(box.paths)
    assert box.set_to is None


def _dangles(box: Box) -> None:
    box.paths.confirmed.symlink_to(box.paths.base / "generations/7")


def _leads_to_itself(box: Box) -> None:
    box.paths.confirmed.symlink_to(box.paths.confirmed.name)


def _is_a_file(box: Box) -> None:
    box.paths.confirmed.write_text("")


def _leads_to_nothing_readable(box: Box) -> None:
    for name in ("router.crt", "ca.crt", "ca.crl"):
        (box.generation / name).mkdir()
    box.paths.confirmed.symlink_to(box.generation)


@pytest.mark.parametrize("damage", [_dangles, _leads_to_itself, _is_a_file, _leads_to_nothing_readable])
def test_a_confirmed_generation_that_is_none_leaves_what_was_kept(
    tmp_path: Path, damage: Callable[[Box], None]
) -> None:
    """And once the guard has put the generation before in force, its certificate counts too."""
    box, kept = Box(tmp_path), now() + HOUR
    box.paths.confirmed.unlink()
    damage(box)
    (box.paths.base / clock.FILE).write_text(json.dumps({"at": kept.isoformat()}))
    timekeeping.at_boot(box.paths)
    assert box.set_to == kept
    before = box.paths.base / "generations/0"
    before.mkdir()
    (before / "router.crt").write_text(certificate(kept + HOUR, kept + YEAR))
    box.paths.running.symlink_to(before)
    timekeeping.at_boot(box.paths)
    assert box.set_to == kept + HOUR


def test_a_box_that_may_not_set_its_clock_says_so(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    box.runs(router_crt=certificate(now() + HOUR, now() + 2 * HOUR))
    box.clock_is_set_by(["sh", "-c", "echo date: cannot set date: Operation not permitted; exit 1"])
    timekeeping.at_boot(box.paths)
    assert "Operation not permitted" in caplog.text
    assert "could not be set from" in clock.row(box.paths)["detail"]


def test_the_hubs_newer_certificate_lifts_the_clock_while_the_box_runs(box: Box) -> None:
    begins = now() + HOUR
    validity = {"begins": begins.isoformat(), "ends": (begins + YEAR).isoformat()}
    refusal = {"said": "the clock is wrong", "times": 1, "since": now().isoformat(), "validity": validity}
    box.runs(router_crt=certificate(now() - HOUR, now() + YEAR))
    (box.paths.run / "tunnel.json").write_text(json.dumps(refusal))
    Timekeeping(box.paths).turn()
    assert box.set_to == begins


# --- a time server ---


@contextmanager
def server(port: int, says: datetime | None = None) -> Iterator[None]:
    """A time server on loopback that says one time, or the right one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", port))
        listener.settimeout(0.1)
        stop = threading.Event()
        thread = threading.Thread(target=_answer, args=(listener, says, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _answer(listener: socket.socket, says: datetime | None, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            query, asker = listener.recvfrom(512)
        except TimeoutError:
            continue
        listener.sendto(answer(query, (says or datetime.now(UTC)).timestamp()), asker)


def answer(query: bytes, unix: float) -> bytes:
    """What a server of stratum 2 says, whose clock shows that Unix time; its seconds wrap in 2036."""
    at = int((unix + ntp.UNIX_EPOCH) * 2**32) % 2**64
    (cookie,) = struct.unpack_from("!Q", query, 40)
    return ntp.PACKET.pack(4 << 3 | 4, 2, 0, 0, 0, 0, 0, at, cookie, at, at)


@pytest.fixture
def asked(box: Box, monkeypatch: pytest.MonkeyPatch) -> int:
    """A box whose time server is on loopback; the port, since 123 may be taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    monkeypatch.setattr(timekeeping, "WITHIN_S", 0.4)
    box.is_at_work()
    box.runs(
        network_toml='[management]\naddress = "127.0.0.1"\n',
        chrony_conf=f"server 127.0.0.1:{port} iburst\nmakestep 1 -1\n",
        router_crt=certificate(now() - HOUR, now() + YEAR),
    )
    return port


def test_a_clock_that_is_right_is_kept_and_told(box: Box, asked: int) -> None:
    with server(asked):
        Timekeeping(box.paths).turn()
    kept = clock.kept(box.paths)
    assert kept is not None
    assert abs(kept - now()) < timedelta(seconds=5)
    assert clock.row(box.paths)["detail"] == f"right, says 127.0.0.1:{asked}"


def test_a_wrong_clock_is_told_left_to_chrony_and_never_kept(box: Box, asked: int) -> None:
    with server(asked, now() + HOUR):
        Timekeeping(box.paths).turn()
    row = clock.row(box.paths)
    assert row["behind_s"] == pytest.approx(3600, abs=5)
    assert row["detail"].startswith("WRONG: 3")
    assert clock.kept(box.paths) is None
    assert box.set_to is None


def test_a_clock_that_was_right_is_counted_on_over_a_restart_of_the_agent(box: Box, asked: int) -> None:
    """Its certificate ends meanwhile: the clock is not set back to when it was kept."""
    with server(asked):
        Timekeeping(box.paths).turn()
    box.runs(router_crt=certificate(now() - 2 * HOUR, now() - HOUR))
    Timekeeping(box.paths).turn()
    assert box.set_to is None


# --- the end of the era ---


@pytest.mark.parametrize("server_says", [RELEASED, ERA_ENDS - HOUR, ERA_ENDS, ERA_ENDS + HOUR, ERA_ENDS + 60 * YEAR])
@pytest.mark.parametrize("box_says", [datetime(1970, 1, 1, tzinfo=UTC), RELEASED, ERA_ENDS - HOUR, ERA_ENDS + HOUR])
def test_a_time_server_is_understood_on_either_side_of_2036(server_says: datetime, box_says: datetime) -> None:
    sent = box_says.timestamp()
    found = ntp.parse_answer(answer(ntp.encode_query(7), server_says.timestamp()), 7, sent, sent)
    assert found.offset_s == pytest.approx((server_says - box_says).total_seconds(), abs=0.001)


FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
TEMPLATE = Path(__file__).parents[3] / "templates/linux/chrony.conf.j2"


def chronyd(folder: Path, config: str, says: datetime, *arguments: str) -> subprocess.Popen[str]:
    """A chronyd that never sets the host's clock (`-x`, `-Q`), started with a clock of its own."""
    file = folder / f"{says:%s}.conf"
    file.write_text(f"{config}\npidfile {folder}/{says:%s}.pid\ncmdport 0\nbindcmdaddress /\n")
    offset = round(says.timestamp() - time.time())
    return subprocess.Popen(
        ["chronyd", "-u", "root", "-f", str(file), *arguments],
        env={**os.environ, "LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{offset:+d}s"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.process
@pytest.mark.skipif(not (FAKETIME and shutil.which("chronyd")), reason="needs chronyd and libfaketime")
@pytest.mark.parametrize(
    ("box_says", "server_says"),
    [
        (datetime(1970, 1, 2, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2035, 12, 1, tzinfo=UTC), ERA_ENDS + HOUR),
        (ERA_ENDS + HOUR, ERA_ENDS - HOUR),
        (datetime(1970, 1, 2, tzinfo=UTC), ERA_ENDS + YEAR),
        (datetime(2040, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_chrony_finds_any_offset(tmp_path: Path, box_says: datetime, server_says: datetime) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = f"local stratum 8\nallow 127.0.0.1\nbindaddress 127.0.0.1\nport {port}"
    there = chronyd(tmp_path, serving, server_says, "-x", "-d")
    try:
        here = chronyd(tmp_path, f"server 127.0.0.1 port {port} iburst", box_says, "-Q", "-t", "20")
        said, _ = here.communicate(timeout=60)
    finally:
        there.terminate()
        there.communicate(timeout=10)
    wrong = next(line for line in said.splitlines() if "System clock wrong by" in line)
    offset = float(wrong.split("wrong by ")[1].split()[0])
    assert offset == pytest.approx((server_says - box_says).total_seconds(), abs=10)


def test_chrony_steps_whatever_the_offset_and_whenever() -> None:
    """chrony.conf(5): `makestep threshold limit`, a negative limit for ever."""
    assert "makestep 1 -1\n" in TEMPLATE.read_text()
