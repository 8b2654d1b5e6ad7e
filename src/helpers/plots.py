"""Pictures of sound and of scores, each with one sentence that says what it shows. Used in lessons 00, 02, 03 and 04.

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


def _decibel_bar(ax: Axes, image: Any) -> None:
    # Beside the axes instead of taken from their width: pictures above one another keep the same seconds above one another.
    bar = ax.figure.colorbar(image, cax=ax.inset_axes((1.012, 0, 0.016, 1)))
    bar.set_label(label("dB (loudest = 0)", "dB (가장 큰 곳 = 0)"), **text_font())
    bar.outline.set_visible(False)


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


def _power(y: np.ndarray, rate: int, window_ms: float, hop_ms: float, mels: int | None = None) -> tuple[np.ndarray, int, int]:
    """The power spectrogram, shape (frequencies or mel bands, frames), with the hop and the FFT length in samples."""
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
    power = spectrogram(y, window_function(window), window, hop, fft_length=fft, power=2.0, mel_filters=filters, mel_floor=0.0)
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
    power, _, fft = _power(y, rate, window_ms, window_ms / 2)
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
    Used in lessons 00, 03 and 06.
    """
    from transformers.audio_utils import hertz_to_mel

    y, rate = samples_and_rate(clip, sampling_rate)
    power, hop, _ = _power(y, rate, window_ms, hop_ms, mels)
    ax = _axes(ax)
    _image(ax, power, hop / rate, (-0.5, mels - 0.5))
    top = float(hertz_to_mel(rate / 2, mel_scale="slaney"))
    # Band k is centred on the (k + 1)-th of mels + 1 equal steps on the mel scale.
    ticks = {f: float(hertz_to_mel(float(f), mel_scale="slaney")) / top * (mels + 1) - 1 for f in _MEL_TICKS if f <= rate / 2}
    ax.set_yticks(list(ticks.values()), [_khz(f) for f in ticks])
    ax.set_ylim(-1, mels)
    ax.set_facecolor(colormaps[COLOURS](0.0))  # no band is centred on 0 Hz or on the top
    ax.set_ylabel(label("frequency (kHz, mel)", "주파수 (kHz, 멜)"), **text_font())
    _seconds_axis(ax, len(y) / rate)

    bands, frames = power.shape
    seconds, khz = len(y) / rate, _khz(rate / 2)
    en = f"log-mel spectrogram, {bands} bands by {frames} frames, {seconds:.1f} s, 0 to {khz} kHz"
    ko = f"로그 멜 스펙트로그램, 대역 {bands}개 × 프레임 {frames}개, {seconds:.1f}초, 0~{khz} kHz"
    if np.abs(y).max() < SILENT_PEAK:
        return _finish(ax, say(f"{en}, of silence", f"{ko}, 무음"), title)
    at = _first_near_top(power.sum(axis=0)) * hop / rate
    return _finish(ax, say(f"{en}, loudest near {at:.1f} s", f"{ko}, {at:.1f}초 부근이 가장 큼"), title)


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
    Prints, for example, "scores: pay_bill 0.96 (the true label), freeze 0.03, card_issues 0.00". Used in lessons 00, 04 and 05.
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
