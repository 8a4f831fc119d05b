"""Loads an inventory folder: every file read, every rule run, every finding told at once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from linjevakt import resources
from linjevakt.inventory.catalogue import load_catalogue
from linjevakt.inventory.document import FILE
from linjevakt.inventory.folder import Folder, Progress
from linjevakt.inventory.merging import Silent
from linjevakt.inventory.sheets import Sheets, is_sheets
from linjevakt.inventory.yamlfiles import EXPECTED, INSTALLATION, Exported, InstallationFile, YamlFiles
from linjevakt.model import rules
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.entity import Entity, EntityKind
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import InventoryError, Issue
from linjevakt.model.inventory import Connection, Inventory, Organisation
from linjevakt.model.rules.addresses import unknown_platform
from linjevakt.model.rules.base import Where, repeated
from linjevakt.model.saying import Saying


@dataclass(frozen=True)
class Contents:
    """What a folder holds, and of which revision it is an export, if it is one.

    `equipment` is None when it says nothing of boxes; `silent` are the places in nouns of a type that it says nothing
    of.
    """

    inventory: Inventory
    equipment: tuple[Equipment, ...] | None = None
    exported: Exported | None = None
    silent: Silent = field(default_factory=dict)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Everything, as the register has it."""
        inventory = self.inventory
        return (inventory.installation, *inventory.organisations, *inventory.connections, *(self.equipment or ()))

    @property
    def kinds(self) -> frozenset[EntityKind]:
        """The kinds that the folder holds all of."""
        fleet = frozenset({EntityKind.INSTALLATION, EntityKind.ORGANISATION, EntityKind.SITE})
        return fleet if self.equipment is None else fleet | {EntityKind.EQUIPMENT}


class _Reader(Protocol):
    """One form that a folder may have; None where something is wrong that is noted already."""

    def organisations(self) -> tuple[Organisation, ...] | None: ...

    def connections(self, progress: Progress) -> tuple[Connection, ...]: ...

    def equipment(self) -> tuple[Equipment, ...] | None: ...

    @property
    def silent(self) -> Silent: ...

    def note(self, where: Where, message: str, remedy: str) -> None: ...


def load(path: Path, catalogue: Catalogue | None = None, progress: Progress = lambda _done, _total: None) -> Inventory:
    """The inventory of `read`, which says more."""
    return read(path, catalogue, progress).inventory


def read(path: Path, catalogue: Catalogue | None = None, progress: Progress = lambda _done, _total: None) -> Contents:
    """What the folder holds, checked by every rule of `model.rules` against the catalogue (None: the shipped one).

    Organisations come in the order of their numbers, sites in that of their keys, as the register has them.
    `progress` hears how many of how many sites are read. Raises InventoryError with all findings. The rules that look
    at the whole fleet run only when installation and organisations can be read: without them every site would be
    blamed for what is wrong there.
    """
    if not path.is_dir():
        raise InventoryError([Issue(str(path), None, FILE, Saying("is not a folder"), EXPECTED)])
    folder = Folder(path)
    reader: _Reader = Sheets(folder) if is_sheets(folder) else YamlFiles(folder)
    head = folder.read(INSTALLATION, InstallationFile)
    organisations, connections, equipment = reader.organisations(), reader.connections(progress), reader.equipment()
    if head is None or organisations is None:
        _note(folder, reader, rules.check_alone(connections))
        raise _error(folder)
    inventory = Inventory(installation=head.installation, organisations=organisations, connections=connections)
    _note(folder, reader, rules.check(inventory, catalogue or load_catalogue(), resources.platforms()))
    _note(folder, reader, _check(equipment or ()))
    if folder.issues:
        raise _error(folder)
    by_number = sorted(organisations, key=lambda organisation: organisation.number)
    by_key = inventory.model_copy(update={"organisations": tuple(by_number)})
    return Contents(by_key, equipment, head.exported, reader.silent)


def _check(equipment: tuple[Equipment, ...]) -> list[rules.Finding]:
    """A box is there once, and its platform has templates."""
    serials = ((("equipment", n, "serial"), box.serial, Saying("another box")) for n, box in enumerate(equipment))
    known = resources.platforms()
    strangers = [
        rules.Finding(("equipment", n, "platform"), *unknown_platform(box.platform, known))
        for n, box in enumerate(equipment)
        if box.platform not in known
    ]
    return [*repeated(serials, Saying("the serial number"), Saying("Remove one of the two")), *strangers]


def _note(folder: Folder, reader: _Reader, findings: list[rules.Finding]) -> None:
    """Turns each place in the inventory into a file and the place in it."""
    for finding in findings:
        match finding.where:
            case ("installation", *rest):
                folder.note(INSTALLATION, tuple(rest), finding.message, finding.remedy)
            case where:
                reader.note(where, finding.message, finding.remedy)


def _error(folder: Folder) -> InventoryError:
    return InventoryError(sorted(folder.issues, key=lambda issue: (issue.file, issue.line or 0)))
