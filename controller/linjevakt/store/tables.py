"""The tables: the inventory's nouns, then what the controller remembers; `info["path"]` says where in the noun."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

from linjevakt.store.types import AsJson, AsText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _value(name: str, kind: Any, *, path: str | None = None, null: bool = False, key: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=key, nullable=null, info={"path": path or name})


def _link(name: str, target: str, *, path: str | None = None, key: bool = False) -> Column[Any]:
    return Column(
        name, String, ForeignKey(target), primary_key=key, nullable=False, info={"path": path} if path else {}
    )


def _position() -> Column[Any]:
    return Column("position", Integer, nullable=False)


# --- the inventory: replaced as one, see `Store.save_inventory` ---

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one"), primary_key=True, server_default=text("1")),
    _value("test", Boolean),
    _value("inside", AsJson),
    _value("inside_domains", AsJson),
    _value("pac_host", String),
    _value("management", AsText),
    _value("controllers", AsJson),
    _value("support_phone", String),
)

organisations = Table(
    "organisations",
    metadata,
    _value("number", String, key=True),
    _position(),
    _value("name", String),
    _value("category", AsText),
    _value("terms_accepted", Date, path="membership.terms.accepted", null=True),
    _value("terms_by", String, path="membership.terms.by", null=True),
    _value("data_processing_accepted", Date, path="membership.data_processing.accepted", null=True),
    _value("data_processing_by", String, path="membership.data_processing.by", null=True),
    _value("customer_accepted", Date, path="membership.customer.accepted", null=True),
    _value("customer_by", String, path="membership.customer.by", null=True),
    _value("her_id", Integer, null=True),
    _value("record_system", String, null=True),
    _value("enterprise_certificate", Date, null=True),
)

contacts = Table(
    "contacts",
    metadata,
    _link("organisation", "organisations.number", key=True),
    Column("position", Integer, primary_key=True),
    _value("name", String),
    _value("phone", String),
    _value("email", String, null=True),
)

sites = Table(
    "sites",
    metadata,
    _value("key", String, key=True),
    _value("name", String),
    _value("street", String),
    _value("postcode", String),
    _value("city", String),
    _value("municipality", String),
    _value("floor", String),
    _value("room", String),
)

routers = Table(
    "routers",
    metadata,
    _value("name", String, key=True),
    _value("platform", String),
    Column("management", AsText, nullable=False, unique=True, info={"path": "management"}),
    _value("serial", String, null=True),
)

lines = Table(
    "lines",
    metadata,
    _link("router", "routers.name", key=True),
    _value("name", String, key=True),
    _position(),
    _value("kind", AsText),
    _value("provider", String),
    _value("method", String, path="addressing.method"),
    _value("address", AsText, path="addressing.address", null=True),
    _value("gateway", AsText, path="addressing.gateway", null=True),
    _value("priority", Integer),
    _value("down_mbit", Integer),
    _value("up_mbit", Integer),
    _value("business", Boolean),
    _value("fault_phone", String, null=True),
)

hubs = Table(
    "hubs",
    metadata,
    _link("router", "routers.name", path="router.name", key=True),
    _position(),
    _value("inside_port", String),
    _value("inside_address", AsText),
)

services = Table(
    "services",
    metadata,
    _value("key", String, key=True),
    _position(),
    _value("address", AsText),
    _value("port", Integer, null=True),
    _value("names", AsJson),
)

connections = Table(
    "connections",
    metadata,
    _link("site", "sites.key", path="site.key", key=True),
    _position(),
    _link("owner", "organisations.number", path="owner"),
    Column("router", String, ForeignKey("routers.name"), nullable=False, unique=True, info={"path": "router.name"}),
    Column("hub", String, ForeignKey("hubs.router"), info={"path": "hub"}),
)

segments = Table(
    "segments",
    metadata,
    _link("site", "connections.site", key=True),
    _value("name", String, key=True),
    _position(),
    _link("organisation", "organisations.number", path="organisation"),
    _value("port", String),
    _value("vlan", Integer, null=True),
    _value("prefix", AsText),
    _value("share", Integer),
    _value("services", AsJson),
)

blocks = Table(
    "blocks",
    metadata,
    Column("site", String, primary_key=True),
    Column("segment", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    _value("to", AsText),
    _value("protocol", String),
    _value("ports", AsJson),
    _value("reason", String),
    ForeignKeyConstraint(["site", "segment"], ["segments.site", "segments.name"]),
)

sharing = Table(
    "sharing",
    metadata,
    _link("site", "connections.site", key=True),
    _link("organisation", "organisations.number", path="organisation", key=True),
    _position(),
    _value("confirmed", Date),
    _value("document", String),
)

INVENTORY = tuple(metadata.sorted_tables)

# --- what the controller remembers; outlives the router's place in the inventory, hence no foreign keys ---

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("saved", UtcDateTime, nullable=False),
    Column("who", String, nullable=False),
    Column("digest", String, nullable=False),
)

sealed = Table(
    "sealed",
    metadata,
    Column("name", String, primary_key=True),
    Column("envelope", LargeBinary, nullable=False),
    Column("saved", UtcDateTime, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("router", String, primary_key=True),
    Column("serial", String, nullable=False, unique=True),
    Column("host_key", String, nullable=False),
    Column("csr", String, nullable=False),
    Column("certificate", String, nullable=False),
    Column("certificate_serial", String, nullable=False, unique=True),
    Column("certificate_expires", UtcDateTime, nullable=False),
    Column("engine_id", String, nullable=False, unique=True),
    Column("stage", AsText, nullable=False),
    Column("enrolled", UtcDateTime, nullable=False),
)

pushes = Table(
    "pushes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("router", String, nullable=False),
    Column("state", AsText, nullable=False),
    Column("reason", String, nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("worker", String, nullable=False),
    Column("revert_in_s", Integer, nullable=False),
    Column("candidate_hash", String, nullable=False),
    Column("plan_hash", String, nullable=False),
    Column("diff", String, nullable=False),
    Column("steps", AsJson, nullable=False),
    Column("proof", AsJson, nullable=False),
    Index("ix_pushes_router_id", "router", "id"),
)

_RUNNING = text("state = 'running'")
Index("uq_pushes_running", pushes.c.router, unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING)

health = Table(
    "health",
    metadata,
    Column("router", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("snapshot", AsJson, nullable=False),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("router", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("before", String, nullable=False),
    Column("after", String, nullable=False),
    Column("changes", AsJson, nullable=False),
    Index("ix_transitions_router_id", "router", "id"),
)
