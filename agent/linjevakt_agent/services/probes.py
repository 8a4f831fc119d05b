"""Checks that a service works as a client of one segment would find it: each kind of probe, and their timetable."""

import asyncio
import http.client
import ipaddress
import logging
import queue
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec

from linjevakt_agent import __version__
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Probe
from linjevakt_agent.base.volatile import publish
from linjevakt_agent.collect import CollectError, settings
from linjevakt_agent.collect.probes import Result
from linjevakt_agent.services import dns, ntp

T = TypeVar("T")
log = logging.getLogger(__name__)

BODY_LIMIT = 1 << 20
"""Octets read of an answer; Chromium gives up on a PAC file beyond 1 MiB as well."""
DATAGRAM_LIMIT = 4096
_FILLER = "x" * 1460  # a request that fills a packet: on a line that swallows those, a service does not work
WORKERS = 8
FIRST_ROUND_S = 10.0
"""All probes have run once after so long, spread evenly."""


class ProbeError(Exception):
    """The service does not work; the message is for people."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run found; `detail` is a sentence, `body` the file fetched (`pac` only)."""

    ok: bool
    ms: float
    detail: str
    body: str | None = None


def run(probe: Probe) -> Outcome:
    """Run a probe now; takes at most `timeout_s`, and every failure of the service or the network is an outcome."""
    started = time.monotonic()
    try:
        detail, body = CHECKS[probe.kind](probe)
        ok = True
    except (OSError, ValueError, http.client.HTTPException, ProbeError) as error:
        ok, detail, body = False, _reason(error, time.monotonic() - started, probe.timeout_s), None
    return Outcome(ok, round((time.monotonic() - started) * 1000, 3), detail, body)


def _reason(error: Exception, elapsed_s: float, timeout_s: float) -> str:
    if isinstance(error, TimeoutError) or (elapsed_s >= timeout_s and not isinstance(error, ProbeError)):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


# --- the kinds: each gives a sentence and, for a file, its text ---


def _dns(probe: Probe) -> tuple[str, None]:
    server, port = _endpoint(_server(probe), 53)
    query = dns.encode_query(secrets.randbelow(1 << 16), probe.target)
    addresses = _ask(probe, server, port, query, lambda answer: dns.parse_answer(answer, query))
    return f"{server} answers that {probe.target} is {', '.join(addresses)}", None


def _ntp(probe: Probe) -> tuple[str, None]:
    answer = time_of(probe)
    return f"stratum {answer.stratum}, the router's clock is {answer.offset_s * 1000:.1f} ms behind", None


def time_of(probe: Probe) -> ntp.Answer:
    """What the time server `target` answers. Raises OSError and NtpError."""
    server, port = _endpoint(probe.target, 123)
    cookie, sent = secrets.randbits(64), time.time()
    query = ntp.encode_query(cookie)
    return _ask(probe, server, port, query, lambda data: ntp.parse_answer(data, cookie, sent, time.time()))


def _tcp(probe: Probe) -> tuple[str, None]:
    host, port = _endpoint(probe.target, None)
    _connect(probe, host, port).close()
    return f"{host} accepts connections to port {port}", None


def _http(probe: Probe) -> tuple[str, None]:
    url = _url(probe.target)
    port = url.port or (443 if url.scheme == "https" else 80)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    with _opened(probe, str(url.hostname), port, tls=url.scheme == "https") as connection:
        status, _ = _get(connection, "GET", path, url.netloc)
    return f"{url.hostname} answers {status}", None


def _http_proxy(probe: Probe) -> tuple[str, None]:
    """Fetch a web page through the proxy; for https, it is enough that the proxy opens the way (CONNECT)."""
    url = _url(probe.target)
    server, port = _endpoint(_server(probe), 3128)
    tunnel = f"{url.hostname}:{url.port or 443}"
    method, target, host = ("CONNECT", tunnel, tunnel) if url.scheme == "https" else ("GET", probe.target, url.netloc)
    with _opened(probe, server, port, tls=False) as connection:
        status, _ = _get(connection, method, target, host)
    return f"the proxy {server}:{port} answers {status} for {url.hostname}", None


def _pac(probe: Probe) -> tuple[str, str]:
    url = _url(probe.target)
    with _opened(probe, str(url.hostname), url.port or 80, tls=False) as connection:
        _, body = _get(connection, "GET", url.path or "/", url.netloc)
    text = body.decode()
    if "function FindProxyForURL" not in text:
        raise ProbeError("the file has no function FindProxyForURL")
    return f"{url.hostname} serves {len(body)} octets of proxy configuration", text


CHECKS: dict[str, Callable[[Probe], tuple[str, str | None]]] = {
    "dns": _dns,
    "ntp": _ntp,
    "tcp": _tcp,
    "http": _http,
    "http_proxy": _http_proxy,
    "pac": _pac,
}


# --- what they share ---


def _server(probe: Probe) -> str:
    if probe.server is None:
        raise ProbeError(f"a {probe.kind} probe needs `server`")
    return probe.server


def _endpoint(text: str, default_port: int | None) -> tuple[str, int]:
    """`host`, `host:port`, `[2001:db8::1]:port` or a bare address."""
    try:
        host, port = str(ipaddress.ip_address(text)), None
    except ValueError:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname or "", parts.port
    if not host or (port or default_port) is None:
        raise ProbeError(f"{text!r} is not host:port")
    return host, port or default_port or 0


def _url(text: str) -> SplitResult:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ProbeError(f"{text!r} is not an http or https URL")
    return url


def _resolve(probe: Probe, host: str) -> str:
    """An address of `host` in the family of the probe's source; the C library's resolver knows no time limit."""
    family = _family(probe.source)
    answers: queue.SimpleQueue[str | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(str(socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)[0][4][0]))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=probe.timeout_s)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise ProbeError(f"the name {host} cannot be resolved: {answer.strerror}")
    return answer


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET  # noqa: PLR2004 RFC 8200


def _ask(probe: Probe, server: str, port: int, query: bytes, parse: Callable[[bytes], T]) -> T:
    """Ask by UDP, and once more after half the time: one lost datagram is no fault of the service."""
    with socket.socket(_family(probe.source), socket.SOCK_DGRAM) as channel:
        channel.settimeout(probe.timeout_s / 2)
        channel.bind((probe.source, 0))
        channel.connect((_resolve(probe, server), port))
        channel.send(query)
        try:
            answer = channel.recv(DATAGRAM_LIMIT)
        except TimeoutError:
            channel.send(query)
            answer = channel.recv(DATAGRAM_LIMIT)
    return parse(answer)


def _connect(probe: Probe, host: str, port: int) -> socket.socket:
    return socket.create_connection((_resolve(probe, host), port), probe.timeout_s, (probe.source, 0))


@contextmanager
def _opened(probe: Probe, host: str, port: int, *, tls: bool) -> Iterator[http.client.HTTPConnection]:
    """A connection from the probe's source that is cut after `timeout_s`, however slowly the other end drips."""
    with _connect(probe, host, port) as plain:
        is_cut = threading.Event()
        limit = threading.Timer(probe.timeout_s, _cut, (plain, is_cut))
        limit.start()
        try:
            connection = http.client.HTTPConnection(host, port)
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if tls else plain
            yield connection
            connection.close()
            if is_cut.is_set():  # what was read ended because we cut it
                raise TimeoutError
        finally:
            limit.cancel()


def _cut(channel: socket.socket, is_cut: threading.Event) -> None:
    is_cut.set()  # first: who reads on sees an end, and must know that it is ours
    try:
        channel.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("already closed")


def _get(connection: http.client.HTTPConnection, method: str, target: str, host: str) -> tuple[str, bytes]:
    """The status in words and the body; a status of 400 and above raises ProbeError."""
    headers = {"Host": host, "User-Agent": f"linjevakt-agent/{__version__}", "Connection": "close", "X-Filler": _FILLER}
    connection.request(method, target, headers=headers)
    response = connection.getresponse()
    status = f"{response.status} {response.reason}".strip()
    if response.status >= http.client.BAD_REQUEST:
        raise ProbeError(f"{host} answers {status}")
    return status, b"" if method == "CONNECT" else response.read(BODY_LIMIT)


# --- the timetable ---


async def schedule(root: Path) -> None:
    """Run each configured probe every `every_s`, and write `probes.json` after each run; never returns."""
    paths = Paths(root)
    while True:
        generation = settings.generation(paths)
        rounds = asyncio.create_task(_rounds(paths))
        try:
            await settings.changed(paths, generation)
        finally:
            rounds.cancel()
            await asyncio.gather(rounds, return_exceptions=True)


async def _rounds(paths: Paths) -> None:
    try:
        probes = settings.agent(paths).probe
    except CollectError as error:
        log.warning("no probes: %s", error)
        return
    results: dict[int, Result] = {}
    with ThreadPoolExecutor(WORKERS, "probe") as workers:
        try:
            await asyncio.gather(*(_repeat(paths, workers, probes, row, results) for row in range(len(probes))))
        finally:
            workers.shutdown(wait=False, cancel_futures=True)


async def _repeat(
    paths: Paths, workers: ThreadPoolExecutor, probes: tuple[Probe, ...], row: int, results: dict[int, Result]
) -> None:
    loop, probe = asyncio.get_running_loop(), probes[row]
    await asyncio.sleep(min(probe.every_s, FIRST_ROUND_S) * row / len(probes))
    while True:
        due = loop.time() + probe.every_s
        outcome = await loop.run_in_executor(workers, run, probe)
        results[row] = Result.of(probe, outcome.ok, outcome.ms, outcome.detail, datetime.now(UTC))
        _write(paths, [results[known] for known in sorted(results)])
        await asyncio.sleep(max(0.0, due - loop.time()))


def _write(paths: Paths, results: list[Result]) -> None:
    try:
        publish(paths.run / "probes.json", msgspec.json.encode({"probes": results}))
    except OSError as error:
        log.warning("probes.json could not be written: %s", error)
