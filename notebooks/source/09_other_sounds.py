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
# # Other sounds: the same three lines, another model
#
# Lesson 01 named four families of audio classification and then spent all its time on one of them: what a caller wants. Here
# are the other three: speech, music or noise; animals; machines. You will find that the code hardly changes. What a wrong
# answer looks like does, and so does the question: a forest may hold two sounds at once, or none that has a name.
#
# **You will be able to**
# - classify any sound with the three lines that you know, and say what else has to change with the model;
# - see on a log-mel spectrogram why a bird, a siren and a sentence are easy to tell apart;
# - find out where a model of sounds fails, and why;
# - let several labels, or none, be the answer: sigmoid and a threshold in place of softmax;
# - find a genuine model on the Hub for each of the families.
#
# **Time:** 25 minutes. **You need:** lessons 03 to 05.

# %% [markdown] lang="ko"
# # 다른 소리들: 똑같은 세 줄, 다른 모델
#
# 레슨 01에서는 오디오 분류를 네 가지로 나누어 소개한 뒤, 그중 하나인 '전화한 사람은 무엇을 원할까'만 계속 다뤘어요. 이번에는 나머지
# 셋이에요. 말소리·음악·소음, 동물, 기계죠. 해 보면 코드는 거의 바뀌지 않아요. 바뀌는 것은 틀린 답의 모습, 그리고 질문 자체예요.
# 숲에서는 두 소리가 한꺼번에 날 수도 있고, 이름 붙일 소리가 하나도 없을 수도 있으니까요.
#
# **이 레슨을 마치면**
# - 이미 아는 세 줄로 어떤 소리든 분류하고, 모델이 바뀌면 무엇이 함께 바뀌는지 말할 수 있어요.
# - 새, 사이렌, 문장이 왜 쉽게 구별되는지 로그 멜 스펙트로그램에서 볼 수 있어요.
# - 소리를 분류하는 모델이 어디에서 왜 틀리는지 알아낼 수 있어요.
# - 소프트맥스 대신 시그모이드와 문턱값을 써서, 답이 여러 개이거나 하나도 없게 할 수 있어요.
# - 갈래마다 Hub에서 진짜 모델을 찾을 수 있어요.
#
# **걸리는 시간:** 25분. **필요한 것:** 레슨 03부터 05까지.

# %% [markdown] lang="en"
# ## Which sounds are there?
#
# Loading works as before, without a language this time.

# %% [markdown] lang="ko"
# ## 어떤 소리가 있나요?
#
# 불러오는 방법은 그대로예요. 이번에는 언어를 고르지 않아요.

# %%
from datasets import load_dataset

from helpers import Audio, player, sources

SOUNDS = sources.sounds()
MODEL = sources.sound_model()
print(SOUNDS.note)
print(MODEL.note)

sounds = load_dataset(SOUNDS.path, split="train", revision=SOUNDS.revision)
sounds = sounds.cast_column("audio", Audio(sampling_rate=16_000))
label_of = sounds.features["label"].int2str
family_of = sounds.features["family"].int2str

families = {}
for label, family in zip(sounds["label"], sounds["family"], strict=True):
    families.setdefault(family_of(family), set()).add(label_of(label))
print(len(sounds), "clips")
for family, labels in sorted(families.items()):
    print(f"{family + ':':20}{', '.join(sorted(labels))}")

# %% [markdown] lang="en"
# Two of these families hold what lesson 01 promised under other names: animals and machines. The third, speech, music or noise,
# is here too, and two more came along: what nature does, and what people do besides talking.
#
# Three of the clips will stay with us: a bird, a siren and a sentence. Listen to them.

# %% [markdown] lang="ko"
# 동물(animals)과 기계(machines)는 레슨 01에서 약속한 그대로예요. 말소리·음악·소음(speech_music_noise)도 있고, 두 갈래가 더
# 있어요. 자연의 소리(nature)와, 사람이 말하지 않을 때 내는 소리(people)예요.
#
# 세 클립은 레슨 끝까지 함께해요. 새, 사이렌, 문장이에요. 들어 보세요.

# %%
from IPython.display import display

names = [label_of(label) for label in sounds["label"]]
three = {label: sounds[names.index(label)] for label in ("rooster", "siren", "speech")}
for label, row in three.items():
    display(player(row["audio"], title=label, transcript=row["transcription"] or None))

# %% [markdown] lang="en"
# (A rooster is a bird. This one is a formula, as the first note above says.)
#
# ## Do the three lines still work?
#
# The same task, the same call. Only what stands behind `model=` is new.

# %% [markdown] lang="ko"
# (수탉도 새예요. 맨 위의 설명에 나온 대로, 이 수탉은 수식으로 만들었어요.)
#
# ## 세 줄은 그대로 통하나요?
#
# 같은 과제를 같은 방법으로 불러요. `model=` 뒤에 오는 것만 달라요.

# %%
from transformers import pipeline

classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)
for label, row in three.items():
    best = classifier(row["audio"]["array"], top_k=1)[0]
    print(f"{label:10}{best['score']:.2f}  {best['label']}")

# %% [markdown] lang="en"
# ## What has changed with the model, and what has not?
#
# Put the two pipelines side by side: the one for callers' intents, and this one.

# %% [markdown] lang="ko"
# ## 모델이 바뀌면서 바뀐 것과 그대로인 것은 무엇인가요?
#
# 두 파이프라인을 나란히 놓아 봐요. 전화의 의도를 듣던 것과 지금 것이에요.

# %%
INTENTS = sources.intent_model()
intent_classifier = pipeline("audio-classification", model=INTENTS.path, revision=INTENTS.revision)

for name, pipe in {"intents": intent_classifier, "sounds": classifier}.items():
    config, extractor = pipe.model.config, pipe.feature_extractor
    print(f"{name}: {type(pipe.model).__name__}")
    print(f"   parameters:    {pipe.model.num_parameters() / 1e6:.1f} million")
    print(f"   sampling rate: {extractor.sampling_rate} Hz")
    print(f"   input:         {extractor.model_input_names[0]}")
    window = getattr(extractor, "chunk_length", None)
    print(f"   window:        {f'{window} s' if window else 'as long as the clip'}")
    print(f"   labels:        {config.num_labels}, from {config.id2label[0]} to {config.id2label[config.num_labels - 1]}")

# %% [markdown] lang="en"
# What changes: the labels, the size, and how much of a clip is heard (a window of a few seconds is plenty for a bark, and it
# would cut a caller short). What stays: a mono array at the model's sampling rate goes in, a list of labels with scores comes
# out, and everything that lessons 04 and 05 found out about both.
#
# Also this stays: a model only has its own labels. Ask each of the two about the other's sounds.

# %% [markdown] lang="ko"
# 바뀌는 것은 레이블, 크기, 그리고 클립을 얼마나 길게 듣는지예요. 개 짖는 소리에는 몇 초짜리 창(window)이면 넉넉하지만, 통화라면
# 중간에 끊겨요. 그대로인 것은 모델의 샘플링 속도에 맞춘 모노 배열을 넣으면 레이블과 점수의 목록이 나온다는 것, 그리고 레슨 04와
# 05에서 알아낸 모든 것이에요.
#
# 그대로인 것이 하나 더 있어요. 모델은 자기 레이블만 알아요. 두 모델에게 서로의 소리를 물어볼게요.

# %%
MINDS14 = sources.minds14()
minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio(sampling_rate=16_000))

call, rooster = minds[0]["audio"]["array"], three["rooster"]["audio"]["array"]
for what, array in {"a call": call, "a rooster": rooster}.items():
    for name, pipe in {"intents": intent_classifier, "sounds": classifier}.items():
        best = pipe(array, top_k=1)[0]
        print(f"{what:10} asked for {name + ':':9}{best['score']:.2f}  {best['label']}")

# %% [markdown] lang="en"
# To the model of sounds a call is `speech`, whatever the caller wants. To the model of intents a rooster is a customer. Neither
# is wrong by its own lights: each spreads its scores over the labels it has.
#
# ## What can the model see?
#
# Both models look at [log-mel spectrograms](../../docs/glossary.md#log-mel-spectrogram). In lesson 03 you tried to read an intent off
# one and could not. Try again.

# %% [markdown] lang="ko"
# 소리 모델에게 통화는 무엇을 원하는 전화든 그냥 `speech`예요. 의도 모델에게는 수탉도 손님이에요. 둘 다 나름대로는 맞아요. 가진
# 레이블에 점수를 나눠 줄 뿐이니까요.
#
# ## 모델에는 무엇이 보이나요?
#
# 두 모델 모두 [로그 멜 스펙트로그램(log-mel spectrogram)](../../docs/glossary.md#log-mel-spectrogram)을 봐요. 레슨 03에서는 이
# 그림에서 의도를 읽어 보려다 실패했어요. 다시 해 볼까요?

# %%
import matplotlib.pyplot as plt

from helpers import plots

fig, axes = plt.subplots(3, 1, figsize=(9, 7.5), layout="constrained", sharex=True)
for ax, (label, row) in zip(axes, three.items(), strict=True):
    plots.log_mel(row["audio"], ax=ax, title=label)
    ax.label_outer()
plt.show()

# %% [markdown] lang="en"
# This time it can be read. The rooster is a ladder: a tone with its [harmonics](../../docs/glossary.md#harmonic) above it, all rising
# and falling together, with short notes first, a long one after, and then nothing. The siren is a ladder too, but it never stops, and
# its rungs move by a rule. The sentence changes several times a second: stripes for vowels, clouds for consonants,
# gaps between them. No word is needed to tell these three apart, and that is why a much smaller model will do.
#
# ## How often is it right?
#
# The whole set, as in lesson 05. Only the name of the column with the label differs.

# %% [markdown] lang="ko"
# 이번에는 읽혀요. 수탉은 사다리 모양이에요. 음 하나 위에 [배음(harmonic)](../../docs/glossary.md#harmonic)이 쌓여 있고, 모두 함께
# 오르내려요. 짧은 음이 먼저, 긴 음이 나중에 오고, 그다음에는 아무것도 없어요. 사이렌도 사다리지만 멈추지 않고, 칸이 규칙적으로
# 움직여요. 문장은 1초에도 몇 번씩 바뀌어요. 모음은 줄무늬, 자음은 구름이고, 사이사이에 틈이 있어요. 이 셋을 구별하는 데 낱말은 필요
# 없어요. 훨씬 작은 모델로 충분한 이유예요.
#
# ## 얼마나 자주 맞히나요?
#
# 레슨 05처럼 전체를 해 봐요. 레이블이 든 열의 이름만 달라요.

# %%
from helpers import evaluation

table = evaluation.predictions(sounds, classifier, label="label")
print("accuracy:", evaluation.accuracy(table))

# %%
plots.recall(evaluation.recall_by_label(table))
plt.show()

# %% [markdown] lang="en"
# Very often. Before you rejoice, ask what lesson 05 taught you to ask: where do the clips come from? The notes at the top say it. The
# model has heard none of these clips, but it has heard others that the same formulas made. So the figure says how well it knows
# our formulas. How well it knows dogs is another question, and only genuine dogs can answer it.
#
# When the model was made, genuine recordings of ten of the labels were at hand ([ESC-10](https://github.com/karolpiczak/ESC-50)). They
# may not be passed on with this course, so you cannot measure it here, but what was measured stands in the model's card.

# %% [markdown] lang="ko"
# 아주 자주 맞혀요. 기뻐하기 전에 레슨 05에서 배운 질문을 던져 보세요. 이 클립들은 어디에서 왔나요? 맨 위의 설명에 나와 있어요.
# 모델은 이 클립들을 들은 적이 없지만, 같은 수식으로 만든 다른 클립은 들었어요. 그러니까 이 숫자는 모델이 우리 수식을 얼마나 잘
# 아는지를 말해 줘요. 개를 얼마나 잘 아는지는 다른 문제이고, 진짜 개만이 답할 수 있어요.
#
# 모델을 만들 때는 레이블 열 개의 실제 녹음이 있었어요([ESC-10](https://github.com/karolpiczak/ESC-50)). 이 녹음은 코스에 담아 나눠 줄
# 수 없어서 여기서 직접 잴 수는 없지만, 그때 잰 값이 모델 카드에 적혀 있어요.

# %%
from pathlib import Path

card = Path(MODEL.path, "README.md").read_text(encoding="utf-8")
print(card.split("### On genuine recordings never heard\n")[1].split("\n### ")[0].strip())

# %% [markdown] lang="en"
# Each line is a model that was trained without a third of the recordings and then heard that third. Hold the figures against the one
# above: that is the distance between a formula and a dog.
#
# ## Where does it fail, and why?
#
# First the clips that it got wrong here, the most confident mistakes first.

# %% [markdown] lang="ko"
# 한 줄이 모델 하나예요. 녹음의 3분의 1을 빼고 학습한 뒤, 빼 둔 3분의 1을 들었어요. 위에서 잰 값과 견줘 보세요. 그 차이가 수식과 진짜
# 개 사이의 거리예요.
#
# ## 어디에서, 왜 틀리나요?
#
# 먼저 여기서 틀린 클립이에요. 가장 확신하면서 틀린 것부터 보여 줘요.

# %%
mistakes = evaluation.most_confident_mistakes(table, 3)
for row, mistake in mistakes.iterrows():
    said = f"{row}: {mistake['label']} ({mistake['label_score']:.2f}) → {mistake['prediction']} ({mistake['score']:.2f})"
    display(player(sounds[row]["audio"], title=said))
evaluation.confused_pairs(table, 5)

# %% [markdown] lang="en"
# A few clips prove little. It is more telling to take sounds that the model knows and change one thing at a time. Three changes: only a
# short piece is left; the pace is wrong, because somebody forgot to resample (lesson 02); there is noise on top, as loud as the sound.

# %% [markdown] lang="ko"
# 클립 몇 개로는 알 수 있는 것이 적어요. 모델이 아는 소리를 골라 한 번에 하나씩 바꿔 보는 편이 나아요. 세 가지를 바꿔요. 짧은 조각만
# 남기기, 리샘플링을 잊어서 속도가 틀린 것(레슨 02), 소리만큼 큰 소음을 섞는 것이에요.

# %%
import numpy as np

from helpers import audio

rng = np.random.default_rng(0)


def short(y):
    loudest = int(np.abs(y).argmax())
    return y[max(0, loudest - 800) : loudest + 800]  # a tenth of a second


def too_fast(y):
    return audio.resample(y, orig_sr=16_000, target_sr=8_000)  # 8 kHz samples, taken for 16 kHz


def noisy(y):
    return (y + rng.normal(0, y.std(), len(y))).astype("float32")


changes = {"short": short, "too fast": too_fast, "noisy": noisy}
sample = [names.index(label) for label in sorted(set(names))]
print(f"{'':16}{'unchanged':16}" + "".join(f"{name:16}" for name in changes))
right = dict.fromkeys(changes, 0)
for i in sample:
    y = sounds[i]["audio"]["array"]
    answers = {name: classifier(change(y), top_k=1)[0]["label"] for name, change in changes.items()}
    print(f"{names[i]:16}{classifier(y, top_k=1)[0]['label']:16}" + "".join(f"{answer:16}" for answer in answers.values()))
    for name, answer in answers.items():
        right[name] += answer == names[i]
print({name: f"{count} of {len(sample)} right" for name, count in right.items()})

# %% [markdown] lang="en"
# Go through the columns. A tenth of a second holds a colour, but not a course: what is recognised by how it moves (a siren, a crow, a
# melody) is lost. At twice the pace every pitch is an octave too high, and what is told by its pitch is taken for something that is
# higher by nature. And white noise resembles rain, the sea and fire more than these resemble anything else. A model goes by what it
# sees, so ask of every pair of labels: could *you* tell them apart in the picture?
#
# ## And if two sounds are heard at once?
#
# A street is not sorted. Mix a dog and the rain and ask again.

# %% [markdown] lang="ko"
# 칸을 하나씩 살펴보세요. 0.1초에는 음색은 들어 있어도 흐름은 없어요. 사이렌, 수탉, 선율처럼 움직임으로 알아듣는 소리는 사라져요.
# 두 배로 빨라지면 모든 음이 한 옥타브 높아져서, 높이로 알아듣던 소리는 원래 더 높은 다른 소리로 들려요. 그리고 백색 소음은
# 다른 무엇보다 비, 파도, 불과 비슷해요. 모델은 보이는 것으로 판단해요. 그러니 레이블 두 개가 있으면 늘 물어보세요. **나라면** 그림에서
# 둘을 구별할 수 있을까요?
#
# ## 두 소리가 한꺼번에 들리면요?
#
# 길거리의 소리는 정리되어 있지 않아요. 개와 비를 섞어서 다시 물어봐요.


# %%
def loud(y):
    return y / np.sqrt(np.mean(y**2))


def mixed(*arrays):
    y = sum(loud(array) for array in arrays)
    return (y / np.abs(y).max()).astype("float32")


dog, rain = (sounds[names.index(label)]["audio"]["array"] for label in ("dog_bark", "rain"))
both = mixed(dog, rain)
display(player(both, 16_000, title="dog_bark + rain"))

plots.scores(classifier(both, top_k=4), title="softmax")
plt.show()

# %% [markdown] lang="en"
# [Softmax](../../docs/glossary.md#softmax) has 1 to give away. With two sounds in the clip the labels have to share it, and the
# more sounds there are, the less is left for each. "Which one is it?" is the wrong question here. The right one is asked of
# each label by itself: "is it there?" That is [multi-label](../../docs/glossary.md#multi-label) classification, and its formula
# is the [sigmoid](../../docs/glossary.md#sigmoid): it turns each [logit](../../docs/glossary.md#logits) into a number between 0
# and 1 without looking at the others. The pipeline has a word for it.

# %% [markdown] lang="ko"
# [소프트맥스(softmax)](../../docs/glossary.md#softmax)가 나눠 줄 수 있는 것은 1뿐이에요. 클립에 소리가 둘이면 두 레이블이 나눠 가져야
# 하고, 소리가 많을수록 하나에 돌아가는 몫이 줄어요. "어느 것인가요?"는 여기에 맞지 않는 질문이에요. 레이블마다 따로 "있나요?"라고
# 물어야 해요. 이것이 [다중 레이블(multi-label)](../../docs/glossary.md#multi-label) 분류이고, 이때 쓰는 식이
# [시그모이드(sigmoid)](../../docs/glossary.md#sigmoid)예요. 시그모이드는 다른 것을 보지 않고 [로짓(logit)](../../docs/glossary.md#logits)
# 하나하나를 0과 1 사이의 숫자로 바꿔요. 파이프라인에도 이것을 고르는 말이 있어요.

# %%
plots.scores(classifier(both, top_k=4, function_to_apply="sigmoid"), title="sigmoid")
plt.show()

for function in ("softmax", "sigmoid"):
    everything = classifier(both, top_k=None, function_to_apply=function)
    print(f"{function}: sum {sum(score['score'] for score in everything):.1f}")

# %% [markdown] lang="en"
# With sigmoid the scores need not add up to 1, and a list of "the best" is no answer any more: you decide from which score on a
# label counts as there. That is the [threshold](../../docs/glossary.md#threshold) of lesson 05 in a new role. Try three of them on
# mixtures whose two labels are known.

# %% [markdown] lang="ko"
# 시그모이드에서는 점수를 다 더해도 1이 될 필요가 없고, "가장 높은 것"만으로는 답이 되지 않아요. 점수가 얼마 이상이어야 그 레이블이
# 있다고 볼지 직접 정해야 해요. 레슨 05의 [문턱값(threshold)](../../docs/glossary.md#threshold)이 새로운 역할을 맡은 거예요. 두 레이블이
# 무엇인지 아는 섞은 소리로 문턱값 세 개를 시험해 봐요.

# %%
mixtures = []
while len(mixtures) < 60:
    a, b = (int(i) for i in rng.integers(len(sounds), size=2))
    if names[a] != names[b]:
        array = mixed(sounds[a]["audio"]["array"], sounds[b]["audio"]["array"])
        scores = classifier(array, top_k=None, function_to_apply="sigmoid")
        mixtures.append(({names[a], names[b]}, {score["label"]: score["score"] for score in scores}))

print("threshold  labels given  of these right  of the true labels found")
for threshold in (0.2, 0.5, 0.8):
    given = [{label for label, score in scores.items() if score >= threshold} for _, scores in mixtures]
    hits = sum(len(found & truth) for found, (truth, _) in zip(given, mixtures, strict=True))
    count = sum(len(found) for found in given)
    print(f"{threshold:9}{count:14}{hits / max(count, 1):16.2f}{hits / (2 * len(mixtures)):26.2f}")

# %% [markdown] lang="en"
# A low threshold finds more and raises more false alarms; a high one the other way round. As in lesson 05, what each mistake costs
# decides, and the best threshold may differ from label to label: a fire alarm and a bird counter are not after the same thing.
#
# ## And if nothing that has a name is heard?
#
# The question that lesson 04 left open. Silence, and the keys of a telephone, for which there is no label.

# %% [markdown] lang="ko"
# 문턱값이 낮으면 더 많이 찾지만 잘못된 경보도 늘고, 높으면 그 반대예요. 레슨 05에서처럼 실수마다 얼마나 손해인지가 답을 정하고,
# 레이블마다 알맞은 문턱값이 다를 수도 있어요. 화재 경보기와 새를 세는 상자가 바라는 것은 서로 다르니까요.
#
# ## 이름 붙일 소리가 하나도 없으면요?
#
# 레슨 04에서 남겨 둔 질문이에요. 무음과, 레이블이 없는 전화기 버튼 소리를 넣어 봐요.

# %%
t = np.arange(3_200) / 16_000
pairs = [(697, 1209), (770, 1336), (852, 1477), (941, 1336)]
keys = [0.2 * (np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t)) for low, high in pairs]
phone = np.concatenate([part for key in keys for part in (key, np.zeros(3_200))]).astype("float32")
display(player(phone, 16_000, title="telephone keys"))

for name, array in {"silence": np.zeros(48_000, dtype="float32"), "telephone keys": phone}.items():
    for function in ("softmax", "sigmoid"):
        best = classifier(array, top_k=1, function_to_apply=function)[0]
        print(f"{name:15} {function}: {best['score']:.2f}  {best['label']}")

# %% [markdown] lang="en"
# Softmax must give its 1 to somebody. With sigmoid every score can be low, and "none of these" is an answer at last.
#
# It is no free gift. The formula can be applied to any logits, but its scores mean something only if the model was trained to
# answer "is it there?": with mixtures, and with sounds in which the right answer is nothing. This model was, its card says so. The model
# of intents was not:

# %% [markdown] lang="ko"
# 소프트맥스는 1을 누군가에게 주어야만 해요. 시그모이드에서는 모든 점수가 낮을 수 있고, 드디어 "이 가운데 없음"이라는 답이 생겨요.
#
# 공짜는 아니에요. 식은 어떤 로짓에나 쓸 수 있지만, "있나요?"에 답하도록 학습한 모델이라야 그 점수에 뜻이 있어요. 섞은 소리도,
# 정답이 '없음'인 소리도 들으면서 배워야 하죠. 이 모델은 그렇게 학습했고 카드에도 적혀 있어요. 의도 모델은 그렇지 않아요.

# %%
everything = intent_classifier(np.zeros(48_000, dtype="float32"), top_k=None, function_to_apply="sigmoid")
print(f"intents in silence, sigmoid: {everything[0]['score']:.2f} down to {everything[-1]['score']:.2f}")

# %% [markdown] lang="en"
# Numbers between 0 and 1 they are; whether an intent *is there* they were never taught to say.
#
# How does the pipeline choose when you say nothing? By `problem_type` in the model's config: sigmoid for
# `multi_label_classification`, else softmax. Many multi-label checkpoints leave that line out and get softmax, the AudioSet model
# below among them. So read the card, and say `function_to_apply` yourself.

# %% [markdown] lang="ko"
# 0과 1 사이의 숫자이기는 해요. 하지만 의도가 **있는지** 말하는 법은 배운 적이 없어요.
#
# 아무 말도 하지 않으면 파이프라인은 무엇을 고를까요? 모델 설정의 `problem_type`을 봐요. `multi_label_classification`이면 시그모이드,
# 아니면 소프트맥스예요. 다중 레이블 모델인데 그 줄이 빠져 있어서 소프트맥스를 쓰게 되는 체크포인트가 많아요. 아래의 AudioSet
# 모델도 그래요. 그러니 카드를 읽고, `function_to_apply`를 직접 쓰세요.

# %%
print("problem_type:", classifier.model.config.problem_type)

# %% [markdown] lang="en"
# ## Which genuine models are there?
#
# For each family somebody has trained a large model and put it on the Hub. A map, with one proven model per family:
#
# | family | model on the Hub | it answers with | scores |
# |---|---|---|---|
# | any sound: music, animals, machines, weather | `MIT/ast-finetuned-audioset-10-10-0.4593` | 527 labels of [AudioSet](https://research.google.com/audioset/) | sigmoid |
# | single spoken words ("stop", "seven") | `MIT/ast-finetuned-speech-commands-v2` | 35 words | softmax |
# | which language is spoken | `sanchit-gandhi/whisper-medium-fleurs-lang-id` | 102 languages | softmax |
# | whatever you can put into words | `laion/clap-htsat-unfused` | the labels that you write | softmax |
#
# The next cells run with the Hub as source, and are skipped with a reason otherwise. Each model is some hundred megabytes, once.
#
# ### Any sound
#
# An [Audio Spectrogram Transformer](https://arxiv.org/abs/2104.01778): the log-mel spectrogram is cut into squares, and a transformer
# reads them as it would read words. The three lines are the ones that you know.

# %% [markdown] lang="ko"
# ## 진짜 모델에는 무엇이 있나요?
#
# 갈래마다 누군가 큰 모델을 학습해서 Hub에 올려 두었어요. 갈래별로 검증된 모델을 하나씩 적은 지도예요.
#
# | 갈래 | Hub의 모델 | 답하는 레이블 | 점수 |
# |---|---|---|---|
# | 모든 소리: 음악, 동물, 기계, 날씨 | `MIT/ast-finetuned-audioset-10-10-0.4593` | [AudioSet](https://research.google.com/audioset/)의 레이블 527개 | 시그모이드 |
# | 한 단어 명령("stop", "seven") | `MIT/ast-finetuned-speech-commands-v2` | 단어 35개 | 소프트맥스 |
# | 어느 언어로 말하는지 | `sanchit-gandhi/whisper-medium-fleurs-lang-id` | 언어 102개 | 소프트맥스 |
# | 말로 쓸 수 있는 것이라면 무엇이든 | `laion/clap-htsat-unfused` | 직접 적은 레이블 | 소프트맥스 |
#
# 다음 셀들은 소스가 Hub일 때 실행되고, 아니면 이유를 알려 주고 건너뛰어요. 모델마다 처음 한 번 수백 메가바이트를 내려받아요.
#
# ### 모든 소리
#
# [오디오 스펙트로그램 트랜스포머(Audio Spectrogram Transformer)](https://arxiv.org/abs/2104.01778)예요. 로그 멜 스펙트로그램을 네모난
# 조각으로 자르고, 트랜스포머가 그 조각을 낱말처럼 읽어요. 부르는 방법은 이미 아는 세 줄이에요.

# %%
if sources.hub_only("MIT/ast-finetuned-audioset-10-10-0.4593"):
    tagger = pipeline("audio-classification", model="MIT/ast-finetuned-audioset-10-10-0.4593")
    for name, array in {**{label: row["audio"]["array"] for label, row in three.items()}, "dog_bark + rain": both}.items():
        best = tagger(array, top_k=3, function_to_apply="sigmoid")
        print(f"{name:17}", ", ".join(f"{score['label']} {score['score']:.2f}" for score in best))

# %% [markdown] lang="en"
# ### One word
#
# It takes a second of sound. Here it hears the beginning of a call, and does what every model does with a word that it does not have.

# %% [markdown] lang="ko"
# ### 한 단어
#
# 1초짜리 소리를 받아요. 여기서는 통화의 첫 부분을 들려줘요. 목록에 없는 낱말을 들으면 어느 모델이나 하는 일을 이 모델도 해요.

# %%
if sources.hub_only("MIT/ast-finetuned-speech-commands-v2"):
    commands = pipeline("audio-classification", model="MIT/ast-finetuned-speech-commands-v2")
    print(commands(call[8_000:24_000], top_k=3))

# %% [markdown] lang="en"
# ### Which language?

# %% [markdown] lang="ko"
# ### 어느 언어인가요?

# %%
if sources.hub_only("sanchit-gandhi/whisper-medium-fleurs-lang-id"):
    languages = pipeline("audio-classification", model="sanchit-gandhi/whisper-medium-fleurs-lang-id")
    korean = load_dataset(MINDS14.path, name="ko-KR", split="train", revision=MINDS14.revision)
    korean = korean.cast_column("audio", Audio(sampling_rate=16_000))
    for name, row in {"en-AU": minds[0], "ko-KR": korean[0]}.items():
        print(name, languages(row["audio"]["array"], top_k=2))

# %% [markdown] lang="en"
# ### Labels of your own, without training
#
# CLAP has learnt which sounds go with which sentences. So the labels are no list inside the model: you write them, and change them as
# you like. This is [zero-shot](../../docs/glossary.md#zero-shot) classification. The task has another name, and this model expects
# 48 kHz, so the array is resampled as in lesson 02.

# %% [markdown] lang="ko"
# ### 학습하지 않고 내 레이블로
#
# CLAP은 어떤 소리가 어떤 문장과 어울리는지를 배웠어요. 그래서 레이블이 모델 안에 정해져 있지 않아요. 직접 적고, 마음대로 바꿀 수
# 있어요. 이것을 [제로샷(zero-shot)](../../docs/glossary.md#zero-shot) 분류라고 해요. 과제의 이름이 다르고, 이 모델은 48 kHz를 기대하니
# 레슨 02처럼 리샘플링해서 넣어요.

# %%
if sources.hub_only("laion/clap-htsat-unfused"):
    zero_shot = pipeline("zero-shot-audio-classification", model="laion/clap-htsat-unfused")
    wanted = ["a rooster crowing", "a siren", "a person speaking", "a telephone being dialled"]
    rate = zero_shot.feature_extractor.sampling_rate
    for name, array in {**{label: row["audio"]["array"] for label, row in three.items()}, "telephone keys": phone}.items():
        at_rate = audio.resample(array, orig_sr=16_000, target_sr=rate)
        best = zero_shot(at_rate, candidate_labels=wanted)[0]
        print(f"{name:15}{best['score']:.2f}  {best['label']}")

# %% [markdown] lang="en"
# ### Genuine recordings
#
# ESC-50 holds two thousand of them. It may be used for non-commercial purposes only, which is why it is not bundled. The bundled model was
# trained on its folds 1 to 3, so it is measured on the others, which lie in the second of its two files (about 390 MB).

# %% [markdown] lang="ko"
# ### 실제 녹음
#
# ESC-50에는 실제 녹음이 2천 개 들어 있어요. 비상업적 용도로만 쓸 수 있어서 코스에 담지 않았어요. 코스의 모델은 폴드(fold) 1부터 3까지로
# 학습했으니 나머지로 재야 해요. 그것은 두 파일 가운데 두 번째에 들어 있어요(약 390 MB).

# %%
if sources.hub_only("ashraq/esc50"):
    # Its own names for the ten labels that both have.
    ours = {
        "dog": "dog_bark", "rooster": "rooster", "rain": "rain", "sea_waves": "sea_waves", "crackling_fire": "fire_crackling",
        "crying_baby": "baby_cry", "sneezing": "person_sneeze", "clock_tick": "clock_tick", "helicopter": "helicopter",
        "chainsaw": "chainsaw",
    }  # fmt: skip
    genuine = load_dataset("ashraq/esc50", data_files="data/train-00001-of-00002-*.parquet", split="train")
    rows = enumerate(zip(genuine["category"], genuine["fold"], strict=True))
    kept = [i for i, (name, fold) in rows if name in ours and fold >= 4]
    genuine = genuine.select(kept).cast_column("audio", Audio(sampling_rate=16_000))
    numbers = [sounds.features["label"].str2int(ours[name]) for name in genuine["category"]]
    genuine = genuine.add_column("label", numbers).cast_column("label", sounds.features["label"])
    print("genuine recordings:", evaluation.accuracy(evaluation.predictions(genuine, classifier, label="label")))

# %% [markdown] lang="en"
# ## What you did
#
# - The same three lines classify animals, machines and music; labels, size and window come with the model, and it has no other labels.
# - What differs in the sound differs in the picture, and a small model suffices; a caller's intent lies in the words.
# - A high accuracy on clips that were made the same way as the training clips says little about genuine ones: measure there.
# - Softmax asks "which one", sigmoid asks each label "are you there"; then two labels or none can be the answer, a threshold decides, and
#   the model must have been trained for it.
# - On the Hub there is a genuine model for each family, and with CLAP for the labels that you write yourself.

# %% [markdown] lang="ko"
# ## 오늘 한 일
#
# - 똑같은 세 줄로 동물, 기계, 음악도 분류해요. 레이블과 크기와 창은 모델이 정하고, 모델은 다른 레이블을 몰라요.
# - 소리가 다르면 그림도 달라서 작은 모델로 충분해요. 통화의 의도는 낱말 속에 있어요.
# - 학습 클립과 같은 방법으로 만든 클립에서 정확도가 높다고 해서 실제 소리도 잘 맞히는 것은 아니에요. 실제 소리에서 재 보세요.
# - 소프트맥스는 "어느 것인가요"를 묻고, 시그모이드는 레이블마다 "있나요"를 물어요. 그러면 답이 둘일 수도, 없을 수도 있어요. 문턱값으로
#   정하고, 모델이 그렇게 학습되어 있어야 해요.
# - Hub에는 갈래마다 진짜 모델이 있고, CLAP이라면 직접 적은 레이블로도 분류할 수 있어요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_09

levels = [0.01, 0.03, 0.1, 0.3, 1.0]
quieter = [loud(rain[: len(dog)]) + level * loud(dog[: len(rain)]) for level in levels]
quieter = [(y / np.abs(y).max()).astype("float32") for y in quieter]

q1 = lesson_09.BothAboveAHalf()
q2 = lesson_09.DogInTheRain(quieter, classifier, label="dog_bark", threshold=0.5)

# %% [markdown] lang="en"
# **1. Predict.** A clip holds two sounds. With which formula can both of their labels have a score above a half? Choose `"a"`, `"b"`
# or `"c"`:
#
# - a: with softmax and with sigmoid;
# - b: with sigmoid alone;
# - c: with neither.

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 클립 하나에 소리가 둘 들어 있어요. 두 레이블의 점수가 모두 절반보다 높을 수 있는 것은 어느 식일까요? `"a"`,
# `"b"`, `"c"` 가운데 하나를 고르세요.
#
# - a: 소프트맥스와 시그모이드 둘 다
# - b: 시그모이드만
# - c: 둘 다 아님

# %%
### BEGIN SOLUTION
# Softmax has 1 to share out. Sigmoid asks each label by itself.
formula = "b"
### END SOLUTION

# %%
q1.check(formula)

# %% [markdown] lang="en"
# **2. Compute.** `quieter` holds the dog in the rain five times, from hardly there to as loud as the rain. In how many of the five does
# `dog_bark` reach a sigmoid score of 0.5? Listen to the first and guess.

# %% [markdown] lang="ko"
# **2. 계산해 보세요.** `quieter`에는 빗속의 개가 다섯 번 들어 있어요. 거의 들리지 않는 것부터 비만큼 큰 것까지예요. 다섯 가운데
# `dog_bark`의 시그모이드 점수가 0.5 이상인 것은 몇 개인가요? 첫 번째를 듣고 짐작해 보세요.

# %%
player(quieter[0], 16_000, title=f"dog_bark × {levels[0]} + rain")

# %%
### BEGIN SOLUTION
answers = [classifier(y, top_k=None, function_to_apply="sigmoid") for y in quieter]
dog_scores = [{score["label"]: score["score"] for score in answer}["dog_bark"] for answer in answers]
heard = sum(score >= 0.5 for score in dog_scores)
### END SOLUTION

# %%
q2.check(heard)

# %% [markdown] lang="en"
# And without a check: record something in your kitchen (lesson 04 shows how). What does the model make of it, and what does each of the
# two formulas say?

# %% [markdown] lang="ko"
# 정답이 없는 문제도 하나 있어요. 부엌에서 소리를 녹음해 보세요(방법은 레슨 04에 있어요). 모델은 무엇이라고 하나요? 두 식은 각각 뭐라고
# 답하나요?
