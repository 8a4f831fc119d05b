"""`linjevakt service`: the service catalogue: look at it, lint it, try what flex.pac answers a browser."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from linjevakt import flexpac, intent, pac, platforms, render, resources
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.inventory.catalogue import load_catalogue, refuse
from linjevakt.model import lookup
from linjevakt.model.catalogue import Catalogue, Service
from linjevakt.model.dossier import dossier
from linjevakt.model.errors import InvalidInputError, LackingError
from linjevakt.model.gate import gate
from linjevakt.model.inventory import Inventory, Segment, Site
from linjevakt.model.saying import Saying

app = typer.Typer(help="The service catalogue: list, show, lint, try flex.pac.", no_args_is_help=True)


@app.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show what a segment can order."""
    with edge(as_json=as_json):
        catalogue = _catalogue(ctx)
        rows = [_row(row) for row in catalogue.values()]
        if as_json:
            show_json(rows)
            return
        shown = Rows(Saying("Service"), Saying("Title"), Saying("Traffic"), Saying("Mbit/s"), Saying("Requires"))
        for row in rows:
            flows, requires = ", ".join(row["flows"]), ", ".join(row["requires"])
            title, rate = catalogue[row["key"]].title, f"{row['minimum_mbit']:g}"
            shown.add_row(row["key"], title, flows or "-", rate, requires or "-")
        shown.show()


@app.command()
def show(ctx: typer.Context, key: str, *, as_json: Json = False) -> None:
    """Show one service: traffic, proxy rules and their tests, prerequisites, probe."""
    with edge(as_json=as_json):
        row = _known(_catalogue(ctx), key)
        plain = row.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        show_json(plain) if as_json else echo(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False).rstrip())


@app.command()
def lint(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(readable=False, help="Rows, one a file; default: the catalogue in use.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Tell everything that is wrong with the rows, flex.pac tried in a JavaScript engine; needs no database."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        place = folder or context.settings.catalogue or resources.inventory() / "catalogue"
        catalogue = load_catalogue(place)
        refuse(place, flexpac.lint(catalogue, context.settings.templates))
        if as_json:
            show_json({"findings": []})
            return
        tried = sum(len(row.pac_tests) for row in catalogue.values())
        echo(Saying("{}: {} services, {} URLs tried; nothing to mend", place, len(catalogue), tried))


@app.command("try")
def try_(
    ctx: typer.Context,
    url: str,
    *,
    segment: Annotated[str | None, typer.Option(help="SITE/SEGMENT: the file that its router serves.")] = None,
    services: Annotated[str | None, typer.Option(help="a,b: the file where these are ordered; no database.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what flex.pac answers a browser for a URL."""
    with edge(as_json=as_json):
        if (segment is None) == (services is None):
            raise InvalidInputError(Saying("name either --segment SITE/SEGMENT or --services a,b"))
        keys, text = _of_segment(ctx, segment) if segment is not None else _of_services(ctx, services or "")
        answer = pac.evaluate(text, url)
        show_json({"url": url, "answer": answer, "services": keys}) if as_json else echo(answer)


def _of_services(ctx: typer.Context, named: str) -> tuple[list[str], str]:
    context: Context = ctx.obj
    catalogue = context.catalogue
    keys = [_known(catalogue, key.strip()).key for key in named.split(",")]
    wanted = intent.pac(flexpac.installation(catalogue), catalogue, keys)
    return keys, render.pac_file(wanted, flexpac.serving(context.settings.templates)[0])


def _of_segment(ctx: typer.Context, place: str) -> tuple[list[str], str]:
    context: Context = ctx.obj
    inventory, catalogue = context.office.inventory(), context.catalogue
    site, segment = _place(inventory, place)
    _refuse_closed(inventory, site, segment)
    keys = intent.ordered(dossier(inventory, site.router.name), catalogue)
    wanted = intent.pac(inventory.installation, catalogue, keys)
    return list(keys), render.pac_file(wanted, platforms.named(site.router.platform, context.settings.templates))


def _place(inventory: Inventory, place: str) -> tuple[Site, Segment]:
    known = {f"{found.key}/{segment.name}": (found, segment) for found in inventory.sites for segment in found.segments}
    if place not in known:
        raise lookup.no_segment(place, known)
    return known[place]


def _refuse_closed(inventory: Inventory, site: Site, segment: Segment) -> None:
    missing = gate(site, segment, inventory.members).missing
    if missing:
        raise LackingError(Saying("No browser in {}/{}, the segment is closed", site.key, segment.name), missing)


def _catalogue(ctx: typer.Context) -> Catalogue:
    context: Context = ctx.obj
    return context.catalogue


def _known(catalogue: Catalogue, key: str) -> Service:
    if key not in catalogue:
        raise lookup.no_service(key, catalogue)
    return catalogue[key]


def _row(row: Service) -> dict[str, Any]:
    return {
        "key": row.key,
        "title": row.title.model_dump(),
        "flows": [f"{flow.to} {flow.protocol} {'+'.join(map(str, flow.ports))}" for flow in row.flows],
        "minimum_mbit": row.minimum_mbit,
        "requires": [need.value for need in row.requires],
        "probe": row.probe.kind if row.probe else None,
    }
