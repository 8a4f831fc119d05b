"""What the rooms `trust`, `store` and `revocation` say."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {}
