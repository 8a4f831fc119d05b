"""What a native section may say: our own templates pass, and whatever runs, loads, includes or writes is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linjevakt_agent.base.errors import InvalidError
from linjevakt_agent.validation import directives

GOLDEN = Path(__file__).parents[3] / "templates/linux/golden"
RENDERED = [
    file for file in sorted(GOLDEN.glob("*/expected/*")) if file.name in directives.CHECKS and file.stat().st_size
]
KEY = "/var/lib/linjevakt/identity/router.key"
PADDING = "x" * 1023

SWANCTL = "connections {\n  hub {\n    children {\n      net {\n%s\n      }\n    }\n  }\n}\n"
NGINX = "http {\n  server {\n    location / {\n%s\n    }\n  }\n}\n"
NFT = "flush ruleset\ntable inet linjevakt {\n  chain input {\n%s\n  }\n}\n"

ATTACKS = {
    "dnsmasq.conf": [
        "conf-script=/bin/sh",
        "conf-script = /bin/sh",
        "\tconf-script=/bin/sh",
        "dhcp-script=/bin/sh",
        "dhcp-luascript=/tmp/x",
        f"conf-file={KEY}",
        "conf-dir=/var/lib/linjevakt/identity",
        f"addn-hosts={KEY}",
        f"dhcp-hostsfile={KEY}",
        f"resolv-file={KEY}",
        f"servers-file={KEY}",
        "enable-tftp",
        "tftp-root=/",
        "log-facility=/etc/cron.d/x",
        "log-facility=/tmp/x",
        "pid-file=/etc/x",
        "dhcp-leasefile=/etc/cron.d/x",
        "user=root",
        "group=root",
        "enable-dbus",
        "dumpfile=/tmp/x",
        'dhcp-option=252,"x\\"\nconf-script=/bin/sh',
        f"#{PADDING}conf-script=/bin/sh",
        "quiet-dhcp\\\nconf-script=/bin/sh",
        "interface=lan0 # x",
        '"conf-script"=/bin/sh',
        "server=/x/10.0.0.1@lan0#53",
    ],
    "nginx.conf": [
        "worker_processes 100000;",
        "http { limit_conn_zone $binary_remote_addr zone=a:999999m; }",
        f"include {KEY};",
        f'include "{KEY}";',
        f'"include" {KEY};',
        f"'include' {KEY};",
        f"incl\\ude {KEY};",
        f"events {{}} include {KEY};",
        f"events {{ }} #\ninclude {KEY};",
        "load_module /tmp/x.so;",
        "error_log /etc/cron.d/x;",
        "error_log stderr crit; error_log /tmp/x;",
        "pid /etc/x;",
        "user root;",
        "env LD_PRELOAD=/tmp/x;",
        "working_directory /var/lib/linjevakt/identity;",
        "ssl_engine /tmp/x;",
        "daemon on;",
        "http { access_log /etc/cron.d/x; }",
        "http { client_body_temp_path /etc/nginx-x; }",
        "http { proxy_temp_path /run/nginx-../../etc; }",
        "http { server { listen unix:/run/x; } }",
        NGINX % "root /;",
        NGINX % f"alias {KEY};",
        NGINX % "alias /var/lib/linjevakt/running/secrets.toml;",
        NGINX % "alias /var/lib/linjevakt/running/../identity/router.key;",
        NGINX % "proxy_pass http://10.255.0.10;",
        NGINX % "autoindex on;",
        NGINX % 'return 200 "${x}";',
        NGINX % "types { } include x;",
        "http { server { location ~ / { } } }",
        "http { server { }",
        "}",
        ";",
        "user www-data",
    ],
    "chrony.conf": [
        f"include {KEY}",
        f"INCLUDE {KEY}",
        f" \tinclude\t{KEY}",
        "confdir /etc",
        "sourcedir /etc",
        "mailonchange root@x 0",
        f"keyfile {KEY}",
        "hwclockfile /etc/shadow",
        "driftfile /etc/cron.d/x",
        "pidfile /etc/x",
        "logdir /etc",
        "dumpdir /etc",
        "rtcfile /etc/x",
        "user root",
        "bindcmdaddress /etc/x",
        "refclock SHM 0",
        f"#{'x' * 2046}include {KEY}",
        "port 123",
        "cmdport 323",
        "server 10.0.0.1 key 1",
    ],
    "swanctl.conf": [
        "connections {\n  include {\n  version = 2\n  }\n}",
        f"include {KEY}",
        f"include = {KEY}",
        f"\tinclude\t{KEY}",
        "connections { hub { children { x { updown = /bin/sh } } } }",
        "connections {\n}\nsecrets {\n}",
        "conections {\n}",
        "connections : base {\n}",
        "connections.hub.children.x.updown = /bin/sh",
        SWANCTL % "updown = /bin/sh",
        SWANCTL % '"updown" = /bin/sh',
        SWANCTL % "start_action = start } updown = /bin/sh",
        SWANCTL % "start_action = start\\\nupdown = /bin/sh",
        SWANCTL % "hw_offload = auto",
        SWANCTL % "set_mark_in = 1",
        "connections {\n hub {\n  remote {\n   cacerts = /etc/passwd\n  }\n }\n}",
        f"connections {{\n hub {{\n  local {{\n   certs = {KEY}\n  }}\n }}\n}}",
        "connections {\n hub {\n  remote {\n   auth = psk\n  }\n }\n}",
        "connections {\n hub {\n  remote {\n   cacerts = /var/lib/linjevakt/running/../identity/x\n  }\n }\n}",
        "authorities {\n a {\n  crl_uris = http://x/\n }\n}",
        "connections {\n",
        "}\n",
    ],
    "nftables.conf": [
        f'include "{KEY}"',
        f"include '{KEY}'",
        f'flush ruleset; include "{KEY}"',
        f'flush ruleset # \\\ninclude "{KEY}"',
        f'inc\\\nlude "{KEY}"',
        f'table inet x {{ include "{KEY}" }}',
        f'table inet x {{ comment "a"; include "{KEY}" }}',
        f'table inet x {{ comment "\ninclude "{KEY}"\n" }}',
        "define x = 1",
        "redefine x = 1",
        "delete table inet linjevakt",
        "add rule inet linjevakt input accept",
        "list ruleset",
        "monitor",
        NFT % "queue num 0",
        NFT % "tcp dport $x accept",
        NFT % "dnat to 10.0.0.1",
        NFT % "redirect to :22",
        NFT % "masquerade",
        NFT % "dup to 10.0.0.1",
        NFT % 'ct helper set "x"',
        NFT % 'iifname "../../etc/passwd" accept',
        "table inet x {",
    ],
    "shaping.tc": [
        f"filter add dev ipsec0 bpf object-file {KEY}",
        f"filter replace dev ipsec0 parent 1: protocol ip prio 1 bpf obj {KEY}",
        "exec bpf import /tmp/x",
        "qdisc replace dev ipsec0 root pfifo \\\nexec bpf",
        "qdisc replace dev ipsec0 root pfifo limit 200 # x",
        "qdisc replace dev ipsec0 root netem delay 1s distribution ../../../etc/passwd",
        "qdisc del dev ipsec0 root",
        "qdisc replace dev ../x root pfifo",
        "qdisc replace dev ipsec0 ingress_block 1",
        "actions add action bpf object-file /tmp/x",
        "action add action pedit",
        "filter replace dev ipsec0 parent 1: protocol ip prio 1 handle 800::1 u32 match ip dst 10.0.0.0/8 action pedit",
        "monitor",
        "-force",
    ],
}


@pytest.mark.parametrize("file", RENDERED, ids=lambda file: f"{file.parts[-3]}-{file.name}")
def test_what_our_templates_make_is_allowed(file: Path) -> None:
    directives.check(file.name, file.read_text())


@pytest.mark.parametrize(("section", "attack"), [(name, each) for name, rows in ATTACKS.items() for each in rows])
def test_what_runs_loads_includes_or_writes_is_refused(section: str, attack: str) -> None:
    with pytest.raises(InvalidError):
        directives.check(section, attack + "\n")


@pytest.mark.parametrize("file", RENDERED, ids=lambda file: f"{file.parts[-3]}-{file.name}")
@pytest.mark.parametrize("where", ["before", "after"])
def test_no_attack_hides_in_a_file_of_ours(file: Path, where: str) -> None:
    good = file.read_text()
    for attack in ATTACKS[file.name]:
        with pytest.raises(InvalidError):
            directives.check(file.name, f"{attack}\n{good}" if where == "before" else f"{good}{attack}\n")


@pytest.mark.parametrize("section", directives.CHECKS)
@given(body=st.text(alphabet=st.sampled_from("abc {}\n\t;#\"'\\$=:/,.09-@xyz"), max_size=60))
def test_nonsense_is_refused_or_read_and_never_a_traceback(section: str, body: str) -> None:
    refusal = refused(section, body)
    assert refusal is None or refusal.line is None or 1 <= refusal.line <= body.count("\n") + 1


def refused(section: str, body: str) -> InvalidError | None:
    try:
        directives.check(section, body)
    except InvalidError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("section", "body", "line", "words"),
    [
        ("dnsmasq.conf", "# fine\ndhcp-rnage=x\n", 2, "did you mean `dhcp-range`"),
        ("dnsmasq.conf", "conf-script=/bin/sh\n", 1, "`conf-script` is not allowed here; "),
        ("nginx.conf", "events {\n}\nhttp {\n  server {\n    root /;\n  }\n}\n", 5, "`root` is not allowed here; "),
        ("nginx.conf", "http {\n  access_log /x;\n}\n", 2, "`access_log` must not be `/x`"),
        (
            "swanctl.conf",
            "pools {\n}\nconections {\n}\n",
            1,
            "`pools` is not allowed here; allowed: authorities connections",
        ),
        ("swanctl.conf", "conections {\n}\n", 1, "did you mean `connections`"),
        ("nftables.conf", 'flush ruleset\n\ninclude "x"\n', 3, "`include` is not allowed here"),
        ("shaping.tc", "qdisc replace dev ipsec0 root pfifo\nfilter x\n", 2, "`filter` must not be `x`"),
        ("chrony.conf", "port 0\nincluded x\n", 2, "`included` is not allowed here; allowed: "),
    ],
)
def test_a_refusal_names_the_line_and_what_would_be_right(section: str, body: str, line: int, words: str) -> None:
    with pytest.raises(InvalidError) as caught:
        directives.check(section, body)
    assert (caught.value.line, words in caught.value.message) == (line, True), caught.value.message


@pytest.mark.parametrize(
    ("section", "near"),
    [
        ("dnsmasq.conf", "dhcp-script=/x"),
        ("swanctl.conf", "conections {"),
        ("chrony.conf", "servr 10.0.0.1"),
        ("shaping.tc", "qdics replace"),
        ("nginx.conf", "evnts {"),
        ("nftables.conf", "tablex inet x {"),
    ],
)
def test_a_refused_word_is_answered_with_all_that_is_allowed(section: str, near: str) -> None:
    with pytest.raises(InvalidError) as caught:
        directives.check(section, f"{near}\n")
    assert "allowed: " in caught.value.message, caught.value.message


def test_what_others_need_is_allowed() -> None:
    limits = (
        "http {\n  limit_conn_zone $binary_remote_addr zone=address:64k;\n"
        "  limit_req_zone $binary_remote_addr zone=requests:64k rate=10r/s;\n"
        "  server {\n    limit_conn address 8;\n    limit_req zone=requests burst=20 nodelay;\n"
        "    client_header_timeout 5s;\n    client_body_timeout 5;\n    send_timeout 5;\n"
        "    reset_timedout_connection on;\n    large_client_header_buffers 2 1k;\n  }\n}\nworker_rlimit_nofile 512;\n"
    )
    directives.check("nginx.conf", limits)
    directives.check("dnsmasq.conf", "no-ident\ndns-forward-max=150\ncache-size=1000\ndhcp-lease-max=500\n")
    meters = (
        "set talkers {\n type ipv4_addr\n size 65535\n flags dynamic,timeout\n timeout 1m\n }\n"
        "chain x {\n tcp dport 80 ct state new add @talkers { ip saddr ct count over 20 } counter name denied drop\n"
        " udp dport 53 meter asked size 65535 { ip saddr limit rate over 100/second burst 50 packets } drop\n"
        " update @talkers { ip saddr timeout 60s limit rate over 10/minute } drop\n }\n"
    )
    directives.check("nftables.conf", f"flush ruleset\ntable inet linjevakt {{\n{meters}}}\n")
