"""helpers.language: COURSE_LANG, else the notebook's folder, else English."""

from __future__ import annotations

import pytest

from helpers.language import language, say


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_LANG", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)


def test_english_where_nothing_says_otherwise():
    assert language() == "en"


@pytest.mark.parametrize("folder", ["en", "ko"])
def test_folder_of_the_notebook_decides(folder, monkeypatch, tmp_path):
    (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / folder)
    assert language() == folder


def test_session_name_decides_where_the_kernel_starts_elsewhere(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/somewhere/notebooks/ko/00_start_here.ipynb")
    assert language() == "ko"


@pytest.mark.parametrize(
    ("value", "expected"), [("en", "en"), ("ko", "ko"), ("KO", "ko"), ("ko-KR", "ko"), ("ko_KR.UTF-8", "ko")]
)
def test_environment_goes_before_the_folder(value, expected, monkeypatch, tmp_path):
    other = tmp_path / ("en" if expected == "ko" else "ko")
    other.mkdir()
    monkeypatch.chdir(other)
    monkeypatch.setenv("COURSE_LANG", value)
    assert language() == expected


def test_language_that_the_course_does_not_speak_is_passed_over(monkeypatch, tmp_path):
    (tmp_path / "ko").mkdir()
    monkeypatch.chdir(tmp_path / "ko")
    monkeypatch.setenv("COURSE_LANG", "fr")
    assert language() == "ko"


def test_say_picks_the_readers_sentence(monkeypatch):
    assert say("three clips", "클립 세 개") == "three clips"
    monkeypatch.setenv("COURSE_LANG", "ko")
    assert say("three clips", "클립 세 개") == "클립 세 개"
