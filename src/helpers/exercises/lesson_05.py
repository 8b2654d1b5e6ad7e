"""The questions of lesson 05: names and numbers, the cheapest threshold, and long clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..language import say
from .question import Question, close, letter, number, plain

if TYPE_CHECKING:
    import pandas as pd


class NamesAndNumbers(Question, lesson="05_compare_with_labels", name="q1"):
    """Find the bug: how many of some clips are right, where a name was compared with a number.

    Parameters
    ----------
    clips : datasets.Dataset
        Its `audio` column is cast to the classifier's rate.
    classifier : callable
        The pipeline.
    """

    def __init__(self, clips: Any, classifier: Any) -> None:
        self.clips, self.classifier = clips, classifier

    def mistake(self, answer: Any) -> str | None:
        right_answers = number(answer)
        names = self.clips.features["intent_class"].names
        right = sum(
            self.classifier(row["audio"]["array"], top_k=1)[0]["label"] == names[row["intent_class"]] for row in self.clips
        )
        clips = len(self.clips)
        if right_answers == right:
            return None
        if right_answers == 0:
            return say(
                'Still none: `best["label"]` is a name, `row["intent_class"]` a number, and a name never equals a number.',
                '아직 하나도 없어요. `best["label"]`은 이름이고 `row["intent_class"]`는 번호라서 결코 같을 수 없어요.',
            )
        if close(right_answers, right / clips):
            return say("That is the share. Give the number of clips.", "그것은 비율이에요. 클립의 개수를 쓰세요.")
        if right_answers == clips - right:
            return say("That is the number of wrong answers.", "그것은 틀린 답의 개수예요.")
        if right_answers == clips:
            return say(
                "That is the number of clips. Not every one of them is right.", "그것은 클립의 개수예요. 모두 맞은 것은 아니에요."
            )
        return say(
            "Count once more, over the same clips, with the names of both sides.",
            "같은 클립으로, 양쪽 모두 이름으로 바꿔서 다시 세어 보세요.",
        )

    def hint_text(self) -> str:
        return say("print both sides of the `==` for one clip.", "클립 하나에서 `==`의 양쪽을 출력해 보세요.")

    def remark(self) -> str:
        return say(
            "Python compares a name with a number without complaint. Where an accuracy is 0, look at the comparison first.",
            "파이썬은 이름과 숫자를 비교해도 불평하지 않아요. 정확도가 0이면 비교하는 줄부터 살펴보세요.",
        )


class CheapestThreshold(Question, lesson="05_compare_with_labels", name="q2"):
    """Compute: the threshold at which wrong answers and a person's time cost least together.

    Parameters
    ----------
    table : pd.DataFrame
        What `evaluation.predictions` returns.
    wrong, person : float
        What a wrong answer costs, and what handing a call to a person does.
    thresholds : sequence of float
        Those to choose from. Any other that costs no more is right as well.
    """

    def __init__(self, table: pd.DataFrame, *, wrong: float, person: float, thresholds: Sequence[float]) -> None:
        self.table, self.wrong, self.person = table, wrong, person
        self.thresholds = [float(each) for each in thresholds]

    def _cost(self, threshold: float, wrong: float, person: float) -> float:
        answered = self.table["score"] >= threshold
        return float(wrong * (answered & ~self.table["correct"]).sum() + person * (~answered).sum())

    def mistake(self, answer: Any) -> str | None:
        value = plain(answer)
        threshold = number(value)
        costs = [self._cost(each, self.wrong, self.person) for each in self.thresholds]
        if threshold <= 1 and self._cost(threshold, self.wrong, self.person) <= min(costs):
            return None
        if close(threshold, min(costs)):
            return say("That is what it costs. At which threshold?", "그것은 비용이에요. 그때의 문턱값은 얼마인가요?")
        if not 0 <= threshold <= 1:
            return say("A threshold lies between 0 and 1, as scores do.", "문턱값은 점수처럼 0과 1 사이에 있어요.")
        if (self.table["score"] >= threshold).all():
            return say(
                "There every call is answered, and every wrong answer is paid for. Are the two costs the right way round?",
                "거기서는 모든 전화에 답하고, 틀린 답의 비용을 모두 내요. 두 비용이 서로 바뀌지 않았나요?",
            )
        if self._cost(threshold, self.wrong, 0) <= min(self._cost(each, self.wrong, 0) for each in self.thresholds):
            return say(
                "There no more answers are wrong than must be, but many calls go to a person, and that costs too.",
                "거기서는 틀린 답이 더 줄 수 없을 만큼 적지만, 사람에게 넘기는 전화가 많아요. 그것도 비용이에요.",
            )
        return say(
            f"There it costs {self._cost(threshold, self.wrong, self.person):.0f}, and another threshold costs less.",
            f"거기서는 비용이 {self._cost(threshold, self.wrong, self.person):.0f}이고, 더 싼 문턱값이 있어요.",
        )

    def hint_text(self) -> str:
        return say(
            'for one threshold: `answered = table["score"] >= threshold`, then count '
            '`answered & ~table["correct"]` and `~answered`.',
            '문턱값 하나에서는 `answered = table["score"] >= threshold`를 구하고, '
            '`answered & ~table["correct"]`와 `~answered`를 세세요.',
        )

    def remark(self) -> str:
        return say(
            "Found on these very calls it is a little too good for them; choose it on some calls and check it on others.",
            "이 통화들에서 찾은 값이라 여기에는 지나치게 잘 맞아요. 한쪽 통화에서 고르고 다른 통화에서 확인하세요.",
        )


class LongClips(Question, lesson="05_compare_with_labels", name="q3"):
    """Choose: is the model worse on the longer half of the clips, better, or can these clips not tell?

    Parameters
    ----------
    table : pd.DataFrame
        What `evaluation.predictions` returns.
    seconds : sequence of float [length len(table)]
        How long each clip is.
    """

    def __init__(self, table: pd.DataFrame, seconds: Sequence[float]) -> None:
        self.table, self.seconds = table, np.asarray(seconds)

    def mistake(self, answer: Any) -> str | None:
        from .. import evaluation

        chosen = letter(answer, "abc")
        long = self.seconds > np.median(self.seconds)
        longer, shorter = evaluation.accuracy(self.table[long]), evaluation.accuracy(self.table[~long])
        right = "a" if longer.high < shorter.low else "b" if longer.low > shorter.high else "c"
        if chosen == right:
            return None
        if right == "c":
            return say(
                f"The figures differ, but the intervals overlap: {longer.low:.2f} to {longer.high:.2f} for the longer half and "
                f"{shorter.low:.2f} to {shorter.high:.2f} for the shorter.",
                f"두 값은 달라도 구간이 겹쳐요. 긴 쪽은 {longer.low:.2f}~{longer.high:.2f}, 짧은 쪽은 "
                f"{shorter.low:.2f}~{shorter.high:.2f}예요.",
            )
        if chosen == "c":
            return say(
                "The two intervals do not overlap, so these clips can tell.",
                "두 구간이 겹치지 않으니, 이 클립들로 말할 수 있어요.",
            )
        return say("The other way round: compare the two accuracies.", "반대예요. 두 정확도를 비교해 보세요.")

    def hint_text(self) -> str:
        return say(
            "`long = seconds > np.median(seconds)` picks the longer half. Print `evaluation.accuracy` of `table[long]` and of "
            "`table[~long]`, and look at the intervals.",
            "`long = seconds > np.median(seconds)`로 긴 쪽 절반을 골라요. `table[long]`과 `table[~long]`의 "
            "`evaluation.accuracy`를 출력하고 구간을 보세요.",
        )
