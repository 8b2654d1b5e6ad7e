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
# # Load MInDS-14: calls, and what the callers wanted
#
# Before a model can be right or wrong, there must be sounds, and somebody must have said what each of them is. In this lesson
# you load such a collection, find your way around in it, hear it, and throw out what you do not need.
#
# **You will be able to**
# - say what audio classification is, and what it is used for;
# - load one language of MInDS-14 and read what a row holds;
# - turn a label's number into its name, and back;
# - drop columns, and keep only the clips of the length you want.
#
# **Time:** 25 minutes. **You need:** some Python. [Lesson 00](00_start_here.ipynb) shows the whole way at a walk, but this
# lesson starts from nothing.

# %% [markdown] lang="ko"
# # MInDS-14 불러오기: 통화, 그리고 전화한 이유
#
# 모델이 맞았는지 틀렸는지 따지려면 먼저 소리가 있어야 하고, 그 소리가 무엇인지 누군가 적어 두었어야 해요. 이 레슨에서는 그런
# 모음을 불러와 구석구석 둘러보고, 들어 보고, 필요 없는 것을 덜어 내요.
#
# **이 레슨을 마치면**
# - 오디오 분류가 무엇이고 어디에 쓰이는지 말할 수 있어요.
# - MInDS-14에서 언어 하나를 불러와 한 행에 무엇이 들었는지 읽을 수 있어요.
# - 레이블의 번호를 이름으로, 이름을 다시 번호로 바꿀 수 있어요.
# - 필요 없는 열을 빼고, 원하는 길이의 클립만 남길 수 있어요.
#
# **걸리는 시간:** 25분. **필요한 것:** 파이썬을 조금 알면 돼요. [레슨 00](00_start_here.ipynb)에서 전체를 한 바퀴 돌아보지만,
# 이 레슨은 처음부터 다시 시작해요.

# %% [markdown] lang="en"
# ## What is audio classification?
#
# A sound goes in, and a name from a fixed list comes out. The list is the [label](../../docs/glossary.md#label) set, and
# choosing the name is [audio classification](../../docs/glossary.md#audio-classification). You meet it more often than you
# might think:
#
# - **Speech, music or noise?** A phone that mutes the microphone while only the kettle is talking.
# - **Which animal?** A box in the forest that counts owls, so that nobody has to sit there all night.
# - **Is the machine well?** A lift that is inspected when it starts to sound wrong, not when it has stopped.
# - **What does the caller want?** A telephone line that passes you on to the right desk without "press four for all other
#   matters".
#
# The first three are heard in the sound itself. The fourth is different: it is heard in the *words*. This course spends most
# of its time on the fourth, because it is the hardest to fake with a simple trick, and comes back to the other three near its
# end.

# %% [markdown] lang="ko"
# ## 오디오 분류란 무엇일까요?
#
# 소리가 들어가고, 정해진 목록에 있는 이름 하나가 나와요. 이 이름을 [레이블(label)](../../docs/glossary.md#label)이라 하고,
# 소리에 맞는 레이블을 고르는 일을 [오디오 분류(audio classification)](../../docs/glossary.md#audio-classification)라고 해요.
# 생각보다 우리 가까이에 있어요.
#
# - **말소리일까요, 음악일까요, 소음일까요?** 주전자만 소리를 내고 있을 때 알아서 마이크를 꺼 두는 전화기가 있어요.
# - **어떤 동물일까요?** 숲속에서 올빼미 울음을 세는 상자가 있어요. 덕분에 누군가 밤을 새우지 않아도 돼요.
# - **기계는 괜찮을까요?** 엘리베이터가 멈춘 뒤가 아니라 소리가 이상해졌을 때 점검을 받아요.
# - **전화한 사람은 무엇을 원할까요?** "그 밖의 문의는 4번" 없이 바로 담당자에게 연결해 주는 전화가 있어요.
#
# 앞의 세 가지는 소리만 들으면 알 수 있어요. 네 번째는 조금 달라요. 어떤 소리인지가 아니라 *무슨 말을 하는지* 들어야 알 수
# 있어요. 이 코스는 대부분의 시간을 네 번째에 써요. 간단한 꾀로는 맞히기 어렵기 때문이에요. 나머지 세 가지는 코스가 끝날
# 무렵에 다시 만나요.

# %% [markdown] lang="en"
# ## Which calls are these?
#
# MInDS-14 (Gerz et al. 2021, [arXiv:2104.08524](https://arxiv.org/abs/2104.08524), licence CC BY 4.0) is a collection of
# people who speak to a bank's telephone assistant. What the caller wants is called the
# [intent](../../docs/glossary.md#intent). The collection suits a first course well: the clips are short, people talk the way
# they talk, every clip has a label, and it comes in several languages.
#
# The course carries a small set of its own in the same shape. The next cell says which of the two you have in front of you.

# %% [markdown] lang="ko"
# ## 어떤 통화일까요?
#
# MInDS-14(Gerz et al. 2021, [arXiv:2104.08524](https://arxiv.org/abs/2104.08524), 라이선스 CC BY 4.0)는 사람들이 은행의 전화
# 상담 시스템에 대고 말한 것을 모은 데이터 세트(data set)예요. 전화한 사람이 원하는 것을
# [발화 의도(intent)](../../docs/glossary.md#intent)라고 해요. 처음 배우기에 좋은 데이터 세트예요. 클립(clip)이 짧고, 사람들이
# 평소처럼 말하고, 클립마다 레이블이 있고, 여러 언어로 되어 있거든요.
#
# 이 코스에는 같은 형식으로 만든 작은 데이터 세트가 들어 있어요. 지금 여러분 앞에 있는 것이 둘 중 어느 쪽인지는 다음 셀이 알려
# 줘요.

# %%
from helpers import sources

MINDS14 = sources.minds14()
print(MINDS14.note)

# %% [markdown] lang="en"
# ## Load one language
#
# `load_dataset` takes four things here. The *path* says which data set; on the Hub it reads `"PolyAI/minds14"`. The *name*
# says which part of it, its [configuration](../../docs/glossary.md#configuration): one language, here English as spoken in
# Australia. The [split](../../docs/glossary.md#split) is `train`, the only one there is. The *revision* pins the exact
# version, so that tomorrow you get what you got today.

# %% [markdown] lang="ko"
# ## 언어 하나 불러오기
#
# 여기서 `load_dataset`에는 네 가지를 알려 줘요. *path*는 어느 데이터 세트인지예요. Hub에서라면 `"PolyAI/minds14"`예요.
# *name*은 그중 어느 부분인지, 곧 [구성(configuration)](../../docs/glossary.md#configuration)이에요. MInDS-14에서는 언어
# 하나가 구성 하나이고, 여기서는 호주 영어를 골랐어요. [스플릿(split)](../../docs/glossary.md#split)은 `train`이에요. 이
# 데이터 세트에는 이것 하나뿐이에요. *revision*은 정확한 버전을 못 박아요. 그래야 오늘 받은 것을 내일도 똑같이 받아요.

# %%
from datasets import load_dataset

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision)
minds

# %% [markdown] lang="en"
# A table: the column names, and the number of rows. One row is one call.
#
# ## Who turns the file into numbers?
#
# In the table the sound is still a packed file. Turning it into numbers is called [decoding](../../docs/glossary.md#decoding),
# and `datasets` leaves that to FFmpeg, a program that has to be installed by itself, by way of a package named torchcodec.
# Where either is missing, `minds[0]` ends in an `ImportError`, and a course that begins with an error is not much fun.
# `helpers.Audio` does the same job with a small library that came with the course. One line, directly after loading, and the
# rest works as it does everywhere else.

# %% [markdown] lang="ko"
# 표가 하나 나왔어요. 열(column)의 이름과 행(row)의 수가 보여요. 한 행이 통화 하나예요.
#
# ## 파일은 누가 숫자로 바꾸나요?
#
# 표 안의 소리는 아직 파일 그대로예요. 누군가 풀어서 숫자로 바꿔야 하는데, 이것을
# [디코딩(decoding)](../../docs/glossary.md#decoding)이라고 해요. `datasets`는 이 일을 torchcodec이라는 패키지를 거쳐, 따로
# 설치해야 하는 프로그램인 FFmpeg에 맡겨요. 둘 중 하나라도 없으면 `minds[0]`에서 `ImportError`가 나요. 오류로 시작하는 강의는 별로 즐겁지 않죠.
# `helpers.Audio`는 코스와 함께 설치된 작은 라이브러리로 같은 일을 해요. 불러온 바로 다음에 한 줄만 쓰면, 나머지는 다른
# 곳에서와 똑같이 돌아가요.

# %%
from helpers import Audio

minds = minds.cast_column("audio", Audio())
minds.features["audio"]

# %% [markdown] lang="en"
# ## What does a row hold?

# %% [markdown] lang="ko"
# ## 한 행에는 무엇이 들었나요?

# %%
example = minds[0]
for column, value in example.items():
    print(f"{column}: {value}")

# %% [markdown] lang="en"
# From the top: the clip's file name, with the language and the intent in it; the sound, as an array of numbers (the dots stand
# for the many that were left out) with its [sampling rate](../../docs/glossary.md#sampling-rate), the number of values a
# second; what was said; the same in English, which matters for the other languages; and then two bare numbers, one for the
# intent and one for the language.
#
# ## What does the number mean?
#
# A computer would rather count than read, so labels are stored as numbers. The list of names belongs to the column, and the
# column's type, `ClassLabel`, translates both ways: `int2str` and `str2int`.

# %% [markdown] lang="ko"
# 위에서부터 볼까요? 언어와 의도가 적힌 클립의 파일 이름, 소리, 말한 내용, 그 내용을 영어로 옮긴 것(다른 언어에서 쓸모가 있어요), 그리고 숫자 두
# 개예요. 소리는 숫자 배열(array)과 [샘플링 속도(sampling rate)](../../docs/glossary.md#sampling-rate)로 되어 있어요. 배열의
# 점 세 개는 다 적지 못한 숫자들이에요. 샘플링 속도는 1초에 숫자가 몇 개 있는지를 뜻해요. 마지막 두 숫자는 각각 의도와
# 언어예요.
#
# ## 이 숫자는 무슨 뜻인가요?
#
# 컴퓨터는 읽기보다 세기를 좋아해서, 레이블을 숫자로 저장해요. 이름의 목록은 열이 가지고 있고, 열의 자료형인 `ClassLabel`이
# 양쪽으로 바꿔 줘요. 번호를 이름으로 바꿀 때는 `int2str`, 이름을 번호로 바꿀 때는 `str2int`를 써요.

# %%
intents = minds.features["intent_class"]
print(intents.num_classes, intents.names)
print(example["intent_class"], "->", intents.int2str(example["intent_class"]))
print("freeze ->", intents.str2int("freeze"))
print(example["lang_id"], "->", minds.features["lang_id"].int2str(example["lang_id"]))

# %% [markdown] lang="en"
# Most names explain themselves. `abroad` is about using a card in another country, `freeze` about blocking one,
# `direct_debit` about a standing payment that the bank makes for you.
#
# ## How many clips has each intent?
#
# Worth a look before anything else: a model that always answers with the most frequent label is right as often as that label
# occurs. If one bar were twice as long as the rest, a decent accuracy could be pure laziness.

# %% [markdown] lang="ko"
# 대부분은 이름만 봐도 알 수 있어요. `abroad`는 외국에서 카드를 쓰는 일, `freeze`는 카드를 정지하는 일, `direct_debit`은
# 정해진 날에 돈이 빠져나가는 자동 이체에 관한 전화예요.
#
# ## 의도마다 클립이 몇 개씩 있나요?
#
# 무엇보다 먼저 확인해 둘 만해요. 언제나 가장 흔한 레이블만 답하는 모델도 그 레이블이 나오는 만큼은 맞히거든요. 막대 하나가
# 다른 것보다 두 배쯤 길다면, 그럴듯한 정확도가 사실은 게으름일 수 있어요.

# %%
from collections import Counter

import matplotlib.pyplot as plt

from helpers import plots

counts = Counter(intents.int2str(number) for number in minds["intent_class"])
plots.counts(counts)
plt.show()
print(f"always the most frequent: {max(counts.values()) / counts.total():.2f} right")

# %% [markdown] lang="en"
# No bar towers above the rest, and the last line says what pure laziness would earn: keep it in mind when a model is right
# more often.
#
# ## What do they sound like?
#
# `minds["intent_class"]` read one column and left the sound alone, which is quick. That helps to find the first clip of an
# intent. Press play, and read along.

# %% [markdown] lang="ko"
# 유난히 긴 막대는 없어요. 마지막 줄은 늘 가장 흔한 답만 할 때 맞히는 비율이에요. 나중에 모델이 이보다 얼마나 더 맞히는지
# 비교해 보세요.
#
# ## 어떻게 들리나요?
#
# `minds["intent_class"]`는 열 하나만 읽고 소리는 건드리지 않아서 빨라요. 그래서 어떤 의도의 첫 클립을 찾을 때 쓰기 좋아요.
# 재생 버튼을 누르고, 적힌 글을 따라 읽어 보세요.

# %%
from IPython.display import display

from helpers import player

for name in ["pay_bill", "freeze", "cash_deposit", "joint_account"]:
    row = minds[list(minds["intent_class"]).index(intents.str2int(name))]
    text = row["transcription"]
    display(player(row["audio"], transcript=text, intent=name, synthetic=MINDS14.synthetic))

# %% [markdown] lang="en"
# What told you the intent? Not the voice, not how loud it was, not the line: two or three words did. That will matter in
# [lesson 03](03_see_the_waveform.ipynb), when we look at these clips and try to read the intent off the picture.
#
# ## Do people say it in the same words?

# %% [markdown] lang="ko"
# 무엇을 듣고 의도를 알았나요? 목소리도, 소리의 크기도, 통화 품질도 아니에요. 낱말 두세 개였어요. 이 점은
# [레슨 03](03_see_the_waveform.ipynb)에서 중요해져요. 거기서는 클립을 그림으로 보면서 의도를 읽어 낼 수 있는지 시험해 봐요.
#
# ## 모두 같은 말로 하나요?

# %%
freeze = minds.filter(lambda number: number == intents.str2int("freeze"), input_columns="intent_class")
for text in freeze["transcription"][:5]:
    print("-", text)

# %% [markdown] lang="en"
# One intent, and hardly a sentence twice. Some callers come to the point, others take a run-up. Labels are a matter of
# judgement too: now and then a clip's words fit another intent better than its own. A model that disagrees with the label is
# not always the one that is wrong.
#
# ## Which columns can go?
#
# Two of them look superfluous. Look before you throw.

# %% [markdown] lang="ko"
# 의도는 하나인데 똑같은 문장은 거의 없어요. 곧장 용건을 말하는 사람도 있고, 뜸을 들이는 사람도 있어요. 레이블도 결국 사람의
# 판단이에요. 말한 내용이 제 레이블보다 다른 의도에 더 어울리는 클립도 가끔 있어요. 모델이 레이블과 다른 답을 냈다고 언제나
# 모델이 틀린 것은 아니에요.
#
# ## 어떤 열을 빼도 될까요?
#
# 두 열은 없어도 될 것 같아요. 빼기 전에 확인해 봐요.

# %%
print("languages:", {minds.features["lang_id"].int2str(number) for number in minds["lang_id"]})
print("same text:", list(minds["transcription"]) == list(minds["english_transcription"]))

# %% [markdown] lang="en"
# A column that says the same in every row tells nothing, and a copy tells nothing new. `remove_columns` takes them out of the
# table in your hands; the files stay as they are.

# %% [markdown] lang="ko"
# 모든 행이 똑같은 열은 알려 주는 것이 없고, 베껴 놓은 열은 새로 알려 주는 것이 없어요. `remove_columns`는 지금 손에 든
# 표에서만 열을 빼요. 파일은 그대로 남아 있어요.

# %%
minds = minds.remove_columns(["lang_id", "english_transcription"])
minds.column_names

# %% [markdown] lang="en"
# ## How long are the clips?
#
# The length of the array divided by the sampling rate is the length in seconds. This cell decodes every clip once; we keep
# the answer in a column of its own, so that we never have to do it again.

# %% [markdown] lang="ko"
# ## 클립은 얼마나 긴가요?
#
# 배열의 길이를 샘플링 속도로 나누면 길이가 초로 나와요. 이 셀은 클립을 모두 한 번씩 디코딩해요. 같은 일을 또 하지 않도록,
# 결과를 새 열에 넣어 둬요.

# %%
durations = [len(row["audio"]["array"]) / row["audio"]["sampling_rate"] for row in minds]
minds = minds.add_column("duration", durations)

plots.durations(minds["duration"], limit=20)
plt.show()

# %% [markdown] lang="en"
# Most calls are over in a few seconds, and a few go on and on. That long tail is typical of anything people say freely.
#
# ## Keep the short ones
#
# Long clips take more memory and time, and some models only hear the beginning of them. `filter` keeps the rows for which a
# function says `True`. With `input_columns` the function gets that column alone. Without it, `datasets` hands over whole
# rows, and would unpack every clip again just to look at one number.

# %% [markdown] lang="ko"
# 통화는 대부분 몇 초 만에 끝나지만, 하염없이 이어지는 것도 몇 개 있어요. 사람들이 자유롭게 말한 것을 모으면 대개 이렇게 긴
# 꼬리가 생겨요.
#
# ## 짧은 클립만 남기기
#
# 긴 클립은 메모리와 시간을 더 쓰고, 어떤 모델은 앞부분만 들어요. `filter`는 함수가 `True`라고 답한 행만 남겨요.
# `input_columns`를 쓰면 함수가 그 열의 값만 받아요. 쓰지 않으면 `datasets`가 행을 통째로 넘겨주느라, 숫자 하나 보려고 모든
# 클립을 다시 디코딩해요.

# %%
short = minds.filter(lambda seconds: seconds < 20, input_columns="duration")
print(len(minds), "->", len(short))

# %% [markdown] lang="en"
# Before and after. Little was lost, and what is left is easier to handle.
#
# ## In which order do they come?
#
# How many different intents are among the first fourteen rows?

# %% [markdown] lang="ko"
# 앞이 거르기 전, 뒤가 거른 다음이에요. 잃은 것은 적고, 남은 것은 다루기 쉬워졌어요.
#
# ## 어떤 순서로 놓여 있나요?
#
# 처음 열네 행에는 서로 다른 의도가 몇 개나 있을까요?

# %%
mixed = short.shuffle(seed=14)
for table in [short, mixed]:
    first = [intents.int2str(number) for number in table["intent_class"][:14]]
    print(len(set(first)), first)

# %% [markdown] lang="en"
# Upper line: as stored. Lower line: shuffled. Do not count on the order in which a data set is stored. The genuine MInDS-14,
# for one, lies intent by intent, so all of its first rows want the same thing. Try your model on those and you learn how it
# does on one intent, and believe it is all of them. So shuffle before you take a sample, and give `shuffle` a
# [seed](../../docs/glossary.md#seed): the same seed gives the same order again.
#
# ## Another language
#
# Another *name*, nothing else. Here are two calls in Korean, with the English of the `english_transcription` column in
# brackets.

# %% [markdown] lang="ko"
# 윗줄은 저장된 순서, 아랫줄은 섞은 순서예요. 데이터 세트가 어떤 순서로 저장되어 있을지는 아무도 장담하지 못해요. 진짜
# MInDS-14는 의도별로 모여 있어서, 앞쪽 행의 용건이 모두 같아요. 그런 행만으로 모델을 시험하면 의도 하나를 잘 맞히는지 알게 될
# 뿐인데, 전부 잘 맞히는 줄 알게 돼요. 그러니 일부를 고를 때는 먼저 섞으세요. `shuffle`에
# [시드(seed)](../../docs/glossary.md#seed)를 정해 주면, 같은 시드로는 언제나 같은 순서가 나와요.
#
# ## 다른 언어
#
# *name*만 바꾸면 돼요. 이번에는 한국어예요. 괄호 안은 `english_transcription` 열에 있는 영어 번역이에요.

# %%
korean = load_dataset(MINDS14.path, name="ko-KR", split="train", revision=MINDS14.revision)
korean = korean.cast_column("audio", Audio())
print("same intents:", korean.features["intent_class"] == intents)

for row in korean.shuffle(seed=14).select(range(2)):
    text = f"{row['transcription']} ({row['english_transcription']})"
    name = intents.int2str(row["intent_class"])
    display(player(row["audio"], transcript=text, intent=name, synthetic=MINDS14.synthetic))

# %% [markdown] lang="en"
# The same columns and the same intents in the same order, so everything that you write for one language runs on the next.
#
# And if you ask for one that is not there?

# %% [markdown] lang="ko"
# 열도 같고, 의도와 그 순서도 같아요. 그래서 한 언어를 위해 쓴 코드가 다른 언어에서도 그대로 돌아가요.
#
# 없는 언어를 달라고 하면 어떻게 될까요?

# %%
try:
    load_dataset(MINDS14.path, name="en-NZ", split="train", revision=MINDS14.revision)
except ValueError as error:
    print(error)

# %% [markdown] lang="en"
# No New Zealand, but the message lists what there is. Error messages of this kind are worth reading to the end.
#
# ## What you did
#
# - Audio classification: a sound goes in, a name from a fixed list comes out. Here the name is an intent, and it is heard in
#   the words.
# - `load_dataset` with a path, a name, a split and a revision; then `cast_column("audio", Audio())`, so that clips come out
#   as arrays.
# - `ClassLabel` stores numbers; `int2str` and `str2int` translate.
# - `remove_columns` and `filter(..., input_columns=...)` keep what you need, `shuffle(seed=...)` before you take a sample.

# %% [markdown] lang="ko"
# 뉴질랜드는 없지만, 무엇이 있는지 메시지에 다 나와요. 이런 오류 메시지는 끝까지 읽어 볼 만해요.
#
# ## 오늘 한 일
#
# - 오디오 분류에서는 소리가 들어가고, 정해진 목록의 이름 하나가 나와요. 여기서는 그 이름이 의도이고, 말의 내용에서 들려요.
# - `load_dataset`에 path, name, split, revision을 주고, 바로 `cast_column("audio", Audio())`를 해서 클립을 배열로 꺼냈어요.
# - `ClassLabel`은 번호를 저장하고, `int2str`과 `str2int`가 이름과 번호를 서로 바꿔 줘요.
# - `remove_columns`와 `filter(..., input_columns=...)`로 필요한 것만 남기고, 일부를 고르기 전에는 `shuffle(seed=...)`로
#   섞었어요.

# %% [markdown] lang="en"
# ## Exercises
#
# For each question there is a cell for your answer, to be written in place of the three dots, and below it a cell that checks it.
# `q1.hint()` helps you to begin, `q1.solution()` shows one way to do it. Run the next cell first.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 문제마다 점 세 개 자리에 답을 쓰는 셀이 있고, 바로 아래에 답을 확인하는 셀이 있어요. 막히면 `q1.hint()`로 도움말을,
# `q1.solution()`으로 풀이 하나를 볼 수 있어요. 다음 셀을 먼저 실행하세요.

# %%
from helpers.exercises import lesson_01

q1 = lesson_01.FirstRows(intents)
q2 = lesson_01.LongestIntent(minds)
q3 = lesson_01.NeverSaysFreeze(minds)

# %% [markdown] lang="en"
# **1. Predict.** Somebody has 140 calls, ten of each intent. They lie intent by intent, in the order of `intents.names`, and
# nobody shuffled them. A "model" answers `abroad` to everything. Which accuracy will it seem to have on the first ten rows, and
# which has it on all 140? Write both as shares between 0 and 1, in a list.

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 통화가 140개, 의도마다 열 개씩 있어요. `intents.names` 순서대로 의도별로 모여 있고, 아무도 섞지 않았어요.
# 어떤 "모델"은 무엇을 듣든 `abroad`라고 답해요. 처음 열 행에서 재면 정확도가 얼마로 보일까요? 140개 전체에서는 얼마일까요? 둘 다
# 0과 1 사이의 비율로, 리스트에 차례로 쓰세요.

# %%
### BEGIN SOLUTION
# The first ten rows are all about `abroad`, and so are 10 of all 140.
accuracies = [10 / 10, 10 / 140]
### END SOLUTION

# %%
q1.check(accuracies)

# %% [markdown] lang="en"
# Decided? Then this cell counts; before, it keeps quiet.

# %% [markdown] lang="ko"
# 정했나요? 그럼 다음 셀이 세어 줘요. 답을 쓰기 전에는 조용히 있어요.

# %%
stored = [name for name in intents.names for _ in range(10)]
if q1.answered:
    for rows in [stored[:10], stored]:
        print(f"{rows.count('abroad')} of {len(rows)}: {rows.count('abroad') / len(rows):.2f}")

# %% [markdown] lang="en"
# **2. Compute.** Which intent has the longest clips on average? Give its name. The lengths are in `minds["duration"]`.

# %% [markdown] lang="ko"
# **2. 계산해 보세요.** 클립이 평균적으로 가장 긴 의도는 무엇인가요? 이름을 쓰세요. 길이는 `minds["duration"]`에 있어요.

# %%
### BEGIN SOLUTION
seconds = {name: [] for name in intents.names}
for number, duration in zip(minds["intent_class"], minds["duration"], strict=True):
    seconds[intents.int2str(number)].append(duration)

means = {name: sum(values) / len(values) for name, values in seconds.items() if values}
longest = max(means, key=means.get)
### END SOLUTION

# %%
q2.check(longest)

# %% [markdown] lang="en"
# **3. Find the bug.** Not everybody who wants `freeze` says the word. This cell looks for those who do not, to listen to them in
# `minds`. Run it and read what comes out.

# %% [markdown] lang="ko"
# **3. 버그를 찾아보세요.** `freeze`를 원하는 사람이 모두 그 낱말을 말하지는 않아요. 다음 셀은 말하지 않는 사람의 통화를 찾아서
# `minds`에서 들어 보려고 해요. 실행하고 무엇이 나오는지 읽어 보세요.

# %%
found = [row for row, text in enumerate(freeze["transcription"]) if "freeze" not in text.lower()]
for row in found[:3]:
    print(row, intents.int2str(minds["intent_class"][row]), "-", minds["transcription"][row])

# %% [markdown] lang="en"
# Those are other calls. Mend it: give the row numbers in `minds` of all calls whose label is `freeze` and whose words do not hold
# "freeze". Then listen to one with `player(minds[row]["audio"])`: do its words fit another intent better?

# %% [markdown] lang="ko"
# 엉뚱한 통화가 나왔어요. 고쳐 보세요. 레이블은 `freeze`인데 말에는 "freeze"가 없는 통화를 모두 찾아, `minds`에서의 행 번호를
# 쓰세요. 그런 다음 `player(minds[row]["audio"])`로 하나 들어 보세요. 다른 의도에 더 어울리는 말은 없나요?

# %%
### BEGIN SOLUTION
# `enumerate` has to count the rows of `minds`: within `freeze` the numbers begin anew.
labels_and_texts = zip(minds["intent_class"], minds["transcription"], strict=True)
without_the_word = [
    row
    for row, (number, text) in enumerate(labels_and_texts)
    if number == intents.str2int("freeze") and "freeze" not in text.lower()
]
### END SOLUTION

# %%
q3.check(without_the_word)
