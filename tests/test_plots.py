"""Pictures: what is drawn, what the sentence says of it, and letters that every machine can draw."""

from __future__ import annotations

import io
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from helpers import plots
from helpers.errors import AudioError, CourseError

RATE = 16_000
ANSWER = [
    {"score": 0.9631525, "label": "pay_bill"},
    {"score": 0.0281969, "label": "freeze"},
    {"score": 0.0032787, "label": "card_issues"},
]
OF_CLIPS = [plots.waveform, plots.spectrum, plots.spectrogram, plots.log_mel]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def no_cjk_font(monkeypatch):
    monkeypatch.setattr(plots, "cjk_font", lambda: None)


def draw() -> None:
    """Render the figure; a letter without a glyph, or any other warning, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plt.gcf().savefig(io.BytesIO(), bbox_inches="tight")


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


# --- waveform -------------------------------------------------------------------------------------------------------------


def test_waveform_draws_every_sample_over_its_second_and_describes_it(clip, capsys):
    ax = plots.waveform(clip)
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_ydata(), clip["array"])
    np.testing.assert_allclose(line.get_xdata(), np.arange(32_000) / RATE)
    assert ax.get_xlim() == (0, 2)
    assert ax.get_ylim()[1] == -ax.get_ylim()[0] > 0.5
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "amplitude")
    assert capsys.readouterr().out == "waveform, 2.0 s, peak 0.50 at 0.4 s, silent until 0.4 s, silent after 1.4 s\n"
    draw()


def test_waveform_of_silence_says_so(capsys):
    plots.waveform(np.zeros(RATE, np.float32), RATE, title="nothing")
    assert capsys.readouterr().out == "nothing: waveform, 1.0 s, silent throughout\n"
    draw()


def test_near_ties_of_the_peak_do_not_move_what_the_sentence_says(clip, capsys):
    for noise in (0.0, 1e-6, -1e-6):
        y = clip["array"].copy()
        y[20_000] += noise  # which of many equal peaks is highest differs between CPUs
        plots.waveform(y, RATE)
    assert len(set(capsys.readouterr().out.splitlines())) == 1


# --- spectrum -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hertz", [100, 440, 3_000, 6_500])
def test_spectrum_peaks_at_the_tone(hertz, capsys):
    ax = plots.spectrum(tone(hertz), RATE)
    (line,) = ax.lines
    frequencies, level = line.get_data()
    assert frequencies[np.argmax(level)] == hertz
    assert level.max() == pytest.approx(0, abs=1e-4)
    assert level.min() >= -plots.RANGE_DB - 1e-3
    assert frequencies[-1] == RATE / 2
    said = capsys.readouterr().out
    assert said.startswith(f"spectrum, 0 to 8 kHz, strongest at {hertz} Hz, 99% of the energy below ")
    assert float(said.split("below ")[1].split()[0]) == pytest.approx(hertz / 1000, abs=0.11)
    draw()
    ticks = [text.get_text() for text in ax.get_xticklabels()]
    assert ticks[0] == "0"
    assert ticks[-1] == "8"


def test_spectrum_of_silence_says_so(capsys):
    plots.spectrum(np.zeros(RATE, np.float32), RATE)
    assert capsys.readouterr().out == "spectrum, 0 to 8 kHz, of silence\n"
    draw()


# --- spectrograms ---------------------------------------------------------------------------------------------------------


def test_spectrogram_has_a_row_for_each_frequency_and_a_column_for_each_hop(clip, capsys):
    ax = plots.spectrogram(clip)
    (image,) = ax.images
    level = np.asarray(image.get_array())
    assert level.shape == (201, 201)  # 400 samples to 201 frequencies; 2 s at 10 ms a hop, both ends counted
    assert level.max() == pytest.approx(0, abs=1e-4)
    assert level.min() >= -plots.RANGE_DB - 1e-3
    assert np.argmax(level[:, 90]) == 11  # 440 Hz, 40 Hz a row
    assert level[:, 20].max() < -60
    assert level[:, 170].max() < -60
    left, right, bottom, top = image.get_extent()
    assert (left, right) == (pytest.approx(-0.005), pytest.approx(2.005))
    assert (bottom, top) == (-20, 8_020)
    assert ax.get_ylim() == (0, 8_000)
    assert capsys.readouterr().out == "spectrogram, 2.0 s, 0 to 8 kHz, 99% of the energy below 0.5 kHz, loudest near 0.4 s\n"
    draw()
    assert [text.get_text() for text in ax.get_yticklabels()][:2] == ["0", "2"]


def test_windows_are_given_in_milliseconds_at_any_rate(clip):
    narrow = plots.spectrogram(clip, window_ms=5, hop_ms=5).images[0].get_array()
    wide = plots.spectrogram(clip["array"], RATE, window_ms=100, hop_ms=20).images[0].get_array()
    assert narrow.shape == (41, 401)
    assert wide.shape == (801, 101)
    assert plots.spectrogram(tone(440, rate=44_100), 44_100).images[0].get_array().shape == (552, 101)  # 1102 samples


def test_log_mel_is_what_whisper_hears(clip, capsys):
    from transformers import WhisperFeatureExtractor

    ax = plots.log_mel(clip)
    level = np.asarray(ax.images[0].get_array())
    assert level.shape == (80, 201)
    features = WhisperFeatureExtractor(chunk_length=2)(clip["array"], sampling_rate=RATE, return_tensors="np")["input_features"][
        0
    ]
    decibels = (features * 4 - 4) * 10  # it stores (log10 + 4) / 4
    np.testing.assert_allclose(level[:, :200], decibels - decibels.max(), atol=0.01)
    assert capsys.readouterr().out == "log-mel spectrogram, 80 bands by 201 frames, 2.0 s, 0 to 8 kHz, loudest near 0.4 s\n"
    draw()


@pytest.mark.parametrize("rate", [4_000, 8_000, 16_000, 44_100])
def test_log_mel_ticks_stand_where_their_frequencies_are(rate):
    for hertz in (500, 1_000):
        ax = plots.log_mel(tone(hertz, rate=rate), rate, mels=40)
        brightest = np.argmax(np.asarray(ax.images[0].get_array()).mean(axis=1))
        ticks = {text.get_text(): place for text, place in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}
        assert brightest == pytest.approx(ticks[f"{hertz / 1000:g}"], abs=1)
        bands = np.asarray(ax.images[0].get_array())
        assert bands.shape[0] == 40
        assert (bands > -plots.RANGE_DB).any()
        assert ax.get_ylim() == (-1, 40)  # from 0 Hz to half the rate, where the outermost filters end
        assert max(float(name) for name in ticks) <= rate / 2000
        draw()


@pytest.mark.parametrize("plot", [plots.spectrogram, plots.log_mel])
@pytest.mark.parametrize("samples", [1, 2, 200, 201, 399, 1_600])
def test_short_and_silent_clips_are_drawn(plot, samples, capsys):
    plot(np.zeros(samples, np.float32), RATE)
    assert "of silence" in capsys.readouterr().out
    plot(np.full(samples, 0.25, np.float32), RATE)
    draw()


@pytest.mark.parametrize("plot", [plots.spectrogram, plots.log_mel])
def test_windows_shorter_than_a_sample_say_so(plot, clip):
    with pytest.raises(CourseError, match="make them longer"):
        plot(clip, hop_ms=0.01)


# --- all that draw clips --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plot", OF_CLIPS)
def test_an_example_and_an_array_give_the_same_picture_on_the_axes_given(plot, clip, capsys):
    _, (top, bottom) = plt.subplots(2, 1, sharex=True)
    assert plot(clip, ax=top) is top
    assert plot(clip["array"], RATE, ax=bottom, title="tone") is bottom
    assert bottom.get_title(loc="left") == "tone"
    first, second = capsys.readouterr().out.splitlines()
    assert second == f"tone: {first}"
    draw()


def test_pictures_above_one_another_keep_their_seconds_above_one_another(clip):
    _, (top, bottom) = plt.subplots(2, 1, sharex=True)
    plots.waveform(clip, ax=top)
    plots.log_mel(clip, ax=bottom)
    draw()
    assert top.get_position().x0 == bottom.get_position().x0
    assert top.get_position().x1 == bottom.get_position().x1
    assert (top.get_xlabel(), bottom.get_xlabel()) == ("", "time (s)")


@pytest.mark.parametrize("plot", OF_CLIPS)
@pytest.mark.parametrize("bad", [np.zeros(0, np.float32), np.full(800, np.nan, np.float32), np.zeros((2, 800), np.float32)])
def test_what_cannot_be_drawn_says_so_and_draws_nothing(plot, bad):
    with pytest.raises(AudioError):
        plot(bad, RATE)
    assert not plt.get_fignums()


# --- scores ---------------------------------------------------------------------------------------------------------------


def test_scores_are_bars_with_the_best_on_top(capsys):
    ax = plots.scores(ANSWER, truth="pay_bill")
    assert [bar.get_width() for bar in ax.patches] == [one["score"] for one in ANSWER]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["pay_bill", "freeze", "card_issues"]
    assert ax.yaxis_inverted()
    assert [text.get_text() for text in ax.texts] == ["0.96  true label", "0.03", "0.00"]
    true, other, _ = ax.patches
    assert true.get_facecolor() == to_rgba(plots.ORANGE)
    assert true.get_hatch()  # not by colour alone
    assert other.get_facecolor() == to_rgba(plots.BLUE)
    assert not other.get_hatch()
    assert capsys.readouterr().out == "scores: pay_bill 0.96 (the true label), freeze 0.03, card_issues 0.00\n"
    draw()


def test_scores_say_when_the_true_label_is_not_among_them(capsys):
    plots.scores(ANSWER, truth="balance")
    assert capsys.readouterr().out.endswith("card_issues 0.00; the true label, balance, is not among them\n")
    plots.scores(ANSWER)
    assert capsys.readouterr().out == "scores: pay_bill 0.96, freeze 0.03, card_issues 0.00\n"


@pytest.mark.parametrize("results", [[], [ANSWER, ANSWER], [{"label": "pay_bill"}], ["pay_bill"]])
def test_what_is_not_one_clips_answer_says_so(results):
    with pytest.raises(CourseError, match="not one clip's answer"):
        plots.scores(results)


# --- letters --------------------------------------------------------------------------------------------------------------


def all_pictures(clip) -> list[plt.Axes]:
    return [plot(clip, title="전화 한 통") for plot in OF_CLIPS] + [plots.scores([{"label": "잔액", "score": 0.5}], title="점수")]


@pytest.mark.usefixtures("korean", "no_cjk_font")
def test_without_a_korean_font_figures_are_english_and_sentences_korean(clip, capsys, monkeypatch):
    for plot in OF_CLIPS:
        ax = plot(clip, title="전화 한 통")
        assert ax.get_xlabel().isascii()
        assert ax.get_ylabel().isascii()
        assert ax.get_title(loc="left") == ""  # it is said, not drawn as boxes
        draw()
    plots.scores(ANSWER, truth="pay_bill")
    draw()
    assert "true label" in plt.gca().texts[0].get_text()
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 5
    assert said[0] == "전화 한 통: 파형, 2.0초, 최대 진폭 0.50(0.4초), 0.4초까지 조용함, 1.4초 뒤 조용함"
    assert all(any("가" <= letter <= "힣" for letter in line) for line in said)


@pytest.mark.usefixtures("korean")
@pytest.mark.skipif(plots.cjk_font() is None, reason="no font with Hangul is installed on this machine")
def test_with_a_korean_font_figures_are_korean(clip):
    for ax in all_pictures(clip):
        labels = [ax.get_title(loc="left"), ax.get_xlabel()]
        assert all(any("가" <= letter <= "힣" for letter in text) for text in labels)
        plt.figure(ax.figure)
        draw()  # a missing glyph would be a warning, and so an error


@pytest.mark.usefixtures("no_cjk_font")
def test_labels_in_letters_no_font_has_are_drawn_without_warning(clip):
    plots.waveform(clip, title="日本語")
    draw()
    plots.waveform(clip, title="señal – “água” ✓")
    assert plt.gca().get_title(loc="left") == "señal – “água” ✓"
    draw()


@pytest.mark.usefixtures("korean")
def test_text_for_a_lessons_own_figures(monkeypatch):
    monkeypatch.setattr(plots, "cjk_font", lambda: None)
    assert plots.label("true", "실제") == "true"
    assert plots.text_font() == {}
    monkeypatch.setattr(plots, "cjk_font", lambda: "NanumGothic")
    assert plots.label("true", "실제") == "실제"
    assert plots.text_font()["fontfamily"][-1] == "NanumGothic"
