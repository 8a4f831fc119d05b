"""The fleet and the life of its connections over HTTP: API, one page, metrics."""

from linjevakt.web.app import create

__all__ = ["create"]
