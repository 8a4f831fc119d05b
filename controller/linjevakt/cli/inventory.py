"""`linjevakt inventory`: check a folder, bring it into the store, write it out, look at it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from linjevakt import inventory as files
from linjevakt import resources
from linjevakt.cli.author import Reason, author
from linjevakt.cli.clock import local
from linjevakt.cli.context import Context, heeding
from linjevakt.cli.edge import FAILED, Json, edge
from linjevakt.cli.terminal import Rows, echo, here, progress, show_json
from linjevakt.cli.words import boxes, organisations, sites, word
from linjevakt.inventory.folder import Progress as Heard
from linjevakt.inventory.synthetic import LARGEST
from linjevakt.model import lookup
from linjevakt.model.entity import Author, Revision
from linjevakt.model.errors import shortened
from linjevakt.model.gate import Gate, gates
from linjevakt.model.inventory import Hub, Inventory, Site
from linjevakt.model.saying import Saying, together
from linjevakt.model.stop import Stop
from linjevakt.office import importing

app = typer.Typer(help="The fleet as YAML files or CSV sheets: check, import, export, show.", no_args_is_help=True)

_SHOWN = 100  # changes that an import prints
_LONGEST_VALUE = 80  # characters of a value in a conflict that is printed
_NOTED = 20  # closed segments that a check or an import tells

Folder = Annotated[
    Path,
    typer.Argument(
        readable=False, help="installation.yaml with organisations.yaml and sites/*.yaml, or with CSV sheets."
    ),
]
Mine = Annotated[
    bool | None,
    typer.Option("--mine/--theirs", help="Where others have changed the same field: the folder's value, or theirs."),
]
Remove = Annotated[
    int,
    typer.Option(min=0, max=1_000_000, metavar="N", help="So many things may be removed, as --dry-run counts."),
]
NewFolder = Annotated[Path, typer.Argument(readable=False, help="A folder that does not exist yet, or is empty.")]
AsForm = Annotated[
    files.Form, typer.Option("--format", help="excel: CSV as a Norwegian Excel opens it by a double click.")
]


@app.command()
def check(ctx: typer.Context, folder: Folder, *, as_json: Json = False) -> None:
    """Tell everything that is wrong in the folder; needs no database."""
    with edge(as_json=as_json):
        contents = _read(ctx, folder)
        closed = _closed(contents.inventory)
        if as_json:
            show_json({"findings": [], "closed": _plain(closed)})
        else:
            echo(Saying("{}: {}; nothing to mend", folder, _size(contents)))
            _note_closed(closed)


@app.command("import")
def import_(  # noqa: PLR0913 - one option each
    ctx: typer.Context,
    folder: Folder,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, save nothing.")] = False,
    mine: Mine = None,
    remove: Remove = 0,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Check the folder and merge it with what others saved since its export, all of it or nothing.

    No router is touched. Nothing is saved while a field was changed on both sides, or something is to be removed,
    and the options do not say so.
    """
    with edge(as_json=as_json), heeding(ctx) as stop:
        contents = _read(ctx, folder, stop)
        context: Context = ctx.obj
        with _progress(Saying("Saving")):
            written, told = Author(author(), reason or ""), importing.Told(mine, remove, rehearse=dry_run)
            outcome = importing.bring_in(context.office, context.catalogue, contents, written, told, stop)
        closed = [] if outcome.refusals else _closed(outcome.after.inventory)
        _show_outcome(outcome, closed, dry_run=dry_run, as_json=as_json)
    if outcome.refusals:
        raise typer.Exit(FAILED)


@app.command()
def export(ctx: typer.Context, folder: NewFolder, form: AsForm = files.Form.YAML, *, as_json: Json = False) -> None:
    """Write the store's inventory and its boxes as a folder that `import` reads."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        contents = importing.exported(context.office)
        with _progress(Saying("Writing sites")) as heard:
            files.dump(
                contents.inventory,
                folder,
                equipment=contents.equipment,
                exported=contents.exported,
                form=form,
                progress=heard,
            )
        if as_json:
            written = {"sites": len(contents.inventory.sites), "equipment": len(contents.equipment or ())}
            show_json({"folder": str(folder)} | written)
        else:
            echo(Saying("{}: {} written", folder, _size(contents)))


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A router or a site; without it, all routers.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the fleet's routers, or one of them with its site, lines and segments."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        inventory = context.office.inventory()
        if name is None:
            rows = _rows(inventory)
            show_json(rows) if as_json else _show_table(rows)
            return
        plain = _find(inventory, name).model_dump(mode="json", exclude_none=True)
        show_json(plain) if as_json else echo(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False).rstrip())


@app.command()
def generate(
    folder: NewFolder,
    number: Annotated[int, typer.Option("--sites", min=1, max=LARGEST, help="How many.")] = 10,
    form: AsForm = files.Form.YAML,
) -> None:
    """Write a synthetic fleet: invented names and numbers, the same at every run."""
    with edge(), _progress(Saying("Writing sites")) as heard:
        inventory = files.generate(number)
        files.dump(inventory, folder, form=form, progress=heard)
        echo(Saying("{}: {} written", folder, _size(files.Contents(inventory))))


@app.command()
def schema(
    folder: Annotated[
        Path | None, typer.Argument(readable=False, help="Default: where the product keeps them.")
    ] = None,
) -> None:
    """Write the JSON schemas of the inventory's files."""
    with edge():
        target = folder or resources.inventory() / "schema"
        files.write_schemas(target)
        echo(f"{target}: {', '.join(files.schemas())}")


def _read(ctx: typer.Context, folder: Path, stop: Stop | None = None) -> files.Contents:
    context: Context = ctx.obj
    with _progress(Saying("Reading sites")) as shown:

        def heard(done: int, total: int) -> None:
            shown(done, total)
            if stop:
                stop.check(said=importing.UNSAVED)

        return files.read(folder, context.catalogue, heard, context.settings.templates)


def _closed(inventory: Inventory) -> list[Gate]:
    return [gate for gate in gates(inventory) if not gate.open]


def _plain(closed: list[Gate]) -> list[dict[str, Any]]:
    return [asdict(gate) | {"missing": [phrase.model_dump() for phrase in gate.missing]} for gate in closed]


def _note_closed(closed: list[Gate]) -> None:
    """On stderr: it is no error, and those who read stdout by program did not ask."""
    for gate in closed[:_NOTED]:
        said = Saying(
            "Note: segment {} of {} carries no traffic: {}", gate.segment, gate.site, together(" ", gate.missing)
        )
        echo(said, err=True)
    _show_left(len(closed) - _NOTED, err=True)


def _show_left(number: int, *, err: bool = False) -> None:
    if number > 0:
        echo(Saying("... and {} more; --json shows all", number), err=err)


@contextmanager
def _progress(what: Saying) -> Iterator[Heard]:
    """A bar on stderr while something takes long; nothing where nobody watches."""
    with progress() as tasks:
        task = tasks.add_task(here(what), total=None)
        yield lambda done, total: tasks.update(task, completed=done, total=total)


def _size(contents: files.Contents) -> Saying:
    inventory, stock = contents.inventory, contents.equipment
    counts = [sites(len(inventory.sites)), organisations(len(inventory.organisations))]
    return together(", ", [*counts, boxes(len(stock))] if stock else counts)


def _show_outcome(outcome: importing.Outcome, closed: list[Gate], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        saved = not dry_run and not outcome.refusals
        shown: dict[str, Any] = {"saved": saved, "revision": outcome.saved.number if outcome.saved and saved else None}
        shown |= {"changes": [asdict(change) for change in outcome.changes], "removals": outcome.removals}
        shown |= {"conflicts": [_plain_conflict(found) for found in outcome.conflicts], "closed": _plain(closed)}
        show_json(shown | ({"error": " ".join(outcome.refusals)} if outcome.refusals else {}))
        return
    _show([_conflict_text(found) for found in outcome.conflicts])
    _show(outcome.changes)
    echo(_counted(len(outcome.changes), only_told=dry_run or bool(outcome.refusals)))
    for refusal in outcome.refusals:
        echo(Saying("Error: {}", refusal), err=True)
    _note_closed(closed)


def _counted(changes: int, *, only_told: bool) -> Saying:
    if not changes:
        return Saying("nothing changes")
    return Saying("{n} would change", n=changes) if only_told else Saying("{n} saved", n=changes)


def _show(rows: Sequence[object]) -> None:
    for row in rows[:_SHOWN]:
        echo(row)
    _show_left(len(rows) - _SHOWN)


def _conflict_text(found: importing.Conflict) -> Saying:
    """`conflict site fjellheim: lines[wan0].down_mbit: was 100, theirs 300 (kari, 2026-11-26 17:00), mine 200`."""
    clash = found.clash
    noun = together(" ", [part for part in (word(clash.noun), clash.key) if part])
    where = together(": ", [part for part in (noun, clash.field) if part])
    by = Saying(" ({})", _by(found.by)) if found.by else ""
    base, theirs, mine = map(_said, (clash.base, clash.theirs, clash.mine))
    return Saying("conflict {}: was {}, theirs {}{}, mine {}", where, base, theirs, by, mine)


def _by(revision: Revision) -> Saying:
    if revision.order:
        return Saying("{}, {}, order {}", revision.who, local(revision.saved), revision.order)
    return Saying("{}, {}", revision.who, local(revision.saved))


def _said(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shortened(text, _LONGEST_VALUE)


def _plain_conflict(found: importing.Conflict) -> dict[str, Any]:
    clash, by = found.clash, found.by
    values = {"base": clash.base, "theirs": clash.theirs, "mine": clash.mine}
    who = {"who": by.who, "when": by.saved.isoformat(), "revision": by.number, "order": by.order} if by else {}
    return {"noun": clash.noun, "key": clash.key, "field": clash.field, **values, "by": who or None}


def _find(inventory: Inventory, name: str) -> Site | Hub:
    known: dict[str, Site | Hub] = {**inventory.by_key, **inventory.by_router}
    if name not in known:
        raise lookup.no_router_or_site(name, known)
    return known[name]


def _rows(inventory: Inventory) -> list[dict[str, Any]]:
    hubs = (
        {
            "router": hub.router.name,
            "site": None,
            "owner": None,
            "management": str(hub.router.management),
            "lines": [hub.line.kind.value],
        }
        for hub in inventory.installation.hubs
    )
    sites = (
        {
            "router": site.router.name,
            "site": site.key,
            "owner": inventory.member(site.owner).name,
            "management": str(site.router.management),
            "lines": [line.kind.value for line in sorted(site.lines, key=lambda line: line.priority)],
        }
        for site in inventory.sites
    )
    return [*hubs, *sites]


def _show_table(rows: list[dict[str, Any]]) -> None:
    shown = Rows(Saying("Router"), Saying("Site"), Saying("Owner"), Saying("Management"), Saying("Lines"))
    for row in rows:
        shown.add_row(
            row["router"],
            row["site"] or "-",
            row["owner"] or "-",
            row["management"],
            together(", ", [word(kind) for kind in row["lines"]]),
        )
    shown.show()
