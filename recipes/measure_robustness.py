"""Measure what a trained intent model stands: noise, line, level, speed, resamplers, compression; and sounds that are no call.

    python recipes/measure_robustness.py build/model/au-0 --variety en-GB --every 3     on genuine calls that this run kept out
    python recipes/measure_robustness.py build/model/bundled                            on the bundled clips

Writes <run>/robustness.json, from which bundle_intent_model.py fills the model card: accuracies, and the logits of what is no
call (their scores depend on the temperature, which is found there).
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
import torch
from datasets import Audio, load_dataset
from tqdm.auto import tqdm
from transformers import WhisperFeatureExtractor, WhisperForAudioClassification

import augment
import synthesis
from train_intent_model import RATE, REVISION, predict

ROOT = Path(__file__).resolve().parents[1]
SOUNDS = ROOT.parent / "shared" / "sounds" / "esc10-folds-1-3.parquet"
Rng = np.random.Generator


def up(y: np.ndarray) -> np.ndarray:
    return soxr.resample(y, RATE // 2, RATE)


def up_linear(y: np.ndarray) -> np.ndarray:
    return np.interp(np.arange(2 * len(y)) / 2, np.arange(len(y)), y).astype(np.float32)


def up_torchaudio(y: np.ndarray) -> np.ndarray:
    """What `torchaudio.functional.resample` does from 8 to 16 kHz by default: a Hann-windowed sinc, width 6, rolloff 0.99.

    Written out because no torchaudio loads beside this torch; equal to torchaudio 2.11's function to 1e-6.
    """
    width, cutoff = 7, 0.99  # ceil(6 / 0.99) samples of the input on either side
    out = np.empty(2 * len(y), np.float32)
    taps = np.arange(-width, width + 1)
    for phase in (0, 1):
        t = np.clip((taps - phase / 2) * cutoff, -6, 6)
        kernel = np.sinc(t) * np.cos(t * np.pi / 12) ** 2 * cutoff
        out[phase::2] = np.correlate(np.pad(y, width), kernel, "valid")
    return out


def noisy(snr_db: float) -> Callable[[np.ndarray, Rng], np.ndarray]:
    def add(y: np.ndarray, rng: Rng) -> np.ndarray:
        return augment.add_at_snr(up(y), augment.coloured_noise(2 * len(y), rng.uniform(0, 1.5), rng), snr_db)

    return add


def gain(db: float) -> Callable[[np.ndarray, Rng], np.ndarray]:
    return lambda y, rng: np.clip(up(y) * 10 ** (db / 20), -1, 1).astype(np.float32)


def speed(factor: float) -> Callable[[np.ndarray, Rng], np.ndarray]:
    return lambda y, rng: soxr.resample(up(y), RATE, RATE / factor)


def band(y: np.ndarray, rng: Rng) -> np.ndarray:
    """300 to 3400 Hz, as narrow as a telephone line gets."""
    spectrum = np.fft.rfft(up(y))
    frequency = np.fft.rfftfreq(2 * len(y), 1 / RATE)
    spectrum[(frequency < 300) | (frequency > 3400)] = 0
    return np.fft.irfft(spectrum, 2 * len(y)).astype(np.float32)


def mp3(y: np.ndarray, rng: Rng) -> np.ndarray:
    """MP3 at 16 kHz and a constant 64 kbit/s (libsndfile's level 0.64 gives that rate for mono at 16 kHz)."""
    file = io.BytesIO()
    sf.write(file, up(y), RATE, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT", compression_level=0.64)
    file.seek(0)
    return sf.read(file, dtype="float32")[0]


CONDITIONS: dict[str, Callable[[np.ndarray, Rng], np.ndarray]] = {
    "as recorded (soxr)": lambda y, rng: up(y),
    "resampled as torchaudio does": lambda y, rng: up_torchaudio(y),
    "resampled by straight lines": lambda y, rng: up_linear(y),
    "noise, 20 dB": noisy(20),
    "noise, 10 dB": noisy(10),
    "noise, 5 dB": noisy(5),
    "band 300 to 3400 Hz": band,
    "20 dB louder, clipped": gain(20),
    "20 dB softer": gain(-20),
    "10 % faster": speed(1.1),
    "10 % slower": speed(0.9),
    "MP3, 64 kbit/s": mp3,
}


def not_calls() -> dict[str, list[np.ndarray]]:
    """Sounds in which nobody asks a bank for anything, by kind."""
    rng = np.random.default_rng(5)
    kinds = {
        "digital silence": [np.zeros(int(s * RATE), np.float32) for s in (0.5, 2, 5, 10, 15)],
        "faint line noise": [
            (augment.coloured_noise(int(rng.uniform(2, 15) * RATE), 0, rng) * 10 ** (rng.uniform(-70, -50) / 20))
            for _ in range(20)
        ],
        "white, pink and brown noise": [
            (augment.coloured_noise(int(rng.uniform(2, 15) * RATE), e, rng) * 10 ** (rng.uniform(-40, -15) / 20)).clip(-1, 1)
            for e in (0, 1, 2)
            for _ in range(20)
        ],
    }
    if shutil.which("fluidsynth"):
        kinds["music"] = synthesis.held_out_music()
    if SOUNDS.exists():
        rows = load_dataset("parquet", data_files=str(SOUNDS), split="train").cast_column("audio", Audio(decode=False))
        for row in rows:
            if row["fold"] < 3:  # these were in training
                continue
            y, rate = sf.read(io.BytesIO(row["audio"]["bytes"]), dtype="float32")
            kinds.setdefault(f"ESC-10: {row['label']}", []).append(soxr.resample(y if y.ndim == 1 else y.mean(1), rate, RATE))
    return kinds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--genuine", default="PolyAI/minds14", help="Hub id, or a folder in its layout")
    parser.add_argument("--variety", help="of genuine calls (default: the bundled en-AU clips)")
    parser.add_argument("--every", type=int, default=1, help="take each so many-th clip")
    args = parser.parse_args()
    torch.set_num_threads(1)

    model = WhisperForAudioClassification.from_pretrained(args.run, dtype=torch.float32)
    extractor = WhisperFeatureExtractor.from_pretrained(args.run)
    folder, revision = str(ROOT / "src/helpers/bundled/minds14"), None
    if args.variety:
        folder, revision = args.genuine, REVISION if args.genuine == "PolyAI/minds14" else None
    rows = load_dataset(folder, name=args.variety or "en-AU", split="train", revision=revision)
    rows = rows.cast_column("audio", Audio(decode=False)).select(range(0, len(rows), args.every))
    clips = [sf.read(io.BytesIO(row["audio"]["bytes"]), dtype="float32")[0] for row in rows]
    labels = rows["intent_class"]
    result: dict = {"clips": len(clips), "accuracy": {}, "no_call": {}}
    for name, change in tqdm(CONDITIONS.items(), desc="conditions"):
        rng = np.random.default_rng(3)
        out = predict(model, extractor, [change(y, rng) for y in clips])
        result["accuracy"][name] = round(float((out.argmax(1) == np.array(labels)).mean()), 4)
        print(name, result["accuracy"][name], flush=True)
    for kind, sounds in not_calls().items():
        result["no_call"][kind] = predict(model, extractor, sounds).round(3).tolist()
    (args.run / "robustness.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
