"""Gives tests a network of their own to do in what they like."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.integration.agent import namespaces


@pytest.fixture
def in_namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[namespaces.InNamespace]:
    """Run a function in a fresh network namespace with wan0, wan1 and lan0."""
    monkeypatch.setenv("LINJEVAKT_ROOT", str(tmp_path))
    with ThreadPoolExecutor(1, initializer=namespaces.enter) as thread:
        yield lambda body: thread.submit(body).result(timeout=60)
