"""`linjevakt router` and `linjevakt health`: stage a box, look at routers, ask one how it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import TypeAdapter

from linjevakt.cli import routertext
from linjevakt.cli.author import Reason, Who, author, needed
from linjevakt.cli.bootstrap import Claim, Out, box, deliver, require_writable
from linjevakt.cli.context import Context, heeding
from linjevakt.cli.edge import FAILED, Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.revoked import report, show_loss, show_outlook
from linjevakt.cli.terminal import echo, require_yes, show_json, someone_is_there
from linjevakt.model.entity import Author
from linjevakt.model.health import Health, told
from linjevakt.model.saying import Saying

if TYPE_CHECKING:
    from linjevakt.office.loss import Outlook
    from linjevakt.overview import Overview
    from linjevakt.provisioning.fleet import Fleet

app = typer.Typer(help="Routers: stage, list, show, shut out.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="ROUTER", help="The router's name in the inventory.")]


def register(root: typer.Typer) -> None:
    """Add the commands to the root of the command line."""
    root.add_typer(app, name="router")
    root.command()(health)


@app.command()
def stage(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    router: Name,
    *,
    identity: Claim,
    out: Out = None,
    replace: Annotated[
        bool, typer.Option("--replace-identity", help="The router is in use: revoke its box, this one takes its place.")
    ] = False,
    reason: Reason = None,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Pin a box's keys, certify it, and print the configuration that lets it come home. It holds secrets.

    Another box that was the router is revoked, one that is in use only with --replace-identity and a reason.
    """
    from linjevakt.provisioning import revocation  # noqa: PLC0415 - loads the fleet
    from linjevakt.workorders import staging  # noqa: PLC0415 - as above

    with edge(as_json=as_json):
        require_writable(out)
        fleet, claim = _fleet(ctx), box(identity)
        why = needed(reason) if replace else reason or f"staged as {router}"
        with heeding(ctx) as stop:
            candidate = staging.stage(fleet, router, claim, Author(author(who), why), replace=replace)
            deliver(candidate, router, out, as_json=as_json)
            if lone := [site for site, hub in fleet.boxes.find_without_hub().items() if hub == router]:
                told_later = Saying(
                    "{number} sites are told to refuse the former box as soon as {router} is pushed to",
                    number=len(lone),
                    router=router,
                )
                echo(told_later, err=True)
            hubs = set(revocation.hubs(fleet)) - {router}  # a new hub gets the list to start with
            report(revocation.enforce(fleet, only=hubs.intersection(revocation.behind(fleet))), stop)


@app.command()
def stolen(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    router: Name,
    *,
    reason: Reason = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell what it would do, and what that costs.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking, at a terminal too.")] = False,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Shut out the box that is the router, for good: its certificates are revoked, and refused from now on.

    Every hub is told at once. Sites are told of a hub, once another box is in its place.
    """
    from linjevakt.office import loss  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json):
        fleet = _fleet(ctx)
        outlook = loss.outlook(fleet, router)
        if check:
            show_json(_plain_outlook(outlook)) if as_json else show_outlook(outlook)
            return
        said = Author(author(who), needed(reason))
        if not (outlook.since or yes or as_json or not someone_is_there()):
            show_outlook(outlook)
            require_yes(Saying("Shut out the box {box}, for good?", box=outlook.box))
        with heeding(ctx) as stop:
            show_loss(loss.of_router(fleet, router, said), stop, as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, *, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show every router: stage, state, last push."""
    from linjevakt.overview import overviews, rows  # noqa: PLC0415 - loads the fleet, which other commands do without

    with edge(as_json=as_json):
        fleet = _fleet(ctx)
        show_json(_plain(overviews(fleet))) if as_json else routertext.show_rows(rows(fleet))


@app.command()
def show(ctx: typer.Context, router: Name, *, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show one router: identity, state, last push."""
    from linjevakt.overview import overview  # noqa: PLC0415 - as above

    with edge(as_json=as_json):
        found = overview(_fleet(ctx), router)
        show_json(_plain([found])[0]) if as_json else routertext.show(found)


def health(ctx: typer.Context, router: Name, *, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Poll a router now over SNMP; exit code 1 when it is down or shut out."""
    from linjevakt.overview import Witness, witness  # noqa: PLC0415 - as above

    with edge(as_json=as_json):
        found, seen = _fleet(ctx).polling.poll(router), witness(_fleet(ctx), router)
        state = told(found, shut_out=seen.shut_out is not None)
        if as_json:
            aside = TypeAdapter(Witness).dump_python(seen, mode="json")
            show_json({"state": state, "witness": aside} | TypeAdapter(Health).dump_python(found, mode="json"))
        else:
            routertext.show_health(found, seen)
        raise typer.Exit(FAILED if state in {"down", "shut_out"} else 0)


def _plain_outlook(found: "Outlook") -> dict[str, Any]:
    plain: dict[str, Any] = TypeAdapter(type(found)).dump_python(found, mode="json")
    return plain


def _fleet(ctx: typer.Context) -> "Fleet":
    context: Context = ctx.obj
    return context.fleet


def _plain(found: "Sequence[Overview]") -> list[dict[str, Any]]:
    from linjevakt.overview import Overview  # noqa: PLC0415 - as above

    adapter, unshown = TypeAdapter(Overview), {"device": {"csr", "certificate"}}
    now = datetime.now(UTC)
    more = [
        {"state": one.state, "certificate_days_left": one.days_left(now), "certificate_revoked": _iso(one)}
        for one in found
    ]
    return [
        added | adapter.dump_python(one, mode="json", exclude=unshown) for added, one in zip(more, found, strict=True)
    ]


def _iso(one: "Overview") -> str | None:
    return one.certificate_revoked.isoformat() if one.certificate_revoked else None
