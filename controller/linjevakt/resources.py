"""Finds the data folders `templates` and `inventory`: inside the installed package, or at the root of a checkout."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from linjevakt.model.errors import TemplateError
from linjevakt.model.saying import Saying

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "data", _PACKAGE.parents[1])


def templates() -> Path:
    """The folder with one sub-folder a platform. Raises FileNotFoundError when the installation is broken."""
    return _folder("templates")


def inventory() -> Path:
    """The folder with `catalogue`, `example` and `schema`. Raises FileNotFoundError when the installation is broken."""
    return _folder("inventory")


def platforms() -> Mapping[str, frozenset[str]]:
    """The platforms that have templates (every folder with a `platform.toml`), and how their lines can be addressed.

    Raises TemplateError for a file that is none.
    """
    files = templates().glob("*/platform.toml")
    return {file.parent.name: _addressing(file, file.stat().st_mtime_ns) for file in files}


@lru_cache(maxsize=64)
def _addressing(file: Path, _changed_ns: int) -> frozenset[str]:
    try:
        return frozenset(tomllib.loads(file.read_text(encoding="utf-8")).get("addressing", ("static", "dhcp")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise TemplateError(Saying("{}: `addressing` cannot be read: {}", file, error)) from error


def _folder(name: str) -> Path:
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    places = ", ".join(map(str, _PLACES))
    raise FileNotFoundError(Saying("linjevakt's own folder {!r} is in none of: {}", name, places))
