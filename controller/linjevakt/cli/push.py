"""`linjevakt plan`, `push` and `settle`: what would change, change it, ask how it ended."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from linjevakt.cli import alike
from linjevakt.cli.context import Context, Operations, heeding
from linjevakt.cli.edge import FAILED, Json, code, edge
from linjevakt.cli.terminal import echo, here, progress, show_json
from linjevakt.cli.words import word
from linjevakt.model import lookup
from linjevakt.model.change import Plan, PushResult, PushState, RevertTimer
from linjevakt.model.errors import InvalidInputError, LinjevaktError, about
from linjevakt.model.saying import Saying, together
from linjevakt.model.text import one_line

AT_ONCE = 50  # routers; a push mostly waits for its router
OSLO = ZoneInfo("Europe/Oslo")

Routers = Annotated[list[str] | None, typer.Argument(help="Names of routers.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every router of the fleet.")]
RevertIn = Annotated[
    int,
    typer.Option(
        "--revert-in",
        metavar="SECONDS",
        min=RevertTimer.minimum_s,
        max=RevertTimer.maximum_s,
        help="The timer armed on the router.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]
Step = Callable[[str], None]
_Outcome = TypeVar("_Outcome")


def register(app: typer.Typer) -> None:
    """Add the commands to the root of the command line."""
    for command in (plan, push, settle):
        app.command()(command)


def plan(ctx: typer.Context, routers: Routers = None, *, every: All = False, as_json: Json = False) -> None:
    """Show what a push would change on each router; changes nothing."""
    with edge(as_json=as_json), heeding(ctx) as stop:
        fleet = _fleet(ctx)
        outcomes = _each(_named(fleet, routers, every=every), lambda router, step: _planned(fleet, router, step))
        if as_json:
            show_json([_plan_json(outcome) for outcome in outcomes])
        else:
            alike.show_each(outcomes, _show_plan, _show_unplanned)
        raise typer.Exit(code(stop, done=all(isinstance(outcome, Plan) for outcome in outcomes)))


def push(  # noqa: PLR0913 each is an option of the command line
    ctx: typer.Context,
    routers: Routers = None,
    *,
    every: All = False,
    revert_in: RevertIn = 60,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Bring routers to what the inventory says: commit with a timer on the router, prove it, confirm; else go back."""
    if dry_run:
        plan(ctx, routers, every=every, as_json=as_json)
        return
    with edge(as_json=as_json), heeding(ctx) as stop:
        fleet = _fleet(ctx)
        names = _named(fleet, routers, every=every)
        results = _each(names, lambda router, step: _pushed(fleet, router, revert_in, step))
        if as_json:
            show_json([_result_json(result) for result in results])
        else:
            alike.show_each(results, _show_result, _show_failed)
        raise typer.Exit(code(stop, done=all(result.ok for result in results)))


def settle(ctx: typer.Context, router: str, *, as_json: Json = False) -> None:
    """Ask a router how its last push ended, after the controller died in the middle of it."""
    with edge(as_json=as_json), heeding(ctx):
        fleet = _fleet(ctx)
        (name,) = _named(fleet, [router], every=False)
        state = fleet.settle(name)
        if as_json:
            show_json({"router": name, "state": state})
        else:
            echo(Saying("{}: {}", name, word(state)))
        raise typer.Exit(0 if state in {PushState.CONFIRMED, PushState.UNCHANGED} else FAILED)


# ---- one router; its failure is a value


def _planned(fleet: Operations, router: str, step: Step) -> Plan | PushResult:
    step(Saying("plan"))
    return _or_failure(router, lambda: fleet.plan(router))


def _pushed(fleet: Operations, router: str, revert_in: int, step: Step) -> PushResult:
    return _or_failure(router, lambda: fleet.push(router, revert_in, step))


def _or_failure(router: str, action: Callable[[], _Outcome]) -> _Outcome | PushResult:
    started = datetime.now(UTC)
    try:
        return action()
    except LinjevaktError as error:
        reason: str = Saying("{}", error)
    except Exception as error:  # noqa: BLE001 the others of the fleet go on; a bug in ours shows as this one's failure
        place = traceback.extract_tb(error.__traceback__)[-1].name
        reason = Saying("{fault} in {place}: {error}", fault=type(error).__name__, place=place, error=error)
    return PushResult(router, PushState.FAILED, reason, started, (datetime.now(UTC) - started).total_seconds())


# ---- many routers


def _fleet(ctx: typer.Context) -> Operations:
    context: Context = ctx.obj
    return context.fleet.pushing


def _named(fleet: Operations, routers: Sequence[str] | None, *, every: bool) -> tuple[str, ...]:
    known = fleet.routers()
    if every == bool(routers):
        raise InvalidInputError(Saying("name the routers, or say --all for every router of the fleet"))
    for name in routers or ():
        if name not in known:
            raise lookup.no_router(name, known)
    return known if every else tuple(dict.fromkeys(routers or ()))


def _each(routers: Sequence[str], action: Callable[[str, Step], _Outcome]) -> list[_Outcome]:
    """`action` for every router, many at once, in the order of `routers`, with a line each while it runs."""
    with _progress(len(routers)) as shown, ThreadPoolExecutor(min(AT_ONCE, len(routers))) as pool:

        def watched(router: str) -> _Outcome:
            with shown(router) as step:
                return action(router, step)

        return list(pool.map(watched, routers))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], Any]]:
    """A line on stderr for each router at work, and how many are done; nothing where nobody watches."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with progress(*columns) as tasks:
        done = tasks.add_task(here(Saying("{} of {}", 0, total)), total=total)

        @contextmanager
        def shown(router: str) -> Iterator[Step]:
            task = tasks.add_task(one_line(router), total=None)
            yield lambda step: tasks.update(task, description=one_line(here(Saying("{}: {}", router, step))))
            tasks.remove_task(task)
            tasks.advance(done)
            tasks.update(done, description=here(Saying("{} of {}", int(tasks.tasks[0].completed), total)))

        yield shown


# ---- what is shown


def _plan_json(outcome: Plan | PushResult) -> dict[str, Any]:
    if isinstance(outcome, PushResult):
        return {"router": outcome.router, "error": outcome.reason}
    return {**asdict(outcome), "changes": outcome.changes}


def _show_plan(outcome: Plan | PushResult) -> None:
    if isinstance(outcome, PushResult):
        echo(_indented(about(outcome.router, outcome.reason)), err=True)
    elif outcome.changes:
        whom = together(", ", outcome.impact) if outcome.impact else Saying("nobody")
        echo(Saying("{}: changes; touches {}; plan {}", outcome.router, whom, outcome.hash[:12]))
        echo(outcome.diff)
    else:
        echo(Saying("{}: nothing changes", outcome.router))


def _show_unplanned(group: Sequence[PushResult]) -> None:
    echo(_indented(Saying("{} routers: {}", len(group), alike.reason(group))), err=True)


def _result_json(result: PushResult) -> dict[str, Any]:
    proof = {**asdict(result.proof), "ok": result.proof.ok} if result.proof else None
    plan = _plan_json(result.plan) if result.plan else None
    timed = {"started": result.started.isoformat(), "steps": dict(result.steps)}
    return {**asdict(result), **timed, "plan": plan, "proof": proof, "ok": result.ok}


def _show_result(result: PushResult) -> None:
    echo(Saying("{}: {} ({})", result.router, word(result.state), together("; ", list(_took(result)))))
    if result.ok and result.plan and result.plan.by_hand:
        echo(Saying("  put right what was changed by hand: {}", ", ".join(result.plan.by_hand)))
    if result.reason:
        echo(f"  {_indented(result.reason)}", err=not result.ok)


def _took(result: PushResult) -> Iterator[str]:
    """When it began and how long it took, the line in use, and what was proven."""
    yield f"{result.started.astimezone(OSLO):%H:%M:%S}, {result.seconds:.1f} s"
    if result.proof and result.proof.line:
        yield Saying("line {}", result.proof.line)
    if result.proof and result.proof.ok:
        yield Saying("{} checks passed", len(result.proof.legs))


def _show_failed(group: Sequence[PushResult]) -> None:
    echo(Saying("{} routers: {}", len(group), word(group[0].state)))
    echo(f"  {_indented(alike.reason(group))}", err=True)


def _indented(reason: str) -> str:
    """As it is said here. Only we begin a line at its left edge: no error must look like another router's result."""
    return here(reason).replace("\n", "\n    ")
