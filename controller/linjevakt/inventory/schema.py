"""JSON schemas of the inventory's files, for editors and for those who write files with other programs."""

import json
from collections.abc import Mapping
from pathlib import Path

from linjevakt.inventory.yamlfiles import InstallationFile, Organisations, Stock
from linjevakt.model.catalogue import Service
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Site

_FILES: Mapping[str, type[Noun]] = {
    "catalogue.schema.json": Service,
    "equipment.schema.json": Stock,
    "installation.schema.json": InstallationFile,
    "organisations.schema.json": Organisations,
    "site.schema.json": Site,
}


def schemas() -> dict[str, str]:
    """The text of every schema file, by file name."""
    return {name: _text(model) for name, model in _FILES.items()}


def write_schemas(folder: Path) -> None:
    """Writes the schema files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(model: type[Noun]) -> str:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(dialect | model.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
