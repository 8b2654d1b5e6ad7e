"""Train the bundled sound model: the first layer of Whisper tiny.en's encoder under the stock mean-pooling head.

    python recipes/train_sound_model.py --hold-out 1 --out build/sounds/fold-1     keep one genuine fold out, and measure on it
    python recipes/train_sound_model.py --out build/sounds/final                   everything, as bundled

It learns from what `make_sounds.py` wrote to build/sounds/train.parquet, from genuine ESC-10 clips (`--genuine`, a Parquet with the
columns audio, label and fold) and, for genuine speech, from calls of MInDS-14 (`--calls`: the Hub's id or a folder in its layout).
The targets are multi-hot and sounds are mixed, so that both ways of scoring work: softmax for "which of these", sigmoid for "which
are there". Progress and result: <out>/log.jsonl; a stopped run goes on where its last epoch ended.
"""

from __future__ import annotations

import argparse
import io
import json
import time
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


def model_and_extractor(layers: int) -> tuple[WhisperForAudioClassification, WhisperFeatureExtractor]:
    """A classifier on the first layers of the pretrained encoder; `first_head` makes its head."""
    model = WhisperForAudioClassification(
        WhisperConfig(
            d_model=WIDTH,
            encoder_layers=layers,
            encoder_attention_heads=6,
            encoder_ffn_dim=1536,
            decoder_layers=layers,
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
    kept = {name: w for name, w in weights.items() if not name.startswith("layers.") or int(name.split(".")[1]) < layers}
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

    Half of the clips become brighter or duller, by up to 15 dB from one end of the bands to the other (a unit of Whisper's features
    is 40 dB). Up to two stripes of up to 12 bands and of up to 60 frames are set to the clip's mean (Park et al. 2019).
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


def example(pool: Pool, rng: np.random.Generator, mix: float) -> tuple[np.ndarray, np.ndarray]:
    """One training example: samples, and the classes in them [shape=(classes,)]."""
    target = np.zeros(len(LABELS), np.float32)
    arrays = []
    for _ in range(2 if rng.random() < mix else 1):
        clip = pool.draw(rng)
        arrays.append(rendering(clip.array.astype(np.float32), rng, noise=clip.label != LABELS.index("noise")))
        if clip.label >= 0:
            target[clip.label] = 1
    return arrays[0] if len(arrays) == 1 else mixed(*arrays, rng), target


def first_head(model, extractor, pool: Pool, rng: np.random.Generator, clips: int) -> None:
    """Start the stock head from a logistic regression on the frozen encoder's means (projector = identity)."""
    rows, labels = [], []
    while len(labels) < clips:
        batch = [clip for clip in (pool.draw(rng) for _ in range(16)) if clip.label >= 0]
        arrays = [rendering(clip.array.astype(np.float32), rng, noise=clip.label != LABELS.index("noise")) for clip in batch]
        mel = features(extractor, arrays)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            rows.append(model.encoder(mel)[0].mean(1).float().numpy())
        labels += [clip.label for clip in batch]
    x = np.concatenate(rows)
    mean, scale = x.mean(0), x.std(0)
    fit = LogisticRegression(C=0.03, max_iter=500).fit((x - mean) / scale, labels)
    with torch.no_grad():
        model.projector.weight.copy_(torch.eye(WIDTH))
        model.projector.bias.zero_()
        model.classifier.weight.copy_(torch.from_numpy(fit.coef_ / scale))
        model.classifier.bias.copy_(torch.from_numpy(fit.intercept_ - (fit.coef_ / scale) @ mean))


def loss_of(logits: torch.Tensor, target: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Is each class there (sigmoid)? And where exactly one is: which (softmax)?"""
    soft = target * (1 - smoothing) + (1 - target) * smoothing / 10
    each = nn.functional.binary_cross_entropy_with_logits(logits, soft, reduction="none").sum(1)
    one = (target.sum(1) == 1).float()
    which = -(target * logits.log_softmax(1)).sum(1) * one
    return (each + which).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--hold-out", type=int, default=0, help="a fold of ESC-10 to keep out and measure on")
    parser.add_argument("--genuine", type=Path, default=ESC10)
    parser.add_argument("--calls", default="PolyAI/minds14", help="Hub id, or a folder in its layout")
    parser.add_argument("--no-synthetic", action="store_true")
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--clips", type=int, default=1200, help="examples per epoch")
    parser.add_argument("--head-clips", type=int, default=1000, help="renderings that the first head is fitted on")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--mix", type=float, default=0.3, help="share of examples that are two sounds at once")
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--shares", type=float, nargs=3, default=[0.55, 0.05, 0.4], help="ESC-10, genuine calls, synthetic")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    def log(**entry) -> None:
        with (args.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")

    torch.set_num_threads(1)  # so that the same seed gives the same weights
    started = time.time()
    genuine = esc10_clips(args.genuine)
    train = {
        "esc10": [c for c in genuine if c.fold != args.hold_out],
        "calls": call_clips(args.calls, "en-AU", 0, CALL_EVERY),
        "synthetic": [] if args.no_synthetic else made_clips(TRAIN),
    }
    test = {
        "fold": [c for c in genuine if c.fold == args.hold_out],
        "synthetic": made_clips(BUNDLED / "data" / "train-00000-of-00001.parquet"),
        "calls": call_clips(args.calls, "en-GB", 3, 12),
    }
    sizes = {name: len(clips) for name, clips in train.items()}
    log(args={k: str(v) for k, v in vars(args).items()}, train=sizes, s=round(time.time() - started))

    torch.manual_seed(args.seed)
    model, extractor = model_and_extractor(args.layers)
    pool = Pool(train, dict(zip(("esc10", "calls", "synthetic"), args.shares, strict=True)))
    groups = []
    for name, p in model.named_parameters():
        if "embed_positions" in name or ".conv" in name:
            p.requires_grad_(False)  # the positions are fixed sinusoids; the convolutions are cheaper kept, and good as they are
        else:
            rate = args.lr if "encoder" in name and "encoder.layer_norm" not in name else 2 * args.lr
            groups.append({"params": [p], "lr": rate, "weight_decay": 0.05 if p.ndim > 1 else 0.0})
    opt = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    steps = args.epochs * (args.clips // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, [g["lr"] for g in groups], total_steps=steps, pct_start=0.15)
    checkpoint, first = args.out / "checkpoint.pt", 0

    def measure(epoch: int) -> None:
        right = {}
        for name, clips in test.items():
            if clips:
                out, truth = predict(model, extractor, [c.array.astype(np.float32) for c in clips]), np.array([c.label for c in clips])
                right[name] = round(float((out.argmax(1) == truth).mean()), 4)
                np.savez(args.out / f"{name}.npz", logits=out, labels=truth)
        log(epoch=epoch, **right)

    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        schedule.load_state_dict(state["schedule"])
        first = state["epoch"] + 1
    else:
        first_head(model, extractor, pool, np.random.default_rng([args.seed, 99]), args.head_clips)
        measure(-1)
    for epoch in range(first, args.epochs):
        rng = np.random.default_rng([args.seed, epoch])
        torch.manual_seed(1000 * args.seed + epoch)
        model.train()
        total = 0.0
        for _ in range(args.clips // args.batch):
            examples = [example(pool, rng, args.mix) for _ in range(args.batch)]
            mel = spec_augment(features(extractor, [y for y, _ in examples]), rng)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(mel).logits
            loss = loss_of(logits.float(), torch.from_numpy(np.array([t for _, t in examples])), args.smoothing)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            opt.zero_grad()
            schedule.step()
            total += loss.item()
        state = {"model": model.state_dict(), "opt": opt.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}
        torch.save(state, checkpoint)
        log(epoch=epoch, loss=round(total / (args.clips // args.batch), 4), s=round(time.time() - started))
        if epoch in (args.epochs // 2, args.epochs - 1):
            measure(epoch)
    model.half().save_pretrained(args.out)
    config = json.loads((args.out / "config.json").read_text())
    config["dtype"] = "float32"  # else it would run in fp16 on a CPU
    (args.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    extractor.save_pretrained(args.out)
    checkpoint.unlink(missing_ok=True)
    log(done=True, s=round(time.time() - started))


if __name__ == "__main__":
    main()
