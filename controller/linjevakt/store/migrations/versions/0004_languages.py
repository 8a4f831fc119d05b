"""Why each push ended as it did, in Norwegian beside the English."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; reasons from before are in English alone."""
    op.add_column("pushes", sa.Column("reason_nb", sa.String(), nullable=True))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("pushes", "reason_nb")
