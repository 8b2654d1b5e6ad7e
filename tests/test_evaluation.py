"""helpers.evaluation, against counts made by hand, scikit-learn and the published intervals."""

from __future__ import annotations

import datasets
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, recall_score
from transformers import pipeline

from helpers import Audio, evaluation, sources
from helpers.errors import CourseError

LABELS = ["balance", "freeze", "pay_bill"]
RATE = 16_000


class Extractor:
    sampling_rate = RATE


class LoudnessClassifier:
    """Hears an intent in the peak of a clip: 0.1 is balance, 0.2 freeze, 0.3 pay_bill. Score 0.7, the others share the rest."""

    feature_extractor = Extractor()

    def __init__(self, labels=LABELS):
        self.labels = labels
        self.calls = []

    def __call__(self, array, top_k=5):
        self.calls.append((len(array), top_k))
        best = round(float(np.abs(array).max()) * 10) - 1
        rest = [i for i in range(len(self.labels)) if i != best]
        return [
            {"score": 0.7, "label": self.labels[best]},
            *({"score": 0.3 / len(rest), "label": self.labels[i]} for i in rest),
        ]


def clip(peak, seconds=0.5):
    return {"array": np.full(int(seconds * RATE), peak, dtype=np.float32), "sampling_rate": RATE}


def calls(clips, labels, **more):
    """A data set of clips in MInDS-14's shape."""
    features = datasets.Features(
        {"audio": Audio(), "transcription": datasets.Value("string"), "intent_class": datasets.ClassLabel(names=LABELS)}
    )
    rows = {"audio": clips, "transcription": [f"sentence {i}" for i in range(len(clips))], "intent_class": labels}
    return datasets.Dataset.from_dict(rows | more, features=features).cast_column("audio", Audio(sampling_rate=RATE))


def table(*rows):
    """A table from (label, prediction, score) triples; a prediction of None is a clip without an answer."""
    frame = pd.DataFrame(
        [
            {
                "transcription": f"sentence {i}",
                "label": label,
                "prediction": prediction,
                "score": score,
                "label_score": score if label == prediction else 0.0,
                "correct": label == prediction,
                "error": None if prediction else "AudioError: empty",
            }
            for i, (label, prediction, score) in enumerate(rows)
        ],
        columns=list(evaluation.COLUMNS),
    )
    return frame


MIXED = table(
    ("balance", "balance", 0.95),
    ("balance", "freeze", 0.90),
    ("freeze", "freeze", 0.55),
    ("freeze", "balance", 0.40),
    ("freeze", "pay_bill", 0.99),
    ("pay_bill", "pay_bill", 0.85),
    ("pay_bill", "pay_bill", 1.00),
    ("balance", "freeze", 0.41),
)


class TestPredictions:
    def test_puts_the_answers_beside_the_labels(self):
        found = evaluation.predictions(calls([clip(0.1), clip(0.3)], [0, 1]), LoudnessClassifier(), progress=False)
        assert tuple(found.columns) == evaluation.COLUMNS
        assert found.index.tolist() == [0, 1]
        assert found["transcription"].tolist() == ["sentence 0", "sentence 1"]
        assert found["label"].tolist() == ["balance", "freeze"]
        assert found["prediction"].tolist() == ["balance", "pay_bill"]
        assert found["score"].tolist() == [0.7, 0.7]
        assert found["label_score"].tolist() == [0.7, pytest.approx(0.15)]
        assert found["correct"].tolist() == [True, False]
        assert found["error"].isna().all()

    def test_asks_for_every_score_one_clip_at_a_time(self):
        classifier = LoudnessClassifier()
        evaluation.predictions(calls([clip(0.1), clip(0.2, seconds=1)], [0, 1]), classifier, progress=False)
        assert classifier.calls == [(8_000, None), (16_000, None)]

    def test_agrees_with_the_stock_pipeline_on_the_bundled_calls(self):
        intent_classifier = pipeline("audio-classification", model=str(sources.BUNDLED / "intent_model"))
        few = datasets.load_dataset(str(sources.BUNDLED / "minds14"), name="en-AU", split="train").select(range(3))
        few = few.cast_column("audio", Audio(sampling_rate=RATE))
        found = evaluation.predictions(few, intent_classifier, progress=False)
        for i, row in enumerate(few):
            scores = intent_classifier(row["audio"]["array"], top_k=None)
            label = few.features["intent_class"].int2str(row["intent_class"])
            assert found.loc[i, "prediction"] == scores[0]["label"]
            assert found.loc[i, "score"] == pytest.approx(scores[0]["score"])
            assert found.loc[i, "label_score"] == pytest.approx({s["label"]: s["score"] for s in scores}[label])

    def test_a_clip_that_cannot_be_decoded_is_a_row_with_an_error(self):
        clips = [clip(0.1), {"bytes": b"not a sound file", "path": "broken.wav"}, clip(0.3)]
        found = evaluation.predictions(calls(clips, [0, 1, 2]), LoudnessClassifier(), progress=False)
        assert found["correct"].tolist() == [True, False, True]
        assert found["prediction"].isna().tolist() == [False, True, False]
        assert "broken.wav" in found.loc[1, "error"]
        assert found.loc[1, "transcription"] == "sentence 1"
        assert found.loc[1, "label"] == "freeze"

    @pytest.mark.parametrize(
        ("bad", "why"),
        [
            (clip(np.nan), "NaN"),
            (clip(0.1, seconds=0), "empty"),
            (clip(0.1, seconds=0.05), "50 ms"),
        ],
    )
    def test_a_clip_that_the_model_would_answer_wrongly_is_a_row_with_an_error(self, bad, why):
        found = evaluation.predictions(calls([bad, clip(0.1)], [0, 0]), LoudnessClassifier(), progress=False)
        assert why in found.loc[0, "error"]
        assert np.isnan(found.loc[0, "score"])
        assert found["correct"].tolist() == [False, True]

    def test_a_rate_that_is_not_the_models_is_an_error_unless_unchecked(self):
        eight = calls([clip(0.1)], [0]).cast_column("audio", Audio(sampling_rate=8_000))
        assert "8000 Hz" in evaluation.predictions(eight, LoudnessClassifier(), progress=False).loc[0, "error"]
        assert evaluation.predictions(eight, LoudnessClassifier(), progress=False, check=False).loc[0, "error"] is None

    def test_a_model_that_fails_on_one_clip_goes_on_with_the_next(self):
        class Fails(LoudnessClassifier):
            def __call__(self, array, top_k=5):
                if np.abs(array).max() > 0.25:
                    raise RuntimeError("Kernel size can't be greater than actual input size")
                return super().__call__(array, top_k)

        found = evaluation.predictions(calls([clip(0.3), clip(0.1)], [2, 0]), Fails(), progress=False)
        assert found.loc[0, "error"].startswith("RuntimeError: Kernel size")
        assert found.loc[1, "correct"]

    def test_scores_that_are_not_numbers_are_no_answer(self):
        found = evaluation.predictions(
            calls([clip(0.1)], [0]), lambda array, top_k: [{"score": float("nan"), "label": "balance"}], progress=False
        )
        assert "not numbers" in found.loc[0, "error"]

    def test_an_unknown_prediction_is_named(self):
        classifier = LoudnessClassifier(["balance", "LABEL_1", "pay_bill"])
        with pytest.raises(CourseError, match=r"predicts LABEL_1.*balance, freeze, pay_bill"):
            evaluation.predictions(calls([clip(0.1), clip(0.2)], [0, 1]), classifier, progress=False)

    def test_a_label_that_the_model_does_not_know_has_score_zero(self):
        def knows_one(array, top_k):
            return [{"score": 1.0, "label": "balance"}]

        assert evaluation.predictions(calls([clip(0.1)], [1]), knows_one, progress=False).loc[0, "label_score"] == 0

    def test_labels_may_be_names(self):
        named = calls([clip(0.1)], [0]).cast_column("intent_class", datasets.Value("string"))
        named = named.remove_columns("intent_class").add_column("word", ["balance"])
        assert evaluation.predictions(named, LoudnessClassifier(), progress=False, label="word").loc[0, "correct"]

    def test_transcriptions_may_be_missing(self):
        silent = calls([clip(0.1)], [0]).remove_columns("transcription")
        assert evaluation.predictions(silent, LoudnessClassifier(), progress=False).loc[0, "transcription"] is None

    def test_an_empty_data_set_is_refused(self):
        with pytest.raises(CourseError, match="empty"):
            evaluation.predictions(calls([], []), LoudnessClassifier(), progress=False)

    def test_a_missing_column_is_named_beside_those_that_exist(self):
        with pytest.raises(CourseError, match="no column intent; it has audio, transcription, intent_class"):
            evaluation.predictions(calls([clip(0.1)], [0]), LoudnessClassifier(), label="intent")

    def test_a_column_that_was_not_cast_says_how(self, monkeypatch):
        data = calls([clip(0.1)], [0])

        def no_torchcodec(*_, **__):
            raise ImportError("To support decoding audio data, please install 'torchcodec'.")

        monkeypatch.setattr(Audio, "decode_example", no_torchcodec)
        with pytest.raises(CourseError, match=r'cast_column\("audio", Audio\(sampling_rate=16000\)\)'):
            evaluation.predictions(data, LoudnessClassifier(), progress=False)

    def test_the_progress_bar_counts_clips_on_stderr(self, capsys, monkeypatch):
        monkeypatch.delenv("TQDM_DISABLE", raising=False)
        evaluation.predictions(calls([clip(0.1), clip(0.2)], [0, 1]), LoudnessClassifier())
        out, err = capsys.readouterr()
        assert out == ""
        assert "2/2" in err


class TestAccuracy:
    def test_agrees_with_scikit_learn(self):
        found = evaluation.accuracy(MIXED)
        assert float(found) == accuracy_score(MIXED["label"], MIXED["prediction"]) == 0.5
        assert (found.right, found.clips, found.left_out) == (4, 8, 0)

    def test_leaves_clips_without_an_answer_out_and_says_so(self):
        found = evaluation.accuracy(pd.concat([MIXED, table(("freeze", None, np.nan))], ignore_index=True))
        assert (found.clips, found.left_out) == (8, 1)
        assert str(found) == "0.50 (95 % interval 0.22 to 0.78; 4 of 8 clips, 1 without an answer left out)"

    @pytest.mark.usefixtures("korean")
    def test_speaks_korean(self):
        assert str(evaluation.accuracy(MIXED)) == "0.50 (95 % 구간 0.22~0.78, 클립 8개 중 4개)"

    def test_an_empty_table_is_refused(self):
        with pytest.raises(CourseError, match="table is empty"):
            evaluation.accuracy(table())

    def test_a_table_without_any_answer_quotes_the_first_error(self):
        with pytest.raises(CourseError, match="None of the 1 clips has a prediction.*AudioError: empty"):
            evaluation.accuracy(table(("freeze", None, np.nan)))


class TestWilson:
    # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
    @pytest.mark.parametrize(
        ("right", "clips", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_gives_the_published_intervals(self, right, clips, low, high):
        assert evaluation.wilson(right, clips) == pytest.approx((low, high), abs=5e-5)

    @given(st.integers(1, 500).flatmap(lambda clips: st.tuples(st.integers(0, clips), st.just(clips))))
    def test_holds_the_share_and_stays_in_bounds(self, pair):
        right, clips = pair
        low, high = evaluation.wilson(right, clips)
        assert 0 <= low <= right / clips + 1e-12
        assert right / clips - 1e-12 <= high <= 1
        assert high - low > 0

    def test_more_confidence_is_wider(self):
        (low, high), (low_99, high_99) = evaluation.wilson(40, 50), evaluation.wilson(40, 50, confidence=0.99)
        assert low_99 < low < high < high_99

    @pytest.mark.parametrize(("right", "clips"), [(0, 0), (3, 2), (-1, 2)])
    def test_refuses_what_is_no_share(self, right, clips):
        with pytest.raises(CourseError, match="No share"):
            evaluation.wilson(right, clips)


class TestRecallByLabel:
    def test_agrees_with_scikit_learn(self):
        found = evaluation.recall_by_label(MIXED)
        assert found.index.tolist() == LABELS
        expected = recall_score(MIXED["label"], MIXED["prediction"], labels=LABELS, average=None)
        assert found["recall"].tolist() == pytest.approx(expected.tolist())
        assert found["clips"].tolist() == [3, 3, 2]
        assert found.loc["balance", ["low", "high"]].tolist() == pytest.approx(evaluation.wilson(1, 3))

    def test_a_label_without_clips_has_no_recall(self):
        found = evaluation.recall_by_label(MIXED, [*LABELS, "abroad"])
        assert found.loc["abroad", "clips"] == 0
        assert found.loc["abroad", ["recall", "low", "high"]].isna().all()

    def test_a_label_outside_the_list_is_named(self):
        with pytest.raises(CourseError, match="The table holds pay_bill"):
            evaluation.recall_by_label(MIXED, ["balance", "freeze"])


class TestConfusion:
    def test_rows_are_labels_and_columns_predictions(self):
        found = evaluation.confusion(MIXED, LABELS)
        assert found.to_numpy().tolist() == [[1, 2, 0], [1, 1, 1], [0, 0, 2]]
        assert (found.index.name, found.columns.name) == ("label", "prediction")
        assert found.loc["balance", "freeze"] == 2

    def test_follows_the_order_of_the_labels(self):
        found = evaluation.confusion(MIXED, LABELS[::-1])
        assert found.index.tolist() == found.columns.tolist() == LABELS[::-1]
        assert found.loc["balance", "freeze"] == 2

    def test_a_prediction_outside_the_list_is_named(self):
        with pytest.raises(CourseError, match="The table holds pay_bill"):
            evaluation.confusion(table(("freeze", "pay_bill", 0.5)), ["freeze"])

    def test_pairs_are_counted_the_most_frequent_first(self):
        pairs = evaluation.confused_pairs(MIXED, 2)
        assert pairs.to_dict("list") == {"label": ["balance", "freeze"], "prediction": ["freeze", "balance"], "clips": [2, 1]}

    def test_no_mistakes_no_pairs(self):
        assert evaluation.confused_pairs(table(("freeze", "freeze", 0.5))).empty


class TestMostConfidentMistakes:
    def test_are_wrong_and_the_surest_first(self):
        assert evaluation.most_confident_mistakes(MIXED, 3).index.tolist() == [4, 1, 7]

    def test_scores_equal_to_two_decimals_keep_the_order_of_the_data_set(self):
        close = table(("freeze", "balance", 0.9001), ("freeze", "balance", 0.8999), ("freeze", "balance", 0.9004))
        assert evaluation.most_confident_mistakes(close).index.tolist() == [0, 1, 2]

    def test_the_index_is_the_row_in_the_data_set_even_where_it_was_filtered(self):
        assert evaluation.most_confident_mistakes(MIXED[MIXED["label"] == "balance"]).index.tolist() == [1, 7]


class TestReliability:
    def test_bins_hold_their_upper_edge_and_empty_ones_are_left_out(self):
        found = evaluation.reliability(MIXED, 10)
        assert found["from"].tolist() == pytest.approx([0.3, 0.4, 0.5, 0.8, 0.9])
        assert found["clips"].tolist() == [1, 1, 1, 2, 3]
        assert found["accuracy"].tolist() == pytest.approx([0, 0, 1, 0.5, 2 / 3])
        assert found["score"].tolist() == pytest.approx([0.40, 0.41, 0.55, 0.875, 2.94 / 3])

    def test_edges_may_be_given(self):
        found = evaluation.reliability(MIXED, [0, 0.5, 1])
        assert found["clips"].tolist() == [2, 6]

    @pytest.mark.parametrize("bins", [0, [0, 1, 0.5], [0.2, 1], [0]])
    def test_edges_that_make_no_bins_are_refused(self, bins):
        with pytest.raises(CourseError, match="ascend from 0 to 1"):
            evaluation.reliability(MIXED, bins)

    def test_calibration_error_is_the_weighted_gap(self):
        expected = (1 * 0.40 + 1 * 0.41 + 1 * 0.45 + 2 * 0.375 + 3 * (0.98 - 2 / 3)) / 8
        assert evaluation.calibration_error(MIXED) == pytest.approx(expected)

    def test_scores_that_mean_what_they_say_have_no_calibration_error(self):
        honest = table(*([("freeze", "freeze", 0.75)] * 3 + [("freeze", "balance", 0.75)]))
        assert evaluation.calibration_error(honest) == pytest.approx(0)

    @given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS), st.floats(0, 1)), min_size=1, max_size=40))
    def test_every_clip_is_in_one_bin(self, rows):
        binned = evaluation.reliability(table(*rows), 7)
        assert binned["clips"].sum() == len(rows)
        assert (binned["score"] <= binned["to"] + 1e-12).all()
        assert (binned["score"] >= binned["from"] - 1e-12).all()


class TestCoverage:
    def test_counts_what_is_answered_and_what_of_it_is_right(self):
        found = evaluation.coverage(MIXED, [0, 0.5, 0.95, 1.01])
        assert found["answered"].tolist() == [8, 6, 3, 0]
        assert found["coverage"].tolist() == [1, 0.75, 0.375, 0]
        assert found["accuracy"].tolist()[:3] == pytest.approx([4 / 8, 4 / 6, 2 / 3])
        assert np.isnan(found["accuracy"].iloc[3])

    def test_at_threshold_zero_it_is_the_accuracy(self):
        first = evaluation.coverage(MIXED).iloc[0]
        whole = evaluation.accuracy(MIXED)
        assert (first["accuracy"], first["low"], first["high"]) == (whole.value, whole.low, whole.high)


def test_no_function_changes_the_table():
    before = MIXED.copy(deep=True)
    for function in (
        evaluation.accuracy,
        evaluation.recall_by_label,
        evaluation.confusion,
        evaluation.confused_pairs,
        evaluation.most_confident_mistakes,
        evaluation.reliability,
        evaluation.calibration_error,
        evaluation.coverage,
    ):
        function(MIXED)
    pd.testing.assert_frame_equal(MIXED, before)


class TestTemperature:
    @staticmethod
    def sample(sharpness: float, clips: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
        """Logits that are `sharpness` times those that the labels were drawn from."""
        rng = np.random.default_rng(0)
        true = rng.normal(0, 2, (clips, 4))
        labels = (true + rng.gumbel(size=true.shape)).argmax(axis=1)  # draws from softmax(true)
        return sharpness * true, labels

    @pytest.mark.parametrize("sharpness", [0.25, 1.0, 3.0])
    def test_it_finds_the_factor_that_logits_were_off_by(self, sharpness):
        assert evaluation.fit_temperature(*self.sample(sharpness)) == pytest.approx(sharpness, rel=0.08)

    @pytest.mark.parametrize("sharpness", [0.25, 3.0])
    def test_scaling_halves_the_calibration_error_and_keeps_every_prediction(self, sharpness):
        logits, labels = self.sample(sharpness)
        temperature = evaluation.fit_temperature(logits[:2_000], labels[:2_000])
        plain = evaluation.from_logits(logits[2_000:], labels[2_000:], ["a", "b", "c", "d"])
        scaled = evaluation.from_logits(logits[2_000:], labels[2_000:], ["a", "b", "c", "d"], temperature=temperature)
        assert list(plain["prediction"]) == list(scaled["prediction"])
        assert evaluation.calibration_error(scaled) <= evaluation.calibration_error(plain) / 2

    def test_the_table_is_that_of_predictions(self):
        found = evaluation.from_logits([[0.0, np.log(3)], [5.0, 0.0]], [1, 1], ["no", "yes"])
        assert list(found.columns) == list(evaluation.COLUMNS)
        assert found["score"].tolist() == pytest.approx([0.75, 1 / (1 + np.exp(-5))])
        assert found["label_score"].tolist() == pytest.approx([0.75, 1 - 1 / (1 + np.exp(-5))])
        assert found["prediction"].tolist() == ["yes", "no"]
        assert found["correct"].tolist() == [True, False]
        assert str(evaluation.accuracy(found)).startswith("0.50 ")
        assert evaluation.confusion(found, ["no", "yes"]).to_numpy().tolist() == [[0, 0], [1, 1]]

    @pytest.mark.parametrize(
        ("logits", "labels"),
        [
            ([[1.0, 2.0]], [0, 1]),
            ([1.0, 2.0], [0, 1]),
            ([], []),
            ([[np.nan, 1.0]], [0]),
            ([[1.0, 2.0]], [2]),
            ([[1.0, 2.0]], [-1]),
        ],
    )
    def test_logits_that_do_not_fit_the_labels_are_refused(self, logits, labels):
        with pytest.raises(CourseError, match="ogits"):
            evaluation.fit_temperature(logits, labels)

    def test_names_and_temperature_must_fit(self):
        with pytest.raises(CourseError, match="1 names for 2 logits"):
            evaluation.from_logits([[1.0, 2.0]], [0], ["a"])
        with pytest.raises(CourseError, match="temperature"):
            evaluation.from_logits([[1.0, 2.0]], [0], ["a", "b"], temperature=0)
