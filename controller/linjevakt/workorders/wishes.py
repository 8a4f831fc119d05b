"""What can be ordered: the words of each kind of order, as nouns."""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from linjevakt.model.inventory import (
    Block,
    Day,
    Few,
    Interface,
    Line,
    LineName,
    Moment,
    Noun,
    OrganisationNumber,
    Place,
    Slug,
    Text,
)


class WishedSegment(Noun):
    """A segment; without `prefix` it gets the next free one of a pool (`pool`, or the first)."""

    name: Slug
    organisation: OrganisationNumber
    port: Interface
    vlan: Annotated[int, Field(ge=1, le=4094)] | None = None
    prefix: IPv4Network | None = None
    prefix_length: Annotated[int, Field(ge=8, le=30)] | None = None
    pool: Slug | None = None
    share: Annotated[int, Field(ge=1, le=100)] = 100
    services: Annotated[tuple[Slug, ...], Few] = ("internet", "dns", "ntp")
    blocks: Annotated[tuple[Block, ...], Few] = ()


class NewSite(Noun):
    """A new connection. Its router is called `rtr-<site>` and gets a free management address unless said otherwise."""

    owner: OrganisationNumber
    site: Place
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
    segments: Annotated[tuple[WishedSegment, ...], Field(min_length=1, max_length=200)]
    router: Slug | None = None
    platform: Slug = "linux"
    management: IPv4Address | None = None
    hub: Slug | None = None


class NewPlace(Noun):
    """Where the router goes: every field of a site but its key; the name stays unless it is given."""

    name: Text | None = None
    street: Text
    postcode: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    city: Text
    municipality: Text
    floor: Text
    room: Text


class Relocation(Noun):
    """An office that moves. `lines` are those at the new place; a mobile line moves along by itself.

    `window` is when the router is to be unplugged, at the earliest. A line's `alternatives` say what else its new
    provider may do (the site's note); DHCP is tried in any case.
    """

    site: Slug
    place: NewPlace
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
    window: Moment | None = None


class LineChange(Noun):
    """Other lines at the same place: `lines` replace those of the same name or come in addition, `remove` go."""

    site: Slug
    lines: Annotated[tuple[Line, ...], Few] = ()
    remove: Annotated[tuple[LineName, ...], Few] = ()
    window: Moment | None = None


class Share(Noun):
    """One more organisation on a line; `shares` are the guaranteed shares that the others keep, by segment."""

    site: Slug
    segment: WishedSegment
    shares: dict[Slug, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict, max_length=200)


class Unshare(Noun):
    """One organisation less: its segment goes."""

    site: Slug
    segment: Slug
    shares: dict[Slug, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict, max_length=200)


class Freeze(Noun):
    """A practice that closes for a while."""  # domain.md section 7

    organisation: OrganisationNumber
    since: Day
    register_inactive: Day
    edi_inactive: Day
    reopen: Day | None = None


class Reopen(Noun):
    """A frozen practice that opens again."""

    organisation: OrganisationNumber


class Terminate(Noun):
    """A connection that ends: `notice` is the day the written notice came in, `document` where it is kept.

    `membership`: the owner's membership ends with it.
    """

    site: Slug
    notice: Day
    document: Text
    membership: bool = True


class Exclude(Noun):
    """A service (or, without one, everything) closed for a member by the network."""  # domain.md section 8

    organisation: OrganisationNumber
    service: Slug | None = None
    reason: Text


class Readmit(Noun):
    """An exclusion that ends."""

    organisation: OrganisationNumber
    service: Slug | None = None


class AddService(Noun):
    """A service for a segment."""

    site: Slug
    segment: Slug
    service: Slug


class CancelService(Noun):
    """A segment's service that ends; `notice` is the day the written notice came in."""

    site: Slug
    segment: Slug
    service: Slug
    notice: Day


class ReplaceRouter(Noun):
    """New hardware for a site; name, addresses and configuration stay."""

    site: Slug
    because: Literal["broken", "lost", "upgrade"] = "broken"
