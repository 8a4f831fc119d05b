"""A secret value that no log, error or diff can show by accident."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Secret:
    """Text that shows itself only through `reveal()`."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """The value in clear: call it where the value leaves for the router or the cipher, nowhere else."""
        return self._text

    def fingerprint(self) -> str:
        """Eight hex digits that change with the value; for generated (not guessable) secrets only."""
        return hashlib.sha256(self._text.encode()).hexdigest()[:8]

    def __str__(self) -> str:
        return "<secret>"
