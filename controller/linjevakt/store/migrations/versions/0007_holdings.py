"""Who holds what no two sites may have, and who names a member: kept beside the sites, for the rules of an edit."""

from collections.abc import Iterator
from ipaddress import IPv4Interface
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BATCH = 1000


def upgrade() -> None:
    """Adds the table, and what the sites in force hold."""
    holdings = op.create_table(
        "holdings",
        sa.Column("what", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), primary_key=True),
        sa.Column("site", sa.String(), primary_key=True),
    )
    versions = sa.table(
        "versions", sa.column("kind"), sa.column("key"), sa.column("until"), sa.column("document", sa.JSON)
    )
    sites = sa.select(versions.c.key, versions.c.document).where(versions.c.kind == "site", versions.c.until.is_(None))
    found = op.get_bind().execute(sites).all()
    rows = [{"what": what, "value": value, "site": key} for key, site in found for what, value in sorted(_held(site))]
    for start in range(0, len(rows), _BATCH):
        op.bulk_insert(holdings, rows[start : start + _BATCH])


def downgrade() -> None:
    """Drops it."""
    op.drop_table("holdings")


def _held(site: dict[str, Any]) -> set[tuple[str, str]]:
    return {*_of_router(site["router"]), *_addresses(site["lines"]), *(("member", one) for one in _members(site))}


def _of_router(router: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "router", router["name"]
    yield "management", router["management"]
    if router.get("serial"):
        yield "serial", router["serial"]


def _addresses(lines: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if address := line.get("addressing", {}).get("address"):
            yield "static address", str(IPv4Interface(address).ip)


def _members(site: dict[str, Any]) -> Iterator[str]:
    yield site["owner"]
    yield from (one["organisation"] for of in ("segments", "sharing") for one in site.get(of, ()))
