"""A PostgreSQL server of our own on a Unix socket, for tests and benchmarks."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier


@contextmanager
def cluster() -> Iterator[str]:
    """A PostgreSQL cluster without TCP; the value is its URL, with `{}` for the database's name."""
    home, programs = Path(mkdtemp(prefix="pg-", dir="/tmp")), _programs()
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    _as_postgres(programs / "initdb", "--pgdata", home / "data", "--username", "linjevakt", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
    server = (programs / "pg_ctl", "--pgdata", home / "data", "--wait")
    _as_postgres(*server, "--log", home / "log", "--options", options, "start")
    try:
        yield f"postgresql://linjevakt@/{{}}?host={home}"
    finally:
        _as_postgres(*server, "--mode", "immediate", "stop")
        shutil.rmtree(home)


def new_database(postgres: str, template: str = "template1") -> str:
    """The URL of a new database in the cluster, a copy of the template."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as site:
        site.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    return postgres.format(name)


def _as_postgres(*argv: str | Path) -> None:
    """Runs a program as the user `postgres` (initdb refuses root), or as we are when we are not root."""
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    subprocess.run(argv, check=True, capture_output=True, user=user.pw_uid, group=user.pw_gid, extra_groups=[])


def _programs() -> Path:
    """Debian's newest PostgreSQL; its package is in docs/development and must be there, no test is skipped."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
