"""How one network gives way to another on a box whose other organisations go on working; pure."""

import msgspec

from linjevakt_agent.base.schema import LanPort, Network


def leaving(old: Network, new: Network) -> frozenset[str]:
    """Return the ports that are no longer what they were; not one that carries the VLANs of others."""
    return frozenset(port.name for port in old.port if port not in new.port) - new.parents


def only_ports(old: Network, new: Network) -> bool:
    """Whether nothing but ports changes: lines, routes and the management address stay."""
    return msgspec.structs.replace(old, port=new.port) == new


def together(old: Network, new: Network) -> Network:
    """Return `new` with, on each of its ports, the addresses from before as well."""
    before = {port.name: port.addresses for port in old.port}

    def widened(port: LanPort) -> LanPort:
        addresses = dict.fromkeys(port.addresses + before.get(port.name, ()))
        return msgspec.structs.replace(port, addresses=tuple(addresses))

    return msgspec.structs.replace(new, port=tuple(widened(port) for port in new.port))
