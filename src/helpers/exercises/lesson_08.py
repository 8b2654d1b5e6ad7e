"""The questions of lesson 08: speakers on both sides of a split, and a temperature."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

from ..language import say
from .question import Question, close, number


class SpeakersOnBothSides(Question, lesson="08_your_own_labels", name="q1"):
    """Find the bug: how many speakers of the test are heard in training, where clips were split and not speakers.

    Parameters
    ----------
    train, test : sequence of str
        The speaker of each clip.
    """

    def __init__(self, train: Sequence[str], test: Sequence[str]) -> None:
        self.train, self.test = list(train), list(test)

    def mistake(self, answer: Any) -> str | None:
        both = number(answer)
        met = set(self.train) & set(self.test)
        if both == len(met):
            return None
        if both == 0:
            return say("Some are. Compare the two columns `speaker`, not the clips: a clip lies on one side only.",
                       "겹치는 화자가 있어요. 클립이 아니라 두 `speaker` 열을 비교하세요. 클립은 한쪽에만 있어요.")  # fmt: skip
        if both == sum(speaker in met for speaker in self.test) or both == sum(speaker in met for speaker in self.train):
            return say("Those are clips. Count each speaker once.", "그것은 클립의 수예요. 화자를 한 번씩만 세세요.")
        if both == len(set(self.train) | set(self.test)):
            return say(
                "Those are all speakers. Which of them are on both sides?",
                "그것은 모든 화자의 수예요. 그중 양쪽에 다 있는 화자는 몇 명인가요?",
            )
        if both in (len(set(self.train)), len(set(self.test))):
            return say("Those are the speakers of one side.", "그것은 한쪽에 있는 화자의 수예요.")
        return say(
            "`set` keeps each speaker once, and `&` keeps what two sets share.",
            "`set`은 화자를 한 번씩만 남기고, `&`는 두 집합에 다 있는 것만 남겨요.",
        )

    def hint_text(self) -> str:
        return say('make a set of `mixed["train"]["speaker"]` and one of `mixed["test"]["speaker"]`.',
                   '`mixed["train"]["speaker"]`와 `mixed["test"]["speaker"]`를 각각 set으로 만드세요.')  # fmt: skip

    def remark(self) -> str:
        return say(
            "A head that knows the voice gets points for that, and the accuracy flatters.",
            "목소리를 아는 헤드는 그 덕도 보기 때문에, 정확도가 실제보다 좋게 나와요.",
        )


class ScoreAtATemperature(Question, lesson="08_your_own_labels", name="q2"):
    """Predict: the higher of two labels' scores after dividing the logits by a temperature.

    Parameters
    ----------
    logits : (float, float)
        The higher one first; there are no other labels.
    temperature : float
    """

    def __init__(self, logits: tuple[float, float], temperature: float) -> None:
        self.difference, self.temperature = logits[0] - logits[1], temperature

    def mistake(self, answer: Any) -> str | None:
        score = number(answer)

        def share(difference: float) -> float:
            return 1 / (1 + exp(-difference))

        if close(score, share(self.difference / self.temperature)):
            return None
        if close(score, share(self.difference)):
            return say("That is the score without the temperature.", "그것은 온도를 쓰지 않은 점수예요.")
        if close(score, share(self.difference * self.temperature)):
            return say(
                "The logits are divided by the temperature, not multiplied.",
                "로짓에 온도를 곱하는 것이 아니라 로짓을 온도로 나눠요.",
            )
        if close(score, share(self.difference) / self.temperature):
            return say(
                "Divide the logits, then softmax. You divided the score.", "점수가 아니라 로짓을 나눈 다음 소프트맥스를 해요."
            )
        if close(score, 1 - share(self.difference / self.temperature)):
            return say("That is the other label's score.", "그것은 다른 레이블의 점수예요.")
        return say(
            "First divide both logits, then softmax them as in lesson 06.",
            "먼저 두 로짓을 나누고, 레슨 06처럼 소프트맥스를 하세요.",
        )

    def hint_text(self) -> str:
        return say(
            "above 1 a temperature brings scores closer together, so the answer lies between a half and the score without it.",
            "온도가 1보다 크면 점수 차이가 좁혀져요. 그러니까 답은 절반과 온도를 쓰지 않은 점수 사이에 있어요.",
        )
