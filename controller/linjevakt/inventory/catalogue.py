"""Loads the service catalogue: a folder with one row a file."""

from pathlib import Path

from linjevakt import resources
from linjevakt.inventory.folder import Folder
from linjevakt.model.catalogue import Catalogue, CatalogueService
from linjevakt.model.errors import InventoryError, Issue


def load_catalogue(path: Path | None = None) -> Catalogue:
    """The rows of the folder, by key; without `path` those shipped with the product.

    Raises InventoryError with every finding.
    """
    folder = Folder(path or resources.inventory() / "catalogue")
    rows = {file: folder.read(file, CatalogueService) for file in folder.files("*.yaml")}
    catalogue = {row.key: row for row in rows.values() if row}
    for file, row in rows.items():
        if row and file != f"{row.key}.yaml":
            folder.issues.append(_misnamed(file, row.key))
    if not rows:
        folder.issues.append(Issue(".", None, "file", "no *.yaml in the catalogue's folder", "Name another folder"))
    if folder.issues:
        raise InventoryError(folder.issues)
    return catalogue


def _misnamed(file: str, key: str) -> Issue:
    return Issue(file, None, "key", f"{key!r} is not the file's name", f"Call the file {key}.yaml")
