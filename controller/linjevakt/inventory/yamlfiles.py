"""An inventory as YAML files: installation.yaml, organisations.yaml, sites/<key>.yaml and, if there, equipment.yaml."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from linjevakt.inventory.document import FILE, Place
from linjevakt.inventory.folder import Folder, Progress
from linjevakt.inventory.merging import Silent
from linjevakt.inventory.reading import MEGABYTE
from linjevakt.model.equipment import Equipment
from linjevakt.model.errors import Issue
from linjevakt.model.fields import Moment, Noun
from linjevakt.model.inventory import Installation, Organisation, Site
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


def key_of(site: Site) -> str:
    """The site's key; empty where it cannot be read."""
    return getattr(site, "key", "")


class YamlFiles:
    """Reads them; what is wrong goes into the folder's `issues`."""

    register: Final = ORGANISATIONS
    spoiled: Final[Mapping[Place, Issue]] = {}
    silent: Final[Silent] = {}  # a file says all of its noun

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._sites: list[str] = []
        folder.issues += self._strays()

    def organisations(self) -> tuple[Organisation, ...] | None:
        """All of them, or what can be read of each; None when they cannot be told apart."""
        document = self._folder.document(ORGANISATIONS, _LARGEST)
        return getattr(self._folder.part(document, Organisations), "organisations", None) if document else None

    def sites(self, progress: Progress) -> tuple[Site, ...]:
        """All of them, or what can be read of each, in the order of their keys."""
        files = self._folder.files(f"{SITES}/*.yaml")
        found: list[tuple[str, str, Site]] = []
        for n, file in enumerate(files, start=1):
            if document := self._folder.document(file):
                site = self._folder.part(document, Site)
                key = key_of(site)
                found.append((key, file, site))
                self._check_name(file, key)
            progress(n, len(files))
        found.sort(key=lambda item: item[:2])
        self._sites = [file for _, file, _ in found]
        return tuple(site for _, _, site in found)

    def equipment(self) -> tuple[Equipment, ...] | None:
        """Every box, or what can be read of it; None when the folder says nothing of them, or nothing readable."""
        document = self._folder.document(EQUIPMENT, _LARGEST) if self._folder.files(EQUIPMENT) else None
        return getattr(self._folder.part(document, Stock), "equipment", None) if document else None

    def place(self, where: Where) -> Place:
        """Where something that was read stands."""
        match where:
            case ("sites", int(n), *rest):
                return self._folder.place(self._sites[n], tuple(rest))
            case ("equipment", *_):
                return self._folder.place(EQUIPMENT, where)
        return self._folder.place(ORGANISATIONS, where)

    def _check_name(self, file: str, key: str) -> None:
        if key and file != f"{SITES}/{key}.yaml":
            message = Saying("{!r} is not the file's name", key)
            self._folder.note(file, ("site", "key"), message, Saying("Make them the same"))

    def _strays(self) -> list[Issue]:
        known = {INSTALLATION, ORGANISATIONS, EQUIPMENT, *self._folder.files(f"{SITES}/*.yaml")}
        strays = [file for file in self._folder.files("**/*.y*ml") if file not in known]
        what = Saying("is not read: its name is not one of an inventory")
        return [Issue(file, None, FILE, what, EXPECTED) for file in strays]
