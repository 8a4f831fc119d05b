"""The first schema: the inventory's nouns, and what the controller remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INVENTORY = (
    "installation",
    "organisations",
    "contacts",
    "sites",
    "routers",
    "lines",
    "hubs",
    "services",
    "connections",
    "segments",
    "blocks",
    "sharing",
)
_MEMORY = ("revisions", "sealed", "devices", "pushes", "health", "transitions")


def upgrade() -> None:
    """Creates every table."""
    _inventory()
    _memory()


def downgrade() -> None:
    """Drops them, children first."""
    for table in reversed(_INVENTORY + _MEMORY):
        op.drop_table(table)


def _inventory() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("inside", sa.JSON(), nullable=False),
        sa.Column("inside_domains", sa.JSON(), nullable=False),
        sa.Column("pac_host", sa.String(), nullable=False),
        sa.Column("management", sa.String(), nullable=False),
        sa.Column("controllers", sa.JSON(), nullable=False),
        sa.Column("support_phone", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_installation_one"),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "organisations",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("terms_accepted", sa.Date(), nullable=True),
        sa.Column("terms_by", sa.String(), nullable=True),
        sa.Column("data_processing_accepted", sa.Date(), nullable=True),
        sa.Column("data_processing_by", sa.String(), nullable=True),
        sa.Column("customer_accepted", sa.Date(), nullable=True),
        sa.Column("customer_by", sa.String(), nullable=True),
        sa.Column("her_id", sa.Integer(), nullable=True),
        sa.Column("record_system", sa.String(), nullable=True),
        sa.Column("enterprise_certificate", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_organisations"),
    )
    op.create_table(
        "contacts",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.number"], name="fk_contacts_organisation"),
        sa.PrimaryKeyConstraint("organisation", "position", name="pk_contacts"),
    )
    op.create_table(
        "sites",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("floor", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sites"),
    )
    op.create_table(
        "routers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("management", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_routers"),
        sa.UniqueConstraint("management", name="uq_routers_management"),
    )
    op.create_table(
        "lines",
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("gateway", sa.String(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("down_mbit", sa.Integer(), nullable=False),
        sa.Column("up_mbit", sa.Integer(), nullable=False),
        sa.Column("business", sa.Boolean(), nullable=False),
        sa.Column("fault_phone", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["router"], ["routers.name"], name="fk_lines_router"),
        sa.PrimaryKeyConstraint("router", "name", name="pk_lines"),
    )
    op.create_table(
        "hubs",
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("inside_port", sa.String(), nullable=False),
        sa.Column("inside_address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["router"], ["routers.name"], name="fk_hubs_router"),
        sa.PrimaryKeyConstraint("router", name="pk_hubs"),
    )
    op.create_table(
        "services",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_services"),
    )
    op.create_table(
        "connections",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("router", sa.String(), nullable=False),
        sa.Column("hub", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["hub"], ["hubs.router"], name="fk_connections_hub"),
        sa.ForeignKeyConstraint(["owner"], ["organisations.number"], name="fk_connections_owner"),
        sa.ForeignKeyConstraint(["router"], ["routers.name"], name="fk_connections_router"),
        sa.ForeignKeyConstraint(["site"], ["sites.key"], name="fk_connections_site"),
        sa.PrimaryKeyConstraint("site", name="pk_connections"),
        sa.UniqueConstraint("router", name="uq_connections_router"),
    )
    op.create_table(
        "segments",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("port", sa.String(), nullable=False),
        sa.Column("vlan", sa.Integer(), nullable=True),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.number"], name="fk_segments_organisation"),
        sa.ForeignKeyConstraint(["site"], ["connections.site"], name="fk_segments_site"),
        sa.PrimaryKeyConstraint("site", "name", name="pk_segments"),
    )
    op.create_table(
        "blocks",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("ports", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site", "segment"], ["segments.site", "segments.name"], name="fk_blocks_site"),
        sa.PrimaryKeyConstraint("site", "segment", "position", name="pk_blocks"),
    )
    op.create_table(
        "sharing",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Date(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.number"], name="fk_sharing_organisation"),
        sa.ForeignKeyConstraint(["site"], ["connections.site"], name="fk_sharing_site"),
        sa.PrimaryKeyConstraint("site", "organisation", name="pk_sharing"),
    )


def _memory() -> None:
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_revisions"),
    )
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
