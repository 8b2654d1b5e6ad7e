"""Many clips through model and feature extractor, without a pipeline: `classify`. Used in lessons 07 and 10.

The answers are the stock pipeline's. What is different is the work around them: clips of like length share a batch where padding
does not change an answer, features are made in a second thread while the model runs, a bad clip becomes a report, and no more
than a few batches are ever held, however many clips there are.
"""

from __future__ import annotations

import copy
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import datasets
import numpy as np
import torch
from torch.nn.functional import linear, pad
from tqdm import tqdm

from .audio import decode, validate
from .errors import CourseError
from .language import say

# Clips that wait to be sorted by length, counted in batches: enough for near-equal neighbours, little enough to hold.
LOOK_AHEAD = 16
# A batch may hold as many padded samples as `batch_size` clips of this length would: long clips travel in smaller company.
BATCH_SECONDS = 10.0
# Raw-waveform families whose answers stay the same under padding and a mask, if their convolutions normalise each frame by itself
# (config.feat_extract_norm "layer"); with "group" they average over the padding too. tests/test_inference.py measures both.
MASKED = ("wav2vec2", "hubert")

MOST_WORKERS = 8  # batches in flight on a CPU; more threads than these share a batch

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
    model: Any,
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
        default what is fast as a rule: 4 where every clip gets the same window (Whisper), 1 for raw waveforms on a CPU, where
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
    job = _Job(ready, feature_extractor, rate, padding, size, top_k, device)
    total = len(clips) if isinstance(clips, Sized) else None
    return _classify(source, job, num_threads, total, progress)


@dataclass(frozen=True)
class _Job:
    """What stays the same for every batch."""

    model: Any
    feature_extractor: Any
    rate: int
    padding: Padding
    batch_size: int
    top_k: int | None
    device: torch.device


def _classify(source: Iterator[Any], job: _Job, num_threads: int | None, total: int | None, progress: bool) -> Iterator[Answer]:
    before = torch.get_num_threads()
    if job.device.type == "cpu":
        # One thread to a batch, as many batches at once as there are threads: threads that share a batch wait for each other
        # after every operation, and there are hundreds of those in a forward pass.
        workers = min(num_threads or before, MOST_WORKERS)
        threads = (num_threads or before) // workers
    else:
        workers, threads = 2, before  # one batch's features are made while the other is on the device
    # Said only where it is off: an explicit disable=False would overrule TQDM_DISABLE, which the lesson builder sets.
    bar = tqdm(total=total, unit="clip", **({} if progress else {"disable": True}))
    pool = ThreadPoolExecutor(workers, "classify", torch.set_num_threads, (threads,))
    waiting: deque[tuple[list[_Clip], list[Future[list[Answer]]]]] = deque()

    def finished() -> Iterator[Answer]:
        window, batches = waiting.popleft()
        answers = {answer.index: answer for batch in batches for answer in batch.result()}
        for clip in window:
            bar.update()
            yield answers[clip.index] if clip.error is None else Answer(clip.index, None, clip.error)

    try:
        for window in _windows(source, job):
            # Clips are decoded here, in the reader's thread, while the pool works on the window before.
            waiting.append((window, [pool.submit(_answers, batch, job) for batch in _batches(window, job)]))
            while len(waiting) > 1 and sum(not batch.done() for _, batches in waiting for batch in batches) > 2 * workers:
                yield from finished()
        while waiting:
            yield from finished()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(before)
        bar.close()


# --- the forward pass -----------------------------------------------------------------------------------------------------


def prepare(model: Any, *, dtype: torch.dtype | str | None = None) -> Any:
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
        In evaluation mode, in the type asked for but for the head, which keeps its own. On a CPU, where a Wav2Vec2's
        convolutions take the better part of the time, they are computed as matrix products (`_FrameConvolutions`), and the
        positional convolution's weight norm is multiplied out once.
    """
    wanted = _dtype(dtype, model)
    if getattr(model, "_course_prepared", False) and wanted == model.dtype:
        return model
    # The mean over all frames, rounded to two or three digits, would be much of bfloat16's error, and the head is little work: it
    # stays as it is.
    head: list[Any] = [getattr(model, name, None) for name in ("projector", "classifier")]
    simple = all(isinstance(layer, torch.nn.Linear) for layer in head)
    exact = {id(tensor) for layer in head for tensor in layer.parameters()} if simple else set()
    # deepcopy takes what its memo already holds, so the copy is made of new modules around these tensors.
    tensors = [*model.parameters(), *model.buffers()]
    memo: dict[int, Any] = {id(tensor): tensor if id(tensor) in exact else _converted(tensor, wanted) for tensor in tensors}
    ready = copy.deepcopy(model, memo).eval()
    if simple and wanted != ready.projector.weight.dtype:
        ready.projector.register_forward_pre_hook(_in_the_layers_type)
    if next(model.parameters()).device.type == "cpu":
        for (name, original), module in zip(model.named_modules(), list(ready.modules()), strict=True):
            kind = type(original).__name__
            if kind.endswith("PositionalConvEmbedding") and hasattr(original, "conv"):
                module.conv = _plain_convolution(original.conv, wanted)
            elif kind == "WhisperEncoder":
                module.conv1, module.conv2 = _ChannelsLast(module.conv1), _ChannelsLast(module.conv2)
            elif _FrameConvolutions.suits(original):
                ready.set_submodule(name, _FrameConvolutions(module))
    ready._course_prepared = True
    return ready


def _in_the_layers_type(layer: torch.nn.Linear, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return (inputs[0].to(layer.weight.dtype),)


def _converted(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    if not tensor.is_floating_point() or tensor.dtype == dtype:
        return tensor
    data = tensor.detach().to(dtype)
    return torch.nn.Parameter(data, requires_grad=False) if isinstance(tensor, torch.nn.Parameter) else data


def _plain_convolution(conv: Any, dtype: torch.dtype) -> torch.nn.Conv1d:
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


def _matrix(conv: torch.nn.Conv1d) -> torch.Tensor:
    """The weight [out, in, kernel] as [out, kernel * in]: the order in which the rows of a frame lie, channels last."""
    return conv.weight.detach().permute(0, 2, 1).reshape(conv.out_channels, -1).contiguous()


class _ChannelsLast(torch.nn.Conv1d):
    """A convolution whose output lies in memory with its channels last.

    What follows in Whisper's encoder takes [clips, frames, channels]; the stock convolution's output is turned around for that
    without being moved, so every addition and layer norm up to the last layer walks through memory the wrong way.
    """

    def __init__(self, conv: Any) -> None:
        super().__init__(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, device="meta")
        self.weight, self.bias = conv.weight, conv.bias
        self.matrix: torch.Tensor
        self.register_buffer("matrix", _matrix(conv), persistent=False)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """[clips, channels, frames] to [clips, channels, frames], the channels next to one another in memory."""
        kernel, stride, padding = self.kernel_size[0], self.stride[0], int(self.padding[0])
        frames = pad(input.transpose(1, 2), (0, 0, padding, padding)).contiguous()
        clips, length, channels = frames.shape
        rows = (length - kernel) // stride + 1
        windows = frames.as_strided((clips, rows, kernel * channels), (length * channels, stride * channels, 1))
        return linear(windows, self.matrix, self.bias).transpose(1, 2)


class _FrameConvolutions(torch.nn.Module):
    """Wav2Vec2's convolutions over the waveform (layer-norm kind), computed as matrix products over frames.

    The stock layers keep the channels first. Each layer norm then has to turn the whole signal around and back, and at 8 s the
    first layer's output alone is 55 MB, far more than a processor's cache holds. Here the channels come last, so a frame with its
    neighbours is one row of a matrix and nothing is turned around; and the signal is worked through in tiles of half a second,
    each from the waveform to the last layer, so that everything in between stays in the cache. A tile's frames see exactly the
    samples that they would see in one pass.
    """

    FRAMES = 25  # a tile, in the last layer's frames: 0.5 s for every Wav2Vec2; 12 to 100 were tried, 25 was fastest

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.conv_layers = encoder.conv_layers
        self.shapes: list[tuple[int, int]] = []
        self.span, self.hop = 1, 1  # samples that a last frame sees, and that it advances by
        for number, layer in enumerate(encoder.conv_layers):
            kernel, stride = layer.conv.kernel_size[0], layer.conv.stride[0]
            self.register_buffer(f"matrix_{number}", _matrix(layer.conv), persistent=False)
            self.shapes.append((kernel, stride))
            self.span += (kernel - 1) * self.hop
            self.hop *= stride

    @staticmethod
    def suits(encoder: Any) -> bool:
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
        return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return False


def _dtype(dtype: torch.dtype | str | None, model: Any) -> torch.dtype:
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


def _logits(features: Any, job: _Job) -> torch.Tensor:
    """float32 on the CPU, shape (clips, labels)."""
    kind = job.model.dtype
    inputs = {
        name: value.to(job.device, kind if value.is_floating_point() else None, non_blocking=True)
        for name, value in features.items()
    }
    with torch.inference_mode():
        return job.model(**inputs).logits.float().cpu()


def _answers(batch: list[_Clip], job: _Job) -> list[Answer]:
    """The answers for a batch; where one clip spoils it for all, the others get theirs alone."""
    try:
        rows = list(_logits(_features(batch, job), job))
    except Exception as error:
        if len(batch) > 1:
            return [answer for clip in batch for answer in _answers([clip], job)]
        return [Answer(batch[0].index, None, f"{type(error).__name__}: {error}")]
    nonsense = say("The model's scores are not numbers.", "모델의 점수가 숫자가 아니에요.")
    return [
        Answer(clip.index, scores(row, job.model.config, job.top_k), None)
        if bool(torch.isfinite(row).all())
        else Answer(clip.index, None, nonsense)
        for clip, row in zip(batch, rows, strict=True)
    ]


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


_NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True)
class _Clip:
    index: int
    array: np.ndarray
    error: str | None = None


def padding_of(model: Any, feature_extractor: Any) -> Padding:
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
    return 4 if padding == "fixed" else 1


def _windows(source: Iterator[Any], job: _Job) -> Iterator[list[_Clip]]:
    """The clips, checked, as many at a time as are sorted together; bad ones keep their place, without their sound."""
    clips = job.batch_size * (1 if job.padding == "fixed" or job.batch_size == 1 else LOOK_AHEAD)
    samples = clips * BATCH_SECONDS * job.rate
    window: list[_Clip] = []
    good, held = 0, 0
    for index, clip in enumerate(source):
        try:
            entry = _Clip(index, _array(clip, job.rate))
            good, held = good + 1, held + entry.array.size
        except ImportError:
            raise
        except Exception as error:  # one bad clip must not sink the rest, whatever is wrong with it
            entry = _Clip(index, _NOTHING, str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}")
        window.append(entry)
        if good >= clips or held >= samples or len(window) >= 4 * clips:
            yield window
            window, good, held = [], 0, 0
    if window:
        yield window


def _batches(window: list[_Clip], job: _Job) -> Iterator[list[_Clip]]:
    """The good clips in batches, the longest first where length matters."""
    good = [clip for clip in window if clip.error is None]
    if job.padding != "fixed":
        good.sort(key=lambda clip: -clip.array.size)
    batch: list[_Clip] = []
    for clip in good:
        if batch:
            longest = batch[0].array.size
            apart = job.padding == "equal" and clip.array.size != longest
            heavy = job.padding != "fixed" and (len(batch) + 1) * longest > job.batch_size * BATCH_SECONDS * job.rate
            if len(batch) == job.batch_size or apart or heavy:
                yield batch
                batch = []
        batch.append(clip)
    if batch:
        yield batch


def _features(batch: list[_Clip], job: _Job) -> Any:
    """The model's inputs for a batch."""
    extractor, arrays = job.feature_extractor, [clip.array for clip in batch]
    options: dict[str, Any] = {"sampling_rate": job.rate, "return_tensors": "pt"}
    if job.padding == "masked":
        options["padding"] = True
    if type(extractor).__name__ != "WhisperFeatureExtractor" or extractor.dither:
        return extractor(arrays, **options)
    # What is behind the clip in Whisper's window is silence, frame after frame the same. So one such frame is computed, and
    # copied: it looks at n_fft samples around its place, which two hops more than that hold.
    needed = max(len(array) for array in arrays) + extractor.n_fft + 2 * extractor.hop_length
    length = min(-(-needed // extractor.hop_length) * extractor.hop_length, extractor.n_samples)
    features = extractor(arrays, max_length=length, **options)
    missing = extractor.nb_max_frames - features["input_features"].shape[-1]
    features["input_features"] = pad(features["input_features"], (0, missing), mode="replicate")
    return features


# --- what comes in --------------------------------------------------------------------------------------------------------


def check_positive(name: str, value: int | None) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1):
        raise CourseError(
            say(
                f"{name} is a whole number above 0, or None, not {value!r}.",
                f"{name}에는 0보다 큰 정수나 None을 쓰세요. 받은 값: {value!r}",
            )
        )


def _checked_pair(model: Any, feature_extractor: Any) -> int:
    """The rate that both expect."""
    inputs = list(getattr(feature_extractor, "model_input_names", []))
    wanted = getattr(model, "main_input_name", None)
    if wanted not in inputs or not hasattr(feature_extractor, "sampling_rate"):
        raise CourseError(
            say(
                f"The model takes {wanted}, which {type(feature_extractor).__name__} does not make (it makes: "
                f"{', '.join(inputs) or '-'}). Load both from the same checkpoint.",
                f"모델이 받는 {wanted}: {type(feature_extractor).__name__}에서 만들 수 없는 입력이에요(만드는 것: "
                f"{', '.join(inputs) or '-'}). 둘 다 같은 체크포인트에서 불러오세요.",
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
