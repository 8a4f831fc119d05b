"""`linjevakt revoked`: whose certificates were revoked, who refuses them, and to make those that must and do not."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import TypeAdapter

from linjevakt.cli.context import Context, heeding
from linjevakt.cli.edge import FAILED, Json, code, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.model.errors import about
from linjevakt.model.saying import Saying
from linjevakt.model.stop import Stop

if TYPE_CHECKING:
    from linjevakt.office.loss import Loss, Outlook
    from linjevakt.provisioning.fleet import Fleet
    from linjevakt.provisioning.revocation import Refusal, Waiting

_NAMED = 8  # routers in a line
_NONE = Saying("none: no certificate is revoked that has not ended")
OSLO = ZoneInfo("Europe/Oslo")
app = typer.Typer(help="Revoked certificates: list them, and see to it that they are refused.", no_args_is_help=True)

Ask = Annotated[bool, typer.Option("--ask", help="Ask every hub now, instead of telling what it was last seen to run.")]


@app.command("list")
def list_(ctx: typer.Context, *, ask: Ask = False, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show each revoked certificate that has not ended, and who refuses it; exit code 1 while one who must does not.

    Hubs refuse them all; sites those of hubs.
    """
    from linjevakt.provisioning import revocation  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json):
        fleet = _fleet(ctx)
        if ask:
            for silent in revocation.ask(fleet):
                echo(about(silent.router, silent.reason), err=True)
        found = revocation.refusals(fleet)
        if as_json:
            show_json(_plain(found))
        else:
            _show(found)
        raise typer.Exit(FAILED if any(one.waiting for one in found) else 0)


@app.command()
def enforce(ctx: typer.Context, *, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Bring hubs, and sites where a hub was revoked, the list of whom to refuse, and read back that they run it.

    `serve` does so by itself.
    """
    from linjevakt.provisioning import revocation  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json), heeding(ctx) as stop:
        fleet = _fleet(ctx)
        waiting = revocation.enforce(fleet, lambda step: echo(step, err=True))
        found = revocation.refusals(fleet)
        if as_json:
            show_json({"in_force": not waiting, "waiting": plain_waiting(waiting), "refused": _plain(found)})
        else:
            _show_short(found)
        report(waiting, stop)


def report(waiting: "tuple[Waiting, ...]", stop: Stop) -> None:
    """Says who does not refuse yet, and ends the command with code 1 (130: interrupted) if there is one."""
    from linjevakt.provisioning import revocation  # noqa: PLC0415 - loads the fleet

    if waiting:
        goes_on = Saying("`linjevakt serve` goes on trying; so does `linjevakt revoked enforce`.")
        echo(Saying("{}. {}", revocation.told(waiting), goes_on), err=True)
        raise typer.Exit(code(stop, done=False))


def show_loss(loss: "Loss", stop: Stop, *, as_json: bool) -> None:
    """Tells what was revoked and where that is in force; ends the command as `report` does where it is not yet."""
    if as_json:
        show_json(
            {
                "box": loss.box,
                "router": loss.router,
                "since": loss.since.isoformat() if loss.since else None,
                "revoked": [one.serial for one in loss.revoked],
                "in_force": not loss.waiting,
                "waiting": plain_waiting(loss.waiting),
            }
        )
    else:
        echo(_done(loss))
    report(loss.waiting, stop)


def _done(loss: "Loss") -> Saying:
    router = loss.router or loss.box
    named = ", ".join(one.serial for one in loss.revoked) or Saying("it had none that has not ended")
    if loss.since is None:
        return Saying("{}: the box {} is shut out; certificates revoked: {}", router, loss.box, named)
    known = Saying("{}: the box {} is shut out already, since {}", router, loss.box, local(loss.since))
    return Saying("{}; certificates revoked: {}", known, named)


def show_outlook(found: "Outlook") -> None:
    """Tells what shutting a box out would do."""
    if found.since:
        echo(Saying("{}: the box {} is shut out already, since {}", found.router, found.box, local(found.since)))
        return
    echo(Saying("{} is the box {}, staged {}. To shut it out", found.router, found.box, local(found.staged)))
    revokes = ", ".join(found.revokes) or Saying("it has none that has not ended")
    echo(Saying("- revokes its certificates: {}", revokes))
    echo(Saying("- has to be told to: {}", _some(found.tells) or Saying("nobody")))
    for sentence in found.costs:
        echo(Saying("- {}", sentence))


def plain_waiting(waiting: "Iterable[Waiting]") -> list[dict[str, str]]:
    """For JSON."""
    return [{"router": one.router, "reason": one.reason} for one in waiting]


def _fleet(ctx: typer.Context) -> "Fleet":
    context: Context = ctx.obj
    return context.fleet


def _show_short(found: "Sequence[Refusal]") -> None:
    for one in found:
        known, refuse = one.certificate, _some(one.in_force)
        place = Saying("in force on {}", refuse) if refuse else Saying("in force nowhere")
        unmet = Saying("; NOT YET on {}", _some(one.waiting)) if one.waiting else ""
        why = word(known.reason) if known.reason else "-"
        named = Saying("{}, box {}, certificate {} ({})", known.router, known.box, known.serial, why)
        echo(Saying("{}: {}{}", named, place, unmet))
    if not found:
        echo(_NONE)


def _some(names: "Collection[str]") -> str:
    """The first few, and how many more: a hub is refused by thousands of sites."""
    few, more = ", ".join(list(names)[:_NAMED]), len(names) - _NAMED
    return Saying("{} and {} more", few, more) if more > 0 else few


def _show(found: "Sequence[Refusal]") -> None:
    if not found:
        echo(_NONE)
        return
    heads = (Saying("Router"), Saying("Box"), Saying("Revoked"), Saying("Why"), Saying("Ends by itself"))
    shown = Rows(Saying("Certificate"), *heads, Saying("In force on"), Saying("Not yet on"))
    for one in found:
        known = one.certificate
        shown.add_row(
            known.serial,
            known.router,
            known.box,
            local(known.revoked) if known.revoked else "-",
            word(known.reason) if known.reason else "-",
            local(known.expires),
            _some([f"{router} ({local(seen)})" for router, seen in one.in_force.items()]) or "-",
            _some(one.waiting) or "-",
        )
    shown.show()


def _plain(found: "Iterable[Refusal]") -> list[dict[str, Any]]:
    from linjevakt.provisioning.revocation import Refusal  # noqa: PLC0415 - loads the fleet

    adapter = TypeAdapter(Refusal)
    return [adapter.dump_python(one, mode="json") for one in found]


def local(moment: datetime) -> str:
    """As people read it in Norway."""
    return f"{moment.astimezone(OSLO):%Y-%m-%d %H:%M}"
