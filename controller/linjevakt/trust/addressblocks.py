"""The X.509 extension that says which IP networks a certificate's holder may speak for (RFC 3779, section 2)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, collapse_addresses, summarize_address_range

from cryptography.x509 import ObjectIdentifier, UnrecognizedExtension
from pyasn1.codec.der.decoder import decode
from pyasn1.codec.der.encoder import encode
from pyasn1.type import univ
from pyasn1.type.namedtype import NamedType, NamedTypes

OID = ObjectIdentifier("1.3.6.1.5.5.7.1.7")  # id-pe-ipAddrBlocks, RFC 3779 section 2.2.1
_IPV4 = bytes.fromhex("0001")  # address family number of IPv4 (IANA), without a SAFI
_BITS = 32


_RANGE = univ.Sequence(componentType=NamedTypes(NamedType("min", univ.BitString()), NamedType("max", univ.BitString())))
_PREFIX_OR_RANGE = univ.Choice(
    componentType=NamedTypes(NamedType("addressPrefix", univ.BitString()), NamedType("addressRange", _RANGE))
)
_FAMILY = univ.Sequence(
    componentType=NamedTypes(
        NamedType("addressFamily", univ.OctetString()),
        NamedType("ipAddressChoice", univ.SequenceOf(componentType=_PREFIX_OR_RANGE)),
    )
)
_BLOCKS = univ.SequenceOf(componentType=_FAMILY)


def extension(networks: Iterable[IPv4Network]) -> UnrecognizedExtension:
    """The extension's value in canonical form: sorted, and neighbours joined even where that makes a range."""
    family = _FAMILY.clone()
    family["addressFamily"] = _IPV4
    family["ipAddressChoice"].extend([_entry(first, last) for first, last in _spans(networks)])
    blocks = _BLOCKS.clone()
    blocks.append(family)
    return UnrecognizedExtension(OID, encode(blocks))


def networks(value: bytes) -> tuple[IPv4Network, ...]:
    """The IPv4 networks of an extension's value, sorted and joined."""
    blocks, _ = decode(value, asn1Spec=_BLOCKS)
    found: list[IPv4Network] = []
    for family in blocks:
        if bytes(family["addressFamily"])[:2] == _IPV4:
            for entry in family["ipAddressChoice"]:
                found += summarize_address_range(*_span(entry))
    return tuple(collapse_addresses(found))


def _spans(networks: Iterable[IPv4Network]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for network in collapse_addresses(networks):
        first, last = int(network.network_address), int(network.broadcast_address)
        if spans and spans[-1][1] + 1 == first:
            first = spans.pop()[0]
        spans.append((first, last))
    return spans


def _entry(first: int, last: int) -> univ.Choice:
    prefixes = list(summarize_address_range(IPv4Address(first), IPv4Address(last)))
    entry = _PREFIX_OR_RANGE.clone()
    if len(prefixes) == 1:
        entry["addressPrefix"] = _bits(first, prefixes[0].prefixlen)
    else:
        entry["addressRange"]["min"] = _bits(first, _significant(first))
        entry["addressRange"]["max"] = _bits(last, _significant(last ^ (2**_BITS - 1)))
    return entry


def _significant(value: int) -> int:
    """How many leading bits are left when trailing zeros are dropped (of an upper bound: ones; the caller inverts)."""
    return _BITS - ((value & -value).bit_length() - 1) if value else 0


def _bits(value: int, length: int) -> univ.BitString:
    return univ.BitString(binValue=f"{value:0{_BITS}b}"[:length])


def _span(entry: univ.Choice) -> tuple[IPv4Address, IPv4Address]:
    name = entry.getName()
    low, high = (entry[name], entry[name]) if name == "addressPrefix" else (entry[name]["min"], entry[name]["max"])
    return _filled(low, "0"), _filled(high, "1")


def _filled(bits: univ.BitString, filler: str) -> IPv4Address:
    return IPv4Address(int("".join(map(str, bits)).ljust(_BITS, filler), 2))
