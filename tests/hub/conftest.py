"""A loopback hub, and notebooks that know no other."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import contents
from loopback import Hub
from notebook import IMPATIENT, Notebook, hub_environment

GENUINE = Path(__file__).parents[3] / "shared" / "hub" / "datasets" / "PolyAI" / "minds14"
logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request


@pytest.fixture(scope="session")
def hub_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the hub holds: the genuine recordings where they are at hand, else the bundled ones under the same ids."""
    return contents.make(tmp_path_factory.mktemp("hub"), GENUINE if GENUINE.is_dir() else None)


@pytest.fixture(scope="session")
def hub(hub_folder: Path) -> Iterator[Hub]:
    with Hub(hub_folder, contents.COMMITS) as running:
        yield running


@pytest.fixture(scope="session")
def open_notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Notebook]]:
    """Opens a notebook whose hub is at the given address; all are closed in the end."""
    opened: list[Notebook] = []

    def opens(endpoint: str, **more: str) -> Notebook:
        home = tmp_path_factory.mktemp("home")
        opened.append(Notebook(hub_environment(endpoint, home, COURSE_LANG="en", **more), home))
        opened[-1].run(IMPATIENT)
        return opened[-1]

    yield opens
    for notebook in opened:
        notebook.close()


@pytest.fixture(scope="session")
def notebook(hub: Hub, open_notebook: Callable[..., Notebook]) -> Notebook:
    """One kernel for all tests that can share it: what one of them leaves in the learner's kernel, the next finds there."""
    return open_notebook(hub.endpoint)
