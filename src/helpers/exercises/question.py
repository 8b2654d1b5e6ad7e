"""What every question has in common, and how an answer is read whatever form it comes in. Used in lessons 01 to 10."""

from __future__ import annotations

import json
from importlib.resources import files
from math import isfinite
from typing import Any, ClassVar

from ..language import say


class Misread(Exception):
    """An answer whose form a question cannot read; the message says which form it wants."""


class Question:
    """One question of a lesson. `check`, `hint` and `solution` print, return nothing and never raise.

    A subclass names its place, `class FirstRows(Question, lesson="01_load_minds14", name="q1")`, and writes `mistake` and
    `hint_text`; `remark` if there is something to add to a right answer.

    Attributes
    ----------
    answered : bool
        Whether an answer has been checked, right or wrong: a lesson shows what was to be predicted only then.
    correct : bool
        Whether the last answer that was checked is right. nbgrader grades by it.
    """

    lesson: ClassVar[str]
    name: ClassVar[str]
    answered: bool = False
    correct: bool = False

    def __init_subclass__(cls, *, lesson: str, name: str) -> None:
        cls.lesson, cls.name = lesson, name

    def mistake(self, answer: Any) -> str | None:
        """What is wrong with an answer, in a sentence that names the mistake without giving the answer; None if nothing is.

        Raises
        ------
        Misread
            If the answer has a form that this question cannot read.
        """
        raise NotImplementedError

    def hint_text(self) -> str:
        """How to begin."""
        raise NotImplementedError

    def remark(self) -> str:
        """What is worth knowing once the answer is right; also the last line of the solution."""
        return ""

    def check(self, answer: Any = ...) -> None:
        """Print whether the answer is right, and what the mistake is where it is not.

        Parameters
        ----------
        answer : anything
            A number may be an int, a float, a NumPy or torch scalar; a list may be a tuple, an array, a tensor. The three dots
            of the stub mean that there is no answer yet.
        """
        self.answered, self.correct = answer is not ..., False
        if not self.answered:
            print(
                say(
                    f"{self.name}: no answer yet. Put yours in place of the three dots, run that cell, then this one. "
                    f"{self.name}.hint() helps.",
                    f"{self.name}: 아직 답이 없어요. 점 세 개 자리에 답을 쓰고, 그 셀과 이 셀을 차례로 실행하세요. "
                    f"{self.name}.hint()를 부르면 도움말이 나와요.",
                )
            )
            return
        try:
            mistake = self.mistake(answer)
        except Misread as error:
            mistake = str(error)
        except Exception as error:  # a learner's odd answer must not end "Run All"; what went wrong is still said
            mistake = say(
                f"This answer could not be checked ({type(error).__name__}: {error}). Were the cells above run in their order?",
                f"이 답은 확인할 수 없었어요({type(error).__name__}: {error}). 위의 셀들을 차례대로 실행했나요?",
            )
        self.correct = mistake is None
        if self.correct:
            print(" ".join([say(f"{self.name}: right.", f"{self.name}: 맞아요."), self.remark()]).rstrip())
        else:
            print(say(f"{self.name}: not yet. {mistake}", f"{self.name}: 아직이에요. {mistake}"))

    def hint(self) -> None:
        """Print how to begin."""
        print(say(f"{self.name}, a hint: {self.hint_text()}", f"{self.name} 도움말: {self.hint_text()}"))

    def solution(self) -> None:
        """Print one way to the answer, as code, and what is worth knowing about it."""
        print(say(f"{self.name}, one solution:", f"{self.name} 풀이 가운데 하나:"))
        print("\n".join(f"    {line}".rstrip() for line in solution_code(self.lesson, self.name).splitlines()))
        if remark := self.remark():
            print(remark)


def solution_code(lesson: str, name: str) -> str:
    """The code of a solution, as the builder took it from the lesson's source."""
    return json.loads((files(__package__) / "solutions" / f"{lesson}.json").read_text(encoding="utf-8"))[name]


# --- reading an answer ----------------------------------------------------------------------------------------------------


def plain(answer: Any) -> Any:
    """Numbers, strings and lists in place of tensors, arrays, series, tuples and sets."""
    if hasattr(answer, "detach"):  # a torch tensor, which may need its gradient taken off
        answer = answer.detach().cpu()
    if hasattr(answer, "tolist"):
        return answer.tolist()
    if isinstance(answer, str | bytes | dict | int | float | complex | None):
        return answer
    if hasattr(answer, "__iter__"):
        return [plain(part) for part in answer]
    return answer


def _kind(answer: Any) -> str:
    return type(answer).__name__


def number(answer: Any) -> float:
    """One number, from any kind of it, or from a list that holds just one.

    Raises
    ------
    Misread
        If it is something else.
    """
    value = plain(answer)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise Misread(
            say(
                f"One number is wanted here, and this is {_describe(answer)}.",
                f"여기에는 숫자 하나가 필요한데, 지금은 {_describe(answer)}예요.",
            )
        )
    return float(value)


def numbers(answer: Any, count: int | None = None) -> list[float]:
    """A list of numbers in its order, from a list, tuple, array, tensor or series; of `count` numbers where that is given.

    Raises
    ------
    Misread
        If it is something else.
    """
    value = plain(answer)
    if not isinstance(value, list) or any(isinstance(part, bool) or not isinstance(part, int | float) for part in value):
        raise Misread(
            say(
                f"A list of numbers is wanted here, and this is {_describe(answer)}.",
                f"여기에는 숫자 리스트가 필요한데, 지금은 {_describe(answer)}예요.",
            )
        )
    if count is not None and len(value) != count:
        raise Misread(
            say(
                f"A list of {count} numbers is wanted here, and this one holds {len(value)}.",
                f"여기에는 숫자 {count}개짜리 리스트가 필요한데, 지금은 {len(value)}개예요.",
            )
        )
    return [float(part) for part in value]


def word(answer: Any) -> str:
    """One string, without blanks around it and in lower case.

    Raises
    ------
    Misread
        If it is something else.
    """
    value = plain(answer)
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise Misread(
            say(
                f"A word in quotation marks is wanted here, and this is {_describe(answer)}.",
                f"여기에는 따옴표로 감싼 낱말이 필요한데, 지금은 {_describe(answer)}예요.",
            )
        )
    return value.strip().lower()


def letter(answer: Any, letters: str) -> str:
    """One of the letters that a question offers, from forms such as "B" and "b)".

    Raises
    ------
    Misread
        If it is something else.
    """
    value = word(answer).strip("().:' ")
    if value not in set(letters):
        offered = ", ".join(f'"{each}"' for each in letters)
        raise Misread(say(f"Choose one of {offered}.", f"{offered} 가운데 하나를 고르세요."))
    return value


def _describe(answer: Any) -> str:
    """An answer of the wrong form, in a few words."""
    if answer is None:
        return say("None (does the cell end with print, which returns nothing?)", "None(print는 아무것도 돌려주지 않아요)")
    if isinstance(answer, str):
        return say(f"text ({answer[:30]!r})", f"글자({answer[:30]!r})")
    if isinstance(answer, bool):
        return say(f"{answer}, the outcome of a comparison", f"비교한 결과인 {answer}")
    value = plain(answer)
    if isinstance(value, float):
        return say(f"{value}, which no calculation should end in", f"계산이 잘못되었을 때 나오는 {value}")
    if isinstance(value, list):
        return say(f"a {_kind(answer)} of {len(value)}", f"{len(value)}개가 든 {_kind(answer)}")
    return say(f"a {_kind(answer)}", _kind(answer))


def close(answer: float, right: float, *, within: float = 0.006) -> bool:
    """Whether two numbers differ by no more than a rounding; 0.006 forgives two decimals."""
    return abs(answer - right) <= within
