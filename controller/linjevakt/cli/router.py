"""`linjevakt router` and `linjevakt health`: stage a box, look at routers, ask one how it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter

from linjevakt.cli.author import NeededReason, Who, author
from linjevakt.cli.bootstrap import Claim, Out, box, deliver, require_writable
from linjevakt.cli.context import Context
from linjevakt.cli.edge import FAILED, Json, edge
from linjevakt.cli.revoked import report, show_loss
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.model.entity import Author
from linjevakt.model.health import Health
from linjevakt.model.record import CERTIFICATE_ENDS_SOON

if TYPE_CHECKING:
    from linjevakt.fleet import Fleet
    from linjevakt.overview import Overview

OSLO = ZoneInfo("Europe/Oslo")
app = typer.Typer(help="Routers: stage, list, show, shut out.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="ROUTER", help="The router's name in the inventory.")]


def register(root: typer.Typer) -> None:
    """Add the commands to the root of the command line."""
    root.add_typer(app, name="router")
    root.command()(health)


@app.command()
def stage(ctx: typer.Context, router: Name, *, identity: Claim, out: Out = None, as_json: Json = False) -> None:
    """Pin a box's keys, certify it, and print the configuration that lets it come home. It holds secrets.

    Another box that was the router is revoked.
    """
    from linjevakt import revocation  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json):
        require_writable(out)
        fleet = _fleet(ctx)
        deliver(fleet.stage(router, box(identity)), router, out, as_json=as_json)
        others = [hub for hub in revocation.behind(fleet) if hub != router]  # a new hub gets the list to start with
        report(revocation.enforce(fleet, only=others))


@app.command()
def stolen(ctx: typer.Context, router: Name, *, reason: NeededReason, who: Who = None, as_json: Json = False) -> None:
    """Shut out the box that is the router: its certificates are revoked, and every hub refuses them from now on."""
    from linjevakt.workorders import loss  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json):
        show_loss(loss.of_router(_fleet(ctx), router, Author(author(who), reason)), as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show every router: stage, state, last push."""
    from linjevakt.overview import overviews  # noqa: PLC0415 - loads the fleet, which other commands do without

    with edge(as_json=as_json):
        found = overviews(_fleet(ctx))
        if as_json:
            show_json(_plain(found))
            return
        shown = Rows("Router", "Site", "Stage", "State", "Line", "Last push", "Certificate until")
        for one in found:
            shown.add_row(*_row(one))
        shown.show()


@app.command()
def show(ctx: typer.Context, router: Name, *, as_json: Json = False) -> None:
    """Show one router: identity, state, last push."""
    from linjevakt.overview import overview  # noqa: PLC0415 - as above

    with edge(as_json=as_json):
        found = overview(_fleet(ctx), router)
        if as_json:
            show_json(_plain([found])[0])
            return
        for name, value in _facts(found).items():
            echo(f"{name:<12} {value}")
        if found.health:
            _show_health(found.health)


def health(ctx: typer.Context, router: Name, *, as_json: Json = False) -> None:
    """Poll a router now over SNMP; exit code 1 when it is down."""
    with edge(as_json=as_json):
        found = _fleet(ctx).health(router)
        if as_json:
            show_json({"state": found.state} | TypeAdapter(Health).dump_python(found, mode="json"))
        else:
            echo(f"{router}: {found.state}{f', {found.detail}' if found.detail else ''}")
            _show_health(found)
        raise typer.Exit(FAILED if found.state == "down" else 0)


def _fleet(ctx: typer.Context) -> "Fleet":
    context: Context = ctx.obj
    return context.fleet


def _plain(found: "Sequence[Overview]") -> list[dict[str, Any]]:
    from linjevakt.overview import Overview  # noqa: PLC0415 - as above

    adapter, unshown = TypeAdapter(Overview), {"device": {"csr", "certificate"}}
    now = datetime.now(UTC)
    told = [{"state": one.state, "certificate_days_left": one.days_left(now)} for one in found]
    return [
        more | adapter.dump_python(one, mode="json", exclude=unshown) for more, one in zip(told, found, strict=True)
    ]


def _row(one: "Overview") -> tuple[str, ...]:
    return (
        one.router.name,
        one.site_name or "(hub)",
        one.device.stage if one.device else "-",
        one.state,
        one.health.line_in_use or "-" if one.health else "-",
        f"{one.push.state}, {_local(one.push.started)}" if one.push else "-",
        _until(one),
    )


def _until(one: "Overview") -> str:
    expires = one.certificate_expires
    if expires is None:
        return "-"
    left = expires - datetime.now(UTC)
    return f"{_local(expires)}{f' ({left.days} days left)' if left < CERTIFICATE_ENDS_SOON else ''}"


def _facts(one: "Overview") -> dict[str, str]:
    device, push = one.device, one.push
    return {
        "router": f"{one.router.name} ({one.router.platform}, {one.role})",
        "site": f"{one.site_name}, {one.owner}" if one.site else "-",
        "management": str(one.router.management),
        "stage": f"{device.stage} since {_local(device.enrolled)}" if device else "not staged",
        "serial": device.serial if device else one.router.serial or "-",
        "certificate": _ends(one.certificate_expires, one.router.name) if one.certificate_expires else "-",
        "last push": f"{push.state} {_local(push.started)} {push.reason}".rstrip() if push else "-",
        "state": one.state,
    }


def _ends(expires: datetime, router: str) -> str:
    left = expires - datetime.now(UTC)
    late = f"; RENEW IT: `linjevakt push {router}`" if left < CERTIFICATE_ENDS_SOON else ""
    return f"until {_local(expires)}, {left.days} days left{late}"


def _show_health(found: Health) -> None:
    if not found.reachable:
        return
    echo(f"polled       {_local(found.at)}; agent {found.agent_version}, configuration {found.config_state}")
    echo(f"tunnel       {found.tunnel}{f', for {found.tunnel_age_s} s' if found.tunnel_up else ''}")
    if found.certificate_expires:
        echo(f"certificate  {_ends(found.certificate_expires, found.router)}")
    for line in found.lines:
        rtt = f", {line.rtt_ms:.1f} ms" if line.rtt_ms is not None else ""
        echo(f"line         {line.name} ({line.kind}): {line.state}{', in use' if line.in_use else ''}{rtt}")
    for probe in found.probes:
        echo(f"probe        {probe.service} for {probe.segment}: {probe.result} ({probe.detail})")
    for copy in found.duplicates:
        times = f"{copy.attempts} times since {_local(copy.first)}" if copy.first else f"{copy.attempts} times"
        echo(f"duplicate    somebody has the key of {copy.router} at {copy.address}: {times}")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(OSLO):%Y-%m-%d %H:%M}"
