"""`linjevakt stock`: the boxes themselves: where each one is, new ones, and what became of them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from linjevakt.cli import fields
from linjevakt.cli.author import Who, author
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge, show_json, show_table, table
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, InvalidInputError, NotFoundError
from linjevakt.model.rules.base import did_you_mean

app = typer.Typer(help="The boxes: list, add, move.", no_args_is_help=True)

Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The serial number on the box.")]
Note = Annotated[str | None, typer.Option("--note", help="What is to be known of the box.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    state: Annotated[Whereabouts | None, typer.Option(help="Only those.")] = None,
    as_json: Json = False,
) -> None:
    """Show every box and where it is."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        found = [box for box in context.store.register.now().equipment if state in {None, box.state}]
        if as_json:
            show_json([_plain(box) for box in found])
            return
        shown = table("Serial", "Model", "Platform", "State", "Router", "Note")
        for box in found:
            shown.add_row(box.serial, box.model, box.platform, box.state, box.router or "-", box.note or "-")
        show_table(shown)


@app.command()
def add(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    serial: Serial,
    *,
    model: Annotated[str, typer.Option(help="The maker's name for it.")],
    platform: Annotated[str, typer.Option(help="The folder of templates that it needs.")] = "linux",
    note: Note = None,
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Take a new box into the stock."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        _require_platform(platform)
        with context.store.register.edit(Author(author(who), note or "")) as draft:
            if draft.find(EntityKind.EQUIPMENT, serial):
                raise ConflictError(f"The box {serial} is there already; `linjevakt stock list` shows it.")
            plain = {"serial": serial, "model": model, "platform": platform, "note": note or None}
            box = fields.from_values({name: value for name, value in plain.items() if value is not None}, Equipment)
            draft.put(box)
        _show(box, as_json=as_json)


@app.command()
def move(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    serial: Serial,
    state: Annotated[Whereabouts, typer.Argument(help="Where it is now.", show_default=False)],
    *,
    router: Annotated[str | None, typer.Option(help="The router that it is to be, or is.")] = None,
    note: Note = None,
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Write down where a box is now; orders do so by themselves."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        with context.store.register.edit(Author(author(who), note or "")) as draft:
            boxes = {box.serial: box for box in draft.snapshot.equipment}
            if router is not None:
                _require_router(router, [known.name for known in draft.inventory.routers])
            box = _known(boxes, serial).moved(state, router)
            box = fields.from_values(box.model_dump() | ({"note": note} if note else {}), Equipment)
            draft.put(box)
        _show(box, as_json=as_json)


def _require_platform(name: str) -> None:
    from linjevakt import resources  # noqa: PLC0415 - looks at the disk

    known = resources.platforms()
    if name not in known:
        remedy = did_you_mean(name, known, f"There are: {', '.join(sorted(known))}.")
        raise InvalidInputError(f"There is no platform {name!r}. {remedy}")


def _require_router(name: str, known: list[str]) -> None:
    if name not in known:
        remedy = did_you_mean(name, known, "`linjevakt router list` shows what there is.")
        raise NotFoundError(f"There is no router {name!r}. {remedy}")


def _known(boxes: Mapping[str, Equipment], serial: str) -> Equipment:
    if serial not in boxes:
        near = get_close_matches(serial, boxes, n=1, cutoff=0.8)
        remedy = f"Did you mean {near[0]}?" if near else "`linjevakt stock list` shows what there is."
        raise NotFoundError(f"There is no box with serial number {serial}. {remedy}")
    return boxes[serial]


def _show(box: Equipment, *, as_json: bool) -> None:
    if as_json:
        show_json(_plain(box))
    else:
        typer.echo(f"{box.serial} ({box.model}): {box.state}{f', {box.router}' if box.router else ''}")


def _plain(box: Equipment) -> dict[str, Any]:
    return box.model_dump(mode="json", exclude_none=True)
