"""`linjevakt inventory`: check a folder, bring it into the store, write it out, look at it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from linjevakt import inventory as files
from linjevakt import resources
from linjevakt.cli.author import Reason, user
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.terminal import Rows, echo, progress, show_json
from linjevakt.inventory.folder import Progress as Heard
from linjevakt.model.entity import Author, Entity, EntityKind
from linjevakt.model.errors import NotFoundError
from linjevakt.model.gate import Gate, gates
from linjevakt.model.inventory import Connection, Hub, Inventory

if TYPE_CHECKING:
    from linjevakt.store import Store
    from linjevakt.store.draft import Draft

app = typer.Typer(help="The fleet as YAML files or CSV sheets: check, import, export, show.", no_args_is_help=True)

_SHOWN = 100  # changes that an import prints
_NOTED = 20  # closed segments that a check or an import tells

Folder = Annotated[
    Path, typer.Argument(help="installation.yaml with organisations.yaml and sites/*.yaml, or with CSV sheets.")
]
NewFolder = Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")]
AsForm = Annotated[
    files.Form, typer.Option("--format", help="excel: CSV as a Norwegian Excel opens it by a double click.")
]


class _Rehearsed(Exception):  # noqa: N818 - no error: how a draft that was only tried is thrown away
    """Ends an edit without a trace."""


@app.command()
def check(folder: Folder, *, as_json: Json = False) -> None:
    """Tell everything that is wrong in the folder; needs no database."""
    with edge(as_json=as_json):
        contents = _read(folder)
        closed = _closed(contents.inventory)
        if as_json:
            show_json({"findings": [], "closed": _plain(closed)})
        else:
            echo(f"{folder}: {_size(contents)}; nothing to mend")
            _note_closed(closed)


@app.command("import")
def import_(
    ctx: typer.Context,
    folder: Folder,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, save nothing.")] = False,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Check the folder and make it the fleet's inventory, all of it or nothing; no router is touched."""
    with edge(as_json=as_json):
        contents = _read(folder)
        changes = _save(_store(ctx), contents, Author(user(), reason or ""), rehearse=dry_run)
        closed = _closed(contents.inventory)
        if as_json:
            plain = [asdict(change) for change in changes]
            show_json({"saved": not dry_run, "changes": plain, "closed": _plain(closed)})
        else:
            _show_changes(changes, "would change" if dry_run else "saved")
            _note_closed(closed)


@app.command()
def export(ctx: typer.Context, folder: NewFolder, form: AsForm = files.Form.YAML, *, as_json: Json = False) -> None:
    """Write the store's inventory and its boxes as a folder that `import` reads."""
    with edge(as_json=as_json):
        now = _store(ctx).register.now()
        contents = files.Contents(now.inventory, now.equipment)
        with _progress("Writing sites") as heard:
            files.dump(contents.inventory, folder, equipment=contents.equipment, form=form, progress=heard)
        if as_json:
            sites, boxes = len(now.inventory.connections), len(now.equipment)
            show_json({"folder": str(folder), "sites": sites, "equipment": boxes})
        else:
            echo(f"{folder}: {_size(contents)} written")


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A router or a site; without it, all routers.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the fleet's routers, or one of them with its site, lines and segments."""
    with edge(as_json=as_json):
        inventory = _store(ctx).inventory()
        if name is None:
            rows = _rows(inventory)
            show_json(rows) if as_json else _show_table(rows)
            return
        plain = _find(inventory, name).model_dump(mode="json", exclude_none=True)
        show_json(plain) if as_json else echo(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False).rstrip())


@app.command()
def generate(
    folder: NewFolder,
    sites: Annotated[int, typer.Option(help="How many.")] = 10,
    form: AsForm = files.Form.YAML,
) -> None:
    """Write a synthetic fleet: invented names and numbers, the same at every run."""
    with edge(), _progress("Writing sites") as heard:
        inventory = files.generate(sites)
        files.dump(inventory, folder, form=form, progress=heard)
        echo(f"{folder}: {_size(files.Contents(inventory))} written")


@app.command()
def schema(
    folder: Annotated[Path | None, typer.Argument(help="Default: where the product keeps them.")] = None,
) -> None:
    """Write the JSON schemas of the inventory's files."""
    with edge():
        target = folder or resources.inventory() / "schema"
        files.write_schemas(target)
        echo(f"{target}: {', '.join(files.schemas())}")


def _store(ctx: typer.Context) -> "Store":
    context: Context = ctx.obj
    return context.store


def _save(store: "Store", contents: files.Contents, author: Author, *, rehearse: bool) -> list[files.Difference]:
    """What changes, after it was saved; a rehearsal does all that saving does, address leases too, and leaves nothing.

    Raises ConflictError for a site with an open work order, and for addresses that are someone else's.
    """
    changes: list[files.Difference] = []
    with _progress("Saving"), suppress(_Rehearsed), store.register.edit(author) as draft:
        changes = files.differences(_kept(draft, contents), contents.entities)
        files.refuse_orphans(changes, draft.snapshot.orders)
        _replace(draft, contents)
        if rehearse:
            draft.commit()
            raise _Rehearsed
    return changes


def _kept(draft: "Draft", contents: files.Contents) -> list[Entity]:
    """What the contents are to take the place of."""
    return [entity for (kind, _), entity in draft.snapshot.entities.items() if kind in contents.kinds]


def _replace(draft: "Draft", contents: files.Contents) -> None:
    draft.replace_inventory(contents.inventory)
    if contents.equipment is None:
        return
    for gone in {box.serial for box in draft.snapshot.equipment} - {box.serial for box in contents.equipment}:
        draft.remove(EntityKind.EQUIPMENT, gone)
    for box in contents.equipment:
        draft.put(box)


def _read(folder: Path) -> files.Contents:
    with _progress("Reading sites") as heard:
        return files.read(folder, progress=heard)


def _closed(inventory: Inventory) -> list[Gate]:
    return [gate for gate in gates(inventory) if not gate.open]


def _plain(closed: list[Gate]) -> list[dict[str, Any]]:
    return [asdict(gate) | {"missing": [phrase.model_dump() for phrase in gate.missing]} for gate in closed]


def _note_closed(closed: list[Gate]) -> None:
    """On stderr: it is no error, and those who read stdout by program did not ask."""
    for gate in closed[:_NOTED]:
        missing = " ".join(map(str, gate.missing))
        echo(f"Note: segment {gate.segment} of {gate.site} carries no traffic: {missing}", err=True)
    if len(closed) > _NOTED:
        echo(f"... and {len(closed) - _NOTED} more; --json shows all", err=True)


@contextmanager
def _progress(what: str) -> Iterator[Heard]:
    """A bar on stderr while something takes long; nothing where nobody watches."""
    with progress() as tasks:
        task = tasks.add_task(what, total=None)
        yield lambda done, total: tasks.update(task, completed=done, total=total)


def _size(contents: files.Contents) -> str:
    inventory, boxes = contents.inventory, contents.equipment
    stock = f", {len(boxes)} boxes" if boxes else ""
    return f"{len(inventory.connections)} sites, {len(inventory.organisations)} organisations{stock}"


def _show_changes(changes: list[files.Difference], verb: str) -> None:
    for change in changes[:_SHOWN]:
        echo(str(change))
    if len(changes) > _SHOWN:
        echo(f"... and {len(changes) - _SHOWN} more; --json shows all")
    echo(f"{len(changes)} {verb}" if changes else "nothing changes")


def _find(inventory: Inventory, name: str) -> Connection | Hub:
    known: dict[str, Connection | Hub] = {hub.router.name: hub for hub in inventory.installation.hubs}
    known |= {connection.key: connection for connection in inventory.connections}
    known |= {connection.router.name: connection for connection in inventory.connections}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else "`linjevakt inventory show` lists them all."
        raise NotFoundError(f"no router or site is called {name!r}. {remedy}")
    return known[name]


def _rows(inventory: Inventory) -> list[dict[str, Any]]:
    names = {organisation.number: organisation.name for organisation in inventory.organisations}
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
            "router": connection.router.name,
            "site": connection.key,
            "owner": names[connection.owner],
            "management": str(connection.router.management),
            "lines": [line.kind.value for line in sorted(connection.lines, key=lambda line: line.priority)],
        }
        for connection in inventory.connections
    )
    return [*hubs, *sites]


def _show_table(rows: list[dict[str, Any]]) -> None:
    shown = Rows("Router", "Site", "Owner", "Management", "Lines")
    for row in rows:
        shown.add_row(
            row["router"], row["site"] or "-", row["owner"] or "-", row["management"], ", ".join(row["lines"])
        )
    shown.show()
