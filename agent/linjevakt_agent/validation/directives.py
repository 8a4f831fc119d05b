"""What each native section may say: a table of directives a section, and nothing outside of it.

The programs that read these files run as root and can be told to run others, to load code or to write anywhere. Who may
change a configuration may decide how a router forwards, not what it runs: so there is no include, script, module, hook
or log file here, and no path but those that our templates name. A pattern must match all that follows the name.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator

from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.base.paths import BASE
from linjevakt_agent.validation import statements
from linjevakt_agent.validation.statements import Statement, Token

Table = dict[str, "str | Table"]
"""Directive -> pattern of its value, or the table of the block that it opens; `ANY` stands for a name of one's own."""

ANY = "*"
VALUE = ""
"""In the table of a block: the pattern of what stands between its name and `{`; absent: nothing."""

NUMBER = r"\d{1,10}"
FEW = r"\d{1,6}"  # of what each costs memory: the guard, which has to go back, shares it
FLAG = ""
ADDRESS = r"\d+\.\d+\.\d+\.\d+"
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
DURATION = r"\d+(ms|s|m|h|d)?"
SIZE = r"\d{1,5}k?|\d{1,2}m"
WORDS = r"[A-Za-z0-9%*@][\w.%:*,@/+-]*( [\w.%:*,@/+-]+)*"  # begins no path
RUNNING = rf"{re.escape(str(BASE))}/running"

DNSMASQ: Table = {
    "user": "dnsmasq",
    "group": "nogroup",
    "pid-file": "",
    "log-facility": "-",
    "quiet-dhcp": FLAG,
    "dhcp-leasefile": r"/var/lib/misc/dnsmasq\.leases",  # of configurations from before the service chose (`leases`)
    "bind-dynamic": FLAG,
    "interface": NAME,
    "no-resolv": FLAG,
    "no-poll": FLAG,
    "no-hosts": FLAG,
    "no-ident": FLAG,
    "no-negcache": FLAG,
    "no-ping": FLAG,
    "domain-needed": FLAG,
    "bogus-priv": FLAG,
    "stop-dns-rebind": FLAG,
    "localise-queries": FLAG,
    "local": r"/[A-Za-z0-9./-]+/",
    "server": rf"(/[A-Za-z0-9./-]+/)?{ADDRESS}(@[A-Za-z0-9.-]+)*",
    "interface-name": r"[A-Za-z0-9.-]+,[A-Za-z0-9.-]+",
    "host-record": r"[A-Za-z0-9.,-]+",
    "dhcp-authoritative": FLAG,
    "dhcp-ignore-names": FLAG,
    "dhcp-rapid-commit": FLAG,
    "dhcp-range": r"[A-Za-z0-9:.,_-]+",
    "dhcp-option": r'[A-Za-z0-9:.,_-]+(,"[A-Za-z0-9:/._-]+")?',
    "dhcp-host": r"[A-Za-z0-9:.,_-]+",
    "dhcp-lease-max": FEW,
    "dns-forward-max": FEW,
    "max-tcp-connections": FEW,
    "cache-size": FEW,
    "max-cache-ttl": NUMBER,
    "edns-packet-max": NUMBER,
}

CHRONY: Table = {
    "server": r"[A-Za-z0-9][A-Za-z0-9.-]*( (iburst|prefer|burst|(minpoll|maxpoll|version|polltarget) -?\d+))*",
    "bindacqaddress": ADDRESS,
    "port": "0",
    "cmdport": "0",
    "makestep": r"[\d.]+ -?\d+",
    "maxdistance": r"[\d.]+",
    "minsources": NUMBER,
    "rtcsync": FLAG,
    "driftfile": r"/var/lib/chrony/chrony\.drift",
    "pidfile": r"/run/chrony/chronyd\.pid",
}

_TEMPORARY = r"/run/nginx-[a-z_]+"
_LIMITS: Table = {
    "limit_conn": rf"{NAME} \d+",
    "limit_conn_status": NUMBER,
    "limit_conn_log_level": "info|notice|warn|error",
    "limit_req": rf"zone={NAME}( burst=\d+)?( (nodelay|delay=\d+))?",
    "limit_req_status": NUMBER,
    "limit_req_log_level": "info|notice|warn|error",
    "limit_rate": SIZE,
    "limit_rate_after": SIZE,
    "keepalive_timeout": rf"{DURATION}( {DURATION})?",
    "keepalive_requests": NUMBER,
    "client_max_body_size": SIZE,
    "client_body_buffer_size": SIZE,
    "client_header_buffer_size": SIZE,
    "large_client_header_buffers": rf"\d{{1,2}} ({SIZE})",
    "client_header_timeout": DURATION,
    "client_body_timeout": DURATION,
    "send_timeout": DURATION,
    "lingering_close": "on|off|always",
    "lingering_time": DURATION,
    "lingering_timeout": DURATION,
    "reset_timedout_connection": "on|off",
    "tcp_nodelay": "on|off",
    "sendfile": "on|off",
    "server_tokens": "on|off",
    "access_log": "off",
    "default_type": r"[a-z]+/[a-z0-9.+-]+",
    "return": r"\d{3}",
}
NGINX: Table = {
    "user": "www-data",
    "worker_processes": r"\d",
    "worker_rlimit_nofile": FEW,
    "worker_shutdown_timeout": DURATION,
    "pid": r"/run/nginx\.pid",
    "error_log": r"stderr( (debug|info|notice|warn|error|crit|alert|emerg))?",
    "events": {"worker_connections": FEW, "multi_accept": "on|off"},
    "http": {
        **_LIMITS,
        **{f"{path}_temp_path": _TEMPORARY for path in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")},
        "limit_conn_zone": rf"\$(binary_remote_addr|server_addr|server_name) zone={NAME}:({SIZE})",
        "limit_req_zone": rf"\$(binary_remote_addr|server_addr|server_name) zone={NAME}:({SIZE}) rate=\d+r/[sm]",
        "server": {
            **_LIMITS,
            "listen": rf"{ADDRESS}:80( (default_server|deferred|backlog=\d+))*",
            "server_name": rf"{NAME}( {NAME})*",
            "location": {
                VALUE: r"= /flex\.pac|/",
                **_LIMITS,
                "alias": rf"{RUNNING}/flex\.pac",
                "types": {},
                "add_header": r"[A-Za-z-]+ [A-Za-z0-9=,-]+( always)?",
                "limit_except": {VALUE: "GET", "deny": "all"},
            },
        },
    },
}

_END: Table = {"auth": "pubkey", "id": WORDS, "revocation": "strict|ifuri|relaxed"}
SWANCTL: Table = {
    "connections": {
        ANY: {
            "version": "2",
            **dict.fromkeys(("proposals", "remote_addrs", "local_addrs"), WORDS),
            **dict.fromkeys(("encap", "mobike", "fragmentation"), "yes|no|force|accept"),
            **dict.fromkeys(("local_port", "remote_port", "keyingtries"), NUMBER),
            **dict.fromkeys(
                ("dpd_delay", "dpd_timeout", "rekey_time", "reauth_time", "over_time", "rand_time"), DURATION
            ),
            "unique": "no|never|keep|replace",
            "send_cert": "always|never|ifasked",
            "send_certreq": "yes|no",
            "local": _END,
            "remote": {**_END, "cacerts": rf"{RUNNING}/ca\.crt"},
            "children": {
                ANY: {
                    **dict.fromkeys(("esp_proposals", "local_ts", "remote_ts"), WORDS),
                    **dict.fromkeys(("rekey_time", "life_time", "rand_time", "inactivity"), DURATION),
                    **dict.fromkeys(("reqid", "priority", "replay_window", "rekey_bytes", "rekey_packets"), NUMBER),
                    "mode": "tunnel",
                    "start_action": "none|trap|start",
                    "dpd_action": "clear|trap|restart|start",
                    "close_action": "none|trap|start",
                }
            },
        }
    },
    "authorities": {ANY: {"cacert": rf"{RUNNING}/ca\.crt", "crl_uris": rf"file://{RUNNING}/[a-z.]+"}},
}

_SHOWN = 60
_DEVICE = r"dev [a-z][a-z0-9.-]{0,14}"
_HANDLE = r"[0-9a-f]*:[0-9a-f]*"
_AT = rf"{_DEVICE} (root|ingress|parent {_HANDLE})( handle {_HANDLE})?( ingress)?|{_DEVICE} handle {_HANDLE} ingress"
_QUEUE = (
    r"( (htb( (default|r2q) [0-9a-f]+)*|(pfifo|bfifo|sfq|fq_codel|cake|fq)"
    r"( (limit|perturb|flows|target|interval|quantum|memory_limit|bandwidth) [0-9]+[a-z]*| (no)?ecn)*))?"
)
_RATES = r"( (rate|ceil|burst|cburst|quantum|overhead|prio|mtu|mpu) \d+[a-z]*)+"
_MATCH = rf"( match (ip (src|dst) {ADDRESS}/\d+|u32 0 0))+"
_TURN = rf"flowid {_HANDLE}|action mirred egress redirect {_DEVICE}"
SHAPING: Table = {
    "qdisc": rf"(replace|add) ({_AT}){_QUEUE}",
    "class": rf"(replace|add) {_DEVICE} parent {_HANDLE} classid {_HANDLE} htb{_RATES}",
    "filter": rf"(replace|add) {_DEVICE} parent {_HANDLE} protocol ip prio \d+ handle [0-9a-f:]+ u32{_MATCH} ({_TURN})",
}

_RULE_WORDS = """
flush ruleset table inet ip netdev chain set map counter limit quota ct flags interval constant dynamic timeout
auto-merge elements type typeof size policy gc-interval comment expires

filter route hook ingress prerouting input forward output postrouting priority raw mangle security device

iif oif iifname oifname ifname iface_index meta nfproto l4proto protocol length mark pkttype skuid day hour
ether arp ip6 icmp icmpv6 igmp tcp udp sctp th esp ah spi saddr daddr sport dport version ttl hoplimit dscp ecn id
frag-off code sequence seq ack fin syn rst psh urg echo-request echo-reply destination-unreachable
time-exceeded parameter-problem packet-too-big nd-neighbor-solicit nd-neighbor-advert nd-router-advert
nd-router-solicit option maxseg rt mtu hdrlength state status direction original reply count new established
related invalid untracked snat dnat fib addr local broadcast multicast unicast exists missing
ipv4 ipv6 ipv4_addr ipv6_addr ether_addr inet_proto inet_service any or and eq ne lt gt le ge

accept drop reject return continue jump goto vmap name log prefix level info warn notice debug rate over until
second minute minutes seconds week burst packets packet bytes kbytes mbytes add update delete numgen inc random mod
hash jhash meter with icmpx port-unreachable host-unreachable net-unreachable admin-prohibited no-route reset notrack
"""
"""What a file begins with and a table holds; chains; what a packet is asked; what is done with it."""

NFTABLES = frozenset(_RULE_WORDS.split())
_FAMILIES = frozenset({"inet", "ip", "arp", "netdev"})
_NAMED = frozenset({"table", "chain", "set", "map", "counter", "limit", "quota", "name", "jump", "goto", "meter", "@"})
"""After these comes a name of one's own."""
_LITERAL = re.compile(r"[-*/:.]|-?\d[0-9a-fA-F.:/msdh*-]*|[0-9a-fA-F]*:[0-9a-fA-F:./]+|(k|m)?bytes/\w+")
_RATE = re.compile(r"\d+/\w+|\d+(k|m)?bytes(/\w+)?|\d+[smhd]+[0-9smhd]*")


# -- checks ------------------------------------------------------------------------------------------------------------


def check(section: str, body: str) -> None:
    """Raise InvalidError, with the line, for the first directive that its table does not have or not so."""
    CHECKS[section](body)


def _table(read: Callable[[str], Iterator[Statement]], table: Table) -> Callable[[str], None]:
    return lambda body: _walk(read(body), table)


def _walk(said: Iterator[Statement], table: Table) -> None:
    blocks = [table]
    for statement in said:
        if not statement.closes:
            _enter(statement, blocks)
        elif len(blocks) > 1:
            blocks.pop()
        else:
            raise InvalidError("`}` closes nothing", line=statement.line)
    if len(blocks) > 1:
        raise InvalidError("a block is not closed: `}` is missing at the end", line=None)


def _enter(statement: Statement, blocks: list[Table]) -> None:
    table, name = blocks[-1], statement.name
    rule = table.get(name if name not in {ANY, VALUE} else "", table.get(ANY)) if name else None
    if rule is None or isinstance(rule, dict) != statement.opens:
        raise InvalidError(f"`{name}` is not allowed here; {_instead(name, table)}", line=statement.line)
    pattern = rule if isinstance(rule, str) else str(rule.get(VALUE, ""))
    if not re.fullmatch(pattern, statement.value):
        raise InvalidError(f"`{name}` must not be `{_short(statement.value)}`", line=statement.line)
    if isinstance(rule, dict):
        blocks.append(rule)


def _instead(name: str, known: Iterable[str]) -> str:
    names = sorted(set(known) - {ANY, VALUE})
    close = difflib.get_close_matches(name, names, n=1)
    meant = f"did you mean `{close[0]}`? " if close else ""
    return f"{meant}allowed: {' '.join(names) or 'nothing'}"


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."


def _ruleset(body: str) -> None:
    """`flush ruleset`, then tables; in them the words of `NFTABLES`, names where names stand, values and strings."""
    depth, before = 0, ""
    for token in statements.nftables(body):
        if token.kind == "word":
            _word(token, before, depth)
        elif token.kind == "string" and before not in {"prefix", "comment"}:
            _device_name(token)
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        before = token.text
    if depth:
        raise InvalidError("`{` and `}` do not pair")


def _word(token: Token, before: str, depth: int) -> None:
    known = NFTABLES if depth else {"flush", "ruleset", "table", *_FAMILIES}
    named = before in (_NAMED if depth else _FAMILIES) and re.fullmatch(r"[A-Za-z]\w*", token.text)
    if not (named or token.text in known or (depth and _is_value(token.text))):
        raise InvalidError(f"`{token.text}` is not allowed here; {_instead(token.text, known)}", line=token.line)


def _is_value(word: str) -> bool:
    return bool(_LITERAL.fullmatch(word) or _RATE.fullmatch(word))


def _device_name(token: Token) -> None:
    if not re.fullmatch(r'"[A-Za-z0-9.*_-]{1,16}"', token.text):
        raise InvalidError(f"{token.text} is no name of a device", line=token.line)


CHECKS: dict[str, Callable[[str], None]] = {
    "swanctl.conf": _table(statements.braced, SWANCTL),
    "nftables.conf": _ruleset,
    "shaping.tc": _table(statements.words, SHAPING),
    "dnsmasq.conf": _table(statements.settings, DNSMASQ),
    "nginx.conf": _table(statements.nginx, NGINX),
    "chrony.conf": _table(statements.words, CHRONY),
}
"""Every section that another program reads as its configuration."""
