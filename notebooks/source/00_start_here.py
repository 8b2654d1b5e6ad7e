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
# # Start here: a caller, a waveform, a prediction
#
# Somebody calls a bank and says what they want. In this lesson you load such a call, listen to it, look at it, and let a model say
# what the caller wants. Then you check the answer.
#
# **You will be able to**
# - load a data set of calls and hear one of them;
# - ask a pipeline for the caller's intent and read its answer;
# - compare that answer with the label that people gave.
#
# **Time:** ten minutes. **You need:** some Python. No knowledge of sound or of machine learning, no microphone, no GPU, and no network
# unless you choose the Hub below.
#
# Run one cell after the other with Shift + Enter. The lessons after this one take each step again, slowly.

# %% [markdown] lang="ko"
# # 여기서 시작해요: 전화 한 통, 파형 하나, 예측 하나
#
# 누군가 은행에 전화를 걸어 용건을 말해요. 이 레슨에서는 그런 통화를 하나 불러와서 듣고, 눈으로 보고, 무엇을 원하는 전화인지
# 모델에게 물어봐요. 그리고 그 답이 맞는지 확인해요.
#
# **이 레슨을 마치면**
# - 통화 데이터 세트를 불러와 그중 하나를 들을 수 있어요.
# - 파이프라인(pipeline)에 발화 의도(intent)를 묻고 그 답을 읽을 수 있어요.
# - 그 답을 사람이 붙인 레이블(label)과 비교할 수 있어요.
#
# **걸리는 시간:** 10분. **필요한 것:** 파이썬을 조금 알면 돼요. 소리나 머신러닝을 몰라도 괜찮고, 마이크도 GPU도 필요 없어요.
# 인터넷은 아래에서 Hub를 고를 때만 필요해요.
#
# Shift + Enter로 셀을 하나씩 실행하세요. 다음 레슨부터는 각 단계를 천천히 다시 살펴봐요.

# %% [markdown] lang="en"
# ## Is this machine ready?
#
# The doctor looks at everything that the lessons use. `[ OK ]` and `[WARN]` both let you go on; a `[FAIL]` says what to do.

# %% [markdown] lang="ko"
# ## 이 컴퓨터는 준비됐나요?
#
# 닥터(doctor)가 레슨에서 쓰는 것을 모두 점검해요. `[ OK ]`와 `[WARN]`이면 계속해도 되고, `[FAIL]`이면 무엇을 해야 하는지 알려 줘요.

# %% tags=["nbval-ignore-output"] reason="versions, memory and disk differ from machine to machine"
from helpers import doctor

doctor.report(doctor.check())

# %% [markdown] lang="en"
# ## Where do the calls come from?
#
# The course carries its own small data set and its own model, so it runs without a network. The same lessons can use the genuine
# MInDS-14 recordings and a much larger model from the Hugging Face Hub. Choose here, or with `course source hub` in a terminal; either
# way it holds for all lessons until you choose again. Nothing is downloaded before a later cell asks for it.

# %% [markdown] lang="ko"
# ## 통화는 어디에서 오나요?
#
# 이 코스에는 작은 데이터 세트와 모델이 들어 있어서 인터넷 없이도 돌아가요. 같은 레슨을 Hugging Face Hub의 진짜 MInDS-14 녹음과 훨씬
# 큰 모델로 해 볼 수도 있어요. 여기서 고르거나 터미널에서 `course source hub`를 실행하세요. 어느 쪽이든 다시 고를 때까지 모든 레슨에
# 적용돼요. 고른다고 바로 내려받지는 않아요. 다음 셀들이 필요할 때 내려받아요.

# %%
from helpers import widgets

widgets.source_choice()

# %% [markdown] lang="en"
# Whatever is chosen, the next cell says what you are about to hear.

# %% [markdown] lang="ko"
# 어느 쪽을 골랐든, 지금부터 무엇을 듣게 되는지는 다음 셀이 알려 줘요.

# %%
from helpers import sources

MINDS14 = sources.minds14()
MODEL = sources.intent_model()

print(MINDS14.note)
print(MODEL.note)

# %% [markdown] lang="en"
# ## Load
#
# `load_dataset` reads a data set, here its Australian English part.

# %% [markdown] lang="ko"
# ## 불러오기
#
# `load_dataset`으로 데이터 세트를 읽어요. 여기서는 호주 영어 부분을 읽어요.

# %%
from datasets import load_dataset

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds

# %% [markdown] lang="en"
# Each row is one call: its sound, the words that were said, and what the caller wanted (`intent_class`).
#
# ## Resample
#
# Sound is stored as a row of numbers, so many per second. Telephone calls have few, and the model expects more. One line asks for the
# rate that the model expects; each clip is then converted when you take it out.

# %% [markdown] lang="ko"
# 한 줄이 통화 하나예요. 소리, 말한 내용, 그리고 무엇을 원한 전화인지(`intent_class`)가 들어 있어요.
#
# ## 리샘플링
#
# 소리는 1초에 몇 개씩 이어지는 숫자로 저장돼요. 전화 통화는 그 개수가 적고, 모델은 더 많은 쪽을 기대해요. 아래 한 줄로 모델이
# 기대하는 샘플링 속도(sampling rate)를 정하면, 클립을 꺼낼 때마다 그 속도로 바뀌어서 나와요.

# %%
from helpers import Audio

minds = minds.cast_column("audio", Audio(sampling_rate=16_000))
example = minds[0]
y, rate = example["audio"]["array"], example["audio"]["sampling_rate"]
print(y[:5].round(4))
print(f"{len(y)} samples / {rate} per second = {len(y) / rate:.2f} s")

# %% [markdown] lang="en"
# The array is the sound itself. Its length divided by the sampling rate is the length of the call in seconds.
#
# ## Listen
#
# Press play.

# %% [markdown] lang="ko"
# 이 배열(array)이 바로 소리예요. 배열의 길이를 샘플링 속도로 나누면 통화의 길이가 초로 나와요.
#
# ## 듣기
#
# 재생 버튼을 눌러 보세요.

# %%
from helpers import player

player(example["audio"], transcript=example["transcription"], synthetic=MINDS14.synthetic)

# %% [markdown] lang="en"
# ## Look
#
# Above, the waveform: how the air pressure moves over time. Below, the log-mel spectrogram: which frequencies are in the sound at each
# moment, the picture that many models look at. The light blotches are syllables; the even stretches are pauses.

# %% [markdown] lang="ko"
# ## 보기
#
# 위는 파형(waveform)이에요. 시간에 따라 공기의 압력이 어떻게 움직이는지 보여 줘요. 아래는 로그 멜 스펙트로그램(log-mel spectrogram)이에요.
# 순간마다 소리에 어떤 주파수가 들어 있는지 보여 주는 그림이고, 많은 모델이 이 그림을 봐요. 밝은 얼룩은 음절이고, 고른 부분은 쉬는 곳이에요.

# %%
import matplotlib.pyplot as plt
from helpers import plots

fig, (top, bottom) = plt.subplots(2, 1, figsize=(9, 5), sharex=True, layout="constrained")
plots.waveform(example["audio"], ax=top)
plots.log_mel(example["audio"], ax=bottom)
plt.show()

# %% [markdown] lang="en"
# ## Predict
#
# A pipeline takes the array and does the rest. Its answer is a list: each intent with a score, the best first.

# %% [markdown] lang="ko"
# ## 예측하기
#
# 파이프라인은 배열을 받아서 나머지를 알아서 해요. 답은 목록으로 나와요. 의도마다 점수가 하나씩 있고, 점수가 가장 높은 것이 맨 앞에 와요.

# %%
from transformers import pipeline

classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)
scores = classifier(example["audio"]["array"])
plots.scores(scores)
plt.show()

# %% [markdown] lang="en"
# The scores of all intents add up to one. A high score says that the model is sure, not that it is right.
#
# ## Compare
#
# In the data set the intent is a number. `int2str` turns it into its name. Is it what the model said?

# %% [markdown] lang="ko"
# 모든 의도의 점수를 더하면 1이에요. 점수가 높다는 것은 모델이 확신한다는 뜻이지, 맞았다는 뜻은 아니에요.
#
# ## 비교하기
#
# 데이터 세트에서 의도는 숫자예요. `int2str`로 이름을 알 수 있어요. 모델의 답과 같은가요?

# %%
int2str = minds.features["intent_class"].int2str
label = int2str(example["intent_class"])
print("label:     ", label)
print("prediction:", scores[0]["label"])
print("equal:     ", scores[0]["label"] == label)

# %% [markdown] lang="en"
# ## A few more
#
# One clip proves little. Here are the next ones; read what was said, then what the model made of it.

# %% [markdown] lang="ko"
# ## 몇 개 더
#
# 클립 하나로는 알 수 있는 것이 적어요. 이어지는 클립도 볼까요? 뭐라고 말했는지 먼저 읽고, 모델이 어떻게 들었는지 보세요.

# %%
right = 0
for row in minds.select(range(1, 7)):
    best = classifier(row["audio"]["array"])[0]
    label = int2str(row["intent_class"])
    right += best["label"] == label
    print(f"“{row['transcription'][:90]}”")
    print(f"    label {label}, prediction {best['label']} ({best['score']:.2f})")
print(f"{right} of 6 are equal")

# %% [markdown] lang="en"
# Where the two differ, look at the score as well: is it as high as the others?
#
# ## What you did
#
# - `load_dataset` read the calls, and `cast_column` gave them the sampling rate that the model expects.
# - You heard a clip and saw it as a waveform and as a log-mel spectrogram.
# - `pipeline("audio-classification")` turned an array into a list of intents with scores.
# - `int2str` turned the label into a name, and you compared.
#
# **Try it:** go back to `minds[0]`, put another number in, and run the cells below it again. Can you find a clip that the model gets wrong?
# How sure was it?

# %% [markdown] lang="ko"
# 레이블과 예측이 다른 곳에서는 점수도 함께 보세요. 다른 통화에서만큼 높은가요?
#
# ## 오늘 한 일
#
# - `load_dataset`으로 통화를 읽고, `cast_column`으로 모델이 기대하는 샘플링 속도에 맞췄어요.
# - 클립을 듣고, 파형과 로그 멜 스펙트로그램으로 봤어요.
# - `pipeline("audio-classification")`이 배열을 의도와 점수의 목록으로 바꿨어요.
# - `int2str`로 레이블의 이름을 알아내서 비교했어요.
#
# **해 보기:** `minds[0]`으로 돌아가 다른 번호를 넣고 그 아래 셀을 다시 실행해 보세요. 모델이 틀리는 클립을 찾을 수 있나요?
# 그때 모델은 얼마나 확신했나요?
