"""Every way in which a push can end, and every step at which it can fail or its caller can die."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.unit.push.fake_router import EPOCH, INTERNET, TARGET, FakeClock, FakeRouter, evaluate, order, raises

from linjevakt.model.change import Candidate, PushResult, PushState, RevertTimer
from linjevakt.model.errors import ApplyError, AuthenticationError, DeviceError, HostKeyError, UnreachableError
from linjevakt.model.intent import PacCase
from linjevakt.model.secret import Secret
from linjevakt.provisioning.plan import binding, plan
from linjevakt.provisioning.push import PushTask, push, settle


@pytest.fixture
def router() -> FakeRouter:
    return FakeRouter(FakeClock())


@dataclass(frozen=True)
class Begun:
    """What the store wrote down before a push."""

    candidate_hash: str
    started: datetime = EPOCH
    session: str = "ours"


class Killed(BaseException):
    """kill -9 of the controller: nothing of ours catches it."""


def run(router: FakeRouter, wanted: PushTask | None = None, **kwargs: Any) -> PushResult:
    return push(wanted or order(), router.connect, evaluate, clock=router.clock, **kwargs)


def ask(router: FakeRouter, text: str) -> PushState:
    with router.connect(replace(TARGET, session="ours")) as device:
        return settle(device, Begun(Candidate("rtr-a", "linux", text).hash))


def test_a_good_change_is_proven_by_a_fresh_login_and_confirmed(router: FakeRouter) -> None:
    steps: list[str] = []
    result = run(router, on_step=steps.append)
    assert (result.state, result.ok, result.reason) == (PushState.CONFIRMED, True, "")
    assert (router.runs, router.pending, router.logins) == ("new", None, 2)
    assert steps == ["connect", "baseline", "load", "commit", "login", "prove", "confirm"]
    assert list(result.steps) == steps
    assert all(seconds > 0 for seconds in result.steps.values())


def test_the_proof_has_a_leg_for_everything_that_matters(router: FakeRouter) -> None:
    proof = run(router).proof
    assert proof
    assert [leg.name for leg in proof.legs] == [
        *("login", "agent", "clock", "tunnel", "line", "line", "dns", "proxy", "pac")
    ]
    assert proof.line == "wan0"


def test_a_router_that_runs_it_already_is_proven_anyway_and_left_alone(router: FakeRouter) -> None:
    result = run(router, order("old"))
    assert (result.state, result.ok, router.candidate) == (PushState.UNCHANGED, True, None)
    assert "commit" not in router.calls


def test_an_unchanged_router_that_fails_its_proof_is_not_ok(router: FakeRouter) -> None:
    router.fault = "breaks-proxy"
    result = run(router, order("old"))
    assert (result.state, result.ok) == (PushState.UNCHANGED, False)
    assert "proxy" in result.reason


@pytest.mark.parametrize(
    ("text", "leg"),
    [
        ("breaks-tunnel", "tunnel"),
        ("wears-disk", "disk"),
        ("downs-wan1", "line"),
        ("breaks-dns", "dns"),
        ("breaks-proxy", "proxy"),
        ("breaks-pac", "pac"),
        ("hides-pac", "pac"),
    ],
)
def test_a_change_that_fails_one_leg_is_rolled_back_at_once(router: FakeRouter, text: str, leg: str) -> None:
    result = run(router, order(text))
    assert (result.state, router.runs, router.pending) == (PushState.REVERTED, "old", None)
    assert result.reason.startswith(f"{leg}: ")
    assert result.proof
    assert [failed.name for failed in result.proof.failures] == [leg]
    assert result.seconds < 60


def test_a_flex_pac_that_fails_the_table_of_one_ordered_service_is_rolled_back_with_the_url(router: FakeRouter) -> None:
    register = PacCase("registers", "https://resh.nhn.no/", "DIRECT")
    result = run(router, order(pac=(INTERNET, register)))
    assert (result.state, router.runs, router.pending) == (PushState.REVERTED, "old", None)
    assert result.reason == (
        "pac: pac for legekontor: the PAC file answers 'PROXY 10.255.0.30:3128' for https://resh.nhn.no/, "
        "where registers needs 'DIRECT'; rolled back"
    )


def test_a_router_on_which_nobody_browses_need_not_show_a_flex_pac(router: FakeRouter) -> None:
    assert run(router, order("hides-pac", pac=())).state is PushState.CONFIRMED


def test_a_change_that_cuts_the_management_path_comes_back_by_itself(router: FakeRouter) -> None:
    result = run(router, order("cuts"))
    assert (result.state, router.runs, router.pending) == (PushState.REVERTED, "old", None)
    assert "went back by itself" in result.reason
    assert "login: rtr-a: no answer" in result.reason
    assert "rollback" not in router.calls


def test_why_it_went_back_is_what_was_seen_before_it_did(router: FakeRouter) -> None:
    class AnswersLate(FakeRouter):
        def reach(self) -> None:
            if self.pending:
                self.clock.sleep(34)  # the second login succeeds, but the timer has run out by then
            super().reach()

    late = AnswersLate(router.clock)
    result = run(late, order("cuts"))
    assert (result.state, late.runs) == (PushState.REVERTED, "old")
    assert result.reason == "login: rtr-a: no answer; the router went back by itself"


def test_a_login_that_outlasts_the_timer_is_told_as_no_answer(router: FakeRouter) -> None:
    class AnswersOnceBack(FakeRouter):
        def reach(self) -> None:
            if self.pending:
                self.clock.sleep(61)
            super().reach()

    late = AnswersOnceBack(router.clock)
    result = run(late, order("cuts"))
    assert (result.state, late.runs) == (PushState.REVERTED, "old")
    assert result.reason.startswith("login: the router did not answer until it had gone back")


@pytest.mark.parametrize("error", [HostKeyError("another key"), AuthenticationError("refused")])
def test_a_change_that_locks_us_out_comes_back_by_itself(router: FakeRouter, error: DeviceError) -> None:
    class LockedOut(FakeRouter):
        def reach(self) -> None:
            super().reach()
            if self.pending:
                raise error

    locked_out = LockedOut(router.clock)
    result = run(locked_out)
    assert (result.state, locked_out.runs) == (PushState.REVERTED, "old")
    assert str(error) in result.reason


def test_a_router_that_never_answers_again_is_lost(router: FakeRouter) -> None:
    router.aftermath["commit"] = lambda: router.dark.append((router.clock.passed, 1e9))
    result = run(router)
    assert (result.state, result.ok) == (PushState.LOST, False)
    assert result.seconds >= 60


def test_a_tunnel_that_needs_some_seconds_is_waited_for(router: FakeRouter) -> None:
    router.aftermath["commit"] = lambda: router.dark.append((router.clock.passed + 0.05, router.clock.passed + 9))
    assert run(router).state is PushState.CONFIRMED


def test_proving_stops_in_time_for_a_rollback(router: FakeRouter) -> None:
    result = run(router, order("breaks-dns", revert_in_s=100))
    assert 60 < result.seconds < 70
    assert "rollback" in router.calls


def test_a_line_that_was_down_before_does_not_fail_the_change(router: FakeRouter) -> None:
    router.running = router.confirmed = router.generation(0, "downs-wan1")
    assert run(router, order("downs-wan1 as well")).state is PushState.CONFIRMED


def test_a_line_that_the_change_takes_away_is_not_lost(router: FakeRouter) -> None:
    assert run(router, order("drops-wan1")).state is PushState.CONFIRMED


def test_an_invalid_candidate_changes_nothing_and_lets_go_of_the_lock(router: FakeRouter) -> None:
    result = run(router, order("invalid"))
    assert (result.state, router.runs, router.candidate) == (PushState.FAILED, "old", None)
    assert "nftables.conf:12" in result.reason


def test_the_second_of_two_pushes_is_told_who_holds_the_router(router: FakeRouter) -> None:
    with router.connect(replace(TARGET, session="theirs")) as device:
        device.load(Secret("theirs"), replace=True)
        assert "session theirs holds" in run(router).reason
        device.commit(60, "theirs")
    result = run(router)
    assert (result.state, router.runs) == (PushState.FAILED, "theirs")
    assert "session theirs has a commit to confirm" in result.reason


def test_an_approval_binds_to_exactly_the_plan_that_was_shown(router: FakeRouter) -> None:
    with router.connect(TARGET) as device:
        approved = plan(device, order().candidate, ()).hash
    assert run(router, order("other", approved=approved)).state is PushState.FAILED
    assert router.candidate is None
    assert run(router, order(approved=approved)).state is PushState.CONFIRMED
    assert "plan again" in run(router, order(approved=approved)).reason


def test_a_timer_that_the_platform_cannot_arm_is_refused_before_anything_is_touched(router: FakeRouter) -> None:
    result = run(router, order(revert_in_s=5))
    assert (result.state, router.logins) == (PushState.FAILED, 0)
    assert "10 to 3600" in result.reason
    assert RevertTimer(60, 7200, 60).fit(61) == 120


@pytest.mark.parametrize("step", ["status", "prove", "load", "compare"])
def test_losing_the_router_before_the_commit_changes_nothing(router: FakeRouter, step: str) -> None:
    router.trouble[step] = raises(UnreachableError("rtr-a: hung up"))
    result = run(router)
    assert (result.state, result.reason, router.runs) == (PushState.FAILED, "rtr-a: hung up", "old")


def test_a_router_that_cannot_be_reached_at_all_is_a_failure_and_not_an_exception(router: FakeRouter) -> None:
    router.dark = [(0, 1e9)]
    assert run(router).state is PushState.FAILED


def test_a_fresh_box_that_has_nothing_to_prove_before_can_be_pushed_to(router: FakeRouter) -> None:
    router.trouble["prove"] = raises(DeviceError("rtr-a: no configuration"), times=1)
    assert run(router).state is PushState.CONFIRMED


def test_an_apply_that_fails_on_the_router_is_told_as_reverted(router: FakeRouter) -> None:
    def fail() -> None:
        router.back("reverted")
        raise ApplyError("rtr-a: charon did not start")

    router.aftermath["commit"] = fail
    result = run(router)
    assert (result.state, router.runs) == (PushState.REVERTED, "old")
    assert "charon did not start" in result.reason


def test_a_full_disk_is_told_as_failed(router: FakeRouter) -> None:
    router.trouble["commit"] = raises(ApplyError("rtr-a: no space left"))
    result = run(router)
    assert (result.state, result.reason) == (PushState.FAILED, "rtr-a: no space left; nothing was changed")
    assert result.seconds < 5


def test_a_commit_whose_answer_is_lost_is_rolled_back_when_it_took_effect(router: FakeRouter) -> None:
    router.aftermath["commit"] = raises(UnreachableError("rtr-a: hung up"))
    result = run(router)
    assert (result.state, router.runs, router.pending) == (PushState.REVERTED, "old", None)


def test_a_commit_whose_answer_is_lost_is_watched_until_it_cannot_take_effect_any_more(router: FakeRouter) -> None:
    router.trouble["commit"] = raises(UnreachableError("rtr-a: hung up"))
    result = run(router)
    assert (result.state, router.runs) == (PushState.FAILED, "old")
    assert result.seconds > 60


def test_a_confirmation_whose_answer_is_lost_counts_when_it_took_effect(router: FakeRouter) -> None:
    router.aftermath["confirm"] = raises(UnreachableError("rtr-a: hung up"))
    result = run(router)
    assert (result.state, result.ok, router.runs, router.pending) == (PushState.CONFIRMED, True, "new", None)
    assert router.calls.count("confirm") == 1


def test_a_confirmation_that_does_not_arrive_is_sent_again(router: FakeRouter) -> None:
    router.trouble["confirm"] = raises(UnreachableError("rtr-a: hung up"), times=2)
    assert run(router).state is PushState.CONFIRMED
    assert router.calls.count("confirm") == 3


def test_a_rollback_that_does_not_arrive_is_done_by_the_timer(router: FakeRouter) -> None:
    router.trouble["rollback"] = raises(UnreachableError("rtr-a: hung up"))
    result = run(router, order("breaks-dns"))
    assert (result.state, router.runs, router.pending) == (PushState.REVERTED, "old", None)


@pytest.mark.parametrize(
    ("step", "ended"),
    [
        ("connect", PushState.FAILED),
        ("baseline", PushState.FAILED),
        ("load", PushState.FAILED),
        ("commit", PushState.FAILED),
        ("login", PushState.REVERTED),
        ("prove", PushState.REVERTED),
        ("confirm", PushState.REVERTED),
    ],
)
@pytest.mark.parametrize("asked_at_once", [True, False])
def test_a_push_whose_caller_dies_leaves_a_router_that_comes_back_and_can_tell(
    router: FakeRouter, step: str, ended: PushState, *, asked_at_once: bool
) -> None:
    def die(begun: str) -> None:
        if begun == step:
            raise Killed

    with pytest.raises(Killed):
        run(router, on_step=die)
    if not asked_at_once:
        router.clock.sleep(61)
    assert ask(router, "new") is ended
    assert (router.runs, router.pending) == ("old", None)
    assert router.candidate is None


def test_a_push_whose_caller_dies_after_the_confirmation_is_settled_as_confirmed(router: FakeRouter) -> None:
    def die() -> None:
        raise Killed

    router.aftermath["confirm"] = die
    with pytest.raises(Killed):
        run(router)
    assert ask(router, "new") is PushState.CONFIRMED


def test_an_old_revert_is_not_taken_for_this_push(router: FakeRouter) -> None:
    router.back("reverted")
    with router.connect(TARGET) as device:
        later = Begun(Candidate("rtr-a", "linux", "new").hash, EPOCH + timedelta(hours=1))
        assert settle(device, later) is PushState.FAILED


def test_a_plan_shows_the_diff_and_leaves_no_trace(router: FakeRouter) -> None:
    with router.connect(TARGET) as device:
        found = plan(device, order().candidate, ["Fjellheim legekontor"])
    assert found.changes
    assert (found.impact, found.running_hash) == (("Fjellheim legekontor",), router.running.hash)
    assert (router.runs, router.candidate, "commit" in router.calls) == ("old", None, False)


def test_the_binding_hash_changes_with_router_text_secret_and_what_runs() -> None:
    base = Candidate("rtr-a", "linux", "key = @{secret:k}", {"k": Secret("one")})
    others = [
        Candidate("rtr-b", "linux", base.text, base.secrets),
        Candidate("rtr-a", "linux", base.text + "\n", base.secrets),
        Candidate("rtr-a", "linux", base.text, {"k": Secret("two")}),
    ]
    hashes = {binding(base, "aa"), binding(base, "bb"), *(binding(other, "aa") for other in others)}
    assert len(hashes) == 5


def test_a_secret_that_is_missing_fails_the_push_and_names_it(router: FakeRouter) -> None:
    result = run(router, order("@{secret:snmp.linjevakt.auth}"))
    assert result.state is PushState.FAILED
    assert "snmp.linjevakt.auth" in result.reason


# ---- the router's clock


def clock_leg(result: PushResult) -> tuple[bool, str]:
    """Whether it is well, and what is said of it."""
    assert result.proof
    return next((leg.ok, leg.detail) for leg in result.proof.legs if leg.name == "clock")


def test_a_change_that_stops_the_clock_goes_back(router: FakeRouter) -> None:
    result = run(router, order("new stops-clock"))
    assert result.state is PushState.REVERTED
    assert "the clock is wrong (box says 2" in result.reason
    assert "controller says 2" in result.reason


def test_a_clock_that_was_wrong_before_does_not_stand_in_the_way_of_what_may_mend_it(router: FakeRouter) -> None:
    router.fault = "stops-clock"
    result = run(router)
    assert result.state is PushState.CONFIRMED
    ok, said = clock_leg(result)
    assert ok
    assert "the clock is wrong" in said


def test_a_push_that_changes_nothing_says_that_the_clock_is_wrong(router: FakeRouter) -> None:
    run(router)
    router.fault = "stops-clock"
    result = run(router)
    assert (result.state, result.ok) == (PushState.UNCHANGED, False)
    assert "the clock is wrong" in result.reason
