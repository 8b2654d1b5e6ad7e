"""What a classroom on one server needs: a learner's kernel, its memory and time, lesson by lesson. For docs/teaching.md.

    python benchmarks/classroom.py lessons 00 05      # each in a fresh kernel, run to its end; all lessons without a number
    python benchmarks/classroom.py together 05        # two kernels at once, which proves the estimate for thirty
    python benchmarks/classroom.py genuine            # the genuine model's geometry (1.26 GB, random weights): loaded, one clip

Memory is what Linux says in /proc, added up over the kernel and the processes that it starts (lesson 10 starts Ray):

- RSS counts every page that a process can see, libraries too; thirty times that would count PyTorch thirty times;
- its own part (anonymous and shared memory, the "PSS" of it, so that what forked processes share counts once) comes again with
  every kernel;
- the part that comes from files (libraries, mapped data) is in memory once for all kernels on a machine.

So n kernels need n times the own part, and once the files. `together` holds that against two kernels: what the second one has to
itself (its USS: what ending it would give back) should be its own part and nothing more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient

from helpers import lessons

ROOT = Path(__file__).resolve().parents[1]
EVERY = 0.2  # seconds between two looks
KERNELS = 30


@dataclass
class Memory:
    """Of a process and its children, in bytes; `files` is that of the largest of them."""

    rss: int = 0
    own: int = 0
    files: int = 0
    uss: int = 0


def _kib(path: Path) -> dict[str, int]:
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return {name: int(value.split()[0]) * 1024 for name, _, value in lines if value.endswith("kB")}


def memory(pid: int) -> Memory:
    """What a process and all that it started use now."""
    total = Memory()
    try:
        family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return total
    for each in family:
        try:
            rollup, status = _kib(Path(f"/proc/{each}/smaps_rollup")), _kib(Path(f"/proc/{each}/status"))
        except OSError:  # it has ended meanwhile
            continue
        if "Rss" in rollup and "RssFile" in status:
            total.rss += rollup["Rss"]
            total.own += rollup["Pss_Anon"] + rollup["Pss_Shmem"]
            total.files = max(total.files, status["RssFile"])
            total.uss += rollup["Private_Clean"] + rollup["Private_Dirty"]
    return total


class Watch:
    """The largest figures of a process and its children while a block runs; `last` is what they use at its end."""

    def __init__(self, pid: int) -> None:
        self.pid, self.peak, self.last = pid, Memory(), Memory()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            now = memory(self.pid)
            self.peak = Memory(*(max(pair) for pair in zip(vars(self.peak).values(), vars(now).values(), strict=True)))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        self.last = memory(self.pid)


@contextmanager
def kernel(name: str) -> Iterator[tuple[NotebookClient, float]]:
    """A lesson's fresh kernel as `course lab` gives it to a learner of the English edition, and the seconds until it answers."""
    folder = ROOT / "notebooks" / "en"
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=lessons.CELL_SECONDS, kernel_name=lessons.KERNELSPEC["name"])
    begin = time.perf_counter()
    with client.setup_kernel(cwd=str(folder), env=lessons.environment("bundled"), stderr=subprocess.DEVNULL):
        yield client, time.perf_counter() - begin


def run(client: NotebookClient) -> None:
    for index, cell in enumerate(client.nb.cells):
        client.execute_cell(cell, index)


def pid_of(client: NotebookClient) -> int:
    assert client.km
    assert client.km.provisioner
    return int(client.km.provisioner.pid)


def lesson(name: str) -> dict[str, Any]:
    with kernel(name) as (client, start):
        begin = time.perf_counter()
        with Watch(pid_of(client)) as watch:
            run(client)
        took = time.perf_counter() - begin
    return {"lesson": name, "start_s": start, "run_s": took, "peak": asdict(watch.peak), "end": asdict(watch.last)}


def together(name: str) -> dict[str, Any]:
    """Two kernels that have both run the lesson to its end."""
    with kernel(name) as (first, _), kernel(name) as (second, _):
        run(first)
        run(second)
        return {"lesson": name, "first": asdict(memory(pid_of(first))), "second": asdict(memory(pid_of(second)))}


def genuine() -> dict[str, Any]:
    """A checkpoint of the genuine model's geometry, written by one process and used by a fresh one as lesson 04 does."""
    with tempfile.TemporaryDirectory() as folder:
        write = (
            "import sys, torch, bench; model, extractor = bench.xlsr(bench.speech()); "
            "model.config.save_pretrained(sys.argv[1]); extractor.save_pretrained(sys.argv[1]); "
            "torch.save(model.state_dict(), sys.argv[1] + '/pytorch_model.bin')"
        )
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "benchmarks"), str(ROOT / "src")]), "HF_HUB_OFFLINE": "1"}
        subprocess.run([sys.executable, "-c", write, folder], env=env, check=True)
        size = Path(folder, "pytorch_model.bin").stat().st_size
        use = (
            "import sys, time, numpy as np; from transformers import pipeline; begin = time.perf_counter(); "
            "classifier = pipeline('audio-classification', model=sys.argv[1]); loaded = time.perf_counter() - begin; "
            "clip = np.random.default_rng(14).normal(0, 0.1, round(8.4 * 16_000)).astype('float32'); "
            "begin = time.perf_counter(); classifier(clip); first = time.perf_counter() - begin; "
            "begin = time.perf_counter(); classifier(clip); again = time.perf_counter() - begin; "
            "print(loaded, first, again, flush=True); input()"
        )
        process = subprocess.Popen([sys.executable, "-c", use, folder], env=env, stdin=-1, stdout=-1, text=True)
        assert process.stdout
        with Watch(process.pid) as watch:
            loaded, first, again = map(float, process.stdout.readline().split())
        process.communicate("\n")
    seconds = {"load_s": loaded, "first_clip_s": first, "clip_s": again}
    return {"file": size, **seconds, "peak": asdict(watch.peak), "end": asdict(watch.last)}


def gib(value: float) -> str:
    return f"{value / 2**30:.2f}"


HEADING = f"""\
| lesson | kernel answers (s) | runs (s) | RSS, peak (GiB) | own, peak | own, at the end | files | {KERNELS} kernels |
|---|---|---|---|---|---|---|---|"""


def line(row: dict[str, Any]) -> str:
    peak, end = row["peak"], row["end"]
    sizes = [peak["rss"], peak["own"], end["own"], end["files"], KERNELS * end["own"] + end["files"]]
    shown = [row["lesson"][:2], f"{row['start_s']:.1f}", f"{row['run_s']:.0f}", *map(gib, sizes)]
    return f"| {' | '.join(shown)} |"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Memory and start time of a learner's kernel.")
    parser.add_argument("what", choices=["lessons", "together", "genuine"])
    parser.add_argument("numbers", nargs="*", help="lessons, such as 00 05; all where none is given")
    options = parser.parse_args(arguments)
    if not Path("/proc/self/smaps_rollup").exists():
        print("This needs Linux: it reads /proc/PID/smaps_rollup.", file=sys.stderr)
        return 2
    if options.what == "genuine":
        result: Any = genuine()
        print(json.dumps(result))
    elif options.what == "together":
        result = [together(path.stem) for path in lessons.find(ROOT / "notebooks" / "source", options.numbers or ["05"])]
        for row in result:
            own, uss = row["second"]["own"] / 2**20, row["second"]["uss"] / 2**20
            print(f"{row['lesson']}, two kernels: the second has {uss:.0f} MiB to itself; its own part is {own:.0f} MiB")
    else:
        result = []
        print(HEADING, flush=True)
        for path in lessons.find(ROOT / "notebooks" / "source", options.numbers):
            result.append(lesson(path.stem))
            print(line(result[-1]), flush=True)
    out = ROOT / "build" / f"classroom_{options.what}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
