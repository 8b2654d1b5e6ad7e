"""Your own labels: a new head on a trained encoder, with `transformers.Trainer`. Used in lesson 08.

The learner types `from_pretrained`, `TrainingArguments` and `Trainer`. Here stands what would distract: the encoder's output
computed once and kept (a frozen encoder says the same in every epoch), the head alone as something that `Trainer` takes, batches
of clips of unequal length, who speaks in which clip, and a progress bar that leaves no timings in a notebook.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import datasets
import numpy as np
import pandas as pd
import torch
from torch import nn
from tqdm import tqdm
from transformers import Trainer, TrainerCallback
from transformers.trainer_callback import PrinterCallback

from .audio import validate
from .errors import CourseError
from .language import say

# For `TrainingArguments(folder, ..., **training.QUIET)`: one line of figures for each epoch, nothing written but what one saves.
# Trainer's own table holds timings, which differ from run to run; `show_progress` puts a bar in its place.
QUIET: dict[str, Any] = {
    "eval_strategy": "epoch",
    "logging_strategy": "epoch",
    "save_strategy": "no",
    "report_to": "none",
    "disable_tqdm": True,
    "dataloader_pin_memory": False,
}


# --- the data set ---------------------------------------------------------------------------------------------------------


def class_names(dataset: datasets.Dataset, *, label: str, audio: str = "audio") -> list[str]:
    """The names of a data set's labels, once it is clear that a model can be trained on it.

    Parameters
    ----------
    dataset : datasets.Dataset
        With a column of sound and one of labels, under any names.
    label, audio : str
        The names of these columns. The first is a `ClassLabel`.

    Returns
    -------
    list of str
        In the order of their numbers: what `num_labels`, `id2label` and `label2id` are made of.

    Raises
    ------
    CourseError
        If it is not one data set (a `DatasetDict`, say), is empty, lacks a column, if a column is of another type, or if its
        rows carry fewer than two labels, or none (-1).
    """
    if not isinstance(dataset, datasets.Dataset):
        splits = f" ({', '.join(map(str, dataset))})" if isinstance(dataset, datasets.DatasetDict) else ""
        raise CourseError(
            say(
                f"This is a {type(dataset).__name__}{splits}, not one data set: choose a split, as in "
                'load_dataset(..., split="train").',
                f'데이터 세트 하나가 아니라 {type(dataset).__name__}{splits}예요. load_dataset(..., split="train")처럼 '
                "스플릿 하나를 고르세요.",
            )
        )
    if missing := [column for column in (audio, label) if column not in dataset.column_names]:
        raise CourseError(
            say(
                f"The data set has no column {', '.join(missing)}; it has {', '.join(dataset.column_names)}. "
                "Name yours: audio=, label=.",
                f"이 데이터 세트에는 {', '.join(missing)} 열이 없어요. 있는 열은 {', '.join(dataset.column_names)}이에요. "
                "audio=와 label=로 열 이름을 알려 주세요.",
            )
        )
    if not isinstance(dataset.features[audio], datasets.Audio):
        raise CourseError(
            say(
                f'The column "{audio}" holds {_type(dataset.features[audio])}, not sound. Cast paths or bytes of sound files: '
                f'dataset.cast_column("{audio}", Audio(sampling_rate=16_000)), with Audio from helpers.',
                f'"{audio}" 열에는 소리가 아니라 {_type(dataset.features[audio])}이(가) 들어 있어요. 파일 경로나 바이트라면 '
                f'dataset.cast_column("{audio}", Audio(sampling_rate=16_000))으로 바꾸세요. Audio는 helpers의 것이에요.',
            )
        )
    feature = dataset.features[label]
    if not isinstance(feature, datasets.ClassLabel):
        raise CourseError(
            say(
                f'The column "{label}" holds {_type(feature)}, not a ClassLabel. Make it one: '
                f'dataset.class_encode_column("{label}").',
                f'"{label}" 열은 ClassLabel이 아니라 {_type(feature)}이에요. 이렇게 바꾸세요: '
                f'dataset.class_encode_column("{label}").',
            )
        )
    if not len(dataset):
        raise CourseError(
            say(
                "The data set is empty: there is nothing to learn from. Look at the filter or the select before this cell.",
                "데이터 세트가 비어 있어서 배울 것이 없어요. 앞에서 쓴 filter나 select를 확인하세요.",
            )
        )
    numbers = dataset[label][:]
    if bad := [row for row, number in enumerate(numbers) if number is None or number < 0]:
        raise CourseError(
            say(
                f'{len(bad)} of {len(dataset)} rows have no label in the column "{label}", the first is row {bad[0]}. Leave '
                f'them out: dataset.filter(lambda number: number is not None and number >= 0, input_columns="{label}").',
                f'행 {len(dataset)}개 중 {len(bad)}개는 "{label}" 열에 레이블이 없어요. 첫 번째는 {bad[0]}번 행이에요. 이렇게 '
                f'빼세요: dataset.filter(lambda number: number is not None and number >= 0, input_columns="{label}").',
            )
        )
    if len(set(numbers)) < 2:
        only = feature.names[numbers[0]]
        raise CourseError(
            say(
                f"Every row carries the label {only}: to tell labels apart, a model needs clips of at least two.",
                f"모든 행의 레이블이 {only}이에요. 구별하는 법을 배우려면 레이블이 적어도 두 가지 있어야 해요.",
            )
        )
    return list(feature.names)


def _type(feature: Any) -> str:
    return str(getattr(feature, "dtype", None) or type(feature).__name__)


def speakers(paths: Sequence[str]) -> list[str]:
    """Who speaks in each clip, as far as its path tells.

    Parameters
    ----------
    paths : list of str
        `minds["path"]`.

    Returns
    -------
    list of str
        The voice of a bundled clip (`en-AU~FREEZE/synthetic_alan_04.wav`: alan), the call of a genuine one that was cut from
        a longer call (`CA<hash>_2.wav`), and otherwise the path itself: nobody knows whether two of these share a speaker.
    """
    return [_speaker(path) for path in paths]


def _speaker(path: str) -> str:
    file = path.rsplit("/", 1)[-1]
    found = re.fullmatch(r"synthetic_(.+)_\d+\.\w+", file) or re.fullmatch(r"(CA[0-9a-f]{8,})_\d+\.\w+", file)
    return found[1] if found else path


# --- the encoder, once ----------------------------------------------------------------------------------------------------


def _head(model: Any) -> nn.Module:
    head = getattr(model, "classifier", None)
    if not isinstance(head, nn.Module):
        raise CourseError(
            say(
                f"{type(model).__name__} has no layer `classifier` to replace: load the model with "
                "AutoModelForAudioClassification.from_pretrained.",
                f"{type(model).__name__}에는 바꿔 끼울 `classifier` 층이 없어요. "
                "AutoModelForAudioClassification.from_pretrained로 불러오세요.",
            )
        )
    return head


def _last_linear(model: Any) -> nn.Linear:
    head = _head(model)
    layers = [layer for layer in head.modules() if isinstance(layer, nn.Linear)]
    if not layers:
        raise CourseError(
            say(
                f"The head of {type(model).__name__} has no linear layer, so there are no rows to set.",
                f"{type(model).__name__}의 헤드에는 선형(linear) 층이 없어서 행을 정할 수 없어요.",
            )
        )
    return layers[-1]


def features(
    dataset: datasets.Dataset,
    model: Any,
    feature_extractor: Any,
    *,
    label: str,
    audio: str = "audio",
    progress: bool = True,
) -> datasets.Dataset:
    """What the encoder hands to the head, for every clip, computed once.

    Parameters
    ----------
    dataset : datasets.Dataset
        With a column of sound, at the model's rate, and one of labels (a `ClassLabel`).
    model : PreTrainedModel
        From `AutoModelForAudioClassification`, of any family whose head is called `classifier`.
    feature_extractor : FeatureExtractor
        The model's own.
    label, audio : str
        The names of the columns.
    progress : bool
        Show a progress bar (on stderr).

    Returns
    -------
    datasets.Dataset
        The columns of `dataset` but for the sound, and: `features`, float32 [shape=(width,)], the head's input; `labels`, the
        label's number; `row`, the row's number in `dataset`. In torch's format for `Trainer`. A clip that cannot be used is
        left out, and a printed sentence says which and why.

    Raises
    ------
    CourseError
        As `class_names`; or if no clip can be used, or the model has no head.

    Notes
    -----
    As long as the encoder is frozen, a clip gives the same features in every epoch: one pass through the encoder, then epochs
    of the head alone, which take no time. One clip at a time, so that padding cannot change them. Used in lesson 08.
    """
    class_names(dataset, label=label, audio=audio)
    head, device = _head(model), next(model.parameters()).device
    seen: list[torch.Tensor] = []
    hook = head.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().float().cpu()))
    training = model.training
    model.to(device)  # Trainer moves what it trains, perhaps the head alone, to a GPU
    kept: list[int] = []
    left_out: list[str] = []
    model.eval()
    try:
        # Said only where it is off: an explicit disable=False would overrule TQDM_DISABLE, which the lesson builder sets.
        for row in tqdm(range(len(dataset)), unit="clip", **({} if progress else {"disable": True})):
            try:
                inputs = _inputs(dataset[row][audio], feature_extractor)
            except ImportError as error:
                raise _not_cast(audio, feature_extractor, error) from error
            except Exception as error:  # one bad clip must not sink the rest, whatever is wrong with it
                left_out.append(f"{row} ({error})")
                continue
            with torch.inference_mode():
                model(**{name: value.to(device) for name, value in inputs.items()})
            kept.append(row)
    finally:
        hook.remove()
        model.train(training)
    if not kept:
        raise CourseError(say(f"None of the {len(dataset)} clips can be used. The first: row {left_out[0]}",
                              f"클립 {len(dataset)}개 모두 쓸 수 없어요. 첫 번째는 {left_out[0]}번 행"))  # fmt: skip
    if left_out:
        print(say(f"{len(left_out)} of {len(dataset)} clips left out; the first: row {left_out[0]}",
                  f"클립 {len(dataset)}개 중 {len(left_out)}개를 뺐어요. 첫 번째: 행 {left_out[0]}"))  # fmt: skip
    rest = dataset.select(kept).remove_columns([c for c in (audio, "features", "labels", "row") if c in dataset.column_names])
    columns: dict[str, Any] = rest.to_dict()
    columns |= {
        "features": list(torch.cat(seen).numpy()),
        "labels": [int(number) for number in dataset.select(kept)[label]],
        "row": kept,
    }
    declared = datasets.Features(
        {
            **rest.features,
            "features": datasets.List(datasets.Value("float32")),
            "labels": datasets.Value("int64"),
            "row": datasets.Value("int64"),
        }
    )
    cached = datasets.Dataset.from_dict(columns, features=declared)
    return cached.with_format("torch", columns=["features", "labels"], output_all_columns=True)


def _inputs(clip: Any, feature_extractor: Any) -> dict[str, torch.Tensor]:
    rate = feature_extractor.sampling_rate
    array = validate(clip["array"], sampling_rate=clip["sampling_rate"], expected_sampling_rate=rate)
    return dict(feature_extractor(array, sampling_rate=rate, return_tensors="pt"))


def _not_cast(audio: str, feature_extractor: Any, error: Exception) -> CourseError:
    rate = feature_extractor.sampling_rate
    return CourseError(
        say(
            f'The column "{audio}" cannot be decoded here ({error}). Cast it first: '
            f'dataset.cast_column("{audio}", Audio(sampling_rate={rate})), with Audio from helpers.',
            f'"{audio}" 열을 여기서는 디코딩할 수 없어요({error}). 먼저 열을 바꾸세요: '
            f'dataset.cast_column("{audio}", Audio(sampling_rate={rate})). Audio는 helpers의 것이에요.',
        )
    )


# --- the head -------------------------------------------------------------------------------------------------------------


class Head(nn.Module):
    """A model's head by itself, for `Trainer` to train on what `features` returns.

    Parameters
    ----------
    model : PreTrainedModel
        Its `classifier` is not copied: what is trained here is trained there.

    Raises
    ------
    CourseError
        If the model has no head.

    Notes
    -----
    Cross-entropy of the logits, as in the model's own `forward`. Used in lesson 08.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.classifier = _head(model)

    def forward(self, features: torch.Tensor, labels: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """`logits` [shape=(batch, labels)], and `loss` where the labels are given."""
        logits = self.classifier(features)
        return {"logits": logits} if labels is None else {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def logits(model: Any, cached: datasets.Dataset) -> np.ndarray:
    """The head's logits for what `features` returned.

    Returns
    -------
    np.ndarray [shape=(rows, labels)], float32
    """
    head = _head(model)
    with torch.inference_mode():
        given = torch.from_numpy(np.stack(cached.with_format("numpy")["features"][:]))
        return head(given.to(next(head.parameters()).device)).float().cpu().numpy()


def start_from_old_rows(model: Any, old_model: Any, made_of: Mapping[str, Sequence[str]]) -> None:
    """Let the head of `model` begin where each new label is the mean of the old labels that it is made of.

    Parameters
    ----------
    model, old_model : PreTrainedModel
        The new model, changed in place, and the one that knows the old labels. Their heads take the same features.
    made_of : dict of str to list of str
        For each label of `model`, labels of `old_model`.

    Raises
    ------
    CourseError
        If a label is missing, or is none of its model's; or if the heads differ in more than their number of labels.

    Notes
    -----
    Row k of the last linear layer holds what the head looks for to answer label k. With few clips, a start from such rows saves
    learning again what the old head knows; without it the rows begin as noise. Used in lesson 08.
    """
    new, old = _last_linear(model), _last_linear(old_model)
    if new.in_features != old.in_features:
        raise CourseError(
            say(
                f"The new head takes {new.in_features} numbers and the old one {old.in_features}: load both from one checkpoint.",
                f"새 헤드는 숫자 {new.in_features}개를, 옛 헤드는 {old.in_features}개를 받아요. "
                "둘 다 같은 체크포인트에서 불러오세요.",
            )
        )
    numbers = {name: int(number) for name, number in model.config.label2id.items()}
    old_numbers = {name: int(number) for name, number in old_model.config.label2id.items()}
    if set(made_of) != set(numbers):
        raise CourseError(
            say(
                f"The new model's labels are {', '.join(numbers)}; the start is given for {', '.join(made_of)}.",
                f"새 모델의 레이블은 {', '.join(numbers)}인데, 시작점을 정한 레이블은 {', '.join(made_of)}이에요.",
            )
        )
    for name, parts in made_of.items():
        if not parts or set(parts) - set(old_numbers):
            wrong = ", ".join(part for part in parts if part not in old_numbers) or say("nothing", "없음")
            raise CourseError(
                say(
                    f"{name} is made of labels that the old model does not know: {wrong}. It knows {', '.join(old_numbers)}.",
                    f"{name}을(를) 이루는 레이블을 옛 모델이 몰라요: {wrong}. 옛 모델이 아는 레이블: {', '.join(old_numbers)}.",
                )
            )
    with torch.no_grad():
        for name, parts in made_of.items():
            rows = [old_numbers[part] for part in parts]
            new.weight[numbers[name]] = old.weight[rows].mean(dim=0).to(new.weight)
            if new.bias is not None and old.bias is not None:
                new.bias[numbers[name]] = old.bias[rows].mean().to(new.bias)


def cool(model: Any, temperature: float) -> None:
    """Divide the logits of `model` by a temperature for good, so that what is saved already has it.

    Parameters
    ----------
    model : PreTrainedModel
        Its last linear layer is divided, in place: (W / T) x + b / T = (W x + b) / T.
    temperature : float > 0
        What `evaluation.fit_temperature` returns.

    Raises
    ------
    CourseError
        If the temperature is not above 0.
    """
    if not temperature > 0:
        raise CourseError(say(f"A temperature is above 0, not {temperature}.", f"온도는 0보다 커야 해요. 받은 값: {temperature}"))
    last = _last_linear(model)
    with torch.no_grad():
        last.weight.div_(temperature)
        if last.bias is not None:
            last.bias.div_(temperature)


# --- with Trainer ---------------------------------------------------------------------------------------------------------


class Collator:
    """Makes batches of clips for `Trainer`, where the whole model is trained: decodes, extracts, pads to one length.

    Parameters
    ----------
    feature_extractor : FeatureExtractor
        The model's own.
    label, audio : str
        The names of the columns.

    Notes
    -----
    For `Trainer(..., data_collator=training.Collator(...))` with `remove_unused_columns=False` in its arguments: Trainer would
    take the sound away, since no model has a parameter of that name. Raises `AudioError` for a clip that `validate` refuses;
    `features` says which these are. Used in lesson 08.
    """

    def __init__(self, feature_extractor: Any, *, label: str, audio: str = "audio") -> None:
        self.feature_extractor, self.label, self.audio = feature_extractor, label, audio

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """A batch as the model's `forward` takes it, `labels` included."""
        clips = [_inputs(row[self.audio], self.feature_extractor) for row in rows]
        single = [{name: value[0].numpy() for name, value in clip.items()} for clip in clips]
        batch = dict(self.feature_extractor.pad(single, padding=True, return_tensors="pt"))
        batch["labels"] = torch.tensor([int(row[self.label]) for row in rows])
        return batch


class _Bar(TrainerCallback):
    """Steps on stderr, which the lesson builder drops."""

    def __init__(self) -> None:
        self.bar: tqdm | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.bar = tqdm(total=state.max_steps, unit="step")

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.bar is not None:
            self.bar.update(state.global_step - self.bar.n)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.bar is not None:
            self.bar.close()


def show_progress(trainer: Trainer) -> Trainer:
    """Give a `Trainer` a progress bar in place of the lines with timings that it prints; hands it back."""
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(_Bar())
    return trainer


def curves(trainer: Trainer) -> pd.DataFrame:
    """What a `Trainer` has logged, a row for each epoch.

    Returns
    -------
    pd.DataFrame
        `epoch`; `loss`, on the training clips, the mean over the epoch; `eval_loss` and what `compute_metrics` gave, on the
        others, after it (NaN where it did not evaluate).

    Raises
    ------
    CourseError
        If nothing was trained yet.
    """
    rows: dict[float, dict[str, float]] = {}
    for entry in trainer.state.log_history:
        if "loss" in entry or "eval_loss" in entry:
            kept = {name: value for name, value in entry.items() if name == "loss" or name.startswith("eval_")}
            rows.setdefault(round(entry["epoch"], 4), {}).update(kept)
    if not any("loss" in row for row in rows.values()):
        raise CourseError(say("Nothing was trained yet: call trainer.train() first.",
                              "아직 학습한 것이 없어요. 먼저 trainer.train()을 실행하세요."))  # fmt: skip
    timings = ("_runtime", "_per_second", "_steps", "_time")
    table = pd.DataFrame([{"epoch": epoch, **row} for epoch, row in sorted(rows.items())])
    return table[[column for column in table.columns if not column.endswith(timings)]]
