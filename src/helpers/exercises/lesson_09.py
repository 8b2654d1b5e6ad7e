"""The questions of lesson 09: which formula lets two labels be likely at once, and a quiet dog in the rain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..language import say
from .question import Question, letter, number


class BothAboveAHalf(Question, lesson="09_other_sounds", name="q1"):
    """Predict: with which formula two labels can both have a score above a half (a: both, b: sigmoid alone, c: neither)."""

    def mistake(self, answer: Any) -> str | None:
        chosen = letter(answer, "abc")
        if chosen == "b":
            return None
        if chosen == "a":
            return say(
                "Softmax has 1 to give away. Can it give more than a half twice?",
                "소프트맥스가 나눠 줄 수 있는 것은 1이에요. 절반보다 많이 두 번 줄 수 있을까요?",
            )
        return say(
            "Sigmoid asks each label by itself. What keeps two of them from saying yes?",
            "시그모이드는 레이블마다 따로 물어요. 둘이 모두 '있다'고 답하지 못할 까닭이 있나요?",
        )

    def hint_text(self) -> str:
        return say("what do the scores of each formula add up to?", "식마다 점수를 모두 더하면 얼마가 되나요?")


class DogInTheRain(Question, lesson="09_other_sounds", name="q2"):
    """Compute: at how many levels the dog is still heard, by sigmoid and a threshold.

    Parameters
    ----------
    mixtures : sequence of np.ndarray
        The mixtures, one for each level.
    classifier : callable
        The pipeline.
    label : str
    threshold : float
    """

    def __init__(self, mixtures: Sequence[np.ndarray], classifier: Any, *, label: str, threshold: float) -> None:
        self.mixtures = [np.array(mixture) for mixture in mixtures]
        self.classifier, self.label, self.threshold = classifier, label, threshold

    def _heard(self, function: str) -> tuple[int, int]:
        """At how many levels the label reaches the threshold, and at how many it is the best one."""
        reached = best = 0
        for mixture in self.mixtures:
            scores = self.classifier(mixture, top_k=None, function_to_apply=function)
            reached += any(score["label"] == self.label and score["score"] >= self.threshold for score in scores)
            best += scores[0]["label"] == self.label
        return reached, best

    def mistake(self, answer: Any) -> str | None:
        heard = number(answer)
        right, best = self._heard("sigmoid")
        if heard == right:
            return None
        if heard != int(heard) or not 0 <= heard <= len(self.mixtures):
            return say(f"A count from 0 to {len(self.mixtures)} is wanted.", f"0부터 {len(self.mixtures)}까지의 개수가 필요해요.")
        if heard == self._heard("softmax")[0]:
            return say(
                'With softmax the dog has to share with the rain. Say `function_to_apply="sigmoid"`.',
                '소프트맥스에서는 개가 비와 점수를 나눠 가져요. `function_to_apply="sigmoid"`를 쓰세요.',
            )
        if heard == best:
            return say(
                "You counted where the dog is the best label. Here it need not be the best one.",
                "개가 첫 번째 레이블인 경우를 세었어요. 여기서는 첫 번째가 아니어도 돼요.",
            )
        if heard == len(self.mixtures) - right:
            return say("That is how often it is not heard.", "그것은 들리지 않는 횟수예요.")
        return say(
            f"For each mixture ask for all labels, and look up the score of {self.label!r}.",
            f"섞은 소리마다 모든 레이블을 달라고 해서 {self.label!r}의 점수를 찾으세요.",
        )

    def hint_text(self) -> str:
        return say(
            "`top_k=None` gives every label; make a dictionary of label and score, as for the mixtures further up.",
            "`top_k=None`이면 모든 레이블이 나와요. 위에서 섞은 소리에 했던 것처럼 레이블과 점수의 딕셔너리를 만드세요.",
        )
