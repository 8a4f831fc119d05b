"""The fleet over HTTP: API, one page, metrics; it only reads."""

from linjevakt.web.app import create

__all__ = ["create"]
