"""`linjevakt site`: the connections: list them, show one as it is or as it was on a day."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from linjevakt.cli.clock import local, span
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.model.entity import EntityKind
from linjevakt.model.errors import NotFoundError
from linjevakt.model.gate import Gate
from linjevakt.model.inventory import Site
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying

if TYPE_CHECKING:
    from linjevakt.office.sites import Row

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
    from linjevakt.office import sites  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        if state not in {None, *_STATES}:
            otherwise = Saying("It is one of: {}.", ", ".join(_STATES))
            remedy = did_you_mean(str(state), _STATES, otherwise)
            raise NotFoundError(Saying("There is no state {!r}. {}", state, remedy))
        context: Context = ctx.obj
        found = map(_plain_row, sites.rows(context.office))
        rows = [row for row in found if state in {None, row["state"]} and _is_of(row, owner)]
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
    from linjevakt.office import sites  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        found, gates = sites.site_at(context.office, key, span(as_of).last if as_of else None)
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


def _plain_row(row: "Row") -> dict[str, Any]:
    return {
        "site": row.site.key,
        "name": row.site.place.name,
        "owner": {"number": row.owner.number, "name": row.owner.name},
        "router": row.site.router.name,
        "segments": len(row.gates),
        "open": sum(one.open for one in row.gates),
        "order": row.order,
        "state": row.state,
    }


def _is_of(row: dict[str, Any], owner: str | None) -> bool:
    found: dict[str, str] = row["owner"]
    return owner is None or owner == found["number"] or owner.casefold() in found["name"].casefold()


def _plain(site: Site) -> dict[str, Any]:
    return site.model_dump(mode="json", exclude_none=True)


def _plain_gate(one: Gate) -> dict[str, Any]:
    return {"segment": one.segment, "open": one.open, "missing": [phrase.model_dump() for phrase in one.missing]}


def _show_last_change(context: Context, key: str) -> None:
    from linjevakt.office import history  # noqa: PLC0415 - as above

    if version := history.last(context.office, EntityKind.SITE, key):
        revision = version.revision
        moment, who = local(revision.saved), revision.who
        if revision.order:
            echo(Saying("# last changed {} by {}, order {}", moment, who, revision.order))
        else:
            echo(Saying("# last changed {} by {}", moment, who))
