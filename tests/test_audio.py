"""Sound in and out: every format that libsndfile reads, every way through `datasets`, and a sentence for each bad input."""

from __future__ import annotations

import functools
import io
import os
import random
import struct
import subprocess
import sys
import tracemalloc
import wave
import zipfile
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest
import soundfile
from datasets import Dataset, Features, IterableDataset, Value, load_dataset, load_from_disk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers import Audio, audio
from helpers.audio import decode, inspect, resample, samples_and_rate, validate
from helpers.errors import AudioError

# (format, subtype): how far a decoded sample may lie from the one encoded. None: lossy, compared by its shape instead.
FORMATS: dict[tuple[str, str], float | None] = {
    ("WAV", "PCM_16"): 1 / 32768,
    ("WAV", "PCM_24"): 2**-23,
    ("WAV", "PCM_U8"): 1 / 64,
    ("WAV", "FLOAT"): 0.0,
    ("WAV", "ULAW"): 1 / 32,
    ("WAV", "ALAW"): 1 / 32,
    ("AIFF", "PCM_16"): 1 / 32768,
    ("FLAC", "PCM_16"): 1 / 32768,
    ("FLAC", "PCM_24"): 2**-23,
    ("OGG", "VORBIS"): None,
    ("MP3", "MPEG_LAYER_III"): None,
}
MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
LOSSLESS = [pair for pair, error in FORMATS.items() if error is not None]


def encoded(y: np.ndarray, rate: int, kind: str = "WAV", subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, y, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def tone(samples: int, rate: int, hertz: float = 440.0, peak: float = 0.5) -> np.ndarray:
    return (peak * np.sin(2 * np.pi * hertz * np.arange(samples) / rate)).astype(np.float32)


@st.composite
def recordings(draw: st.DrawFn) -> tuple[str, str, int, np.ndarray]:
    """A sound of some format, rate and number of channels, shape (frames, channels)."""
    kind, subtype = draw(st.sampled_from(list(FORMATS)))
    if kind == "MP3":
        rate, channels = draw(st.sampled_from(MP3_RATES)), draw(st.integers(1, 2))
    else:
        # Vorbis has no settings for many channels at very low rates.
        rate, channels = draw(st.integers(8_000 if kind == "OGG" else 4_000, 96_000)), draw(st.integers(1, 8))
    if kind == "FLAC" and rate > 65_535:
        rate -= rate % 10  # its header has no room for others
    frames = draw(st.integers(1, 12_000))
    base = tone(frames, rate, hertz=draw(st.integers(100, 1_500)))
    return kind, subtype, rate, np.stack([base * (1 - k / 16) for k in range(channels)], axis=1)


# --- decode ---------------------------------------------------------------------------------------------------------------


@given(recordings())
@settings(max_examples=150)
def test_decoding_gives_float32_mono_of_the_same_length_from_every_format(recording):
    kind, subtype, rate, y = recording
    array, found = decode(encoded(y, rate, kind, subtype))
    assert found == rate
    assert array.dtype == np.float32
    assert array.shape == (len(y),)
    mixed, error = y.mean(axis=1), FORMATS[kind, subtype]
    if error is not None:
        np.testing.assert_allclose(array, mixed, atol=error + 1e-6)
    elif len(y) > 4_000:
        assert np.corrcoef(array[1_000:-1_000], mixed[1_000:-1_000])[0, 1] > 0.9


@given(recordings(), st.integers(4_000, 96_000))
@settings(max_examples=60)
def test_decoding_to_another_rate_keeps_the_duration(recording, rate):
    kind, subtype, own, y = recording
    array, found = decode(encoded(y, own, kind, subtype), sampling_rate=rate)
    assert found == rate
    assert array.dtype == np.float32
    assert len(array) == -(-len(y) * rate // own)
    assert abs(len(array) / rate - len(y) / own) < 1 / rate


@given(recordings())
@settings(max_examples=30)
def test_bytes_path_and_file_object_give_the_same(tmp_path, recording):
    kind, subtype, rate, y = recording
    data = encoded(y, rate, kind, subtype)
    path = tmp_path / "clip.bin"
    path.write_bytes(data)
    expected, _ = decode(data)
    with path.open("rb") as file:
        for source in (bytearray(data), memoryview(data), path, str(path), file, io.BytesIO(data)):
            array, found = decode(source)
            assert found == rate
            np.testing.assert_array_equal(array, expected)


def test_a_headerless_name_does_not_change_how_bytes_are_read(tmp_path):
    path = tmp_path / "clip.raw"  # for which soundfile alone would ask for a rate
    path.write_bytes(encoded(tone(800, 8_000), 8_000))
    assert len(decode(path)[0]) == 800


def test_a_recording_without_samples_decodes_to_an_empty_array():
    array, rate = decode(encoded(np.zeros(0, np.float32), 8_000), sampling_rate=16_000)
    assert array.shape == (0,)
    assert rate == 16_000


# --- what cannot be decoded -----------------------------------------------------------------------------------------------

UNDECODABLE = {
    "empty": (b"", "it is empty (0 bytes)"),
    "text": (b"Dear customer, your call is important to us.\n" * 9, "it is text, not sound (it begins 'Dear customer"),
    "korean text": ("고객님, 전화해 주셔서 감사합니다.\n".encode() * 200, "it is text, not sound (it begins '고객님"),
    "utf-16 text": ("Dear customer".encode("utf-16"), "it is text, not sound (it begins 'Dear customer')"),
    "html": (b"\n<!DOCTYPE html><html><body>Log in</body></html>", "it is an HTML page"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "it is a Git LFS pointer"),
    "m4a": (b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(64), "it is an MP4/M4A recording (AAC), which only FFmpeg reads: convert"),
    "webm": (b"\x1aE\xdf\xa3" + bytes(64), "it is a WebM/Matroska recording, which only FFmpeg reads: convert it to WAV"),
    "amr": (b"#!AMR\n" + bytes(64), "it is an AMR recording from a telephone"),
    "wma": (b"0&\xb2u\x8ef\xcf\x11" + bytes(64), "it is a Windows Media recording"),
    "zip": (b"PK\x03\x04" + bytes(64), "it is a ZIP archive, not sound"),
    "pdf": (b"%PDF-1.7\n", "it is a PDF document, not sound"),
    "parquet": (b"PAR1" + bytes(64), "it is a Parquet table, not sound"),
    "cut wav": (encoded(tone(800, 8_000), 8_000)[:30], "it begins like WAV, but it is damaged"),
    "cut flac": (encoded(tone(800, 8_000), 8_000, "FLAC")[:20], "it begins like FLAC, but it is damaged"),
    "noise": (random.Random(0).randbytes(500), "its format is not known (first bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDECODABLE)
def test_undecodable_bytes_are_named_for_what_they_are(name, monkeypatch):
    data, says = UNDECODABLE[name]
    with pytest.raises(AudioError) as english:
        decode(data)
    assert str(english.value).startswith(f"The sound cannot be decoded: {says}")
    monkeypatch.setenv("COURSE_LANG", "ko")
    with pytest.raises(AudioError) as korean:
        decode(data)
    assert str(korean.value).startswith("이 소리: 디코딩할 수 없어요.")


def test_a_text_file_named_wav_is_named_with_its_path(tmp_path):
    path = tmp_path / "call.wav"
    path.write_text("This is not sound.")
    with pytest.raises(
        AudioError, match=r"call\.wav cannot be decoded: it is text, not sound \(it begins 'This is not sound\.'\)"
    ):
        decode(path)


def test_missing_files_and_folders_say_so(tmp_path):
    with pytest.raises(AudioError, match=r"There is no file .*nowhere\.wav"):
        decode(tmp_path / "nowhere.wav")
    with pytest.raises(AudioError, match="is a folder"):
        decode(tmp_path)
    with pytest.raises(AudioError, match="cannot be opened"):
        decode("a\0name.wav")


def test_what_is_no_file_at_all_says_what_to_pass(tmp_path):
    with pytest.raises(AudioError, match="A int cannot be decoded: pass the bytes"):
        decode(3)
    path = tmp_path / "clip.wav"
    path.write_bytes(encoded(tone(800, 8_000), 8_000))
    with path.open(encoding="utf-8") as file, pytest.raises(AudioError, match="opened as text"):
        decode(file)


@pytest.mark.parametrize("rate", [0, 7, 999, 768_001, 2**31 - 1])
def test_an_impossible_rate_in_a_header_is_damage(rate):
    data = bytearray(encoded(tone(800, 8_000), 8_000))
    data[24:28] = struct.pack("<I", rate)
    with pytest.raises(AudioError, match="cannot be decoded"):
        decode(bytes(data), sampling_rate=16_000)


def damage(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """`data` with bits flipped, cut off, overwritten in its header, spliced with another, or shortened inside; or noise."""
    changed = bytearray(data)
    match rng.randrange(6):
        case 0:
            for _ in range(rng.choice([1, 3, 20])):
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        case 1:
            del changed[rng.randrange(len(changed)) :]
        case 2:
            for _ in range(rng.choice([1, 2, 5])):
                changed[rng.randrange(min(len(changed), 120))] = rng.choice([0, 127, 128, 255, rng.randrange(256)])
        case 3:
            other, at = rng.choice(others), rng.randrange(len(changed))
            changed[at : at + rng.randrange(200)] = other[rng.randrange(len(other)) :][: rng.randrange(400)]
        case 4:
            at = rng.randrange(len(changed))
            del changed[at : at + rng.randrange(64)]
        case _:
            return rng.randbytes(rng.randrange(3_000))
    return bytes(changed)


def test_damaged_bytes_give_samples_or_an_audio_error_and_nothing_else(capfd):
    rng = random.Random(14)
    noise = np.random.default_rng(14).normal(0, 0.1, (2_000, 2)).astype(np.float32)
    whole = [encoded(noise[:, :channels], 8_000, *pair) for pair in FORMATS for channels in (1, 2)]
    whole += [encoded(noise[:, 0], 8_000, kind, "PCM_16") for kind in ("AU", "CAF", "W64", "RF64", "NIST", "VOC")]
    outcomes = {"samples": 0, "refused": 0}
    for _ in range(3_000):
        data = damage(rng.choice(whole), whole, rng)
        try:
            array, rate = decode(data, sampling_rate=rng.choice([None, 16_000]))
        except AudioError:
            outcomes["refused"] += 1
        else:
            assert array.dtype == np.float32
            assert array.ndim == 1
            assert rate > 0
            outcomes["samples"] += 1
    assert min(outcomes.values()) > 300, outcomes  # both ends are reached
    assert "Traceback" not in capfd.readouterr().err


# --- resample -------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 5_000), st.integers(4_000, 96_000), st.integers(4_000, 96_000))
@example(1, 96_000, 4_000)
@example(62_415, 8_000, 16_000)
@settings(max_examples=100)
def test_resampling_keeps_duration(samples, orig_sr, target_sr):
    y = resample(tone(samples, orig_sr), orig_sr=orig_sr, target_sr=target_sr)
    assert y.dtype == np.float32
    assert y.shape == (-(-samples * target_sr // orig_sr),)


@pytest.mark.parametrize(("orig_sr", "target_sr"), [(8_000, 16_000), (44_100, 16_000), (16_000, 8_000), (48_000, 16_000)])
def test_resampling_keeps_a_tone_that_both_rates_can_hold(orig_sr, target_sr):
    y = resample(tone(orig_sr, orig_sr, 1_000), orig_sr=orig_sr, target_sr=target_sr)
    middle = slice(target_sr // 10, -target_sr // 10)
    np.testing.assert_allclose(y[middle], tone(target_sr, target_sr, 1_000)[middle], atol=1e-3)


def test_resampling_down_removes_what_the_lower_rate_cannot_hold():
    y = resample(tone(16_000, 16_000, 6_000), orig_sr=16_000, target_sr=8_000)
    assert np.abs(y[400:-400]).max() < 1e-3


@pytest.mark.parametrize("rate", [0, -8_000, 8_000.5, True, "8000", None])
def test_resampling_refuses_what_is_no_rate(rate):
    with pytest.raises(AudioError, match="whole number above 0"):
        resample(tone(80, 8_000), orig_sr=rate, target_sr=16_000)
    with pytest.raises(AudioError, match="whole number above 0"):
        resample(tone(80, 8_000), orig_sr=16_000, target_sr=rate)


# --- validate -------------------------------------------------------------------------------------------------------------

GOOD = tone(16_000, 16_000)
WITH_NAN = np.where(np.arange(16_000) % 5_000 == 77, np.nan, GOOD).astype(np.float32)

# name: (samples, keywords, what the English sentence begins with, what it tells to do)
BAD = {
    "empty": (np.zeros(0, np.float32), {}, "The clip is empty: it has 0 samples.", "Check the recording"),
    "50 ms": (GOOD[:800], {"sampling_rate": 16_000}, "The clip is only 50 ms long (800 samples at 16000 Hz)", "at least 100 ms"),
    "NaN": (WITH_NAN, {}, "4 of the clip's 16000 samples are NaN or infinite, the first at index 77", "np.nan_to_num"),
    "infinite": (np.append(GOOD, np.float32("inf")), {}, "1 of the clip's 16001 samples are NaN or infinite", "np.nan_to_num"),
    "stereo": (np.stack([GOOD, GOOD], axis=1), {}, "The clip has shape (16000, 2), 2 channels; models", "y.mean(axis=1)"),
    "stereo, channels first": (np.stack([GOOD, GOOD]), {}, "The clip has shape (2, 16000), 2 channels", "y.mean(axis=0)"),
    "batch": (GOOD.reshape(1, 1, -1), {}, "The clip has shape (1, 1, 16000)", "shape (n,)"),
    "int16": ((GOOD * 32767).astype(np.int16), {}, "The clip holds int16 whole numbers", 'y.astype("float32") / 32768'),
    "uint8": ((GOOD * 127 + 128).astype(np.uint8), {}, "The clip holds uint8 whole numbers", '(y.astype("float32") - 128) / 128'),
    "int16 kept as float": (GOOD * 32767, {}, "The clip's peak is 16384; samples lie", "divide 16-bit ones by 32768"),
    "another rate": (
        GOOD,
        {"sampling_rate": 8_000, "expected_sampling_rate": 16_000},
        "The clip is sampled at 8000 Hz, the model expects 16000 Hz",
        'cast_column("audio", Audio(sampling_rate=16000))',
    ),
    "list": (GOOD.tolist(), {}, "The clip is a list, not an array of samples", 'np.asarray(y, dtype="float32")'),
    "path": ("clip.wav", {}, "The clip is a str, not an array of samples", "helpers.audio.decode(path)"),
    "bytes": (b"RIFF", {}, "The clip is a bytes, not an array of samples", "helpers.audio.decode(data)"),
    "audio dict": ({"array": GOOD, "sampling_rate": 16_000}, {}, "A dict with the keys array, sampling_rate", '["array"]'),
    "nothing": (None, {}, "The clip is a NoneType, not an array of samples", 'minds[0]["audio"]["array"]'),
    "complex": (GOOD.astype(np.complex64), {}, "The clip holds values of type complex64", "float32 between -1 and 1"),
    "objects": (np.array([None, 1.0]), {}, "The clip holds values of type object", "float32 between -1 and 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_sentence_that_says_what_to_do(name, monkeypatch):
    y, keywords, begins, advice = BAD[name]
    with pytest.raises(AudioError) as english:
        validate(y, **keywords)
    assert str(english.value).startswith(begins)
    assert advice in str(english.value)
    monkeypatch.setenv("COURSE_LANG", "ko")
    with pytest.raises(AudioError) as korean:
        validate(y, **keywords)
    assert any("가" <= letter <= "힣" for letter in str(korean.value))
    assert any(ending in str(korean.value) for ending in ("요.", "요:"))


def test_validate_hands_back_float32_mono():
    for y in (GOOD, GOOD.astype(np.float64), GOOD.astype(np.float16), np.repeat(GOOD, 2)[::2]):
        array = validate(y, sampling_rate=16_000, expected_sampling_rate=16_000)
        assert array.dtype == np.float32
        assert array.flags.c_contiguous
        np.testing.assert_allclose(array, GOOD, atol=1e-3)


def test_validate_takes_torch_tensors():
    import torch

    np.testing.assert_array_equal(validate(torch.from_numpy(GOOD)), GOOD)
    with pytest.raises(AudioError, match=r"y\.detach\(\)\.cpu\(\)\.numpy\(\)"):
        validate(torch.from_numpy(GOOD).requires_grad_())


def test_validate_lets_silence_and_the_shortest_allowed_clip_pass():
    assert len(validate(np.zeros(1_600, np.float32), sampling_rate=16_000)) == 1_600
    assert len(validate(GOOD[:800], sampling_rate=16_000, min_seconds=0.05)) == 800
    assert len(validate(GOOD[:800], sampling_rate=8_000)) == 800


def test_samples_and_rate_come_from_an_example_or_an_array(clip):
    for y, rate in (samples_and_rate(clip), samples_and_rate(clip["array"], 16_000)):
        assert rate == 16_000
        np.testing.assert_array_equal(y, clip["array"])
    with pytest.raises(AudioError, match="sampling rate is missing"):
        samples_and_rate(clip["array"])
    with pytest.raises(AudioError, match=r'row\["audio"\]'):
        samples_and_rate({"audio": clip, "intent_class": 13})


# --- inspect --------------------------------------------------------------------------------------------------------------


@given(recordings())
@settings(max_examples=40)
def test_inspecting_finds_what_was_written(tmp_path, recording):
    kind, subtype, rate, y = recording
    path = tmp_path / "clip.bin"
    path.write_bytes(encoded(y, rate, kind, subtype))
    found = inspect(path)
    assert (found.format, found.subtype) == (kind, subtype)
    assert (found.sampling_rate, found.channels, found.frames) == (rate, y.shape[1], len(y))
    assert found.duration == len(y) / rate
    assert found.non_finite == 0
    if FORMATS[kind, subtype] is not None:
        assert abs(found.peak - np.abs(y).max()) <= FORMATS[kind, subtype] + 1e-6


def test_inspecting_counts_clipping_silence_and_nan(tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(encoded(np.array([0, 1, -1, 0.5, np.nan, np.inf], np.float32), 8_000, subtype="FLOAT"))
    found = inspect(path)
    assert (found.clipped, found.non_finite, found.peak, found.silent) == (2, 2, 1.0, False)
    path.write_bytes(encoded(np.full(800, 1e-4, np.float32), 8_000))
    assert inspect(path).silent


def test_three_hours_are_inspected_in_flat_memory(tmp_path):
    rate, seconds = 8_000, 3 * 3_600
    path = tmp_path / "meeting.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"")
    header, last = path.stat().st_size, (tone(rate, rate) * 32767).astype("<i2").tobytes()
    size = seconds * rate * 2
    with path.open("r+b") as file:  # 173 MB that take no disk: zeros are not stored where the file system knows holes
        file.seek(4)
        file.write(struct.pack("<I", header - 8 + size))
        file.seek(header - 4)
        file.write(struct.pack("<I", size))
        file.seek(header + size - len(last))
        file.write(last)
    tracemalloc.start()
    try:
        found = inspect(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.duration == seconds
    assert found.peak == pytest.approx(0.5, abs=1e-3)  # so it was read to its end
    assert most < 50e6


# --- the column -----------------------------------------------------------------------------------------------------------


@functools.cache  # Ogg bytes hold a serial number drawn at random
def clips() -> list[dict[str, object]]:
    """Six stored clips of different formats, rates and channels."""
    return [
        {"path": "mu-law.wav", "bytes": encoded(tone(4_000, 8_000), 8_000, "WAV", "ULAW")},
        {"path": "stereo.wav", "bytes": encoded(np.stack([tone(4_410, 44_100), tone(4_410, 44_100) / 2], 1), 44_100)},
        {"path": "flac.flac", "bytes": encoded(tone(4_800, 16_000), 16_000, "FLAC")},
        {"path": "vorbis.ogg", "bytes": encoded(tone(9_600, 48_000), 48_000, "OGG", "VORBIS")},
        {"path": "layer3.mp3", "bytes": encoded(tone(6_400, 16_000), 16_000, "MP3", "MPEG_LAYER_III")},
        {"path": None, "bytes": encoded(tone(2_205, 22_050), 22_050, "WAV", "FLOAT")},
    ]


def stored(rate: int | None = 16_000) -> Dataset:
    """The clips as a data set comes from the Hub, then cast."""
    plain = Features({"audio": datasets.Audio(decode=False), "label": Value("int64")})
    table = pa.table({"audio": pa.array(clips(), type=datasets.Audio.pa_type), "label": list(range(6))})
    return Dataset(table.replace_schema_metadata(), info=datasets.DatasetInfo(features=plain)).cast_column("audio", Audio(rate))


@pytest.fixture(scope="module")
def expected() -> list[np.ndarray]:
    return [decode(clip["bytes"], sampling_rate=16_000)[0] for clip in clips()]


def assert_same(found, expected) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert np.asarray(one["array"]).dtype == np.float32
        assert one["sampling_rate"] == 16_000
        np.testing.assert_array_equal(one["array"], other)


def test_audio_is_made_like_datasets_audio():
    assert isinstance(Audio(), datasets.Audio)
    assert Audio(16_000) == Audio(sampling_rate=16_000)
    assert Audio(16_000) != datasets.Audio(16_000)
    assert repr(Audio(8_000)) == repr(datasets.Audio(8_000))
    assert Audio()() == datasets.Audio()()


@pytest.mark.parametrize("keywords", [{"num_channels": 3}, {"stream_index": 1}, {"sampling_rate": 0}, {"sampling_rate": 16e3}])
def test_audio_refuses_what_it_cannot_do(keywords):
    with pytest.raises(AudioError, match="Audio takes"):
        Audio(**keywords)


def test_row_batch_column_and_slice_decode(expected):
    minds = stored()
    assert minds[0]["audio"]["path"] == "mu-law.wav"
    assert minds[5]["audio"]["path"] is None
    assert_same([minds[i]["audio"] for i in range(6)], expected)
    assert_same(minds[:]["audio"], expected)
    assert_same(list(minds["audio"]), expected)
    assert_same(minds.select([4, 1])[:]["audio"], [expected[4], expected[1]])


def test_without_a_rate_each_clip_keeps_its_own():
    assert [one["sampling_rate"] for one in stored(None)[:]["audio"]] == [8_000, 44_100, 16_000, 48_000, 16_000, 22_050]


def test_two_channels_on_request():
    minds = stored().cast_column("audio", Audio(16_000, num_channels=2))
    mono, stereo = minds[0]["audio"]["array"], minds[1]["audio"]["array"]
    assert mono.shape == (2, 8_000)
    np.testing.assert_array_equal(mono[0], mono[1])
    assert stereo.shape == (2, 1_600)
    np.testing.assert_allclose(stereo[0, 200:-200], 2 * stereo[1, 200:-200], atol=1e-3)


def test_undecoded_column_gives_bytes_and_path():
    minds = stored().cast_column("audio", Audio(decode=False))
    assert minds[0]["audio"] == clips()[0]
    with pytest.raises(AudioError, match="decode=False"):
        Audio(decode=False).decode_example(minds[0]["audio"])


@pytest.mark.parametrize("workers", [None, 2])
def test_map_and_filter_hear_the_clips(expected, workers):
    minds = stored()
    lengths = minds.map(lambda row: {"samples": len(row["audio"]["array"])}, num_proc=workers)
    assert lengths["samples"][:] == [len(array) for array in expected]
    assert_same(lengths[:]["audio"], expected)
    longer = minds.filter(lambda row: len(row["audio"]["array"]) > 4_000, num_proc=workers)
    assert longer["label"][:] == [0, 2, 4] or longer["label"][:] == [i for i, a in enumerate(expected) if len(a) > 4_000]
    batched = minds.map(lambda rows: {"n": [len(one["array"]) for one in rows["audio"]]}, batched=True, batch_size=4)
    assert batched["n"][:] == lengths["samples"][:]


def test_map_can_change_the_sound_without_loss(expected):
    louder = stored().map(lambda row: {"audio": {**row["audio"], "array": row["audio"]["array"] * 3}})
    assert louder.features["audio"] == Audio(16_000)
    assert_same(louder[:]["audio"], [array * 3 for array in expected])  # above 1 too: 32-bit float, nothing clipped


def test_save_and_load_from_disk(tmp_path, expected):
    stored().save_to_disk(tmp_path / "saved")
    back = load_from_disk(tmp_path / "saved")
    assert back.features["audio"] == Audio(16_000)
    assert_same(back[:]["audio"], expected)


def test_parquet_keeps_the_stored_bytes_and_the_class(tmp_path, expected):
    stored().to_parquet(tmp_path / "train.parquet")
    back = Dataset.from_parquet(str(tmp_path / "train.parquet"), cache_dir=tmp_path / "cache")
    assert back.features["audio"] == Audio(16_000)
    assert [row["bytes"] for row in back.data["audio"].to_pylist()] == [clip["bytes"] for clip in clips()]
    assert_same(back[:]["audio"], expected)


def test_features_survive_json_and_yaml():
    features = Features({"audio": Audio(16_000), "label": Value("int64")})
    assert Features.from_dict(features.to_dict()) == features
    assert Features._from_yaml_list(features._to_yaml_list()) == features


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_with_format_gives_arrays_of_that_kind(kind, expected):
    import torch

    minds = stored().with_format(kind)
    one = minds[0]["audio"]["array"]
    assert isinstance(one, torch.Tensor if kind == "torch" else np.ndarray)
    np.testing.assert_array_equal(np.asarray(one), expected[0])
    assert int(minds[0]["audio"]["sampling_rate"]) == 16_000
    assert [len(row["array"]) for row in minds[:3]["audio"]] == [len(array) for array in expected[:3]]


def test_streaming_from_parquet(tmp_path, expected):
    stored(None).cast_column("audio", datasets.Audio(decode=False)).to_parquet(tmp_path / "train.parquet")
    stream = load_dataset("parquet", data_files=str(tmp_path / "train.parquet"), split="train", streaming=True)
    assert isinstance(stream, IterableDataset)
    stream = stream.cast_column("audio", Audio(16_000))
    assert_same([row["audio"] for row in stream], expected)
    assert [row["label"] for row in stream.filter(lambda row: len(row["audio"]["array"]) < 2_000)] == [1, 5]
    assert_same([row["audio"] for row in stored().to_iterable_dataset()], expected)


def test_streaming_from_inside_an_archive(tmp_path, expected):
    with zipfile.ZipFile(tmp_path / "clips.zip", "w") as archive:
        archive.writestr("flac.flac", clips()[2]["bytes"])
    address = f"zip://flac.flac::{tmp_path / 'clips.zip'}"
    assert_same([Audio(16_000).decode_example({"path": address, "bytes": None})], [expected[2]])


def test_paths_bytes_files_and_arrays_encode(tmp_path):
    data, path = encoded(GOOD, 16_000, subtype="FLOAT"), tmp_path / "clip.wav"
    path.write_bytes(data)
    with path.open("rb") as file:
        values = [
            str(path),
            path,
            data,
            bytearray(data),
            file,
            {"path": str(path)},
            {"path": None, "bytes": data},
            {"array": GOOD, "sampling_rate": 16_000},
            {"path": "ignored.wav", "array": GOOD.tolist(), "sampling_rate": 16_000},
            {"array": GOOD.astype(np.float64)[None, :], "sampling_rate": 16_000},
        ]
        for value in values:
            found = Audio().decode_example(Audio().encode_example(value))
            np.testing.assert_array_equal(found["array"], GOOD)
            assert found["sampling_rate"] == 16_000


def test_stereo_arrays_encode_channels_first():
    stored_value = Audio().encode_example({"array": np.stack([GOOD, GOOD / 2]), "sampling_rate": 16_000})
    np.testing.assert_allclose(Audio(num_channels=2).decode_example(stored_value)["array"], [GOOD, GOOD / 2])


@pytest.mark.parametrize(
    "value",
    [3, {}, {"path": None, "bytes": None}, {"array": GOOD}, {"array": (GOOD * 32767).astype(np.int16), "sampling_rate": 16_000}],
)
def test_what_cannot_be_encoded_says_so(value):
    with pytest.raises(AudioError):
        Audio().encode_example(value)


def test_rows_made_in_python_become_a_column():
    features = Features({"audio": Audio(16_000)})
    rows = [{"array": tone(800, 8_000), "sampling_rate": 8_000}, None, clips()[2]]
    made = Dataset.from_dict({"audio": rows}, features=features)
    assert len(made[0]["audio"]["array"]) == 1_600
    assert made[1]["audio"] is None
    assert len(made[2]["audio"]["array"]) == 4_800
    made = Dataset.from_generator(lambda: ({"audio": row} for row in rows), features=features)
    assert len(made[0]["audio"]["array"]) == 1_600


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()])
def test_columns_of_paths_or_bytes_can_be_cast(tmp_path, kind):
    path = tmp_path / "clip.wav"
    path.write_bytes(encoded(GOOD, 16_000))
    value = path.read_bytes() if kind in (pa.binary(), pa.large_binary()) else str(path)
    made = Dataset(pa.table({"audio": pa.array([value, None], type=kind)})).cast_column("audio", Audio(8_000))
    assert len(made[0]["audio"]["array"]) == 8_000
    assert made[1]["audio"] is None


def test_columns_of_arrays_can_be_cast():
    made = Dataset.from_dict({"audio": [{"array": GOOD, "sampling_rate": 16_000}]}).cast_column("audio", Audio(8_000))
    assert made[0]["audio"]["array"].shape == (8_000,)


def test_a_damaged_row_names_its_file():
    minds = Dataset.from_dict({"audio": [{"path": "call.wav", "bytes": b"RIFF"}]}).cast_column("audio", Audio())
    with pytest.raises(AudioError, match=r"call\.wav cannot be decoded"):
        minds[0]


# --- the genuine recordings -----------------------------------------------------------------------------------------------


def test_genuine_recordings_read_as_published(genuine):
    minds = load_dataset(str(genuine), name="en-AU", split="train")
    assert minds.num_rows == 654
    assert minds.column_names == ["path", "audio", "transcription", "english_transcription", "intent_class", "lang_id"]
    own = minds.cast_column("audio", Audio())[0]
    array = own["audio"]["array"]
    assert own["path"] == "en-AU~PAY_BILL/response_4.wav"
    assert own["audio"]["sampling_rate"] == 8_000
    assert array.shape == (62_415,)
    np.testing.assert_array_equal(array[:3], np.float32([0, 1, -1]) / 4096)  # 0.00024414, the smallest step of mu-law
    np.testing.assert_array_equal(array[-3:], np.float32([-1, 1, 5]) / 4096)
    assert minds.features["intent_class"].int2str(own["intent_class"]) == "pay_bill"
    minds = minds.cast_column("audio", Audio(sampling_rate=16_000))
    assert minds[0]["audio"]["array"].shape == (124_830,)
    batch = minds[:8]["audio"]
    assert [one["sampling_rate"] for one in batch] == [16_000] * 8
    np.testing.assert_array_equal(batch[0]["array"], resample(array, orig_sr=8_000, target_sr=16_000))


def test_genuine_durations_are_as_published(genuine):
    minds = load_dataset(str(genuine), name="en-AU", split="train").cast_column("audio", Audio())
    seconds = np.array([len(row["audio"]["array"]) / row["audio"]["sampling_rate"] for row in minds])
    assert seconds.sum() / 3_600 == pytest.approx(1.53, abs=0.005)
    assert (seconds < 20).sum() == 624
    assert (seconds > 15).sum() == 78
    assert np.median(seconds) == pytest.approx(6.63, abs=0.005)


# --- the package ----------------------------------------------------------------------------------------------------------


def test_importing_helpers_is_quick_and_light():
    code = "import sys, helpers; print(*[name for name in ('torch', 'matplotlib', 'datasets', 'numpy') if name in sys.modules])"
    seconds = []
    for _ in range(3):
        before = os.times()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
        after = os.times()
        # The process's own time, start of Python included: on an idle machine what a clock shows, on a busy one still right.
        own = after.children_user - before.children_user + after.children_system - before.children_system
        seconds.append(own or after.elapsed - before.elapsed)  # Windows does not count it
        assert done.stdout.strip() == ""
    assert min(seconds) < 0.3


def test_decoding_loads_neither_torch_nor_matplotlib():
    code = "import sys, helpers.audio; print(*[name for name in ('torch', 'matplotlib', 'torchcodec') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    assert done.stdout.strip() == ""
    assert done.stderr == ""


def test_modules_are_reached_through_the_package():
    import helpers

    assert helpers.Audio is audio.Audio
    assert helpers.audio is audio
