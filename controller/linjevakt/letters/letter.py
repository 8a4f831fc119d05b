"""The letter that asks whoever runs a site's firewall, and its provider, to let through what a line needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from linjevakt.letters import words
from linjevakt.letters.document import Document, Facts, Language, Section, Table, written
from linjevakt.letters.openings import Opening, SiteLine, of_line, of_services
from linjevakt.model import faultdesk
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.inventory import Addressing, Dhcp, Static
from linjevakt.model.phrase import Phrase

_WIDTHS = (11, 11, 7, 19, 18, 25, 10)
"""The table's columns, as shares of the page."""


def letter(place: SiteLine, catalogue: Catalogue, language: Language, day: date) -> Document:
    """The letter about a line, dated `day`.

    Raises InvalidInputError for a line that is not the member's own.
    """
    return _Writer(place, language).letter(of_line(place), of_services(place, catalogue), day)


@dataclass(frozen=True)
class _Writer:
    place: SiteLine
    language: Language

    def letter(self, needed: tuple[Opening, ...], services: tuple[Opening, ...], day: date) -> Document:
        say, phone = self._say, self.place.inventory.installation.support_phone
        sections = [
            Section("", (say(words.INTRODUCTION), self._facts())),
            Section(say(words.OPEN), (self._table(needed), *map(say, words.ANSWERS))),
            Section(say(words.CLOSED), tuple(map(say, words.NOT_NEEDED))),
        ]
        if services:
            sections.append(Section(say(words.SERVICES), (say(words.BLOCKED), self._table(services))))
        call = faultdesk.of_line(self.place.inventory, self.place.line)
        test = f"linjevakt line openings {self.place.name}"
        testing = (say(words.testing(self.place.name, phone)), test, say(words.down(call)))
        sections.append(Section(say(words.TEST), testing))
        return Document(
            language=self.language,
            sender=(words.SENDER, say(words.reached(phone))),
            recipient=(say(words.RECIPIENT), self.place.site.place.name),
            date=written(day, self.language),
            title=say(words.TITLE),
            sections=tuple(sections),
        )

    def _say(self, phrase: Phrase) -> str:
        return phrase.said(self.language)

    def _table(self, openings: tuple[Opening, ...]) -> Table:
        return Table(tuple(map(self._say, words.HEADER)), _WIDTHS, tuple(map(self._row, openings)))

    def _row(self, opening: Opening) -> tuple[str, ...]:
        return (
            self._say(words.OUT),
            "ESP (IP 50)" if opening.protocol == "esp" else opening.protocol.upper(),
            ", ".join(map(str, opening.ports)) or "-",
            self._say(opening.source),
            self._say(opening.target),
            self._say(opening.why),
            self._say(words.MUST if opening.required else words.MAY),
        )

    def _facts(self) -> Facts:
        return Facts(tuple((self._say(name), value) for name, value in self._known()))

    def _known(self) -> Iterator[tuple[Phrase, str]]:
        say, place = self._say, self.place
        site, line, owner = place.site.place, place.line, place.owner
        number = faultdesk.number_of(place.inventory, line)
        faults = f", {say(words.FAULTS)} {number}" if number else ""
        yield words.ORGANISATION, f"{owner.name}, {say(words.NUMBER)} {_grouped(owner.number)}"
        address = f"{site.name}, {site.street}, {site.postcode} {site.city}"
        yield words.SITE, f"{address}, {say(words.municipality(site.municipality))}"
        yield words.PLACE, f"{say(words.FLOOR)}: {site.floor}, {say(words.ROOM)}: {site.room}"
        yield words.LINE, place.name
        yield words.PROVIDER, f"{line.provider}{faults}"
        yield words.ADDRESSING, "; ".join(say(_way(way)) for way in place.ways)
        if line.vlan:
            yield words.VLAN, str(line.vlan)
        yield words.HUB, str(place.hub)


def _way(way: Addressing) -> Phrase:
    if isinstance(way, Static):
        return words.fixed(way)
    return words.LENT if isinstance(way, Dhcp) else words.DIALLED


def _grouped(number: str) -> str:
    """`310 648 213`, as organisation numbers are written in Norway."""
    return " ".join(number[n : n + 3] for n in range(0, len(number), 3))
