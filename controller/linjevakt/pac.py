"""Runs a proxy configuration file (PAC) as a browser does, but shut in, and says what it answers for a URL."""

from urllib.parse import urlsplit

import quickjs

from linjevakt.model.errors import InvalidInputError

TIME_LIMIT_S = 0.5
MEMORY_LIMIT = 16 * 1024 * 1024
SIZE_LIMIT = 1024 * 1024  # Chromium refuses a larger PAC file

# The functions that a PAC file may call (Netscape's Proxy Auto-Config, as browsers implement it). No name is ever
# looked up: dnsResolve knows literal addresses only, so an answer that hangs on DNS shows as not found.
_HELPERS = r"""
function isPlainHostName(host) { return host.indexOf(".") < 0; }
function dnsDomainIs(host, domain) { return host.length >= domain.length && host.slice(-domain.length) === domain; }
function localHostOrDomainIs(host, full) { return host === full || full.lastIndexOf(host + ".", 0) === 0; }
function isResolvable(host) { return dnsResolve(host) !== null; }
function dnsResolve(host) { return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? host : null; }
function myIpAddress() { return "127.0.0.1"; }
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

    Half a second and 16 MiB are what the file may use. Raises PacError.
    """
    host = urlsplit(url).hostname
    if not host:
        raise PacError(f"{url!r} is not a URL with a host")
    if len(pac.encode()) > SIZE_LIMIT:
        raise PacError("the PAC file is larger than 1 MiB; browsers refuse it")
    answer = _called(pac, url, host)
    if not isinstance(answer, str):
        raise PacError(f"FindProxyForURL answers {type(answer).__name__} for {url}, not a text")
    return answer


def _called(pac: str, url: str, host: str) -> object:
    context = quickjs.Context()
    context.set_memory_limit(MEMORY_LIMIT)
    context.set_time_limit(TIME_LIMIT_S)
    try:
        context.eval(_HELPERS)
        context.eval(pac)
        return context.get("FindProxyForURL")(url, host)
    except quickjs.JSException as error:
        raise PacError(f"the PAC file fails for {url}: {str(error).splitlines()[0]}") from error
    except TypeError as error:
        raise PacError("the PAC file has no function FindProxyForURL") from error
