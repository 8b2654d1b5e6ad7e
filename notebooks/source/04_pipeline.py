# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="en"
# # The pipeline: an array in, a list of scores out
#
# In lesson 00 you called a [pipeline](../../docs/glossary.md#pipeline) and believed it. Here you give it what people give it in
# practice: one clip, many clips, a file, a clip that is broken, a sound that is no call at all. You will see what it answers,
# and what it lets through without a word.
#
# **You will be able to**
# - ask a pipeline about one clip or many, and read the list that comes back;
# - say what a score is, and what it is not;
# - name what the pipeline does not check, and check it yourself;
# - classify a recording of your own.
#
# **Time:** 25 minutes. **You need:** lessons 01 and 02. A recording of your own is welcome, but not needed.

# %% [markdown] lang="ko"
# # 파이프라인: 배열을 넣으면 점수 목록이 나와요
#
# 레슨 00에서는 [파이프라인(pipeline)](../../docs/glossary.md#pipeline)을 한 번 부르고 그 답을 그대로 믿었어요. 이번에는 실제로
# 들어올 만한 것을 두루 넣어 봐요. 클립 하나, 클립 여러 개, 파일, 망가진 클립, 통화가 아닌 소리까지요. 파이프라인이 어떤 답을
# 내놓는지, 무엇을 아무 말 없이 통과시키는지 보게 될 거예요.
#
# **이 레슨을 마치면**
# - 클립 하나든 여러 개든 파이프라인에 묻고, 돌아온 목록을 읽을 수 있어요.
# - 점수가 무엇이고 무엇이 아닌지 말할 수 있어요.
# - 파이프라인이 확인하지 않는 것을 알고, 직접 확인할 수 있어요.
# - 직접 녹음한 소리를 분류할 수 있어요.
#
# **걸리는 시간:** 25분. **필요한 것:** 레슨 01과 02. 직접 녹음한 파일이 있으면 좋지만, 없어도 괜찮아요.

# %% [markdown] lang="en"
# ## Calls, at the rate that the model expects
#
# Loaded as in lesson 01, resampled as in lesson 02.

# %% [markdown] lang="ko"
# ## 통화를 모델에 맞게 준비해요
#
# 레슨 01처럼 불러오고, 레슨 02처럼 리샘플링해요.

# %%
from datasets import load_dataset
from helpers import Audio, sources

MINDS14 = sources.minds14()
MODEL = sources.intent_model()
print(MINDS14.note)
print(MODEL.note)

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio(sampling_rate=16_000))
example = minds[0]

# %% [markdown] lang="en"
# ## How is a pipeline made?
#
# With one line. The first word names the task; `model=` names the [checkpoint](../../docs/glossary.md#checkpoint), that is, a
# model's trained weights with its settings. In the Hugging Face audio course, whose steps these lessons follow, the line reads
#
#     classifier = pipeline("audio-classification", model="anton-l/xtreme_s_xlsr_300m_minds14")
#
# With the Hub as source, that is the name in `MODEL.path`. With the bundled source, it is a folder with a much smaller model
# that knows the same intents.

# %% [markdown] lang="ko"
# ## 파이프라인은 어떻게 만드나요?
#
# 한 줄이면 돼요. 첫 번째 단어는 어떤 과제인지, `model=`은 어떤 [체크포인트(checkpoint)](../../docs/glossary.md#checkpoint)를
# 쓸지 정해요. 체크포인트는 학습을 마친 모델의 가중치와 설정을 함께 담아 둔 거예요. 이 레슨들이 따라가는 Hugging Face 오디오
# 코스에서는 이렇게 써요.
#
#     classifier = pipeline("audio-classification", model="anton-l/xtreme_s_xlsr_300m_minds14")
#
# 소스로 Hub를 골랐다면 `MODEL.path`에 바로 이 이름이 들어 있어요. 코스에 들어 있는 소스라면, 같은 의도를 아는 훨씬 작은 모델의
# 폴더가 들어 있어요.

# %%
from transformers import pipeline

classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)
config = classifier.model.config
labels = [config.id2label[i] for i in range(config.num_labels)]
print(classifier.feature_extractor.sampling_rate, "Hz")
print(len(labels), "labels:", ", ".join(labels))

# %% [markdown] lang="en"
# The pipeline knows the sampling rate that its model was trained with, and the labels that it can answer with. It has no
# others: what is not in this list, it cannot say.
#
# ## What goes in?
#
# The array, as it is. First listen to what the model is about to get.

# %% [markdown] lang="ko"
# 파이프라인은 모델이 학습할 때 쓴 샘플링 속도와, 답할 수 있는 레이블(label)을 알고 있어요. 답은 이 목록 안에서만 나와요. 목록에
# 없는 것은 말할 수 없어요.
#
# ## 무엇을 넣나요?
#
# 배열을 그대로 넣어요. 먼저 모델에게 줄 소리를 들어 보세요.

# %%
from helpers import player

int2str = minds.features["intent_class"].int2str
label = int2str(example["intent_class"])
player(example["audio"], transcript=example["transcription"], intent=label, synthetic=MINDS14.synthetic)

# %%
array = example["audio"]["array"]
print(array.dtype, array.shape)

scores = classifier(array, top_k=5)
for score in scores:
    print(f"{score['score']:.2f}  {score['label']}")

# %% [markdown] lang="en"
# That is all. Turning the array into what the model looks at, running the model, turning its output into scores: the pipeline
# does it. Lesson 06 opens the lid.
#
# ## What comes out?
#
# A list with one dictionary per label, the best first. Ask for all of them and add the scores up.

# %% [markdown] lang="ko"
# 이게 전부예요. 배열을 모델이 볼 수 있는 형태로 바꾸고, 모델을 돌리고, 그 출력을 점수로 바꾸는 일은 파이프라인이 알아서 해요.
# 그 속은 레슨 06에서 열어 볼게요.
#
# ## 무엇이 나오나요?
#
# 레이블마다 딕셔너리가 하나씩 든 리스트이고, 점수가 가장 높은 것이 맨 앞에 와요. 모두 달라고 해서 점수를 더해 볼까요?

# %%
everything = classifier(array, top_k=None)
values = [score["score"] for score in everything]
print("keys:  ", sorted(everything[0]))
print("length:", len(everything))
print("sum:   ", round(sum(values), 2))
print("sorted:", values == sorted(values, reverse=True))

# %% [markdown] lang="en"
# The five best as a picture, with a mark at the true label:

# %% [markdown] lang="ko"
# 가장 높은 다섯 개를 그림으로 볼게요. 실제 레이블에는 표시가 있어요.

# %%
import matplotlib.pyplot as plt
from helpers import plots

plots.scores(everything[:5], truth=label)
plt.show()

# %% [markdown] lang="en"
# ## What is a score?
#
# A share. The model has exactly 1 to give away, and spreads it over its labels: much for a label that suits the sound better
# than the others do. (The formula that makes such shares is called [softmax](../../docs/glossary.md#softmax); lesson 06 does it
# by hand.) So a [score](../../docs/glossary.md#score) compares labels with each other. It is *not* the probability that the
# answer is right: nothing in the pipeline knows how often this model is wrong.
#
# You can watch the model give its 1 away too early. Here it hears only the beginning of the call, then more and more of it.

# %% [markdown] lang="ko"
# ## 점수는 무엇인가요?
#
# 몫이에요. 모델은 딱 1만큼을 가지고 있고, 그것을 레이블들에 나눠 줘요. 다른 레이블보다 소리에 더 어울리는 레이블에는 많이 줘요.
# (이런 몫을 만드는 식을 [소프트맥스(softmax)](../../docs/glossary.md#softmax)라고 하고, 레슨 06에서 직접 계산해요.) 그러니까
# [점수(score)](../../docs/glossary.md#score)는 레이블끼리 견준 값이에요. 답이 맞을 확률이 **아니에요.** 이 모델이 얼마나 자주
# 틀리는지는 파이프라인 안의 어느 것도 몰라요.
#
# 모델이 1을 너무 일찍 나눠 주는 모습도 볼 수 있어요. 통화의 앞부분만 들려주다가, 조금씩 더 들려줘 볼게요.

# %%
for share in (0.25, 0.5, 0.75, 1.0):
    beginning = array[: int(share * len(array))]
    best = classifier(beginning, top_k=1)[0]
    print(f"{len(beginning) / 16_000:4.1f} s  {best['score']:.2f}  {best['label']}")

# %% [markdown] lang="en"
# There is an answer in every row, and nothing in it says that the caller had not finished. Whether a high score can be trusted
# is a question to be measured; lesson 05 does.
#
# ## How many answers do I get?
#
# As many as [`top_k`](../../docs/glossary.md#top-k) says; `None` means all. How many come without it has changed between
# versions of Transformers, so say it in the call.

# %% [markdown] lang="ko"
# 어느 줄에나 답이 있고, 말이 아직 끝나지 않았다는 표시는 어디에도 없어요. 높은 점수를 믿어도 되는지는 재 봐야 알 수 있어요.
# 레슨 05에서 재 볼게요.
#
# ## 답은 몇 개 나오나요?
#
# [`top_k`](../../docs/glossary.md#top-k)에 쓴 만큼 나오고, `None`이면 모두 나와요. 쓰지 않았을 때 나오는 개수는 Transformers
# 버전에 따라 달라졌으니, 부를 때 직접 쓰세요.

# %%
for k in (1, 3, None):
    answer = classifier(array, top_k=k)
    print(f"top_k={k}: {type(answer).__name__}, {len(answer)}, {answer[0]['label']}")

# %% [markdown] lang="en"
# Even with `top_k=1` the answer is a list. Its only element is `[0]`.
#
# ## Can it take several clips?
#
# A list of arrays gives a list of answers, in the same order.

# %% [markdown] lang="ko"
# `top_k=1`이어도 답은 리스트(list)예요. 하나뿐인 원소는 `[0]`으로 꺼내요.
#
# ## 클립 여러 개도 넣을 수 있나요?
#
# 배열의 리스트를 넣으면 답의 리스트가 같은 순서로 나와요.

# %%
few = minds.select(range(4))
answers = classifier([row["audio"]["array"] for row in few], top_k=1)
for answer in answers:
    print(f"{answer[0]['score']:.2f}  {answer[0]['label']}")

# %% [markdown] lang="en"
# A list has to hold every array at once; with hours of calls, that fills the memory. A generator hands over one array at a
# time, and the answers come back one at a time too. `KeyDataset` does this for a column of a data set.

# %% [markdown] lang="ko"
# 리스트에는 모든 배열이 한꺼번에 들어 있어야 해요. 통화가 몇 시간 분량이면 메모리가 가득 차요. 제너레이터(generator)는 배열을
# 하나씩 건네주고, 답도 하나씩 돌아와요. 데이터 세트의 열 하나라면 `KeyDataset`이 같은 일을 해 줘요.

# %%
from transformers.pipelines.pt_utils import KeyDataset

for answer in classifier((row["audio"]["array"] for row in few), top_k=1):
    print(f"{answer[0]['score']:.2f}  {answer[0]['label']}")
print()
for answer in classifier(KeyDataset(few, "audio"), top_k=1):
    print(f"{answer[0]['score']:.2f}  {answer[0]['label']}")

# %% [markdown] lang="en"
# The same answers, three times. None of the ways is faster than the others: inside, one clip goes after the other. Lesson 07 is
# about speed.
#
# ## What about a dictionary, a file, or bytes?
#
# `KeyDataset` just handed over dictionaries such as `example["audio"]`, with the array *and* its sampling rate. A dictionary at
# the model's rate is as good as the array. For anything else the pipeline needs help from outside: torchaudio for a dictionary
# at another rate, the program FFmpeg for files and bytes. The next cell tries a dictionary at each of the two rates, and the
# bytes of the file that the data set stores. What it prints depends on whether your machine has those two.

# %% [markdown] lang="ko"
# 세 번 모두 같은 답이 나왔어요. 어느 방법이 더 빠르지는 않아요. 안에서는 클립을 하나씩 차례로 처리하니까요. 속도는 레슨 07에서
# 다뤄요.
#
# ## 딕셔너리, 파일, 바이트는요?
#
# 방금 `KeyDataset`은 `example["audio"]` 같은 딕셔너리를 건네줬어요. 배열**과** 샘플링 속도가 함께 들어 있는 것이죠. 속도가
# 모델과 같은 딕셔너리는 배열과 똑같이 쓸 수 있어요. 그 밖의 것에는 바깥의 도움이 필요해요. 속도가 다른 딕셔너리에는
# torchaudio가, 파일과 바이트에는 FFmpeg 프로그램이 있어야 해요. 다음 셀에서는 두 가지 속도의 딕셔너리와, 데이터 세트에 저장된
# 파일의 바이트를 넣어 봐요. 결과는 여러분의 컴퓨터에 이 두 가지가 설치되어 있는지에 따라 달라요.

# %% tags=["nbval-ignore-output"] reason="what comes out depends on whether torchaudio and FFmpeg are installed"
at_8_khz = minds.cast_column("audio", Audio(sampling_rate=8_000))[0]["audio"]
stored = minds.cast_column("audio", Audio(decode=False))[0]["audio"]["bytes"]

for name, sound in {"dict, 16 kHz": example["audio"], "dict, 8 kHz": at_8_khz, "bytes": stored}.items():
    try:
        best = classifier(sound, top_k=1)[0]
        print(f"{name:13}{best['score']:.2f}  {best['label']}")
    except Exception as error:
        print(f"{name:13}{type(error).__name__}: {error}")

# %% [markdown] lang="en"
# You need neither. Decode the sound yourself, resample it, and pass the array; this works on every machine.

# %% [markdown] lang="ko"
# 둘 다 없어도 돼요. 소리를 직접 디코딩(decoding)하고 리샘플링해서 배열을 넣으면 돼요. 이 방법은 어느 컴퓨터에서나 통해요.

# %%
from helpers import audio

decoded, rate = audio.decode(stored)
print(len(decoded), "samples,", rate, "Hz")
resampled = audio.resample(decoded, orig_sr=rate, target_sr=16_000)
print(len(resampled), "samples,", 16_000, "Hz")

best = classifier(resampled, top_k=1)[0]
print(f"{best['score']:.2f}  {best['label']}")

# %% [markdown] lang="en"
# ## What does the pipeline not check?
#
# Nearly everything. An array is only numbers: it carries no sampling rate, and nothing says whether it holds a call. The next
# cell passes the array as it should be, and then five that are wrong: one at another rate, an empty one, one too short to hold
# a word, one of whole numbers instead of numbers between -1 and 1, and one with two [channels](../../docs/glossary.md#channel).

# %% [markdown] lang="ko"
# ## 파이프라인이 확인하지 않는 것은 무엇인가요?
#
# 거의 다요. 배열은 숫자일 뿐이에요. 샘플링 속도도, 통화가 들어 있는지도 적혀 있지 않아요. 다음 셀에서는 제대로 된 배열을 먼저
# 넣고, 이어서 잘못된 배열 다섯 개를 넣어요. 속도가 다른 배열, 빈 배열, 단어 하나 담기에도 짧은 배열, -1과 1 사이의 수가 아니라
# 정수가 든 배열, [채널(channel)](../../docs/glossary.md#channel)이 두 개인 배열이에요.

# %%
import numpy as np

wrong = {
    "8 kHz": at_8_khz["array"],
    "empty": array[:0],
    "50 ms": array[16_000:16_800],
    "int16": (array * 32_767).astype("int16"),
    "stereo": np.stack([array, array]),
}

for name, sound in {"as it is": array, **wrong}.items():
    try:
        best = classifier(sound, top_k=1)[0]
        print(f"{name:10}{best['score']:.2f}  {best['label']}")
    except Exception as error:
        print(f"{name:10}{type(error).__name__}: {error}")

# %% [markdown] lang="en"
# Only a line with an error tells you that something is wrong. Every other line looks just like the first one: a label and a
# score. (Which lines are errors depends on the model: this pipeline itself objects to nothing but the channels.)
#
# One damaged sample is worse. Here a single value of the call is not a number (NaN), as zero divided by zero is.

# %% [markdown] lang="ko"
# 무언가 잘못됐다고 알려 주는 것은 오류가 난 줄뿐이에요. 나머지 줄은 첫 줄과 똑같이 생겼어요. 레이블이 있고 점수가 있죠. (어느
# 줄이 오류가 되는지는 모델에 따라 달라요. 파이프라인이 스스로 문제 삼는 것은 채널 수뿐이에요.)
#
# 샘플 하나가 망가지면 더 심해요. 통화의 값 가운데 딱 하나를 숫자가 아닌 값(NaN, not a number)으로 바꿔 볼게요. 0을 0으로 나누면
# 이런 값이 나와요.

# %%
broken = array.copy()
broken[1_000] = np.nan
print([score["score"] for score in classifier(broken, top_k=3)])

# %% [markdown] lang="en"
# Every score is NaN, each with its label beside it, and there was no warning.
#
# ## What can I do about it?
#
# Look before you ask. `audio.validate` hands a good array back, and raises an error that says what to do about a bad one.

# %% [markdown] lang="ko"
# 점수가 모두 NaN이 됐어요. 그런데도 레이블은 옆에 그대로 있고, 경고도 없었어요.
#
# ## 그럼 어떻게 하나요?
#
# 묻기 전에 살펴보세요. `audio.validate`는 배열이 멀쩡하면 그대로 돌려주고, 문제가 있으면 어떻게 고치면 되는지 오류로 알려 줘요.

# %%
for name, sound in {**wrong, "NaN": broken}.items():
    try:
        audio.validate(sound, sampling_rate=8_000 if name == "8 kHz" else 16_000, expected_sampling_rate=16_000)
    except audio.AudioError as error:
        print(f"{name}: {error}")

# %% [markdown] lang="en"
# Six arrays, six reasons. The wrong rate is found only because the rate was passed along: from the array alone nobody could
# tell.
#
# ## What if nobody is calling?
#
# Silence, noise and speech backwards are healthy arrays. `validate` lets them through, and so does the pipeline. Listen to the
# third one first.

# %% [markdown] lang="ko"
# 배열 여섯 개에 이유도 여섯 가지예요. 속도가 다르다는 것은 속도를 함께 넘겼기 때문에 알 수 있었어요. 배열만 봐서는 아무도
# 몰라요.
#
# ## 통화가 아니라면요?
#
# 무음, 잡음, 거꾸로 튼 말소리도 배열로는 멀쩡해요. `validate`도 통과시키고 파이프라인도 통과시켜요. 세 번째 소리를 먼저 들어
# 보세요.

# %%
backwards = array[::-1].copy()
player(backwards, 16_000, title="array[::-1]", synthetic=MINDS14.synthetic)

# %%
no_calls = {
    "silence": np.zeros(3 * 16_000, dtype="float32"),
    "noise": np.random.default_rng(0).normal(0, 0.1, 3 * 16_000).astype("float32"),
    "backwards": backwards,
}

fig, axes = plt.subplots(3, 1, figsize=(8, 5), layout="constrained", sharex=True)
for ax, (name, sound) in zip(axes, no_calls.items(), strict=True):
    checked = audio.validate(sound, sampling_rate=16_000, expected_sampling_rate=16_000)
    everything = classifier(checked, top_k=None)
    print(f"{len(everything)} scores, sum {sum(score['score'] for score in everything):.2f}")
    plots.scores(everything[:3], ax=ax, title=name)
    ax.label_outer()
plt.show()

# %% [markdown] lang="en"
# Three sounds in which nobody asks for anything, and each gets an intent, with all the scores that a call gets. There is no
# label for "none of these", so the 1 goes to the intents whatever is heard. A caller who asks about the weather would get one
# of the intents too.
#
# ## How do I classify my own recording?
#
# Put the path of a sound file of yours between quotation marks in the next cell, for example `"my_recording.wav"`; speak a
# sentence that a bank would understand. In JupyterLab, drag the file into the list of files on the left, beside this lesson.
# WAV, FLAC, Ogg and MP3 work; the .m4a of many phones does not: save it as one of these first. As long as it says `None`, the
# cell after it writes a call of the data set to a file, at the rate and with the two channels that many recorders use.

# %% [markdown] lang="ko"
# 아무도 무언가를 부탁하지 않는 소리 세 개인데, 저마다 의도가 하나씩 나왔어요. 점수도 통화일 때와 똑같은 개수예요. "해당
# 없음"이라는 레이블이 없으니, 무슨 소리를 듣든 1을 의도들에 다 나눠 주는 거예요. 날씨를 묻는 전화를 받아도 이 의도들 가운데
# 하나가 나올 거예요.
#
# ## 내 녹음은 어떻게 분류하나요?
#
# 다음 셀에 여러분의 소리 파일 경로를 `"my_recording.wav"`처럼 따옴표로 감싸서 넣으세요. 은행에 전화하듯이 한 문장을 말해서
# 녹음하면 돼요. JupyterLab에서는 왼쪽 파일 목록으로, 이 레슨이 있는 곳에 파일을 끌어다 놓으세요. WAV, FLAC, Ogg, MP3는 읽을 수
# 있지만 휴대전화에서 흔한 .m4a는 읽을 수 없으니, 먼저 이 가운데 하나로 저장하세요. `None`으로 두면 그다음 셀이 데이터 세트의
# 통화 하나를 파일로 만들어요. 녹음기에서 흔히 쓰는 속도와 두 채널로요.

# %%
my_recording = None

# %%
import tempfile
from pathlib import Path

import soundfile

if my_recording is None:
    folder = tempfile.TemporaryDirectory()
    my_recording = Path(folder.name) / "my_recording.wav"
    louder = audio.resample(array, orig_sr=16_000, target_sr=44_100)
    soundfile.write(my_recording, np.stack([louder, louder], axis=1), 44_100)

found = audio.inspect(my_recording)
print(found.format, f"{found.sampling_rate} Hz, {found.channels} channels, {found.duration:.1f} s, silent: {found.silent}")

# %% [markdown] lang="en"
# Then the four steps, in the order that works for every recording: decode (this also mixes the channels down to one), resample,
# validate, classify.

# %% [markdown] lang="ko"
# 이제 네 단계예요. 디코딩(여러 채널은 이때 하나로 섞여요), 리샘플링, 확인, 분류. 어떤 녹음이든 이 순서면 돼요.

# %%
mine, rate = audio.decode(my_recording)
mine = audio.resample(mine, orig_sr=rate, target_sr=16_000)
mine = audio.validate(mine, sampling_rate=16_000, expected_sampling_rate=classifier.feature_extractor.sampling_rate)
plots.scores(classifier(mine, top_k=5))
plt.show()

# %% [markdown] lang="en"
# If the file was yours: was it your intent? If not, think of what this model has heard in training, and what your recording has
# that those calls did not. `course doctor my_recording.wav` in a terminal tells you more about the file itself.
#
# ## And without typing a path?
#
# The same four steps behind a button. Choose a file, and the scores appear. The classifier is the one that you made above; the
# control only brings it an array. A file that cannot be used gets the sentence that you know from `audio.validate`.

# %% [markdown] lang="ko"
# 여러분의 파일이었다면, 의도가 맞게 나왔나요? 아니라면 이 모델이 학습할 때 어떤 소리를 들었을지, 여러분의 녹음은 그 통화들과
# 무엇이 다른지 생각해 보세요. 터미널에서 `course doctor my_recording.wav`를 실행하면 파일에 대해 더 알려 줘요.
#
# ## 경로를 쓰지 않고도 되나요?
#
# 같은 네 단계를 버튼 하나에 담았어요. 파일을 고르면 점수가 나와요. 분류기는 여러분이 위에서 만든 바로 그것이고, 이 도구는
# 배열을 가져다줄 뿐이에요. 쓸 수 없는 파일이면 `audio.validate`에서 본 것과 같은 안내 문장이 나와요.

# %%
from helpers import widgets

widgets.upload(classifier)

# %% [markdown] lang="en"
# Or simply speak. Press Record, say what you would say to your bank, and press again. The first time, the browser asks whether
# this page may use the microphone. What you say goes to the notebook and nowhere else.

# %% [markdown] lang="ko"
# 그냥 말해도 돼요. 녹음 버튼을 누르고, 은행에 전화하듯이 말한 다음, 다시 누르세요. 처음에는 이 페이지가 마이크를 써도 되는지
# 브라우저가 물어봐요. 녹음한 소리는 노트북으로만 가고 다른 곳으로는 가지 않아요.

# %%
widgets.microphone(classifier)

# %% [markdown] lang="en"
# Try a sentence that has nothing to do with a bank, or only cough: there will be an intent for that too.
#
# ## What you did
#
# - `pipeline("audio-classification", model=…)` takes an array at the model's rate and returns a list of labels and scores,
#   `top_k` of them.
# - The scores add up to 1. They compare the labels with each other; they are not the probability of being right.
# - Lists, generators and data sets work too, one clip after the other.
# - The pipeline notices neither a wrong rate nor NaN, nor that nobody spoke. `audio.validate` finds the broken ones; silence
#   you must look for.
# - Decode, resample, validate, classify: this way any recording goes in, without FFmpeg.

# %% [markdown] lang="ko"
# 은행과 아무 상관 없는 말을 하거나 기침만 해 보세요. 거기에도 의도 하나가 답으로 나올 거예요.
#
# ## 오늘 한 일
#
# - `pipeline("audio-classification", model=…)`은 모델의 속도에 맞춘 배열을 받아, 레이블과 점수의 목록을 `top_k`개 돌려줘요.
# - 점수를 모두 더하면 1이에요. 점수는 레이블끼리 견준 값이지, 맞을 확률이 아니에요.
# - 리스트, 제너레이터, 데이터 세트도 넣을 수 있고, 클립은 하나씩 차례로 처리돼요.
# - 파이프라인은 속도가 틀려도, NaN이 있어도, 말하는 사람이 없어도 몰라요. 망가진 배열은 `audio.validate`가 찾아 주지만, 무음은
#   직접 살펴야 해요.
# - 디코딩, 리샘플링, 확인, 분류. 이 순서면 FFmpeg 없이도 어떤 녹음이든 넣을 수 있어요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_04

levels = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
noise = np.random.default_rng(4).normal(size=len(array)).astype("float32")
stereo = np.stack([array, array / 2], axis=1)  # left and right, as soundfile reads them

q1 = lesson_04.ShapeOfAnswer(clips=3, top_k=2)
q2 = lesson_04.LabelInNoise(array, noise, levels, classifier)
q3 = lesson_04.LeftChannel(stereo)

# %% [markdown] lang="en"
# **1. Predict.** `answers` comes from a list of three arrays, with `top_k=2`. How long will it be, and how long `answers[0]`? Write
# both numbers in a list.

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 배열 세 개가 든 리스트를 `top_k=2`로 물어서 `answers`를 받아요. `answers`와 `answers[0]`의 길이는 얼마일까요? 두 숫자를
# 리스트에 차례로 쓰세요.

# %%
### BEGIN SOLUTION
# A list for each clip, and in it a dictionary for each label that was asked for.
lengths = [3, 2]
### END SOLUTION

# %%
q1.check(lengths)

# %% [markdown] lang="en"
# Decided? Then run this cell. Without an answer it keeps quiet.

# %% [markdown] lang="ko"
# 정했나요? 그럼 다음 셀을 실행하세요. 답이 없으면 조용히 있어요.

# %%
answers = classifier([row["audio"]["array"] for row in minds.select(range(3))], top_k=2)
if q1.answered:
    print(len(answers), len(answers[0]))

# %% [markdown] lang="en"
# **2. Compute.** How much noise does an answer bear? Mix `level * noise` into `array`, for each of the seven `levels`. At how many of
# them is the best label still the one that the call gets without noise? Turn the volume down, listen to the loudest level, and guess.

# %% [markdown] lang="ko"
# **2. 계산해 보세요.** 답은 잡음을 얼마나 견딜까요? `levels`의 일곱 가지 세기마다 `level * noise`를 `array`에 섞으세요. 첫 번째
# 레이블이 잡음이 없을 때와 같은 것은 몇 번인가요? 볼륨을 줄이고 가장 센 잡음을 들어 본 다음 짐작해 보세요.

# %%
player(array + levels[-1] * noise, 16_000, title=f"noise at {levels[-1]}", synthetic=MINDS14.synthetic)

# %%
### BEGIN SOLUTION
clean = classifier(array, top_k=1)[0]["label"]
# A new array for each level; `array += ...` would let the noise pile up.
noisy_labels = [classifier(array + level * noise, top_k=1)[0]["label"] for level in levels]
kept = sum(label == clean for label in noisy_labels)
### END SOLUTION

# %%
q2.check(kept)

# %% [markdown] lang="en"
# **3. Find the bug.** A recording with two channels, and the model is to hear the left one. It answers. What did it hear?

# %% [markdown] lang="ko"
# **3. 버그를 찾아보세요.** 채널이 두 개인 녹음에서 왼쪽 채널만 모델에게 들려주려고 해요. 답은 나와요. 모델은 무엇을 들었을까요?

# %% tags=["nbval-ignore-output"] reason="what a model says to two samples, or whether it raises, differs from model to model"
heard = stereo[0]
try:
    print(classifier(heard, top_k=1)[0]["label"])
except Exception as error:
    print(type(error).__name__)

# %% [markdown] lang="en"
# Give the left channel.

# %% [markdown] lang="ko"
# 왼쪽 채널을 답으로 쓰세요.

# %%
### BEGIN SOLUTION
# A row is a moment; the channels are the columns.
left = stereo[:, 0]
### END SOLUTION

# %%
q3.check(left)

# %% [markdown] lang="en"
# And without a check: which sound that is no call gets the highest score you can find?

# %% [markdown] lang="ko"
# 정답이 없는 문제도 하나 있어요. 통화가 아닌 소리 가운데 점수가 가장 높게 나오는 것은 무엇인가요?
