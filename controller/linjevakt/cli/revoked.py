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
from linjevakt.model.stop import Stop

if TYPE_CHECKING:
    from linjevakt.fleet import Fleet
    from linjevakt.revocation import Refusal, Waiting
    from linjevakt.workorders.loss import Loss, Outlook

_NAMED = 8  # routers in a line
_NONE = "none: no certificate is revoked that has not ended"
_DONE = "{router}: the box {box} is shut out; certificates revoked: {named}"
_DONE_BEFORE = "{router}: the box {box} is shut out already, since {since}; certificates revoked: {named}"
OSLO = ZoneInfo("Europe/Oslo")
app = typer.Typer(help="Revoked certificates: list them, and see to it that they are refused.", no_args_is_help=True)

Ask = Annotated[bool, typer.Option("--ask", help="Ask every hub now, instead of telling what it was last seen to run.")]


@app.command("list")
def list_(ctx: typer.Context, *, ask: Ask = False, lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show each revoked certificate that has not ended, and who refuses it; exit code 1 while one who must does not.

    Hubs refuse them all; sites those of hubs.
    """
    from linjevakt import revocation  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json):
        fleet = _fleet(ctx)
        if ask:
            for silent in revocation.ask(fleet):
                echo(about(silent.router, silent.reason), err=True)
        found = revocation.refusals(fleet)
        if as_json:
            show_json(_plain(found))
        else:
            _show(found, lang)
        raise typer.Exit(FAILED if any(one.waiting for one in found) else 0)


@app.command()
def enforce(ctx: typer.Context, *, lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Bring hubs, and sites where a hub was revoked, the list of whom to refuse, and read back that they run it.

    `serve` does so by itself.
    """
    from linjevakt import revocation  # noqa: PLC0415 - loads the fleet

    with edge(as_json=as_json), heeding(ctx) as stop:
        fleet = _fleet(ctx)
        waiting = revocation.enforce(fleet, lambda step: echo(step, err=True))
        found = revocation.refusals(fleet)
        if as_json:
            show_json({"in_force": not waiting, "waiting": plain_waiting(waiting), "refused": _plain(found)})
        else:
            _show_short(found, lang)
        report(waiting, stop, lang)


def report(waiting: "tuple[Waiting, ...]", stop: Stop, lang: Tongue = Tongue.EN) -> None:
    """Says who does not refuse yet, and ends the command with code 1 (130: interrupted) if there is one."""
    from linjevakt import revocation  # noqa: PLC0415 - loads the fleet

    if waiting:
        goes_on = word("`linjevakt serve` goes on trying; so does `linjevakt revoked enforce`.", lang)
        echo(f"{revocation.told(waiting).said(lang)}. {goes_on}", err=True)
        raise typer.Exit(code(stop, done=False))


def show_loss(loss: "Loss", stop: Stop, lang: Tongue = Tongue.EN, *, as_json: bool) -> None:
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
        named = ", ".join(one.serial for one in loss.revoked) or word("it had none that has not ended", lang)
        said = word(_DONE_BEFORE if loss.since else _DONE, lang)
        since = local(loss.since) if loss.since else ""
        echo(said.format(router=loss.router or loss.box, box=loss.box, named=named, since=since))
    report(loss.waiting, stop, lang)


def show_outlook(found: "Outlook", lang: Tongue) -> None:
    """Tells what shutting a box out would do."""
    if found.since:
        said = word("{router}: the box {box} is shut out already, since {since}", lang)
        echo(said.format(router=found.router, box=found.box, since=local(found.since)))
        return
    revokes = ", ".join(found.revokes) or word("it has none that has not ended", lang)
    said = word("{router} is the box {box}, staged {staged}. To shut it out", lang)
    echo(said.format(router=found.router, box=found.box, staged=local(found.staged)))
    echo(word("- revokes its certificates: {certificates}", lang).format(certificates=revokes))
    tells = _some(found.tells, lang) or word("nobody", lang)
    echo(word("- has to be told to: {routers}", lang).format(routers=tells))
    for sentence in found.costs:
        echo(f"- {sentence.said(lang)}")


def plain_waiting(waiting: "Iterable[Waiting]") -> list[dict[str, str]]:
    """For JSON."""
    return [{"router": one.router, "reason": one.reason} for one in waiting]


def _fleet(ctx: typer.Context) -> "Fleet":
    context: Context = ctx.obj
    return context.fleet


def _show_short(found: "Sequence[Refusal]", lang: Tongue) -> None:
    for one in found:
        known, place = one.certificate, word("in force on" if one.in_force else "in force nowhere", lang)
        unmet = f"; {word('NOT YET on', lang)} {_some(one.waiting, lang)}" if one.waiting else ""
        said = word("{router}, box {box}, certificate {serial} ({why})", lang)
        why = word(known.reason, lang) if known.reason else "-"
        named = said.format(router=known.router, box=known.box, serial=known.serial, why=why)
        echo(f"{named}: {place} {_some(one.in_force, lang)}".rstrip() + unmet)
    if not found:
        echo(word(_NONE, lang))


def _some(names: "Collection[str]", lang: Tongue) -> str:
    """The first few, and how many more: a hub is refused by thousands of sites."""
    more = word(" and {number} more", lang).format(number=len(names) - _NAMED) if len(names) > _NAMED else ""
    return ", ".join(list(names)[:_NAMED]) + more


def _show(found: "Sequence[Refusal]", lang: Tongue) -> None:
    if not found:
        echo(word(_NONE, lang))
        return
    heads = ("Certificate", "Router", "Box", "Revoked", "Why", "Ends by itself", "In force on", "Not yet on")
    shown = Rows(*(word(head, lang) for head in heads))
    for one in found:
        known = one.certificate
        shown.add_row(
            known.serial,
            known.router,
            known.box,
            local(known.revoked) if known.revoked else "-",
            word(known.reason, lang) if known.reason else "-",
            local(known.expires),
            _some([f"{router} ({local(seen)})" for router, seen in one.in_force.items()], lang) or "-",
            _some(one.waiting, lang) or "-",
        )
    shown.show()


def _plain(found: "Iterable[Refusal]") -> list[dict[str, Any]]:
    from linjevakt.revocation import Refusal  # noqa: PLC0415 - loads the fleet

    adapter = TypeAdapter(Refusal)
    return [adapter.dump_python(one, mode="json") for one in found]


def local(moment: datetime) -> str:
    """As people read it in Norway."""
    return f"{moment.astimezone(OSLO):%Y-%m-%d %H:%M}"
