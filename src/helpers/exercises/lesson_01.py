"""The questions of lesson 01: rows that lie in order, an average, and row numbers of a filtered table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..language import say
from .question import Question, close, numbers, plain, word


class FirstRows(Question, lesson="01_load_minds14", name="q1"):
    """Predict: which accuracy does "always the first name" seem to have on rows that lie intent by intent?

    Parameters
    ----------
    intents : datasets.ClassLabel
        The intents; the rows are imagined, ten of each.
    """

    def __init__(self, intents: Any) -> None:
        self.intents = intents

    def mistake(self, answer: Any) -> str | None:
        first, everything = numbers(answer, 2)
        share = 1 / self.intents.num_classes
        if close(first, 1) and close(everything, share):
            return None
        if close(first, share) and close(everything, 1):
            return say(
                "The two are in the wrong order: first the ten rows, then all.",
                "순서가 바뀌었어요. 처음 열 행이 먼저, 전체가 나중이에요.",
            )
        if close(first, 10) or close(first, 100) or close(everything, 100 * share, within=0.2) or close(everything, 10):
            return say(
                "Write an accuracy as a share between 0 and 1, not as a count or in percent.",
                "정확도는 개수나 퍼센트가 아니라 0과 1 사이의 비율로 쓰세요.",
            )
        if close(first, share):
            return say(
                "The first ten rows are not a mixture: all ten of them have the same intent. Which?",
                "처음 열 행은 골고루 섞여 있지 않아요. 열 개 모두 의도가 같아요. 어느 의도일까요?",
            )
        if close(first, 1) and close(everything, 1):
            return say(
                "Right for the first ten rows. But among all rows there are the other intents too.",
                "처음 열 행은 맞았어요. 하지만 전체에는 다른 의도도 있어요.",
            )
        if close(first, 1):
            return say(
                "The first number is right. For the second, divide the calls about `abroad` by all calls.",
                "첫 번째 숫자는 맞았어요. 두 번째는 `abroad` 통화의 수를 전체 통화의 수로 나누세요.",
            )
        return say(
            "Count for each of the two: how many rows have the intent `abroad`, and how many rows are there?",
            "둘 다 세어 보세요. 의도가 `abroad`인 행은 몇 개이고, 행은 모두 몇 개인가요?",
        )

    def hint_text(self) -> str:
        return say(
            "the names lie in the order of `intents.names`. Which intent do rows 0 to 9 have?",
            "이름은 `intents.names` 순서로 놓여 있어요. 0번부터 9번 행까지는 어느 의도일까요?",
        )

    def remark(self) -> str:
        return say(
            "On rows that lie in order, a model that knows nothing can look perfect.",
            "순서대로 놓인 행에서는 아무것도 모르는 모델도 완벽해 보일 수 있어요.",
        )


class LongestIntent(Question, lesson="01_load_minds14", name="q2"):
    """Compute: the intent whose clips are longest on average.

    Parameters
    ----------
    minds : datasets.Dataset
        With the columns `intent_class` and `duration` (seconds).
    """

    def __init__(self, minds: Any) -> None:
        self.minds = minds

    def _seconds(self) -> dict[str, list[float]]:
        names = self.minds.features["intent_class"].names
        seconds: dict[str, list[float]] = {}
        for intent, duration in zip(self.minds["intent_class"], self.minds["duration"], strict=True):
            seconds.setdefault(names[intent], []).append(duration)
        return seconds

    def mistake(self, answer: Any) -> str | None:
        names = self.minds.features["intent_class"].names
        value = plain(answer)
        # The label's number names the intent as well as its name does.
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
            chosen = names[value]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return say(
                "That is a number of seconds, it seems. Which intent does it belong to? Give its name.",
                "초로 나타낸 숫자인 것 같아요. 어느 의도의 값인가요? 그 이름을 답으로 쓰세요.",
            )
        else:
            chosen = word(answer)
        seconds = self._seconds()
        means = {name: sum(values) / len(values) for name, values in seconds.items()}
        if chosen not in means:
            return say(
                f"There is no intent {chosen!r} in this table. `intents.names` lists them.",
                f"이 표에 {chosen!r}(이)라는 의도는 없어요. `intents.names`에서 찾아보세요.",
            )
        longest = max(means, key=means.__getitem__)
        if means[chosen] == means[longest]:
            return None
        if chosen == min(means, key=means.__getitem__):
            return say("That is the intent with the shortest clips.", "그 의도는 클립이 가장 짧은 의도예요.")
        if chosen == max(seconds, key=lambda name: max(seconds[name])):
            return say(
                "That intent has the longest single clip. On average, all of an intent's clips count.",
                "그 의도에는 가장 긴 클립 하나가 있어요. 평균을 구하려면 그 의도의 클립을 모두 세어야 해요.",
            )
        if chosen == max(seconds, key=lambda name: sum(seconds[name])):
            return say(
                "That intent has the most seconds in all. Divide by its number of clips.",
                "그 의도는 초를 모두 더한 값이 가장 커요. 클립의 수로 나누세요.",
            )
        return say(
            f"Its clips have {means[chosen]:.1f} s on average, and another intent's are longer.",
            f"그 의도의 클립은 평균 {means[chosen]:.1f}초예요. 더 긴 의도가 있어요.",
        )

    def hint_text(self) -> str:
        return say(
            "collect the durations in a dictionary with a list for each intent; `zip` walks through two columns at once.",
            "딕셔너리에 의도마다 리스트를 하나씩 두고 길이를 모으세요. `zip`을 쓰면 두 열을 나란히 읽을 수 있어요.",
        )


class NeverSaysFreeze(Question, lesson="01_load_minds14", name="q3"):
    """Find the bug: the rows of calls about `freeze` whose words do not hold "freeze".

    Parameters
    ----------
    minds : datasets.Dataset
        With the columns `intent_class` and `transcription`.
    """

    def __init__(self, minds: Any) -> None:
        self.minds = minds

    def mistake(self, answer: Any) -> str | None:
        value = plain(answer)
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            return say(
                "These are the sentences. Give the numbers of their rows.",
                "이것은 문장들이에요. 문장이 있는 행의 번호를 답으로 쓰세요.",
            )
        if isinstance(value, int) and not isinstance(value, bool):
            value = [value]
        rows = set(numbers(value))
        number = self.minds.features["intent_class"].str2int("freeze")
        texts: Sequence[str] = list(self.minds["transcription"])
        about = [row for row, intent in enumerate(self.minds["intent_class"]) if intent == number]
        right = {row for row in about if "freeze" not in texts[row].lower()}
        if rows == right:
            return None
        if rows == {position for position, row in enumerate(about) if row in right}:
            return say(
                "These numbers count within the filtered table, and `minds[row]` counts in the whole one.",
                "이 번호는 걸러 낸 표 안에서 센 것인데, `minds[row]`는 전체 표에서 세요.",
            )
        if rows == {row for row in about if "freeze" not in texts[row]}:
            return say(
                'One row says "Freeze" with a capital. Compare in lower case.',
                '대문자로 "Freeze"라고 쓴 행이 섞였어요. 소문자로 바꿔서 비교하세요.',
            )
        if rows == set(about) - right:
            return say("These are the calls that do say the word.", "이것은 그 낱말을 말하는 통화들이에요.")
        if rows == set(about):
            return say(
                "These are all calls about `freeze`. Keep those without the word.",
                "이것은 `freeze` 통화 전부예요. 그 낱말이 없는 것만 남기세요.",
            )
        if rows > right and not rows <= set(about):
            return say("There are calls with another intent among them.", "의도가 다른 통화가 섞여 있어요.")
        if rows <= set(about) and rows - right:
            return say("Some of these calls do say the word.", "그 낱말을 말하는 통화가 섞여 있어요.")
        if rows < right:
            return say(f"Some are missing: you have {len(rows)}.", f"빠진 것이 있어요. 지금은 {len(rows)}개예요.")
        return say(
            "These are other calls. Read `minds[row]` for one of them: what is its intent?",
            "다른 통화들이에요. 그중 하나의 `minds[row]`를 읽어 보세요. 의도가 무엇인가요?",
        )

    def hint_text(self) -> str:
        return say(
            "`enumerate(freeze[...])` counts 0, 1, 2, … within `freeze`. Walk through the columns of `minds` instead, and ask "
            "for the "
            "intent as well.",
            "`enumerate(freeze[...])`는 `freeze` 안에서 0, 1, 2, …로 세요. 대신 `minds`의 열을 따라가며 의도도 확인하세요.",
        )

    def remark(self) -> str:
        return say(
            "A filtered table counts its rows anew. Listen to one or two: would another intent fit as well?",
            "걸러 낸 표는 행 번호를 처음부터 다시 세요. 한두 개 들어 보세요. 다른 의도도 어울리나요?",
        )
