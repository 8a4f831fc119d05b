"""`linjevakt inventory`: check a folder, bring it into the store, write it out, look at it."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.progress import Progress

from linjevakt import inventory as files
from linjevakt import resources
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge, show_json, show_table, table
from linjevakt.inventory.loading import Progress as Heard
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Connection, Hub, Inventory

if TYPE_CHECKING:
    from linjevakt.store import Store

app = typer.Typer(help="The fleet as YAML files: check, import, export, show.", no_args_is_help=True)

_SHOWN = 100  # changes that an import prints

Folder = Annotated[Path, typer.Argument(help="installation.yaml, organisations.yaml and sites/*.yaml.")]
NewFolder = Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")]


@app.command()
def check(folder: Folder, *, as_json: Json = False) -> None:
    """Tell everything that is wrong in the folder; needs no database."""
    with edge(as_json=as_json):
        inventory = _load(folder)
        if as_json:
            show_json([])
        else:
            typer.echo(f"{folder}: {_size(inventory)}; nothing to mend")


@app.command("import")
def import_(
    ctx: typer.Context,
    folder: Folder,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, save nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Check the folder and make it the fleet's inventory; no router is touched."""
    with edge(as_json=as_json):
        inventory = _load(folder)
        store = _store(ctx)
        changes = files.differences(_saved(store), inventory)
        if not dry_run:
            store.save_inventory(inventory, _who())
        if as_json:
            show_json({"saved": not dry_run, "changes": [asdict(change) for change in changes]})
        else:
            _show_changes(changes, "would change" if dry_run else "saved")


@app.command()
def export(ctx: typer.Context, folder: NewFolder, *, as_json: Json = False) -> None:
    """Write the store's inventory as a folder that `import` reads."""
    with edge(as_json=as_json):
        inventory = _store(ctx).inventory()
        files.dump(inventory, folder)
        if as_json:
            show_json({"folder": str(folder), "sites": len(inventory.connections)})
        else:
            typer.echo(f"{folder}: {_size(inventory)} written")


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
        show_json(plain) if as_json else typer.echo(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False).rstrip())


@app.command()
def generate(folder: NewFolder, sites: Annotated[int, typer.Option(help="How many.")] = 10) -> None:
    """Write a synthetic fleet: invented names and numbers, the same at every run."""
    with edge():
        inventory = files.generate(sites)
        files.dump(inventory, folder)
        typer.echo(f"{folder}: {_size(inventory)} written")


@app.command()
def schema(
    folder: Annotated[Path | None, typer.Argument(help="Default: where the product keeps them.")] = None,
) -> None:
    """Write the JSON schemas of the inventory's files."""
    with edge():
        target = folder or resources.inventory() / "schema"
        files.write_schemas(target)
        typer.echo(f"{target}: {', '.join(files.schemas())}")


def _store(ctx: typer.Context) -> "Store":
    context: Context = ctx.obj
    return context.store


def _who() -> str:
    """The user's name for the revision; the number where the system has no name for it (as in some containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _saved(store: "Store") -> Inventory | None:
    try:
        return store.inventory()
    except NotFoundError:
        return None


def _load(folder: Path) -> Inventory:
    with _progress("Reading sites") as heard:
        return files.load(folder, progress=heard)


@contextmanager
def _progress(what: str) -> Iterator[Heard]:
    """A bar on stderr while something takes long; nothing where nobody watches."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _size(inventory: Inventory) -> str:
    return f"{len(inventory.connections)} sites, {len(inventory.organisations)} organisations"


def _show_changes(changes: list[files.Difference], verb: str) -> None:
    for change in changes[:_SHOWN]:
        typer.echo(str(change))
    if len(changes) > _SHOWN:
        typer.echo(f"... and {len(changes) - _SHOWN} more; --json shows all")
    typer.echo(f"{len(changes)} {verb}" if changes else "nothing changes")


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
    shown = table("Router", "Site", "Owner", "Management", "Lines")
    for row in rows:
        shown.add_row(
            row["router"], row["site"] or "-", row["owner"] or "-", row["management"], ", ".join(row["lines"])
        )
    show_table(shown)
