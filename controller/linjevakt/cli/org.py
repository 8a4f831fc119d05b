"""`linjevakt org`: organisations: what they have accepted, what opens or closes their segments, and corrections."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
import yaml

from linjevakt.cli import clock, fields
from linjevakt.cli.author import Reason, Who, author
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.terminal import Rows, echo, show_json
from linjevakt.cli.words import word
from linjevakt.model.entity import Author
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.gate import Gate, of_member
from linjevakt.model.inventory import Agreement, AgreementName, Inventory, Organisation
from linjevakt.model.saying import Saying

if TYPE_CHECKING:
    from linjevakt.office.organisations import Effect

app = typer.Typer(help="Organisations: list, show, gate, add, set, agree.", no_args_is_help=True)

# What has a way of its own, which leaves more than a value behind.
_ELSEWHERE = {
    "number": Saying("a number never changes; add the new organisation instead"),
    "membership": Saying("use `linjevakt org agree`, or order `freeze`, `reopen` or `terminate`"),
    "exclusions": Saying("order `exclude` or `readmit`"),
}

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The organisation number.")]
Agreements = Annotated[
    list[AgreementName], typer.Argument(metavar="terms|data_processing|customer...", show_default=False)
]


@app.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Show every organisation: whether it is a member, and how many of its segments may carry traffic."""
    from linjevakt.office.organisations import gates_by_member  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        inventory = _inventory(ctx)
        gates = gates_by_member(inventory)
        rows = [_row(one, gates[one.number]) for one in inventory.organisations]
        if as_json:
            show_json(rows)
            return
        heads = (Saying("Name"), Saying("Category"), Saying("Member"), Saying("Open segments"))
        shown = Rows(Saying("Number"), *heads)
        for row in rows:
            segments = Saying("{} of {}", row["open"], row["segments"])
            shown.add_row(row["number"], row["name"], word(row["category"]), row["member"], segments)
        shown.show()


@app.command()
def show(ctx: typer.Context, number: Number, *, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show one organisation in full, and whether its segments may carry traffic."""
    from linjevakt.office.organisations import gates_by_member  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        inventory = _inventory(ctx)
        found, gates = inventory.member(number), gates_by_member(inventory)[number]
        if as_json:
            show_json(_plain(found) | _plain_standing(found, gates))
            return
        echo(yaml.safe_dump(_plain(found), allow_unicode=True, sort_keys=False))
        _show_gates(found, gates)


@app.command()
def gate(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Argument(metavar="NUMBER", help="Without it, all.")] = None,
    *,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Show which segments may carry traffic, and what is missing for the others, as sentences to read out."""
    from linjevakt.office.organisations import gates_by_member  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        inventory = _inventory(ctx)
        found, gates = [inventory.member(number)] if number else inventory.organisations, gates_by_member(inventory)
        if as_json:
            rows = [(one, gates[one.number]) for one in found]
            show_json([{"number": one.number, "name": one.name} | _plain_standing(one, its) for one, its in rows])
            return
        for one in found:
            _show_gates(one, gates[one.number])


@app.command()
def add(
    ctx: typer.Context,
    *,
    file: Annotated[str, typer.Option("--file", metavar="FILE|-", help="YAML: the fields of an organisation.")],
    reason: Reason = None,
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Add an organisation."""
    from linjevakt.office import organisations  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        new = fields.from_file(file, Organisation)
        effect = organisations.add(context.desk, new, Author(author(who), reason or "added"))
        _show_effect(effect, Saying("added"), as_json=as_json)


@app.command("set")
def set_(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    number: Number,
    values: Annotated[
        list[str],
        typer.Argument(metavar="FIELD=VALUE...", help="Such as her_id=990101 or contacts[0].phone='990 00 101'."),
    ],
    *,
    reason: Reason = None,
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Correct an organisation; an empty value takes a field out."""
    from linjevakt.office import organisations  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        _refuse_elsewhere(fields.first_fields(values))

        def changed(found: Organisation) -> Organisation:
            return fields.from_arguments(values, Organisation, over=found)

        effect = organisations.change(context.desk, number, changed, Author(author(who), reason or "corrected"))
        _show_effect(effect, Saying("corrected"), as_json=as_json)


@app.command()
def agree(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    number: Number,
    agreements: Agreements,
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who accepted: nobody else may sign.")],
    capacity: Annotated[Literal["general_manager", "signature_right"], typer.Option(help="Why that person may sign.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="When; without it, today.")] = None,
    reason: Reason = None,
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Write down that an organisation has accepted agreements; with a reason, that what is recorded was wrong."""
    from linjevakt.office import organisations  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        context: Context = ctx.obj
        day = clock.day(on) if on else context.desk.today
        agreement = fields.from_values({"accepted": day, "by": by, "capacity": capacity}, Agreement)
        why = reason or f"{by} accepted {', '.join(agreements)}"
        written = Author(author(who), why)
        effect = organisations.agree(
            context.desk, number, dict.fromkeys(agreements, agreement), written, corrects=reason is not None
        )
        _show_effect(effect, Saying("{} accepted", ", ".join(agreements)), as_json=as_json)


def _inventory(ctx: typer.Context) -> Inventory:
    context: Context = ctx.obj
    return context.office.inventory()


def _refuse_elsewhere(names: Iterable[str]) -> None:
    for name in names:
        if name in _ELSEWHERE:
            raise InvalidInputError(Saying("{} is not set by hand: {}.", name, _ELSEWHERE[name]))


def _row(found: Organisation, gates: Collection[Gate]) -> dict[str, Any]:
    return {
        "number": found.number,
        "name": found.name,
        "category": found.category.value,
        "member": _standing(found),
        "open": sum(gate.open for gate in gates),
        "segments": len(gates),
        "missing": [phrase.model_dump() for phrase in of_member(found)],
    }


def _standing(found: Organisation) -> str:
    membership = found.membership
    if membership.ended:
        return Saying("ended {}", membership.ended)
    if membership.missing:
        return Saying("lacks {}", ", ".join(membership.missing))
    if membership.frozen:
        return Saying("frozen since {}", membership.frozen.since)
    excluded = any(exclusion.service is None for exclusion in found.exclusions)
    return Saying("excluded") if excluded else Saying("yes")


def _plain(found: Organisation) -> dict[str, Any]:
    return found.model_dump(mode="json", exclude_none=True)


def _plain_standing(found: Organisation, gates: Iterable[Gate]) -> dict[str, Any]:
    missing = [phrase.model_dump() for phrase in of_member(found)]
    return {"missing": missing, "gates": [_plain_gate(gate) for gate in gates]}


def _plain_gate(gate: Gate) -> dict[str, Any]:
    return {
        "organisation": gate.organisation,
        "site": gate.site,
        "segment": gate.segment,
        "open": gate.open,
        "missing": [phrase.model_dump() for phrase in gate.missing],
    }


def _show_gates(found: Organisation, gates: Iterable[Gate]) -> None:
    """What is missing segment by segment; what the member itself lacks where it has no segment yet."""
    echo(f"{found.name} ({found.number})")
    rows = [(_line(gate), gate.missing) for gate in gates]
    for line, missing in rows or [(Saying("no segment yet"), tuple(of_member(found)))]:
        echo(Saying("  {}", line))
        for phrase in missing:
            echo(Saying("          {}", phrase))


def _line(gate: Gate) -> Saying:
    return Saying("{:<6}  {}/{}", _openness(gate), gate.site, gate.segment)


def _openness(gate: Gate) -> Saying:
    return Saying("open") if gate.open else Saying("closed")


def _show_effect(effect: "Effect", done: Saying, *, as_json: bool) -> None:
    """What was done, and what there is to do now: closed gates open on the router only with a push."""
    if as_json:
        gates = [_plain_gate(gate) for gate in effect.gates]
        plain = _plain(effect.organisation)
        show_json({"organisation": plain, "gates": gates, "push": effect.routers, "orders": effect.orders})
        return
    echo(Saying("{} ({}): {}", effect.organisation.name, effect.organisation.number, done))
    for gate in effect.gates:
        echo(Saying("  {}/{}: {}", gate.site, gate.segment, _openness(gate)))
        for phrase in gate.missing:
            echo(Saying("    {}", phrase))
    if effect.routers:
        echo(Saying("Now: linjevakt push {}", " ".join(effect.routers)))
    for order in effect.orders:
        echo(Saying("Order {order} can go on: linjevakt order run {order}", order=order))
