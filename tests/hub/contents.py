"""What the loopback hub holds, laid out like the folder `shared/hub`: the genuine recordings where they are, else bundled ones.

The model under the genuine id has the genuine format, a checkpoint of 2022 with XLS-R's settings, but it is small and its weights
are random: shapes, formats and the absence of errors can be asserted on it, and no accuracy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from helpers import sources

BUNDLED_MODEL_ID = "course/bundled-intent-model"
COMMITS = {sources.MINDS14_ID: sources.MINDS14_REVISION}


def make(folder: Path, genuine: Path | None) -> Path:
    """Fill `folder` with the data set under one merged card, the old checkpoint, and the bundled weights under a second id."""
    data = folder / "datasets" / sources.MINDS14_ID
    data.mkdir(parents=True)
    cards = [(path, read_card(path)) for path in (genuine, sources.BUNDLED / "minds14") if path is not None]
    merged: dict[str, Any] = {"license": "cc-by-4.0", "configs": [], "dataset_info": []}
    for path, card in cards:
        for config in card["configs"]:
            name = config["config_name"]
            if not (data / name).exists():  # the genuine one comes first
                (data / name).mkdir()
                for parquet in (path / name).iterdir():
                    (data / name / parquet.name).symlink_to(parquet)
                merged["configs"].append({"config_name": name, "data_files": config["data_files"]})
                merged["dataset_info"] += [info for info in card["dataset_info"] if info["config_name"] == name]
    write_card(data, merged)
    old_checkpoint(folder / "models" / sources.INTENT_MODEL_ID)
    second = folder / "models" / BUNDLED_MODEL_ID
    second.mkdir(parents=True)
    for path in (sources.BUNDLED / "intent_model").iterdir():
        (second / path.name).symlink_to(path)
    return folder


def read_card(data: Path) -> dict[str, Any]:
    return yaml.safe_load((data / "README.md").read_text(encoding="utf-8").split("---")[1])


def write_card(data: Path, card: dict[str, Any]) -> None:
    text = yaml.safe_dump(card, allow_unicode=True, sort_keys=False)
    (data / "README.md").write_text(f"---\n{text}---\n\n# MInDS-14\n", encoding="utf-8")


def _spread_scores(model: Any) -> None:
    """Shift and stretch the head's random answers: lessons count on high and low scores and on several labels."""
    import torch
    from datasets import load_dataset

    from helpers import Audio

    calls = load_dataset(str(sources.BUNDLED / "minds14"), name="en-AU", split="train").select(range(14))
    calls = calls.cast_column("audio", Audio(sampling_rate=16_000))
    arrays = [torch.tensor(row["audio"]["array"]) for row in calls]
    with torch.no_grad():
        logits = torch.cat([model(((y - y.mean()) / y.std())[None]).logits for y in arrays])
        stretch = 2 / logits.std(dim=0)
        model.classifier.weight *= stretch[:, None]
        model.classifier.bias.copy_((model.classifier.bias - logits.mean(dim=0)) * stretch)


def old_checkpoint(folder: Path) -> None:
    """A small `Wav2Vec2ForSequenceClassification` of XLS-R's design, saved as transformers did in 2022: pytorch_model.bin, with
    the positional convolution's weight normalisation under its old names."""
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

    names = read_card(sources.BUNDLED / "minds14")["dataset_info"][0]["features"][4]["dtype"]["class_label"]["names"]
    labels = {int(number): name for number, name in names.items()}
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        # As anton-l/xtreme_s_xlsr_300m_minds14 ...
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        conv_bias=True,
        id2label=labels,
        label2id={name: number for number, name in labels.items()},
        # ... but narrow and shallow (there: 1024, 24, 16, 4096, seven times 512, 256).
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        conv_dim=(32,) * 7,
        classifier_proj_size=32,
    )
    model = Wav2Vec2ForSequenceClassification(config).eval()
    _spread_scores(model)
    weights = {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): value
        for name, value in model.state_dict().items()
    }
    assert any(name.endswith("weight_g") for name in weights)
    folder.mkdir(parents=True)
    torch.save(weights, folder / "pytorch_model.bin")
    settings = config.to_dict() | {
        "architectures": ["Wav2Vec2ForSequenceClassification"],
        "torch_dtype": "float32",
        "transformers_version": "4.18.0.dev0",
    }
    settings.pop("dtype", None)
    (folder / "config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True, sampling_rate=16_000).save_pretrained(folder)
