"""helpers.widgets: what a click does, and what is shown where there are no widgets."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import sources, widgets


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "kept here"))


def test_click_saves_the_choice_and_says_what_it_means(tmp_path: Path):
    buttons, notes = widgets.source_choice().children
    assert buttons.value == "bundled"
    assert "Synthetic speech" in notes.value
    assert "nothing to download" in notes.value
    buttons.value = "hub"
    assert sources.chosen() == "hub"
    for what in ("Genuine", "37 MB", "1.26 GB", str(tmp_path / "kept here"), "Run the cells from here on again"):
        assert what in notes.value
    assert widgets.source_choice().children[0].value == "hub"
    buttons.value = "bundled"
    assert sources.chosen() == "bundled"


def test_variable_goes_first_and_cannot_be_clicked_away(monkeypatch):
    monkeypatch.setenv("COURSE_SOURCE", "hub")
    buttons, notes = widgets.source_choice().children
    assert buttons.value == "hub"
    assert buttons.disabled
    assert "COURSE_SOURCE=hub is set and goes first" in notes.value


def test_choice_that_cannot_be_saved_says_what_to_do(monkeypatch, tmp_path: Path):
    buttons, notes = widgets.source_choice().children
    (tmp_path / "a file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "a file"))
    buttons.value = "hub"
    assert "set COURSE_SOURCE=hub instead" in notes.value


def test_text_form_is_a_sentence(monkeypatch):
    control = widgets.source_choice()
    assert control._repr_mimebundle_()["text/plain"] == repr(control) == "Source: bundled (of bundled, hub)"
    control.children[0].value = "hub"
    assert repr(control) == "Source: hub (of bundled, hub)"
    monkeypatch.setenv("COURSE_LANG", "ko")
    assert repr(widgets.source_choice()).startswith("소스: hub")
