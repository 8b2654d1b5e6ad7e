"""The synthetic callers: which voices there are, how each engine is called, and what the telephone does to them.

Used by make_speech.py and measure_intelligibility.py. Runs on Linux with the engines that speech/voices.tsv names.
"""

from __future__ import annotations

import csv
import functools
import importlib.util
import io
import shutil
import subprocess
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from scipy.signal import butter, sosfiltfilt

SPEECH = Path(__file__).parent / "speech"
RATE = 8000
PROGRAMS = {"flite": "flite", "festival": "text2wave", "espeak": "espeak-ng", "pico": "pico2wave", "rhvoice": "RHVoice-test"}


@dataclass(frozen=True)
class Voice:
    """One row of speech/voices.tsv. `rate` and `pitch` are factors on the engine's own (1.0 = as it comes)."""

    name: str
    language: str
    set: str
    speaker: str
    gender: str
    engine: str
    arguments: str
    rate: float
    pitch: float
    licence: str
    package: str


def read_voices(language: str, set_: str) -> list[Voice]:
    """Return the voices of one language ("en", "ko") and one set ("bundled", "train"), in the file's order."""
    with open(SPEECH / "voices.tsv", encoding="utf-8", newline="") as file:
        rows = [
            Voice(**{**row, "rate": float(row["rate"]), "pitch": float(row["pitch"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    return [voice for voice in rows if (voice.language, voice.set) == (language, set_)]


def missing_engines(voices: list[Voice]) -> list[str]:
    """Return one line for each engine that is not installed, with the packages that hold it and its voices."""
    packages: dict[str, list[str]] = {}
    for voice in voices:
        if voice.engine == "hibari":
            found = importlib.util.find_spec("hibari") is not None
        else:
            found = shutil.which(PROGRAMS[voice.engine]) is not None
        if not found:
            wanted = packages.setdefault(voice.engine, [])
            wanted += [voice.package] if voice.package not in wanted else []
    return [f"engine {engine} is missing: install {', '.join(wanted)}" for engine, wanted in packages.items()]


@functools.cache
def _hibari(name: str):  # type: ignore[no-untyped-def]
    from hibari import Hibari

    return Hibari(voice=name, threads=1)


def speak(voice: Voice, text: str, *, rate: float = 1.0, pitch: float = 1.0, seed: int = 0) -> tuple[np.ndarray, int]:
    """Let a voice say a text.

    Parameters
    ----------
    voice : Voice
        Who speaks.
    text : str
        Plain, with the punctuation that guides the intonation.
    rate, pitch : float
        Factors on top of the voice's own.
    seed : int
        For the one engine that samples (hibari).

    Returns
    -------
    samples : np.ndarray [shape=(n,)], float32
        What the engine made.
    sampling_rate : int, in hertz
        The engine's own.

    Raises
    ------
    RuntimeError
        If the engine fails or says nothing.
    """
    rate, pitch = rate * voice.rate, pitch * voice.pitch
    if voice.engine == "hibari":
        return np.asarray(_hibari(voice.arguments)(text, speed=rate, seed=seed), np.float32), 24000
    with tempfile.TemporaryDirectory() as folder:
        wav = str(Path(folder) / "speech.wav")
        stdin = None
        if voice.engine == "flite":
            command = ["flite", "-voice", voice.arguments, "--setf", f"duration_stretch={1 / rate:.3f}"]
            command += ["-t", text, "-o", wav]
        elif voice.engine == "festival":
            stretch = f"(Parameter.set 'Duration_Stretch {1 / rate:.3f})"
            command = ["text2wave", "-eval", f"(voice_{voice.arguments})", "-eval", stretch, "-o", wav]
            stdin = text
        elif voice.engine == "espeak":
            # 175 words a minute and pitch 50 are espeak-ng's own defaults.
            command = ["espeak-ng", "-v", voice.arguments, "-s", str(round(175 * rate))]
            command += ["-p", str(int(np.clip(round(50 * pitch), 0, 99))), "-w", wav, text]
        elif voice.engine == "pico":
            marked = f'<speed level="{round(100 * rate)}"><pitch level="{round(100 * pitch)}">{text}</pitch></speed>'
            command = ["pico2wave", "-l", voice.arguments, "-w", wav, marked]
        elif voice.engine == "rhvoice":
            command = ["RHVoice-test", "-p", voice.arguments, "-r", str(round(100 * rate))]
            command += ["-t", str(round(100 * pitch)), "-o", wav]
            stdin = text
        else:
            raise RuntimeError(f"speech/voices.tsv names an unknown engine: {voice.engine}")
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        if done.returncode or not Path(wav).exists():
            problem = f"{' '.join(command[:3])} failed on {text!r}: {done.stderr.strip()[-300:]}"
            raise RuntimeError(f"{problem}\nIs the voice {voice.name} installed? It comes with {voice.package}.")
        samples, sampling_rate = sf.read(wav, dtype="float32")
    if not np.any(np.abs(samples) > 0.01):
        raise RuntimeError(f"{voice.name} said nothing for {text!r}. Is it installed? It comes with {voice.package}.")
    return samples, sampling_rate


def seed_of(*parts: str) -> int:
    """Return a seed that depends on the words only (hash() changes from run to run)."""
    return zlib.crc32("\n".join(parts).encode())


def telephone(samples: np.ndarray, sampling_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Send studio speech down a telephone line.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32, in [-1, 1]
        The speech.
    sampling_rate : int, in hertz
        Its rate.
    rng : np.random.Generator
        Draws band edges, level, pauses and line noise.

    Returns
    -------
    np.ndarray [shape=(m,)], float32, 8 kHz, band of about 300 to 3400 Hz, peak -12 to -3 dBFS
    """
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    samples = samples[max(0, loud[0] - sampling_rate // 50) : loud[-1] + sampling_rate // 20]
    speech = soxr.resample(samples.astype(np.float64), sampling_rate, RATE, quality="HQ")
    pauses = (rng.uniform(0.15, 0.7, size=2) * RATE).astype(int)
    speech = np.pad(speech, tuple(pauses))
    low, high = rng.uniform(220, 330), rng.uniform(3300, 3600)
    band = butter(3, [low, high], "bandpass", fs=RATE, output="sos")
    speech = sosfiltfilt(band, speech)
    speech *= 10 ** (rng.uniform(-12, -3) / 20) / np.abs(speech).max()
    noise = sosfiltfilt(band, rng.standard_normal(len(speech)))
    noise *= 10 ** (rng.uniform(-70, -58) / 20) / np.sqrt(np.mean(noise**2))
    return (speech + noise).astype(np.float32)


def mulaw_wav(samples: np.ndarray) -> bytes:
    """Return the bytes of an 8 kHz mono mu-law WAV file: what genuine MInDS-14 holds."""
    buffer = io.BytesIO()
    sf.write(buffer, samples, RATE, format="WAV", subtype="ULAW")
    return buffer.getvalue()


def call(voice: Voice, text: str, *, sentence_id: str, vary: float) -> bytes:
    """Return one finished clip: a voice says a sentence on the telephone.

    `vary` is how far speed and pitch may wander from the voice's own (0.1 = ten per cent either way).
    """
    seed = seed_of(sentence_id, voice.name)
    rng = np.random.default_rng(seed)
    rate, pitch = 1 + vary * rng.uniform(-1, 1), 1 + vary * rng.uniform(-1, 1)
    samples, sampling_rate = speak(voice, text, rate=rate, pitch=pitch, seed=seed)
    return mulaw_wav(telephone(samples, sampling_rate, rng))
