"""The questions of lesson 06: what softmax makes of a difference, a click in silence, and what lies beyond a window."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np

from ..language import say
from .question import Question, close, number


class RatioOfScores(Question, lesson="06_inside_the_pipeline", name="q1"):
    """Predict: how many times as large one label's score is as another's, from their logits alone.

    Parameters
    ----------
    higher, lower : float
        The two logits.
    """

    def __init__(self, higher: float, lower: float) -> None:
        self.higher, self.lower = higher, lower

    def mistake(self, answer: Any) -> str | None:
        ratio = number(answer)
        difference = self.higher - self.lower
        right = exp(difference)
        if close(ratio, right, within=0.02 * right):
            return None
        if close(ratio, 1 / right):
            return say("The other way round: the larger score over the smaller.", "반대예요. 큰 점수를 작은 점수로 나누세요.")
        if close(ratio, difference):
            return say(
                "That is how much larger the logit is. Softmax raises e to it.",
                "그것은 로짓의 차이예요. 소프트맥스는 e를 로짓만큼 거듭제곱해요.",
            )
        if close(ratio, self.higher / self.lower):
            return say(
                "That is the ratio of the logits. The scores are shares of e to the logits.",
                "그것은 로짓의 비예요. 점수는 e를 로짓만큼 거듭제곱한 값의 몫이에요.",
            )
        if close(ratio, 10**difference, within=0.5):
            return say("Softmax raises e, not 10.", "소프트맥스는 10이 아니라 e를 거듭제곱해요.")
        if close(ratio, right / (1 + right)):
            return say(
                "That is a score, as if there were no other labels. Their ratio is asked for.",
                "그것은 레이블이 둘뿐일 때의 점수예요. 두 점수의 비를 쓰세요.",
            )
        return say(
            "Write both scores as fractions. Both have the same number below the line.",
            "두 점수를 분수로 써 보세요. 분모가 같아요.",
        )

    def hint_text(self) -> str:
        return say(
            "`powers / powers.sum()`: what is left of the sum when one score is divided by another?",
            "`powers / powers.sum()`에서 한 점수를 다른 점수로 나누면 합은 어떻게 되나요?",
        )

    def remark(self) -> str:
        return say("The other labels do not matter for it.", "다른 레이블은 여기에 영향을 주지 않아요.")


class ClickInSilence(Question, lesson="06_inside_the_pipeline", name="q2"):
    """Compute: the largest value of a normalised clip that is silent but for one sample.

    Parameters
    ----------
    click : np.ndarray [shape=(n,)]
        The clip.
    """

    def __init__(self, click: np.ndarray) -> None:
        self.click = np.array(click, dtype=float)

    def mistake(self, answer: Any) -> str | None:
        largest = number(answer)
        centred = self.click - self.click.mean()
        right = float(centred.max() / np.sqrt(self.click.var() + 1e-7))
        # With and without the tiny number under the root, and in float32.
        if close(largest, right, within=0.01 * right):
            return None
        if close(largest, self.click.max()):
            return say("That is the click before it was normalised.", "그것은 정규화하기 전의 값이에요.")
        if close(largest, 1):
            return say(
                "That would be division by the peak. Here the standard deviation divides, and most of the clip is silent.",
                "피크로 나누면 그렇게 돼요. 여기서는 표준 편차로 나누는데, 클립은 거의 다 무음이에요.",
            )
        variance = float(centred.max() / self.click.var())
        if close(largest, variance, within=0.02 * variance):
            return say(
                "Divide by the standard deviation, the root of the variance.",
                "분산이 아니라 표준 편차, 곧 분산의 제곱근으로 나누세요.",
            )
        if close(largest, -self.click.mean() / np.sqrt(self.click.var() + 1e-7)):
            return say(
                "That is what silence becomes. The largest value is the click's.",
                "그것은 무음이 된 값이에요. 가장 큰 값은 딸깍 소리예요.",
            )
        return say(
            "Take away the mean, divide by the standard deviation, then look for the largest value.",
            "평균을 빼고, 표준 편차로 나누고, 가장 큰 값을 찾으세요.",
        )

    def hint_text(self) -> str:
        return say(
            "`by_hand` further up is the formula. Or give the clip to `raw_extractor`.",
            "위의 `by_hand`가 그 식이에요. 아니면 클립을 `raw_extractor`에 넣어 보세요.",
        )

    def remark(self) -> str:
        return say(
            "A clip with little in it is made as loud as any other, whatever that little is.",
            "거의 비어 있는 클립도 그 안에 든 것이 무엇이든 다른 클립만큼 커져요.",
        )


class BeyondTheWindow(Question, lesson="06_inside_the_pipeline", name="q3"):
    """Compute: the share of a clip that a model with a fixed window does not hear.

    Parameters
    ----------
    samples, window : int
        The clip's length and the window's; the clip is the longer one.
    """

    def __init__(self, samples: int, window: int) -> None:
        self.samples, self.window = samples, window

    def mistake(self, answer: Any) -> str | None:
        share = number(answer)
        right = 1 - self.window / self.samples
        if close(share, right):
            return None
        if close(share, 1 - right):
            return say("That is the share that is heard.", "그것은 듣는 쪽의 비율이에요.")
        if close(share, 100 * right, within=0.6):
            return say("Write it as a share between 0 and 1, not in percent.", "퍼센트가 아니라 0과 1 사이의 비율로 쓰세요.")
        if close(share, self.samples - self.window) or close(share, (self.samples - self.window) / 16_000, within=0.06):
            return say(
                "That is how much is cut off. Divide it by the length of the clip.",
                "그것은 잘려 나간 길이예요. 클립의 길이로 나누세요.",
            )
        if close(share, self.samples / self.window - 1):
            return say("Divide by the length of the clip, not of the window.", "창이 아니라 클립의 길이로 나누세요.")
        return say(
            "How long is the clip, and how much of it lies behind the window's end?",
            "클립은 얼마나 길고, 그중 창의 끝보다 뒤에 있는 것은 얼마나 되나요?",
        )

    def hint_text(self) -> str:
        return say(
            "`longest` holds the samples, and `window` says how many of them the model takes.",
            "`longest`에 샘플이 있고, 모델이 몇 개를 받는지는 `window`에 있어요.",
        )
