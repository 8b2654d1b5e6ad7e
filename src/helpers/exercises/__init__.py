"""Questions at the end of a lesson: `q1.check(answer)`, `q1.hint()`, `q1.solution()`. Used in lessons 01 to 10.

    from helpers.exercises import lesson_01

    q1 = lesson_01.FirstRows(intents)
    q1.check(accuracies)

There is a module for each lesson and a class for each question. A class works the right answer out from the data that the lesson
hands it, so it holds for the bundled source and for the Hub. What `solution()` shows stands in the lesson's source alone; the
builder copies it into `solutions/` (see `helpers.lessons`).
"""

from .question import Question

__all__ = ["Question"]
