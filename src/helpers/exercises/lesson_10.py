"""The questions of lesson 10: what is done again, what an id is worth, and how well more workers pay."""

from __future__ import annotations

from typing import Any

from ..language import say
from .question import Question, close, letter, number


class DoneAgain(Question, lesson="10_beyond_one_machine", name="q1"):
    """Predict: how many rows a run classifies after one part of its output was deleted.

    Parameters
    ----------
    rows, chunk_rows : int
        Of the whole input, and of a chunk.
    """

    def __init__(self, rows: int, chunk_rows: int) -> None:
        self.rows, self.chunk_rows = rows, chunk_rows

    def mistake(self, answer: Any) -> str | None:
        again = number(answer)
        if again == self.chunk_rows:
            return None
        if again == self.rows:
            return say("Only what is missing is done. What is missing now?", "빠진 것만 해요. 지금 빠진 것은 무엇인가요?")
        if again == 0:
            return say("The run looks which parts are there, and one is not.", "어떤 파일이 있는지 먼저 보는데, 하나가 없어요.")
        if again == self.rows - self.chunk_rows:
            return say("That is how many rows are still there.", "그것은 아직 남아 있는 행의 수예요.")
        if again == 1:
            return say(
                "One part, and in it a row for each call of the chunk.",
                "파일은 하나지만, 그 안에는 조각의 통화마다 행이 하나씩 있어요.",
            )
        return say(
            "A part holds one chunk. How many rows has a chunk?", "파일 하나에 조각 하나가 들어 있어요. 조각 하나는 몇 행인가요?"
        )

    def hint_text(self) -> str:
        return say(
            "look at the arguments that `scaling.classify` was called with.", "`scaling.classify`를 부를 때 준 인자를 보세요."
        )


class CountedIds(Question, lesson="10_beyond_one_machine", name="q2"):
    """Find the bug: ids given out by counting the rows as they come back (a: rows are lost, b: ids move, c: nothing)."""

    def mistake(self, answer: Any) -> str | None:
        chosen = letter(answer, "abc")
        if chosen == "b":
            return None
        if chosen == "a":
            return say(
                "Every row still comes back. What is no longer sure is which call it belongs to.",
                "행은 모두 돌아와요. 다만 어느 통화의 행인지 알 수 없게 돼요.",
            )
        return say(
            "Does the dead worker's chunk come back at the same place as before?",
            "죽은 작업자의 조각은 전과 같은 자리에 돌아오나요?",
        )

    def hint_text(self) -> str:
        return say("in which order do rows come back, and who decides it?", "행은 어떤 순서로 돌아오고, 그 순서는 누가 정하나요?")

    def remark(self) -> str:
        return say("An id has to travel with its row from the start.", "id는 처음부터 행과 함께 다녀야 해요.")


class Efficiency(Question, lesson="10_beyond_one_machine", name="q3"):
    """Compute: the scaling efficiency of some workers.

    Parameters
    ----------
    one, many : float
        Clips per second with one worker and with all of them.
    workers : int
    """

    def __init__(self, one: float, many: float, workers: int) -> None:
        self.one, self.many, self.workers = one, many, workers

    def mistake(self, answer: Any) -> str | None:
        efficiency = number(answer)
        right = self.many / (self.workers * self.one)
        if close(efficiency, right):
            return None
        if close(efficiency, self.many / self.one):
            return say(
                "That is how many times as fast they are. Divide by the number of workers.",
                "그것은 몇 배 빨라졌는지예요. 작업자 수로 나누세요.",
            )
        if close(efficiency, 1 / right) or close(efficiency, self.one / self.many):
            return say(
                "The other way round: what was reached, over what could be.",
                "반대예요. 실제로 낸 속도를 가장 좋을 때의 속도로 나누세요.",
            )
        if close(efficiency, 100 * right, within=0.6):
            return say("Write it as a share between 0 and 1, not in percent.", "퍼센트가 아니라 0과 1 사이의 비율로 쓰세요.")
        return say("How fast would they be if none of them waited for anything?", "아무도 기다리지 않는다면 얼마나 빠를까요?")

    def hint_text(self) -> str:
        return say("the lesson divided `speed[2]` by twice `speed[1]`.", "레슨에서는 `speed[2]`를 `speed[1]`의 두 배로 나눴어요.")
