"""A clip to listen to, which is also a sentence. Used in lessons 00, 01, 02, 03, 05 and 09.

Why MP3: fifteen players of six seconds must fit in a notebook under 3 MB. Per player at 16 kHz, base64 included, 16-bit WAV takes
250 KiB, mu-law WAV 125 KiB (and Safari may not play it), FLAC 79 KiB, Ogg Vorbis 27 KiB (older Safari does not play it) and
MP3 25 KiB; MP3 plays in every browser, and libsndfile encodes it. What is heard is lossy, what models get is not.

Why nbval needs one line for it: it compares `text/html`, and MP3 bytes may differ between builds of the encoder (they are the
same from run to run). `MP3_IN_HTML` is the pattern that its `--nbval-sanitize-with` file replaces, so that everything about a
player is compared except the encoded bytes. A mime type that nbval skips would not do: it skips pictures and widget ids only.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import soundfile

from .audio import resample, samples_and_rate
from .language import language, say

MP3_IN_HTML = r"data:audio/mpeg;base64,[A-Za-z0-9+/=]+"
# MPEG-1 and MPEG-2 rates. The 8 to 12 kHz of MPEG-2.5, an unofficial extension, are left out: not every browser knows it.
_MP3_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def _mp3(y: np.ndarray, rate: int) -> bytes:
    """Samples as variable-bit-rate MP3, about 26 kbit/s for speech at 16 kHz."""
    playable = next((r for r in _MP3_RATES if r >= rate), _MP3_RATES[-1])
    y = resample(y, orig_sr=rate, target_sr=playable)
    buffer = io.BytesIO()
    soundfile.write(
        buffer,
        np.clip(y, -1, 1),
        playable,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=0.5,
        bitrate_mode="VARIABLE",
    )
    return buffer.getvalue()


@dataclass(frozen=True)
class Player:
    """A clip as notebooks show it: an `<audio>` element with its words in HTML, one sentence as plain text.

    Attributes
    ----------
    mp3 : bytes
    caption : str
        The sentence: what kind of clip, how long, its intent, genuine or synthetic, the words.
    lang : str
        The language of the caption, "en" or "ko".
    """

    mp3: bytes
    caption: str
    lang: str

    def __repr__(self) -> str:
        return self.caption

    def _repr_html_(self) -> str:
        text = html.escape(self.caption)
        source = "data:audio/mpeg;base64," + base64.b64encode(self.mp3).decode("ascii")
        return (
            f'<figure lang="{self.lang}" style="margin: 0.5em 0">'
            f'<audio controls preload="metadata" aria-label="{text}" src="{source}"></audio>'
            f"<figcaption>{text}</figcaption></figure>"
        )


def player(
    clip: Any,
    sampling_rate: int | None = None,
    *,
    transcript: str | None = None,
    intent: str | None = None,
    synthetic: bool | None = None,
    title: str | None = None,
) -> Player:
    """Something to press play on: show it as a cell's last line, or with `display(...)`.

    Parameters
    ----------
    clip : dict or np.ndarray [shape=(n,)], float
        An example's sound, `minds[0]["audio"]`, or an array of samples.
    sampling_rate : int, optional
        In hertz; for an array. A wrong one is heard as a wrong pitch and speed (lesson 02).
    transcript : str, optional
        The words, `row["transcription"]`.
    intent : str, optional
        The label's name, `int2str(row["intent_class"])`.
    synthetic : bool, optional
        Whether a machine speaks, `MINDS14.synthetic`; it is said beside the player.
    title : str, optional
        What to call it instead of "clip": a file name, "8 kHz played as 16 kHz".

    Returns
    -------
    Player
        Shown as an audio element with its sentence, or as the sentence alone where HTML is not shown.

    Raises
    ------
    AudioError
        If the clip is empty, not mono, not float, holds NaN, or its rate is missing.
    """
    y, rate = samples_and_rate(clip, sampling_rate)
    words = [title or say("clip", "클립"), say(f"{len(y) / rate:.1f} s", f"{len(y) / rate:.1f}초")]
    if intent:
        words.append(intent)
    if synthetic is not None:
        words.append(say("synthetic speech", "합성 음성") if synthetic else say("genuine speech", "실제 음성"))
    caption = ", ".join(words)
    if transcript:
        caption += f": “{transcript}”"
    return Player(_mp3(y, rate), caption, language())
