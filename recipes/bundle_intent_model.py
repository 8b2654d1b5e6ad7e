"""Put a trained intent model into the course: calibrate it, measure it through the stock pipeline, write its card.

    python recipes/bundle_intent_model.py build/model/bundled --varieties build/model/au-? build/model/gb-?

`--varieties` and `--folds` are runs of `train_intent_model.py` that kept genuine calls out. The temperature is fitted on what the
varieties' runs answered there, since the bundled model is the mean of such runs, and folded into the last layer. Every figure in
the card (intent_model/card.md) is measured here or read from what a run left behind; `intent_model/tried.md` is the log that is
written by hand.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from datasets import load_dataset
from matplotlib import pyplot as plt
from scipy.special import softmax
from transformers import WhisperFeatureExtractor, WhisperForAudioClassification, pipeline

from cards import fill
from helpers import Audio, evaluation, plots
from whisper_encoder import WINDOW_SECONDS

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src/helpers/bundled/minds14"
TARGET = ROOT / "src/helpers/bundled/intent_model"
TEXTS = Path(__file__).parent / "intent_model"
ROW_0 = "en-AU~PAY_BILL/response_4.wav"
CONFIGS = ("en-AU", "ko-KR")
UNTOLD = ("out", "genuine", "sounds", "classes")  # options that are folders of one machine, or never changed


def share(table: pd.DataFrame) -> str:
    right = evaluation.accuracy(table)
    return f"{right.clips} | {right.value:.3f} | {right.low:.3f} to {right.high:.3f}"


def read_run(folder: Path) -> dict:
    """What a run answered to the calls that it kept out (arrays), and how it was started."""
    with (folder / "log.jsonl").open() as file:
        arguments = json.loads(file.readline())["args"]
    return dict(np.load(folder / "test.npz", allow_pickle=False)) | {"arguments": arguments, "folder": folder}


def variety_lines(runs: list[dict]) -> list[str]:
    pairs: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for run in runs:
        hit = float((run["logits"].argmax(1) == run["labels"]).mean())
        pairs.setdefault((run["arguments"]["train"], run["arguments"]["test"]), []).append((int(run["arguments"]["seed"]), hit))
    lines = []
    for (train, test), hits in pairs.items():
        values = [hit for _, hit in sorted(hits)]
        spread = f"{np.std(values, ddof=1):.3f}" if len(values) > 1 else "one seed"
        lines.append(
            f"| {train} → {test} | {', '.join(str(seed) for seed, _ in sorted(hits))} | {', '.join(f'{v:.3f}' for v in values)} "
            f"| {np.mean(values):.3f} | {spread} |"
        )
    return lines


def kept_out(run: dict) -> str:
    """What a run did not hear: a variety, or a part of the calls."""
    return run["arguments"]["test"] or run["arguments"]["fold"]


def first_of(runs: list[dict]) -> list[dict]:
    """The runs of the lowest seed: of the varieties' those that the bundled model is the mean of."""
    return [run for run in runs if int(run["arguments"]["seed"]) == min(int(r["arguments"]["seed"]) for r in runs)]


def calibrate(runs: list[dict], names: list[str]) -> tuple[float, pd.DataFrame, pd.DataFrame]:
    """The temperature of all runs; their answers without and with one, fitted on the calls that other runs kept out."""

    def pooled(runs: list[dict]) -> float:
        return evaluation.fit_temperature(*(np.concatenate([run[key] for run in runs]) for key in ("logits", "labels")))

    if len({kept_out(run) for run in runs}) < 2:
        raise SystemExit(
            "One variety or fold alone can't be calibrated: its temperature comes from runs that kept other calls out."
        )
    before, after = [], []
    for run in runs:
        t = pooled([other for other in runs if kept_out(other) != kept_out(run)])
        for divisor, result in ((1.0, before), (t, after)):
            table = evaluation.from_logits(run["logits"], run["labels"], names, temperature=divisor)
            result.append(table.assign(origin=run["origins"], group=run["groups"]))
    return pooled(runs), pd.concat(before, ignore_index=True), pd.concat(after, ignore_index=True)


def write_model(run: Path, divisor: float, target: Path) -> list[str]:
    """Write the calibrated weights in bfloat16 with their config into a folder; return the labels."""
    model = WhisperForAudioClassification.from_pretrained(run, dtype=torch.float32)
    with torch.no_grad():
        model.classifier.weight.div_(divisor)
        model.classifier.bias.div_(divisor)
    model.bfloat16().save_pretrained(target)
    WhisperFeatureExtractor.from_pretrained(run).save_pretrained(target)
    names = [model.config.id2label[i] for i in range(model.config.num_labels)]
    config = json.loads((target / "config.json").read_text())
    config["dtype"] = "float32"  # bf16 weights would run in bf16, inexactly and on some CPUs slowly
    config["id2label"] = {str(i): name for i, name in enumerate(names)}  # not "1", "10", "11", "2"
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    for file in target.iterdir():
        file.chmod(0o644)  # safetensors writes for its owner alone
    return names


def draw_reliability(table: pd.DataFrame) -> str:
    """Draw the reliability diagram beside the card; return its sentence."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        plots.reliability(evaluation.reliability(table))
    plt.savefig(TARGET / "reliability.png", dpi=110, metadata={"Software": None})
    plt.close()
    return said.getvalue().strip()


def genuine_section(varieties: list[dict], folds: list[dict], names: list[str], before, after, divisor: float) -> str:
    """The card's section on genuine calls that were kept out (intent_model/genuine.md)."""
    cross_validated = "Not run."
    if folds:
        answers = calibrate(folds, names)[2]
        parts = [(origin, answers[answers["origin"] == origin]) for origin in ("en-AU", "en-GB")] + [("both", answers)]
        cross_validated = "| tested on | clips | accuracy | interval |\n|---|---|---|---|\n" + "\n".join(
            f"| {origin} | {share(table)} |" for origin, table in parts
        )
        error = evaluation.calibration_error(answers)
        cross_validated += f"\n\nExpected calibration error, each half with the other's temperature: {error:.3f}."
    row_0 = after[after["group"] == ROW_0]
    return fill(
        TEXTS / "genuine.md",
        varieties="\n".join(variety_lines(varieties)),
        cross_validated=cross_validated,
        confused="\n".join(
            f"| {p.label} → {p.prediction} | {p.clips} |" for p in evaluation.confused_pairs(after, 8).itertuples()
        ),
        temperature=f"{divisor:.3f}",
        ece=f"{evaluation.calibration_error(after):.3f}",
        ece_before=f"{evaluation.calibration_error(before):.3f}",
        row_0=", ".join(f"{row.prediction} {row.score:.3f}" for row in row_0.itertuples()),
        reliability=draw_reliability(after),
    ).strip()


def refuse_a_worse_one(heard: dict[str, pd.DataFrame]) -> None:
    """Stop before a model is replaced by one that understands fewer of the bundled clips, by the card of the one in place.

    Raises
    ------
    SystemExit
        With both figures.
    """
    card = (TARGET / "README.md").read_text(encoding="utf-8")
    for config, table in heard.items():
        found = re.search(rf"^\| {config} \| \d+ \| ([\d.]+) \|", card, re.MULTILINE)
        now = evaluation.accuracy(table).value
        if found and now < float(found[1]) - 0.0005:
            raise SystemExit(f"Not bundled: {now:.3f} of {config}, and the model in place has {found[1]}. --anyway bundles it.")


def robustness_tables(varieties: list[dict], final: Path, divisor: float) -> dict[str, str]:
    """What measure_robustness.py left behind, in the card's form."""
    bundled = json.loads((final / "robustness.json").read_text())
    no_call = {kind: softmax(np.array(logits) / divisor, axis=1).max(1) for kind, logits in bundled["no_call"].items()}
    columns = {f"the {bundled['clips']} bundled en-AU clips": bundled}
    for run in varieties:
        if (run["folder"] / "robustness.json").exists():
            genuine = json.loads((run["folder"] / "robustness.json").read_text())
            columns[f"{genuine['clips']} genuine {kept_out(run)} calls, by a run that kept them out"] = genuine
    rows = [(name, [f"{column['accuracy'][name]:.3f}" for column in columns.values()]) for name in bundled["accuracy"]]
    return {
        "robust_columns": " | ".join(columns),
        "robust_rule": "|".join(["---"] * len(columns)),
        "robustness": "\n".join(f"| {name} | {' | '.join(values)} |" for name, values in rows),
        "no_call": "\n".join(f"| {kind} | {len(top)} | {top.mean():.2f} | {top.max():.2f} |" for kind, top in no_call.items()),
    }


def told(log: Path) -> tuple[str, int, int]:
    """How a model was trained, by its log: a line for each run, clip passes, minutes."""
    stages: dict[str, None] = {}
    epochs: dict[tuple[int, int], int] = {}  # a run that was cut off counts an epoch once
    seconds, last, batch = 0, 0, 0
    for entry in map(json.loads, log.read_text().splitlines()):
        if "args" in entry:
            batch = int(entry["args"]["batch"])
            used = {k: v for k, v in entry["args"].items() if v not in ("", "None") and k not in UNTOLD}
            stages["- " + ", ".join(f"{key.replace('_', '-')} {value}" for key, value in used.items())] = None
        elif entry.get("batch") == 0:
            epochs[len(stages), entry["epoch"]] = entry["of"] * batch
        if "batch" not in entry:  # a batch's seconds are counted from its epoch's start
            now = entry.get("s", 0)  # a run's first line has none
            seconds += last if now < last else 0
            last = now
    passes, minutes = sum(epochs.values()), (seconds + last) / 60
    return "\n".join(stages), passes, round(minutes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--folds", type=Path, nargs="*", default=[])
    parser.add_argument("--varieties", type=Path, nargs="*", default=[])
    parser.add_argument("--anyway", action="store_true", help="also if the model in place understands more of the bundled clips")
    args = parser.parse_args()

    names = list(load_dataset(str(DATA), name="en-AU", split="train").features["intent_class"].names)
    varieties, folds = ([read_run(run) for run in runs] for runs in (args.varieties, args.folds))
    divisor = 1.0
    if varieties:
        divisor, before, after = calibrate(first_of(varieties), names)
        print(f"temperature {divisor:.3f}", flush=True)
    calibrated = args.run / "calibrated"
    assert write_model(args.run, divisor, calibrated) == names

    classifier = pipeline("audio-classification", model=str(calibrated))
    heard = {}
    for config in CONFIGS:
        rows = load_dataset(str(DATA), name=config, split="train").cast_column("audio", Audio(sampling_rate=16_000))
        heard[config] = evaluation.predictions(rows, classifier)
    if not args.anyway:
        refuse_a_worse_one(heard)
    tables = robustness_tables(varieties, args.run, divisor)
    shutil.copytree(calibrated, TARGET, dirs_exist_ok=True)
    genuine = (
        "### On genuine calls never heard\n\n"
        "Not measured for this model: no run of its recipe has kept genuine calls out, and its scores are not calibrated."
    )
    if varieties:
        genuine = genuine_section(varieties, folds, names, before, after, divisor)
    recall = {config: evaluation.recall_by_label(table, names) for config, table in heard.items()}

    def mistakes(table: pd.DataFrame) -> str:
        pairs = evaluation.confused_pairs(table, 4).itertuples()
        return ", ".join(f"{pair.label} → {pair.prediction} ({pair.clips})" for pair in pairs) or "none"

    stages, passes, minutes = told(args.run / "log.jsonl")
    card = fill(
        TEXTS / "card.md",
        **tables,
        window=str(WINDOW_SECONDS),
        size=f"{(TARGET / 'model.safetensors').stat().st_size / 1e6:.1f}",
        stages=stages,
        passes=f"{passes:,}",
        minutes=str(minutes),
        bundled="\n".join(f"| {config} | {share(table)} | {mistakes(table)} |" for config, table in heard.items()),
        ece_bundled=", ".join(f"{config} {evaluation.calibration_error(table):.3f}" for config, table in heard.items()),
        intents="\n".join(
            f"| {name} | " + " | ".join(f"{recall[c].loc[name, 'right']}/{recall[c].loc[name, 'clips']}" for c in CONFIGS) + " |"
            for name in names
        ),
        genuine=genuine,
        tried=(TEXTS / "tried.md").read_text(encoding="utf-8").strip(),
    )
    (TARGET / "README.md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
