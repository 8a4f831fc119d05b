"""Real routers in network namespaces, for tests and demonstrations."""

__version__ = "0.1.0"
