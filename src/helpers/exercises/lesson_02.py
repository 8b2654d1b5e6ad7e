"""The questions of lesson 02: an alias, a clip taken out too early, and what a low rate loses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..language import say
from .question import Misread, Question, close, number, plain


class Alias(Question, lesson="02_resample", name="q1"):
    """Predict: the frequency that is heard where a tone lies above half the sampling rate.

    Parameters
    ----------
    frequency, rate : int
        The tone and its sampling rate, in hertz; the tone lies between half the rate and the rate.
    """

    def __init__(self, frequency: int, rate: int) -> None:
        self.frequency, self.rate = frequency, rate

    def mistake(self, answer: Any) -> str | None:
        heard = number(answer)
        nyquist = self.rate / 2
        right = self.rate - self.frequency
        if close(heard, right, within=1):
            return None
        if close(heard * 1_000, right, within=1):
            return say("Write it in hertz.", "헤르츠로 쓰세요.")
        if close(heard, -right, within=1):
            return say(
                "A frequency has no sign here. Leave out the minus.", "여기서 주파수에는 부호가 없어요. 마이너스를 빼세요."
            )
        if close(heard, self.frequency, within=1):
            return say(
                f"At this rate nothing above {nyquist:,.0f} Hz can be stored. What comes back instead?",
                f"이 샘플링 속도에서는 {nyquist:,.0f} Hz보다 높은 것을 담을 수 없어요. 대신 무엇이 나올까요?",
            )
        if close(heard, nyquist, within=1):
            return say(
                "That is the Nyquist frequency. The tone does not stop there, it is mirrored.",
                "그것은 나이퀴스트 주파수예요. 음은 거기서 멈추지 않고 거울에 비친 듯 뒤집혀요.",
            )
        if close(heard, self.frequency - nyquist, within=1):
            return say(
                "That is how far the tone lies above the Nyquist frequency. The alias lies as far below it.",
                "그것은 음이 나이퀴스트 주파수보다 얼마나 높은지예요. 가짜 음은 그만큼 아래에 있어요.",
            )
        if close(heard, self.frequency / 2, within=1):
            return say(
                "Halving is what a wrong rate does to a pitch. Here the rate is right, and too low.",
                "절반이 되는 것은 샘플링 속도를 속였을 때예요. 여기서는 속도가 맞고, 다만 너무 낮아요.",
            )
        return say(
            "Begin with half the sampling rate: how far above it does the tone lie?",
            "샘플링 속도의 절반에서 시작하세요. 음은 그보다 얼마나 높은가요?",
        )

    def hint_text(self) -> str:
        return say(
            "the Nyquist frequency is a mirror. 4,900 Hz lay 900 above it at this rate, and came back 900 below.",
            "나이퀴스트 주파수는 거울이에요. 같은 속도에서 4,900 Hz는 거울보다 900 높았고, 900 아래로 돌아왔어요.",
        )


class TakenOutTooEarly(Question, lesson="02_resample", name="q2"):
    """Find the bug: a clip that was taken out of the table before the column was cast.

    Parameters
    ----------
    minds : datasets.Dataset
        Its `audio` column is cast to `helpers.Audio`, at the stored rate.
    row : int
        Which clip.
    """

    def __init__(self, minds: Any, row: int) -> None:
        self.minds, self.row = minds, row

    def _clip(self, rate: int | None) -> np.ndarray:
        from ..audio import Audio

        return self.minds.cast_column("audio", Audio(sampling_rate=rate))[self.row]["audio"]["array"]

    def mistake(self, answer: Any) -> str | None:
        if isinstance(answer, dict):  # the pipeline takes it with its rate, too
            answer = answer.get("audio", answer)
            answer = answer.get("array", answer) if isinstance(answer, dict) else answer
        array = np.asarray(plain(answer))
        if array.ndim != 1 or array.dtype.kind not in "fiu":
            raise Misread(say("The array of one clip is wanted here.", "여기에는 클립 하나의 배열이 필요해요."))
        right, early = self._clip(16_000), self._clip(None)
        if array.shape == right.shape and np.allclose(array, right, atol=1e-4):
            return None
        if array.shape == early.shape and np.allclose(array, early, atol=1e-4):
            return say(
                "This is still the clip from before the cast: `cast_column` changes what is taken out afterwards.",
                "아직 바꾸기 전의 클립이에요. `cast_column`은 그 뒤에 꺼내는 것만 바꿔요.",
            )
        if len(array) == len(right):
            return say(
                "The number of samples is right, their values are not. Take the clip out of `resampled`.",
                "샘플의 수는 맞지만 값이 달라요. 클립을 `resampled`에서 꺼내세요.",
            )
        if len(array) == len(self.minds.cast_column("audio", _audio(16_000))[0]["audio"]["array"]):
            return say(f"That is the clip of row 0, not of row {self.row}.", f"{self.row}번 행이 아니라 0번 행의 클립이에요.")
        return say(
            f"This array has {len(array)} samples. Row {self.row} at 16 kHz has twice as many as it has at 8 kHz.",
            f"이 배열의 샘플은 {len(array)}개예요. 16 kHz로 바꾼 {self.row}번 행의 샘플은 8 kHz일 때의 두 배예요.",
        )

    def hint_text(self) -> str:
        return say(
            "read the lines in their order. Which table was `clip` taken out of?",
            "줄을 차례대로 읽어 보세요. `clip`은 어느 표에서 꺼냈나요?",
        )

    def remark(self) -> str:
        return say(
            "Cast first, then take out: a clip in your hands keeps the rate it came with.",
            "먼저 바꾸고, 그다음에 꺼내요. 이미 꺼낸 클립은 꺼낼 때의 샘플링 속도 그대로예요.",
        )


def _audio(rate: int) -> Any:
    from ..audio import Audio

    return Audio(sampling_rate=rate)


class LostAtALowRate(Question, lesson="02_resample", name="q3"):
    """Compute: the share of a clip's power that a low sampling rate cannot hold.

    Parameters
    ----------
    clip : dict
        `{"array", "sampling_rate"}`
    rate : int
        The low rate, in hertz.
    """

    def __init__(self, clip: Any, rate: int) -> None:
        self.clip, self.rate = clip, rate

    def mistake(self, answer: Any) -> str | None:
        lost = number(answer)
        spectrum = np.abs(np.fft.rfft(self.clip["array"]))
        hertz = np.fft.rfftfreq(len(self.clip["array"]), d=1 / self.clip["sampling_rate"])

        def above(limit: float, power: int = 2) -> float:
            values = spectrum.astype(float) ** power
            return float(values[hertz > limit].sum() / values.sum())

        right = above(self.rate / 2)
        if close(lost, right):
            return None
        if close(lost, 100 * right, within=0.6):
            return say("Write it as a share between 0 and 1, not in percent.", "퍼센트가 아니라 0과 1 사이의 비율로 쓰세요.")
        if close(lost, 1 - right):
            return say("That is the share that is kept.", "그것은 남는 쪽의 비율이에요.")
        if close(lost, above(self.rate)):
            return say(
                f"You counted what lies above {self.rate:,} Hz. How high can a tone be at that sampling rate?",
                f"{self.rate:,} Hz보다 높은 것을 세었어요. 그 샘플링 속도로 담을 수 있는 가장 높은 음은 몇 Hz인가요?",
            )
        if close(lost, above(self.rate / 2, power=1)):
            return say(
                "That is a share of the amplitudes. Power is their square.",
                "그것은 진폭의 비율이에요. 세기(power)는 진폭의 제곱이에요.",
            )
        if lost > 1:
            return say(
                "A share is at most 1: divide by the power of all frequencies.",
                "비율은 1을 넘지 않아요. 모든 주파수의 세기를 더한 값으로 나누세요.",
            )
        return say(
            "The lesson printed the share above 4 kHz. Which limit belongs to this rate?",
            "레슨에서는 4 kHz보다 높은 부분의 비율을 출력했어요. 이 속도에서는 경계가 어디인가요?",
        )

    def hint_text(self) -> str:
        return say(
            "`power` and `hertz` are still there from the spectra of this call. What is the Nyquist frequency of the new rate?",
            "이 통화의 스펙트럼을 그릴 때 만든 `power`와 `hertz`가 그대로 있어요. 새 속도의 나이퀴스트 주파수는 얼마인가요?",
        )
