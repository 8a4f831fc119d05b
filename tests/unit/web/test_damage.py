"""A database in which any one column holds anything: every reader says so in a sentence, and none falls over."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from tests import prepared
from tests.boxes import claim
from tests.commandline import application
from tests.unit.web.conftest import KEY, NOON, client_at, desk_of, fleet_of, opened
from typer.testing import CliRunner

from linjevakt.model.errors import LinjevaktError
from linjevakt.model.record import SeenList
from linjevakt.store import tables
from linjevakt.trust import setup, ssh

COMMANDS = (
    ("router", "list"),
    ("router", "show", "rtr-fjellheim"),
    ("order", "list", "--all"),
    ("history",),
    ("stock", "list"),
    ("address", "list"),
    ("site", "list"),
)
_PAGES = ("/", "/metrics", "/api/v1/routers", "/api/v1/sites", "/api/v1/orders", "/api/v1/history", "/api/v1/equipment")
GARBAGE: tuple[Any, ...] = ("?", b"\xff\x00garbage", 2**62, '{"a": [1]}')
COLUMNS = [(table.name, column.name) for table in tables.metadata.sorted_tables for column in table.columns]


@pytest.fixture(scope="module")
def whole(database: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The populated fleet with secrets and orders: something in every table."""
    folder = tmp_path_factory.mktemp("whole")
    with closing(opened(prepared.copied(database, folder))) as store:
        fleet = fleet_of(store)
        desk = desk_of(fleet)
        wish = {"site": "fjellheim", "segment": "legekontor", "service": "ntp"}
        desk.new("add_service", wish, "kari", "ordered")
        fleet.boxes.stage("rtr-fjellheim", claim("LV-0011"))
        store.certificates.save_seen_list(SeenList("hub-oslo", NOON, frozenset({"a1"})))
    return prepared.content(folder)


@pytest.fixture
def home(whole: bytes, tmp_path: Path) -> Path:
    prepared.copied(whole, tmp_path)
    KEY.write(tmp_path / "key")
    tmp_path.chmod(0o700)
    return tmp_path


def _damage(home: Path, table: str, column: str, value: Any) -> None:
    with closing(sqlite3.connect(home / "linjevakt.db")) as database, suppress(sqlite3.IntegrityError):
        database.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?', (value,))
        database.commit()


def _fallen(home: Path, commands: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """What fell over instead of telling."""
    with closing(opened(f"sqlite:///{home / 'linjevakt.db'}")) as store:
        client = client_at(fleet_of(store))
        for page in _PAGES:
            answer = client.get(page)
            if answer.status_code == 500:
                yield f"{page}: {answer.text[:200]}"
    environment = {"LINJEVAKT_HOME": str(home), "COLUMNS": "200"}
    for command in commands:
        result = CliRunner(env=environment).invoke(application(), command)
        if not isinstance(result.exception, SystemExit | LinjevaktError | None):
            yield f"{' '.join(command)}: {result.exception!r}"


def after_damage(home: Path, whole: bytes, column: tuple[str, str], value: Any, *, commands: bool) -> list[str]:
    """What falls over when the column holds the value in every row."""
    for file in home.glob("linjevakt.db*"):
        file.unlink()
    prepared.copied(whole, home)
    _damage(home, *column, value)
    return [f"{column} = {value!r}: {told}" for told in _fallen(home, COMMANDS if commands else ())]


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: str(table.name))
def test_whatever_a_column_holds_no_page_falls_over(home: Path, whole: bytes, table: Table) -> None:
    with closing(sqlite3.connect(home / "linjevakt.db")) as database:
        assert database.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0], "nothing to damage"
    columns = [column for column in COLUMNS if column[0] == table.name]
    worst = zip(columns, cycle(GARBAGE), strict=False)
    assert [told for column, value in worst for told in after_damage(home, whole, column, value, commands=False)] == []


def test_the_database_that_nobody_damaged_is_read(home: Path) -> None:
    assert list(_fallen(home, COMMANDS)) == []
    environment = {"LINJEVAKT_HOME": str(home)}
    assert CliRunner(env=environment).invoke(application(), ["router", "list"]).exit_code == 0
    with closing(opened(f"sqlite:///{home / 'linjevakt.db'}")) as store:
        setup.prepare(fleet_of(store).boxes._vault, enrolled=True)  # noqa: SLF001 - nothing of it is gone
        assert ssh.public_line(fleet_of(store).boxes._vault).startswith("ssh-ed25519")  # noqa: SLF001
