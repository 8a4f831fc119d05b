"""What goes wrong with the database is told in our words."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import QueuePool
from tests import prepared

from linjevakt.model.errors import BusyError
from linjevakt.store.database import Database


def test_a_process_whose_connections_are_all_at_work_says_that_the_database_is_busy(tmp_path: Path) -> None:
    database = Database(prepared.migrated(tmp_path))
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    pool._timeout = 0.01  # noqa: SLF001 - else it waits for half a minute
    with ExitStack() as working:
        for _ in range(15):  # what SQLAlchemy gives a process
            working.enter_context(database.read())
        with pytest.raises(BusyError, match="Try again"), database.read():
            pass
    database.engine.dispose()
