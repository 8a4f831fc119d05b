"""Writes an inventory as the folder that `load` reads: YAML files or CSV sheets."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent
from typing import Any

import yaml

from linjevakt.inventory import flatten, layout, sheet, yamlfiles
from linjevakt.inventory.folder import Progress
from linjevakt.inventory.sheet import Dialect
from linjevakt.inventory.yamlfiles import INSTALLATION, Exported, Organisations, Stock
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Inventory
from linjevakt.model.saying import Saying

_EXPORTED = """\
# What this folder was written from: an import merges it with what others have saved since. Leave it as it is.
"""
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Form(StrEnum):
    """How a folder is written; `excel` is CSV as a Norwegian Excel opens it by a double click."""

    YAML = "yaml"
    CSV = "csv"
    EXCEL = "excel"


_DIALECTS: Mapping[Form, Dialect] = {
    Form.CSV: Dialect(),
    Form.EXCEL: Dialect(separator=";", line_end="\r\n", mark=True),
}


def dump(  # noqa: PLR0913 - what a folder holds, and how it is written
    inventory: Inventory,
    path: Path,
    *,
    equipment: tuple[Equipment, ...] | None = None,
    exported: Exported | None = None,
    form: Form = Form.YAML,
    progress: Progress = lambda _done, _total: None,
) -> None:
    """Writes the folder, whole or not at all; `read` gives the same back, in the order of the keys.

    `progress` hears how many of how many sites are written. Raises InvalidInputError when the folder exists and is
    not empty: a site that was removed would live on in it.
    """
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise InvalidInputError(Saying("{} is not an empty folder. Name a new one.", path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as scratch:
        folder = Path(scratch) / path.name
        folder.mkdir(mode=0o700)  # who lives where with which addresses is nothing for other users of this machine
        (folder / INSTALLATION).write_text(_head(exported) + _text(inventory.installation), encoding="utf-8")
        if form is Form.YAML:
            _dump_yaml(inventory, equipment, folder, progress)
        else:
            _dump_sheets(inventory, equipment, folder, _DIALECTS[form])
        folder.rename(path)


def _dump_yaml(inventory: Inventory, equipment: tuple[Equipment, ...] | None, folder: Path, progress: Progress) -> None:
    sites = folder / yamlfiles.SITES
    sites.mkdir()
    _write(folder / yamlfiles.ORGANISATIONS, Organisations(organisations=inventory.organisations))
    if equipment is not None:
        _write(folder / yamlfiles.EQUIPMENT, Stock(equipment=equipment))
    for n, site in enumerate(inventory.sites, start=1):
        _write(sites / f"{site.key}.yaml", site)
        progress(n, len(inventory.sites))


def _dump_sheets(inventory: Inventory, equipment: tuple[Equipment, ...] | None, folder: Path, dialect: Dialect) -> None:
    roots = [(layout.ORGANISATIONS, inventory.organisations), (layout.SITES, inventory.sites)]
    roots += [] if equipment is None else [(layout.EQUIPMENT, equipment)]
    for root, nouns in roots:
        for of, header, rows in flatten.rows(nouns, root):
            (folder / of.file).write_text(sheet.text(header, rows, dialect), encoding="utf-8", newline="")


def _head(exported: Exported | None) -> str:
    return f"{_EXPORTED}exported:\n{indent(_text(exported), '  ')}" if exported else ""


def _write(file: Path, noun: Noun) -> None:
    file.write_text(_text(noun), encoding="utf-8")


def _text(noun: Noun) -> str:
    plain = noun.model_dump(mode="json", exclude_none=True)
    text: str = yaml.dump(plain, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=120)
    return text
