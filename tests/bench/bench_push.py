"""One push to a real router of the lab: what it costs the controller, against other ways to bring the text there."""

from collections.abc import Mapping

from tests.bench import site
from tests.bench.figures import Contender, Figure, compare

ROUNDS = 3
TIMES = 1
LESS = "one login, no revert timer, no proof, no diff"


def measure() -> list[Figure]:
    """User + system seconds of the controller's processes, and seconds on the clock; the router's own do not count."""
    site.controller()
    contenders = [
        Contender("Linjevakt, in a running controller", lambda: _pushed("push"), "two logins, timer, diff, proof"),
        Contender("paramiko: SFTP and commands", lambda: _pushed("sftp"), LESS),
        Contender("the command `linjevakt push`", lambda: _pushed("command"), "a process of its own"),
        Contender("Ansible: copy and shell", lambda: _pushed("ansible"), f"a process of its own; {LESS}; pipelining"),
    ]
    return compare("One push of one changed configuration", contenders, ROUNDS)


def _pushed(job: str) -> Mapping[str, float]:
    cost = site.inside(job, TIMES)
    return {"s CPU": cost["cpu_s"], "s": cost["wall_s"]}
