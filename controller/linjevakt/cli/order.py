"""`linjevakt order`: take an order, see how far it has come, do its next step, put it right, cancel it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from linjevakt.cli import bootstrap, fields, orderkinds, ordertext
from linjevakt.cli.author import NeededReason, Reason, Who, author
from linjevakt.cli.context import Context, heeding
from linjevakt.cli.edge import FAILED, Json, code, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.ordertext import Sheet
from linjevakt.cli.terminal import Rows, echo, here, show_json
from linjevakt.cli.words import word
from linjevakt.inventory import field_changes
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.fields import Noun
from linjevakt.model.order import LARGEST_NUMBER, PARTIES, Order, Party
from linjevakt.model.saying import Saying, together
from linjevakt.model.stop import Stop

if TYPE_CHECKING:
    from linjevakt.workorders.desk import Desk
    from linjevakt.workorders.step import Kind

app = typer.Typer(
    help="Work orders: kinds, new, list, show, advance, run, stage, correct, amend, cancel.", no_args_is_help=True
)

_WAIT_S = 1.0


def _party(text: str) -> Party:
    """A party by its key, or by its name in either language."""
    for party, name in PARTIES.items():
        if text.casefold() in {party.value, name.nb, name.en}:
            return party
    raise typer.BadParameter(here(Saying("{!r} is none of: {}.", text, together(", ", list(PARTIES.values())))))


Mine = Annotated[
    Party | None,
    typer.Option("--mine", parser=_party, metavar="PARTY", help="Only those whose next step this party does."),
]
Number = Annotated[int, typer.Argument(metavar="N", min=1, max=LARGEST_NUMBER, help="The order's number.")]
Early = Annotated[bool, typer.Option("--early", help="Before its time, because those whom it concerns agree.")]
NoRun = Annotated[bool, typer.Option("--no-run", help="Leave the system's steps for later.")]


@app.command()
def kinds(
    ctx: typer.Context,
    kind: Annotated[str | None, typer.Argument(help="Tell its fields and steps.")] = None,
    *,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Show what can be ordered; for one kind, the fields to give and the steps with who does each."""
    del ctx
    from linjevakt.workorders.kinds import KINDS  # noqa: PLC0415 - loads the store
    from linjevakt.workorders.machine import kind_named  # noqa: PLC0415 - as above

    with edge(as_json=as_json):
        if kind is not None:
            declared = kind_named(kind)
            show_json(orderkinds.plain(declared)) if as_json else orderkinds.show(declared)
        elif as_json:
            show_json([orderkinds.plain(declared) for declared in KINDS.values()])
        else:
            shown = Rows(Saying("Kind"), Saying("What"), Saying("About"))
            for declared in KINDS.values():
                shown.add_row(declared.key, declared.title, word(declared.about))
            shown.show()


@app.command()
def new(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="`linjevakt order kinds` shows them.", show_default=False)],
    *,
    file: Annotated[str | None, typer.Option("--file", metavar="FILE|-", help="YAML: what is ordered.")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Instead of a file; may be given often.")
    ] = None,
    reason: Reason = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell whether it can be taken.")] = False,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Take an order: addresses are set aside, and what it leads to is checked at once. No router is touched."""
    from linjevakt.workorders.machine import kind_named  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        desk, declared = _desk(ctx), kind_named(kind)
        wish = _wish(declared, file, values or []).model_dump(mode="json", exclude_none=True)
        with heeding(ctx):
            order = desk.new(kind, wish, author(who), reason or "", rehearse=check)
        if as_json:
            show_json({"taken": not check} | order.model_dump(mode="json", exclude_none=True))
            return
        ordertext.show_taken(order, declared.title, only_checked=check)
        ordertext.show_next(order, desk.next_steps([order]).get(order.number))


@app.command("list")
def list_(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended too.")] = False,
    site: Annotated[str | None, typer.Option(help="Only about this site.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind.")] = None,
    mine: Mine = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Show the open orders, newest first: what is next, by whom, until when, and what it waits for."""
    from linjevakt.workorders.machine import kind_named  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        desk = _desk(ctx)
        wanted = kind_named(kind).key if kind else None
        found = desk.orders(every=every, site=site, kind=wanted)
        steps = desk.next_steps(found)
        if mine:
            found = tuple(order for order in found if order.number in steps and steps[order.number].by is mine)
        if as_json:
            show_json([ordertext.plain_row(order, steps.get(order.number)) for order in found])
        elif found:
            ordertext.show_rows(found, steps, desk.today)
        else:
            echo(Saying("no order"))


@app.command()
def show(ctx: typer.Context, number: Number, *, _lang: Lang = Tongue.EN, as_json: Json = False) -> None:
    """Show one order: what was done, what is next, what is lacking, whom to call, and what the site is to become."""
    with edge(as_json=as_json):
        sheet = _sheet(_desk(ctx), number)
        show_json(ordertext.plain(sheet)) if as_json else ordertext.show(sheet)


@app.command()
def advance(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    number: Number,
    answers: Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE...", show_default=False)] = None,
    *,
    note: Annotated[str, typer.Option(help="Anything else about the step.")] = "",
    step: Annotated[str | None, typer.Option("--step", metavar="KEY", help="Only if that is the next one.")] = None,
    early: Early = False,
    no_run: NoRun = False,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Write down that the next step is done, and let the system do what follows."""
    with edge(as_json=as_json), heeding(ctx) as stop:
        going = _Going(_desk(ctx), number, stop)
        going.desk.record(number, author(who), fields.answers(answers or []), note, step=step, early=early)
        going.on(early=early, run=not no_run, as_json=as_json)


@app.command()
def run(
    ctx: typer.Context, number: Number, *, early: Early = False, _lang: Lang = Tongue.EN, as_json: Json = False
) -> None:
    """Let the system do its steps, until someone else's turn, a time to wait for, or trouble. May be repeated."""
    with edge(as_json=as_json), heeding(ctx) as stop:
        _Going(_desk(ctx), number, stop).on(early=early, as_json=as_json)


@app.command()
def stage(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    number: Number,
    *,
    identity: bootstrap.Claim,
    out: bootstrap.Out = None,
    who: Who = None,
    as_json: Json = False,
) -> None:
    """Stage the box that the order brings, and print the configuration to start it with. It holds secrets."""
    with edge(as_json=as_json):
        desk, box = _desk(ctx), bootstrap.box(identity)
        bootstrap.require_writable(out)
        with heeding(ctx) as stop:
            candidate = desk.stage(number, author(who), box)
            bootstrap.deliver(candidate, _router(desk, desk.order(number)), out, as_json=as_json)
            _run(desk, number, stop)
            raise typer.Exit(_code(desk, number, stop))


@app.command()
def correct(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    number: Number,
    answers: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", show_default=False)],
    *,
    step: Annotated[str, typer.Option("--step", metavar="KEY", help="The step that was answered wrongly.")],
    reason: NeededReason,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Put right what was answered at a step that is done. What was answered before stays in the history."""
    with edge(as_json=as_json):
        desk = _desk(ctx)
        desk.correct(number, step, author(who), fields.answers(answers), reason)
        _show_where(desk, number, as_json=as_json)


@app.command()
def amend(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    number: Number,
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", show_default=False)],
    *,
    reason: NeededReason,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Change what an open order asks for, as long as no step that was done rests on it. An empty value takes it out."""
    from linjevakt.workorders.machine import kind_named, wish_of  # noqa: PLC0415 - loads the store

    with edge(as_json=as_json):
        desk = _desk(ctx)
        order = desk.order(number)
        kind = kind_named(order.kind)
        wish = fields.from_arguments(values, kind.wish, over=wish_of(kind, order.wish))
        desk.amend(number, wish.model_dump(mode="json", exclude_none=True), author(who), reason)
        _show_where(desk, number, as_json=as_json)


@app.command()
def cancel(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    number: Number,
    *,
    reason: NeededReason,
    leave: Annotated[bool, typer.Option("--leave", help="Let the router be as it is.")] = False,
    no_run: NoRun = False,
    who: Who = None,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Cancel an order: what it changed is taken back, on the router too."""
    with edge(as_json=as_json), heeding(ctx) as stop:
        going = _Going(_desk(ctx), number, stop)
        going.desk.cancel(number, author(who), reason, leave=leave)
        going.on(run=not no_run, as_json=as_json)


def _desk(ctx: typer.Context) -> "Desk":
    context: Context = ctx.obj
    return context.desk


def _wish(kind: "Kind", file: str | None, values: list[str]) -> Noun:
    if bool(file) == bool(values):
        raise InvalidInputError(
            Saying("Say what is ordered by --file or by --set. `linjevakt order kinds {kind}` helps.", kind=kind.key)
        )
    return fields.from_file(file, kind.wish) if file else fields.from_arguments(values, kind.wish)


def _sheet(desk: "Desk", number: int) -> Sheet:
    seen = desk.look(number)
    today, planned = seen.site, seen.planned
    return Sheet(
        order=seen.order,
        title=seen.title,
        steps=seen.steps,
        places=tuple(found.place for found in (today, planned) if found),
        contacts=[f"{contact.name} {contact.phone}" for contact in (seen.member.contacts if seen.member else ())],
        notes=seen.notes,
        changes=tuple(field_changes(today, planned)) if planned else (),
    )


def _show_where(desk: "Desk", number: int, *, as_json: bool) -> None:
    """Where an order stands; nothing is run."""
    sheet = _sheet(desk, number)
    if as_json:
        show_json(ordertext.plain(sheet))
        return
    ordertext.show_next(sheet.order, next((step for step in sheet.steps if step.state == "next"), None))


def _run(desk: "Desk", number: int, stop: Stop, *, early: bool = False) -> None:
    """The system's steps; one that another (`linjevakt serve`) is just doing is waited for, or taken over."""
    heard = _heard()

    def wait() -> bool:
        heard(Saying("another is doing this step; waiting"))
        time.sleep(_WAIT_S)
        return not stop.wanted

    desk.run(number, heard, early=early, going=lambda: not stop.wanted, wait=wait)


def _heard() -> Callable[[str], None]:
    """Tells on stderr what begins, and when; what it has told just before, once."""
    began, last = time.monotonic(), ""

    def heard(what: str) -> None:
        nonlocal last
        if what != last:
            echo(Saying("{:6.1f} s  {}", time.monotonic() - began, what), err=True)
        last = what

    return heard


def _router(desk: "Desk", order: Order) -> str:
    site = desk.look(order.number).site
    return site.router.name if site else Saying("the router")


def _code(desk: "Desk", number: int, stop: Stop) -> int:
    """1 for trouble; 130 when an interrupt has left a step to the system that it could do now."""
    if desk.order(number).trouble:
        return FAILED
    left = stop.wanted and number in desk.ready()
    if left:
        echo(Saying("Interrupted: `linjevakt order run {number}` goes on.", number=number), err=True)
    return code(stop, done=not left)


class _Going:
    """An order on its way, from where it was found."""

    def __init__(self, desk: "Desk", number: int, stop: Stop) -> None:
        self.desk, self._number, self._stop = desk, number, stop
        self._done, self._began = len(desk.order(number).evidence), time.time()

    def on(self, *, early: bool = False, run: bool = True, as_json: bool) -> None:
        """Runs, shows what was done and what is next, and ends with the exit code that `_code` says."""
        if run:
            _run(self.desk, self._number, self._stop, early=early)
        sheet = _sheet(self.desk, self._number)
        if as_json:
            show_json(ordertext.plain(sheet))
        else:
            ordertext.show_progress(sheet, self._done, self._began)
        raise typer.Exit(_code(self.desk, self._number, self._stop))
