"""How large a packet passes a line in both directions: a pure state machine, answers in, sizes to probe out.

A line of less than 1464 octets swallows what the tunnel makes of a full packet, often without a word, while every small
probe is answered. So the hub is asked with packets of several sizes at once, which nobody on the way may fragment: of
those that come back, the largest tells. All sizes are octets of a whole IPv4 packet.
"""

from dataclasses import dataclass, replace

SMALLEST = 576
"""What any host must take (RFC 791, section 3.1): no path is searched below that."""

LARGEST = 1500
"""What an Ethernet carries (IEEE 802.3): no path is searched above that."""

GRAIN = 4
"""ESP pads to words of four octets (RFC 4303, section 2.4): a finer result would carry nothing more."""

ROUNDS = 3
"""How often a size is asked that does not come back: with 5 % loss each way one in a thousand is taken as too large."""

RUNGS = 16
"""How many sizes are asked at once: two ladders find any size in steps of four."""

SEARCHES = 1 << 15
"""Searches are numbered round and round."""

_ESP_ADDS = 20 + 8 + 8 + 8 + 16  # IPv4 (RFC 791), UDP (768), ESP header (4303), AES-GCM's IV and ICV (4106)
_TRAILER = 2  # length of the padding, next header (RFC 4303)


def carried(path_mtu: int) -> int:
    """Return the largest packet within the tunnel that becomes no larger than `path_mtu` outside."""
    return (path_mtu - _ESP_ADDS) // GRAIN * GRAIN - _TRAILER


def carrier(inner: int) -> int:
    """Return the size outside of a packet within the tunnel."""
    return _ESP_ADDS + -(-(inner + _TRAILER) // GRAIN) * GRAIN


@dataclass(frozen=True)
class PathMtu:
    """What is known of one line's path, and the probes that are out.

    `echoed` and `heard` are the largest sizes of this search that came back whole, and that the hub answered at all:
    `one_way` is a hub that gives nothing back whole, not even the smallest, and tells of the way there alone. `beyond`
    is the least size that does not pass. Times are seconds of a monotonic clock.
    """

    largest: int = LARGEST  # what the line's own link, its configuration and its lease allow
    found: int | None = None
    search: int = 0  # number of the search: an answer to an earlier one tells nothing
    rungs: tuple[int, ...] = ()  # what is asked for, ascending; empty at rest
    rounds: int = 0
    due: float = 0.0  # when the round is over
    echoed: int = 0
    heard: int = 0
    beyond: int = 0
    one_way: bool = False

    @property
    def limit(self) -> int:
        """The size to go by: what was found, and before that what the line is said to carry."""
        return min(self.found or self.largest, self.largest)

    @property
    def passed(self) -> int:
        """The largest size of this search that passes, as far as this hub can tell; 0 before any has."""
        return self.heard if self.one_way else self.echoed

    def looked(self, at: float, patience_s: float, *, grow: bool) -> "PathMtu":
        """Ask whether what was found still passes and, with `grow`, anything more; a search that is on goes on."""
        if self.rungs:
            return self
        most = self.largest if grow else self.limit
        asked = {SMALLEST, self.limit, min(self.limit + GRAIN, most), most} if grow else {most}
        begun = replace(self, search=(self.search + 1) % SEARCHES, echoed=0, heard=0, beyond=most + GRAIN)
        return _asking(begun, asked, at, patience_s)

    def answered(self, at: float, search: int, size: int, patience_s: float, *, whole: bool) -> "PathMtu":
        """Take one answer to a probe of `size`; `whole`: it was as long as what it answers."""
        if search != self.search:
            return self
        told = replace(self, one_way=self.one_way and not whole)
        if not self.rungs:
            return told
        told = replace(told, heard=max(self.heard, size), echoed=max(self.echoed, size if whole else 0))
        return _judged(told, at, patience_s) if told.passed >= told.rungs[-1] else told

    def waited(self, at: float, patience_s: float) -> "PathMtu":
        """Take it that time has passed: ask again for what has not come back, or draw the conclusion."""
        if not self.rungs or at < self.due:
            return self
        if self.rounds < ROUNDS:
            missing = tuple(size for size in self.rungs if size > self.passed)
            return replace(self, rungs=missing, rounds=self.rounds + 1, due=at + patience_s)
        return _judged(self, at, patience_s)


def _judged(path: PathMtu, at: float, patience_s: float) -> PathMtu:
    """Close in on the size between what passes and what does not; silence of every size says nothing of sizes."""
    every = path.rungs[0] == SMALLEST
    path = replace(path, one_way=not path.echoed and (path.one_way or (every and path.heard > 0)))
    passed = path.passed
    if every and not passed:
        return replace(path, rungs=())
    beyond = min((size for size in path.rungs if size > passed), default=path.beyond)
    between = range(passed + GRAIN if passed else SMALLEST, beyond, GRAIN)
    if not between:
        return replace(path, rungs=(), found=passed, beyond=beyond)
    step = -(-len(between) // RUNGS)
    asked = {*between[step - 1 :: step], *(() if passed else (SMALLEST,))}
    return _asking(replace(path, beyond=beyond), asked, at, patience_s)


def _asking(path: PathMtu, sizes: set[int], at: float, patience_s: float) -> PathMtu:
    return replace(path, rungs=tuple(sorted(sizes)), rounds=1, due=at + patience_s)
