"""Pictures of sound and of scores, each with one sentence that says what it shows. Used in lessons 00 to 08.

Every function takes an example's audio dict or an array with its rate, draws on `ax` (or on a new figure), prints its sentence
and returns the Axes, so that a lesson can put several into one figure. End such a cell with `plt.show()`: without it the
notebook also shows the Axes' repr.

Spectrograms come from `transformers.audio_utils`, the code that the models' own feature extractors use. Numbers in the
sentences are rounded to what stays the same on every CPU.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import colormaps, font_manager, rcParams
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import FuncFormatter

from .audio import SILENT_PEAK, samples_and_rate
from .errors import CourseError
from .language import say

# Okabe and Ito's colours, told apart with every common form of colour blindness.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8C9AA5"
COLOURS = "magma"  # its lightness rises evenly, so it also reads in grey
RANGE_DB = 80.0  # what lies deeper below the loudest point is drawn like silence; Whisper's features clamp at the same depth
_SIZE = (8.0, 2.6)  # inches; at 100 dots an inch as wide as JupyterLab shows without scaling
_MEL_TICKS = (0, 500, 1000, 2000, 4000, 8000, 16000)

# Fonts with Hangul, by system: Linux, Windows, macOS, then whatever else is often there.
_CJK_FONTS = (
    "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "NanumGothic", "NanumBarunGothic",
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Source Han Sans K", "Source Han Sans KR", "UnDotum", "Baekmuk Dotum",
    "Arial Unicode MS", "Noto Serif CJK KR", "Noto Serif CJK JP",
)  # fmt: skip


# --- text in figures ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def cjk_font() -> str | None:
    """The name of an installed font with Hangul, or None."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CJK_FONTS if name in installed), None)


def label(en: str, ko: str) -> str:
    """Text to draw in the reader's language: English where no font with Hangul is installed. Give it `**text_font()` too."""
    return say(en, ko) if cjk_font() else en


def text_font() -> dict[str, Any]:
    """What `ax.set_title`, `ax.text` and the like need to draw Korean: `ax.set_title("제목", **plots.text_font())`."""
    font = cjk_font()
    return {"fontfamily": [*rcParams["font.family"], font]} if font else {}


def _drawable(text: str) -> bool:
    # U+1100 is where Hangul begins; the fonts that come with matplotlib cover what lies below.
    return cjk_font() is not None or all(ord(c) < 0x1100 or 0x2000 <= ord(c) < 0x2E00 for c in text)


def _axes(ax: Axes | None, height: float = _SIZE[1]) -> Axes:
    if ax is None:
        _, ax = plt.subplots(figsize=(_SIZE[0], height), layout="constrained")
    return ax


def _finish(ax: Axes, sentence: str, title: str | None) -> Axes:
    if title and _drawable(title):
        ax.set_title(title, loc="left", fontsize="medium", **text_font())
    print(f"{title}: {sentence}" if title else sentence)
    return ax


def _seconds_axis(ax: Axes, seconds: float) -> None:
    ax.set_xlim(0, seconds)
    place = ax.get_subplotspec()
    shared = len(ax.get_shared_x_axes().get_siblings(ax)) > 1
    if not (shared and place is not None and not place.is_last_row()):  # the lowest of a column speaks for all
        ax.set_xlabel(label("time (s)", "시간 (초)"), **text_font())


def _khz(hertz: float) -> str:
    return f"{hertz / 1000:g}"


def _kilo(value: float, position: int | None = None) -> str:
    return _khz(value)


def _colour_bar(ax: Axes, image: Any, text: str) -> None:
    # Beside the axes instead of taken from their width: pictures above one another keep the same seconds above one another.
    bar = ax.figure.colorbar(image, cax=ax.inset_axes((1.012, 0, 0.016, 1)))
    bar.set_label(text, **text_font())
    bar.outline.set_visible(False)


def _decibel_bar(ax: Axes, image: Any) -> None:
    place = ax.get_subplotspec()
    if place is None or place.is_last_col():  # the scale is always the same: the last of a row speaks for all
        _colour_bar(ax, image, label("dB (loudest = 0)", "dB (가장 큰 곳 = 0)"))


# --- numbers for the sentences --------------------------------------------------------------------------------------------


def _first_near_top(values: np.ndarray) -> int:
    """The first place that comes within 2 % of the maximum: near ties are common, and rounding must not choose between them."""
    return int(np.argmax(values >= 0.98 * values.max()))


def _quiet_ends(y: np.ndarray, rate: int) -> tuple[float, float]:
    """From and until when the signal stays under a twentieth of its peak, at its start and at its end, in seconds."""
    loud = np.flatnonzero(np.abs(y) > 0.05 * np.abs(y).max())
    return float(loud[0]) / rate, float(loud[-1] + 1) / rate


def _energy_below(power: np.ndarray, hertz: np.ndarray, share: float = 0.99) -> float:
    total = np.cumsum(power, dtype=np.float64)
    return float(hertz[np.searchsorted(total, share * total[-1])])


# --- waveform -------------------------------------------------------------------------------------------------------------


def waveform(clip: Any, sampling_rate: int | None = None, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the samples over time.

    Parameters
    ----------
    clip : dict or np.ndarray [shape=(n,)], float
        An example's sound, `minds[0]["audio"]`, or an array of samples.
    sampling_rate : int, optional
        In hertz; for an array.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one line: seconds, amplitude.

    Raises
    ------
    AudioError
        If the clip is empty, not mono, not float, holds NaN, or its rate is missing.

    Notes
    -----
    Prints, for example, "waveform, 7.8 s, peak 0.31 at 2.1 s, silent after 6.9 s": silent is what stays under a twentieth of
    the peak. Used in lessons 00, 02 and 03.
    """
    y, rate = samples_and_rate(clip, sampling_rate)
    seconds, peak = len(y) / rate, float(np.abs(y).max())
    ax = _axes(ax)
    ax.plot(np.arange(len(y)) / rate, y, color=BLUE, linewidth=0.6)
    height = max(peak * 1.1, SILENT_PEAK)
    ax.set_ylim(-height, height)
    ax.set_ylabel(label("amplitude", "진폭"), **text_font())
    ax.grid(alpha=0.25, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    _seconds_axis(ax, seconds)

    en, ko = [f"waveform, {seconds:.1f} s"], [f"파형, {seconds:.1f}초"]
    if peak < SILENT_PEAK:
        en.append("silent throughout")
        ko.append("처음부터 끝까지 무음")
    else:
        at = _first_near_top(np.abs(y)) / rate
        en.append(f"peak {peak:.2f} at {at:.1f} s")
        ko.append(f"최대 진폭 {peak:.2f}({at:.1f}초)")
        begin, end = _quiet_ends(y, rate)
        if begin > 0.25:
            en.append(f"silent until {begin:.1f} s")
            ko.append(f"{begin:.1f}초까지 조용함")
        if seconds - end > 0.25:
            en.append(f"silent after {end:.1f} s")
            ko.append(f"{end:.1f}초 뒤 조용함")
    return _finish(ax, say(", ".join(en), ", ".join(ko)), title)


# --- spectrum and spectrograms --------------------------------------------------------------------------------------------


def _power(
    y: np.ndarray, rate: int, window_ms: float, hop_ms: float, mels: int | None = None, *, mirrored: bool = True
) -> tuple[np.ndarray, int, int]:
    """The power spectrogram, shape (frequencies or mel bands, frames), with the hop and the FFT length in samples.

    `mirrored` centres the first frame on the first sample, as feature extractors do, and so has it see a mirror image; without
    it the first frame begins there, where `y` is long enough for one.
    """
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

    window, hop = round(window_ms / 1000 * rate), round(hop_ms / 1000 * rate)
    if window < 2 or hop < 1:
        raise CourseError(
            say(
                f"Windows of {window_ms:g} ms every {hop_ms:g} ms are shorter than one step between samples at "
                f"{rate} Hz: make them longer.",
                f"{rate} Hz에서는 {hop_ms:g} ms마다 {window_ms:g} ms인 창이 샘플 간격보다 짧아요. 더 길게 하세요.",
            )
        )
    fft, filters = window, None
    if mels is not None:
        # Whisper: 25 ms windows as they are. At lower rates, zeros behind the window until every band holds a frequency.
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # "at least one mel filter has all zero values": then fft doubles
                filters = mel_filter_bank(1 + fft // 2, mels, 0.0, rate / 2, rate, norm="slaney", mel_scale="slaney")
            if filters.max(axis=0).all():
                break
            fft *= 2
    if len(y) <= fft // 2:  # the first frame is centred on the first sample, and what lies before it is a mirror image
        y = np.pad(y, (0, fft // 2 + 1 - len(y)))
    power = spectrogram(
        y,
        window_function(window),
        window,
        hop,
        fft_length=fft,
        power=2.0,
        center=mirrored or len(y) < window,
        mel_filters=filters,
        mel_floor=0.0,
    )
    return power, hop, fft


def _decibels(power: np.ndarray) -> np.ndarray:
    """In dB relative to the largest value, down to -80."""
    from transformers.audio_utils import power_to_db

    top = max(float(power.max()), 1e-10)
    return power_to_db(power, reference=top, min_value=1e-10 * top, db_range=RANGE_DB)


def spectrum(
    clip: Any, sampling_rate: int | None = None, *, window_ms: float = 100.0, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw how the energy of the whole clip spreads over the frequencies.

    Parameters
    ----------
    clip : dict or np.ndarray [shape=(n,)], float
        An example's sound, `minds[0]["audio"]`, or an array of samples.
    sampling_rate : int, optional
        In hertz; for an array.
    window_ms : float
        The power is averaged over windows this long (Welch's method); 100 ms tell frequencies 10 Hz apart.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one line: hertz (labelled in kHz), dB below the strongest frequency.

    Raises
    ------
    AudioError
        As `waveform`.

    Notes
    -----
    Prints, for example, "spectrum, 0 to 8 kHz, strongest at 210 Hz, 99% of the energy below 1.9 kHz". Used in lessons 02 and 03.
    """
    y, rate = samples_and_rate(clip, sampling_rate)
    power, _, fft = _power(y, rate, window_ms, window_ms / 2, mirrored=False)
    mean = power.mean(axis=1, dtype=np.float64)
    hertz = np.arange(len(mean)) * rate / fft
    ax = _axes(ax)
    ax.plot(hertz, _decibels(mean), color=BLUE, linewidth=1.0)
    ax.set_xlim(0, rate / 2)
    ax.set_ylim(-RANGE_DB, 3)
    ax.xaxis.set_major_formatter(FuncFormatter(_kilo))
    ax.set_xlabel(label("frequency (kHz)", "주파수 (kHz)"), **text_font())
    ax.set_ylabel(label("dB (strongest = 0)", "dB (가장 센 곳 = 0)"), **text_font())
    ax.grid(alpha=0.25, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)

    en, ko = f"spectrum, 0 to {_khz(rate / 2)} kHz", f"스펙트럼, 0~{_khz(rate / 2)} kHz"
    if np.abs(y).max() < SILENT_PEAK:
        return _finish(ax, say(f"{en}, of silence", f"{ko}, 무음"), title)
    strongest, below = hertz[_first_near_top(mean)], _energy_below(mean, hertz)
    return _finish(
        ax,
        say(
            f"{en}, strongest at {round(strongest, -1):.0f} Hz, 99% of the energy below {below / 1000:.1f} kHz",
            f"{ko}, 가장 센 주파수 {round(strongest, -1):.0f} Hz, 에너지의 99%가 {below / 1000:.1f} kHz 아래",
        ),
        title,
    )


def spectrogram(
    clip: Any,
    sampling_rate: int | None = None,
    *,
    window_ms: float = 25.0,
    hop_ms: float = 10.0,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw which frequencies sound when.

    Parameters
    ----------
    clip : dict or np.ndarray [shape=(n,)], float
        An example's sound, `minds[0]["audio"]`, or an array of samples.
    sampling_rate : int, optional
        In hertz; for an array.
    window_ms : float
        Length of a window: longer ones tell frequencies apart better, shorter ones moments.
    hop_ms : float
        From one window to the next.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one image, shape (frequencies, frames), in dB below its loudest point.

    Raises
    ------
    AudioError
        As `waveform`.
    CourseError
        If a window or a hop is shorter than one step between samples.

    Notes
    -----
    Short-time Fourier transform with a Hann window, `transformers.audio_utils.spectrogram`. Prints, for example, "spectrogram,
    7.8 s, 0 to 8 kHz, 99% of the energy below 1.9 kHz, loudest near 2.1 s". Used in lessons 00, 02 and 03.
    """
    y, rate = samples_and_rate(clip, sampling_rate)
    power, hop, fft = _power(y, rate, window_ms, hop_ms)
    hertz = np.arange(len(power)) * rate / fft
    ax = _axes(ax)
    half = rate / fft / 2
    _image(ax, power, hop / rate, (-half, float(hertz[-1]) + half))
    ax.set_ylim(0, rate / 2)
    ax.yaxis.set_major_formatter(FuncFormatter(_kilo))
    ax.set_ylabel(label("frequency (kHz)", "주파수 (kHz)"), **text_font())
    _seconds_axis(ax, len(y) / rate)
    seconds, top = len(y) / rate, _khz(rate / 2)
    en, ko = f"spectrogram, {seconds:.1f} s, 0 to {top} kHz", f"스펙트로그램, {seconds:.1f}초, 0~{top} kHz"
    if np.abs(y).max() < SILENT_PEAK:
        return _finish(ax, say(f"{en}, of silence", f"{ko}, 무음"), title)
    below = _energy_below(power.sum(axis=1, dtype=np.float64), hertz)
    at = _first_near_top(power.sum(axis=0)) * hop / rate
    return _finish(
        ax,
        say(
            f"{en}, 99% of the energy below {below / 1000:.1f} kHz, loudest near {at:.1f} s",
            f"{ko}, 에너지의 99%가 {below / 1000:.1f} kHz 아래, {at:.1f}초 부근이 가장 큼",
        ),
        title,
    )


def log_mel(
    clip: Any,
    sampling_rate: int | None = None,
    *,
    mels: int = 80,
    window_ms: float = 25.0,
    hop_ms: float = 10.0,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the log-mel spectrogram: what Whisper and other spectrogram models get to see.

    Parameters
    ----------
    clip : dict or np.ndarray [shape=(n,)], float
        An example's sound, `minds[0]["audio"]`, or an array of samples.
    sampling_rate : int, optional
        In hertz; for an array.
    mels : int
        How many bands: narrow at low frequencies and wide at high ones, as the ear hears (Slaney's mel scale).
    window_ms : float
        Length of a window.
    hop_ms : float
        From one window to the next.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one image, shape (mels, frames), in dB below its loudest point.

    Raises
    ------
    AudioError
        As `waveform`.
    CourseError
        If a window or a hop is shorter than one step between samples.

    Notes
    -----
    With the defaults and 16 kHz these are the windows, bands and depth (80 dB) of Whisper's feature extractor, before it pads
    and scales. Prints, for example, "log-mel spectrogram, 80 bands by 781 frames, 7.8 s, 0 to 8 kHz, loudest near 2.1 s".
    Used in lessons 00, 03, 06 and 09.
    """
    y, rate = samples_and_rate(clip, sampling_rate)
    power, hop, _ = _power(y, rate, window_ms, hop_ms, mels)
    ax = _axes(ax)
    _image(ax, power, hop / rate, (-0.5, mels - 0.5))
    _mel_axis(ax, mels, rate)
    _seconds_axis(ax, len(y) / rate)

    bands, frames = power.shape
    seconds, khz = len(y) / rate, _khz(rate / 2)
    en = f"log-mel spectrogram, {bands} bands by {frames} frames, {seconds:.1f} s, 0 to {khz} kHz"
    ko = f"로그 멜 스펙트로그램, 대역 {bands}개 × 프레임 {frames}개, {seconds:.1f}초, 0~{khz} kHz"
    if np.abs(y).max() < SILENT_PEAK:
        return _finish(ax, say(f"{en}, of silence", f"{ko}, 무음"), title)
    at = _first_near_top(power.sum(axis=0)) * hop / rate
    return _finish(ax, say(f"{en}, loudest near {at:.1f} s", f"{ko}, {at:.1f}초 부근이 가장 큼"), title)


def _mel_axis(ax: Axes, mels: int, rate: int) -> None:
    """Hertz at the bands they fall into: band k is centred on the (k + 1)-th of mels + 1 equal steps on the mel scale."""
    from transformers.audio_utils import hertz_to_mel

    top = float(hertz_to_mel(rate / 2, mel_scale="slaney"))
    ticks = {f: float(hertz_to_mel(float(f), mel_scale="slaney")) / top * (mels + 1) - 1 for f in _MEL_TICKS if f <= rate / 2}
    ax.set_yticks(list(ticks.values()), [_khz(f) for f in ticks])
    ax.set_ylim(-1, mels)
    ax.set_facecolor(colormaps[COLOURS](0.0))  # no band is centred on 0 Hz or on the top
    ax.set_ylabel(label("frequency (kHz, mel)", "주파수 (kHz, 멜)"), **text_font())


def _image(ax: Axes, power: np.ndarray, step: float, vertical: tuple[float, float]) -> None:
    """`power` as an image whose columns are centred on their frames' middles, `step` seconds apart, with its dB bar."""
    image = ax.imshow(
        _decibels(power),
        origin="lower",
        aspect="auto",
        cmap=COLOURS,
        vmin=-RANGE_DB,
        vmax=0,
        extent=(-step / 2, (power.shape[1] - 0.5) * step, *vertical),
    )
    _decibel_bar(ax, image)


# --- scores ---------------------------------------------------------------------------------------------------------------


def scores(
    results: Sequence[Mapping[str, Any]], *, truth: str | None = None, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw a pipeline's answer as bars, the best at the top.

    Parameters
    ----------
    results : list of {"label": str, "score": float}
        What `classifier(array)` returns for one clip.
    truth : str, optional
        The true label's name; its bar gets another colour, a hatch and a word.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one bar for each label, in the order given.

    Raises
    ------
    CourseError
        If `results` is not one clip's list.

    Notes
    -----
    Prints, for example, "scores: pay_bill 0.96 (the true label), freeze 0.03, card_issues 0.00". Used in lessons 00, 04, 05, 09.
    """
    if not results or not all(isinstance(result, Mapping) and {"label", "score"} <= set(result) for result in results):
        raise CourseError(
            say(
                'This is not one clip\'s answer: pass classifier(array), a list of {"label", "score"}; of several clips, '
                "one at a time.",
                '클립 하나의 답이 아니에요. {"label", "score"}의 리스트인 classifier(array)를 넘기세요. '
                "클립이 여러 개면 하나씩 넘기세요.",
            )
        )
    names, values = [str(result["label"]) for result in results], [float(result["score"]) for result in results]
    ax = _axes(ax, height=0.6 + 0.36 * len(names))
    places = np.arange(len(names))
    bars = ax.barh(places, values, height=0.7, color=[ORANGE if name == truth else BLUE for name in names])
    marked = label("true label", "실제 레이블")
    for bar, name, value in zip(bars, names, values, strict=True):
        text = f"{value:.2f}"
        if name == truth:
            bar.set_hatch("//")
            bar.set_edgecolor("white")
            text += f"  {marked}"
        ax.text(max(value, 0) + 0.01, bar.get_y() + bar.get_height() / 2, text, va="center", **text_font())
    ax.set_yticks(places, names, **(text_font() if all(map(_drawable, names)) else {}))
    ax.invert_yaxis()
    ax.set_xlim(0, max(1.0, *values))
    ax.set_xlabel(label("score", "점수"), **text_font())
    ax.spines[["top", "right"]].set_visible(False)

    en = [
        f"{name} {value:.2f}" + (" (the true label)" if name == truth else "") for name, value in zip(names, values, strict=True)
    ]
    ko = [f"{name} {value:.2f}" + ("(실제 레이블)" if name == truth else "") for name, value in zip(names, values, strict=True)]
    missing = truth is not None and truth not in names
    return _finish(
        ax,
        say(
            f"scores: {', '.join(en)}" + (f"; the true label, {truth}, is not among them" if missing else ""),
            f"점수: {', '.join(ko)}" + (f". 실제 레이블 {truth}: 목록에 없음" if missing else ""),
        ),
        title,
    )


# --- pictures of the sampling rate ----------------------------------------------------------------------------------------


def sampled_tones(*frequencies: float, sampling_rate: int, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw tones as the waves they are, and the samples that a sampling rate takes of them.

    Parameters
    ----------
    *frequencies : float > 0, in hertz
        One tone each, all of the same height, all starting at their crest.
    sampling_rate : int, in hertz
        How many samples a second are taken of each.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        For each tone a line (ms, amplitude), then its samples as dots.

    Raises
    ------
    CourseError
        If no frequency is given, or one or the rate is not positive.

    Notes
    -----
    Sixteen samples are drawn. Prints, for example, "3100 Hz and 4900 Hz over 2.0 ms, 8000 samples a second: all 17 samples are
    the same". Used in lesson 02.
    """
    if not frequencies or sampling_rate <= 0 or min(frequencies) <= 0:
        raise CourseError(
            say(
                "Tones need frequencies and a sampling rate above 0: plots.sampled_tones(3_100, 4_900, sampling_rate=8_000).",
                "주파수와 샘플링 속도는 0보다 커야 해요: plots.sampled_tones(3_100, 4_900, sampling_rate=8_000).",
            )
        )
    seconds = 16 / sampling_rate
    smooth, at = np.linspace(0, seconds, 2_000), np.arange(17) / sampling_rate
    samples = [np.cos(2 * np.pi * frequency * at) for frequency in frequencies]
    names = [f"{frequency:g} Hz" for frequency in frequencies]
    ax = _axes(ax)
    for number, (frequency, taken) in enumerate(zip(frequencies, samples, strict=True)):
        colour, style = (BLUE, ORANGE, GREY)[number % 3], ("-", "--", ":")[number % 3]
        ax.plot(1000 * smooth, np.cos(2 * np.pi * frequency * smooth), style, color=colour, linewidth=1.2, label=names[number])
        ax.plot(1000 * at, taken, "o", color="black", markersize=5, zorder=3, clip_on=False)
    ax.set_xlim(0, 1000 * seconds)
    ax.set_xlabel(label("time (ms)", "시간 (ms)"), **text_font())
    ax.set_ylabel(label("amplitude", "진폭"), **text_font())
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(names), frameon=False)
    ax.spines[["top", "right"]].set_visible(False)

    en = f"{' and '.join(names)} over {1000 * seconds:.1f} ms, {sampling_rate} samples a second"
    ko = f"{', '.join(names)}, {1000 * seconds:.1f} ms 동안, 초당 샘플 {sampling_rate}개"
    same = sum(bool(np.ptp([taken[n] for taken in samples]) < 1e-6) for n in range(len(at)))
    if len(frequencies) > 1 and same == len(at):
        en, ko = f"{en}: all {same} samples are the same", f"{ko}: 샘플 {same}개가 모두 같음"
    elif len(frequencies) > 1:
        en, ko = f"{en}: {same} of {len(at)} samples are the same", f"{ko}: 샘플 {len(at)}개 가운데 {same}개가 같음"
    return _finish(ax, say(en, ko), title)


def spectra(clips: Mapping[str, Any], *, window_ms: float = 100.0, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the spectra of several clips over one another, such as one clip before and after resampling.

    Parameters
    ----------
    clips : dict of str to dict
        Each clip's name and its audio dict, `minds[0]["audio"]`; the first is drawn broad, so that it shows behind the others.
    window_ms : float
        As `spectrum`.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one line for each clip: hertz (labelled in kHz), dB below that clip's strongest frequency.

    Raises
    ------
    AudioError
        As `spectrum`.

    Notes
    -----
    Prints, for example, "spectra: 8 kHz reaches to 4 kHz; 16 kHz reaches to 8 kHz, with nothing within 60 dB of its strongest
    frequency above 4 kHz". Used in lesson 02.
    """
    ax = _axes(ax)
    lines: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for number, (name, clip) in enumerate(clips.items()):
        y, rate = samples_and_rate(clip)
        power, _, fft = _power(y, rate, window_ms, window_ms / 2, mirrored=False)
        mean = power.mean(axis=1, dtype=np.float64)
        hertz, level = np.arange(len(mean)) * rate / fft, _decibels(mean)
        lines[name] = hertz, level
        (line,) = ax.plot(hertz, level, color=(BLUE, ORANGE)[(number - 1) % 2], linewidth=1.0)
        line.set_label(name if _drawable(name) else str(number + 1))
        if number == 0:
            line.set(color=GREY, linewidth=5.0, alpha=0.5)
    ends = {name: float(hertz[-1]) for name, (hertz, _) in lines.items()}
    narrowest = min(ends.values())
    ax.set_xlim(0, max(ends.values()))
    ax.set_ylim(-RANGE_DB, 3)
    ax.xaxis.set_major_formatter(FuncFormatter(_kilo))
    ax.set_xlabel(label("frequency (kHz)", "주파수 (kHz)"), **text_font())
    ax.set_ylabel(label("dB (strongest = 0)", "dB (가장 센 곳 = 0)"), **text_font())
    ax.grid(alpha=0.25, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper right", frameon=False, **({"prop": {"family": text_font()["fontfamily"]}} if text_font() else {}))

    en, ko = [], []
    for name, (hertz, level) in lines.items():
        one, two = f"{name} reaches to {_khz(ends[name])} kHz", f"{name}: {_khz(ends[name])} kHz까지"
        if ends[name] > narrowest:
            # The resampling filter's own slope lies just above the edge; in steps of 10 dB the sentence is the same on every CPU.
            step = 10 * int(-level[hertz > 1.05 * narrowest].max() // 10)
            one += f", with nothing within {step} dB of its strongest frequency above {_khz(narrowest)} kHz"
            two += f", {_khz(narrowest)} kHz 위에는 가장 센 주파수보다 {step} dB 넘게 작은 것뿐"
        en.append(one)
        ko.append(two)
    return _finish(ax, say(f"spectra: {'; '.join(en)}", f"스펙트럼: {'; '.join(ko)}"), title)


# --- close up, and side by side -------------------------------------------------------------------------------------------


def close_up(
    clip: Any,
    sampling_rate: int | None = None,
    *,
    start: float,
    milliseconds: float = 40.0,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a few hundredths of a second, near enough to see single vibrations.

    Parameters
    ----------
    clip : dict or np.ndarray [shape=(n,)], float
        An example's sound, `minds[0]["audio"]`, or an array of samples: the whole clip.
    sampling_rate : int, optional
        In hertz; for an array.
    start : float
        Where the stretch begins, in seconds.
    milliseconds : float
        How long it is.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one line: milliseconds from `start`, amplitude.

    Raises
    ------
    AudioError
        As `waveform`.
    CourseError
        If the stretch does not lie in the clip.

    Notes
    -----
    Prints, for example, "40 ms from 1.03 s, peak 0.83, a pattern that repeats": it does where the stretch, shifted by 1/400 to
    1/60 s, correlates with itself by more than a half. Used in lesson 03.
    """
    y, rate = samples_and_rate(clip, sampling_rate)
    first, count = round(start * rate), round(milliseconds / 1000 * rate)
    stretch = y[max(first, 0) : first + count]
    if first < 0 or len(stretch) < max(count, 2):
        raise CourseError(
            say(
                f"{milliseconds:g} ms from {start:.2f} s do not lie in this clip of {len(y) / rate:.2f} s: start earlier.",
                f"{start:.2f}초부터 {milliseconds:g} ms는 {len(y) / rate:.2f}초짜리 클립 안에 있지 않아요. 더 앞에서 시작하세요.",
            )
        )
    ax = _axes(ax)
    ax.plot(1000 * np.arange(count) / rate, stretch, color=BLUE, linewidth=1.0, marker=".", markersize=3)
    ax.set_xlim(0, milliseconds)
    ax.set_xlabel(label("time (ms)", "시간 (ms)"), **text_font())
    ax.set_ylabel(label("amplitude", "진폭"), **text_font())
    ax.grid(alpha=0.25, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)

    repeats = _self_similarity(stretch, rate) > 0.5
    en = f"{milliseconds:g} ms from {start:.2f} s, peak {np.abs(stretch).max():.2f}"
    ko = f"{start:.2f}초부터 {milliseconds:g} ms, 최대 진폭 {np.abs(stretch).max():.2f}"
    en += ", a pattern that repeats" if repeats else ", no pattern that repeats"
    ko += ", 되풀이되는 모양이 있음" if repeats else ", 되풀이되는 모양이 없음"
    return _finish(ax, say(en, ko), title)


def _self_similarity(y: np.ndarray, rate: int) -> float:
    """The best correlation of a stretch with itself, shifted by a period of a voice (60 to 400 Hz): near 1 for a vowel."""
    y = y - y.mean()
    shifts = range(max(1, rate // 400), min(rate // 60, len(y) - 2) + 1)
    pairs = [(y[:-shift], y[shift:]) for shift in shifts]
    return max((float(np.corrcoef(one, other)[0, 1]) for one, other in pairs if one.any() and other.any()), default=0.0)


def waveforms(clips: Sequence[Any], *, titles: Sequence[str], columns: int = 2) -> np.ndarray:
    """Draw clips beside one another, on one scale of time and one of amplitude, so that their shapes can be compared.

    Parameters
    ----------
    clips : list of dict
        The clips' sounds, `row["audio"]`.
    titles : list of str
        One for each clip: its intent, or a letter.
    columns : int
        How many stand beside one another.

    Returns
    -------
    np.ndarray of Axes [shape=(len(clips),)]

    Raises
    ------
    AudioError
        As `waveform`.
    CourseError
        If there is not one title for each clip, or no clip.

    Notes
    -----
    Prints a sentence for each clip, as `waveform` does. Used in lesson 03.
    """
    if not clips or len(clips) != len(titles):
        raise CourseError(
            say(
                f"There are {len(clips)} clips and {len(titles)} titles: give each clip one.",
                f"클립은 {len(clips)}개, 제목은 {len(titles)}개예요. 클립마다 제목을 하나씩 주세요.",
            )
        )
    rows = -(-len(clips) // columns)
    _, grid = plt.subplots(
        rows, columns, figsize=(_SIZE[0] * 1.2, 1.5 * rows + 0.4), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    axes = grid.ravel()
    height = seconds = 0.0
    for ax, clip, title in zip(axes, clips, titles, strict=False):
        waveform(clip, ax=ax, title=title)
        height, seconds = max(height, ax.get_ylim()[1]), max(seconds, ax.get_xlim()[1])
    axes[0].set_ylim(-height, height)
    axes[0].set_xlim(0, seconds)
    for place, ax in enumerate(axes):
        ax.label_outer()
        ax.set_visible(place < len(clips))
    return axes[: len(clips)]


# --- what a model gets to see ---------------------------------------------------------------------------------------------


def mel(
    clip: Any,
    sampling_rate: int | None = None,
    *,
    mels: int = 80,
    window_ms: float = 25.0,
    hop_ms: float = 10.0,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw the mel spectrogram without the logarithm, to see what the logarithm is for.

    Parameters
    ----------
    clip, sampling_rate, mels, window_ms, hop_ms, ax, title
        As `log_mel`.

    Returns
    -------
    Axes
        With one image, shape (mels, frames), as a share of its loudest point.

    Raises
    ------
    AudioError, CourseError
        As `log_mel`.

    Notes
    -----
    Prints, for example, "mel spectrogram without the logarithm, 80 bands by 781 frames, 99% of it fainter than 1/10 of the
    loudest point". Used in lesson 03.
    """
    y, rate = samples_and_rate(clip, sampling_rate)
    power, hop, _ = _power(y, rate, window_ms, hop_ms, mels)
    share = power / max(float(power.max()), 1e-10)
    ax = _axes(ax)
    _mel_axis(ax, mels, rate)
    step = hop / rate
    image = ax.imshow(
        share, origin="lower", aspect="auto", cmap=COLOURS, vmin=0, vmax=1,
        extent=(-step / 2, (share.shape[1] - 0.5) * step, -0.5, mels - 0.5),
    )  # fmt: skip
    _colour_bar(ax, image, label("share of the loudest", "가장 큰 점 대비"))
    _seconds_axis(ax, len(y) / rate)
    faint, (bands, frames) = np.mean(share < 0.1), share.shape
    return _finish(
        ax,
        say(
            f"mel spectrogram without the logarithm, {bands} bands by {frames} frames, {faint:.0%} of it fainter than 1/10 "
            "of the loudest point",
            f"로그 없는 멜 스펙트로그램, 대역 {bands}개 × 프레임 {frames}개, {faint:.0%}가 가장 큰 점의 1/10보다 약함",
        ),
        title,
    )


def model_input(values: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw what a feature extractor hands to its model for one clip: a log-mel spectrogram, or a waveform.

    Parameters
    ----------
    values : np.ndarray [shape=(bands, frames) or (n,)], float
        `extractor(array, ...)["input_features"][0]` or `["input_values"][0]`.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one image, or one line.

    Raises
    ------
    CourseError
        If `values` has neither one nor two dimensions.

    Notes
    -----
    Prints, for example, "model input, 80 bands by 1500 frames, values from -0.5 to 1.5, the last 48% of the frames all the same",
    or "model input, 124830 samples, mean 0.0, standard deviation 1.0". Used in lessons 03 and 06.
    """
    array = np.asarray(values, dtype=np.float32)
    if array.ndim not in (1, 2) or not array.size:
        raise CourseError(
            say(
                f"The input of one clip has one or two dimensions, this has the shape {array.shape}: take clip 0 with [0].",
                f"클립 하나의 입력은 1차원이나 2차원인데 지금 모양은 {array.shape}예요. [0]으로 클립 하나를 꺼내세요.",
            )
        )
    ax = _axes(ax)
    if array.ndim == 1:
        ax.plot(array, color=BLUE, linewidth=0.6)
        ax.set_xlim(0, len(array))
        ax.set_xlabel(label("sample", "샘플"), **text_font())
        ax.spines[["top", "right"]].set_visible(False)
        mean, deviation = abs(float(array.mean())), float(array.std())  # a mean that rounds to "-0.0" on one CPU only
        return _finish(
            ax,
            say(
                f"model input, {len(array)} samples, mean {mean:.1f}, standard deviation {deviation:.1f}",
                f"모델 입력, 샘플 {len(array)}개, 평균 {mean:.1f}, 표준 편차 {deviation:.1f}",
            ),
            title,
        )
    bands, frames = array.shape
    image = ax.imshow(array, origin="lower", aspect="auto", cmap=COLOURS)
    _colour_bar(ax, image, label("value", "값"))
    ax.set_xlabel(label("frame", "프레임"), **text_font())
    ax.set_ylabel(label("band", "대역"), **text_font())
    same = np.all(np.abs(array - array[:, -1:]) < 1e-6, axis=0)[::-1]
    rest = frames if same.all() else int(same.argmin())
    en = f"model input, {bands} bands by {frames} frames, values from {array.min():.1f} to {array.max():.1f}"
    ko = f"모델 입력, 대역 {bands}개 × 프레임 {frames}개, 값은 {array.min():.1f}에서 {array.max():.1f}까지"
    if rest > 1:
        en += f", the last {rest / frames:.0%} of the frames all the same"
        ko += f", 마지막 {rest / frames:.0%}의 프레임은 모두 같음"
    return _finish(ax, say(en, ko), title)


def padded_batch(values: Any, mask: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw a batch of waveforms padded to one length, with what the attention mask tells the model to leave out.

    Parameters
    ----------
    values : np.ndarray or tensor [shape=(clips, samples)], float
        `batch["input_values"]`.
    mask : np.ndarray or tensor [shape=(clips, samples)]
        `batch["attention_mask"]`: 1 where there is a clip, 0 where there is padding.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one line for each clip, the first at the top, and a hatched area over its padding.

    Raises
    ------
    CourseError
        If the two do not have the same two dimensions.

    Notes
    -----
    Prints, for example, "batch of 2 clips, 124830 samples each: clip 1 has no padding, clip 2 has 48% padding, masked". Used in
    lesson 06.
    """
    array, seen = np.asarray(values, dtype=np.float32), np.asarray(mask)
    if array.ndim != 2 or array.shape != seen.shape or not array.size:
        raise CourseError(
            say(
                f"A batch and its mask have one shape, (clips, samples); these have {array.shape} and {seen.shape}.",
                f"배치와 마스크는 (클립, 샘플)이라는 같은 모양이어야 해요. 지금 모양은 {array.shape}, {seen.shape}이에요.",
            )
        )
    clips, samples = array.shape
    ax = _axes(ax, height=0.8 + 0.9 * clips)
    height = max(float(np.abs(array).max()), SILENT_PEAK)
    en, ko = [], []
    for row in range(clips):
        ax.plot(array[row] / height / 2.2 - row, color=BLUE, linewidth=0.6)
        count = int((seen[row] == 0).sum())
        if count:
            hidden = np.flatnonzero(seen[row] == 0)
            ax.fill_between([hidden[0], hidden[-1]], -row - 0.42, -row + 0.42, color=GREY, alpha=0.25, hatch="//", linewidth=0)
            en.append(f"clip {row + 1} has {count / samples:.0%} padding, masked")
            ko.append(f"클립 {row + 1}에서 가려 둔 채움은 {count / samples:.0%}")
        else:
            en.append(f"clip {row + 1} has no padding")
            ko.append(f"클립 {row + 1}에는 채움이 없음")
    ax.set_xlim(0, samples)
    ax.set_ylim(-clips + 0.5, 0.5)
    ax.set_yticks([-row for row in range(clips)], [f"{label('clip', '클립')} {row + 1}" for row in range(clips)], **text_font())
    ax.set_xlabel(label("sample (hatched: masked)", "샘플 (빗금: 가려 둔 곳)"), **text_font())
    ax.spines[["top", "right"]].set_visible(False)
    return _finish(
        ax,
        say(
            f"batch of {clips} clips, {samples} samples each: {', '.join(en)}",
            f"클립 {clips}개를 묶은 배치, 길이는 모두 샘플 {samples}개: {', '.join(ko)}",
        ),
        title,
    )


# --- a data set at a glance -----------------------------------------------------------------------------------------------


def counts(numbers: Mapping[str, int], *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how many clips carry each label, the most frequent at the top.

    Parameters
    ----------
    numbers : dict of str to int
        `Counter(int2str(number) for number in minds["intent_class"])`.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one bar for each label, the largest first; equal ones in alphabetical order.

    Raises
    ------
    CourseError
        If there is nothing to count.

    Notes
    -----
    Prints, for example, "654 clips, 14 labels, from 29 clips (freeze) to 61 (pay_bill)". Used in lesson 01.
    """
    if not numbers:
        raise CourseError(say("There are no labels to count: the list is empty.", "셀 레이블이 없어요. 목록이 비어 있어요."))
    ordered = sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
    names, values = [name for name, _ in ordered], [int(value) for _, value in ordered]
    ax = _axes(ax, height=0.6 + 0.26 * len(names))
    bars = ax.barh(np.arange(len(names)), values, height=0.7, color=BLUE)
    ax.bar_label(bars, padding=3)
    ax.set_yticks(np.arange(len(names)), names, **(text_font() if all(map(_drawable, names)) else {}))
    ax.invert_yaxis()
    ax.set_xlim(0, 1.08 * max(values))
    ax.set_xlabel(label("clips", "클립 수"), **text_font())
    ax.spines[["top", "right"]].set_visible(False)
    en, ko = f"{sum(values)} clips, {len(names)} labels", f"클립 {sum(values)}개, 레이블 {len(names)}개"
    if values[0] == values[-1]:
        en, ko = f"{en}, {values[0]} clips for each", f"{ko}, 레이블마다 클립 {values[0]}개"
    else:
        en += f", from {values[-1]} clips ({names[-1]}) to {values[0]} ({names[0]})"
        ko += f", 가장 적은 것은 {values[-1]}개({names[-1]}), 가장 많은 것은 {values[0]}개({names[0]})"
    return _finish(ax, say(en, ko), title)


def durations(seconds: Sequence[float], *, limit: float | None = None, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how many clips have which length, in bars of one second.

    Parameters
    ----------
    seconds : list of float
        Each clip's length.
    limit : float, optional
        A length to mark, such as the longest that is kept.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With a bar for each second, and a line at the limit.

    Raises
    ------
    CourseError
        If there are no durations.

    Notes
    -----
    Prints, for example, "durations of 654 clips, 2.0 to 57.4 s, half of them under 6.6 s, 30 of 20 s or more". Used in lesson 01.
    """
    values = np.asarray(list(seconds), dtype=float)
    if not values.size:
        raise CourseError(say("There are no durations to draw: the list is empty.", "그릴 길이가 없어요. 목록이 비어 있어요."))
    ax = _axes(ax)
    ax.hist(values, bins=np.arange(0, np.floor(values.max()) + 2).tolist(), color=BLUE, edgecolor="white", linewidth=0.6)
    ax.set_xlim(left=0)
    ax.set_xlabel(label("length (s)", "길이 (초)"), **text_font())
    ax.set_ylabel(label("clips", "클립 수"), **text_font())
    ax.spines[["top", "right"]].set_visible(False)
    shortest, middle, longest = values.min(), np.median(values), values.max()
    en = f"durations of {len(values)} clips, {shortest:.1f} to {longest:.1f} s, half of them under {middle:.1f} s"
    ko = f"클립 {len(values)}개의 길이, {shortest:.1f}~{longest:.1f}초, 절반은 {middle:.1f}초보다 짧음"
    if limit is not None:
        ax.axvline(limit, color=ORANGE, linestyle="--", linewidth=1.5)
        long = int((values >= limit).sum())
        en, ko = f"{en}, {long} of {limit:g} s or more", f"{ko}, {limit:g}초 이상은 {long}개"
    return _finish(ax, say(en, ko), title)


# --- evaluation -----------------------------------------------------------------------------------------------------------


def _rows_of(table: Any, *columns: str) -> Any:
    """`table`, if it is one with rows and these columns; else an error that names the function that makes such a table."""
    if any(column not in getattr(table, "columns", ()) for column in columns) or not len(table):
        raise CourseError(
            say(
                f"This picture needs a table with rows and the columns {', '.join(columns)}; helpers.evaluation makes it.",
                f"이 그림에는 행이 있고 {', '.join(columns)} 열이 있는 표가 필요해요. helpers.evaluation으로 만드세요.",
            )
        )
    return table


def _few(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _share_axis(ax: Axes, which: str) -> None:
    getattr(ax, f"set_{which}lim")(-0.02, 1.06)
    ax.set_axisbelow(True)
    ax.grid(alpha=0.25, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)


def intervals(shares: Sequence[Any], *, truth: float | None = None, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw confidence intervals side by side, those that miss the true share in another colour.

    Parameters
    ----------
    shares : list of evaluation.Share
        What `evaluation.accuracy` returns, once for each draw.
    truth : float, optional
        The share that the intervals are meant to hold: a dashed line.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one vertical line and one dot for each share.

    Raises
    ------
    CourseError
        If there are no shares.

    Notes
    -----
    Prints, for example, "100 intervals around accuracies from 0.85 to 1.00: 96 hold 0.94, 4 do not". Used in lesson 05.
    """
    if not shares:
        raise CourseError(say("There are no intervals to draw: pass a list of evaluation.accuracy(table).",
                              "그릴 구간이 없어요. evaluation.accuracy(table)의 리스트를 넘기세요."))  # fmt: skip
    ax = _axes(ax)
    holds = [truth is None or share.low <= truth <= share.high for share in shares]
    places = np.arange(len(shares))
    colours = [BLUE if held else ORANGE for held in holds]
    ax.vlines(places, [share.low for share in shares], [share.high for share in shares], colors=colours, linewidth=1.5)
    ax.scatter(places, [share.value for share in shares], c=colours, s=8, zorder=3)
    if truth is not None:
        ax.axhline(truth, color="black", linestyle="--", linewidth=1)
    ax.set_xlim(-1, len(shares))
    ax.set_xlabel(label("draw", "뽑은 순서"), **text_font())
    ax.set_ylabel(label("accuracy", "정확도"), **text_font())
    ax.grid(alpha=0.25, linewidth=0.6, axis="y")
    ax.spines[["top", "right"]].set_visible(False)

    least, most = min(share.value for share in shares), max(share.value for share in shares)
    en = f"{len(shares)} intervals around accuracies from {least:.2f} to {most:.2f}"
    ko = f"구간 {len(shares)}개, 가운데 점의 정확도는 {least:.2f}~{most:.2f}"
    if truth is not None:
        en += f": {sum(holds)} hold {truth:.2f}, {len(holds) - sum(holds)} do not"
        ko += f": 점선({truth:.2f})을 품은 것 {sum(holds)}개, 품지 못한 것 {len(holds) - sum(holds)}개"
    return _finish(ax, say(en, ko), title)


def recall(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the recall of each label as a bar with its interval.

    Parameters
    ----------
    table : pd.DataFrame
        What `evaluation.recall_by_label` returns.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one bar and one thin line for each label, in the table's order from the top.

    Raises
    ------
    CourseError
        If the table is empty or is another.

    Notes
    -----
    Prints, for example, "recall of 14 labels: lowest 0.75 (freeze), highest 1.00 (abroad, balance, pay_bill, …); an interval is
    0.32 wide on average". Used in lesson 05.
    """
    table = _rows_of(table, "clips", "recall", "low", "high")
    ax = _axes(ax, height=0.6 + 0.3 * len(table))
    places = np.arange(len(table))
    values = table["recall"].to_numpy(dtype=float)
    ax.barh(places, np.nan_to_num(values), height=0.7, color=BLUE, alpha=0.75)
    ax.hlines(places, table["low"], table["high"], color="black", linewidth=1.2)
    names = [f"{name} ({clips})" for name, clips in zip(table.index, table["clips"], strict=True)]
    ax.set_yticks(places, names, **(text_font() if all(map(_drawable, names)) else {}))
    ax.invert_yaxis()
    ax.set_xlabel(label("recall (number of clips beside the name)", "재현율 (이름 옆은 클립 수)"), **text_font())
    _share_axis(ax, "x")

    known = table[table["clips"] > 0]
    en, ko = f"recall of {len(table)} labels", f"레이블 {len(table)}개의 재현율"
    if len(known):
        low, high = known["recall"].min(), known["recall"].max()
        lowest, highest = (_few(list(known.index[known["recall"] == value])) for value in (low, high))
        width = (known["high"] - known["low"]).mean()
        en += f": lowest {low:.2f} ({lowest}), highest {high:.2f} ({highest}); an interval is {width:.2f} wide on average"
        ko += f": 가장 낮은 값 {low:.2f}({lowest}), 가장 높은 값 {high:.2f}({highest}), 구간의 폭은 평균 {width:.2f}"
    return _finish(ax, say(en, ko), title)


def confusion(matrix: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw a confusion matrix: labels from top to bottom, predictions from left to right.

    Parameters
    ----------
    matrix : pd.DataFrame [shape=(n, n)] of int
        What `evaluation.confusion` returns.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one image whose opacity is the share of its row that a count is, and each count above 0 written into it.

    Raises
    ------
    CourseError
        If the matrix is empty, or its rows and columns are not the same labels.

    Notes
    -----
    Prints, for example, "confusion matrix, 14 labels, 168 clips: 160 on the diagonal; largest count beside it 2: freeze taken
    for card_issues". Used in lessons 05 and 08.
    """
    counts = np.asarray(matrix)
    if not counts.size or not hasattr(matrix, "columns") or list(matrix.index) != list(matrix.columns):
        raise CourseError(say("This is no confusion matrix: pass evaluation.confusion(table, labels).",
                              "혼동 행렬이 아니에요. evaluation.confusion(table, labels)를 넘기세요."))  # fmt: skip
    names, n = [str(name) for name in matrix.index], len(counts)
    if ax is None:
        _, ax = plt.subplots(figsize=(1.8 + 0.44 * n, 1.5 + 0.4 * n), layout="constrained")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(n, dtype=bool)
    # Right is blue, wrong is orange, and a single clip is still seen: mistakes are what one looks for in this picture.
    image = np.where(right[..., None], to_rgb(BLUE), to_rgb(ORANGE))
    image = np.dstack([image, np.where(counts > 0, 0.2 + 0.8 * shares, 0.0)])
    ax.imshow(image, aspect="auto")
    for i, j in zip(*np.nonzero(counts), strict=True):
        ax.text(j, i, str(counts[i, j]), ha="center", va="center", color="white" if image[i, j, 3] > 0.65 else "black")
    ax.set_xticks(np.arange(n + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=GREY, alpha=0.25, linewidth=0.6)
    ax.tick_params(which="minor", length=0)
    font = text_font() if all(map(_drawable, names)) else {}
    ax.set_xticks(range(n), names, rotation=45, ha="right", rotation_mode="anchor", **font)
    ax.set_yticks(range(n), names, **font)
    ax.set_xlabel(label("prediction", "예측"), **text_font())
    ax.set_ylabel(label("label", "레이블"), **text_font())
    ax.spines[:].set_visible(False)

    clips, diagonal = int(counts.sum()), int(np.trace(counts))
    en = f"confusion matrix, {n} labels, {clips} clips: {diagonal} on the diagonal"
    ko = f"혼동 행렬, 레이블 {n}개, 클립 {clips}개: 대각선에 {diagonal}개"
    beside = np.where(right, 0, counts)
    if beside.any():
        most = int(beside.max())
        pairs = [(names[i], names[j]) for i, j in np.argwhere(beside == most)]
        en += f"; largest count beside it {most}: {_few([f'{i} taken for {j}' for i, j in pairs], 2)}"
        ko += f", 대각선 밖에서 가장 큰 수 {most}: {_few([f'{i} → {j}' for i, j in pairs], 2)}"
    return _finish(ax, say(en, ko), title)


def reliability(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how often clips with about the same score are right.

    Parameters
    ----------
    table : pd.DataFrame
        What `evaluation.reliability` returns.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one dot and one interval for each bin, and the dashed line on which score and accuracy agree.

    Raises
    ------
    CourseError
        If the table is empty or is another.

    Notes
    -----
    Prints, for example, "reliability: mean score 0.31, right 0.25 (4 clips); mean score 0.93, right 0.97 (150 clips)". Used in
    lessons 05 and 08.
    """
    table = _rows_of(table, "clips", "score", "accuracy", "low", "high")
    if ax is None:
        _, ax = plt.subplots(figsize=(4.8, 4.4), layout="constrained")
    ax.plot([0, 1], [0, 1], color="black", linestyle="--", linewidth=1)
    ax.vlines(table["score"], table["low"], table["high"], color=BLUE, linewidth=1.5)
    ax.plot(table["score"], table["accuracy"], color=BLUE, marker="o", linewidth=1)
    for score, accuracy, clips in zip(table["score"], table["accuracy"], table["clips"], strict=True):
        # To the left: dots lie near the right edge as often as not.
        ax.annotate(str(clips), (score, accuracy), xytext=(-6, 4), textcoords="offset points", ha="right", color=BLUE,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8})  # fmt: skip
    ax.set_xlabel(label("mean score (number of clips beside the dot)", "평균 점수 (점 옆은 클립 수)"), **text_font())
    ax.set_ylabel(label("share that is right", "맞은 비율"), **text_font())
    _share_axis(ax, "x")
    _share_axis(ax, "y")

    bins = list(zip(table["score"], table["accuracy"], table["clips"], strict=True))
    en = "; ".join(
        f"mean score {score:.2f}, right {accuracy:.2f} ({clips} clip{'s' * (clips != 1)})" for score, accuracy, clips in bins
    )
    ko = " · ".join(f"평균 점수 {score:.2f}일 때 맞은 비율 {accuracy:.2f}(클립 {clips}개)" for score, accuracy, clips in bins)
    return _finish(ax, say(f"reliability: {en}", f"신뢰도: {ko}"), title)


def coverage(table: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw what a threshold costs and what it gains: the share of clips answered, and the share of those that is right.

    Parameters
    ----------
    table : pd.DataFrame
        What `evaluation.coverage` returns.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With two lines, answered (dashed) and right, and the interval of the second as a band.

    Raises
    ------
    CourseError
        If the table is empty or is another.

    Notes
    -----
    Says the first threshold, the middle one and the last that leaves a clip. Prints, for example, "thresholds: from 0.00 up 1.00
    answered, 0.95 of them right; from 0.45 up 0.97 answered, 0.97 of them right; …". Used in lesson 05.
    """
    table = _rows_of(table, "threshold", "answered", "coverage", "accuracy", "low", "high")
    ax = _axes(ax, height=3.2)
    ax.fill_between(table["threshold"], table["low"], table["high"], color=BLUE, alpha=0.2, linewidth=0)
    right = label("right, of those answered", "답한 것 중 맞은 비율")
    answered = label("answered, of all", "전체 중 답한 비율")
    ax.plot(table["threshold"], table["accuracy"], color=BLUE, marker="o", markersize=3, label=right)
    ax.plot(table["threshold"], table["coverage"], color=ORANGE, linestyle="--", marker="s", markersize=3, label=answered)
    ax.legend(frameon=False, loc="lower left", prop={"family": text_font().get("fontfamily", rcParams["font.family"])})
    ax.set_xlabel(label("threshold: answer only from this score up", "문턱값: 점수가 이만큼은 되어야 답해요"), **text_font())
    ax.set_ylabel(label("share", "비율"), **text_font())
    _share_axis(ax, "y")

    left = table[table["answered"] > 0].reset_index(drop=True)
    told = left.iloc[sorted({0, len(left) // 2, len(left) - 1})]
    points = list(zip(told["threshold"], told["coverage"], told["accuracy"], strict=True))
    en = "; ".join(f"from {t:.2f} up {c:.2f} answered, {a:.2f} of them right" for t, c, a in points)
    ko = " · ".join(f"{t:.2f}부터 답하면 답한 비율 {c:.2f}, 그중 맞은 비율 {a:.2f}" for t, c, a in points)
    return _finish(ax, say(f"thresholds: {en}", f"문턱값: {ko}"), title)


def threshold(table: Any, value: float, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the best score of each clip beside a threshold: from it on the model answers, below it a person does.

    Parameters
    ----------
    table : pd.DataFrame
        Rows of what `evaluation.predictions` returns.
    value : float
        The threshold; a score that equals it is answered.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one bar for each clip, named by its prediction: right in blue, wrong in orange and hatched, pale below the threshold.

    Raises
    ------
    CourseError
        If the table is empty or is another.

    Notes
    -----
    Prints, for example, "threshold 0.70: 9 of 12 clips answered, 8 of them right; 3 go to a person, 1 of them would have been
    right". Used in lesson 05.
    """
    table = _rows_of(table, "prediction", "score", "correct")
    ax = _axes(ax, height=0.8 + 0.3 * len(table))
    scores = table["score"].fillna(0).to_numpy(dtype=float)  # a clip that could not be decoded has none
    right, answered = table["correct"].to_numpy(dtype=bool), scores >= value
    bars = ax.barh(np.arange(len(table)), scores, height=0.7, color=[BLUE if yes else ORANGE for yes in right])
    for bar, is_right, is_answered in zip(bars, right, answered, strict=True):
        bar.set_alpha(1.0 if is_answered else 0.3)
        if not is_right:
            bar.set_hatch("//")
            bar.set_edgecolor("white")
    ax.axvline(value, color="black", linestyle="--", linewidth=1.2)
    names = [str(name) for name in table["prediction"]]
    ax.set_yticks(np.arange(len(table)), names, **(text_font() if all(map(_drawable, names)) else {}))
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xlabel(label("best score (hatched: wrong)", "가장 높은 점수 (빗금: 틀림)"), **text_font())
    ax.spines[["top", "right"]].set_visible(False)

    clips, left = int(answered.sum()), int((~answered).sum())
    good, lost = int((answered & right).sum()), int((~answered & right).sum())
    return _finish(
        ax,
        say(
            f"threshold {value:.2f}: {clips} of {len(table)} clips answered, {good} of them right; {left} go to a person, {lost} "
            "of them would have been right",
            f"문턱값 {value:.2f}: 클립 {len(table)}개 중 {clips}개에 답했고 그중 {good}개가 맞음, {left}개는 사람에게 넘겼고 "
            f"그중 {lost}개는 맞았을 것",
        ),
        title,
    )


# --- speed ----------------------------------------------------------------------------------------------------------------


def _bars(values: Mapping[str, float], texts: Sequence[str], axis: str, ax: Axes | None) -> Axes:
    if not values or not all(value > 0 and np.isfinite(value) for value in values.values()):
        raise CourseError(
            say(
                "There is nothing to draw: give a dict of names with times or speeds above 0.",
                "그릴 것이 없어요. 이름과 0보다 큰 시간이나 속도를 짝지은 dict를 넘기세요.",
            )
        )
    names = list(values)
    ax = _axes(ax, height=0.7 + 0.34 * len(names))
    # Numbered, since a bar chart by name would lay two bars of one name over each other
    bars = ax.barh(np.arange(len(names)), list(values.values()), height=0.7, color=[GREY, *[BLUE] * (len(names) - 1)])
    ax.bar_label(bars, labels=list(texts), padding=3)
    ax.set_yticks(np.arange(len(names)), names, **(text_font() if all(map(_drawable, names)) else {}))
    ax.invert_yaxis()
    ax.set_xlim(0, 1.25 * max(values.values()))
    ax.set_xlabel(axis, **text_font())
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def speeds(clips_per_second: Mapping[str, float], *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how many clips per second each way classifies; the first is what the others are compared with.

    Parameters
    ----------
    clips_per_second : dict of str to float > 0
        The ways in the order in which they are drawn.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one bar for each way, in the order given, the first in grey; beside it how many times the first it is.

    Raises
    ------
    CourseError
        If there is nothing to draw, or a speed is not above 0.

    Notes
    -----
    Prints, for example, "clips per second: pipeline 12.8; by hand 12.9 (1.0 times); classify 40.1 (3.1 times)". Used in
    lesson 07.
    """
    first = next(iter(clips_per_second.values()), 0)
    drawn, en, ko = [], [], []
    for place, (name, speed) in enumerate(clips_per_second.items()):
        times = f"{speed / first:.1f}" if place and first else ""
        drawn.append(f"{speed:.1f}" + (f"  ×{times}" if times else ""))
        en.append(f"{name} {speed:.1f}" + (f" ({times} times)" if times else ""))
        ko.append(f"{name} {speed:.1f}" + (f"({times}배)" if times else ""))
    ax = _bars(clips_per_second, drawn, label("clips per second", "1초에 분류하는 클립 수"), ax)
    return _finish(ax, say(f"clips per second: {'; '.join(en)}", f"1초에 분류하는 클립 수: {' · '.join(ko)}"), title)


def time_shares(seconds: Mapping[str, float], *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how long each step took, and its share of the whole.

    Parameters
    ----------
    seconds : dict of str to float > 0
        The steps in their order.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    title : str, optional
        Drawn above, and said before the sentence.

    Returns
    -------
    Axes
        With one bar for each step.

    Raises
    ------
    CourseError
        If there is nothing to draw, or a time is not above 0.

    Notes
    -----
    Prints, for example, "2.91 s in all: decode 2 %; features 5 %; forward 93 %". Used in lesson 07.
    """
    total = sum(seconds.values())
    parts = {name: time / total * 100 if total else 0.0 for name, time in seconds.items()}
    ax = _bars(seconds, [f"{parts[name]:.0f} %" for name in seconds], label("seconds", "시간 (초)"), ax)
    for bar in ax.patches:
        bar.set_facecolor(BLUE)
    en = "; ".join(f"{name} {part:.0f} %" for name, part in parts.items())
    ko = " · ".join(f"{name} {part:.0f} %" for name, part in parts.items())
    return _finish(ax, say(f"{total:.2f} s in all: {en}", f"모두 {total:.2f}초: {ko}"), title)


# --- training -------------------------------------------------------------------------------------------------------------


def training_curves(tables: Mapping[str, Any], *, figure: str = "eval_accuracy", title: str | None = None) -> np.ndarray:
    """Draw the loss on clips that a model learns from and on others, and the accuracy on the others, over the epochs.

    Parameters
    ----------
    tables : dict of str to pd.DataFrame
        A name for each run, and what `training.curves` returns for it.
    figure : str
        The column to draw beside the losses; `compute_metrics` named it.
    title : str, optional
        Drawn above the left picture, and said before each sentence.

    Returns
    -------
    np.ndarray of Axes [shape=(2,)]
        Left the losses, two lines for each run (dashed: the other clips); right `figure`, one line for each run.

    Raises
    ------
    CourseError
        If there is no run, or a table lacks a column.

    Notes
    -----
    Prints, for example, "new rows, 15 epochs: loss 1.52 to 0.61, on other clips 1.55 to 0.97, accuracy there 0.40 to 0.71". Used
    in lesson 08.
    """
    if not tables:
        raise CourseError(say("There are no curves to draw: pass a dict of training.curves(trainer).",
                              "그릴 곡선이 없어요. training.curves(trainer)를 딕셔너리로 넘기세요."))  # fmt: skip
    _, axes = plt.subplots(1, 2, figsize=(_SIZE[0], 3.2), layout="constrained")
    left, right = axes
    lines = []
    for number, (name, table) in enumerate(tables.items()):
        table = _rows_of(table, "epoch", "loss", "eval_loss", figure)
        colour, marker = (BLUE, ORANGE, GREY)[number % 3], "os^"[number % 3]
        drawn = name if _drawable(name) else str(number + 1)
        left.plot(table["epoch"], table["loss"], color=colour, marker=marker, markersize=3, label=drawn)
        left.plot(table["epoch"], table["eval_loss"], color=colour, linestyle="--", marker=marker, markersize=3)
        right.plot(table["epoch"], table[figure], color=colour, marker=marker, markersize=3, label=drawn)
        first, last = table.iloc[0], table.iloc[-1]
        lines.append(
            say(
                f"{name}, {len(table)} epochs: loss {first['loss']:.2f} to {last['loss']:.2f}, on other clips "
                f"{first['eval_loss']:.2f} to {last['eval_loss']:.2f}, accuracy there {first[figure]:.2f} to {last[figure]:.2f}",
                f"{name}, 에포크 {len(table)}번: 손실 {first['loss']:.2f}에서 {last['loss']:.2f}로, 다른 클립의 손실 "
                f"{first['eval_loss']:.2f}에서 {last['eval_loss']:.2f}로, 그 정확도 {first[figure]:.2f}에서 {last[figure]:.2f}로",
            )
        )
    left.set_ylim(bottom=0)
    left.set_ylabel(label("loss (dashed: other clips)", "손실 (점선: 다른 클립)"), **text_font())
    right.set_ylabel(label("accuracy on other clips", "다른 클립의 정확도"), **text_font())
    _share_axis(right, "y")
    for ax in axes:
        ax.set_xlabel(label("epoch", "에포크"), **text_font())
        ax.grid(alpha=0.25, linewidth=0.6)
        ax.spines[["top", "right"]].set_visible(False)
    right.legend(frameon=False, loc="lower right", prop={"family": text_font().get("fontfamily", rcParams["font.family"])})
    for number, line in enumerate(lines):
        _finish(left, line, title if number == 0 else None)
    return axes
