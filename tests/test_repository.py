"""The repository itself: two lists of packages that must agree, what may not be committed, and that set-up can be believed."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers import lessons

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    """Everything that is committed, or would be with the next `git add`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    assert ROOT / "pyproject.toml" in files
    return files


def as_pairs(lines: list[str]) -> dict[str, str]:
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): str(requirement.specifier) for requirement in requirements}


def test_environment_yml_and_pyproject_list_the_same_packages():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = [line for line in listed if isinstance(line, str)]
    (pip,) = [entry["pip"] for entry in listed if isinstance(entry, dict)]
    assert "-e .[scale]" in pip
    packages = as_pairs([line for line in [*conda, *pip] if not line.startswith("-e ")])
    assert packages.pop("python") == PROJECT["requires-python"]
    packages.pop("pip")
    assert packages == as_pairs(PROJECT["dependencies"])


def test_constraints_pin_every_package_once_and_inside_its_range():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"==[^,*+]+", str(pin.specifier)) for pin in pins), (
        "exact versions, without a local part such as +cpu"
    )
    versions = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins}
    assert len(versions) == len(pins)
    extras = PROJECT["optional-dependencies"]
    wanted = [Requirement(line) for line in [*PROJECT["dependencies"], *extras["test"], *extras["scale"], *extras["site"]]]
    for requirement in wanted:
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


def test_every_dependency_says_which_lesson_needs_it():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("\ndependencies = [\n")[1].split("\n]")[0].splitlines()
    assert all(re.search(r'",\s+# .*(lesson|course run|course build)', line) for line in lines)


def test_glossary_has_each_term_once_and_every_link_finds_one():
    terms = re.findall(r'<a id="([^"]+)"></a>', (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    assert [term for term in terms if terms.count(term) > 1] == []
    links = {
        (path.name, term)
        for path in (ROOT / "notebooks" / "source").glob("*.py")
        for term in re.findall(r"glossary\.md#([\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert links
    assert {link for link in links if link[1] not in terms} == set()


def test_no_committed_file_is_larger_than_20_mb(committed):
    assert [path.name for path in committed if path.stat().st_size > 20e6] == []


def test_no_committed_notebook_is_larger_than_3_mb(committed):
    assert [path.name for path in committed if path.suffix == ".ipynb" and path.stat().st_size > lessons.MOST_BYTES] == []


# Put together here, so that this file does not name them either.
REGISTRIES = [b"py" + b"pi.org", b"pythonhost" + b"ed.org", b"npm" + b"js.org", b"deb." + b"debian.org"]
MACHINE = re.compile(rb"(?<![\w./-])/(?:work|opt|root)/\w[^\s'\"]*")


def test_no_committed_file_names_a_registrys_host_or_a_path_of_one_machine(committed):
    found = []
    for path in committed:
        if path.suffix in {".parquet", ".safetensors", ".png", ".jpg"}:
            continue
        content = path.read_bytes()
        found += [(path.name, host) for host in REGISTRIES if host in content]
        found += [(path.name, match[0]) for match in MACHINE.finditer(content)]
    assert found == []


def test_every_script_is_executable_and_shell(committed):
    for name in (".ci/run", "tests/without_network"):
        listed = subprocess.run(["git", "ls-files", "-s", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert not listed or listed.startswith("100755")
        assert (ROOT / name).read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
