"""Many clips through model and feature extractor, without a pipeline: `classify`. Used in lessons 07 and 10.

The answers are the stock pipeline's. What is different is the work around them: clips of like length share a batch where padding
does not change an answer, features are made in a second thread while the model runs, a bad clip becomes a report, and no more
than a few batches are ever held, however many clips there are.
"""

from __future__ import annotations

import copy
import os
import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import datasets
import numpy as np
import torch
from torch.nn.functional import linear
from tqdm import tqdm

from .audio import decode, validate
from .errors import CourseError
from .language import say

# Clips that wait to be sorted by length, counted in batches: enough for near-equal neighbours, little enough to hold.
LOOK_AHEAD = 16
# A batch may hold as many padded samples as `batch_size` clips of this length would: long clips travel in smaller company.
BATCH_SECONDS = 10.0
# Raw-waveform families whose answers stay the same under padding and a mask, if their extractor normalises each frame by itself
# (config.feat_extract_norm "layer"); with "group" it averages over the padding too. tests/test_inference.py measures each of them.
MASKED = ("wav2vec2", "hubert")

Padding = Literal["fixed", "masked", "equal"]


@dataclass(frozen=True)
class Answer:
    """What became of one clip.

    Attributes
    ----------
    index : int
        The clip's place in what was passed, from 0.
    scores : list of {"score": float, "label": str} or None
        The best first, as the pipeline gives them; None where there is an error.
    error : str or None
        Why there is no answer, in a sentence.
    """

    index: int
    scores: list[dict[str, Any]] | None
    error: str | None


def classify(
    clips: datasets.Dataset | datasets.IterableDataset | Iterable[Any],
    model: torch.nn.Module,
    feature_extractor: Any,
    *,
    batch_size: int | None = None,
    dtype: torch.dtype | str | None = None,
    num_threads: int | None = None,
    top_k: int | None = 5,
    progress: bool = True,
) -> Iterator[Answer]:
    """Classify many clips, one answer each, in the order in which they came.

    Parameters
    ----------
    clips : datasets.Dataset, datasets.IterableDataset or iterable
        A data set with an `audio` column cast to the model's rate; or any iterable (a generator will do) of float32 arrays of
        shape (n,) at the model's rate, of examples' sounds `{"array", "sampling_rate"}`, of rows with an "audio", or of paths
        or bytes of sound files, which are decoded and resampled.
    model : transformers.PreTrainedModel
        From `AutoModelForAudioClassification`; it runs where it lies (CPU, CUDA, MPS) and is not changed.
    feature_extractor : transformers.FeatureExtractionMixin
        From `AutoFeatureExtractor`, of the same checkpoint.
    batch_size : int, optional
        At most so many clips go through the model at once, and at most so many times 10 s of sound, padding counted. By
        default what is fast as a rule: 8 where every clip gets the same window (Whisper), 1 for raw waveforms on a CPU, where
        padding costs more than a batch saves, 16 on a GPU.
    dtype : torch.dtype, "auto" or None
        The type that the weights are computed in. None keeps the model's; "auto" takes bfloat16 where the processor
        multiplies it faster, else the model's. Another type than the model's means a copy of it; to make that copy once for
        several calls, pass a model from `prepare`.
    num_threads : int, optional
        Threads of the forward pass on a CPU; by default torch's own choice.
    top_k : int or None
        How many labels to return; None for all.
    progress : bool
        Show a progress bar (on stderr).

    Yields
    ------
    Answer
        One for each clip, in order. A clip that cannot be used (undecodable, empty, too short, NaN, another rate) has an
        `error` instead of `scores`, and the rest goes on.

    Raises
    ------
    CourseError
        On the first `next`, if nothing could be classified at all: a data set without an audio column or at another rate, a
        feature extractor that does not suit the model, a number that is none.

    Notes
    -----
    Time grows with the number of clips and memory does not: give it a generator or a data set, not a list, if there are many.
    A model whose answers change with padding gets clips of exactly equal length together, or one by one. Used in lesson 07.
    """
    check_positive("batch_size", batch_size)
    check_positive("num_threads", num_threads)
    check_positive("top_k", top_k)
    rate = _checked_pair(model, feature_extractor)
    source = _clips(clips, rate)
    padding = padding_of(model, feature_extractor)
    ready = prepare(model, dtype=dtype)
    device = next(ready.parameters()).device
    size = batch_size or _usual_batch(padding, device)
    total = len(clips) if hasattr(clips, "__len__") else None
    return _classify(source, ready, feature_extractor, rate, padding, size, num_threads, top_k, total, progress)


def _classify(
    source: Iterator[Any],
    model: torch.nn.Module,
    feature_extractor: Any,
    rate: int,
    padding: Padding,
    batch_size: int,
    num_threads: int | None,
    top_k: int | None,
    total: int | None,
    progress: bool,
) -> Iterator[Answer]:
    todo: queue.Queue[Any] = queue.Queue(maxsize=2)
    stop = threading.Event()

    def put(item: Any) -> bool:
        while not stop.is_set():
            try:
                todo.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def produce() -> None:
        try:
            for window in _windows(source, rate, batch_size, 1 if padding == "fixed" or batch_size == 1 else LOOK_AHEAD):
                for batch in _batches(window, padding, batch_size, rate):
                    if not put(("batch", batch, _features(batch, feature_extractor, rate, padding))):
                        return
                if not put(("window", window, None)):
                    return
            put(("end", None, None))
        except BaseException as error:  # whatever it is, it belongs in the reader's thread
            put(("error", error, None))

    worker = threading.Thread(target=produce, name="features", daemon=True)
    # Said only where it is off: an explicit disable=False would overrule TQDM_DISABLE, which the lesson builder sets.
    bar = tqdm(total=total, unit="clip", **({} if progress else {"disable": True}))
    worker.start()
    answers: dict[int, Answer] = {}
    try:
        while True:
            kind, what, features = todo.get()
            if kind == "end":
                return
            if kind == "error":
                raise what
            if kind == "batch":
                for answer in _answers(what, features, model, feature_extractor, rate, num_threads, top_k):
                    answers[answer.index] = answer
                continue
            for clip in what:
                bar.update()
                yield answers.pop(clip.index) if clip.error is None else Answer(clip.index, None, clip.error)
    finally:
        stop.set()
        bar.close()
        worker.join()


# --- the forward pass -----------------------------------------------------------------------------------------------------


def prepare(model: torch.nn.Module, *, dtype: torch.dtype | str | None = None) -> torch.nn.Module:
    """The same model, ready for nothing but inference: `classify` takes it as it is. Its answers stay the same.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        It is not changed. Weights that keep their type are shared with it, so train one and the other has learnt it too.
    dtype : torch.dtype, "auto" or None
        As in `classify`.

    Returns
    -------
    transformers.PreTrainedModel
        In evaluation mode, in the type asked for. On a CPU, where a Wav2Vec2's convolutions take the better part of the time, they
        are computed as matrix products (`_FrameConvolutions`), and its positional convolution's weight norm is multiplied out.
    """
    wanted = _dtype(dtype, model)
    if getattr(model, "_course_prepared", False) and wanted == model.dtype:
        return model
    tensors = [*model.parameters(), *model.buffers()]
    # deepcopy takes what its memo already holds, so the copy is made of new modules around these tensors.
    memo: dict[int, Any] = {id(tensor): _converted(tensor, wanted) for tensor in tensors}
    ready = copy.deepcopy(model, memo).eval()
    if next(model.parameters()).device.type == "cpu":
        for (name, original), module in zip(model.named_modules(), list(ready.modules()), strict=True):
            if original.__class__.__name__.endswith("PositionalConvEmbedding") and hasattr(original, "conv"):
                module.conv = _plain_convolution(original.conv, wanted)
            elif _FrameConvolutions.suits(original):
                ready.set_submodule(name, _FrameConvolutions(module))
    ready._course_prepared = True
    return ready


def _converted(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    if not tensor.is_floating_point() or tensor.dtype == dtype:
        return tensor
    data = tensor.detach().to(dtype)
    return torch.nn.Parameter(data, requires_grad=False) if isinstance(tensor, torch.nn.Parameter) else data


def _plain_convolution(conv: torch.nn.Conv1d, dtype: torch.dtype) -> torch.nn.Conv1d:
    """The convolution with its weight norm multiplied out once, instead of in every call."""
    plain = torch.nn.Conv1d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        conv.stride,
        conv.padding,
        conv.dilation,
        conv.groups,
        device="meta",
    )
    with torch.no_grad():
        plain.weight = torch.nn.Parameter(conv.weight.detach().to(dtype), requires_grad=False)
        plain.bias = None if conv.bias is None else torch.nn.Parameter(conv.bias.detach().to(dtype), requires_grad=False)
    return plain.eval()


class _FrameConvolutions(torch.nn.Module):
    """Wav2Vec2's convolutions over the waveform (layer-norm kind), computed as matrix products over frames.

    The stock layers keep the channels first. Each layer norm then has to turn the whole signal around and back, and at 8 s the
    first layer's output alone is 55 MB, far more than a processor's cache holds. Here the channels come last, so a frame with its
    neighbours is one row of a matrix and nothing is turned around; and the signal is worked through in tiles of half a second,
    each from the waveform to the last layer, so that everything in between stays in the cache. A tile's frames see exactly the
    samples that they would see in one pass.
    """

    FRAMES = 25  # a tile, in the last layer's frames: 0.5 s for every Wav2Vec2; 12 to 100 were tried, 25 was fastest

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.conv_layers = encoder.conv_layers
        self.shapes: list[tuple[int, int]] = []
        self.span, self.hop = 1, 1  # samples that a last frame sees, and that it advances by
        for number, layer in enumerate(encoder.conv_layers):
            kernel, stride = layer.conv.kernel_size[0], layer.conv.stride[0]
            weight = layer.conv.weight.detach()
            # [out, in, kernel] to [out, kernel * in]: the order in which the rows of a frame lie
            self.register_buffer(f"matrix_{number}", weight.permute(0, 2, 1).reshape(len(weight), -1).contiguous())
            self.shapes.append((kernel, stride))
            self.span += (kernel - 1) * self.hop
            self.hop *= stride

    @staticmethod
    def suits(encoder: torch.nn.Module) -> bool:
        """Whether a module is a feature encoder of this kind."""
        layers = getattr(encoder, "conv_layers", ())
        return len(layers) > 0 and all(
            isinstance(getattr(layer, "layer_norm", None), torch.nn.LayerNorm)
            and isinstance(getattr(layer, "conv", None), torch.nn.Conv1d)
            and hasattr(layer, "activation")
            and (layer.conv.padding, layer.conv.dilation, layer.conv.groups) == ((0,), (1,), 1)
            and layer.conv.kernel_size[0] >= layer.conv.stride[0]
            for layer in layers
        )

    def forward(self, input_values: torch.Tensor) -> torch.Tensor:
        """Waveforms [shape=(clips, samples)] to features [shape=(clips, channels, frames)]."""
        frames = (input_values.shape[1] - self.span) // self.hop + 1
        if frames < 1:
            raise ValueError(f"a clip of {input_values.shape[1]} samples is shorter than one frame, {self.span} samples")
        out = input_values.new_empty(len(input_values), frames, self.conv_layers[-1].conv.out_channels)
        for clip, rows in zip(input_values.contiguous(), out, strict=True):
            for first in range(0, frames, self.FRAMES):
                last = min(first + self.FRAMES, frames)
                rows[first:last] = self._tile(clip[first * self.hop : (last - 1) * self.hop + self.span])
        return out.transpose(1, 2)

    def _tile(self, samples: torch.Tensor) -> torch.Tensor:
        hidden = samples[:, None]
        for number, (layer, (kernel, stride)) in enumerate(zip(self.conv_layers, self.shapes, strict=True)):
            matrix, bias = getattr(self, f"matrix_{number}"), layer.conv.bias
            rows, channels = (len(hidden) - kernel) // stride + 1, hidden.shape[1]
            step, start = stride * channels, hidden.storage_offset()
            if channels == 1:
                hidden = linear(hidden.as_strided((rows, kernel), (stride, 1), start), matrix, bias)
            else:
                # The first `stride` taps of all frames lie behind one another in memory: a matrix without a copy. So do the rest.
                whole = linear(hidden.as_strided((rows, step), (step, 1), start), matrix[:, :step], bias)
                rest = (kernel - stride) * channels
                if rest:
                    beyond = hidden.as_strided((rows, rest), (step, 1), start + step)
                    whole = torch.addmm(whole, beyond, matrix[:, step:].t())
                hidden = whole
            hidden = layer.activation(layer.layer_norm(hidden))
        return hidden


def bf16_pays(device: torch.device | str = "cpu") -> bool:
    """Whether the device multiplies bfloat16 matrices faster than float32 ones."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        capabilities = getattr(torch.backends.cpu, "get_cpu_capability", str)
        del capabilities
        return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return False


def _dtype(dtype: torch.dtype | str | None, model: torch.nn.Module) -> torch.dtype:
    if dtype is None:
        return model.dtype
    if dtype == "auto":
        return torch.bfloat16 if bf16_pays(next(model.parameters()).device) else model.dtype
    if isinstance(dtype, str):
        dtype = getattr(torch, dtype, None)
    if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
        raise CourseError(
            say(
                'dtype is a type of real numbers, such as torch.bfloat16 or torch.float32, or "auto", or None.',
                'dtype에는 torch.bfloat16이나 torch.float32 같은 실수 자료형, "auto", None을 쓸 수 있어요.',
            )
        )
    return dtype


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if number is None or number == before:
        yield
        return
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _logits(features: Any, model: torch.nn.Module, num_threads: int | None) -> torch.Tensor:
    """float32 on the CPU, shape (clips, labels)."""
    device = next(model.parameters()).device
    inputs = {
        name: value.to(device, model.dtype if value.is_floating_point() else None, non_blocking=True)
        for name, value in features.items()
    }
    with torch.inference_mode(), _threads(num_threads):
        return model(**inputs).logits.float().cpu()


def _answers(
    batch: list[_Clip],
    features: Any,
    model: torch.nn.Module,
    feature_extractor: Any,
    rate: int,
    num_threads: int | None,
    top_k: int | None,
) -> Iterator[Answer]:
    try:
        if isinstance(features, Exception):
            raise features
        rows = list(_logits(features, model, num_threads))
    except Exception as error:
        if len(batch) == 1:
            yield Answer(batch[0].index, None, f"{type(error).__name__}: {error}")
            return
        for clip in batch:  # one of them spoils it for all: alone, the others get their answers
            alone = _features([clip], feature_extractor, rate, "equal")
            yield from _answers([clip], alone, model, feature_extractor, rate, num_threads, top_k)
        return
    for clip, row in zip(batch, rows, strict=True):
        if not bool(torch.isfinite(row).all()):
            yield Answer(clip.index, None, say("The model's scores are not numbers.", "모델의 점수가 숫자가 아니에요."))
        else:
            yield Answer(clip.index, scores(row, model.config, top_k), None)


def scores(logits: torch.Tensor, config: Any, top_k: int | None = 5) -> list[dict[str, Any]]:
    """Logits [shape=(labels,)] as the pipeline's list of score and label, the best first."""
    if config.problem_type == "regression":
        shares = logits
    elif config.problem_type == "multi_label_classification":
        shares = logits.sigmoid()
    else:
        shares = logits.softmax(-1)
    best, ids = shares.topk(min(top_k or len(shares), len(shares)))
    return [{"score": score, "label": config.id2label[label]} for score, label in zip(best.tolist(), ids.tolist(), strict=True)]


# --- batches --------------------------------------------------------------------------------------------------------------


@dataclass
class _Clip:
    index: int
    array: np.ndarray | None
    error: str | None = None


def padding_of(model: torch.nn.Module, feature_extractor: Any) -> Padding:
    """What clips of different lengths in one batch would do to a model's answers.

    Returns
    -------
    "fixed", "masked" or "equal"
        "fixed": nothing, as the extractor gives every clip the same window (Whisper, AST). "masked": nothing, as a mask hides
        the padding from every layer. "equal": they may change, so only clips of equal length may share a batch.
    """
    rate = feature_extractor.sampling_rate
    clips = [np.sin(np.arange(rate // share, dtype=np.float32)) for share in (2, 4)]
    short, long = (feature_extractor(y, sampling_rate=rate, return_tensors="pt")[model.main_input_name] for y in clips)
    if short.shape == long.shape:
        return "fixed"
    config = model.config
    masked = getattr(feature_extractor, "return_attention_mask", False) and getattr(config, "feat_extract_norm", "") == "layer"
    return "masked" if masked and config.model_type in MASKED else "equal"


def _usual_batch(padding: Padding, device: torch.device) -> int:
    if device.type != "cpu":
        return 16
    return 8 if padding == "fixed" else 1


def _windows(source: Iterator[Any], rate: int, batch_size: int, batches: int) -> Iterator[list[_Clip]]:
    """The clips, checked, as many at a time as are sorted together; bad ones keep their place, without their sound."""
    window: list[_Clip] = []
    good, samples = 0, 0
    for index, clip in enumerate(source):
        try:
            entry = _Clip(index, _array(clip, rate))
            good, samples = good + 1, samples + len(entry.array)  # type: ignore[arg-type]
        except ImportError:
            raise
        except Exception as error:  # one bad clip must not sink the rest, whatever is wrong with it
            entry = _Clip(index, None, str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}")
        window.append(entry)
        full = good >= batches * batch_size or samples >= batches * batch_size * BATCH_SECONDS * rate
        if full or len(window) >= 4 * batches * batch_size:
            yield window
            window, good, samples = [], 0, 0
    if window:
        yield window


def _batches(window: list[_Clip], padding: Padding, batch_size: int, rate: int) -> Iterator[list[_Clip]]:
    good = [clip for clip in window if clip.array is not None]
    if padding != "fixed":
        good.sort(key=lambda clip: -len(clip.array))  # type: ignore[arg-type]
    batch: list[_Clip] = []
    for clip in good:
        if batch:
            longest = len(batch[0].array)  # type: ignore[arg-type]
            apart = padding == "equal" and len(clip.array) != longest  # type: ignore[arg-type]
            heavy = padding != "fixed" and (len(batch) + 1) * longest > batch_size * BATCH_SECONDS * rate
            if len(batch) == batch_size or apart or heavy:
                yield batch
                batch = []
        batch.append(clip)
    if batch:
        yield batch


def _features(batch: list[_Clip], feature_extractor: Any, rate: int, padding: Padding) -> Any:
    """The model's inputs for a batch, or the exception that making them raised."""
    arrays = [clip.array for clip in batch]
    options = {"padding": True} if padding == "masked" else {}
    try:
        return feature_extractor(arrays, sampling_rate=rate, return_tensors="pt", **options)
    except Exception as error:
        return error


# --- what comes in --------------------------------------------------------------------------------------------------------


def check_positive(name: str, value: int | None) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1):
        raise CourseError(
            say(
                f"{name} is a whole number above 0, or None, not {value!r}.",
                f"{name}에는 0보다 큰 정수나 None을 쓰세요. 받은 값: {value!r}",
            )
        )


def _checked_pair(model: torch.nn.Module, feature_extractor: Any) -> int:
    """The rate that both expect."""
    inputs = list(getattr(feature_extractor, "model_input_names", []))
    wanted = getattr(model, "main_input_name", None)
    if wanted not in inputs or not hasattr(feature_extractor, "sampling_rate"):
        raise CourseError(
            say(
                f"The model takes {wanted}, and this {type(feature_extractor).__name__} makes {', '.join(inputs) or 'nothing'}: "
                "load both from the same checkpoint.",
                f"모델은 {wanted}을(를) 받는데 {type(feature_extractor).__name__}은(는) {', '.join(inputs) or '아무것도'}을(를) 만들어요. "
                "둘 다 같은 체크포인트에서 불러오세요.",
            )
        )
    return int(feature_extractor.sampling_rate)


def _clips(clips: Any, rate: int) -> Iterator[Any]:
    if isinstance(clips, (datasets.Dataset, datasets.IterableDataset)):
        return _rows(clips, rate)
    if isinstance(clips, (str, bytes, dict, np.ndarray, torch.Tensor)) or not hasattr(clips, "__iter__"):
        raise CourseError(
            say(
                "classify takes many clips: put a single one into a list, [clip].",
                "classify는 클립 여러 개를 받아요. 하나뿐이라면 [clip]처럼 리스트에 넣으세요.",
            )
        )
    return iter(clips)


def _rows(dataset: Any, rate: int) -> Iterator[Any]:
    features = dataset.features or {}
    columns = [name for name, feature in features.items() if isinstance(feature, datasets.Audio)]
    column = "audio" if "audio" in columns or not features else (columns[0] if columns else None)
    if column is None:
        raise CourseError(
            say(
                f"The data set has no column of sounds; it has {', '.join(features)}. Cast one: "
                f'dataset.cast_column("audio", Audio(sampling_rate={rate})), with Audio from helpers.',
                f"이 데이터 세트에는 소리 열이 없어요. 있는 열은 {', '.join(features)}이에요. 이렇게 바꾸세요: "
                f'dataset.cast_column("audio", Audio(sampling_rate={rate})). Audio는 helpers의 것이에요.',
            )
        )
    stored = getattr(features.get(column), "sampling_rate", None)
    if stored is not None and stored != rate:
        raise CourseError(
            say(
                f"The column is set to {stored} Hz and the model expects {rate} Hz. Resample: "
                f'dataset.cast_column("{column}", Audio(sampling_rate={rate})).',
                f"열의 샘플링 속도는 {stored} Hz인데 모델은 {rate} Hz를 기대해요. 이렇게 리샘플링하세요: "
                f'dataset.cast_column("{column}", Audio(sampling_rate={rate})).',
            )
        )
    return _read(dataset, column)


def _read(dataset: Any, column: str) -> Iterator[Any]:
    dataset = dataset.select_columns([column])
    if isinstance(dataset, datasets.IterableDataset):
        for row in dataset:
            yield row[column]
        return
    for i in range(len(dataset)):
        try:
            yield dataset[i][column]
        except ImportError:
            raise
        except Exception as error:  # told apart from the clip by its type
            yield error


def _array(clip: Any, rate: int) -> np.ndarray:
    """The clip's samples, checked."""
    if isinstance(clip, Exception):
        raise clip
    if isinstance(clip, dict) and "array" not in clip and "audio" in clip:
        clip = clip["audio"]
    if isinstance(clip, (str, bytes, os.PathLike)):
        clip = decode(clip, sampling_rate=rate)[0]
    sampling_rate = None
    if isinstance(clip, dict) and "array" in clip:
        clip, sampling_rate = clip["array"], clip.get("sampling_rate")
    return validate(clip, sampling_rate=sampling_rate, expected_sampling_rate=rate)
