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
# # Your own labels: a new head for a new task
#
# The model knows 14 intents, and your task has other classes. Then its last layer has to go, and a new one has to learn. Here
# you do that for a bank that asks a simpler question: which desk should take this call?
#
# **You will be able to**
# - give a trained model a new [head](../../docs/glossary.md#head) with your own labels;
# - train it with `Trainer`, first the head alone, then the whole model;
# - split clips so that nobody is heard both in training and in the test;
# - save the model and load it back with `pipeline`;
# - make its scores mean what they say, with one number.
#
# **Time:** 30 minutes. **You need:** [lesson 05](05_compare_with_labels.ipynb) and [lesson 06](06_inside_the_pipeline.ipynb).

# %% [markdown] lang="ko"
# # 나만의 레이블: 새 과제에는 새 헤드를
#
# 모델은 의도 14가지를 아는데, 내 과제의 클래스는 달라요. 그러면 마지막 층을 떼어 내고 새 층을 가르쳐야 해요. 이번 레슨에서는
# 은행의 더 단순한 질문에 답하는 모델을 만들어요. 이 전화는 어느 창구에서 받아야 할까요?
#
# **이 레슨을 마치면**
# - 학습된 모델에 내 레이블로 답하는 새 [헤드(head)](../../docs/glossary.md#head)를 달 수 있어요.
# - `Trainer`로 처음에는 헤드만, 다음에는 모델 전체를 학습시킬 수 있어요.
# - 학습과 시험에 같은 사람의 목소리가 나오지 않게 클립을 나눌 수 있어요.
# - 모델을 저장하고 `pipeline`으로 다시 불러올 수 있어요.
# - 숫자 하나로 점수가 말한 만큼의 뜻을 갖게 할 수 있어요.
#
# **걸리는 시간:** 30분. **필요한 것:** [레슨 05](05_compare_with_labels.ipynb)와 [레슨 06](06_inside_the_pipeline.ipynb).

# %% [markdown] lang="en"
# ## What is the new task?
#
# Five desks, and a list of the intents that each of them deals with. The list is ours; a bank would write its own. `add_column`
# puts the desk beside every call, as a [`ClassLabel`](../../docs/glossary.md#classlabel).

# %% [markdown] lang="ko"
# ## 새 과제는 무엇인가요?
#
# 창구는 다섯 개이고, 창구마다 맡은 의도의 목록이 있어요. 이 목록은 우리가 정한 거예요. 은행이라면 스스로 정하겠죠.
# `add_column`으로 통화마다 창구를 적어요. 자료형은 [`ClassLabel`](../../docs/glossary.md#classlabel)이에요.

# %%
from datasets import ClassLabel, load_dataset
from helpers import Audio, sources

MINDS14 = sources.minds14()
MODEL = sources.intent_model()
print(MINDS14.note)
print(MODEL.note)

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio(sampling_rate=16_000))

# %%
ROUTES = {
    "cards": ["abroad", "atm_limit", "card_issues", "freeze"],
    "payments": ["cash_deposit", "direct_debit", "high_value_payment", "pay_bill"],
    "accounts": ["address", "balance", "joint_account", "latest_transactions"],
    "loans": ["business_loan"],
    "app": ["app_error"],
}
names = list(ROUTES)
desk = {intent: names.index(route) for route, intents in ROUTES.items() for intent in intents}

int2str = minds.features["intent_class"].int2str
numbers = [desk[int2str(intent)] for intent in minds["intent_class"]]
minds = minds.add_column("route", numbers, feature=ClassLabel(names=names))
minds.features["route"]

# %%
from collections import Counter

import matplotlib.pyplot as plt
from helpers import plots

plots.counts(Counter(names[number] for number in minds["route"]))
plt.show()

# %% [markdown] lang="en"
# ## Who speaks?
#
# A test is worth something only if the model has not met the people in it ([lesson 05](05_compare_with_labels.ipynb)). The data
# set has no column for the speaker, but the path tells: a bundled path names the voice; some genuine ones name the call that a
# clip was cut from; where a path names nothing, `training.speakers` takes the clip for a speaker of its own.

# %% [markdown] lang="ko"
# ## 누가 말하나요?
#
# 시험에 나오는 사람을 모델이 만난 적이 없어야 시험에 의미가 있어요([레슨 05](05_compare_with_labels.ipynb)). 데이터 세트에는
# 화자 열이 없지만 경로를 보면 알 수 있어요. 코스에 들어 있는 클립은 경로에 목소리 이름이 있고, 진짜 녹음 가운데 일부는 어느
# 통화에서 잘라 냈는지가 적혀 있어요. 경로에 아무것도 없으면 `training.speakers`는 클립마다 다른 사람이라고 봐요.

# %%
from helpers import training

minds = minds.add_column("speaker", training.speakers(minds["path"]))
print(minds[0]["path"], "→", minds[0]["speaker"])
print(len(minds), "clips,", len(set(minds["speaker"])), "speakers")

# %% [markdown] lang="en"
# ## How do I change the last layer?
#
# With three arguments of `from_pretrained`. `id2label` and `label2id` name the new classes. The last layer of the checkpoint has
# 14 rows and the new one 5, so it does not fit; `ignore_mismatched_sizes=True` says that this is meant. Everything else is
# loaded as it was trained. That last layer is called the head, all that comes before it the
# [encoder](../../docs/glossary.md#encoder).

# %% [markdown] lang="ko"
# ## 마지막 층은 어떻게 바꾸나요?
#
# `from_pretrained`에 인자 세 개를 더 주면 돼요. `id2label`과 `label2id`는 새 클래스의 이름이에요. 체크포인트의 마지막 층은 14행,
# 새 층은 5행이라 서로 맞지 않는데, `ignore_mismatched_sizes=True`는 일부러 그랬다는 뜻이에요. 나머지는 학습된 그대로 불러와요.
# 이 마지막 층을 헤드(head), 그 앞의 전부를 [인코더(encoder)](../../docs/glossary.md#encoder)라고 해요.

# %%
import torch
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

extractor = AutoFeatureExtractor.from_pretrained(MODEL.path, revision=MODEL.revision)
old_model = AutoModelForAudioClassification.from_pretrained(MODEL.path, revision=MODEL.revision)


def with_new_head():
    torch.manual_seed(0)  # the new rows are drawn at random; this way they are the same on every run
    return AutoModelForAudioClassification.from_pretrained(
        MODEL.path,
        revision=MODEL.revision,
        id2label=dict(enumerate(names)),
        label2id={name: number for number, name in enumerate(names)},
        ignore_mismatched_sizes=True,
    )


model = with_new_head()
print("old head:", old_model.classifier)
print("new head:", model.classifier)
print("numbers in the head: ", sum(p.numel() for p in model.classifier.parameters()))
print("numbers in the model:", sum(p.numel() for p in model.parameters()))

# %% [markdown] lang="en"
# ## Must every epoch hear every clip?
#
# Not while the encoder is frozen, that is, kept as it is. Then a clip gives the same numbers, its
# [features](../../docs/glossary.md#features), each time it comes by. So run each clip through the encoder once, keep what
# arrives at the head, and train on that. This pass is the slow part of the lesson.

# %% [markdown] lang="ko"
# ## 에포크마다 클립을 다 들어야 하나요?
#
# 인코더를 고정(freeze)해 두면, 곧 그대로 두면 그럴 필요가 없어요. 같은 클립에서는 언제나 같은 숫자, 곧 같은
# [특징(features)](../../docs/glossary.md#features)이 나오니까요. 클립마다 인코더를 한 번만 거치고, 헤드에 도착한 숫자를 보관해
# 두었다가 그것으로 학습해요. 이 레슨에서 가장 오래 걸리는 곳이 여기예요.

# %%
cached = training.features(minds, model, extractor, label="route")
print(len(cached), "clips,", len(cached[0]["features"]), "numbers for each")

# %% [markdown] lang="en"
# ## Which clips for what?
#
# Three sets, and no speaker in two of them. The model learns from the first. The second is for decisions on the way. The third
# is not looked at before the decisions are made. `GroupShuffleSplit` draws whole speakers.

# %% [markdown] lang="ko"
# ## 어떤 클립을 어디에 쓰나요?
#
# 세 묶음으로 나누고, 한 사람은 한 묶음에만 들어가게 해요. 모델은 첫째 묶음으로 배워요. 둘째 묶음은 중간에 무언가를 정할 때
# 써요. 셋째 묶음은 다 정할 때까지 보지 않아요. `GroupShuffleSplit`은 화자를 통째로 뽑아요.

# %%
from sklearn.model_selection import GroupShuffleSplit


def split_by_speaker(rows, share):
    splitter = GroupShuffleSplit(n_splits=1, test_size=share, random_state=0)
    rest, drawn = next(splitter.split(rows["labels"], groups=rows["speaker"]))
    return rows.select(rest), rows.select(drawn)


rest, test = split_by_speaker(cached, 1 / 3)
train, tune = split_by_speaker(rest, 1 / 4)
for name, part in {"train": train, "tune": tune, "test": test}.items():
    print(f"{name:6}{len(part):4} clips, speakers: {len(set(part['speaker']))}")

# %% [markdown] lang="en"
# ## How does one train?
#
# `Trainer` takes a model, settings and clips, and does the rest: it goes through the clips in batches, compares answers with
# labels, and moves the weights a little so that the [loss](../../docs/glossary.md#loss) falls. One round through the clips is an
# [epoch](../../docs/glossary.md#epoch). After each it measures on the second set. `training.Head` is the head by itself, and
# `training.QUIET` holds settings that only keep the output tidy.

# %% [markdown] lang="ko"
# ## 학습은 어떻게 하나요?
#
# `Trainer`에 모델, 설정, 클립을 주면 나머지는 알아서 해요. 클립을 몇 개씩 묶어 차례로 넣고, 답을 레이블과 비교하고,
# [손실(loss)](../../docs/glossary.md#loss)이 줄어들도록 가중치를 조금씩 옮겨요. 클립을 한 바퀴 도는 것을
# [에포크(epoch)](../../docs/glossary.md#epoch)라고 해요. 에포크가 끝날 때마다 둘째 묶음에서 재요. `training.Head`는 헤드만 떼어 낸
# 것이고, `training.QUIET`에는 출력을 깔끔하게 하는 설정만 들어 있어요.

# %%
import tempfile

from transformers import Trainer, TrainingArguments

folder = tempfile.TemporaryDirectory()


def accuracy(answers):
    return {"accuracy": (answers.predictions.argmax(axis=-1) == answers.label_ids).mean()}


def train_head(model, train, others):
    settings = TrainingArguments(
        folder.name, num_train_epochs=15, learning_rate=1e-3, per_device_train_batch_size=8, seed=0, **training.QUIET
    )
    trainer = Trainer(training.Head(model), settings, train_dataset=train, eval_dataset=others, compute_metrics=accuracy)
    training.show_progress(trainer).train()
    return training.curves(trainer)


from helpers import evaluation


def answers_of(model, rows, temperature=1.0):
    return evaluation.from_logits(training.logits(model, rows), rows["labels"], names, temperature=temperature)


before = answers_of(model, test)
curves = {"random rows": train_head(model, train, tune)}
after = answers_of(model, test)
print("before training:", evaluation.accuracy(before))
print("after training: ", evaluation.accuracy(after))

# %% [markdown] lang="en"
# Before training, the new head answers at random. After it, the head hears a good deal, and yet less than one might hope for: it
# starts from noise and has to find all its numbers from the clips of a few people. More epochs would take it somewhat further
# (try it); more clips would help most.
#
# ## Can a head start with more than noise?
#
# Here it can. Each row of a head is a list of weights: what to look for to give that answer. The old head has rows for the
# intents, and each desk is made of intents. So let every new row begin as the mean of the old rows that it is made of, and
# train from there. (This helps only where your classes are made of old ones. Where they are not, you need more clips.)

# %% [markdown] lang="ko"
# 학습하기 전의 새 헤드는 아무렇게나 답해요. 학습하고 나면 꽤 알아듣지만, 기대만큼은 아니에요. 잡음에서 출발해서, 몇 사람의
# 클립만 듣고 헤드의 숫자를 다 찾아내야 하니까요. 에포크를 늘리면 조금 더 나아지지만(직접 해 보세요), 가장 큰 도움이 되는 것은
# 더 많은 클립이에요.
#
# ## 헤드가 잡음보다 나은 데서 시작할 수 있을까요?
#
# 이번에는 가능해요. 헤드의 행 하나는 가중치의 목록이에요. 그 답을 하려면 무엇을 봐야 하는지가 적혀 있는 셈이죠. 옛 헤드에는
# 의도마다 행이 있고, 창구는 의도를 모은 거예요. 그래서 새 행을 그 창구에 속한 옛 행들의 평균에서 시작하게 하고, 거기서부터
# 학습시켜요. (새 클래스가 옛 클래스로 이루어져 있을 때만 도움이 돼요. 그렇지 않다면 클립이 더 있어야 해요.)

# %%
model = with_new_head()
training.start_from_old_rows(model, old_model, ROUTES)
print("at the start:  ", evaluation.accuracy(answers_of(model, test)))
curves["old rows"] = train_head(model, train, tune)
after = answers_of(model, test)
print("after training:", evaluation.accuracy(after))

# %%
plots.training_curves(curves)
plt.show()

# %% [markdown] lang="en"
# The full lines fall in both runs: a head can always learn its own clips. What counts are the dashed lines and the right picture,
# from people it has not heard. Now the test speakers, before and after:

# %% [markdown] lang="ko"
# 실선은 둘 다 내려가요. 자기가 배운 클립은 언제든 맞힐 수 있게 되니까요. 중요한 것은 점선과 오른쪽 그림이에요. 들어 본 적 없는
# 사람들에게서 잰 것이거든요. 이제 시험용 화자들을 학습 전과 후로 비교해 봐요.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
plots.confusion(evaluation.confusion(before, names), ax=left, title="before")
plots.confusion(evaluation.confusion(after, names), ax=right, title="after")
plt.show()

# %% [markdown] lang="en"
# ## Was it luck with the speakers?
#
# Few speakers were in the test; with others it might have come out otherwise. The head trains in a moment, so let every speaker
# be held out once: six rounds, each with a fresh head that has not heard those it is asked about.

# %% [markdown] lang="ko"
# ## 화자를 운 좋게 뽑은 걸까요?
#
# 시험에 나온 화자는 몇 명 안 돼요. 다른 사람이 뽑혔다면 결과도 달랐을 수 있어요. 헤드는 금방 학습되니까, 모든 화자를 한 번씩
# 시험에 내보내요. 여섯 번 되풀이하고, 그때마다 시험 볼 사람의 목소리를 들어 본 적 없는 새 헤드로 시작해요.

# %%
import pandas as pd
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

held_out = []
for others, drawn in tqdm(list(GroupKFold(n_splits=6).split(cached["labels"], groups=cached["speaker"]))):
    training.start_from_old_rows(model, old_model, ROUTES)
    train_head(model, cached.select(others), cached.select(drawn))
    held_out.append(answers_of(model, cached.select(drawn)))

print("by round: ", [f"{float(evaluation.accuracy(table)):.2f}" for table in held_out])
print("all clips:", evaluation.accuracy(pd.concat(held_out)))

# %% [markdown] lang="en"
# The last line counts every clip, each heard by a head that does not know its speaker, so it is the steadiest figure of the
# lesson.
#
# ## And the whole model?
#
# So far only the head has moved. Now let everything move: `Trainer` gets the whole model and the sound itself. Each step has to
# run the encoder forwards and backwards, so this costs seconds where the head took none. `STEPS` says how many steps; as it
# stands it is a taste. For a real try set it to 100, best with a GPU. The steps are tiny (`learning_rate`), for the encoder
# knows a lot that it could lose.

# %% [markdown] lang="ko"
# 마지막 줄은 모든 클립을 센 값이에요. 클립마다 그 화자를 모르는 헤드가 답했으니, 이 레슨에서 가장 믿을 만한 숫자예요.
#
# ## 모델 전체는요?
#
# 지금까지는 헤드만 움직였어요. 이제 전부 움직이게 해 봐요. `Trainer`에 모델 전체와 소리를 그대로 줘요. 한 걸음마다 인코더를
# 앞으로, 또 뒤로 돌려야 해서 헤드일 때보다 훨씬 오래 걸려요. 몇 걸음을 갈지는 `STEPS`로 정해요. 지금 값은 맛보기예요. 제대로 해
# 보려면 100으로 바꾸세요. GPU가 있으면 더 좋아요. 보폭(`learning_rate`)은 아주 작게 잡아요. 인코더가 아는 것을 잃어버릴 수
# 있으니까요.

# %%
STEPS = 4

model = with_new_head()
training.start_from_old_rows(model, old_model, ROUTES)
train_head(model, train, tune)
head_alone = answers_of(model, tune)

calls = minds.select(train["row"])
settings = TrainingArguments(
    folder.name,
    max_steps=STEPS,
    learning_rate=1e-5,
    per_device_train_batch_size=4,
    seed=0,
    remove_unused_columns=False,
    **{**training.QUIET, "eval_strategy": "no"},
)
collator = training.Collator(extractor, label="route")
trainer = Trainer(model, settings, train_dataset=calls, data_collator=collator)
training.show_progress(trainer).train()
print("weights trained:", sum(p.numel() for p in model.parameters() if p.requires_grad), "clips heard:", 4 * STEPS)

# %% [markdown] lang="en"
# The encoder has changed, so features that were kept are out of date: compute them anew, for the two sets that are still needed.

# %% [markdown] lang="ko"
# 인코더가 달라졌으니 보관해 둔 특징은 이제 맞지 않아요. 앞으로 필요한 두 묶음만 다시 계산해요.

# %%
tune_calls, test_calls = minds.select(tune["row"]), minds.select(test["row"])
tuned_tune = training.features(tune_calls, model, extractor, label="route")
tuned_test = training.features(test_calls, model, extractor, label="route")

print("head alone: ", evaluation.accuracy(head_alone))
print("whole model:", evaluation.accuracy(answers_of(model, tuned_tune)))

# %% [markdown] lang="en"
# These are the clips for decisions. If the second line is no better, the head alone is the better buy: it is faster, and it
# cannot forget anything. With many clips of your own, and with classes that the encoder has never had to tell apart, the whole
# model usually wins.
#
# ## Are the scores honest?
#
# [Lesson 05](05_compare_with_labels.ipynb) compared scores with the share that is right. The new head has scores of its own,
# so look again, on the test speakers.

# %% [markdown] lang="ko"
# 이것은 무언가를 정할 때 쓰는 클립들이에요. 둘째 줄이 더 낫지 않다면 헤드만 학습하는 쪽이 이득이에요. 더 빠르고, 잊어버릴
# 것도 없으니까요. 내 클립이 많고, 인코더가 구별해 본 적 없는 클래스라면 대개 모델 전체를 학습하는 쪽이 나아요.
#
# ## 점수는 정직한가요?
#
# [레슨 05](05_compare_with_labels.ipynb)에서 점수와 맞은 비율을 비교했어요. 새 헤드는 점수도 새로 매기니까, 시험용 화자들로
# 다시 살펴봐요.

# %%
plain = answers_of(model, tuned_test)
print("accuracy:  ", evaluation.accuracy(plain))
print("mean score:", f"{plain['score'].mean():.2f}")
print("ECE:       ", f"{evaluation.calibration_error(plain, bins=5):.2f}")

# %% [markdown] lang="en"
# Where the mean score lies below the accuracy, the head is too modest; where it lies above, too sure. Either can be put right
# with one number. Divide all [logits](../../docs/glossary.md#logits) by a [temperature](../../docs/glossary.md#temperature):
# below 1 it pulls the scores apart, above 1 it brings them closer together. Their order stays, so no answer changes.
#
# Which temperature? The one that suits clips with known labels best. Not the training clips, for the head knows those; not the
# test clips, for those are to judge. The second set is there for this.

# %% [markdown] lang="ko"
# 평균 점수가 정확도보다 낮으면 헤드가 지나치게 겸손한 것이고, 높으면 지나치게 확신하는 거예요. 어느 쪽이든 숫자 하나로 고칠 수
# 있어요. [로짓(logits)](../../docs/glossary.md#logits)을 모두 [온도(temperature)](../../docs/glossary.md#temperature)로 나눠요. 온도가
# 1보다 작으면 점수 차이가 벌어지고, 1보다 크면 좁혀져요. 순서는 그대로라서 답은 바뀌지 않아요.
#
# 온도는 어떻게 정할까요? 레이블을 아는 클립에 가장 잘 맞는 값으로 정해요. 학습용 클립은 헤드가 이미 아니까 안 되고, 시험용
# 클립은 판정에 써야 하니까 안 돼요. 둘째 묶음이 바로 이럴 때 쓰려고 떼어 둔 거예요.

# %%
temperature = evaluation.fit_temperature(training.logits(model, tuned_tune), tuned_tune["labels"])
scaled = answers_of(model, tuned_test, temperature=temperature)

print("temperature:", f"{temperature:.2f}")
print("same answers:", (plain["prediction"] == scaled["prediction"]).all())

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
plots.reliability(evaluation.reliability(plain, bins=5), ax=left, title="before")
plots.reliability(evaluation.reliability(scaled, bins=5), ax=right, title="after")
plt.show()

# %% [markdown] lang="en"
# Nearer to the dashed line is better. Now in one figure each, and beside them what pure chance does: take the scores after
# scaling for true probabilities, draw right and wrong by them, and see what error comes out although nothing is amiss.

# %% [markdown] lang="ko"
# 점선에 가까울수록 좋아요. 이번에는 각각 숫자 하나로 보고, 순전한 우연은 얼마인지도 옆에 놓아요. 온도를 맞춘 점수가 진짜
# 확률이라고 치고 그 확률로 맞음과 틀림을 뽑아서, 아무 잘못이 없는데도 오차가 얼마나 나오는지 보는 거예요.

# %%
import numpy as np

errors = {name: evaluation.calibration_error(table, bins=5) for name, table in {"before": plain, "after": scaled}.items()}
rng = np.random.default_rng(0)
draws = [scaled.assign(correct=rng.random(len(scaled)) < scaled["score"]) for _ in range(200)]
chance = float(np.mean([evaluation.calibration_error(table, bins=5) for table in draws]))

for name, error in {**errors, "chance alone": chance}.items():
    print(f"{name:13}{error:.2f}")
print("at most half of before:", errors["after"] <= errors["before"] / 2)

# %% [markdown] lang="en"
# Read the last line together with the one above it. An error near that of chance is as good as this many clips can show. If the
# error was near it to begin with, there was nothing to halve, and the last line may well say `False`. It can even rise: the
# temperature suits the people it was found on, and these are others. With more of them it would be found more surely.
#
# ## How do I keep the model?
#
# `save_pretrained` writes model and feature extractor into a folder, and `pipeline` takes the folder. The temperature should go
# along, but no pipeline knows of one. It need not: dividing the head's weights by it does the same, and `training.cool` does so.

# %% [markdown] lang="ko"
# 마지막 줄은 그 윗줄과 함께 읽으세요. 오차가 우연과 비슷하다면, 이만한 클립 수로는 그보다 나은지 알 수 없어요. 처음부터 우연과
# 비슷했다면 줄일 것이 없었으니, 마지막 줄이 `False`일 수도 있어요. 오차가 오히려 커지기도 해요. 온도는 그것을 찾은 사람들에게 맞춘
# 값인데, 여기서 말하는 사람은 다르니까요. 온도를 찾을 사람이 많으면 더 믿을 만한 값이 나와요.
#
# ## 모델은 어떻게 보관하나요?
#
# `save_pretrained`로 모델과 특징 추출기를 폴더에 저장하고, 그 폴더를 `pipeline`에 주면 돼요. 온도도 함께 저장하고 싶은데,
# 파이프라인에는 온도가 없어요. 없어도 괜찮아요. 헤드의 가중치를 온도로 나누면 같은 일이 되고, `training.cool`이 그렇게 해요.

# %%
from transformers import pipeline

training.cool(model, temperature)
model.save_pretrained(folder.name)
extractor.save_pretrained(folder.name)

router = pipeline("audio-classification", model=folder.name)
few = test_calls.select(range(8))
answers = evaluation.predictions(few, router, label="route")
difference = np.abs(answers["score"] - scaled["score"][:8]).max()
print("largest difference of scores:", f"{difference:.3f}")
print("same answers:", (answers["prediction"] == scaled["prediction"][:8]).all())
for answer in router(few[0]["audio"]["array"], top_k=3):
    print(f"{answer['score']:.2f}  {answer['label']}")

# %% [markdown] lang="en"
# Five labels of your own, in the pipeline that everybody uses.
#
# ## What does this not prove?
#
# The task was kind to us. This encoder was trained to tell the 14 intents apart, and our desks are made of them. One could even
# do without training: add up, for each desk, the old model's scores of its intents.

# %% [markdown] lang="ko"
# 모두가 쓰는 바로 그 파이프라인이 이제 내 레이블 다섯 개로 답해요.
#
# ## 이것으로 증명되지 않는 것은 무엇인가요?
#
# 이번 과제는 우리에게 유리했어요. 이 인코더는 의도 14가지를 구별하도록 학습했고, 창구는 바로 그 의도를 모은 것이니까요. 학습
# 없이도 할 수 있을 정도예요. 창구마다 속한 의도의 옛 점수를 더하기만 하면 돼요.

# %%
from scipy.special import softmax

old_scores = softmax(training.logits(old_model, test), axis=1)
old_names = [old_model.config.id2label[number] for number in range(old_scores.shape[1])]
summed = np.stack([old_scores[:, [old_names.index(intent) for intent in ROUTES[name]]].sum(axis=1) for name in names], axis=1)

print("old scores added up:", evaluation.accuracy(evaluation.from_logits(np.log(summed), test["labels"], names)))
print("new head, trained:  ", evaluation.accuracy(after))

# %% [markdown] lang="en"
# If the first line is the better one, the desks of this lesson were an exercise and adding up is the solution: it needs no
# training and uses what the old head learned from many more clips. A new head is for classes that the old ones cannot be added
# up to, and then it has to manage without these old rows, as the first curve did.
#
# ## And my own data?
#
# Nothing above is tied to these calls. A folder `my_sounds/` with one subfolder for each label is enough:
#
#     mine = load_dataset("audiofolder", data_dir="my_sounds", split="train").cast_column("audio", Audio(sampling_rate=16_000))
#     names = training.class_names(mine, label="label")
#     cached = training.features(mine, model, extractor, label="label")
#
# What cannot work is said before anything is computed. Here are three ways to get it wrong:

# %% [markdown] lang="ko"
# 첫째 줄이 더 좋다면, 이 레슨의 창구는 연습 문제였고 답은 더하기인 셈이에요. 학습이 필요 없고, 옛 헤드가 훨씬 많은 클립에서
# 배운 것을 그대로 쓰니까요. 새 헤드는 옛 클래스를 더해서는 만들 수 없는 클래스에 필요해요. 그때는 옛 행의 도움도 없이 첫 번째
# 곡선처럼 해내야 해요.
#
# ## 내 데이터로는요?
#
# 위의 어느 것도 이 통화에만 쓸 수 있는 것이 아니에요. 레이블마다 하위 폴더가 하나씩 있는 `my_sounds/` 폴더면 충분해요.
#
#     mine = load_dataset("audiofolder", data_dir="my_sounds", split="train").cast_column("audio", Audio(sampling_rate=16_000))
#     names = training.class_names(mine, label="label")
#     cached = training.features(mine, model, extractor, label="label")
#
# 안 되는 것은 계산을 시작하기 전에 알려 줘요. 잘못된 예를 세 가지 볼게요.

# %%
from helpers.errors import CourseError

for label in ("desk", "transcription"):
    try:
        training.class_names(minds, label=label)
    except CourseError as error:
        print(error)
try:
    training.class_names(minds.filter(lambda number: number == 0, input_columns="route"), label="route")
except CourseError as error:
    print(error)

# %% [markdown] lang="en"
# ## What you did
#
# - `from_pretrained` with `id2label` and `ignore_mismatched_sizes=True` gave the model a new last layer.
# - With the encoder frozen, its features are computed once, and `Trainer` trains the head in moments; training everything costs
#   a pass through the encoder, forwards and backwards, at every step.
# - Speakers were split, not clips; each decision was made on other clips than the verdict.
# - A temperature, found on clips set aside for it, can bring the scores nearer to the share that is right. It changes no answer;
#   whether it helped is measured on other people.
# - A model saved with its feature extractor is a checkpoint like any other.

# %% [markdown] lang="ko"
# ## 오늘 한 일
#
# - `from_pretrained`에 `id2label`과 `ignore_mismatched_sizes=True`를 주어 모델의 마지막 층을 새것으로 바꿨어요.
# - 인코더를 고정하면 특징은 한 번만 계산하면 되고, `Trainer`는 헤드를 금방 학습시켜요. 전부 학습시키려면 한 걸음마다 인코더를
#   앞뒤로 돌려야 해요.
# - 클립이 아니라 화자를 나눴어요. 무언가를 정한 클립과 판정에 쓴 클립도 서로 달랐어요.
# - 따로 떼어 둔 클립에서 찾은 온도는 점수를 맞은 비율에 가깝게 만들 수 있어요. 답은 하나도 바꾸지 않고, 도움이 됐는지는 다른
#   사람들의 클립으로 재요.
# - 특징 추출기와 함께 저장한 모델은 여느 체크포인트와 똑같이 쓸 수 있어요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_08

mixed = cached.train_test_split(test_size=1 / 3, seed=0)

q1 = lesson_08.SpeakersOnBothSides(mixed["train"]["speaker"], mixed["test"]["speaker"])
q2 = lesson_08.ScoreAtATemperature(logits=(2, 0), temperature=2)

# %% [markdown] lang="en"
# **1. Find the bug.** Somebody found `GroupShuffleSplit` too long and split with one line, the one that made `mixed`. No clip is on
# both sides. What is wrong with it? Count the speakers who are heard in training and in the test.

# %% [markdown] lang="ko"
# **1. 버그를 찾아보세요.** 누군가 `GroupShuffleSplit`이 너무 길다며 한 줄로 나눴어요. `mixed`를 만든 줄이에요. 양쪽에 다 있는 클립은
# 없어요. 무엇이 문제일까요? 학습과 시험 양쪽에서 목소리가 나오는 화자의 수를 세어 보세요.

# %%
### BEGIN SOLUTION
on_both_sides = len(set(mixed["train"]["speaker"]) & set(mixed["test"]["speaker"]))
### END SOLUTION

# %%
q1.check(on_both_sides)

# %% [markdown] lang="en"
# **2. Predict.** There are two labels, with logits 2 and 0. Their scores are about 0.88 and 0.12. Which score does the first get at a
# temperature of 2? First say whether it rises or falls.

# %% [markdown] lang="ko"
# **2. 예측해 보세요.** 레이블이 둘이고 로짓은 2와 0이에요. 점수는 0.88과 0.12쯤이에요. 온도가 2이면 첫 번째 레이블의 점수는 얼마가
# 될까요? 올라갈지 내려갈지부터 말해 보세요.

# %%
### BEGIN SOLUTION
cooled = softmax(np.array([2, 0]) / 2)
score_at_two = cooled[0]
### END SOLUTION

# %%
q2.check(score_at_two)

# %% [markdown] lang="en"
# And without a check: make `lang_id` the label. Load `ko-KR` too, join the two with `concatenate_datasets`, and let the head tell the
# languages apart. The encoder was never asked that. And give the head fewer speakers to learn from: how few will do?

# %% [markdown] lang="ko"
# 정답이 없는 문제도 있어요. `lang_id`를 레이블로 삼아 보세요. `ko-KR`도 불러와 `concatenate_datasets`로 합치고, 헤드가 언어를 구별하게
# 해 보세요. 인코더는 그런 질문을 받아 본 적이 없어요. 그리고 배울 화자를 줄여 보세요. 몇 명까지 줄여도 될까요?
