"""The first schema: the register with its history, and what the controller remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NOW = sa.text("until IS NULL")
_TABLES = ("revisions", "versions", "leases", "sealed", "devices", "pushes", "health", "transitions")


def upgrade() -> None:
    """Creates every table."""
    _register()
    _memory()


def downgrade() -> None:
    """Drops them, children first."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _register() -> None:
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("order_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_revisions"),
    )
    op.create_table(
        "versions",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["since"], ["revisions.number"], name="fk_versions_since"),
        sa.ForeignKeyConstraint(["until"], ["revisions.number"], name="fk_versions_until"),
        sa.PrimaryKeyConstraint("kind", "key", "since", name="pk_versions"),
    )
    op.create_index("ix_versions_since", "versions", ["since"])
    op.create_index("ix_versions_until", "versions", ["until"])
    op.create_index(
        "uq_versions_now", "versions", ["kind", "key"], unique=True, sqlite_where=_NOW, postgresql_where=_NOW
    )
    op.create_table(
        "leases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_leases"),
    )
    op.create_index("ix_leases_first_last", "leases", ["first", "last"])
    op.create_index("uq_leases_now", "leases", ["first", "last"], unique=True, sqlite_where=_NOW, postgresql_where=_NOW)


def _memory() -> None:
    op.create_table(
        "sealed",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sealed"),
    )
    op.create_table(
        "devices",
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("host_key", sa.String(), nullable=False),
        sa.Column("csr", sa.String(), nullable=False),
        sa.Column("certificate", sa.String(), nullable=False),
        sa.Column("certificate_serial", sa.String(), nullable=False),
        sa.Column("certificate_expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("engine_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("enrolled", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("router", name="pk_devices"),
        sa.UniqueConstraint("certificate_serial", name="uq_devices_certificate_serial"),
        sa.UniqueConstraint("engine_id", name="uq_devices_engine_id"),
        sa.UniqueConstraint("serial", name="uq_devices_serial"),
    )
    op.create_table(
        "pushes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("revert_in_s", sa.Integer(), nullable=False),
        sa.Column("candidate_hash", sa.String(), nullable=False),
        sa.Column("plan_hash", sa.String(), nullable=False),
        sa.Column("diff", sa.String(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pushes"),
    )
    op.create_index("ix_pushes_router_id", "pushes", ["router", "id"], unique=False)
    op.create_index(
        "uq_pushes_running",
        "pushes",
        ["router"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "health",
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("router", name="pk_health"),
    )
    op.create_table(
        "transitions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
    )
    op.create_index("ix_transitions_router_id", "transitions", ["router", "id"], unique=False)
