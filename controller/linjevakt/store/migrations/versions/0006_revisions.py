"""Which revision of the register each push was made from."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; of pushes from before it is not known."""
    op.add_column("pushes", sa.Column("revision", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("pushes", "revision")
