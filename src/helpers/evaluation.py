"""How good are the predictions: a table of them, accuracy with its interval, confusion, calibration. Used in 05, 06 and 08.

Every function after `predictions` takes the table that it returns, and leaves it as it is. Rows without an answer (their clip
could not be read or classified) are no mistakes of the model: they are left out of every figure, and `accuracy` says how many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist
from typing import Any

import datasets
import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix
from tqdm import tqdm

from .audio import validate
from .errors import CourseError
from .language import say

COLUMNS = ("transcription", "label", "prediction", "score", "label_score", "correct", "error")


# --- the table ------------------------------------------------------------------------------------------------------------


def predictions(
    dataset: datasets.Dataset,
    classifier: Callable[..., Any],
    *,
    progress: bool = True,
    check: bool = True,
    audio: str = "audio",
    label: str = "intent_class",
    transcription: str = "transcription",
) -> pd.DataFrame:
    """Classify every clip of a data set and put the answers beside the labels.

    Parameters
    ----------
    dataset : datasets.Dataset
        Its `audio` column is cast to the model's rate; its `label` column is a `ClassLabel`, or holds names.
    classifier : callable
        `pipeline("audio-classification")`, or anything that takes an array and `top_k=None` and returns a list of
        `{"score", "label"}`, the best first.
    progress : bool
        Show a progress bar (on stderr).
    check : bool
        Check each clip with `audio.validate` first, its rate too. False hands the array on as it is.
    audio, label, transcription : str
        The names of the columns. A data set without transcriptions will do.

    Returns
    -------
    pd.DataFrame [shape=(len(dataset), 7)], its index the row's number in `dataset`
        `transcription`; `label`, the label's name; `prediction`, the best name; `score`, its score; `label_score`, the score that
        the label got (0 where the model does not know that name); `correct`; `error`, None or why there is no answer. In such a
        row `prediction` is None, the scores are NaN and `correct` is False.

    Raises
    ------
    CourseError
        If the data set is empty or lacks a column, if its clips cannot be decoded because the column was not cast, or if the
        model predicts a name that is none of the data set's labels (another model, or names that were never set).

    Notes
    -----
    One clip at a time: a bad clip becomes a row with an error and the rest goes on. Lesson 07 makes it faster.
    """
    _has_columns(dataset, audio, label)
    rate = getattr(getattr(classifier, "feature_extractor", None), "sampling_rate", None) if check else None
    feature = dataset.features[label]
    names = feature.names if isinstance(feature, datasets.ClassLabel) else None
    known = set(names if names is not None else dataset[label])
    # Read without the sound, so that a clip that cannot be decoded still shows what was said in it.
    texts = dataset.select_columns([column for column in (label, transcription) if column in dataset.column_names])

    rows = []
    # Said only where it is off: an explicit disable=False would overrule TQDM_DISABLE, which the lesson builder sets.
    for i in tqdm(range(len(dataset)), unit="clip", **({} if progress else {"disable": True})):
        text = texts[i]
        truth = names[text[label]] if names is not None else text[label]
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row |= {
            "transcription": text.get(transcription),
            "label": truth,
            "score": np.nan,
            "label_score": np.nan,
            "correct": False,
        }
        try:
            scores = _scores(dataset[i][audio], classifier, check=check, rate=rate)
        except ImportError as error:
            raise CourseError(
                say(
                    f'The column "{audio}" cannot be decoded here ({error}). Cast it first: '
                    f'dataset.cast_column("{audio}", Audio(sampling_rate={rate or 16_000})), with Audio from helpers.',
                    f'"{audio}" 열을 여기서는 디코딩할 수 없어요({error}). 먼저 열을 바꾸세요: '
                    f'dataset.cast_column("{audio}", Audio(sampling_rate={rate or 16_000})). Audio는 helpers의 것이에요.',
                )
            ) from error
        except Exception as error:  # one bad clip must not sink the rest, whatever is wrong with it
            row["error"] = f"{type(error).__name__}: {error}"
        else:
            best = scores[0]
            _all_known([best["label"]], known)
            by_name = {score["label"]: score["score"] for score in scores}
            row |= {"prediction": best["label"], "score": best["score"], "label_score": by_name.get(truth, 0.0),
                    "correct": best["label"] == truth}  # fmt: skip
        rows.append(row)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.index.name = "row"
    return table.astype({"score": float, "label_score": float, "correct": bool, "prediction": object, "error": object})


def _has_columns(dataset: datasets.Dataset, *wanted: str) -> None:
    if missing := [column for column in wanted if column not in dataset.column_names]:
        raise CourseError(
            say(
                f"The data set has no column {', '.join(missing)}; it has {', '.join(dataset.column_names)}. "
                "Name yours: predictions(..., audio=, label=).",
                f"이 데이터 세트에는 {', '.join(missing)} 열이 없어요. 있는 열은 {', '.join(dataset.column_names)}이에요. "
                "열 이름을 알려 주세요: predictions(..., audio=, label=).",
            )
        )
    if not len(dataset):
        raise CourseError(
            say(
                "The data set is empty: there is nothing to classify. Look at the filter or the select before this cell.",
                "데이터 세트가 비어 있어서 분류할 것이 없어요. 앞에서 쓴 filter나 select를 확인하세요.",
            )
        )


def _scores(clip: Any, classifier: Callable[..., Any], *, check: bool, rate: int | None) -> list[dict[str, Any]]:
    array = clip["array"]
    if check:
        array = validate(array, sampling_rate=clip["sampling_rate"], expected_sampling_rate=rate)
    scores = list(classifier(array, top_k=None))
    if not scores or not isfinite(scores[0]["score"]):
        raise CourseError(say("the model's scores are not numbers", "모델의 점수가 숫자가 아니에요"))
    return scores


def _all_known(predicted: Sequence[str], known: set[str]) -> None:
    if unknown := ", ".join(sorted(set(predicted) - known)):
        labels = ", ".join(sorted(known))
        raise CourseError(
            say(
                f"The model predicts {unknown}, which is none of the data set's labels ({labels}). "
                "Use a model that was trained on these labels, or set model.config.id2label.",
                f"모델이 {unknown}(이)라고 예측했는데, 데이터 세트의 레이블({labels})에는 없는 이름이에요. "
                "이 레이블로 학습한 모델을 쓰거나 model.config.id2label을 설정하세요.",
            )
        )


def _answered(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that have an answer."""
    answered = table[table["error"].isna()]
    if answered.empty:
        if len(table):
            first = table["error"].iloc[0]
            raise CourseError(say(f"None of the {len(table)} clips has a prediction. The first error: {first}",
                                  f"클립 {len(table)}개 모두 예측이 없어요. 첫 번째 오류: {first}"))  # fmt: skip
        raise CourseError(say("The table is empty: make it with evaluation.predictions(dataset, classifier).",
                              "표가 비어 있어요. evaluation.predictions(dataset, classifier)로 만드세요."))  # fmt: skip
    return answered


# --- accuracy -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """How many of how many, with the interval in which the true share plausibly lies.

    Attributes
    ----------
    right, clips : int
    low, high : float
        The ends of the interval, in [0, 1].
    confidence : float
        How often intervals made this way hold the true share.
    left_out : int
        Clips without an answer, which `clips` does not count.
    """

    right: int
    clips: int
    low: float
    high: float
    confidence: float = 0.95
    left_out: int = 0

    @property
    def value(self) -> float:
        """The share itself."""
        return self.right / self.clips

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        percent = f"{self.confidence:.0%}".replace("%", " %")
        en = f"{self.value:.2f} ({percent} interval {self.low:.2f} to {self.high:.2f}; {self.right} of {self.clips} clips"
        ko = f"{self.value:.2f} ({percent} 구간 {self.low:.2f}~{self.high:.2f}, 클립 {self.clips}개 중 {self.right}개"
        if self.left_out:
            en, ko = f"{en}, {self.left_out} without an answer left out", f"{ko}, 답이 없는 {self.left_out}개 제외"
        return say(f"{en})", f"{ko})")


def wilson(right: int, clips: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The interval in which the true share plausibly lies, after `right` of `clips` were right.

    Parameters
    ----------
    right, clips : int
        So many of so many.
    confidence : float
        Between 0 and 1: how often intervals made this way hold the true share.

    Returns
    -------
    low, high : float in [0, 1]

    Raises
    ------
    CourseError
        If there are no clips, or `right` is not between 0 and `clips`.

    Notes
    -----
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212. Unlike the textbook's
    p ± 1.96 · sqrt(p (1 - p) / n) it stays inside [0, 1] and keeps its width where all or none are right: Brown, Cai and
    DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001) 101-133, advise it for small n.
    It takes the clips to be independent; several clips of one speaker are not, and then it is too narrow.
    """
    if not 0 <= right <= clips or clips == 0:
        raise CourseError(say(f"No share can be made of {right} right out of {clips} clips.",
                              f"클립 {clips}개 중 {right}개로는 비율을 구할 수 없어요."))  # fmt: skip
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p, shrink = right / clips, 1 + z**2 / clips
    centre = (p + z**2 / (2 * clips)) / shrink
    half = z * sqrt(p * (1 - p) / clips + z**2 / (4 * clips**2)) / shrink
    return max(0.0, centre - half), min(1.0, centre + half)


def accuracy(table: pd.DataFrame, *, confidence: float = 0.95) -> Share:
    """The share of clips whose prediction is their label, with its interval.

    Raises
    ------
    CourseError
        If the table is empty, or no clip in it has an answer.
    """
    answered = _answered(table)
    right, clips = int(answered["correct"].sum()), len(answered)
    return Share(right, clips, *wilson(right, clips, confidence=confidence), confidence, left_out=len(table) - clips)


def recall_by_label(table: pd.DataFrame, labels: Sequence[str] | None = None) -> pd.DataFrame:
    """For each label, the share of its clips that were found.

    Parameters
    ----------
    table : pd.DataFrame
        What `predictions` returns.
    labels : list of str, optional
        The rows, in their order; by default the labels in the table, by name. One without clips has a recall of NaN.

    Returns
    -------
    pd.DataFrame [shape=(len(labels), 5)], its index the label
        `clips`, `right`, `recall`, and `low` and `high`, the ends of its 95 % interval (`wilson`).

    Raises
    ------
    CourseError
        If the table is empty, or holds a label that `labels` lacks.
    """
    answered = _answered(table)
    labels = _checked(labels, answered["label"])
    counts = answered.groupby("label")["correct"].agg(["size", "sum"]).reindex(labels, fill_value=0).astype(int)
    rows = []
    for clips, right in counts.itertuples(index=False):
        low, high = wilson(right, clips) if clips else (np.nan, np.nan)
        rows.append({"clips": clips, "right": right, "recall": right / clips if clips else np.nan, "low": low, "high": high})
    return pd.DataFrame(rows, index=pd.Index(labels, name="label"))


def _checked(labels: Sequence[str] | None, used: pd.Series) -> list[str]:
    if labels is None:
        return sorted(used.unique())
    if missing := sorted(set(used) - set(labels)):
        raise CourseError(
            say(
                f"The table holds {', '.join(missing)}, which the list of labels lacks. "
                'Pass all of them: minds.features["intent_class"].names.',
                f"표에 있는 {', '.join(missing)}이(가) 레이블 목록에 없어요. "
                '레이블을 모두 넘기세요: minds.features["intent_class"].names.',
            )
        )
    return list(labels)


# --- what is taken for what -----------------------------------------------------------------------------------------------


def confusion(table: pd.DataFrame, labels: Sequence[str] | None = None) -> pd.DataFrame:
    """How often each label (row) was given each prediction (column).

    Parameters
    ----------
    table : pd.DataFrame
        What `predictions` returns.
    labels : list of str, optional
        Rows and columns, in their order; by default every name in the table, by name.

    Returns
    -------
    pd.DataFrame [shape=(len(labels), len(labels))] of int
        The diagonal holds what was right; a row adds up to that label's clips.

    Raises
    ------
    CourseError
        If the table is empty, or holds a name that `labels` lacks.
    """
    answered = _answered(table)
    labels = _checked(labels, pd.concat([answered["label"], answered["prediction"]]))
    matrix = confusion_matrix(answered["label"].astype(str), answered["prediction"].astype(str), labels=labels)
    return pd.DataFrame(matrix, index=pd.Index(labels, name="label"), columns=pd.Index(labels, name="prediction"))


def confused_pairs(table: pd.DataFrame, n: int = 5) -> pd.DataFrame:
    """The mistakes that were made most often.

    Returns
    -------
    pd.DataFrame [at most n rows]
        `label`, `prediction`, `clips`; the most frequent first, then by name. Empty where nothing was wrong.

    Raises
    ------
    CourseError
        If the table is empty, or no clip in it has an answer.
    """
    answered = _answered(table)
    pairs = answered[~answered["correct"]].groupby(["label", "prediction"]).size().rename("clips").reset_index()
    return pairs.sort_values(["clips", "label", "prediction"], ascending=[False, True, True], ignore_index=True).head(n)


def most_confident_mistakes(table: pd.DataFrame, n: int = 5) -> pd.DataFrame:
    """The wrong predictions with the highest scores: the clips to listen to first.

    Returns
    -------
    pd.DataFrame [at most n rows], the columns of `table`, its index still the row's number
        The highest score first; scores that agree to two decimals in the order of the data set, so that the list is the same on
        every machine.

    Raises
    ------
    CourseError
        If the table is empty, or no clip in it has an answer.
    """
    answered = _answered(table)
    wrong = answered[~answered["correct"]]
    return wrong.loc[wrong["score"].round(2).sort_values(ascending=False, kind="stable").index].head(n)


# --- do the scores mean what they say -------------------------------------------------------------------------------------


def reliability(table: pd.DataFrame, bins: int | Sequence[float] = 10) -> pd.DataFrame:
    """Clips with about the same score, and how many of them are right.

    Parameters
    ----------
    table : pd.DataFrame
        What `predictions` returns.
    bins : int or list of float
        How many bins of the same width between 0 and 1, or their edges, ascending from 0 to 1.

    Returns
    -------
    pd.DataFrame [one row for each bin that holds a clip]
        `from` and `to`, the bin's edges (the upper one belongs to it); `clips`; `score`, their mean; `accuracy`, the share that
        is right; `low` and `high`, the ends of its 95 % interval (`wilson`).

    Raises
    ------
    CourseError
        If the table is empty, or the edges do not ascend from 0 to 1.

    Notes
    -----
    A reliability diagram, as in Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017: of the
    clips with a score near 0.9, nine in ten should be right.
    """
    answered = _answered(table)
    edges = np.linspace(0, 1, bins + 1) if isinstance(bins, int) and bins > 0 else np.asarray(bins, dtype=float).ravel()
    if len(edges) < 2 or edges[0] != 0 or edges[-1] != 1 or (np.diff(edges) <= 0).any():
        raise CourseError(say(f"Bins are a number above 0, or edges that ascend from 0 to 1, not {bins!r}.",
                              f"bins에는 0보다 큰 수나 0에서 1까지 커지는 경계가 필요해요. {bins!r}은(는) 안 돼요."))  # fmt: skip
    index = np.searchsorted(edges, answered["score"].clip(0, 1).to_numpy(), side="left").clip(1)
    rows = []
    for i in np.unique(index):
        inside = answered[index == i]
        right, clips = int(inside["correct"].sum()), len(inside)
        low, high = wilson(right, clips)
        rows.append({"from": edges[i - 1], "to": edges[i], "clips": clips, "score": inside["score"].mean(),
                     "accuracy": right / clips, "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(rows)


def calibration_error(table: pd.DataFrame, bins: int | Sequence[float] = 10) -> float:
    """The expected calibration error: how far score and accuracy lie apart, on average over the clips.

    Returns
    -------
    float in [0, 1]
        0: of the clips with a score near s, a share of s is right, in every bin.

    Raises
    ------
    CourseError
        As `reliability`.

    Notes
    -----
    ECE = Σ over bins of (clips in it / all clips) · |accuracy - mean score|: Naeini, Cooper and Hauskrecht, AAAI 2015; Guo et
    al., ICML 2017. It depends on the bins, and on few clips it is above 0 by chance alone.
    """
    binned = reliability(table, bins)
    return float(np.average((binned["accuracy"] - binned["score"]).abs(), weights=binned["clips"]))


def coverage(table: pd.DataFrame, thresholds: Sequence[float] | None = None) -> pd.DataFrame:
    """What is gained and lost by answering only where the score reaches a threshold.

    Parameters
    ----------
    table : pd.DataFrame
        What `predictions` returns.
    thresholds : list of float, optional
        By default 0, 0.05, … 0.95.

    Returns
    -------
    pd.DataFrame [one row for each threshold]
        `threshold`; `answered`, clips with at least that score; `coverage`, their share of all; `accuracy`, the share of them
        that is right (NaN where none is left); `low` and `high`, the ends of its 95 % interval (`wilson`).

    Raises
    ------
    CourseError
        If the table is empty, or no clip in it has an answer.
    """
    answered = _answered(table)
    rows = []
    for threshold in np.linspace(0, 0.95, 20) if thresholds is None else thresholds:
        sure = answered[answered["score"] >= threshold]
        right, clips = int(sure["correct"].sum()), len(sure)
        low, high = wilson(right, clips) if clips else (np.nan, np.nan)
        rows.append({"threshold": float(threshold), "answered": clips, "coverage": clips / len(answered),
                     "accuracy": right / clips if clips else np.nan, "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(rows)


# --- temperature ----------------------------------------------------------------------------------------------------------


def _checked_logits(logits: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    values, numbers = np.asarray(logits, dtype=np.float64), np.asarray(labels)
    if values.ndim != 2 or not len(values) or numbers.shape != values.shape[:1] or not np.isfinite(values).all():
        raise CourseError(
            say(
                f"Logits are finite numbers of the shape (clips, labels), with one label for each clip; these have the shapes "
                f"{values.shape} and {numbers.shape}.",
                f"로짓은 (클립, 레이블) 모양의 유한한 숫자이고 클립마다 레이블이 하나씩 있어야 해요. 지금 모양은 "
                f"{values.shape}, {numbers.shape}이에요.",
            )
        )
    numbers = numbers.astype(int)
    if numbers.min() < 0 or numbers.max() >= values.shape[1]:
        raise CourseError(
            say(
                f"The labels go from {numbers.min()} to {numbers.max()}, and there are logits for {values.shape[1]}.",
                f"레이블은 {numbers.min()}에서 {numbers.max()}까지인데 로짓은 {values.shape[1]}개예요.",
            )
        )
    return values, numbers


def _log_softmax(values: np.ndarray) -> np.ndarray:
    from scipy.special import log_softmax

    return np.asarray(log_softmax(values, axis=1))


def from_logits(logits: Any, labels: Any, names: Sequence[str], *, temperature: float = 1.0) -> pd.DataFrame:
    """The table of `predictions`, from logits that are at hand already.

    Parameters
    ----------
    logits : np.ndarray [shape=(clips, labels)], float
        One row for each clip.
    labels : list of int
        The true label's number, for each clip.
    names : list of str
        The labels' names, in the order of the logits.
    temperature : float > 0
        The logits are divided by it before softmax; 1 leaves them as they are.

    Returns
    -------
    pd.DataFrame [shape=(clips, 7)]
        As `predictions`, without transcriptions.

    Raises
    ------
    CourseError
        If the shapes do not fit together, a logit is not finite, or the temperature is not above 0.

    Notes
    -----
    Used in lesson 08, where features are computed once and heads are compared on them.
    """
    values, numbers = _checked_logits(logits, labels)
    if len(names) != values.shape[1] or not temperature > 0:
        raise CourseError(
            say(
                f"There are {len(names)} names for {values.shape[1]} logits, and the temperature is {temperature}: one name for "
                "each, and a temperature above 0.",
                f"이름은 {len(names)}개, 로짓은 {values.shape[1]}개, 온도는 {temperature}이에요. 이름은 로짓마다 하나씩, 온도는 "
                "0보다 커야 해요.",
            )
        )
    scores, clips = np.exp(_log_softmax(values / temperature)), np.arange(len(values))
    best = scores.argmax(axis=1)
    table = pd.DataFrame(
        {
            "transcription": None,
            "label": [names[number] for number in numbers],
            "prediction": [names[number] for number in best],
            "score": scores[clips, best],
            "label_score": scores[clips, numbers],
            "correct": best == numbers,
            "error": None,
        },
        columns=list(COLUMNS),
    )
    table.index.name = "row"
    return table.astype({"prediction": object, "error": object})


def fit_temperature(logits: Any, labels: Any) -> float:
    """The temperature at which scores suit the labels best: divide the logits by it, and sure becomes as sure as it is right.

    Parameters
    ----------
    logits : np.ndarray [shape=(clips, labels)], float
        Of clips that the model was not trained on, and that nothing is measured on afterwards.
    labels : list of int
        The true label's number, for each clip.

    Returns
    -------
    float between 0.05 and 20
        Above 1: the model was too sure. Below 1: it was more modest than it needed to be.

    Raises
    ------
    CourseError
        As `from_logits`.

    Notes
    -----
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017: the one number T that makes the
    negative log-likelihood of softmax(logits / T) smallest. It has one minimum (it is convex in 1/T). Dividing by T leaves the
    order of the labels, and so every prediction, as it is. Used in lesson 08.
    """
    from scipy.optimize import minimize_scalar

    values, numbers = _checked_logits(logits, labels)
    clips = np.arange(len(values))

    def loss(log_temperature: float) -> float:
        return -float(_log_softmax(values / np.exp(log_temperature))[clips, numbers].mean())

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))
