"""helpers.scaling: every row once with the answer of helpers.inference, whatever is killed, full, damaged or not there.

What starts Ray takes long: one test of it runs in `make test`, the rest are marked slow (`make test-all`).
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoConfig, AutoFeatureExtractor, AutoModelForAudioClassification

from helpers import inference, scaling, sources
from helpers.audio import decode
from helpers.cli import main
from helpers.errors import CourseError

ROOT = Path(__file__).parent.parent
BAD = {
    "empty": b"",
    "text": b"this is no sound",
    "nothing": None,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, calls: list[dict[str, object]]) -> str:
    """The bundled model's kind, very small and untrained, and stretched so that its labels differ from clip to clip."""
    import torch

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tiny")
    bundled = sources.BUNDLED / "intent_model"
    config = AutoConfig.from_pretrained(bundled)
    config.update({"d_model": 16, "encoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 32, "init_std": 0.5})
    tiny = AutoModelForAudioClassification.from_config(config).eval()
    extractor = AutoFeatureExtractor.from_pretrained(bundled)
    clips = [decode(call["bytes"], sampling_rate=16_000)[0] for call in calls]
    with torch.inference_mode():
        logits = tiny(**extractor(clips, sampling_rate=16_000, return_tensors="pt")).logits
        tiny.classifier.bias.sub_(logits.mean(0))
        for parameter in tiny.classifier.parameters():
            parameter.mul_(1 / logits.std(0).mean())
    tiny.save_pretrained(folder)
    extractor.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def calls() -> list[dict[str, object]]:
    """The first 24 bundled calls, as stored."""
    return pq.read_table(sources.BUNDLED / "minds14" / "en-AU", columns=["audio"])["audio"].to_pylist()[:24]


def write_calls(
    folder: Path, calls: list[dict[str, object] | None], *, files: int = 2, group: int = 7, ids: bool = False
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    per_file = -(-len(calls) // files)
    for number, begin in enumerate(range(0, len(calls), per_file)):
        some = calls[begin : begin + per_file]
        columns: dict[str, pa.Array] = {
            "audio": pa.array(some, pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            "transcription": pa.array(["…"] * len(some)),
        }
        if ids:
            columns["id"] = pa.array([f"call-{begin + i}" for i in range(len(some))])
        pq.write_table(pa.table(columns), folder / f"calls-{number}.parquet", row_group_size=group)
    return folder


def rows(out: Path) -> list[dict[str, object]]:
    return pq.read_table(out).to_pylist()


def expected(model: str, sounds: list[object]) -> list[inference.Answer]:
    ready = AutoModelForAudioClassification.from_pretrained(model).eval()
    extractor = AutoFeatureExtractor.from_pretrained(model)
    return list(inference.classify(sounds, ready, extractor, progress=False))


def assert_same_answers(out: Path, answers: list[inference.Answer]) -> None:
    got = rows(out)
    assert len(got) == len(answers)
    for row, answer in zip(got, answers, strict=True):
        assert row["error"] == answer.error
        if answer.scores is None:
            assert row["label"] is None
            assert row["scores"] is None
        else:
            assert row["label"] == answer.scores[0]["label"] == row["scores"][0]["label"]
            assert [score["score"] for score in row["scores"]] == pytest.approx([s["score"] for s in answer.scores], abs=1e-5)


# --- the rows -------------------------------------------------------------------------------------------------------------


def test_every_row_has_the_answer_of_helpers_inference_in_the_order_of_the_input(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", calls)
    report = scaling.classify(folder, tmp_path / "out", engine="local", model=model, chunk_rows=5)
    assert (report.rows, report.errors, report.skipped) == (24, 0, 0)
    assert report.clips_per_second > 0
    answers = expected(model, [call["bytes"] for call in calls])
    assert len({answer.scores[0]["label"] for answer in answers}) > 1  # else a mixed-up order would not show
    assert_same_answers(tmp_path / "out", answers)
    assert [row["id"] for row in rows(tmp_path / "out")] == [f"calls-{i // 12}.parquet:{i % 12}" for i in range(24)]


def test_ids_come_from_the_column_where_there_is_one(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", calls[:8], ids=True)
    scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    assert [row["id"] for row in rows(tmp_path / "out")] == [f"call-{i}" for i in range(8)]


def test_damaged_clips_become_rows_with_an_error_and_the_rest_goes_on(tmp_path, model, calls):
    mixed = list(calls[:6])
    for place, bytes_ in zip((1, 3, 4), BAD.values(), strict=True):
        mixed[place] = {"bytes": bytes_, "path": None}
    mixed[5] = None
    folder = write_calls(tmp_path / "calls", mixed)
    report = scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    assert (report.rows, report.errors) == (6, 4)
    got = rows(tmp_path / "out")
    assert [row["label"] is None for row in got] == [False, True, False, True, True, True]
    assert "empty" in got[1]["error"]
    assert "text, not sound" in got[3]["error"]
    assert got[4]["error"] == got[5]["error"] == "This row holds neither the bytes of a clip nor a path."


def test_a_korean_readers_errors_are_korean(tmp_path, model, calls, korean):
    folder = write_calls(tmp_path / "calls", [{"bytes": b"", "path": None}])
    report = scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    assert "비어 있어요" in rows(tmp_path / "out")[0]["error"]
    assert str(report) == "클립 1개: 레이블 0개, 오류 1개"


def test_a_folder_of_sound_files_will_do(tmp_path, model, calls):
    (tmp_path / "calls" / "monday").mkdir(parents=True)
    (tmp_path / "calls" / "notes.txt").write_text("not a call")
    (tmp_path / "calls" / "a.wav").write_bytes(calls[0]["bytes"])
    (tmp_path / "calls" / "monday" / "b.wav").write_bytes(b"RIFF")
    scaling.classify(tmp_path / "calls", tmp_path / "out", engine="local", model=model)
    good, bad = rows(tmp_path / "out")
    assert (good["id"], good["error"]) == ("a.wav", None)
    assert bad["id"] == "monday/b.wav"
    assert "begins like WAV, but it is damaged" in bad["error"]


def test_a_path_in_a_row_is_read_beside_its_parquet_file(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", [{"bytes": None, "path": "a.wav"}])
    (folder / "a.wav").write_bytes(calls[0]["bytes"])
    scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    assert rows(tmp_path / "out")[0]["error"] is None


def test_an_address_and_a_configurations_name_are_read_like_a_folder(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", calls[:3])
    scaling.classify(folder, tmp_path / "path", engine="local", model=model)
    scaling.classify(folder.as_uri(), tmp_path / "address", engine="local", model=model)
    assert rows(tmp_path / "path") == rows(tmp_path / "address")
    assert scaling._address("ko-KR") == str(sources.BUNDLED / "minds14" / "ko-KR")


def test_a_configuration_on_the_hub_is_an_address_with_the_pinned_revision(monkeypatch):
    monkeypatch.setenv("COURSE_SOURCE", "hub")
    assert scaling._address("en-AU") == f"hf://datasets/PolyAI/minds14@{sources.MINDS14_REVISION}/en-AU"


def test_decoding_ahead_of_the_pool_changes_no_row(tmp_path, model, calls):
    mixed = [*calls[:5], {"bytes": b"", "path": None}]
    folder = write_calls(tmp_path / "calls", mixed, files=1)
    scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    _, chunks = scaling._plan(folder, tmp_path / "ahead", 64, "audio")
    job = scaling._Job(tmp_path / "ahead", model, None, tuple(chunks), "audio", None, 5, None, None, 1, False, "en")
    (tmp_path / "ahead").mkdir()
    worker = scaling._Worker(job)
    for chunk in chunks:
        packed = scaling._packed(job, {"number": np.array([chunk.number])})
        answer = worker({key: np.array(value, dtype=object) for key, value in packed.items()})
        assert answer["problem"] == [""]
    assert rows(tmp_path / "ahead") == rows(tmp_path / "out")


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 5), st.integers(1, 4))
def test_chunks_hold_every_row_once_and_none_spans_two_row_groups(tmp_path_factory, sizes, chunk_rows, group):
    folder = tmp_path_factory.mktemp("plan")
    for number, size in enumerate(sizes):
        pq.write_table(pa.table({"audio": [b""] * size}), folder / f"{number}.parquet", row_group_size=group)
    files, chunks = scaling._plan(folder, folder.parent / "elsewhere", chunk_rows, "audio")
    assert [file.rows for file in files] == sizes
    covered = [(chunk.ids[0], chunk.first + i) for chunk in chunks for i in range(chunk.rows)]
    assert covered == [(f"{number}.parquet", i) for number, size in enumerate(sizes) for i in range(size)]
    for chunk in chunks:
        assert chunk.rows <= chunk_rows
        assert chunk.first // group == (chunk.first + chunk.rows - 1) // group == chunk.group


# --- going on where a run stopped -----------------------------------------------------------------------------------------


def test_another_run_writes_what_is_missing_or_cut_off_and_nothing_else(tmp_path, model, calls):
    folder, out = write_calls(tmp_path / "calls", calls), tmp_path / "out"
    scaling.classify(folder, out, engine="local", model=model, chunk_rows=4)
    whole, parts = rows(out), sorted(out.glob("part-*"))
    assert len(parts) == 8  # row groups of 7 and 5, twice: chunks of 4, 3, 4, 1, 4, 3, 4, 1
    parts[2].unlink()
    parts[5].write_bytes(parts[5].read_bytes()[:-20])
    (out / f".{parts[2].name}.1-abc").write_bytes(b"half of a part")
    before = {part: part.stat().st_mtime_ns for part in parts if part.exists()}
    report = scaling.classify(folder, out, engine="local", model=model, chunk_rows=4)
    assert report.skipped == 24 - 4 - 3
    assert rows(out) == whole
    assert [part.name for part in parts if before.get(part) != part.stat().st_mtime_ns] == [parts[2].name, parts[5].name]
    assert {file.name for file in out.iterdir()} == {part.name for part in parts} | {scaling.MANIFEST}


def test_a_run_that_is_complete_has_nothing_to_do(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", calls[:4])
    scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    report = scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    assert str(report) == "4 clips, 4 of them written by an earlier run: 4 with a label, 0 with an error"
    assert np.isnan(report.clips_per_second)


def test_answers_of_another_model_input_or_setting_are_not_mixed_in(tmp_path, model, calls):
    folder, out = write_calls(tmp_path / "calls", calls[:6]), tmp_path / "out"
    scaling.classify(folder, out, engine="local", model=model)
    before = rows(out)
    with pytest.raises(CourseError, match="its model differ"):
        scaling.classify(folder, out, engine="local", model=sources.intent_model())
    with pytest.raises(CourseError, match="its settings differ"):
        scaling.classify(folder, out, engine="local", model=model, top_k=1)
    write_calls(folder, calls[6:12])  # other clips under the same names
    with pytest.raises(CourseError, match="its input differ.*Name another folder"):
        scaling.classify(folder, out, engine="local", model=model)
    assert rows(out) == before


def test_a_folder_that_moved_goes_on_all_the_same(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", calls[:6])
    scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    folder.rename(tmp_path / "moved")
    assert scaling.classify(tmp_path / "moved", tmp_path / "out", engine="local", model=model).skipped == 6


def test_a_folder_with_other_things_in_it_is_not_written_to(tmp_path, model, calls):
    folder, out = write_calls(tmp_path / "calls", calls[:2]), tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(CourseError, match="not empty"):
        scaling.classify(folder, out, engine="local", model=model)
    assert [file.name for file in out.iterdir()] == ["thesis.txt"]


def test_the_output_may_not_lie_in_the_input(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", calls[:2])
    with pytest.raises(CourseError, match="lies in the input"):
        scaling.classify(folder, folder / "answers", engine="local", model=model)


def test_a_part_is_written_wholly_or_not_at_all(tmp_path):
    file = tmp_path / "part-000000.parquet"

    def half(beside: Path) -> None:
        beside.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        scaling._whole(file, half)
    assert list(tmp_path.iterdir()) == []


# --- what cannot be done --------------------------------------------------------------------------------------------------


def test_input_that_is_not_there_or_no_input_is_a_sentence(tmp_path, model, calls):
    def fails(path: Path | str, match: str, **options: object) -> None:
        with pytest.raises(CourseError, match=match):
            scaling.classify(path, tmp_path / "out", engine="local", model=model, **options)
        assert not (tmp_path / "out").exists()

    fails("no-such-folder", "no file or folder no-such-folder, and the chosen source .bundled. has no configuration")
    (tmp_path / "bare").mkdir()
    fails(tmp_path / "bare", "nothing to classify")
    fails(write_calls(tmp_path / "calls", calls[:2]), "has no column sound; it has audio, transcription", audio_column="sound")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.parquet").write_bytes(b"PAR1 and then nothing")
    fails(tmp_path / "broken", "a.parquet is no Parquet file that can be read")
    fails(tmp_path / "calls", "workers is a whole number above 0", workers=0)


def test_a_model_that_is_not_there_is_a_sentence(tmp_path, calls):
    folder = write_calls(tmp_path / "calls", calls[:2])
    with pytest.raises(CourseError, match="no model nobody/nothing"):
        scaling.classify(folder, tmp_path / "out", engine="local", model="nobody/nothing")


def test_a_gpu_that_is_not_there_is_a_sentence(tmp_path, model, calls):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    folder = write_calls(tmp_path / "calls", calls[:2])
    with pytest.raises(CourseError, match="PyTorch sees no GPU there. 0 of 2 rows are safe"):
        scaling.classify(folder, tmp_path / "out", engine="local", model=model, gpus=1)


def test_rows_that_cannot_be_read_do_not_keep_the_others_from_being_written(tmp_path, model, calls):
    folder = write_calls(tmp_path / "calls", calls[:12], files=3, group=64)
    file = folder / "calls-1.parquet"
    damaged = bytearray(file.read_bytes())
    damaged[4:400] = bytes(396)  # the first pages; the footer is whole
    file.write_bytes(damaged)
    with pytest.raises(CourseError, match="calls-1.parquet, rows from 0, could not be classified.*8 of 12 rows are safe"):
        scaling.classify(folder, tmp_path / "out", engine="local", model=model)
    assert [row["id"] for row in rows(tmp_path / "out")] == [f"calls-{n}.parquet:{i}" for n in (0, 2) for i in range(4)]


def test_without_ray_the_sentence_says_how_to_get_it_and_the_local_engine_works(tmp_path, model, calls, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    folder = write_calls(tmp_path / "calls", calls[:2])
    with pytest.raises(CourseError, match=r'pip install "ray\[data\]".*or use engine local'):
        scaling.classify(folder, tmp_path / "out", model=model)
    assert scaling.classify(folder, tmp_path / "out", engine="local", model=model).rows == 2


@pytest.mark.parametrize("address", ["closed", "silent"])
def test_a_cluster_that_does_not_answer_is_a_sentence_within_seconds(tmp_path, model, calls, monkeypatch, address):
    pytest.importorskip("ray")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if address == "silent":  # nobody is at this address (RFC 5737): the connection is never answered, or refused by a router
            monkeypatch.setattr(scaling, "CONNECT_SECONDS", 0.5)
        at = f"127.0.0.1:{port}" if address == "closed" else f"198.51.100.7:{port}"
        begin = time.monotonic()
        with pytest.raises(CourseError, match=rf"no Ray cluster at {re.escape(at)}.*ray start --head"):
            scaling.classify(write_calls(tmp_path / "calls", calls[:2]), tmp_path / "out", model=model, address=at)
        assert time.monotonic() - begin < 15
    assert rows_so_far(tmp_path / "out") == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True
    ).returncode:  # fmt: skip
        pytest.skip("a small file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def full_disk(folder: Path, disk: Path, model: str, **options: object) -> None:
    """Fill the disk, see the sentence, make room, and see the rest written."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(44_000))
    out = disk / "out"
    with pytest.raises(CourseError, match=r"the disk is full; free some space\. (\d+) of 24 rows are safe") as caught:
        scaling.classify(folder, out, model=model, chunk_rows=2, **options)
    safe = int(re.search(r"(\d+) of 24 rows", str(caught.value))[1])
    assert 0 < safe < 24
    kept = rows(out)
    assert len(kept) == safe
    assert not list(out.glob(".part-*"))
    ballast.unlink()
    report = scaling.classify(folder, out, model=model, chunk_rows=2, **options)
    assert report.skipped == safe
    assert len(rows(out)) == 24
    assert all(row in rows(out) for row in kept)


def test_a_full_disk_is_a_sentence_and_loses_nothing_written(tmp_path, small_disk, model, calls):
    full_disk(write_calls(tmp_path / "calls", calls), small_disk, model, engine="local", top_k=1)


# --- the command ----------------------------------------------------------------------------------------------------------


def test_course_classify_writes_says_what_it_wrote_and_goes_on(tmp_path, model, calls, capsys):
    folder = write_calls(tmp_path / "calls", calls[:4])
    command = ["classify", str(folder), "--engine", "local", "--out", str(tmp_path / "out"), "--model", model]
    assert main(command) == 0
    printed = capsys.readouterr()
    assert "4 clips: 4 with a label, 0 with an error" in printed.out
    assert "clips a second" in printed.out
    assert "4/4" in printed.err  # the progress bar
    assert main(command) == 0
    assert "4 of them written by an earlier run" in capsys.readouterr().out
    assert main([*command[:-1], str(sources.BUNDLED / "intent_model")]) == 2
    assert "holds the answers of another run" in capsys.readouterr().err


# --- Ray ------------------------------------------------------------------------------------------------------------------


def rows_so_far(out: Path) -> int:
    return sum(pq.read_metadata(part).num_rows for part in out.glob("part-*.parquet"))


def wait_for(what: Callable[[], object], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def each_row_once(out: Path, number: int) -> None:
    assert [row["id"] for row in rows(out)] == [f"call-{i}" for i in range(number)]
    assert all((row["label"] is None) != (row["error"] is None) for row in rows(out))


@pytest.fixture
def cluster() -> Iterator[object]:
    """A Ray cluster of this machine's, with two CPUs and little memory; it ends with the test."""
    ray = pytest.importorskip("ray")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
             object_store_memory=scaling.OBJECT_STORE_BYTES)  # fmt: skip
    yield ray
    ray.shutdown()


def test_two_workers_give_the_answers_of_helpers_inference_on_every_row(tmp_path, cluster, model, calls):
    mixed = [*calls, {"bytes": b"", "path": None}]
    folder, out = write_calls(tmp_path / "calls", mixed, ids=True), tmp_path / "out"
    with pytest.raises(CourseError, match=r"The pool \(1 workers\) needs 1 GPUs, and the cluster has 0"):
        scaling.classify(folder, out, model=model, workers=1, gpus=1, chunk_rows=3)
    report = scaling.classify(folder, out, model=model, workers=2, chunk_rows=3)
    assert (report.rows, report.errors) == (25, 1)
    each_row_once(out, 25)
    assert_same_answers(out, expected(model, [call["bytes"] for call in mixed]))
    assert scaling.parts(out)["node"].nunique() == 1
    assert scaling.parts(out)["worker"].nunique() == 2
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def many(folder: Path, calls: list[dict[str, object]], number: int = 192) -> Path:
    return write_calls(folder, [calls[i % len(calls)] for i in range(number)], ids=True, group=64)


@pytest.mark.slow
def test_a_worker_killed_on_the_way_loses_no_row_and_repeats_none(tmp_path, cluster, calls):
    folder, out = many(tmp_path / "calls", calls), tmp_path / "out"
    killed: list[int] = []

    def kill() -> None:
        wait_for(lambda: rows_so_far(out) >= 16)
        killed.append(int(scaling.parts(out)["worker"].iloc[0]))
        os.kill(killed[0], signal.SIGKILL)

    import threading

    thread = threading.Thread(target=kill)
    thread.start()
    report = scaling.classify(folder, out, workers=2, chunk_rows=8)
    thread.join()
    assert killed
    assert not psutil.pid_exists(killed[0]) or psutil.Process(killed[0]).status() == psutil.STATUS_ZOMBIE
    assert (report.rows, report.errors, report.skipped) == (192, 0, 0)
    each_row_once(out, 192)
    parts = scaling.parts(out)
    assert parts["worker"].nunique() >= 2
    assert parts.loc[parts["worker"] != killed[0], "rows"].sum() > 96  # others went on


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "ray"])
def test_a_driver_killed_on_the_way_and_started_again_loses_no_row_and_repeats_none(tmp_path, calls, engine):
    folder, out = many(tmp_path / "calls", calls), tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "helpers",
        "classify",
        str(folder),
        "--engine",
        engine,
        "--out",
        str(out),
        "--chunk-rows",
        "8",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with (tmp_path / "log").open("wb") as log:
        driver = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        wait_for(lambda: rows_so_far(out) >= 16)
        driver.kill()
        driver.wait()
    before = {part.name: part.stat().st_mtime_ns for part in out.glob("part-*.parquet")}
    assert 0 < rows_so_far(out) < 192
    again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert again.returncode == 0, again.stderr
    assert re.search(r"192 clips, (\d+) of them written by an earlier run: 192 with a label", again.stdout)
    each_row_once(out, 192)
    assert all((out / name).stat().st_mtime_ns == then for name, then in before.items())
    assert not list(out.glob(".part-*"))


@pytest.mark.slow
def test_a_second_ray_node_that_joins_takes_its_share_of_the_rows(tmp_path, calls):
    ray = pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    at = f"127.0.0.1:{port}"
    # --block: each node is a process of this test's, ended with it. `ray stop` would end every cluster on the machine.
    options = [
        "--block",
        "--node-ip-address=127.0.0.1",
        "--num-cpus=1",
        "--object-store-memory=200000000",
        "--disable-usage-stats",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    nodes = []

    def start(*arguments: str) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *arguments, *options]
        with (tmp_path / f"node-{len(nodes)}.log").open("wb") as log:
            nodes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    folder, out = many(tmp_path / "calls", calls, 96), tmp_path / "out"
    token = [sys.executable, "-m", "ray.scripts.scripts", "get-auth-token", "--generate"]  # as ray.init does: once, for this user
    subprocess.run(token, env=environment, check=True, capture_output=True)
    try:
        start("--head", f"--port={port}", "--include-dashboard=false")
        wait_for(answers)
        start(f"--address={at}")
        ray.init(address=at, log_to_driver=False, logging_level="ERROR")
        wait_for(lambda: sum(node["Alive"] for node in ray.nodes()) == 2)
        ray.shutdown()
        report = scaling.classify(folder, out, workers=2, chunk_rows=8, address=at)
    finally:
        ray.shutdown()
        for node in reversed(nodes):
            node.terminate()
            node.wait(timeout=60)
    assert (report.rows, report.errors) == (96, 0)
    each_row_once(out, 96)
    shares = scaling.parts(out).groupby("node")["rows"].sum()
    print(shares)
    assert len(shares) == 2
    assert (shares >= 8).all()


@pytest.mark.slow
def test_a_full_disk_under_ray_is_a_sentence_and_loses_nothing_written(tmp_path, small_disk, cluster, model, calls):
    full_disk(write_calls(tmp_path / "calls", calls), small_disk, model, workers=2, top_k=1)
