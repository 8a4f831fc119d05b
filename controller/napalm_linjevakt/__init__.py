"""NAPALM driver `linjevakt`: the open Linux router with Linjevakt's agent, over SSH."""

from napalm_linjevakt.linjevakt import LinjevaktDriver

__all__ = ["LinjevaktDriver"]
