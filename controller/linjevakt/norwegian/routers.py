"""What the rooms around a router say: plan, push, proof, devices, health, render, intent, reach, PAC."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {}
