"""Finds the data folders `templates` and `inventory`: inside the installed package, or at the root of a checkout."""

from pathlib import Path

from linjevakt.model.saying import Saying

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "data", _PACKAGE.parents[1])


def templates() -> Path:
    """The folder with one sub-folder a platform. Raises FileNotFoundError when the installation is broken."""
    return _folder("templates")


def inventory() -> Path:
    """The folder with `catalogue`, `example` and `schema`. Raises FileNotFoundError when the installation is broken."""
    return _folder("inventory")


def _folder(name: str) -> Path:
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    places = ", ".join(map(str, _PLACES))
    raise FileNotFoundError(Saying("linjevakt's own folder {!r} is in none of: {}", name, places))
