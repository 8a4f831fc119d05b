"""What the controller knows, in SQL: the only room with SQLAlchemy."""

from linjevakt.store.store import Store

__all__ = ["Store"]
