"""`linjevakt history`: who changed what, when, why and under which order, field by field."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linjevakt.cli.clock import local
from linjevakt.cli.context import Context
from linjevakt.cli.edge import Json, edge
from linjevakt.cli.language import Lang, Tongue
from linjevakt.cli.terminal import echo, show_json
from linjevakt.cli.words import word
from linjevakt.inventory import FieldChange, field_changes
from linjevakt.model.entity import EntityKind, Name, Revision, Version
from linjevakt.model.errors import InvalidInputError, NotFoundError
from linjevakt.model.fields import Noun
from linjevakt.model.near import did_you_mean
from linjevakt.model.order import LARGEST_NUMBER
from linjevakt.model.saying import Saying, together

if TYPE_CHECKING:
    from linjevakt.store.register import Register

_SHOWN = 80  # characters of a value
_MOST = 10_000  # changes
_DEEP = 10_000  # versions of one entity that are looked through for the one before


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
    with edge(as_json=as_json):
        context: Context = ctx.obj
        if kind is None and order is None:
            raise InvalidInputError(Saying("Say of what: one of {kinds}; or --order N.", kinds=", ".join(EntityKind)))
        found = context.store.register.history(kind, _key(kind, key), order=order, limit=limit)
        if not found and kind is not None and key is not None:
            _refuse_unknown(context, kind, key)
        before = _Before(context.store.register)
        changes = [(version, list(_changes(before, version))) for version in found]
        show_json([_plain(*change) for change in changes]) if as_json else _show(changes)


def _key(kind: EntityKind | None, key: str | None) -> str | None:
    """The installation is one only."""
    return "" if kind is EntityKind.INSTALLATION else key


def _refuse_unknown(context: Context, kind: EntityKind, key: str) -> None:
    register = context.store.register
    known = [of for is_kind, of in register.now().entities if is_kind is kind]
    if kind is EntityKind.ORDER:
        known += [str(order.number) for order in register.ended_orders()]
    if key not in known:
        remedy = did_you_mean(key, known, Saying("Check the name."))
        raise NotFoundError(
            Saying("There never was a {kind} {key!r}. {remedy}", kind=word(kind), key=key, remedy=remedy)
        )


class _Before:
    """The version before another, with each entity's versions read once."""

    def __init__(self, register: "Register") -> None:
        self._register = register
        self._versions: dict[Name, tuple[Version, ...]] = {}

    def of(self, version: Version) -> Noun | None:
        """What the entity was; None when it was not there."""
        name = version.kind, version.key
        if name not in self._versions:
            self._versions[name] = self._register.history(*name, limit=_DEEP)
        older = (other for other in self._versions[name] if other.revision.number < version.revision.number)
        before = next(older, None)
        return before.entity if before else None


def _changes(before: _Before, version: Version) -> Iterator[FieldChange]:
    """Every field that is new; none of something that is gone."""
    return field_changes(before.of(version), version.entity) if version.entity else iter(())


def _plain(version: Version, changes: list[FieldChange]) -> dict[str, Any]:
    revision = version.revision
    return {
        "revision": revision.number,
        "at": revision.saved.isoformat(),
        "who": revision.who,
        "why": revision.why,
        "order": revision.order,
        "kind": version.kind,
        "key": version.key,
        "removed": version.entity is None,
        "changes": [{"field": change.path, "before": change.before, "after": change.after} for change in changes],
    }


def _show(changes: list[tuple[Version, list[FieldChange]]]) -> None:
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
