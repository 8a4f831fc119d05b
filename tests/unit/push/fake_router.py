"""A router in memory with real commit-confirm semantics and a clock that only moves when someone sleeps."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from linjevakt.devices import (
    ClockState,
    Device,
    LineOpenings,
    LineState,
    OpeningAnswer,
    Openings,
    Pending,
    ProbeAnswer,
    RawProof,
    Target,
)
from linjevakt.devices.device import StorageState, TunnelState
from linjevakt.devices.linjevakt import ConfigStatus, Generation, Loaded, Outcome
from linjevakt.model.change import Candidate, Sent, Standing
from linjevakt.model.errors import DeviceError, LockedError, RefusedError, UnreachableError
from linjevakt.model.intent import PacCase
from linjevakt.model.secret import Secret
from linjevakt.provisioning.push import PushTask
from napalm_linjevakt.parse import sections

PAC = 'function FindProxyForURL(url, host) { return "PROXY 10.255.0.30:3128"; }'
INTERNET = PacCase("internet", "http://www.example.com/", "PROXY 10.255.0.30:3128")
EPOCH = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
TARGET = Target("rtr-a", "linjevakt.devices.linjevakt", "10.250.0.11", "linjevakt", Secret("key"), "ssh-ed25519 AAAA")


def evaluate(pac: str, _url: str) -> str:
    """The stand-in for the PAC engine: what stands between the quotes."""
    return pac.split('"')[1]


def order(text: str = "new", **changes: Any) -> PushTask:
    standard = {"session": "ours", "pac": (INTERNET,)}
    return PushTask(Candidate("rtr-a", "linux", text), TARGET, ("Fjellheim legekontor",), **(standard | changes))


class FakeClock:
    """Time that passes when someone sleeps, and a little with every step on a router."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


class FakeRouter:
    """What a configuration does to the router stands in its text: `cuts`, `downs-wan1`, `breaks-proxy`, `breaks-pac`...

    `trouble[step]` is called before a step, `aftermath[step]` after it has taken effect: when it raises, the answer is
    lost. `dark` are spans of the clock during which nothing gets through; `fault` is broken whatever it runs.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.texts: dict[str, str] = {}
        self.running = self.confirmed = self.generation(0, "old")
        self.candidate: Loaded | None = None
        self.last: Outcome | None = None
        self.trouble: dict[str, Callable[[], None]] = {}
        self.aftermath: dict[str, Callable[[], None]] = {}
        self.dark: list[tuple[float, float]] = []
        self.fault = ""
        self.logins = 0
        self.calls: list[str] = []
        self._deadline: tuple[float, Pending] | None = None

    @property
    def runs(self) -> str:
        self._tick()
        return self.texts[self.running.hash]

    @property
    def pending(self) -> Pending | None:
        self._tick()
        if self._deadline is None:
            return None
        return self._deadline[1].model_copy(update={"revert_in_s": self._deadline[0] - self.clock.passed})

    @contextmanager
    def connect(self, target: Target) -> Iterator[Device]:
        self.reach()
        self.logins += 1
        yield FakeDevice(self, target.session)

    def reach(self) -> None:
        self.clock.passed += 0.1
        self._tick()
        dark = any(begin <= self.clock.passed < end for begin, end in self.dark)
        if dark or "cuts" in self.runs:
            raise UnreachableError("rtr-a: no answer")

    def load(self, text: str, session: str) -> None:
        holder = self.pending or self.candidate
        if holder and holder.session != session:
            raise LockedError(f"rtr-a: session {holder.session} holds the configuration")
        if "invalid" in text:
            raise RefusedError("rtr-a: nftables.conf:12: syntax error")
        self.candidate = Loaded(hash=self._remember(text), session=session)

    def discard(self, session: str) -> None:
        if self.candidate and self.candidate.session != session:
            raise LockedError(f"rtr-a: session {self.candidate.session} holds the configuration")
        self.candidate = None

    def commit(self, revert_in_s: int | None, session: str) -> None:
        assert self.candidate
        self.running = self.generation(self.running.generation + 1, self.texts[self.candidate.hash])
        self.candidate = None
        assert revert_in_s is not None, "a push always arms the timer"
        pending = Pending(session=session, revert_in_s=revert_in_s)
        self._deadline = (self.clock.passed + revert_in_s, pending)

    def confirm(self) -> None:
        assert self.pending
        self.confirmed, self._deadline = self.running, None
        self.last = Outcome(outcome="confirmed", reason="", at=self.clock.now())

    def back(self, outcome: Any) -> None:
        self.running, self._deadline = self.confirmed, None
        self.last = Outcome(outcome=outcome, reason="", at=self.clock.now())

    def prove(self) -> RawProof:
        text = self.runs + self.fault
        lines = [LineState(name="wan0", up="downs-wan0" not in text, in_use=True)]
        if "drops-wan1" not in text:
            lines.append(LineState(name="wan1", up="downs-wan1" not in text, in_use=False))
        pac = sections(self.runs).get("flex.pac", PAC)
        pac = pac.replace("PROXY", "SOCKS") if "breaks-pac" in text else pac
        kinds = [kind for kind in ("dns", "http_proxy", "pac") if f"hides-{kind}" not in text]
        probes = [_probe(kind, body=pac if kind == "pac" else "", text=text) for kind in kinds]
        return RawProof(
            config_hash=self.running.hash,
            pending=self.pending is not None,
            tunnel=TunnelState(up="breaks-tunnel" not in text),
            lines=tuple(lines),
            probes=tuple(probes),
            storage=StorageState(state="read-only" if "wears-disk" in text else "writable"),
            at=self.clock.now() - timedelta(hours=text.count("stops-clock")),
            clock=ClockState(behind_s=None, detail="not compared: no time server answers"),
        )

    def openings(self, line: str) -> Openings:
        heard = "blocks-natt" not in self.runs
        tried = (
            OpeningAnswer(protocol="udp", port=500, open=True, ms=1.0),
            OpeningAnswer(protocol="udp", port=4500, open=heard, ms=1.0 if heard else None, detail="no answer"),
            OpeningAnswer(protocol="esp", port=None, open=None, detail="not tried", required=False),
        )
        return Openings(target="203.0.113.2", lines=(LineOpenings(name=line, address="198.51.100.2", openings=tried),))

    def status(self) -> ConfigStatus:
        return ConfigStatus(
            running=self.running,
            confirmed=self.confirmed,
            candidate=self.candidate,
            pending=self.pending,
            last=self.last,
        )

    def _tick(self) -> None:
        if self._deadline and self.clock.passed >= self._deadline[0]:
            self.back("reverted")

    def _remember(self, text: str) -> str:
        found = hashlib.sha256(text.encode()).hexdigest()
        self.texts[found] = text
        return found

    def generation(self, number: int, text: str) -> Generation:
        return Generation(generation=number, hash=self._remember(text), committed_at=self.clock.now())


class FakeDevice:
    """One login to a FakeRouter."""

    def __init__(self, router: FakeRouter, session: str) -> None:
        self._router, self._session = router, session

    def load(self, text: Secret, *, replace: bool) -> None:
        assert replace
        with self._call("load"):
            self._router.load(text.reveal(), self._session)

    def compare(self) -> str:
        with self._call("compare"):
            candidate = self._router.candidate
            same = candidate is None or candidate.hash == self._router.running.hash
            return "" if same else "--- running/hostname\n+++ candidate/hostname"

    def commit(self, revert_in_s: int | None, message: str) -> None:
        assert message
        with self._call("commit"):
            self._router.commit(revert_in_s, self._session)

    def confirm(self) -> None:
        with self._call("confirm"):
            self._router.confirm()

    def rollback(self) -> None:
        with self._call("rollback"):
            self._router.back("rolled-back")

    def discard(self) -> None:
        with self._call("discard"):
            self._router.discard(self._session)

    def standing(self, sent: Sent) -> Standing:
        return self._status().standing(sent)

    def pending(self) -> Pending | None:
        return self._status().pending

    def running_hash(self) -> str:
        running = self._status().running
        return running.hash if running else ""

    def running(self) -> Secret:
        with self._call("running"):
            return Secret(self._router.runs)

    def _status(self) -> ConfigStatus:
        with self._call("status"):
            return self._router.status()

    def prove(self) -> RawProof:
        with self._call("prove"):
            return self._router.prove()

    def openings(self, line: str) -> Openings:
        with self._call("openings"):
            return self._router.openings(line)

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        self._router.reach()
        self._router.calls.append(name)
        self._router.trouble.get(name, _nothing)()
        yield
        self._router.aftermath.get(name, _nothing)()


def raises(error: DeviceError, *, times: int = 10**6) -> Callable[[], None]:
    """Trouble that goes away after `times`."""
    left = [error] * min(times, 1000)

    def strike() -> None:
        if left:
            raise left.pop()

    return strike


def _nothing() -> None:
    """No trouble."""


def _probe(kind: str, body: str, text: str) -> ProbeAnswer:
    name = {"http_proxy": "proxy"}.get(kind, kind)
    works = f"breaks-{name}" not in text or kind == "pac"
    return ProbeAnswer(service=name, segment="legekontor", kind=kind, ok=works, ms=3.0, body=body)
