"""Pictures: what is drawn, what the sentence says of it, and letters that every machine can draw."""

from __future__ import annotations

import io
import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from helpers import evaluation, plots
from helpers.audio import resample
from helpers.errors import AudioError, CourseError
from helpers.lessons import same_but_for_language

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


# --- lessons 01 to 03 -----------------------------------------------------------------------------------------------------


def vowel_like(seconds: float = 0.2, rate: int = 16_000) -> np.ndarray:
    """A buzz of 125 Hz with harmonics: repeats every 8 ms."""
    t = np.arange(int(seconds * rate)) / rate
    return sum(np.sin(2 * np.pi * 125 * k * t) / k for k in range(1, 8)).astype(np.float32) / 4


def test_sampled_tones_above_half_the_rate_take_the_samples_of_their_alias(capsys):
    ax = plots.sampled_tones(3_100, 4_900, sampling_rate=8_000)
    below, below_dots, above, above_dots = ax.lines
    np.testing.assert_allclose(below_dots.get_ydata(), above_dots.get_ydata(), atol=1e-9)
    assert np.abs(below.get_ydata() - above.get_ydata()).max() > 1  # between the samples the waves differ
    assert "all 17 samples are the same" in capsys.readouterr().out


def test_sampled_tones_below_half_the_rate_are_told_apart(capsys):
    plots.sampled_tones(1_000, 3_000, sampling_rate=8_000)
    assert "all" not in capsys.readouterr().out


@pytest.mark.parametrize(("frequencies", "rate"), [((), 8_000), ((0,), 8_000), ((440,), 0)])
def test_sampled_tones_refuse_what_is_not_positive(frequencies, rate):
    with pytest.raises(CourseError, match="above 0"):
        plots.sampled_tones(*frequencies, sampling_rate=rate)


def test_spectra_show_that_upsampling_adds_nothing_above_the_old_end(capsys):
    noise = np.random.default_rng(0).normal(scale=0.1, size=16_000).astype(np.float32)
    clip = {"array": noise, "sampling_rate": 8_000}
    upsampled = {"array": resample(noise, orig_sr=8_000, target_sr=16_000), "sampling_rate": 16_000}
    ax = plots.spectra({"8 kHz": clip, "16 kHz": upsampled})
    (hertz, level), (hertz_up, level_up) = (line.get_data() for line in ax.lines)
    assert (hertz[-1], hertz_up[-1]) == (4_000, 8_000)
    inner = hertz < 3_500
    np.testing.assert_allclose(level[inner], level_up[: len(level)][inner], atol=1.5)
    assert level_up[hertz_up > 4_200].max() < -60
    assert "16 kHz reaches to 8 kHz, with nothing within" in capsys.readouterr().out


def test_close_up_draws_the_stretch_and_says_whether_it_repeats(capsys):
    noise = np.random.default_rng(1).normal(scale=0.1, size=3_200).astype(np.float32)
    y = np.concatenate([np.zeros(1_600, np.float32), vowel_like(), noise])
    ax = plots.close_up(y, 16_000, start=0.15)
    milliseconds, values = ax.lines[0].get_data()
    np.testing.assert_array_equal(values, y[2_400 : 2_400 + 640])
    assert milliseconds[-1] == pytest.approx(40, abs=0.1)
    assert "40 ms from 0.15 s, peak" in (said := capsys.readouterr().out)
    assert "a pattern that repeats" in said
    plots.close_up(y, 16_000, start=0.32)
    assert "no pattern that repeats" in capsys.readouterr().out


@pytest.mark.parametrize("start", [-0.1, 0.17, 5.0])
def test_close_up_refuses_a_stretch_outside_the_clip(start):
    with pytest.raises(CourseError, match="do not lie in this clip of 0.20 s"):
        plots.close_up(vowel_like(), 16_000, start=start)


def test_close_up_of_silence_repeats_nothing(capsys):
    plots.close_up(np.zeros(1_600, np.float32), 16_000, start=0.0)
    assert "no pattern that repeats" in capsys.readouterr().out


def test_waveforms_share_one_scale(capsys):
    loud, quiet = vowel_like(0.5), vowel_like(0.25) / 10
    clips = [{"array": y, "sampling_rate": 16_000} for y in (loud, quiet, loud)]
    axes = plots.waveforms(clips, titles=["A", "B", "C"])
    assert len(axes) == 3
    assert len({ax.get_ylim() for ax in axes}) == len({ax.get_xlim() for ax in axes}) == 1
    assert axes[0].get_xlim() == (0, 0.5)
    assert axes[0].get_ylim()[1] > np.abs(loud).max()
    assert [line[:2] for line in capsys.readouterr().out.splitlines()] == ["A:", "B:", "C:"]
    assert [ax.get_visible() for ax in axes[0].figure.axes] == [True, True, True, False]


def test_waveforms_need_a_title_each():
    with pytest.raises(CourseError, match="1 clips and 2 titles"):
        plots.waveforms([{"array": vowel_like(), "sampling_rate": 16_000}], titles=["A", "B"])


def test_mel_draws_the_power_that_log_mel_takes_the_logarithm_of(capsys):
    y = vowel_like(1.0) * np.linspace(0.01, 1, 16_000, dtype=np.float32)
    share = plots.mel(y, 16_000).images[0].get_array()
    decibels = plots.log_mel(y, 16_000).images[0].get_array()
    assert share.shape == decibels.shape
    assert share.max() == pytest.approx(1)
    bright = decibels > -60
    np.testing.assert_allclose(10 * np.log10(share[bright]), decibels[bright], atol=0.01)
    assert "without the logarithm, 80 bands by" in capsys.readouterr().out


def test_model_input_of_a_spectrogram_model_is_an_image_and_its_padding_is_said(capsys):
    from transformers import WhisperFeatureExtractor

    features = WhisperFeatureExtractor(chunk_length=2)(vowel_like(1.0), sampling_rate=16_000, return_tensors="np")
    ax = plots.model_input(features["input_features"][0])
    assert ax.images[0].get_array().shape == (80, 200)
    said = capsys.readouterr().out
    assert "80 bands by 200 frames" in said
    assert int(re.search(r"the last (\d+)% of the frames", said)[1]) in range(45, 51)


def test_model_input_of_a_waveform_model_is_a_line(capsys):
    from transformers import Wav2Vec2FeatureExtractor

    features = Wav2Vec2FeatureExtractor(do_normalize=True)(vowel_like(1.0), sampling_rate=16_000, return_tensors="np")
    ax = plots.model_input(features["input_values"][0])
    assert len(ax.lines[0].get_ydata()) == 16_000
    assert "model input, 16000 samples, mean 0.0, standard deviation 1.0" in capsys.readouterr().out


def test_model_input_refuses_a_batch():
    with pytest.raises(CourseError, match=r"shape \(1, 80, 200\)"):
        plots.model_input(np.zeros((1, 80, 200)))


def test_counts_puts_the_most_frequent_label_first(capsys):
    ax = plots.counts({"b": 2, "a": 2, "c": 5})
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["c", "a", "b"]
    assert [bar.get_width() for bar in ax.patches] == [5, 2, 2]
    assert "9 clips, 3 labels, from 2 clips (b) to 5 (c)" in capsys.readouterr().out


def test_counts_says_it_once_where_all_are_equal(capsys):
    plots.counts({"a": 12, "b": 12})
    assert "24 clips, 2 labels, 12 clips for each" in capsys.readouterr().out


def test_counts_refuses_an_empty_list():
    with pytest.raises(CourseError, match="no labels"):
        plots.counts({})


def test_durations_counts_each_clip_in_its_second_and_marks_the_limit(capsys):
    ax = plots.durations([1.2, 1.8, 3.0, 20.0, 24.5], limit=20)
    heights = {round(bar.get_x()): bar.get_height() for bar in ax.patches if bar.get_height()}
    assert heights == {1: 2, 3: 1, 20: 1, 24: 1}
    assert ax.lines[0].get_xdata()[0] == 20
    assert "durations of 5 clips, 1.2 to 24.5 s, half of them under 3.0 s, 2 of 20 s or more" in capsys.readouterr().out


def test_durations_refuses_an_empty_list():
    with pytest.raises(CourseError, match="no durations"):
        plots.durations([])


def test_spectrum_of_a_short_stretch_has_no_edges_in_it():
    # One window long: with a mirrored beginning the kink there would spread 50 dB above the tone's own skirt.
    y = np.sin(2 * np.pi * 437 * np.arange(640) / 16_000).astype(np.float32)
    hertz, level = plots.spectrum(y, 16_000, window_ms=40).lines[0].get_data()
    assert level[hertz > 2_000].max() < -70


def test_colour_bar_stands_at_the_right_end_of_a_row_only():
    fig, axes = plt.subplots(1, 3)
    for ax in axes:
        plots.spectrogram(vowel_like(), 16_000, ax=ax)
    assert [len(ax.child_axes) for ax in axes] == [0, 0, 1]


@pytest.mark.parametrize(
    "picture",
    [
        lambda: plots.sampled_tones(3_100, 4_900, sampling_rate=8_000),
        lambda: plots.spectra({"a": {"array": vowel_like(), "sampling_rate": 16_000}}),
        lambda: plots.close_up(vowel_like(), 16_000, start=0.1),
        lambda: plots.mel(vowel_like(), 16_000),
        lambda: plots.model_input(np.zeros((80, 30))),
        lambda: plots.counts({"a": 3, "b": 5}),
        lambda: plots.durations([1.0, 2.5], limit=2),
    ],
)
def test_pictures_of_lessons_1_to_3_say_the_same_numbers_in_both_languages(picture, capsys, monkeypatch):
    said = {}
    for lang in ("en", "ko"):
        monkeypatch.setenv("COURSE_LANG", lang)
        picture()
        draw()
        said[lang] = capsys.readouterr().out
    assert len(said["en"].splitlines()) == len(said["ko"].splitlines()) == 1
    assert re.search("[가-힣]", said["ko"])
    assert sorted(re.findall(r"\d+(?:\.\d+)?", said["en"])) == sorted(re.findall(r"\d+(?:\.\d+)?", said["ko"]))


# --- evaluation -----------------------------------------------------------------------------------------------------------

LABELS = ["balance", "freeze", "pay_bill"]
# 10 clips: balance 3 of 4 right, freeze 1 of 4, pay_bill 2 of 2
OUTCOMES = [
    ("balance", "balance", 0.95),
    ("balance", "balance", 0.91),
    ("balance", "balance", 0.55),
    ("balance", "freeze", 0.52),
    ("freeze", "freeze", 0.97),
    ("freeze", "pay_bill", 0.93),
    ("freeze", "pay_bill", 0.31),
    ("freeze", "balance", 0.35),
    ("pay_bill", "pay_bill", 0.99),
    ("pay_bill", "pay_bill", 0.37),
]


@pytest.fixture
def outcomes() -> pd.DataFrame:
    """A table as `evaluation.predictions` returns it."""
    rows = [
        {"label": label, "prediction": said, "score": score, "correct": label == said, "error": None}
        for label, said, score in OUTCOMES
    ]
    return pd.DataFrame(rows)


def test_intervals_draws_one_line_per_draw_and_marks_those_that_miss(capsys):
    shares = [evaluation.Share(right, 40, *evaluation.wilson(right, 40)) for right in (38, 36, 20)]
    ax = plots.intervals(shares, truth=0.9)
    lines, dots = ax.collections
    assert [segment[:, 1].tolist() for segment in lines.get_segments()] == [[share.low, share.high] for share in shares]
    assert dots.get_offsets()[:, 1].tolist() == [0.95, 0.9, 0.5]
    assert [to_rgba(colour) for colour in lines.get_colors()] == [to_rgba(plots.BLUE), to_rgba(plots.BLUE), to_rgba(plots.ORANGE)]
    assert ax.lines[0].get_ydata()[0] == 0.9
    assert capsys.readouterr().out == "3 intervals around accuracies from 0.50 to 0.95: 2 hold 0.90, 1 do not\n"
    draw()


def test_intervals_without_the_truth_count_no_misses(capsys):
    plots.intervals([evaluation.Share(1, 2, *evaluation.wilson(1, 2))])
    assert capsys.readouterr().out == "1 intervals around accuracies from 0.50 to 0.50\n"
    with pytest.raises(CourseError, match="no intervals"):
        plots.intervals([])


def test_recall_draws_a_bar_and_an_interval_for_each_label(outcomes, capsys):
    table = evaluation.recall_by_label(outcomes)
    ax = plots.recall(table)
    assert [bar.get_width() for bar in ax.patches] == [0.75, 0.25, 1.0]
    (lines,) = ax.collections
    assert [segment[:, 0].tolist() for segment in lines.get_segments()] == table[["low", "high"]].to_numpy().tolist()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["balance (4)", "freeze (4)", "pay_bill (2)"]
    assert ax.yaxis_inverted()
    said = capsys.readouterr().out
    assert said.startswith("recall of 3 labels: lowest 0.25 (freeze), highest 1.00 (pay_bill); an interval is ")
    draw()


def test_recall_of_a_label_without_clips_is_left_out_of_the_sentence(outcomes, capsys):
    plots.recall(evaluation.recall_by_label(outcomes, [*LABELS, "abroad"]))
    assert "lowest 0.25 (freeze), highest 1.00 (pay_bill)" in capsys.readouterr().out
    draw()


def test_confusion_writes_each_count_and_colours_right_and_wrong_apart(outcomes, capsys):
    ax = plots.confusion(evaluation.confusion(outcomes, LABELS))
    texts = {(round(t.get_position()[1]), round(t.get_position()[0])): t.get_text() for t in ax.texts}
    assert texts == {(0, 0): "3", (0, 1): "1", (1, 0): "1", (1, 1): "1", (1, 2): "2", (2, 2): "2"}
    pixels = ax.images[0].get_array()
    assert tuple(pixels[0, 0, :3]) == pytest.approx(to_rgba(plots.BLUE)[:3])
    assert tuple(pixels[1, 2, :3]) == pytest.approx(to_rgba(plots.ORANGE)[:3])
    assert pixels[..., 3].tolist() == pytest.approx(np.array([[0.8, 0.4, 0], [0.4, 0.4, 0.6], [0, 0, 1.0]]))
    assert [text.get_text() for text in ax.get_yticklabels()] == LABELS
    assert capsys.readouterr().out == (
        "confusion matrix, 3 labels, 10 clips: 6 on the diagonal; largest count beside it 2: freeze taken for pay_bill\n"
    )
    draw()


def test_confusion_without_mistakes_names_none(outcomes, capsys):
    plots.confusion(evaluation.confusion(outcomes[outcomes["correct"]], LABELS))
    assert capsys.readouterr().out == "confusion matrix, 3 labels, 6 clips: 6 on the diagonal\n"


def test_confusion_names_ties_in_the_order_of_the_labels_and_not_all(outcomes, capsys):
    plots.confusion(evaluation.confusion(outcomes.drop(index=6), LABELS))
    assert "largest count beside it 1: balance taken for freeze, freeze taken for balance, …" in capsys.readouterr().out


def test_reliability_draws_a_dot_for_each_bin(outcomes, capsys):
    table = evaluation.reliability(outcomes.drop(index=3), [0, 0.5, 0.9, 1])
    ax = plots.reliability(table)
    diagonal, dots = ax.lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert dots.get_xdata().tolist() == pytest.approx([(0.31 + 0.35 + 0.37) / 3, 0.55, (0.95 + 0.91 + 0.97 + 0.93 + 0.99) / 5])
    assert dots.get_ydata().tolist() == pytest.approx([1 / 3, 1, 4 / 5])
    assert [text.get_text() for text in ax.texts] == ["3", "1", "5"]
    assert capsys.readouterr().out == (
        "reliability: mean score 0.34, right 0.33 (3 clips); mean score 0.55, right 1.00 (1 clip); "
        "mean score 0.95, right 0.80 (5 clips)\n"
    )
    draw()


def test_coverage_draws_what_is_answered_and_what_of_it_is_right(outcomes, capsys):
    table = evaluation.coverage(outcomes, [0, 0.5, 0.9, 0.999])
    ax = plots.coverage(table)
    right, answered = ax.lines
    assert answered.get_ydata().tolist() == [1, 0.7, 0.5, 0]
    assert right.get_ydata().tolist()[:3] == pytest.approx([0.6, 5 / 7, 0.8])
    assert capsys.readouterr().out == (
        "thresholds: from 0.00 up 1.00 answered, 0.60 of them right; from 0.50 up 0.70 answered, 0.71 of them right; "
        "from 0.90 up 0.50 answered, 0.80 of them right\n"
    )
    draw()


def test_threshold_draws_a_bar_for_each_clip_pale_where_a_person_answers(outcomes, capsys):
    ax = plots.threshold(outcomes, 0.9)
    assert [bar.get_width() for bar in ax.patches] == outcomes["score"].tolist()
    answered, right = outcomes["score"] >= 0.9, outcomes["correct"]
    assert [bar.get_alpha() == 1 for bar in ax.patches] == answered.tolist()
    assert [bar.get_hatch() is None for bar in ax.patches] == right.tolist()
    assert ax.lines[0].get_xdata() == [0.9, 0.9]
    assert capsys.readouterr().out == (
        "threshold 0.90: 5 of 10 clips answered, 4 of them right; 5 go to a person, 2 of them would have been right\n"
    )
    draw()


@pytest.mark.parametrize(
    "picture",
    [plots.recall, plots.reliability, plots.coverage, plots.confusion, lambda table: plots.threshold(table, 0.5)],
)
def test_pictures_of_an_evaluation_refuse_what_is_no_table_of_theirs(picture, outcomes):
    for wrong in (pd.DataFrame(), pd.DataFrame({"score": [0.5]}), [0.5]):
        with pytest.raises(CourseError, match=r"helpers\.evaluation|evaluation\.confusion"):
            picture(wrong)


def test_pictures_of_an_evaluation_say_the_same_numbers_in_korean(outcomes, capsys, monkeypatch):
    def said() -> list[str]:
        plots.intervals([evaluation.accuracy(outcomes)], truth=0.5)
        plots.recall(evaluation.recall_by_label(outcomes))
        plots.confusion(evaluation.confusion(outcomes, LABELS))
        plots.reliability(evaluation.reliability(outcomes, 5))
        plots.coverage(evaluation.coverage(outcomes))
        plots.threshold(outcomes, 0.6)
        draw()
        plt.close("all")
        return capsys.readouterr().out.splitlines()

    english = said()
    monkeypatch.setenv("COURSE_LANG", "ko")
    korean = said()
    assert len(english) == len(korean) == 6
    assert all(map(same_but_for_language, english, korean))


def test_pictures_of_an_evaluation_draw_on_the_axes_they_are_given(outcomes):
    fig, axes = plt.subplots(1, 5)
    plots.intervals([evaluation.accuracy(outcomes)], ax=axes[0])
    plots.recall(evaluation.recall_by_label(outcomes), ax=axes[1])
    plots.confusion(evaluation.confusion(outcomes), ax=axes[2])
    plots.reliability(evaluation.reliability(outcomes), ax=axes[3])
    assert plots.coverage(evaluation.coverage(outcomes), ax=axes[4], title="given") is axes[4]
    assert axes[4].get_title(loc="left") == "given"
    assert len(plt.get_fignums()) == 1


def test_speeds_draws_a_bar_for_each_way_and_compares_with_the_first(capsys):
    ax = plots.speeds({"pipeline": 10.0, "by hand": 11.0, "classify": 35.0})
    assert [bar.get_width() for bar in ax.patches] == [10, 11, 35]
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert [text.get_text() for text in ax.texts] == ["10.0", "11.0  ×1.1", "35.0  ×3.5"]
    assert capsys.readouterr().out == "clips per second: pipeline 10.0; by hand 11.0 (1.1 times); classify 35.0 (3.5 times)\n"


def test_time_shares_draws_seconds_and_says_shares(capsys):
    ax = plots.time_shares({"decode": 0.1, "features": 0.3, "forward": 3.6})
    assert [bar.get_width() for bar in ax.patches] == [0.1, 0.3, 3.6]
    assert capsys.readouterr().out == "4.00 s in all: decode 2 %; features 8 %; forward 90 %\n"


@pytest.mark.parametrize("picture", [plots.speeds, plots.time_shares])
@pytest.mark.parametrize("values", [{}, {"loop": 0.0}, {"loop": 1.0, "batch": float("nan")}])
def test_pictures_of_speed_refuse_what_is_none(picture, values):
    with pytest.raises(CourseError, match="above 0"):
        picture(values)


@pytest.mark.usefixtures("korean")
def test_pictures_of_speed_speak_korean(capsys):
    plots.speeds({"pipeline": 10.0, "classify": 35.0})
    assert capsys.readouterr().out == "1초에 분류하는 클립 수: pipeline 10.0 · classify 35.0(3.5배)\n"


# --- a batch, and training ------------------------------------------------------------------------------------------------


def test_padded_batch_draws_each_clip_and_hatches_what_is_masked(capsys):
    values = np.stack([tone(440), np.pad(tone(440, 0.25), (0, 12_000))])
    mask = np.ones((2, 16_000), dtype=int)
    mask[1, 4_000:] = 0
    ax = plots.padded_batch(values, mask)
    assert [len(line.get_xdata()) for line in ax.lines] == [16_000, 16_000]
    (hatched,) = ax.collections
    x = hatched.get_paths()[0].vertices[:, 0]
    assert (x.min(), x.max()) == (4_000, 15_999)
    said = capsys.readouterr().out
    assert said == "batch of 2 clips, 16000 samples each: clip 1 has no padding, clip 2 has 75% padding, masked\n"
    draw()


def test_padded_batch_speaks_korean_with_the_same_numbers(capsys, korean):
    values, mask = np.ones((2, 100)), np.ones((2, 100))
    mask[1, 50:] = 0
    plots.padded_batch(values, mask)
    said = capsys.readouterr().out
    english = "batch of 2 clips, 100 samples each: clip 1 has no padding, clip 2 has 50% padding, masked\n"
    assert same_but_for_language(english, said)


@pytest.mark.parametrize(("values", "mask"), [(np.ones(5), np.ones(5)), (np.ones((2, 5)), np.ones((2, 4)))])
def test_padded_batch_of_another_shape_is_refused(values, mask):
    with pytest.raises(CourseError, match=r"\(clips, samples\)"):
        plots.padded_batch(values, mask)


CURVES = pd.DataFrame({"epoch": [1, 2], "loss": [1.5, 0.5], "eval_loss": [1.6, 1.0], "eval_accuracy": [0.4, 0.75]})


def test_training_curves_draw_both_losses_and_the_accuracy_of_each_run(capsys):
    left, right = plots.training_curves({"noise": CURVES, "old rows": CURVES.assign(eval_accuracy=[0.8, 0.9])})
    assert [list(line.get_ydata()) for line in left.lines] == [[1.5, 0.5], [1.6, 1.0]] * 2
    assert [list(line.get_ydata()) for line in right.lines] == [[0.4, 0.75], [0.8, 0.9]]
    first, second = capsys.readouterr().out.splitlines()
    assert first == "noise, 2 epochs: loss 1.50 to 0.50, on other clips 1.60 to 1.00, accuracy there 0.40 to 0.75"
    assert second.startswith("old rows, 2 epochs: ")
    draw()


def test_training_curves_speak_korean_with_the_same_numbers(capsys, monkeypatch):
    said = []
    for language in ("en", "ko"):
        monkeypatch.setenv("COURSE_LANG", language)
        plots.training_curves({"a": CURVES})
        said.append(capsys.readouterr().out)
        draw()
    assert same_but_for_language(*said)


@pytest.mark.parametrize("tables", [{}, {"a": CURVES[:0]}, {"a": CURVES.drop(columns="loss")}])
def test_training_curves_without_curves_are_refused(tables):
    with pytest.raises(CourseError):
        plots.training_curves(tables)
