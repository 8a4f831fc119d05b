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
from linjevakt.model.entity import EntityKind, Name, Version
from linjevakt.model.errors import InvalidInputError, NotFoundError
from linjevakt.model.inventory import Noun
from linjevakt.model.order import LARGEST_NUMBER
from linjevakt.model.rules.base import did_you_mean

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
    lang: Lang = Tongue.EN,
    as_json: Json = False,
) -> None:
    """Show what was changed, newest first."""
    with edge(as_json=as_json):
        context: Context = ctx.obj
        if kind is None and order is None:
            kinds = ", ".join(EntityKind)
            raise InvalidInputError(f"Say of what: one of {kinds}; or --order N.")
        found = context.store.register.history(kind, _key(kind, key), order=order, limit=limit)
        if not found and kind is not None and key is not None:
            _refuse_unknown(context, kind, key)
        before = _Before(context.store.register)
        changes = [(version, list(_changes(before, version))) for version in found]
        show_json([_plain(*change) for change in changes]) if as_json else _show(changes, lang)


def _key(kind: EntityKind | None, key: str | None) -> str | None:
    """The installation is one only."""
    return "" if kind is EntityKind.INSTALLATION else key


def _refuse_unknown(context: Context, kind: EntityKind, key: str) -> None:
    known = [of for is_kind, of in context.store.register.now().entities if is_kind is kind]
    if key not in known:
        raise NotFoundError(f"There never was a {kind} {key!r}. {did_you_mean(key, known, 'Check the name.')}")


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


def _show(changes: list[tuple[Version, list[FieldChange]]], lang: Tongue) -> None:
    last = None
    for version, fields in changes:
        revision = version.revision
        if revision.number != last:
            under = word(", order {number}", lang).format(number=revision.order) if revision.order else ""
            echo(f"{local(revision.saved)}  {revision.who}{under}: {revision.why}".rstrip(": "))
            last = revision.number
        removed = f": {word('removed', lang)}" if version.entity is None else ""
        echo(f"  {version.kind} {version.key}".rstrip() + removed)
        for change in fields:
            if change.before or change.after:
                echo(f"    {_short(change)}")
    if not changes:
        echo(word("nothing was changed", lang))


def _short(change: FieldChange) -> str:
    before, after = (value and value.replace("\n", " ")[:_SHOWN] for value in (change.before, change.after))
    return str(FieldChange(change.path, before, after)) if before else f"{change.path}: {after}"
