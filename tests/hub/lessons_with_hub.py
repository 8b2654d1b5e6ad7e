"""The lessons themselves with the source `hub`: over loopback, then twice from a prefetched folder with the hub stopped.

Not named test_*: it executes the lessons three times, so `make test-all` alone calls it, by its name.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

import contents
from helpers import lessons
from loopback import Hub
from notebook import hub_environment

ROOT = Path(__file__).parents[2]
# Lesson 09 asks for five other models and data sets of the Hub, which the loopback hub does not hold.
NAMES = [path.stem for path in lessons.find(ROOT / "notebooks" / "source") if path.stem != "09_other_sounds"]
NUMBERS = [name[:2] for name in NAMES]


def course(*arguments: str | Path, **env: str) -> str:
    """Run the command `course` as a learner does; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "helpers", *map(str, arguments)],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def environment(endpoint: str, home: Path, **more: str) -> dict[str, str]:
    env = hub_environment(endpoint, home, HF_HUB_ETAG_TIMEOUT="10", HF_HUB_DOWNLOAD_TIMEOUT="10", **more)
    return {name: value for name, value in env.items() if name not in {"COURSE_LANG", "TQDM_DISABLE"}}


def committed() -> str:
    """What git says of the built notebooks: a run with the Hub must not touch them."""
    command = ["git", "status", "--porcelain", "notebooks"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def printed(name: str) -> str:
    """All that the cells of a lesson printed or showed as text, in the last run."""
    notebook = nbformat.read(ROOT / "build" / "run" / "en" / f"{name}.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


@pytest.fixture(scope="module")
def stick(hub_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefetched folder whose hub is gone."""
    folder = tmp_path_factory.mktemp("usb") / "stick"
    with Hub(hub_folder, contents.COMMITS) as hub:
        course("prefetch", "--to", folder, **environment(hub.endpoint, tmp_path_factory.mktemp("home")))
    return folder


@pytest.fixture(scope="module")
def over_loopback(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    before = committed()
    yield course("run", *NUMBERS, **environment(hub.endpoint, tmp_path_factory.mktemp("home")))
    assert committed() == before


def test_every_lesson_runs_over_loopback(over_loopback: str):
    assert f"{len(NAMES)} of {len(NAMES)} lessons ran" in over_loopback
    for name in NAMES:
        printed(name)


def test_lessons_say_what_they_use(over_loopback: str):
    said = printed("00_start_here")
    assert re.search(r"Genuine MInDS-14 recordings .* downloaded once, en-AU about 37 MB, and kept in \S+", said)
    assert re.search(r"XLS-R 300M .*commit [0-9a-f]{12}\)\. It is downloaded once, about 1\.26 GB, and kept in \S+", said)
    assert "Synthetic" not in said


def test_genuine_figures(over_loopback: str, genuine: Path):
    """MINDS14.md: 654 rows, 624 under 20 s; row 0's path, label, samples and length at 16 kHz."""
    assert re.search(r"num_rows: 654\b", printed("00_start_here"))
    assert re.search(r"^124830 samples / 16000 per second = 7\.80 s$", printed("00_start_here"), re.MULTILINE)
    assert re.search(r"^label: +pay_bill$", printed("00_start_here"), re.MULTILINE)
    first = printed("01_load_minds14")
    assert re.search(r"^path: en-AU~PAY_BILL/response_4\.wav$", first, re.MULTILINE)
    assert re.search(r"'array': array\(\[ *0\. +, +0\.00024414, -0\.00024414, \.\.\.", first)
    assert re.search(r"^654 -> 624$", first, re.MULTILINE)
    assert re.search(r"^62415 samples, 8000 a second: 7\.80 s$", printed("02_resample"), re.MULTILINE)


def test_every_lesson_runs_twice_from_a_prefetched_folder(stick: Path):
    before = committed()
    # Port 9 is nobody's: whoever asked a hub after all would be refused.
    env = environment("http://127.0.0.1:9", stick / "hf", HF_HUB_OFFLINE="1")
    for _ in range(2):
        assert f"{len(NAMES)} of {len(NAMES)} lessons ran" in course("run", *NUMBERS, **env)
        assert re.search(r"num_rows: \d+", printed("00_start_here"))
    assert committed() == before
