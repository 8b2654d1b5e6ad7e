"""Train the bundled intent model: Whisper tiny.en's encoder, tuned whole, under the stock mean-pooling head.

    python recipes/train_intent_model.py --fold 0/4 --start-from build/model/speech --out build/model/fold-0
    python recipes/train_intent_model.py --train en-AU --test en-GB --start-from build/model/speech --out build/model/au-gb-0

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
from transformers import WhisperForAudioClassification

import augment
from whisper_encoder import WINDOW_SECONDS, model_and_extractor

RATE = 16_000
WINDOW = WINDOW_SECONDS * RATE
REVISION = "40ce77cb32a384e4d50a568e1ec39ac804019d33"
SPEECH = Path("build/speech")
WORDS = "words.pt"  # the second head of a run, beside its model
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@dataclass
class Clip:
    samples: np.ndarray  # int16 mono, 16 kHz: half the memory, and finer than the 8-bit mu-law that calls are stored in
    label: int
    origin: str  # "en-AU", "en-GB", "synthetic-en", "synthetic-ko"
    group: str  # clips of one call share it: they must not be split
    text: str  # what was said

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


def load(name: str, folder: str, origin: str, revision: str | None = None) -> tuple[list[Clip], list[str]]:
    if folder.endswith(".parquet"):
        rows = load_dataset("parquet", data_files=folder, split="train").cast_column("audio", Audio(decode=False))
        labels: list[str] = []
    else:
        rows = load_dataset(folder, name=name, split="train", revision=revision)
        labels = rows.features["intent_class"].names
        rows = rows.cast_column("audio", Audio(decode=False))
    clips = []
    for row in rows:
        y, rate = sf.read(BytesIO(row["audio"]["bytes"]), dtype="int16")
        clips.append(
            Clip(soxr.resample(y, rate, RATE), row["intent_class"], origin, call_group(row["path"]), row["transcription"])
        )
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
    with the mean position of its four, counted four times in both, costs a quarter and leaves the window's mean where it was, to
    0.3 of its standard deviation over clips (of eight: 0.5). Leaving padding out trains faster still, but a model that has never
    met it halves its accuracy on the full window; one random token of eight is wrong by 1.1, and training drowns in that.

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


def window_mean(encoder: nn.Module, mel: torch.Tensor, merge: int = 4) -> torch.Tensor:
    """Mean of the encoder's last states over the window, [shape=(clips, width)].

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
    counted = weights.log()[None, None, None].to(torch.bfloat16) if merged else None
    for layer in encoder.layers:
        x = layer(x, counted)
    return (encoder.layer_norm(x) * weights[:, None]).sum(1) / weights.sum()


def frames_of(arrays: list[np.ndarray]) -> int:
    """How many frames of the window a batch needs: up to its longest clip, and 15 tokens (two frames each) of padding or more.

    A multiple of 50, since each new shape costs memory that oneDNN keeps.
    """
    needed = 2 * (max(len(a) for a in arrays) // 320 + 15)
    return min(WINDOW_SECONDS * 100, -(-needed // 50) * 50)


def spec_augment(mel: torch.Tensor, lengths: list[int], rng: np.random.Generator) -> torch.Tensor:
    """Blank two bands of at most 12 mels and two stretches of at most 8 % of the call (Park et al. 2019)."""
    for i, length in enumerate(lengths):
        floor = mel[i].min()
        for _ in range(2):
            width, first = rng.integers(13), rng.integers(68)
            mel[i, first : first + width] = floor
            width = rng.integers(max(2, int(0.08 * length)))
            first = rng.integers(max(1, length - width))
            mel[i, :, first : first + width] = floor
    return mel


def predict(model, extractor, arrays: list[np.ndarray]) -> np.ndarray:
    """Logits of clips on the full window: what the stock pipeline computes, [shape=(len(arrays), classes)]."""
    model.eval()
    rows = []
    with torch.inference_mode():
        for start in range(0, len(arrays), 8):
            mel = features(extractor, arrays[start : start + 8], WINDOW_SECONDS * 100).to(DEVICE)
            with torch.autocast(DEVICE, torch.bfloat16):
                rows.append(model.classifier(model.projector(window_mean(model.encoder, mel))).float().cpu().numpy())
    return np.concatenate(rows)


def split(clips: list[Clip], args: argparse.Namespace) -> tuple[list[Clip], list[Clip]]:
    """Training and test clips; test clips are genuine, and no call stands on both sides."""
    genuine = [c for c in clips if not c.origin.startswith("synthetic")]
    if args.fold:
        k, n = map(int, args.fold.split("/"))
        test = [c for c in genuine if zlib.crc32(f"{args.seed}{c.group}".encode()) % n == k]
    else:
        test = [c for c in genuine if c.origin == args.test]
    groups = {c.group for c in test}
    chosen = set(args.train.split(",")) | {"synthetic-en", "synthetic-ko"}
    train = [c for c in clips if c.origin in chosen and (c.group not in groups) and c.origin != args.test]
    return train, test


def first_head(model, extractor, train: list[Clip], rng: np.random.Generator) -> None:
    """Start the stock head from a logistic regression on the frozen encoder's window means; the projector standardises them."""
    sample = sorted((train[i] for i in rng.permutation(len(train))[:1800]), key=lambda clip: len(clip.samples))
    rows = []
    with torch.inference_mode():
        for start in range(0, len(sample), 8):
            arrays = [clip.array[:WINDOW] for clip in sample[start : start + 8]]
            mel = features(extractor, arrays, frames_of(arrays)).to(DEVICE)
            with torch.autocast(DEVICE, torch.bfloat16):
                rows.append(window_mean(model.encoder, mel).float().cpu().numpy())
    x = np.concatenate(rows)
    mean, scale = x.mean(0), x.std(0)
    fit = LogisticRegression(C=0.001, max_iter=300).fit((x - mean) / scale, [c.label for c in sample])
    with torch.no_grad():
        model.projector.weight.copy_(torch.diag(torch.from_numpy(1 / scale)))
        model.projector.bias.copy_(torch.from_numpy(-mean / scale))
        model.classifier.weight.copy_(torch.from_numpy(fit.coef_))
        model.classifier.bias.copy_(torch.from_numpy(fit.intercept_))


def words_of(text: str) -> set[str]:
    """The words of a transcript; of a Korean word its first two syllables, since particles and endings follow."""
    return {word[:2] if re.match("[가-힣]", word) else word for word in re.findall(r"[\w']+", text.lower())}


def vocabulary(train: list[Clip], least: int = 10) -> dict[str, int]:
    """The words that at least so many training clips hold, numbered."""
    counts = Counter(word for clip in train for word in words_of(clip.text))
    return {word: i for i, word in enumerate(sorted(word for word, count in counts.items() if count >= least))}


def words_head(train: list[Clip], known: dict[str, int], start: Path | None) -> nn.Linear:
    """A second head for training alone: which words are in the clip?

    It starts at how often each word is in one, and words that the run at `start` knew as that run left them.
    """
    counts = Counter(word for clip in train for word in words_of(clip.text) if word in known)
    head = nn.Linear(384, len(known))
    with torch.no_grad():
        head.weight.zero_()
        share = torch.tensor([counts[word] / len(train) for word in known])
        head.bias.copy_(torch.logit(share))
        if start:
            before = torch.load(start / WORDS, weights_only=True)
            pairs = [(row, before["known"][word]) for word, row in known.items() if word in before["known"]]
            ours, theirs = map(list, zip(*pairs, strict=True))
            head.weight[ours] = before["weight"][theirs]
            head.bias[ours] = before["bias"][theirs]
    return head


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
        if "embed_positions" in name:
            continue
        layer = re.search(r"layers\.(\d)", name)
        depth = 0 if "encoder" not in name or "encoder.layer_norm" in name else 4 - int(layer[1]) if layer else 5
        rate = lr * decay**depth
        groups.append({"params": [p], "lr": rate, "weight_decay": 0.05 if p.ndim > 1 else 0.0})
    opt = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, [g["lr"] for g in groups], total_steps=steps, pct_start=0.15)
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


def train_epoch(
    model, second, known, told, extractor, batches, opt, schedule, args, epoch: int, babble: list[Clip], sounds, log
) -> float:
    rng = np.random.default_rng([args.seed, epoch, 7])
    torch.manual_seed(args.seed * 1000 + epoch)
    model.train()
    total, missed_total, started, full = 0.0, 0.0, time.time(), epoch >= args.epochs - args.full_epochs
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
            targets[i] += args.reading * torch.from_numpy(told[clip.text]).float()
            said[i, [known[word] for word in words_of(clip.text) if word in known]] = 1
        mel = features(extractor, arrays, WINDOW_SECONDS * 100 if full else frames_of(arrays))
        mel = spec_augment(mel, [len(a) // 160 for a in arrays], rng).to(DEVICE)
        with torch.autocast(DEVICE, torch.bfloat16):
            heard = model.projector(window_mean(model.encoder, mel, args.merge))
            logits, words = model.classifier(heard).float(), second(heard).float()
        loss = -(targets.to(DEVICE) * logits.log_softmax(-1)).sum(-1).mean()
        missed = nn.functional.binary_cross_entropy_with_logits(words, said.to(DEVICE), reduction="sum") / said.sum().clamp(1)
        (loss + args.words * missed).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad()
        schedule.step()
        total, missed_total = total + loss.item(), missed_total + missed.item()
        if number % 20 == 0:
            means = {"loss": round(total / (number + 1), 4), "words": round(missed_total / (number + 1), 4)}
            log(epoch=epoch, batch=number, of=len(batches), **means, s=round(time.time() - started))
    return total / len(batches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--genuine", default="PolyAI/minds14", help="Hub id, or a folder in its layout")
    parser.add_argument("--train", default="en-AU,en-GB", help="varieties of genuine calls, or none")
    parser.add_argument("--test", default="", help="a variety held out whole")
    parser.add_argument("--fold", default="", help="k/n: hold out the k-th of n parts of the genuine calls")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--full-epochs", type=int, default=1, help="last epochs, in which no padding is merged")
    parser.add_argument("--merge", type=int, default=4, help="so many tokens of padding are computed as one")
    parser.add_argument("--start-from", type=Path, help="a trained model to go on from, in place of the pretrained encoder")
    parser.add_argument("--genuine-clips", type=int, default=10_000, help="genuine clips per epoch, at most")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--decay", type=float, default=0.8, help="factor of the rate per layer towards the input")
    parser.add_argument("--smoothing", type=float, default=0.05, help="share of the target that is uniform")
    parser.add_argument("--reading", type=float, default=0.25, help="share of the target that a text classifier gives")
    parser.add_argument("--no-call", type=float, default=0.04, help="share of sounds without speech, target uniform")
    parser.add_argument("--synthetic-en", type=int, default=500, help="synthetic English clips per epoch")
    parser.add_argument("--synthetic-ko", type=int, default=1200, help="synthetic Korean clips per epoch")
    parser.add_argument("--sounds", default="", help="Parquet file of ESC-10's sounds, for clips in which nobody speaks")
    parser.add_argument("--augment", type=float, default=0.3, help="strength of room, line, noise and gain, 0 to 1")
    parser.add_argument("--words", type=float, default=0.3, help="weight of the second task: which words were said")
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
    revision = REVISION if args.genuine == "PolyAI/minds14" else None
    clips: list[Clip] = []
    labels: list[str] = []
    for name in ("en-AU", "en-GB"):
        more, labels = load(name, args.genuine, name, revision)
        clips += more
    for language in ("en", "ko"):
        if getattr(args, f"synthetic_{language}"):
            path = SPEECH / f"train-{language}.parquet"
            clips += load("", str(path), f"synthetic-{language}")[0]
    train, test = split(clips, args)
    log(args={k: str(v) for k, v in vars(args).items()}, train=len(train), test=len(test), s=round(time.time() - started))

    rng = np.random.default_rng(args.seed)
    torch.manual_seed(args.seed)
    model, extractor = model_and_extractor(labels)
    model.to(DEVICE).set_attn_implementation("eager")  # a step in bf16 on a CPU: 1.4 times as fast
    if args.start_from:
        model.load_state_dict(WhisperForAudioClassification.from_pretrained(args.start_from, dtype=torch.float32).state_dict())
    elif not (args.out / "checkpoint.pt").exists():
        first_head(model, extractor, train, rng)
    babble = [c for c in train if c.origin != "synthetic-ko"]
    sounds = recordings(args.sounds) if args.sounds else []
    schedule_rng = [np.random.default_rng([args.seed, e]) for e in range(args.epochs)]
    batches = [epoch_batches(train, args, e, schedule_rng[e]) for e in range(args.epochs)]
    known = vocabulary(train)
    second = words_head(train, known, args.start_from).to(DEVICE)
    told = what_the_words_say(train, args.classes)
    opt, schedule = optimiser(model, second, args.lr, args.decay, sum(map(len, batches)))
    checkpoint = args.out / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        second.load_state_dict(state["second"])
        opt.load_state_dict(state["opt"])
        schedule.load_state_dict(state["schedule"])
        first = state["epoch"] + 1
    for epoch in range(first, args.epochs):
        loss = train_epoch(model, second, known, told, extractor, batches[epoch], opt, schedule, args, epoch, babble, sounds, log)
        torch.save(
            {
                "model": model.state_dict(),
                "second": second.state_dict(),
                "opt": opt.state_dict(),
                "schedule": schedule.state_dict(),
                "epoch": epoch,
            },
            checkpoint,
        )
        entry = {"epoch": epoch, "loss": round(loss, 4), "s": round(time.time() - started)}
        if test and epoch == args.epochs - 1:
            out = predict(model, extractor, [c.array for c in test])
            truth = np.array([c.label for c in test])
            entry["test"] = round(float((out.argmax(1) == truth).mean()), 4)
            origins = [c.origin for c in test]
            np.savez(args.out / "test.npz", logits=out, labels=truth, groups=[c.group for c in test], origins=origins)
        log(**entry)
    torch.save({"known": known, "weight": second.weight.detach().cpu(), "bias": second.bias.detach().cpu()}, args.out / WORDS)
    model.half().save_pretrained(args.out)
    extractor.save_pretrained(args.out)
    checkpoint.unlink(missing_ok=True)
    log(done=True, s=round(time.time() - started))


if __name__ == "__main__":
    main()
