"""Loads an inventory folder: every file read, every rule run, every finding told at once."""

from collections.abc import Callable
from pathlib import Path

from linjevakt import resources
from linjevakt.inventory.catalogue import load_catalogue
from linjevakt.inventory.folder import MEGABYTE, Folder
from linjevakt.model import rules
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.errors import InventoryError, Issue
from linjevakt.model.inventory import Connection, Installation, Inventory, Noun, Organisation

INSTALLATION = "installation.yaml"
ORGANISATIONS = "organisations.yaml"
SITES = "sites"

_LARGEST_REGISTER = 64 * MEGABYTE  # 100,000 organisations with contacts
_EXPECTED = "An inventory has installation.yaml, organisations.yaml and sites/<key>.yaml"


class Organisations(Noun):
    """The content of organisations.yaml."""

    organisations: tuple[Organisation, ...]


Progress = Callable[[int, int], None]


def load(path: Path, catalogue: Catalogue | None = None, progress: Progress = lambda _done, _total: None) -> Inventory:
    """The folder's inventory, checked by every rule of `model.rules` against the catalogue (None: the shipped one).

    `progress` hears how many of how many sites are read. Raises InventoryError with all findings. The rules that look
    at the whole fleet run only when installation.yaml and organisations.yaml can be read: without them every site
    would be blamed for what is wrong there.
    """
    if not path.is_dir():
        raise InventoryError([Issue(str(path), None, "file", "is not a folder", _EXPECTED)])
    folder = Folder(path)
    folder.issues += _strays(folder)
    installation = folder.read(INSTALLATION, Installation)
    register = folder.read(ORGANISATIONS, Organisations, _LARGEST_REGISTER)
    sites = _sites(folder, progress)
    files, connections = list(sites), tuple(sites.values())
    if installation and register:
        inventory = Inventory(installation=installation, organisations=register.organisations, connections=connections)
        findings = rules.check(inventory, catalogue or load_catalogue(), resources.platforms())
    else:
        findings = rules.check_alone(connections)
    for finding in findings:
        _note(folder, files, finding)
    if folder.issues:
        raise InventoryError(sorted(folder.issues, key=lambda issue: (issue.file, issue.line or 0)))
    return inventory


def _sites(folder: Folder, progress: Progress) -> dict[str, Connection]:
    """The connections that can be read, by file, in the order of their keys."""
    files = folder.files(f"{SITES}/*.yaml")
    read: dict[str, Connection] = {}
    for n, file in enumerate(files, start=1):
        connection = folder.read(file, Connection)
        if connection and file != f"{SITES}/{connection.key}.yaml":
            folder.note(file, ("site", "key"), f"{connection.key!r} is not the file's name", "Make them the same")
        if connection:
            read[file] = connection
        progress(n, len(files))
    return dict(sorted(read.items(), key=lambda item: item[1].key))


def _strays(folder: Folder) -> list[Issue]:
    known = {INSTALLATION, ORGANISATIONS, *folder.files(f"{SITES}/*.yaml")}
    strays = [file for file in folder.files("**/*.y*ml") if file not in known]
    return [Issue(file, None, "file", "is not read: its name is not one of an inventory", _EXPECTED) for file in strays]


def _note(folder: Folder, files: list[str], finding: rules.Finding) -> None:
    """Turns the place in the inventory into a file and the place in it."""
    match finding.where:
        case ("connections", int(n), *rest):
            folder.note(files[n], tuple(rest), finding.message, finding.remedy)
        case ("installation", *rest):
            folder.note(INSTALLATION, tuple(rest), finding.message, finding.remedy)
        case where:
            folder.note(ORGANISATIONS, tuple(where), finding.message, finding.remedy)
