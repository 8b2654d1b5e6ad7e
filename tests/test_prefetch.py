"""helpers.prefetch: the manifest, what is damaged, and the packages; with a hub it is tested in tests/hub."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import prefetch
from helpers.cli import main
from helpers.errors import SourceError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a manifest that is true of its two files."""
    stick = tmp_path / "stick"
    (stick / "hf").mkdir(parents=True)
    (stick / "hf" / "a.txt").write_text("A", encoding="utf-8")
    (stick / "b.txt").write_text("B", encoding="utf-8")
    (stick / prefetch.MANIFEST).write_text(json.dumps({"files": prefetch._measured(stick)}), encoding="utf-8")
    return stick


def test_folder_as_it_was_written_is_all_right(folder: Path, capsys):
    assert prefetch.damaged(folder) == {}
    (folder / "more.txt").touch()  # what a learner or a later run adds is no matter
    assert main(["prefetch", "--verify", str(folder)]) == 0
    assert "All 2 files" in capsys.readouterr().out


def test_damage_is_named_by_file(folder: Path, capsys):
    (folder / "hf" / "a.txt").write_text("a", encoding="utf-8")
    (folder / "b.txt").unlink()
    assert prefetch.damaged(folder) == {"hf/a.txt": "another content (SHA-256)", "b.txt": "missing"}
    (folder / "b.txt").write_text("BB", encoding="utf-8")
    assert main(["prefetch", "--verify", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "b.txt: 2 bytes instead of 1" in out
    assert "2 files are not as they were written" in out


def test_damage_is_thrown_out_before_files_are_fetched_again(folder: Path):
    (folder / "b.txt").write_text("C", encoding="utf-8")
    prefetch._throw_out_damaged(folder)
    assert not (folder / "b.txt").exists()
    assert (folder / "hf" / "a.txt").exists()


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"files": {"a": 1}}'])
def test_folder_without_a_manifest_says_what_to_do(tmp_path: Path, content: str | None, capsys):
    if content is not None:
        (tmp_path / prefetch.MANIFEST).write_text(content, encoding="utf-8")
    if content == "{}":
        with pytest.raises(SourceError, match="course prefetch --to"):
            prefetch.read_manifest(tmp_path)
    assert main(["prefetch", "--verify", str(tmp_path)]) == 2
    assert "no manifest.json that can be read" in capsys.readouterr().err


def test_prefetch_without_a_folder_says_how_to_name_one(capsys):
    assert main(["prefetch"]) == 2
    assert "course prefetch --to DIR" in capsys.readouterr().err


# --- packages -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with one package in it, for pip to download from."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "tiny-thing"\nversion = "1.0"\n[tool.setuptools]\npy-modules = []\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "-w", str(tmp_path / "packages"), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tmp_path / "packages"


def test_wheels_are_kept_beside_and_a_missing_one_is_said(packages: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(packages))
    (wheel,) = packages.iterdir()
    stick, constraints = tmp_path / "stick", tmp_path / "constraints.txt"
    constraints.write_text("tiny-thing==1.0\n", encoding="utf-8")
    prefetch._wheels(stick / "wheels", constraints)
    assert [path.name for path in (stick / "wheels").iterdir()] == ["tiny_thing-1.0-py3-none-any.whl"]
    constraints.write_text("tiny-thing==1.0\nno-such-thing==1.0\n", encoding="utf-8")
    with pytest.raises(SourceError, match="pip could not download every package"):
        prefetch._wheels(stick / "wheels", constraints)
    files = prefetch._measured(stick)
    assert (
        files["wheels/tiny_thing-1.0-py3-none-any.whl"]["size"] == (packages / "tiny_thing-1.0-py3-none-any.whl").stat().st_size
    )
    assert json.dumps(files)
