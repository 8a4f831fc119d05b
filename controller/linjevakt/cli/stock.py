"""`linjevakt stock`: the boxes themselves: where each one is, new ones, and what became of them."""

from typing import Annotated, Any

import typer

from linjevakt.cli import fields
from linjevakt.cli.author import Who, author
from linjevakt.cli.context import Context, heeding
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.revoked import show_loss
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.model.entity import Author
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.saying import Saying, together

app = typer.Typer(help="The boxes: list, add, move.", no_args_is_help=True)

Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The serial number on the box.")]
Note = Annotated[str | None, typer.Option("--note", help="What is to be known of the box.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    state: Annotated[Whereabouts | None, typer.Option(help="Only those.")] = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Show every box and where it is."""
    from linjevakt.office.stock import boxes  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        found = [box for box in boxes(context.office) if state in {None, box.state}]
        if as_json:
            show_json([_plain(box) for box in found])
            return
        shown = Rows(
            Saying("Serial"), Saying("Model"), Saying("Platform"), Saying("State"), Saying("Router"), Saying("Note")
        )
        for box in found:
            shown.add_row(box.serial, box.model, box.platform, word(box.state), box.router or "-", box.note or "-")
        shown.show()


@app.command()
def add(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    serial: Serial,
    *,
    model: Annotated[str, typer.Option(help="The maker's name for it.")],
    platform: Annotated[str, typer.Option(help="The folder of templates that it needs.")] = "linux",
    note: Note = None,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Take a new box into the stock."""
    with edge(as_json=as_json):
        from linjevakt.office import stock  # noqa: PLC0415 - loads the store

        context: Context = ctx.obj
        plain = {"serial": serial, "model": model, "platform": platform, "note": note or None}
        box = fields.from_values({name: value for name, value in plain.items() if value is not None}, stock.NewBox)
        _show(stock.add(context.office, box, Author(author(who), note or "")), as_json=as_json)


@app.command()
def move(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    serial: Serial,
    state: Annotated[Whereabouts, typer.Argument(help="Where it is now.", show_default=False)],
    *,
    router: Annotated[str | None, typer.Option(help="The router that it is to be, or is.")] = None,
    note: Note = None,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Write down where a box is now; orders do so by themselves. One that is lost is shut out."""
    with edge(as_json=as_json), heeding(ctx) as stop:
        from linjevakt.office import loss, stock  # noqa: PLC0415 - loads the fleet

        context: Context = ctx.obj
        plain = {"state": state, "router": router or None, "note": note or None}
        to = fields.from_values({name: value for name, value in plain.items() if value is not None}, stock.Move)
        moved, lost = loss.move(context.office, lambda: context.fleet, serial, to, Author(author(who), note or ""))
        show_loss(lost, stop, as_json=as_json) if lost else _show(moved, as_json=as_json)


def _show(box: Equipment, *, as_json: bool) -> None:
    if as_json:
        show_json(_plain(box))
    else:
        where = together(", ", [part for part in (word(box.state), box.router) if part])
        echo(Saying("{} ({}): {}", box.serial, box.model, where))


def _plain(box: Equipment) -> dict[str, Any]:
    return box.model_dump(mode="json", exclude_none=True)
