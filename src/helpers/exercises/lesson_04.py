"""The questions of lesson 04: the shape of an answer, noise, and a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..language import say
from .question import Misread, Question, number, numbers, plain


class ShapeOfAnswer(Question, lesson="04_pipeline", name="q1"):
    """Predict: how long the answer to several clips is, and how long each of its parts.

    Parameters
    ----------
    clips, top_k : int
        So many clips are asked about, with so many labels each.
    """

    def __init__(self, clips: int, top_k: int) -> None:
        self.clips, self.top_k = clips, top_k

    def mistake(self, answer: Any) -> str | None:
        lengths = numbers(answer, 2)
        outer, inner = lengths
        if lengths == [self.clips, self.top_k]:
            return None
        if lengths == [self.top_k, self.clips]:
            return say(
                "The two are in the wrong order: the outer list has an element for each clip.",
                "순서가 바뀌었어요. 바깥 리스트에는 클립마다 원소가 하나씩 있어요.",
            )
        if outer == self.clips * self.top_k:
            return say(
                "The answers are not strung together: there is a list for each clip.",
                "답이 한 줄로 이어지지 않아요. 클립마다 리스트가 하나씩 있어요.",
            )
        if outer == 1:
            return say(
                "One array gives one list. Here a list of arrays goes in.",
                "배열 하나를 넣으면 리스트 하나가 나와요. 여기서는 배열의 리스트를 넣어요.",
            )
        if outer == self.clips:
            return say(
                "The first number is right. How many labels did you ask for?",
                "첫 번째 숫자는 맞았어요. 레이블을 몇 개 달라고 했나요?",
            )
        return say(
            "Count the clips that go in, and the labels that `top_k` asks for.",
            "넣는 클립의 수와 `top_k`로 달라고 한 레이블의 수를 세어 보세요.",
        )

    def hint_text(self) -> str:
        return say(
            "further up, `answers` was made from four clips with `top_k=1`, and `answer[0]` was needed to get its only element.",
            "위에서 `answers`는 클립 네 개와 `top_k=1`로 만들었고, 하나뿐인 원소를 꺼내려면 `answer[0]`이 필요했어요.",
        )


class LabelInNoise(Question, lesson="04_pipeline", name="q2"):
    """Compute: at how many levels of noise a call keeps the label that it gets without noise.

    Parameters
    ----------
    array : np.ndarray [shape=(n,)]
        The call, at the classifier's rate.
    noise : np.ndarray [shape=(n,)]
        The noise at level 1.
    levels : sequence of float
        What the noise is multiplied with.
    classifier : callable
        The pipeline.
    """

    def __init__(self, array: np.ndarray, noise: np.ndarray, levels: Sequence[float], classifier: Any) -> None:
        # Copies: `array += ...` in the learner's cell must not change what the check hears.
        self.array, self.noise, self.levels, self.classifier = array.copy(), noise.copy(), list(levels), classifier

    def _kept(self, sounds: list[np.ndarray]) -> int:
        def best(y: np.ndarray) -> str:
            return self.classifier(y.astype(self.array.dtype), top_k=1)[0]["label"]

        clean = best(self.array)
        return sum(best(y) == clean for y in sounds)

    def mistake(self, answer: Any) -> str | None:
        value = plain(answer)
        if isinstance(value, list) and len(value) == len(self.levels):
            return say("That is a list, one entry for each level. Count the levels at which the label stays.",
                       "그것은 세기마다 하나씩 든 리스트예요. 레이블이 그대로인 세기의 개수를 세세요.")  # fmt: skip
        kept = number(answer)
        right = self._kept([self.array + level * self.noise for level in self.levels])
        if kept == right:
            return None
        if 0 < kept < 1:
            return say(
                "That is a score or a level. Count the levels at which the label stays.",
                "그것은 점수이거나 잡음의 세기예요. 레이블이 그대로인 세기의 개수를 세세요.",
            )
        if kept != int(kept) or not 0 <= kept <= len(self.levels):
            return say(f"A count from 0 to {len(self.levels)} is wanted.", f"0부터 {len(self.levels)}까지의 개수가 필요해요.")
        if kept == self._kept(list(self.array + np.cumsum(self.levels)[:, None] * self.noise)):
            return say(
                "The noise has piled up: `array += ...` changes the array for the next round. Make a new one each time.",
                "잡음이 쌓였어요. `array += ...`는 다음 번에 쓸 배열까지 바꿔요. 매번 새 배열을 만드세요.",
            )
        if kept == self._kept([level * self.noise for level in self.levels]):
            return say("The model heard the noise alone. Add it to the call.", "모델이 잡음만 들었어요. 통화에 더하세요.")
        if kept == len(self.levels) - right:
            return say("That is how often the label changes.", "그것은 레이블이 바뀌는 횟수예요.")
        return say(
            "Compare the best label at each level with the best label of the call without noise.",
            "세기마다 나온 첫 번째 레이블을, 잡음 없는 통화의 첫 번째 레이블과 비교하세요.",
        )

    def hint_text(self) -> str:
        return say(
            '`classifier(array + level * noise, top_k=1)[0]["label"]` is the best label at one level.',
            '`classifier(array + level * noise, top_k=1)[0]["label"]`이 한 세기에서의 첫 번째 레이블이에요.',
        )


class LeftChannel(Question, lesson="04_pipeline", name="q3"):
    """Find the bug: one channel of a recording with two.

    Parameters
    ----------
    stereo : np.ndarray [shape=(n, 2)]
        As soundfile reads it: a row for each moment, a column for each channel.
    """

    def __init__(self, stereo: np.ndarray) -> None:
        self.stereo = stereo.copy()

    def mistake(self, answer: Any) -> str | None:
        array = np.asarray(plain(answer))
        if array.dtype.kind not in "fiu":
            raise Misread(say("An array of samples is wanted here.", "여기에는 샘플이 든 배열이 필요해요."))
        array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array.squeeze() if array.ndim == 2 else array
        left, right_channel = self.stereo[:, 0], self.stereo[:, 1]

        def same(other: np.ndarray) -> bool:
            return array.shape == other.shape and np.allclose(array, other, atol=1e-4)

        if same(left):
            return None
        if array.shape == (2,):
            return say(
                "These are two samples: the first moment of both channels. The rows are moments; the channels are the columns.",
                "샘플 두 개예요. 두 채널의 첫 순간이죠. 행은 순간이고, 채널은 열이에요.",
            )
        if array.ndim == 2:
            return say("This still has two channels.", "아직 채널이 두 개예요.")
        if same(right_channel):
            return say("That is the right channel. The left one comes first.", "그것은 오른쪽 채널이에요. 왼쪽이 먼저예요.")
        if same((left + right_channel) / 2):
            return say("That is the mixture of both channels, a good habit. Here the left one alone is asked for.",
                       "그것은 두 채널을 섞은 거예요. 좋은 습관이지만, 여기서는 왼쪽 채널만 필요해요.")  # fmt: skip
        if array.shape == (len(left) * 2,):
            return say(
                "Both channels one sample after the other: this plays at half the speed.",
                "두 채널의 샘플이 번갈아 이어져 있어요. 이러면 절반의 속도로 재생돼요.",
            )
        return say(
            f"The left channel has {len(left)} samples, and this array has the shape {array.shape}.",
            f"왼쪽 채널의 샘플은 {len(left)}개인데, 이 배열의 모양은 {array.shape}예요.",
        )

    def hint_text(self) -> str:
        return say(
            "print `stereo.shape`. Which of the two numbers counts the channels?",
            "`stereo.shape`를 출력해 보세요. 두 숫자 가운데 채널의 수는 어느 쪽인가요?",
        )

    def remark(self) -> str:
        return say(
            "The pipeline did not mind two samples; `audio.validate` would have.",
            "파이프라인은 샘플이 두 개여도 상관하지 않았어요. `audio.validate`라면 알려 줬을 거예요.",
        )
