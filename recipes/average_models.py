"""Average the weights of runs of train_intent_model.py that began alike (Wortsman et al. 2022, "Model soups").

    python recipes/average_models.py build/model/au-0 build/model/gb-0 --out build/model/bundled

Runs from one start lie in one basin: their mean is a model as well, and steadier than each. But it pools clips to another mean
than they do, and the head magnifies the difference; so what the projector gives is moved to where the runs have it, as batch
norms' statistics are taken anew after such an averaging (Izmailov et al. 2018). The logs are joined for the card.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm
from transformers import WhisperFeatureExtractor, WhisperForAudioClassification

from train_intent_model import SPEECH, WINDOW, WINDOW_SECONDS, features, load


def some_clips(genuine: str, each: int = 96) -> list[np.ndarray]:
    """Training clips of each variety and language, evenly picked, float32 at 16 kHz."""
    parts = [load(name, genuine, name)[0] for name in ("en-AU", "en-GB")]
    parts += [load("", str(SPEECH / f"train-{language}.parquet"), language)[0] for language in ("en", "ko")]
    return [clip.array[:WINDOW] for part in parts for clip in part[:: len(part) // each][:each]]


def projected_mean(
    model: WhisperForAudioClassification, extractor: WhisperFeatureExtractor, arrays: list[np.ndarray]
) -> torch.Tensor:
    """What the projector makes of the clips' means on the full window, averaged over clips, [shape=(width,)]."""
    total = torch.zeros(model.config.classifier_proj_size)
    with torch.inference_mode():
        for start in tqdm(range(0, len(arrays), 8), desc="mean", unit="batch", leave=False):
            mel = features(extractor, arrays[start : start + 8], WINDOW_SECONDS * 100)
            total += model.projector(model.encoder(mel).last_hidden_state.mean(1)).sum(0)
    return total / len(arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--genuine", default="PolyAI/minds14", help="Hub id, or a folder in its layout")
    args = parser.parse_args()

    arrays = some_clips(args.genuine)
    extractor = WhisperFeatureExtractor.from_pretrained(args.runs[0])
    models = [WhisperForAudioClassification.from_pretrained(run, dtype=torch.float32) for run in args.runs]
    wanted = sum(projected_mean(model, extractor, arrays) for model in models) / len(models)
    states = [model.state_dict() for model in models]
    mean = models[0]
    mean.load_state_dict({name: sum(state[name] for state in states) / len(states) for name in states[0]})
    # Stored as numbers that bf16 holds, so that who computes in it (lesson 07) does not round them once more: the last norm's
    # weights and the constants of `loosen_norm` stand that badly. What rounding moves in common, the bias below makes up for.
    mean.bfloat16().float()
    with torch.no_grad():
        mean.projector.bias += wanted - projected_mean(mean, extractor, arrays)
    mean.bfloat16().save_pretrained(args.out)
    extractor.save_pretrained(args.out)
    (args.out / "log.jsonl").write_text("".join((run / "log.jsonl").read_text() for run in args.runs))


if __name__ == "__main__":
    main()
