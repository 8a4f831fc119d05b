"""A field in memory: what each router runs, whether it answers, and how its lines are addressed there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from linjevakt.model.errors import LinjevaktError, StolenError
from linjevakt.model.gate import open_segments
from linjevakt.model.inventory import Site
from linjevakt.model.order import FailedLeg
from linjevakt.model.phrase import Phrase
from linjevakt.store import Store
from linjevakt.workorders.step import Home
from linjevakt.workorders.trouble import TroubleError


@dataclass
class FakeField:
    """Fulfils `Routers`: `running` is what a router carries (segment names), `away` are those that do not answer.

    A router that is waited for has been started anew, but for those that `stayed` where they were.
    """

    store: Store
    running: dict[str, frozenset[str]] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    never_staged: set[str] = field(default_factory=set)
    trusted_alone: dict[str, str | None] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    stolen: set[str] = field(default_factory=set)
    lines_down: set[str] = field(default_factory=set)
    stayed: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=lambda: {"wan0": "dhcp 192.168.1.2", "wan1": "dhcp 100.64.1.2"})

    def push(self, router: str) -> bool:
        """Runs what the register says now; `never_staged` are those that cannot be told."""
        self._require(router)
        if router in self.never_staged:
            return False
        members = {member.number: member for member in self.store.inventory().organisations}
        site = self._site(router)
        self.running[router] = frozenset(segment.name for segment in open_segments(site, members))
        return True

    def proven(self, router: str) -> None:
        """Every line up, but for `lines_down`."""
        self._require(router)
        down = [line.name for line in self._site(router).lines if line.name in self.lines_down]
        if down:
            detail = Phrase(nb=f"{down[0]} er nede", en=f"{down[0]} is down")
            leg = FailedLeg(name="line", detail=detail, call="Nettleverandør 990 00 900")
            raise TroubleError(
                Phrase(nb=f"{router} virker, men ikke på hver linje", en=f"{router} works, but not by every line"),
                (leg,),
            )

    def home(self, router: str) -> Home:
        """By its first line."""
        self._require(router)
        return replace(self.seen(router), boot="first" if router in self.stayed else "after the move")

    def seen(self, router: str) -> Home:
        """The same, before anybody has moved it."""
        self._require(router)
        lines = {name: "" if name in self.lines_down else how for name, how in self.found.items()}
        return Home("wan0", lines, boot="first", carriers=dict.fromkeys(lines, 1))

    def pin(self, router: str, box: Mapping[str, str]) -> None:
        """Remembers the box, and that another one is the router now."""
        if box["serial"] in self.stolen:
            raise StolenError(f"the box {box['serial']} was stolen")
        self.boxes[router] = box["serial"]
        for device in self.store.devices.all():
            if device.router == router:
                self.store.devices.save(replace(device, serial=box["serial"]))

    def pinned(self, router: str) -> Mapping[str, str]:
        """The one that the store knows."""
        return {"serial": self.store.devices.get(router).serial}

    def only(self, router: str) -> None:
        """Remembers that no other box is trusted; a hub that is away cannot be told."""
        self._require("hub-oslo")
        self.trusted_alone[router] = self.boxes.get(router)

    def shut_out(self, box: str) -> None:
        """Remembers the box as stolen."""
        self._require("hub-oslo")
        self.stolen.add(box)

    def forget(self, router: str) -> None:
        """The router is no more; `running` still says what it was last told."""
        self.forgotten.add(router)
        self.boxes.pop(router, None)

    def _require(self, router: str) -> None:
        if router in self.away:
            raise TroubleError(Phrase(nb=f"{router} svarer ikke", en=f"{router} does not answer"))

    def _site(self, router: str) -> Site:
        return next(found for found in self.store.inventory().sites if found.router.name == router)


@dataclass
class Refusing(FakeField):
    """Each push ends in the error; how often it was tried."""

    error: LinjevaktError = field(default_factory=LinjevaktError)
    tries: int = 0

    def push(self, router: str) -> bool:
        del router
        self.tries += 1
        raise self.error
