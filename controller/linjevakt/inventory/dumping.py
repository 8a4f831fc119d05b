"""Writes an inventory as the folder that `load` reads."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from linjevakt.inventory.loading import INSTALLATION, ORGANISATIONS, SITES, Organisations
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.inventory import Inventory, Noun

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dump(inventory: Inventory, path: Path) -> None:
    """Writes the folder, whole or not at all; `load` gives the same inventory back, sites in the order of their keys.

    Raises InvalidInputError when the folder exists and is not empty: a site that was removed would live on in it.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InvalidInputError(f"{path} is not an empty folder. Name a new one.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as scratch:
        folder = Path(scratch) / path.name
        (folder / SITES).mkdir(parents=True)
        _write(folder / INSTALLATION, inventory.installation)
        _write(folder / ORGANISATIONS, Organisations(organisations=inventory.organisations))
        for connection in inventory.connections:
            _write(folder / SITES / f"{connection.key}.yaml", connection)
        folder.rename(path)


def _write(file: Path, noun: Noun) -> None:
    plain = noun.model_dump(mode="json", exclude_none=True)
    text = yaml.dump(plain, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=120)
    file.write_text(text, encoding="utf-8")
