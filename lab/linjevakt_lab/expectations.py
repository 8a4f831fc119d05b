"""Tries what a scenario expects of its clients, with the programs that a person would use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from linjevakt_lab.derive import PROXIES
from linjevakt_lab.lab import Lab
from linjevakt_lab.scenario import Expectation
from linjevakt_lab.services import PROXY_PORT

_FETCH = ["curl", "--silent", "--show-error", "--max-time", "5", "--output", "/dev/null", "--fail"]
_PROXY = [*_FETCH, "--proxy", f"http://{PROXIES[0]}:{PROXY_PORT}"]
_COMMANDS: dict[str, list[str]] = {
    "fetch": _FETCH,
    "proxy": _PROXY,
    "ping": ["ping", "-n", "-c", "1", "-W", "2"],
    "dns": ["dig", "+time=2", "+tries=1"],
}
# What the programs say when somebody has answered with a no, and when nobody has answered.
_REFUSED = (
    "Connection refused",
    "Couldn't connect",
    "Unreachable",
    "unreachable",
    "Prohibited",
    "filtered",
    "returned error",
    "NXDOMAIN",
)
_TIMEOUT = ("timed out", "100% packet loss")
_AT_ONCE = 8


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation; `result` is ok, refused, timeout, or what the program said."""

    expectation: Expectation
    result: str

    @property
    def met(self) -> bool:
        """Whether it came as expected."""
        return self.result == self.expectation.result


def attempt(lab: Lab, expectations: tuple[Expectation, ...], told: Callable[[Outcome], None]) -> bool:
    """Try all, tell each outcome, and return whether all were as expected; raises LabError for a node that is off."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda expectation: _try(lab, expectation), expectations))
    for outcome in outcomes:
        told(outcome)
    return all(outcome.met for outcome in outcomes)


def _try(lab: Lab, expectation: Expectation) -> Outcome:
    done = lab.run(expectation.from_, [*_COMMANDS[expectation.do], expectation.to], check=False)
    return Outcome(expectation, judge(done.returncode, done.stdout + done.stderr))


def judge(status: int, output: str) -> str:
    """Return ok, refused, timeout, or the last line that was said."""
    if any(word in output for word in _REFUSED):
        return "refused"
    if any(word in output for word in _TIMEOUT):
        return "timeout"
    return "ok" if status == 0 else (output.strip().splitlines() or [f"exit status {status}"])[-1]
