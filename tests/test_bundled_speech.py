"""The bundled calls: genuine MInDS-14's shape, and nothing in them that the bundled model was trained on."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest
import soundfile as sf
from datasets import Audio, Dataset, Value, get_dataset_config_names, load_dataset

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src" / "helpers" / "bundled" / "minds14"
SPEECH = ROOT / "recipes" / "speech"

INTENTS = [
    "abroad", "address", "app_error", "atm_limit", "balance", "business_loan", "card_issues", "cash_deposit", "direct_debit",
    "freeze", "high_value_payment", "joint_account", "latest_transactions", "pay_bill",
]  # fmt: skip
LANGUAGES = [
    "cs-CZ", "de-DE", "en-AU", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT", "ko-KR", "nl-NL", "pl-PL", "pt-PT", "ru-RU", "zh-CN",
]  # fmt: skip
CLIPS_PER_INTENT = {"en-AU": 12, "ko-KR": 6}
CODES = {"en-AU": "en", "ko-KR": "ko"}
configs = pytest.mark.parametrize("config", CLIPS_PER_INTENT)


@pytest.fixture(scope="module")
def clips() -> dict[str, Dataset]:
    """Both configs, read as a lesson reads them, the sound left as bytes."""
    loaded = {config: load_dataset(str(FOLDER), name=config, split="train") for config in CLIPS_PER_INTENT}
    return {config: rows.cast_column("audio", Audio(decode=False)) for config, rows in loaded.items()}


def rows_of(name: str) -> list[list[str]]:
    with open(SPEECH / name, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def plain(sentence: str) -> str:
    """A sentence without case, punctuation and fillers, so that "Um, my balance?" is "my balance"."""
    words = re.sub(r"[^\w\s]", "", sentence.lower()).split()
    return " ".join(word for word in words if word not in {"um", "uh", "hi", "hello", "음", "어", "저기요", "저기", "안녕하세요"})


def speaker_of_voice() -> dict[str, dict[str, str]]:
    header, *rows = rows_of("voices.tsv")
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def voice_of(path: str) -> str:
    return path.split("_")[-2]


def test_configs_and_default() -> None:
    assert get_dataset_config_names(str(FOLDER)) == ["en-AU", "ko-KR"]
    assert load_dataset(str(FOLDER), split="train").num_rows == 14 * 12  # without a name: en-AU


@configs
def test_columns_are_those_of_minds14(config: str) -> None:
    features = load_dataset(str(FOLDER), name=config, split="train").features
    assert list(features) == ["path", "audio", "transcription", "english_transcription", "intent_class", "lang_id"]
    assert features["audio"] == Audio(sampling_rate=8000)
    assert all(features[name] == Value("string") for name in ("path", "transcription", "english_transcription"))
    assert features["intent_class"].names == INTENTS
    assert features["lang_id"].names == LANGUAGES


@configs
def test_every_intent_has_its_count(config: str, clips: dict[str, Dataset]) -> None:
    assert Counter(clips[config]["intent_class"]) == dict.fromkeys(range(14), CLIPS_PER_INTENT[config])
    assert set(clips[config]["lang_id"]) == {LANGUAGES.index(config)}


@configs
def test_first_call_pays_a_bill(config: str, clips: dict[str, Dataset]) -> None:
    first = clips[config][0]
    assert first["intent_class"] == INTENTS.index("pay_bill")
    assert re.search("bill|고지서|요금|가스비", first["transcription"])


@configs
def test_order_is_shuffled(config: str, clips: dict[str, Dataset]) -> None:
    labels = clips[config]["intent_class"][:28]
    assert len(set(labels)) >= 8


@configs
def test_sound_is_telephone_sound(config: str, clips: dict[str, Dataset]) -> None:
    for row in clips[config]:
        wav = row["audio"]["bytes"]
        info = sf.info(io.BytesIO(wav))
        assert (info.format, info.subtype, info.samplerate, info.channels) == ("WAV", "ULAW", 8000, 1), row["path"]
        samples, _ = sf.read(io.BytesIO(wav), dtype="float32")
        assert 0.2 < abs(samples).max() < 0.8, row["path"]  # peaks of -12 to -3 dBFS, give or take the mu-law steps
        assert abs(samples[:400]).max() < 0.02, row["path"]  # every call starts quietly
        assert 1.5 < len(samples) / 8000 < 60, row["path"]
        assert row["audio"]["path"] == row["path"]


def test_some_calls_are_long(clips: dict[str, Dataset]) -> None:
    seconds = [sf.info(io.BytesIO(audio["bytes"])).duration for audio in clips["en-AU"]["audio"]]
    assert sum(length > 20 for length in seconds) >= 5


def test_size() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= 12_000_000


@configs
def test_clips_say_the_sentences_of_the_recipe(config: str, clips: dict[str, Dataset]) -> None:
    """The Parquet and the sentence file belong to the same run, in words, labels and English."""
    said = Counter()
    for row in clips[config]:
        said[INTENTS[row["intent_class"]], plain(row["transcription"]), plain(row["english_transcription"])] += 1
    written = Counter()
    for intent, sentence, *english in rows_of(f"{CODES[config]}-bundled.tsv"):
        written[intent, plain(sentence), plain(english[0] if english else sentence)] += 1
    assert said == written
    assert not [text for text in clips[config]["transcription"] if re.search(r"[.,?!]", text)]


@configs
def test_voices_say_nothing_about_the_intent(config: str, clips: dict[str, Dataset]) -> None:
    pairs = Counter((voice_of(row["path"]), row["intent_class"]) for row in clips[config].remove_columns("audio"))
    voices = {voice for voice, _ in pairs}
    counts = [pairs[voice, intent] for voice in voices for intent in range(14)]
    assert max(counts) - min(counts) <= 1
    assert min(counts) >= 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_sentence_is_in_training_too(language: str) -> None:
    train = [plain(row[1]) for row in rows_of(f"{language}-train.tsv")]
    assert len(train) >= 14 * 20
    close = []
    for bundled in (plain(row[1]) for row in rows_of(f"{language}-bundled.tsv")):
        for other in train:
            match = SequenceMatcher(None, bundled, other, autojunk=False)
            # The first two are quick upper bounds of the third.
            if match.real_quick_ratio() >= 0.85 and match.quick_ratio() >= 0.85 and match.ratio() >= 0.85:
                close.append((bundled, other))
    assert not close


@configs
def test_no_speaker_is_in_training_too(config: str, clips: dict[str, Dataset]) -> None:
    voices = speaker_of_voice()
    heard = {voice_of(path) for path in clips[config]["path"]}
    assert heard == {name for name, v in voices.items() if v["language"] == CODES[config] and v["set"] == "bundled"}
    bundled = {voices[name]["speaker"] for name in heard}
    trained = {voice["speaker"] for voice in voices.values() if voice["set"] == "train"}  # of either language
    assert trained
    assert not bundled & trained


def test_every_voice_was_measured_and_can_be_followed() -> None:
    """The limits are those that the card states; Korean is held to finding the sentence at all (by chance: about 1 in 100)."""
    header, *rows = rows_of("intelligibility.tsv")
    measured = [dict(zip(header, row, strict=True)) for row in rows]
    assert set(speaker_of_voice()) <= {row["voice"] for row in measured}
    largest_error = {"bundled": 0.15, "train": 0.50, "genuine": 1.0}
    least_found = {"bundled": 0.50, "train": 0.33}
    for row in measured:
        if row["language"] == "en":
            assert float(row["error_rate"]) <= largest_error[row["set"]], row["voice"]
        else:
            assert float(row["sentences_found"]) >= least_found[row["set"]], row["voice"]


@configs
def test_card_belongs_to_the_clips(config: str) -> None:
    """datasets caches by what the card says: a card older than the Parquet would serve learners an old copy."""
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    content = (FOLDER / config / "train-00000-of-00001.parquet").read_bytes()
    assert hashlib.sha256(content).hexdigest()[:16] in card
    assert "{{" not in card


def test_card_says_first_that_the_speech_is_synthetic() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8").split("\n---\n", 1)[1]
    first_paragraph = [block for block in text.split("\n\n") if not block.lstrip().startswith("#")][0]
    assert "synthetic" in first_paragraph
    assert "2104.08524" in text
