"""The benchmark: its lengths are the genuine ones, its comparison sees what differs, a small run writes what it promises."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parent.parent
FIELDS = {"model", "path", "clips_per_second", "ratio_to_loop", "max_score_difference", "same_top_label"}


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench", ROOT / "benchmarks" / "bench.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench"]


def test_lengths_are_those_of_the_genuine_clips(bench):
    seconds = bench.en_au_seconds()
    assert len(seconds) == 654
    assert (seconds < 20).sum() == 624
    assert (seconds > 15).sum() == 78
    assert seconds[0] == 62_415 / 8_000
    assert seconds.sum() / 3600 == pytest.approx(1.53, abs=0.01)
    assert np.median(seconds) == pytest.approx(6.63, abs=0.01)


def test_lengths_are_in_step_with_the_recordings(bench, genuine):
    import datasets

    from helpers import Audio

    rows = datasets.load_dataset(str(genuine), "en-AU", split="train").cast_column("audio", Audio())
    for row in (0, 100, 653):
        assert len(rows[row]["audio"]["array"]) == round(bench.en_au_seconds()[row] * 8_000)


def test_a_sample_of_lengths_has_the_same_shares(bench):
    seconds = bench.en_au_seconds()
    sample = bench.stratified(seconds, 12)
    assert (sample == bench.stratified(seconds, 12)).all()
    assert np.median(sample) == pytest.approx(np.median(seconds), rel=0.05)
    assert sample.mean() == pytest.approx(seconds.mean(), rel=0.1)
    assert list(sample) != sorted(sample)  # in the order in which clips would come, not the one that suits batches


def test_clips_have_their_lengths_and_differ(bench):
    calls = [np.full(16_000 * n, n / 10, np.float32) for n in (2, 3, 4)]
    clips = bench.clips_of(np.array([1.0, 5.5, 30.0]), calls)
    assert [len(clip) for clip in clips] == [16_000, 88_000, 480_000]
    assert clips[0][0] != clips[1][0]


def test_difference_sees_scores_and_labels(bench):
    def answer(a, b):
        return sorted([{"label": "a", "score": a}, {"label": "b", "score": b}], key=lambda score: -score["score"])

    reference = [answer(0.9, 0.1), answer(0.4, 0.6)]
    assert bench.difference(reference, reference) == (0.0, 1.0)
    largest, same = bench.difference([answer(0.9, 0.1), answer(0.55, 0.45)], reference)
    assert largest == pytest.approx(0.15)
    assert same == 0.5


def test_work_is_that_of_the_layers(bench):
    model, extractor = bench.bundled()
    work = bench.gflop(model, extractor, [np.zeros(16_000, np.float32)] * 2)
    layers = 4 * 750 * 12 * 384**2 * 2 + 4 * 2 * 2 * 750**2 * 384  # linear layers, and attention's two products
    convolutions = 1_500 * 80 * 384 * 3 * 2 + 750 * 384 * 384 * 3 * 2
    projector = 750 * 384**2 * 2
    assert work / 2 == pytest.approx((layers + convolutions + projector) / 1e9, rel=0.01)


def test_work_of_a_waveform_model_is_counted_and_the_model_stays_whole(bench):
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

    config = Wav2Vec2Config(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, conv_dim=(32,) * 7,
        feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True,
    )  # fmt: skip
    model = Wav2Vec2ForSequenceClassification(config).eval()
    extractor = Wav2Vec2FeatureExtractor(return_attention_mask=True)
    one, two = (bench.gflop(model, extractor, [np.zeros(n, np.float32)]) for n in (16_000, 32_000))
    assert 1.9 < two / one < 2.2
    with torch.inference_mode():  # its weight norm is still there: copies share their class
        model(**extractor(np.zeros(16_000, np.float32), sampling_rate=16_000, return_tensors="pt"))


def test_a_small_run_writes_its_results(bench, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "BUILD", tmp_path / "build")
    options = ["--only", "bundled", "--only", "decode", "--clips", "2", "--rounds", "1"]
    assert bench.main([*options, "--path", "classify, fp32", "--path", "classify, bf16"]) == 0
    results = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert [result["path"] for result in results] == ["pipeline, one by one", "classify, fp32", "classify, bf16"]
    assert all(result.keys() >= FIELDS for result in results)
    assert results[0]["ratio_to_loop"] == 1
    assert results[1]["max_score_difference"] < 1e-5
    assert results[2]["max_score_difference"] < 0.02  # two digits
    assert all(result["same_top_label"] == 1 for result in results)
    table = (tmp_path / "build" / "bench.md").read_text()
    assert table in capsys.readouterr().out
    assert "| classify, bf16 |" in table
    assert "helpers.Audio" in table


def test_a_profile_accounts_for_everything(bench):
    model, extractor = bench.bundled()
    shares = dict(bench.profiled(model, extractor, np.zeros(16_000, np.float32), torch.float32))
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["matrix products"] > 0.2
