"""Train the bundled sound model: the first layer of Whisper tiny.en's encoder under the stock mean-pooling head.

    python recipes/train_sound_model.py --out build/sounds      fold-1, fold-2, fold-3 (each keeps one out) and final (everything)

It learns from what `make_sounds.py` wrote to build/sounds/train.parquet, from genuine ESC-10 clips (`--genuine`, a Parquet with
the columns audio, label and fold) and, for genuine speech, from calls of MInDS-14 (`--calls`: the Hub's id or a folder in its
layout). The targets are multi-hot and sounds are mixed, so that both ways of scoring work: softmax for "which of these", sigmoid
for "which are there".

Convolutions and attention stay as they are pretrained. So the examples go through them once, for all four runs, and what is
trained, the layer's feed-forward half and the head, sees the stored states: a run takes seconds, not minutes. Results:
<run>/log.jsonl, and the logits of what was kept out: <run>/fold.npz, synthetic.npz, calls.npz. A run whose weights are there is
not repeated.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import soundfile as sf
import soxr
import torch
from datasets import Audio, load_dataset
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, gelu
from tqdm import tqdm
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForAudioClassification

import augment
from make_sounds import BUNDLED, LABELS, TRAIN
from train_intent_model import REVISION
from whisper_encoder import encoder_weights

ROOT = Path(__file__).resolve().parents[1]
ESC10 = ROOT.parent / "shared" / "sounds" / "esc10-folds-1-3.parquet"
RATE = 16_000
WINDOW_SECONDS = 5  # the length of an ESC-10 clip
WINDOW = WINDOW_SECONDS * RATE
WIDTH = 384
CALL_EVERY = 8  # of the genuine calls, every eighth is trained on
STORED = 2  # of the states, every second is stored: 40 ms apart
FOLDS = (1, 2, 3)
TRAINED = ("fc1", "fc2", "layer_norm", "projector", "classifier")


@dataclass
class Clip:
    array: np.ndarray  # mono, 16 kHz; float16 halves the memory and keeps three digits of each sample
    label: int  # -1: none of the classes
    fold: int  # of ESC-10; 0 for what is not of it


def decoded(content: bytes) -> np.ndarray:
    y, rate = sf.read(io.BytesIO(content), dtype="float32")
    return soxr.resample(y if y.ndim == 1 else y.mean(1), rate, RATE).astype(np.float16)


def made_clips(file: Path) -> list[Clip]:
    """The clips of a Parquet that make_sounds.py wrote."""
    table = pq.read_table(file, columns=["audio", "label"]).to_pylist()
    return [Clip(decoded(row["audio"]["bytes"]), row["label"], 0) for row in table]


def esc10_clips(file: Path) -> list[Clip]:
    table = pq.read_table(file, columns=["audio", "label", "fold"]).to_pylist()
    return [Clip(decoded(row["audio"]["bytes"]), LABELS.index(row["label"]), row["fold"]) for row in table]


def call_clips(folder: str, config: str, first: int, every: int) -> list[Clip]:
    """Genuine speech: every so many calls of one config of MInDS-14."""
    revision = REVISION if folder == "PolyAI/minds14" else None
    rows = load_dataset(folder, name=config, split="train", revision=revision).cast_column("audio", Audio(decode=False))
    speech = LABELS.index("speech")
    return [Clip(decoded(rows[i]["audio"]["bytes"]), speech, 0) for i in range(first, len(rows), every)]


def model_and_extractor() -> tuple[WhisperForAudioClassification, WhisperFeatureExtractor]:
    """A classifier on the first layer of the pretrained encoder; `first_head` makes its head."""
    model = WhisperForAudioClassification(
        WhisperConfig(
            d_model=WIDTH,
            encoder_layers=1,
            encoder_attention_heads=6,
            encoder_ffn_dim=1536,
            decoder_layers=1,
            decoder_attention_heads=6,
            decoder_ffn_dim=1536,
            max_source_positions=WINDOW_SECONDS * 50,
            classifier_proj_size=WIDTH,
            id2label=dict(enumerate(LABELS)),
            label2id={label: i for i, label in enumerate(LABELS)},
        )
    )
    weights = encoder_weights()
    weights["embed_positions.weight"] = weights["embed_positions.weight"][: WINDOW_SECONDS * 50].clone()
    kept = {name: w for name, w in weights.items() if not name.startswith("layers.") or name.startswith("layers.0.")}
    kept["layer_norm.weight"], kept["layer_norm.bias"] = torch.ones(WIDTH), torch.zeros(WIDTH)  # the old one followed layer 4
    model.encoder.load_state_dict(kept)
    return model, WhisperFeatureExtractor(feature_size=80, chunk_length=WINDOW_SECONDS)


def features(extractor: WhisperFeatureExtractor, arrays: list[np.ndarray]) -> torch.Tensor:
    return extractor(arrays, sampling_rate=RATE, return_tensors="pt").input_features


def predict(model, extractor, arrays: list[np.ndarray]) -> np.ndarray:
    """Logits in float32, [shape=(len(arrays), classes)]."""
    model.eval()
    with torch.inference_mode():
        parts = [model(features(extractor, arrays[i : i + 16])).logits for i in range(0, len(arrays), 16)]
    return torch.cat(parts).numpy()


NOISES = [augment.coloured_noise(20 * RATE, e, np.random.default_rng(i)) for i, e in enumerate(np.linspace(0, 2, 9))]


def rendering(y: np.ndarray, rng: np.random.Generator, *, noise: bool) -> np.ndarray:
    """One random rendering of a sound: speed, place in the window, room, band, noise, gain. At most a window long."""
    if rng.random() < 0.7:
        y = soxr.resample(y, RATE, int(RATE * rng.uniform(0.85, 1.18)), "MQ")
    if rng.random() < 0.15 and len(y) > RATE:  # only a piece of it
        length = int(rng.uniform(0.35, 0.9) * len(y))
        first = rng.integers(0, len(y) - length + 1)
        piece = y[first : first + length]
        y = piece if piece.std() > 0.2 * y.std() else y
    if rng.random() < 0.5:
        y = np.roll(y, rng.integers(len(y)))
    if len(y) > WINDOW:
        y = y[:WINDOW]
    elif rng.random() < 0.5:
        y = np.pad(y, (rng.integers(0, WINDOW - len(y) + 1), 0))
    y = np.asarray(y, np.float32)
    if rng.random() < 0.2:
        y = augment.room(y, rng)
    if rng.random() < 0.12:
        y = augment.low_pass(y, rng.uniform(3000, 6500))
    if noise and rng.random() < 0.4:
        bank = NOISES[rng.integers(len(NOISES))]
        first = rng.integers(len(bank) - len(y) + 1)
        y = augment.add_at_snr(y, bank[first : first + len(y)], rng.uniform(8, 35))
    y = y * np.float32(10 ** (rng.uniform(-20, 6) / 20))
    return np.clip(y, -1, 1).astype(np.float32)


def mixed(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two sounds at once, their RMS no more than 5 dB apart."""
    n = max(len(first), len(second))
    a, b = (np.pad(y, (0, n - len(y))) for y in (first, second))
    b = b * (np.sqrt(np.mean(a**2)) + 1e-6) / (np.sqrt(np.mean(b**2)) + 1e-6) * 10 ** (rng.uniform(-5, 5) / 20)
    y = a + b
    return (y / max(1.0, np.abs(y).max())).astype(np.float32)


def spec_augment(mel: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Another microphone, and stripes.

    Half of the clips become brighter or duller, by up to 15 dB from one end of the bands to the other (a unit of Whisper's
    features is 40 dB). Up to two stripes of up to 12 bands and of up to 60 frames are set to the clip's mean (Park et al. 2019).
    """
    ramp = torch.linspace(-0.19, 0.19, mel.shape[1])[:, None]
    for row in mel:
        if rng.random() < 0.5:
            row += rng.uniform(-1, 1) * ramp * (row > row.min())  # padding and what is below the floor stay where they are
        fill = row.mean()
        for _ in range(rng.integers(0, 3)):
            size = int(rng.integers(1, 13))
            first = int(rng.integers(0, mel.shape[1] - size))
            row[first : first + size] = fill
        for _ in range(rng.integers(0, 3)):
            size = int(rng.integers(5, 61))
            first = int(rng.integers(0, mel.shape[2] - size))
            row[:, first : first + size] = fill
    return mel


class Pool:
    """Draws a source, then a class of it evenly, then a clip."""

    def __init__(self, sources: dict[str, list[Clip]], shares: dict[str, float]) -> None:
        self.names = [name for name in sources if sources[name]]
        self.shares = np.array([shares[name] for name in self.names])
        self.shares /= self.shares.sum()
        self.by_label = {
            name: {label: [c for c in sources[name] if c.label == label] for label in sorted({c.label for c in sources[name]})}
            for name in self.names
        }

    def draw(self, rng: np.random.Generator) -> Clip:
        labels = self.by_label[self.names[rng.choice(len(self.names), p=self.shares)]]
        clips = labels[list(labels)[rng.integers(len(labels))]]
        return clips[rng.integers(len(clips))]


@dataclass
class Examples:
    """What is trained on: states before the feed-forward half, the labels, and the ESC-10 folds that an example has sounds of."""

    states: torch.Tensor  # bfloat16 [shape=(n, tokens, width)]
    targets: torch.Tensor  # float32 [shape=(n, classes)]
    folds: torch.Tensor  # bool [shape=(n, 4)]; column 0 is unused

    def without(self, fold: int) -> np.ndarray:
        """The numbers of the examples in which nothing of this fold is heard."""
        return np.flatnonzero(~self.folds[:, fold].numpy()) if fold else np.arange(len(self.states))


def before_feed_forward(encoder: nn.Module, mel: torch.Tensor) -> torch.Tensor:
    """The first half of the encoder, [shape=(clips, 80, frames)] to [shape=(clips, frames / 2, width)]."""
    x = gelu(encoder.conv1(mel))
    x = gelu(encoder.conv2(x)).permute(0, 2, 1) + encoder.embed_positions.weight
    layer = encoder.layers[0]
    return x + layer.self_attn(layer.self_attn_layer_norm(x), attention_mask=None)[0]


def pooled(encoder: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The second half, which looks at each state by itself, and the mean over the states given."""
    layer = encoder.layers[0]
    x = x + layer.fc2(gelu(layer.fc1(layer.final_layer_norm(x))))
    return encoder.layer_norm(x).mean(1)


def prepare(model, extractor, pool: Pool, rng: np.random.Generator, count: int, mix: float) -> Examples:
    """Draw examples, three in ten of them two sounds at once, and take them through the frozen half."""
    targets = torch.zeros(count, len(LABELS))
    folds = torch.zeros(count, 4, dtype=torch.bool)
    states = torch.zeros(count, WINDOW_SECONDS * 50 // STORED, WIDTH, dtype=torch.bfloat16)
    for start in tqdm(range(0, count, 16), desc="examples", unit="batch"):
        arrays = []
        for i in range(start, min(start + 16, count)):
            parts = []
            for _ in range(2 if rng.random() < mix else 1):
                clip = pool.draw(rng)
                parts.append(rendering(clip.array.astype(np.float32), rng, noise=clip.label != LABELS.index("noise")))
                folds[i, clip.fold] = clip.fold > 0
                if clip.label >= 0:
                    targets[i, clip.label] = 1
            arrays.append(parts[0] if len(parts) == 1 else mixed(*parts, rng))
        mel = spec_augment(features(extractor, arrays), rng)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            states[start : start + len(arrays)] = before_feed_forward(model.encoder, mel)[:, rng.integers(STORED) :: STORED]
    return Examples(states, targets, folds)


def first_head(model, examples: Examples, numbers: np.ndarray) -> None:
    """Start the stock head from a logistic regression on the untrained encoder's means (projector = identity)."""
    single = [i for i in numbers if examples.targets[i].sum() == 1][:2000]
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        parts = [pooled(model.encoder, examples.states[single[i : i + 64]]).float().numpy() for i in range(0, len(single), 64)]
    x = np.concatenate(parts)
    mean, scale = x.mean(0), x.std(0)
    fit = LogisticRegression(C=0.03, max_iter=500).fit((x - mean) / scale, examples.targets[single].argmax(1).numpy())
    with torch.no_grad():
        model.projector.weight.copy_(torch.eye(WIDTH))
        model.projector.bias.zero_()
        model.classifier.weight.copy_(torch.from_numpy(fit.coef_ / scale))
        model.classifier.bias.copy_(torch.from_numpy(fit.intercept_ - (fit.coef_ / scale) @ mean))


def loss_of(logits: torch.Tensor, target: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Is each class there (sigmoid)? And where exactly one is: which (softmax)?"""
    soft = target * (1 - smoothing) + (1 - target) * smoothing / 10
    each = binary_cross_entropy_with_logits(logits, soft, reduction="none").sum(1)
    one = (target.sum(1) == 1).float()
    which = -(target * logits.log_softmax(1)).sum(1) * one
    return (each + which).mean()


def train(model, examples: Examples, numbers: np.ndarray, args: argparse.Namespace) -> Iterable[float]:
    """Tune the feed-forward half and the head; gives the mean loss of each epoch. A step sees every other stored state."""
    groups = []
    for name, p in model.named_parameters():
        trained = "self_attn" not in name and any(part in name for part in TRAINED)
        p.requires_grad_(trained)
        if trained:
            groups.append({"params": [p], "lr": args.lr, "weight_decay": 0.05 if p.ndim > 1 else 0.0})
    opt = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    steps = len(numbers) // args.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=args.epochs * steps, pct_start=0.15)
    for epoch in range(args.epochs):
        rng = np.random.default_rng([args.seed, epoch])
        order = rng.permutation(numbers)
        total = 0.0
        for step in range(steps):
            batch = np.sort(order[step * args.batch : (step + 1) * args.batch])
            with torch.autocast("cpu", torch.bfloat16):
                mean = pooled(model.encoder, examples.states[batch][:, rng.integers(2) :: 2].float())
                logits = model.classifier(model.projector(mean))
            loss = loss_of(logits.float(), examples.targets[batch], args.smoothing)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            opt.zero_grad()
            schedule.step()
            total += loss.item()
        yield total / steps


def run(hold_out: int, examples: Examples, test: dict[str, list[Clip]], args: argparse.Namespace) -> None:
    """Train one model, measure it, save it."""
    out = args.out / (f"fold-{hold_out}" if hold_out else "final")
    if (out / "model.safetensors").exists():
        return
    out.mkdir(parents=True, exist_ok=True)
    started = time.time()

    def log(**entry) -> None:
        line = json.dumps(entry | {"s": round(time.time() - started)})
        print(out.name, line, flush=True)
        with (out / "log.jsonl").open("a") as file:
            file.write(line + "\n")

    def measure(epoch: int) -> None:
        right = {}
        for name, clips in test.items():
            kept = [clip for clip in clips if clip.fold == (hold_out if name == "fold" else 0)]
            if kept:
                logits = predict(model, extractor, [clip.array.astype(np.float32) for clip in kept])
                truth = np.array([clip.label for clip in kept])
                right[name] = round(float((logits.argmax(1) == truth).mean()), 4)
                np.savez(out / f"{name}.npz", logits=logits, labels=truth)
        log(epoch=epoch, **right)

    torch.manual_seed(args.seed)
    model, extractor = model_and_extractor()
    numbers = examples.without(hold_out)
    log(args={k: str(v) for k, v in vars(args).items() if k != "out"}, hold_out=hold_out, examples=len(numbers))
    first_head(model, examples, numbers)
    measure(-1)
    for epoch, loss in enumerate(train(model, examples, numbers, args)):
        log(epoch=epoch, loss=round(loss, 4))
    measure(args.epochs - 1)
    model.half().save_pretrained(out)
    config = json.loads((out / "config.json").read_text())
    config["dtype"] = "float32"  # else it would run in fp16 on a CPU
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    extractor.save_pretrained(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TRAIN.parent)
    parser.add_argument("--genuine", type=Path, default=ESC10)
    parser.add_argument("--calls", default="PolyAI/minds14", help="Hub id, or a folder in its layout")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--examples", type=int, default=4800)
    parser.add_argument("--mix", type=float, default=0.3, help="share of examples that are two sounds at once")
    parser.add_argument("--shares", type=float, nargs=3, default=[0.5, 0.04, 0.46], help="ESC-10, genuine calls, synthetic")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=4e-4)
    parser.add_argument("--smoothing", type=float, default=0.05)
    args = parser.parse_args()
    torch.set_num_threads(1)  # so that the same seed gives the same weights

    genuine = esc10_clips(args.genuine)
    stored = args.out / "examples.pt"
    if stored.exists():
        examples = Examples(**torch.load(stored, weights_only=True))
    else:
        train_clips = {"esc10": genuine, "calls": call_clips(args.calls, "en-AU", 0, CALL_EVERY), "synthetic": made_clips(TRAIN)}
        model, extractor = model_and_extractor()
        pool = Pool(train_clips, dict(zip(train_clips, args.shares, strict=True)))
        examples = prepare(model, extractor, pool, np.random.default_rng(args.seed), args.examples, args.mix)
        torch.save(vars(examples), stored)
    test = {
        "fold": genuine,
        "synthetic": made_clips(BUNDLED / "data" / "train-00000-of-00001.parquet"),
        "calls": call_clips(args.calls, "en-GB", 3, 12),
    }
    for hold_out in (0, *FOLDS):
        run(hold_out, examples, test, args)


if __name__ == "__main__":
    main()
