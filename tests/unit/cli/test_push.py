"""`linjevakt plan`, `push` and `settle` over a fleet of made-up routers."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import typer
from typer.testing import CliRunner, Result

from linjevakt.cli import push as commands
from linjevakt.model.change import Leg, Plan, Proof, PushResult, PushState
from linjevakt.model.errors import ConflictError, LinjevaktError, UnreachableError
from linjevakt.model.stop import Stop

STARTED = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@dataclass
class Fleet:
    """Routers by name, and what becomes of a push to each: a state, or an exception."""

    ends: Mapping[str, PushState | Exception]
    pushed: list[tuple[str, int]] = field(default_factory=list)
    together: threading.Barrier | None = None
    by_hand: str = ""

    @property
    def pushing(self) -> "Fleet":
        return self

    def routers(self) -> tuple[str, ...]:
        return tuple(self.ends)

    def plan(self, router: str) -> Plan:
        end = self.ends[router]
        if isinstance(end, Exception):
            raise end
        diff = "" if end is PushState.UNCHANGED else f"+++ candidate/hostname{self.by_hand}"
        return Plan(router, diff, ("Solbakken",), "ab" * 32, "")

    def push(self, router: str, revert_in_s: int, on_step: Callable[[str], None]) -> PushResult:
        on_step("connect")
        if self.together:
            self.together.wait(timeout=5)
        self.pushed.append((router, revert_in_s))
        end = self.ends[router]
        if isinstance(end, Exception):
            raise end
        proven = end in {PushState.CONFIRMED, PushState.UNCHANGED}
        proof = Proof((Leg("login", proven, "logged in"),), "wan0")
        return PushResult(router, end, "" if proven else "dns: fails", STARTED, 1.5, self.plan(router), proof)

    def settle(self, router: str) -> PushState:
        end = self.ends[router]
        assert isinstance(end, PushState)
        return end


@dataclass(frozen=True)
class FakeContext:
    fleet: Fleet
    stop: Stop = field(default_factory=Stop)


def run(fleet: Fleet, *arguments: str) -> Result:
    app = typer.Typer()
    commands.register(app)
    return CliRunner().invoke(app, arguments, obj=FakeContext(fleet))


def test_pushing_all_pushes_every_router_at_once() -> None:
    names = [f"rtr-{number}" for number in range(8)]
    fleet = Fleet(dict.fromkeys(names, PushState.CONFIRMED), together=threading.Barrier(8))
    result = run(fleet, "push", "--all", "--revert-in", "45", "--json")
    assert result.exit_code == 0
    assert [row["router"] for row in json.loads(result.stdout)] == names
    assert sorted(fleet.pushed) == [(name, 45) for name in names]


@pytest.mark.parametrize(
    "bad", [UnreachableError("rtr-b: no answer"), PushState.REVERTED, PushState.LOST, KeyError("x")]
)
def test_one_routers_trouble_is_its_own_and_makes_the_exit_code_1(bad: PushState | Exception) -> None:
    fleet = Fleet({"rtr-a": PushState.CONFIRMED, "rtr-b": bad, "rtr-c": PushState.UNCHANGED})
    result = run(fleet, "push", "--all", "--json")
    first, second, third = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (first["ok"], second["ok"], third["ok"]) == (True, False, True)
    assert second["reason"]
    assert first["proof"] == {
        "legs": [{"name": "login", "ok": True, "detail": "logged in", "milliseconds": 0.0}],
        "line": "wan0",
        "config_hash": "",
        "revision": 0,
        "ok": True,
    }


def test_a_push_without_json_is_a_line_each_in_oslo_time() -> None:
    fleet = Fleet({"rtr-a": PushState.CONFIRMED, "rtr-b": PushState.REVERTED})
    result = run(fleet, "push", "rtr-a", "rtr-b", "rtr-a")
    assert result.stdout.splitlines() == [
        "rtr-a: confirmed (21:00:00, 1.5 s; line wan0; 1 checks passed)",
        "rtr-b: reverted (21:00:00, 1.5 s; line wan0)",
    ]
    assert "dns: fails" in result.stderr


def test_a_push_says_what_it_has_put_right() -> None:
    by_hand = (
        "\n--- in force/nftables.conf\n+++ running/nftables.conf\n-accept\n--- in force/nginx\n+service nginx runs"
    )
    fleet = Fleet({"rtr-a": PushState.CONFIRMED, "rtr-b": PushState.REVERTED}, by_hand=by_hand)
    result = run(fleet, "push", "rtr-a", "rtr-b")
    assert result.stdout.splitlines() == [
        "rtr-a: confirmed (21:00:00, 1.5 s; line wan0; 1 checks passed)",
        "  put right what was changed by hand: nftables.conf, nginx",
        "rtr-b: reverted (21:00:00, 1.5 s; line wan0)",
    ]


@pytest.mark.parametrize("command", [["plan"], ["push", "--dry-run"]])
def test_a_dry_run_is_a_plan_and_pushes_nothing(command: list[str]) -> None:
    fleet = Fleet({"rtr-a": PushState.CONFIRMED, "rtr-b": PushState.UNCHANGED})
    result = run(fleet, *command, "--all")
    assert (result.exit_code, fleet.pushed) == (0, [])
    assert "touches Solbakken; plan abababababab" in result.stdout
    assert "rtr-b: nothing changes" in result.stdout


def test_a_plan_that_fails_says_why_and_exits_with_1() -> None:
    result = run(Fleet({"rtr-a": LinjevaktError("rtr-a: no answer")}), "plan", "rtr-a", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, [{"router": "rtr-a", "error": "rtr-a: no answer"}])


@pytest.mark.parametrize(
    ("arguments", "hint"), [(["rtr-aa"], "Did you mean 'rtr-a'?"), ([], "--all"), (["rtr-a", "--all"], "--all")]
)
def test_a_wrong_name_or_none_is_answered_with_what_to_do(arguments: list[str], hint: str) -> None:
    result = run(Fleet({"rtr-a": PushState.CONFIRMED}), "push", *arguments)
    assert result.exit_code == 2
    assert hint in result.stderr


@pytest.mark.parametrize(("state", "code"), [(PushState.CONFIRMED, 0), (PushState.REVERTED, 1), (PushState.RUNNING, 1)])
def test_settle_tells_how_a_push_ended(state: PushState, code: int) -> None:
    result = run(Fleet({"rtr-a": state}), "settle", "rtr-a", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (code, {"router": "rtr-a", "state": state})


@pytest.mark.parametrize("command", ["plan", "push"])
def test_a_routers_error_forges_no_line_of_another_router(command: str) -> None:
    forged = "rtr-b: confirmed (20:00:00, 1.5 s)"
    shown = run(Fleet({"rtr-a": UnreachableError(f"no answer\n{forged}\x1b[2K")}), command, "rtr-a")
    assert "no answer" in shown.output
    assert forged in shown.output
    assert [line for line in shown.output.splitlines() if line.startswith("rtr-b")] == []
    assert "\x1b" not in shown.output


UNSTAGED = "{0} is not staged yet. Run `linjevakt router stage {0} --identity FILE`."


def _unstaged(number: int) -> dict[str, PushState | Exception]:
    return {name: ConflictError(UNSTAGED.format(name)) for name in (f"rtr-{n}" for n in range(number))}


def test_five_hundred_that_fail_alike_are_one_line_with_their_sum() -> None:
    others: dict[str, PushState | Exception] = {
        "rtr-a": PushState.UNCHANGED,
        "rtr-b": UnreachableError("rtr-b: no answer"),
    }
    told = run(Fleet({**_unstaged(500), **others}), "plan", "--all")
    assert told.exit_code == 1
    assert told.stdout == "rtr-a: nothing changes\n"
    common = UNSTAGED.format("ROUTER")
    assert told.stderr.splitlines() == [
        f"500 routers: {common} (rtr-0, rtr-1, rtr-2 and 497 more)",
        "rtr-b: no answer",
    ]
    pushed = run(Fleet(_unstaged(500)), "push", "--all")
    assert (pushed.exit_code, pushed.stdout) == (1, "500 routers: failed\n")
    assert pushed.stderr == f"  {common} (rtr-0, rtr-1, rtr-2 and 497 more)\n"
    assert len(json.loads(run(Fleet(_unstaged(500)), "plan", "--all", "--json").stdout)) == 500


def test_a_few_that_fail_are_told_each_by_name_as_are_those_that_fail_of_something_else() -> None:
    few = run(Fleet(_unstaged(3)), "plan", "--all").stderr
    assert few.splitlines() == [UNSTAGED.format(f"rtr-{n}") for n in range(3)]
    apart = {f"rtr-{n}": ConflictError(f"rtr-{n}: port {n} is missing") for n in range(10)}
    assert len(run(Fleet(apart), "plan", "--all").stderr.splitlines()) == 10


def test_their_sum_is_told_in_norwegian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINJEVAKT_LANG", "nb")
    told = run(Fleet(_unstaged(9)), "push", "--all")
    assert told.stdout == "9 rutere: mislykket\n"
    assert told.stderr.endswith("(rtr-0, rtr-1, rtr-2 og 6 til)\n")


def test_a_dry_run_ends_by_itself_and_not_by_how_a_plan_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet({"rtr-a": PushState.CONFIRMED})
    monkeypatch.setattr(commands, "plan", lambda *_arguments, **_options: None)
    assert run(fleet, "push", "rtr-a", "--dry-run").exit_code == 0
    assert fleet.pushed == []
