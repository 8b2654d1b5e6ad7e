"""Where data and models come from: bundled with the course (the default), or the Hugging Face Hub. Used in every lesson.

The choice holds for every lesson: the environment variable `COURSE_SOURCE`, else what `course source` or lesson 00 saved, else
`bundled`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from . import hub
from .errors import SourceError
from .language import say

Choice = Literal["bundled", "hub"]
CHOICES: tuple[Choice, ...] = ("bundled", "hub")
BUNDLED = Path(__file__).parent / "bundled"
MINDS14_ID = "PolyAI/minds14"
# The last revision before this course was written; plain Parquet, no loading script.
MINDS14_REVISION = "40ce77cb32a384e4d50a568e1ec39ac804019d33"
INTENT_MODEL_ID = "anton-l/xtreme_s_xlsr_300m_minds14"


@dataclass(frozen=True)
class Source:
    """A data set or a checkpoint, as `load_dataset` and `pipeline` take it.

    Attributes
    ----------
    path : str
        A folder, or an id on the Hub.
    revision : str or None
        The pinned commit on the Hub; None for a folder, and where the newest is meant.
    synthetic : bool
        Whether the speech (or the speech a model was partly trained on) was made by a machine.
    note : str
        One or two sentences to show beside it: genuine or synthetic, what a score on it means, how large.
    """

    path: str
    revision: str | None
    synthetic: bool
    note: str

    def __str__(self) -> str:
        return f"{self.path if self.revision else Path(self.path).name}: {self.note}"


def settings_file() -> Path:
    """Where the choice is kept: `course.json` in the user's configuration folder (`XDG_CONFIG_HOME`, else `~/.config`)."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "audio-classification-course" / "course.json"


def _checked(value: str, where: str) -> Choice:
    if value not in CHOICES:
        raise SourceError(
            say(
                f"The source '{value}' (from {where}) does not exist: choose one of {', '.join(CHOICES)}.",
                f"'{value}'라는 소스는 없어요({where}에서 읽음). {', '.join(CHOICES)} 중에서 고르세요.",
            )
        )
    return cast(Choice, value)


def chosen() -> Choice:
    """The source in force.

    Raises
    ------
    SourceError
        If `COURSE_SOURCE` or the saved choice names no source.
    """
    if value := os.environ.get("COURSE_SOURCE"):
        return _checked(value.strip().lower(), "COURSE_SOURCE")
    file = settings_file()
    try:
        return _checked(json.loads(file.read_text(encoding="utf-8"))["source"], str(file))
    except FileNotFoundError:
        return "bundled"
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise SourceError(
            say(
                f"The saved choice in {file} cannot be read; run `course source bundled` to write it anew.",
                f"{file}에 저장된 선택을 읽을 수 없어요. `course source bundled`를 실행해 다시 저장하세요.",
            )
        ) from error


def choose(value: str) -> Choice:
    """Save the choice for all lessons. `COURSE_SOURCE`, where it is set, still goes first.

    Raises
    ------
    SourceError
        If there is no such source, or the choice cannot be written.
    """
    choice = _checked(value, "course source")
    file = settings_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"source": choice}) + "\n", encoding="utf-8")
    except OSError as error:
        raise SourceError(
            say(
                f"The choice could not be saved in {file} ({error.strerror}); set COURSE_SOURCE={choice} instead.",
                f"{file}에 선택을 저장하지 못했어요({error.strerror}). 대신 COURSE_SOURCE={choice}를 설정하세요.",
            )
        ) from error
    return choice


def _bundled(name: str) -> str:
    folder = BUNDLED / name
    if not folder.is_dir():
        raise SourceError(
            say(
                f"The bundled folder {folder} is missing; install the course again (`make setup`).",
                f"포함되어 있어야 할 폴더 {folder}가 없어요. 코스를 다시 설치하세요(`make setup`).",
            )
        )
    return str(folder)


def data_note(choice: Choice) -> str:
    """What the data of a source are: genuine or synthetic, how much is downloaded, where it is kept. Asks no network."""
    if choice == "hub":
        kept = hub.cache_folder()
        return say(
            "Genuine MInDS-14 recordings of people from the Hugging Face Hub (CC BY 4.0). Each language is downloaded once, "
            f"en-AU about 37 MB, and kept in {kept}.",
            "Hugging Face Hub에 있는 MInDS-14의 진짜 사람 목소리예요(CC BY 4.0). 언어마다 처음 한 번 내려받고(en-AU는 약 37 MB) "
            f"{kept}에 보관해요.",
        )
    return say(
        "Synthetic speech in the shape of MInDS-14, made for this course and bundled with it: nothing to download.",
        "이 코스를 위해 MInDS-14와 같은 형식으로 만든 합성 음성이에요. 코스에 들어 있어서 내려받을 것이 없어요.",
    )


def model_note(choice: Choice, commit: str | None = None) -> str:
    """What the checkpoint of a source is, and what a score of it means; with the commit that was found on the Hub."""
    if choice == "hub":
        kept, at = hub.cache_folder(), commit[:12] if commit else None
        return say(
            f"XLS-R 300M fine-tuned on genuine MInDS-14 (Apache-2.0{f', commit {at}' if at else ''}). It is downloaded once, "
            f"about 1.26 GB, and kept in {kept}. It has heard clips of the split that `load_dataset` returns, so its accuracy "
            "there is flattering.",
            f"진짜 MInDS-14로 미세 조정한 XLS-R 300M이에요(Apache-2.0{f', 커밋 {at}' if at else ''}). 처음 한 번 약 1.26 GB를 "
            f"내려받아 {kept}에 보관해요. `load_dataset`이 돌려주는 바로 그 클립들로 학습했기 때문에 거기서 잰 정확도는 실제보다 "
            "높게 나와요.",
        )
    return say(
        "Whisper tiny's encoder tuned on genuine English calls and on synthetic English and Korean ones. It has never heard a "
        "bundled clip, its speaker or its sentence.",
        "Whisper tiny의 인코더를 진짜 영어 통화와 합성 영어·한국어 통화로 조정한 모델이에요. 코스에 들어 있는 클립, 그 화자, 그 "
        "문장은 한 번도 들은 적이 없어요.",
    )


def _wanted_features() -> Any:
    """The columns and label names that the lessons rely on: those of the bundled data."""
    from datasets import load_dataset_builder

    return load_dataset_builder(_bundled("minds14"), "en-AU").info.features


def minds14() -> Source:
    """The spoken bank calls: bundled synthetic ones, or genuine MInDS-14 (Gerz et al. 2021). Used in lessons 00 to 08.

    Raises
    ------
    SourceError
        In a notebook with the source `hub`: if the Hub cannot be asked, or its data set is not as the lessons need it.
    """
    choice = chosen()
    if choice == "bundled":
        return Source(_bundled("minds14"), None, synthetic=True, note=data_note(choice))
    if hub.in_notebook():  # a lesson is about to load it; elsewhere only the note is wanted, and no network
        hub.listen()
        hub.check_data(MINDS14_ID, MINDS14_REVISION, _wanted_features())
    return Source(MINDS14_ID, MINDS14_REVISION, synthetic=False, note=data_note(choice))


def intent_model() -> Source:
    """The checkpoint that hears a caller's intent. Lessons 00 to 08.

    Raises
    ------
    SourceError
        In a notebook with the source `hub`: if the Hub cannot be asked, the checkpoint's labels are not the data's, or its files
        do not arrive.
    """
    choice = chosen()
    if choice == "bundled":
        return Source(_bundled("intent_model"), None, synthetic=True, note=model_note(choice))
    commit = None
    if hub.in_notebook():
        hub.listen()
        commit = hub.prepare_model(INTENT_MODEL_ID, None, _wanted_features()["intent_class"].names)
    # Its newest commit could not be looked up where this was written, so none is pinned: the note says which one came.
    return Source(INTENT_MODEL_ID, None, synthetic=False, note=model_note(choice, commit))


def sounds() -> Source:
    """Other sounds than calls: animals, machines, weather, people, music, noise. Used in lesson 09.

    The Hub's nearest counterpart, ESC-50 (Piczak 2015), is licensed for non-commercial use alone and has neither speech nor music
    nor noise, so these clips serve for both sources.
    """
    return Source(
        _bundled("sounds"),
        None,
        synthetic=True,
        note=say(
            "Sounds made for this course from formulas, synthetic voices and a software synthesiser, and bundled with it. "
            "They serve for both sources: the Hub has no free data set with these labels.",
            "이 코스를 위해 수식, 합성 음성, 소프트웨어 신시사이저로 만들어 코스에 넣어 둔 소리예요. "
            "이 레이블이 달린 자유로운 데이터 세트가 Hub에 없어서, 어느 소스를 골라도 이 소리를 써요.",
        ),
    )


def sound_model() -> Source:
    """The checkpoint that tells the labels of `sounds()` apart, the same for both sources. Used in lesson 09."""
    return Source(
        _bundled("sound_model"),
        None,
        synthetic=True,
        note=say(
            "The first layer of Whisper tiny's encoder, tuned on other synthetic sounds and on genuine recordings of ten of the "
            "labels. It has never heard a bundled clip, nor the voices, instruments and settings that made it. It serves for "
            "both sources.",
            "Whisper tiny 인코더의 첫 번째 층을 다른 합성 소리와, 레이블 열 개의 실제 녹음으로 조정한 모델이에요. 코스에 들어 "
            "있는 클립도, 그 클립을 만든 목소리와 악기와 설정도 들은 적이 없어요. 어느 소스를 골라도 이 모델을 써요.",
        ),
    )


def hub_only(what: str) -> bool:
    """Whether a cell that downloads something from the Hub may run; where not, print why it is skipped. Lesson 09.

    Parameters
    ----------
    what : str
        The id on the Hub, as the reader would look it up.
    """
    if chosen() == "hub":
        return True
    print(
        say(
            f"Skipped: {what} comes from the Hugging Face Hub, and the source is 'bundled'. To run this cell, "
            "choose the Hub (`course source hub`, or COURSE_SOURCE=hub) and restart the notebook.",
            f"건너뛰었어요: {what}은(는) Hugging Face Hub에서 받아야 하는데, 지금 소스는 'bundled'예요. 이 셀을 실행하려면 "
            "Hub를 고르고(`course source hub` 또는 COURSE_SOURCE=hub) 노트북을 다시 시작하세요.",
        )
    )
    return False
