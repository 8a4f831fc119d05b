"""What the agent measures on its router: one file per thing, reader and pure parser apart."""


class CollectError(Exception):
    """A thing could not be measured; the message says which and why."""
