"""`linjevakt site`: the connections: list them, show one as it is or as it was on a day."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
import yaml

from linjevakt.cli.clock import local, span
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.model import lookup
from linjevakt.model.entity import EntityKind
from linjevakt.model.errors import NotFoundError
from linjevakt.model.gate import Gate, gate
from linjevakt.model.inventory import Inventory, Organisation, Site
from linjevakt.model.near import did_you_mean
from linjevakt.model.record import Stage
from linjevakt.model.saying import Saying

app = typer.Typer(help="Sites: list, show as they are or were.", no_args_is_help=True)

_STATES = ("ok", "degraded", "down", "unknown", "shut_out")


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    owner: Annotated[str | None, typer.Option(help="Only of this organisation: number, or part of the name.")] = None,
    state: Annotated[str | None, typer.Option(help=f"Only those: {', '.join(_STATES)}.")] = None,
    as_json: Json = False,
) -> None:
    """Show every site: owner, router, segments that may carry traffic, open order, state (shut out, or as polled)."""
    with edge(as_json=as_json):
        if state not in {None, *_STATES}:
            otherwise = Saying("It is one of: {}.", ", ".join(_STATES))
            remedy = did_you_mean(str(state), _STATES, otherwise)
            raise NotFoundError(Saying("There is no state {!r}. {}", state, remedy))
        rows = [row for row in _rows(ctx.obj) if state in {None, row["state"]} and _is_of(row, owner)]
        if as_json:
            show_json(rows)
            return
        heads = (Saying("Name"), Saying("Owner"), Saying("Router"), Saying("Open segments"), Saying("Order"))
        shown = Rows(Saying("Site"), *heads, Saying("State"))
        for row in rows:
            segments, order = Saying("{} of {}", row["open"], row["segments"]), row["order"] or "-"
            owner, state_ = row["owner"]["name"], word(row["state"])
            shown.add_row(row["site"], row["name"], owner, row["router"], segments, order, state_)
        shown.show()


@app.command()
def show(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="The site's key.")],
    *,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="As it was at the end of that day, or at a moment.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show one site in full, today or on a day that has been."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        register = context.store.register
        now = register.at(span(as_of).last) if as_of else register.now()
        if as_of and not now.entities:
            remedy = Saying("`linjevakt history site {}` shows since when.", key)
            raise NotFoundError(Saying("Nothing was registered yet on {}. {}", as_of, remedy))
        found = _known(now.inventory, key, as_of)
        gates = _gates(now.inventory.members, found)
        if as_json:
            show_json(_plain(found) | {"gates": [_plain_gate(one) for one in gates]})
            return
        echo(yaml.safe_dump(_plain(found), allow_unicode=True, sort_keys=False).rstrip())
        for closed in (one for one in gates if not one.open):
            echo(Saying("# {} carries no traffic:", closed.segment))
            for phrase in closed.missing:
                echo(Saying("#   {}", phrase))
        if not as_of:
            _show_last_change(context, key)


def _rows(context: Context) -> list[dict[str, Any]]:
    now = context.store.register.now()
    inventory = now.inventory
    states = {**context.store.healths.states(), **_shut_out(context)}
    orders = {order.site: order.number for order in now.orders if order.is_open}
    known = inventory.members
    return [
        {
            "site": site.key,
            "name": site.place.name,
            "owner": {"number": site.owner, "name": known[site.owner].name},
            "router": site.router.name,
            "segments": len(site.segments),
            "open": sum(one.open for one in _gates(known, site)),
            "order": orders.get(site.key),
            "state": states.get(site.router.name, "unknown"),
        }
        for site in inventory.sites
    ]


def _is_of(row: dict[str, Any], owner: str | None) -> bool:
    found: dict[str, str] = row["owner"]
    return owner is None or owner == found["number"] or owner.casefold() in found["name"].casefold()


def _known(inventory: Inventory, key: str, as_of: str | None) -> Site:
    if key in inventory.by_key or not as_of:
        return inventory.site(key)
    error = lookup.no_site(key, inventory.by_key)
    raise NotFoundError(Saying("As of {day}: {error}", day=as_of, error=error))


def _plain(site: Site) -> dict[str, Any]:
    return site.model_dump(mode="json", exclude_none=True)


def _shut_out(context: Context) -> Mapping[str, str]:
    return {router: stage.value for router, stage in context.store.devices.stages().items() if stage is Stage.SHUT_OUT}


def _gates(known: Mapping[str, Organisation], site: Site) -> list[Gate]:
    return [gate(site, segment, known) for segment in site.segments]


def _plain_gate(one: Gate) -> dict[str, Any]:
    return {"segment": one.segment, "open": one.open, "missing": [phrase.model_dump() for phrase in one.missing]}


def _show_last_change(context: Context, key: str) -> None:
    for version in context.store.register.history(EntityKind.SITE, key, limit=1):
        revision = version.revision
        moment, who = local(revision.saved), revision.who
        if revision.order:
            echo(Saying("# last changed {} by {}, order {}", moment, who, revision.order))
        else:
            echo(Saying("# last changed {} by {}", moment, who))
