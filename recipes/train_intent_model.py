"""Train the bundled intent model: Whisper tiny.en's encoder under the stock mean-pooling head.

    python recipes/train_intent_model.py --hear en-AU --out build/model     (once, before all runs; also for the other parts)
    python recipes/train_intent_model.py --train en-AU --test en-GB --out build/model/au-0

One run of many: `recipes/train_intent_models.sh` says which ones the bundled model is made of. The encoder's convolutions and two
lowest layers stay as they were pretrained, so what they make of the clips is computed once, for all runs and epochs; a run trains
the two layers above and the head.

Genuine calls are read from a folder in the Hub's layout (`--genuine`) or, by default, from PolyAI/minds14 itself; synthetic ones
from what `recipes/make_speech.py` wrote. A run that was stopped goes on when the same command is given again. It logs to
<out>/log.jsonl.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import zlib
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
import torch
from datasets import Audio, load_dataset
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline, make_union
from torch import nn
from torch.nn.functional import gelu
from tqdm import tqdm
from transformers import WhisperForAudioClassification

import augment
import synthesis
from whisper_encoder import WINDOW_SECONDS, model_and_extractor

RATE = 16_000
WINDOW = WINDOW_SECONDS * RATE
REVISION = "40ce77cb32a384e4d50a568e1ec39ac804019d33"
SPEECH = Path("build/speech")
GENUINE = ("en-AU", "en-GB")
PARTS = (*GENUINE, "synthetic-en", "synthetic-ko", "no-call")
FROZEN = 2  # lowest layers, left as they are
RENDITIONS = {"en-AU": 18, "en-GB": 18, "synthetic-en": 1, "synthetic-ko": 1, "no-call": 1}  # of each clip
STRENGTH = {"en-AU": 0.3, "en-GB": 0.3, "synthetic-en": 0.6, "synthetic-ko": 0.6}  # of room, line, noise and gain, 0 to 1
NO_CALLS, TUNES = 1200, 160
MERGE, FINE_MERGE, FINE = 4, 2, 9  # so many tokens of padding are computed as one; every ninth rendition is a fine one
PLAIN = 2  # of nine renditions of a genuine call so many are not masked, for the first epochs
FIRST = 3  # epochs without masks
FOLLOW = 0.03  # the running mean's step towards each batch
POOLED = 1600  # clips of each part, at most, on whose means the first head is fitted
WIDTH = 384
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
# A CPU without dot products for bf16 multiplies in it at a fifth of the speed of fp32 (30 against 144 GFLOP/s on one).
BF16 = DEVICE == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
ATTENTION = "eager" if BF16 else "sdpa"  # either is the faster one on a CPU: 1.4 times a step, 1.3 on calls of 10 s


@dataclass
class Clip:
    samples: np.ndarray  # int16 mono, 16 kHz: half the memory, and finer than the 8-bit mu-law that calls are stored in
    label: int  # -1: nobody speaks
    group: str  # clips of one call share it: they must not be split
    text: str  # what was said
    path: str  # origin and file name

    @property
    def array(self) -> np.ndarray:
        """The waveform, float32 in [-1, 1]."""
        return self.samples.astype(np.float32) / 32768


@dataclass
class Rendition:
    """What the frozen layers make of one rendering of a clip."""

    origin: str  # one of PARTS
    label: int
    group: str
    text: str
    path: str
    states: np.ndarray  # float16 on disk, [shape=(computed, width)]
    weights: np.ndarray  # how many tokens of the window each stands for, [shape=(computed,)]
    mean: np.ndarray  # the pretrained encoder's, before its last norm, of at most POOLED clips of a part, [shape=(width,)]
    masked: bool
    fine: bool


def call_group(path: str) -> str:
    """The call that a clip belongs to: file names `CA<hash>_N.wav` share a call, any other name is its own.

    The hash of one call stands in the file names of both varieties, so the group does not name the variety for these.
    """
    shared = re.search(r"(CA[0-9a-f]{32})_", path)
    return shared[1] if shared else path


def load(name: str, folder: str, origin: str, most: int | None = None) -> tuple[list[Clip], list[str]]:
    """The clips of one Parquet file or of one config, and the config's labels; from the Hub always the same revision."""
    if folder.endswith(".parquet"):
        rows = load_dataset("parquet", data_files=folder, split="train").cast_column("audio", Audio(decode=False))
        labels: list[str] = []
    else:
        rows = load_dataset(folder, name=name, split="train", revision=REVISION if folder == "PolyAI/minds14" else None)
        labels = rows.features["intent_class"].names
        rows = rows.cast_column("audio", Audio(decode=False))
    clips = []
    for row in rows.select(range(min(most or len(rows), len(rows)))):
        y, rate = sf.read(BytesIO(row["audio"]["bytes"]), dtype="int16")
        group, path = call_group(row["path"]), f"{origin}/{row['path']}"
        clips.append(Clip(soxr.resample(y, rate, RATE), row["intent_class"], group, row["transcription"], path))
    return clips, labels


def recordings(path: str) -> list[np.ndarray]:
    """Folds 1 and 2 of the environmental sounds in a Parquet file of ESC-10's; fold 3 is left for measure_robustness.py."""
    rows = load_dataset("parquet", data_files=path, split="train").cast_column("audio", Audio(decode=False))
    found = []
    for row in rows:
        if row["fold"] < 3:
            y, rate = sf.read(BytesIO(row["audio"]["bytes"]), dtype="float32")
            found.append(soxr.resample(y, rate, RATE))
    return found


def features(extractor, arrays: list[np.ndarray], frames: int) -> torch.Tensor:
    """Log-mel spectrograms padded to `frames`, [shape=(len(arrays), 80, frames)]."""
    with torch.autocast("cpu", enabled=False):  # the extractor gives a NumPy array, and there is none of bf16
        batch = extractor(
            arrays, sampling_rate=RATE, max_length=frames * 160, padding="max_length", truncation=True, return_tensors="pt"
        )
    return batch.input_features


def merged_padding(encoder: nn.Module, tokens: int, merge: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions for a window in which `merge` tokens of padding are computed as one.

    Most of a typical window is padding, which is constant but for its position, and attention and mean see all of it. A token
    with the mean position of its four, counted four times in both, costs a quarter and leaves the window's mean where it was,
    to 0.3 of its standard deviation over clips (of eight: half). Leaving padding out trains faster still, but a model that has
    never met it halves its accuracy on the full window; one random token of eight is wrong by 1.1, and training drowns in that.

    Returns
    -------
    positions : torch.Tensor [shape=(computed, width)]
        Position embeddings: the first `tokens` are the window's own.
    weights : torch.Tensor [shape=(computed,)]
        How many tokens each stands for; they add up to the window's.
    """
    own = encoder.embed_positions.weight
    ends = list(range(tokens, len(own), merge))
    spans = [slice(start, min(start + merge, len(own))) for start in ends]
    positions = torch.stack([*own[:tokens], *(own[span].mean(0) for span in spans)])
    return positions, torch.tensor([1.0] * tokens + [float(span.stop - span.start) for span in spans], device=own.device)


def lower_states(encoder: nn.Module, mel: torch.Tensor, merge: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What the frozen layers make of the window, [shape=(clips, computed, width)], and how many tokens each state stands for.

    `mel` [shape=(clips, 80, frames)] is the full window, and this the stock forward pass; or it ends with at least 15 tokens of
    padding after the longest clip, and the rest of the window is merged.
    """
    x = gelu(encoder.conv1(mel))
    x = gelu(encoder.conv2(x)).permute(0, 2, 1)
    positions, weights = merged_padding(encoder, x.shape[1], merge)
    merged = len(positions) - x.shape[1]
    if merged:
        x = torch.cat([x, x[:, -3:-2].expand(-1, merged, -1)], 1)  # the very last token sees the edge
    x = x + positions
    weights = weights.expand(len(x), -1)
    for layer in encoder.layers[:FROZEN]:
        x = layer(x, counted(weights))
    return x, weights


def counted(weights: torch.Tensor) -> torch.Tensor | None:
    """The attention mask under which a state counts `weights` [shape=(clips, computed)] times; 0 hides it."""
    if bool((weights == 1).all()):
        return None
    return weights.log()[:, None, None].to(torch.bfloat16 if BF16 else torch.float32)


def upper_states(encoder: nn.Module, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The encoder's last states, before their norm, from what the frozen layers gave, [shape=(clips, computed, width)]."""
    mask = counted(weights)
    for layer in encoder.layers[FROZEN:]:
        x = layer(x, mask)
    return x


def window_mean(states: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """What the stock head sees of the states: their mean over the window, [shape=(clips, width)]."""
    return (states * weights[..., None]).sum(1) / weights.sum(1, keepdim=True)


def masked(mel: torch.Tensor, frames: int, rng: np.random.Generator) -> torch.Tensor:
    """SpecAugment (Park et al. 2019): silence in two bands of up to 12 mels and in two stretches of up to 8 % of the call.

    `mel` is one clip's spectrogram [shape=(1, mels, frames of the window)], `frames` says how many of them are the call's.
    """
    mel, silence = mel.clone(), mel.min()
    for _ in range(2):
        for axis, size, most in ((1, mel.shape[1], 12), (2, frames, int(0.08 * frames))):
            width = int(rng.integers(most + 1))
            mel.narrow(axis, int(rng.integers(size - width + 1)), width).fill_(silence)
    return mel


def frames_of(arrays: list[np.ndarray]) -> int:
    """How many frames of the window a batch needs: up to its longest clip, and 15 tokens (two frames each) of padding or more.

    A multiple of 50, since each new shape costs memory that oneDNN keeps.
    """
    needed = 2 * (max(len(a) for a in arrays) // 320 + 15)
    return min(WINDOW_SECONDS * 100, -(-needed // 50) * 50)


def predict(model, extractor, arrays: list[np.ndarray]) -> np.ndarray:
    """Logits of clips on the full window, as the stock pipeline computes them, in fp32, [shape=(len(arrays), classes)]."""
    model.eval()
    rows = []
    with torch.inference_mode():
        for start in range(0, len(arrays), 8):
            mel = features(extractor, arrays[start : start + 8], WINDOW_SECONDS * 100).to(DEVICE)
            rows.append(model(mel).logits.float().cpu().numpy())
    return np.concatenate(rows)


def split(heard: list[Rendition], args: argparse.Namespace) -> tuple[list[Rendition], set[str]]:
    """The renditions to train on and the paths of the genuine test clips; no call stands on both sides."""
    genuine = [r for r in heard if r.origin in GENUINE]
    if args.fold:
        k, n = map(int, args.fold.split("/"))
        test = [r for r in genuine if zlib.crc32(r.group.encode()) % n == k]
    else:
        test = [r for r in genuine if r.origin == args.test]
    groups = {r.group for r in test}
    chosen = {*args.train.split(","), *PARTS[2:]}
    return [r for r in heard if r.origin in chosen and r.group not in groups and r.origin != args.test], {r.path for r in test}


def hear(part: str, args: argparse.Namespace) -> None:
    """Write what the frozen layers make of augmented renditions of a part's clips, and of some the pretrained encoder's mean.

    `heard-<part>.npy` holds all states one after another, float16; `heard-<part>.npz` says whose they are.
    """
    rng = np.random.default_rng(PARTS.index(part))
    babble, _ = load("", str(SPEECH / "train-en.parquet"), "synthetic-en", 400)  # no genuine call sounds behind another
    if part in GENUINE:
        clips, _ = load(part, args.genuine, part)
    elif part == "no-call":
        tunes = tqdm(range(TUNES), desc="music", unit="tune", mininterval=10)
        sounds = [synthesis.sound("music", number, held_out=False, seconds=12) for number in tunes]
        sounds += recordings(args.sounds) if args.sounds else []
        arrays = (augment.no_call(rng, sounds)[:WINDOW] for _ in range(NO_CALLS))
        clips = [Clip((a * 32767).astype(np.int16), -1, f"{part} {i}", "", f"{part} {i}") for i, a in enumerate(arrays)]
    else:
        clips, _ = load("", str(SPEECH / f"train-{part[-2:]}.parquet"), part)
        clips = [clips[i] for i in rng.permutation(len(clips))]
    model, extractor = model_and_extractor([str(i) for i in range(14)])
    model.eval().to(DEVICE).set_attn_implementation(ATTENTION)
    kept: dict[str, list] = {name: [] for name in ("label", "group", "text", "path", "own", "computed", "mean")}
    each = RENDITIONS[part]
    unfinished = args.out / f"heard-{part}.npy.part"
    with torch.inference_mode(), torch.autocast(DEVICE, torch.bfloat16, enabled=BF16), unfinished.open("wb") as file:
        for number in tqdm(range(len(clips) * each), desc=part, unit="clip", mininterval=10):
            clip = clips[number // each]
            y = clip.array
            if part != "no-call":
                if len(y) > WINDOW and rng.random() < 0.3:
                    first = rng.integers(len(y) - WINDOW)
                    y = y[first : first + WINDOW]
                y = augment.call(y, rng, lambda: babble[rng.integers(len(babble))].array, STRENGTH[part])[:WINDOW]
            mel = features(extractor, [y], frames_of([y]))
            if is_masked(part, number):
                mel = masked(mel, len(y) // 160, rng)
            mel = mel.to(DEVICE)
            x, weights = lower_states(model.encoder, mel, FINE_MERGE if is_fine(number) else MERGE)
            file.write(x[0].to(torch.float16).cpu().numpy().tobytes())
            pooled = number % each == 0 and number // each < POOLED and part != "no-call"
            mean = window_mean(upper_states(model.encoder, x, weights), weights)[0] if pooled else torch.full((WIDTH,), torch.nan)
            row = clip.label, clip.group, clip.text, clip.path, mel.shape[-1] // 2, x.shape[1], mean.float().cpu().numpy()
            for name, value in zip(kept, row, strict=True):
                kept[name].append(value)
    np.savez(args.out / f"heard-{part}.npz", **{name: np.array(values) for name, values in kept.items()})
    unfinished.rename(args.out / f"heard-{part}.npy")


def is_masked(part: str, number: int) -> bool:
    """Whether a rendition of this number has parts blotted out: most of the genuine ones, which a run hears again and again."""
    return part in GENUINE and number % FINE >= PLAIN and not is_fine(number)


def is_fine(number: int) -> bool:
    """Whether a part's rendition of this number has its padding computed more finely: these are for the last epoch."""
    return number % FINE == FINE - 1


def renditions(part: str, folder: Path) -> list[Rendition]:
    """What `hear` wrote of one part; states are read from the disk when they are needed."""
    file = folder / f"heard-{part}.npy"
    if not file.exists():
        raise SystemExit(f"{file} is missing: run this with --hear {part} --out {folder} first.")
    states = np.memmap(file, np.float16, "r").reshape(-1, WIDTH)
    rows = dict(np.load(file.with_suffix(".npz")))
    ends = np.cumsum(rows["computed"])
    found = []
    for i, end in enumerate(ends):
        own, computed = int(rows["own"][i]), int(rows["computed"][i])
        weights = np.ones(computed, np.float32)
        merge = FINE_MERGE if is_fine(i) else MERGE
        weights[own:] = merge
        weights[-1] -= weights.sum() - WINDOW_SECONDS * 50
        whose = part, int(rows["label"][i]), str(rows["group"][i]), str(rows["text"][i]), str(rows["path"][i])
        found.append(Rendition(*whose, states[end - computed : end], weights, rows["mean"][i], is_masked(part, i), is_fine(i)))
    return found


def first_head(model, train: list[Rendition], gain: float, deviation: float) -> torch.Tensor:
    """Start the stock head from a logistic regression on the pretrained encoder's means; return the mean of these.

    The projector standardises them, and the logits are scaled by `gain`. At their full size the head magnifies how little the
    clips' means differ, so that the encoder's first steps destroy more than they teach.
    """
    known = [r for r in train if not np.isnan(r.mean[0])]
    x, y = np.stack([r.mean for r in known]), [r.label for r in known]
    x -= x.mean(1, keepdims=True)
    usual = 1.4  # deviation over channels before the norm (the middle of 16 clips' frames)
    norm = model.encoder.layer_norm
    x = x / usual * norm.weight.detach().numpy() + norm.bias.detach().numpy()
    mean, scale = x.mean(0), x.std(0)
    with torch.no_grad():
        model.projector.weight.copy_(torch.diag(torch.from_numpy(1 / scale)))
        model.projector.bias.zero_()
        unused = loosen_norm(model, deviation, usual)
        z = (x - mean) / scale
        z[:, unused] = 0
        fit = LogisticRegression(C=0.1, max_iter=300).fit(z, y)
        model.classifier.weight.copy_(torch.from_numpy(gain * fit.coef_))
        model.classifier.bias.copy_(torch.from_numpy(gain * fit.intercept_))
    return torch.from_numpy(mean)


def loosen_norm(model, deviation: float, usual: float) -> list[int]:
    """Let a few strong frames outweigh many weak ones in the mean over the window.

    The encoder's last layer norm gives every frame the same deviation over channels, so the frames of the one word that decides
    weigh no more than as many frames of silence. Here the two channels that the head uses least are set to large constants of
    opposite sign: they rule what the norm divides by, and what the layers below find strong in a frame stays strong. `usual` is
    the deviation that frames have, `deviation` the one that they get; the norm's weights make up for it.
    """
    encoder = model.encoder
    used = model.projector.weight.abs().mean(0) * encoder.layer_norm.weight.abs()
    up, down = used.topk(2, largest=False).indices.tolist()
    constant = ((deviation**2 - usual**2) * len(used) / 2) ** 0.5
    with torch.no_grad():
        model.projector.weight[:, [up, down]] = 0
        encoder.layers[-1].fc2.bias[up] += constant
        encoder.layers[-1].fc2.bias[down] -= constant
        encoder.layer_norm.weight.mul_(deviation / usual)
    return [up, down]


def freeze(encoder: nn.Module) -> None:
    """Leave as they are the positions, the convolutions and the lowest layers."""
    for part in (encoder.embed_positions, encoder.conv1, encoder.conv2, *encoder.layers[:FROZEN]):
        part.requires_grad_(False)


def words_of(text: str) -> set[str]:
    """The words of a transcript; of a Korean word its first two syllables, since particles and endings follow."""
    return {word[:2] if re.match("[가-힣]", word) else word for word in re.findall(r"[\w']+", text.lower())}


def vocabulary(texts: list[str], least: int = 10) -> dict[str, int]:
    """The words that at least so many training clips hold, numbered."""
    counts = Counter(word for text in texts for word in words_of(text))
    return {word: i for i, word in enumerate(sorted(word for word, count in counts.items() if count >= least))}


def words_head(texts: list[str], known: dict[str, int]) -> nn.Linear:
    """A second head for training alone: which words are in the clip? It starts at how often each word is in one."""
    counts = Counter(word for text in texts for word in words_of(text) if word in known)
    head = nn.Linear(WIDTH, len(known))
    with torch.no_grad():
        head.weight.zero_()
        head.bias.copy_(torch.logit(torch.tensor([counts[word] / len(texts) for word in known])))
    return head


def centred(pooled: torch.Tensor, centre: torch.Tensor) -> torch.Tensor:
    """The clips' means [shape=(clips, width)] less `centre`, the running mean of all, which takes a step towards these.

    A small step of the encoder moves all means together by more than they differ from each other. So what they share is taken
    off, and no gradient goes that way: the batch's mean is subtracted, and added again as a constant.
    """
    own = pooled.mean(0)
    left = pooled - own + (own - centre).detach()
    centre.lerp_(own.detach(), FOLLOW)
    return left


def what_the_words_say(train: list[Rendition], classes: int) -> dict[str, np.ndarray]:
    """For each transcript what a text classifier, trained on the others, takes the intent to be.

    Some genuine labels contradict the words; a target that leans towards the words pulls less in the wrong direction. The
    classifier hears nothing of the clips kept out: it is fitted on the training clips' transcripts alone, in five folds.
    """
    texts = {r.text: r.label for r in train if r.label >= 0}
    x, y = np.array(list(texts), dtype=object), np.array(list(texts.values()))
    reader = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=2, sublinear_tf=True),
        ),
        LogisticRegression(C=10, max_iter=200),
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    said = cross_val_predict(reader, x, y, cv=folds, method="predict_proba")
    assert said.shape[1] == classes
    return dict(zip(x, said, strict=True))


def optimiser(model, second: nn.Linear, lr: float, decay: float, steps: int):
    groups = [{"params": list(second.parameters()), "lr": 10 * lr, "weight_decay": 0.0}]
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        layer = re.search(r"layers\.(\d)", name)
        depth = 0 if "encoder" not in name or "encoder.layer_norm" in name else 4 - int(layer[1]) if layer else 5
        rate = lr * decay**depth
        groups.append({"params": [p], "lr": rate, "weight_decay": 0.05 if p.ndim > 1 else 0.0})
    opt = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, [g["lr"] for g in groups], total_steps=steps, pct_start=0.05)
    return opt, schedule


def epoch_batches(train: list[Rendition], args: argparse.Namespace, epoch: int) -> list[list[Rendition]]:
    """As many renditions of each origin as asked for, in turn; neighbours in a batch have similar lengths.

    The first epochs hear genuine calls unmasked, since a new head drowns in masks, the last one as they are heard in use.
    """
    rng = np.random.default_rng([args.seed, epoch])
    first, last = epoch < FIRST, epoch == args.epochs - 1
    counts = {"synthetic-en": args.synthetic_en, "synthetic-ko": args.synthetic_ko}
    chosen: list[Rendition] = []
    for origin in PARTS[:-1]:
        clips: dict[str, list[Rendition]] = {}
        for r in train:
            if r.origin == origin and r.fine == last and (last or origin not in GENUINE or r.masked != first):
                clips.setdefault(r.path, []).append(r)
        order = np.random.default_rng([args.seed, len(origin)]).permutation(sorted(clips))
        count = min(counts.get(origin, len(order)), len(order))
        for i in range(epoch * count, (epoch + 1) * count) if count else ():
            of_clip = clips[order[i % len(order)]]
            chosen.append(of_clip[(i // len(order) + i % len(order)) % len(of_clip)])
    nobody = [r for r in train if r.origin == "no-call" and r.fine == last]
    count = round(args.no_call * len(chosen))
    chosen += [nobody[(epoch * count + i) % len(nobody)] for i in range(count)]
    order = sorted(range(len(chosen)), key=lambda i: len(chosen[i].states) * rng.uniform(0.85, 1.15))
    batches = [[chosen[i] for i in order[s : s + args.batch]] for s in range(0, len(order), args.batch)]
    return [batches[i] for i in rng.permutation(len(batches))]


def stacked(batch: list[Rendition]) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch's states [shape=(clips, computed, width)] and weights [shape=(clips, computed)], with zeros up to the longest."""
    longest = max(len(r.states) for r in batch)
    x, weights = torch.zeros(len(batch), longest, WIDTH), torch.zeros(len(batch), longest)
    for i, r in enumerate(batch):
        x[i, : len(r.states)] = torch.from_numpy(r.states.astype(np.float32))
        weights[i, : len(r.states)] = torch.from_numpy(r.weights)
    return x.to(DEVICE), weights.to(DEVICE)


@dataclass
class Learner:
    model: WhisperForAudioClassification
    centre: torch.Tensor  # running mean of the pooled states, [shape=(width,)]
    second: nn.Linear  # the head for words
    known: dict[str, int]  # its words
    told: dict[str, np.ndarray]  # what a text classifier takes a transcript for


def train_epoch(learner: Learner, batches, opt, schedule, args, epoch: int, log) -> float:
    model, known = learner.model, learner.known
    model.train()
    total, missed_total, started = 0.0, 0.0, time.time()
    progress = tqdm(batches, desc=f"{args.out.name}, epoch {epoch + 1} of {args.epochs}", unit="batch", mininterval=10)
    for number, batch in enumerate(progress):
        targets = torch.full((len(batch), args.classes), 1 / args.classes)
        said = torch.zeros(len(batch), len(known))
        for i, r in enumerate(batch):
            if r.label < 0:
                continue
            targets[i] *= args.smoothing
            targets[i, r.label] += 1 - args.smoothing - args.reading
            targets[i] += args.reading * torch.from_numpy(learner.told[r.text]).float()
            said[i, [known[word] for word in words_of(r.text) if word in known]] = 1
        x, weights = stacked(batch)
        with torch.autocast(DEVICE, torch.bfloat16, enabled=BF16):
            last = model.encoder.layer_norm(upper_states(model.encoder, x, weights))
            heard = model.projector(centred(window_mean(last, weights).float(), learner.centre))
            logits, words = model.classifier(heard).float(), learner.second(heard).float()
        loss = -(targets.to(DEVICE) * logits.log_softmax(-1)).sum(-1).mean()
        missed = nn.functional.binary_cross_entropy_with_logits(words, said.to(DEVICE), reduction="sum") / said.sum().clamp(1)
        (loss + args.words * missed).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        schedule.step()
        total, missed_total = total + loss.item(), missed_total + missed.item()
        if number % 10 == 0:
            means = {"loss": round(total / (number + 1), 4), "words": round(missed_total / (number + 1), 4)}
            log(epoch=epoch, batch=number, of=len(batches), **means, s=round(time.time() - started))
    return total / len(batches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--genuine", default="PolyAI/minds14", help="Hub id, or a folder in its layout")
    parser.add_argument("--train", default="en-AU,en-GB", help="varieties of genuine calls, or none")
    parser.add_argument("--test", default="", help="a variety held out whole")
    parser.add_argument("--fold", default="", help="k/n: hold out the k-th of n parts of the genuine calls")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; with --hear the folder of all runs")
    parser.add_argument("--hear", choices=PARTS, help="only write what the frozen layers make of these clips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=17)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--decay", type=float, default=0.8, help="factor of the rate per layer towards the input")
    parser.add_argument("--smoothing", type=float, default=0.05, help="share of the target that is uniform")
    parser.add_argument("--reading", type=float, default=0.5, help="share of the target that a text classifier gives")
    parser.add_argument("--no-call", type=float, default=0.08, help="sounds without speech, target uniform, for each clip")
    parser.add_argument("--synthetic-en", type=int, default=700, help="synthetic English clips per epoch")
    parser.add_argument("--synthetic-ko", type=int, default=600, help="synthetic Korean clips per epoch")
    parser.add_argument("--sounds", default="", help="Parquet file of ESC-10's sounds, for clips in which nobody speaks")
    parser.add_argument("--words", type=float, default=0.3, help="weight of the second task: which words were said")
    parser.add_argument("--gain", type=float, default=0.25, help="size of the first head's logits")
    parser.add_argument("--loosen", type=float, default=10, help="deviation over channels that the last norm shall see")
    parser.add_argument("--classes", type=int, default=14)
    args = parser.parse_args()
    made = args.out / (f"heard-{args.hear}.npy" if args.hear else "model.safetensors")
    if made.exists():
        print(f"{made} is there already; to make it anew, delete it first.")
        return
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # so that the same seed gives the same weights; start two runs side by side to use two cores
    if args.hear:
        hear(args.hear, args)
        return

    def log(**entry) -> None:
        with (args.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")

    started = time.time()
    unused = {name for name, wanted in (("synthetic-en", args.synthetic_en), ("synthetic-ko", args.synthetic_ko)) if not wanted}
    train, test = split([r for part in PARTS if part not in unused for r in renditions(part, args.out.parent)], args)
    log(args={k: str(v) for k, v in vars(args).items()}, train=len({r.path for r in train}), test=len(test))

    labels = load("en-AU", args.genuine, "en-AU", 1)[1]
    torch.manual_seed(args.seed)
    model, extractor = model_and_extractor(labels)
    model.set_attn_implementation(ATTENTION)
    texts = list({r.path: r.text for r in train if r.label >= 0}.values())
    known = vocabulary(texts)
    second = words_head(texts, known)
    centre = first_head(model, train, args.gain, args.loosen)
    batches = [epoch_batches(train, args, epoch) for epoch in range(args.epochs)]
    freeze(model.encoder)
    model, second, centre = model.to(DEVICE), second.to(DEVICE), centre.to(DEVICE)
    learner = Learner(model, centre, second, known, what_the_words_say(train, args.classes))
    opt, schedule = optimiser(model, second, args.lr, args.decay, sum(map(len, batches)))
    checkpoint = args.out / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=DEVICE)
        model.load_state_dict(state["model"])
        second.load_state_dict(state["second"])
        centre.copy_(state["centre"])
        opt.load_state_dict(state["opt"])
        schedule.load_state_dict(state["schedule"])
        first = state["epoch"] + 1
    for epoch in range(first, args.epochs):
        loss = train_epoch(learner, batches[epoch], opt, schedule, args, epoch, log)
        rest = {"model": model.state_dict(), "second": second.state_dict(), "centre": centre}
        torch.save(rest | {"opt": opt.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}, checkpoint)
        log(epoch=epoch, loss=round(loss, 4), s=round(time.time() - started))
    with torch.no_grad():
        model.projector.bias -= model.projector.weight @ centre  # from here on it is the stock head
    if test:
        origins = [name for name in GENUINE if any(path.startswith(name) for path in test)]
        clips = [clip for name in origins for clip in load(name, args.genuine, name)[0] if clip.path in test]
        out = predict(model, extractor, [clip.array for clip in clips])
        truth = np.array([clip.label for clip in clips])
        whose = {"groups": [clip.group for clip in clips], "origins": [clip.path.split("/")[0] for clip in clips]}
        np.savez(args.out / "test.npz", logits=out, labels=truth, **whose)
        log(test=round(float((out.argmax(1) == truth).mean()), 4), s=round(time.time() - started))
    model.half().save_pretrained(args.out)
    extractor.save_pretrained(args.out)
    checkpoint.unlink(missing_ok=True)
    log(done=True, s=round(time.time() - started))


if __name__ == "__main__":
    main()
