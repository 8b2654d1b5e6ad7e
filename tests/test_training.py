"""Training: which data sets can be learned from, features that are the head's input, a head that learns, batches of clips."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import torch
from datasets import ClassLabel, Dataset, DatasetDict, load_dataset
from transformers import (
    ASTConfig,
    ASTFeatureExtractor,
    ASTForAudioClassification,
    AutoFeatureExtractor,
    AutoModelForAudioClassification,
    Trainer,
    TrainingArguments,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForSequenceClassification,
    pipeline,
)

from helpers import Audio, evaluation, sources, training
from helpers.errors import CourseError

RATE = 16_000
NAMES = ["low", "high"]


def wav(hertz: float, seconds: float) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE), RATE, format="WAV")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def tones() -> Dataset:
    """Twelve clips of unequal length, low or high, in columns with names of their own."""
    rows = [(200 + 20 * i if i % 2 == 0 else 3_000 + 100 * i, 0.3 + 0.05 * i) for i in range(12)]
    columns = {
        "sound": [{"bytes": wav(*row), "path": None} for row in rows],
        "pitch": [i % 2 for i in range(12)],
        "path": [f"x~Y/synthetic_voice{i // 4}_0{i}.wav" for i in range(12)],
    }
    dataset = Dataset.from_dict(columns).cast_column("pitch", ClassLabel(names=NAMES))
    return dataset.cast_column("sound", Audio(sampling_rate=RATE))


@pytest.fixture
def model() -> Wav2Vec2ForSequenceClassification:
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        conv_dim=(16,) * 7,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        classifier_proj_size=16,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        mask_time_prob=0.0,
        layerdrop=0.0,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        id2label=dict(enumerate(NAMES)),
        label2id={name: i for i, name in enumerate(NAMES)},
    )
    return Wav2Vec2ForSequenceClassification(config).eval()


@pytest.fixture(scope="module")
def extractor() -> Wav2Vec2FeatureExtractor:
    return Wav2Vec2FeatureExtractor(return_attention_mask=True)


def settings(folder, **chosen) -> TrainingArguments:
    chosen = {"num_train_epochs": 2, "per_device_train_batch_size": 4, "use_cpu": True, "seed": 0, **training.QUIET, **chosen}
    return TrainingArguments(str(folder), **chosen)


# --- the data set ---------------------------------------------------------------------------------------------------------


def test_class_names_are_the_label_columns_in_their_order(tones):
    assert training.class_names(tones, label="pitch", audio="sound") == NAMES


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda d: DatasetDict(train=d), r"DatasetDict \(train\), not one data set"),
        (lambda d: d.to_iterable_dataset(), "IterableDataset, not one data set"),
        (lambda d: d.rename_column("pitch", "kind"), "no column pitch; it has sound, kind, path"),
        (lambda d: d.remove_columns("sound"), "no column sound"),
        (lambda d: d.remove_columns("sound").add_column("sound", ["a.wav"] * 12), "holds string, not sound"),
        (lambda d: d.remove_columns("pitch").add_column("pitch", ["a"] * 12), r'class_encode_column\("pitch"\)'),
        (lambda d: d.remove_columns("pitch").add_column("pitch", [0.5] * 12), "holds float64, not a ClassLabel"),
        (lambda d: d.select([]), "empty"),
        (lambda d: d.select(range(0, 12, 2)), "Every row carries the label low"),
        (
            lambda d: d.remove_columns("pitch").add_column("pitch", [0, 1, -1, -1] * 3, feature=ClassLabel(names=NAMES)),
            "6 of 12 rows have no label .* the first is row 2",
        ),
    ],
)
def test_a_data_set_that_cannot_be_learned_from_is_refused_with_what_to_do(tones, broken, message):
    with pytest.raises(CourseError, match=message):
        training.class_names(broken(tones), label="pitch", audio="sound")


def test_refusals_are_said_in_korean_too(tones, korean):
    with pytest.raises(CourseError, match="열이 없어요"):
        training.class_names(tones, label="desk", audio="sound")


def test_speakers_are_read_from_paths():
    paths = [
        "en-AU~FREEZE/synthetic_alan_04.wav",
        "ko-KR~FREEZE/synthetic_ko-f2_11.wav",
        "en-AU~PAY_BILL/CAaa55d8308b78b23493096c8533cc793d_1.wav",
        "en-AU~FREEZE/CAaa55d8308b78b23493096c8533cc793d_4.wav",
        "en-AU~PAY_BILL/response_4.wav",
        "en-AU~FREEZE/response_4.wav",
    ]
    alan, ko, call, same_call, one, other = training.speakers(paths)
    assert (alan, ko) == ("alan", "ko-f2")
    assert call == same_call == "CAaa55d8308b78b23493096c8533cc793d"
    assert one != other  # nobody knows whether these are one person, and no two such clips are thrown together


# --- features and the head ------------------------------------------------------------------------------------------------


def test_features_are_what_the_head_gets_and_the_other_columns_stay(tones, model, extractor):
    cached = training.features(tones, model, extractor, label="pitch", audio="sound", progress=False)
    assert set(cached.column_names) == {"pitch", "path", "features", "labels", "row"}
    assert list(cached["row"]) == list(range(12))
    assert [int(n) for n in cached["labels"]] == tones["pitch"][:]
    assert cached["path"][:] == tones["path"][:]
    logits = training.logits(model, cached)
    for i in (0, 11):
        inputs = extractor(tones[i]["sound"]["array"], sampling_rate=RATE, return_tensors="pt")
        with torch.no_grad():
            np.testing.assert_allclose(logits[i], model(**inputs).logits[0].numpy(), atol=1e-6)


def test_features_work_for_a_spectrogram_model_with_another_kind_of_head(tones):
    config = ASTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, max_length=64, num_labels=2
    )
    model = ASTForAudioClassification(config).eval()
    extractor = ASTFeatureExtractor(max_length=64)
    cached = training.features(tones.select(range(4)), model, extractor, label="pitch", audio="sound", progress=False)
    inputs = extractor(tones[3]["sound"]["array"], sampling_rate=RATE, return_tensors="pt")
    with torch.no_grad():
        np.testing.assert_allclose(training.logits(model, cached)[3], model(**inputs).logits[0].numpy(), atol=1e-6)


def test_the_model_is_left_as_it_was(tones, model, extractor):
    model.train()
    training.features(tones.select(range(2)), model, extractor, label="pitch", audio="sound", progress=False)
    assert model.training
    assert not model.classifier._forward_pre_hooks


def test_a_clip_that_cannot_be_used_is_left_out_and_named(tones, model, extractor, capsys):
    clips = [{"bytes": wav(300, 1), "path": None}, {"bytes": b"no sound", "path": None}, {"bytes": wav(3_000, 1), "path": None}]
    clips.append({"bytes": wav(300, 0.01), "path": None})
    broken = Dataset.from_dict({"sound": clips, "pitch": [0, 1, 1, 0]}).cast_column("pitch", ClassLabel(names=NAMES))
    broken = broken.cast_column("sound", Audio(sampling_rate=RATE))
    cached = training.features(broken, model, extractor, label="pitch", audio="sound", progress=False)
    assert list(cached["row"]) == [0, 2]
    assert [int(n) for n in cached["labels"]] == [0, 1]
    assert "2 of 4 clips left out; the first: row 1 (" in capsys.readouterr().out
    with pytest.raises(CourseError, match="None of the 2 clips can be used"):
        training.features(broken.select([1, 3]), model, extractor, label="pitch", audio="sound", progress=False)


def test_a_model_without_a_head_is_refused(tones, model, extractor):
    with pytest.raises(CourseError, match="Wav2Vec2Model has no layer `classifier`"):
        training.features(tones, model.wav2vec2, extractor, label="pitch", audio="sound")
    with pytest.raises(CourseError, match="no layer `classifier`"):
        training.Head(model.wav2vec2)


def test_trainer_learns_the_head_alone_and_the_curves_say_so(tones, model, extractor, tmp_path, capsys):
    cached = training.features(tones, model, extractor, label="pitch", audio="sound", progress=False)
    encoder = {name: value.clone() for name, value in model.wav2vec2.state_dict().items()}
    trainer = Trainer(
        training.Head(model),
        settings(tmp_path, num_train_epochs=60, learning_rate=1.0),
        train_dataset=cached,
        eval_dataset=cached,
        compute_metrics=lambda given: {"accuracy": (given.predictions.argmax(-1) == given.label_ids).mean()},
    )
    training.show_progress(trainer).train()
    table = training.curves(trainer)
    assert list(table.columns) == ["epoch", "loss", "eval_loss", "eval_accuracy"]
    assert list(table["epoch"]) == list(range(1, 61))
    assert table["eval_loss"].iloc[-1] < np.log(2) - 0.2  # below a coin's: an untrained encoder tells low from high, roughly
    assert table["eval_accuracy"].iloc[-1] >= 0.75
    assert (training.logits(model, cached).argmax(1) == tones["pitch"][:]).mean() == pytest.approx(
        table["eval_accuracy"].iloc[-1]
    )
    assert all(torch.equal(value, encoder[name]) for name, value in model.wav2vec2.state_dict().items())
    assert capsys.readouterr().out == ""  # no line with timings: a notebook that is built twice is the same


def test_training_twice_gives_the_same_head(tones, model, extractor, tmp_path):
    cached = training.features(tones, model, extractor, label="pitch", audio="sound", progress=False)
    start = {name: value.clone() for name, value in model.state_dict().items()}
    ends = []
    for _ in range(2):
        model.load_state_dict(start)
        trainer = Trainer(training.Head(model), settings(tmp_path), train_dataset=cached, eval_dataset=cached)
        training.show_progress(trainer).train()
        ends.append(model.classifier.weight.detach().clone())
    assert torch.equal(*ends)
    assert not torch.equal(ends[0], start["classifier.weight"])


def test_curves_before_training_are_refused(model, tmp_path, tones):
    trainer = Trainer(training.Head(model), settings(tmp_path, eval_strategy="no"))
    with pytest.raises(CourseError, match="Nothing was trained yet"):
        training.curves(trainer)


# --- starting from old rows, temperature in the weights -------------------------------------------------------------------


def old_model(model, names):
    config = Wav2Vec2Config(
        **{**model.config.to_dict(), "id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}
    )
    return Wav2Vec2ForSequenceClassification(config).eval()


def test_new_rows_start_as_the_mean_of_the_old_ones(model):
    old = old_model(model, ["a", "b", "c"])
    training.start_from_old_rows(model, old, {"low": ["a", "c"], "high": ["b"]})
    torch.testing.assert_close(model.classifier.weight[0], (old.classifier.weight[0] + old.classifier.weight[2]) / 2)
    torch.testing.assert_close(model.classifier.weight[1], old.classifier.weight[1])
    torch.testing.assert_close(model.classifier.bias[0], (old.classifier.bias[0] + old.classifier.bias[2]) / 2)


@pytest.mark.parametrize(
    ("made_of", "message"),
    [
        ({"low": ["a"]}, "labels are low, high; the start is given for low"),
        ({"low": ["a"], "high": ["z"]}, "high is made of labels that the old model does not know: z"),
        ({"low": ["a"], "high": []}, "does not know: nothing"),
    ],
)
def test_a_start_from_rows_that_do_not_exist_is_refused(model, made_of, message):
    before = model.classifier.weight.detach().clone()
    with pytest.raises(CourseError, match=message):
        training.start_from_old_rows(model, old_model(model, ["a", "b", "c"]), made_of)
    assert torch.equal(model.classifier.weight, before)


def test_a_cooled_model_saved_and_loaded_by_pipeline_gives_the_scaled_scores(tones, model, extractor, tmp_path):
    cached = training.features(tones, model, extractor, label="pitch", audio="sound", progress=False)
    expected = evaluation.from_logits(training.logits(model, cached), cached["labels"], NAMES, temperature=0.1)
    training.cool(model, 0.1)
    model.save_pretrained(tmp_path)
    extractor.save_pretrained(tmp_path)
    found = evaluation.predictions(
        tones, pipeline("audio-classification", model=str(tmp_path), device="cpu"), audio="sound", label="pitch", progress=False
    )
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-5)
    assert list(found["prediction"]) == list(expected["prediction"])


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_that_is_none_is_refused(model, temperature):
    with pytest.raises(CourseError, match="above 0"):
        training.cool(model, temperature)


# --- the whole model ------------------------------------------------------------------------------------------------------


def test_batches_pad_clips_of_unequal_length_and_mask_the_padding(tones, extractor):
    batch = training.Collator(extractor, label="pitch", audio="sound")([tones[0], tones[5]])
    lengths = [len(tones[i]["sound"]["array"]) for i in (0, 5)]
    assert batch["input_values"].shape == (2, max(lengths))
    assert batch["attention_mask"].sum(dim=1).tolist() == lengths
    assert batch["labels"].tolist() == [0, 1]


def test_trainer_trains_the_whole_model_on_sound(tones, model, extractor, tmp_path):
    before = {name: value.clone() for name, value in model.named_parameters()}
    arguments = settings(tmp_path, max_steps=2, remove_unused_columns=False, eval_strategy="no", learning_rate=1e-3)
    collator = training.Collator(extractor, label="pitch", audio="sound")
    trainer = Trainer(model, arguments, train_dataset=tones, data_collator=collator)
    training.show_progress(trainer).train()
    moved = {name for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    assert any(name.startswith("wav2vec2.encoder") for name in moved)
    assert any(name.startswith("classifier") for name in moved)


def test_helpers_stay_lazy():
    code = "import helpers, sys; assert 'torch' not in sys.modules; helpers.training; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- the bundled model and calls ------------------------------------------------------------------------------------------


def test_a_head_for_five_desks_understands_bundled_speakers_it_has_not_heard(tmp_path):
    made_of = {
        "cards": ["abroad", "atm_limit", "card_issues", "freeze"],
        "payments": ["cash_deposit", "direct_debit", "high_value_payment", "pay_bill"],
        "accounts": ["address", "balance", "joint_account", "latest_transactions"],
        "loans": ["business_loan"],
        "app": ["app_error"],
    }
    names = list(made_of)
    desk = {intent: i for i, name in enumerate(names) for intent in made_of[name]}
    path = sources.intent_model().path
    minds = load_dataset(sources.minds14().path, name="en-AU", split="train").cast_column("audio", Audio(sampling_rate=RATE))
    int2str = minds.features["intent_class"].int2str
    minds = minds.add_column("route", [desk[int2str(i)] for i in minds["intent_class"]], feature=ClassLabel(names=names))
    minds = minds.add_column("speaker", training.speakers(minds["path"]))
    assert len(set(minds["speaker"])) == 6

    old = AutoModelForAudioClassification.from_pretrained(path)
    labels = {name: i for i, name in enumerate(names)}
    new = AutoModelForAudioClassification.from_pretrained(
        path, id2label=dict(enumerate(names)), label2id=labels, ignore_mismatched_sizes=True
    )
    cached = training.features(minds, new, AutoFeatureExtractor.from_pretrained(path), label="route", progress=False)
    held_out, truth = [], []
    for drawn in (["alan", "bdl"], ["clb", "gwen"], ["heart", "rms"]):
        voices = np.array(cached["speaker"][:])
        train, test = (cached.select(np.flatnonzero(which)) for which in (~np.isin(voices, drawn), np.isin(voices, drawn)))
        training.start_from_old_rows(new, old, made_of)
        arguments = settings(tmp_path, num_train_epochs=15, learning_rate=1e-3, per_device_train_batch_size=8, eval_strategy="no")
        training.show_progress(Trainer(training.Head(new), arguments, train_dataset=train)).train()
        held_out.append(training.logits(new, test))
        truth += [int(n) for n in test["labels"]]
    logits = np.concatenate(held_out)
    assert evaluation.accuracy(evaluation.from_logits(logits, truth, names)).value >= 0.88  # measured: above 0.9
