"""How fast are many clips? The stock pipeline against `helpers.inference`, on this machine. `make bench`; benchmarks/README.md.

    python benchmarks/bench.py                      both models: paths, answers, shares; then decoding and memory
    python benchmarks/bench.py --only xlsr          one part: bundled, xlsr, answers, decode, memory or tried (repeatable)
    python benchmarks/bench.py --only answers --genuine DIR     bf16 against fp32 also on genuine MInDS-14 in a folder
    python benchmarks/bench.py --only tried         for XLS-R, what was tried and is not used: int8, autocast, torch.compile ...
    python benchmarks/bench.py --rounds 1 --clips 4 a quick look

Writes build/bench.json and build/bench.md after every part; a part that is run alone keeps the others' results.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import gc
import importlib.util
import json
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import psutil
import torch
from datasets import load_dataset
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AutoModelForAudioClassification,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForSequenceClassification,
    pipeline,
)
from transformers.utils import logging

from helpers import Audio, inference, sources

RATE = 16_000
HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build"
PARTS = ("bundled", "xlsr", "answers", "decode", "memory")  # "tried" runs only when it is asked for
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SCALES = (100, 1_000, 10_000)


# --- clips ----------------------------------------------------------------------------------------------------------------


def en_au_seconds() -> np.ndarray:
    """The lengths of genuine MInDS-14's 654 en-AU clips, in the data set's order."""
    text = (HERE / "en_au_lengths.txt").read_text(encoding="utf-8")
    numbers = [line for line in text.splitlines() if not line.startswith("#")]
    return np.array(" ".join(numbers).split(), dtype=float) / 8_000


def stratified(seconds: np.ndarray, count: int) -> np.ndarray:
    """`count` lengths that stand for all: the middle of each of `count` equal shares of the sorted ones, mixed, always alike."""
    middles = np.quantile(seconds, (np.arange(count) + 0.5) / count)
    return np.random.default_rng(14).permutation(middles)


def speech() -> list[np.ndarray]:
    """The bundled English calls at 16 kHz."""
    rows = load_dataset(sources.minds14().path, name="en-AU", split="train").cast_column("audio", Audio(sampling_rate=RATE))
    return [row["audio"]["array"] for row in rows]


def clips_of(seconds: np.ndarray, calls: list[np.ndarray]) -> list[np.ndarray]:
    """Bundled speech in these lengths: for each, the call among those not yet taken whose own length is nearest, so that hardly
    a sentence is cut. Where it is too short, the calls that follow go on until it is long enough.
    """
    own = np.array([call.size / RATE for call in calls])
    clips: list[np.ndarray] = []
    for number, length in enumerate(seconds):
        if number % len(calls) == 0:
            free = np.ones(len(calls), bool)
        start = int(np.where(free, abs(own - length), np.inf).argmin())
        free[start] = False
        joined = np.concatenate([calls[(start + i) % len(calls)] for i in range(1 + int(length // 2))])
        wanted = round(length * RATE)
        clips.append(np.ascontiguousarray(np.resize(joined, wanted), dtype=np.float32))
    return clips


# --- models ---------------------------------------------------------------------------------------------------------------


def bundled() -> tuple[Any, Any]:
    """Whisper tiny's encoder with the course's head, and its feature extractor."""
    classifier = pipeline("audio-classification", model=sources.intent_model().path, device=DEVICE)
    return classifier.model.eval(), classifier.feature_extractor


def xlsr(calls: list[np.ndarray]) -> tuple[Any, Any]:
    """XLS-R 300M's exact geometry with random weights: speed does not depend on their values.

    Answers do, though, and an untrained head says nearly the same about every clip: any sloppy computation would pass, or a
    tie would fail. So the head is set to what trained heads do: it reads the directions in which the encoder's output differs
    most between twelve calls, scaled until the best label gets about 0.9 on average.
    """
    torch.manual_seed(14)
    config = Wav2Vec2Config(
        hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096, feat_extract_norm="layer",
        do_stable_layer_norm=True, conv_bias=True, num_labels=14,
        id2label=dict(enumerate(AutoModelForAudioClassification.from_pretrained(sources.intent_model().path).config.id2label.values())),
    )  # fmt: skip
    model = Wav2Vec2ForSequenceClassification(config).eval().to(DEVICE)
    extractor = Wav2Vec2FeatureExtractor(feature_size=1, do_normalize=True, return_attention_mask=True, sampling_rate=RATE)
    pooled = []
    handle = model.classifier.register_forward_hook(lambda module, inputs, output: pooled.append(inputs[0].detach().cpu()))
    with torch.inference_mode():
        for call in calls[5::9][:12]:
            model(**extractor(call, sampling_rate=RATE, return_tensors="pt").to(DEVICE))
    handle.remove()
    seen = torch.cat(pooled)
    mean = seen.mean(0)
    directions = torch.linalg.svd(seen - mean, full_matrices=False).Vh[:6]
    mix = torch.randn(14, len(directions)) @ directions
    scale = 1.0
    while float(((seen - mean) @ mix.T * scale).softmax(-1).max(-1).values.mean()) < 0.9:
        scale *= 1.1
    with torch.no_grad():
        model.classifier.weight.copy_(mix * scale)
        model.classifier.bias.copy_(-(mix * scale) @ mean)
    return model, extractor


# --- paths ----------------------------------------------------------------------------------------------------------------

Answers = list[list[dict[str, Any]]]
Path_ = Callable[[list[np.ndarray]], Answers]


def with_classify(model: Any, extractor: Any, **options: Any) -> Path_:
    def path(clips: list[np.ndarray]) -> Answers:
        answers = list(inference.classify(clips, model, extractor, top_k=None, progress=False, **options))
        assert all(answer.error is None for answer in answers), [answer.error for answer in answers if answer.error][:1]
        return [answer.scores or [] for answer in answers]

    return path


def multiply_weight_norm_out(model: Any) -> None:
    """Replace Wav2Vec2's positional convolution, in place, with a plain one of the same weights.

    Not with `remove_parametrizations`: a copy shares its class with the original, which would lose its weight as well.
    """
    if encoder := getattr(getattr(model, "wav2vec2", None), "encoder", None):
        encoder.pos_conv_embed.conv = inference._plain_convolution(encoder.pos_conv_embed.conv, model.dtype)


def one_by_one(model: Any, extractor: Any, kind: torch.dtype) -> Path_:
    """Model and extractor by hand, without helpers: what one writes first."""

    def path(clips: list[np.ndarray]) -> Answers:
        answers = []
        with torch.inference_mode():
            for clip in clips:
                inputs = extractor(clip, sampling_rate=RATE, return_tensors="pt").to(DEVICE, kind)
                answers.append(inference.scores(model(**inputs).logits[0].float().cpu(), model.config, None))
        return answers

    return path


def paths_of(name: str, model: Any, extractor: Any) -> dict[str, Path_]:
    """The ways to classify a list of clips; the first is what the others are held against."""
    classifier = pipeline("audio-classification", model=model, feature_extractor=extractor, device=DEVICE)
    half = copy.deepcopy(model).to(torch.bfloat16)
    fast = inference.prepare(model, dtype=torch.bfloat16)

    def loop(clips: list[np.ndarray]) -> Answers:
        return [classifier(clip, top_k=None) for clip in clips]

    def batched(size: int) -> Path_:
        return lambda clips: list(classifier(clips, batch_size=size, top_k=None))

    sizes = (2, 8) if name == "bundled" else (4,)
    paths: dict[str, Path_] = {"pipeline, one by one": loop}
    paths |= {f"pipeline, batch_size={size}": batched(size) for size in sizes}
    paths["model + extractor, fp32"] = one_by_one(model, extractor, torch.float32)
    paths["model + extractor, bf16 weights"] = one_by_one(half, extractor, torch.bfloat16)
    paths["classify, fp32"] = with_classify(model, extractor)
    paths["classify, bf16"] = with_classify(fast, extractor, dtype=torch.bfloat16)
    for size in (1, 8) if name == "bundled" else (2, 4):
        paths[f"classify, bf16, batch_size={size}"] = with_classify(fast, extractor, dtype=torch.bfloat16, batch_size=size)
    if torch.get_num_threads() > 1 and DEVICE.type == "cpu":
        paths["classify, bf16, num_threads=1"] = with_classify(fast, extractor, dtype=torch.bfloat16, num_threads=1)
    return paths


_classify: Path_ | None = None  # in a process of `two_processes`


def _start_process() -> None:
    global _classify
    torch.set_num_threads(1)
    model, extractor = xlsr(speech())
    fast = inference.prepare(model, dtype=torch.bfloat16)
    _classify = with_classify(fast, extractor, dtype=torch.bfloat16, num_threads=1)


def _in_process(clips: list[np.ndarray]) -> Answers:
    assert _classify is not None
    return _classify(clips)


def two_processes() -> Path_:
    """XLS-R's geometry in two processes with a thread each; both hold the model, and each gets every second clip by length."""
    pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"), initializer=_start_process)

    def path(clips: list[np.ndarray]) -> Answers:
        order = sorted(range(len(clips)), key=lambda number: clips[number].size)
        answers: Answers = [[] for _ in clips]
        halves = [order[::2], order[1::2]]
        for numbers, got in zip(halves, pool.map(_in_process, [[clips[n] for n in half] for half in halves]), strict=True):
            for number, scores in zip(numbers, got, strict=True):
                answers[number] = scores
        return answers

    return path


def tried_paths(model: Any, extractor: Any) -> dict[str, Path_]:
    """What else was tried for XLS-R on a CPU, each by itself, on top of nothing but what its name says."""
    every = paths_of("xlsr", model, extractor)
    paths = {path: every[path] for path in ("pipeline, one by one", "model + extractor, bf16 weights", "classify, bf16")}

    def autocast(clips: list[np.ndarray]) -> Answers:
        with torch.autocast("cpu", torch.bfloat16):
            return one_by_one(model, extractor, torch.float32)(clips)

    paths["tried: autocast to bf16"] = autocast
    plain = copy.deepcopy(model).to(torch.bfloat16)
    multiply_weight_norm_out(plain)
    paths["tried: bf16 weights, weight norm multiplied out"] = one_by_one(plain, extractor, torch.bfloat16)
    channels = copy.deepcopy(model).to(torch.bfloat16)
    for module in channels.modules():
        if isinstance(module, torch.nn.Conv1d):
            module.register_forward_pre_hook(lambda _, inputs: (inputs[0].transpose(1, 2).contiguous().transpose(1, 2),))
    paths["tried: bf16 weights, channels-last input to the stock convolutions"] = one_by_one(channels, extractor, torch.bfloat16)
    int8 = torch.ao.quantization.quantize_dynamic(copy.deepcopy(model), {torch.nn.Linear}, dtype=torch.qint8)
    paths["tried: int8 linear layers, the rest fp32"] = one_by_one(int8, extractor, torch.float32)
    both = inference.prepare(model)
    both = torch.ao.quantization.quantize_dynamic(both, {torch.nn.Linear}, dtype=torch.qint8)
    paths["tried: int8 linear layers, frame convolutions in fp32"] = one_by_one(both, extractor, torch.float32)
    compiled = torch.compile(copy.deepcopy(plain), dynamic=True)
    paths["tried: bf16 weights, weight norm multiplied out, torch.compile"] = one_by_one(compiled, extractor, torch.bfloat16)
    paths["tried: classify, bf16, two processes with a thread each"] = two_processes()
    return paths


# --- measuring ------------------------------------------------------------------------------------------------------------


@dataclass
class Result:
    """One path of one model; times are of a pass over all clips."""

    model: str
    path: str
    device: str
    clips: int
    clips_per_second: float
    ratio_to_loop: float
    ratio_low: float
    ratio_high: float
    median_seconds: float
    fastest_seconds: float
    slowest_seconds: float
    cpu_seconds: float
    cpu_ratio_to_loop: float
    max_score_difference: float
    same_top_label: float
    gflop_per_second: float
    share_of_bf16_rate: float
    share_of_fp32_rate: float


def cpu_seconds() -> float:
    """CPU time of this process and of those that it started and that still run."""
    children = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return time.process_time() + sum(child.user + child.system for child in children)


def synchronize() -> None:
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def matrix_rate(kind: torch.dtype, size: int = 2_048, repeats: int = 8) -> float:
    """The machine's best rate at a plain matrix product, in GFLOP/s: what no forward pass can exceed."""
    a, b = (torch.randn(size, size, device=DEVICE).to(kind) for _ in range(2))
    best = float("inf")
    for _ in range(repeats):
        synchronize()
        start = time.perf_counter()
        a @ b
        synchronize()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def gflop(model: Any, extractor: Any, clips: list[np.ndarray]) -> float:
    """The floating-point operations of the model's products and convolutions over all clips, one by one, in 10^9.

    Counted on the "meta" device, where shapes are worked out and nothing is computed.
    """
    shapes = copy.deepcopy(model)
    multiply_weight_norm_out(shapes)  # the counter cannot look into a parametrisation
    shapes = shapes.to("meta")
    lengths = [clip.size for clip in clips] if inference.padding_of(model, extractor) != "fixed" else [clips[0].size] * len(clips)
    counted = {}
    with torch.inference_mode():
        for length in set(lengths):
            inputs = extractor(np.zeros(length, np.float32), sampling_rate=RATE, return_tensors="pt")[model.main_input_name]
            with FlopCounterMode(display=False) as counter:
                shapes(inputs.to("meta"))
            counted[length] = counter.get_total_flops() / 1e9
    return sum(counted[length] for length in lengths)


def difference(answers: Answers, reference: Answers) -> tuple[float, float]:
    """The largest difference of any label's score, and the share of clips with the same best label."""
    largest, same = 0.0, 0
    for mine, theirs in zip(answers, reference, strict=True):
        scores = {score["label"]: score["score"] for score in theirs}
        largest = max(largest, *(abs(score["score"] - scores[score["label"]]) for score in mine))
        same += mine[0]["label"] == theirs[0]["label"]
    return largest, same / len(reference)


def measure(
    name: str, paths: dict[str, Path_], clips: list[np.ndarray], rounds: int, work: float, rates: dict[str, float]
) -> list[Result]:
    """Every path in every round, so that what disturbs the machine disturbs them alike; ratios are taken within a round."""
    answers: dict[str, Answers] = {}
    seconds: dict[str, list[float]] = {path: [] for path in paths}
    cpu: dict[str, list[float]] = {path: [] for path in paths}
    for number in range(rounds + 1):
        for path, classify in paths.items():
            synchronize()
            start, start_cpu = time.perf_counter(), cpu_seconds()
            # The first round warms up on a few clips: the shortest and the longest, which decide what is allocated.
            got = classify(clips if number else sorted(clips, key=len)[:: max(1, len(clips) - 1)])
            synchronize()
            if number:
                seconds[path].append(time.perf_counter() - start)
                cpu[path].append(cpu_seconds() - start_cpu)
                answers[path] = got
            print(
                f"  {name}, round {number} of {rounds}: {path}: {time.perf_counter() - start:.2f} s", file=sys.stderr, flush=True
            )
    first = next(iter(paths))
    results = []
    for path in paths:
        ratios = [loop / mine for loop, mine in zip(seconds[first], seconds[path], strict=True)]
        median = statistics.median(seconds[path])
        largest, same = difference(answers[path], answers[first])
        results.append(
            Result(
                model=name,
                path=path,
                device=DEVICE.type,
                clips=len(clips),
                clips_per_second=len(clips) / median,
                ratio_to_loop=statistics.median(ratios),
                ratio_low=min(ratios),
                ratio_high=max(ratios),
                median_seconds=median,
                fastest_seconds=min(seconds[path]),
                slowest_seconds=max(seconds[path]),
                cpu_seconds=statistics.median(cpu[path]),
                cpu_ratio_to_loop=statistics.median(cpu[first]) / statistics.median(cpu[path]),
                max_score_difference=largest,
                same_top_label=same,
                gflop_per_second=work / median,
                share_of_bf16_rate=work / median / rates["bf16"],
                share_of_fp32_rate=work / median / rates["fp32"],
            )
        )
    return results


def profiled(model: Any, extractor: Any, clip: np.ndarray, kind: torch.dtype) -> list[tuple[str, float]]:
    """Where a forward pass on one thread spends its time: kinds of operation with their share, the largest first."""
    inputs = extractor(clip, sampling_rate=RATE, return_tensors="pt").to(DEVICE, kind)
    kinds = {
        "matrix products": ("mm", "linear"),
        "attention": ("scaled_dot", "softmax"),
        "convolutions": ("conv",),
        "GELU": ("gelu",),
        "layer norm": ("layer_norm",),
        "moving data": ("copy_", "contiguous", "clone", "cat", "fill_", "index"),
        "adding": ("aten::add",),
    }
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            model(**inputs)
            with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
                model(**inputs)
    finally:
        torch.set_num_threads(before)
    spent: dict[str, float] = {}
    for event in profile.key_averages():
        kind_of = next((k for k, words in kinds.items() if any(word in event.key for word in words)), "all else")
        spent[kind_of] = spent.get(kind_of, 0.0) + event.self_cpu_time_total
    total = sum(spent.values())
    return sorted(((k, v / total) for k, v in spent.items()), key=lambda pair: -pair[1])


# --- answers --------------------------------------------------------------------------------------------------------------


def bf16_answers(genuine: str | None) -> list[dict[str, Any]]:
    """What bf16 changes in the bundled model's answers: for every bundled call, and for every genuine one in a folder."""
    model, extractor = bundled()
    exact = with_classify(model, extractor)
    half = with_classify(inference.prepare(model, dtype=torch.bfloat16), extractor, dtype=torch.bfloat16)
    sets = [("bundled", sources.minds14().path, "en-AU"), ("bundled", sources.minds14().path, "ko-KR")]
    if genuine:
        sets += [("genuine", genuine, "en-AU"), ("genuine", genuine, "en-GB")]
    rows = []
    for kind, path, config in sets:
        calls = load_dataset(path, config, split="train").cast_column("audio", Audio(sampling_rate=RATE))
        largest, same = difference(half(calls), exact(calls))
        rows.append({"calls": f"{kind} {config}", "clips": len(calls), "max_score_difference": largest, "same_top_label": same})
        print(f"  answers: {rows[-1]}", file=sys.stderr, flush=True)
    return rows


# --- decoding -------------------------------------------------------------------------------------------------------------


def decoding(rounds: int) -> dict[str, float]:
    """Milliseconds a clip to decode mu-law WAV at 8 kHz and resample it to 16 kHz."""
    stored = load_dataset(sources.minds14().path, name="en-AU", split="train").cast_column("audio", Audio(decode=False))
    data = [row["audio"]["bytes"] for row in stored]
    ours = Audio(sampling_rate=RATE)
    ways: dict[str, Callable[[bytes], Any]] = {
        "helpers.Audio (libsndfile, soxr)": lambda content: ours.decode_example({"bytes": content, "path": None})
    }
    if importlib.util.find_spec("torchcodec"):
        with contextlib.suppress(Exception):  # installed, but FFmpeg's libraries are missing
            from torchcodec.decoders import AudioDecoder

            AudioDecoder(data[0], sample_rate=RATE).get_all_samples()
            ways["torchcodec (FFmpeg)"] = lambda content: AudioDecoder(content, sample_rate=RATE).get_all_samples()
    found: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, decode in ways.items():
            start = time.perf_counter()
            for content in data:
                decode(content)
            found[way].append((time.perf_counter() - start) / len(data) * 1e3)
    return {way: statistics.median(times) for way, times in found.items()}


# --- memory ---------------------------------------------------------------------------------------------------------------


def peak_mib() -> float:
    """The most memory that this process has held. Linux' `ru_maxrss` is no use: a new process inherits its parent's."""
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def scale_run(count: int) -> None:
    """Classify `count` clips of en-AU's lengths from a generator, in this process, and print what it took."""
    model, extractor = bundled()
    calls, seconds = speech(), en_au_seconds()

    def clips() -> Iterator[np.ndarray]:
        for number in range(count):
            yield np.resize(calls[number * 17 % len(calls)], round(seconds[number * 7 % len(seconds)] * RATE))

    fast = inference.prepare(model, dtype=torch.bfloat16)
    for _ in inference.classify([calls[0]] * 8, fast, extractor, dtype=torch.bfloat16, progress=False):
        pass
    start, start_cpu = time.perf_counter(), time.process_time()
    answered = sum(
        answer.error is None for answer in inference.classify(clips(), fast, extractor, dtype=torch.bfloat16, progress=False)
    )
    took, took_cpu = time.perf_counter() - start, time.process_time() - start_cpu
    print(json.dumps({"clips": count, "answered": answered, "peak_mib": peak_mib(), "ms_per_clip": took / count * 1e3,
                      "cpu_ms_per_clip": took_cpu / count * 1e3}))  # fmt: skip


def memory() -> list[dict[str, float]]:
    """One fresh process for each number of clips: a peak, once reached, stays."""
    rows = []
    for count in SCALES:
        command = [sys.executable, str(Path(__file__).resolve()), "--scale-run", str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"  memory: {rows[-1]}", file=sys.stderr, flush=True)
    return rows


# --- the report -----------------------------------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    cpu = platform.processor()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), cpu)
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "device": torch.cuda.get_device_name() if DEVICE.type == "cuda" else cpu,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def markdown(report: dict[str, Any]) -> str:
    """The report as Markdown: a table for each model, then shares, decoding and memory."""
    here = report["machine"]
    lines = ["# Many clips: measured", "", f"{here['date']}, {here['device']}, {here['cores']} cores, torch {here['torch']}."]
    for part in report["models"].values():
        rates = part["rates"]
        lines += [
            "",
            f"## {part['title']}",
            "",
            f"{part['results'][0]['clips']} clips, {part['seconds_of_sound']:.0f} s of sound, {part['rounds']} rounds, "
            f"{part['gflop']:.0f} GFLOP. Matrix products on this machine: bf16 {rates['bf16']:.0f} GFLOP/s, "
            f"fp32 {rates['fp32']:.0f} GFLOP/s.",
            "",
            "| path | clips/s | times the loop (lowest to highest) | CPU time, times less | score difference | same label "
            "| GFLOP/s | of bf16 rate |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {r['path']} | {r['clips_per_second']:.2f} "
            f"| {r['ratio_to_loop']:.2f} ({r['ratio_low']:.2f} to {r['ratio_high']:.2f}) "
            f"| {r['cpu_ratio_to_loop']:.2f} | {r['max_score_difference']:.1e} | {r['same_top_label']:.1%} "
            f"| {r['gflop_per_second']:.0f} | {r['share_of_bf16_rate']:.0%} |"
            for r in part["results"]
        ]
        for title, shares in part["profile"].items():
            lines += ["", f"{title}: " + ", ".join(f"{kind} {share:.0%}" for kind, share in shares) + "."]
    if rows := report.get("answers"):
        lines += ["", "## The bundled model in bf16 against fp32, call by call", "",
                  "| calls | clips | score difference | same label |", "|---|---|---|---|"]  # fmt: skip
        lines += [f"| {r['calls']} | {r['clips']} | {r['max_score_difference']:.1e} | {r['same_top_label']:.2%} |" for r in rows]
    if decode := report.get("decode"):
        lines += [
            "",
            "## Decoding",
            "",
            "| way | ms a clip |",
            "|---|---|",
            *(f"| {way} | {ms:.2f} |" for way, ms in decode.items()),
        ]
        if len(decode) == 1:
            lines += ["", "torchcodec cannot be loaded here (it needs FFmpeg), so there is nothing to compare with."]
    if rows := report.get("memory"):
        lines += ["", "## Memory and time against the number of clips", "",
                  "| clips | answered | peak memory, MiB | ms a clip | CPU ms a clip |", "|---|---|---|---|---|"]  # fmt: skip
        lines += [
            f"| {r['clips']:,} | {r['answered']:,} | {r['peak_mib']:.0f} | {r['ms_per_clip']:.1f} | {r['cpu_ms_per_clip']:.1f} |"
            for r in rows
        ]
    return "\n".join(lines) + "\n"


def save(report: dict[str, Any]) -> None:
    """build/bench.json holds the list of results; build/bench_report.json all that the Markdown is made of."""
    BUILD.mkdir(exist_ok=True)
    results = [result for part in report["models"].values() for result in part["results"]]
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (BUILD / "bench_report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (BUILD / "bench.md").write_text(markdown(report), encoding="utf-8")


TITLES = {
    "bundled": "The bundled model: Whisper tiny's encoder, a window of 15 s",
    "xlsr": "XLS-R 300M's geometry, random weights",
    "tried": "XLS-R 300M's geometry, random weights: what was tried and is not used",
}
COUNTS = {"bundled": 64, "xlsr": 12, "tried": 4}


def model_part(name: str, count: int, rounds: int, wanted: list[str] | None) -> dict[str, Any]:
    calls = speech()
    model, extractor = bundled() if name == "bundled" else xlsr(calls)
    clips = clips_of(stratified(en_au_seconds(), count), calls)
    paths = tried_paths(model, extractor) if name == "tried" else paths_of(name, model, extractor)
    loop = next(iter(paths))
    paths = {path: way for path, way in paths.items() if not wanted or path == loop or path in wanted}
    rates = {"fp32": matrix_rate(torch.float32), "bf16": matrix_rate(torch.bfloat16)}
    work = gflop(model, extractor, clips)
    results = measure(name, paths, clips, rounds, work, rates)
    part = {
        "title": TITLES[name],
        "rounds": rounds,
        "seconds_of_sound": sum(clip.size for clip in clips) / RATE,
        "gflop": work,
        "rates": rates,
        "results": [asdict(result) for result in results],
        "profile": {},
    }
    if name != "tried" and not wanted:
        typical = sorted(clips, key=len)[len(clips) // 2]
        fast = inference.prepare(model, dtype=torch.bfloat16)
        part["profile"] = {
            "One thread, stock model in fp32": profiled(model, extractor, typical, torch.float32),
            "One thread, prepared model in bf16": profiled(fast, extractor, typical, torch.bfloat16),
        }
        del fast
    del paths, model
    gc.collect()
    return part


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=(*PARTS, "tried"), help="run this part alone (repeatable)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, help="clips for each model (default 64 bundled, 12 XLS-R, 4 tried)")
    parser.add_argument("--path", action="append", help="measure the loop and this path alone, without a profile (repeatable)")
    parser.add_argument("--genuine", help="answers: a folder with genuine MInDS-14, en-AU and en-GB, in the Hub's layout")
    parser.add_argument("--scale-run", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if options.scale_run:
        scale_run(options.scale_run)
        return 0
    report: dict[str, Any] = {"models": {}}
    if options.only and (BUILD / "bench_report.json").is_file():
        report = json.loads((BUILD / "bench_report.json").read_text(encoding="utf-8"))
    report["machine"] = machine()
    for part in options.only or PARTS:
        if part in TITLES:
            count = options.clips or COUNTS[part]
            report["models"][part] = model_part(part, count, options.rounds, options.path)
        elif part == "answers":
            report["answers"] = bf16_answers(options.genuine)
        elif part == "decode":
            report["decode"] = decoding(options.rounds)
        else:
            report["memory"] = memory()
        save(report)
    print(markdown(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
