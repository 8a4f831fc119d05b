"""Certificates that were issued, those that were revoked, and which hub refuses them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "certificates",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name="pk_certificates"),
    )
    for column in ("router", "key", "revoked"):
        op.create_index(f"ix_certificates_{column}", "certificates", [column], unique=False)
    op.create_table(
        "certified",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["serial"], ["certificates.serial"], name="fk_certified_serial"),
        sa.PrimaryKeyConstraint("serial", "first", name="pk_certified"),
    )
    op.create_index("ix_certified_first_last", "certified", ["first", "last"], unique=False)
    op.create_table(
        "hub_lists",
        sa.Column("hub", sa.String(), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("serials", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("hub", name="pk_hub_lists"),
    )


def downgrade() -> None:
    """Drops them, children first."""
    for table in ("hub_lists", "certified", "certificates"):
        op.drop_table(table)
