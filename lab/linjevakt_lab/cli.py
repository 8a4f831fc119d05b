"""The command `lab`: raises, shows, breaks and takes down a lab of real routers."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import SpinnerColumn, TextColumn

from linjevakt import outlet
from linjevakt.cli.terminal import Rows, echo, progress
from linjevakt.interrupt import INTERRUPTED, listen
from linjevakt.inventory.synthetic import LARGEST
from linjevakt.model import system
from linjevakt.model.errors import LinjevaktError, StoppedError
from linjevakt.model.stop import Stop
from linjevakt.model.text import one_line, visible
from linjevakt_lab import demo, expectations, provision, removal
from linjevakt_lab.breakage import How
from linjevakt_lab.errors import LabError
from linjevakt_lab.lab import Lab
from linjevakt_lab.places import State, prefix_from_environment
from linjevakt_lab.scenario import Scenario
from linjevakt_lab.topology import HOME

app = typer.Typer(
    help="Real routers in network namespaces. LINJEVAKT_LAB names the lab, so that several can run side by side.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
_DEFAULT = "example"

Node = Annotated[str, typer.Argument(help="A node's name: see `lab status`.", metavar="BOX")]
Line = Annotated[str, typer.Argument(help="A line's name, such as wan0.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def up(
    scenario: Annotated[str | None, typer.Option(help=f"A folder of lab/scenarios; `{_DEFAULT}` if not given.")] = None,
    sites: Annotated[int | None, typer.Option(min=1, max=LARGEST, help="Raise so many generated ones instead.")] = None,
) -> None:
    """Raise the lab. Every router boots as from the factory, without a configuration."""
    if scenario and sites is not None:
        raise LabError("--scenario and --sites exclude each other: give one.")
    with _progress() as progress:
        lab = Lab.up(Scenario.named(scenario or _DEFAULT) if sites is None else Scenario.synthetic(sites), progress)
    echo(f"The lab is up with {len(lab.routers)} routers. See `lab status`; take it down with `lab down`.", err=True)


@app.command()
def status(*, as_json: Json = False) -> None:
    """Show which nodes are up, where lines are plugged in, and which are broken."""
    now = Lab.load().status()
    if as_json:
        echo(json.dumps(now))
        return
    vacant = ", ".join(now["vacant"])
    title, caption = f"Lab {now['prefix']}: {now['scenario']}", f"vacant: {vacant}" if vacant else ""
    rows = Rows("node", "role", "state", "lines", title=title, caption=caption)
    for node in now["nodes"]:
        words = ", ".join(_condition(line) for line in now["lines"] if line["router"] == node["name"])
        role = f"{node['role']} (spare)" if node["spare"] else node["role"]
        rows.add_row(node["name"], role, "up" if node["up"] else "off", words)
    rows.show()


def _condition(line: dict[str, Any]) -> str:
    """A line in words, such as `wan0 whole`, `wan0 loose` or `wan0 blackhole at nygata`."""
    if line["place"] is None:
        return f"{line['line']} loose"
    return f"{line['line']} {line['broken'] or 'whole'}" + (f" at {line['place']}" if line["place"] != HOME else "")


@app.command(name="exec", context_settings={"ignore_unknown_options": True})
def execute(box: Node, command: Annotated[list[str], typer.Argument(help="What to run, after `--`.")]) -> None:
    """Run a command in a node, with this terminal."""
    Lab.load().become(box, command)


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
)
def linjevakt(arguments: Annotated[list[str] | None, typer.Argument(metavar="ARGUMENTS")] = None) -> None:
    """Run `linjevakt` as this lab's controller, in its place and with this terminal: `lab linjevakt plan --all`."""
    provision.controller(Lab.load()).become(*(arguments or ()))


@app.command(name="break")
def break_line(box: Node, line: Line, how: Annotated[How, typer.Option(help="The way it breaks.")]) -> None:
    """Break a line: down, carrier (far end off), blackhole (dropped in silence) or loss (30 %)."""
    Lab.load().break_line(box, line, how)


@app.command()
def mend(box: Node, line: Line) -> None:
    """Mend a line."""
    Lab.load().mend(box, line)


@app.command()
def move(
    box: Node,
    line: Line,
    place: Annotated[str, typer.Argument(help=f"A place of the scenario, or `{HOME}`: see `lab status`.")],
) -> None:
    """Pull a line's cable out and plug it in at another place, of another provider."""
    Lab.load().move(box, line, place)


@app.command()
def unplug(box: Node, line: Line) -> None:
    """Pull a line's cable out and leave it loose."""
    Lab.load().unplug(box, line)


@app.command()
def expect() -> None:
    """Try what the scenario expects of its clients, once the sites are provisioned."""
    lab = Lab.load()
    provision.wait_for_clients(lab)
    if not expectations.attempt(lab, lab.expectations, _tell):
        raise typer.Exit(1)


@app.command()
def kill(box: Node) -> None:
    """Cut the power of a node; its disk stays."""
    Lab.load().kill_box(box)


@app.command()
def boot(box: Node) -> None:
    """Give a node its power back."""
    Lab.load().boot(box)


@app.command()
def down() -> None:
    """Take the lab down; nothing is left but the cached box image."""
    state = State(prefix_from_environment())
    gone = removal.take_down(state)
    echo(f"The lab {state.prefix} is down." if gone else f"No lab {state.prefix} is up.", err=True)


@app.command(name="demo")
def demonstrate(ctx: typer.Context) -> None:
    """Raise the example (unless a lab is up), provision every site, prove it, and say where to look."""
    stop: Stop = ctx.obj
    try:
        lab = Lab.load()
    except LabError:
        with _progress() as progress:
            lab = Lab.up(Scenario.named(_DEFAULT), progress)
    with stop.heeded():
        if not demo.run(lab, stop):
            raise typer.Exit(1)


def _tell(outcome: expectations.Outcome) -> None:
    row = outcome.expectation
    verdict = outcome.result if outcome.met else f"{outcome.result}, but {row.result} is expected"
    echo(f"{row.from_}: {row.do} {row.to}: {verdict}")


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show the step at hand on a terminal; a line for each where there is none."""
    with progress(SpinnerColumn(), TextColumn("{task.description}", markup=False)) as tasks:
        task = tasks.add_task("starting", total=None)
        if tasks.disable:
            yield lambda step: echo(step, err=True)
        else:
            yield lambda step: tasks.update(task, description=one_line(step))


def main(stop: Stop | None = None) -> None:
    """Run the command line; an error is one sentence and exit code 1, an interrupt 130."""
    outlet.fit()
    if stop is None:
        stop = Stop()
        listen(stop)
    try:
        app(obj=stop)
    except StoppedError as error:
        echo(f"lab: {error}", err=True)
        sys.exit(INTERRUPTED)
    except (LabError, LinjevaktError) as error:
        sys.exit(visible(f"lab: {error}"))
    except OSError as error:
        sys.exit(visible(f"lab: {system.sentence(error)}"))
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "").strip()
        sys.exit(visible(f"lab: {' '.join(map(str, error.cmd))} failed: {said}"))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
