"""Put a trained sound model into the course: measure it through the stock pipeline, write its card.

    python recipes/bundle_sound_model.py build/sounds/final --folds build/sounds/fold-1 build/sounds/fold-2 build/sounds/fold-3

`--folds` are runs of `train_sound_model.py` that each kept a fold of ESC-10 out. Every figure in the card
(sounds/model.md) is measured here or read from what a run left behind.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from transformers import pipeline

from cards import fill
from helpers.evaluation import wilson
from make_sounds import BUNDLED, LABELS
from synthesis import sound
from train_sound_model import ESC10, made_clips, mixed

TARGET = BUNDLED.parent / "sound_model"
FILES = ("config.json", "model.safetensors", "preprocessor_config.json")
THRESHOLDS = (0.2, 0.5, 0.8)


def share(right: int, clips: int) -> str:
    low, high = wilson(right, clips)
    return f"{clips} | {right / clips:.3f} | {low:.3f} to {high:.3f}"


def mistakes(labels: np.ndarray, answers: np.ndarray) -> str:
    pairs = Counter((LABELS[a], LABELS[b]) for a, b in zip(labels, answers, strict=True) if a != b)
    return ", ".join(f"{a} → {b} ({count})" for (a, b), count in pairs.most_common(6)) or "none"


def started_as(run: Path) -> dict:
    """The first line of a run's log."""
    with (run / "log.jsonl").open() as file:
        return json.loads(file.readline())


def fold_lines(folds: list[Path]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """A line for each run, and all that was kept out: labels and answers."""
    lines: list[str] = []
    labels, answers = [np.array([], int)], [np.array([], int)]
    for run in folds:
        kept = np.load(run / "fold.npz")
        best = kept["logits"].argmax(1)
        right = int((best == kept["labels"]).sum())
        lines.append(f"| {started_as(run)['hold_out']} | {share(right, len(best))} |")
        labels.append(kept["labels"])
        answers.append(best)
    return lines, np.concatenate(labels), np.concatenate(answers)


def credits(file: Path) -> str:
    """Who recorded the clips under CC BY, as that licence asks."""
    rows = pd.read_parquet(file, columns=["licence", "author"])
    return ", ".join(sorted(rows.loc[rows["licence"].str.startswith("CC BY"), "author"].unique(), key=str.lower))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--folds", type=Path, nargs="*", default=[])
    parser.add_argument("--genuine", type=Path, default=ESC10)
    args = parser.parse_args()

    TARGET.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(args.run / name, TARGET / name)
    classifier = pipeline("audio-classification", model=str(TARGET))
    clips = made_clips(BUNDLED / "data" / "train-00000-of-00001.parquet")
    arrays = [clip.array.astype(np.float32) for clip in clips]
    labels = np.array([clip.label for clip in clips])
    answers = np.array([LABELS.index(classifier(y, top_k=1)[0]["label"]) for y in arrays])

    rng = np.random.default_rng(0)
    hits, given = Counter[float](), Counter[float]()
    pairs = 0
    while pairs < 300:
        a, b = rng.integers(len(clips), size=2)
        if labels[a] == labels[b]:
            continue
        pairs += 1
        for score in classifier(mixed(arrays[a], arrays[b], rng), top_k=None, function_to_apply="sigmoid"):
            for t in THRESHOLDS:
                given[t] += score["score"] >= t
                hits[t] += score["score"] >= t and LABELS.index(score["label"]) in (labels[a], labels[b])
    nothing = np.array(
        [classifier(sound("other", i, held_out=True), top_k=1, function_to_apply="sigmoid")[0]["score"] for i in range(100)]
    )
    of_folds, fold_labels, fold_answers = fold_lines(args.folds)
    calls = np.load(args.run / "calls.npz")
    a = started_as(args.run)["args"]
    genuine = len(pq.read_table(args.genuine, columns=["fold"]))
    if args.folds:
        of_folds.append(f"| all three | {share(int((fold_answers == fold_labels).sum()), len(fold_labels))} |")
    per_label = []
    for i, label in enumerate(LABELS):
        kept = fold_labels == i
        told = f"{(fold_answers[kept] == i).sum()}/{kept.sum()}" if kept.any() else "no recordings"
        per_label.append(f"| {label} | {(answers[labels == i] == i).sum()}/{(labels == i).sum()} | {told} |")
    filled = {
        "parameters": f"{classifier.model.num_parameters() / 1e6:.1f}",
        "megabytes": f"{sum((TARGET / name).stat().st_size for name in FILES) / 1e6:.1f}",
        "genuine": str(genuine),
        "recipe": ", ".join(
            f"{key.replace('_', '-')} {a[key]}"
            for key in ("seed", "examples", "mix", "shares", "epochs", "batch", "lr", "smoothing")
        ),
        "bundled": f"| {share(int((answers == labels).sum()), len(labels))} | {mistakes(labels, answers)} |",
        "folds": "\n".join(of_folds),
        "fold_mistakes": mistakes(fold_labels, fold_answers),
        "per_label": "\n".join(per_label),
        "calls": share(int((calls["logits"].argmax(1) == calls["labels"]).sum()), len(calls["labels"])),
        "thresholds": "\n".join(f"| {t} | {hits[t] / max(given[t], 1):.2f} | {hits[t] / (2 * pairs):.2f} |" for t in THRESHOLDS),
        "nothing": f"{np.mean(nothing < 0.5):.2f}",
        "credits": credits(args.genuine),
    }
    card = fill(Path(__file__).parent / "sounds" / "model.md", **filled)
    (TARGET / "README.md").write_text(card, encoding="utf-8")
    print("\n".join(f"{name}: {value}" for name, value in filled.items() if name != "credits"))


if __name__ == "__main__":
    main()
