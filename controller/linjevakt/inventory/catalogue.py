"""Loads the service catalogue: a folder with one row a file."""

from collections.abc import Sequence
from pathlib import Path

from linjevakt import resources
from linjevakt.inventory.document import FILE
from linjevakt.inventory.folder import Folder
from linjevakt.model.catalogue import Catalogue, Service
from linjevakt.model.errors import InventoryError, Issue
from linjevakt.model.rules.base import Finding
from linjevakt.model.rules.catalogue import check_catalogue
from linjevakt.model.saying import Saying


def load_catalogue(path: Path | None = None) -> Catalogue:
    """The rows of the folder, by key; without `path` those shipped with the product.

    Raises InventoryError with every finding.
    """
    root = path or resources.inventory() / "catalogue"
    folder = Folder(root)
    rows = {file: folder.read(file, Service) for file in folder.files("*.yaml")}
    catalogue = {row.key: row for row in rows.values() if row}
    for file, row in rows.items():
        if row and file != f"{row.key}.yaml":
            message, remedy = Saying("{!r} is not the file's name", row.key), Saying("Call the file {}.yaml", row.key)
            folder.note(file, ("key",), message, remedy)
    if not rows:
        what = Saying("has no *.yaml") if root.is_dir() else Saying("is no folder")
        remedy = Saying("Name the catalogue's folder, with a row a file")
        folder.issues.append(Issue(str(root), None, FILE, what, remedy))
    _tell(folder, check_catalogue(catalogue))
    if folder.issues:
        raise InventoryError(folder.issues)
    return catalogue


def refuse(root: Path, findings: Sequence[Finding]) -> None:
    """Raises InventoryError for findings about rows of the folder, each with its file and line; none: nothing."""
    folder = Folder(root)
    _tell(folder, findings)
    if folder.issues:
        raise InventoryError(folder.issues)


def _tell(folder: Folder, findings: Sequence[Finding]) -> None:
    for finding in findings:
        folder.tell(finding, lambda where: folder.place(f"{where[0]}.yaml", where[1:]))
