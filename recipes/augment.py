"""What happens to a call on its way to the model, for training: speed, room, noise, line, gain; and sounds that are no call.

Signals are float32 mono at 16 kHz. Every function takes the generator that makes it repeatable.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import soxr

RATE = 16_000
Rng = np.random.Generator


def coloured_noise(n: int, exponent: float, rng: Rng) -> np.ndarray:
    """Noise whose power falls with frequency as f**-exponent (0 white, 1 pink, 2 brown), RMS 1, [shape=(n,)]."""
    spectrum = np.fft.rfft(rng.standard_normal(max(n, 2)))
    frequency = np.maximum(np.arange(len(spectrum)), 1.0)
    noise = np.fft.irfft(spectrum * frequency ** (-exponent / 2), max(n, 2))[:n]
    return (noise / (np.sqrt(np.mean(noise**2)) + 1e-9)).astype(np.float32)


def add_at_snr(y: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    """Add noise at a signal-to-noise ratio, in decibels, measured over the louder half of the signal (the speech)."""
    loud = np.sort(y**2)[len(y) // 2 :].mean()
    gain = np.sqrt(loud / (np.mean(noise**2) + 1e-12) / 10 ** (snr_db / 10))
    return y + gain.astype(np.float32) * noise


def room(y: np.ndarray, rng: Rng) -> np.ndarray:
    """Convolve with a synthetic room response: exponentially decaying noise, reverberation time 0.1 to 0.5 s."""
    seconds = rng.uniform(0.1, 0.5)
    t = np.arange(int(seconds * RATE)) / RATE
    tail = rng.standard_normal(len(t)) * np.exp(-6.9 * t / seconds)
    tail *= rng.uniform(0.1, 0.6) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    size = len(y) + len(tail)
    wet = np.fft.irfft(np.fft.rfft(y, size) * np.fft.rfft(tail, size), size)[: len(y)]
    return wet.astype(np.float32)


def low_pass(y: np.ndarray, cutoff: float) -> np.ndarray:
    """Remove what lies above `cutoff` hertz by going down to twice that rate and back."""
    down = soxr.resample(y, RATE, int(2 * cutoff), "MQ")
    up = soxr.resample(down, int(2 * cutoff), RATE, "MQ")[: len(y)]
    return np.pad(up, (0, len(y) - len(up)))


def mu_law(y: np.ndarray) -> np.ndarray:
    """Quantise to 8-bit mu-law and back (ITU-T G.711's curve)."""
    y = np.clip(y, -1, 1)
    code = np.sign(y) * np.log1p(255 * np.abs(y)) / np.log(256)
    code = np.round(code * 127) / 127
    return (np.sign(code) * (256 ** np.abs(code) - 1) / 255).astype(np.float32)


def call(y: np.ndarray, rng: Rng, other: Callable[[], np.ndarray], strength: float = 1.0) -> np.ndarray:
    """One random rendering of a call; `other` gives a random clip, of which background babble is mixed.

    `strength` in [0, 1] scales how often room, line and noise are met and how far the gain strays. What a short training can take
    in is limited: at 1.0 it converges much later (see the model card's log).
    """
    if rng.random() < 0.8:
        y = soxr.resample(y, RATE, int(RATE * rng.uniform(0.88, 1.12)), "MQ")
    if rng.random() < 0.15 * strength:
        y = room(y, rng)
    if rng.random() < 0.15 * strength:
        y = low_pass(y, rng.uniform(2800, 4000))
    if rng.random() < 0.6 * strength:
        if rng.random() < 0.3:
            noise = np.zeros(len(y), np.float32)
            for _ in range(3):
                noise += np.resize(np.roll(other(), rng.integers(RATE)), len(y))
            y = add_at_snr(y, noise, rng.uniform(10, 30))
        else:
            y = add_at_snr(y, coloured_noise(len(y), rng.uniform(0, 2), rng), rng.uniform(5, 30))
    if rng.random() < 0.3:
        y = np.concatenate([np.zeros(rng.integers(RATE // 2), np.float32), y])
    y = y * np.float32(10 ** (np.clip(rng.normal(0, 8 * strength), -22, 22) / 20))
    if rng.random() < 0.2 * strength:
        y = mu_law(y)
    return np.clip(y, -1, 1).astype(np.float32)


def no_call(rng: Rng, recordings: list[np.ndarray]) -> np.ndarray:
    """A sound in which nobody speaks: silence, noise, hum, a few notes of something like music, or a recording. 2 to 20 s.

    Noise comes twice as often as each of the other computed ones: it is what a line carries, and what a model is soonest sure of.
    Recordings are more than half of all: the same few notes did not keep a model from hearing intents in music.
    """
    n = int(rng.uniform(2, 20) * RATE)
    t = np.arange(n) / RATE
    kind = rng.choice([0, 1, 1, 2, 3] + [4] * 8)
    if kind == 4:
        y = recordings[rng.integers(len(recordings))]
        y = soxr.resample(y, RATE, int(RATE * rng.uniform(0.8, 1.25)), "MQ")
        y = np.roll(y, rng.integers(len(y)))[: max(n, RATE)]
        y = y / (np.abs(y).max() + 1e-9) * np.float32(10 ** rng.uniform(-2, 0))
        return low_pass(y, 4000) if rng.random() < 0.5 else y
    if kind == 0:
        y = np.zeros(n)
    elif kind == 1:
        y = coloured_noise(n, rng.uniform(0, 2), rng) * (1 + rng.uniform(0, 1) * np.sin(2 * np.pi * rng.uniform(0.1, 5) * t))
    elif kind == 2:
        base = rng.uniform(40, 2000)
        y = sum(rng.uniform(0, 1) / h * np.sin(2 * np.pi * base * h * t) for h in range(1, rng.integers(2, 9)))
    else:
        y = np.zeros(n)
        beat, root = rng.uniform(0.15, 0.7), rng.uniform(80, 400)
        decay, harmonics = rng.uniform(1, 8), int(rng.integers(1, 8))
        for start in np.arange(0, n / RATE, beat):
            first = int(start * RATE)
            tail = t[: n - first]
            for step in rng.choice([0, 2, 4, 5, 7, 9, 11, 12], size=rng.integers(1, 4)):
                pitch = root * 2 ** (step / 12)
                for h in range(1, harmonics + 1):
                    y[first:] += np.sin(2 * np.pi * pitch * h * tail) * np.exp(-decay * tail) / h
    y = np.asarray(y, np.float32)
    peak = np.abs(y).max() + 1e-9
    level = 0.0 if kind == 0 and rng.random() < 0.5 else 10 ** rng.uniform(-3, 0)
    y = y / peak * level if kind else rng.standard_normal(n) * level * 0.01
    if rng.random() < 0.5:
        y = low_pass(y.astype(np.float32), 4000)
    return np.clip(y, -1, 1).astype(np.float32)
