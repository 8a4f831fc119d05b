"""The fleet's operations over a real store and vault, with a router in memory."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.push.fake_router import FakeClock, FakeRouter

from linjevakt import reach
from linjevakt.devices.linjevakt import Loaded
from linjevakt.inventory import load_catalogue
from linjevakt.model.change import PushState
from linjevakt.model.dossier import dossier
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import Stage
from linjevakt.pac import PacError
from linjevakt.provisioning import lease
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault

ROUTER = "rtr-fjellheim"


class SilentPoller:
    def poll(self, target: SnmpTarget) -> Health:
        return Health(target.router, FakeClock().now(), reachable=False, detail=f"no answer from {target.address}")


class PlainRouter(FakeRouter):
    """Reads no fault into a configuration: a real firewall speaks of `invalid` packets."""

    def load(self, text: str, session: str) -> None:
        self.candidate = Loaded(hash=self._remember(text), session=session)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def router(clock: FakeClock) -> FakeRouter:
    return PlainRouter(clock)


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock, inventory: Inventory) -> Iterator[Store]:
    opened = prepared.checked(prepared.migrated(tmp_path), clock=clock.now)
    save_inventory(opened, inventory, "kari")
    yield opened
    opened.close()


@pytest.fixture
def fleet(store: Store, router: FakeRouter, clock: FakeClock) -> Fleet:
    vault = Vault(store, SealKey.generate())
    return Fleet(store, vault, load_catalogue(None), poller=SilentPoller(), connect=router.connect, clock=clock)


@pytest.fixture
def staged(fleet: Fleet) -> Fleet:
    fleet.boxes.stage(ROUTER, claim())
    return fleet


def _push(fleet: Fleet) -> PushState:
    return fleet.pushing.push(ROUTER, 60, lambda _step: None).state


def _begin(store: Store, fleet: Fleet, clock: FakeClock, worker: str = "elsewhere:1:c0ffee") -> int:
    """A push that another controller has begun, and whose heart has just beaten."""
    wanted = fleet.pushing.candidate(ROUTER).hash
    return store.pushes.begin(
        ROUTER, candidate_hash=wanted, revert_in_s=60, worker=worker, until=clock.now() + lease.LEASE
    )


def test_a_bootstrap_brings_the_router_home_and_carries_no_segment(fleet: Fleet) -> None:
    bootstrap = fleet.boxes.stage(ROUTER, claim())
    assert "10.250.0.11" in bootstrap.text
    assert "10.64.1." not in re.sub(r"-----BEGIN.*?-----END", "", bootstrap.text, flags=re.DOTALL)
    assert "10.64.1." in fleet.pushing.candidate(ROUTER).text


def test_a_candidate_shows_no_secret_and_the_router_gets_them_all(staged: Fleet) -> None:
    candidate = staged.pushing.candidate(ROUTER)
    assert len(candidate.secrets) == 2
    for name, secret in candidate.secrets.items():
        assert secret.reveal() not in candidate.text
        assert f'"{name}" = "{secret.reveal()}"' in candidate.revealed().reveal()


def test_the_same_inventory_makes_the_same_candidate(staged: Fleet) -> None:
    assert staged.pushing.candidate(ROUTER).hash == staged.pushing.candidate(ROUTER).hash


def test_a_new_inventory_is_seen_at_once(staged: Fleet, store: Store, inventory: Inventory) -> None:
    assert staged.routers() == ("hub-oslo", "rtr-fjellheim", "rtr-solbakken")
    save_inventory(store, inventory.model_copy(update={"sites": inventory.sites[:1]}), "ola")
    assert staged.routers() == ("hub-oslo", "rtr-fjellheim")


@pytest.mark.parametrize("box", [{}, {"csr": 1, "ssh_host_key": "x", "serial": "y"}, {"csr": "x", "serial": "y"}])
def test_what_is_no_identity_is_refused(fleet: Fleet, box: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError, match="linjevakt-agent identity --json"):
        fleet.boxes.stage(ROUTER, box)


def test_a_router_that_was_not_staged_cannot_be_pushed_to(fleet: Fleet) -> None:
    with pytest.raises(NotFoundError, match="not staged yet"):
        _push(fleet)


def test_an_unknown_router_is_told_apart_from_one_that_was_not_staged(fleet: Fleet) -> None:
    with pytest.raises(NotFoundError, match="no router 'rtr-nowhere'"):
        fleet.pushing.candidate("rtr-nowhere")


def test_the_impact_names_everyone_on_the_line_with_whom_to_call(fleet: Fleet) -> None:
    owner, sharer = reach.touched(dossier(fleet.inventory, ROUTER))
    assert owner == "Fjellheim legekontor (Daglig leder, Fjellheim legekontor +47 99 00 00 01)"
    assert sharer.startswith("Solbakken apotek (")


def test_the_impact_of_a_hub_is_every_site_behind_it(fleet: Fleet) -> None:
    assert reach.touched(dossier(fleet.inventory, "hub-oslo")) == ("all 2 sites behind hub-oslo",)


def test_a_line_s_openings_are_what_its_router_tells(staged: Fleet) -> None:
    told = staged.doors.try_openings(ROUTER, "wan0")
    assert told.lines[0].name == "wan0"
    assert told.lines[0].passable
    assert [one.name for one in told.lines[0].openings] == ["udp 500", "udp 4500", "esp"]


def test_a_plan_changes_nothing(staged: Fleet, router: FakeRouter) -> None:
    plan = staged.pushing.plan(ROUTER)
    assert plan.changes
    assert plan.impact == reach.touched(dossier(staged.inventory, ROUTER))
    assert router.runs == "old"
    assert router.candidate is None


def test_a_push_that_is_proven_is_written_down_and_makes_the_router_live(
    staged: Fleet, store: Store, router: FakeRouter
) -> None:
    assert _push(staged) is PushState.CONFIRMED
    assert router.runs == staged.pushing.candidate(ROUTER).revealed().reveal()
    (record,) = store.pushes.latest(ROUTER)
    assert (record.state, record.candidate_hash) == (PushState.CONFIRMED, staged.pushing.candidate(ROUTER).hash)
    assert {leg["name"] for leg in record.proof} >= {"login", "tunnel", "dns", "pac"}
    assert {"load", "commit", "confirm"} <= set(record.steps)
    assert store.devices.get(ROUTER).stage is Stage.LIVE


def test_a_router_that_runs_it_already_is_left_alone(staged: Fleet) -> None:
    assert [_push(staged), _push(staged)] == [PushState.CONFIRMED, PushState.UNCHANGED]


def test_a_router_that_is_out_of_reach_is_a_result_and_stays_staged(
    staged: Fleet, store: Store, router: FakeRouter
) -> None:
    router.dark.append((0, 1000))
    assert _push(staged) is PushState.FAILED
    assert "no answer" in store.pushes.latest(ROUTER)[0].reason
    assert store.devices.get(ROUTER).stage is Stage.STAGED


def test_a_push_whose_controller_died_is_settled_by_the_next_one(staged: Fleet, store: Store, clock: FakeClock) -> None:
    _begin(store, staged, clock)
    assert _push(staged) is PushState.CONFIRMED
    _, settled = store.pushes.latest(ROUTER)
    assert (settled.state, "stopped in the middle" in settled.reason) == (PushState.FAILED, True)


def test_a_push_cut_short_after_its_commit_waits_for_the_routers_own_timer(
    staged: Fleet, store: Store, router: FakeRouter, clock: FakeClock
) -> None:
    _begin(store, staged, clock)
    router.load(staged.pushing.candidate(ROUTER).revealed().reveal(), "dead")
    router.commit(60, "dead")
    with pytest.raises(ConflictError, match="goes back by itself within 60 s"):
        _push(staged)
    assert staged.pushing.settle(ROUTER) is PushState.RUNNING
    clock.sleep(61)
    assert staged.pushing.settle(ROUTER) is PushState.REVERTED
    assert store.pushes.running(ROUTER) is None


def test_what_a_dead_push_left_unconfirmed_is_rolled_back_by_the_next_one(
    staged: Fleet, store: Store, clock: FakeClock, router: FakeRouter
) -> None:
    _begin(store, staged, clock)
    dead = store.pushes.running(ROUTER)
    assert dead
    router.load(staged.pushing.candidate(ROUTER).revealed().reveal(), dead.session)
    router.commit(60, dead.session)
    assert _push(staged) is PushState.CONFIRMED
    assert [push.state for push in store.pushes.latest(ROUTER)] == [PushState.CONFIRMED, PushState.REVERTED]


def test_a_push_cut_short_after_its_confirmation_is_found_confirmed(
    staged: Fleet, store: Store, clock: FakeClock, router: FakeRouter
) -> None:
    _begin(store, staged, clock)
    router.load(staged.pushing.candidate(ROUTER).revealed().reveal(), "dead")
    router.commit(60, "dead")
    router.confirm()
    assert staged.pushing.settle(ROUTER) is PushState.CONFIRMED
    assert staged.pushing.settle(ROUTER) is PushState.CONFIRMED
    assert store.devices.get(ROUTER).stage is Stage.LIVE


def test_there_is_nothing_to_settle_before_the_first_push(staged: Fleet) -> None:
    with pytest.raises(NotFoundError, match="no push"):
        staged.pushing.settle(ROUTER)


def test_only_staged_routers_of_the_inventory_are_polled(staged: Fleet, store: Store, inventory: Inventory) -> None:
    (target,) = staged.polling.targets()
    assert target == staged.polling.target(ROUTER)
    assert (target.address, target.engine_id[:10]) == ("10.250.0.11", "80007ed905")
    save_inventory(store, inventory.model_copy(update={"sites": inventory.sites[1:]}), "ola")
    assert staged.polling.targets() == ()


def test_a_poll_by_hand_is_remembered(staged: Fleet, store: Store) -> None:
    health = staged.polling.poll(ROUTER)
    assert health.detail == "no answer from 10.250.0.11"
    assert store.healths.current() == (health,)


def test_no_secret_stands_in_clear_in_the_database(staged: Fleet, tmp_path: Path, store: Store) -> None:
    _push(staged)
    target, login = staged.polling.target(ROUTER), staged.doors.target(ROUTER).private_key
    store.close()
    octets = b"".join(file.read_bytes() for file in tmp_path.glob("linjevakt.db*"))
    assert staged.pushing.candidate(ROUTER).hash.encode() in octets, (
        "what is no secret must be found: else this finds nothing"
    )
    for secret in (target.auth_key.reveal(), target.privacy_key.reveal(), *login.reveal().splitlines()[1:-1]):
        assert secret.encode() not in octets
    for mark in (b"PRIVATE KEY", *map(bytes.fromhex, (target.auth_key.reveal(), target.privacy_key.reveal()))):
        assert mark not in octets


def test_what_a_router_serves_is_evaluated_by_what_the_fleet_was_given(
    store: Store, router: FakeRouter, clock: FakeClock
) -> None:
    """By default that is a process that can be ended; a hostile file held the whole controller."""
    asked: list[str] = []

    def refuse(_pac: str, url: str) -> str:
        asked.append(url)
        raise PacError(f"the PAC file did not answer for {url}")

    vault = Vault(store, SealKey.generate())
    fleet = Fleet(store, vault, load_catalogue(None), connect=router.connect, clock=clock, evaluate=refuse)
    fleet.boxes.stage(ROUTER, claim())
    result = fleet.pushing.push(ROUTER, 60, lambda _step: None)
    assert asked
    assert (result.state, "did not answer" in result.reason) == (PushState.REVERTED, True)
