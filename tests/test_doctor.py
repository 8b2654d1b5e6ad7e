"""The doctor finds what is wrong with a machine or a file, says it in one line, and never with a traceback."""

from __future__ import annotations

import importlib.metadata
import io
import shutil
import struct
import wave

import datasets
import numpy as np
import pytest
import soundfile
from transformers.utils import logging

from helpers import doctor, plots, sources
from helpers.doctor import Check, check, check_file, report

TITLES = ["Python", "packages", "source", "sound", "model", "disk", "memory", "GPU", "widgets", "Korean font"]


def by_title(checks: list[Check]) -> dict[str, Check]:
    assert len({found.title for found in checks}) == len(checks)
    return {found.title: found for found in checks}


# --- the report -----------------------------------------------------------------------------------------------------------


def test_report_prints_one_marked_line_for_each_check(capsys):
    assert report([Check(True, "sound", "decodes"), Check(None, "disk", "1 GB free"), Check(False, "model", "missing")]) is None
    assert capsys.readouterr().out == "[ OK ] sound: decodes\n[WARN] disk: 1 GB free\n[FAIL] model: missing\n"


# --- the machine ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def healthy() -> list[Check]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_LANG", "en")
        patch.delenv("COURSE_SOURCE", raising=False)
        return check()


def test_every_check_of_this_machine_passes(healthy):
    assert [found.title for found in healthy] == TITLES
    assert [str(found) for found in healthy if found.ok is False] == []
    found = by_title(healthy)
    assert "clips decodes" in found["sound"].detail
    assert "s at 16000 Hz" in found["sound"].detail
    assert found["model"].ok is True, found["model"]
    assert "hears pay_bill" in found["model"].detail
    assert f"datasets {importlib.metadata.version('datasets')}" in found["packages"].detail
    assert all("\n" not in str(line) for line in healthy)


def test_checking_leaves_the_libraries_as_talkative_as_they_were():
    before = logging.get_verbosity(), logging.is_progress_bar_enabled(), datasets.are_progress_bars_disabled()
    with doctor._quiet():
        assert not logging.is_progress_bar_enabled()
        assert datasets.are_progress_bars_disabled()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled(), datasets.are_progress_bars_disabled()) == before


def only(title: str, monkeypatch: pytest.MonkeyPatch) -> Check:
    """The result of one check, run as `check` runs it."""
    chosen = [pair for pair in doctor._checks() if pair[0] == title]
    monkeypatch.setattr(doctor, "_checks", lambda: chosen)
    (found,) = check()
    return found


@pytest.mark.parametrize("title", ["sound", "model"])
def test_missing_bundled_folders_are_a_line(title, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BUNDLED", tmp_path)
    found = only(title, monkeypatch)
    assert found.ok is False
    assert "the bundled minds14 is missing" in found.detail


def test_whatever_breaks_is_a_line_not_a_traceback(monkeypatch, capsys):
    def broken() -> Check:
        raise RuntimeError("libsndfile.so: cannot open shared object\nat 0x7f")

    monkeypatch.setattr(doctor, "_checks", lambda: [("sound", broken)])
    (found,) = check()
    assert str(found).startswith("[FAIL] sound: RuntimeError: libsndfile.so: cannot open shared object (set the environment up")
    assert capsys.readouterr() == ("", "")


def test_packages_outside_their_ranges_are_named(monkeypatch):
    wanted = ["numpy>=99", "no-such-package>=1", "pytest>=1", 'tqdm>=99; extra == "test"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: wanted)
    found = only("packages", monkeypatch)
    assert found.ok is False
    assert f"numpy>=99 is wanted, {np.__version__} is here" in found.detail
    assert "no-such-package>=1 is missing" in found.detail
    assert "pytest" not in found.detail
    assert "tqdm" not in found.detail


def test_a_course_that_is_not_installed_is_a_warning(monkeypatch):
    monkeypatch.setattr(doctor, "DISTRIBUTION", "no-such-distribution")
    assert only("packages", monkeypatch).ok is None


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(doctor.platform, "python_version", lambda: "3.9.1")
    found = only("Python", monkeypatch)
    assert found.ok is False
    assert found.detail == "3.9.1; >=3.11 is needed."


def test_a_full_disk_and_a_small_memory_are_warnings(monkeypatch):
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000_000))
    monkeypatch.setattr(doctor, "_total_memory", lambda: 2e9)
    found = by_title([doctor._disk(), doctor._memory()])
    assert found["disk"].ok is True
    assert found["memory"].ok is None
    monkeypatch.setenv("COURSE_SOURCE", "hub")  # whose checkpoint is larger
    assert doctor._disk().ok is None
    monkeypatch.setattr(doctor, "_total_memory", lambda: None)
    assert doctor._memory().ok is None


def test_memory_is_known_without_psutil(monkeypatch):
    known = doctor._total_memory()
    monkeypatch.setitem(__import__("sys").modules, "psutil", None)
    assert doctor._total_memory() == pytest.approx(known, rel=0.01)


def test_a_missing_widget_extension_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    found = only("widgets", monkeypatch)
    assert found.ok is None
    assert "--force-reinstall jupyterlab_widgets anywidget" in found.detail


def test_an_older_environment_without_anywidget_is_named(tmp_path, monkeypatch):
    manifest = tmp_path / "@jupyter-widgets" / "jupyterlab-manager" / "package.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"version": "5.0.15"}')
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    found = only("widgets", monkeypatch)
    assert found.ok is None
    assert found.detail.endswith("--force-reinstall anywidget")


def test_a_missing_korean_font_matters_to_korean_readers(monkeypatch):
    monkeypatch.setattr(plots, "cjk_font", lambda: None)
    assert doctor._font().ok is True
    monkeypatch.setenv("COURSE_LANG", "ko")
    assert doctor._font().ok is None


def test_an_unknown_source_is_a_line(monkeypatch):
    monkeypatch.setenv("COURSE_SOURCE", "nowhere")
    found = only("source", monkeypatch)
    assert found.ok is False
    assert "'nowhere'" in found.detail


# --- a learner's file -----------------------------------------------------------------------------------------------------

RATE = 16_000
GOOD = (0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype(np.float32)


def wav(y: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, y, rate, format="WAV", subtype=subtype)
    return buffer.getvalue()


# name: (bytes, the line's title, its mark, what it says)
FILES = {
    "undecodable": (b"\0\1\2\3" * 99, "file", False, "its format is not known"),
    "text": (b"This is not sound.", "file", False, "it is text, not sound"),
    "empty": (b"", "file", False, "it is empty (0 bytes)"),
    "m4a": (b"\0\0\0\x20ftypM4A " + bytes(64), "file", False, "which only FFmpeg reads: convert it to WAV"),
    "no samples": (wav(GOOD[:0]), "length", False, "0 samples: nothing was recorded."),
    "50 ms": (wav(GOOD[:800]), "length", False, "50 ms, too short to hold a word: at least 100 ms are needed."),
    "NaN": (
        wav(np.append(GOOD, np.nan), subtype="FLOAT"),
        "level",
        False,
        "NaN or infinite samples: 1. Every score would be NaN.",
    ),
    "int16 as float": (wav(GOOD * 32767, subtype="FLOAT"), "level", False, "whole numbers were stored as floats."),
    "stereo": (wav(np.stack([GOOD, GOOD], 1)), "channels", True, "2; they are mixed down to one when it is decoded"),
    "another rate": (wav(GOOD, 44_100), "sampling rate", True, "44100 Hz; it is resampled to 16000 Hz when you decode it"),
    "low rate": (wav(GOOD, 6_000), "sampling rate", None, "6000 Hz holds nothing above 3 kHz"),
    "silent": (wav(GOOD * 1e-4), "level", None, "silent: nothing is louder than 0.001 of full scale."),
    "clipped": (wav(np.clip(GOOD * 9, -1, 1)), "level", None, "of the samples are at full scale: it is clipped."),
    "long": (wav(np.tile(GOOD, 20)), "length", None, "40.0 s; the bundled model hears the first 15 s only."),
    "good": (wav(GOOD), "level", True, "peak 0.50 of full scale"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_gets_a_sentence_for_what_is_right_or_wrong_with_it(name, tmp_path, monkeypatch):
    data, title, ok, says = FILES[name]
    path = tmp_path / "my_call.wav"
    path.write_bytes(data)
    english = by_title(check_file(path))
    assert english[title].ok is ok
    assert says in english[title].detail
    failed = any(found.ok is False for found in english.values())
    assert ("next" in english) is not failed
    monkeypatch.setenv("COURSE_LANG", "ko")
    korean = check_file(path)
    assert [found.ok for found in korean] == [found.ok for found in english.values()]
    wrong = [str(found) for found in korean if found.ok is not True]
    assert all(any("가" <= letter <= "힣" for letter in line) for line in wrong)
    assert not {str(found) for found in english.values() if found.ok is not True} & set(wrong)


def test_a_good_file_is_all_ok_and_can_be_used_as_the_last_line_says(tmp_path, monkeypatch):
    path = tmp_path / "my_call.wav"
    path.write_bytes(wav(GOOD))
    checks = check_file(path)
    assert [found.title for found in checks] == ["file", "length", "sampling rate", "channels", "level", "next"]
    assert all(found.ok for found in checks)
    import helpers

    heard: list[np.ndarray] = []
    monkeypatch.chdir(tmp_path)
    exec(checks[-1].detail, {"helpers": helpers, "classifier": heard.append})
    assert heard[0].shape == (2 * RATE,)


def test_a_missing_file_and_a_folder_are_a_line(tmp_path):
    (missing,) = check_file(tmp_path / "nowhere.wav")
    assert str(missing).startswith("[FAIL] file: There is no file ")
    (folder,) = check_file(tmp_path)
    assert folder.detail.endswith("is a folder: name a sound file in it.")


def test_three_hours_are_reported_as_such(tmp_path):
    path = tmp_path / "meeting.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(b"")
    header, size = path.stat().st_size, 3 * 3_600 * 8_000
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", header - 8 + size))
        file.seek(header - 4)
        file.write(struct.pack("<I", size))
        file.truncate(header + size)
    found = by_title(check_file(path))
    assert found["length"].ok is None
    assert found["length"].detail.startswith("3 h 00 min; the bundled model hears the first 15 s only.")
