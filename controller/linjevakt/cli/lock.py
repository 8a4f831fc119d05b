"""`linjevakt lock`: which routers a push holds, and to end the hold of one whose worker is dead."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter

from linjevakt.cli.author import NeededReason, Who, author
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.model.entity import Author
from linjevakt.model.record import PushRecord
from linjevakt.model.saying import Saying

if TYPE_CHECKING:
    from linjevakt.office.locks import Locks

_PUSH = TypeAdapter(PushRecord)
OSLO = ZoneInfo("Europe/Oslo")
app = typer.Typer(help="Pushes that hold a router: list them, break one that is dead.", no_args_is_help=True)
Router = Annotated[str, typer.Argument(help="The router that is held.", show_default=False)]


@app.command("list")
def list_(ctx: typer.Context, *, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show every push that holds its router: who, since when, until when unless its worker still lives, what for."""
    with edge(as_json=as_json):
        found = _locks(ctx).under_way()
        if as_json:
            show_json([_plain(push) for push in found])
        else:
            _show(found)


@app.command("break")
def break_(
    ctx: typer.Context,
    router: Router,
    *,
    reason: NeededReason,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """End the hold that a dead worker has on a router; `settle`, or the next push, then asks the router how it ended.

    Needed only where a worker hangs: a dead one's hold ends by itself within 20 s.
    """
    from linjevakt.office import locks  # noqa: PLC0415 - as its neighbours

    with edge(as_json=as_json):
        held = locks.break_lock(_locks(ctx), router, Author(author(who), reason))
        if as_json:
            show_json(_plain(held))
        else:
            ended = Saying("How it ended is told by `linjevakt settle {router}`.", router=router)
            echo(Saying("{worker} holds {router} no more. {ended}", worker=held.worker, router=router, ended=ended))


def _locks(ctx: typer.Context) -> "Locks":
    context: Context = ctx.obj
    return context.office.locks


def _show(found: tuple[PushRecord, ...]) -> None:
    if not found:
        echo(Saying("no push holds a router"))
        return
    shown = Rows(Saying("Router"), Saying("Worker"), Saying("Since"), Saying("Until"), Saying("Why"))
    for push in found:
        shown.add_row(push.router, push.worker, _time(push.started), _until(push), push.why or "-")
    shown.show()


def _until(push: PushRecord) -> str:
    if push.broken is not None:
        return Saying("broken: {why}", why=push.broken)
    return _time(push.until) if push.until else "-"


def _time(at: datetime) -> str:
    return f"{at.astimezone(OSLO):%Y-%m-%d %H:%M:%S}"


def _plain(push: PushRecord) -> dict[str, Any]:
    names = ("id", "router", "worker", "started", "until", "why", "broken")
    plain: dict[str, Any] = _PUSH.dump_python(push, mode="json", include=set(names))
    return plain | {"held": push.is_held(datetime.now(UTC))}
