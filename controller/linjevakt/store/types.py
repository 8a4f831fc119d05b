"""Column types that keep the domain's values whole on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import JSON, DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware point in time, stored as UTC; refuses naive ones with TypeError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone, PostgreSQL answers in the session's."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AsText(TypeDecorator[Any]):
    """Any value whose `str()` says all (address, network, enum); comes back as text, for pydantic to read."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: object | None, dialect: Dialect) -> str | None:
        """To text."""
        del dialect
        return None if value is None else str(value)


class AsJson(TypeDecorator[Any]):
    """A list of small values, or a document; comes back as plain JSON values, for pydantic to read."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: object | None, dialect: Dialect) -> object | None:
        """To values that JSON knows."""
        del dialect
        plain: object = to_jsonable_python(value)
        return plain
