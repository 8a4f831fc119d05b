"""Who made each change as more than a name: the log-in, the roles, the way in, and on whose behalf."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; of changes from before, the name is all that is known."""
    op.add_column("revisions", sa.Column("actor", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("revisions", "actor")
