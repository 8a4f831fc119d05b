"""Runs a proxy configuration file (PAC) as a browser does, but shut in: what it answers, and what is wrong with it."""

import os
import re
import signal
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import chain
from multiprocessing import TimeoutError as MultiprocessingTimeoutError
from multiprocessing import get_context
from multiprocessing.pool import Pool
from threading import Lock
from urllib.parse import urlsplit, urlunsplit

import quickjs

from linjevakt.model.errors import InvalidInputError
from linjevakt.model.saying import Saying

TIME_LIMIT_S = 0.5
APART_LIMIT_S = 10.0
_START_LIMIT_S = 60.0  # of a process, on a machine that may be busy
MEMORY_LIMIT = 16 * 1024 * 1024
SIZE_LIMIT = 1024 * 1024  # Chromium refuses a larger PAC file

_QUOTES = "\"'"
_NOBODY = "127.0.0.1:9"  # where what no service takes is sent
_LITERAL = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_PROXY = re.compile(r"\b(?:PROXY|HTTPS?|SOCKS[45]?)\s+([^\s;\"']+)")
_STRAIGHT_OUT = re.compile(r"\b(?:PROXY|HTTPS?|SOCKS[45]?)\s[^\"']*;\s*DIRECT\b")
_BLOCKING = re.compile(r"\b(dnsResolve|isResolvable|myIpAddress)\s*\(")

# The functions that a PAC file may call (Netscape's Proxy Auto-Config, as browsers implement it). No name is ever
# looked up; that the file asked is written down, for a browser stands still until its DNS has answered.
_HELPERS = r"""
var LOOKED_UP = [];
function isPlainHostName(host) { return host.indexOf(".") < 0; }
function dnsDomainIs(host, domain) { return host.length >= domain.length && host.slice(-domain.length) === domain; }
function localHostOrDomainIs(host, full) { return host === full || full.lastIndexOf(host + ".", 0) === 0; }
function isResolvable(host) { return dnsResolve(host) !== null; }
function dnsResolve(host) {
    if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) { return host; }
    LOOKED_UP.push(host);
    return null;
}
function myIpAddress() { LOOKED_UP.push("its own name"); return "127.0.0.1"; }
function dnsDomainLevels(host) { return host.split(".").length - 1; }
function convert_addr(address) {
    var part = address.split(".");
    return ((part[0] & 255) << 24) | ((part[1] & 255) << 16) | ((part[2] & 255) << 8) | (part[3] & 255);
}
function isInNet(host, pattern, mask) {
    var address = dnsResolve(host);
    var bits = convert_addr(mask);
    return address !== null && (convert_addr(address) & bits) === (convert_addr(pattern) & bits);
}
function shExpMatch(text, pattern) {
    var regex = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
    return new RegExp("^" + regex + "$").test(text);
}
function weekdayRange() { return true; }
function dateRange() { return true; }
function timeRange() { return true; }
"""


class PacError(InvalidInputError):
    """The file is not a PAC file, does not end, or answers with something else than proxies."""


def evaluate(pac: str, url: str) -> str:
    """What `FindProxyForURL` answers for `url`: `DIRECT`, or `PROXY host:port; ...`.

    Half a second and 16 MiB are what the file may use, and names must not be looked up. Raises PacError.
    """
    host = _host(url)
    if len(pac.encode()) > SIZE_LIMIT:
        raise PacError(Saying("the PAC file is larger than 1 MiB; browsers refuse it"))
    answer = _called(pac, url, host)
    if not isinstance(answer, str):
        kind = type(answer).__name__
        raise PacError(Saying("FindProxyForURL answers {kind} for {url}, not a text", kind=kind, url=url))
    return answer


class Apart:
    """`evaluate` in a process of its own, for a file that someone else has written.

    The engine minds its limits between two steps of a program, but not within a regular expression, which may take
    for ever; and meanwhile nothing else of this process runs. A process can be ended.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: Pool | None = None
        self._pid = os.getpid()

    def __call__(self, pac: str, url: str) -> str:
        """As `evaluate`. Raises PacError also for a file that had to be ended."""
        with self._lock:
            if self._pool is None or self._pid != os.getpid():  # a pool is its process' own
                self._pool, self._pid = _started(), os.getpid()
            try:
                return self._pool.apply_async(evaluate, (pac, url)).get(APART_LIMIT_S)
            except MultiprocessingTimeoutError as error:
                self._pool.terminate()
                self._pool = None
                raise PacError(
                    Saying("the PAC file did not answer for {url} within {limit:g} s", url=url, limit=APART_LIMIT_S)
                ) from error


def _started() -> Pool:
    """A process that has read what it needs. An interrupt of the command is not for it: it would end by a traceback."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        pool = get_context("spawn").Pool(1)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        pool.apply_async(evaluate, ("function FindProxyForURL(u, h) { return 'DIRECT'; }", "http://a.example/")).get(
            _START_LIMIT_S
        )
    except MultiprocessingTimeoutError as error:
        pool.terminate()
        raise PacError(
            Saying("no process to evaluate a PAC file in has started within {limit:g} s", limit=_START_LIMIT_S)
        ) from error
    return pool


def lint(pac: str, proxies: Iterable[str], urls: Iterable[str]) -> tuple[str, ...]:
    """What is wrong with a file whatever it is to answer, a sentence each; `proxies`: the `host:port` that it may name.

    It is called for each of `urls`, in lower and upper case: not every browser makes hosts lower-case first.
    """
    known = {*proxies, _NOBODY}
    try:
        answers = {
            url: (evaluate(pac, _with_host(url, str.lower)), evaluate(pac, _with_host(url, str.upper))) for url in urls
        }
    except PacError as error:
        return (Saying("{}", error),)
    texts = [*_LITERAL.findall(pac), *chain.from_iterable(answers.values())]
    return tuple(dict.fromkeys([*_as_text(pac), *_as_answers(texts, known), *_by_case(answers)]))


def _as_text(pac: str) -> Iterator[str]:
    if not pac.isascii():
        yield Saying("it holds characters other than ASCII, which browsers read differently")
    for name in _BLOCKING.findall(pac):
        yield Saying("it calls {name}, for which a browser waits on DNS", name=name)


def _as_answers(texts: Iterable[str], known: Container[str]) -> Iterator[str]:
    for text in texts:
        for proxy in _PROXY.findall(text):
            if proxy not in known:
                yield Saying("it names the proxy {proxy}, which is none of ours", proxy=proxy)
        if _STRAIGHT_OUT.search(text):
            yield Saying("{answer!r} goes straight out when the proxy is away", answer=text.strip(_QUOTES))


def _by_case(answers: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for url, (lower, upper) in answers.items():
        if lower != upper:
            yield Saying(
                "it answers {lower!r} for {url}, and {upper!r} when the host is in upper case",
                lower=lower,
                url=url,
                upper=upper,
            )


def _with_host(url: str, case: Callable[[str], str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=case(parts.netloc)))


def _host(url: str) -> str:
    """The URL's host as it is written."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise PacError(Saying("{url!r} is not a URL with a host", url=url))
    begin = parts.netloc.lower().rindex(parts.hostname)
    return parts.netloc[begin : begin + len(parts.hostname)]


def _called(pac: str, url: str, host: str) -> object:
    context = quickjs.Context()
    context.set_memory_limit(MEMORY_LIMIT)
    context.set_time_limit(TIME_LIMIT_S)
    try:
        context.eval(_HELPERS)
        context.eval(pac)
        answer = context.get("FindProxyForURL")(url, host)
        looked_up = context.eval("LOOKED_UP.join()")
    except quickjs.JSException as error:
        why = str(error).splitlines()[0]
        raise PacError(Saying("the PAC file fails for {url}: {why}", url=url, why=why)) from error
    except TypeError as error:
        raise PacError(Saying("the PAC file has no function FindProxyForURL")) from error
    if looked_up:
        raise PacError(
            Saying(
                "the PAC file looks up {names} for {url}; a browser stands still until DNS has answered",
                names=looked_up,
                url=url,
            )
        )
    return answer
