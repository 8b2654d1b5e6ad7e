"""Every way in which the Hub fails a learner: his own cell ends in one sentence, and with the fault gone it works."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import contents
import faults
from helpers import sources
from loopback import Hub
from notebook import Notebook, hub_environment

DATA = """
from datasets import load_dataset
from helpers import sources

MINDS14 = sources.minds14()
minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
print("rows:", len(minds))
"""
MODEL = """
from helpers import sources

MODEL = sources.intent_model()

from transformers import pipeline

classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)
print("labels:", classifier.model.config.num_labels)
"""
PIPELINE = """
from helpers import sources
from transformers import pipeline

sources.minds14()
classifier = pipeline("audio-classification", model="anton-l/xtreme_s_xlsr_300m_minds14")
print("labels:", classifier.model.config.num_labels)
"""
WORKS = {DATA: r"^rows: \d+\n$", MODEL: r"^labels: 14\n$", PIPELINE: r"^labels: 14\n$"}
PARQUET, WEIGHTS = r"en-AU/.*parquet", r"pytorch_model\.bin"
Fault = Callable[[Hub], AbstractContextManager[None]]


def broken(make: Callable[[Hub], faults.Answer]) -> Fault:
    return lambda hub: hub.fault(make(hub))


FAULTS: dict[str, tuple[str, Fault, str]] = {
    "data 401": (DATA, broken(lambda hub: faults.status(401, ".", "RepoNotFound")), r"refuses access.*\(401\)"),
    "data 403": (DATA, broken(lambda hub: faults.status(403, ".", "GatedRepo")), r"refuses access.*\(403\)"),
    "model 401": (MODEL, broken(lambda hub: faults.status(401, ".", "RepoNotFound")), r"refuses access.*\(401\)"),
    "model 403": (MODEL, broken(lambda hub: faults.status(403, ".")), r"refuses access.*\(403\)"),
    "parquet 403": (DATA, broken(lambda hub: faults.status(403, PARQUET)), r"refuses access \[en-AU/.*parquet\] \(403\)"),
    "weights 403": (MODEL, broken(lambda hub: faults.status(403, WEIGHTS)), r"refuses access.* \(403\)"),
    "parquet 404": (
        DATA,
        broken(lambda hub: faults.missing(PARQUET)),
        r"\(404\)\. These configurations are there: en-AU, .*ko-KR",
    ),
    "weights 404": (MODEL, broken(lambda hub: faults.missing(WEIGHTS)), r"does not have what was asked for.*\(404\)"),
    "data 429": (DATA, broken(lambda hub: faults.status(429, ".")), r"too many requests .*\(429\)"),
    "weights 429": (MODEL, broken(lambda hub: faults.status(429, WEIGHTS)), r"too many requests .*\(429\)"),
    "data 500": (DATA, broken(lambda hub: faults.status(500, ".")), r"fault of its own \(500\)"),
    "model 500": (MODEL, broken(lambda hub: faults.status(500, ".")), r"fault of its own \(500\)"),
    "api 500": (DATA, broken(lambda hub: faults.status(500, "^/api/datasets")), r"fault of its own \(500\)"),
    "data stalls": (DATA, broken(lambda hub: faults.stall(hub, ".")), r"has stopped answering"),
    "api stalls": (DATA, broken(lambda hub: faults.stall(hub, "^/api/datasets")), r"has stopped answering"),
    "parquet stalls": (DATA, broken(lambda hub: faults.stall(hub, "^/storage")), r"has stopped answering"),
    "weights stall": (MODEL, broken(lambda hub: faults.stall(hub, "^/storage")), r"has stopped answering"),
    "parquet is cut": (DATA, broken(lambda hub: faults.cut(hub, "^/storage")), r"broke off before the file was complete"),
    "weights are cut": (MODEL, broken(lambda hub: faults.cut(hub, "^/storage")), r"broke off before the file was complete"),
    "parquet is changed": (DATA, broken(lambda hub: faults.corrupt(hub, "^/storage")), r"not what the Hub announced"),
    "weights are changed": (MODEL, broken(lambda hub: faults.corrupt(hub, "^/storage")), r"not what the Hub announced"),
    "pipeline: model 403": (PIPELINE, broken(lambda hub: faults.status(403, "anton-l")), r"refuses access.*\(403\)"),
    "pipeline: weights 404": (
        PIPELINE,
        broken(lambda hub: faults.missing(WEIGHTS)),
        r"does not have what was asked for.*\(404\)",
    ),
    "pipeline: weights cut": (PIPELINE, broken(lambda hub: faults.cut(hub, WEIGHTS)), r"broke off before the file was complete"),
    "pipeline: weights changed": (PIPELINE, broken(lambda hub: faults.corrupt(hub, WEIGHTS)), r"not what the Hub announced"),
    "card is changed": (DATA, broken(lambda hub: faults.corrupt(hub, "README")), r"not what the Hub announced"),
}


def is_one_sentence(shown: str) -> bool:
    """The error's name and a short text that says what to do instead, and no traceback."""
    return shown.startswith("SourceError: ") and "COURSE_SOURCE=bundled" in shown and "\n" not in shown and len(shown) < 500


def fails_and_then_works(notebook: Notebook, hub: Hub, cell: str, fault: AbstractContextManager[None], says: str) -> None:
    notebook.forget_downloads()
    with fault:
        shown = notebook.run(cell)
        assert is_one_sentence(shown), shown
        assert re.search(says, shown), shown
        if "stopped answering" not in says:  # waiting for it once is enough
            assert re.search(says, notebook.run(cell)), "the second try meets the same fault, not a half-written file"
    assert re.search(WORKS[cell], again := notebook.run(cell)), again
    left = [path.name for path in notebook.home.rglob("*") if path.name.endswith((".incomplete", ".part"))]
    assert left == []


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_one_sentence_and_passes(notebook: Notebook, hub: Hub, name: str):
    cell, fault, says = FAULTS[name]
    fails_and_then_works(notebook, hub, cell, fault(hub), says)


@pytest.mark.parametrize(("cell", "path"), [(DATA, "README"), (DATA, "^/api/datasets"), (MODEL, "config.json")])
@pytest.mark.parametrize("code", [429, 500])
def test_429_and_500_are_asked_again(notebook: Notebook, hub: Hub, cell: str, path: str, code: int):
    notebook.forget_downloads()
    left = [2]

    def twice(request):
        if not re.search(path, request.path) or not left[0]:
            return None
        left[0] -= 1
        return faults.status(code, path, Retry_After="0")(request)

    with hub.fault(twice):
        assert re.search(WORKS[cell], shown := notebook.run(cell)), shown
    assert left == [0]


@pytest.mark.parametrize(("cell", "times"), [(DATA, 1), (MODEL, 2)])
def test_download_that_is_cut_goes_on_where_it_was(notebook: Notebook, hub: Hub, cell: str, times: int):
    notebook.forget_downloads()
    with hub.fault(faults.cut(hub, "^/storage", times=times)):
        assert re.search(WORKS[cell], shown := notebook.run(cell)), shown


@pytest.mark.parametrize(
    ("address", "says"),
    [("http://127.0.0.1:9", "refuses the connection"), ("http://hub.invalid", "no way to http://hub.invalid")],
)
def test_hub_that_cannot_be_reached(open_notebook, address: str, says: str):
    mine = open_notebook(address)
    for cell in (DATA, MODEL):
        shown = mine.run(cell)
        assert is_one_sentence(shown), shown
        assert says in shown


def test_machine_without_a_route(hub: Hub, tmp_path: Path):
    """A network of its own with loopback alone: what an address outside is answered there is the kernel's own error."""
    script = Path(__file__).parents[1] / "without_network"
    asks = "from helpers import hub\ntry: hub.prepare_model('a/b', None, [])\nexcept Exception as error: print(error)"
    env = hub_environment("http://192.0.2.1", tmp_path, COURSE_LANG="en")  # RFC 5737: nobody's address
    done = subprocess.run([script, sys.executable, "-c", asks], env=env, capture_output=True, text=True, check=True)
    if "skipped" in done.stdout:
        pytest.skip(done.stdout)
    assert "There is no way to http://192.0.2.1: no network" in done.stdout


def test_offline_and_nothing_downloaded(hub: Hub, open_notebook):
    mine = open_notebook(hub.endpoint, HF_HUB_OFFLINE="1")
    for cell in (DATA, MODEL):
        shown = mine.run(cell)
        assert is_one_sentence(shown), shown
        assert "HF_HUB_OFFLINE" in shown
        assert "course prefetch" in shown


def test_network_that_goes_away_after_the_download_is_not_missed(notebook: Notebook, hub: Hub):
    notebook.forget_downloads()
    assert notebook.run(DATA + MODEL) == f"rows: {rows(hub)}\nlabels: 14\n"
    with hub.fault(faults.status(503, ".")):
        assert notebook.run(DATA + MODEL) == f"rows: {rows(hub)}\nlabels: 14\n"


def rows(hub: Hub) -> int:
    (parquet,) = [
        path for name, path in hub.repositories["datasets", sources.MINDS14_ID].files.items() if name.startswith("en-AU/")
    ]
    return pq.read_metadata(parquet).num_rows


def test_configuration_that_is_not_there_lists_those_that_are(notebook: Notebook):
    shown = notebook.run(DATA.replace("en-AU", "en-NZ"))
    assert is_one_sentence(shown)
    assert re.search(r"no configuration en-NZ\. Write one of these as `name`: 'en-AU', .*'ko-KR'", shown)


# --- a repository that is not what the lessons need -----------------------------------------------------------------------


def card(hub_folder: Path, tmp_path: Path, change: Callable[[list[dict]], None]) -> Path:
    """The hub's card, with the features of each configuration changed."""
    changed = contents.read_card(hub_folder / "datasets" / sources.MINDS14_ID)
    for info in changed["dataset_info"]:
        change(info["features"])
    contents.write_card(tmp_path, changed)
    return tmp_path / "README.md"


def rename_column(features: list[dict]) -> None:
    features[4]["name"] = "intent"


def swap_labels(features: list[dict]) -> None:
    names = features[4]["dtype"]["class_label"]["names"]
    names["3"], names["4"] = names["4"], names["3"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (rename_column, r"columns are path, audio, transcription, english_transcription, intent, lang_id, and should be path,"),
        (swap_labels, r"label 3 of intent_class is balance, and should be atm_limit"),
    ],
)
def test_data_set_of_another_shape(notebook: Notebook, hub: Hub, hub_folder: Path, tmp_path: Path, change, says: str):
    other = hub.replaced("datasets", sources.MINDS14_ID, "README.md", card(hub_folder, tmp_path, change))
    fails_and_then_works(notebook, hub, DATA, other, says)


def test_parquet_of_another_shape_than_its_card(notebook: Notebook, hub: Hub, tmp_path: Path):
    files = hub.repositories["datasets", sources.MINDS14_ID].files
    (name,) = [name for name in files if name.startswith("en-AU/")]
    table = pq.read_table(files[name]).slice(0, 20)
    pq.write_table(table.rename_columns(["file", *table.column_names[1:]]), tmp_path / "other.parquet")
    notebook.forget_downloads()
    with hub.replaced("datasets", sources.MINDS14_ID, name, tmp_path / "other.parquet"):
        shown = notebook.run(DATA)
    assert is_one_sentence(shown), shown
    assert "columns are not those of its card" in shown
    notebook.forget_downloads()  # a pinned commit never changes, so nothing else can mend this
    assert re.search(WORKS[DATA], notebook.run(DATA))


def test_file_that_was_damaged_on_this_machine(notebook: Notebook, hub: Hub):
    notebook.forget_downloads()
    assert re.search(WORKS[DATA], notebook.run(DATA))
    shutil.rmtree(notebook.home / "datasets")
    parquet = next(notebook.home.rglob("*.parquet"))
    parquet.resolve().write_bytes(parquet.read_bytes()[:-1000])
    shown = notebook.run(DATA)
    assert is_one_sentence(shown), shown
    assert "cannot be read. Delete" in shown
    notebook.forget_downloads()  # as the sentence says
    assert re.search(WORKS[DATA], notebook.run(DATA))


def config(hub_folder: Path, tmp_path: Path, **changes: object) -> Path:
    settings = json.loads((hub_folder / "models" / sources.INTENT_MODEL_ID / "config.json").read_text(encoding="utf-8"))
    path = tmp_path / "config.json"
    path.write_text(json.dumps(settings | changes), encoding="utf-8")
    return path


def test_model_with_other_labels_says_which(notebook: Notebook, hub: Hub, hub_folder: Path, tmp_path: Path):
    labels = {str(number): name for number, name in enumerate(["abroad", "address", "app_error", "cash_machine"])}
    other = hub.replaced("models", sources.INTENT_MODEL_ID, "config.json", config(hub_folder, tmp_path, id2label=labels))
    says = r"Missing: atm_limit, balance, .*pay_bill\. Not in the data: cash_machine\."
    fails_and_then_works(notebook, hub, MODEL, other, says)


def test_model_with_code_of_its_own_is_refused(notebook: Notebook, hub: Hub, hub_folder: Path, tmp_path: Path):
    code = {"AutoModelForAudioClassification": "modeling_mine.Mine"}
    other = hub.replaced("models", sources.INTENT_MODEL_ID, "config.json", config(hub_folder, tmp_path, auto_map=code))
    fails_and_then_works(notebook, hub, MODEL, other, r"trust_remote_code.*The course refuses")


def test_data_set_with_code_of_its_own_is_refused(notebook: Notebook, hub: Hub, tmp_path: Path):
    (tmp_path / "minds14.py").write_text("print('never')", encoding="utf-8")
    other = hub.replaced("datasets", sources.MINDS14_ID, "minds14.py", tmp_path / "minds14.py")
    notebook.forget_downloads()
    with other:
        shown = notebook.run(DATA)
    assert is_one_sentence(shown), shown
    assert "The course refuses" in shown


# --- what is not about the Hub --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "1 / 0",
        "open('there is no such file')",
        "raise ValueError('not my day')",
        "raise OSError(28, 'No space left on device')",
        "raise TimeoutError('my own')",
        "import datasets\ndatasets.Dataset.from_dict({'a': [1]}).map(lambda row: {'b': row['c']})",
    ],
)
def test_other_errors_keep_their_traceback(notebook: Notebook, cell: str):
    shown = notebook.run("from helpers import sources\nsources.minds14()\n" + cell)
    assert not shown.startswith("SourceError")
    assert "Traceback" in shown


def test_traceback_is_still_there_for_who_wants_it(notebook: Notebook, hub: Hub):
    notebook.forget_downloads()
    with hub.fault(faults.status(403, ".")):
        assert is_one_sentence(notebook.run(DATA))
        assert "Traceback" in notebook.run("%tb")
