"""helpers.hub: what errors are called; with a hub that fails it is tested in tests/hub."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from datasets import ClassLabel, Features, Value

from helpers import hub, sources
from helpers.errors import SourceError


@pytest.fixture(autouse=True)
def online(monkeypatch):
    """The suite as a whole asks no hub; these errors are of a process that did."""
    monkeypatch.delenv("HF_HUB_OFFLINE")


# As the installed clients word them (huggingface_hub 2.4, datasets 5.2, transformers 5.23).
ABOUT_THE_HUB = {
    "refuses the connection": ConnectionError("[Errno 111] Connection refused"),
    "no way to": OSError("We couldn't connect to 'https://huggingface.co' to load the files"),
    "has stopped answering": TimeoutError("timed out"),
    "The disk is full": OSError(errno.ENOSPC, "No space left on device"),
    "no configuration en-NZ": ValueError("BuilderConfig 'en-NZ' not found. Available: ['en-AU', 'ko-KR']"),
    "HF_HUB_OFFLINE": ValueError(
        "Couldn't find cache for PolyAI/minds14 for config 'en-GB'\nAvailable configs in the cache: ['en-AU']"
    ),
    "The course refuses": ValueError("The repository a/b contains custom code; pass `trust_remote_code=True`"),
    "broke off": OSError("Consistency check failed: file should be of size 2 but has size 1"),
}


@pytest.mark.parametrize("says", ABOUT_THE_HUB)
def test_error_about_the_hub_is_a_sentence_that_says_what_to_do(says: str, monkeypatch):
    english = hub.explain(ABOUT_THE_HUB[says])
    assert says in english
    assert "COURSE_SOURCE=bundled" in english
    monkeypatch.setenv("COURSE_LANG", "ko")
    korean = hub.explain(ABOUT_THE_HUB[says])
    assert korean != english
    assert "COURSE_SOURCE=bundled" in korean


def test_what_an_error_was_raised_from_is_looked_at():
    error = RuntimeError("something else failed")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert "The disk is full" in hub.explain(error)


def test_sentence_of_the_courses_own_is_kept():
    assert hub.explain(SourceError("as it is")) == "as it is"
    quoted = ValueError("Could not load model, see:\n  File x\nhelpers.errors.SourceError: as it was\nOSError: more")
    assert hub.explain(quoted) == "as it was"


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("division by zero"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "my.wav"),
        ValueError("at least one array is needed"),
        OSError(errno.EIO, "Input/output error"),
        KeyError("404"),
    ],
)
def test_other_errors_are_not_explained_away(error: Exception):
    assert hub.explain(error) is None
    with pytest.raises(type(error)), hub.as_sentences():
        raise error


def test_cache_folder_is_the_one_that_huggingface_hub_uses(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert hub.cache_folder() == str(tmp_path)
    monkeypatch.delenv("HF_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert Path(hub.cache_folder()) == Path("~/.cache/huggingface")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert hub.cache_folder() == str(tmp_path / "huggingface")


def test_note_says_genuine_how_much_and_where(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("COURSE_SOURCE", "hub")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    data, model = sources.minds14().note, sources.intent_model().note
    assert "Genuine" in data
    assert "37 MB" in data
    assert "1.26 GB" in model
    assert str(tmp_path) in data
    assert str(tmp_path) in model


def test_difference_names_the_column_or_the_label():
    wanted = Features({"path": Value("string"), "intent_class": ClassLabel(names=["abroad", "address"])})
    assert hub._difference(wanted, wanted) is None
    other = Features({"path": Value("string"), "intent_class": ClassLabel(names=["abroad"])})
    assert hub._difference(other, wanted) == "label 1 of intent_class is -, and should be address"
    assert "columns are path, and should be path, intent_class" in hub._difference(Features({"path": Value("string")}), wanted)
