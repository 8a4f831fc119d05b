"""`linjevakt line`: list and show lines, write the letter about a line's openings, have a router try them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from linjevakt.cli.context import Context
from linjevakt.cli.edge import FAILED, Json, edge
from linjevakt.cli.language import VARIABLE, Tongue
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.letters.letter import letter as written
from linjevakt.letters.openings import Opening, SiteLine, of_line, of_services
from linjevakt.letters.plain import text
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Addressing, Inventory, LineKind, Static

if TYPE_CHECKING:
    from linjevakt.devices import LineOpenings

OSLO = ZoneInfo("Europe/Oslo")
app = typer.Typer(help="Lines: list, show, what must be open for them.", no_args_is_help=True)


Name = Annotated[str, typer.Argument(metavar="ROUTER.LINE", help="Such as rtr-fjellheim.wan0.")]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write a PDF here instead of text to stdout.")]


def register(root: typer.Typer) -> None:
    """Add the commands to the root of the command line."""
    root.add_typer(app, name="line")


LetterLang = Annotated[Tongue, typer.Option("--lang", envvar=VARIABLE, help="Bokmål or English.")]


@app.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show every line of every site."""
    with edge(as_json=as_json):
        lines = list(_lines(_inventory(ctx)))
        if as_json:
            show_json([_plain(place) for place in lines])
            return
        shown = Rows("Line", "Site", "Kind", "Provider", "Addressing", "Priority")
        for place in lines:
            line = place.line
            site, ways = place.connection.site.name, _addressed(place.ways)
            shown.add_row(place.name, site, line.kind, line.provider, ways, str(line.priority))
        shown.show()


@app.command()
def show(ctx: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Show one line, and what must be open for it."""
    with edge(as_json=as_json):
        place = _line(_inventory(ctx), name)
        needed = _needed(ctx, place) if place.line.kind is LineKind.OWN_ISP else ()
        if as_json:
            show_json(_plain(place) | {"openings": [opening.model_dump(mode="json") for opening in needed]})
            return
        for field, value in _facts(place).items():
            echo(f"{field:<12} {value}")
        for opening in needed:
            echo(f"{'must open' if opening.required else 'may open':<12} {_said(opening)}")


@app.command()
def letter(
    ctx: typer.Context, name: Name, *, lang: LetterLang = Tongue.NB, pdf: Pdf = None, as_json: Json = False
) -> None:
    """Write the letter to the site's firewall supplier and its provider: what must be open."""
    with edge(as_json=as_json):
        place = _line(_inventory(ctx), name)
        document = written(place, _catalogue(ctx), lang.value, datetime.now(OSLO).date())
        if pdf:
            from linjevakt.letters.pdf import pdf as printed  # noqa: PLC0415 - reportlab is for this alone

            pdf.write_bytes(printed(document))
        if as_json:
            told = {"file": str(pdf)} if pdf else {"text": text(document)}
            openings = [opening.model_dump(mode="json") for opening in _needed(ctx, place)]
            show_json({"line": place.name, "language": lang.value, **told, "openings": openings})
        else:
            echo(f"{pdf}: the letter about {place.name}" if pdf else text(document), nl=bool(pdf))


@app.command()
def openings(ctx: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Have the router try its line now; exit code 1 when something that the tunnel needs is closed."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        place = _line(_inventory(ctx), name)
        answer = context.fleet.openings(place.connection.router.name, place.line.name)
        (found,) = answer.lines
        if as_json:
            show_json({"line": place.name, "target": answer.target, "passable": found.passable} | _openings(found))
        else:
            echo(f"{place.name} ({found.address or 'no address'}) to {answer.target}")
            for one in found.openings:
                word = {True: "open", False: "CLOSED" if one.required else "closed", None: "not tried"}[one.open]
                detail = f"{one.ms:.1f} ms" if one.ms is not None else one.detail
                echo(f"  {one.name:<9} {word:<10} {detail}{'' if one.required else ' (not needed)'}")
        raise typer.Exit(0 if found.passable else FAILED)


# --- where lines are ---


def _inventory(ctx: typer.Context) -> Inventory:
    context: Context = ctx.obj
    return context.store.inventory()


def _catalogue(ctx: typer.Context) -> Any:
    context: Context = ctx.obj
    return context.catalogue


def _lines(inventory: Inventory) -> Iterator[SiteLine]:
    for connection in inventory.connections:
        for line in sorted(connection.lines, key=lambda line: line.priority):
            yield SiteLine(inventory, connection, line)


def _line(inventory: Inventory, name: str) -> SiteLine:
    known = {place.name: place for place in _lines(inventory)}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`linjevakt line list` shows what there is"
    raise NotFoundError(f"no site has a line {name!r} (ROUTER.LINE); {hint}")


def _needed(ctx: typer.Context, place: SiteLine) -> tuple[Opening, ...]:
    return of_line(place) + of_services(place, _catalogue(ctx))


# --- how they are shown ---


def _plain(place: SiteLine) -> dict[str, Any]:
    head = {"name": place.name, "router": place.connection.router.name, "site": place.connection.key}
    return head | {"line": place.line.model_dump(mode="json")}


def _openings(found: "LineOpenings") -> dict[str, Any]:
    return {
        "address": found.address,
        "openings": [one.model_dump(mode="json") | {"required": one.required} for one in found.openings],
    }


def _facts(place: SiteLine) -> dict[str, str]:
    line, site = place.line, place.connection.site
    return {
        "line": f"{place.name} ({line.kind}, priority {line.priority})",
        "site": f"{site.name}, {site.street}, {site.postcode} {site.city}, {site.floor}, {site.room}",
        "provider": f"{line.provider}{f', fault desk {line.fault_phone}' if line.fault_phone else ''}",
        "addressing": _addressed(place.ways),
        "rates": f"{line.down_mbit} Mbit/s down, {line.up_mbit} Mbit/s up",
        "mtu": f"{line.mtu} octets, as its provider says" if line.mtu else "as the router finds",
        "hub": str(place.hub),
        "letter": "linjevakt line letter " + place.name if line.kind is LineKind.OWN_ISP else "not needed",
    }


def _addressed(ways: Iterable[Addressing]) -> str:
    return " or ".join(str(way.address) if isinstance(way, Static) else way.method.upper() for way in ways)


def _said(opening: Opening) -> str:
    ports = " ".join([opening.protocol, ", ".join(map(str, opening.ports))]).strip()
    return f"{ports} from {opening.source} to {opening.target}. {opening.why}"
