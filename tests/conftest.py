"""What the tests share: a quiet, offline, English setting, a made-up clip, and the genuine recordings where they are at hand."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

# Before datasets, transformers and matplotlib are imported. No hub is asked, no window is opened, and what datasets caches
# goes away with the session instead of filling the home folder.
_CACHE = tempfile.TemporaryDirectory(prefix="course-tests-")
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_DATASETS_CACHE=_CACHE.name,
    HF_DATASETS_DISABLE_PROGRESS_BARS="1",
    MPLBACKEND="agg",
)

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

ROOT = Path(__file__).parent.parent
GENUINE = ROOT.parent / "shared" / "hub" / "datasets" / "PolyAI" / "minds14"

# The same examples on every run: a red build must mean a change. Timing is not what these tests are about.
settings.register_profile(
    "course", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("course")


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An English reader of the bundled source, whatever the machine's owner has chosen."""
    monkeypatch.setenv("COURSE_LANG", "en")
    monkeypatch.delenv("COURSE_SOURCE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Korean reader."""
    monkeypatch.setenv("COURSE_LANG", "ko")


@pytest.fixture(scope="session")
def genuine() -> Path:
    """The folder of the genuine MInDS-14 recordings, beside the project."""
    if not (GENUINE / "en-AU").is_dir():
        pytest.skip(
            "the genuine MInDS-14 recordings (shared/hub/datasets/PolyAI/minds14 beside the project) are not on this machine"
        )
    return GENUINE


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """Debian's Chromium, which Playwright drives in the tests of the site and of the lessons in JupyterLab."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("there is no Chromium on this machine (Debian, Ubuntu: apt install chromium)")
    return program


@pytest.fixture
def clip() -> dict[str, object]:
    """Two seconds at 16 kHz as an example's sound: silence, 440 Hz from 0.4 s to 1.4 s with its peak 0.5, silence."""
    rate = 16_000
    seconds = np.arange(2 * rate) / rate
    tone = 0.5 * np.sin(2 * np.pi * 440 * seconds) * ((seconds >= 0.4) & (seconds < 1.4))
    return {"path": "tone.wav", "array": tone.astype(np.float32), "sampling_rate": rate}
