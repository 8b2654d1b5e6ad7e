"""Sound without FFmpeg: the `Audio` column, `decode`, `resample`, `validate` and `inspect`. Used in every lesson.

`datasets` decodes through torchcodec, which needs FFmpeg's shared libraries and a matching torch build. `Audio` here is a
drop-in that decodes with libsndfile (WAV, FLAC, Ogg, MP3 and more, inside the `soundfile` wheel) and resamples with soxr.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import datasets
import numpy as np
import pyarrow as pa
import soundfile
import soxr
from datasets.features.features import register_feature

from .errors import AudioError
from .language import say

MIN_SECONDS = 0.1  # shorter than the shortest syllable; Wav2Vec2's convolutions need 25 ms, Whisper's answer to less is noise
SILENT_PEAK = 1e-3  # -60 dB of full scale: below the noise of a telephone line
LARGEST_PEAK = 16.0  # floats beyond this are whole-number samples that nobody scaled (8-bit ones reach 127, 16-bit ones 32767)
RATES = (1_000, 768_000)  # hertz; a header that says otherwise is damaged, and resampling from it would fill the memory
_BLOCK = 1 << 18  # values read at a time, all channels together (1 MiB)


def _error(en: str, ko: str) -> AudioError:
    return AudioError(say(en, ko))


# --- decoding -------------------------------------------------------------------------------------------------------------


class _Stream:
    """What libsndfile reads from: no name (soundfile takes `.raw` names for headerless data) and no exception from `seek`.

    libsndfile calls these methods from C, where an exception would be printed with its traceback instead of raised; a
    damaged header makes it seek to places before the start.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()

    def read(self, count: int = -1) -> bytes:
        return self._file.read(count)

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes) -> int:
        raise io.UnsupportedOperation("read only")


# The first bytes of what people take for a sound file that libsndfile reads: (offset, bytes, English, Korean).
_FFMPEG_ONLY = (
    (4, b"ftyp", "an MP4/M4A recording (AAC)", "MP4/M4A 녹음, AAC"),
    (0, b"\x1aE\xdf\xa3", "a WebM/Matroska recording", "WebM/Matroska 녹음"),
    (0, b"\xff\xf1", "an AAC recording", "AAC 녹음"),
    (0, b"\xff\xf9", "an AAC recording", "AAC 녹음"),
    (0, b"#!AMR", "an AMR recording from a telephone", "휴대전화의 AMR 녹음"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a Windows Media recording", "Windows Media 녹음"),
    (8, b"AVI ", "an AVI video", "AVI 동영상"),
)
_NOT_SOUND = (
    (0, b"%PDF", "a PDF document", "PDF 문서"),
    (0, b"PK\x03\x04", "a ZIP archive", "ZIP 압축 파일"),
    (0, b"\x1f\x8b", "a gzip archive", "gzip 압축 파일"),
    (0, b"\x89PNG", "a PNG picture", "PNG 그림"),
    (0, b"\xff\xd8\xff", "a JPEG picture", "JPEG 그림"),
    (0, b"GIF8", "a GIF picture", "GIF 그림"),
    (0, b"PAR1", "a Parquet table", "Parquet 표"),
)
_SOUND = (
    (0, b"RIFF", "WAV"),
    (0, b"RIFX", "WAV"),
    (0, b"RF64", "WAV"),
    (0, b"fLaC", "FLAC"),
    (0, b"OggS", "Ogg"),
    (0, b"ID3", "MP3"),
    (0, b"\xff\xfb", "MP3"),
    (0, b"\xff\xf3", "MP3"),
    (0, b"FORM", "AIFF"),
    (0, b".snd", "AU"),
)


def _text_of(head: bytes) -> str | None:
    """`head` as text, or None where it is not text: a whole UTF-8 (or UTF-16 with its mark) string without control characters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    else:
        try:
            text = head.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start < len(head) - 3:  # a character cut in two by the end of `head` is no objection
                return None
            text = head[: error.start].decode("utf-8")
    return text if text and all(c.isprintable() or c in "\r\n\t\f\ufeff" for c in text) else None


def _found_in(head: bytes) -> str:
    """What undecodable bytes are, and what to do about it, from the first of them."""
    convert = say(
        "convert it to WAV, for example with `ffmpeg -i FILE clip.wav` or in Audacity",
        "WAV로 바꾸세요. 예를 들어 `ffmpeg -i FILE clip.wav` 명령이나 Audacity를 쓰면 돼요",
    )
    fetch = say("get the sound file itself and try again", "소리 파일 자체를 다시 받아서 시도하세요")
    if not head:
        return say(f"it is empty (0 bytes): {fetch}.", f"비어 있어요(0바이트). {fetch}.")
    for offset, magic, en, ko in _FFMPEG_ONLY:
        if head[offset:].startswith(magic):
            return say(f"it is {en}, which only FFmpeg reads: {convert}.", f"FFmpeg만 읽을 수 있는 형식이에요({ko}). {convert}.")
    for offset, magic, en, ko in _NOT_SOUND:
        if head[offset:].startswith(magic):
            return say(f"it is {en}, not sound: {fetch}.", f"소리 파일이 아니에요({ko}). {fetch}.")
    for offset, magic, name in _SOUND:
        if head[offset:].startswith(magic):
            return say(
                f"it begins like {name}, but it is damaged, cut off or of a kind that libsndfile does not read: "
                f"get it again, or {convert}.",
                f"{name}처럼 시작하지만 손상되었거나 잘렸거나 libsndfile이 읽지 못하는 종류예요. 파일을 다시 받거나 {convert}.",
            )
    if (text := _text_of(head)) is not None:
        start = text.lstrip("\ufeff \r\n\t")
        if start[:9].lower().startswith(("<!doctype", "<html")):
            return say(
                f"it is an HTML page (often a login or error page that a download left): {fetch}.",
                f"HTML 페이지예요(다운로드가 남긴 로그인이나 오류 페이지일 때가 많아요). {fetch}.",
            )
        if start.startswith("version https://git-lfs"):
            return say(
                "it is a Git LFS pointer, not the sound itself: run `git lfs pull`.",
                "소리가 아니라 Git LFS 포인터예요. `git lfs pull`을 실행하세요.",
            )
        first = " ".join(start.split())[:40].rstrip()
        return say(
            f"it is text, not sound (it begins '{first}'): {fetch}.", f"소리가 아니라 텍스트예요(시작 부분: '{first}'). {fetch}."
        )
    return say(
        f"its format is not known (first bytes {head[:4].hex(' ')}): {convert}.",
        f"알 수 없는 형식이에요(처음 바이트 {head[:4].hex(' ')}). {convert}.",
    )


def _unreadable(name: str, problem: str) -> AudioError:
    return _error(f"{name} cannot be decoded: {problem}", f"{name}: 디코딩할 수 없어요. {problem}")


@contextmanager
def _opened(source: Any, name: str | None = None) -> Iterator[tuple[soundfile.SoundFile, str]]:
    """`source` open for reading by libsndfile, and what to call it in a message; every error of it becomes an `AudioError`."""
    name = name or say("The sound", "이 소리")
    file: BinaryIO
    if isinstance(source, (bytes, bytearray, memoryview)):
        file = io.BytesIO(source)
    elif isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        try:
            file = open(source, "rb")  # noqa: SIM115 - closed below, on every way out
        except FileNotFoundError:
            raise _error(
                f"There is no file {name}. Check its name; one without a folder is looked for beside the notebook (os.getcwd()).",
                f"{name} 파일이 없어요. 이름을 확인하세요. 폴더 없이 쓴 이름은 노트북이 있는 폴더(os.getcwd())에서 찾아요.",
            ) from None
        except (OSError, ValueError) as error:
            if os.path.isdir(name):  # which is a PermissionError on Windows
                raise _error(
                    f"{name} is a folder: name a sound file in it.",
                    f"{name}: 파일이 아니라 폴더예요. 그 안의 소리 파일을 지정하세요.",
                ) from None
            reason = getattr(error, "strerror", None) or error
            raise _error(
                f"{name} cannot be opened ({reason}). Check its permissions and its name.",
                f"{name} 파일을 열 수 없어요({reason}). 권한과 이름을 확인하세요.",
            ) from None
    elif hasattr(source, "read"):
        try:
            file = io.BytesIO(source.read())
        except (TypeError, UnicodeDecodeError):
            raise _error(
                'The file was opened as text: open it with open(path, "rb").',
                '파일을 텍스트로 열었어요. open(path, "rb")로 여세요.',
            ) from None
    else:
        raise _error(
            f"A {type(source).__name__} cannot be decoded: pass the bytes of a sound file, its path, or the file opened "
            'with open(path, "rb").',
            f"{type(source).__name__}: 디코딩할 수 없는 값이에요. 소리 파일의 바이트나 경로, 또는 "
            'open(path, "rb")로 연 파일을 넘기세요.',
        )
    with file:
        try:
            sound = soundfile.SoundFile(_Stream(file), "r")
        except (soundfile.SoundFileError, RuntimeError, TypeError, ValueError):
            file.seek(0)
            raise _unreadable(name, _found_in(file.read(4096))) from None
        with sound:
            low, high = RATES
            if not low <= sound.samplerate <= high or sound.channels < 1:
                raise _unreadable(
                    name,
                    say(
                        f"its header says {sound.samplerate} Hz and {sound.channels} channel(s), so it is damaged; get it again.",
                        f"헤더에 {sound.samplerate} Hz, 채널 {sound.channels}개라고 적혀 있어요. 손상된 파일이니 다시 받으세요.",
                    ),
                )
            try:
                yield sound, name
            except (soundfile.SoundFileError, RuntimeError, AssertionError, OverflowError) as error:
                if isinstance(error, AudioError):
                    raise
                raise _unreadable(
                    name,
                    say("it is damaged part of the way through: get it again.", "중간에 손상되어 있어요. 파일을 다시 받으세요."),
                ) from None


def _blocks(sound: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """The samples, block by block, shape (frames, channels), float32: a header's claim about the length allocates nothing."""
    frames = max(1, _BLOCK // sound.channels)
    while len(block := sound.read(frames, dtype="float32", always_2d=True)):
        yield block


def decode(source: Any, *, sampling_rate: int | None = None) -> tuple[np.ndarray, int]:
    """Decode a sound file to mono samples.

    Parameters
    ----------
    source : bytes, path or file object
        A whole sound file in any format that libsndfile reads: WAV (PCM, float, mu-law), FLAC, Ogg, MP3, AIFF and more.
    sampling_rate : int, optional
        Resample to this rate, in hertz; by default the file's own is kept.

    Returns
    -------
    array : np.ndarray [shape=(n,)], float32
        In [-1, 1] for whole-number formats. More than one channel is mixed down to their mean.
    sampling_rate : int, in hertz

    Raises
    ------
    AudioError
        If there is no such file, or its bytes cannot be decoded; the message says what they are.

    Notes
    -----
    Used in lesson 04 (your own recording); the `Audio` column decodes with it.
    """
    y, rate = _decode_channels(source)
    return _at_rate(_mixed(y), rate, sampling_rate)


def _decode_channels(source: Any, name: str | None = None) -> tuple[np.ndarray, int]:
    """All channels, shape (channels, n), and the rate."""
    with _opened(source, name) as (sound, _):
        blocks = list(_blocks(sound))
        channels, rate = sound.channels, sound.samplerate
    y = np.concatenate(blocks) if blocks else np.zeros((0, channels), np.float32)
    return np.ascontiguousarray(y.T), rate


def _mixed(y: np.ndarray) -> np.ndarray:
    """The mean of the channels, shape (n,)."""
    if len(y) == 1:
        return y[0]
    with np.errstate(invalid="ignore", over="ignore"):  # a damaged float file holds infinities; `validate` speaks of them
        return y.mean(axis=0)


def _at_rate(y: np.ndarray, rate: int, wanted: int | None) -> tuple[np.ndarray, int]:
    if wanted is None or wanted == rate:
        return y, rate
    return resample(y, orig_sr=rate, target_sr=wanted), wanted


# --- resampling -----------------------------------------------------------------------------------------------------------


def resample(y: np.ndarray, *, orig_sr: int, target_sr: int) -> np.ndarray:
    """Change the sampling rate of a mono signal.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)], float32, in [-1, 1]
        The samples.
    orig_sr : int > 0, in hertz
        The rate they have.
    target_sr : int > 0, in hertz
        The rate they get.

    Returns
    -------
    np.ndarray [shape=(ceil(n * target_sr / orig_sr),)], float32

    Raises
    ------
    AudioError
        If a rate is not positive, or `y` is not a mono signal of real numbers.

    Notes
    -----
    Band-limited (soxr "HQ"); energy above min(orig_sr, target_sr) / 2 is removed. Used in lesson 02.
    """
    for rate in (orig_sr, target_sr):
        if isinstance(rate, bool) or not isinstance(rate, (int, np.integer)) or rate <= 0:
            raise _error(
                f"A sampling rate is a whole number above 0, in hertz, not {rate!r}.",
                f"샘플링 속도(sampling rate)는 0보다 큰 정수(Hz)여야 해요. 받은 값: {rate!r}",
            )
    y = _mono(y)
    if orig_sr == target_sr or not len(y):
        return y
    wanted = -(-len(y) * int(target_sr) // int(orig_sr))
    resampled = soxr.resample(y, int(orig_sr), int(target_sr), quality="HQ")[:wanted]
    # soxr rounds the length to the nearest; a clip's last, incomplete sample period counts here (as in librosa).
    return np.pad(resampled, (0, wanted - len(resampled)))


# --- validation -----------------------------------------------------------------------------------------------------------


def _mono(y: Any) -> np.ndarray:
    """`y` as a float32 array of shape (n,), or an `AudioError` that says why it is none."""
    if isinstance(y, dict):
        raise _error(
            f'A dict with the keys {", ".join(map(str, y))} is not an array of samples: pass its "array", as in '
            'minds[0]["audio"]["array"].',
            f'{", ".join(map(str, y))} 키를 가진 dict는 샘플의 배열이 아니에요. minds[0]["audio"]["array"]처럼 '
            '"array"를 넘기세요.',
        )
    if not hasattr(y, "__array__"):  # NumPy arrays, and tensors of torch as with_format("torch") gives them
        hints: dict[type, str] = {
            str: say("decode the file first with helpers.audio.decode(path)", "먼저 helpers.audio.decode(path)로 디코딩하세요"),
            bytes: say("decode them first with helpers.audio.decode(data)", "먼저 helpers.audio.decode(data)로 디코딩하세요"),
            list: say('make it one with np.asarray(y, dtype="float32")', 'np.asarray(y, dtype="float32")로 배열을 만드세요'),
        }
        hint = hints.get(type(y), say('pass minds[0]["audio"]["array"]', 'minds[0]["audio"]["array"]를 넘기세요'))
        raise _error(
            f"The clip is a {type(y).__name__}, not an array of samples: {hint}.",
            f"이 클립은 샘플의 배열이 아니에요(자료형: {type(y).__name__}). {hint}.",
        )
    try:
        array = np.asarray(y)
    except (TypeError, RuntimeError):  # a tensor on a GPU, or one that gradients flow through
        raise _error(
            "The clip is a tensor that NumPy cannot read where it lies: pass y.detach().cpu().numpy().",
            "NumPy가 바로 읽을 수 없는 텐서(tensor)예요. y.detach().cpu().numpy()를 넘기세요.",
        ) from None
    if array.dtype.kind in "iu":
        bits = array.dtype.itemsize * 8
        half = 2 ** (bits - 1)
        scaled = f'(y.astype("float32") - {half}) / {half}' if array.dtype.kind == "u" else f'y.astype("float32") / {half}'
        raise _error(
            f"The clip holds {array.dtype} whole numbers; models expect float32 between -1 and 1. Scale it: {scaled}.",
            f"이 클립에는 {array.dtype} 정수가 들어 있어요. 모델은 -1과 1 사이의 float32를 기대해요. 이렇게 나누세요: {scaled}.",
        )
    if array.dtype.kind != "f":
        raise _error(
            f"The clip holds values of type {array.dtype}, not samples; models expect float32 between -1 and 1.",
            f"이 클립에는 샘플이 아니라 {array.dtype} 값이 들어 있어요. 모델은 -1과 1 사이의 float32를 기대해요.",
        )
    if array.ndim != 1:
        if array.ndim == 2:
            axis = int(array.shape[1] < array.shape[0])
            raise _error(
                f"The clip has shape {array.shape}, {array.shape[axis]} channels; models hear one. "
                f"Mix it down: y.mean(axis={axis}).",
                f"이 클립의 모양은 {array.shape}이고 채널이 {array.shape[axis]}개예요. 모델은 채널 하나만 들어요. "
                f"하나로 섞으세요: y.mean(axis={axis}).",
            )
        raise _error(
            f"The clip has shape {array.shape}; one channel of samples has shape (n,).",
            f"이 클립의 모양은 {array.shape}인데, 채널 하나의 샘플은 (n,) 모양이어야 해요.",
        )
    return np.ascontiguousarray(array, dtype=np.float32)


def validate(
    y: Any,
    *,
    sampling_rate: int | None = None,
    expected_sampling_rate: int | None = None,
    min_seconds: float = MIN_SECONDS,
) -> np.ndarray:
    """Check that a signal is what a model expects, and hand it back as float32 mono.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)], float, in [-1, 1]
        The samples, as `minds[0]["audio"]["array"]` gives them. A torch tensor on the CPU will do.
    sampling_rate : int, optional
        The rate of `y`, in hertz.
    expected_sampling_rate : int, optional
        The model's rate, in hertz: `classifier.feature_extractor.sampling_rate`. Compared where both rates are given.
    min_seconds : float
        The shortest clip to let through. Without any rate, 16,000 Hz is assumed here.

    Returns
    -------
    np.ndarray [shape=(n,)], float32

    Raises
    ------
    AudioError
        If `y` is no array, empty, too short, holds NaN or infinity, has several channels, holds whole numbers (never
        scaled silently) or has another rate than the model's. The message says what to do.

    Notes
    -----
    The stock pipeline checks none of this but the number of channels: NaN in gives NaN out, and a bare array at the wrong
    rate gets a confident answer. Silence passes: it is a sound, if not a helpful one. Used in lessons 04 and 06.
    """
    array = _mono(y)
    if not array.size:
        raise _error(
            "The clip is empty: it has 0 samples. Check the recording, or the slice that it was cut with.",
            "클립이 비어 있어요. 샘플이 0개예요. 녹음이나 클립을 잘라 낸 구간을 확인하세요.",
        )
    finite = np.isfinite(array)
    if not finite.all():
        bad, first = int(array.size - finite.sum()), int(np.argmin(finite))
        raise _error(
            f"{bad} of the clip's {array.size} samples are NaN or infinite, the first at index {first}: every score would "
            "be NaN. Find the step that made them (a division by 0?), or replace them: np.nan_to_num(y, posinf=0, neginf=0).",
            f"클립의 샘플 {array.size}개 가운데 {bad}개가 NaN이거나 무한대예요(첫 위치 {first}). 점수가 모두 NaN이 돼요. "
            "어느 단계에서 생겼는지(0으로 나누기?) 찾거나 np.nan_to_num(y, posinf=0, neginf=0)으로 바꾸세요.",
        )
    peak = float(np.abs(array).max())
    if peak > LARGEST_PEAK:
        raise _error(
            f"The clip's peak is {peak:.0f}; samples lie between -1 and 1. These look like whole numbers kept as floats: "
            "divide 16-bit ones by 32768.",
            f"클립에서 가장 큰 값: {peak:.0f}. 샘플은 -1과 1 사이에 있어야 해요. 정수를 실수로만 바꾼 것 같아요. "
            "16비트라면 32768로 나누세요.",
        )
    rate, model_rate = int(sampling_rate or 0), int(expected_sampling_rate or 0)
    if rate and model_rate and rate != model_rate:
        raise _error(
            f"The clip is sampled at {rate} Hz, the model expects {model_rate} Hz: it would hear "
            f'another pitch and speed. Resample: minds.cast_column("audio", Audio(sampling_rate={model_rate})) or '
            f"helpers.audio.resample(y, orig_sr={rate}, target_sr={model_rate}).",
            f"클립의 샘플링 속도(sampling rate)는 {rate} Hz인데 모델은 {model_rate} Hz를 기대해요. "
            "그대로 두면 모델에게는 높낮이와 빠르기가 달라진 소리로 들려요. 이렇게 바꾸세요: "
            f'minds.cast_column("audio", Audio(sampling_rate={model_rate})) 또는 '
            f"helpers.audio.resample(y, orig_sr={rate}, target_sr={model_rate}).",
        )
    rate = rate or model_rate or 16_000
    if array.size < min_seconds * rate:
        raise _error(
            f"The clip is only {array.size / rate * 1000:.0f} ms long ({array.size} samples at {rate} Hz), too short to hold a "
            f"word: at least {min_seconds * 1000:.0f} ms are needed. Record it again, or cut out a longer piece.",
            f"클립의 길이가 {array.size / rate * 1000:.0f} ms뿐이라({rate} Hz에서 샘플 {array.size}개) 단어 하나도 담을 수 "
            f"없어요. 적어도 {min_seconds * 1000:.0f} ms가 필요해요. 다시 녹음하거나 더 길게 잘라 내세요.",
        )
    return array


def samples_and_rate(clip: Any, sampling_rate: int | None = None) -> tuple[np.ndarray, int]:
    """The samples and the rate of what plots and players take: an example's audio dict, or an array and its rate.

    Raises
    ------
    AudioError
        If the rate is missing, or the samples are not what `validate` asks for (any length above 0 will do).
    """
    if isinstance(clip, dict):
        if "array" not in clip and "audio" in clip:
            raise _error(
                'This is a whole row: pass its sound, row["audio"].', '행 전체를 넘겼어요. 소리인 row["audio"]를 넘기세요.'
            )
        if "array" in clip and "sampling_rate" in clip:
            clip, sampling_rate = clip["array"], int(clip["sampling_rate"])
    y = validate(clip, min_seconds=0)
    if sampling_rate is None or int(sampling_rate) <= 0:
        raise _error(
            'The sampling rate is missing: pass the example\'s minds[0]["audio"], or the array and sampling_rate=16_000.',
            '샘플링 속도(sampling rate)가 없어요. 예제의 minds[0]["audio"]를 넘기거나 배열과 함께 '
            "sampling_rate=16_000을 넘기세요.",
        )
    return y, int(sampling_rate)


# --- long files -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileReport:
    """What a sound file holds, from one pass over it.

    Attributes
    ----------
    path : str
    format, subtype : str
        libsndfile's names: "WAV" and "PCM_16", "MP3" and "MPEG_LAYER_III".
    sampling_rate : int, in hertz
    channels, frames : int
        A frame holds one sample for each channel.
    peak : float
        The largest finite magnitude; 1 is full scale.
    clipped : int
        Samples at full scale.
    non_finite : int
        Samples that are NaN or infinite.
    """

    path: str
    format: str
    subtype: str
    sampling_rate: int
    channels: int
    frames: int
    peak: float
    clipped: int
    non_finite: int

    @property
    def duration(self) -> float:
        """In seconds."""
        return self.frames / self.sampling_rate

    @property
    def silent(self) -> bool:
        """Whether nothing in it is louder than the noise of a telephone line (-60 dB of full scale)."""
        return self.peak < SILENT_PEAK


def inspect(path: str | os.PathLike[str]) -> FileReport:
    """Look through a sound file of any length; memory stays flat, since it is read block by block.

    Raises
    ------
    AudioError
        If there is no such file, or it cannot be decoded.

    Notes
    -----
    `course doctor FILE` says in sentences what this finds.
    """
    frames = clipped = non_finite = 0
    peak = 0.0
    with _opened(path) as (sound, _):
        for block in _blocks(sound):
            magnitude = np.abs(block)
            finite = np.isfinite(magnitude)
            if not finite.all():
                non_finite += int(magnitude.size - finite.sum())
                magnitude = magnitude[finite]
            frames += len(block)
            peak = max(peak, float(magnitude.max(initial=0.0)))
            # 16-bit full scale is 32767/32768; lossy formats overshoot it
            clipped += int((magnitude >= 32767 / 32768).sum())
        return FileReport(
            os.fspath(path), sound.format, sound.subtype, sound.samplerate, sound.channels, frames, peak, clipped, non_finite
        )


# --- the column -----------------------------------------------------------------------------------------------------------


@dataclass
class Audio(datasets.Audio):
    """A drop-in for `datasets.Audio` that needs neither torchcodec nor FFmpeg.

    Parameters
    ----------
    sampling_rate : int, optional
        Resample to this rate, in hertz, when a clip is read; the stored bytes stay as they are. By default each clip
        keeps its own.
    decode : bool
        False gives `{"path", "bytes"}` as stored.
    num_channels : int, optional
        None or 1: mono, the mean of the channels, `array` of shape (n,), what the course's models hear. (`datasets` keeps the
        file's channels for None.) 2: shape (2, n); a mono clip is doubled.
    stream_index : int, optional
        For `datasets`' sake; a sound file has one stream, 0.

    Notes
    -----
    A clip reads as `{"path": str or None, "array": np.ndarray float32, "sampling_rate": int}`. Stored like `datasets.Audio`, as
    `{"bytes", "path"}`, under its own type name, so that saved data comes back as this class: import `helpers.Audio` before
    `load_from_disk`. What is encoded may be a path, bytes, a file object, or `{"array", "sampling_rate"}`, which is kept
    without loss as 32-bit float WAV.

    Used in every lesson: `minds = minds.cast_column("audio", Audio(sampling_rate=16_000))`.
    """

    _type: str = field(default="CourseAudio", init=False, repr=False)

    def __post_init__(self) -> None:
        if self.num_channels not in (None, 1, 2) or self.stream_index not in (None, 0):
            raise _error(
                f"Audio takes num_channels None, 1 or 2 and stream_index None or 0, not {self.num_channels} and "
                f"{self.stream_index}.",
                "Audio에는 num_channels로 None, 1, 2를, stream_index로 None, 0을 쓸 수 있어요. "
                f"받은 값: {self.num_channels}, {self.stream_index}",
            )
        rate = self.sampling_rate
        if rate is not None and (isinstance(rate, bool) or not isinstance(rate, (int, np.integer)) or rate <= 0):
            raise _error(
                f"Audio takes a sampling_rate in whole hertz, such as 16_000, not {rate!r}.",
                f"Audio의 sampling_rate에는 16_000 같은 정수(Hz)를 쓰세요. 받은 값: {rate!r}",
            )

    def encode_example(self, value: Any) -> dict[str, bytes | str | None]:
        """What is stored for a path, bytes, a file object, or a dict with `array` and `sampling_rate`, `bytes` or `path`."""
        if isinstance(value, str):
            return {"bytes": None, "path": value}
        if isinstance(value, os.PathLike):
            return {"bytes": None, "path": str(Path(value).absolute())}
        if isinstance(value, (bytes, bytearray, memoryview)):
            return {"bytes": bytes(value), "path": None}
        if hasattr(value, "read"):
            return {"bytes": value.read(), "path": None}
        if isinstance(value, dict):
            if value.get("array") is not None:
                return {"bytes": self._encoded(value["array"], value.get("sampling_rate") or self.sampling_rate), "path": None}
            if value.get("bytes") is not None or value.get("path") is not None:
                return {"bytes": value.get("bytes"), "path": value.get("path")}
        raise _error(
            f"A clip cannot be stored from this {type(value).__name__}: give a path, bytes, an open file, or "
            '{"array": samples, "sampling_rate": 16_000}.',
            f"이 값({type(value).__name__})은 클립으로 저장할 수 없어요. 경로, 바이트, 연 파일, 또는 "
            '{"array": samples, "sampling_rate": 16_000}을 넘기세요.',
        )

    @staticmethod
    def _encoded(array: Any, sampling_rate: Any) -> bytes:
        if sampling_rate is None:
            raise _error(
                'An array needs its rate: {"array": samples, "sampling_rate": 16_000}.',
                '배열에는 속도가 필요해요: {"array": samples, "sampling_rate": 16_000}.',
            )
        if isinstance(array, (list, tuple)):  # what an array becomes on its way through Arrow
            array = np.asarray(array, dtype=np.float32)
        array = np.asarray(array)
        channels = [_mono(channel) for channel in array] if array.ndim == 2 else [_mono(array)]
        buffer = io.BytesIO()
        soundfile.write(buffer, np.stack(channels, axis=1), int(sampling_rate), format="WAV", subtype="FLOAT")
        return buffer.getvalue()

    def decode_example(self, value: Any, token_per_repo_id: dict[str, str | bool | None] | None = None) -> Any:
        """The clip as `{"path", "array", "sampling_rate"}`."""
        if not self.decode:
            raise _error(
                "This column is set to Audio(decode=False): cast it to Audio() to hear it.",
                "이 열은 Audio(decode=False)로 설정되어 있어요. 들으려면 Audio()로 바꾸세요.",
            )
        if not isinstance(value, dict) or "array" in value:
            return value  # decoding twice changes nothing, as in datasets
        path, data = value.get("path"), value.get("bytes")
        if data is None and path is None:
            raise _error("This row holds neither the bytes of a clip nor a path.", "이 행에는 클립의 바이트도 경로도 없어요.")
        y, rate = _decode_channels(
            path if data is None and _is_local(path) else self._stored(path, data, token_per_repo_id), path
        )
        if self.num_channels == 2:
            y = y if len(y) == 2 else np.stack([_mixed(y)] * 2)
            pairs = [_at_rate(channel, rate, self.sampling_rate) for channel in y]
            return {"path": path, "array": np.stack([channel for channel, _ in pairs]), "sampling_rate": pairs[0][1]}
        array, rate = _at_rate(_mixed(y), rate, self.sampling_rate)
        return {"path": path, "array": array, "sampling_rate": rate}

    @staticmethod
    def _stored(path: str | None, data: bytes | None, token_per_repo_id: dict[str, str | bool | None] | None) -> bytes:
        """The clip's bytes, fetched where only an address is stored (streaming from the Hub, or from inside an archive)."""
        if data is not None:
            return data
        from datasets import DownloadConfig, config
        from datasets.utils.file_utils import xopen
        from datasets.utils.py_utils import string_to_dict

        address = str(path).split("::")[-1]
        pattern = config.HUB_DATASETS_URL if address.startswith(config.HF_ENDPOINT) else config.HUB_DATASETS_HFFS_URL
        found = string_to_dict(address, pattern)
        token = (token_per_repo_id or {}).get(found["repo_id"]) if found else None
        with xopen(str(path), "rb", download_config=DownloadConfig(token=token)) as file:
            return file.read()

    def cast_storage(self, storage: pa.Array) -> pa.StructArray:
        """Arrow data as this column stores it, from paths, bytes, `{"bytes", "path"}`, or `{"array", "sampling_rate"}`."""
        if pa.types.is_large_string(storage.type) or pa.types.is_string_view(storage.type):  # what pandas 3 writes
            storage = storage.cast(pa.string())
        if pa.types.is_struct(storage.type) and storage.type.get_field_index("array") >= 0:
            rows = [None if row is None else self.encode_example(row) for row in storage.to_pylist()]
            return pa.array(rows, type=self.pa_type)
        return super().cast_storage(storage)


def _is_local(path: Any) -> bool:
    return "://" not in str(path)


with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # datasets calls its registry experimental; the tests pin what we need of it
    register_feature(Audio, "CourseAudio")
