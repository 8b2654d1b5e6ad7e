"""Draw docs/first-call.png, the README's picture: the first bundled call, seen and classified as lesson 00 does it."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
from datasets import load_dataset
from transformers import pipeline

from helpers import Audio, plots, sources

TARGET = Path(__file__).resolve().parents[1] / "docs" / "first-call.png"

minds = load_dataset(sources.minds14().path, name="en-AU", split="train").cast_column("audio", Audio(sampling_rate=16_000))
clip = minds[0]["audio"]
classifier = pipeline("audio-classification", model=sources.intent_model().path)

fig, (top, middle, bottom) = plt.subplots(3, 1, figsize=(9, 7), layout="constrained", height_ratios=[1, 1.4, 1])
plots.waveform(clip, ax=top)
plots.log_mel(clip, ax=middle)
plots.scores(classifier(clip["array"], top_k=5), ax=bottom)
TARGET.parent.mkdir(exist_ok=True)
fig.savefig(TARGET, dpi=100, metadata={"Software": None})
