"""The bundled sounds: what their card says they are, and nothing in them that the bundled sound model was trained on."""

from __future__ import annotations

import hashlib
import io
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from datasets import Audio, Dataset, Value, load_dataset

from test_bundled_speech import rows_of, speaker_of_voice

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src" / "helpers" / "bundled" / "sounds"
PARQUET = FOLDER / "data" / "train-00000-of-00001.parquet"
# Ten of ESC-10's labels (Piczak 2015) by its names, and four more.
LABELS = [
    "baby_cry", "chainsaw", "clock_tick", "dog_bark", "fire_crackling", "helicopter", "music", "noise", "person_sneeze", "rain",
    "rooster", "sea_waves", "siren", "speech",
]  # fmt: skip
FAMILIES = {
    "animals": {"dog_bark", "rooster"},
    "machines": {"chainsaw", "clock_tick", "helicopter", "siren"},
    "nature": {"fire_crackling", "rain", "sea_waves"},
    "people": {"baby_cry", "person_sneeze"},
    "speech_music_noise": {"music", "noise", "speech"},
}


@pytest.fixture(scope="module")
def clips() -> Dataset:
    """Read as the lesson reads them, the sound left as bytes."""
    return load_dataset(str(FOLDER), split="train").cast_column("audio", Audio(decode=False))


def label_names(clips: Dataset) -> list[str]:
    return [clips.features["label"].int2str(i) for i in clips["label"]]


def test_columns_labels_and_families(clips: Dataset) -> None:
    features = load_dataset(str(FOLDER), split="train").features
    assert list(features) == ["path", "audio", "label", "family", "transcription"]
    assert features["audio"] == Audio(sampling_rate=16_000)
    assert features["transcription"] == Value("string")
    assert features["label"].names == LABELS
    found: dict[str, set[str]] = {}
    for label, family in zip(label_names(clips), clips["family"], strict=True):
        found.setdefault(features["family"].int2str(family), set()).add(label)
    assert found == FAMILIES


def test_every_label_has_sixteen_clips(clips: Dataset) -> None:
    assert Counter(label_names(clips)) == dict.fromkeys(LABELS, 16)


def test_data_set_is_at_most_5_mb() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) <= 5e6


def test_clips_are_four_seconds_of_mono_vorbis_at_16_khz_that_can_be_heard(clips: Dataset) -> None:
    for clip in clips["audio"]:
        info = sf.info(io.BytesIO(clip["bytes"]))
        assert (info.format, info.subtype, info.channels, info.samplerate, info.frames) == ("OGG", "VORBIS", 1, 16_000, 64_000)
        y, _ = sf.read(io.BytesIO(clip["bytes"]), dtype="float32")
        assert 0.05 < np.abs(y).max() <= 1.1, clip["path"]  # Vorbis may overshoot a little


def test_no_clip_is_there_twice(clips: Dataset) -> None:
    digests = {hashlib.sha256(clip["bytes"]).hexdigest() for clip in clips["audio"]}
    assert len(digests) == len(clips) == len(set(clips["path"]))


def test_first_clip_is_a_bird(clips: Dataset) -> None:
    assert label_names(clips)[0] == "rooster"


def test_speech_is_of_bundled_voices_and_sentences_alone(clips: Dataset) -> None:
    voices = speaker_of_voice()
    said = {"".join(row[1].split()).lower() for code in ("en", "ko") for row in rows_of(f"{code}-bundled.tsv")}
    bare = {"".join(c for c in sentence if c.isalnum()) for sentence in said}
    languages = Counter()
    for path, text, label in zip(clips["path"], clips["transcription"], label_names(clips), strict=True):
        if label != "speech":
            assert text == ""
            continue
        voice = voices[path.split("_")[-2]]
        assert voice["set"] == "bundled"
        languages[voice["language"]] += 1
        assert "".join(c for c in text.lower() if c.isalnum()) in bare, text
    assert languages == {"en": 8, "ko": 8}


def test_card_fingerprint_is_that_of_the_clips() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"sha256 {hashlib.sha256(PARQUET.read_bytes()).hexdigest()[:16]}" in card
    assert "{{" not in card


def test_card_names_soundfont_and_licence() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "FluidR3 GM" in card
    assert "Frank Wen" in card
    assert card.rstrip().splitlines()[-1].startswith("CC BY 4.0.")


@pytest.fixture(scope="module")
def synthesis():
    """The recipe's module. It needs the recipes' extra."""
    pytest.importorskip("mido", reason="the recipes' extra is not installed")
    pytest.importorskip("scipy", reason="the recipes' extra is not installed")
    sys.path.insert(0, str(ROOT / "recipes"))
    try:
        import synthesis
    finally:
        sys.path.remove(str(ROOT / "recipes"))
    return synthesis


def test_bundled_and_training_parameters_come_from_different_tenths(synthesis) -> None:
    drawn = {
        held_out: {int(synthesis.Draw("any", i, held_out=held_out).uniform(0, 10)) for i in range(200)}
        for held_out in (True, False)
    }
    assert drawn[True] == {1, 4, 8}
    assert drawn[False] == {0, 2, 3, 5, 6, 7, 9}
    assert not set(synthesis.MELODY_PROGRAMS[True]) & set(synthesis.MELODY_PROGRAMS[False])
    assert synthesis.SOUNDFONTS[True] != synthesis.SOUNDFONTS[False]


@pytest.mark.parametrize("label", ["rooster", "clock_tick", "siren", "rain"])
def test_bundled_clip_is_what_the_recipe_makes(synthesis, clips: Dataset, label: str) -> None:
    row = clips[clips["path"].index(f"{label.upper()}/synthetic_03.ogg")]
    kept, _ = sf.read(io.BytesIO(row["audio"]["bytes"]))
    made = synthesis.sound(label, 3, held_out=True)
    assert np.corrcoef(kept, made)[0, 1] > 0.9  # Vorbis is lossy
    other = synthesis.sound(label, 3, held_out=False)
    assert abs(np.corrcoef(kept, other)[0, 1]) < 0.5
