"""`linjevakt line`: list and show lines, write the letter about a line's openings, have a router try them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Protocol
from zoneinfo import ZoneInfo

import typer

from linjevakt.cli.context import Context
from linjevakt.cli.edge import FAILED, Json, edge
from linjevakt.cli.language import VARIABLE, Tongue
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.letters.letter import letter as written
from linjevakt.letters.openings import Opening, SiteLine, of_line, of_services
from linjevakt.letters.plain import text
from linjevakt.model import lookup
from linjevakt.model.inventory import Addressing, Inventory, Line, LineKind, Static
from linjevakt.model.saying import Saying

OSLO = ZoneInfo("Europe/Oslo")
app = typer.Typer(help="Lines: list, show, what must be open for them.", no_args_is_help=True)


Name = Annotated[str, typer.Argument(metavar="ROUTER.LINE", help="Such as rtr-fjellheim.wan0.")]
Pdf = Annotated[
    Path | None,
    typer.Option("--pdf", metavar="FILE", readable=False, help="Write a PDF here instead of text to stdout."),
]


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
        heads = (Saying("Site"), Saying("Kind"), Saying("Provider"), Saying("Addressing"), Saying("Priority"))
        shown = Rows(Saying("Line"), *heads)
        for place in lines:
            line = place.line
            site, ways = place.site.place.name, _addressed(place.ways)
            shown.add_row(place.name, site, word(line.kind), line.provider, ways, line.priority)
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
            echo(Saying("{:<12} {}", field, value))
        for opening in needed:
            label = Saying("must open") if opening.required else Saying("may open")
            echo(Saying("{:<12} {}", label, _said(opening)))


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
            echo(Saying("{}: the letter about {}", pdf, place.name) if pdf else text(document), nl=bool(pdf))


@app.command()
def openings(ctx: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Have the router try its line now; exit code 1 when something that the tunnel needs is closed."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        place = _line(_inventory(ctx), name)
        answer = context.fleet.doors.try_openings(place.site.router.name, place.line.name)
        (found,) = answer.lines
        if as_json:
            tried = [one.model_dump(mode="json") | {"required": one.required} for one in found.openings]
            told = {"target": answer.target, "passable": found.passable, "address": found.address}
            show_json({"line": place.name, **told, "openings": tried})
        else:
            address = found.address or Saying("no address")
            echo(Saying("{line} ({address}) to {target}", line=place.name, address=address, target=answer.target))
            for one in found.openings:
                echo(_tried(one))
        raise typer.Exit(0 if found.passable else FAILED)


# --- where lines are ---


def _inventory(ctx: typer.Context) -> Inventory:
    context: Context = ctx.obj
    return context.office.inventory()


def _catalogue(ctx: typer.Context) -> Any:
    context: Context = ctx.obj
    return context.catalogue


def _lines(inventory: Inventory) -> Iterator[SiteLine]:
    for site in inventory.sites:
        for line in sorted(site.lines, key=lambda line: line.priority):
            yield SiteLine(inventory, site, line)


def _line(inventory: Inventory, name: str) -> SiteLine:
    known = {place.name: place for place in _lines(inventory)}
    if name in known:
        return known[name]
    raise lookup.no_line(name, known)


def _needed(ctx: typer.Context, place: SiteLine) -> tuple[Opening, ...]:
    return of_line(place) + of_services(place, _catalogue(ctx))


# --- how they are shown ---


def _plain(place: SiteLine) -> dict[str, Any]:
    head = {"name": place.name, "router": place.site.router.name, "site": place.site.key}
    return head | {"line": place.line.model_dump(mode="json")}


class Tried(Protocol):
    """One opening that a router has tried: `open` None when it could not, `ms` the round trip."""

    @property
    def name(self) -> str:
        """`udp 500` or `esp`."""

    @property
    def open(self) -> bool | None:
        """See above."""

    @property
    def required(self) -> bool:
        """Whether the tunnel needs it."""

    @property
    def ms(self) -> float | None:
        """See above."""

    @property
    def detail(self) -> str:
        """Why it is not open."""


def _tried(one: Tried) -> Saying:
    """How the router found it: `  natt       CLOSED     no answer`."""
    closed = Saying("CLOSED") if one.required else Saying("closed")
    found = {True: Saying("open"), False: closed, None: Saying("not tried")}[one.open]
    detail = f"{one.ms:.1f} ms" if one.ms is not None else one.detail
    needed = "" if one.required else Saying(" (not needed)")
    return Saying("  {:<9} {:<10} {}{}", one.name, found, detail, needed)


def _facts(place: SiteLine) -> Mapping[str, str]:
    line, site = place.line, place.site.place
    return {
        Saying("line"): Saying("{} ({}, priority {})", place.name, word(line.kind), line.priority),
        Saying("site"): f"{site.name}, {site.street}, {site.postcode} {site.city}, {site.floor}, {site.room}",
        Saying("provider"): _provider(line),
        Saying("addressing"): _addressed(place.ways),
        Saying("rates"): Saying("{} Mbit/s down, {} Mbit/s up", line.down_mbit, line.up_mbit),
        Saying("mtu"): _mtu(line),
        Saying("hub"): str(place.hub),
        Saying("letter"): _letter(place),
    }


def _mtu(line: Line) -> Saying:
    return Saying("{} octets, as its provider says", line.mtu) if line.mtu else Saying("as the router finds")


def _provider(line: Line) -> str:
    return Saying("{}, fault desk {}", line.provider, line.fault_phone) if line.fault_phone else line.provider


def _letter(place: SiteLine) -> str:
    return f"linjevakt line letter {place.name}" if place.line.kind is LineKind.OWN_ISP else Saying("not needed")


def _addressed(ways: Iterable[Addressing]) -> str:
    found = (str(way.address) if isinstance(way, Static) else way.method.upper() for way in ways)
    return reduce(lambda one, other: Saying("{} or {}", one, other), found)


def _said(opening: Opening) -> Saying:
    ports = " ".join([opening.protocol, ", ".join(map(str, opening.ports))]).strip()
    return Saying("{} from {} to {}. {}", ports, opening.source, opening.target, opening.why)
