"""What helpers.scaling costs: the driver's memory over many rows, and clips per second with one worker and with two.

    python benchmarks/scaling.py memory --rows 10000    # bundled clips repeated, with an id each; two workers
    python benchmarks/scaling.py workers --rows 336     # one worker and two in turn, one thread each

Both compare every label with helpers.inference's. Results depend on what else the machine does; they are printed, not kept.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from helpers import inference, scaling, sources

GROUP = 256  # rows of a row group, as the Hub's Parquet of sounds has them


def repeated(folder: Path, rows: int, files: int = 4) -> list[bytes]:
    """Write `rows` rows of the bundled en-AU clips, each with an id of its own; returns the clips."""
    table = pq.read_table(Path(sources.minds14().path) / "en-AU")
    sounds = table["audio"].combine_chunks()
    per_file = -(-rows // files)
    for begin in range(0, 0 if folder.exists() else rows, per_file):
        folder.mkdir(parents=True, exist_ok=True)
        numbers = range(begin, min(begin + per_file, rows))
        with pq.ParquetWriter(
            folder / f"calls-{begin:06d}.parquet", pa.schema([("id", pa.string()), ("audio", sounds.type)])
        ) as file:
            for first in range(numbers.start, numbers.stop, GROUP):
                some = list(range(first, min(first + GROUP, numbers.stop)))
                ids = pa.array([f"call-{number:06d}" for number in some])
                audio = sounds.take(pa.array([number % len(sounds) for number in some]))
                file.write_table(pa.table({"id": ids, "audio": audio}), row_group_size=GROUP)
    return [sound["bytes"] for sound in sounds.to_pylist()]


def expected_labels(clips: list[bytes], dtype: str | None) -> list[str]:
    """What helpers.inference says of each clip."""
    path = sources.intent_model().path
    model = AutoModelForAudioClassification.from_pretrained(path).eval()
    extractor = AutoFeatureExtractor.from_pretrained(path)
    return [
        answer.scores[0]["label"] for answer in inference.classify(clips, model, extractor, dtype=dtype, top_k=1, progress=False)
    ]


def check(out: Path, rows: int, labels: list[str]) -> None:
    """Every row once, in order, with the label of helpers.inference."""
    table = pq.read_table(out, columns=["id", "label"])
    assert table["id"].to_pylist() == [f"call-{number:06d}" for number in range(rows)], "rows lost, repeated or out of order"
    got = table["label"].to_pylist()
    same = sum(label == labels[number % len(labels)] for number, label in enumerate(got))
    print(f"{rows} rows, {len(set(table['id'].to_pylist()))} distinct ids; the label of helpers.inference on {same} of them")
    assert same == rows


def memory(rows: int, dtype: str | None) -> None:
    folder = Path("build") / "scaling" / f"{rows}-{dtype}"  # kept, so that a run that was stopped goes on
    labels = expected_labels(repeated(folder / "calls", rows), dtype)
    out, stop = folder / "answers", threading.Event()
    seen: list[tuple[int, float, float]] = []

    def watch() -> None:
        driver = psutil.Process()
        while not stop.wait(2.0):
            done = sum(1 for _ in out.glob("part-*.parquet")) * 64
            if done:
                seen.append((min(done, rows), driver.memory_full_info().uss / 1e6, driver.memory_info().rss / 1e6))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        report = scaling.classify(folder / "calls", out, engine="ray", workers=2, threads=1, dtype=dtype)
        print(f"{report}; {report.seconds:.0f} s, {report.clips_per_second:.1f} clips a second")
        check(out, rows, labels)
    finally:
        stop.set()
        watcher.join()
        print("driver's memory in MB (its own, and with what it shares), median over each tenth of the rows:")
        for tenth in range(10):
            some = [entry for entry in seen if tenth * rows < 10 * entry[0] <= (tenth + 1) * rows]
            if some:
                own, all_ = (statistics.median(entry[i] for entry in some) for i in (1, 2))
                print(f"    {tenth * rows // 10:6} to {(tenth + 1) * rows // 10:6} rows: {own:6.0f} {all_:6.0f}")


def steady(out: Path) -> float:
    """Clips per second while every worker of the pool was at work, from the parts' own times."""
    parts = scaling.parts(out)
    begin = parts.groupby("worker")["begin"].min().max()
    end = parts.groupby("worker")["end"].max().min()
    inside = (parts["end"].clip(upper=end) - parts["begin"].clip(lower=begin)).clip(lower=0)
    return float((parts["rows"] * inside / (parts["end"] - parts["begin"])).sum() / (end - begin))


def workers(rows: int, rounds: int, dtype: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clips = repeated(Path(folder) / "calls", rows)
        labels = expected_labels(clips, dtype)
        speed: dict[int, list[float]] = {1: [], 2: []}
        import ray

        ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
                 object_store_memory=scaling.OBJECT_STORE_BYTES)  # fmt: skip
        for turn in range(rounds):
            for number in (1, 2) if turn % 2 == 0 else (2, 1):
                out = Path(folder) / f"answers-{number}"
                shutil.rmtree(out, ignore_errors=True)
                begin = time.monotonic()
                scaling.classify(
                    Path(folder) / "calls", out, workers=number, threads=1, chunk_rows=16, dtype=dtype, progress=False
                )
                check(out, rows, labels)
                speed[number].append(steady(out))
                print(
                    f"{number} worker(s): {speed[number][-1]:.2f} clips a second; {time.monotonic() - begin:.0f} s with the start"
                )
        ray.shutdown()
        one, two = (statistics.median(speed[number]) for number in (1, 2))
        print(f"median: {one:.2f} and {two:.2f} clips a second; efficiency {two / one / 2:.2f} (1: twice as fast)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("memory", "workers"))
    parser.add_argument("--rows", type=int, default=336)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--dtype", help="float32 (default), bfloat16 or auto")
    options = parser.parse_args()
    if options.what == "memory":
        memory(options.rows, options.dtype)
    else:
        workers(options.rows, options.rounds, options.dtype)
