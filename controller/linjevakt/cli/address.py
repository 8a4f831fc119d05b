"""`linjevakt address`: pools and what is left of them, who has an address, and who had it on a day."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from typing import Annotated, Any

import typer

from linjevakt.cli.clock import Span, local, span
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.model.entity import Lease
from linjevakt.model.errors import InvalidInputError, NotFoundError
from linjevakt.model.inventory import Installation
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying

app = typer.Typer(help="Addresses: pools, who has one, who had it.", no_args_is_help=True)

_ALL = IPv4Network("0.0.0.0/0")
_HOW = Saying("Write 10.64.1.10, or 10.64.1.0/24 with no bits set after its length.")


@app.command()
def pools(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show each pool: how many prefixes are in use, in quarantine after they were given back, and left."""
    with edge(as_json=as_json):
        rows = _pools(ctx.obj)
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
    with edge(as_json=as_json):
        context: Context = ctx.obj
        had = context.store.register.who_had(_ALL)
        found = sorted((lease for lease in had if lease.until is None), key=lambda lease: IPv4Network(lease.network))
        if site is not None and site not in {lease.site for lease in found}:
            known, otherwise = {lease.site for lease in found}, Saying("`linjevakt site list` shows what there is.")
            remedy = did_you_mean(site, known, otherwise)
            raise NotFoundError(Saying("No site {site!r} has an address. {remedy}", site=site, remedy=remedy))
        _show([lease for lease in found if site in {None, lease.site}], as_json=as_json)


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
    with edge(as_json=as_json):
        context: Context = ctx.obj
        found = context.store.register.who_had(_network(address))
        wanted = span(on) if on else None
        _show([lease for lease in found if wanted is None or _had(lease, wanted)], as_json=as_json)


def _pools(context: Context) -> list[dict[str, Any]]:
    from linjevakt.store.leases import spans  # noqa: PLC0415 - loads the store
    from linjevakt.workorders.pools import left  # noqa: PLC0415 - as above

    installation, now = context.store.inventory().installation, datetime.now(UTC)
    settled = now - timedelta(days=installation.quarantine_days)
    rows = []
    for name, network, length, apart in _named(installation):
        leases = context.store.register.who_had(network)
        used = [IPv4Network(lease.network) for lease in leases if lease.until is None]
        resting = {IPv4Network(lease.network) for lease in leases if lease.until and lease.until > settled}
        rows.append(
            {
                "pool": name,
                "network": str(network),
                "prefix_length": length,
                "in_use": len(used),
                "quarantine": len(resting.difference(used)),
                "left": left(network, length, spans([*used, *resting, *apart])),
            }
        )
    return rows


def _named(installation: Installation) -> Iterator[tuple[str, IPv4Network, int, tuple[IPv4Network, ...]]]:
    from linjevakt.workorders.pools import apart_from_routers, apart_from_segments  # noqa: PLC0415 - as above

    segments, routers = (tuple(apart(installation)) for apart in (apart_from_segments, apart_from_routers))
    yield from ((pool.key, pool.network, pool.prefix_length, segments) for pool in installation.pools)
    yield "(management)", installation.management, 32, routers


def _network(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise InvalidInputError(Saying("{text!r} is no IPv4 address or prefix. {how}", text=text, how=_HOW)) from error


def _had(lease: Lease, wanted: Span) -> bool:
    return lease.since < wanted.end and (lease.until is None or lease.until > wanted.start)


def _show(leases: list[Lease], *, as_json: bool) -> None:
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
