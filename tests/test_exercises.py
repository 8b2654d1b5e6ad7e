"""helpers.exercises: each question takes right answers in whatever form they come, and names each typical mistake."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pytest
import torch

from helpers import Audio, lessons
from helpers.exercises import (
    Question,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
)
from helpers.exercises.question import Misread, letter, number, numbers, word

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
INTENTS = ["abroad", "balance", "freeze", "pay_bill"]


@dataclass(frozen=True)
class Tried:
    """A question, answers that are right, and wrong ones with a part of the sentence that names the mistake."""

    question: Question
    right: list[Any]
    wrong: list[tuple[Any, str]]


def in_every_form(values: list[float]) -> list[Any]:
    """The same list as Python, NumPy, torch and pandas hold it."""
    return [values, tuple(values), np.array(values), torch.tensor(values), pd.Series(values)]


def in_every_scalar_form(value: float) -> list[Any]:
    return [value, float(value), np.float64(value), np.array([value]), torch.tensor(value), [value]]


# --- lesson 01 ------------------------------------------------------------------------------------------------------------


def texts(labels: list[str], **columns: list[Any]) -> datasets.Dataset:
    """A table in MInDS-14's shape, without the sound."""
    features = datasets.Features({"intent_class": datasets.ClassLabel(names=INTENTS)})
    table = datasets.Dataset.from_dict({"intent_class": labels}, features=features)
    for name, values in columns.items():
        table = table.add_column(name, values)
    return table


def first_rows() -> Tried:
    return Tried(
        lesson_01.FirstRows(datasets.ClassLabel(num_classes=14)),
        [*in_every_form([1.0, 1 / 14]), [1, 0.07], [1, 0.0714]],
        [
            ([1 / 14, 1 / 14], "all ten of them have the same intent"),
            ([1 / 14, 1], "wrong order"),
            ([1, 1], "there are the other intents too"),
            ([1, 0.1], "For the second, divide"),
            ([100, 7.1], "a share between 0 and 1"),
            ([10, 10], "a share between 0 and 1"),
            ([0.5, 0.5], "Count for each of the two"),
            (1.0, "A list of numbers is wanted"),
            ([1], "A list of 2 numbers is wanted"),
        ],
    )


def longest_intent() -> Tried:
    # abroad has the longest mean, balance the longest clip, freeze the most seconds, pay_bill the shortest clips
    seconds = {"abroad": [4.0, 4.0], "balance": [10.0, 1.0, 1.0, 0.4], "freeze": [3.0] * 5, "pay_bill": [1.0]}
    labels = [name for name, values in seconds.items() for _ in values]
    return Tried(
        lesson_01.LongestIntent(texts(labels, duration=[value for values in seconds.values() for value in values])),
        ["abroad", "Abroad ", np.str_("abroad"), ["abroad"], 0, np.int64(0), torch.tensor(0)],
        [
            ("balance", "the longest single clip"),
            ("freeze", "the most seconds in all"),
            ("pay_bill", "the shortest clips"),
            (3, "the shortest clips"),
            ("abroat", "There is no intent 'abroat'"),
            (4.0, "a number of seconds"),
            (None, "does the cell end with print"),
        ],
    )


def never_says_freeze() -> Tried:
    rows = [
        ("pay_bill", "I want to pay"),
        ("freeze", "please freeze it"),
        ("freeze", "block it"),
        ("balance", "how much have I got"),
        ("freeze", "Freeze my card"),
        ("freeze", "put a stop on it"),
        ("balance", "the app freezes"),
    ]
    table = texts([label for label, _ in rows], transcription=[text for _, text in rows])
    return Tried(
        lesson_01.NeverSaysFreeze(table),
        [*in_every_form([2, 5]), [5, 2], {5, 2}, pd.Index([2, 5]), (row for row in (2, 5))],
        [
            ([1, 3], "count within the filtered table"),
            ([2, 4, 5], "with a capital"),
            ([1, 4], "the calls that do say the word"),
            ([1, 2, 4, 5], "all calls about `freeze`"),
            ([1, 2, 5], "Some of these calls do say the word"),
            ([0, 2, 5], "another intent among them"),
            ([5], "Some are missing: you have 1"),
            (2, "Some are missing"),
            ([], "Some are missing"),
            ([0, 6], "other calls"),
            (["block it", "put a stop on it"], "These are the sentences"),
        ],
    )


# --- lessons 02 and 03 ----------------------------------------------------------------------------------------------------


def clips(arrays: list[np.ndarray], rate: int, labels: list[str] | None = None) -> datasets.Dataset:
    features = datasets.Features({"audio": Audio(), "intent_class": datasets.ClassLabel(names=INTENTS)})
    sounds = [{"array": array.astype("float32"), "sampling_rate": rate} for array in arrays]
    return datasets.Dataset.from_dict({"audio": sounds, "intent_class": labels or ["balance"] * len(sounds)}, features=features)


def tone(frequency: float, rate: int, samples: int) -> np.ndarray:
    return np.cos(2 * np.pi * frequency * np.arange(samples) / rate)


def alias() -> Tried:
    return Tried(
        lesson_02.Alias(frequency=7_000, rate=8_000),
        [*in_every_scalar_form(1_000), 999.9],
        [
            (7_000, "nothing above 4,000 Hz"),
            (4_000, "That is the Nyquist frequency"),
            (3_000, "how far the tone lies above"),
            (3_500, "Halving"),
            (1, "in hertz"),
            (-1_000, "no sign"),
            (15_000, "Begin with half the sampling rate"),
            ("1000", "One number is wanted here, and this is text"),
            (None, "does the cell end with print"),
            (True, "the outcome of a comparison"),
            ([1_000, 7_000], "a list of 2"),
        ],
    )


def taken_out_too_early() -> Tried:
    minds = clips([0.1 * tone(300, 8_000, samples) for samples in (800, 900, 1_000, 1_100)], 8_000)
    row = minds.cast_column("audio", Audio(sampling_rate=16_000))[3]
    right, early = row["audio"]["array"], minds.cast_column("audio", Audio())[3]["audio"]["array"]
    return Tried(
        lesson_02.TakenOutTooEarly(minds, row=3),
        [right, right.tolist(), torch.tensor(right), right.astype("float64"), right.round(5), row["audio"], row],
        [
            (early, "from before the cast"),
            (early.tolist(), "from before the cast"),
            (np.repeat(early, 2), "their values are not"),
            (minds.cast_column("audio", Audio(sampling_rate=16_000))[0]["audio"]["array"], "the clip of row 0"),
            (right[:500], "This array has 500 samples"),
            (3, "The array of one clip is wanted"),
            ("clip", "The array of one clip is wanted"),
        ],
    )


def lost_at_a_low_rate() -> Tried:
    array = tone(500, 16_000, 16_000) + 0.5 * tone(1_500, 16_000, 16_000) + 0.25 * tone(3_000, 16_000, 16_000)
    power = {500: 1.0, 1_500: 0.25, 3_000: 0.0625}
    lost = (power[1_500] + power[3_000]) / sum(power.values())
    return Tried(
        lesson_02.LostAtALowRate({"array": array, "sampling_rate": 16_000}, rate=2_000),
        [*in_every_scalar_form(lost), round(lost, 2)],
        [
            (power[3_000] / sum(power.values()), "above 2,000 Hz"),
            (1 - lost, "the share that is kept"),
            (100 * lost, "not in percent"),
            (0.75 / 1.75, "a share of the amplitudes"),
            (1e7, "A share is at most 1"),
            (0.9, "The lesson printed the share above 4 kHz"),
        ],
    )


def grid() -> Tried:
    return Tried(
        lesson_03.Grid(frame_length=800, rate=16_000),
        [*in_every_form([401, 20]), [401.0, 20.0]],
        [
            ([20, 401], "wrong order"),
            ([800, 20], "half as many frequencies"),
            ([400, 20], "0 Hz has a row too"),
            ([401, 40], "do not lie that far apart"),
            ([401, 10], "do not lie that far apart"),
            ([401, 55], "spread evenly"),
            ([7, 7], "for a frame of 400 samples"),
            (401, "A list of numbers is wanted"),
        ],
    )


def pitch() -> Tried:
    def voice(frequency: float) -> np.ndarray:
        return sum(tone(frequency * harmonic, 16_000, 8_000) / harmonic for harmonic in (1, 2, 3)) / 4

    return Tried(
        lesson_03.Pitch(clips([voice(125), voice(200)], 16_000), row=1),
        [*in_every_scalar_form(200), 199, 202.5],
        [
            (80, "the period in samples"),
            (5.0, "the length of one period"),
            (0.005, "the length of one period"),
            (125, "the voice of row 0"),
            (400, "An octave off"),
            (100, "An octave off"),
            (333, "Go through the cell"),
        ],
    )


def loudest_is_no_vowel() -> Tried:
    def frame(low: float, high: float) -> np.ndarray:
        return low * tone(200, 16_000, 640) + high * tone(5_000, 16_000, 640)

    quiet, hiss = frame(0.05, 0.02), frame(0, 0.05)
    rows = [
        [frame(0.5, 0.05), frame(0.02, 0.05)],
        [*[quiet] * 5, frame(0.4, 0.2)],  # the loudest frame, number 5, has most of all
        [frame(0.5, 0.02), hiss],  # the most hissing frame, and it is a quiet one
        [frame(0.5, 0), quiet],
    ]
    return Tried(
        lesson_03.LoudestIsNoVowel(clips([np.concatenate(row) for row in rows], 16_000), clips=4),
        in_every_scalar_form(1),
        [
            (2, "but not the loudest one"),
            (3, "the surest vowel"),
            (5, "the number of the frame"),
            (0.2, "That is the share"),
            (0, "In another row"),
            (17, "A row between 0 and 3"),
            (-3, "A row between 0 and 3"),
        ],
    )


# --- lesson 04 ------------------------------------------------------------------------------------------------------------


def shape_of_answer() -> Tried:
    return Tried(
        lesson_04.ShapeOfAnswer(clips=3, top_k=2),
        in_every_form([3, 2]),
        [
            ([2, 3], "wrong order"),
            ([6, 2], "not strung together"),
            ([1, 2], "One array gives one list"),
            ([3, 5], "How many labels did you ask for"),
            ([4, 4], "Count the clips that go in"),
        ],
    )


def hears_the_call(y: np.ndarray, top_k: int) -> list[dict[str, Any]]:
    """A call is what does not average to zero, as long as it is not drowned."""
    label = "noise" if abs(y.mean()) < 0.05 else "call" if np.sqrt(np.mean(y**2)) < 1 else "drowned"
    return [{"label": label, "score": 1.0}]


def label_in_noise() -> Tried:
    array, noise = np.full(100, 0.1, dtype="float32"), np.resize([1.0, -1.0], 100).astype("float32")
    question = lesson_04.LabelInNoise(array, noise, [0.1, 0.2, 0.5, 0.9, 0.95, 2, 3], hears_the_call)
    array += 5  # what a learner does to the array afterwards does not reach the check
    return Tried(
        question,
        in_every_scalar_form(5),
        [
            (3, "The noise has piled up"),
            (0, "the noise alone"),
            (2, "how often the label changes"),
            (4, "Compare the best label"),
            (0.95, "a score or a level"),
            (9, "from 0 to 7"),
            ([True] * 5 + [False] * 2, "a list, one entry for each level"),
            ("call", "One number is wanted"),
        ],
    )


def left_channel() -> Tried:
    left, right = np.linspace(-0.5, 0.5, 50), np.linspace(0.3, 0.1, 50)
    stereo = np.stack([left, right], axis=1)
    return Tried(
        lesson_04.LeftChannel(stereo),
        [left, left.tolist(), torch.tensor(left), left.astype("float32"), stereo[:, :1], left[None]],
        [
            (stereo[0], "two samples"),
            (stereo, "still has two channels"),
            (stereo.T, "still has two channels"),
            (right, "the right channel"),
            ((left + right) / 2, "the mixture of both channels"),
            (stereo.ravel(), "half the speed"),
            (left[:5], "The left channel has 50 samples"),
            ("left", "An array of samples is wanted"),
        ],
    )


# --- lesson 05 ------------------------------------------------------------------------------------------------------------


def hears_the_peak(y: np.ndarray, top_k: int) -> list[dict[str, Any]]:
    return [{"label": INTENTS[round(float(np.abs(y).max()) * 10) - 1], "score": 1.0}]


def names_and_numbers() -> Tried:
    sounds = [np.full(160, peak) for peak in (0.1, 0.2, 0.3, 0.4, 0.4)]
    labels = ["abroad", "balance", "freeze", "abroad", "freeze"]
    return Tried(
        lesson_05.NamesAndNumbers(clips(sounds, 16_000, labels), hears_the_peak),
        [*in_every_scalar_form(3), np.int64(3)],
        [
            (0, "a name never equals a number"),
            (0.6, "That is the share"),
            (2, "the number of wrong answers"),
            (5, "the number of clips"),
            (4, "Count once more"),
            ("3 of 5", "One number is wanted"),
        ],
    )


def predictions(*rows: tuple[float, bool]) -> pd.DataFrame:
    """The columns of `evaluation.predictions` that these questions read."""
    return pd.DataFrame([{"score": score, "correct": correct, "error": None} for score, correct in rows])


def cheapest_threshold() -> Tried:
    scores = [0.3, 0.35, 0.42, 0.6, 0.65, 0.7, 0.8, 0.9, 0.97]
    table = predictions(*[(score, score not in (0.3, 0.35, 0.9)) for score in scores])
    return Tried(
        # At 0.4 two mistakes go to a person and one is made: 2 · 2 + 10. Nothing costs less.
        lesson_05.CheapestThreshold(table, wrong=10, person=2, thresholds=np.linspace(0, 1, 21)),
        [0.4, np.float64(0.4), torch.tensor(0.4), [0.4], 0.36, 0.42],
        [
            (14, "That is what it costs"),
            (0, "every call is answered"),
            (0.2, "every call is answered"),
            (0.95, "many calls go to a person"),
            (1.0, "many calls go to a person"),
            (40, "A threshold lies between 0 and 1"),
            (0.5, "There it costs 16"),
        ],
    )


def long_clips(long_right: int, short_right: int, verdict: str, wrong: list[tuple[Any, str]]) -> Tried:
    table = predictions(*[(0.5, row < short_right) for row in range(40)], *[(0.5, row < long_right) for row in range(40)])
    forms = [verdict, verdict.upper(), f"{verdict})", f" ({verdict}) ", np.str_(verdict), [verdict]]
    return Tried(lesson_05.LongClips(table, [1.0] * 40 + [9.0] * 40), forms, wrong)


# --- lessons 06 to 10 -----------------------------------------------------------------------------------------------------


def ratio_of_scores() -> Tried:
    return Tried(
        lesson_06.RatioOfScores(higher=3, lower=1),
        [*in_every_scalar_form(np.exp(2)), 7.4],
        [
            (np.exp(-2), "The other way round"),
            (2, "how much larger the logit is"),
            (3, "the ratio of the logits"),
            (100, "e, not 10"),
            (np.exp(2) / (1 + np.exp(2)), "as if there were no other labels"),
            (50, "Write both scores as fractions"),
        ],
    )


def click_in_silence() -> Tried:
    click = np.zeros(16_000, dtype="float32")
    click[8_000] = 0.5
    largest = float(((click - click.mean()) / np.sqrt(click.var() + 1e-7)).max())
    return Tried(
        lesson_06.ClickInSilence(click),
        [*in_every_scalar_form(largest), (click / click.std()).max(), round(largest)],
        [
            (0.5, "before it was normalised"),
            (1, "division by the peak"),
            (0.5 / click.var(), "Divide by the standard deviation, the root"),
            (-click.mean() / click.std(), "what silence becomes"),
            (7, "Take away the mean"),
            (click, "One number is wanted"),
        ],
    )


def beyond_the_window() -> Tried:
    return Tried(
        lesson_06.BeyondTheWindow(samples=400_000, window=240_000),
        in_every_scalar_form(0.4),
        [
            (0.6, "the share that is heard"),
            (40, "not in percent"),
            (160_000, "how much is cut off"),
            (10, "how much is cut off"),
            (400 / 240 - 1, "not of the window"),
            (0.9, "How long is the clip"),
        ],
    )


def wasted_by_padding() -> Tried:
    return Tried(
        lesson_07.WastedByPadding([2, 3, 4, 11]),
        [*in_every_scalar_form(24 / 44), 0.55],
        [
            (20 / 44, "the share that is sound"),
            (24, "the seconds of padding"),
            (24 / 20, "padding and sound"),
            (54.5, "not in percent"),
            (0.1, "as long as the longest"),
        ],
    )


def stopped_too_early() -> Tried:
    return Tried(
        lesson_07.StoppedTooEarly(16),
        in_every_scalar_form(0),
        [(16, "Who has asked for one"), (1, "Not even the first"), (8, "Look for the place")],
    )


def hours_for_a_million() -> Tried:
    hours = 1e6 / 25 / 3600
    return Tried(
        lesson_07.HoursForAMillion(25.0),
        [*in_every_scalar_form(hours), round(hours, 1)],
        [
            (hours * 3600, "Those are seconds"),
            (hours * 60, "Those are minutes"),
            (hours / 24, "Those are days"),
            (25 / 1e6, "Divide the clips by the speed"),
            (3, "Use the speed that your machine measured"),
        ],
    )


def speakers_on_both_sides() -> Tried:
    train, test = ["ann", "ann", "ann", "bob", "bob", "cat", "dan", "eve", "fay"], ["ann", "ann", "bob", "bob", "gil"]
    return Tried(
        lesson_08.SpeakersOnBothSides(train, test),
        in_every_scalar_form(2),
        [
            (0, "Some are"),
            (4, "Those are clips"),
            (5, "Those are clips"),
            (7, "Those are all speakers"),
            (3, "the speakers of one side"),
            (6, "the speakers of one side"),
            (1, "`set` keeps each speaker once"),
        ],
    )


def score_at_a_temperature() -> Tried:
    def share(difference: float) -> float:
        return 1 / (1 + np.exp(-difference))

    return Tried(
        lesson_08.ScoreAtATemperature(logits=(2, 0), temperature=2),
        [*in_every_scalar_form(share(1)), 0.73],
        [
            (share(2), "without the temperature"),
            (share(4), "not multiplied"),
            (share(2) / 2, "You divided the score"),
            (1 - share(1), "the other label's score"),
            (0.5, "First divide both logits"),
        ],
    )


def both_above_a_half() -> Tried:
    return Tried(
        lesson_09.BothAboveAHalf(),
        ["b", "B)", np.str_("b")],
        [("a", "Softmax has 1 to give away"), ("c", "Sigmoid asks each label"), ("sigmoid", 'Choose one of "a"')],
    )


def hears_the_dog(y: np.ndarray, top_k: None, function_to_apply: str) -> list[dict[str, Any]]:
    """The dog's sigmoid score is the mean of the mixture; the rain's is 0.6; with softmax they share."""
    scores = {"dog_bark": float(y.mean()), "rain": 0.6}
    if function_to_apply == "softmax":
        scores = {label: score / sum(scores.values()) for label, score in scores.items()}
    return [{"label": label, "score": scores[label]} for label in sorted(scores, key=lambda label: -scores[label])]


def dog_in_the_rain() -> Tried:
    mixtures = [np.full(8, level) for level in (0.1, 0.52, 0.53, 0.58, 0.599, 0.6, 0.61)]
    mixtures[5] = np.full(8, 0.6001)
    return Tried(
        lesson_09.DogInTheRain(mixtures, hears_the_dog, label="dog_bark", threshold=0.5),
        in_every_scalar_form(6),
        [
            (2, "has to share with the rain"),
            (1, "how often it is not heard"),
            (4, "ask for all labels"),
            (0.5, "A count from 0 to 7"),
            (8, "A count from 0 to 7"),
        ],
    )


def done_again() -> Tried:
    return Tried(
        lesson_10.DoneAgain(rows=66, chunk_rows=8),
        in_every_scalar_form(8),
        [
            (66, "Only what is missing is done"),
            (0, "which parts are there"),
            (58, "still there"),
            (1, "a row for each call"),
            (3, "How many rows has a chunk"),
        ],
    )


def counted_ids() -> Tried:
    return Tried(
        lesson_10.CountedIds(),
        ["b", "(B)"],
        [("a", "Every row still comes back"), ("c", "at the same place as before"), ("d", 'Choose one of "a"')],
    )


def efficiency() -> Tried:
    return Tried(
        lesson_10.Efficiency(one=30, many=96, workers=4),
        in_every_scalar_form(0.8),
        [
            (3.2, "Divide by the number of workers"),
            (1.25, "The other way round"),
            (30 / 96, "The other way round"),
            (80, "not in percent"),
            (0.5, "if none of them waited"),
        ],
    )


TRIED = {
    "first rows": first_rows,
    "longest intent": longest_intent,
    "never says freeze": never_says_freeze,
    "alias": alias,
    "taken out too early": taken_out_too_early,
    "lost at a low rate": lost_at_a_low_rate,
    "grid": grid,
    "pitch": pitch,
    "loudest is no vowel": loudest_is_no_vowel,
    "shape of an answer": shape_of_answer,
    "label in noise": label_in_noise,
    "left channel": left_channel,
    "names and numbers": names_and_numbers,
    "cheapest threshold": cheapest_threshold,
    "long clips, alike": lambda: long_clips(
        30,
        33,
        "c",
        [("a", "the intervals overlap"), ("b", "the intervals overlap"), ("worse", 'Choose one of "a"'), (3, "A word")],
    ),
    "long clips, worse": lambda: long_clips(10, 35, "a", [("c", "do not overlap"), ("b", "The other way round")]),
    "long clips, better": lambda: long_clips(38, 10, "b", [("c", "do not overlap"), ("a", "The other way round")]),
    "ratio of scores": ratio_of_scores,
    "click in silence": click_in_silence,
    "beyond the window": beyond_the_window,
    "wasted by padding": wasted_by_padding,
    "stopped too early": stopped_too_early,
    "hours for a million": hours_for_a_million,
    "speakers on both sides": speakers_on_both_sides,
    "score at a temperature": score_at_a_temperature,
    "both above a half": both_above_a_half,
    "dog in the rain": dog_in_the_rain,
    "done again": done_again,
    "counted ids": counted_ids,
    "efficiency": efficiency,
}


@pytest.fixture(params=TRIED)
def tried(request: pytest.FixtureRequest) -> Tried:
    return TRIED[request.param]()


# --- every question -------------------------------------------------------------------------------------------------------


def test_right_answers_are_taken_in_every_form(tried, capsys):
    for answer in tried.right:
        tried.question.check(answer)
        said = capsys.readouterr().out
        assert said.startswith(f"{tried.question.name}: right."), (answer, said)
        assert tried.question.correct
        assert tried.question.answered


def test_each_typical_mistake_is_named(tried, capsys):
    for answer, named in tried.wrong:
        tried.question.check(answer)
        said = capsys.readouterr().out
        assert said.startswith(f"{tried.question.name}: not yet. "), (answer, said)
        assert named in said
        assert not tried.question.correct
        assert tried.question.answered


def test_korean_reader_gets_the_same_in_korean(tried, capsys, monkeypatch):
    for answer in [*(answer for answer, _ in tried.wrong), tried.right[0], ...]:
        said = []
        for language in ("en", "ko"):
            monkeypatch.setenv("COURSE_LANG", language)
            tried.question.check(answer)
            said.append(capsys.readouterr().out)
        assert said[0] != said[1]
        assert lessons.same_but_for_language(*said), said


def test_no_answer_yet_is_friendly_and_forgets_an_earlier_one(tried, capsys):
    tried.question.check(tried.right[0])
    capsys.readouterr()
    tried.question.check(...)
    said = capsys.readouterr().out
    assert "no answer yet" in said
    assert f"{tried.question.name}.hint()" in said
    assert not tried.question.correct
    assert not tried.question.answered
    tried.question.check()
    assert capsys.readouterr().out == said


ODD = [None, object(), {}, [], [[]], "", "ㅎ", 5j, float("nan"), float("inf"), -1, b"x", max, [None, None], np.zeros((2, 2, 2))]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_answer_gets_a_sentence_and_never_an_error(tried, capsys, odd):
    tried.question.check(odd)
    said = capsys.readouterr().out
    assert said.startswith(f"{tried.question.name}: not yet. ")
    assert "could not be checked" not in said, said
    assert not tried.question.correct


def test_question_that_cannot_be_worked_out_says_so(capsys):
    lesson_01.LongestIntent(texts(["abroad"])).check("abroad")  # the column with the durations is missing
    said = capsys.readouterr().out
    assert "could not be checked (ValueError" in said
    assert "run in their order" in said


def test_hint_and_solution_are_said_in_the_readers_language(tried, capsys, monkeypatch):
    shown = []
    (source,) = [path for path in SOURCES if path.stem == tried.question.lesson]
    solution = lessons.solutions(lessons.read(source))[tried.question.name]
    for language in ("en", "ko"):
        monkeypatch.setenv("COURSE_LANG", language)
        tried.question.hint()
        tried.question.solution()
        shown.append(capsys.readouterr().out)
    assert shown[0] != shown[1]
    assert lessons.same_but_for_language(*shown)
    for line in filter(None, solution.splitlines()):
        assert f"    {line}" in shown[0]
        assert f"    {line}" in shown[1]


# --- questions and lessons ------------------------------------------------------------------------------------------------


WITH_EXERCISES = [path for path in SOURCES if lessons.solutions(lessons.read(path))]


def test_every_lesson_but_the_first_asks_two_or_three_questions():
    assert [path for path in SOURCES if path.stem[:2] != "00"] == WITH_EXERCISES
    for path in WITH_EXERCISES:
        assert len(lessons.solutions(lessons.read(path))) in (2, 3)
        assert "**Try it:**" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_lesson_asks_each_of_its_questions_by_its_name(path):
    made = re.findall(r"^(q\d+) = (lesson_\d\d)\.(\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name, _, _ in made] == list(lessons.solutions(lessons.read(path)))
    module = import_module(f"helpers.exercises.lesson_{path.stem[:2]}")
    for name, of, question in made:
        assert of == f"lesson_{path.stem[:2]}"
        assert (getattr(module, question).lesson, getattr(module, question).name) == (path.stem, name)
    defined = {name for name, it in vars(module).items() if isinstance(it, type) and it.__module__ == module.__name__}
    assert defined == {question for _, _, question in made}


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_learners_notebooks_hold_no_solution(path):
    for language in ("en", "ko"):
        built = json.loads((ROOT / "notebooks" / language / f"{path.stem}.ipynb").read_text(encoding="utf-8"))
        text = "\n".join("".join(cell["source"]) for cell in built["cells"])
        assert "SOLUTION" not in text
        for code in lessons.solutions(lessons.read(path)).values():
            assert code not in text
            assert f"\n{lessons.answer_name(code)} = ...\n" in text


def test_every_question_of_a_lesson_is_tried_here():
    asked = {question for path in WITH_EXERCISES for question in re.findall(r"= lesson_\d\d\.(\w+)\(", path.read_text("utf-8"))}
    assert {type(build().question).__name__ for build in TRIED.values()} >= asked


# --- reading an answer ----------------------------------------------------------------------------------------------------


def test_forms_of_an_answer_are_read():
    assert number(torch.tensor([2.5], requires_grad=True)) == 2.5
    assert numbers({1}) == numbers(range(1, 2)) == numbers(torch.tensor([1])) == [1.0]
    assert word(np.array(["Freeze "])) == "freeze"
    assert letter("B.", "abc") == "b"


@pytest.mark.parametrize(
    ("read", "answer", "said"),
    [
        (number, None, "does the cell end with print"),
        (number, False, "the outcome of a comparison"),
        (number, [1, 2], "a list of 2"),
        (numbers, "1, 2", "this is text"),
        (numbers, [1, "2"], "a list of 2"),
        (word, 3, "this is a int"),
    ],
)
def test_other_forms_are_named(read, answer, said):
    with pytest.raises(Misread, match=re.escape(said)):
        read(answer)
