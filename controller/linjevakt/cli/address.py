"""`linjevakt address`: pools and what is left of them, who has an address, and who had it on a day."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linjevakt.cli.clock import local, span
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.model.entity import Lease
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

if TYPE_CHECKING:
    from linjevakt.office.addresses import Pool

app = typer.Typer(help="Addresses: pools, who has one, who had it.", no_args_is_help=True)

_HOW = Saying("Write 10.64.1.10, or 10.64.1.0/24 with no bits set after its length.")


@app.command()
def pools(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show each pool: how many prefixes are in use, in quarantine after they were given back, and left."""
    from linjevakt.office import addresses  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        rows = [_plain_pool(pool) for pool in addresses.pools(context.office, datetime.now(UTC))]
        if as_json:
            show_json(rows)
            return
        heads = (Saying("Each"), Saying("In use"), Saying("Quarantine"), Saying("Left"))
        shown = Rows(Saying("Pool"), Saying("Network"), *heads)
        for row in rows:
            counts = (str(row[name]) for name in ("in_use", "quarantine", "left"))
            shown.add_row(row["pool"], row["network"], f"/{row['prefix_length']}", *counts)
        shown.show()


@app.command("list")
def list_(
    ctx: typer.Context,
    *,
    site: Annotated[str | None, typer.Option(help="Only of this site.")] = None,
    as_json: Json = False,
) -> None:
    """Show every address and prefix that someone has."""
    from linjevakt.office import addresses  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        _show(addresses.had_now(context.office, site), as_json=as_json)


@app.command()
def who(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(help="An address, or a prefix as 10.64.1.0/24.")],
    *,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Only who had it on that day, or at a moment.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show who has an address and who has had it, newest first."""
    from linjevakt.office import addresses  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        day = span(on) if on else None
        asked = _network(address)
        found = addresses.who_had(context.office, asked, lambda one: day is None or one.is_had(*day.ends))
        _show(found, as_json=as_json)


def _plain_pool(pool: "Pool") -> dict[str, Any]:
    return {
        "pool": f"({pool.key})" if pool.for_routers else pool.key,
        "network": str(pool.network),
        "prefix_length": pool.prefix_length,
        "in_use": len(pool.in_use),
        "quarantine": len(pool.quarantined),
        "left": pool.left,
    }


def _network(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise InvalidInputError(Saying("{text!r} is no IPv4 address or prefix. {how}", text=text, how=_HOW)) from error


def _show(leases: Sequence[Lease], *, as_json: bool) -> None:
    if as_json:
        show_json([_plain(lease) for lease in leases])
        return
    heads = (Saying("Site"), Saying("Of"), Saying("What"), Saying("Since"), Saying("Until"), Saying("Order"))
    shown = Rows(Saying("Network"), *heads)
    for lease in leases:
        until = local(lease.until) if lease.until else "-"
        order = str(lease.order or "-")
        shown.add_row(lease.network, lease.site, lease.name, word(lease.purpose), local(lease.since), until, order)
    shown.show() if leases else echo(Saying("nobody"))


def _plain(lease: Lease) -> dict[str, Any]:
    until = lease.until.isoformat() if lease.until else None
    return asdict(lease) | {"network": str(lease.network), "since": lease.since.isoformat(), "until": until}
