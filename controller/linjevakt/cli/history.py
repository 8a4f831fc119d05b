"""`linjevakt history`: who changed what, when, why and under which order, field by field."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from pydantic_core import to_jsonable_python

from linjevakt.cli.clock import local
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.terminal import echo, show_json
from linjevakt.cli.words import word
from linjevakt.inventory import FieldChange
from linjevakt.model.entity import EntityKind, Revision, Version
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.order import LARGEST_NUMBER
from linjevakt.model.saying import Saying, together

_SHOWN = 80  # characters of a value
_MOST = 10_000  # changes


def register(root: typer.Typer) -> None:
    """Add the command to the root of the command line."""
    root.command()(history)


def history(  # noqa: PLR0913 - each is an option of the command line
    ctx: typer.Context,
    kind: Annotated[EntityKind | None, typer.Argument(help="What.", show_default=False)] = None,
    key: Annotated[str | None, typer.Argument(help="Which one: site key, number, serial.", show_default=False)] = None,
    *,
    order: Annotated[
        int | None,
        typer.Option("--order", metavar="N", min=1, max=LARGEST_NUMBER, help="Only what this order changed."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="So many changes, newest first.")] = 20,
    _lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Show what was changed, newest first."""
    from linjevakt.office.history import field_by_field, versions  # noqa: PLC0415 - loads what other commands do without

    with edge(as_json=as_json):
        context: Context = ctx.obj
        if kind is None and order is None:
            raise InvalidInputError(Saying("Say of what: one of {kinds}; or --order N.", kinds=", ".join(EntityKind)))
        found = versions(context.office, kind, key, order=order, limit=limit)
        changes = list(field_by_field(context.office, found))
        show_json([_plain(*change) for change in changes]) if as_json else _show(changes)


def _plain(version: Version, changes: Sequence[FieldChange]) -> dict[str, Any]:
    revision = version.revision
    return {
        "revision": revision.number,
        "at": revision.saved.isoformat(),
        "who": revision.who,
        "actor": to_jsonable_python(revision.actor),
        "why": revision.why,
        "order": revision.order,
        "kind": version.kind,
        "key": version.key,
        "removed": version.entity is None,
        "changes": [{"field": change.path, "before": change.before, "after": change.after} for change in changes],
    }


def _show(changes: Sequence[tuple[Version, Sequence[FieldChange]]]) -> None:
    last = None
    for version, fields in changes:
        revision = version.revision
        if revision.number != last:
            echo(_headed(revision))
            last = revision.number
        what = together(" ", [part for part in (word(version.kind), version.key) if part])
        echo(Saying("  {}: {}", what, Saying("removed")) if version.entity is None else Saying("  {}", what))
        for change in fields:
            if change.before or change.after:
                echo(Saying("    {}", _short(change)))
    if not changes:
        echo(Saying("nothing was changed"))


def _headed(revision: Revision) -> Saying:
    """`2026-01-31 13:05  kari, order 7: moved to Nygata 4`."""
    moment, why = local(revision.saved), f": {revision.why}" if revision.why else ""
    if revision.order:
        return Saying("{}  {}, order {}{}", moment, revision.who, revision.order, why)
    return Saying("{}  {}{}", moment, revision.who, why)


def _short(change: FieldChange) -> FieldChange | str:
    before, after = (value and value.replace("\n", " ")[:_SHOWN] for value in (change.before, change.after))
    return FieldChange(change.path, before, after) if before else f"{change.path}: {after}"
