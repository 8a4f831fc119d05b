"""Whether a line shall be addressed in another of its ways: a pure state machine, what is seen in, decision out.

A router is taken along and plugged in where nobody has configured anything (contract.md section 1).
"""

from dataclasses import dataclass, replace

from linjevakt_agent.base.schema import Addressing

ANSWER_S = 3.0
"""How long a line that has an address may bring no answer."""

LEASE_S = 8.0
"""How long that may take where DHCP has to give the address first."""

OUTAGE_S = 30.0
"""How long a line may be silent that has answered since its cable was plugged in, while no other line answers either.

Then the hub or the provider is away rather than the line moved, and is heard of sooner by a line that stays as it was.
"""


@dataclass(frozen=True)
class Seen:
    """A line at one moment; times are seconds of a monotonic clock.

    `plug` is another whenever a cable has been plugged in, and None without carrier; `address` is what the line has.
    `up` is whether it counts as up, `proven` when the latest probe was sent that was answered, `others_up` since when
    another line is up.
    """

    at: float
    plug: tuple[int, int] | None
    address: str | None
    up: bool = False
    proven: float = 0.0
    others_up: float | None = None


@dataclass(frozen=True)
class Trial:
    """The addressing that a line has, of those offered (the configured one first), and how long it has been tried."""

    offered: tuple[Addressing, ...]
    chosen: Addressing
    plug: tuple[int, int] | None = None
    began: float = 0.0  # since when this addressing is tried on this plug
    address: str | None = None
    addressed: float = 0.0  # since when the line has this address

    def after(self, seen: Seen) -> "Trial":
        """Return the trial after a look; `chosen` is how the line shall be addressed from now on."""
        if seen.plug is None or self.plug not in (None, seen.plug):
            return self._begun(self.offered[0], seen)
        if self.plug is None:
            return self._begun(self.chosen, seen)
        now = self if self.address == seen.address else replace(self, address=seen.address, addressed=seen.at)
        return now if seen.up or seen.at < now.deadline(seen) else now.next(seen)

    def deadline(self, seen: Seen) -> float:
        """When the line has been silent for so long that it is to be addressed in another way."""
        if seen.proven < self.began:
            patience = LEASE_S if self.chosen.method == "dhcp" else ANSWER_S
            return max(self.began + patience, self.addressed + ANSWER_S)
        if seen.others_up is None:
            return seen.proven + OUTAGE_S
        silent_since = max(seen.proven, seen.others_up)
        return max(silent_since + (ANSWER_S if self.address else LEASE_S), self.addressed + ANSWER_S)

    def next(self, seen: Seen) -> "Trial":
        """Return the trial of the addressing that comes after this one, round and round."""
        following = (self.offered.index(self.chosen) + 1) % len(self.offered)
        return self._begun(self.offered[following], seen)

    def _begun(self, chosen: Addressing, seen: Seen) -> "Trial":
        return Trial(self.offered, chosen, seen.plug, seen.at, seen.address, seen.at)
