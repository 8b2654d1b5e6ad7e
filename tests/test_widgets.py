"""helpers.widgets: what a click, a move, an upload or a recording does, and what is shown where there are no widgets.

The browser's half, controls.js, is tried in tests/browser.
"""

from __future__ import annotations

import base64
import html
import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pytest
import soundfile

from helpers import Audio, audio, sources, widgets
from helpers.errors import AudioError, CourseError
from helpers.lessons import same_but_for_language


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


# --- explorers ------------------------------------------------------------------------------------------------------------


def picture(widget: Any) -> bytes:
    """The picture that is shown now; its text alternative must be the sentence that the control says."""
    shown = next(child for child in widget.children if getattr(child, "value", "").startswith("<img"))
    alternative = html.unescape(re.search(r'alt="([^"]*)"', shown.value)[1])
    speaker = [child for child in widget.children if isinstance(child, widgets._Control)][-1]
    assert alternative == speaker.said == widget.sentence == repr(widget)
    data = base64.b64decode(re.search(r"base64,([^\"]*)", shown.value)[1])
    assert data.startswith(b"\x89PNG")
    return data


def bundle(widget: Any) -> dict[str, Any]:
    return widget._repr_mimebundle_()


@pytest.fixture
def chirp() -> dict[str, Any]:
    """One second at 16 kHz that climbs from 200 to 7,800 Hz: what a lower rate takes away is seen and heard."""
    frequency = np.linspace(200, 7_800, 16_000)
    y = 0.3 * np.sin(2 * np.pi * np.cumsum(frequency) / 16_000)
    return {"path": "chirp.wav", "array": y.astype(np.float32), "sampling_rate": 16_000}


def test_rate_slider_follows_its_controls(chirp, capsys):
    widget = widgets.rate_slider(chirp, synthetic=True)
    slider, low_pass, shown, heard = widget.children
    assert capsys.readouterr().out == repr(widget) + "\n"
    assert slider.options == ["2 kHz", "3.2 kHz", "4 kHz", "8 kHz", "16 kHz"]
    assert repr(widget).startswith("16 kHz, as it was: spectrogram, 1.0 s, 0 to 8 kHz")
    pictures, players = [picture(widget)], [heard.value]
    slider.index = 3
    assert repr(widget).startswith("8 kHz, low-pass: spectrogram")
    below = float(re.search(r"energy below ([\d.]+) kHz", repr(widget))[1])
    assert below <= 4.0
    pictures.append(picture(widget))
    players.append(heard.value)
    low_pass.index = 0
    assert repr(widget).startswith("8 kHz, samples dropped: spectrogram")
    pictures.append(picture(widget))
    players.append(heard.value)
    assert len(set(pictures)) == len(set(players)) == 3
    assert all("<audio controls" in player and "synthetic speech" in player for player in players)
    assert capsys.readouterr().out == ""  # what moves is said in the widget, not below the cell


def test_rate_slider_without_low_pass_keeps_every_second_sample_and_folds_the_rest(chirp, monkeypatch):
    heard = []
    monkeypatch.setattr(widgets, "player", lambda y, rate, **options: heard.append(y) or Spoken())
    widget = widgets.rate_slider(chirp)
    slider, low_pass, *_ = widget.children
    slider.index = 3
    low_pass.index = 0
    original, filtered, folded = heard
    assert np.array_equal(original, chirp["array"])
    assert np.array_equal(folded, audio.resample(chirp["array"][::2], orig_sr=8_000, target_sr=16_000))
    late = slice(10_000, 15_000)  # where the chirp is above 4 kHz
    assert np.abs(filtered[late]).max() < 0.05 < 0.2 < np.abs(folded[late]).max()


class Spoken:
    def _repr_html_(self) -> str:
        return "<audio>"


def test_rates_are_those_that_whole_steps_reach():
    tone = np.sin(np.arange(8_000) / 5).astype(np.float32)
    assert widgets.rate_slider(tone, 8_000).children[0].options == ["2 kHz", "4 kHz", "8 kHz"]
    assert widgets.rate_slider(tone, 22_050).children[0].options == ["4.41 kHz", "11.025 kHz", "22.05 kHz"]


def test_rate_slider_refuses_what_is_no_clip(chirp):
    with pytest.raises(AudioError, match="sampling rate is missing"):
        widgets.rate_slider(chirp["array"])


@pytest.fixture
def calls(chirp) -> datasets.Dataset:
    rows = {
        "audio": [{"array": chirp["array"][start:], "sampling_rate": 16_000} for start in (0, 2_000, 4_000, 6_000)],
        "intent_class": [1, 0, 1, 1],
        "transcription": ["pay it", "block <it>", "pay the bill", "a bill"],
    }
    features = datasets.Features(
        audio=Audio(sampling_rate=16_000),
        intent_class=datasets.ClassLabel(names=["freeze", "pay_bill"]),
        transcription=datasets.Value("string"),
    )
    return datasets.Dataset.from_dict(rows, features=features)


def test_explorer_shows_the_clips_of_the_intent_that_is_chosen(calls):
    widget = widgets.clip_explorer(calls, synthetic=False)
    intent, clip, _, heard = widget.children
    assert intent.options == ["all intents", "freeze", "pay_bill"]
    assert len(clip.options) == 4
    assert repr(widget).startswith("row 0, pay_bill: “pay it”; waveform, 1.0 s, ")
    assert "log-mel spectrogram" in repr(widget)
    first = picture(widget)
    intent.index = 2
    assert clip.options == ["1 of 3 (row 0)", "2 of 3 (row 2)", "3 of 3 (row 3)"]
    clip.index = 2
    assert repr(widget).startswith("row 3, pay_bill: “a bill”")
    assert picture(widget) != first
    assert "genuine speech: “a bill”" in heard.value
    intent.index = 1
    assert clip.index == 0
    assert repr(widget).startswith("row 1, freeze: “block <it>”")
    assert "block &lt;it&gt;" in heard.value
    assert "<it>" not in heard.value
    picture(widget)


def test_explorer_draws_once_for_another_intent(calls, monkeypatch):
    drawn = []
    widget = widgets.clip_explorer(calls)
    monkeypatch.setattr(widgets, "_drawn", lambda draw, height: drawn.append(1) or (b"", "said"))
    widget.children[1].index = 2
    widget.children[0].index = 1
    assert len(drawn) == 2


def test_explorer_shows_a_sentence_for_a_damaged_clip_and_goes_on(calls):
    broken = calls.cast_column("audio", Audio(decode=False)).to_dict()
    broken["audio"][2] = {"bytes": b"RIFF, and no more", "path": None}
    widget = widgets.clip_explorer(datasets.Dataset.from_dict(broken, features=calls.features))
    _, clip, shown, heard = widget.children
    clip.index = 2
    assert "cannot be decoded" in clip.said
    assert (shown.value, heard.value) == ("", "")
    clip.index = 3
    assert repr(widget).startswith("row 3")
    picture(widget)


def test_explorer_refuses_what_it_cannot_show(calls):
    with pytest.raises(CourseError, match="missing: transcription"):
        widgets.clip_explorer(calls.remove_columns("transcription"))
    with pytest.raises(CourseError, match="nothing to explore"):
        widgets.clip_explorer(calls.select([]))
    with pytest.raises(CourseError, match="not decoded: minds = minds.cast_column"):
        widgets.clip_explorer(calls.cast_column("audio", datasets.Audio(decode=False)))


def test_threshold_slider_says_who_answers():
    table = pd.DataFrame(
        {
            "prediction": ["freeze", "pay_bill", "balance", "freeze"],
            "score": [0.95, 0.8, 0.4, 0.2],
            "correct": [True, False, True, False],
        }
    )
    widget = widgets.threshold_slider(table, clips=3)
    slider = widget.children[0]
    assert slider.options[slider.index] == "0.70"
    assert repr(widget) == (
        "threshold 0.70: 2 of 3 clips answered, 1 of them right; 1 go to a person, 1 of them would have been right"
    )
    first = picture(widget)
    slider.index = 18
    assert repr(widget).startswith("threshold 0.90: 1 of 3 clips answered, 1 of them right; 2 go to a person")
    assert picture(widget) != first
    slider.index = 0
    assert repr(widget).startswith("threshold 0.00: 3 of 3")
    with pytest.raises(CourseError, match=r"helpers\.evaluation"):
        widgets.threshold_slider(pd.DataFrame({"score": []}))


def test_static_form_is_the_picture_and_the_sentence(chirp):
    widget = widgets.rate_slider(chirp)
    shown = bundle(widget)
    assert shown["text/plain"] == repr(widget)
    assert base64.b64decode(shown["image/png"]) == picture(widget)
    assert "text/html" not in shown  # nbval would compare the picture's bytes
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert len(shown["image/png"]) < 150_000
    assert picture(widgets.rate_slider(chirp)) == picture(widget)  # built twice, the same bytes


# --- upload and microphone ------------------------------------------------------------------------------------------------


class Classifier:
    """Answers like a pipeline, and remembers what it was asked."""

    def __init__(self, rate: int = 16_000) -> None:
        self.feature_extractor = SimpleNamespace(sampling_rate=rate)
        self.asked: list[np.ndarray] = []

    def __call__(self, y: np.ndarray, top_k: int) -> list[dict[str, Any]]:
        self.asked.append(y)
        return [{"label": "freeze", "score": 0.75}, {"label": "pay_bill", "score": 0.25}][:top_k]


def wav(y: np.ndarray, rate: int, subtype: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, y, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def bring(widget: Any, content: dict[str, Any], *buffers: bytes) -> None:
    """What the browser sends."""
    control = widget.children[0]
    control._handle_custom_msg(content, [memoryview(buffer) for buffer in buffers])


def upload(widget: Any, data: bytes, name: str = "mine.wav") -> None:
    bring(widget, {"kind": "file", "name": name, "size": len(data)}, data)


def record(widget: Any, y: np.ndarray, rate: float = 48_000) -> None:
    bring(widget, {"kind": "recording", "rate": rate}, y.astype("<f4").tobytes())


def told(widget: Any) -> str:
    """The sentence of the error that is shown, and nothing beside it."""
    control, result = widget.children
    assert control.said == ""
    assert '<p role="alert"' in result.value
    assert "<img" not in result.value
    sentence = html.unescape(re.sub(r"<[^>]*>", "", result.value))
    assert repr(widget) == sentence
    return sentence


def test_upload_decodes_resamples_and_classifies(chirp):
    classifier = Classifier()
    widget = widgets.upload(classifier)
    low = audio.resample(chirp["array"], orig_sr=16_000, target_sr=8_000)
    upload(widget, wav(np.stack([low, low], axis=1), 8_000, "ULAW"), "call <1>.wav")
    (heard,) = classifier.asked
    assert heard.dtype == np.float32
    assert len(heard) == 16_000
    assert np.abs(heard[:4_000] - chirp["array"][:4_000]).max() < 0.1
    control, result = widget.children
    assert control.said == repr(widget) == "call <1>.wav, 1.0 s: freeze; scores: freeze 0.75, pay_bill 0.25"
    assert '<img alt="scores: freeze 0.75, pay_bill 0.25"' in result.value
    assert "<strong>freeze</strong>" in result.value
    assert "<audio controls" in result.value
    assert "<1>" not in result.value


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"Dear bank, my card is gone.", "it is text, not sound"),
        (b"%PDF-1.7 ...", "it is a PDF document"),
        (b"\0\0\0\x18ftypM4A ", "only FFmpeg reads"),
        (wav(np.full(400, 0.1), 16_000), "only 25 ms long"),
        (wav(np.zeros(32_000), 16_000), "silent. The model would answer all the same, so it was not asked"),
        (wav(np.array([0.1, np.nan] * 8_000, dtype=np.float32), 16_000, "FLOAT"), "NaN"),
        (wav(np.full(8_000 * 61, 0.1), 8_000), "61 s; at most 60 s are classified here"),
    ],
)
def test_upload_that_cannot_be_used_gets_a_sentence(data, sentence):
    classifier = Classifier()
    widget = widgets.upload(classifier)
    upload(widget, data)
    assert sentence in told(widget)
    assert classifier.asked == []


def test_upload_that_was_not_sent_gets_a_sentence():
    widget = widgets.upload(Classifier())
    bring(widget, {"kind": "too large", "name": "film.wav", "size": 12_300_000, "most": 8e6})
    assert told(widget).startswith("film.wav has 12.3 MB; a notebook takes 8 MB at most.")
    bring(widget, {"kind": "unreadable", "name": "gone.wav", "detail": "NotFoundError"})
    assert told(widget).startswith("The browser could not read gone.wav (NotFoundError).")


def test_a_good_upload_after_a_bad_one_is_classified(chirp):
    widget = widgets.upload(Classifier())
    upload(widget, b"")
    told(widget)
    upload(widget, wav(chirp["array"], 16_000))
    assert "freeze" in repr(widget)
    assert "alert" not in widget.children[1].value
    assert "image/png" in bundle(widget)
    upload(widget, b"")
    assert "image/png" not in bundle(widget)


def test_recording_arrives_as_floats_with_the_browsers_rate(chirp):
    classifier = Classifier()
    widget = widgets.microphone(classifier)
    record(widget, audio.resample(chirp["array"], orig_sr=16_000, target_sr=48_000), 48_000.0)
    (heard,) = classifier.asked
    assert len(heard) == 16_000
    assert np.abs(heard - chirp["array"])[500:15_000].max() < 0.02
    assert repr(widget) == "recording, 1.0 s: freeze; scores: freeze 0.75, pay_bill 0.25"


def test_recording_that_begins_takes_away_what_was_said_of_the_last(chirp):
    widget = widgets.microphone(Classifier())
    record(widget, np.zeros(48_000))
    bring(widget, {"kind": "started"})
    assert [child.value for child in widget.children[1:]] == [""]
    assert widget.children[0].said == "recording …"


def test_recording_gets_the_models_rate(chirp):
    classifier = Classifier(rate=8_000)
    record(widgets.microphone(classifier), chirp["array"], 16_000)
    assert len(classifier.asked[0]) == 8_000


def test_recording_that_cannot_be_used_gets_a_sentence(chirp):
    widget = widgets.microphone(Classifier())
    record(widget, np.zeros(48_000))
    assert told(widget).startswith("recording: silent.")
    record(widget, chirp["array"][:100])
    assert "too short" in told(widget)
    record(widget, np.zeros(0))
    assert "0 samples" in told(widget)


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        ("denied", "The microphone was denied, and nothing was recorded. Click the sign beside the page's address"),
        ("missing", "The browser finds no microphone. Plug one in"),
        ("busy", "another program may be using it"),
        ("insecure", "only to pages at https:// or on this machine, and this one came from 10.0.0.7:8888 without"),
        ("other", "The browser could not record (10.0.0.7:8888)."),
    ],
)
def test_microphone_that_fails_says_what_to_do(problem, sentence, monkeypatch):
    widget = widgets.microphone(Classifier())
    bring(widget, {"kind": "problem", "problem": problem, "detail": "10.0.0.7:8888"})
    english = told(widget)
    assert sentence in english
    assert "upload the file" in english
    monkeypatch.setenv("COURSE_LANG", "ko")
    widget = widgets.microphone(Classifier())
    bring(widget, {"kind": "problem", "problem": problem, "detail": "10.0.0.7:8888"})
    assert same_but_for_language(english, told(widget))


def test_classifier_that_fails_says_so_in_the_widget(chirp):
    class Failing(Classifier):
        def __call__(self, y, top_k):
            raise RuntimeError("not enough memory")

    widget = widgets.upload(Failing())
    upload(widget, wav(chirp["array"], 16_000))
    assert told(widget).startswith("The classifier failed (RuntimeError: not enough memory).")


@pytest.mark.parametrize("make", [widgets.upload, widgets.microphone])
def test_what_is_no_classifier_is_refused(make):
    for wrong in (None, "model", lambda y, top_k: []):
        with pytest.raises(CourseError, match=r'pipeline\("audio-classification", …\) returned'):
            make(wrong)


def test_upload_and_microphone_have_a_text_form_before_they_are_used():
    for make, en in ((widgets.upload, "Upload a sound file"), (widgets.microphone, "Record a sentence")):
        widget = make(Classifier())
        assert repr(widget).startswith(en)
        assert widget.children[0].said == repr(widget)
        assert set(bundle(widget)) == {"text/plain", "application/vnd.jupyter.widget-view+json"}


# --- both languages -------------------------------------------------------------------------------------------------------


def test_explorers_say_the_same_numbers_in_korean(chirp, calls, monkeypatch, capsys):
    table = pd.DataFrame({"prediction": ["freeze"], "score": [0.9], "correct": [True]})

    def said() -> list[str]:
        rates = widgets.rate_slider(chirp, synthetic=True)
        lines = [repr(rates)]
        rates.children[0].index = 2
        lines.append(repr(rates))
        rates.children[1].index = 0
        lines += [repr(rates), repr(widgets.clip_explorer(calls)), widgets.clip_explorer(calls).children[1].options[1]]
        uploaded = widgets.upload(Classifier())
        lines.append(repr(uploaded))
        upload(uploaded, wav(chirp["array"], 16_000))
        lines += [repr(uploaded), repr(widgets.microphone(Classifier())), repr(widgets.threshold_slider(table))]
        bring(uploaded, {"kind": "too large", "name": "film.wav", "size": 12_300_000, "most": 8e6})
        return [*lines, told(uploaded)]

    english = said()
    monkeypatch.setenv("COURSE_LANG", "ko")
    korean = said()
    capsys.readouterr()
    assert all(re.search("[가-힣]", line) for line in korean)
    assert all(map(same_but_for_language, english, korean))


def test_controls_speak_the_readers_language(chirp, monkeypatch):
    assert widgets.rate_slider(chirp).children[0].label == "Sampling rate"
    monkeypatch.setenv("COURSE_LANG", "ko")
    slider, low_pass, *_ = widgets.rate_slider(chirp).children
    assert (slider.lang, slider.label, low_pass.label) == ("ko", "샘플링 속도", "저역 통과 필터 먼저")
    words = widgets.microphone(Classifier()).children[0].texts
    assert all(re.search("[가-힣]", text) for text in words.values())


def test_controls_fetch_nothing_and_name_no_other_place():
    script = (Path(widgets.__file__).parent / "controls.js").read_text(encoding="utf-8")
    assert not re.search(r"https?:|import\s*\(|\bfetch\b|XMLHttpRequest|^import", script, re.MULTILINE)
