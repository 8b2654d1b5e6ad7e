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
# # See the waveform: what the eye can and cannot read
#
# A clip is a row of numbers, and a picture shows them faster than reading them does. In this lesson you look at a call in
# four ways, each of which makes something else visible, and end with the picture that a model looks at. Then you try to read
# an intent off it.
#
# **You will be able to**
# - read loudness and pauses off a waveform, and tell a vowel from a hissing consonant by its samples;
# - read a spectrum and a spectrogram, and choose the length of their frames;
# - say what *log* and *mel* stand for in a log-mel spectrogram;
# - say what no such picture tells you directly.
#
# **Time:** 30 minutes. **You need:** [lesson 02](02_resample.ipynb), for the words *sampling rate* and *spectrum*.

# %% [markdown] lang="ko"
# # 파형 보기: 눈으로 읽을 수 있는 것과 없는 것
#
# 클립은 길게 이어진 숫자예요. 하나하나 읽는 것보다 그림으로 보는 것이 빨라요. 이 레슨에서는 통화 하나를 네 가지 그림으로
# 봐요. 그림마다 보이는 것이 달라요. 마지막은 모델이 보는 그림이에요. 그다음, 그 그림에서 의도를 읽을 수 있는지 시험해 봐요.
#
# **이 레슨을 마치면**
# - 파형에서 소리의 크기와 쉬는 곳을 읽고, 샘플만 보고 모음과 쉿 소리가 나는 자음을 구별할 수 있어요.
# - 스펙트럼과 스펙트로그램을 읽고, 프레임의 길이를 고를 수 있어요.
# - 로그 멜 스펙트로그램의 *로그*와 *멜*이 무슨 뜻인지 말할 수 있어요.
# - 이런 그림이 곧바로 알려 주지 않는 것이 무엇인지 말할 수 있어요.
#
# **걸리는 시간:** 30분. **필요한 것:** [레슨 02](02_resample.ipynb)에서 *샘플링 속도*와 *스펙트럼*이라는 말을 만나고 오면
# 좋아요.

# %% [markdown] lang="en"
# ## What does a waveform show?
#
# A [waveform](../../docs/glossary.md#waveform) is the plainest picture of a sound: time from left to right, and the value of
# each sample, the [amplitude](../../docs/glossary.md#amplitude), up and down. Listen, and follow with your eyes.

# %% [markdown] lang="ko"
# ## 파형에서는 무엇이 보일까요?
#
# [파형(waveform)](../../docs/glossary.md#waveform)은 소리를 가장 단순하게 그린 그림이에요. 왼쪽에서 오른쪽으로 시간이 흐르고,
# 위아래는 샘플의 값, 곧 [진폭(amplitude)](../../docs/glossary.md#amplitude)이에요. 들으면서 눈으로 따라가 보세요.

# %%
import matplotlib.pyplot as plt
import numpy as np
from datasets import load_dataset

from helpers import Audio, player, plots, sources

MINDS14 = sources.minds14()
print(MINDS14.note)

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio(sampling_rate=16_000))
intents = minds.features["intent_class"]
row = minds[0]
call, text, intent = row["audio"], row["transcription"], intents.int2str(row["intent_class"])

fig, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
plots.waveform(call, ax=ax)
plt.show()

player(call, transcript=text, intent=intent, synthetic=MINDS14.synthetic)

# %% [markdown] lang="en"
# The bulges are syllables, the thin stretches are pauses. Where a word begins you can guess; which word it is you cannot.
#
# ## How loud is it?
#
# Two numbers are in use. The [peak](../../docs/glossary.md#peak) is the largest amplitude, whichever way it points. The
# [RMS](../../docs/glossary.md#rms), short for root mean square, is a kind of average over all samples, and follows what we
# hear as loudness much better. Cut into short pieces, called [frames](../../docs/glossary.md#frame), the clip also tells
# where nobody speaks. Levels are given in [decibels](../../docs/glossary.md#decibel): 20 dB less is a tenth of the amplitude.

# %% [markdown] lang="ko"
# 불룩한 곳이 음절이고, 가는 곳이 쉬는 곳이에요. 낱말이 어디서 시작하는지는 짐작할 수 있지만, 무슨 낱말인지는 알 수 없어요.
#
# ## 얼마나 클까요?
#
# 두 가지 숫자를 써요. [피크(peak)](../../docs/glossary.md#peak)는 위든 아래든 가장 큰 진폭이에요.
# [RMS(root mean square)](../../docs/glossary.md#rms)는 모든 샘플에 걸친 평균 같은 것으로, 우리가 느끼는 소리의 크기와 훨씬 잘
# 맞아요. 클립을 짧은 조각, 곧 [프레임(frame)](../../docs/glossary.md#frame)으로 나누면 아무도 말하지 않는 곳도 알 수 있어요.
# 크기의 단위는 [데시벨(decibel, dB)](../../docs/glossary.md#decibel)이에요. 20 dB 작으면 진폭이 10분의 1이에요.

# %%
y = call["array"]
rate = call["sampling_rate"]
print(f"peak {np.abs(y).max():.2f}, RMS {np.sqrt(np.mean(y**2)):.3f}")

frame_length = rate // 25  # 40 ms
frames = y[: len(y) // frame_length * frame_length].reshape(-1, frame_length)
level = 20 * np.log10(np.sqrt(np.mean(frames**2, axis=1)) + 1e-6)  # 1e-6, since the logarithm of 0 does not exist
quiet = level < level.max() - 30
print(f"{len(frames)} frames of {frame_length} samples, quiet: {quiet.sum()} ({quiet.mean():.0%})")

# %% [markdown] lang="en"
# The last line counts the frames that lie more than 30 dB below the loudest one. Speech has more silence in it than one would
# think.
#
# ## What does a vowel look like?
#
# Let us go closer, to single frames. The loudest one of a sentence nearly always belongs to a vowel. A hissing consonant,
# such as *s*, has most of its power at high frequencies; so we look among the frames that are not quiet for the one with the
# largest share above 2 kHz.

# %% [markdown] lang="ko"
# 마지막 줄은 가장 큰 프레임보다 30 dB 넘게 작은 프레임을 센 것이에요. 말소리에는 생각보다 조용한 곳이 많아요.
#
# ## 모음은 어떻게 생겼을까요?
#
# 더 가까이, 프레임 하나만 들여다봐요. 문장에서 가장 큰 프레임은 거의 언제나 모음이에요. *s*처럼 쉿 소리가 나는 자음(마찰음)은
# 소리의 세기가 대부분 높은 주파수에 몰려 있어요. 그래서 조용하지 않은 프레임 가운데 2 kHz 위의 비율이 가장 높은 것을 찾아요.

# %%
power = np.abs(np.fft.rfft(frames * np.hanning(frame_length))) ** 2  # each frame faded in and out
hertz = np.fft.rfftfreq(frame_length, d=1 / rate)
share = power[:, hertz > 2_000].sum(axis=1) / power.sum(axis=1)  # of what lies above 2 kHz
starts = {
    "vowel": level.argmax() * frame_length,
    "hiss": np.where(quiet, 0, share).argmax() * frame_length,
}

fig, axes = plt.subplots(2, 1, figsize=(9, 4.5), layout="constrained")
for ax, (name, start) in zip(axes, starts.items(), strict=True):
    plots.close_up(call, start=start / rate, ax=ax, title=name)
plt.show()

# %% [markdown] lang="en"
# The vowel repeats itself: the vocal folds open and close, and each time the mouth rings a little, always in the same way.
# The hiss never repeats. It is air rushing through a narrow gap.
#
# ## How high is the voice?
#
# How long does one repetition of the vowel take? Shift the stretch against itself and see at which shift it fits best. That
# is the [period](../../docs/glossary.md#period), and how many periods make a second is the
# [fundamental frequency](../../docs/glossary.md#fundamental-frequency), what we hear as the pitch of the voice.

# %% [markdown] lang="ko"
# 모음은 같은 모양이 되풀이돼요. 성대가 열렸다 닫힐 때마다 입안이 같은 방식으로 짧게 울리기 때문이에요. 쉿 소리는 되풀이되지
# 않아요. 좁은 틈으로 공기가 새어 나오는 소리예요.
#
# ## 목소리는 얼마나 높을까요?
#
# 모음이 한 번 되풀이되는 데 얼마나 걸릴까요? 그 구간을 조금씩 밀면서 원래 것과 겹쳐 보고, 얼마나 밀었을 때 가장 잘 맞는지
# 찾아요. 그 시간이 [주기(period)](../../docs/glossary.md#period)이고, 1초에 주기가 몇 번 들어가는지가
# [기본 주파수(fundamental frequency)](../../docs/glossary.md#fundamental-frequency)예요. 우리가 목소리의 높이로 듣는 것이죠.

# %%
vowel = y[starts["vowel"] : starts["vowel"] + frame_length]
fit = np.correlate(vowel, vowel, mode="full")[len(vowel) - 1 :]
shortest, longest = rate // 400, rate // 60  # voices lie between 60 and 400 Hz
period = shortest + fit[shortest:longest].argmax()
print(f"period: {period} samples = {1000 * period / rate:.1f} ms")
print(f"fundamental frequency: {rate / period:.0f} Hz")

# %% [markdown] lang="en"
# Count the repetitions in the upper picture and you get about the same. In the range that the code allows, men's voices
# mostly lie near the lower end, women's in the middle, and children's higher still.
#
# ## Which frequencies are in it?
#
# A voice is more than one frequency. The spectrum of the same two stretches:

# %% [markdown] lang="ko"
# 위쪽 그림에서 되풀이되는 횟수를 세어 보면 비슷한 값이 나와요. 코드에 적은 범위에서 남자 목소리는 대개 아래쪽, 여자 목소리는
# 가운데쯤이고, 아이 목소리는 그보다 높아요.
#
# ## 어떤 주파수가 들어 있을까요?
#
# 목소리에는 주파수가 하나만 들어 있지 않아요. 같은 두 구간의 스펙트럼을 봐요.

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
for ax, (name, start) in zip(axes, starts.items(), strict=True):
    plots.spectrum(y[start : start + frame_length], rate, window_ms=40, ax=ax, title=name)
plt.show()

# %% [markdown] lang="en"
# The vowel's spectrum is a comb. Its teeth stand at the fundamental frequency and its multiples, the
# [harmonics](../../docs/glossary.md#harmonic), and which teeth are tall is what makes an *a* an *a*. The hiss has no comb,
# and what it has lies further up. Beyond 4 kHz there is nothing in either: the telephone again.
#
# ## When are they in it?
#
# A spectrum says which frequencies, but not when. So take the spectrum of one frame, move on a little, take the next, and
# stand them side by side: a [spectrogram](../../docs/glossary.md#spectrogram). Two lengths must be chosen. The *frame length*
# is how much sound each spectrum gets to see; the [hop length](../../docs/glossary.md#hop-length) is how far one moves on. A
# [window](../../docs/glossary.md#window) fades each frame in and out, so that its cut edges do not count as sound. This is
# the code that the models' own feature extractors use:

# %% [markdown] lang="ko"
# 모음의 스펙트럼은 빗처럼 생겼어요. 빗살은 기본 주파수와 그 배수에 서 있어요. 이것을
# [배음(harmonic)](../../docs/glossary.md#harmonic)이라고 해요. 어느 빗살이 긴지에 따라 '아'가 '아'로 들려요. 쉿 소리에는
# 빗살이 없고, 센 곳이 더 높은 쪽에 있어요. 4 kHz 위로는 둘 다 아무것도 없어요. 이번에도 전화 때문이에요.
#
# ## 언제 들어 있을까요?
#
# 스펙트럼은 어떤 주파수가 있는지는 알려 주지만, 언제 있는지는 알려 주지 않아요. 그래서 프레임 하나의 스펙트럼을 구하고, 조금
# 옮겨서 다음 것을 구하고, 그렇게 구한 것을 나란히 세워요. 이것이
# [스펙트로그램(spectrogram)](../../docs/glossary.md#spectrogram)이에요. 두 가지 길이를 골라야 해요. *프레임 길이*(frame
# length)는 스펙트럼 하나가 보는 소리의 길이이고, [홉 길이(hop length)](../../docs/glossary.md#hop-length)는 한 번에 옮겨 가는
# 거리예요. [창(window)](../../docs/glossary.md#window)은 프레임의 양 끝을 서서히 줄여서, 잘린 자리가 소리로 잡히지 않게 해요.
# 모델의 특징 추출기들이 쓰는 바로 그 코드로 해 봐요.

# %%
from transformers.audio_utils import spectrogram, window_function

window = window_function(400, "hann")
power = spectrogram(y, window, frame_length=400, hop_length=160, fft_length=400, power=2.0)

print(power.shape)
print(f"frame {1000 * 400 / rate:.0f} ms, hop {1000 * 160 / rate:.0f} ms, rows {rate / 400:.0f} Hz apart")

# %% [markdown] lang="en"
# One column for each frame, one row for each frequency, and the power in each place. As a picture, with three frame lengths;
# a short stretch around the vowel, so that the differences can be seen:

# %% [markdown] lang="ko"
# 열 하나가 프레임 하나, 행 하나가 주파수 하나이고, 칸마다 그 세기(power)가 들어 있어요. 프레임 길이를 세 가지로 바꿔 그림으로
# 봐요. 차이가 잘 보이도록 모음 앞뒤만 잘라서 그렸어요.

# %%
middle = starts["vowel"] + rate // 50
around = y[max(middle - rate // 5, 0) : middle + rate // 5]
fig, axes = plt.subplots(1, 3, figsize=(10, 3.2), sharey=True, layout="constrained")
for ax, milliseconds in zip(axes, [3, 25, 100], strict=True):
    title = f"{milliseconds} ms, rows {1000 / milliseconds:.0f} Hz apart"
    plots.spectrogram(around, rate, window_ms=milliseconds, hop_ms=1, ax=ax, title=title)
    ax.set_ylim(0, 4_000)
plt.show()

# %% [markdown] lang="en"
# Short frames know exactly *when*: upright stripes, as fine as the single beats of the vocal folds, but which frequency is
# which is a blur. Long frames know exactly *which*: the harmonics become thin lines, but where a sound begins and ends is
# smeared. You cannot have both; the length in the middle is the usual compromise for speech.
#
# ## What is the mel in log-mel?
#
# Our ears tell low tones apart better than high ones. The [mel scale](../../docs/glossary.md#mel-scale) bends the frequency
# axis accordingly:

# %% [markdown] lang="ko"
# 프레임이 짧으면 *언제*인지 정확히 알아요. 성대가 여닫힐 때마다 생기는 가는 세로줄까지 보이지만, 어느 주파수인지는 흐릿해요.
# 프레임이 길면 *어떤 주파수*인지 정확히 알아요. 배음이 가는 가로줄이 되지만, 소리가 언제 시작하고 끝나는지는 번져요. 둘 다
# 가질 수는 없어서, 말소리에는 보통 가운데 길이를 써요.
#
# ## 로그 멜의 '멜'은 무엇일까요?
#
# 우리 귀는 낮은 음들을 높은 음들보다 더 잘 구별해요. [멜 척도(mel scale)](../../docs/glossary.md#mel-scale)는 주파수 축을
# 귀에 맞게 구부려요.

# %%
from transformers.audio_utils import hertz_to_mel

for low, high in [(0, 1_000), (1_000, 2_000), (3_000, 4_000), (7_000, 8_000)]:
    print(f"{low:>5} to {high:>5} Hz: {hertz_to_mel(high) - hertz_to_mel(low):4.0f} mel")

# %% [markdown] lang="en"
# The same thousand hertz, and fewer mel the higher they lie. A mel spectrogram adds up the rows of a spectrogram in bands
# that are equally wide in mel, and so spends most of its rows where the ear is good.
#
# ## And the log?

# %% [markdown] lang="ko"
# 똑같은 1,000헤르츠인데 위로 갈수록 멜은 줄어들어요. 멜 스펙트로그램은 스펙트로그램의 행들을 멜로 쟀을 때 폭이 같은 띠로
# 묶어서 더해요. 그래서 귀가 밝은 곳에 행을 가장 많이 써요.
#
# ## '로그'는요?

# %%
from transformers.audio_utils import mel_filter_bank

bands = mel_filter_bank(
    num_frequency_bins=len(power),
    num_mel_filters=80,
    min_frequency=0,
    max_frequency=8_000,
    sampling_rate=rate,
    norm="slaney",  # a wide band does not count more than a narrow one
)
mel = bands.T @ power
log_mel = 10 * np.log10(np.maximum(mel, 1e-10))

print("rows:", power.shape[0], "->", mel.shape[0])
for name, values in {"mel": mel, "log-mel": log_mel}.items():
    place = (np.median(values) - values.min()) / (values.max() - values.min())
    print(f"{name}: the median value lies at {place:.0%} of the way from the smallest to the largest")

# %% [markdown] lang="en"
# Without the logarithm half of all values lie in the lowest sliver of the range: the picture would be black with a few bright
# dots. Our ears do not hear like that either; a whisper and a shout differ enormously in power, and we follow both. The
# logarithm, here in decibels, turns factors into equal steps. Below, the same call without it and with it:

# %% [markdown] lang="ko"
# 로그(log)를 취하지 않으면 모든 값의 절반이 맨 아래 좁은 구간에 몰려요. 그림으로 그리면 까만 바탕에 밝은 점 몇 개뿐이에요.
# 우리 귀도 그렇게 듣지는 않아요. 속삭임과 고함은 세기가 엄청나게 다르지만 둘 다 알아듣죠. 로그는 몇 배라는 차이를 같은 크기의
# 계단으로 바꿔 줘요. 여기서는 데시벨이에요. 같은 통화를 로그 없이, 그리고 로그를 취해서 그려 봐요.

# %%
fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 5), sharex=True, layout="constrained")
plots.mel(call, ax=top)
plots.log_mel(call, ax=bottom)
plt.show()

# %% [markdown] lang="en"
# The lower one is the [log-mel spectrogram](../../docs/glossary.md#log-mel-spectrogram), the picture that many audio models
# look at. An image, for all practical purposes, and such models treat it as one.
#
# ## What does this model get to see?
#
# Not our picture, but one that its own feature extractor makes. `AutoFeatureExtractor` finds the right one for a model:

# %% [markdown] lang="ko"
# 아래쪽이 [로그 멜 스펙트로그램(log-mel spectrogram)](../../docs/glossary.md#log-mel-spectrogram)이에요. 많은 오디오 모델이
# 보는 그림이죠. 사실상 이미지이고, 모델도 이미지처럼 다뤄요.
#
# ## 이 모델은 무엇을 볼까요?
#
# 우리가 그린 그림이 아니라, 모델의 특징 추출기가 만든 것을 봐요. 어떤 모델에 어떤 것을 써야 하는지는 `AutoFeatureExtractor`가
# 알아서 찾아요.

# %%
from transformers import AutoFeatureExtractor

MODEL = sources.intent_model()
extractor = AutoFeatureExtractor.from_pretrained(MODEL.path, revision=MODEL.revision)
features = extractor(y, sampling_rate=rate, return_tensors="np")
model_input = features[extractor.model_input_names[0]][0]

print(MODEL.note)
print(type(extractor).__name__, extractor.model_input_names[0], model_input.shape)

fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 5), layout="constrained")
plots.log_mel(call, ax=top)
plots.model_input(model_input, ax=bottom)
plt.show()

# %% [markdown] lang="en"
# Models differ in this. One of the Whisper family gets a log-mel spectrogram, cut or padded to a fixed length, with its
# values squeezed into a small range; the even area on its right is padding. One of the Wav2Vec2 family gets the waveform
# itself and makes its own features from it. The printed line says which one you have. Lesson 06 takes both apart.
#
# ## What would a lower sampling rate leave?
#
# In [lesson 02](02_resample.ipynb) you heard it. Now that you can read a spectrogram, watch it: move the slider (the arrow keys
# will do), with the low-pass filter and without it. With it, the picture goes dark from the top. Without it, look for stripes
# that were not there before. (Where notebooks are only shown and not run, you see how it looks before it is moved.)

# %% [markdown] lang="ko"
# 모델마다 보는 것이 달라요. Whisper 계열은 로그 멜 스펙트로그램을 받아요. 길이를 정해진 만큼으로 자르거나 채우고, 값을 좁은
# 범위로 눌러 담아요. 오른쪽의 밋밋한 부분이 채운 곳이에요. Wav2Vec2 계열은 파형을 그대로 받아서 스스로 특징을 만들어요. 지금
# 어느 쪽인지는 출력된 줄을 보면 알 수 있어요. 레슨 06에서 둘 다 뜯어봐요.
#
# ## 샘플링 속도를 낮추면 무엇이 남을까요?
#
# [레슨 02](02_resample.ipynb)에서는 귀로 들었어요. 이제 스펙트로그램을 읽을 줄 아니까 눈으로 확인해 봐요. 저역 통과 필터를 켜고
# 슬라이더를 옮겨 보고, 끄고도 옮겨 보세요(화살표 키로도 돼요). 켜면 그림이 위에서부터 어두워져요. 끄면 전에 없던 줄무늬가
# 생기는지 찾아보세요. (노트북을 실행하지 않고 보기만 하는 곳에서는 움직이기 전의 모습이 보여요.)

# %%
from helpers import widgets

widgets.rate_slider(call, synthetic=MINDS14.synthetic)

# %% [markdown] lang="en"
# ## Can you see the intent?
#
# Six calls, six different intents, one picture each. Which one wants to block a card?

# %% [markdown] lang="ko"
# ## 의도가 보이나요?
#
# 통화 여섯 개, 서로 다른 의도 여섯 개, 그림도 여섯 개예요. 카드를 정지하려는 전화는 어느 것일까요?

# %%
names = ["address", "joint_account", "freeze", "balance", "card_issues", "pay_bill"]
numbers = list(minds["intent_class"])
quiz = minds.select([numbers.index(intents.str2int(name)) for name in names]).shuffle(seed=3)

plots.waveforms([row["audio"] for row in quiz], titles=["A", "B", "C", "D", "E", "F"])
plt.show()

# %% [markdown] lang="en"
# Take a guess before you look at the answers.

# %% [markdown] lang="ko"
# 답을 보기 전에 먼저 찍어 보세요.

# %%
for letter, row in zip("ABCDEF", quiz, strict=True):
    print(f"{letter} {intents.int2str(row['intent_class'])}: {row['transcription']}")

# %% [markdown] lang="en"
# If you were right, it was luck. The waveform shows who is loud, who is slow and who stops to think, and none of that says
# what they want.
#
# ## Do calls with the same intent look alike?
#
# Two callers, one intent, and this time the log-mel spectrogram, which shows more.

# %% [markdown] lang="ko"
# 맞혔다면 운이 좋았던 거예요. 파형에는 누가 목소리가 크고, 누가 느리고, 누가 머뭇거리는지가 보여요. 하지만 무엇을 원하는지는
# 거기에 없어요.
#
# ## 의도가 같으면 그림도 비슷할까요?
#
# 이번에는 같은 의도로 전화한 두 사람이에요. 더 많은 것이 보이는 로그 멜 스펙트로그램으로 봐요.

# %%
from IPython.display import display

balance = intents.str2int("balance")
same = minds.filter(lambda number: number == balance, input_columns="intent_class").select(range(2))

fig, axes = plt.subplots(2, 1, figsize=(9, 5), layout="constrained")
for ax, row in zip(axes, same, strict=True):
    plots.log_mel(row["audio"], ax=ax)
plt.show()

for row in same:
    text = row["transcription"]
    display(player(row["audio"], transcript=text, intent="balance", synthetic=MINDS14.synthetic))

# %% [markdown] lang="en"
# Other voices, other words, other pauses. The intent is what the two have in common, and it is nowhere in particular in the
# picture.
#
# Two are not many. Here are all of them: choose an intent, then move from clip to clip. Look first, guess, and only then read
# and listen.

# %% [markdown] lang="ko"
# 목소리도, 낱말도, 쉬는 곳도 달라요. 두 통화의 공통점은 의도인데, 그것은 그림의 어느 한 곳에 있지 않아요.
#
# 두 개로는 모자라죠. 여기에 모두 있어요. 의도를 고르고 클립을 하나씩 넘겨 보세요. 먼저 그림만 보고 짐작한 다음에 읽고
# 들어 보세요.

# %%
widgets.clip_explorer(minds, synthetic=MINDS14.synthetic)

# %% [markdown] lang="en"
# ## Does a program see more in the shape?
#
# Perhaps our eyes are just not good enough. So describe each clip by its shape alone: how long it is, how loud, how spiky,
# how much of it is quiet. Then guess its intent from the clip that is most like it in these four numbers.

# %% [markdown] lang="ko"
# ## 프로그램은 모양에서 더 많은 것을 볼까요?
#
# 우리 눈이 부족해서 그런지도 몰라요. 그래서 클립마다 모양만 숫자로 적어 봐요. 얼마나 긴지, 얼마나 큰지, 얼마나 뾰족한지,
# 조용한 곳이 얼마나 되는지예요. 그리고 이 네 숫자가 가장 비슷한 클립의 의도를 답으로 내요.

# %%
guessing = 1 / intents.num_classes


def shape(y):
    """Length in samples, RMS, peak over RMS, and the share of quiet frames."""
    frames = y[: len(y) // 400 * 400].reshape(-1, 400)
    level = np.sqrt(np.mean(frames**2, axis=1))
    rms = np.sqrt(np.mean(y**2))
    return [len(y), rms, np.abs(y).max() / rms, np.mean(level < level.max() / 30)]


shapes = np.array([shape(row["audio"]["array"]) for row in minds])
shapes = (shapes - shapes.mean(axis=0)) / shapes.std(axis=0)  # on one scale, so that no number drowns the others
distance = np.linalg.norm(shapes[:, None] - shapes[None, :], axis=2)
np.fill_diagonal(distance, np.inf)

labels = np.array(numbers)
right = labels[distance.argmin(axis=1)] == labels
print(f"by shape: {right.sum()} of {len(right)} right, {right.mean():.2f}")
print(f"guessing: {guessing:.2f}")

# %% [markdown] lang="en"
# Compare the two lines, and keep the first in mind for [lesson 05](05_compare_with_labels.ipynb): a model that deserves the
# name must do far better, and it can only do so by hearing words.
#
# ## What you did
#
# - The waveform shows loudness and pauses; close up, a vowel repeats and a hiss does not.
# - The spectrum shows which frequencies a stretch holds, the spectrogram also when. Short frames are sharp in time, long ones
#   in frequency.
# - Mel spends rows where the ear is good, log makes quiet things visible; the feature extractor does both the way its model
#   learned it.
# - An intent is heard in words. You cannot read it off the shape of a waveform, and neither can a program.

# %% [markdown] lang="ko"
# 두 줄을 비교해 보고, 첫 줄은 [레슨 05](05_compare_with_labels.ipynb)까지 기억해 두세요. 모델이라고 불리려면 이보다 훨씬
# 잘해야 하고, 그러려면 말을 알아들어야만 해요.
#
# ## 오늘 한 일
#
# - 파형에서는 소리의 크기와 쉬는 곳이 보여요. 가까이 보면 모음은 되풀이되고 쉿 소리는 되풀이되지 않아요.
# - 스펙트럼은 어떤 주파수가 있는지, 스펙트로그램은 언제 있는지까지 보여 줘요. 프레임이 짧으면 시간이, 길면 주파수가 또렷해요.
# - 멜은 귀가 밝은 곳에 행을 많이 쓰고, 로그는 조용한 것도 보이게 해요. 특징 추출기는 모델이 배운 방식 그대로 둘 다 해 줘요.
# - 의도는 말의 내용에서 들려요. 파형의 모양에서는 사람도 프로그램도 읽어 낼 수 없어요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_03

q1 = lesson_03.Grid(frame_length=800, rate=16_000)
q2 = lesson_03.Pitch(minds, row=2)
q3 = lesson_03.LoudestIsNoVowel(minds, clips=40)

# %% [markdown] lang="en"
# **1. Predict.** Frames of 800 samples instead of 400, at 16 kHz, with a transform as long (`fft_length=800`). How many rows will
# the spectrogram have, and how many hertz apart will they be? Write both numbers in a list.

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 16 kHz에서 프레임 길이를 샘플 400개 대신 800개로 하고, 변환의 길이도 똑같이 맞춰요(`fft_length=800`).
# 스펙트로그램의 행은 몇 개이고, 행 사이의 간격은 몇 Hz일까요? 두 숫자를 리스트에 차례로 쓰세요.

# %%
### BEGIN SOLUTION
# From 0 Hz to half the sampling rate, and both ends count.
apart = 16_000 / 800
grid = [8_000 / apart + 1, apart]
### END SOLUTION

# %%
q1.check(grid)

# %% [markdown] lang="en"
# Decided? Then run this cell. Without an answer it keeps quiet.

# %% [markdown] lang="ko"
# 정했나요? 그럼 다음 셀을 실행하세요. 답이 없으면 조용히 있어요.

# %%
long_frames = spectrogram(y, window_function(800, "hann"), frame_length=800, hop_length=160, fft_length=800, power=2.0)
if q1.answered:
    print(long_frames.shape[0], "rows,", rate / 800, "Hz apart")

# %% [markdown] lang="en"
# **2. Compute.** Somebody else is calling in row 2. What is the fundamental frequency of that voice, in hertz, in the loudest 40 ms
# of the clip? Is it higher or lower than the first?

# %% [markdown] lang="ko"
# **2. 계산해 보세요.** 2번 행은 다른 사람의 전화예요. 그 클립에서 소리가 가장 큰 40 ms의 기본 주파수는 몇 Hz인가요? 첫 번째
# 목소리보다 높은가요, 낮은가요?

# %%
player(minds[2]["audio"], transcript=minds[2]["transcription"], synthetic=MINDS14.synthetic)

# %%
### BEGIN SOLUTION
other = minds[2]["audio"]["array"]
other_frames = other[: len(other) // frame_length * frame_length].reshape(-1, frame_length)
loudest = other_frames[np.mean(other_frames**2, axis=1).argmax()]

other_fit = np.correlate(loudest, loudest, mode="full")[len(loudest) - 1 :]
other_period = shortest + other_fit[shortest:longest].argmax()
other_voice = rate / other_period
### END SOLUTION

# %%
q2.check(other_voice)

# %% [markdown] lang="en"
# **3. Find the bug.** The loudest frame of a sentence is *nearly* always a vowel. Which of the first 40 clips is furthest from it?
# This function is meant to help.

# %% [markdown] lang="ko"
# **3. 버그를 찾아보세요.** 문장에서 가장 큰 프레임은 **거의** 언제나 모음이에요. 처음 40개 클립 가운데 가장 그렇지 않은 것은
# 어느 것일까요? 다음 함수로 찾으려고 해요.


# %%
def hiss_of_the_loudest(y):
    """Of the loudest frame of a clip, the share of the power that lies above 2 kHz."""
    frames = y[: len(y) // 640 * 640].reshape(-1, 640)
    power = np.abs(np.fft.rfft(frames * np.hanning(640))) ** 2
    high = np.fft.rfftfreq(640, d=1 / 16_000) > 2_000
    share = power[:, high].sum(axis=1) / np.maximum(power.sum(axis=1), 1e-9)
    return share.max()


print(f"{hiss_of_the_loudest(y):.2f}, and yet the loudest frame of this clip looked like a vowel")

# %% [markdown] lang="en"
# Mend the function, try all 40 clips, and give the number of the row with the largest share. What is the loudest thing in it?

# %% [markdown] lang="ko"
# 함수를 고쳐서 40개 클립에 모두 써 보고, 비율이 가장 높은 행의 번호를 쓰세요. 그 클립에서 가장 큰 소리는 무엇인가요?


# %%
### BEGIN SOLUTION
def hiss_of_the_loudest(y):
    """Of the loudest frame of a clip, the share of the power that lies above 2 kHz."""
    frames = y[: len(y) // 640 * 640].reshape(-1, 640)
    power = np.abs(np.fft.rfft(frames * np.hanning(640))) ** 2
    high = np.fft.rfftfreq(640, d=1 / 16_000) > 2_000
    share = power[:, high].sum(axis=1) / np.maximum(power.sum(axis=1), 1e-9)
    return share[np.mean(frames**2, axis=1).argmax()]  # it was the largest share of all frames


shares = [hiss_of_the_loudest(row["audio"]["array"]) for row in minds.select(range(40))]
no_vowel = int(np.argmax(shares))
### END SOLUTION

# %%
q3.check(no_vowel)
