"""Copied below the playbook's folder: gives Ansible the templates' filters and the variables of each site."""

import importlib.util
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLAY = Path(__file__).resolve().parents[1]


def _native() -> Any:
    """Linjevakt's filters without the rest of Linjevakt, whose import is not Ansible's to pay."""
    spec = importlib.util.spec_from_file_location("native", PLAY / "native.py")
    if spec is None or spec.loader is None:
        raise ImportError("native.py is not in the playbook's folder")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _variables(router: str) -> dict[str, Any]:
    native = _native()
    variables: dict[str, Any] = pickle.loads((PLAY / f"{router}.pickle").read_bytes())  # noqa: S301 - written just now by us
    return {**variables, "secret": lambda name: native.Native(f"@{{secret:{name}}}")}


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to filter."""
        return {**_native().FILTERS, "site_variables": _variables}
