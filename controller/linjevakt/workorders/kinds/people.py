"""Steps of people that several kinds of orders share."""

from datetime import date

from linjevakt.model.inventory import LineKind
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.workorders.calendar import day_of, delivery
from linjevakt.workorders.kinds import leftovers, planning
from linjevakt.workorders.step import Answer, Step, Work

SUBSCRIPTION = Step(
    "subscription",
    Party.MEMBER,
    Phrase(nb="Bestill linjen hos egen leverandør", en="Order the line from the member's own provider"),
    answers=(
        Answer("business", Phrase(nb="Er det et bedriftsabonnement?", en="Is it a business subscription?"), "yes"),
        Answer("document", Phrase(nb="Referanse på bekreftelsen", en="Reference of its confirmation")),
    ),
    applies=planning.is_new(LineKind.OWN_ISP),
    left_behind=leftovers.ordered_line,
)


CONFIRMATION = Step(
    "confirmation",
    Party.MEMBER,
    Phrase(nb="Eieren bekrefter delingen skriftlig", en="The owner confirms the sharing in writing"),
    answers=(
        Answer("confirmed", Phrase(nb="Dato", en="Date"), "day"),
        Answer("document", Phrase(nb="Dokumentets referanse", en="Reference of the document")),
    ),
    applies=lambda work: bool(work.wish.sharers),
    left_behind=leftovers.void_confirmation,
)
TOLD = Step(
    "told",
    Party.ENGINEER,
    Phrase(nb="Medlemmet er varslet", en="The member has been told"),
    answers=(Answer("told", Phrase(nb="Når", en="When"), "day", oldest_days=366),),
    left_behind=leftovers.told_in_vain,
)


def _delivered_by(work: Work) -> date:
    return delivery(day_of(work.order.created)).latest


def _measured(name: str, title: Phrase) -> Answer:
    """A rate, in the range of a line's own (`model.inventory.Line`)."""
    return Answer(name, title, "number", least=1, most=100_000, unit="Mbit/s")


DELIVERY = Step(
    "delivery",
    Party.CARRIER,
    Phrase(nb="Lever linjen, målt og godkjent", en="Deliver the line; measured and accepted"),
    answers=(
        _measured("down_mbit", Phrase(nb="Målt hastighet ned, Mbit/s", en="Measured down, Mbit/s")),
        _measured("up_mbit", Phrase(nb="Målt hastighet opp, Mbit/s", en="Measured up, Mbit/s")),
    ),
    applies=planning.is_new(LineKind.NHN_DELIVERED),
    due=_delivered_by,
    left_behind=leftovers.delivered_line,
)

# domain.md section 4: the member's duties at the router's place.
SURVEY = Step(
    "survey",
    Party.TECHNICIAN,
    Phrase(nb="Befaring", en="Site survey"),
    answers=(
        Answer("locked", Phrase(nb="Er stedet alltid avlåst for publikum?", en="Always locked to the public?"), "yes"),
        Answer("ventilation", Phrase(nb="Er ventilasjon og temperatur i orden?", en="Ventilation good?"), "yes"),
        Answer("power", Phrase(nb="Er det strøm hele døgnet?", en="Power on at all times?"), "yes"),
        Answer("coverage", Phrase(nb="Er mobildekningen målt og god nok?", en="Mobile coverage good enough?"), "yes"),
        Answer(
            "coverage_dbm",
            Phrase(nb="Målt signalstyrke, dBm", en="Measured signal strength, dBm"),
            "number",
            # 3GPP TS 36.133 table 9.1.4-1: RSRP is reported from -140 to -44 dBm; some meters tell RSSI, a few dB more
            least=-140,
            most=-40,
            unit="dBm",
        ),
        Answer("antenna", Phrase(nb="Ekstern antenne", en="External antenna"), "text", required=False),
    ),
)


PLUG_IN = Step(
    "plug_in",
    Party.TECHNICIAN,
    Phrase(nb="Koble til ruteren", en="Plug the router in"),
    answers=(Answer("power", Phrase(nb="Lyser lampen på den?", en="Is its light on?"), "yes", required=False),),
)
REGISTER = Step(
    "register",
    Party.MEMBER,
    Phrase(nb="Må Adresseregisteret endres?", en="Must the address register be changed?"),
    answers=(
        Answer(
            "address_register",
            Phrase(nb="Endret, eller ikke nødvendig", en="Changed, or not needed"),
            "choice",
            choices=("changed", "not_needed"),
        ),
    ),
)
