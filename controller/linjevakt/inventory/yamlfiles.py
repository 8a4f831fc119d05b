"""An inventory as YAML files: installation.yaml, organisations.yaml, sites/<key>.yaml and, if there, equipment.yaml."""

from typing import Annotated, Final

from pydantic import Field

from linjevakt.inventory.document import FILE
from linjevakt.inventory.folder import Folder, Progress
from linjevakt.inventory.merging import Silent
from linjevakt.inventory.reading import MEGABYTE
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import Issue
from linjevakt.model.inventory import Connection, Installation, Moment, Noun, Organisation
from linjevakt.model.rules.base import Where
from linjevakt.model.saying import Saying

INSTALLATION = "installation.yaml"
ORGANISATIONS = "organisations.yaml"
EQUIPMENT = "equipment.yaml"
SITES = "sites"
EXPECTED = Saying("An inventory has installation.yaml, organisations.yaml and sites/<key>.yaml")

_LARGEST = 16 * MEGABYTE  # 10,000 organisations are 5.5 MB


class Exported(Noun):
    """The revision of the register that a folder was written from; the moment tells it from another register's."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    saved: Moment


class InstallationFile(Installation):
    """The content of installation.yaml, which is in every folder and which no spreadsheet writes anew."""

    exported: Exported | None = None

    @property
    def installation(self) -> Installation:
        """What the register keeps of it."""
        return Installation.model_validate(self.model_dump(exclude={"exported"}))


class Organisations(Noun):
    """The content of organisations.yaml."""

    organisations: tuple[Organisation, ...]


class Stock(Noun):
    """The content of equipment.yaml."""

    equipment: tuple[Equipment, ...]


class YamlFiles:
    """Reads them; what is wrong goes into the folder's `issues`."""

    silent: Final[Silent] = {}  # a file says all of its noun

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._sites: list[str] = []
        folder.issues += self._strays()

    def organisations(self) -> tuple[Organisation, ...] | None:
        """All of them; None when one is wrong."""
        read = self._folder.read(ORGANISATIONS, Organisations, _LARGEST)
        return read.organisations if read else None

    def connections(self, progress: Progress) -> tuple[Connection, ...]:
        """Those that can be read, in the order of their keys."""
        files = self._folder.files(f"{SITES}/*.yaml")
        found: list[tuple[str, str, Connection]] = []
        for n, file in enumerate(files, start=1):
            if connection := self._folder.read(file, Connection):
                found.append((connection.key, file, connection))
                self._check_name(file, connection.key)
            progress(n, len(files))
        found.sort(key=lambda item: item[:2])
        self._sites = [file for _, file, _ in found]
        return tuple(connection for _, _, connection in found)

    def equipment(self) -> tuple[Equipment, ...] | None:
        """Every box; None when the folder says nothing of them, or something wrong."""
        if not self._folder.files(EQUIPMENT):
            return None
        read = self._folder.read(EQUIPMENT, Stock, _LARGEST)
        return read.equipment if read else None

    def note(self, where: Where, message: str, remedy: str) -> None:
        """Adds a finding about a place in what was read."""
        match where:
            case ("connections", int(n), *rest):
                self._folder.note(self._sites[n], tuple(rest), message, remedy)
            case ("equipment", *_):
                self._folder.note(EQUIPMENT, where, message, remedy)
            case _:
                self._folder.note(ORGANISATIONS, where, message, remedy)

    def _check_name(self, file: str, key: str) -> None:
        if file != f"{SITES}/{key}.yaml":
            message = Saying("{!r} is not the file's name", key)
            self._folder.note(file, ("site", "key"), message, Saying("Make them the same"))

    def _strays(self) -> list[Issue]:
        known = {INSTALLATION, ORGANISATIONS, EQUIPMENT, *self._folder.files(f"{SITES}/*.yaml")}
        strays = [file for file in self._folder.files("**/*.y*ml") if file not in known]
        what = Saying("is not read: its name is not one of an inventory")
        return [Issue(file, None, FILE, what, EXPECTED) for file in strays]
