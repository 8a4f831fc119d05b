"""A second platform is a folder and an adapter: everything here goes through the core as it is for the first."""

from typing import Any

import pytest
from tests.unit.platform.box import Box, Waiting
from tests.unit.platform.field import ROUTER, Field

from linjevakt.model.change import PushState
from linjevakt.model.errors import ConflictError, DeviceError, InvalidInputError, LockedError
from linjevakt.model.record import Stage

DNS = "10.255.0.20"


class Killed(BaseException):
    """kill -9 of the controller."""


# ---- render and plan


def test_its_configuration_is_one_text_with_the_vendors_names(field: Field) -> None:
    text = field.fleet.pushing.candidate(ROUTER).text
    assert text.startswith(f"hostname {ROUTER}\nloopback 10.250.0.11\ninterface GigabitEthernet0/0/0.102\n")
    assert "interface GigabitEthernet0/0/1.20\n address 10.64.2.1 255.255.255.0\n" in text
    assert "auth @{secret:snmp.linjevakt.auth}\n" in text


def test_a_plan_is_what_the_router_tells_and_changes_nothing(field: Field) -> None:
    found = field.fleet.pushing.plan(ROUTER)
    assert "+interface Cellular0/2/0" in found.diff
    assert (field.box.candidate, field.box.done, field.box.running) == (None, [], "hostname acme\n")


def test_a_secret_is_in_no_plan_neither_ours_nor_one_that_ran_before(field: Field) -> None:
    field.box.running += "snmp user linjevakt auth old-and-still-secret\n"
    diff = field.fleet.pushing.plan(ROUTER).diff
    assert "old-and-still-secret" not in diff
    for secret in field.fleet.pushing.candidate(ROUTER).secrets.values():
        assert secret.reveal() not in diff
        assert f"<secret {secret.fingerprint()}>" in diff


def test_a_secret_that_the_router_repeats_in_its_complaint_is_not_told(field: Field) -> None:
    field.change('??? {{ secret("snmp.linjevakt.auth") }}')
    result = field.push()
    assert (result.state, field.box.candidate) == (PushState.FAILED, None)
    assert "% invalid input: ??? <secret " in result.reason
    assert field.fleet.pushing.candidate(ROUTER).secrets["snmp.linjevakt.auth"].reveal() not in result.reason


# ---- push


def test_a_good_change_is_proven_by_ourselves_and_confirmed(field: Field) -> None:
    result = field.push()
    assert (result.state, result.ok, result.reason) == (PushState.CONFIRMED, True, "")
    assert (field.box.done, field.box.waiting) == (["commit", "confirm"], None)
    assert field.store.devices.get(ROUTER).stage is Stage.LIVE
    assert result.proof
    assert result.proof.line == "GigabitEthernet0/0/0.102"
    assert [leg.name for leg in result.proof.legs][:4] == ["login", "router", "line", "line"]
    assert {leg.name for leg in result.proof.legs[4:]} == {"service"}
    assert f"dns for legekontor: {DNS} answers" in [leg.detail for leg in result.proof.legs]


def test_the_same_again_is_unchanged_and_proven_anyway(at_work: Field) -> None:
    result = at_work.push()
    assert (result.state, result.ok, at_work.box.done) == (PushState.UNCHANGED, True, [])


@pytest.mark.parametrize(("wanted", "minutes"), [(30, 1), (60, 1), (61, 2), (150, 3)])
def test_a_timer_of_whole_minutes_is_armed_for_no_less_than_was_asked(field: Field, wanted: int, minutes: int) -> None:
    armed: list[float] = []
    field.box.after["commit"] = lambda: armed.append(_ends(field.box) - field.clock.passed)
    assert field.push(wanted).state is PushState.CONFIRMED
    assert armed == [minutes * 60]


def test_a_timer_that_it_cannot_arm_is_refused_before_it_is_asked(field: Field) -> None:
    with pytest.raises(InvalidInputError, match="from 60 to 7200 s"):
        field.push(7201)
    assert field.box.done == []


def _ends(box: Box) -> float:
    assert box.waiting
    return box.waiting.ends


def test_a_change_that_cuts_us_off_comes_back_by_itself(at_work: Field) -> None:
    before = at_work.box.running
    at_work.change("no management")
    result = at_work.push()
    assert (result.state, at_work.box.running) == (PushState.REVERTED, before)
    assert "the router went back by itself" in result.reason
    assert "rollback" not in at_work.box.done
    assert 60 <= result.seconds < 80


@pytest.mark.parametrize(
    ("spoil", "leg"),
    [
        (lambda field: field.change(f"deny {DNS}"), f"service: dns for legekontor: {DNS} does not answer"),
        (lambda field: field.shut("Cellular0/2/0"), "line: Cellular0/2/0 is down since the change"),
    ],
)
def test_a_change_that_fails_a_leg_is_rolled_back_at_once(at_work: Field, spoil: Any, leg: str) -> None:
    before = at_work.box.running
    spoil(at_work)
    result = at_work.push()
    assert (result.state, at_work.box.running, at_work.box.waiting) == (PushState.REVERTED, before, None)
    assert leg in result.reason
    assert result.reason.endswith("; rolled back")
    assert result.seconds < 60


def test_an_approval_binds_to_what_was_shown(at_work: Field) -> None:
    at_work.change("banner good morning")
    approved = at_work.fleet.pushing.plan(ROUTER).hash
    at_work.box.running += "somebody else was here\n"
    assert "plan again" in at_work.push(approved=approved).reason
    assert at_work.push(approved=at_work.fleet.pushing.plan(ROUTER).hash).state is PushState.CONFIRMED


def test_another_sessions_commit_is_left_alone(at_work: Field) -> None:
    at_work.box.waiting = Waiting(at_work.box.running, "ola", at_work.clock.passed + 90)
    at_work.change("banner good morning")
    result = at_work.push()
    assert (result.state, at_work.box.done) == (PushState.FAILED, [])
    assert "session ola has a commit to confirm" in result.reason


def test_a_candidate_of_somebody_else_is_left_alone(at_work: Field) -> None:
    at_work.box.candidate = ("theirs", "ola")
    with pytest.raises(LockedError, match="locked by ola"):
        at_work.fleet.pushing.plan(ROUTER)
    assert at_work.box.candidate == ("theirs", "ola")


# ---- it says that it has done it


def test_a_confirmation_that_it_only_says_it_has_taken_is_not_believed(at_work: Field) -> None:
    before = at_work.box.running
    at_work.box.lies = {"confirm"}
    at_work.change("banner good morning")
    result = at_work.push()
    assert (result.state, at_work.box.running) == (PushState.REVERTED, before)
    assert "took the confirmation, but did not do it" in result.reason


def test_a_rollback_that_it_only_says_it_has_taken_is_left_to_its_timer(at_work: Field) -> None:
    before = at_work.box.running
    at_work.box.lies = {"rollback"}
    at_work.change(f"deny {DNS}")
    result = at_work.push()
    assert (result.state, at_work.box.running, at_work.box.waiting) == (PushState.REVERTED, before, None)
    assert result.seconds >= 60


def test_a_router_that_undoes_a_commit_at_once_is_not_confirmed(at_work: Field) -> None:
    at_work.box.after["commit"] = at_work.box.rollback
    at_work.change("banner good morning")
    result = at_work.push()
    assert (result.state, "confirm" in at_work.box.done) == (PushState.REVERTED, False)


# ---- settle


@pytest.mark.parametrize(
    ("step", "ended"),
    [
        ("load", PushState.FAILED),
        ("commit", PushState.FAILED),
        ("login", PushState.REVERTED),
        ("prove", PushState.REVERTED),
        ("confirm", PushState.REVERTED),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_push_whose_controller_dies_is_settled(at_work: Field, step: str, ended: PushState, *, at_once: bool) -> None:
    def die(begun: str) -> None:
        if begun == step:
            raise Killed

    before = at_work.box.running
    at_work.change("banner good morning")
    with pytest.raises(Killed):
        at_work.push(on_step=die)
    if not at_once:
        at_work.clock.sleep(61)
    assert at_work.fleet.settling.settle(ROUTER) is ended
    assert (at_work.box.running, at_work.box.waiting, at_work.box.candidate) == (before, None, None)


def test_a_push_whose_controller_dies_after_the_confirmation_is_settled_as_confirmed(at_work: Field) -> None:
    def die() -> None:
        raise Killed

    at_work.change("banner good morning")
    at_work.box.after["confirm"] = die
    with pytest.raises(Killed):
        at_work.push()
    assert at_work.fleet.settling.settle(ROUTER) is PushState.CONFIRMED
    assert "banner good morning" in at_work.box.running


def test_a_router_that_does_not_take_its_rollback_is_settled_when_its_timer_is_over(at_work: Field) -> None:
    def die(begun: str) -> None:
        if begun == "prove":
            raise Killed

    at_work.change("banner good morning")
    at_work.box.lies = {"rollback"}
    with pytest.raises(Killed):
        at_work.push(on_step=die)
    assert at_work.fleet.settling.settle(ROUTER) is PushState.RUNNING
    at_work.clock.sleep(61)
    assert at_work.fleet.settling.settle(ROUTER) is PushState.REVERTED


# ---- what it has not


def test_trust_alone_is_not_brought_to_one_whose_configuration_has_no_parts(at_work: Field) -> None:
    before = at_work.box.running
    with pytest.raises(ConflictError, match=f"`linjevakt push {ROUTER}`"):
        at_work.fleet.pushing.push_trust(ROUTER, 60, lambda _step: None, "renewal")
    assert (at_work.box.running, at_work.box.done) == (before, [])


def test_who_tries_no_openings_says_so(at_work: Field) -> None:
    with pytest.raises(DeviceError, match="has nothing on it that tries what is open"):
        at_work.fleet.doors.try_openings(ROUTER, "GigabitEthernet0/0/0.102")


def test_what_is_seen_of_it_is_told_without_an_agent(at_work: Field) -> None:
    seen = at_work.fleet.doors.ask(ROUTER)
    assert seen.tunnel
    assert (seen.tunnel.up, seen.pending) == (True, False)
    assert [(line.name, line.up) for line in seen.lines] == [
        ("GigabitEthernet0/0/0.102", True),
        ("Cellular0/2/0", True),
    ]


def test_its_health_is_read_with_its_own_decoder(field: Field) -> None:
    assert field.fleet.polling.poll(ROUTER).state == "ok"
    field.poller.up = False
    assert field.fleet.polling.poll(ROUTER).state == "down"
    assert {target.decoder for target in field.fleet.polling.targets()} == {"tests.unit.platform.acme"}


@pytest.mark.parametrize("module", ["tests.unit.platform.no_such", "json", "", ".acme"])
def test_an_adapter_that_is_none_is_told_by_name(field: Field, module: str) -> None:
    file = field.templates / "acme" / "platform.toml"
    file.write_text(file.read_text().replace('adapter = "tests.unit.platform.acme"', f'adapter = "{module}"'))
    result = field.push()
    assert result.state is PushState.FAILED
    assert f"names the module {module!r}, which has no 'connect' for us" in result.reason
