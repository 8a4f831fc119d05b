"""Loads an inventory folder: every file read, every rule run, every finding told at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from linjevakt import platforms
from linjevakt.inventory import parts
from linjevakt.inventory.catalogue import load_catalogue
from linjevakt.inventory.document import FILE, Place
from linjevakt.inventory.folder import Folder, Progress
from linjevakt.inventory.merging import Silent
from linjevakt.inventory.sheets import Sheets, is_sheets
from linjevakt.inventory.yamlfiles import EXPECTED, INSTALLATION, ORGANISATIONS, Exported, InstallationFile, YamlFiles
from linjevakt.model import rules
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.entity import Entity, EntityKind
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import InventoryError, Issue
from linjevakt.model.inventory import Inventory, Organisation, Site
from linjevakt.model.rules.addresses import unknown_platform
from linjevakt.model.rules.base import Finding, Findings, Where, repeated
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
        return (inventory.installation, *inventory.organisations, *inventory.sites, *(self.equipment or ()))

    @property
    def kinds(self) -> frozenset[EntityKind]:
        """The kinds that the folder holds all of."""
        fleet = frozenset({EntityKind.INSTALLATION, EntityKind.ORGANISATION, EntityKind.SITE})
        return fleet if self.equipment is None else fleet | {EntityKind.EQUIPMENT}


class _Reader(Protocol):
    """One form that a folder may have; what is wrong is noted already, and None where nothing can be read of it."""

    def organisations(self) -> tuple[Organisation, ...] | None: ...

    def sites(self, progress: Progress) -> tuple[Site, ...]: ...

    def equipment(self) -> tuple[Equipment, ...] | None: ...

    @property
    def silent(self) -> Silent: ...

    @property
    def register(self) -> str:
        """The file of the organisations."""

    @property
    def spoiled(self) -> Mapping[Place, Issue]:
        """The cells in which a spreadsheet has left something else: nothing more is told of them."""

    def place(self, where: Where) -> Place: ...


def load(path: Path, catalogue: Catalogue | None = None, templates: Path | None = None) -> Inventory:
    """The inventory of `read`, which says more."""
    return read(path, catalogue, templates=templates).inventory


def read(
    path: Path,
    catalogue: Catalogue | None = None,
    progress: Progress = lambda _done, _total: None,
    templates: Path | None = None,
) -> Contents:
    """What the folder holds, checked by every rule of `model.rules` against the catalogue (None: the shipped one).

    `templates`: the folder of the platforms that there are (None: the shipped one).

    Organisations come in the order of their numbers, sites in that of their keys, as the register has them.
    `progress` hears how many of how many sites are read. Raises InventoryError with all findings: where something
    cannot be read, the rules look at the rest (`parts`). Those over the whole fleet run only when there is an
    installation and a list of organisations: without them every site would be blamed for what is wrong there.
    """
    if not path.is_dir():
        raise InventoryError([Issue(str(path), None, FILE, Saying("is not a folder"), EXPECTED)])
    folder = Folder(path)
    reader: _Reader = Sheets(folder) if is_sheets(folder) else YamlFiles(folder)
    document = folder.document(INSTALLATION)
    head = folder.part(document, InstallationFile) if document else None
    organisations, sites, equipment = reader.organisations(), reader.sites(progress), reader.equipment()
    known = platforms.every(templates)
    of_boxes = (_boxes_are_there_once, partial(_platforms_of_boxes_are_known, known))
    _tell(folder, reader, [found for rule in of_boxes for found in parts.of_rows(rule, "equipment", equipment or ())])
    if head is None or organisations is None:
        _tell(folder, reader, parts.alone(sites))
        raise _error(folder, reader)
    inventory = Inventory(installation=head, organisations=organisations, sites=sites)
    check = parts.findings if folder.issues else rules.check
    _tell(folder, reader, check(inventory, catalogue or load_catalogue(), known))
    if folder.issues:
        raise _error(folder, reader)
    by_number = sorted(organisations, key=lambda organisation: organisation.number)
    by_key = Inventory(installation=head.installation, organisations=tuple(by_number), sites=sites)
    return Contents(by_key, equipment, head.exported, reader.silent)


def _boxes_are_there_once(boxes: tuple[Equipment, ...]) -> Findings:
    serials = ((("equipment", n, "serial"), box.serial, Saying("another box")) for n, box in enumerate(boxes))
    return repeated(serials, Saying("the serial number"), Saying("Remove one of the two"))


def _platforms_of_boxes_are_known(known: Collection[str], boxes: tuple[Equipment, ...]) -> Findings:
    for n, box in enumerate(boxes):
        if box.platform not in known:
            yield Finding(("equipment", n, "platform"), *unknown_platform(box.platform, known))


def _tell(folder: Folder, reader: _Reader, findings: list[Finding]) -> None:
    """Turns each place in the inventory into a file and the place in it."""

    def place(where: Where) -> Place:
        return folder.place(INSTALLATION, where[1:]) if where[0] == "installation" else reader.place(where)

    for finding in findings:
        remedy = finding.remedy.replace(ORGANISATIONS, reader.register)
        folder.tell(replace(finding, remedy=remedy), place)


def _error(folder: Folder, reader: _Reader) -> InventoryError:
    told = [one for one in folder.issues if reader.spoiled.get(Place(one.file, one.line, one.field), one) is one]
    return InventoryError(sorted(told, key=lambda issue: (issue.file, issue.line or 0)))
