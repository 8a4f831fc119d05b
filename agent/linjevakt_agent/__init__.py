"""Linjevakt's on-box agent: configuration as a transaction, a watch on every line, health over SNMPv3."""

__version__ = "0.1.0"
