"""Many clips through model and extractor: the pipeline's answers, in order, one for each clip, whatever the clips are like."""

from __future__ import annotations

import itertools
import threading

import datasets
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import (
    ASTConfig,
    ASTFeatureExtractor,
    ASTForAudioClassification,
    HubertConfig,
    HubertForSequenceClassification,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForSequenceClassification,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForAudioClassification,
    pipeline,
)

from helpers import Audio, inference, sources
from helpers.errors import CourseError

RATE = 16_000
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "num_labels": 5}
CONVOLUTIONS = {"conv_dim": [32] * 7, "conv_bias": True, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4}


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def spread(model):
    """An untrained head says nearly the same about everything; wider, a wrong computation shows in the scores."""
    torch.nn.init.normal_(model.classifier.weight, std=3.0, generator=torch.Generator().manual_seed(1))
    return model.eval()


def wav2vec2(family="wav2vec2", norm="layer", mask=True):
    torch.manual_seed(0)
    config, kind = {
        "wav2vec2": (Wav2Vec2Config, Wav2Vec2ForSequenceClassification),
        "hubert": (HubertConfig, HubertForSequenceClassification),
    }[family]
    model = kind(config(**SMALL, **CONVOLUTIONS, feat_extract_norm=norm, do_stable_layer_norm=norm == "layer"))
    return spread(model), Wav2Vec2FeatureExtractor(return_attention_mask=mask)


def whisper():
    torch.manual_seed(0)
    config = WhisperConfig(
        d_model=32, encoder_layers=2, encoder_attention_heads=2, encoder_ffn_dim=64, decoder_layers=1, decoder_attention_heads=2,
        decoder_ffn_dim=64, vocab_size=10, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
        max_source_positions=100, num_labels=5, classifier_proj_size=16, num_mel_bins=80,
    )  # fmt: skip
    return spread(WhisperForAudioClassification(config)), WhisperFeatureExtractor(chunk_length=2)


def ast():
    torch.manual_seed(0)
    config = ASTConfig(**SMALL, max_length=128, num_mel_bins=32)
    model = ASTForAudioClassification(config)
    torch.nn.init.normal_(model.classifier.dense.weight, std=3.0, generator=torch.Generator().manual_seed(1))
    return model.eval(), ASTFeatureExtractor(max_length=128, num_mel_bins=32)


MODELS = {
    "whisper": (whisper, "fixed"),
    "ast": (ast, "fixed"),
    "wav2vec2, layer norm, mask": (wav2vec2, "masked"),
    "hubert, layer norm, mask": (lambda: wav2vec2("hubert"), "masked"),
    "wav2vec2, layer norm, no mask": (lambda: wav2vec2(mask=False), "equal"),
    "wav2vec2, group norm, no mask": (lambda: wav2vec2(norm="group", mask=False), "equal"),
    "wav2vec2, group norm, mask": (lambda: wav2vec2(norm="group"), "equal"),
}
LENGTHS = (1.3, 0.5, 2.0, 0.5, 0.11, 3.1, 0.7, 1.3)
CLIPS = [noise(seconds, seed) for seed, seconds in enumerate(LENGTHS)]


def differences(answers, reference):
    by_label = [{score["label"]: score["score"] for score in scores} for scores in reference]
    return max(
        abs(score["score"] - theirs[score["label"]])
        for answer, theirs in zip(answers, by_label, strict=True)
        for score in answer.scores
    )


# --- the pipeline's answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [None, 1, 3, 8])
@pytest.mark.parametrize("name", MODELS)
def test_answers_are_the_pipelines_for_every_kind_of_model(name, batch_size):
    model, extractor = MODELS[name][0]()
    classifier = pipeline("audio-classification", model=model, feature_extractor=extractor)
    reference = [classifier(clip, top_k=None) for clip in CLIPS]
    answers = list(inference.classify(CLIPS, model, extractor, batch_size=batch_size, top_k=None, progress=False))
    assert [answer.index for answer in answers] == list(range(len(CLIPS)))
    assert all(answer.error is None for answer in answers)
    assert len({scores[0]["score"] for scores in reference}) > 4  # else there would be nothing to tell apart
    assert differences(answers, reference) < 1e-5


@pytest.mark.parametrize("name", MODELS)
def test_padding_is_known_for_what_it_does(name):
    make, padding = MODELS[name]
    model, extractor = make()
    assert inference.padding_of(model, extractor) == padding
    if padding == "fixed":
        return
    short, long = CLIPS[1], CLIPS[5]
    with torch.inference_mode():
        alone = model(**extractor([short], sampling_rate=RATE, return_tensors="pt")).logits[0]
        padded = model(**extractor([short, long], sampling_rate=RATE, padding=True, return_tensors="pt")).logits[0]
    changed = float((alone - padded).abs().max() / alone.abs().max())
    assert changed < 1e-4 if padding == "masked" else changed > 1e-3


def test_the_bundled_model_answers_as_its_pipeline_does():
    rows = datasets.load_dataset(sources.minds14().path, name="en-AU", split="train").select(range(6))
    rows = rows.cast_column("audio", Audio(sampling_rate=RATE))
    classifier = pipeline("audio-classification", model=sources.intent_model().path)
    reference = [classifier(row["audio"]["array"], top_k=None) for row in rows]
    exact = list(inference.classify(rows, classifier.model, classifier.feature_extractor, top_k=None, progress=False))
    half = list(
        inference.classify(rows, classifier.model, classifier.feature_extractor, dtype="bfloat16", top_k=None, progress=False)
    )
    assert differences(exact, reference) < 1e-5
    assert differences(half, reference) < 0.02
    for answers in (exact, half):
        assert [answer.scores[0]["label"] for answer in answers] == [scores[0]["label"] for scores in reference]


@given(st.lists(st.integers(1_600, 40_000), min_size=1, max_size=4))
def test_log_mel_of_the_sound_alone_is_the_log_mel_of_the_window(lengths):
    model, extractor = whisper()
    clips = [noise(length / RATE, seed) for seed, length in enumerate(lengths)]
    job = inference._Job(model, extractor, RATE, "fixed", 4, 5, torch.device("cpu"))
    made = inference._features([inference._Clip(i, clip) for i, clip in enumerate(clips)], job)["input_features"]
    stock = extractor(clips, sampling_rate=RATE, return_tensors="pt")["input_features"]
    assert made.shape == stock.shape
    assert float((made - stock).abs().max()) < 1e-6


@given(st.integers(400, 30_000), st.integers(1, 3))
def test_frame_convolutions_are_the_stock_convolutions(samples, clips):
    encoder = wav2vec2()[0].wav2vec2.feature_extractor
    waveforms = torch.from_numpy(np.stack([noise(samples / RATE, seed) for seed in range(clips)]))
    with torch.inference_mode():
        stock, ours = encoder(waveforms), inference._FrameConvolutions(encoder)(waveforms)
    assert ours.shape == stock.shape
    torch.testing.assert_close(ours, stock, atol=2e-5, rtol=1e-4)


def test_multi_label_and_regression_scores_are_the_pipelines():
    model, extractor = whisper()
    for kind in ("multi_label_classification", "regression", "single_label_classification"):
        model.config.problem_type = kind
        reference = pipeline("audio-classification", model=model, feature_extractor=extractor)(CLIPS[0], top_k=2)
        (answer,) = inference.classify([CLIPS[0]], model, extractor, top_k=2, progress=False)
        assert [score["label"] for score in answer.scores] == [score["label"] for score in reference]
        assert answer.scores[0]["score"] == pytest.approx(reference[0]["score"], abs=1e-5)


# --- batches --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1_600, 400_000), min_size=1, max_size=60), st.integers(1, 9))
def test_batches_hold_every_clip_once_and_no_more_than_their_measure(lengths, size):
    window = [inference._Clip(i, np.zeros(length, np.float32)) for i, length in enumerate(lengths)]
    for padding in ("fixed", "masked", "equal"):
        job = inference._Job(None, None, RATE, padding, size, 5, torch.device("cpu"))
        batches = list(inference._batches(window, job))
        assert sorted(clip.index for batch in batches for clip in batch) == list(range(len(lengths)))
        for batch in batches:
            longest = max(clip.array.size for clip in batch)
            assert len(batch) <= size
            assert padding == "fixed" or len(batch) == 1 or longest * len(batch) <= size * inference.BATCH_SECONDS * RATE
            assert padding != "equal" or len({clip.array.size for clip in batch}) == 1


def test_clips_of_like_length_share_a_batch():
    lengths = [30_000, 2_000, 29_000, 2_100]
    window = [inference._Clip(i, np.zeros(length, np.float32)) for i, length in enumerate(lengths)]
    job = inference._Job(None, None, RATE, "masked", 2, 5, torch.device("cpu"))
    assert [[clip.index for clip in batch] for batch in inference._batches(window, job)] == [[0, 2], [3, 1]]


def test_only_a_few_batches_are_read_ahead():
    model, extractor = whisper()
    read = itertools.count()
    endless = (noise(0.5, next(read)) for _ in itertools.repeat(None))
    answers = inference.classify(endless, model, extractor, batch_size=2, num_threads=2, progress=False)
    taken = [next(answers) for _ in range(20)]
    answers.close()
    assert [answer.index for answer in taken] == list(range(20))
    assert next(read) < 20 + 2 * 2 * 4 + 4


def test_a_reader_who_stops_leaves_no_thread_and_no_setting_behind():
    model, extractor = whisper()
    threads = torch.get_num_threads()
    answers = inference.classify(itertools.repeat(CLIPS[1]), model, extractor, num_threads=1, progress=False)
    next(answers)
    answers.close()
    assert torch.get_num_threads() == threads
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("classify")]


# --- bad clips ------------------------------------------------------------------------------------------------------------


def test_bad_clips_are_reported_in_their_place_and_the_rest_goes_on():
    model, extractor = whisper()
    nan = CLIPS[0].copy()
    nan[7] = np.nan
    clips = [
        CLIPS[0], nan, np.zeros(0, np.float32), CLIPS[1], np.zeros(10, np.float32), np.zeros((2, 9_000), np.float32),
        {"array": CLIPS[2], "sampling_rate": 8_000}, b"no sound", "no/such/file.wav", None,
        {"audio": {"array": CLIPS[3], "sampling_rate": RATE}},
        (32_767 * CLIPS[0]).astype(np.int16), CLIPS[4],
    ]  # fmt: skip
    answers = list(inference.classify(iter(clips), model, extractor, progress=False))
    assert [answer.index for answer in answers if answer.error is None] == [0, 3, 10, 12]
    errors = {answer.index: answer.error for answer in answers if answer.error}
    assert all(answer.scores is None for answer in answers if answer.error)
    expected = {
        1: "NaN", 2: "empty", 4: "too short", 5: "channels", 6: "8000 Hz", 7: "cannot be decoded", 8: "There is no file",
        9: "NoneType", 11: "whole numbers",
    }  # fmt: skip
    assert errors.keys() == expected.keys()
    for index, words in expected.items():
        assert words in errors[index]


@pytest.mark.usefixtures("korean")
def test_reports_are_korean_for_a_korean_reader():
    model, extractor = whisper()
    (answer,) = inference.classify([np.zeros(0, np.float32)], model, extractor, progress=False)
    assert "비어 있어요" in answer.error


def test_200_damaged_clips_among_1000_become_200_reports_and_800_answers():
    model, extractor = whisper()
    good = noise(0.4)
    nan = np.full(8_000, np.nan, np.float32)
    damaged = itertools.cycle([b"RIFF\x00\x00\x00\x00WAVE", nan, np.zeros(0, np.float32), np.zeros(100, np.float32)])
    clips = (next(damaged) if number % 5 == 3 else good for number in range(1_000))
    answers = list(inference.classify(clips, model, extractor, progress=False))
    assert [answer.index for answer in answers] == list(range(1_000))
    assert sum(answer.scores is not None for answer in answers) == 800
    assert [answer.index for answer in answers if answer.error] == list(range(3, 1_000, 5))


def test_a_clip_that_cannot_be_decoded_in_a_data_set_is_reported():
    model, extractor = whisper()
    good = {"array": CLIPS[0], "sampling_rate": RATE}
    column = [Audio().encode_example(good), {"bytes": b"damaged", "path": None}, Audio().encode_example(good)]
    rows = datasets.Dataset.from_dict({"audio": column}).cast_column("audio", Audio(sampling_rate=RATE))
    answers = list(inference.classify(rows, model, extractor, progress=False))
    assert [answer.error is None for answer in answers] == [True, False, True]
    assert "cannot be decoded" in answers[1].error


def test_a_streamed_data_set_is_read_too():
    model, extractor = whisper()
    rows = datasets.Dataset.from_dict({"sound": [{"array": clip, "sampling_rate": RATE} for clip in CLIPS[:3]]})
    rows = rows.cast_column("sound", Audio(sampling_rate=RATE)).to_iterable_dataset()
    assert [answer.error for answer in inference.classify(rows, model, extractor, progress=False)] == [None] * 3


def test_a_batch_that_fails_as_a_whole_is_tried_clip_by_clip(monkeypatch):
    model, extractor = whisper()
    whole = inference._logits

    def picky(features, job):
        if len(features["input_features"]) > 1:
            raise RuntimeError("out of memory")
        return whole(features, job)

    monkeypatch.setattr(inference, "_logits", picky)
    answers = list(inference.classify(CLIPS, model, extractor, batch_size=4, progress=False))
    assert all(answer.error is None for answer in answers)


def test_scores_that_are_no_numbers_are_an_error():
    model, extractor = whisper()
    with torch.no_grad():
        model.classifier.bias.fill_(float("nan"))
    (answer,) = inference.classify([CLIPS[0]], model, extractor, progress=False)
    assert answer.scores is None
    assert "not numbers" in answer.error


# --- what cannot be right at all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"num_threads": 1.5}, "num_threads"),
        ({"top_k": -1}, "top_k"),
        ({"dtype": "int8"}, "dtype"),
    ],
)
def test_options_that_mean_nothing_are_refused_at_once(options, words):
    model, extractor = whisper()
    with pytest.raises(CourseError, match=words):
        inference.classify(CLIPS, model, extractor, **options)


def test_a_single_clip_is_asked_for_in_a_list():
    model, extractor = whisper()
    for clip in (CLIPS[0], {"array": CLIPS[0], "sampling_rate": RATE}, "clip.wav", b"RIFF", 7):
        with pytest.raises(CourseError, match=r"\[clip\]"):
            inference.classify(clip, model, extractor)


def test_an_extractor_of_another_model_is_refused():
    with pytest.raises(CourseError, match="same checkpoint"):
        inference.classify(CLIPS, whisper()[0], wav2vec2()[1])


def test_a_data_set_that_was_not_cast_is_refused_before_any_work():
    model, extractor = whisper()
    rows = datasets.Dataset.from_dict({"audio": [{"array": CLIPS[0], "sampling_rate": RATE}]})
    with pytest.raises(CourseError, match="cast_column"):
        inference.classify(rows, model, extractor)
    with pytest.raises(CourseError, match="8000 Hz"):
        inference.classify(rows.cast_column("audio", Audio(sampling_rate=8_000)), model, extractor)


# --- prepare --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [whisper, wav2vec2, ast])
def test_prepare_leaves_the_model_as_it_was(make):
    model, extractor = make()
    model.train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    modules = [type(module) for module in model.modules()]
    ready = inference.prepare(model, dtype=torch.bfloat16)
    list(inference.classify(CLIPS[:2], model, extractor, dtype=torch.bfloat16, progress=False))
    assert ready.dtype == torch.bfloat16
    assert not ready.training
    assert model.training
    assert all(parameter.requires_grad for parameter in model.classifier.parameters())
    assert [type(module) for module in model.modules()] == modules
    after = model.state_dict()
    assert all(torch.equal(tensor, after[name]) and tensor.dtype == after[name].dtype for name, tensor in before.items())


def test_prepare_shares_weights_that_keep_their_type_and_does_nothing_twice():
    model, _ = whisper()
    ready = inference.prepare(model)
    assert ready.classifier.weight is model.classifier.weight
    assert inference.prepare(ready) is ready
    assert inference.prepare(ready, dtype=torch.bfloat16).dtype == torch.bfloat16


def test_bf16_costs_no_more_accuracy_than_the_stock_model_in_bf16():
    model, extractor = wav2vec2()
    exact = [answer.scores for answer in inference.classify(CLIPS, model, extractor, top_k=None, progress=False)]
    half = list(inference.classify(CLIPS, model, extractor, dtype="bfloat16", top_k=None, progress=False))
    classifier = pipeline(
        "audio-classification", model=wav2vec2()[0].to(torch.bfloat16), feature_extractor=extractor, dtype=torch.bfloat16
    )
    stock = [inference.Answer(i, classifier(clip, top_k=None), None) for i, clip in enumerate(CLIPS)]
    assert 0 < differences(half, exact) < 2 * differences(stock, exact)


def test_auto_is_bf16_only_where_that_pays(monkeypatch):
    model, _ = whisper()
    for pays, kind in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(inference, "bf16_pays", lambda device, pays=pays: pays)
        assert inference.prepare(model, dtype="auto").dtype == kind
