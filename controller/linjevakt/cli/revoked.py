"""`linjevakt revoked`: whose certificates were revoked, which hubs refuse them, and to make those that do not."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter

from linjevakt.cli.context import Context
from linjevakt.cli.edge import FAILED, Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word

if TYPE_CHECKING:
    from linjevakt.fleet import Fleet
    from linjevakt.revocation import Refusal, Waiting
    from linjevakt.workorders.loss import Loss

OSLO = ZoneInfo("Europe/Oslo")
app = typer.Typer(
    help="Revoked certificates: list them, and see to it that every hub refuses them.", no_args_is_help=True
)

Ask = Annotated[bool, typer.Option("--ask", help="Ask every hub now, instead of telling what it was last seen to run.")]


@app.command("list")
def list_(ctx: typer.Context, *, ask: Ask = False, lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show each revoked certificate that has not ended, and who refuses it; exit code 1 while a hub does not."""
    from linjevakt import revocation  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json, lang=lang):
        fleet = _fleet(ctx)
        if ask:
            for silent in revocation.ask(fleet):
                echo(f"{silent.hub}: {silent.reason}", err=True)
        found = revocation.refusals(fleet)
        if as_json:
            show_json(_plain(found))
        else:
            _show(found, lang)
        raise typer.Exit(FAILED if any(one.waiting for one in found) else 0)


@app.command()
def enforce(ctx: typer.Context, *, lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Bring every hub the list of whom to refuse, and read back that it runs it; `serve` does so by itself."""
    from linjevakt import revocation  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json, lang=lang):
        waiting = revocation.enforce(_fleet(ctx), lambda step: echo(step, err=True))
        if as_json:
            show_json({"in_force": not waiting, "waiting": plain_waiting(waiting)})
        report(waiting, lang)


def report(waiting: "tuple[Waiting, ...]", lang: Tongue = Tongue.EN) -> None:
    """Says which hubs do not refuse yet, and ends the command with code 1 if there is one."""
    from linjevakt import revocation  # noqa: PLC0415 - loads the fleet

    if waiting:
        goes_on = word("`linjevakt serve` goes on trying; so does `linjevakt revoked enforce`.", lang)
        echo(f"{revocation.told(waiting).said(lang)}. {goes_on}", err=True)
        raise typer.Exit(FAILED)


def show_loss(loss: "Loss", lang: Tongue = Tongue.EN, *, as_json: bool) -> None:
    """Tells what was revoked and where that is in force; ends the command with code 1 where it is not yet."""
    if as_json:
        show_json(
            {
                "box": loss.box,
                "router": loss.router,
                "revoked": [one.serial for one in loss.revoked],
                "in_force": not loss.waiting,
                "waiting": plain_waiting(loss.waiting),
            }
        )
    else:
        named = ", ".join(one.serial for one in loss.revoked) or word("it had none that has not ended", lang)
        said = word("{router}: the box {box} is shut out; certificates revoked: {named}", lang)
        echo(said.format(router=loss.router or loss.box, box=loss.box, named=named))
    report(loss.waiting, lang)


def plain_waiting(waiting: "Iterable[Waiting]") -> list[dict[str, str]]:
    """For JSON."""
    return [{"hub": one.hub, "reason": one.reason} for one in waiting]


def _fleet(ctx: typer.Context) -> "Fleet":
    context: Context = ctx.obj
    return context.fleet


def _show(found: "Iterable[Refusal]", lang: Tongue) -> None:
    heads = ("Certificate", "Router", "Box", "Revoked", "Why", "Ends by itself", "In force on", "Not yet on")
    shown = Rows(*(word(head, lang) for head in heads))
    for one in found:
        known = one.certificate
        shown.add_row(
            known.serial,
            known.router,
            known.box,
            _local(known.revoked) if known.revoked else "-",
            word(known.reason, lang) if known.reason else "-",
            _local(known.expires),
            ", ".join(f"{hub} ({_local(seen)})" for hub, seen in one.in_force.items()) or "-",
            ", ".join(one.waiting) or "-",
        )
    shown.show()


def _plain(found: "Iterable[Refusal]") -> list[dict[str, Any]]:
    from linjevakt.revocation import Refusal  # noqa: PLC0415 - loads the fleet

    adapter = TypeAdapter(Refusal)
    return [adapter.dump_python(one, mode="json") for one in found]


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(OSLO):%Y-%m-%d %H:%M}"
