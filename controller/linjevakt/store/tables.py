"""The tables: the versions of every entity, the leases of addresses, and what the controller remembers."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
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


_NOW = text("until IS NULL")

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("saved", UtcDateTime, nullable=False),
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    Column("order_number", Integer),
    Column("actor", AsJson),  # null: of before, when a name was all that was kept
)

# Every version of every entity. One that is in force has no `until`; nothing is overwritten but that.
versions = Table(
    "versions",
    metadata,
    Column("kind", AsText, primary_key=True),
    Column("key", String, primary_key=True),
    Column("since", Integer, ForeignKey("revisions.number"), primary_key=True),
    Column("until", Integer, ForeignKey("revisions.number")),
    Column("document", AsJson, nullable=False),
    Index("ix_versions_since", "since"),
    Index("ix_versions_until", "until"),
)
Index("uq_versions_now", versions.c.kind, versions.c.key, unique=True, sqlite_where=_NOW, postgresql_where=_NOW)

# Who had which addresses when; `first` and `last` are the addresses as numbers, for finding what overlaps.
leases = Table(
    "leases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("network", AsText, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("site", String, nullable=False),
    Column("name", String, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("order_number", Integer),
    Index("ix_leases_first_last", "first", "last"),
)
Index("uq_leases_now", leases.c.first, leases.c.last, unique=True, sqlite_where=_NOW, postgresql_where=_NOW)

# What no two sites have, by value: the holder of each; and for each member the sites that name it. Follows from the
# sites in force, and is written with them: an edit asks here who else has what is new in it.
holdings = Table(
    "holdings",
    metadata,
    Column("what", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("site", String, primary_key=True),
)

# --- what the controller remembers of its routers; outlives their place in the inventory ---

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
    Column("ports", AsJson),  # none of boxes that were staged before they could tell
)

# Every certificate ever issued: a box may hold more than the last one.
certificates = Table(
    "certificates",
    metadata,
    Column("serial", String, primary_key=True),
    Column("router", String, nullable=False),
    Column("box", String, nullable=False),
    Column("key", String, nullable=False),
    Column("networks", AsJson, nullable=False),
    Column("issued", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("confirmed", UtcDateTime),
    Column("revoked", UtcDateTime),
    Column("reason", AsText),
    Index("ix_certificates_router", "router"),
    Index("ix_certificates_key", "key"),
    Index("ix_certificates_revoked", "revoked"),
)

# The addresses that a certificate names, as numbers, for finding what overlaps.
certified = Table(
    "certified",
    metadata,
    Column("serial", String, ForeignKey("certificates.serial"), primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Index("ix_certified_first_last", "first", "last"),
)

# Which revocation list each hub was last seen to run.
hub_lists = Table(
    "hub_lists",
    metadata,
    Column("hub", String, primary_key=True),  # or a site's router, since those refuse hubs that were stolen
    Column("seen", UtcDateTime, nullable=False),
    Column("serials", AsJson, nullable=False),
)

pushes = Table(
    "pushes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("router", String, nullable=False),
    Column("state", AsText, nullable=False),
    Column("reason", String, nullable=False),
    Column("reason_nb", String),  # where it is said in Norwegian too
    Column("started", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("worker", String, nullable=False),
    Column("why", String),
    Column("until", UtcDateTime),  # whose lease on the router ends then, unless it is made longer; none: an older one
    Column("broken", String),  # who has ended it, and why
    Column("revert_in_s", Integer, nullable=False),
    Column("candidate_hash", String, nullable=False),
    Column("plan_hash", String, nullable=False),
    Column("diff", String, nullable=False),
    Column("steps", AsJson, nullable=False),
    Column("proof", AsJson, nullable=False),
    Column("revision", Integer),  # of the register; NULL for pushes from before this was written down
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
