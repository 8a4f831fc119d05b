"""`linjevakt stock`: the boxes themselves: where each one is, new ones, and what became of them."""

from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from linjevakt.store.register import Register

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
    with edge(as_json=as_json):
        found = [box for box in _register(ctx).now().equipment if state in {None, box.state}]
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

        plain = {"serial": serial, "model": model, "platform": platform, "note": note or None}
        box = fields.from_values({name: value for name, value in plain.items() if value is not None}, Equipment)
        context: Context = ctx.obj
        added = stock.add(_register(ctx), box, Author(author(who), note or ""), context.settings.templates)
        _show(added, as_json=as_json)


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
        from linjevakt.office import stock  # noqa: PLC0415 - loads the store

        context: Context = ctx.obj
        said = Author(author(who), note or "")
        moved = stock.move(context.store.register, serial, state, said, router=router, note=note)
        if state is Whereabouts.LOST and context.store.certificates.all(box=serial):
            from linjevakt.office import loss  # noqa: PLC0415 - loads the fleet

            show_loss(loss.of_box(context.fleet, serial), stop, as_json=as_json)
        else:
            _show(moved, as_json=as_json)


def _register(ctx: typer.Context) -> "Register":
    context: Context = ctx.obj
    return context.store.register


def _show(box: Equipment, *, as_json: bool) -> None:
    if as_json:
        show_json(_plain(box))
    else:
        where = together(", ", [part for part in (word(box.state), box.router) if part])
        echo(Saying("{} ({}): {}", box.serial, box.model, where))


def _plain(box: Equipment) -> dict[str, Any]:
    return box.model_dump(mode="json", exclude_none=True)
