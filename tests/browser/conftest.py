"""One JupyterLab on loopback, as `course lab` starts it, and one Chromium with a microphone that plays a bundled call."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from chromium import PICTURES, TOKEN, Browser, Lab, Spoken
from helpers import cli, lessons

ROOT = Path(__file__).parents[2]
LESSONS = ("03_see_the_waveform", "04_pipeline")
EDITIONS = ("en", "ko")


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    """The first bundled call that the bundled model is sure of, and right about: what is played must be told from noise."""
    from datasets import load_dataset
    from transformers import pipeline

    from helpers import Audio, sources

    minds = load_dataset(sources.minds14().path, name="en-AU", split="train")
    heard, kept = (minds.cast_column("audio", column) for column in (Audio(sampling_rate=16_000), Audio(decode=False)))
    classifier = pipeline("audio-classification", model=sources.intent_model().path)
    for i in range(40):
        label = minds.features["intent_class"].int2str(heard[i]["intent_class"])
        best = classifier(heard[i]["audio"]["array"], top_k=1)[0]
        if best["label"] == label and best["score"] > 0.9:
            return Spoken(kept[i]["audio"]["bytes"], label)
    raise AssertionError("the bundled model is sure of none of the first 40 calls")


def _free_port() -> int:
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        return int(there.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab with fresh copies of the lessons, in a home where nobody has set anything."""
    root = tmp_path_factory.mktemp("course")
    for edition in EDITIONS:
        (root / "notebooks" / edition).mkdir(parents=True)
        for name in LESSONS:
            shutil.copy(ROOT / "notebooks" / edition / f"{name}.ipynb", root / "notebooks" / edition)
    cli.copy_lessons(lessons.Course(root, "nobody/course", "main"))
    home = tmp_path_factory.mktemp("home")
    away = ("COURSE_", "JUPYTER", "JPY_", "XDG_", "IPYTHON", "MPLBACKEND")
    env = {name: value for name, value in os.environ.items() if not name.startswith(away)}
    # One thread a kernel: two kernels run side by side, on two cores.
    env |= {"HOME": str(home), "HF_HUB_OFFLINE": "1", "JUPYTER_TOKEN": TOKEN, "OMP_NUM_THREADS": "1"}
    port = _free_port()
    log = (root / "lab.log").open("wb")
    process = subprocess.Popen(
        cli.lab_command(root / "work", port, browser=False), env=env, stdout=log, stderr=subprocess.STDOUT, cwd=root
    )
    here = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{here}/api?token={TOKEN}", timeout=5)
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert process.poll() is None, (root / "lab.log").read_text(encoding="utf-8")
                time.sleep(0.25)
        yield Lab(here, root / "work")
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


@pytest.fixture(scope="module")
def capture(spoken: Spoken, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The call as the file that Chromium plays for a microphone: 16-bit PCM (it plays mu-law as silence), silence around it."""
    y, rate = soundfile.read(io.BytesIO(spoken.stored), dtype="float32")
    path = tmp_path_factory.mktemp("capture") / "call.wav"
    soundfile.write(path, np.concatenate([np.zeros(rate // 2), y, np.zeros(rate)]), rate, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def browser(chromium_program: str, capture: Path) -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright; the microphone plays `capture` once each time it is opened."""
    from playwright.sync_api import sync_playwright

    arguments = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={capture}%noloop"]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=chromium_program, args=arguments)
        yield Browser(chromium)
        chromium.close()
