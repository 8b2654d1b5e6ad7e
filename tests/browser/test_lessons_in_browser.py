"""Lessons 03 and 04 where people click them: JupyterLab in Chromium, run by its menu, moved, uploaded to and spoken to.

Screenshots and the addresses that the pages asked for are kept in build/browser/.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import soundfile

from chromium import PICTURES, Browser, Lab, Notebook, Spoken
from helpers import plots

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install -e .[test])")
expect = playwright.expect
expect.set_options(timeout=30_000)

LOUD = "() => [...document.querySelectorAll('meter')].some((meter) => meter.value > 0.02)"


def run(lesson: str, lab: Lab, browser: Browser) -> Iterator[dict[str, Notebook]]:
    """Both editions of a lesson, run side by side; their kernels end with the tests of that lesson."""
    notebooks = {edition: Notebook(lab, browser, lesson, edition) for edition in ("en", "ko")}
    for notebook in notebooks.values():
        notebook.wait()
    yield notebooks
    for notebook in notebooks.values():
        notebook.close()


@pytest.fixture(scope="class")
def lessons_03(lab: Lab, browser: Browser) -> Iterator[dict[str, Notebook]]:
    yield from run("03_see_the_waveform", lab, browser)


@pytest.fixture(scope="class")
def lessons_04(lab: Lab, browser: Browser) -> Iterator[dict[str, Notebook]]:
    yield from run("04_pipeline", lab, browser)


@pytest.fixture(params=["en", "ko"])
def lesson_03(request: pytest.FixtureRequest, lessons_03: dict[str, Notebook]) -> Notebook:
    return lessons_03[request.param]


@pytest.fixture(params=["en", "ko"])
def lesson_04(request: pytest.FixtureRequest, lessons_04: dict[str, Notebook]) -> Notebook:
    return lessons_04[request.param]


def changed(image: Any, before: str, says: str) -> str:
    """Wait until a picture's text alternative says something and its data is another; returns the new data."""
    expect(image).to_have_attribute("alt", re.compile(re.escape(says)))
    after = image.get_attribute("src")
    assert after.startswith("data:image/png;base64,")
    assert after != before
    return after


class TestLesson03:
    def test_run_all_ends_without_an_error(self, lesson_03):
        lesson_03.page.screenshot(path=str(PICTURES / f"{lesson_03.name}-run-all.png"))
        assert lesson_03.errors() == []

    def test_slider_changes_the_picture_by_keyboard(self, lesson_03):
        call = "widgets.rate_slider"
        shown = lesson_03.output(call)
        slider = shown.get_by_role("slider", name=lesson_03.say("Sampling rate", "샘플링 속도"))
        image = shown.locator("img")
        status = shown.get_by_role("status").last  # each control has one, the last of them speaks
        assert slider.get_attribute("aria-valuetext") == "16 kHz"
        first = image.get_attribute("src")
        assert image.get_attribute("alt") == status.text_content()
        slider.press("ArrowLeft")
        second = changed(image, first, lesson_03.say("8 kHz, low-pass", "8 kHz, 저역 통과"))
        slider.press("ArrowLeft")
        third = changed(image, second, lesson_03.say("4 kHz, low-pass", "4 kHz, 저역 통과"))
        heard = shown.locator("audio").get_attribute("src")
        shown.get_by_role("checkbox", name=lesson_03.say("low-pass filter first", "저역 통과 필터 먼저")).press("Space")
        changed(image, third, lesson_03.say("4 kHz, samples dropped", "4 kHz, 샘플을 건너뜀"))
        assert shown.locator("audio").get_attribute("src") != heard
        assert slider.get_attribute("aria-valuetext") == "4 kHz"
        assert image.get_attribute("alt") == status.text_content()
        lesson_03.picture(call, "rate-slider")

    def test_explorer_shows_a_clip_of_the_intent(self, lesson_03):
        call = "widgets.clip_explorer"
        shown = lesson_03.output(call)
        image = shown.locator("img")
        before = image.get_attribute("src")
        shown.get_by_role("combobox", name=lesson_03.say("Intent", "의도")).select_option("freeze")
        first = changed(image, before, ", freeze: “")
        clip = shown.get_by_role("slider", name=lesson_03.say("Clip", "클립"))
        rows = image.get_attribute("alt").split(",")[0]
        clip.press("ArrowRight")
        expect(image).not_to_have_attribute("src", first)
        assert ", freeze: “" in image.get_attribute("alt")
        assert image.get_attribute("alt").split(",")[0] != rows
        lesson_03.picture(call, "explorer")

    def test_hangul_is_drawn_and_no_boxes(self, lesson_03):
        if not plots.cjk_font():
            pytest.skip("no font with Hangul on this machine (Debian, Ubuntu: apt install fonts-noto-cjk)")
        # A missing glyph is the same box for every letter, and no letter at all leaves nothing. The English page links to 한국어.
        letters = "한글파형슬"
        drawn = lesson_03.page.evaluate(
            """(letters) => {
                const font = getComputedStyle(document.querySelector('.jp-MarkdownOutput h2')).fontFamily;
                const draw = (letter) => {
                    const canvas = Object.assign(document.createElement('canvas'), {width: 60, height: 60});
                    const at = canvas.getContext('2d');
                    at.font = `40px ${font}`;
                    at.fillText(letter, 5, 45);
                    return [...at.getImageData(0, 0, 60, 60).data].map((value) => value > 127 ? 1 : 0).join('');
                };
                return [...letters, '\\u{F8FF0}'].map(draw);
            }""",
            letters,
        )
        assert len(set(drawn)) == len(letters) + 1
        assert all("1" in picture for picture in drawn[:-1])


class TestLesson04:
    def test_upload_is_classified_and_what_is_no_sound_gets_a_sentence(self, lesson_04, spoken: Spoken):
        assert lesson_04.errors() == []
        call = "widgets.upload(classifier)"
        shown = lesson_04.output(call)
        file = shown.get_by_label(lesson_04.say("A sound file of yours:", "내 소리 파일:"))
        file.set_input_files({"name": "letter.wav", "mimeType": "audio/wav", "buffer": b"Dear bank, my card is gone."})
        alert = shown.get_by_role("alert")
        expect(alert).to_contain_text("letter.wav")
        expect(alert).to_contain_text(lesson_04.say("it is text, not sound", "소리가 아니라 텍스트예요"))
        file.set_input_files({"name": "long.wav", "mimeType": "audio/wav", "buffer": bytes(9_000_000)})
        expect(alert).to_contain_text("long.wav")
        expect(alert).to_contain_text("9.0 MB")
        assert soundfile.info(io.BytesIO(spoken.stored)).subtype == "ULAW"
        file.set_input_files({"name": "call.wav", "mimeType": "audio/wav", "buffer": spoken.stored})
        expect(shown.locator("strong")).to_have_text(spoken.label)
        expect(shown.get_by_role("status")).to_contain_text(f": {spoken.label};")
        assert shown.locator("img").get_attribute("alt").startswith(lesson_04.say("scores: ", "점수: ") + spoken.label)
        assert alert.count() == 0
        lesson_04.picture(call, "upload")

    def test_microphone_that_is_denied_or_missing_says_what_to_do(self, lesson_04):
        call = "widgets.microphone(classifier)"
        shown, page = lesson_04.output(call), lesson_04.page
        page.context.grant_permissions([], origin=lesson_04.lab.address)  # Chromium then denies all that is not listed
        record = shown.get_by_role("button", name=lesson_04.say("Record", "녹음"))
        record.press("Enter")
        alert = shown.get_by_role("alert")
        expect(alert).to_contain_text(lesson_04.say("The microphone was denied", "마이크 사용이 거부되어"))
        lesson_04.picture(call, "microphone-denied")
        page.evaluate(
            """() => {
                const devices = navigator.mediaDevices;
                devices.kept = devices.getUserMedia;
                devices.getUserMedia = async () => { throw new DOMException('Requested device not found', 'NotFoundError'); };
            }"""
        )
        record.press("Enter")
        expect(alert).to_contain_text(lesson_04.say("The browser finds no microphone", "브라우저가 마이크를 찾지 못했어요"))
        page.evaluate("() => { delete navigator.mediaDevices.getUserMedia; }")
        page.evaluate("() => Object.defineProperty(window, 'isSecureContext', {value: false, configurable: true})")
        record.press("Enter")
        expect(alert).to_contain_text("https://")
        page.evaluate("() => Object.defineProperty(window, 'isSecureContext', {value: true, configurable: true})")

    def test_recording_gets_the_label_of_the_call_that_was_played(self, lesson_04, spoken: Spoken):
        call = "widgets.microphone(classifier)"
        shown, page = lesson_04.output(call), lesson_04.page
        page.context.grant_permissions(["microphone"], origin=lesson_04.lab.address)
        shown.get_by_role("button", name=lesson_04.say("Record", "녹음")).click()
        stop = shown.get_by_role("button", name=lesson_04.say("Stop and classify", "멈추고 분류하기"))
        page.wait_for_function(LOUD)  # the meter moves: the call is heard
        lesson_04.picture(call, "microphone-recording")
        page.wait_for_timeout(1000 * (soundfile.info(io.BytesIO(spoken.stored)).duration + 0.5))
        stop.click()
        expect(shown.locator("strong")).to_have_text(spoken.label)
        said = shown.get_by_role("status").text_content()
        print(f"{lesson_04.name}: played {spoken.label}, heard: {said}")
        assert lesson_04.say("recording", "녹음") in said
        assert shown.get_by_role("alert").count() == 0
        lesson_04.picture(call, "microphone")
        page.screenshot(path=str(PICTURES / f"{lesson_04.name}-page.png"))


def test_no_page_asked_for_anything_elsewhere(browser):
    (PICTURES / "requests.txt").write_text("\n".join(sorted(browser.asked)) + "\n", encoding="utf-8")
    assert len(browser.asked) > 50
    assert browser.hosts() == {"127.0.0.1"}
