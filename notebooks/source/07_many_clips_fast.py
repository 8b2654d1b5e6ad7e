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
# # Many clips, fast
#
# A pipeline is convenient. For many clips, people say, it is too slow: use model and processor yourself. In this lesson you find
# out whether that is true, how much there is to gain on your machine, and which of the usual tricks make it slower.
#
# **You will be able to**
# - measure how many clips per second a program classifies, and where its time goes;
# - say when a batch helps, and when it does not;
# - use model and feature extractor directly, in a smaller number type, and check that the answers stay the same;
# - run through any number of clips, bad ones among them, with memory that does not grow.
#
# **Time:** 25 minutes. **You need:** [lesson 06](06_inside_the_pipeline.ipynb).

# %% [markdown] lang="ko"
# # 많은 클립을 빠르게
#
# 파이프라인은 편해요. 그런데 클립이 많으면 느리니까 모델과 프로세서를 직접 쓰라고들 해요. 이번 레슨에서는 그 말이 맞는지, 여러분의
# 컴퓨터에서는 얼마나 빨라질 수 있는지, 흔히 쓰는 방법 가운데 오히려 느려지는 것은 무엇인지 직접 재 봐요.
#
# **이 레슨을 마치면**
# - 프로그램이 1초에 클립을 몇 개 분류하는지, 시간을 어디에 쓰는지 잴 수 있어요.
# - 배치가 언제 도움이 되고 언제 안 되는지 말할 수 있어요.
# - 모델과 특징 추출기를 직접 쓰고, 더 작은 숫자 자료형으로 바꾸고, 그래도 답이 같은지 확인할 수 있어요.
# - 망가진 것이 섞여 있어도, 클립이 아무리 많아도, 메모리를 더 쓰지 않고 끝까지 갈 수 있어요.
#
# **걸리는 시간:** 25분. **필요한 것:** [레슨 06](06_inside_the_pipeline.ipynb).

# %% [markdown] lang="en"
# ## Something to measure
#
# The calls as before. `CLIPS` says how many of them each measurement takes: enough for a look by default. For figures that you
# would show to others, set it to a few hundred and close other programs.

# %% [markdown] lang="ko"
# ## 잴 것을 준비해요
#
# 통화는 지난 레슨과 같아요. `CLIPS`는 한 번 잴 때 쓸 클립 수예요. 기본값은 대강 살펴보기에 알맞아요. 남에게 보여 줄 숫자라면
# 몇백으로 바꾸고 다른 프로그램을 닫은 다음 재세요.

# %%
from datasets import load_dataset
from transformers import pipeline

from helpers import Audio, sources

CLIPS = 16

MINDS14 = sources.minds14()
MODEL = sources.intent_model()
calls = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
calls = calls.cast_column("audio", Audio(sampling_rate=16_000))
minds = calls.select(range(CLIPS))
clips = [row["audio"]["array"] for row in minds]

classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)
seconds = [len(clip) / 16_000 for clip in clips]
print(len(clips), "clips,", f"{min(seconds):.1f} to {max(seconds):.1f} s long")

# %% [markdown] lang="en"
# ## How fast is the loop?
#
# A stopwatch is two readings of a clock. The first call of a model is slower than the others, as memory is set up for it, so one
# call goes ahead and does not count.

# %% [markdown] lang="ko"
# ## 반복문은 얼마나 빠른가요?
#
# 시계를 두 번 보면 그것이 스톱워치예요. 모델은 처음 부를 때 메모리를 준비하느라 더 느려요. 그래서 한 번은 미리 부르고 세지 않아요.

# %% tags=["nbval-ignore-output"] reason="a measured time"
import time

speed, answers = {}, {}


def measure(name, run):
    start = time.perf_counter()
    answers[name] = run()
    speed[name] = len(clips) / (time.perf_counter() - start)
    print(f"{name}: {speed[name]:.1f} clips per second")


classifier(clips[0])
measure("pipeline", lambda: [classifier(clip, top_k=None) for clip in clips])

# %% [markdown] lang="en"
# Is that slow? It depends on what you have to do. Divide a million clips by that number.
#
# ## Where does the time go?
#
# Three things happen to a clip: it is decoded, the [feature extractor](../../docs/glossary.md#feature-extractor) turns it into
# the model's input, and the model computes. That last step is called the [forward pass](../../docs/glossary.md#forward-pass).
# Time each by itself.

# %% [markdown] lang="ko"
# 느린 걸까요? 할 일이 얼마나 많은지에 달려 있어요. 클립 백만 개를 이 숫자로 나눠 보세요.
#
# ## 시간을 어디에 쓰나요?
#
# 클립 하나에는 세 가지 일이 일어나요. 먼저 디코딩하고, [특징 추출기(feature extractor)](../../docs/glossary.md#feature-extractor)가
# 모델의 입력으로 바꾸고, 모델이 계산해요. 이 마지막 단계를 [순전파(forward pass)](../../docs/glossary.md#forward-pass)라고 해요.
# 하나씩 따로 재 볼게요.

# %% tags=["nbval-ignore-output"] reason="a measured time"
import matplotlib.pyplot as plt
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from helpers import plots

feature_extractor = AutoFeatureExtractor.from_pretrained(MODEL.path, revision=MODEL.revision)
model = AutoModelForAudioClassification.from_pretrained(MODEL.path, revision=MODEL.revision)

clock = [time.perf_counter()]
decoded = [row["audio"]["array"] for row in minds]
clock.append(time.perf_counter())
features = [feature_extractor(clip, sampling_rate=16_000, return_tensors="pt") for clip in decoded]
clock.append(time.perf_counter())
with torch.inference_mode():
    logits = [model(**inputs).logits for inputs in features]
clock.append(time.perf_counter())

spent = {"decode": clock[1] - clock[0], "features": clock[2] - clock[1], "forward": clock[3] - clock[2]}
plots.time_shares(spent)
plt.show()

# %% [markdown] lang="en"
# Whatever the figures are on your machine, one bar is far longer than the others. So "the CPU's feature extraction is the
# bottleneck", which you may have read, is true beside a fast GPU. Here, making it twice as fast would hardly be noticed. What is
# to become faster is the forward pass.
#
# ## Does a batch help?
#
# A [batch](../../docs/glossary.md#batch) is several clips computed at once. On a GPU that is nearly free: thousands of
# processors wait for work. On a CPU it means the same sums in another order. Let the pipeline try, with eight clips at a time.

# %% [markdown] lang="ko"
# 숫자는 컴퓨터마다 다르지만, 막대 하나가 나머지보다 훨씬 길 거예요. 그러니까 “CPU에서 하는 특징 추출이 병목이다”라는 말은 빠른
# GPU를 쓸 때 맞는 말이에요. 여기서는 특징 추출을 두 배 빠르게 해도 티가 거의 나지 않아요. 빨라져야 할 것은 순전파예요.
#
# ## 배치가 도움이 되나요?
#
# [배치(batch)](../../docs/glossary.md#batch)는 클립 여러 개를 한꺼번에 계산하는 거예요. GPU에서는 거의 공짜예요. 프로세서 수천
# 개가 일을 기다리고 있으니까요. CPU에서는 같은 계산을 순서만 바꿔서 하는 셈이에요. 파이프라인에 여덟 개씩 맡겨 볼게요.

# %% tags=["nbval-ignore-output"] reason="a measured time"
measure("pipeline, batch of 8", lambda: list(classifier(clips, batch_size=8, top_k=None)))

# %% [markdown] lang="en"
# Compare with the first figure. If they differ little, that is the rule on a CPU and not an accident.
#
# ## Model and feature extractor, by hand
#
# Lesson 06 took the pipeline apart; here are its pieces in a loop. `inference_mode` tells PyTorch that nothing will be learnt.
# The pipeline does all of this too, so do not expect a miracle.

# %% [markdown] lang="ko"
# 처음 숫자와 견줘 보세요. 별 차이가 없다면, 우연이 아니라 CPU에서는 원래 그래요.
#
# ## 모델과 특징 추출기를 직접 써요
#
# 레슨 06에서 파이프라인을 분해했죠. 그 조각들을 반복문에 넣었어요. `inference_mode`는 아무것도 학습하지 않는다고 PyTorch에
# 알려 줘요. 파이프라인도 이 일을 다 하니까, 기적을 기대하지는 마세요.


# %% tags=["nbval-ignore-output"] reason="a measured time"
def by_hand(clips, model):
    shares = []
    with torch.inference_mode():
        for clip in clips:
            inputs = feature_extractor(clip, sampling_rate=16_000, return_tensors="pt").to(model.dtype)
            shares.append(model(**inputs).logits[0].float().softmax(-1))
    return torch.stack(shares)


measure("by hand", lambda: by_hand(clips, model))

# %% [markdown] lang="en"
# Now change what is computed. A weight is a number of 32 bits, `float32`. In `bfloat16` it has 16: as large a range, but only
# two or three digits. Half as much to move, and many processors of the last years multiply it several times as fast. (Others only
# imitate it, and are slower. That is why one measures.)

# %% [markdown] lang="ko"
# 이제 계산하는 것 자체를 바꿔 봐요. 가중치 하나는 32비트짜리 숫자, `float32`예요. `bfloat16`은 16비트예요. 나타낼 수 있는 크기의
# 범위는 같지만 유효한 자릿수는 두세 자리뿐이에요. 옮길 양이 절반이고, 최근 몇 년 사이에 나온 프로세서 중에는 이것을 몇 배 빠르게
# 곱하는 것이 많아요. (흉내만 내느라 더 느린 것도 있어요. 그래서 재 보는 거예요.)

# %% tags=["nbval-ignore-output"] reason="a measured time"
half = AutoModelForAudioClassification.from_pretrained(MODEL.path, revision=MODEL.revision, dtype=torch.bfloat16)
by_hand(clips[:1], half)
measure("by hand, bfloat16", lambda: by_hand(clips, half))

# %% [markdown] lang="en"
# ## Are the answers still the same?
#
# Faster and wrong is worth nothing. Put all scores into one table, a row for each clip and a column for each label, and look at
# the largest difference anywhere.

# %% [markdown] lang="ko"
# ## 답은 여전히 같은가요?
#
# 빨라도 틀리면 소용없어요. 점수를 모두 표 하나에 모아요. 클립마다 한 줄, 레이블마다 한 칸이에요. 그리고 어디서든 가장 크게 벌어진
# 차이를 봐요.

# %%
import numpy as np

label2id = model.config.label2id


def table(answers):
    if isinstance(answers, torch.Tensor):
        return answers.numpy()
    return np.array([[s["score"] for s in sorted(scores, key=lambda s: label2id[s["label"]])] for scores in answers])


def compare(name, tolerance):
    theirs, mine = table(answers["pipeline"]), table(answers[name])
    same = (theirs.argmax(1) == mine.argmax(1)).sum()
    print(f"{name}: same label for {same} of {len(clips)}, scores within {tolerance}: {abs(theirs - mine).max() <= tolerance}")


compare("pipeline, batch of 8", 1e-5)
compare("by hand", 1e-5)
compare("by hand, bfloat16", 0.02)

# %% [markdown] lang="en"
# In `float32` there is no difference to speak of. In `bfloat16` the scores move a little; whether that matters depends on what
# you do with them. The label of a clip that the model was sure about does not change. One that hung in the balance can.
#
# ## More threads?
#
# A [thread](../../docs/glossary.md#thread) is one line of work; a processor has several cores, and each can work on one. PyTorch
# lets them share every single operation: half of a matrix here, half there, then both wait for each other. In a forward pass
# that happens hundreds of times.

# %% [markdown] lang="ko"
# `float32`에서는 차이라고 할 것이 없어요. `bfloat16`에서는 점수가 조금 움직여요. 그게 문제가 되는지는 점수를 어디에 쓰는지에 달려
# 있어요. 모델이 확신하던 클립의 레이블은 바뀌지 않지만, 아슬아슬하던 클립의 레이블은 바뀔 수 있어요.
#
# ## 스레드를 늘리면요?
#
# [스레드(thread)](../../docs/glossary.md#thread)는 일 한 줄기예요. 프로세서에는 코어가 여러 개 있고, 코어마다 한 줄기씩 맡을 수
# 있어요. PyTorch는 연산 하나하나를 코어들이 나눠 하게 해요. 행렬의 반은 여기서, 반은 저기서 계산하고 서로를 기다려요. 순전파 한
# 번에 이런 일이 수백 번 일어나요.

# %% tags=["nbval-ignore-output"] reason="measured times, and the number of cores"
threads = torch.get_num_threads()
torch.set_num_threads(1)
measure("by hand, bfloat16, 1 thread", lambda: by_hand(clips, half))
torch.set_num_threads(threads)
print("threads before:", threads)

# %% [markdown] lang="en"
# Is it as many times slower as there were threads? Usually not by far: much of what the others did was waiting. There is a
# better way to use them: give each thread clips of its own.
#
# ## All of it together
#
# `inference.classify` is the loop above with what you have learnt. Each thread has its own clips, the weights are in `bfloat16`,
# and of the silence behind a short clip only one frame is computed and then copied. It hands out one answer after the other, in
# the order of the clips.

# %% [markdown] lang="ko"
# 스레드 수만큼 느려졌나요? 보통은 그렇지 않아요. 나머지 스레드는 기다리는 시간이 길었으니까요. 더 나은 방법이 있어요. 스레드마다
# 자기 클립을 주는 거예요.
#
# ## 다 합치면요?
#
# `inference.classify`는 위의 반복문에 지금까지 배운 것을 더한 거예요. 스레드마다 자기 클립이 있고, 가중치는 `bfloat16`이에요. 짧은
# 클립 뒤에 이어지는 무음은 프레임 하나만 계산해서 복사해요. 답은 클립 순서대로 하나씩 나와요.

# %% tags=["nbval-ignore-output"] reason="a measured time"
from helpers import inference

fast = inference.prepare(model, dtype=torch.bfloat16)


def classify(clips, model, **options):
    return [answer.scores for answer in inference.classify(clips, model, feature_extractor, top_k=None, **options)]


classify(clips[:2], fast)
measure("classify", lambda: classify(clips, model))
measure("classify, bfloat16", lambda: classify(clips, fast, dtype=torch.bfloat16))

# %%
compare("classify", 1e-5)
compare("classify, bfloat16", 0.02)

# %% tags=["nbval-ignore-output"] reason="measured times"
plots.speeds(speed)
plt.show()

# %% [markdown] lang="en"
# The pipeline's bar is the one to compare with. Which step gave most? On most machines it is the number type, and after it the
# threads. The batch and the bare loop, which the advice at the top is about, are not where the speed comes from.
#
# ## When does a batch hurt?
#
# Whisper's encoder, which the bundled model is made of, gives every clip the same window, so a batch wastes nothing.
# A [raw-waveform model](../../docs/glossary.md#raw-waveform-model) takes clips as long as they are, and in a batch the shorter
# ones are filled up with zeros to the length of the longest. The model computes those zeros like any other sample. How many are
# they?

# %% [markdown] lang="ko"
# 견줄 기준은 파이프라인의 막대예요. 어느 단계에서 가장 많이 빨라졌나요? 컴퓨터 대부분에서는 숫자 자료형이 첫째이고, 그다음이
# 스레드예요. 맨 위의 조언에 나온 배치와 맨몸 반복문에서 속도가 나오는 것은 아니에요.
#
# ## 배치가 오히려 해로울 때는요?
#
# 코스에 들어 있는 모델의 바탕인 Whisper 인코더는 모든 클립에 같은 크기의 창을 줘요. 그래서 배치로 묶어도 낭비가 없어요.
# [원시 파형 모델(raw-waveform model)](../../docs/glossary.md#raw-waveform-model)은 클립을 길이 그대로 받아요. 배치로 묶으면 짧은
# 클립은 가장 긴 클립의 길이까지 0으로 채워야 하고, 모델은 그 0도 다른 샘플과 똑같이 계산해요. 0이 얼마나 많을까요?

# %%
lengths = np.array([len(row["audio"]["array"]) for row in calls])


def wasted(lengths, size):
    padded = sum(len(lengths[i : i + size]) * lengths[i : i + size].max() for i in range(0, len(lengths), size))
    return 1 - lengths.sum() / padded


for size in (1, 2, 4, 8):
    print(
        f"batches of {size}: {wasted(lengths, size):.2f} padding as they come, {wasted(np.sort(lengths), size):.2f} sorted by length"
    )

# %% [markdown] lang="en"
# These are all the calls of the data set. The larger the batch, the more of it is padding; sorting by length first takes most
# of that away. `classify` does so for models of this kind, a few batches at a time, and puts the answers back into order.
#
# Here is such a model, in the design of XLS-R but with two layers instead of 24 and **untrained**: its answers mean nothing, its
# speed is real.

# %% [markdown] lang="ko"
# 데이터 세트의 통화 전부로 계산했어요. 배치가 클수록 채운 0이 차지하는 몫이 커져요. 먼저 길이순으로 정렬하면 대부분 사라져요.
# `classify`는 이런 모델이면 배치 몇 개 분량씩 길이순으로 정렬하고, 답은 다시 원래 순서로 돌려놔요.
#
# 그런 모델을 하나 만들어 볼게요. XLS-R과 같은 설계이지만 층이 24개가 아니라 2개이고, **학습하지 않았어요.** 답에는 아무 뜻이 없지만
# 속도는 진짜예요.

# %%
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

torch.manual_seed(0)
config = Wav2Vec2Config(
    hidden_size=1024, num_hidden_layers=2, num_attention_heads=16, intermediate_size=4096,
    feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True, num_labels=14,
)  # fmt: skip
waves = Wav2Vec2ForSequenceClassification(config).eval()
normalise = Wav2Vec2FeatureExtractor(return_attention_mask=True)
listener = pipeline("audio-classification", model=waves, feature_extractor=normalise)
few = clips[:8]
print(f"padding in a batch of these {len(few)}: {wasted(np.array([len(clip) for clip in few]), len(few)):.2f}")

# %% tags=["nbval-ignore-output"] reason="measured times"
wave_speed = {}


def measure_waves(name, run):
    start = time.perf_counter()
    result = run()
    wave_speed[name] = len(few) / (time.perf_counter() - start)
    print(f"{name}: {wave_speed[name]:.1f} clips per second")
    return result


def batch(clips):
    inputs = normalise(clips, sampling_rate=16_000, padding=True, return_tensors="pt")
    with torch.inference_mode():
        return waves(**inputs).logits


listener(few[0])
one_by_one = measure_waves("one by one", lambda: [listener(clip, top_k=None) for clip in few])
measure_waves("batch of 8", lambda: batch(few))
ready = inference.prepare(waves)
quick = measure_waves("classify", lambda: list(inference.classify(few, ready, normalise, top_k=None)))
plots.speeds(wave_speed)
plt.show()

# %% [markdown] lang="en"
# The batch computed its padding too, whose share you have just seen, and its arrays are too large for the processor's fast
# memory, the cache. On a CPU with nothing else to do that makes it slower than one by one. (Did the two come out even? Then other
# programs were at work, and one by one, with its many small steps, had to wait for them more often. Run the cell again.)
# `classify` takes these clips singly, and computes the same convolutions in small pieces that stay in the cache: that is why it
# gains here even in `float32`.
#
# ## Can padding change an answer?
#
# Yes, and nothing warns you. A mask tells this model which samples are padding. Leave it out, and they are heard as silence that
# belongs to the clip.

# %% [markdown] lang="ko"
# 배치는 방금 본 비율만큼 채운 0까지 계산했고, 배열이 너무 커서 프로세서의 빠른 메모리인 캐시(cache)에 들어가지 않았어요. CPU가 다른
# 일을 하지 않을 때라면 그래서 하나씩 할 때보다 느려요. (둘이 비슷하게 나왔나요? 그렇다면 다른 프로그램이 돌고 있었던 거예요. 잘게
# 나뉜 일이 많은 하나씩 쪽이 더 자주 기다려야 했어요. 셀을 다시 실행해 보세요.) `classify`는 이런 클립을 하나씩 다루고, 같은 합성곱을
# 캐시에 머무는 작은 조각으로 나눠 계산해요. 그래서 `float32`에서도 빨라져요.
#
# ## 채운 0 때문에 답이 바뀔 수 있나요?
#
# 네, 아무 경고도 없이 바뀌어요. 어느 샘플이 채운 것인지는 마스크(mask)가 이 모델에게 알려 줘요. 마스크를 빼면 모델은 그것을 클립에
# 들어 있는 무음으로 들어요.

# %%
by_length = sorted(clips, key=len)
short, longer = by_length[0], by_length[len(clips) // 2]
alone = batch([short])[0]
masked = batch([short, longer])[0]

inputs = normalise([short, longer], sampling_rate=16_000, padding=True, return_tensors="pt")
with torch.inference_mode():
    unmasked = waves(inputs["input_values"]).logits[0]

size = alone.abs().max()
print("with the mask, changed by less than a thousandth:   ", bool((masked - alone).abs().max() < size / 1000))
print("without the mask, changed by less than a thousandth:", bool((unmasked - alone).abs().max() < size / 1000))

# %% [markdown] lang="en"
# Some models, Wav2Vec2's first ones among them, were trained without a mask or mix the padding in before it counts. For a model
# that padding could change, `classify` puts only clips of exactly the same length into one batch. Ask it what it found:

# %% [markdown] lang="ko"
# 초기 Wav2Vec2처럼 마스크 없이 학습했거나, 마스크가 효력을 내기 전에 채운 값이 섞여 드는 모델도 있어요. 채운 값 때문에 답이 바뀔 수
# 있는 모델이면, `classify`는 길이가 똑같은 클립만 한 배치로 묶어요. 어떻게 판단했는지 물어볼까요?

# %%
print("a window of one size:", inference.padding_of(model, feature_extractor))
print("a mask:              ", inference.padding_of(waves, normalise))
print("no mask:             ", inference.padding_of(waves, Wav2Vec2FeatureExtractor(return_attention_mask=False)))

# %% [markdown] lang="en"
# ## And a million clips?
#
# They do not fit into memory, and they need not. `classify` takes any source of clips, also one that makes them as it goes, and
# reads only a little ahead of the answers. Among a million some are broken. Each gets its report, and the run goes on.

# %% [markdown] lang="ko"
# ## 클립이 백만 개라면요?
#
# 메모리에 다 들어가지 않지만, 그럴 필요도 없어요. `classify`는 클립이 어디서 오든 받아요. 그때그때 만들어 내는 것이어도 돼요. 그리고
# 답보다 조금만 앞서 읽어요. 백만 개 가운데 몇 개는 망가져 있을 거예요. 그런 클립에는 까닭을 적어 주고 계속 가요.


# %%
def stream():
    for number in range(12):
        if number == 3:
            yield np.zeros(0, dtype="float32")
        elif number == 7:
            yield b"not a sound file"
        else:
            yield clips[number % len(clips)]


for answer in inference.classify(stream(), fast, feature_extractor, dtype=torch.bfloat16, top_k=1, progress=False):
    print(answer.index, answer.error or answer.scores[0]["label"])

# %% [markdown] lang="en"
# Its time grows with the number of clips, its memory does not. The benchmark (`make bench`) measures that with up to 10,000
# clips, and all of the above with the full-size XLS-R.
#
# ## What you did
#
# - You measured before you changed anything, and found that the forward pass takes most of the time on a CPU.
# - A batch is worth it on a GPU. On a CPU it gains little, and with raw waveforms the padding makes it slower.
# - `bfloat16`, where the processor has it, and a thread for each clip are what makes it fast.
# - Every faster way was compared with the pipeline's answers. Padding without a mask changes them silently.
# - `classify` holds a few batches at a time, and reports bad clips instead of stopping.

# %% [markdown] lang="ko"
# 시간은 클립 수만큼 늘지만 메모리는 늘지 않아요. 벤치마크(`make bench`)가 클립 10,000개까지 이것을 재고, 위의 모든 것을 원래 크기의
# XLS-R로도 재요.
#
# ## 오늘 한 일
#
# - 무엇이든 바꾸기 전에 먼저 쟀어요. CPU에서는 순전파가 시간을 가장 많이 써요.
# - 배치는 GPU에서 쓸모가 있어요. CPU에서는 얻는 것이 적고, 원시 파형이면 채운 값 때문에 느려져요.
# - 빨라지게 하는 것은 프로세서가 지원하는 `bfloat16`, 그리고 클립마다 맡긴 스레드예요.
# - 빠른 방법은 모두 파이프라인의 답과 비교했어요. 마스크 없이 채우면 답이 소리 없이 바뀌어요.
# - `classify`는 배치 몇 개만 들고 있고, 망가진 클립을 만나면 멈추지 않고 알려 줘요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_07

fastest = max(speed.values())

q1 = lesson_07.WastedByPadding([2, 3, 4, 11])
q2 = lesson_07.StoppedTooEarly(len(clips))
q3 = lesson_07.HoursForAMillion(fastest)

# %% [markdown] lang="en"
# **1. Predict.** Clips of 2, 3, 4 and 11 seconds go into one batch of a raw-waveform model. Which share of what it computes is
# padding? Sums in your head will do.

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 2초, 3초, 4초, 11초짜리 클립을 한 배치로 묶어 원시 파형 모델에 넣어요. 모델이 계산하는 것 가운데 채운 0의
# 비율은 얼마일까요? 암산으로도 할 수 있어요.

# %%
### BEGIN SOLUTION
computed = 4 * 11  # every clip as long as the longest
padding = (computed - (2 + 3 + 4 + 11)) / computed
### END SOLUTION

# %%
q1.check(padding)

# %% [markdown] lang="en"
# Decided? Then let the lesson's own function say it. Without an answer this cell keeps quiet.

# %% [markdown] lang="ko"
# 정했나요? 그럼 레슨에서 만든 함수에게 물어봐요. 답이 없으면 다음 셀은 조용히 있어요.

# %%
if q1.answered:
    print(f"{wasted(np.array([2, 3, 4, 11]), 4):.2f}")

# %% [markdown] lang="en"
# **2. Find the bug.** Thousands of clips per second! How many of the clips had been classified when the clock was read the second
# time?

# %% [markdown] lang="ko"
# **2. 버그를 찾아보세요.** 1초에 클립을 수천 개나 분류했대요! 시계를 두 번째로 보았을 때 실제로 분류가 끝난 클립은 몇 개일까요?

# %% tags=["nbval-ignore-output"] reason="a measured time"
start = time.perf_counter()
results = inference.classify(clips, fast, feature_extractor, dtype=torch.bfloat16, top_k=1)
stop = time.perf_counter()
print(f"{len(clips) / (stop - start):,.0f} clips per second")

# %%
### BEGIN SOLUTION
# `classify` is a generator: it begins when somebody asks for an answer, and nobody has.
classified = 0
### END SOLUTION

# %%
q2.check(classified)

# %% [markdown] lang="en"
# **3. Compute.** `fastest` is the best speed that your machine reached above, in clips per second. How many hours does a million
# clips take at that speed?

# %% [markdown] lang="ko"
# **3. 계산해 보세요.** `fastest`는 위에서 여러분의 컴퓨터가 낸 가장 빠른 속도(초당 클립 수)예요. 이 속도로 클립 백만 개를 분류하면 몇
# 시간이 걸리나요?

# %%
### BEGIN SOLUTION
hours = 1_000_000 / fastest / 3600
### END SOLUTION

# %%
q3.check(hours)

# %% [markdown] lang="en"
# And without a check: set `CLIPS` to the length of the whole data set and run the lesson again. Which bars change?

# %% [markdown] lang="ko"
# 정답이 없는 문제도 하나 있어요. `CLIPS`를 데이터 세트 전체의 크기로 바꾸고 레슨을 다시 실행해 보세요. 어느 막대가 달라지나요?
