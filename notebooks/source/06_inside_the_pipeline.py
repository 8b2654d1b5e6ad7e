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
# # Inside the pipeline: three steps, done by hand
#
# `pipeline` turned an array into scores. Now open the lid: what happens to the sound on the way in, what comes out of the model,
# and how do scores become of it? You do each step yourself and arrive at the same scores.
#
# **You will be able to**
# - name the three steps of a pipeline and do each by hand, with the same scores;
# - say what normalisation, padding, an attention mask and a log-mel spectrogram do to a clip;
# - tell models that take spectrograms from models that take the waveform itself;
# - say which step the pipeline leaves out for a bare array, and what that costs.
#
# **Time:** 25 minutes. **You need:** lessons [03](03_see_the_waveform.ipynb) and [04](04_pipeline.ipynb).

# %% [markdown] lang="ko"
# # 파이프라인 속 들여다보기: 세 단계를 손으로
#
# `pipeline`은 배열을 점수로 바꿔 줬어요. 이제 뚜껑을 열어 봐요. 소리는 들어가면서 어떻게 바뀌고, 모델에서는 무엇이 나오고, 그것이
# 어떻게 점수가 될까요? 한 단계씩 직접 해서 똑같은 점수를 얻어 볼 거예요.
#
# **이 레슨을 마치면**
# - 파이프라인의 세 단계를 말하고, 하나씩 손으로 해서 같은 점수를 얻을 수 있어요.
# - 정규화, 채우기, 어텐션 마스크, 로그 멜 스펙트로그램이 클립을 어떻게 바꾸는지 말할 수 있어요.
# - 스펙트로그램을 받는 모델과 파형을 그대로 받는 모델을 구별할 수 있어요.
# - 배열만 넣었을 때 파이프라인이 빠뜨리는 단계와 그 대가를 말할 수 있어요.
#
# **걸리는 시간:** 25분. **필요한 것:** 레슨 [03](03_see_the_waveform.ipynb)과 [04](04_pipeline.ipynb).

# %% [markdown] lang="en"
# ## Which steps are there?
#
# Three, and each can be called by itself: `preprocess`, `forward`, `postprocess`.

# %% [markdown] lang="ko"
# ## 어떤 단계가 있나요?
#
# 세 단계이고, 하나씩 따로 부를 수도 있어요. `preprocess`, `forward`, `postprocess`예요.

# %%
from datasets import load_dataset
from helpers import Audio, sources
from transformers import pipeline

MINDS14 = sources.minds14()
MODEL = sources.intent_model()
print(MINDS14.note)
print(MODEL.note)

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio(sampling_rate=16_000))
classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)

# %%
array = minds[0]["audio"]["array"]
print("array: ", array.shape)

inputs = classifier.preprocess(array)
for name, value in inputs.items():
    print("inputs:", name, tuple(value.shape))

outputs = classifier.forward(inputs)
print("logits:", tuple(outputs.logits.shape))

for answer in classifier.postprocess(outputs, top_k=3):
    print(f"{answer['score']:.2f}  {answer['label']}")

# %% [markdown] lang="en"
# From samples to what the model takes, from there to one number for each label, and from those to scores.
#
# ## Can I do this without the pipeline?
#
# Yes, with the two parts that it is made of. The [feature extractor](../../docs/glossary.md#feature-extractor) does the first
# step, the model the second. `torch.no_grad()` says that nothing is to be learned, which saves memory.

# %% [markdown] lang="ko"
# 샘플이 모델이 받는 꼴로, 그것이 레이블마다 하나씩인 숫자로, 그 숫자가 점수로 바뀌었어요.
#
# ## 파이프라인 없이도 할 수 있나요?
#
# 네, 파이프라인을 이루는 두 부분만 있으면 돼요. 첫 단계는 [특징 추출기(feature
# extractor)](../../docs/glossary.md#feature-extractor)가, 둘째 단계는 모델이 해요. `torch.no_grad()`는 학습하지 않겠다는 뜻이고,
# 메모리를 아껴 줘요.

# %%
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

extractor = AutoFeatureExtractor.from_pretrained(MODEL.path, revision=MODEL.revision)
model = AutoModelForAudioClassification.from_pretrained(MODEL.path, revision=MODEL.revision)

inputs = extractor(array, sampling_rate=16_000, return_tensors="pt")
with torch.no_grad():
    logits = model(**inputs).logits[0]

# %% [markdown] lang="en"
# ## How do logits become scores?
#
# The model's numbers are called [logits](../../docs/glossary.md#logits). They may be negative, and they add up to nothing in
# particular. [Softmax](../../docs/glossary.md#softmax) makes shares of them: raise e to each, so that all are positive, then
# divide each by their sum.

# %% [markdown] lang="ko"
# ## 로짓은 어떻게 점수가 되나요?
#
# 모델이 내놓은 숫자를 [로짓(logits)](../../docs/glossary.md#logits)이라고 해요. 음수일 수도 있고, 더해도 특별한 값이 되지 않아요.
# [소프트맥스(softmax)](../../docs/glossary.md#softmax)는 이것을 몫으로 바꿔요. e를 로짓만큼 거듭제곱해서 모두 양수로 만든 다음, 그
# 합으로 나누면 돼요.

# %%
powers = torch.exp(logits)
scores = powers / powers.sum()

best, ids = scores.topk(3)
print("logit  e^logit  score  label")
for score, number in zip(best.tolist(), ids.tolist(), strict=True):
    print(f"{logits[number]:5.1f}  {powers[number]:7.1f}  {score:5.2f}  {model.config.id2label[number]}")

# %% [markdown] lang="en"
# `topk` picks the largest, and `id2label`, a dictionary in the model's settings, names them. That was the third step.
#
# ## Is it the same?
#
# Both ways for a few clips, every score of every label.

# %% [markdown] lang="ko"
# `topk`가 가장 큰 것들을 고르고, 모델 설정에 든 딕셔너리 `id2label`이 이름을 붙여요. 이것이 셋째 단계였어요.
#
# ## 정말 같은가요?
#
# 클립 몇 개를 두 가지 방법으로 해 보고, 모든 레이블의 점수를 하나하나 비교해요.

# %%
largest = 0.0
for row in minds.select(range(8)):
    clip = row["audio"]["array"]
    with torch.no_grad():
        mine = model(**extractor(clip, sampling_rate=16_000, return_tensors="pt")).logits[0].softmax(dim=-1)
    theirs = {answer["label"]: answer["score"] for answer in classifier(clip, top_k=None)}
    gaps = [abs(score - theirs[model.config.id2label[i]]) for i, score in enumerate(mine.tolist())]
    largest = max(largest, *gaps)

print("largest difference:", f"{largest:.6f}")
print("at most 1e-6:", largest <= 1e-6)

# %% [markdown] lang="en"
# There is no more to a pipeline than this. What is left to see is the first step, and there models differ: some take a picture
# of the sound, some the sound itself.
#
# ## What does a spectrogram model get?
#
# The bundled model is of the first kind. (It is used here whichever source you have chosen.) Its extractor begins with
# [padding](../../docs/glossary.md#padding): it puts zeros behind the clip until it lasts as long as the model's window. In goes
# the clip, out comes a longer one.

# %% [markdown] lang="ko"
# 파이프라인에 이 이상은 없어요. 더 들여다볼 것은 첫 단계예요. 여기서는 모델마다 달라요. 소리의 그림을 받는 모델도 있고, 소리를
# 그대로 받는 모델도 있어요.
#
# ## 스펙트로그램 모델은 무엇을 받나요?
#
# 코스에 들어 있는 모델이 첫 번째 종류예요. (어떤 소스를 골랐든 여기서는 이 모델을 써요.) 이 모델의 특징 추출기는 먼저
# [채우기(padding)](../../docs/glossary.md#padding)를 해요. 모델의 창 길이가 될 때까지 클립 뒤에 0을 붙이는 거예요. 클립이
# 들어가면 더 긴 클립이 나와요.

# %%
import matplotlib.pyplot as plt
import numpy as np
from helpers import plots

mel_extractor = AutoFeatureExtractor.from_pretrained(sources.BUNDLED / "intent_model")
mel_model = AutoModelForAudioClassification.from_pretrained(sources.BUNDLED / "intent_model")
window = mel_extractor.n_samples
print("window:", window, "samples,", window / 16_000, "s")

padded = np.pad(array[:window], (0, max(0, window - len(array))))
fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 4), layout="constrained")
plots.waveform(array, 16_000, ax=top, title="in")
plots.waveform(padded, 16_000, ax=bottom, title="out, padded")
plt.show()

# %% [markdown] lang="en"
# Next the [short-time Fourier transform](../../docs/glossary.md#stft) (STFT): short windows, one spectrum for each, as in
# [lesson 03](03_see_the_waveform.ipynb). In goes the waveform, out comes a picture of many narrow frequencies. Then the **mel**
# bands gather these into fewer, as the ear does, and the logarithm makes faint things visible.

# %% [markdown] lang="ko"
# 다음은 [단시간 푸리에 변환(STFT)](../../docs/glossary.md#stft)이에요. [레슨 03](03_see_the_waveform.ipynb)처럼 짧은 창마다
# 스펙트럼을 하나씩 구해요. 파형이 들어가면 주파수를 촘촘히 나눈 그림이 나와요. 그다음 **멜(mel)** 대역이 귀가 듣는 방식대로
# 이것을 더 적게 묶고, 로그를 씌워 희미한 것까지 보이게 해요.

# %%
fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 5), layout="constrained")
plots.spectrogram(padded, 16_000, ax=top, title="out of the STFT")
plots.log_mel(padded, 16_000, ax=bottom, title="out of the mel bands and the logarithm")
plt.show()

# %% [markdown] lang="en"
# The last step scales the values into a narrow range around 0, and the model gets this. By hand, with the function that the
# extractors themselves use, it is five lines; below them the difference from what the extractor gives.

# %% [markdown] lang="ko"
# 마지막으로 값을 0 근처의 좁은 범위로 맞추면 모델이 받는 입력이 돼요. 특징 추출기들이 쓰는 함수로 직접 해 보면 다섯 줄이에요. 그
# 아래에 특징 추출기가 내놓은 것과의 차이도 적어 뒀어요.

# %%
from transformers.audio_utils import spectrogram, window_function

fft, hop = mel_extractor.n_fft, mel_extractor.hop_length
mel = spectrogram(
    padded, window_function(fft, "hann"), fft, hop, power=2.0, mel_filters=mel_extractor.mel_filters, log_mel="log10"
)
mel = mel[:, :-1]  # the last frame lies beyond the window
mel = np.maximum(mel, mel.max() - 8)  # 80 dB below the loudest point there is nothing
mel = (mel + 4) / 4

mel_inputs = mel_extractor(array, sampling_rate=16_000, return_tensors="np")
print("shape:", mel_inputs["input_features"].shape)
print("largest difference:", f"{np.abs(mel - mel_inputs['input_features'][0]).max():.3f}")

plots.model_input(mel_inputs["input_features"][0])
plt.show()

# %% [markdown] lang="en"
# The even part to the right is the padding. For this model it is silence like any other, and costs as much time as speech.
#
# ## What if a clip is longer than the window?
#
# It is cut off, without a word. Take the longest clip, and the same clip cut by hand:

# %% [markdown] lang="ko"
# 오른쪽의 고른 부분이 채워 넣은 곳이에요. 이 모델에게는 여느 무음과 다를 것이 없고, 계산하는 데 말소리만큼 시간이 들어요.
#
# ## 클립이 창보다 길면요?
#
# 아무 말 없이 잘려요. 가장 긴 클립과, 그 클립을 손으로 자른 것을 비교해 봐요.

# %%
longest = max((row["audio"]["array"] for row in minds), key=len)
whole = mel_extractor(longest, sampling_rate=16_000)["input_features"][0]
beginning = mel_extractor(longest[:window], sampling_rate=16_000)["input_features"][0]
print(f"{len(longest) / 16_000:.1f} s:", np.shape(whole), "the same input:", np.array_equal(whole, beginning))

# %% [markdown] lang="en"
# What the caller says after the window's end, this model never hears.
#
# ## What does a raw-waveform model get?
#
# The samples themselves. The large model of the audio course, XLS-R, is of this kind. Its extractor does one thing to a clip,
# [normalisation](../../docs/glossary.md#normalisation): take away the mean, divide by the standard deviation. In go a clip and
# a copy that is ten times as quiet:

# %% [markdown] lang="ko"
# 창이 끝난 뒤에 하는 말을 이 모델은 전혀 듣지 못해요.
#
# ## 파형 모델은 무엇을 받나요?
#
# 샘플을 그대로 받아요. 오디오 코스의 큰 모델 XLS-R이 이런 종류예요. 특징 추출기가 클립에 하는 일은
# [정규화(normalisation)](../../docs/glossary.md#normalisation) 하나예요. 평균을 빼고 표준 편차로 나눠요. 클립 하나와, 그것을 열
# 배 작게 만든 것을 넣어 볼게요.

# %%
from transformers import Wav2Vec2FeatureExtractor

raw_extractor = Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True)  # XLS-R's settings

by_hand = (array - array.mean()) / np.sqrt(array.var() + 1e-7)
loud = raw_extractor(array, sampling_rate=16_000)["input_values"][0]
quiet = raw_extractor(array / 10, sampling_rate=16_000)["input_values"][0]
print("by hand:", f"{np.abs(by_hand - loud).max():.3f}", " loud and quiet:", f"{np.abs(loud - quiet).max():.1f}")

fig, axes = plt.subplots(4, 1, figsize=(8, 7), layout="constrained")
plots.waveform(array, 16_000, ax=axes[0], title="in, as it is")
plots.model_input(loud, ax=axes[1], title="out, as it is")
plots.waveform(array / 10, 16_000, ax=axes[2], title="in, a tenth")
plots.model_input(quiet, ax=axes[3], title="out, a tenth")
for ax in axes[:3]:
    ax.set_xlabel("")
plt.show()

# %% [markdown] lang="en"
# Two inputs of different loudness, and outputs that are alike: how far the caller was from the telephone no longer matters.
#
# ## How do clips of different length go into one batch?
#
# A [batch](../../docs/glossary.md#batch) is one array, so its rows have one length. The shorter clip is padded with zeros, and
# the [attention mask](../../docs/glossary.md#attention-mask) says where: 1 for sound, 0 for padding.

# %% [markdown] lang="ko"
# 크기가 다른 소리가 들어갔는데 거의 같은 것이 나왔어요. 전화기에서 얼마나 멀리 떨어져 말했는지는 이제 상관없어요.
#
# ## 길이가 다른 클립은 어떻게 한 배치에 넣나요?
#
# [배치(batch)](../../docs/glossary.md#batch)는 배열 하나라서 행의 길이가 모두 같아야 해요. 짧은 클립은 0으로 채우고, 어디를
# 채웠는지는 [어텐션 마스크(attention mask)](../../docs/glossary.md#attention-mask)에 적어요. 소리는 1, 채운 곳은 0이에요.

# %%
short = array[: len(array) // 2]
batch = raw_extractor([array, short], sampling_rate=16_000, padding=True, return_tensors="pt")
for name, value in batch.items():
    print(name, tuple(value.shape))
print("in: ", len(array), len(short), "samples")
print("out:", batch["attention_mask"].sum(dim=1).tolist(), "samples that count")

plots.padded_batch(batch["input_values"], batch["attention_mask"])
plt.show()

# %% [markdown] lang="en"
# ## What does such a model do with samples?
#
# Here is one that runs: Wav2Vec2 in XLS-R's design, only smaller, built from its settings and **never trained**. What it answers
# is noise. But shapes, and how much time they cost, do not depend on what the weights are. Seven layers of
# [convolutions](../../docs/glossary.md#convolution) go over the samples and leave one vector for every 20 ms: the model makes
# its own picture, where the other one is given a spectrogram.

# %% [markdown] lang="ko"
# ## 이런 모델은 샘플로 무엇을 하나요?
#
# 직접 돌려 볼 수 있는 모델을 하나 만들어요. XLS-R과 설계가 같고 크기만 작은 Wav2Vec2를 설정에서 만들 건데, **학습은 전혀 하지
# 않은** 모델이에요. 그래서 답은 잡음이나 다름없어요. 하지만 모양과 걸리는 시간은 가중치가 어떤 값이든 똑같아요.
# [합성곱(convolution)](../../docs/glossary.md#convolution) 일곱 층이 샘플 위를 지나가며 20 ms마다 벡터를 하나씩 남겨요. 다른
# 모델은 스펙트로그램을 받지만, 이 모델은 그림을 스스로 만드는 셈이에요.

# %%
from transformers import Wav2Vec2Config, Wav2Vec2ForSequenceClassification

torch.manual_seed(0)
config = Wav2Vec2Config(
    feat_extract_norm="layer",
    do_stable_layer_norm=True,
    conv_bias=True,
    conv_dim=(64,) * 7,
    hidden_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=128,
    num_labels=14,
)
raw_model = Wav2Vec2ForSequenceClassification(config).eval()

raw_inputs = raw_extractor(array, sampling_rate=16_000, return_tensors="pt")
mel_inputs = mel_extractor(array, sampling_rate=16_000, return_tensors="pt")
with torch.no_grad():
    raw_frames = raw_model.wav2vec2(**raw_inputs).last_hidden_state
    mel_frames = mel_model.get_encoder()(**mel_inputs).last_hidden_state
    raw_logits, mel_logits = raw_model(**raw_inputs).logits, mel_model(**mel_inputs).logits

print("waveform:   ", tuple(raw_inputs["input_values"].shape), "→", tuple(raw_frames.shape), "→", tuple(raw_logits.shape))
print("spectrogram:", tuple(mel_inputs["input_features"].shape), "→", tuple(mel_frames.shape), "→", tuple(mel_logits.shape))
print("vectors a second:", round(raw_frames.shape[1] / (len(array) / 16_000)), round(mel_frames.shape[1] / (window / 16_000)))

# %% [markdown] lang="en"
# The middle is how many vectors there are, and how long each is. The waveform model has as many as the clip is long, the
# spectrogram model as many as its window, whatever the clip. From there on the two are built alike, and both end in logits.
#
# ## What is the mask good for?
#
# Ask the waveform model about the short clip: alone, in the batch with the mask, and in the batch without it.

# %% [markdown] lang="ko"
# 가운데는 벡터가 몇 개이고 하나의 길이가 얼마인지예요. 파형 모델의 벡터 수는 클립의 길이를 따라가고, 스펙트로그램 모델의 벡터
# 수는 클립이 어떻든 창의 길이로 정해져요. 그 뒤로는 둘의 구조가 비슷하고, 끝에서 로짓이 나오는 것도 같아요.
#
# ## 마스크는 왜 필요한가요?
#
# 파형 모델에게 짧은 클립을 세 가지로 물어봐요. 혼자일 때, 마스크와 함께 배치에 있을 때, 마스크 없이 배치에 있을 때예요.

# %%
with torch.no_grad():
    alone = raw_model(**raw_extractor(short, sampling_rate=16_000, return_tensors="pt")).logits[0]
    masked = raw_model(**batch).logits[1]
    unmasked = raw_model(batch["input_values"]).logits[1]

print("with the mask:   ", f"{(masked - alone).abs().max():.3f}")
print("without the mask:", "differs" if (unmasked - alone).abs().max() > 1e-4 else "the same")

# %% [markdown] lang="en"
# With the mask the neighbour in the batch makes no difference. Without it the model takes the zeros for sound. The spectrogram
# model has no mask: it was trained with its window full of padding, and every clip gets the same window.
#
# ## What does the pipeline not do?
#
# Accounts of the pipeline say that it resamples, normalises, pads and extracts features by itself. For a bare array one of these
# is not so. The extractor does check the rate, if you say it:

# %% [markdown] lang="ko"
# 마스크가 있으면 배치에 누가 함께 있든 달라지지 않아요. 마스크가 없으면 모델은 0까지 소리로 알아들어요. 스펙트로그램 모델에는
# 마스크가 없어요. 창을 채운 채로 학습했고, 어떤 클립이든 창의 길이가 같으니까요.
#
# ## 파이프라인이 하지 않는 것은 무엇인가요?
#
# 파이프라인을 설명하는 글을 보면 리샘플링, 정규화, 채우기, 특징 추출을 알아서 한다고 해요. 그런데 배열만 넣을 때는 이 가운데
# 하나가 사실이 아니에요. 속도를 알려 주면 특징 추출기가 확인은 해요.

# %%
original = minds.cast_column("audio", Audio())[0]["audio"]
print(original["sampling_rate"], "Hz,", len(original["array"]), "samples")
try:
    extractor(original["array"], sampling_rate=original["sampling_rate"])
except ValueError as error:
    print("ValueError: … was trained" + str(error).split("was trained")[-1])

# %% [markdown] lang="en"
# But the pipeline tells the extractor its own rate, whatever the array is: an array does not know its rate, so there is nothing
# to compare. **A bare array is never resampled, and nobody notices.** What the model gets then:

# %% [markdown] lang="ko"
# 하지만 파이프라인은 배열이 무엇이든 특징 추출기에 모델의 속도를 알려 줘요. 배열에는 속도가 적혀 있지 않으니 비교할 것이 없어요.
# **배열만 넣으면 리샘플링은 절대 일어나지 않고, 아무도 알아채지 못해요.** 그때 모델이 받는 것을 보세요.

# %%
fig, (top, bottom) = plt.subplots(2, 1, figsize=(8, 5), layout="constrained")
for ax, name, clip in ((top, "resampled to 16 kHz", array), (bottom, "8 kHz as it is", original["array"])):
    seen = mel_extractor(clip, sampling_rate=16_000)["input_features"][0]
    plots.model_input(seen, ax=ax, title=name)
    ax.label_outer()
plt.show()

# %% [markdown] lang="en"
# Half as long and twice as high: speech that nobody speaks. How many answers does it cost? `CLIPS` says how many calls are asked
# about; `len(minds)` takes them all, in about twice the time.

# %% [markdown] lang="ko"
# 길이는 절반, 높이는 두 배예요. 아무도 그렇게 말하지 않죠. 정답을 몇 개나 잃을까요? 통화 몇 개로 잴지는 `CLIPS`로 정해요.
# `len(minds)`로 하면 전부 재고, 시간은 두 배쯤 걸려요.

# %%
from helpers import evaluation

CLIPS = 84

right = minds.shuffle(seed=6).select(range(CLIPS))
wrong = right.cast_column("audio", Audio(sampling_rate=8_000))
print("16 kHz:          ", evaluation.accuracy(evaluation.predictions(right, classifier)))
print("8 kHz as it is:  ", evaluation.accuracy(evaluation.predictions(wrong, classifier, check=False)))

# %% [markdown] lang="en"
# The price of one forgotten line. `check=False` was needed to pay it: `evaluation.predictions` looks at the rate of every clip, and
# so should you, with `cast_column` before or `audio.validate` at the door.

# %% [markdown] lang="ko"
# 한 줄을 잊은 대가예요. 이 대가를 치르려고 일부러 `check=False`를 썼어요. `evaluation.predictions`는 원래 클립마다 속도를
# 확인하거든요. 여러분도 미리 `cast_column`을 쓰거나, 넣기 직전에 `audio.validate`로 확인하세요.

# %%
from helpers import audio

try:
    audio.validate(original["array"], sampling_rate=original["sampling_rate"], expected_sampling_rate=extractor.sampling_rate)
except audio.AudioError as error:
    print(error)

# %% [markdown] lang="en"
# ## What you did
#
# - A pipeline is a feature extractor, a model and softmax; by hand they give the same scores.
# - A spectrogram model gets a padded log-mel picture of one fixed size. What lies beyond its window is cut off.
# - A waveform model gets normalised samples of any length; in a batch an attention mask tells it what is padding.
# - Normalising, padding and extracting features are automatic. Resampling is not, for a bare array: you saw what that costs.

# %% [markdown] lang="ko"
# ## 오늘 한 일
#
# - 파이프라인은 특징 추출기, 모델, 소프트맥스로 이루어져 있고, 손으로 해도 점수가 같아요.
# - 스펙트로그램 모델은 크기가 정해진, 뒤를 채운 로그 멜 그림을 받아요. 창을 벗어난 것은 잘려요.
# - 파형 모델은 길이가 제각각인 정규화한 샘플을 받아요. 배치에서는 어텐션 마스크가 어디가 채운 곳인지 알려 줘요.
# - 정규화, 채우기, 특징 추출은 자동이에요. 배열만 넣을 때 리샘플링은 자동이 아니고, 그 대가도 확인했어요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_06

click = np.zeros(16_000, dtype="float32")
click[8_000] = 0.5

q1 = lesson_06.RatioOfScores(higher=3, lower=1)
q2 = lesson_06.ClickInSilence(click)
q3 = lesson_06.BeyondTheWindow(len(longest), window)

# %% [markdown] lang="en"
# **1. Predict.** One label's logit is 3, another's is 1, and there are twelve more labels that you know nothing of. How many times as
# large as the second score is the first?

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 한 레이블의 로짓은 3, 다른 레이블의 로짓은 1이에요. 나머지 열두 레이블에 대해서는 아무것도 몰라요. 첫 번째
# 점수는 두 번째 점수의 몇 배일까요?

# %%
### BEGIN SOLUTION
# Both scores are divided by the same sum, so it cancels: e^3 / e^1.
ratio = np.exp(3) / np.exp(1)
### END SOLUTION

# %%
q1.check(ratio)

# %% [markdown] lang="en"
# Decided? Then run this cell, which makes up the other logits. Without an answer it keeps quiet.

# %% [markdown] lang="ko"
# 정했나요? 그럼 나머지 로짓을 지어내는 다음 셀을 실행하세요. 답이 없으면 조용히 있어요.

# %%
made_up = torch.tensor([3.0, 1.0, *torch.linspace(-2, 2, 12)]).softmax(dim=-1)
if q1.answered:
    print(f"{made_up[0]:.3f} / {made_up[1]:.3f} = {made_up[0] / made_up[1]:.2f}")

# %% [markdown] lang="en"
# **2. Compute.** `click` is a second of silence with one sample of 0.5 in it. Normalise it as a waveform model's extractor does. What
# is the largest value then? Guess before you compute: about 0.5, about 1, or far more?

# %% [markdown] lang="ko"
# **2. 계산해 보세요.** `click`은 1초짜리 무음인데 샘플 하나만 0.5예요. 파형 모델의 특징 추출기처럼 정규화하면 가장 큰 값은 얼마가
# 될까요? 계산하기 전에 짐작해 보세요. 0.5쯤일까요, 1쯤일까요, 훨씬 클까요?

# %%
### BEGIN SOLUTION
normalised = (click - click.mean()) / np.sqrt(click.var() + 1e-7)
largest_value = normalised.max()
### END SOLUTION

# %%
q2.check(largest_value)

# %% [markdown] lang="en"
# **3. Compute.** Which share of the clip `longest` does the bundled model never hear? Its window takes `window` samples.

# %% [markdown] lang="ko"
# **3. 계산해 보세요.** 코스에 들어 있는 모델은 클립 `longest` 가운데 어느 정도의 비율을 듣지 못하나요? 이 모델의 창에는 샘플이
# `window`개 들어가요.

# %%
### BEGIN SOLUTION
unheard = (len(longest) - window) / len(longest)
### END SOLUTION

# %%
q3.check(unheard)

# %% [markdown] lang="en"
# And without a check: how long may the padding of `short` become before the answers with and without the mask name different labels?

# %% [markdown] lang="ko"
# 정답이 없는 문제도 하나 있어요. `short` 뒤를 얼마나 길게 채워야 마스크가 있을 때와 없을 때의 답이 서로 다른 레이블이 되나요?
