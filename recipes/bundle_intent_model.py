"""Put a trained intent model into the course: calibrate it, check it with the stock pipeline, write its card.

    python recipes/bundle_intent_model.py build/model/final --calibrate-on build/model/au-gb-0 build/model/gb-au-0

`--calibrate-on` names runs of `train_intent_model.py` that kept a variety or a fold out of training: the temperature is fitted
on what they answered there, and folded into the last layer. Every figure in the card is measured here, on the clips that are
bundled, through `pipeline("audio-classification")`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from datasets import load_dataset
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from tqdm.auto import tqdm
from transformers import WhisperFeatureExtractor, WhisperForAudioClassification, pipeline

from helpers import Audio

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src/helpers/bundled/minds14"
TARGET = ROOT / "src/helpers/bundled/intent_model"


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The divisor of the logits that makes held-out answers most likely (Guo et al. 2017)."""

    def loss(log_t: float) -> float:
        return -log_softmax(logits / np.exp(log_t), axis=1)[np.arange(len(labels)), labels].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def calibration_error(scores: np.ndarray, labels: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error with bins of equal width over the top score (Naeini et al. 2015)."""
    top, right = scores.max(1), scores.argmax(1) == labels
    which = np.minimum((top * bins).astype(int), bins - 1)
    return float(sum((which == b).mean() * abs(right[which == b].mean() - top[which == b].mean()) for b in set(which.tolist())))


def held_out(runs: list[Path]) -> list[dict]:
    """The answers that runs gave to clips kept out of their training."""
    return [dict(np.load(run / "test.npz", allow_pickle=False)) for run in runs]


def bundled_accuracy(config: str) -> dict:
    """Accuracy of the bundled model on a bundled config, all of it by intent."""
    rows = load_dataset(str(DATA), name=config, split="train").cast_column("audio", Audio(sampling_rate=16_000))
    classifier = pipeline("audio-classification", model=str(TARGET))
    names = rows.features["intent_class"].names
    right, total, mistakes = Counter(), Counter(), Counter()
    for row in tqdm(rows, desc=config):
        truth, best = names[row["intent_class"]], classifier(row["audio"]["array"])[0]["label"]
        total[truth] += 1
        right[truth] += truth == best
        if truth != best:
            mistakes[f"{truth} heard as {best}"] += 1
    return {
        "clips": sum(total.values()),
        "accuracy": round(sum(right.values()) / sum(total.values()), 4),
        "by_intent": {name: f"{right[name]}/{total[name]}" for name in names},
        "mistakes": dict(mistakes.most_common(5)),
    }


# ruff: noqa: E501 - the card's paragraphs are lines
CARD = """---
license: mit
library_name: transformers
pipeline_tag: audio-classification
language: [en, ko]
base_model: openai/whisper-tiny.en
datasets: [PolyAI/minds14]
---

# The course's intent model

Hears which of MInDS-14's 14 intents a caller to a bank has. `WhisperForAudioClassification` on the encoder of Whisper tiny.en
(4 layers, 384 wide), tuned whole, with a window of 15 seconds: what comes after is not heard. {size:.1f} MB, fp16 weights that run in float32.

    from transformers import pipeline
    pipeline("audio-classification", model="src/helpers/bundled/intent_model")(array)   # float32, mono, 16 kHz

## Training data, and what was kept out

- Genuine English calls: MInDS-14 `en-AU` and `en-GB` (Gerz et al. 2021, CC BY 4.0), 1,246 clips. None is bundled with the course.
- Synthetic English and Korean calls made for training alone (`recipes/speech/*-train.tsv`).
- **Kept out:** every bundled clip. No bundled sentence and no bundled voice is in the training data: the sentences stand in
  `recipes/speech/*-bundled.tsv`, the split of the voices in the data set's card.
- The Hub's genuine `en-AU` and `en-GB` **are** training data: an accuracy of this model measured there flatters.

Recipe: `recipes/train_intent_model.py` with {arguments}.
The head starts from a logistic regression on the frozen encoder; AdamW with a rate that falls per layer towards the input, one cycle,
label smoothing; augmentation by speed, room, noise, line, gain and SpecAugment; sounds without speech are taught as "no intent in
particular". bf16 autocast.

## Figures

On the bundled clips, through the stock pipeline (speakers and sentences never trained on):

| config | clips | accuracy | most frequent mistakes |
|---|---|---|---|
{configs}

| intent | {names} |
|---|{lines}|
{intents}

On genuine calls, one variety kept out of training at a time (which is *not* this model: it was trained on both):

| run | clips heard for the first time | accuracy |
|---|---|---|
{runs}

Calibration: the temperature {temperature:.3f}, fitted on those held-out answers, is folded into the last layer. {calibration}

## Limits

Korean was learned from synthetic voices of one engine alone; genuine Korean callers will be understood worse. English was learned from
Australian and British callers on the telephone. Words decide: a question outside the 14 intents still gets one of them. Scores say how
sure the model is, within the kind of call it was calibrated on, and no more than that.

## Licence and notices

Weights: MIT. Derived from Whisper (Copyright (c) 2022 OpenAI, MIT). Tuned on MInDS-14 (PolyAI, CC BY 4.0).
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--calibrate-on", type=Path, nargs="*", default=[])
    args = parser.parse_args()

    model = WhisperForAudioClassification.from_pretrained(args.run, dtype=torch.float32)
    runs = held_out(args.calibrate_on)
    divisor = 1.0
    calibration = "Nothing was held out to fit it on: the scores are as training left them."
    if runs:
        logits, labels = (np.concatenate([run[key] for run in runs]) for key in ("logits", "labels"))
        divisor = temperature(logits, labels)
        parts = np.random.default_rng(0).integers(5, size=len(labels))  # each part is scored with a temperature of the others
        scores = np.empty_like(logits)
        for part in range(5):
            rest = parts != part
            scores[~rest] = softmax(logits[~rest] / temperature(logits[rest], labels[rest]), axis=1)
        calibration = (
            f"Expected calibration error on held-out genuine calls, cross-validated, 10 bins: "
            f"{calibration_error(scores, labels):.3f} (without temperature {calibration_error(softmax(logits, axis=1), labels):.3f})."
        )
    with torch.no_grad():
        model.classifier.weight.div_(divisor)
        model.classifier.bias.div_(divisor)
    model.half().save_pretrained(TARGET)
    WhisperFeatureExtractor.from_pretrained(args.run).save_pretrained(TARGET)
    config = json.loads((TARGET / "config.json").read_text())
    config["dtype"] = "float32"  # fp16 weights would run in fp16 on a CPU, slowly and inexactly
    config["id2label"] = {str(i): model.config.id2label[i] for i in range(model.config.num_labels)}  # not "1", "10", "11", "2"
    (TARGET / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    for file in TARGET.iterdir():
        file.chmod(0o644)  # safetensors writes for its owner alone

    results = {config: bundled_accuracy(config) for config in ("en-AU", "ko-KR")}
    names = list(results["en-AU"]["by_intent"])
    trained_with = json.loads((args.run / "log.jsonl").read_text().splitlines()[0])["args"]
    card = CARD.format(
        size=sum(f.stat().st_size for f in TARGET.iterdir() if f.suffix != ".md") / 1e6,
        arguments=", ".join(
            f"{key} {value}" for key, value in trained_with.items() if value and key not in ("out", "genuine", "classes")
        ),
        configs="\n".join(
            f"| {config} | {r['clips']} | {r['accuracy']:.3f} | {', '.join(f'{k} ({v})' for k, v in r['mistakes'].items()) or 'none'} |"
            for config, r in results.items()
        ),
        names=" | ".join(names),
        lines="|".join(["---"] * len(names)),
        intents="\n".join(f"| {config} | {' | '.join(r['by_intent'].values())} |" for config, r in results.items()),
        runs="\n".join(
            f"| {path.name} | {len(run['labels'])} | {(run['logits'].argmax(1) == run['labels']).mean():.3f} |"
            for path, run in zip(args.calibrate_on, runs, strict=True)
        ),
        temperature=divisor,
        calibration=calibration,
    )
    (TARGET / "README.md").write_text(card)
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
