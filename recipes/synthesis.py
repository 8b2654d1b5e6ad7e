"""The bundled sounds, made from formulas: animals, machines, weather, people, noise; and music from a soft synthesiser.

Used by make_sounds.py; `held_out_music` also by measure_robustness.py. A sound is float32 mono at 16 kHz, peak at most 1. All of
it comes from a `Draw`, so that a class, a number and a side of the split always give the same samples.

Sources of the recipes: Farnell, Designing Sound (2010) for fire, rain, engines, helicopter, clock and siren; spectrograms of all
were laid beside those of ESC-10's genuine recordings (Piczak 2015).
"""

from __future__ import annotations

import subprocess
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
import soundfile as sf
import soxr
from scipy.signal import butter, lfilter, sosfilt

from augment import coloured_noise, room

RATE = 16_000
TENTHS = 10
HELD_OUT_TENTHS = (1, 4, 8)  # of every range, for the bundled clips; training draws from the other seven
SOUNDFONTS = {  # not redistributed; Debian's packages fluid-soundfont-gm (MIT) and timgm6mb-soundfont (GPL-2, for training alone)
    True: Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    False: Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
}
# General MIDI programs (from 0): no instrument plays on both sides.
MELODY_PROGRAMS = {
    True: [0, 11, 24, 40, 56, 66, 73, 79],
    False: [1, 4, 6, 9, 12, 16, 19, 21, 22, 25, 26, 27, 29, 41, 42, 46, 48, 52, 57, 60, 61, 64, 65, 68, 70, 71, 74, 75, 80, 81],
}
CHORD_PROGRAMS = {True: [4, 32, 48], False: [0, 1, 5, 16, 19, 24, 25, 27, 46, 49, 50, 52, 88, 89]}


class Draw:
    """Random parameters of one clip, of which those of held-out clips never occur in training.

    Every range that is drawn from is cut into tenths. Held-out (bundled) clips take `HELD_OUT_TENTHS` of it, training clips the
    others. `rng` is for what is no parameter, such as the samples of a noise.
    """

    def __init__(self, label: str, number: int, *, held_out: bool) -> None:
        self.held_out = held_out
        self.rng = np.random.default_rng(zlib.crc32(f"{label} {number} {'held out' if held_out else 'train'}".encode()))
        self.tenths = [i for i in range(TENTHS) if (i in HELD_OUT_TENTHS) == held_out]

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * (self.rng.choice(self.tenths) + self.rng.uniform()) / TENTHS

    def log_uniform(self, low: float, high: float) -> float:
        return float(np.exp(self.uniform(np.log(low), np.log(high))))

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def integer(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return int(self.rng.integers(low, high + 1))


def seconds_of(n: int) -> np.ndarray:
    return np.arange(n) / RATE


def band(y: np.ndarray, low: float, high: float, order: int = 2) -> np.ndarray:
    """Keep `low` to `high` hertz."""
    return sosfilt(butter(order, [low, min(high, 7900)], "bandpass", fs=RATE, output="sos"), y)


def resonance(y: np.ndarray, frequency: float, width: float) -> np.ndarray:
    """A second-order resonance (a formant), gain 1 at its peak."""
    r = np.exp(-np.pi * width / RATE)
    a = [1, -2 * r * np.cos(2 * np.pi * frequency / RATE), r * r]
    return lfilter([(1 - r) * np.sqrt(1 - 2 * r * np.cos(4 * np.pi * frequency / RATE) + r * r)], a, y)


def curve(n: int, *points: tuple[float, float]) -> np.ndarray:
    """Straight lines through (share of the length, value), [shape=(n,)]."""
    at, value = zip(*points, strict=True)
    return np.interp(np.arange(n) / max(n - 1, 1), at, value)


def slow(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """A smooth random curve that changes about `rate` times a second, about -1 to 1."""
    knots = rng.uniform(-1, 1, int(n / RATE * rate) + 4)
    return np.interp(seconds_of(n) * rate, np.arange(len(knots)), knots)


def voiced(pitch: np.ndarray, harmonics: int = 40, tilt: float = 1.0) -> np.ndarray:
    """A buzz with the pitch of `pitch` (hertz, per sample): harmonics h at strength h**-tilt, none above 7.5 kHz."""
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    y = np.zeros(len(pitch))
    for h in range(1, harmonics + 1):
        if h * pitch.min() > 7500:
            break
        y += np.where(h * pitch < 7500, np.sin(h * phase), 0) * h**-tilt
    return y


def put(y: np.ndarray, event: np.ndarray, at: int) -> None:
    """Add `event` to `y` from sample `at` on; what does not fit is cut."""
    stop = min(len(y), at + len(event))
    if at < stop:
        y[at:stop] += event[: stop - at]


def dog_bark(draw: Draw, n: int) -> np.ndarray:
    """One to six barks, in twos or threes: a rough falling buzz through a short muzzle."""
    y = np.zeros(n)
    size = draw.uniform(0, 1)  # from a small dog to a large one
    pitch, muzzle = 650 - 420 * size, 1500 - 800 * size
    length, gap = draw.uniform(0.09, 0.22), draw.uniform(0.18, 0.8)
    at = draw.uniform(0.02, 0.8)
    for _ in range(draw.integer(1, 6)):
        m = int(length * draw.rng.uniform(0.85, 1.15) * RATE)
        contour = pitch * draw.rng.uniform(0.93, 1.07) * curve(m, (0, 0.8), (0.2, 1.25), (0.5, 1.1), (1, 0.55))
        contour *= 1 + 0.05 * slow(m, 120, draw.rng)
        source = voiced(contour, tilt=0.7) + 0.9 * draw.rng.standard_normal(m)
        bark = resonance(source, muzzle, 300) + 0.6 * resonance(source, 2.3 * muzzle, 500) + 0.15 * source
        bark = np.tanh(2 * bark / np.abs(bark).max()) * curve(m, (0, 0), (0.06, 1), (0.35, 0.8), (1, 0)) ** 1.5
        put(y, bark * draw.rng.uniform(0.7, 1), int(at * RATE))
        at += length + gap * (draw.rng.uniform(0.8, 1.2) if draw.chance(0.75) else 2.5)
    return room(y.astype(np.float32), draw.rng)


def rooster(draw: Draw, n: int) -> np.ndarray:
    """A crow: two or three short notes, a long high one, a falling end."""
    length, pitch, rough = draw.uniform(1.4, 2.8), draw.uniform(480, 850), draw.uniform(0.02, 0.10)
    m = int(length * RATE)
    a, b = draw.uniform(0.10, 0.16), draw.uniform(0.24, 0.34)
    top, end = draw.uniform(1.35, 1.7), draw.uniform(0.55, 0.8)
    contour = curve(
        m, (0, 0.75), (a * 0.8, 0.95), (a, 0.85), (a + 0.03, 1.0), (b, 1.1), (b + 0.03, 0.95), (b + 0.12, top), (0.7, 0.95 * top)
    )
    contour = np.where(np.arange(m) / m > 0.7, curve(m, (0, 1), (0.7, 0.95 * top), (0.85, 0.9 * top), (1, end)), contour)
    loud = curve(
        m,
        (0, 0),
        (0.02, 0.6),
        (a - 0.01, 0.6),
        (a, 0.05),
        (a + 0.03, 0.7),
        (b, 0.7),
        (b + 0.01, 0.1),
        (b + 0.06, 1),
        (0.8, 0.9),
        (1, 0),
    )
    contour = (
        pitch * contour * (1 + rough * slow(m, 90, draw.rng) + 0.015 * np.sin(2 * np.pi * draw.uniform(7, 14) * seconds_of(m)))
    )
    source = voiced(contour, tilt=0.35) + draw.uniform(0.2, 0.6) * draw.rng.standard_normal(m)
    mouth = draw.uniform(1200, 2000)
    crow = resonance(source, mouth, 500) + 0.5 * resonance(source, 1.9 * mouth, 700) + 0.1 * source
    crow = np.tanh(1.5 * crow / np.abs(crow).max()) * loud
    y = np.zeros(n)
    put(y, crow, int(draw.uniform(0, max(0.1, n / RATE - length - 0.1)) * RATE))
    y = room(y.astype(np.float32), draw.rng)
    return y + 10 ** draw.uniform(-3.5, -2) * coloured_noise(n, 1, draw.rng)


def engine(draw: Draw, n: int, rate: np.ndarray, uneven: float) -> np.ndarray:
    """Firings at `rate` (hertz, per sample), each a damped thud with a breath of noise."""
    phase = np.cumsum(rate * (1 + 0.03 * slow(n, 30, draw.rng))) / RATE
    firing = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    clicks = np.zeros(n)
    clicks[firing] = 1 + uneven * draw.rng.uniform(-1, 1, len(firing))
    since = phase - np.floor(phase)
    breath = draw.rng.standard_normal(n) * np.exp(-4 * since)
    return clicks * 12 + 0.6 * breath


def chainsaw(draw: Draw, n: int) -> np.ndarray:
    """A two-stroke engine between idling and full throttle, distorted, with the scream of the chain."""
    idle, full = draw.uniform(35, 60), draw.uniform(95, 190)
    throttle = np.clip(0.5 + draw.uniform(0.2, 0.9) * slow(n, draw.uniform(0.5, 1.6), draw.rng) + draw.uniform(-0.2, 0.5), 0, 1)
    throttle = lfilter([1 / 3200], [1, -(1 - 1 / 3200)], throttle)
    source = engine(draw, n, idle + (full - idle) * throttle, 0.4)
    y = resonance(source, draw.uniform(180, 420), 150) * 2 + resonance(source, draw.uniform(700, 1500), 400)
    y += resonance(source, draw.uniform(2200, 4200), 900) * (0.4 + throttle)
    y = np.tanh(draw.uniform(1.5, 4) * y / np.abs(y).std() / 4)
    return y * (0.35 + 0.65 * throttle) + 0.02 * coloured_noise(n, 1, draw.rng)


def helicopter(draw: Draw, n: int) -> np.ndarray:
    """Blades that slap low noise ten to twenty-eight times a second, a gearbox, wind."""
    blades, sharp = draw.uniform(10, 28), draw.uniform(2, 9)
    phase = 2 * np.pi * np.cumsum(blades * (1 + 0.01 * slow(n, 1, draw.rng))) / RATE
    slap = np.exp(sharp * (np.cos(phase) - 1)) + 0.25 * np.exp(sharp * (np.cos(phase / 2) - 1))
    air = coloured_noise(n, draw.uniform(0.6, 1.8), draw.rng)
    y = slap * band(air, 30, draw.uniform(500, 3000)) * 3 + 0.3 * slap * resonance(air, draw.uniform(80, 200), 60) * 3
    whine = draw.uniform(300, 1800) * (1 + 0.01 * slow(n, 2, draw.rng))
    y += draw.uniform(0.0, 0.08) * voiced(whine, 4) + draw.uniform(0.05, 0.3) * coloured_noise(n, 1.5, draw.rng)
    return y * (1 + draw.uniform(0.0, 0.5) * slow(n, 0.6, draw.rng))


def clock_tick(draw: Draw, n: int) -> np.ndarray:
    """Ticks at an even pace, tick and tock in turn: small pieces of metal in a case."""
    period = draw.log_uniform(0.2, 1.05)
    case = draw.log_uniform(500, 1800)
    kinds = []
    for _ in range(2):
        m = int(0.08 * RATE)
        t = seconds_of(m)
        tick = sum(
            draw.rng.uniform(0.3, 1) * np.sin(2 * np.pi * case * ratio * t) * np.exp(-t * draw.rng.uniform(80, 300))
            for ratio in (1, 1.0 + draw.uniform(0.9, 1.9), 2.0 + draw.uniform(1.0, 3.0))
        )
        tick += draw.rng.standard_normal(m) * np.exp(-t * draw.uniform(300, 900)) * 1.2
        echo = int(draw.uniform(0.008, 0.03) * RATE)
        tick[echo:] += draw.uniform(0.1, 0.6) * tick[:-echo]
        kinds.append(tick)
    second = draw.uniform(0.4, 1.0)
    y = np.zeros(n)
    at = draw.uniform(0, 0.9) * period
    for i in range(int(n / RATE / period) + 1):
        put(y, kinds[i % 2] * (1 if i % 2 == 0 else second) * draw.rng.uniform(0.9, 1.1), int((at + i * period) * RATE))
    if draw.chance(0.5):
        y = room(y.astype(np.float32), draw.rng)
    return y + 10 ** draw.uniform(-3.2, -1.6) * coloured_noise(n, draw.uniform(0.5, 1.5), draw.rng)


def siren(draw: Draw, n: int) -> np.ndarray:
    """A wail, a yelp or two tones in turn, from a horn, near or far."""
    t = seconds_of(n)
    kind = draw.integer(0, 2)
    low, start = draw.uniform(380, 720), draw.uniform(0, 1)
    if kind == 0:  # wail: up and down in two to six seconds
        cycle = (t / draw.uniform(2.2, 6) + start) % 1
        rise = draw.uniform(0.35, 0.7)
        pitch = low * draw.uniform(1.7, 2.6) ** np.where(cycle < rise, cycle / rise, (1 - cycle) / (1 - rise))
    elif kind == 1:  # yelp: the same a few times a second
        cycle = (t * draw.uniform(1.5, 4.5) + start) % 1
        pitch = low * draw.uniform(1.6, 2.4) ** np.where(cycle < 0.6, cycle / 0.6, (1 - cycle) / 0.4)
    else:  # two tones
        half = draw.uniform(0.35, 0.8)
        pitch = low * np.where((t / half + 2 * start) % 2 < 1, 1.0, draw.uniform(1.2, 1.45))
        pitch = lfilter([0.01], [1, -0.99], pitch - pitch[0]) + pitch[0]
    pitch = pitch * (1 + draw.uniform(-0.03, 0.03) * np.tanh(4 * (t - n / RATE / 2)))  # it passes by
    y = np.tanh(draw.uniform(0.8, 3) * voiced(pitch, 12, tilt=draw.uniform(0.8, 1.6)))
    y = resonance(y, draw.uniform(900, 1900), 900) + 0.3 * y
    if draw.chance(0.6):
        y = room(y.astype(np.float32), draw.rng)
    y = y / np.abs(y).max() * curve(n, (0, draw.uniform(0.3, 1)), (draw.uniform(0.3, 0.7), 1), (1, draw.uniform(0.3, 1)))
    return y + 10 ** draw.uniform(-2.6, -1.1) * coloured_noise(n, draw.uniform(0.8, 1.8), draw.rng)


def impulses(n: int, per_second: float, sizes: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Single samples at random moments; their sizes as given, or Pareto-distributed: many small, few large."""
    y = np.zeros(n)
    count = rng.poisson(per_second * n / RATE)
    at = rng.integers(0, n, count)
    y[at] = (rng.pareto(1.6, count) if sizes is None else rng.choice(sizes, count)) * rng.choice([-1, 1], count)
    return np.clip(y, -25, 25)


def rain(draw: Draw, n: int) -> np.ndarray:
    """Very many drops: near ones are heard one by one, far ones are a hiss."""
    far = band(coloured_noise(n, draw.uniform(-0.2, 0.9), draw.rng), draw.uniform(100, 800), draw.uniform(5500, 7900), 1)
    near = impulses(n, draw.log_uniform(60, 900), None, draw.rng)
    drops = resonance(near, draw.uniform(900, 3000), 700) + resonance(near, draw.uniform(3200, 6500), 1500)
    drops = drops / (drops.std() + 1e-9)
    y = far / far.std() + draw.uniform(0.25, 1.6) * np.clip(drops, -8, 8)
    return y * (1 + draw.uniform(0, 0.15) * slow(n, 1.5, draw.rng))


def sea_waves(draw: Draw, n: int) -> np.ndarray:
    """Waves that roll in and draw back: the louder, the brighter."""
    t = seconds_of(n)
    deep = coloured_noise(n, draw.uniform(1.2, 2.0), draw.rng)
    foam = band(coloured_noise(n, draw.uniform(0.3, 1.0), draw.rng), draw.uniform(300, 900), draw.uniform(3500, 7500), 1)
    swell = np.zeros(n)
    period, first = draw.uniform(2.5, 7), draw.uniform(-2.5, 1.5)
    for k in range(-1, 4):
        crest = first + k * period * draw.rng.uniform(0.9, 1.1)
        rise, fall = draw.uniform(0.4, 1.4), draw.uniform(0.8, 2.6)
        swell += np.where(t < crest, np.exp(-(((t - crest) / rise) ** 2)), np.exp(-((t - crest) / fall))) * draw.rng.uniform(
            0.6, 1
        )
    return deep * draw.uniform(0.15, 0.5) * (0.4 + swell) + foam / foam.std() * swell**1.5 + 0.03 * foam


def fire_crackling(draw: Draw, n: int) -> np.ndarray:
    """Crackles of every size over a low roar and a hiss."""
    crackle = impulses(n, draw.log_uniform(6, 60), None, draw.rng)
    t = seconds_of(int(0.03 * RATE))
    pieces = [draw.rng.standard_normal(len(t)) * np.exp(-t * draw.rng.uniform(150, 1500)) for _ in range(6)]
    y = np.zeros(n)
    for at in np.flatnonzero(crackle):
        put(y, crackle[at] * pieces[draw.rng.integers(6)], int(at))
    y = band(y, draw.uniform(300, 1200), draw.uniform(5000, 7800), 1)
    roar = coloured_noise(n, 2, draw.rng) * (1 + 0.5 * slow(n, 5, draw.rng))
    hiss = band(draw.rng.standard_normal(n), 2000, 7800, 1)
    y = y / (np.abs(y).max() + 1e-9)
    return y + draw.uniform(0.005, 0.05) * roar + draw.log_uniform(0.002, 0.02) * hiss


def baby_cry(draw: Draw, n: int) -> np.ndarray:
    """Cries of about a second, rising and falling, with a gasp between them."""
    pitch, length = draw.uniform(330, 560), draw.uniform(0.5, 1.3)
    mouth, rough = draw.uniform(900, 1500), draw.uniform(0.005, 0.05)
    y = np.zeros(n)
    at = draw.uniform(-0.4, 0.4)
    while at * RATE < n:
        m = int(length * draw.rng.uniform(0.7, 1.25) * RATE)
        contour = pitch * curve(m, (0, 0.8), (0.15, 1.1), (0.45, draw.uniform(1.1, 1.35)), (0.8, 1.0), (1, 0.7))
        contour *= 1 + 0.02 * np.sin(2 * np.pi * draw.uniform(5, 9) * seconds_of(m)) + rough * slow(m, 70, draw.rng)
        source = voiced(contour, tilt=0.6) + 0.12 * draw.rng.standard_normal(m)
        cry = resonance(source, mouth, 250) + 0.7 * resonance(source, 2.9 * mouth, 500) + 0.06 * source
        cry = np.tanh(1.2 * cry / np.abs(cry).max()) * curve(m, (0, 0), (0.1, 0.8), (0.5, 1), (0.85, 0.7), (1, 0))
        put(y, cry[max(0, -int(at * RATE)) :], max(0, int(at * RATE)))
        at += m / RATE + 0.05
        g = int(draw.uniform(0.12, 0.3) * RATE)
        gasp = band(draw.rng.standard_normal(g), 1200, 5000) * curve(g, (0, 0), (0.7, 1), (1, 0)) * draw.uniform(0.02, 0.15)
        put(y, gasp, max(0, int(at * RATE)))
        at += g / RATE + draw.uniform(0.02, 0.2)
    return room(y.astype(np.float32), draw.rng) + 10 ** draw.uniform(-4, -2.3) * coloured_noise(n, 1, draw.rng)


def person_sneeze(draw: Draw, n: int) -> np.ndarray:
    """A breath drawn in, and the burst: a hiss with a falling voice under it. Sometimes twice."""
    y = np.zeros(n)
    at = draw.uniform(0, 0.9)
    person = draw.log_uniform(110, 330)
    for _ in range(2 if draw.chance(0.2) else 1):
        m = int(draw.uniform(0.25, 0.7) * RATE)
        inward = resonance(coloured_noise(m, 0.5, draw.rng), draw.uniform(900, 1900), 600) + 0.15 * voiced(
            person * 1.2 * curve(m, (0, 0.9), (1, 1.3))
        ) * draw.uniform(0, 0.6)
        put(y, inward * curve(m, (0, 0), (0.9, 1), (1, 0)) * draw.uniform(0.05, 0.3), int(at * RATE))
        at += m / RATE + draw.uniform(0.02, 0.15)
        m = int(draw.uniform(0.22, 0.55) * RATE)
        hiss = band(draw.rng.standard_normal(m), draw.uniform(700, 1600), draw.uniform(4500, 7800), 1)
        throat = voiced(person * 1.6 * curve(m, (0, 1.3), (0.3, 1.1), (1, 0.6)) * (1 + 0.04 * slow(m, 80, draw.rng)), tilt=0.8)
        throat = resonance(throat, draw.uniform(500, 900), 200) + resonance(throat, draw.uniform(1300, 2100), 300)
        burst = hiss / hiss.std() * curve(m, (0, 0), (0.04, 1), (0.4, 0.45), (1, 0)) ** 1.3
        burst += draw.uniform(0.1, 1.2) * throat / throat.std() * curve(m, (0, 0), (0.08, 0.8), (0.5, 0.6), (1, 0))
        put(y, burst / np.abs(burst).max(), int(at * RATE))
        at += m / RATE + draw.uniform(0.3, 1.0)
    return room(y.astype(np.float32), draw.rng) + 10 ** draw.uniform(-4, -2.3) * coloured_noise(n, 1, draw.rng)


def noise(draw: Draw, n: int) -> np.ndarray:
    """Steady noise of any colour, or the hum of the mains; nothing in it happens."""
    if draw.chance(0.25):
        hum = voiced(np.full(n, draw.rng.choice([50.0, 60.0])), 24, tilt=draw.uniform(0.6, 1.6))
        return hum + draw.uniform(0.02, 0.6) * coloured_noise(n, draw.uniform(0, 1.5), draw.rng)
    y = coloured_noise(n, draw.uniform(-0.5, 2.2), draw.rng)
    if draw.chance(0.3):
        y = band(y, draw.log_uniform(60, 900), draw.uniform(2500, 7800), 1)
    return y


def melody(draw: Draw, seconds: float) -> mido.MidiFile:
    """A tune over chords, made up by rules: a scale, four chords, notes that step or leap, sometimes bass and drums."""
    rng = draw.rng
    beat = 60 / draw.uniform(70, 150)
    scale = np.array([0, 2, 4, 5, 7, 9, 11] if draw.chance(0.6) else [0, 2, 3, 5, 7, 8, 10])
    root = draw.integer(50, 64)
    chords = rng.permutation([[0, 4, 5, 3], [0, 5, 3, 4], [5, 3, 0, 4], [0, 3, 0, 4], [0, 2, 3, 4]])[0]

    def pitch(degree: int) -> int:
        return int(root + 12 * (degree // 7) + scale[degree % 7])

    notes: list[tuple[float, float, int, int, int]] = []  # beat, beats, channel, pitch, loudness
    beats = int(np.ceil(seconds / beat)) + 2
    with_chords, with_bass, with_drums = draw.chance(0.7), draw.chance(0.5), draw.chance(0.4)
    broken = draw.chance(0.5)
    at, degree = 0.0, int(rng.choice([0, 2, 4, 7]))
    while at < beats:
        length = float(rng.choice([0.25, 0.5, 0.5, 1, 1, 1.5, 2], p=[0.1, 0.25, 0.2, 0.2, 0.1, 0.1, 0.05]))
        if not draw.chance(0.08):
            notes.append((at, length * 0.95, 0, pitch(degree + 7), int(rng.integers(75, 110))))
        degree = int(np.clip(degree + rng.choice([-4, -2, -1, -1, 0, 1, 1, 2, 4]), -3, 9))
        at += length
    for bar in range(0, beats, 4):
        first = int(chords[(bar // 4) % 4])
        if with_chords:
            for i, step in enumerate((0, 2, 4)):
                for start in range(4) if broken else (0,):
                    notes.append((bar + start + (i / 3 if broken else 0), 0.6 if broken else 3.8, 1, pitch(first + step), 62))
        if with_bass:
            notes += [(bar + b, 1.8, 2, pitch(first) - 24, 85) for b in (0, 2)]
        if with_drums:
            notes += [(bar + b, 0.2, 9, key, 80) for b, key in ((0, 36), (1, 38), (2, 36), (3, 38))]
            notes += [(bar + b / 2, 0.2, 9, 42, 55) for b in range(8)]
    events = [(0.0, mido.Message("program_change", channel=0, program=int(rng.choice(MELODY_PROGRAMS[draw.held_out]))))]
    events.append((0.0, mido.Message("program_change", channel=1, program=int(rng.choice(CHORD_PROGRAMS[draw.held_out])))))
    events.append((0.0, mido.Message("program_change", channel=2, program=33 if draw.held_out else 35)))
    for start, length, channel, key, velocity in notes:
        events.append((start * beat, mido.Message("note_on", channel=channel, note=key, velocity=velocity)))
        events.append(((start + length) * beat, mido.Message("note_off", channel=channel, note=key)))
    events.sort(key=lambda event: event[0])
    file = mido.MidiFile(ticks_per_beat=480)  # at MIDI's default of 120 beats a minute: 960 ticks a second
    track = mido.MidiTrack()
    file.tracks.append(track)
    now = 0
    for when, message in events:
        tick = round(when * 960)
        track.append(message.copy(time=tick - now))
        now = tick
    return file


def music(draw: Draw, n: int) -> np.ndarray:
    """A made-up tune, played by FluidSynth.

    Raises
    ------
    RuntimeError
        If FluidSynth or the soundfont of this side of the split is not installed.
    """
    soundfont = SOUNDFONTS[draw.held_out]
    with tempfile.TemporaryDirectory() as folder:
        tune, wav = Path(folder) / "tune.mid", Path(folder) / "tune.wav"
        melody(draw, n / RATE + 2).save(tune)
        command = ["fluidsynth", "-ni", "-q", "-g", "0.6", "-r", "44100", "-F", str(wav), str(soundfont), str(tune)]
        try:
            subprocess.run(command, check=True, capture_output=True)
            y, rate = sf.read(wav, dtype="float32")
        except (OSError, subprocess.CalledProcessError) as error:
            needed = "fluidsynth and " + ("fluid-soundfont-gm" if draw.held_out else "timgm6mb-soundfont")
            raise RuntimeError(f"FluidSynth could not play with {soundfont}: install Debian's {needed}.") from error
    y = soxr.resample(y.mean(1), rate, RATE)
    start = int(draw.uniform(0.0, 1.5) * RATE)
    return y[start : start + n]


def other(draw: Draw, n: int) -> np.ndarray:
    """A sound of none of the classes, for training: silence, a tone, a beep, keys of a telephone, crickets, knocks."""
    t = seconds_of(n)
    kind = draw.integer(0, 5)
    if kind == 0:
        y = draw.rng.choice([0.0, 1e-5, 1e-4]) * coloured_noise(n, draw.uniform(0, 1.5), draw.rng)
        return y
    if kind == 1:
        y = voiced(np.full(n, draw.log_uniform(90, 3000)), draw.integer(1, 6))
    elif kind == 2:
        y = np.sin(2 * np.pi * draw.log_uniform(500, 4000) * t) * ((t * draw.uniform(0.7, 6)) % 1 < draw.uniform(0.2, 0.7))
    elif kind == 3:
        y = np.zeros(n)
        for k in range(draw.integer(2, 9)):
            low, high = draw.rng.choice([697, 770, 852, 941]), draw.rng.choice([1209, 1336, 1477])
            tone = np.sin(2 * np.pi * low * t[:2000]) + np.sin(2 * np.pi * high * t[:2000])
            put(y, tone, int((0.2 + k * draw.rng.uniform(0.3, 0.45)) * RATE))
    elif kind == 4:
        chirp = (np.sin(2 * np.pi * draw.uniform(25, 60) * t) > 0) * ((t * draw.uniform(1, 4)) % 1 < 0.5)
        y = np.sin(2 * np.pi * draw.uniform(3500, 6000) * t) * chirp
    else:
        y = np.zeros(n)
        thud = draw.rng.standard_normal(1600) * np.exp(-seconds_of(1600) * 60)
        thud = resonance(thud, draw.uniform(120, 500), 100)
        for at in np.cumsum(draw.rng.uniform(0.15, 0.5, draw.integer(2, 8))):
            put(y, thud, int(at * RATE))
        y = room(y.astype(np.float32), draw.rng)
    return y / (np.abs(y).max() + 1e-9) + 10 ** draw.uniform(-4, -2) * coloured_noise(n, 1, draw.rng)


Maker = Callable[[Draw, int], np.ndarray]
# Without speech: that is spoken by the voices of make_speech.py.
MAKERS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        baby_cry, chainsaw, clock_tick, dog_bark, fire_crackling, helicopter, music, noise, person_sneeze, rain, rooster,
        sea_waves, siren, other,
    )
}  # fmt: skip


def finish(y: np.ndarray, n: int, peak_db: float) -> np.ndarray:
    """Cut or pad to n samples, no steps at the ends, peak at `peak_db` dBFS; digital silence stays."""
    y = np.pad(np.asarray(y, np.float64)[:n], (0, max(0, n - len(y))))
    fade = np.minimum(1, np.arange(n) / 80)
    y = (y - y.mean()) * fade * fade[::-1]
    peak = np.abs(y).max()
    return (y * (10 ** (peak_db / 20) / peak if peak > 1e-3 else 1)).astype(np.float32)


def sound(label: str, number: int, *, held_out: bool, seconds: float = 4.0) -> np.ndarray:
    """Make one clip.

    Parameters
    ----------
    label : str
        A name in `MAKERS`.
    number : int
        Counts the clips of a label; the seed.
    held_out : bool
        From the bundled side of the split, else from the training side.
    seconds : float
        More than 0.

    Returns
    -------
    np.ndarray [shape=(seconds * 16000,)], float32, peak -14 to -1 dBFS
    """
    draw = Draw(label, number, held_out=held_out)
    n = round(seconds * RATE)
    y = MAKERS[label](draw, n)
    return finish(y, n, draw.uniform(-14, -1))


def held_out_music(count: int = 20, seconds: float = 12.0) -> list[np.ndarray]:
    """Music that no model of this course was trained on: other tunes, instruments and soundfont than in training.

    Returns
    -------
    list of np.ndarray [shape=(seconds * 16000,)], float32, 16 kHz

    Raises
    ------
    RuntimeError
        If FluidSynth or its soundfont is not installed; the message names the packages.
    """
    return [sound("music", 10_000 + i, held_out=True, seconds=seconds) for i in range(count)]
