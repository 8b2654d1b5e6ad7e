"""The bundled intent model is what its card says: small, loadable by the stock pipeline, right about people it never heard."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import load_dataset
from transformers import pipeline

from helpers import Audio, sources


@pytest.fixture(scope="module")
def model() -> sources.Source:
    return sources.intent_model()


@pytest.fixture(scope="module")
def classifier(model):
    return pipeline("audio-classification", model=model.path)


def test_model_folder_is_at_most_17_mb():
    folder = sources.BUNDLED / "intent_model"
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 17e6


def test_weights_run_in_float32_and_lose_nothing_in_bfloat16(classifier):
    config = json.loads((sources.BUNDLED / "intent_model" / "config.json").read_text())
    assert config["dtype"] == "float32"
    for weight in classifier.model.parameters():
        assert weight.dtype == torch.float32
        assert torch.equal(weight, weight.bfloat16().float())


def test_labels_are_the_data_sets_in_its_order(classifier):
    names = load_dataset(sources.minds14().path, name="en-AU", split="train").features["intent_class"].names
    assert [classifier.model.config.id2label[i] for i in range(14)] == names


@pytest.mark.parametrize(("config", "least"), [("en-AU", 0.95), ("ko-KR", 0.90)])
def test_accuracy_on_the_bundled_clips_is_what_the_card_says(classifier, config, least):
    card = (sources.BUNDLED / "intent_model" / "README.md").read_text(encoding="utf-8")
    said = float(re.search(rf"^\| {config} \| \d+ \| ([\d.]+) \|", card, re.MULTILINE)[1])
    rows = load_dataset(sources.minds14().path, name=config, split="train").cast_column("audio", Audio(sampling_rate=16_000))
    names = rows.features["intent_class"].names
    right = [classifier(row["audio"]["array"], top_k=1)[0]["label"] == names[row["intent_class"]] for row in rows]
    assert np.mean(right) >= least  # speakers and sentences that it never heard
    assert np.mean(right) == pytest.approx(said, abs=1.5 / len(rows))  # a tie may fall the other way on another processor


def test_first_clip_is_understood(classifier):
    row = load_dataset(sources.minds14().path, name="en-AU", split="train").cast_column("audio", Audio(sampling_rate=16_000))[0]
    best = classifier(row["audio"]["array"])[0]
    assert best["label"] == "pay_bill"


def test_sounds_in_which_nobody_speaks_get_no_high_score(classifier):
    white = np.random.default_rng(1).standard_normal(8 * 16_000)
    brown = np.cumsum(white - white.mean())
    sounds = {"silence": np.zeros(5 * 16_000), "a moment of silence": np.zeros(16_000 // 2)}
    for name, noise in {"white": white, "brown": brown}.items():
        for level in (0.01, 0.1):
            sounds[f"{name} noise, {level}"] = (level * noise / noise.std()).clip(-1, 1)
    rows = load_dataset(str(sources.BUNDLED / "sounds"), split="train").cast_column("audio", Audio(sampling_rate=16_000))
    for number, (audio, label) in enumerate(zip(rows["audio"], rows["label"], strict=True)):
        if (name := rows.features["label"].int2str(label)) in ("music", "noise"):
            sounds[f"{name}, clip {number}"] = audio["array"]
    assert len(sounds) == 6 + 2 * 16
    best = {name: classifier(sound.astype(np.float32))[0]["score"] for name, sound in sounds.items()}
    assert {name: score for name, score in best.items() if score >= 0.5} == {}


def test_the_card_counts_an_epoch_once_and_adds_the_runs_minutes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[1] / "recipes")
    from bundle_intent_model import told

    run = [
        {"args": {"seed": "0", "batch": "8", "out": "build/model/au-0", "sounds": "somewhere", "test": ""}, "train": 3},
        {"epoch": 0, "batch": 0, "of": 25, "loss": 2.0, "s": 1},
        {"epoch": 0, "batch": 0, "of": 25, "loss": 2.0, "s": 1},  # begun again after a stop
        {"epoch": 0, "loss": 1.0, "s": 120},
        {"done": True, "s": 180},
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(entry) + "\n" for entry in [*run, {"args": run[0]["args"] | {"seed": "1"}}, *run[1:]]))
    assert told(log) == ("- seed 0, batch 8\n- seed 1, batch 8", 400, 6)
