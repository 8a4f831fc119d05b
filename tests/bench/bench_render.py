"""From inventory to configuration: a thousand generated sites, and the same templates through Nornir and Ansible."""

import os
import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
from nornir.core import Nornir
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import Result, Task
from nornir.plugins.runners import SerialRunner, ThreadedRunner
from nornir_jinja2.plugins.tasks import template_file, template_string
from pydantic import BaseModel
from tests.bench import ansible, ansible_filters
from tests.bench.figures import Contender, Figure, Unavailable, compare
from tests.golden.cases import IDENTITY

from linjevakt import intent, inventory, platforms, render
from linjevakt.model.dossier import dossier
from linjevakt.model.intent import Intent
from linjevakt.render import native

SITES = 1000
FEW = 10
ANSIBLE_FEW = 5
ROUNDS = 3
THREADS = 20  # Nornir's default
MS = "ms a site"

Variables = Mapping[str, Any]
RenderSection = Callable[[Task, str, Variables], str]


def measure() -> list[Figure]:
    """Wall-clock milliseconds for each site. Every contender's text is compared with ours before it is timed."""
    fleet, catalogue = inventory.generate(SITES), inventory.load_catalogue()
    names = [site.router.name for site in fleet.sites]

    def build(name: str) -> Intent:
        return intent.build(dossier(fleet, name), catalogue, IDENTITY)

    intents = {name: build(name) for name in names}
    with tempfile.TemporaryDirectory(prefix="linjevakt-bench-") as folder:
        contenders = [
            Contender(
                "Linjevakt: render", lambda: _per_site(SITES, lambda: [render.render(i) for i in intents.values()])
            ),
            Contender(
                "Linjevakt: intent + render",
                lambda: _per_site(SITES, lambda: [render.render(build(name)) for name in names]),
            ),
            *_nornirs(intents),
            _ansible(intents, Path(folder)),
        ]
        return compare(f"Render {SITES} sites (14 files each)", contenders, ROUNDS)


def _per_site(sites: int, work: Callable[[], object]) -> dict[str, float]:
    begun = time.perf_counter()
    work()
    return {MS: 1000 * (time.perf_counter() - begun) / sites}


def _require_same(text: object, wanted: Intent) -> None:
    if text != render.render(wanted).text:
        raise Unavailable(f"it renders another text than ours for {wanted.router}, so there is nothing to compare")


# --- Nornir --------------------------------------------------------------------------------------------------------


def _nornirs(intents: Mapping[str, Intent]) -> Iterable[Contender]:
    folder = platforms.named("linux").folder
    environment = _environment(folder)
    texts = {file.name: file.read_text() for file in folder.glob("*.j2")}

    def kept(task: Task, name: str, variables: Variables) -> str:
        return str(task.run(template_file, template=name, jinja_env=environment, **variables).result)

    def by_path(task: Task, name: str, variables: Variables) -> str:
        found = task.run(template_file, template=name, path=str(folder), jinja_filters=native.FILTERS, **variables)
        return str(found.result)

    def by_text(task: Task, name: str, variables: Variables) -> str:
        return str(task.run(template_string, template=texts[name], jinja_filters=native.FILTERS, **variables).result)

    few = dict(list(intents.items())[:FEW])
    note = f"measured on {FEW} sites: it compiles every template anew for every site"
    yield _nornir("Nornir template_file, our environment", intents, kept, SerialRunner())
    yield _nornir(f"the same, {THREADS} threads", intents, kept, ThreadedRunner(THREADS))
    yield _nornir("Nornir template_file(path=...)", few, by_path, SerialRunner(), note)
    yield _nornir("Nornir template_string", few, by_text, SerialRunner(), note)


def _environment(folder: Path) -> jinja2.Environment:
    """As ours: compiled templates are kept, every value is checked."""
    environment = jinja2.Environment(  # noqa: S701 - configuration files, not HTML
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        finalize=native.finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(native.FILTERS)
    return environment


def _nornir(
    who: str,
    intents: Mapping[str, Intent],
    section: RenderSection,
    runner: SerialRunner | ThreadedRunner,
    note: str = "",
) -> Contender:
    hosts = Hosts({name: Host(name=name) for name in intents})
    nornir = Nornir(Inventory(hosts, Groups(), Defaults()), runner=runner)
    variables = {name: _variables(wanted) for name, wanted in intents.items()}

    def configuration(task: Task) -> Result:
        text = _joined(lambda name: section(task, f"{name}.j2", variables[task.host.name]))
        return Result(task.host, result=text)

    def run() -> dict[str, float]:
        name, wanted = next(iter(intents.items()))
        _require_same(nornir.filter(name=name).run(task=configuration)[name].result, wanted)
        return _per_site(len(intents), lambda: nornir.run(task=configuration))

    return Contender(who, run, note)


def _variables(wanted: Intent) -> dict[str, Any]:
    def secret(name: str) -> native.Native:
        return native.Native(f"@{{secret:{name}}}")

    return {**vars(wanted), "settings": platforms.named(wanted.platform).settings, "secret": secret}


def _joined(body_of: Callable[[str], str]) -> str:
    platform = platforms.named("linux")
    bodies = {name: body_of(name).strip("\n") for name in platform.sections}
    return f"{platform.header}\n" + "".join(f"##### {name}\n{body}\n" for name, body in bodies.items() if body.strip())


# --- Ansible -------------------------------------------------------------------------------------------------------


def _ansible(intents: Mapping[str, Intent], folder: Path) -> Contender:
    """One `template` task a site that makes the whole text, so that Ansible pays for one task and not for fourteen."""
    names = list(intents)[:ANSIBLE_FEW]
    plugins = folder / "filter_plugins"
    plugins.mkdir()
    (folder / "templates").symlink_to(platforms.named("linux").folder)
    shutil.copy(str(ansible_filters.__file__), plugins)
    shutil.copy(str(native.__file__), folder)
    for name in names:
        plain = {key: _plain(value) for key, value in _variables(intents[name]).items() if key != "secret"}
        (folder / f"{name}.pickle").write_bytes(pickle.dumps(plain))
    (folder / "whole.j2").write_text(_whole(_variables(intents[names[0]])))
    one, few = (_play(folder / str(count), folder, names[:count]) for count in (1, ANSIBLE_FEW))

    def run() -> dict[str, float]:
        start, whole = ansible.run(folder, one).wall_s, ansible.run(folder, few).wall_s
        _require_same((folder / names[0]).read_text(), intents[names[0]])
        return {MS: 1000 * (whole - start) / (ANSIBLE_FEW - 1)}

    note = f"from {ANSIBLE_FEW} sites, its start not counted; one task a site, {os.cpu_count()} forks, written to disk"
    return Contender("Ansible template, local", run, note)


def _play(place: Path, folder: Path, names: Iterable[str]) -> list[str]:
    place.mkdir()
    options = {"trim_blocks": True, "lstrip_blocks": True}
    tasks = [
        {"template": {"src": str(folder / "whole.j2"), "dest": f"{folder}/{{{{ inventory_hostname }}}}", **options}}
    ]
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    return ansible.play(place, tasks, dict.fromkeys(names, local), forks=os.cpu_count() or 1)


def _whole(variables: Iterable[str]) -> str:
    """A template that includes all the platform's own, unchanged, with the site's variables at hand."""
    platform = platforms.named("linux")
    lines = ["{% set site = inventory_hostname | site_variables %}"]
    lines += [f"{{% set {name} = site.{name} %}}" for name in variables]
    lines += [platform.header]
    for name in platform.sections:
        lines += [f'{{% set body %}}{{% include "{name}.j2" %}}{{% endset %}}', "{% if body and body.strip() %}"]
        lines += [f"##### {name}", '{{ body.strip("\\n") }}', "{% endif %}"]
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> Any:
    """The same for a reader of attributes, of the standard library's types alone."""
    match value:
        case Enum():
            return SimpleNamespace(value=value.value)
        case None | str() | int() | IPv4Address() | IPv4Interface() | IPv4Network():
            return value
        case tuple() | list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
    return SimpleNamespace(**{name: _plain(getattr(value, name)) for name in _attributes(value)})


def _attributes(value: Any) -> list[str]:
    if is_dataclass(value):
        named = [field.name for field in fields(value) if not field.name.startswith("_")]
    else:
        named = list(type(value).model_fields) if isinstance(value, BaseModel) else []
    return named + [name for name, member in vars(type(value)).items() if isinstance(member, property)]
