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
# # Resample: so many numbers a second
#
# Sound is stored as a row of numbers, so many of them a second. Telephone calls have fewer than the model expects. In this
# lesson you put that right with one line, and find out what happens to the ear, and to the prediction, when somebody forgets
# the line.
#
# **You will be able to**
# - say what a sampling rate is, and why models for speech expect 16 kHz;
# - give every clip the rate that a model expects;
# - hear and see what a wrong rate does, and what goes wrong when samples are simply left out;
# - say what resampling cannot do.
#
# **Time:** 25 minutes. **You need:** [lesson 01](01_load_minds14.ipynb), or some patience with `load_dataset`. Headphones
# help.

# %% [markdown] lang="ko"
# # 리샘플링: 1초에 숫자 몇 개
#
# 소리는 1초에 몇 개씩 이어지는 숫자로 저장돼요. 전화 통화는 그 개수가 모델이 기대하는 것보다 적어요. 이 레슨에서는 그것을 한
# 줄로 맞추고, 그 한 줄을 잊으면 귀에는 어떻게 들리고 예측은 어떻게 달라지는지 알아봐요.
#
# **이 레슨을 마치면**
# - 샘플링 속도가 무엇인지, 음성 모델이 왜 16 kHz를 기대하는지 말할 수 있어요.
# - 모든 클립을 모델이 기대하는 샘플링 속도로 맞출 수 있어요.
# - 속도가 틀리면 어떻게 되는지, 샘플을 그냥 솎아 내면 무엇이 잘못되는지 듣고 볼 수 있어요.
# - 리샘플링으로도 할 수 없는 일이 무엇인지 말할 수 있어요.
#
# **걸리는 시간:** 25분. **필요한 것:** [레슨 01](01_load_minds14.ipynb), 아니면 `load_dataset`을 처음 봐도 놀라지 않는
# 마음이면 돼요. 헤드폰이 있으면 더 좋아요.

# %% [markdown] lang="en"
# ## How many numbers make a second?

# %% [markdown] lang="ko"
# ## 1초에 숫자가 몇 개일까요?

# %%
from datasets import load_dataset

from helpers import Audio, sources

MINDS14 = sources.minds14()
MODEL = sources.intent_model()
print(MINDS14.note)
print(MODEL.note)

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio())
intents = minds.features["intent_class"]
call = minds[0]["audio"]

samples = len(call["array"])
rate = call["sampling_rate"]
print(f"{samples} samples, {rate} a second: {samples / rate:.2f} s")

# %% [markdown] lang="en"
# Each number is a [sample](../../docs/glossary.md#sample): the air pressure at one instant. How many are taken in a second is
# the [sampling rate](../../docs/glossary.md#sampling-rate), in [hertz](../../docs/glossary.md#hertz) (Hz). The telephone
# takes 8,000, and has done so since long before anybody owned a mobile one.
#
# ## What fits into so few numbers?
#
# A tone is a wave that repeats; how often it repeats in a second is its [frequency](../../docs/glossary.md#frequency). Let us
# take two tones, one with a frequency a little below half the sampling rate and one a little above, and look at their
# samples.

# %% [markdown] lang="ko"
# 숫자 하나하나가 [샘플(sample)](../../docs/glossary.md#sample)이에요. 한순간의 공기 압력을 잰 값이죠. 1초에 샘플을 몇 개
# 재는지가 [샘플링 속도(sampling rate)](../../docs/glossary.md#sampling-rate)이고, 단위는
# [헤르츠(hertz, Hz)](../../docs/glossary.md#hertz)예요. 전화는 8,000개를 재요. 휴대전화가 나오기 훨씬 전부터 그랬어요.
#
# ## 이렇게 적은 숫자에 무엇이 담길까요?
#
# 음은 되풀이되는 파동이에요. 1초에 몇 번 되풀이되는지가 [주파수(frequency)](../../docs/glossary.md#frequency)예요. 음을 두 개
# 만들어 봐요. 하나는 샘플링 속도의 절반보다 조금 낮은 주파수, 하나는 조금 높은 주파수예요. 샘플이 어떻게 다를까요?

# %%
import numpy as np


def tone(frequency, rate, seconds=1.0):
    """A quiet, steady tone."""
    return 0.1 * np.cos(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)


below = tone(3_100, rate=8_000)
above = tone(4_900, rate=8_000)
print(below[:6].round(4))
print(above[:6].round(4))
print("largest difference:", np.abs(below - above).max().round(6))

# %% [markdown] lang="en"
# The same numbers. At this rate the higher tone cannot be told from the lower one: not by you, not by a program, not by any
# model, however large. The picture shows why: every sample falls where the two waves meet.

# %% [markdown] lang="ko"
# 숫자가 똑같아요. 이 샘플링 속도에서는 높은 음과 낮은 음을 구별할 수 없어요. 사람도, 프로그램도, 아무리 큰 모델도요. 왜
# 그런지 그림으로 봐요. 샘플이 모두 두 파동이 만나는 자리에 놓여 있어요.

# %%
import matplotlib.pyplot as plt

from helpers import plots

plots.sampled_tones(3_100, 4_900, sampling_rate=8_000)
plt.show()

# %% [markdown] lang="en"
# Half the sampling rate is the [Nyquist frequency](../../docs/glossary.md#nyquist-frequency). What lies below it can be
# stored; what lies above it comes back as something else, mirrored at that line: 4,900 Hz is as far above 4,000 as 3,100 is
# below. The impostor is called an [alias](../../docs/glossary.md#aliasing). Here it is by ear. First the higher tone with
# enough samples, then with too few.

# %% [markdown] lang="ko"
# 샘플링 속도의 절반을 [나이퀴스트 주파수(Nyquist frequency)](../../docs/glossary.md#nyquist-frequency)라고 해요. 그보다 낮은
# 것은 담을 수 있지만, 높은 것은 그 선을 거울 삼아 뒤집혀서 다른 음이 되어 돌아와요. 4,900 Hz는 4,000보다 높은 만큼 아래로
# 뒤집혀 3,100 Hz가 돼요. 이렇게 가짜 음이 생기는 것을 [앨리어싱(aliasing)](../../docs/glossary.md#aliasing)이라고 해요. 귀로
# 확인해 봐요. 먼저 높은 음을 샘플이 넉넉할 때, 다음은 모자랄 때예요.

# %%
from IPython.display import display

from helpers import player

for rate in [16_000, 8_000]:
    display(player(tone(4_900, rate), sampling_rate=rate, title=f"4,900 Hz, {rate:,} samples/s"))

# %% [markdown] lang="en"
# The second one is lower, although nobody asked for a lower tone.
#
# ## Why do models expect 16 kHz?
#
# At 16 kHz the Nyquist frequency is twice as high as on the telephone, and nearly everything that tells one speech sound from
# another lies below it. An *s* and an *f* differ mostly in what the telephone cuts away, which is why one spells names on the
# telephone. More than 16 kHz is for music. So recordings for speech models are made at that rate, and the models learn from
# them.
#
# The rate that a model was trained with stands in its [feature extractor](../../docs/glossary.md#feature-extractor), the part
# of the pipeline that prepares the sound.

# %% [markdown] lang="ko"
# 두 번째가 더 낮게 들려요. 아무도 낮은 음을 달라고 하지 않았는데 말이에요.
#
# ## 모델은 왜 16 kHz를 기대할까요?
#
# 16 kHz에서는 나이퀴스트 주파수가 전화의 두 배예요. 말소리를 서로 구별해 주는 것은 거의 다 그 아래에 있어요. 영어의 *s*와
# *f*는 전화가 잘라 내는 높은 부분에서 주로 갈려요. 그래서 전화로는 이름의 철자를 하나하나 불러 주곤 해요. 16 kHz보다 높은
# 속도는 음악에나 필요해요. 그래서 음성 모델에 쓸 녹음은 16 kHz로 만들고, 모델도 그런 녹음으로 배워요.
#
# 모델이 어떤 샘플링 속도로 배웠는지는 [특징 추출기(feature extractor)](../../docs/glossary.md#feature-extractor)에 적혀
# 있어요. 파이프라인에서 소리를 준비하는 부분이에요.

# %%
from transformers import pipeline

classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)
print("model:", classifier.feature_extractor.sampling_rate)
print("calls:", call["sampling_rate"])

# %% [markdown] lang="en"
# ## One line puts it right
#
# `cast_column` again, this time with a rate. The same row, before and after:

# %% [markdown] lang="ko"
# ## 한 줄이면 돼요
#
# 이번에도 `cast_column`인데, 샘플링 속도를 함께 줘요. 같은 행을 바꾸기 전과 후로 비교해 봐요.

# %%
minds_16k = minds.cast_column("audio", Audio(sampling_rate=16_000))
call_16k = minds_16k[0]["audio"]

for clip in [call, call_16k]:
    samples, rate = len(clip["array"]), clip["sampling_rate"]
    print(f"{samples} samples / {rate} Hz = {samples / rate:.2f} s")

# %% [markdown] lang="en"
# Twice as many samples, twice the rate, so the call is as long as before. This is
# [resampling](../../docs/glossary.md#resampling).
#
# ## When does it happen?
#
# The line came back at once. Did it really convert every clip? Let us look at the bytes that are stored, before and after.

# %% [markdown] lang="ko"
# 샘플 수도 두 배, 샘플링 속도도 두 배라서 통화의 길이는 그대로예요. 이것이
# [리샘플링(resampling)](../../docs/glossary.md#resampling)이에요.
#
# ## 언제 바뀌는 걸까요?
#
# 방금 그 줄은 금방 끝났어요. 정말로 클립을 다 바꿨을까요? 저장된 바이트를 바꾸기 전과 후로 비교해 봐요.

# %%
before = minds.cast_column("audio", Audio(decode=False))[0]["audio"]["bytes"]
after = minds_16k.cast_column("audio", Audio(decode=False))[0]["audio"]["bytes"]
print(len(before), len(after), "equal:", before == after)

# %% [markdown] lang="en"
# Not a byte has moved. `cast_column` leaves a note on the column, and each clip is converted at the moment you take it out.
# That costs nothing until you ask for a clip, and a little each time you do.
#
# ## Does 16 kHz sound better?
#
# Twice the numbers: is there twice as much in them? A [spectrum](../../docs/glossary.md#spectrum) shows how much of each
# frequency a sound holds. Here is that of the call as it is stored, and after resampling.

# %% [markdown] lang="ko"
# 한 바이트도 바뀌지 않았어요. `cast_column`은 열에 메모만 남기고, 클립은 꺼내는 순간에 바뀌어요. 꺼내기 전에는 비용이 들지
# 않고, 꺼낼 때마다 조금씩 들어요.
#
# ## 16 kHz가 더 좋게 들릴까요?
#
# 숫자가 두 배가 되었으니 담긴 것도 두 배일까요? [스펙트럼(spectrum)](../../docs/glossary.md#spectrum)은 소리에 어떤 주파수가
# 얼마나 들어 있는지 보여 줘요. 저장된 그대로의 통화와 리샘플링한 통화를 나란히 봐요.

# %%
plots.spectra({"8 kHz": call, "16 kHz": call_16k})
plt.show()

power = np.abs(np.fft.rfft(call_16k["array"])) ** 2
hertz = np.fft.rfftfreq(len(call_16k["array"]), d=1 / 16_000)
print(f"above 4 kHz: {power[hertz > 4_000].sum() / power.sum():.2%}")

# %% [markdown] lang="en"
# Up to nearly 4 kHz the two lines are one, and above it there is nothing. Resampling upwards
# ([upsampling](../../docs/glossary.md#upsampling)) draws a smooth line through the samples and reads off more points. It
# makes the clip fit the model; it does not bring back what the telephone left out.
#
# ## What does a wrong rate do to the ear?
#
# A bare array, an array and nothing else, does not know its rate. Whoever plays it has to be told, and believes what they are
# told. Here is the call with its true rate, and then the same numbers passed off as 16 kHz.

# %% [markdown] lang="ko"
# 4 kHz 가까이까지는 두 선이 하나로 겹치고, 그 위에는 아무것도 없어요. 샘플링 속도를 높이는
# 것([업샘플링(upsampling)](../../docs/glossary.md#upsampling))은 샘플 사이를 매끄러운 선으로 잇고 그 선에서 점을 더 읽어 내는
# 일이에요. 클립을 모델에 맞춰 줄 뿐, 전화가 버린 것을 되살려 주지는 않아요.
#
# ## 속도가 틀리면 어떻게 들릴까요?
#
# 배열에는 숫자만 있고 샘플링 속도는 들어 있지 않아요. 재생하는 쪽은 남이 알려 주는 대로 믿어요. 먼저 올바른 속도로 듣고,
# 그다음 같은 숫자를 16 kHz라고 속여서 들어 봐요.

# %%
opening = call["array"][: 4 * 8_000]
for rate in [8_000, 16_000]:
    title = f"{rate:,} samples/s"
    display(player(opening, sampling_rate=rate, title=title, synthetic=MINDS14.synthetic))

# %% [markdown] lang="en"
# Twice as fast, an octave higher: the caller has become a chipmunk in a hurry.
#
# ## And to the model?
#
# The pipeline takes the bare array and asks no questions.

# %% [markdown] lang="ko"
# 두 배 빠르고 한 옥타브 높아요. 전화한 사람이 마음 급한 다람쥐가 되었어요.
#
# ## 모델에게는 어떨까요?
#
# 파이프라인은 배열만 받고 아무것도 묻지 않아요.

# %%
print("label:", intents.int2str(minds[0]["intent_class"]))
for name, clip in {"16 kHz": call_16k, "8 kHz passed off as 16 kHz": call}.items():
    print(name)
    for answer in classifier(clip["array"], top_k=3):
        print(f"    {answer['score']:.2f} {answer['label']}")

# %% [markdown] lang="en"
# The same sentence, other scores, and no error, no warning. The model counts samples, not seconds: it heard the chipmunk and
# did its best. If you know the rate, say so where somebody checks it:

# %% [markdown] lang="ko"
# 같은 문장인데 점수가 달라졌어요. 오류도 경고도 없었고요. 모델은 초를 세지 않고 샘플을 세요. 다람쥐의 말을 듣고 나름대로 애쓴
# 거예요. 샘플링 속도를 알고 있다면, 확인해 주는 곳에 알려 주세요.

# %%
from helpers import audio

try:
    audio.validate(
        call["array"],
        sampling_rate=call["sampling_rate"],
        expected_sampling_rate=classifier.feature_extractor.sampling_rate,
    )
except ValueError as error:
    print(error)

# %% [markdown] lang="en"
# ## How much does the forgotten line cost?
#
# One clip proves little. Let us take a sample of the calls, ask about each one twice, and count the right answers. `CLIPS`
# says how many; with more of them it takes longer and the figures are steadier. `audio.resample` does to one array what the
# line with `cast_column` does to a column.

# %% [markdown] lang="ko"
# ## 한 줄을 잊으면 얼마나 손해일까요?
#
# 클립 하나로는 알 수 있는 것이 적어요. 통화를 몇 개 골라 하나마다 두 번씩 물어보고, 맞힌 것을 세어 봐요. 몇 개를 고를지는
# `CLIPS`로 정해요. 늘리면 오래 걸리는 대신 결과가 덜 흔들려요. `cast_column`이 열 전체에 하는 일을 `audio.resample`은 배열
# 하나에 해요.

# %%
from tqdm import tqdm

CLIPS = 42

right = {"resampled": 0, "passed off": 0}
for row in tqdm(minds.shuffle(seed=2).select(range(CLIPS))):
    label = intents.int2str(row["intent_class"])
    clip = row["audio"]["array"]
    resampled = audio.resample(clip, orig_sr=row["audio"]["sampling_rate"], target_sr=16_000)
    right["resampled"] += classifier(resampled, top_k=1)[0]["label"] == label
    right["passed off"] += classifier(clip, top_k=1)[0]["label"] == label

for name, count in right.items():
    print(f"{name}: {count} of {CLIPS} right, accuracy {count / CLIPS:.2f}")
print(f"guessing: {1 / intents.num_classes:.2f}")

# %% [markdown] lang="en"
# The gap between the first two lines is what one forgotten line of code costs. Nothing crashed, and every answer still came
# with its score, so the mistake is found late, if at all. Print the rate before you trust a prediction.
#
# ## Why not just leave out every second sample?
#
# The other way round, [downsampling](../../docs/glossary.md#downsampling): from 16 to 8 kHz, every second sample has to go.
# Half the numbers, half the rate; what could go wrong? A tone that climbs steadily is a good witness. (It gets shrill: turn
# the volume down before you press play.)

# %% [markdown] lang="ko"
# 첫 두 줄의 차이가 코드 한 줄을 잊은 값이에요. 멈춘 것도 없고 답마다 점수도 꼬박꼬박 나와서, 실수를 늦게야 알거나 끝내 모르고
# 지나가요. 예측을 믿기 전에 샘플링 속도부터 출력해 보세요.
#
# ## 샘플을 하나씩 건너뛰면 안 될까요?
#
# 이번에는 반대로 16 kHz에서 8 kHz로 내려가 봐요. [다운샘플링(downsampling)](../../docs/glossary.md#downsampling)이에요.
# 샘플이 절반으로 줄어야 하니 하나씩 건너뛰면 어떨까요? 숫자도 절반, 속도도 절반이니 문제없을 것 같죠. 일정하게 높아지는
# 음으로 확인해 봐요. (소리가 꽤 날카로워져요. 재생하기 전에 볼륨을 줄이세요.)

# %%
frequency = np.linspace(200, 7_800, num=2 * 16_000)
sweep = 0.2 * np.sin(2 * np.pi * np.cumsum(frequency) / 16_000)  # two seconds, from low to high
filtered = audio.resample(sweep, orig_sr=16_000, target_sr=8_000)
sweeps = {
    "16 kHz": (sweep, 16_000),
    "8 kHz, dropped": (sweep[::2], 8_000),
    "8 kHz, low-pass": (filtered, 8_000),
}

fig, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
for ax, (name, (y, rate)) in zip(axes, sweeps.items(), strict=True):
    plots.spectrogram(y, rate, ax=ax, title=name)
plt.show()

for name, (y, rate) in sweeps.items():
    display(player(y, sampling_rate=rate, title=name))

# %% [markdown] lang="en"
# The same as numbers: the strongest frequency in a few moments of each sound, or a dash where it is silent.

# %% [markdown] lang="ko"
# 숫자로도 확인해 봐요. 몇몇 순간에 가장 센 주파수예요. 소리가 없는 곳은 줄표로 적었어요.

# %%
for name, (y, rate) in sweeps.items():
    print(name)
    for start in [0.25, 0.75, 1.25, 1.75]:
        moment = y[int(start * rate) : int((start + 0.04) * rate)]
        strongest = np.abs(np.fft.rfft(moment * np.hanning(len(moment)))).argmax() / 0.04
        print(f"    {start} s:", f"{strongest:.0f} Hz" if np.abs(moment).max() > 0.01 else "-")

# %% [markdown] lang="en"
# Left and first: the tone as it was made, climbing all the way. Middle: every second sample left out. The tone climbs to the
# new Nyquist frequency, turns round and comes down again. Nothing like that was in the sound. Right: resampled properly.
# Before any sample goes, a [low-pass filter](../../docs/glossary.md#low-pass-filter) takes out what will no longer fit. The
# tone climbs, and then there is silence, which is the honest answer.
#
# ## What is left of a sentence?
#
# Now the call itself, by way of 16, 8 and 4 kHz, with the low-pass and without. Each version is brought back to 16 kHz at the
# end, so that the same player and the same model can take it. What was lost on the way stays lost.

# %% [markdown] lang="ko"
# 왼쪽 그림과 첫 번째 소리는 만든 그대로예요. 끝까지 높아져요. 가운데는 샘플을 하나씩 건너뛴 것이에요. 새 나이퀴스트
# 주파수까지 올라갔다가 되돌아 내려와요. 원래 소리에는 없던 일이에요. 오른쪽은 제대로 리샘플링한 것이에요. 샘플을 덜어 내기
# 전에 [저역 통과 필터(low-pass filter)](../../docs/glossary.md#low-pass-filter)로, 이제 담을 수 없는 높은 부분을 먼저 걷어
# 내요. 음이 높아지다가 조용해져요. 이쪽이 정직한 답이에요.
#
# ## 문장에서는 무엇이 남을까요?
#
# 이제 통화 자체를 16, 8, 4 kHz로 바꿔 봐요. 저역 통과 필터를 쓸 때와 쓰지 않을 때를 비교해요. 같은 플레이어와 같은 모델을 쓸
# 수 있도록 마지막에는 모두 16 kHz로 되돌려요. 도중에 잃은 것은 돌아오지 않아요.

# %%
whole = call_16k["array"]


def by_way_of(rate, low_pass):
    """The call, brought down to `rate` and back up to 16 kHz."""
    down = whole[:: 16_000 // rate]  # every second sample, or every fourth
    if low_pass:
        down = audio.resample(whole, orig_sr=16_000, target_sr=rate)
    return audio.resample(down, orig_sr=rate, target_sr=16_000)


versions = {"16 kHz": whole}
for rate in [8_000, 4_000]:
    versions[f"{rate // 1000} kHz, low-pass"] = by_way_of(rate, low_pass=True)
    versions[f"{rate // 1000} kHz, dropped"] = by_way_of(rate, low_pass=False)

for name, y in versions.items():
    display(player(y[: 3 * 16_000], sampling_rate=16_000, title=name, synthetic=MINDS14.synthetic))

# %% [markdown] lang="en"
# The first three sound alike, and now you can say why: the call came from a telephone, so there was nothing above 4 kHz to
# lose and nothing to be mirrored. At 4 kHz the voice grows dull with the low-pass, and harsh without it. The harshness is the
# upper half of the voice, folded down onto the lower.

# %% [markdown] lang="ko"
# 처음 세 개는 똑같이 들려요. 이제 그 까닭을 말할 수 있죠. 전화로 녹음한 소리라서 4 kHz 위에는 잃을 것도, 뒤집힐 것도
# 없었어요. 4 kHz에서는 저역 통과 필터를 쓰면 목소리가 먹먹해지고, 쓰지 않으면 거칠어져요. 거칠게 들리는 것은 목소리의 위쪽
# 절반이 아래쪽으로 접혀 내려왔기 때문이에요.

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
for ax, name in zip(axes, ["4 kHz, low-pass", "4 kHz, dropped"], strict=True):
    plots.spectrogram(versions[name][: 3 * 16_000], 16_000, window_ms=40, ax=ax, title=name)
    ax.set_ylim(0, 2_000)
plt.show()

# %% [markdown] lang="en"
# Look closely at the right-hand picture. Between the stripes of the voice lie fainter ones that move the other way, down
# where the voice goes up: their mirror images.
#
# And the model?

# %% [markdown] lang="ko"
# 오른쪽 그림을 자세히 보세요. 목소리의 줄무늬 사이에 더 흐린 줄무늬가 있어요. 목소리가 올라갈 때 내려가는, 거울에 비친
# 줄무늬예요.
#
# 모델은 어떨까요?

# %%
print(f"{'':<16} {'prediction':<20} score")
for name, y in versions.items():
    best = classifier(y, top_k=1)[0]
    print(f"{name:<16} {best['label']:<20} {best['score']:.2f}")

# %% [markdown] lang="en"
# Read the score down the column. At 4 kHz half of what the telephone had left is gone, and still the model answers, with a
# score beside its answer. It has no other way of telling you how well it heard.
#
# ## Where does it begin to hurt?
#
# Find out by ear. The slider lowers the sampling rate step by step, the box below it switches the low-pass filter on and off,
# and picture and player follow. Drag it, or click on it and use the arrow keys. At which rate do you notice anything at all? At
# which do you lose the words? (Where notebooks are only shown and not run, you see how it looks before it is moved.)

# %% [markdown] lang="ko"
# 점수를 위에서 아래로 읽어 보세요. 4 kHz에서는 전화가 남겨 둔 것마저 절반이 사라졌는데도, 모델은 점수까지 붙여서 답을 해요.
# 얼마나 잘 들었는지 달리 알려 줄 방법이 모델에게는 없어요.
#
# ## 어디서부터 알아듣기 힘들까요?
#
# 귀로 찾아보세요. 슬라이더를 왼쪽으로 옮기면 샘플링 속도가 한 단계씩 낮아지고, 아래 상자로는 저역 통과 필터를 켜고 꺼요. 그림과
# 플레이어도 따라 바뀌어요. 마우스로 끌거나, 한 번 누른 다음 화살표 키로 옮기세요. 어느 속도에서 처음 차이가 느껴지나요? 어느
# 속도에서 말을 알아들을 수 없나요? (노트북을 실행하지 않고 보기만 하는 곳에서는 움직이기 전의 모습이 보여요.)

# %%
from helpers import widgets

widgets.rate_slider(call_16k, synthetic=MINDS14.synthetic)

# %% [markdown] lang="en"
# ## What you did
#
# - The sampling rate is the number of samples a second. Half of it, the Nyquist frequency, is the highest that can be stored.
# - `cast_column("audio", Audio(sampling_rate=16_000))` makes each clip fit the model when it is taken out. Nothing stored is
#   changed.
# - Upsampling adds no detail. Downsampling needs a low-pass first, or what is too high comes back as something else.
# - A bare array carries no rate, and the pipeline does not ask. A wrong rate gives wrong answers without an error.

# %% [markdown] lang="ko"
# ## 오늘 한 일
#
# - 샘플링 속도는 1초에 재는 샘플의 수예요. 그 절반인 나이퀴스트 주파수까지만 담을 수 있어요.
# - `cast_column("audio", Audio(sampling_rate=16_000))`을 쓰면 클립을 꺼낼 때마다 모델에 맞게 바뀌어요. 저장된 것은 바뀌지
#   않아요.
# - 업샘플링은 새로운 것을 더해 주지 않아요. 다운샘플링은 저역 통과 필터가 먼저예요. 그러지 않으면 너무 높은 음이 다른 음이
#   되어 돌아와요.
# - 배열만으로는 샘플링 속도를 알 수 없고, 파이프라인은 묻지 않아요. 속도가 틀리면 오류 없이 답만 틀려요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_02

q1 = lesson_02.Alias(frequency=7_000, rate=8_000)
q2 = lesson_02.TakenOutTooEarly(minds, row=3)
q3 = lesson_02.LostAtALowRate(call_16k, rate=2_000)

# %% [markdown] lang="en"
# **1. Predict.** A tone of 7,000 Hz is stored at a rate of 8,000. Which frequency, in hertz, will you hear?

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 7,000 Hz 음을 샘플링 속도 8,000으로 담았어요. 몇 Hz로 들릴까요?

# %%
### BEGIN SOLUTION
nyquist = 8_000 / 2
above_it = 7_000 - nyquist
heard = nyquist - above_it  # mirrored: as far below as it was above
### END SOLUTION

# %%
q1.check(heard)

# %% [markdown] lang="en"
# Decided? Then run this cell, press play, and read the strongest frequency. Without an answer it keeps quiet.

# %% [markdown] lang="ko"
# 정했나요? 그럼 다음 셀을 실행해서 들어 보고, 가장 센 주파수를 읽어 보세요. 답이 없으면 조용히 있어요.

# %%
stored = tone(7_000, rate=8_000)
if q1.answered:
    display(player(stored, sampling_rate=8_000, title="7,000 Hz, 8,000 samples/s"))
    print(f"{np.abs(np.fft.rfft(stored)).argmax() * 8_000 / len(stored):.0f} Hz")

# %% [markdown] lang="en"
# **2. Find the bug.** No error, no warning, and yet the model hears the chipmunk. Why?

# %% [markdown] lang="ko"
# **2. 버그를 찾아보세요.** 오류도 경고도 없는데, 모델은 다람쥐 소리를 들어요. 왜일까요?

# %%
clip = minds[3]["audio"]
resampled = minds.cast_column("audio", Audio(sampling_rate=16_000))
classifier(clip["array"], top_k=1)[0]["label"]

# %% [markdown] lang="en"
# Give the array that the model should have got.

# %% [markdown] lang="ko"
# 모델에 넣었어야 할 배열을 답으로 쓰세요.

# %%
### BEGIN SOLUTION
# Taken out after the cast, and out of the table that was cast.
at_16_khz = resampled[3]["audio"]["array"]
### END SOLUTION

# %%
q2.check(at_16_khz)

# %% [markdown] lang="en"
# **3. Compute.** Now let us go down to 2 kHz. Which share of this call's power will be lost? `power` and `hertz` are still there
# from the spectra further up.

# %% [markdown] lang="ko"
# **3. 계산해 보세요.** 이번에는 2 kHz까지 내려가요. 이 통화의 세기(power) 가운데 어느 정도의 비율을 잃을까요? 위에서 스펙트럼을
# 그릴 때 만든 `power`와 `hertz`가 그대로 있어요.

# %%
### BEGIN SOLUTION
nyquist = 2_000 / 2
lost = power[hertz > nyquist].sum() / power.sum()
### END SOLUTION

# %%
q3.check(lost)

# %% [markdown] lang="en"
# It does not look like much. Can you still follow the sentence? Can the model?

# %% [markdown] lang="ko"
# 얼마 안 되는 것처럼 보여요. 그래도 문장을 알아들을 수 있나요? 모델은요?

# %%
low = by_way_of(2_000, low_pass=True)
display(player(low[: 3 * 16_000], sampling_rate=16_000, title="2 kHz, low-pass", synthetic=MINDS14.synthetic))
for name, y in {"16 kHz": whole, "2 kHz": low}.items():
    best = classifier(y, top_k=1)[0]
    print(f"{name:<16} {best['label']:<20} {best['score']:.2f}")
