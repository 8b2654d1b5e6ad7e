"""`pytest --nbval notebooks/en`: every lesson is executed again, and its outputs are held against those that are kept in it.

Adds to nbval what the course's notebooks need: the environment they were built in, no comparison of stderr (the builder drops
it), and a count of the cells that were compared, which may not fall below the one in `cells_compared.json`: without it, a lesson
whose cells lost their outputs or got tagged would pass in silence.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from helpers import lessons

ROOT = Path(__file__).parent.parent
COMPARED: Counter[str] = Counter()
LEFT_OUT: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    config.option.nbval_current_env = True  # a kernel of that name elsewhere on the machine is not ours
    config.option.nbval_sanitize_with = config.option.nbval_sanitize_with or str(ROOT / "tests" / "nbval_sanitize.cfg")
    config.option.nbval_cell_timeout = min(config.option.nbval_cell_timeout, lessons.CELL_SECONDS)
    env = lessons.environment("bundled")
    for name in set(os.environ) - set(env):
        del os.environ[name]
    os.environ.update(env)


def pytest_collectstart(collector: Any) -> None:
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


def pytest_deselected(items: list[pytest.Item]) -> None:
    LEFT_OUT.update(str(item.path) for item in items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Any:
    result = yield  # an exception passes through, and its cell is not counted
    if hasattr(item, "cell") and lessons.compared(item.cell):
        COMPARED[str(item.path)] += 1
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and _fallen(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    session = terminalreporter._session
    for path in _notebooks(session):
        terminalreporter.write_line(f"{path.relative_to(ROOT)}: {COMPARED[str(path)]} cells compared")
    terminalreporter.write_line(f"cells compared in all: {COMPARED.total()}")
    for line in [] if session.testsfailed else _fallen(session):  # a cell that failed says more than that it was not counted
        terminalreporter.write_line(line, red=True)


def _notebooks(session: pytest.Session) -> list[Path]:
    return sorted({item.path for item in session.items if item.path.suffix == ".ipynb"})


def _fallen(session: pytest.Session) -> list[str]:
    """A line for each whole notebook of which fewer cells were compared than the committed number says."""
    floors = lessons.read_floors(ROOT)
    return [
        f"{path.relative_to(ROOT)}: {COMPARED[str(path)]} cells compared, fewer than the {floors.get(path.stem, 0)} "
        f"in {lessons.FLOORS}; if that is meant, lower the number and say why in the commit"
        for path in _notebooks(session)
        if str(path) not in LEFT_OUT and COMPARED[str(path)] < floors.get(path.stem, 0)
    ]
