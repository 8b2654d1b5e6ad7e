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
# # Compare with the label: how far can you trust it?
#
# A pipeline answers every time, and sounds sure of itself. The data set knows what people say the callers wanted. In this
# lesson you compare the two: on one clip, on a handful, on all of them. Then you find out what the resulting figure is worth.
#
# **You will be able to**
# - compare predictions with labels, for one clip and for a whole data set;
# - state an accuracy with its confidence interval, and say what the interval means;
# - find out which intents are confused, and listen to the worst mistakes;
# - check whether a high score means anything, and decide when the model had better keep quiet;
# - say why an accuracy can flatter.
#
# **Time:** 30 minutes. **You need:** [lesson 04](04_pipeline.ipynb).

# %% [markdown] lang="ko"
# # 레이블과 비교하기: 어디까지 믿어도 될까요?
#
# 파이프라인은 언제나 답하고, 늘 자신 있어 보여요. 한편 데이터 세트에는 무엇을 원한 전화였는지 사람이 적어 둔 답이 있어요. 이번
# 레슨에서는 둘을 비교해요. 클립 하나, 몇 개, 그리고 전부를요. 그런 다음 거기서 나온 숫자를 얼마나 믿을 수 있는지 알아봐요.
#
# **이 레슨을 마치면**
# - 클립 하나든 데이터 세트 전체든 예측과 레이블을 비교할 수 있어요.
# - 정확도를 신뢰 구간과 함께 말하고, 그 구간이 무슨 뜻인지 설명할 수 있어요.
# - 어떤 의도끼리 헷갈리는지 찾아내고, 가장 크게 틀린 클립을 들어 볼 수 있어요.
# - 점수가 높으면 정말 믿을 만한지 확인하고, 모델이 언제 입을 다물어야 좋을지 정할 수 있어요.
# - 정확도가 왜 실제보다 좋게 나올 수 있는지 말할 수 있어요.
#
# **걸리는 시간:** 30분. **필요한 것:** [레슨 04](04_pipeline.ipynb).

# %% [markdown] lang="en"
# ## What is the label?
#
# Calls and pipeline as before. Mind the two notes: what an accuracy is worth depends on them, and the end of this lesson comes
# back to them.

# %% [markdown] lang="ko"
# ## 레이블은 무엇인가요?
#
# 통화와 파이프라인은 지난 레슨과 같아요. 아래에 나오는 두 설명을 눈여겨보세요. 정확도를 얼마나 믿을 수 있는지는 이 설명에 달려
# 있어서, 레슨 끝에서 다시 살펴볼 거예요.

# %%
from datasets import load_dataset
from transformers import pipeline

from helpers import Audio, sources

MINDS14 = sources.minds14()
MODEL = sources.intent_model()
print(MINDS14.note)
print(MODEL.note)

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds = minds.cast_column("audio", Audio(sampling_rate=16_000))
classifier = pipeline("audio-classification", model=MODEL.path, revision=MODEL.revision)

# %%
example = minds[0]
int2str = minds.features["intent_class"].int2str
names = minds.features["intent_class"].names

print("stored:", example["intent_class"])
print("name:  ", int2str(example["intent_class"]))
print("labels:", len(names))

# %% [markdown] lang="en"
# In the data set the label is a number, and `int2str` turns it into its name. The pipeline answers with names, so names are
# what we compare.
#
# ## Is the prediction the label?

# %% [markdown] lang="ko"
# 데이터 세트에는 레이블이 번호로 들어 있고, `int2str`이 번호를 이름으로 바꿔 줘요. 파이프라인은 이름으로 답하니까 이름끼리
# 비교하면 돼요.
#
# ## 예측이 레이블과 같나요?

# %%
best = classifier(example["audio"]["array"], top_k=1)[0]
label = int2str(example["intent_class"])
print("label:     ", label)
print("prediction:", best["label"], f"({best['score']:.2f})")
print("equal:     ", best["label"] == label)

# %% [markdown] lang="en"
# One comparison tells you about one clip. Here are a few more, from all over the data set: `shuffle` mixes the rows, since
# neighbours may be alike.

# %% [markdown] lang="ko"
# 클립 하나를 비교하면 그 클립에 대해서만 알게 돼요. 데이터 세트 여기저기에서 몇 개 더 골라 볼게요. 이웃한 행끼리는 비슷할 수
# 있으니 `shuffle`로 먼저 섞어요.

# %%
handful = minds.shuffle(seed=14).select(range(8))

right = 0
for row in handful:
    best = classifier(row["audio"]["array"], top_k=1)[0]
    label = int2str(row["intent_class"])
    right += best["label"] == label
    print(f"{'=' if best['label'] == label else '≠'}  {label:20}{best['label']:20}{best['score']:.2f}")
print(right, "of", len(handful))

# %% [markdown] lang="en"
# Left the label, right the [prediction](../../docs/glossary.md#prediction) with its score. Would another handful have given the
# same count? Rather than guess, take them all.
#
# ## And the whole data set?
#
# The loop stays what you have just written. `evaluation.predictions` adds what gets tedious by hand: a progress bar, a table
# with a row for each clip, and a row with an error where a clip cannot be read, so that one bad file does not end the run. It
# takes seconds with the small model, and a good while with the large one from the Hub.

# %% [markdown] lang="ko"
# 왼쪽이 레이블, 오른쪽이 [예측(prediction)](../../docs/glossary.md#prediction)과 그 점수예요. 다른 클립을 골랐어도 맞힌 개수가
# 같았을까요? 추측하지 말고 전부 해 봐요.
#
# ## 데이터 세트 전체는요?
#
# 방금 쓴 반복문 그대로예요. `evaluation.predictions`는 손으로 하기 번거로운 것만 덧붙여요. 진행 막대, 클립마다 한 줄씩인 표,
# 그리고 읽을 수 없는 클립이 있을 때 남기는 오류 한 줄이에요. 그래서 파일 하나가 망가져 있어도 끝까지 가요. 작은 모델이면 금방
# 끝나고, Hub의 큰 모델이면 꽤 오래 걸려요.

# %%
from helpers import evaluation

table = evaluation.predictions(minds, classifier)
table.head().round(2)

# %% [markdown] lang="en"
# `score` is what the best label got, `label_score` what the true label got. Where the two labels are the same, so are the
# scores.
#
# ## How often is it right?
#
# The share of correct rows is the [accuracy](../../docs/glossary.md#accuracy).

# %% [markdown] lang="ko"
# `score`는 가장 높은 레이블이 받은 점수, `label_score`는 실제 레이블이 받은 점수예요. 두 레이블이 같으면 점수도 같아요.
#
# ## 얼마나 자주 맞히나요?
#
# 맞힌 행의 비율이 [정확도(accuracy)](../../docs/glossary.md#accuracy)예요.

# %%
print("accuracy:           ", f"{table['correct'].mean():.2f}")
print("most frequent label:", f"{table['label'].value_counts(normalize=True).max():.2f}")

whole = evaluation.accuracy(table)
print(whole)

# %% [markdown] lang="en"
# The second line is there to compare with: what you would get by always answering with the most frequent label, without
# listening. The last line is the accuracy once more, now with a [confidence
# interval](../../docs/glossary.md#confidence-interval).
#
# ## What does the interval mean?
#
# Had other people called, the accuracy would be another. How much other? Play it through: draw 40 rows at random, as if these
# were the only calls you had, and compute accuracy and interval from them. Put them back and draw again, a hundred times.

# %% [markdown] lang="ko"
# 두 번째 줄은 견줘 보려고 넣었어요. 소리를 듣지 않고 가장 흔한 레이블만 답할 때 나오는 값이에요. 마지막 줄은 같은 정확도를
# [신뢰 구간(confidence interval)](../../docs/glossary.md#confidence-interval)과 함께 쓴 거예요.
#
# ## 구간은 무슨 뜻인가요?
#
# 다른 사람들이 전화했다면 정확도도 달랐을 거예요. 얼마나 달랐을까요? 직접 해 봐요. 가진 통화가 그것뿐인 것처럼 행 40개를
# 무작위로 뽑고, 정확도와 구간을 구해요. 도로 넣고 다시 뽑기를 백 번 되풀이해요.

# %%
import matplotlib.pyplot as plt
from helpers import plots

draws = [evaluation.accuracy(table.sample(40, replace=True, random_state=i)) for i in range(100)]
plots.intervals(draws, truth=float(whole))
plt.show()

# %% [markdown] lang="en"
# Each vertical line is the interval of one draw, the dot in it the accuracy of that draw. The dashed line is the accuracy of
# all rows, which no draw knew. The dots jump about, yet nearly every interval holds the dashed line. That is all a 95 %
# interval promises: of a hundred made this way, about 95 hold the true figure. In real life you have a single line, and no
# dashed one.
#
# More clips make it shorter, but slowly:

# %% [markdown] lang="ko"
# 세로선 하나가 한 번 뽑았을 때의 구간이고, 그 안의 점이 그때의 정확도예요. 점선은 전체 행의 정확도인데, 뽑을 때는 아무도 몰랐던
# 값이에요. 점은 이리저리 튀지만, 거의 모든 구간이 점선을 품고 있어요. 95 % 구간이 약속하는 것은 딱 이만큼이에요. 이렇게 만든
# 구간 백 개 가운데 95개쯤이 진짜 값을 품는다는 것이죠. 현실에서는 세로선이 하나뿐이고, 점선은 없어요.
#
# 클립이 많아지면 구간이 짧아져요. 다만 천천히 짧아져요.

# %%
for clips in (10, 40, 160, 640, 2_560):
    low, high = evaluation.wilson(round(clips * float(whole)), clips)
    print(f"{clips:5} clips: {low:.2f} to {high:.2f}, width {high - low:.2f}")

# %% [markdown] lang="en"
# Four times the clips, about half the width. (The formula is Wilson's; it takes each clip to be a new caller. Several clips of
# one voice say less than as many voices do.)
#
# ## Which intents are found?
#
# An average hides the weak spots. Of the clips of one intent, the share that the model finds is the intent's
# [recall](../../docs/glossary.md#recall).

# %% [markdown] lang="ko"
# 클립이 네 배가 되어야 폭이 절반쯤으로 줄어요. (윌슨(Wilson)의 공식이에요. 클립마다 다른 사람이 전화했다고 가정해요. 같은
# 목소리의 클립 여러 개는 그만큼의 다른 목소리보다 알려 주는 것이 적어요.)
#
# ## 어떤 의도를 잘 찾나요?
#
# 평균은 약한 곳을 가려요. 어떤 의도의 클립 가운데 모델이 찾아낸 비율을 그 의도의
# [재현율(recall)](../../docs/glossary.md#recall)이라고 해요.

# %%
recall = evaluation.recall_by_label(table, names)
plots.recall(recall)
plt.show()

# %% [markdown] lang="en"
# The thin lines are intervals again, and long ones: an intent has few clips. Where two of them overlap for the most part, do
# not call one intent harder than the other.
#
# ## What is taken for what?
#
# A [confusion matrix](../../docs/glossary.md#confusion-matrix) counts every pair. A row is a label, a column a prediction; what
# is right lies on the diagonal.

# %% [markdown] lang="ko"
# 가는 선은 이번에도 구간인데, 꽤 길어요. 의도마다 클립이 몇 개 없으니까요. 두 구간이 대부분 겹친다면, 어느 의도가 더 어렵다고
# 말하지 마세요.
#
# ## 무엇을 무엇으로 착각하나요?
#
# [혼동 행렬(confusion matrix)](../../docs/glossary.md#confusion-matrix)은 모든 짝을 세어 놓은 표예요. 행은 레이블, 열은
# 예측이고, 맞힌 것은 대각선에 있어요.

# %%
plots.confusion(evaluation.confusion(table, names))
plt.show()

# %% [markdown] lang="en"
# What lies beside the diagonal, as a list, the pairs with the most clips first:

# %% [markdown] lang="ko"
# 대각선을 벗어난 것을 목록으로 볼게요. 클립이 많은 짝부터예요.

# %%
evaluation.confused_pairs(table, 5)

# %% [markdown] lang="en"
# Do callers who want these two things use the same words? Then the mistake is an honest one. If
# not, it is worth listening.
#
# ## What do the worst mistakes sound like?
#
# The worst are those of which the model was most sure: wrong, with the highest scores.

# %% [markdown] lang="ko"
# 이 두 가지를 원하는 사람들은 같은 낱말을 쓰나요? 그렇다면 그럴 만한 실수예요. 아니라면 들어 볼
# 가치가 있어요.
#
# ## 가장 크게 틀린 클립은 어떻게 들리나요?
#
# 가장 크게 틀린 것은 모델이 가장 확신하면서 틀린 것이에요. 틀렸는데 점수가 높은 클립이죠.

# %%
from IPython.display import display

from helpers import player

mistakes = evaluation.most_confident_mistakes(table, 4)
for row, mistake in mistakes.iterrows():
    said = f"{row}: {mistake['label']} ({mistake['label_score']:.2f}) → {mistake['prediction']} ({mistake['score']:.2f})"
    display(player(minds[row]["audio"], title=said, transcript=mistake["transcription"], synthetic=MINDS14.synthetic))

# %% [markdown] lang="en"
# Below each player: the row, the label with the score it got, then the prediction with its score. Listen, read, and decide for
# yourself what the caller wants.
#
# ## Who is wrong, the model or the label?
#
# Sometimes you will side with the model. Labels are made by people, and people slip. In the genuine MInDS-14 some callers say
# something else than their label claims. The bundled sentences were each written for their label, but even an author can write
# a sentence that fits two. The first note at the top says which of the two data sets you have. A label that is wrong counts as
# the model's mistake, so slips put a ceiling on the accuracy: nobody reaches 1.00, and whoever does has learnt the slips too.
#
# How would you find wrong labels among many clips? Where the model gave the label next to nothing.

# %% [markdown] lang="ko"
# 플레이어 아래에 적힌 것은 차례로 행 번호, 레이블과 레이블이 받은 점수, 예측과 예측의 점수예요. 듣고 읽으면서, 무엇을 원하는
# 전화인지 직접 판단해 보세요.
#
# ## 틀린 쪽은 모델인가요, 레이블인가요?
#
# 가끔은 모델 편을 들게 될 거예요. 레이블은 사람이 붙이고, 사람은 실수하니까요. 진짜 MInDS-14에는 레이블과 다른 이야기를 하는
# 통화가 섞여 있어요. 코스에 들어 있는 문장은 하나하나 레이블에 맞춰 쓴 것이지만, 쓰다 보면 두 레이블에 다 어울리는 문장도
# 나와요. 지금 어느 데이터 세트를 쓰고 있는지는 맨 위의 첫 번째 설명에 나와 있어요. 레이블이 틀려도 모델이 틀린 것으로 세니까,
# 정확도에는 레이블이 정하는 천장이 있어요. 레이블에 실수가 섞여 있으면 누구도 1.00에 닿을 수 없고, 닿았다면 실수까지 외운
# 거예요.
#
# 클립이 많을 때 틀린 레이블은 어떻게 찾을까요? 모델이 레이블에 점수를 거의 주지 않은 곳을 보면 돼요.

# %%
suspects = table[~table["correct"]].round({"label_score": 2}).sort_values("label_score", kind="stable").head(5)
for row, suspect in suspects.iterrows():
    print(f"{row}: {suspect['label']} ({suspect['label_score']:.2f}): {suspect['transcription'][:90]}")

# %% [markdown] lang="en"
# Suspects, not culprits: read each sentence before you change a label. And read labels that the model agrees with, too: whoever
# corrects only those that it objects to will see the accuracy rise, and nothing else.
#
# ## When it is sure, how often is it right?
#
# Lesson 04 said that a score is not the probability of being right. Now you can measure how far it is from one: take the rows
# where the model is sure, and count.

# %% [markdown] lang="ko"
# 이들은 용의자일 뿐, 범인은 아니에요. 레이블을 고치기 전에 문장을 하나하나 읽어 보세요. 그리고 모델이 동의한 레이블도 읽어
# 보세요. 모델이 반대한 레이블만 고치면 정확도는 올라가기만 하니까요.
#
# ## 확신할 때는 얼마나 자주 맞나요?
#
# 레슨 04에서 점수는 맞을 확률이 아니라고 했어요. 이제 둘이 얼마나 다른지 잴 수 있어요. 모델이 확신하는 행만 골라서 세어 봐요.

# %%
sure = table[table["score"] > table["score"].median()]
print("mean score:", f"{sure['score'].mean():.2f}")
print("accuracy:  ", evaluation.accuracy(sure))

# %% [markdown] lang="en"
# That was the surer half of the rows. The same for every height of score, in bins:

# %% [markdown] lang="ko"
# 이것은 더 확신한 절반의 이야기예요. 점수의 높이별로 칸을 나누어 똑같이 해 볼게요.

# %%
plots.reliability(evaluation.reliability(table, bins=5))
plt.show()
print("ECE:", f"{evaluation.calibration_error(table, bins=5):.2f}")

# %% [markdown] lang="en"
# Each dot is a bin of clips: to the right, the scores they got; upwards, how many of them are right. On the dashed line a score
# *would* be the probability of being right. Dots below it mean that the model promises too much, dots above that it is more
# modest than it needs to be; where the thin lines reach the dashed one, there are too few clips to tell. ECE, the [expected
# calibration error](../../docs/glossary.md#calibration-error), is how far the dots lie from the dashed line on average, each
# weighted by its clips. Lesson 08 shows how to make it smaller.
#
# ## Should it always answer?
#
# No. It can answer where the score is high, and hand the call to a person where it is not. Try one
# [threshold](../../docs/glossary.md#threshold) by hand.

# %% [markdown] lang="ko"
# 점 하나가 클립이 든 칸 하나예요. 오른쪽으로 갈수록 점수가 높고, 위로 갈수록 맞힌 비율이 높아요. 점이 점선에 딱 놓여 있다면
# 점수가 **정말로** 맞을 확률인 셈이에요. 점이 점선보다 낮으면 모델이 장담을 지나치게 한 것이고, 점선보다 높으면 필요 이상으로
# 겸손한 거예요. 가는 선이 점선에 닿아 있으면 클립이 너무 적어서 어느 쪽인지 말할 수 없어요. ECE, 곧 [기대 보정 오차(expected
# calibration error)](../../docs/glossary.md#calibration-error)는 점들이 점선에서 평균적으로 얼마나 떨어져 있는지를 클립 수만큼
# 무게를 두어 잰 값이에요. 이것을 줄이는 방법은 레슨 08에서 배워요.
#
# ## 언제나 답해야 할까요?
#
# 아니에요. 점수가 높을 때만 답하고, 그렇지 않으면 사람에게 넘기면 돼요. 먼저
# [문턱값(threshold)](../../docs/glossary.md#threshold) 하나로 직접 해 봐요.

# %%
threshold = 0.7
sure = table[table["score"] >= threshold]
print("answered:", f"{len(sure) / len(table):.2f}")
print("accuracy:", evaluation.accuracy(sure))

# %% [markdown] lang="en"
# Compare with the accuracy of all the rows. Which calls are these? Here are the first ones, each with its best score. Move the
# threshold: what lies left of the line goes to a person.

# %% [markdown] lang="ko"
# 전체의 정확도와 비교해 보세요. 어떤 통화가 남고 어떤 통화가 빠질까요? 처음 몇 개를 가장 높은 점수와 함께 그렸어요. 문턱값을
# 옮겨 보세요. 선까지 닿지 못한 것은 사람에게 넘겨요.

# %%
from helpers import widgets

widgets.threshold_slider(table)

# %% [markdown] lang="en"
# Pale bars cost a person's time, full hatched ones are wrong answers that reach the caller. Now every threshold and all the rows
# at once:

# %% [markdown] lang="ko"
# 흐린 막대는 사람의 시간이 들고, 진한 빗금 막대는 틀린 답이 고객에게 그대로 나가는 거예요. 이제 모든 행을 모든 문턱값에서
# 한꺼번에 볼게요.

# %%
plots.coverage(evaluation.coverage(table))
plt.show()

# %% [markdown] lang="en"
# From left to right the model has to be surer before it may answer. It answers less often, and what it answers is, as a rule,
# right more often. Which point to choose is not a question about sound: it depends on what a wrong answer costs and what a
# person's time costs. To the far right few clips are left, and the band shows how little they prove.
#
# ## Why can this accuracy flatter?
#
# Because of where the clips come from. A model that has seen a clip in training may know it by heart, and knowing by heart is
# not hearing. Here is one that does nothing else: it remembers every other clip, and answers with the same label for whatever
# is new.

# %% [markdown] lang="ko"
# 오른쪽으로 갈수록 모델은 더 확신해야 답할 수 있어요. 답하는 횟수는 줄고, 답한 것은 대체로 더 자주 맞아요. 어느 지점을 고를지는
# 소리의 문제가 아니에요. 틀린 답이 얼마나 손해인지, 사람의 시간이 얼마나 비싼지에 달려 있어요. 오른쪽 끝에는 클립이 얼마 남지
# 않고, 그 클립들이 말해 주는 것이 얼마나 적은지는 띠의 폭이 보여 줘요.
#
# ## 이 정확도는 왜 실제보다 좋을 수 있나요?
#
# 클립이 어디에서 왔는지 때문이에요. 학습할 때 본 클립이라면 모델이 통째로 외웠을 수 있고, 외우는 것은 알아듣는 것이 아니에요.
# 외우기만 하는 모델을 하나 만들어 볼게요. 클립을 하나 걸러 하나씩 외우고, 처음 듣는 것에는 언제나 같은 레이블로 답해요.

# %%
seen = minds.select(range(0, len(minds), 2))
unseen = minds.select(range(1, len(minds), 2))
memory = {row["audio"]["array"].tobytes(): int2str(row["intent_class"]) for row in seen}


def parrot(array, top_k=None):
    return [{"label": memory.get(array.tobytes(), names[0]), "score": 1.0}]


print("seen:  ", evaluation.accuracy(evaluation.predictions(seen, parrot)))
print("unseen:", evaluation.accuracy(evaluation.predictions(unseen, parrot)))

# %% [markdown] lang="en"
# On the clips that it has seen the parrot cannot be beaten. It understands nothing. That is why an accuracy counts only on
# clips that the model has never met, and better still on voices that it has never met. What does MInDS-14 set aside for that?

# %% [markdown] lang="ko"
# 본 클립에서는 이 앵무새를 이길 수 없어요. 그런데 알아듣는 것은 하나도 없어요. 그래서 정확도는 모델이 한 번도 만나지 않은
# 클립에서 재야 하고, 한 번도 만나지 않은 목소리라면 더 좋아요. MInDS-14에는 그런 용도로 떼어 둔 것이 있을까요?

# %%
from datasets import get_dataset_split_names

print(get_dataset_split_names(MINDS14.path, "en-AU", revision=MINDS14.revision))
print(MODEL.note)

# %% [markdown] lang="en"
# Nothing: there is one split, and it is called `train`, as its makers left the splitting to you. The name alone says nothing
# about who trained on it. The note does. Has the model heard these clips? Then the accuracy above flatters, and nobody can say
# by how much. Has it not? Then the figure is a fair one, for callers, phones and sentences like these, and for no others.
#
# ## And in Korean?
#
# Callers unlike these are one word away.

# %% [markdown] lang="ko"
# 없어요. 스플릿은 하나뿐이고 이름은 `train`이에요. 나누는 일을 쓰는 사람에게 맡긴 것이죠. 이름만 봐서는 누가 이것으로
# 학습했는지 알 수 없고, 설명을 읽어야 알 수 있어요. 모델이 이 클립들을 들은 적이 있나요? 그렇다면 위의 정확도는 실제보다 후하게
# 나온 값이고, 얼마나 후한지는 아무도 몰라요. 들은 적이 없나요? 그렇다면 믿을 만한 숫자예요. 다만 이런 사람, 이런 전화기, 이런
# 문장일 때만 그래요.
#
# ## 한국어로는요?
#
# 이와는 다른 통화도 단어 하나만 바꾸면 불러올 수 있어요.

# %%
korean = load_dataset(MINDS14.path, name="ko-KR", split="train", revision=MINDS14.revision)
korean = korean.cast_column("audio", Audio(sampling_rate=16_000))

print("en-AU:", whole)
print("ko-KR:", evaluation.accuracy(evaluation.predictions(korean, classifier)))

# %% [markdown] lang="en"
# Same model, same intents, another language. Look at the two intervals before you say that the figures differ; and before you
# say why, remember that language is not the only difference. The voices, the sentences and what the model was trained on are
# others too.
#
# ## What you did
#
# - `int2str` made names of the labels; prediction and label were compared, first by hand, then for every clip.
# - An accuracy comes with an interval: other callers would have given another figure, and few clips say little.
# - Recall and the confusion matrix show where the mistakes are, the most confident ones are worth hearing, and sometimes the
#   label is wrong.
# - A score is a probability only as far as you have measured it; a threshold trades answers for accuracy.
# - An accuracy on clips that the model has seen flatters, whatever the split is called.

# %% [markdown] lang="ko"
# 같은 모델, 같은 의도, 다른 언어예요. 두 값이 다르다고 말하기 전에 구간을 보세요. 왜 다른지 말하기 전에는, 언어만 다른 것이
# 아니라는 점을 떠올리세요. 목소리도, 문장도, 모델이 학습한 것도 달라요.
#
# ## 오늘 한 일
#
# - `int2str`로 레이블의 이름을 알아내고 예측과 레이블을 비교했어요. 처음에는 손으로, 그다음에는 모든 클립에서요.
# - 정확도에는 구간이 따라와요. 다른 사람들이 전화했다면 다른 값이 나왔을 테고, 클립이 적으면 말해 주는 것도 적어요.
# - 어디서 틀리는지는 재현율과 혼동 행렬이 보여 줘요. 가장 확신하면서 틀린 클립은 들어 볼 만하고, 때로는 레이블이 틀렸어요.
# - 점수는 재 본 만큼만 확률이에요. 문턱값을 두면 답을 덜 하는 대신 더 정확해져요.
# - 모델이 이미 들은 클립에서 잰 정확도는 스플릿 이름이 무엇이든 실제보다 좋게 나와요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
import numpy as np

from helpers.exercises import lesson_05

seconds = np.array([len(row["audio"]["array"]) / 16_000 for row in minds])
thresholds = np.linspace(0, 1, 21)

q1 = lesson_05.NamesAndNumbers(handful, classifier)
q2 = lesson_05.CheapestThreshold(table, wrong=10, person=2, thresholds=thresholds)
q3 = lesson_05.LongClips(table, seconds)

# %% [markdown] lang="en"
# **1. Find the bug.** The same handful of clips as above, and suddenly the model is never right.

# %% [markdown] lang="ko"
# **1. 버그를 찾아보세요.** 위와 똑같은 클립 몇 개인데, 갑자기 모델이 하나도 맞히지 못해요.

# %%
right = 0
for row in handful:
    best = classifier(row["audio"]["array"], top_k=1)[0]
    right += best["label"] == row["intent_class"]
print(right, "of", len(handful))

# %% [markdown] lang="en"
# Mend the loop, and give the number of right answers.

# %% [markdown] lang="ko"
# 반복문을 고쳐서 맞은 답의 개수를 쓰세요.

# %%
### BEGIN SOLUTION
right = 0
for row in handful:
    best = classifier(row["audio"]["array"], top_k=1)[0]
    right += best["label"] == int2str(row["intent_class"])  # a name on both sides
right_answers = right
### END SOLUTION

# %%
q1.check(right_answers)

# %% [markdown] lang="en"
# **2. Compute.** A wrong answer costs 10: the caller ends up at the wrong desk and rings again. Handing a call to a person costs 2.
# Below a threshold the call goes to a person, from it on the model answers. Which of the `thresholds` is cheapest for the calls in
# `table`?

# %% [markdown] lang="ko"
# **2. 계산해 보세요.** 틀린 답의 비용은 10이에요. 엉뚱한 담당자에게 연결되어 다시 전화해야 하니까요. 사람에게 넘기는 비용은 2예요.
# 점수가 문턱값보다 낮으면 사람에게 넘기고, 같거나 높으면 모델이 답해요. `table`의 통화에서 `thresholds` 가운데 비용이 가장 적게 드는
# 것은 무엇인가요?

# %%
### BEGIN SOLUTION
costs = []
for threshold in thresholds:
    answered = table["score"] >= threshold
    costs.append(10 * (answered & ~table["correct"]).sum() + 2 * (~answered).sum())

cheapest = thresholds[np.argmin(costs)]
### END SOLUTION

# %%
q2.check(cheapest)

# %% [markdown] lang="en"
# **3. Choose.** Is the model worse on long clips? `seconds` holds the length of each clip, in the order of `table`. Compare the longer
# half with the shorter one, and choose `"a"`, `"b"` or `"c"`:
#
# - a: worse on the longer half, and the two intervals do not overlap;
# - b: better on the longer half, and the two intervals do not overlap;
# - c: the intervals overlap, so these clips cannot tell.

# %% [markdown] lang="ko"
# **3. 골라 보세요.** 모델은 긴 클립에서 더 못하나요? `seconds`에 클립의 길이가 `table`과 같은 순서로 들어 있어요. 긴 쪽 절반과 짧은 쪽
# 절반을 비교해서 `"a"`, `"b"`, `"c"` 가운데 하나를 고르세요.
#
# - a: 긴 쪽에서 더 못하고, 두 구간이 겹치지 않아요.
# - b: 긴 쪽에서 더 잘하고, 두 구간이 겹치지 않아요.
# - c: 두 구간이 겹쳐서, 이 클립들로는 말할 수 없어요.

# %%
### BEGIN SOLUTION
long = seconds > np.median(seconds)
longer, shorter = evaluation.accuracy(table[long]), evaluation.accuracy(table[~long])
print(longer, shorter, sep="\n")

verdict = "a" if longer.high < shorter.low else "b" if longer.low > shorter.high else "c"
### END SOLUTION

# %%
q3.check(verdict)
