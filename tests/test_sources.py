"""helpers.sources: the environment, then what was saved, then what is bundled; and a sentence where none of these can be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from datasets import Audio, ClassLabel, Value, get_dataset_config_names, load_dataset

from helpers import lessons, sources
from helpers.errors import SourceError

# Gerz et al. 2021, as the Hub's card lists them.
INTENTS = [
    "abroad",
    "address",
    "app_error",
    "atm_limit",
    "balance",
    "business_loan",
    "card_issues",
    "cash_deposit",
    "direct_debit",
    "freeze",
    "high_value_payment",
    "joint_account",
    "latest_transactions",
    "pay_bill",
]
LANGUAGES = [
    "cs-CZ",
    "de-DE",
    "en-AU",
    "en-GB",
    "en-US",
    "es-ES",
    "fr-FR",
    "it-IT",
    "ko-KR",
    "nl-NL",
    "pl-PL",
    "pt-PT",
    "ru-RU",
    "zh-CN",
]


@pytest.fixture(autouse=True)
def own_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_bundled_is_the_default_and_needs_no_revision():
    assert sources.chosen() == "bundled"
    for source in (sources.minds14(), sources.intent_model(), sources.sounds(), sources.sound_model()):
        assert Path(source.path).is_dir()
        assert source.revision is None
        assert source.synthetic


def test_saved_choice_goes_before_the_default():
    assert sources.choose("hub") == "hub"
    assert sources.chosen() == "hub"
    assert sources.choose("bundled") == "bundled"
    assert sources.chosen() == "bundled"


def test_environment_goes_before_the_saved_choice(monkeypatch):
    sources.choose("hub")
    monkeypatch.setenv("COURSE_SOURCE", " Bundled ")
    assert sources.chosen() == "bundled"
    assert sources.choose("hub") == "hub"  # saved all the same, for when the variable is gone
    assert sources.chosen() == "bundled"
    monkeypatch.setenv("COURSE_SOURCE", "")
    assert sources.chosen() == "hub"


def test_hub_is_pinned_where_its_revision_is_known(monkeypatch):
    monkeypatch.setenv("COURSE_SOURCE", "hub")
    data, model = sources.minds14(), sources.intent_model()
    assert (data.path, data.revision) == ("PolyAI/minds14", "40ce77cb32a384e4d50a568e1ec39ac804019d33")
    assert model.path == "anton-l/xtreme_s_xlsr_300m_minds14"
    assert not data.synthetic
    assert "Genuine MInDS-14" in data.note


def test_note_says_what_one_is_about_to_hear(monkeypatch):
    assert "Synthetic speech" in sources.minds14().note
    monkeypatch.setenv("COURSE_LANG", "ko")
    assert "합성" in sources.minds14().note
    assert sources.minds14().note in str(sources.minds14())
    assert str(Path.home()) not in str(sources.minds14())


@pytest.mark.parametrize("where", ["environment", "argument"])
def test_unknown_source_lists_those_that_exist(where, monkeypatch):
    if where == "environment":
        monkeypatch.setenv("COURSE_SOURCE", "cloud")
    with pytest.raises(SourceError, match=r"'cloud' .* choose one of bundled, hub"):
        sources.chosen() if where == "environment" else sources.choose("cloud")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"choice": "hub"}', b"\xff\xfe\x00"])
def test_damaged_settings_say_how_to_write_them_anew(content):
    file = sources.settings_file()
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(SourceError, match="course source bundled"):
        sources.chosen()
    sources.choose("bundled")
    assert sources.chosen() == "bundled"


def test_settings_that_cannot_be_written_name_the_variable_instead(monkeypatch, tmp_path):
    (tmp_path / "a file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "a file"))
    with pytest.raises(SourceError, match="set COURSE_SOURCE=hub instead"):
        sources.choose("hub")


def test_missing_bundle_says_to_install_again(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "BUNDLED", tmp_path / "nothing")
    with pytest.raises(SourceError, match="install the course again"):
        sources.minds14()


def test_bundled_set_has_the_shape_of_minds14():
    path = sources.minds14().path
    assert get_dataset_config_names(path) == ["en-AU", "ko-KR"]
    for config in ("en-AU", "ko-KR"):
        minds = load_dataset(path, name=config, split="train")
        assert minds.features == {
            "path": Value("string"),
            "audio": Audio(8_000),
            "transcription": Value("string"),
            "english_transcription": Value("string"),
            "intent_class": ClassLabel(names=INTENTS),
            "lang_id": ClassLabel(names=LANGUAGES),
        }
        assert list(minds.features) == ["path", "audio", "transcription", "english_transcription", "intent_class", "lang_id"]
        assert set(minds["lang_id"]) == {LANGUAGES.index(config)}
        assert set(minds["intent_class"]) == set(range(14))


def test_unknown_config_lists_those_that_exist():
    with pytest.raises(ValueError, match=r"en-AU.*ko-KR"):
        load_dataset(sources.minds14().path, name="en-XX", split="train")


def test_sounds_and_their_model_serve_for_both_sources(monkeypatch):
    bundled = sources.sounds(), sources.sound_model()
    monkeypatch.setenv("COURSE_SOURCE", "hub")
    assert (sources.sounds(), sources.sound_model()) == bundled
    assert "both sources" in bundled[0].note
    assert "both sources" in bundled[1].note


def test_cell_for_the_hub_says_why_it_is_skipped(monkeypatch, capsys):
    assert not sources.hub_only("laion/clap-htsat-unfused")
    said = capsys.readouterr().out
    assert "laion/clap-htsat-unfused" in said
    assert "course source hub" in said
    monkeypatch.setenv("COURSE_SOURCE", "hub")
    assert sources.hub_only("laion/clap-htsat-unfused")
    assert capsys.readouterr().out == ""


def test_cell_for_the_hub_is_skipped_in_korean(korean, capsys):
    assert not sources.hub_only("laion/clap-htsat-unfused")
    assert "건너뛰었어요" in capsys.readouterr().out


def test_no_lesson_asks_which_source_it_has():
    """The same code cells for both sources: where they differ in kind, the notes and `synthetic` say so."""
    for path in lessons.find(Path(__file__).parent.parent / "notebooks" / "source"):
        for cell in lessons.read(path).cells:
            if cell.kind == "code":
                assert not re.search(r"COURSE_SOURCE|chosen\(|\bif\b.*(synthetic|MINDS14|MODEL)\b", cell.source), path.name
