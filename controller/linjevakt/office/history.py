"""Who changed what, when, why and under which order; field by field for those who ask."""

from collections.abc import Iterable, Iterator

from linjevakt.inventory import FieldChange, field_changes
from linjevakt.model.entity import EntityKind, Name, Version
from linjevakt.model.errors import NotFoundError
from linjevakt.model.fields import Noun
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying, word
from linjevakt.office import Office

_DEEP = 10_000  # versions of one entity that are looked through for the one before


def versions(
    office: Office, kind: EntityKind | None, key: str | None, *, order: int | None = None, limit: int = 100
) -> tuple[Version, ...]:
    """What was changed, newest first: of a kind, an entity, an order. Raises NotFoundError for what never was."""
    key = "" if kind is EntityKind.INSTALLATION else key  # there is one only
    found = office.store.register.history(kind, key, order=order, limit=limit)
    if not found and kind is not None and key is not None:
        _refuse_unknown(office, kind, key)
    return found


def last(office: Office, kind: EntityKind, key: str) -> Version | None:
    """The last change of one entity, if there was any."""
    return next(iter(office.store.register.history(kind, key, limit=1)), None)


def field_by_field(office: Office, found: Iterable[Version]) -> Iterator[tuple[Version, tuple[FieldChange, ...]]]:
    """Each version with the fields that are new in it; none of something that is gone."""
    before = _Before(office)
    for version in found:
        fields = field_changes(before.of(version), version.entity) if version.entity else ()
        yield version, tuple(fields)


def _refuse_unknown(office: Office, kind: EntityKind, key: str) -> None:
    register = office.store.register
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

    def __init__(self, office: Office) -> None:
        self._register = office.store.register
        self._versions: dict[Name, tuple[Version, ...]] = {}

    def of(self, version: Version) -> Noun | None:
        """What the entity was; None when it was not there."""
        name = version.kind, version.key
        if name not in self._versions:
            self._versions[name] = self._register.history(*name, limit=_DEEP)
        older = (other for other in self._versions[name] if other.revision.number < version.revision.number)
        before = next(older, None)
        return before.entity if before else None
