"""What cannot have been on a day to come: people write it down the day it happens, or later."""

from collections.abc import Iterator
from datetime import date, datetime

from linjevakt.model.entity import Entity
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.inventory import Agreement, AgreementName, Organisation, Site
from linjevakt.model.saying import Saying
from linjevakt.workorders.calendar import day_of


def today(now: datetime) -> date:
    """The day it is in Norway."""
    return day_of(now)


def refuse_to_come(entity: Entity, on: date) -> None:
    """Raises InvalidInputError for an agreement that is accepted, or a sharing confirmed, after the day it is."""
    match entity:
        case Organisation():
            for agreement in _agreements(entity):
                refuse_agreement(agreement, on)
        case Site():
            for sharing in entity.sharing:
                if sharing.confirmed > on:
                    said = {"organisation": sharing.organisation, "site": entity.key, "day": sharing.confirmed}
                    raise InvalidInputError(
                        Saying(
                            "{organisation} cannot have confirmed on {day} that it shares {site}: it is {today}.",
                            today=on,
                            **said,
                        )
                    )


def refuse_agreement(agreement: Agreement, on: date) -> None:
    """Raises InvalidInputError for one that is accepted after the day it is."""
    if agreement.accepted > on:
        day = agreement.accepted
        raise InvalidInputError(
            Saying("The agreement cannot have been accepted on {day}: it is {today}.", day=day, today=on)
        )


def _agreements(member: Organisation) -> Iterator[Agreement]:
    found = (getattr(member.membership, name.value) for name in AgreementName)
    return (agreement for agreement in found if agreement)
