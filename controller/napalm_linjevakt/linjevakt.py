"""The NAPALM driver: each method one or two commands on the router, and a parser."""

import secrets
import shlex
from pathlib import Path
from types import TracebackType
from typing import Any

from napalm.base import NetworkDriver
from napalm.base import constants as c
from napalm.base.exceptions import (
    CommandErrorException,
    CommitError,
    ConnectAuthError,
    MergeConfigException,
    ReplaceConfigException,
)
from typing_extensions import override

from napalm_linjevakt import agent, parse
from napalm_linjevakt.exceptions import reason
from napalm_linjevakt.transport import Answer, Login, Ssh

LINKS = "ip -json -details -statistics link"
ADDRESSES = "ip -json addr"
NEIGHBOURS = "ip -json -4 -statistics neigh"
STORES = {"running": "--running", "startup": "--confirmed", "candidate": "--candidate"}


class LinjevaktDriver(NetworkDriver):  # type: ignore[misc]  # NAPALM ships without types
    """The open Linux router. `password` is the key's passphrase, if it has one: routers take keys only.

    optional_args: `host_key` ("ssh-ed25519 AAAA...") or `known_hosts` (file), one of them a must; `private_key` (text)
    or `key_file`; `port`; `connect_timeout` (s); `session` (the lock's name on the router, else random at each open()).
    """

    platform = "linjevakt"

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        self.hostname, self.username, self.password, self.timeout = hostname, username, password, timeout
        self.optional_args = optional_args or {}
        self.session = ""
        self.device: Ssh | None = None
        self._invalid: type[Exception] = CommandErrorException

    # ---- connection

    def open(self) -> None:
        """Log in. Raises the ConnectionException that fits: host key, key or user refused, time-out, no answer."""
        device = Ssh(self._login())
        device.open()
        self.device, self.session = device, self.optional_args.get("session") or secrets.token_hex(8)

    def close(self) -> None:
        """Hang up. A commit that waits for its confirmation goes on waiting on the router."""
        if self.device is not None:
            self.device.close()
            self.device = None

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up without NAPALM's print of an epilog for exceptions that it does not know."""
        self.close()

    def is_alive(self) -> dict[str, bool]:
        """Whether the SSH session stands."""
        return {"is_alive": self.device is not None and self.device.alive}

    def _login(self) -> Login:
        args = self.optional_args
        return Login(
            self.hostname,
            self.username,
            int(args.get("port", 22)),
            private_key=args.get("private_key") or _read_key(args.get("key_file", "")),
            passphrase=self.password or "",
            host_key=args.get("host_key", ""),
            known_hosts=args.get("known_hosts", ""),
            connect_timeout=float(args.get("connect_timeout", min(self.timeout, 10))),
            timeout=float(self.timeout),
        )

    # ---- configuration

    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Make the candidate exactly this text. Raises ReplaceConfigException when it is not valid."""
        self._load("--replace", ReplaceConfigException, filename, config)

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Put these sections into the candidate. Raises MergeConfigException when they are not valid."""
        self._load("--merge", MergeConfigException, filename, config)

    def compare_config(self) -> str:
        """The unified diff per section; secrets show as fingerprints; empty without a candidate."""
        return str(self._config("diff", absent={"diff": ""})["diff"]).rstrip()

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Put the candidate in force; with `revert_in` (s) the router itself goes back unless it is confirmed."""
        if self.has_pending_commit():
            raise CommitError("a commit waits for its confirmation: confirm it or roll it back first")
        timer = () if revert_in is None else ("--revert-in", str(revert_in))
        note = ("--message", message) if message else ()
        self._config("commit", *timer, *note)

    def confirm_commit(self) -> None:
        """Stop the revert timer."""
        self._config("confirm")

    def has_pending_commit(self) -> bool:
        """Whether a commit, by whomever, waits for its confirmation."""
        return self._ask("config", "status").get("pending") is not None

    def rollback(self) -> None:
        """Undo the pending commit, else go back to the generation before."""
        self._config("rollback")

    def discard_config(self) -> None:
        """Throw the candidate away and let go of the lock."""
        self._config("discard", absent={})
        self._invalid = CommandErrorException

    @override
    def get_config(
        self,
        retrieve: str = "all",
        full: bool = False,
        sanitized: bool = False,
        format: str = "text",
    ) -> dict[str, str]:
        """The configuration texts; `startup` is the last confirmed one, to which a reboot leads."""
        del full  # there are no defaults that the text leaves out
        if format != "text":
            raise NotImplementedError("the configuration is text")
        wanted = STORES if retrieve == "all" else {retrieve: STORES[retrieve]}
        texts = {name: self._show(option, sanitized=sanitized) for name, option in wanted.items()}
        return {name: texts.get(name, "") for name in STORES}

    # ---- getters

    def get_facts(self) -> dict[str, Any]:
        """From the agent."""
        return parse.facts(self._ask("facts"))

    def get_interfaces(self) -> dict[str, dict[str, Any]]:
        """From `ip link` and sysfs."""
        return parse.interfaces(self._run(LINKS).stdout, self._ask("readings", "speeds")["speeds"])

    def get_interfaces_ip(self) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
        """From `ip addr`."""
        return parse.addresses(self._run(ADDRESSES).stdout)

    def get_interfaces_counters(self) -> dict[str, dict[str, int]]:
        """From `ip -statistics link`."""
        return parse.counters(self._run(LINKS).stdout)

    @override
    def get_arp_table(self, vrf: str = "") -> list[dict[str, Any]]:
        """From `ip neigh`; the platform has one routing instance."""
        _refuse_vrf(vrf)
        return parse.arp(self._run(NEIGHBOURS).stdout)

    def get_snmp_information(self) -> dict[str, Any]:
        """From the running configuration."""
        return parse.snmp(self._show("--running", sanitized=True))

    def get_ntp_servers(self) -> dict[str, dict[str, Any]]:
        """From the running configuration."""
        return parse.ntp_servers(self._show("--running", sanitized=True))

    def get_users(self) -> dict[str, dict[str, Any]]:
        """From the running configuration."""
        return parse.users(self._show("--running", sanitized=True))

    def get_environment(self) -> dict[str, Any]:
        """From `/proc` and hwmon."""
        read = self._ask("readings", "environment")
        return parse.environment(read["processors"], read["memory"], read["sensors"])

    @override
    def ping(
        self,
        destination: str,
        source: str = c.PING_SOURCE,
        ttl: int = c.PING_TTL,
        timeout: int = c.PING_TIMEOUT,
        size: int = c.PING_SIZE,
        count: int = c.PING_COUNT,
        vrf: str = c.PING_VRF,
        source_interface: str = c.PING_SOURCE_INTERFACE,
    ) -> dict[str, Any]:
        """With iputils' `ping`."""
        _refuse_vrf(vrf)
        numbers = f"ping -n -c {count:d} -W {timeout:d} -s {size:d} -t {ttl:d}"
        words = (("-I", source or source_interface) if source or source_interface else ()) + (destination,)
        answer = self._device().run(f"{numbers} {shlex.join(words)}")
        return parse.ping(answer.stdout or answer.stderr, destination)

    @override
    def traceroute(
        self,
        destination: str,
        source: str = c.TRACEROUTE_SOURCE,
        ttl: int = c.TRACEROUTE_TTL,
        timeout: int = c.TRACEROUTE_TIMEOUT,
        vrf: str = c.TRACEROUTE_VRF,
    ) -> dict[str, Any]:
        """With `traceroute -n`: names are not looked up."""
        _refuse_vrf(vrf)
        words = (("-s", source) if source else ()) + (destination,)
        answer = self._device().run(f"traceroute -n -m {ttl:d} -w {timeout:d} {shlex.join(words)}")
        return parse.traceroute(answer.stderr if answer.status else answer.stdout)

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:
        """Run commands that a login may run: `linjevakt-agent ...`, the `ip` reads of this driver, ping, traceroute.

        The router refuses any other: CommandErrorException at the first that fails, with its words.
        """
        if encoding != "text":
            raise NotImplementedError("commands answer in text")
        return {command: self._run(command).stdout for command in commands}

    # ---- one command on the router

    def _device(self) -> Ssh:
        if self.device is None:
            raise CommandErrorException("not connected: call open() first")
        return self.device

    def _run(self, command: str) -> Answer:
        answer = self._device().run(command)
        if answer.status:
            _kind, error = agent.failure(answer.stderr, CommandErrorException)
            raise CommandErrorException(f"`{command}` ended with {answer.status}: {str(error)[:500]}")
        return answer

    def _ask(self, *words: str, stdin: str = "", absent: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._device().run(agent.command(*words), stdin)
        if not answer.status:
            return agent.read(answer.stdout)
        kind, error = agent.failure(answer.stderr, self._invalid)
        if kind == "absent" and absent is not None:
            return absent
        raise error

    def _config(self, verb: str, *words: str, stdin: str = "", absent: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._ask("config", verb, "--session", self.session, *words, stdin=stdin, absent=absent)

    def _show(self, option: str, *, sanitized: bool) -> str:
        words = (option, "--sanitized") if sanitized else (option,)
        return str(self._ask("config", "show", *words, absent={"text": ""})["text"])

    def _load(self, mode: str, invalid: type[Exception], filename: str | None, config: str | None) -> None:
        self._invalid = invalid
        if filename is None and config is None:
            raise invalid("give a filename or a configuration")
        try:
            text = Path(filename).read_bytes().decode() if filename is not None else config or ""
        except (OSError, UnicodeDecodeError) as error:
            raise invalid(f"{filename} cannot be read: {reason(error)}") from error
        self._config("load", mode, "-", stdin=text)


def _read_key(key_file: str) -> str:
    if not key_file:
        raise ConnectAuthError("routers take keys only: set optional_args private_key or key_file")
    try:
        return Path(key_file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConnectAuthError(f"the key file {key_file} cannot be read: {reason(error)}") from error


def _refuse_vrf(vrf: str) -> None:
    if vrf:
        raise NotImplementedError("the platform has one routing instance")
