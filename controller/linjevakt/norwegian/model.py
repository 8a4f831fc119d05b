"""What the rooms `model` and its rules say."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "{}: not yet. {}": "{}: ikke ennå. {}",
}
