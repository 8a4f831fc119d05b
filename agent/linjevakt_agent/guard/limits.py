"""Limits that the command line refuses before it asks the guard, and the guard keeps whoever asks."""

from typing import Final

REVERT_MAX_S: Final = 24 * 3600.0
