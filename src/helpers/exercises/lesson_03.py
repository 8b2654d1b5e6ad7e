"""The questions of lesson 03: a spectrogram's grid, a voice's pitch, and a loudest frame that is no vowel."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..language import say
from .question import Question, close, number, numbers


class Grid(Question, lesson="03_see_the_waveform", name="q1"):
    """Predict: how many rows a spectrogram has, and how many hertz they lie apart.

    Parameters
    ----------
    frame_length : int
        In samples; the transform is as long.
    rate : int
        In hertz.
    """

    def __init__(self, frame_length: int, rate: int) -> None:
        self.frame_length, self.rate = frame_length, rate

    def mistake(self, answer: Any) -> str | None:
        rows, apart = numbers(answer, 2)
        right_rows, right_apart = self.frame_length // 2 + 1, self.rate / self.frame_length
        if rows == right_rows and close(apart, right_apart, within=0.1):
            return None
        if close(rows, right_apart, within=0.1) and apart == right_rows:
            return say(
                "The two are in the wrong order: first the rows, then the hertz.",
                "순서가 바뀌었어요. 행의 수가 먼저, 헤르츠가 나중이에요.",
            )
        if rows == self.frame_length:
            return say(
                "A frame of so many samples gives half as many frequencies: they end at half the sampling rate.",
                "주파수의 수는 프레임에 든 샘플 수의 절반쯤이에요. 주파수는 샘플링 속도의 절반에서 끝나거든요.",
            )
        if rows == right_rows - 1:
            return say("One more: 0 Hz has a row too.", "하나가 모자라요. 0 Hz에도 행이 하나 있어요.")
        if close(apart, self.rate / 400, within=0.1) or close(apart, self.rate / 2 / self.frame_length, within=0.1):
            return say(
                "The rows do not lie that far apart. Twice as long a frame tells frequencies apart twice as finely.",
                "행 사이의 간격이 달라요. 프레임이 두 배로 길어지면 주파수를 두 배로 잘게 나눠요.",
            )
        if rows == right_rows:
            return say("The number of rows is right. They are spread evenly from 0 Hz to half the sampling rate.",
                       "행의 수는 맞았어요. 행은 0 Hz부터 샘플링 속도의 절반까지 고르게 놓여요.")  # fmt: skip
        return say(
            "Look at the numbers that the lesson printed for a frame of 400 samples, and at its cell's formula.",
            "레슨에서 샘플 400개짜리 프레임일 때 출력한 숫자와 그 셀의 식을 보세요.",
        )

    def hint_text(self) -> str:
        return say(
            "for 400 samples there were 201 rows, 40 Hz apart. Twice the frame: what doubles, and what is halved?",
            "샘플이 400개일 때 행은 201개, 간격은 40 Hz였어요. 프레임이 두 배가 되면 무엇이 두 배가 되고 무엇이 절반이 될까요?",
        )


def _frames(y: np.ndarray, rate: int) -> np.ndarray:
    length = rate // 25
    return y[: len(y) // length * length].reshape(-1, length)


def _period(y: np.ndarray, rate: int) -> int:
    """The period of the loudest frame, in samples, as the lesson finds it."""
    frames = _frames(y, rate)
    loudest = frames[np.mean(frames**2, axis=1).argmax()]
    fit = np.correlate(loudest, loudest, mode="full")[len(loudest) - 1 :]
    shortest, longest = rate // 400, rate // 60
    return int(shortest + fit[shortest:longest].argmax())


class Pitch(Question, lesson="03_see_the_waveform", name="q2"):
    """Compute: the fundamental frequency of another voice.

    Parameters
    ----------
    minds : datasets.Dataset
        Its `audio` column is cast to 16 kHz.
    row : int
        Which clip; the lesson has worked out that of row 0.
    """

    def __init__(self, minds: Any, row: int) -> None:
        self.minds, self.row = minds, row

    def mistake(self, answer: Any) -> str | None:
        hertz = number(answer)
        clip = self.minds[self.row]["audio"]
        rate = clip["sampling_rate"]
        period = _period(clip["array"], rate)
        right = rate / period

        def about(value: float) -> bool:
            return close(hertz, value, within=0.02 * value)

        if about(right):
            return None
        if close(hertz, period, within=1):
            return say(
                "That is the period in samples. How many of them fit into 1 s?",
                "그것은 샘플로 센 주기예요. 1초에는 주기가 몇 번 들어갈까요?",
            )
        if about(1000 * period / rate) or about(period / rate):
            return say(
                "That is the length of one period. How many of them fit into 1 s?",
                "그것은 주기 하나의 길이예요. 1초에는 주기가 몇 번 들어갈까요?",
            )
        if about(rate / _period(self.minds[0]["audio"]["array"], rate)):
            return say(
                "That is the voice of row 0. One of the names still holds its sound: `y`, `frames`, `starts` or `vowel`.",
                "그것은 0번 행의 목소리예요. `y`, `frames`, `starts`, `vowel` 가운데 하나가 아직 그 소리를 가리키고 있어요.",
            )
        if about(2 * right) or about(right / 2):
            return say(
                "An octave off. Look for the best shift between `shortest` and `longest` alone, at this clip's sampling rate.",
                "한 옥타브 어긋났어요. `shortest`와 `longest` 사이에서만, 이 클립의 샘플링 속도로 찾으세요.",
            )
        return say(
            "Go through the cell on the height of the voice once more, with the loudest frame of this clip.",
            "목소리의 높이를 구하는 셀을 이 클립의 가장 큰 프레임으로 다시 따라가 보세요.",
        )

    def hint_text(self) -> str:
        return say(
            "copy the steps for `frames`, `level` and `fit`, and give each a new name, so that no old sound slips in.",
            "`frames`, `level`, `fit`을 구하는 줄을 옮겨 쓰고 이름을 새로 지으세요. 그래야 앞의 소리가 섞이지 않아요.",
        )


class LoudestIsNoVowel(Question, lesson="03_see_the_waveform", name="q3"):
    """Find the bug: among some clips, the one whose loudest frame hisses most.

    Parameters
    ----------
    minds : datasets.Dataset
        Its `audio` column is cast to 16 kHz.
    clips : int
        So many of the first rows.
    """

    def __init__(self, minds: Any, clips: int) -> None:
        self.minds, self.clips = minds, clips

    def mistake(self, answer: Any) -> str | None:
        row = number(answer)
        loudest, anywhere, frame = [], [], []
        for each in self.minds.select(range(self.clips)):
            frames = _frames(each["audio"]["array"], each["audio"]["sampling_rate"])
            power = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]))) ** 2
            high = np.fft.rfftfreq(frames.shape[1], d=1 / each["audio"]["sampling_rate"]) > 2_000
            share = power[:, high].sum(axis=1) / np.maximum(power.sum(axis=1), 1e-9)
            at = int(np.mean(frames**2, axis=1).argmax())
            loudest.append(float(share[at]))
            anywhere.append(float(share.max()))
            frame.append(at)
        right = int(np.argmax(loudest))
        if row == right:
            return None
        if 0 < row < 1:
            return say("That is the share. Which row does it belong to?", "그것은 비율이에요. 몇 번 행의 비율인가요?")
        if row == np.argmax(anywhere):
            return say(
                "In that row some frame hisses, but not the loudest one: the function takes the largest share of all frames.",
                "그 행에서 쉿 소리가 나는 프레임은 가장 큰 프레임이 아니에요. 함수가 모든 프레임에서 가장 높은 비율을 골라요.",
            )
        if row == np.argmin(loudest):
            return say(
                "That row has the smallest share: it is the surest vowel.", "그 행은 비율이 가장 낮아요. 가장 확실한 모음이에요."
            )
        if row == frame[right]:
            return say(
                "That is the number of the frame within its clip. Which clip is it?",
                "그것은 클립 안에서 센 프레임의 번호예요. 몇 번 클립인가요?",
            )
        if row != int(row) or not 0 <= row < self.clips:
            return say(f"A row between 0 and {self.clips - 1} is wanted.", f"0부터 {self.clips - 1}까지의 행 번호가 필요해요.")
        return say(
            "In another row the loudest frame has a larger share above 2 kHz.",
            "가장 큰 프레임에서 2 kHz보다 높은 부분의 비율이 더 높은 행이 있어요.",
        )

    def hint_text(self) -> str:
        return say(
            "the docstring promises the loudest frame. `np.mean(frames**2, axis=1).argmax()` says which one that is.",
            "설명에는 가장 큰 프레임이라고 되어 있어요. 어느 프레임인지는 `np.mean(frames**2, axis=1).argmax()`로 알 수 있어요.",
        )
