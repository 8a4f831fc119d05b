"""What a push is for, until when its worker holds the router, and who has broken that, and why."""

import sqlalchemy as sa
from alembic import op

from linjevakt.store.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; a push that was begun before holds its router for as long as it may take."""
    op.add_column("pushes", sa.Column("why", sa.String(), nullable=True))
    op.add_column("pushes", sa.Column("until", UtcDateTime(), nullable=True))
    op.add_column("pushes", sa.Column("broken", sa.String(), nullable=True))


def downgrade() -> None:
    """Drops them."""
    for name in ("broken", "until", "why"):
        op.drop_column("pushes", name)
