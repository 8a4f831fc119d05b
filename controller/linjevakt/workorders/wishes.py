"""What can be ordered: the words of each kind of order, as nouns."""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from linjevakt.model.fields import Day, Few, Interface, LineName, Moment, Noun, OrganisationNumber, Slug, Text
from linjevakt.model.inventory import Block, Line, Place


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


class Wish(Noun):
    """What is ordered. What any kind of order may be asked of its wish stands here, with the answer of most kinds."""

    @property
    def about_site(self) -> str | None:
        """The key of the site that it is about."""
        return None

    @property
    def about_member(self) -> str | None:
        """The number of the organisation that it is about."""
        return None

    @property
    def brings(self) -> tuple[Line, ...]:
        """The lines that come."""
        return ()

    @property
    def sharers(self) -> tuple[str, ...]:
        """The numbers of the organisations that come onto a line of someone else."""
        return ()

    @property
    def is_for_lost_box(self) -> bool:
        """Whether the box that is the router is known to be lost."""
        return False


class AtSite(Wish):
    """Something at a site that is there."""

    site: Slug

    @property
    def about_site(self) -> str | None:
        """See Wish."""
        return self.site


class OfMember(Wish):
    """Something about a member, wherever it is."""

    organisation: OrganisationNumber

    @property
    def about_member(self) -> str | None:
        """See Wish."""
        return self.organisation


class NewSite(Wish):
    """A new connection. Its router is called `rtr-<site>` and gets a free management address unless said otherwise."""

    owner: OrganisationNumber
    site: Place
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
    segments: Annotated[tuple[WishedSegment, ...], Field(min_length=1, max_length=200)]
    router: Slug | None = None
    platform: Slug = "linux"
    management: IPv4Address | None = None
    hub: Slug | None = None

    @property
    def about_site(self) -> str | None:
        """See Wish."""
        return self.site.key

    @property
    def brings(self) -> tuple[Line, ...]:
        """See Wish."""
        return self.lines

    @property
    def sharers(self) -> tuple[str, ...]:
        """See Wish."""
        return tuple(dict.fromkeys(s.organisation for s in self.segments if s.organisation != self.owner))


class NewPlace(Noun):
    """Where the router goes: every field of a site but its key; the name stays unless it is given."""

    name: Text | None = None
    street: Text
    postcode: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    city: Text
    municipality: Text
    floor: Text
    room: Text


class Relocation(AtSite):
    """An office that moves. `lines` are those at the new place; a mobile line moves along by itself.

    `window` is when the router is to be unplugged, at the earliest. A line's `alternatives` say what else its new
    provider may do (the site's note); DHCP is tried in any case.
    """

    place: NewPlace
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
    window: Moment | None = None

    @property
    def brings(self) -> tuple[Line, ...]:
        """See Wish."""
        return self.lines

    @property
    def remove(self) -> tuple[str, ...]:
        """Today's lines that go by name: all do that do not move along."""
        return ()

    @property
    def leaves(self) -> bool:
        """Whether all that is at the old place is left there."""
        return True


class LineChange(AtSite):
    """Other lines at the same place: `lines` replace those of the same name or come in addition, `remove` go."""

    lines: Annotated[tuple[Line, ...], Few] = ()
    remove: Annotated[tuple[LineName, ...], Few] = ()
    window: Moment | None = None

    @property
    def brings(self) -> tuple[Line, ...]:
        """See Wish."""
        return self.lines

    @property
    def leaves(self) -> bool:
        """See Relocation."""
        return False


class Share(AtSite):
    """One more organisation on a line; `shares` are the guaranteed shares that the others keep, by segment."""

    segment: WishedSegment
    shares: dict[Slug, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict, max_length=200)

    @property
    def sharers(self) -> tuple[str, ...]:
        """See Wish."""
        return (self.segment.organisation,)


class Unshare(AtSite):
    """One organisation less: its segment goes."""

    segment: Slug
    shares: dict[Slug, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict, max_length=200)


class Freeze(OfMember):
    """A practice that closes for a while."""  # domain.md section 7

    since: Day
    register_inactive: Day
    edi_inactive: Day
    reopen: Day | None = None


class Reopen(OfMember):
    """A frozen practice that opens again."""


class Terminate(AtSite):
    """A connection that ends: `notice` is the day the written notice came in, `document` where it is kept.

    `membership`: the owner's membership ends with it.
    """

    notice: Day
    document: Text
    membership: bool = True


class Exclude(OfMember):
    """A service (or, without one, everything) closed for a member by the network."""  # domain.md section 8

    service: Slug | None = None
    reason: Text


class Readmit(OfMember):
    """An exclusion that ends."""

    service: Slug | None = None


class AddService(AtSite):
    """A service for a segment."""

    segment: Slug
    service: Slug


class CancelService(AtSite):
    """A segment's service that ends; `notice` is the day the written notice came in."""

    segment: Slug
    service: Slug
    notice: Day


class ReplaceRouter(AtSite):
    """New hardware for a site; name, addresses and configuration stay."""

    because: Literal["broken", "lost", "upgrade"] = "broken"

    @property
    def is_for_lost_box(self) -> bool:
        """See Wish."""
        return self.because == "lost"
