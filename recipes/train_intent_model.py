"""Train the bundled intent model: Whisper tiny.en's encoder under the stock mean-pooling head.

    python recipes/train_intent_model.py --pool genuine --out build/model     (once, before all runs; also for the other parts)
    python recipes/train_intent_model.py --train en-AU --test en-GB --out build/model/au-0

One run of many: `recipes/train_intent_models.sh` says which ones the bundled model is made of.

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
from transformers import WhisperFeatureExtractor, WhisperForAudioClassification

import augment
from whisper_encoder import WINDOW_SECONDS, model_and_extractor

RATE = 16_000
WINDOW = WINDOW_SECONDS * RATE
REVISION = "40ce77cb32a384e4d50a568e1ec39ac804019d33"
SPEECH = Path("build/speech")
PARTS = ("genuine", "synthetic-en", "synthetic-ko")
REST = "rest.pt"  # what a run leaves beside its model for one that goes on from it
FOLLOW = 0.03  # the running mean's step towards each batch
POOLED = 1600  # clips of each part, at most, on whose means the first head is fitted
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
# A CPU without dot products for bf16 multiplies in it at a fifth of the speed of fp32 (30 against 144 GFLOP/s on one).
BF16 = DEVICE == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
ATTENTION = "eager" if BF16 else "sdpa"  # either is the faster one on a CPU: 1.4 times a step, 1.3 on calls of 10 s


@dataclass
class Clip:
    samples: np.ndarray  # int16 mono, 16 kHz: half the memory, and finer than the 8-bit mu-law that calls are stored in
    label: int
    origin: str  # "en-AU", "en-GB", "synthetic-en", "synthetic-ko"
    group: str  # clips of one call share it: they must not be split
    text: str  # what was said
    path: str  # origin and file name

    @property
    def array(self) -> np.ndarray:
        """The waveform, float32 in [-1, 1]."""
        return self.samples.astype(np.float32) / 32768


def call_group(path: str) -> str:
    """The call that a clip belongs to: file names `CA<hash>_N.wav` share a call, any other name is its own.

    The hash of one call stands in the file names of both varieties, so the group does not name the variety for these.
    """
    shared = re.search(r"(CA[0-9a-f]{32})_", path)
    return shared[1] if shared else path


def load(name: str, folder: str, origin: str) -> tuple[list[Clip], list[str]]:
    """The clips of one Parquet file or of one config, and the config's labels; from the Hub always the same revision."""
    if folder.endswith(".parquet"):
        rows = load_dataset("parquet", data_files=folder, split="train").cast_column("audio", Audio(decode=False))
        labels: list[str] = []
    else:
        rows = load_dataset(folder, name=name, split="train", revision=REVISION if folder == "PolyAI/minds14" else None)
        labels = rows.features["intent_class"].names
        rows = rows.cast_column("audio", Audio(decode=False))
    clips = []
    for row in rows:
        y, rate = sf.read(BytesIO(row["audio"]["bytes"]), dtype="int16")
        group, path = call_group(row["path"]), f"{origin}/{row['path']}"
        clips.append(Clip(soxr.resample(y, rate, RATE), row["intent_class"], origin, group, row["transcription"], path))
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
    batch = extractor(
        arrays, sampling_rate=RATE, max_length=frames * 160, padding="max_length", truncation=True, return_tensors="pt"
    )
    return batch.input_features


def merged_padding(encoder: nn.Module, tokens: int, merge: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions for a window in which `merge` tokens of padding are computed as one.

    Most of a typical window is padding, which is constant but for its position, and attention and mean see all of it. A token
    with the mean position of its eight, counted eight times in both, costs an eighth and leaves the window's mean where it was,
    to half of its standard deviation over clips (of four: 0.3). Leaving padding out trains faster still, but a model that has
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


def window_states(encoder: nn.Module, mel: torch.Tensor, merge: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """The encoder's last states over the window, [shape=(clips, computed, width)], and how many tokens each stands for.

    `mel` [shape=(clips, 80, frames)] is the full window, and this the stock forward pass; or it ends with at least 15 tokens of
    padding after the longest clip, and the rest of the window is merged.
    """
    x = gelu(encoder.conv1(mel))
    x = gelu(encoder.conv2(x)).permute(0, 2, 1)
    with torch.no_grad():  # they are fixed sinusoids
        positions, weights = merged_padding(encoder, x.shape[1], merge)
    merged = len(positions) - x.shape[1]
    if merged:
        x = torch.cat([x, x[:, -3:-2].expand(-1, merged, -1)], 1)  # the very last token sees the edge
    x = x + positions
    counted = weights.log()[None, None, None].to(torch.bfloat16 if BF16 else torch.float32) if merged else None
    for layer in encoder.layers:
        x = layer(x, counted)
    return encoder.layer_norm(x), weights


def window_mean(states: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """What the stock head sees of the states: their mean over the window, [shape=(clips, width)]."""
    return (states * weights[:, None]).sum(1) / weights.sum()


def frames_of(arrays: list[np.ndarray]) -> int:
    """How many frames of the window a batch needs: up to its longest clip, and 15 tokens (two frames each) of padding or more.

    A multiple of 50, since each new shape costs memory that oneDNN keeps.
    """
    needed = 2 * (max(len(a) for a in arrays) // 320 + 15)
    return min(WINDOW_SECONDS * 100, -(-needed // 50) * 50)


def predict(model, extractor, arrays: list[np.ndarray]) -> np.ndarray:
    """Logits of clips on the full window: what the stock pipeline computes, [shape=(len(arrays), classes)]."""
    model.eval()
    rows = []
    with torch.inference_mode():
        for start in range(0, len(arrays), 8):
            mel = features(extractor, arrays[start : start + 8], WINDOW_SECONDS * 100).to(DEVICE)
            with torch.autocast(DEVICE, torch.bfloat16, enabled=BF16):
                heard = window_mean(*window_states(model.encoder, mel))
                rows.append(model.classifier(model.projector(heard)).float().cpu().numpy())
    return np.concatenate(rows)


def split(clips: list[Clip], args: argparse.Namespace) -> tuple[list[Clip], list[Clip]]:
    """Training and test clips; test clips are genuine, and no call stands on both sides."""
    genuine = [c for c in clips if not c.origin.startswith("synthetic")]
    if args.fold:
        k, n = map(int, args.fold.split("/"))
        test = [c for c in genuine if zlib.crc32(c.group.encode()) % n == k]
    else:
        test = [c for c in genuine if c.origin == args.test]
    groups = {c.group for c in test}
    chosen = set(args.train.split(",")) | {"synthetic-en", "synthetic-ko"}
    train = [c for c in clips if c.origin in chosen and (c.group not in groups) and c.origin != args.test]
    return train, test


def pool_frozen(clips: list[Clip], target: Path) -> None:
    """Write what the pretrained encoder makes of clips, for `first_head`: the mean of its last states before their norm."""
    model, extractor = model_and_extractor([str(i) for i in range(14)])
    model.eval().to(DEVICE).set_attn_implementation(ATTENTION)
    states: list[torch.Tensor] = []
    model.encoder.layer_norm.register_forward_pre_hook(lambda _, x: states.append(x[0].float()))
    rng = np.random.default_rng(0)
    chosen = [clips[i] for i in rng.permutation(len(clips))[:POOLED]]
    chosen.sort(key=lambda clip: len(clip.samples))
    means = []
    with torch.inference_mode():
        for start in tqdm(range(0, len(chosen), 8), desc=target.stem, unit="batch", mininterval=10):
            batch = chosen[start : start + 8]
            arrays = [augment.call(c.array, rng, lambda: chosen[rng.integers(len(chosen))].array, 0.3)[:WINDOW] for c in batch]
            with torch.autocast(DEVICE, torch.bfloat16, enabled=BF16):
                _, weights = window_states(model.encoder, features(extractor, arrays, frames_of(arrays)).to(DEVICE), 8)
            means.append(window_mean(states.pop(), weights).cpu().numpy())
    np.savez(target, means=np.concatenate(means), paths=[c.path for c in chosen])


def first_head(model, train: list[Clip], folder: Path, gain: float, deviation: float) -> torch.Tensor:
    """Start the stock head from a logistic regression on the pretrained encoder's means; return the mean of these.

    The projector standardises them, and the logits are scaled by `gain`. At their full size the head magnifies how little the
    clips' means differ, so that the encoder's first steps destroy more than they teach.
    """
    found: dict[str, np.ndarray] = {}
    for part in PARTS:
        if not (file := folder / f"frozen-{part}.npz").exists():
            raise SystemExit(f"{file} is missing: run this with --pool {part} --out {folder} first.")
        pooled = np.load(file)
        found |= dict(zip(pooled["paths"], pooled["means"], strict=True))
    known = [clip for clip in train if clip.path in found]
    x, y = np.stack([found[clip.path] for clip in known]), [clip.label for clip in known]
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


def freeze(encoder: nn.Module, layers: int) -> None:
    """Leave the positions as they are and, with the lowest layers, the convolutions below them."""
    encoder.embed_positions.requires_grad_(False)
    if layers:
        for part in (encoder.conv1, encoder.conv2, *encoder.layers[:layers]):
            part.requires_grad_(False)


def words_of(text: str) -> set[str]:
    """The words of a transcript; of a Korean word its first two syllables, since particles and endings follow."""
    return {word[:2] if re.match("[가-힣]", word) else word for word in re.findall(r"[\w']+", text.lower())}


def vocabulary(train: list[Clip], least: int = 10) -> dict[str, int]:
    """The words that at least so many training clips hold, numbered."""
    counts = Counter(word for clip in train for word in words_of(clip.text))
    return {word: i for i, word in enumerate(sorted(word for word, count in counts.items() if count >= least))}


def words_head(train: list[Clip], known: dict[str, int]) -> nn.Linear:
    """A second head for training alone: which words are in the clip? It starts at how often each word is in one."""
    counts = Counter(word for clip in train for word in words_of(clip.text) if word in known)
    head = nn.Linear(384, len(known))
    with torch.no_grad():
        head.weight.zero_()
        head.bias.copy_(torch.logit(torch.tensor([counts[word] / len(train) for word in known])))
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


def what_the_words_say(train: list[Clip], classes: int) -> dict[str, np.ndarray]:
    """For each transcript what a text classifier, trained on the others, takes the intent to be.

    Some genuine labels contradict the words; a target that leans towards the words pulls less in the wrong direction. The
    classifier hears nothing of the clips kept out: it is fitted on the training clips' transcripts alone, in five folds.
    """
    texts = {c.text: c.label for c in train}
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


def epoch_batches(train: list[Clip], args: argparse.Namespace, epoch: int, rng: np.random.Generator) -> list[list[Clip]]:
    """As many clips of each origin as asked for, in turn; neighbours in a batch have similar lengths."""
    chosen: list[Clip] = []
    for origin, wanted in (("en-", args.genuine_clips), ("synthetic-en", args.synthetic_en), ("synthetic-ko", args.synthetic_ko)):
        pool = [c for c in train if c.origin.startswith(origin)]
        count = min(wanted, len(pool))
        order = np.random.default_rng([args.seed, len(pool)]).permutation(len(pool))
        chosen += [pool[order[(epoch * count + i) % len(pool)]] for i in range(count)]
    order = sorted(rng.permutation(len(chosen)), key=lambda i: min(len(chosen[i].samples), WINDOW) * rng.uniform(0.85, 1.15))
    batches = [[chosen[i] for i in order[s : s + args.batch]] for s in range(0, len(order), args.batch)]
    return [batches[i] for i in rng.permutation(len(batches))]


@dataclass
class Learner:
    model: WhisperForAudioClassification
    extractor: WhisperFeatureExtractor
    centre: torch.Tensor  # running mean of the pooled states, [shape=(width,)]
    second: nn.Linear  # the head for words
    known: dict[str, int]  # its words
    told: dict[str, np.ndarray]  # what a text classifier takes a transcript for


def train_epoch(learner: Learner, batches, opt, schedule, args, epoch: int, babble: list[Clip], sounds, log) -> float:
    model, known = learner.model, learner.known
    rng = np.random.default_rng([args.seed, epoch, 7])
    torch.manual_seed(args.seed * 1000 + epoch)
    model.train()
    total, missed_total, started = 0.0, 0.0, time.time()
    merge = args.last_merge if epoch == args.epochs - 1 else args.merge
    progress = tqdm(batches, desc=f"{args.out.name}, epoch {epoch + 1} of {args.epochs}", unit="batch", mininterval=10)
    for number, batch in enumerate(progress):
        arrays, targets = [], torch.full((len(batch), args.classes), args.smoothing / args.classes)
        said = torch.zeros(len(batch), len(known))
        for i, clip in enumerate(batch):
            if rng.random() < args.no_call:
                arrays.append(augment.no_call(rng, sounds)[: max(len(clip.samples), RATE)])
                targets[i] = 1 / args.classes
                continue
            y = clip.array
            if len(y) > WINDOW and rng.random() < 0.3:
                first = rng.integers(len(y) - WINDOW)
                y = y[first : first + WINDOW]
            arrays.append(augment.call(y, rng, lambda: babble[rng.integers(len(babble))].array, args.augment)[:WINDOW])
            targets[i, clip.label] += 1 - args.smoothing - args.reading
            targets[i] += args.reading * torch.from_numpy(learner.told[clip.text]).float()
            said[i, [known[word] for word in words_of(clip.text) if word in known]] = 1
        mel = features(learner.extractor, arrays, WINDOW_SECONDS * 100 if merge == 1 else frames_of(arrays)).to(DEVICE)
        with torch.autocast(DEVICE, torch.bfloat16, enabled=BF16):
            pooled = window_mean(*window_states(model.encoder, mel, merge)).float()
            heard = model.projector(centred(pooled, learner.centre))
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
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; with --pool the folder of all runs")
    parser.add_argument("--pool", choices=PARTS, help="only write what the pretrained encoder makes of these clips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--start-from", type=Path, help="a run with the same calls to go on from, in place of the first head")
    parser.add_argument("--merge", type=int, default=8, help="so many tokens of padding are computed as one")
    parser.add_argument("--last-merge", type=int, default=2, help="the same in the last epoch")
    parser.add_argument("--genuine-clips", type=int, default=10_000, help="genuine clips per epoch, at most")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--decay", type=float, default=0.8, help="factor of the rate per layer towards the input")
    parser.add_argument("--smoothing", type=float, default=0.05, help="share of the target that is uniform")
    parser.add_argument("--reading", type=float, default=0.25, help="share of the target that a text classifier gives")
    parser.add_argument("--no-call", type=float, default=0.06, help="share of sounds without speech, target uniform")
    parser.add_argument("--synthetic-en", type=int, default=700, help="synthetic English clips per epoch")
    parser.add_argument("--synthetic-ko", type=int, default=800, help="synthetic Korean clips per epoch")
    parser.add_argument("--sounds", default="", help="Parquet file of ESC-10's sounds, for clips in which nobody speaks")
    parser.add_argument("--augment", type=float, default=0.3, help="strength of room, line, noise and gain, 0 to 1")
    parser.add_argument("--words", type=float, default=0.3, help="weight of the second task: which words were said")
    parser.add_argument("--gain", type=float, default=0.25, help="size of the first head's logits")
    parser.add_argument("--frozen", type=int, default=2, help="lowest layers left as they are, with the convolutions")
    parser.add_argument("--loosen", type=float, default=10, help="deviation over channels that the last norm shall see")
    parser.add_argument("--classes", type=int, default=14)
    args = parser.parse_args()
    if (args.out / "model.safetensors").exists():
        print(f"{args.out} is trained already; to train it anew, delete that folder first.")
        return
    args.out.mkdir(parents=True, exist_ok=True)

    def log(**entry) -> None:
        with (args.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")

    torch.set_num_threads(1)  # so that the same seed gives the same weights; start two runs side by side to use two cores
    started = time.time()
    clips: list[Clip] = []
    labels: list[str] = []
    if args.pool in (None, "genuine"):
        for name in ("en-AU", "en-GB"):
            more, labels = load(name, args.genuine, name)
            clips += more
    for language in ("en", "ko"):
        if args.pool == f"synthetic-{language}" or not args.pool and getattr(args, f"synthetic_{language}"):
            path = SPEECH / f"train-{language}.parquet"
            clips += load("", str(path), f"synthetic-{language}")[0]
    if args.pool:
        pool_frozen(clips, args.out / f"frozen-{args.pool}.npz")
        return
    train, test = split(clips, args)
    log(args={k: str(v) for k, v in vars(args).items()}, train=len(train), test=len(test), s=round(time.time() - started))

    torch.manual_seed(args.seed)
    model, extractor = model_and_extractor(labels)
    model.set_attn_implementation(ATTENTION)
    known = vocabulary(train)
    second = words_head(train, known)
    if args.start_from:
        rest = torch.load(args.start_from / REST, weights_only=True, map_location="cpu")
        model.load_state_dict(rest["model"])
        second.load_state_dict(rest["second"])
        centre = rest["centre"]
    else:
        centre = first_head(model, train, args.out.parent, args.gain, args.loosen)
    babble = [c for c in train if c.origin != "synthetic-ko"]
    sounds = recordings(args.sounds) if args.sounds else []
    schedule_rng = [np.random.default_rng([args.seed, e]) for e in range(args.epochs)]
    batches = [epoch_batches(train, args, e, schedule_rng[e]) for e in range(args.epochs)]
    freeze(model.encoder, args.frozen)
    model, second, centre = model.to(DEVICE), second.to(DEVICE), centre.to(DEVICE)
    learner = Learner(model, extractor, centre, second, known, what_the_words_say(train, args.classes))
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
        loss = train_epoch(learner, batches[epoch], opt, schedule, args, epoch, babble, sounds, log)
        rest = {"model": model.state_dict(), "second": second.state_dict(), "centre": centre}
        torch.save(rest | {"opt": opt.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}, checkpoint)
        log(epoch=epoch, loss=round(loss, 4), s=round(time.time() - started))
    torch.save({"model": model.state_dict(), "second": second.state_dict(), "centre": centre}, args.out / REST)
    with torch.no_grad():
        model.projector.bias -= model.projector.weight @ centre  # from here on it is the stock head
    if test:
        out = predict(model, extractor, [c.array for c in test])
        truth = np.array([c.label for c in test])
        origins = [c.origin for c in test]
        np.savez(args.out / "test.npz", logits=out, labels=truth, groups=[c.group for c in test], origins=origins)
        log(test=round(float((out.argmax(1) == truth).mean()), 4), s=round(time.time() - started))
    model.half().save_pretrained(args.out)
    extractor.save_pretrained(args.out)
    checkpoint.unlink(missing_ok=True)
    log(done=True, s=round(time.time() - started))


if __name__ == "__main__":
    main()
