"""Make the course's other sounds: the bundled data set, and the clips that the bundled sound model trains on.

    python recipes/make_sounds.py                  both
    python recipes/make_sounds.py --only train     build/sounds/train.parquet
    python recipes/make_sounds.py --only bundled   src/helpers/bundled/sounds/

How each sound is made: synthesis.py. Speech is spoken by the voices of make_speech.py, which stay on their side of the split, and
so do the sentences. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import struct
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile as sf
import soxr
import yaml
from datasets import Audio, ClassLabel, Features, Value
from tqdm import tqdm

from cards import fill
from make_speech import read_sentences, transcribe
from synthesis import MAKERS, RATE, SOUNDFONTS, Draw, finish, sound
from voices import missing_engines, read_voices, speak, telephone

ROOT = Path(__file__).parents[1]
BUNDLED = ROOT / "src" / "helpers" / "bundled" / "sounds"
TRAIN = ROOT / "build" / "sounds" / "train.parquet"
SECONDS = 4
BUNDLED_CLIPS = 16  # of each class
TRAIN_CLIPS = {"music": 200, "speech": 280, "noise": 160, "other": 240}
TRAIN_CLIPS_ELSE = 120

# ESC-10's own names where it has the class (Piczak 2015).
FAMILIES = {
    "animals": ["dog_bark", "rooster"],
    "machines": ["chainsaw", "clock_tick", "helicopter", "siren"],
    "nature": ["fire_crackling", "rain", "sea_waves"],
    "people": ["baby_cry", "person_sneeze"],
    "speech_music_noise": ["music", "noise", "speech"],
}
LABELS = sorted(label for labels in FAMILIES.values() for label in labels)
FAMILY_OF = {label: family for family, labels in FAMILIES.items() for label in labels}

FEATURES = Features(
    {
        "path": Value("string"),
        "audio": Audio(sampling_rate=RATE),
        "label": ClassLabel(names=LABELS),
        "family": ClassLabel(names=list(FAMILIES)),
        "transcription": Value("string"),
    }
)


def speech(number: int, *, held_out: bool) -> tuple[np.ndarray, str, str]:
    """One clip of speech: samples [shape=(64000,)], the voice's name, the sentence. Every third clip is a telephone's."""
    language = "en" if number % 2 == 0 else "ko"
    set_ = "bundled" if held_out else "train"
    draw = Draw("speech", number, held_out=held_out)
    voices = read_voices(language, set_)
    voice = voices[number // 2 % len(voices)]
    sentences = read_sentences(language, set_)
    sentence = sentences[int(draw.rng.integers(len(sentences)))].text
    samples, rate = speak(voice, sentence, rate=draw.uniform(0.9, 1.1), pitch=draw.uniform(0.9, 1.1), seed=number)
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    samples = samples[max(0, loud[0] - rate // 20) :]
    if number % 3 == 2:
        samples, rate = telephone(samples, rate, draw.rng), 8000
    y = soxr.resample(samples, rate, RATE)
    n = SECONDS * RATE
    room_left = max(0, n - len(y))
    y = np.pad(y, (int(draw.rng.integers(0, room_left + 1)), 0))
    return finish(y, n, draw.uniform(-14, -1)), voice.name, transcribe(sentence)


def ogg_checksum(page: bytes) -> int:
    """The CRC of an Ogg page (RFC 3533: polynomial 0x04c11db7, not reflected, starts at 0)."""
    crc = 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ OGG_TABLE[crc >> 24 ^ byte]
    return crc


def ogg_table() -> list[int]:
    table = []
    for i in range(256):
        crc = i << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
        table.append(crc)
    return table


OGG_TABLE = ogg_table()


def vorbis(y: np.ndarray) -> bytes:
    """Ogg Vorbis bytes. libsndfile gives a stream a random number; here it is 1, so that the same sound gives the same bytes."""
    buffer = io.BytesIO()
    sf.write(buffer, y, RATE, format="OGG", subtype="VORBIS", compression_level=0.5)
    stream, at = bytearray(buffer.getvalue()), 0
    while at < len(stream):
        segments = stream[at + 26]
        end = at + 27 + segments + sum(stream[at + 27 : at + 27 + segments])
        stream[at + 14 : at + 18] = struct.pack("<I", 1)
        stream[at + 22 : at + 26] = bytes(4)
        stream[at + 22 : at + 26] = struct.pack("<I", ogg_checksum(stream[at:end]))
        at = end
    return bytes(stream)


def flac(y: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    sf.write(buffer, y, RATE, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def clip(label: str, number: int, *, held_out: bool) -> dict[str, object]:
    """One row of either set."""
    if label == "speech":
        y, voice, text = speech(number, held_out=held_out)
        name = f"{voice}_{number:02d}"
    else:
        y, name, text = sound(label, number, held_out=held_out), f"{number:02d}", ""
    path = f"{label.upper()}/synthetic_{name}.{'ogg' if held_out else 'flac'}"
    return {
        "path": path,
        "audio": {"bytes": vorbis(y) if held_out else flac(y), "path": path},
        "label": LABELS.index(label) if label in LABELS else -1,
        "family": list(FAMILIES).index(FAMILY_OF[label]) if label in LABELS else -1,
        "transcription": text,
    }


def write_training() -> Path:
    """Write build/sounds/train.parquet; the label of a sound of no class is -1."""
    wanted = [(label, number) for label in [*LABELS, "other"] for number in range(TRAIN_CLIPS.get(label, TRAIN_CLIPS_ELSE))]
    rows = [clip(label, number, held_out=False) for label, number in tqdm(wanted, desc="train", unit="clip")]
    TRAIN.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), TRAIN)
    return TRAIN


def write_bundled() -> Path:
    """Write the bundled data set in a fixed shuffled order; row 0 is the rooster's first crow."""
    wanted = [(label, number) for label in LABELS for number in range(BUNDLED_CLIPS)]
    order = list(np.random.default_rng(9).permutation(len(wanted)))
    first = wanted.index(("rooster", 0))
    order.remove(first)
    rows = [clip(*wanted[i], held_out=True) for i in tqdm([first, *order], desc="bundled", unit="clip")]
    # Straight into Arrow, as make_speech.py does and for its reason.
    table = pa.Table.from_pylist(rows, schema=FEATURES.arrow_schema)
    target = BUNDLED / "data" / "train-00000-of-00001.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, target, compression="zstd", compression_level=9, use_dictionary=False, write_page_index=True)
    return target


def write_card() -> Path:
    """Fill sounds/data.md with what is on disk: the data set's README.md."""
    target = BUNDLED / "data" / "train-00000-of-00001.parquet"
    content, table = target.read_bytes(), pq.read_table(target)
    info = {
        # The fingerprint is what makes `datasets` notice that the clips changed; see make_speech.py.
        "description": f"sha256 {hashlib.sha256(content).hexdigest()[:16]}",
        "features": FEATURES._to_yaml_list(),
        "splits": [{"name": "train", "num_bytes": table.nbytes, "num_examples": table.num_rows}],
        "download_size": len(content),
        "dataset_size": table.nbytes,
    }
    makers = "\n".join(
        f"| `{label}` | {FAMILY_OF[label]} | {BUNDLED_CLIPS} | "
        + (
            " ".join(MAKERS[label].__doc__.partition("\n\n")[0].split())
            if label in MAKERS
            else "English and Korean sentences, spoken by the bundled voices."
        )
        + " |"
        for label in LABELS
    )
    filled = {
        "dataset_info": yaml.safe_dump({"dataset_info": info}, sort_keys=False, allow_unicode=True).strip(),
        "classes": makers,
        "rows": str(table.num_rows),
        "seconds": str(SECONDS),
        "minutes": f"{table.num_rows * SECONDS / 60:.1f}",
        "megabytes": f"{len(content) / 1e6:.1f}",
        "voices": ", ".join(f"`{v.name}`" for language in ("en", "ko") for v in read_voices(language, "bundled")),
    }
    card = BUNDLED / "README.md"
    card.write_text(fill(Path(__file__).parent / "sounds" / "data.md", **filled), encoding="utf-8")
    return card


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["train", "bundled"], help="make one of the two sets")
    arguments = parser.parse_args()
    sets = [arguments.only] if arguments.only else ["bundled", "train"]
    problems = missing_engines([voice for s in sets for language in ("en", "ko") for voice in read_voices(language, s)])
    problems += [f"the soundfont {font} is missing" for held_out, font in SOUNDFONTS.items() if not font.exists()]
    if problems:
        sys.exit("Cannot make the sounds:\n  " + "\n  ".join(problems))
    for set_ in sets:
        target = write_bundled() if set_ == "bundled" else write_training()
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")
    if BUNDLED.exists():
        print(write_card().relative_to(ROOT))


if __name__ == "__main__":
    main()
