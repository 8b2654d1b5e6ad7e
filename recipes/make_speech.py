"""Make the course's synthetic speech: the bundled data set in MInDS-14's shape, and the clips the bundled model trains on.

    python recipes/make_speech.py                  both
    python recipes/make_speech.py --only train     build/speech/train-en.parquet, train-ko.parquet
    python recipes/make_speech.py --only bundled   src/helpers/bundled/minds14/<config>/train-00000-of-00001.parquet

Sentences are ours: speech/<language>-<set>.tsv. Voices and their split: speech/voices.tsv. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile as sf
import yaml
from datasets import Audio, ClassLabel, Features, Value
from tqdm import tqdm

from cards import fill
from voices import RATE, SPEECH, Voice, call, missing_engines, read_voices, seed_of

ROOT = Path(__file__).parents[1]
BUNDLED = ROOT / "src" / "helpers" / "bundled" / "minds14"
TRAIN = ROOT / "build" / "speech"

# Order as in PolyAI/minds14 (its card, revision 40ce77c).
# fmt: off
INTENTS = [
    "abroad", "address", "app_error", "atm_limit", "balance", "business_loan", "card_issues",
    "cash_deposit", "direct_debit", "freeze", "high_value_payment", "joint_account", "latest_transactions", "pay_bill",
]
LANGUAGES = [
    "cs-CZ", "de-DE", "en-AU", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT", "ko-KR",
    "nl-NL", "pl-PL", "pt-PT", "ru-RU", "zh-CN",
]
# fmt: on
CONFIGS = {"en": "en-AU", "ko": "ko-KR"}
VOICES_PER_SENTENCE = {"en": 4, "ko": 2}  # of the training clips; a bundled sentence is spoken once

FEATURES = Features(
    {
        "path": Value("string"),
        "audio": Audio(sampling_rate=RATE),
        "transcription": Value("string"),
        "english_transcription": Value("string"),
        "intent_class": ClassLabel(names=INTENTS),
        "lang_id": ClassLabel(names=LANGUAGES),
    }
)


@dataclass(frozen=True)
class Sentence:
    """One line of a sentence file; `number` counts within the intent."""

    intent: str
    number: int
    text: str
    english: str

    @property
    def id(self) -> str:
        return f"{self.intent}-{self.number:02d}"


def read_sentences(language: str, set_: str) -> list[Sentence]:
    """Read speech/<language>-<set>.tsv: intent, sentence and, for Korean that is bundled, its English."""
    counts = dict.fromkeys(INTENTS, 0)
    sentences = []
    with open(SPEECH / f"{language}-{set_}.tsv", encoding="utf-8", newline="") as file:
        for intent, text, *english in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            counts[intent] += 1
            sentences.append(Sentence(intent, counts[intent], text, english[0] if english else ""))
    return sentences


def transcribe(text: str) -> str:
    """Return a sentence as MInDS-14 writes it down: no punctuation, no capital at a sentence's start (but "I")."""
    words = []
    starts = True
    for word in text.split():
        bare = word.strip(".,?!")
        words.append(bare[0].lower() + bare[1:] if starts and bare != "I" and not bare.startswith("I'") else bare)
        starts = word[-1] in ".?!"
    return " ".join(words)


def cast(sentences: list[Sentence], voices: list[Voice], each: int) -> list[tuple[Sentence, Voice]]:
    """Give every sentence `each` different voices so that within an intent all voices speak equally often (±1).

    The voices start elsewhere in each intent, so a voice says nothing about the intent.
    """
    pairs = []
    for shift, intent in enumerate(INTENTS):
        order = np.random.default_rng(seed_of(intent)).permutation(len(voices))
        mine = [sentence for sentence in sentences if sentence.intent == intent]
        for at, sentence in enumerate(mine):
            for turn in range(each):
                pairs.append((sentence, voices[order[(at * each + turn + shift) % len(voices)]]))
    return pairs


def speak_all(language: str, set_: str) -> list[dict[str, object]]:
    """Synthesise one set of one language; the rows come in the order of the sentence file."""
    each = 1 if set_ == "bundled" else VOICES_PER_SENTENCE[language]
    pairs = cast(read_sentences(language, set_), read_voices(language, set_), each)
    vary = 0.03 if set_ == "bundled" else 0.1
    config = CONFIGS[language]

    def row(pair: tuple[Sentence, Voice]) -> dict[str, object]:
        sentence, voice = pair
        sentence_id = f"{language}-{set_}-{sentence.id}"
        path = f"{config}~{sentence.intent.upper()}/synthetic_{voice.name}_{sentence.number:02d}.wav"
        text = transcribe(sentence.text)
        return {
            "path": path,
            "audio": {"bytes": call(voice, sentence.text, sentence_id=sentence_id, vary=vary), "path": path},
            "transcription": text,
            "english_transcription": text if language == "en" else transcribe(sentence.english),
            "intent_class": INTENTS.index(sentence.intent),
            "lang_id": LANGUAGES.index(config),
            "voice": voice.name,
            "sentence_id": sentence_id,
        }

    with ThreadPoolExecutor(max_workers=2) as pool:  # the engines are other processes; the threads only wait for them
        return list(tqdm(pool.map(row, pairs), total=len(pairs), desc=f"{language} {set_}", unit="clip"))


def write_training(language: str) -> Path:
    """Write build/speech/train-<language>.parquet with plain columns and the voice and sentence of each clip."""
    table = pa.Table.from_pylist(speak_all(language, "train"))
    TRAIN.mkdir(parents=True, exist_ok=True)
    target = TRAIN / f"train-{language}.parquet"
    pq.write_table(table, target)
    return target


def write_bundled(language: str) -> Path:
    """Write one config of the bundled data set in a fixed shuffled order.

    Row 0 is the first voice of voices.tsv asking to pay a bill, as row 0 of the genuine en-AU is a pay_bill.
    """
    rows = speak_all(language, "bundled")
    order = list(np.random.default_rng(14).permutation(len(rows)))
    clearest = read_voices(language, "bundled")[0].name
    pay_bill = INTENTS.index("pay_bill")
    first = next(i for i, row in enumerate(rows) if row["intent_class"] == pay_bill and row["voice"] == clearest)
    order.remove(first)
    rows = [{name: rows[i][name] for name in FEATURES} for i in [first, *order]]
    # Straight into Arrow with the features in the schema's metadata: datasets' own encoding of a row with sound wants
    # torchcodec, which needs FFmpeg, and its to_parquet leaves sound uncompressed (zstd saves a fifth, losslessly).
    table = pa.Table.from_pylist(rows, schema=FEATURES.arrow_schema)
    target = BUNDLED / CONFIGS[language] / "train-00000-of-00001.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, target, compression="zstd", compression_level=9, use_dictionary=False, write_page_index=True)
    return target


def write_card() -> Path:
    """Fill speech/card.md with what is on disk (sizes, voices, intelligibility): the data set's README.md."""
    infos, sizes = [], []
    for config in CONFIGS.values():
        target = BUNDLED / config / "train-00000-of-00001.parquet"
        content, table = target.read_bytes(), pq.read_table(target)
        seconds = [sf.info(io.BytesIO(clip["bytes"])).duration for clip in table["audio"].to_pylist()]
        # datasets caches what it has read under a name made from this block, not from the Parquet: without a fingerprint in it,
        # a learner who pulls newer clips would go on hearing the old ones.
        split = {"name": "train", "num_bytes": table.nbytes, "num_examples": table.num_rows}
        infos.append(
            {
                "config_name": config,
                "description": f"sha256 {hashlib.sha256(content).hexdigest()[:16]}",
                "features": FEATURES._to_yaml_list(),
                "splits": [split],
                "download_size": len(content),
                "dataset_size": table.nbytes,
            }
        )
        sizes.append(
            f"| `{config}` | {table.num_rows} | {sum(seconds) / 60:.1f} min | {min(seconds):.1f} to {max(seconds):.1f} s, "
            f"median {np.median(seconds):.1f} s | {sum(s > 20 for s in seconds)} | {len(content) / 1e6:.1f} MB |"
        )
    voices = [v for set_ in ("bundled", "train") for language in CONFIGS for v in read_voices(language, set_)]
    voice_lines = [
        f"| {v.set} | {v.language} | `{v.name}` | {v.speaker} | {v.gender} | {v.engine} `{v.arguments}` | {v.licence} |"
        for v in voices
    ]
    result = SPEECH / "intelligibility.tsv"
    measured = []
    if result.exists():
        with open(result, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                measured.append(
                    f"| {row['set']} | {row['language']} | {row['voice']} | {row['clips']} | {row['measure']} | "
                    f"{float(row['error_rate']):.1%} | {float(row['sentences_found']):.0%} |"
                )
    filled = {
        "dataset_info": yaml.safe_dump({"dataset_info": infos}, sort_keys=False, allow_unicode=True).strip(),
        "sizes": "\n".join(sizes),
        "voices": "\n".join(voice_lines),
        "intelligibility": "\n".join(measured),
    }
    target = BUNDLED / "README.md"
    target.write_text(fill(SPEECH / "card.md", **filled), encoding="utf-8")
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["train", "bundled"], help="make one of the two sets")
    parser.add_argument("--language", choices=["en", "ko"], help="make one of the two languages")
    arguments = parser.parse_args()
    sets = [arguments.only] if arguments.only else ["bundled", "train"]
    languages = [arguments.language] if arguments.language else ["en", "ko"]
    problems = missing_engines([voice for s in sets for language in languages for voice in read_voices(language, s)])
    if problems:
        sys.exit("Cannot make the speech:\n  " + "\n  ".join(problems))
    for set_ in sets:
        for language in languages:
            target = write_bundled(language) if set_ == "bundled" else write_training(language)
            print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes")
    if all((BUNDLED / config).exists() for config in CONFIGS.values()):
        print(write_card().relative_to(ROOT))


if __name__ == "__main__":
    main()
