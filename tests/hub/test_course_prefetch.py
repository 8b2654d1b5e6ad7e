"""course prefetch: what it fetches is whole and enough; what stops it is a sentence; and it goes on where it was stopped."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import faults
from helpers import prefetch, sources
from helpers.cli import main
from loopback import Hub
from notebook import IMPATIENT, hub_environment

COMMAND = IMPATIENT + "import sys\nfrom helpers.cli import main\nsys.exit(main(sys.argv[1:]))"
PARQUET = "en-AU/.*parquet"


@pytest.fixture
def course(hub: Hub, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command `course` in a process of its own, for which the loopback hub is the Hub."""

    def run(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", COMMAND, *map(str, arguments)]
        env = hub_environment(hub.endpoint, tmp_path / "home", COURSE_LANG="en", **env)
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def filled(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `course prefetch` has filled with what the lessons load."""
    folder = tmp_path_factory.mktemp("usb") / "stick"
    env = hub_environment(hub.endpoint, tmp_path_factory.mktemp("home"), COURSE_LANG="en")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "prefetch", "--to", folder], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "COURSE_SOURCE=hub make lab" in done.stdout
    return folder


@pytest.fixture
def stick(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "copy"))


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What the command said at its end: one line, and no traceback before it."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.replace("\r", "\n").splitlines()[-1]
    assert last.startswith("course: ")
    assert len(last) < 500
    return last


def test_folder_holds_regular_files_and_a_true_manifest(filled: Path):
    manifest = prefetch.read_manifest(filled)
    assert manifest["data"] == {
        "id": sources.MINDS14_ID,
        "revision": sources.MINDS14_REVISION,
        "configurations": ["en-AU", "ko-KR"],
    }
    assert re.fullmatch("[0-9a-f]{40}", manifest["model"]["revision"])
    assert not any(path.is_symlink() or path.name.endswith((".part", ".lock")) for path in filled.rglob("*"))
    there = {path.relative_to(filled).as_posix() for path in filled.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == there - {prefetch.MANIFEST}
    assert prefetch.damaged(filled) == {}
    assert {name.split("/")[-1] for name in there} >= {"README.md", "pytorch_model.bin", "config.json", "minds14-train.arrow"}


LESSON = """
from datasets import get_dataset_split_names, load_dataset
from helpers import Audio, sources
MINDS14, MODEL = sources.minds14(), sources.intent_model()
minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio(sampling_rate=16_000))
from transformers import pipeline
classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)
print(len(classifier(minds[0]["audio"]["array"], top_k=None)), get_dataset_split_names(MINDS14.path, "en-AU"))
"""


def test_folder_is_enough_wherever_it_lies(stick: Path, open_notebook, hub: Hub):
    notebook = open_notebook("http://hub.invalid", HF_HUB_OFFLINE="1")
    shutil.rmtree(notebook.home)
    shutil.copytree(stick / "hf", notebook.home)
    before = len(hub.requests)
    assert notebook.run(LESSON) == "14 ['train']\n"
    assert len(hub.requests) == before


def test_what_is_there_is_not_fetched_again(course, stick: Path, hub: Hub):
    before = len(hub.requests)
    assert course("prefetch", "--to", stick).returncode == 0
    assert not [request for request in hub.requests[before:] if request.startswith("GET /storage")]


def test_another_language_is_added(course, stick: Path, hub: Hub):
    names = {file.split("/")[0] for file in hub.repositories["datasets", sources.MINDS14_ID].files if "/" in file}
    more = sorted(names - set(prefetch.LESSON_CONFIGS))
    if not more:
        pytest.skip("the hub holds two languages where the genuine recordings are not at hand")
    assert course("prefetch", "--to", stick, "--config", "en-AU", *more).returncode == 0
    assert prefetch.read_manifest(stick)["data"]["configurations"] == ["en-AU", *more]


def test_language_that_is_not_there_lists_those_that_are(course, tmp_path: Path):
    said = sentence(course("prefetch", "--to", tmp_path / "usb", "--config", "en-NZ"))
    assert re.search(r"no configuration en-NZ\. These exist: en-AU, .*ko-KR\.", said)


# --- interruptions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_download_goes_on_where_it_was_stopped(course, hub: Hub, tmp_path: Path, how: signal.Signals):
    folder = tmp_path / "usb"
    with hub.fault(faults.hang(hub, PARQUET)):
        env = hub_environment(hub.endpoint, tmp_path / "home", HF_HUB_DOWNLOAD_TIMEOUT="60", COURSE_LANG="en")
        # A test run that a script started in the background hears no Ctrl-C, and nor would its children.
        hears = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        command = [sys.executable, "-c", hears + COMMAND, "prefetch", "--to", str(folder)]
        process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        begin = time.monotonic()
        while not any(path.stat().st_size > 100_000 for path in folder.rglob("*.part")) and time.monotonic() < begin + 60:
            time.sleep(0.05)
        process.send_signal(how)
        _, said = process.communicate(timeout=30)
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert said.endswith("course: stopped.\n")
    (part,) = folder.rglob("*.part")
    have = part.stat().st_size
    assert not part.with_suffix("").exists()
    before = len(hub.requests)
    assert course("prefetch", "--to", folder).returncode == 0
    ranges = [request for request in hub.requests[before:] if re.search(rf"GET /storage/.*{PARQUET}", request)]
    assert ranges == [f"GET /storage/datasets/PolyAI/minds14/en-AU/{part.stem} bytes={have}-"]
    assert prefetch.damaged(folder) == {}
    assert list(folder.rglob("*.part")) == []


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda hub: faults.status(401, ".", "RepoNotFound"), r"refuses access.*\(401\)"),
        (lambda hub: faults.status(403, "^/storage"), r"refuses access.*\(403\)"),
        (lambda hub: faults.missing(PARQUET), r"\(404\)\. These configurations are there: en-AU"),
        (lambda hub: faults.status(429, "^/storage"), r"too many requests.*\(429\)"),
        (lambda hub: faults.status(500, "."), r"fault of its own \(500\)"),
        (lambda hub: faults.stall(hub, "^/storage"), r"has stopped answering"),
        (lambda hub: faults.cut(hub, "^/storage"), r"broke off before the file was complete"),
        (lambda hub: faults.corrupt(hub, "^/storage"), r"not what the Hub announced"),
    ],
    ids=["401", "403", "404", "429", "500", "stall", "cut", "changed"],
)
def test_fault_is_one_sentence_and_the_next_run_completes(course, hub: Hub, tmp_path: Path, fault, says: str):
    folder = tmp_path / "usb"
    with hub.fault(fault(hub)):
        said = sentence(course("prefetch", "--to", folder, "--config", "en-AU"))
    assert re.search(says, said), said
    assert "COURSE_SOURCE=bundled" in said
    assert not (folder / prefetch.MANIFEST).exists()
    assert not list(folder.rglob("*.parquet"))
    done = course("prefetch", "--to", folder, "--config", "en-AU")
    assert done.returncode == 0, done.stderr
    assert prefetch.damaged(folder) == {}


def test_429_and_500_are_asked_again(course, hub: Hub, tmp_path: Path):
    codes = [429, 500, 503]

    def thrice(request):
        return (
            faults.status(codes.pop(), ".", Retry_After="0")(request) if codes and request.path.startswith("/storage") else None
        )

    with hub.fault(thrice):
        assert course("prefetch", "--to", tmp_path / "usb", "--config", "en-AU").returncode == 0
    assert codes == []


# --- a full disk ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a disk of so many megabytes."""
    folder = tmp_path / "small disk"

    def mount(megabytes: int) -> Path:
        folder.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
        return folder

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def megabytes_of(hub: Hub) -> float:
    """The data of en-AU, as Parquet and as prepared, and the model."""
    data, model = hub.repositories["datasets", sources.MINDS14_ID], hub.repositories["models", sources.INTENT_MODEL_ID]
    parquet = sum(path.stat().st_size for name, path in data.files.items() if name.startswith("en-AU/"))
    return (2.25 * parquet + sum(path.stat().st_size for path in model.files.values())) / 1e6


def test_disk_that_is_too_small_is_said_before_the_download(course, hub: Hub, small_disk):
    folder = small_disk(int(megabytes_of(hub) * 0.8))
    before = len(hub.requests)
    said = sentence(course("prefetch", "--to", folder, "--config", "en-AU"))
    assert re.search(r"[\d.]+ MB are still to be downloaded, and the disk of .*small disk.* has [\d.]+ MB free", said)
    assert "COURSE_SOURCE=bundled" in said
    assert not [request for request in hub.requests[before:] if request.startswith("GET /storage")]


@pytest.mark.parametrize("when", [f"^/storage/.*{PARQUET}", r"\.huggingface\.yaml"], ids=["downloading", "preparing"])
def test_disk_that_fills_up_is_said_and_room_is_all_it_takes(course, hub: Hub, small_disk, when: str):
    folder = small_disk(int(megabytes_of(hub) * 1.3) + 4)
    others = folder / "somebody else's film"

    def fill(request):
        if re.search(when, request.path) and not others.exists():
            others.write_bytes(bytes(max(0, shutil.disk_usage(folder).free - 1_000_000)))

    with hub.fault(fill):
        said = sentence(course("prefetch", "--to", folder, "--config", "en-AU"))
    assert re.search(r"[Tt]he disk .*is full", said), said
    assert "COURSE_SOURCE=bundled" in said
    assert not (folder / prefetch.MANIFEST).exists()
    others.unlink()
    done = course("prefetch", "--to", folder, "--config", "en-AU")
    assert done.returncode == 0, done.stderr
    assert prefetch.damaged(folder) == {}


# --- checking -------------------------------------------------------------------------------------------------------------


def test_verify_names_what_is_wrong_and_a_new_run_mends_it(course, stick: Path, capsys):
    assert main(["prefetch", "--verify", str(stick)]) == 0
    assert re.search(r"All \d+ files \(\d\.\d\d GB\) are as they were written\.", capsys.readouterr().out)
    arrow = next(stick.rglob("en-AU/**/*.arrow"))
    weights = next(stick.rglob("pytorch_model.bin"))
    card = next(stick.rglob("README.md"))
    content = bytearray(arrow.read_bytes())
    content[len(content) // 2] ^= 1
    arrow.write_bytes(content)
    weights.write_bytes(weights.read_bytes()[:-1])
    card.unlink()
    assert main(["prefetch", "--verify", str(stick)]) == 1
    out = capsys.readouterr().out
    assert "minds14-train.arrow: another content (SHA-256)" in out
    assert re.search(r"pytorch_model\.bin: \d+ bytes instead of \d+", out)
    assert "README.md: missing" in out
    assert "3 files are not as they were written" in out
    done = course("prefetch", "--to", stick)
    assert done.returncode == 0, done.stderr
    assert prefetch.damaged(stick) == {}


def test_file_of_the_right_size_and_a_wrong_byte_is_fetched_again_without_a_manifest(course, stick: Path):
    (stick / prefetch.MANIFEST).unlink()
    parquet = next(stick.rglob("en-AU/*.parquet"))
    content = bytearray(parquet.read_bytes())
    content[1000] ^= 1
    parquet.write_bytes(content)
    assert course("prefetch", "--to", stick).returncode == 0
    content[1000] ^= 1
    assert parquet.read_bytes() == content


def test_manifests_paths_are_the_same_on_every_system(filled: Path):
    names = prefetch.read_manifest(filled)["files"]
    assert not any("\\" in name or name.startswith("/") or ":" in name for name in names)
    # Windows: 260 characters with the drive and the folder, unless long paths are switched on; and no name that differs by case.
    assert max(map(len, names)) < 200
    assert len({name.lower() for name in names}) == len(names)
    assert not [name for name in names if re.search(r'[<>"|?*]|[. ](/|$)', name)]
