"""A player is an audio element with its words, a sentence where HTML is not shown, small, and comparable by nbval."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pytest
import soundfile
from IPython.core.formatters import DisplayFormatter

from helpers import player, players
from helpers.errors import AudioError

SANITIZE = Path(__file__).parent / "nbval_sanitize.cfg"


class Elements(HTMLParser):
    """The elements of a piece of HTML with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found[tag] = dict(attrs)

    def handle_data(self, data):
        self.text += data


def heard(html: str) -> tuple[np.ndarray, int]:
    source = Elements(html).found["audio"]["src"]
    return soundfile.read(io.BytesIO(base64.b64decode(source.removeprefix("data:audio/mpeg;base64,"))), dtype="float32")


def test_player_shows_audio_and_says_its_sentence(clip):
    shown = player(clip, transcript="I'd like to pay", intent="pay_bill", synthetic=True)
    sentence = "clip, 2.0 s, pay_bill, synthetic speech: “I'd like to pay”"
    assert repr(shown) == sentence
    page = Elements(shown._repr_html_())
    assert page.text == sentence
    assert list(page.found) == ["figure", "audio", "figcaption"]
    assert page.found["audio"]["aria-label"] == sentence
    assert "controls" in page.found["audio"]
    bundle, _ = DisplayFormatter().format(shown)
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == sentence


def test_player_says_genuine_nothing_or_a_title(clip):
    assert repr(player(clip, synthetic=False)) == "clip, 2.0 s, genuine speech"
    assert repr(player(clip)) == "clip, 2.0 s"
    assert repr(player(clip["array"], 8_000, title="16 kHz played as 8 kHz")) == "16 kHz played as 8 kHz, 4.0 s"


@pytest.mark.usefixtures("korean")
def test_player_speaks_korean(clip):
    shown = player(clip, transcript="요금을 내고 싶어요", intent="pay_bill", synthetic=True)
    assert repr(shown) == "클립, 2.0초, pay_bill, 합성 음성: “요금을 내고 싶어요”"
    assert Elements(shown._repr_html_()).found["figure"]["lang"] == "ko"


def test_words_cannot_break_out_of_the_html(clip):
    evil = "\"><script>alert('x')</script> & <b>"
    shown = player(clip, transcript=evil, intent=evil, title=evil)._repr_html_()
    page = Elements(shown)
    assert list(page.found) == ["figure", "audio", "figcaption"]
    assert page.found["audio"]["aria-label"] == page.text
    assert page.text.count(evil) == 3


@pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 12_345, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_what_is_heard_is_the_clip(rate):
    seconds = np.arange(rate) / rate
    y = (0.5 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)
    sound, playable = heard(player(y, rate)._repr_html_())
    assert playable in players._MP3_RATES
    assert len(sound) / playable == pytest.approx(1.0, abs=0.001)
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * playable / len(sound) == pytest.approx(440, abs=2)
    assert np.abs(sound[2_000:-2_000]).max() == pytest.approx(0.5, abs=0.06)


def test_samples_above_full_scale_are_clipped_not_wrapped():
    sound, _ = heard(player(np.full(16_000, 1.7, np.float32), 16_000)._repr_html_())
    assert sound[4_000:12_000].min() > 0.8


def test_fifteen_players_of_six_seconds_stay_far_below_a_notebooks_limit():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.1, 6 * 16_000).astype(np.float32)  # speech takes about half of what noise takes
    size = len(json.dumps({"text/html": player(noise, 16_000)._repr_html_()}))
    assert 15 * size < 1_000_000


@pytest.mark.parametrize("bad", [np.zeros(0, np.float32), np.zeros((2, 800), np.float32), np.zeros(800, np.int16), "clip.wav"])
def test_what_cannot_be_played_says_so(bad):
    with pytest.raises(AudioError):
        player(bad, 16_000)
    with pytest.raises(AudioError, match="sampling rate is missing"):
        player(np.zeros(800, np.float32))


def test_the_same_clip_gives_the_same_bytes_in_another_process(clip):
    here = player(clip)._repr_html_()
    code = (
        "import numpy as np; from helpers import player; s = np.arange(32_000) / 16_000; "
        "y = (0.5 * np.sin(2 * np.pi * 440 * s) * ((s >= 0.4) & (s < 1.4))).astype(np.float32); "
        "print(player(y, 16_000)._repr_html_())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    assert done.stdout.strip() == here


def test_sanitizing_takes_out_the_bytes_and_nothing_else(clip):
    text = SANITIZE.read_text(encoding="utf-8")
    (pair,) = re.findall("^regex: (.*)$\n^replace: (.*)$", text, flags=re.MULTILINE)  # as nbval reads it
    assert pair[0] == players.MP3_IN_HTML
    shown = player(clip, transcript="hello")
    other = players.Player(b"\xff\xfb other bytes", shown.caption, shown.lang)
    assert re.sub(*pair, shown._repr_html_()) == re.sub(*pair, other._repr_html_())
    changed = players.Player(shown.mp3, "clip, 2.1 s", shown.lang)
    assert re.sub(*pair, shown._repr_html_()) != re.sub(*pair, changed._repr_html_())


def test_nbval_compares_players_by_their_words(tmp_path):
    """A cell with a player passes although its MP3 came from another encoder, and fails when its sentence changed."""
    source = "import numpy as np\nfrom helpers import player\nplayer(np.zeros(8_000, np.float32), 8_000, intent='pay_bill')"
    shown = player(np.zeros(8_000, np.float32), 8_000, intent="pay_bill")
    cells = []
    for count, caption in enumerate((shown.caption, "clip, 1.1 s, pay_bill"), start=1):
        other = players.Player(b"\xff\xfb from another encoder", caption, "en")
        data = {"text/html": other._repr_html_(), "text/plain": caption}
        output = nbformat.v4.new_output("execute_result", data=data, execution_count=count)
        cells.append(nbformat.v4.new_code_cell(source, execution_count=count, outputs=[output]))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "players.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]
    command += ["--nbval-sanitize-with", str(SANITIZE), "--nbval-kernel-startup-timeout", "300", "players.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "COURSE_LANG": "en"})
    assert done.stdout.startswith(".F")
    assert "mismatch 'text/html'" in done.stdout
