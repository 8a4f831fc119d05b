"""Linjevakt's controller: from inventory to a proven, encrypted connection of every site."""

__version__ = "0.1.0"
