"""Controls to click in a notebook. Used in lessons 00 and 02 to 05; each has a text form, for renderers without widgets.

A widget updates `HTML` widgets and never `Output`, which nbval cannot compare. Where no widget front end exists (GitHub, a page
made from the notebook), its first picture and the printed sentence stand in its place.
"""

from __future__ import annotations

import base64
import contextlib
import html
import io
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from matplotlib.figure import Figure
from PIL import Image

from . import audio, plots, sources
from .errors import AudioError, CourseError, SourceError
from .language import language, say
from .players import player

MOST_SECONDS = 60  # of an upload: models of XLS-R's kind need memory that grows with the length
RECORDED_SECONDS = 15  # the window of the bundled intent model, which hears nothing after it


class _Said(ipywidgets.VBox):
    """A box of widgets whose text form is a sentence and not a list of Python objects, and its picture where it has one."""

    sentence = ""
    png = b""

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle = {**super()._repr_mimebundle_(**options), "text/plain": self.sentence}
        if self.png:
            bundle["image/png"] = base64.b64encode(self.png).decode("ascii")
        return bundle

    def __repr__(self) -> str:
        return self.sentence


class _Control(anywidget.AnyWidget):
    """A slider, choice, check box, file chooser or microphone, with a line below it in which each new sentence is announced.

    Not those of ipywidgets: their sliders have no accessible name, JupyterLab takes the arrow keys away from them and from their
    menus, and a file above 10 MiB ends the connection to the kernel without a word.
    """

    _esm = Path(__file__).parent / "controls.js"
    kind = traitlets.Unicode().tag(sync=True)
    lang = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)  # slider, choice: what each place is called
    index = traitlets.Int().tag(sync=True)  # the place; of a check box, 0 or 1
    texts = traitlets.Dict().tag(sync=True)  # microphone: the words on it
    most_seconds = traitlets.Float().tag(sync=True)  # microphone: when it stops by itself

    def __init__(self, kind: str, **values: Any) -> None:
        super().__init__(kind=kind, lang=language(), **values)


# --- pictures and sentences -----------------------------------------------------------------------------------------------


def _drawn(draw: Callable[[Figure], Any], height: float) -> tuple[bytes, str]:
    """What `draw` puts on a figure, as PNG, and what it says about it. No pyplot: the notebook would show the figure too."""
    figure = Figure(figsize=(8.0, height), dpi=100, layout="constrained")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        draw(figure)
    drawn, buffer = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    # A palette makes a third of it: it is sent with every move, and the first one is kept in the notebook.
    Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(buffer, format="png", optimize=True)
    return buffer.getvalue(), "; ".join(said.getvalue().splitlines())


def _picture(png: bytes, sentence: str) -> str:
    source = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
    return f'<img alt="{html.escape(sentence)}" src="{source}" style="max-width: 100%">'


def _alert(sentence: str) -> str:
    return f'<p role="alert" style="border-left: 4px solid #D55E00; padding-left: 0.6em">{html.escape(sentence)}</p>'


class _Explorer(_Said):
    """Controls, the last of which speaks; below them a picture and a player that follow them."""

    def __init__(self, controls: Sequence[_Control], look: Callable[[], tuple[bytes, str, str]]):
        self._look, self._speaker = look, controls[-1]
        self._picture, self._player = ipywidgets.HTML(), ipywidgets.HTML()
        super().__init__([*controls, self._picture, self._player])
        self.png, self.sentence, self._player.value = look()
        self._tell()
        print(self.sentence)  # what stays readable below a picture on GitHub
        for control in controls:
            control.observe(self._moved, names="index")

    def _tell(self) -> None:
        self._picture.value = _picture(self.png, self.sentence)
        self._speaker.said = self.sentence

    def _moved(self, change: dict[str, Any]) -> None:
        try:
            self.png, self.sentence, self._player.value = self._look()
        except CourseError as error:  # a damaged clip; the next one may be good
            self._picture.value, self._player.value, self._speaker.said = "", "", str(error)
            return
        self._tell()


# --- lesson 00 ------------------------------------------------------------------------------------------------------------


def source_choice() -> ipywidgets.Widget:
    """Buttons to choose where data and models come from, and below them what that means.

    Returns
    -------
    ipywidgets.Widget
        Show it as a cell's last line. A click saves the choice for every lesson, as `course source` does; it downloads nothing.

    Notes
    -----
    `COURSE_SOURCE`, where it is set, goes first, and then there is nothing to click. Used in lesson 00.
    """
    now = sources.chosen()
    buttons = ipywidgets.ToggleButtons(
        options=[
            (say("bundled: small, synthetic", "bundled: 작은 합성 음성"), "bundled"),
            (say("hub: genuine", "hub: 진짜 녹음"), "hub"),
        ],
        value=now,
        disabled=bool(os.environ.get("COURSE_SOURCE")),
        style={"button_width": "14em"},
    )
    notes = ipywidgets.HTML()
    box = _Said([buttons, notes])

    def describe(choice: sources.Choice, after: str) -> None:
        lines = [sources.data_note(choice), sources.model_note(choice), after]
        notes.value = "<br>".join(html.escape(line) for line in lines if line)
        box.sentence = say(
            f"Source: {choice} (of {', '.join(sources.CHOICES)})", f"소스: {choice}({', '.join(sources.CHOICES)} 중에서)"
        )

    def clicked(change: dict[str, Any]) -> None:
        try:
            choice = sources.choose(change["new"])
        except SourceError as error:
            notes.value = html.escape(str(error))
            return
        describe(
            choice,
            say(
                "Saved for all lessons. Run the cells from here on again; restart other notebooks that are open.",
                "모든 레슨에 저장했어요. 여기부터 셀을 다시 실행하고, 열려 있는 다른 노트북은 다시 시작하세요.",
            ),
        )

    first = (
        say(
            f"COURSE_SOURCE={now} is set and goes first: to choose here, unset it and restart.",
            f"COURSE_SOURCE={now}이(가) 먼저예요. 여기서 고르려면 그 변수를 지우고 다시 시작하세요.",
        )
        if buttons.disabled
        else ""
    )
    describe(now, first)
    buttons.observe(clicked, names="value")
    return box


# --- lessons 02 and 03 ----------------------------------------------------------------------------------------------------


def clip_explorer(minds: Any, *, synthetic: bool | None = None) -> ipywidgets.Widget:
    """Choose an intent and a clip of it; look at it, listen, and read what was said.

    Parameters
    ----------
    minds : datasets.Dataset
        With `audio` (cast to `Audio`), `intent_class` and `transcription`; each clip is read when it is chosen.
    synthetic : bool, optional
        Whether machines speak, `MINDS14.synthetic`; it is said beside the player.

    Returns
    -------
    ipywidgets.Widget
        Show it as a cell's last line: waveform and log-mel spectrogram, player, label, words. Prints the first clip's sentence.

    Raises
    ------
    CourseError
        If the data set is empty, lacks a column, or its clips cannot be decoded.

    Notes
    -----
    Used in lesson 03.
    """
    missing = {"audio", "intent_class", "transcription"} - set(getattr(minds, "column_names", ()))
    if missing or not len(minds):
        raise CourseError(
            say(
                f"There is nothing to explore: pass a data set with rows and the columns audio, intent_class and transcription "
                f"(missing: {', '.join(sorted(missing)) or 'none'}).",
                f"살펴볼 것이 없어요. 행이 있고 audio, intent_class, transcription 열이 있는 데이터 세트를 넘기세요"
                f"(없는 열: {', '.join(sorted(missing)) or '없음'}).",
            )
        )
    int2str = minds.features["intent_class"].int2str
    numbers = list(minds["intent_class"])
    chosen: list[int] = []  # the rows of the intent that is chosen

    found = sorted(set(numbers))
    intent = _Control(
        "choice", label=say("Intent", "의도"), options=[say("all intents", "모든 의도"), *(int2str(number) for number in found)]
    )
    clip = _Control("slider", label=say("Clip", "클립"))

    def list_clips(change: Any = None) -> None:
        wanted = set(found[intent.index - 1 : intent.index]) if intent.index else set(found)
        chosen[:] = [row for row, number in enumerate(numbers) if number in wanted]
        with clip.hold_trait_notifications():
            clip.options = [
                say(f"{place} of {len(chosen)} (row {row})", f"{len(chosen)}개 중 {place}번 ({row}번 행)")
                for place, row in enumerate(chosen, start=1)
            ]
            clip.index = 0

    @lru_cache(maxsize=1)  # another intent is two changes, of the intent and of the clip, and one picture
    def view(number: int) -> tuple[bytes, str, str]:
        row = minds[number]
        sound, name, words = row["audio"], int2str(row["intent_class"]), row["transcription"]
        if not isinstance(sound, dict) or "array" not in sound:
            raise CourseError(
                say(
                    'The clips are not decoded: minds = minds.cast_column("audio", Audio(sampling_rate=16_000)) comes first.',
                    '클립이 디코딩되지 않았어요. 먼저 minds = minds.cast_column("audio", Audio(sampling_rate=16_000))을 '
                    "실행하세요.",
                )
            )

        def draw(figure: Figure) -> None:
            top, bottom = figure.subplots(2, 1, sharex=True)
            plots.waveform(sound, ax=top)
            plots.log_mel(sound, ax=bottom)

        png, said = _drawn(draw, height=4.6)
        heard = player(sound, transcript=words, intent=name, synthetic=synthetic)._repr_html_()
        return png, say(f"row {number}, {name}: “{words}”; {said}", f"{number}번 행, {name}: “{words}”; {said}"), heard

    list_clips()
    # Before the explorer listens, so that it looks at the new intent's first clip.
    intent.observe(list_clips, names="index")
    return _Explorer([intent, clip], lambda: view(chosen[clip.index]))


def rate_slider(clip: Any, sampling_rate: int | None = None, *, synthetic: bool | None = None) -> ipywidgets.Widget:
    """Lower the sampling rate of a clip, with and without the low-pass, and see and hear what is left of it.

    Parameters
    ----------
    clip : dict or np.ndarray [shape=(n,)], float
        An example's sound, `minds[0]["audio"]`, or an array of samples.
    sampling_rate : int, optional
        In hertz; for an array.
    synthetic : bool, optional
        Whether a machine speaks, `MINDS14.synthetic`; it is said beside the player.

    Returns
    -------
    ipywidgets.Widget
        Show it as a cell's last line: slider, low-pass, spectrogram, player. Prints the sentence of the rate it begins with.

    Raises
    ------
    AudioError
        If the clip is empty, not mono, not float, holds NaN, or its rate is missing.

    Notes
    -----
    The rates are those that whole steps reach (16, 8, 4, 3.2, 2 kHz): without the low-pass, every second, fourth, … sample is
    kept and the others are dropped. Each version is brought back to the clip's own rate, so that pictures and players can be
    compared. Used in lessons 02 and 03.
    """
    y, rate = audio.samples_and_rate(clip, sampling_rate)
    rates = sorted({rate, *(rate // step for step in (2, 4, 5, 8) if rate % step == 0 and rate // step >= 2_000)})
    slider = _Control(
        "slider",
        label=say("Sampling rate", "샘플링 속도"),
        options=[f"{hertz / 1000:g} kHz" for hertz in rates],
        index=len(rates) - 1,
    )
    low_pass = _Control("check", label=say("low-pass filter first", "저역 통과 필터 먼저"), index=1)

    def look() -> tuple[bytes, str, str]:
        lower = rates[slider.index]
        down = audio.resample(y, orig_sr=rate, target_sr=lower) if low_pass.index else y[:: rate // lower]
        left = audio.resample(down, orig_sr=lower, target_sr=rate)
        name = f"{lower / 1000:g} kHz"
        if lower == rate:
            name += say(", as it was", ", 원래대로")
        else:
            name += say(", low-pass", ", 저역 통과") if low_pass.index else say(", samples dropped", ", 샘플을 건너뜀")
        png, said = _drawn(lambda figure: plots.spectrogram(left, rate, ax=figure.subplots(), title=name), height=2.9)
        return png, said, player(left, rate, title=name, synthetic=synthetic)._repr_html_()

    return _Explorer([slider, low_pass], look)


# --- lesson 04 ------------------------------------------------------------------------------------------------------------


def _rate_of(classifier: Any) -> int:
    rate = getattr(getattr(classifier, "feature_extractor", None), "sampling_rate", None)
    if not callable(classifier) or not rate:
        raise CourseError(
            say(
                'This is no audio classifier: pass what pipeline("audio-classification", …) returned.',
                '오디오 분류기가 아니에요. pipeline("audio-classification", …)이 돌려준 것을 넘기세요.',
            )
        )
    return int(rate)


# From what the browser sends, a sound's name, its samples and its rate.
_Sound = Callable[[dict[str, Any], Sequence[Any]], tuple[str, np.ndarray, int]]


class _Heard(_Said):
    """A control that brings a sound, and what a classifier answers to it."""

    def __init__(self, control: _Control, sound: _Sound, classifier: Any, sentence: str) -> None:
        self._rate = _rate_of(classifier)
        self._classifier, self._control, self._sound = classifier, control, sound
        self._result = ipywidgets.HTML()
        self.sentence = control.said = sentence
        super().__init__([control, self._result])
        control.on_msg(self._received)

    def _received(self, control: Any, content: dict[str, Any], buffers: Sequence[Any]) -> None:
        if content["kind"] == "started":  # what was said of the last one is gone
            self._result.value, self._control.said = "", say("recording …", "녹음하는 중 …")
            return
        try:
            name, y, rate = self._sound(content, buffers)
            self._answer(name, y, rate)
        except CourseError as error:
            self._refuse(str(error))
        except Exception as error:  # whatever a model may raise: nobody sees the traceback of a callback
            self._refuse(
                say(
                    f"The classifier failed ({type(error).__name__}: {error}). Pass the same sound to it in a cell to see where.",
                    f"분류기에서 오류가 났어요({type(error).__name__}: {error}). 같은 소리를 셀에서 직접 넣어 보면 어디서 났는지 "
                    "알 수 있어요.",
                )
            )

    def _refuse(self, sentence: str) -> None:
        self.png, self.sentence = b"", sentence
        self._control.said = ""
        self._result.value = _alert(sentence)

    def _answer(self, name: str, y: np.ndarray, rate: int) -> None:
        if len(y) > MOST_SECONDS * rate:
            raise AudioError(
                say(
                    f"{name}: {len(y) / rate:.0f} s; at most {MOST_SECONDS} s are classified here. Cut out the sentence that "
                    "counts.",
                    f"{name}: {len(y) / rate:.0f}초예요. 여기서는 {MOST_SECONDS}초까지만 분류해요. 중요한 문장만 잘라 내세요.",
                )
            )
        y = audio.resample(y, orig_sr=rate, target_sr=self._rate)
        y = audio.validate(y, sampling_rate=self._rate, expected_sampling_rate=self._rate)
        if float(np.abs(y).max()) < audio.SILENT_PEAK:
            raise AudioError(
                say(
                    f"{name}: silent. The model would answer all the same, so it was not asked. Check the microphone that was "
                    "chosen, its volume and its switch, and record again.",
                    f"{name}: 아무 소리도 없어요. 그래도 모델은 답을 내놓을 테니 묻지 않았어요. 고른 마이크와 그 음량, 음소거 "
                    "스위치를 확인하고 다시 녹음하세요.",
                )
            )
        self._control.said = say(f"{name}: classifying …", f"{name}: 분류하는 중 …")
        results = self._classifier(y, top_k=5)
        self.png, said = _drawn(lambda figure: plots.scores(results, ax=figure.subplots()), height=0.6 + 0.36 * len(results))
        best = results[0]
        seconds = len(y) / self._rate
        self.sentence = say(
            f"{name}, {seconds:.1f} s: {best['label']}; {said}",
            f"{name}, {seconds:.1f}초: {best['label']}; {said}",
        )
        self._result.value = (
            player(y, self._rate, title=name)._repr_html_() + f"<p><strong>{html.escape(str(best['label']))}</strong></p>"
        ) + _picture(self.png, said)
        self._control.said = self.sentence


def _uploaded(content: dict[str, Any], buffers: Sequence[Any]) -> tuple[str, np.ndarray, int]:
    name = str(content.get("name", ""))
    if content["kind"] == "too large":
        raise AudioError(
            say(
                f"{name} has {content['size'] / 1e6:.1f} MB; a notebook takes {content['most'] / 1e6:.0f} MB at most. "
                "Cut it, save it as FLAC or MP3, or put it beside the notebook and use its path as above.",
                f"{name}: {content['size'] / 1e6:.1f} MB예요. 노트북으로는 {content['most'] / 1e6:.0f} MB까지만 보낼 수 "
                "있어요. 잘라 내거나 FLAC이나 MP3로 저장하거나, 노트북 옆에 두고 위에서처럼 경로를 쓰세요.",
            )
        )
    if content["kind"] == "unreadable":
        raise AudioError(
            say(
                f"The browser could not read {name} ({content['detail']}). Was it moved or renamed? Choose it again.",
                f"{name}: 브라우저가 읽지 못했어요({content['detail']}). 파일을 옮기거나 이름을 바꿨나요? 다시 고르세요.",
            )
        )
    try:
        y, rate = audio.decode(bytes(buffers[0]))
    except AudioError as error:
        raise AudioError(f"{name}: {error}") from None
    return name, y, rate


def _recorded(content: dict[str, Any], buffers: Sequence[Any]) -> tuple[str, np.ndarray, int]:
    if content["kind"] == "problem":
        raise AudioError(_microphone_problem(content["problem"], str(content.get("detail", ""))))
    return say("recording", "녹음"), np.frombuffer(buffers[0], dtype="<f4").astype(np.float32), round(content["rate"])


def _microphone_problem(problem: str, detail: str) -> str:
    elsewhere = say(
        "Or record elsewhere, for example with a telephone, and upload the file.",
        "아니면 휴대전화처럼 다른 곳에서 녹음해서 파일을 올리세요.",
    )
    sentences = {
        "denied": say(
            "The microphone was denied, and nothing was recorded. Click the sign beside the page's address, allow the microphone "
            "for this page, and press Record again; if it is not asked for there, the system's privacy settings hold it back.",
            "마이크 사용이 거부되어 녹음하지 못했어요. 주소 옆의 아이콘을 누르고 이 페이지에 마이크를 허용한 다음 녹음을 다시 "
            "누르세요. 거기에 항목이 없으면 운영 체제의 개인 정보 설정에서 막은 거예요.",
        ),
        "missing": say(
            "The browser finds no microphone. Plug one in, or switch it on in the system's sound settings, and press Record "
            "again.",
            "브라우저가 마이크를 찾지 못했어요. 마이크를 꽂거나 운영 체제의 소리 설정에서 켠 다음 녹음을 다시 누르세요.",
        ),
        "busy": say(
            "There is a microphone, but it cannot be opened: another program may be using it. Close that one and press "
            "Record again.",
            "마이크는 있지만 열 수 없어요. 다른 프로그램이 쓰고 있을 수 있으니 그 프로그램을 닫고 녹음을 다시 누르세요.",
        ),
        "insecure": say(
            f"Browsers give the microphone only to pages at https:// or on this machine, and this one came from {detail} "
            "without. Open the notebook at http://localhost, or ask for https where it is hosted.",
            f"브라우저는 https:// 페이지나 이 컴퓨터의 페이지에만 마이크를 내줘요. 이 페이지({detail})는 그렇지 않아요. "
            "노트북을 http://localhost 주소로 열거나, 서버 관리자에게 https를 부탁하세요.",
        ),
    }
    fallback = say(f"The browser could not record ({detail}).", f"브라우저가 녹음하지 못했어요({detail}).")
    return f"{sentences.get(problem, fallback)} {elsewhere}"


def upload(classifier: Any) -> ipywidgets.Widget:
    """Choose a sound file and see what a classifier answers: decode, resample, validate, classify, as lesson 04 does by hand.

    Parameters
    ----------
    classifier : transformers.AudioClassificationPipeline
        What `pipeline("audio-classification", model=…)` returned.

    Returns
    -------
    ipywidgets.Widget
        Show it as a cell's last line. A file that cannot be used gets a sentence that says why.

    Raises
    ------
    CourseError
        If `classifier` is no audio classifier.

    Notes
    -----
    WAV, FLAC, Ogg, MP3 and what else libsndfile reads, up to 8 MB and 60 s. Nothing leaves the machine that runs the notebook.
    Used in lesson 04.
    """
    return _Heard(
        _Control("file", label=say("A sound file of yours:", "내 소리 파일:")),
        _uploaded,
        classifier,
        say(
            "Upload a sound file and see the answer (in a running notebook): none chosen yet.",
            "소리 파일을 올리면 답이 나와요(실행 중인 노트북에서). 아직 고르지 않았어요.",
        ),
    )


def microphone(classifier: Any) -> ipywidgets.Widget:
    """Record a sentence with the browser's microphone and see what a classifier answers.

    Parameters
    ----------
    classifier : transformers.AudioClassificationPipeline
        What `pipeline("audio-classification", model=…)` returned.

    Returns
    -------
    ipywidgets.Widget
        Show it as a cell's last line. A microphone that is denied, missing or busy gets a sentence that says what to do.

    Raises
    ------
    CourseError
        If `classifier` is no audio classifier.

    Notes
    -----
    The browser sends the samples as they are (no codec) and is asked for no echo cancellation, noise suppression or gain control,
    which fade the signal. It stops by itself after 15 s, the window of the bundled model. Nothing leaves the machine that runs
    the notebook. Used in lesson 04.
    """
    control = _Control(
        "microphone",
        most_seconds=RECORDED_SECONDS,
        texts={
            "record": say("Record", "녹음"),
            "stop": say("Stop and classify", "멈추고 분류하기"),
            "level": say("loudness", "소리 크기"),
            "seconds": say("{} s", "{}초"),
        },
    )
    return _Heard(
        control,
        _recorded,
        classifier,
        say(
            "Record a sentence and see the answer (in a running notebook): nothing recorded yet.",
            "한 문장을 녹음하면 답이 나와요(실행 중인 노트북에서). 아직 녹음하지 않았어요.",
        ),
    )


# --- lesson 05 ------------------------------------------------------------------------------------------------------------


def threshold_slider(table: Any, *, clips: int = 12, start: float = 0.7) -> ipywidgets.Widget:
    """Move the score from which on the model may answer, and see which calls go to a person.

    Parameters
    ----------
    table : pd.DataFrame
        What `evaluation.predictions` returns.
    clips : int
        How many rows to draw, from the first.
    start : float
        The threshold to begin with, in steps of 0.05.

    Returns
    -------
    ipywidgets.Widget
        Show it as a cell's last line. Prints the sentence of the threshold it begins with.

    Raises
    ------
    CourseError
        If the table is empty or is another.

    Notes
    -----
    Used in lesson 05.
    """
    steps = [step / 20 for step in range(21)]
    slider = _Control(
        "slider",
        label=say("Threshold", "문턱값"),
        options=[f"{step:.2f}" for step in steps],
        index=int(np.abs(np.array(steps) - start).argmin()),
    )

    def look() -> tuple[bytes, str, str]:
        def draw(figure: Figure) -> None:
            plots.threshold(table[:clips], steps[slider.index], ax=figure.subplots())

        return *_drawn(draw, height=0.8 + 0.3 * len(table[:clips])), ""

    return _Explorer([slider], look)
