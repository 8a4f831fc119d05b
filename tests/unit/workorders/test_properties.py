"""Whatever happens in whatever order: no closed gate with open traffic, no lost box, no address twice, no dead end."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv4Network
from itertools import pairwise
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests import prepared
from tests.boxes import claim
from tests.unit.workorders.conftest import Clock, opened
from tests.unit.workorders.field import FakeField
from tests.unit.workorders.papers import MOBILE, OWN_ISP, PLACE, new_site

from linjevakt.inventory import load_catalogue
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import LinjevaktError
from linjevakt.model.gate import gate
from linjevakt.model.inventory import Inventory
from linjevakt.model.order import Order
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt.workorders.desk import Desk
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.step import Answer

EVERYTHING = IPv4Network("0.0.0.0/0")
MEMBERS = ("310000019", "310000027")
DELIVERED = {"name": "wan0", "kind": "nhn_delivered", "provider": "NHN"}
AT_WORK = {Whereabouts.STAGED, Whereabouts.SHIPPED, Whereabouts.INSTALLED, Whereabouts.TO_BE_RETURNED}
STEPS = st.integers(0, 12)
CATALOGUE = load_catalogue(None)
KEY = SealKey.generate()


def wish(kind: str, data: st.DataObject, fleet: Inventory) -> dict[str, Any]:
    """A wish for an order of the kind that makes sense mostly: about a site, a segment, a member that is there."""
    site = data.draw(st.sampled_from(fleet.sites or (None,)))
    name = site.key if site else "nowhere"
    segments = [segment.name for segment in site.segments] if site else []
    segment = data.draw(st.sampled_from([*segments, "kontor"]))
    member, other = data.draw(st.permutations(MEMBERS))
    service = data.draw(st.sampled_from(["internet", "dns", "video", "edi"]))
    shares = dict.fromkeys(segments, 80 // len(segments)) if segments else {}
    new = {"name": "psykolog", "organisation": other, "port": "lan2", "share": 10, "services": ["dns"]}
    ways = data.draw(st.sampled_from([[OWN_ISP], [DELIVERED], [DELIVERED, MOBILE]]))
    at_site, today = {"site": name}, "2026-11-23"
    made: dict[str, dict[str, Any]] = {
        "new_site": new_site(data.draw(st.sampled_from(["nygata", "storgata"])), member),
        "relocation": at_site | {"place": PLACE, "lines": ways},
        "line_change": at_site | {"lines": ways},
        "share": at_site | {"segment": new, "shares": shares},
        "unshare": at_site | {"segment": segment},
        "freeze": {"organisation": member, "since": today, "register_inactive": today, "edi_inactive": today},
        "reopen": {"organisation": member},
        "exclude": {"organisation": member, "service": data.draw(st.sampled_from([None, service])), "reason": "why"},
        "readmit": {"organisation": member, "service": data.draw(st.sampled_from([None, service]))},
        "add_service": at_site | {"segment": segment, "service": service},
        "cancel_service": at_site | {"segment": segment, "service": service, "notice": today},
        "replace_router": at_site | {"because": data.draw(st.sampled_from(["broken", "lost"]))},
        "terminate": at_site | {"notice": today, "document": "brev", "membership": data.draw(st.booleans())},
    }
    return made[kind]


class Life(RuleBasedStateMachine):
    """The fleet's life over a real register; the fleet to begin with is `inventory`."""

    beginning: Path

    @initialize()
    def begin(self) -> None:
        self._folder = TemporaryDirectory()
        database = copy(self.beginning, self._folder.name)
        self.clock = Clock()
        self.store = prepared.checked(f"sqlite:///{database}", clock=self.clock)
        self.field = FakeField(self.store)
        self.desk = _desk(self.store, self.clock, self.field)
        for site in self.store.inventory().sites:
            self.field.push(site.router.name)

    def teardown(self) -> None:
        """From wherever it is, everything can be brought to an end, and then everything is as it should be."""
        if hasattr(self, "store"):
            self.all_is_mended()
            self.clock.move(timedelta(days=100))
            for order in self.desk.orders():
                self._bring_to_an_end(order.number)
            assert not self.desk.orders()
            self.a_closed_gate_carries_nothing()
            self.store.close()
            self._folder.cleanup()

    # --- what may happen ---

    @rule(kind=st.sampled_from(sorted(KINDS)), data=st.data(), steps=STEPS)
    def order(self, kind: str, data: st.DataObject, steps: int) -> None:
        try:
            taken = self.desk.new(kind, wish(kind, data, self.store.inventory()), "kari")
        except LinjevaktError as error:
            event(f"{kind} refused: {type(error).__name__}")
        else:
            self._go_on(taken, steps)

    @rule(data=st.data(), steps=STEPS)
    def go_on(self, data: st.DataObject, steps: int) -> None:
        if order := self._some_order(data):
            self._go_on(order, steps)

    @rule(data=st.data())
    def let_the_system_go_on(self, data: st.DataObject) -> None:
        if order := self._some_order(data):
            self.desk.run(order.number)

    @rule(data=st.data(), leave=st.booleans())
    def cancel(self, data: st.DataObject, *, leave: bool) -> None:
        if order := self._some_order(data):
            with suppress(LinjevaktError):
                self.desk.cancel(order.number, "kari", "changed their mind", leave=leave)

    @rule(days=st.sampled_from([1, 20, 70]))
    def let_time_pass(self, days: int) -> None:
        self.clock.move(timedelta(days=days))

    @rule(router=st.sampled_from(["rtr-fjellheim", "rtr-solbakken", "rtr-nygata"]))
    def a_router_goes_away(self, router: str) -> None:
        self.field.away.add(router)

    @rule()
    def a_line_breaks(self) -> None:
        self.field.lines_down.add("wan0")

    @rule()
    def all_is_mended(self) -> None:
        self.field.away.clear()
        self.field.lines_down.clear()

    # --- what must hold ---

    @invariant()
    def a_closed_gate_carries_nothing(self) -> None:
        """But where an order still has to tell the router."""
        if not hasattr(self, "store"):
            return
        inventory = self.store.inventory()
        members = {member.number: member for member in inventory.organisations}
        for site in inventory.sites:
            closed = {s.name for s in site.segments if not gate(site, s, members).open}
            known = {segment.name for segment in site.segments}
            wrong = {n for n in self.field.running.get(site.router.name, ()) if n in closed or n not in known}
            assert not wrong or self._somebody_will_push(site.key, {s.organisation for s in site.segments}), wrong

    @invariant()
    def no_box_is_lost(self) -> None:
        """Whatever is not in stock, back or written off is some router's; what is at work is in the register."""
        if not hasattr(self, "store"):
            return
        now = self.store.register.now()
        routers = {site.router.name for site in now.inventory.sites}
        for box in now.equipment:
            assert (box.state in AT_WORK) <= (box.router is not None), box
            assert (box.state is Whereabouts.INSTALLED) <= (box.router in routers), box
            on_its_way = box.state in {Whereabouts.STAGED, Whereabouts.SHIPPED}
            assert on_its_way <= any(order.said("stage", "serial") == box.serial for order in self.desk.orders()), box
        working = [box.router for box in now.equipment if box.state is Whereabouts.INSTALLED]
        assert len(working) == len(set(working))

    @invariant()
    def no_address_is_given_twice(self) -> None:
        if not hasattr(self, "store"):
            return
        now = [lease for lease in self.store.register.who_had(EVERYTHING) if lease.until is None]
        networks = sorted(IPv4Network(lease.network) for lease in now)
        assert all(not one.overlaps(other) for one, other in pairwise(networks)), networks
        leased = {(lease.site, lease.network) for lease in now}
        assert set(self._used()) <= leased

    @invariant()
    def every_open_order_has_a_next_step(self) -> None:
        if hasattr(self, "store"):
            for order in self.desk.orders():
                assert any(step.state == "next" for step in self.desk.look(order.number).steps), order

    # --- how ---

    def _used(self) -> Iterator[tuple[str, str]]:
        for site in self.store.inventory().sites:
            yield site.key, f"{site.router.management}/32"
            yield from ((site.key, str(segment.prefix)) for segment in site.segments)

    def _somebody_will_push(self, site: str, members: set[str]) -> bool:
        return any(order.site == site or order.organisation in members for order in self.desk.orders())

    def _go_on(self, order: Order, steps: int) -> None:
        """People and the system do some steps of an order."""
        for _ in range(steps):
            self.desk.run(order.number)
            with suppress(LinjevaktError):
                self._do_step(order.number)
        event(f"{order.kind} is {self.desk.order(order.number).state}")

    def _some_order(self, data: st.DataObject) -> Order | None:
        found = self.desk.orders()
        return data.draw(st.sampled_from(found)) if found else None

    def _do_step(self, number: int) -> None:
        order = self.desk.order(number)
        step = next((step for step in self.desk.look(number).steps if step.state == "next"), None)
        if step is None:
            return
        if step.key == "stage":
            serial = self._from_stock()
            self.desk.stage(number, "ola", claim() | {"serial": serial})
            return
        values = {answer.name: self._answer(order, answer) for answer in step.answers}
        self.desk.record(number, "ola", values)

    def _from_stock(self) -> str:
        boxes = [box.serial for box in self.store.register.now().equipment if box.state is Whereabouts.STOCK]
        return boxes[0] if boxes else "LV-none"

    def _answer(self, order: Order, answer: Answer) -> str:
        if answer.name == "serial":
            router = order.after.router.name if order.after else ""
            out = {Whereabouts.INSTALLED, Whereabouts.TO_BE_RETURNED}
            boxes = self.store.register.now().equipment
            owed = [box.serial for box in boxes if box.router == router and box.state in out]
            return next((serial for serial in owed if serial != order.said("stage", "serial")), "LV-none")
        plain = {"yes": "yes", "day": "2026-11-20", "number": "42", "text": "noted"}
        return answer.choices[0] if answer.choices else plain[answer.kind]

    def _bring_to_an_end(self, number: int) -> None:
        for _ in range(40):
            order = self.desk.run(number)
            if not order.is_open:
                return
            try:
                self._do_step(number)
            except LinjevaktError:
                self.desk.cancel(number, "kari", "cannot be done", leave=order.state == "undoing")
        raise AssertionError(f"order {number} goes on for ever: {self.desk.order(number)}")


def _desk(store: Store, clock: Clock, field: FakeField) -> Desk:
    fleet = Fleet(store, Vault(store, KEY), CATALOGUE)
    return Desk(fleet, CATALOGUE, clock=clock, hands=lambda _heard: field)


@pytest.fixture
def beginning(tmp_path: Path, inventory: Inventory) -> Path:
    """A database in which both sites are in service, and three boxes are in the stock."""
    store = opened(tmp_path, Clock(), inventory)
    desk = _desk(store, Clock(), FakeField(store))
    for n, site in enumerate(inventory.sites):
        serial = site.router.serial or f"LV-{n}"
        desk.fleet.boxes.stage(site.router.name, claim() | {"serial": serial})
        with store.register.edit(Author("kari")) as draft:
            router = site.router.name
            draft.put(Equipment(serial=serial, model="Test 1", state=Whereabouts.INSTALLED, router=router))
    store.close()
    return tmp_path / "linjevakt.db"


@pytest.mark.process
def test_no_sequence_of_events_breaks_what_must_hold(beginning: Path) -> None:
    Life.beginning = beginning
    some = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Life, settings=some)
