"""The questions of lesson 07: padding, a stopwatch that stops too early, and a million clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..language import say
from .question import Question, close, number


class WastedByPadding(Question, lesson="07_many_clips_fast", name="q1"):
    """Predict: the share of a batch that is padding.

    Parameters
    ----------
    seconds : sequence of float
        How long the clips of the batch are.
    """

    def __init__(self, seconds: Sequence[float]) -> None:
        self.seconds = [float(each) for each in seconds]

    def mistake(self, answer: Any) -> str | None:
        share = number(answer)
        sound, computed = sum(self.seconds), len(self.seconds) * max(self.seconds)
        if close(share, 1 - sound / computed):
            return None
        if close(share, sound / computed):
            return say("That is the share that is sound.", "그것은 소리가 차지하는 비율이에요.")
        if close(share, computed - sound):
            return say(
                "Those are the seconds of padding. Divide them by all seconds that are computed.",
                "그것은 채운 초예요. 계산하는 초를 모두 더한 값으로 나누세요.",
            )
        if close(share, (computed - sound) / sound):
            return say(
                "Divide by everything that is computed, padding and sound.",
                "소리만이 아니라, 채운 것까지 계산하는 것 전부로 나누세요.",
            )
        if close(share, 100 * (1 - sound / computed), within=0.6):
            return say("Write it as a share between 0 and 1, not in percent.", "퍼센트가 아니라 0과 1 사이의 비율로 쓰세요.")
        return say(
            "In a batch every clip becomes as long as the longest. How many seconds is that in all?",
            "배치에서는 모든 클립이 가장 긴 것만큼 길어져요. 모두 몇 초가 되나요?",
        )

    def hint_text(self) -> str:
        return say(
            "as many seconds are computed as clips times the longest; the clips' own are sound, the rest padding.",
            "가장 긴 클립의 길이에 클립 수를 곱한 만큼 계산해요. 그중 실제 길이의 합이 소리이고, 나머지가 채운 것이에요.",
        )


class StoppedTooEarly(Question, lesson="07_many_clips_fast", name="q2"):
    """Find the bug: how many clips a generator has classified when nobody has asked for an answer yet.

    Parameters
    ----------
    clips : int
        How many clips it was given.
    """

    def __init__(self, clips: int) -> None:
        self.clips = clips

    def mistake(self, answer: Any) -> str | None:
        done = number(answer)
        if done == 0:
            return None
        if done == self.clips:
            return say(
                "So the figure claims. But `classify` hands its answers out one by one. Who has asked for one?",
                "그렇게 보이고, 출력된 숫자도 그렇게 말해요. 하지만 `classify`는 답을 하나씩 내줘요. 답을 달라고 한 곳이 있나요?",
            )
        if done == 1:
            return say("Not even the first: nobody has asked for it.", "첫 번째도 아직이에요. 아무도 달라고 하지 않았어요.")
        return say("Look for the place where an answer is asked for.", "답을 달라고 하는 곳을 찾아보세요.")

    def hint_text(self) -> str:
        return say(
            "a generator begins to work when a loop, `list` or `next` asks it for something.",
            "제너레이터는 반복문이나 `list`, `next`가 무언가를 달라고 할 때 일을 시작해요.",
        )

    def remark(self) -> str:
        return say(
            "`list(...)` around it, before the clock is read again, makes the time a true one.",
            "시계를 다시 보기 전에 `list(...)`로 감싸면 제대로 잰 시간이 돼요.",
        )


class HoursForAMillion(Question, lesson="07_many_clips_fast", name="q3"):
    """Compute: the hours that a million clips take at a measured speed.

    Parameters
    ----------
    clips_per_second : float
        What was measured.
    """

    def __init__(self, clips_per_second: float) -> None:
        self.speed = clips_per_second

    def mistake(self, answer: Any) -> str | None:
        hours = number(answer)
        seconds = 1e6 / self.speed

        def about(value: float) -> bool:
            return close(hours, value, within=0.02 * value)

        if about(seconds / 3600):
            return None
        if about(seconds):
            return say("Those are seconds.", "그것은 초예요.")
        if about(seconds / 60):
            return say("Those are minutes.", "그것은 분이에요.")
        if about(seconds / 86_400):
            return say("Those are days.", "그것은 일수예요.")
        if about(1e6 * self.speed / 3600) or about(self.speed / 1e6):
            return say("Divide the clips by the speed: so many seconds.", "클립 수를 속도로 나누면 초가 나와요.")
        return say(
            "Use the speed that your machine measured for the best way: `speed` holds it.",
            "내 컴퓨터에서 가장 빠른 방법으로 잰 속도를 쓰세요. `speed`에 있어요.",
        )

    def hint_text(self) -> str:
        return say(
            "clips divided by clips per second are seconds, and an hour has 3600 of them.",
            "클립 수를 초당 클립 수로 나누면 초가 나오고, 한 시간은 3600초예요.",
        )
