"""The sockets of each router's box, as it told when it was staged."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; of boxes that were staged before, nothing is known."""
    op.add_column("devices", sa.Column("ports", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("devices", "ports")
