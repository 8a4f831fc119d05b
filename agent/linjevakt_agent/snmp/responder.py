"""Answers to SNMPv3 requests from a tree of objects: reading only, and only with authentication and privacy."""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413.cmdrsp import CommandResponderBase
from pysnmp.entity.rfc3413.context import SnmpContext
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v2c

from linjevakt_agent.collect import CollectError
from linjevakt_agent.snmp.readings import Readings
from linjevakt_agent.snmp.tree import Compute, Oid, Tree

log = logging.getLogger(__name__)

USM, AUTH_PRIV = 3, 3
"""Security model and level (RFC 3411)."""
MAX_BINDS = 128
"""Objects in an answer to GETBULK, so that no request keeps the responder busy for long."""
BIND_OVERHEAD = 8
"""Octets of a variable binding's BER tags and lengths, at most, while values stay below 64 KiB."""
SCOPED_PDU_OVERHEAD = 80
"""Octets of the rest of a scoped PDU, at most: an engine id of 32, an empty context name, the PDU's own fields."""

Bind = tuple[Any, Any]


class RefusedError(Exception):
    """A request answered with an error: `status` of RFC 3416, `index` of the binding at fault from 1, 0 for none."""

    def __init__(self, status: str, index: int) -> None:
        super().__init__(status)
        self.status, self.index = status, index


class Request(NamedTuple):
    """What pysnmp's dispatcher hands over; `room` is how many octets the manager takes in an answer."""

    message_model: Any
    security_model: int
    security_name: Any
    security_level: int
    context_engine_id: Any
    context_name: bytes
    pdu_version: Any
    pdu: Any
    room: int
    reference: Any


class Responder(CommandResponderBase):  # type: ignore[misc]  # pysnmp ships without types
    """Answers from a tree of objects.

    Who may ask is decided here, before any object is looked at: USM with authPriv, reading only. pysnmp's own VACM is
    not relied upon: it looks entries up without regard to the security level.
    """

    SUPPORTED_PDU_TYPES = (
        rfc1905.GetRequestPDU.tagSet,
        rfc1905.GetNextRequestPDU.tagSet,
        rfc1905.GetBulkRequestPDU.tagSet,
        rfc1905.SetRequestPDU.tagSet,
    )

    def __init__(self, engine: SnmpEngine, context: SnmpContext, tree: Tree[Readings]) -> None:
        super().__init__(engine, context)
        self._tree = tree
        self._answers: dict[Any, Callable[[Request, list[Oid]], list[Bind]]] = dict(
            zip(self.SUPPORTED_PDU_TYPES, (self._get, self._next, self._bulk, self._set), strict=True)
        )

    def process_pdu(self, snmpEngine: SnmpEngine, *details: Any) -> None:  # noqa: N803 pysnmp's name
        """Answer one request; the rest of pysnmp's arguments are a Request."""
        self._request = Request(*details)
        super().process_pdu(snmpEngine, *details)

    def handle_management_operation(self, snmpEngine: SnmpEngine, reference: Any, context: Any, pdu: Any) -> None:  # noqa: N803
        """Send the answer to the request at hand; a context that does not exist raises PySnmpError."""
        self.snmpContext.get_mib_instrum(context)
        request, asked = self._request, v2c.apiPDU.get_varbinds(pdu)
        try:
            self._answer(snmpEngine, request, asked)
        except RefusedError as refusal:
            self.send_varbinds(snmpEngine, reference, refusal.status, refusal.index, asked if refusal.index else [])

    def _answer(self, snmp_engine: SnmpEngine, request: Request, asked: list[Bind]) -> None:
        if (request.security_model, request.security_level) != (USM, AUTH_PRIV):
            raise RefusedError("authorizationError", 1)
        binds = self._answers[request.pdu.tagSet](request, [tuple(name) for name, _ in asked])
        if octets(binds) > request.room:
            raise RefusedError("tooBig", 0)
        self.send_varbinds(snmp_engine, request.reference, 0, 0, binds)

    def _get(self, _: Request, asked: list[Oid]) -> list[Bind]:
        return [self._value(index, oid) for index, oid in enumerate(asked, start=1)]

    def _next(self, _: Request, asked: list[Oid]) -> list[Bind]:
        return [self._successor(index, oid) for index, oid in enumerate(asked, start=1)]

    def _bulk(self, request: Request, asked: list[Oid]) -> list[Bind]:
        """RFC 3416 section 4.2.3; fewer repetitions are given when they would not fit, or when one fails."""
        once = min(max(int(v2c.apiBulkPDU.get_non_repeaters(request.pdu)), 0), len(asked))
        binds, row = self._next(request, asked[:once]), asked[once:]
        for repetition in range(int(v2c.apiBulkPDU.get_max_repetitions(request.pdu)) if row else 0):
            try:
                more = [self._successor(once + index, oid) for index, oid in enumerate(row, start=1)]
            except RefusedError:
                if not repetition:
                    raise
                break
            if repetition and (len(binds) + len(more) > MAX_BINDS or octets(binds + more) > request.room):
                break
            binds += more
            row = [tuple(name) for name, _ in more]
            if all(value is rfc1905.endOfMibView for _, value in more):
                break
        return binds

    def _set(self, _: Request, _asked: list[Oid]) -> list[Bind]:
        raise RefusedError("noAccess", 1)

    def _value(self, index: int, oid: Oid) -> Bind:
        compute = _guarded(index, lambda: self._tree.get(oid))
        if compute is None:
            missing = rfc1905.noSuchInstance if self._tree.has_object(oid) else rfc1905.noSuchObject
            return rfc1902.ObjectName(oid), missing
        return rfc1902.ObjectName(oid), _guarded(index, compute)

    def _successor(self, index: int, oid: Oid) -> Bind:
        found: tuple[Oid, Compute] | None = _guarded(index, lambda: self._tree.next(oid))
        if found is None:
            return rfc1902.ObjectName(oid), rfc1905.endOfMibView
        return rfc1902.ObjectName(found[0]), _guarded(index, found[1])


def _guarded(index: int, compute: Compute) -> Any:
    """A computed value; what cannot be computed is a genErr of this binding alone."""
    try:
        return compute()
    except CollectError as error:
        raise RefusedError("genErr", index) from error
    except Exception as error:  # the edge: a fault of ours in one object must not silence the others
        log.exception("an object could not be computed")
        raise RefusedError("genErr", index) from error


def octets(binds: list[Bind]) -> int:
    """How large a scoped PDU with these bindings is in BER, rounded up."""
    return SCOPED_PDU_OVERHEAD + sum(_oid_octets(name) + _value_octets(value) + BIND_OVERHEAD for name, value in binds)


def _oid_octets(oid: Oid) -> int:
    return sum(max(1, -(-arc.bit_length() // 7)) for arc in oid)


def _value_octets(value: Any) -> int:
    if isinstance(value, rfc1902.OctetString):
        return len(value)
    return _oid_octets(value) if isinstance(value, rfc1902.ObjectIdentifier) else 9
