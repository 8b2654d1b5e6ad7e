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
# # Beyond one machine: a job that survives
#
# Lesson 07 made one machine fast. A million calls are still too many for it, and while a job runs for days, something will
# break: a clip, a process, a disk. Here you write the same classifier as a job for [Ray](https://docs.ray.io), which runs on
# this machine now and on many machines by naming their address. Then you break it on purpose and count the rows.
#
# **You will be able to**
# - write a Ray Data job: read, classify with a pool of workers, write;
# - say why a job cuts its input into chunks, and what that buys when something dies;
# - kill a worker, and a whole run, and show that no row is lost and none is there twice;
# - run the same from a shell with `course classify`, and on a cluster.
#
# **Time:** 25 minutes. **You need:** lesson 07.

# %% [markdown] lang="ko"
# # 컴퓨터 한 대를 넘어서: 쓰러져도 이어 가는 작업
#
# 레슨 07에서는 컴퓨터 한 대를 빠르게 만들었어요. 그래도 통화가 백만 개라면 한 대로는 모자라요. 그리고 작업이 며칠씩 도는 동안
# 무언가는 꼭 망가져요. 클립이든, 프로세스든, 디스크든요. 이번에는 똑같은 분류를 [Ray](https://docs.ray.io) 작업으로 써 봐요.
# 지금은 이 컴퓨터에서 돌고, 주소만 적으면 여러 대에서 돌아요. 그런 다음 일부러 망가뜨리고 행을 세어 볼 거예요.
#
# **이 레슨을 마치면**
# - Ray Data 작업을 쓸 수 있어요. 읽고, 작업자 여럿이 분류하고, 써요.
# - 작업이 입력을 왜 조각으로 나누는지, 무언가 죽었을 때 그게 왜 도움이 되는지 말할 수 있어요.
# - 작업자 하나를, 그리고 실행 전체를 죽여 보고, 잃은 행도 두 번 들어간 행도 없다는 것을 보일 수 있어요.
# - 셸에서 `course classify`로, 그리고 클러스터에서 같은 일을 할 수 있어요.
#
# **걸리는 시간:** 25분. **필요한 것:** 레슨 07.

# %% [markdown] lang="en"
# ## What do many calls look like on a disk?
#
# Not like one data set that you load, but like a folder of [Parquet](../../docs/glossary.md#parquet) files that nobody ever has
# in memory at once. You make a small one: a few calls in four files, each call with an id. `CLIPS` is the size of everything
# below; raise it when you have time.

# %% [markdown] lang="ko"
# ## 통화가 많으면 디스크에 어떻게 저장하나요?
#
# 한 번에 불러오는 데이터 세트 하나가 아니라, [Parquet](../../docs/glossary.md#parquet) 파일이 든 폴더예요. 전부를 한꺼번에
# 메모리에 올리는 일은 없어요. 작은 폴더를 하나 만들어 봐요. 통화 몇 개를 파일 네 개에 나누어 담고, 통화마다 id를 붙여요. 아래에
# 나오는 모든 것의 크기는 `CLIPS`가 정해요. 시간이 있으면 키워 보세요.

# %%
import tempfile
from pathlib import Path

from datasets import load_dataset
from helpers import Audio, sources

CLIPS = 64

MINDS14 = sources.minds14()
MODEL = sources.intent_model()
print(MINDS14.note)
print(MODEL.note)

minds = load_dataset(MINDS14.path, name="en-AU", split="train", revision=MINDS14.revision).select(range(CLIPS))
calls = minds.cast_column("audio", Audio(decode=False)).select_columns(["audio"])
calls = calls.add_column("id", [f"call-{i:03}" for i in range(CLIPS)])

temporary = tempfile.TemporaryDirectory()  # goes away with the kernel
work = Path(temporary.name)
folder = work / "calls"
folder.mkdir()
for number in range(4):
    calls.shard(4, number, contiguous=True).to_parquet(folder / f"calls-{number}.parquet")
print([file.name for file in sorted(folder.iterdir())])

# %% [markdown] lang="en"
# ## Is Ray there?
#
# Ray is not part of Python, nor of this course's base. `make setup` installs it. If the next cell says that there is no module
# named `ray`, run `%pip install "ray[data]"` in a cell of its own and restart the kernel. On a machine that Ray has no packages
# for you can still read this lesson and use `course classify` with its local engine, which needs no Ray.
#
# `ray.init` starts a [cluster](../../docs/glossary.md#cluster) of one machine: some processes in the background that start
# others and hand them work. Here it may use two cores and 200 MB of shared memory, and it starts no web page. Ray also reports
# to its makers how it is used, unless it is told not to. `helpers.scaling` tells it, so import that first.

# %% [markdown] lang="ko"
# ## Ray가 있나요?
#
# Ray는 파이썬에도, 이 코스의 기본 설치에도 들어 있지 않아요. `make setup`이 설치해 줘요. 다음 셀에서 `ray`라는 모듈이 없다고
# 하면, 셀을 따로 만들어 `%pip install "ray[data]"`를 실행하고 커널을 다시 시작하세요. Ray 패키지가 없는 컴퓨터라도 이 레슨을
# 읽을 수 있고, `course classify`의 local 엔진은 Ray 없이도 돌아가요.
#
# `ray.init`은 컴퓨터 한 대짜리 [클러스터(cluster)](../../docs/glossary.md#cluster)를 시작해요. 뒤에서 돌면서 다른 프로세스를
# 띄우고 일을 나눠 주는 프로세스 몇 개예요. 여기서는 코어 두 개와 공유 메모리 200 MB까지만 쓰고, 웹 페이지는 띄우지 않아요. Ray는
# 그대로 두면 어떻게 쓰이는지를 만든 곳에 알려요. `helpers.scaling`이 그걸 꺼 주니까 먼저 불러오세요.

# %%
import logging

from helpers import scaling
import ray

ray.init(
    address="local",
    num_cpus=2,
    object_store_memory=200_000_000,
    include_dashboard=False,
    log_to_driver=False,
    logging_level="ERROR",
)
ray.data.DataContext.get_current().enable_progress_bars = False
logging.getLogger("ray.data").setLevel("ERROR")
print("machines:", len(ray.nodes()))
print("cores:   ", int(ray.cluster_resources()["CPU"]))

# %% [markdown] lang="en"
# ## What is a Ray Data job?
#
# Three steps, written as if for one table: read, do something to each batch, write. Ray runs them on pieces of the table at the
# same time, and the pieces pass through memory a few at a time.
#
# The middle step is a class. Loading a model takes seconds, and a function would do it for every batch. Of a class Ray makes an
# [actor](../../docs/glossary.md#actor): a process that is made once, keeps what `__init__` loaded, and gets batch after batch.
# A pool of such actors are the job's [workers](../../docs/glossary.md#worker). Inside, you find lesson 07.

# %% [markdown] lang="ko"
# ## Ray Data 작업은 무엇인가요?
#
# 세 단계예요. 읽고, 배치(batch)마다 무언가를 하고, 써요. 표 하나를 다루듯이 쓰면, Ray가 표를 여러 토막으로 나누어 동시에 처리해요.
# 메모리에는 한 번에 토막 몇 개만 올라와요.
#
# 가운데 단계는 클래스로 써요. 모델을 불러오는 데 몇 초가 걸리는데, 함수로 쓰면 배치마다 다시 불러와야 해요. 클래스로 쓰면 Ray가
# [액터(actor)](../../docs/glossary.md#actor)를 만들어요. 한 번 만들어져서 `__init__`에서 불러온 것을 간직한 채 배치를 계속 받는
# 프로세스예요. 이런 액터를 모아 놓은 것이 작업의 [작업자(worker)](../../docs/glossary.md#worker)들이에요. 안을 들여다보면 레슨
# 07에서 한 것이 들어 있어요.

# %%
from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

from helpers import inference


class Classifier:
    def __init__(self, path, revision):
        self.model = AutoModelForAudioClassification.from_pretrained(path, revision=revision or "main")
        self.extractor = AutoFeatureExtractor.from_pretrained(path, revision=revision or "main")

    def __call__(self, batch):
        clips = [audio["bytes"] for audio in batch["audio"]]
        answers = inference.classify(clips, self.model, self.extractor, top_k=1, num_threads=1, progress=False)
        return {"id": batch["id"], "label": [answer.scores[0]["label"] for answer in answers]}


job = ray.data.read_parquet(str(folder)).map_batches(
    Classifier,
    fn_constructor_args=[MODEL.path, MODEL.revision],
    batch_size=16,
    compute=ray.data.ActorPoolStrategy(size=1),
    num_cpus=1,
)
job.write_parquet(str(work / "by-hand"))

# %%
import pandas as pd

by_hand = pd.read_parquet(work / "by-hand").sort_values("id", ignore_index=True)
print(len(by_hand), "rows")
by_hand.head(3)

# %% [markdown] lang="en"
# Nothing ran until `write_parquet` asked for results: the lines before it only describe the job. The rows come back in no
# particular order, so every row needs its id.
#
# ## Are these the answers of lesson 07?
#
# They should be: it is the same model and the same code. Moving work to other processes must not change a single label. So
# compare all of them.

# %% [markdown] lang="ko"
# `write_parquet`가 결과를 달라고 하기 전까지는 아무것도 실행되지 않았어요. 그 앞의 줄은 작업을 적어 둔 것뿐이에요. 행이 돌아오는
# 순서는 정해져 있지 않아서, 행마다 id가 있어야 해요.
#
# ## 레슨 07의 답과 같나요?
#
# 같아야 해요. 모델도 코드도 같으니까요. 일을 다른 프로세스로 옮겼다고 레이블이 하나라도 달라지면 안 돼요. 그러니 전부 비교해요.

# %%
model = AutoModelForAudioClassification.from_pretrained(MODEL.path, revision=MODEL.revision or "main")
extractor = AutoFeatureExtractor.from_pretrained(MODEL.path, revision=MODEL.revision or "main")
minds = minds.cast_column("audio", Audio(sampling_rate=extractor.sampling_rate))

expected = [answer.scores[0]["label"] for answer in inference.classify(minds, model, extractor, progress=False)]
print("the same label:", sum(by_hand["label"] == expected), "of", CLIPS)

# %% [markdown] lang="en"
# ## What is missing from this job?
#
# It is right as long as nothing goes wrong. But `answer.scores[0]` raises on the first damaged clip, and with it ends the whole
# job. And when a run stops half way, its output is a folder with some rows in it, and nobody knows which.
#
# `scaling.classify` is the same job with these two things thought through:
# - A clip that cannot be used becomes a row with an `error` instead of a label.
# - Before anything starts, the input is cut into numbered [chunks](../../docs/glossary.md#chunk). The answers of chunk 3 go to
#   one file, `part-000003.parquet`. It is written under another name and then renamed, and a rename happens wholly or not at
#   all. So each chunk is there or it is not, however often someone tries.
#
# Add a file with two damaged clips to the folder, and let two workers do all of it.

# %% [markdown] lang="ko"
# ## 이 작업에는 무엇이 빠져 있나요?
#
# 아무 일도 없다면 이대로 맞아요. 그런데 망가진 클립을 만나면 `answer.scores[0]`에서 오류가 나고, 작업 전체가 거기서 끝나요. 또
# 중간에 멈추면 출력 폴더에 행이 몇 개 들어 있기는 한데, 어떤 행인지는 아무도 몰라요.
#
# `scaling.classify`는 같은 작업에 이 두 가지 대비를 더한 거예요.
# - 쓸 수 없는 클립은 레이블 대신 `error`가 적힌 행이 돼요.
# - 시작하기 전에 입력을 번호가 붙은 [조각(chunk)](../../docs/glossary.md#chunk)으로 나눠요. 3번 조각의 답은
#   `part-000003.parquet` 파일 하나에 들어가요. 먼저 다른 이름으로 다 쓴 다음 이름을 바꾸는데, 이름 바꾸기는 통째로 되거나 아예
#   안 되거나 둘 중 하나예요. 그래서 몇 번을 시도하든, 조각은 있거나 없거나 둘 중 하나예요.
#
# 망가진 클립 두 개가 든 파일을 폴더에 더하고, 작업자 둘에게 전부 맡겨 봐요.

# %%
from datasets import Dataset

cut_off = calls[0]["audio"]["bytes"][:20]
no_sound = b"<html>404 Not Found</html>"
damaged = [{"bytes": cut_off, "path": None}, {"bytes": no_sound, "path": None}]
Dataset.from_dict({"id": ["damaged-0", "damaged-1"], "audio": damaged}).to_parquet(folder / "calls-4.parquet")

two_workers = scaling.classify(folder, work / "answers", engine="ray", workers=2, chunk_rows=8)
print(two_workers)

# %%
answers = pd.read_parquet(work / "answers")
for row in answers[["id", "label", "error"]].tail(3).fillna("-").itertuples():
    print(row.id, "|", row.label, "|", row.error)
print("the same label:", sum(answers["label"][:CLIPS] == expected), "of", CLIPS)

# %% [markdown] lang="en"
# The last good call and the two damaged ones: each has a row (a dash stands where it holds nothing), and the error says what is
# wrong with that clip. Which worker wrote which part is noted in the part itself:

# %% [markdown] lang="ko"
# 멀쩡한 마지막 통화와 망가진 두 개예요. 모두 행이 하나씩 있고(값이 없는 칸에는 줄표를 찍었어요), 오류에는 그 클립의 무엇이 문제인지 적혀 있어요. 어느 작업자가 어느
# 파일을 썼는지는 파일 안에 적혀 있어요.

# %% tags=["nbval-ignore-output"] reason="which worker takes which chunk, and its number, differ from run to run"
parts = scaling.parts(work / "answers")
print(parts.groupby("worker")["rows"].sum())

# %% [markdown] lang="en"
# ## What happens when a worker dies?
#
# Machines run out of memory, and the system then kills a process without asking. You do the same to a worker, as soon as the
# first part is there. (The first line below the cell is the worker's number. The rest, if any, is Ray's own report of the death,
# long-winded and in English.)

# %% [markdown] lang="ko"
# ## 작업자가 죽으면 어떻게 되나요?
#
# 메모리가 모자라면 시스템은 묻지도 않고 프로세스를 죽여요. 첫 번째 파일이 나오자마자 작업자 하나를 똑같이 죽여 봐요. (셀 아래
# 첫 줄이 그 작업자의 번호예요. 그 뒤에 무언가 더 나온다면, 작업자가 죽었다고 Ray가 영어로 길게 알리는 말이에요.)

# %% tags=["nbval-ignore-output"] reason="the number of the process differs from run to run, and Ray reports its death when it notices"
import threading
import time

import psutil


def kill_a_worker(out):
    while not list(out.glob("part-*.parquet")):
        time.sleep(0.05)
    worker = int(scaling.parts(out)["worker"].iloc[0])
    psutil.Process(worker).kill()
    print("killed:", worker)


killer = threading.Thread(target=kill_a_worker, args=[work / "one-killed"])
killer.start()
report = scaling.classify(folder, work / "one-killed", engine="ray", workers=2, chunk_rows=8)
killer.join()

# %%
after = pd.read_parquet(work / "one-killed")
print(report)
print("rows:", len(after), "distinct ids:", after["id"].nunique())
print("the same rows as before:", after[["id", "label", "error"]].equals(answers[["id", "label", "error"]]))

# %% [markdown] lang="en"
# Ray noticed, started another worker, and gave it the chunk that the dead one had been at. Had that chunk's file been there
# already, the second try would have replaced it with the same rows. No row is missing, and none is there twice.
#
# ## And when the whole run dies?
#
# Pull the plug: not a worker now, but the program that hands out the work. Start it from a shell, as you would start a long
# job. `course classify` is the command for that (here by its other name, `python -m helpers classify`). Its local engine does
# one chunk after the other in one process.

# %% [markdown] lang="ko"
# Ray가 알아차리고 작업자를 새로 띄워서, 죽은 작업자가 하던 조각을 맡겼어요. 그 조각의 파일이 이미 있었다면 두 번째 시도가 같은
# 행으로 덮어썼을 거예요. 빠진 행도, 두 번 들어간 행도 없어요.
#
# ## 실행 전체가 죽으면요?
#
# 이번에는 작업자가 아니라 일을 나눠 주는 프로그램의 전원을 뽑아 봐요. 긴 작업을 시작할 때처럼 셸 명령으로 시작해요. 그 명령이
# `course classify`예요(여기서는 다른 이름인 `python -m helpers classify`로 불러요). local 엔진은 프로세스 하나에서 조각을 하나씩
# 차례로 처리해요.

# %% tags=["nbval-ignore-output"] reason="how many rows are there when the run is killed depends on the moment"
import subprocess
import sys

out = work / "run-killed"
command = [sys.executable, "-m", "helpers", "classify", folder, "--engine", "local", "--out", out, "--chunk-rows", "8"]

run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while len(list(out.glob("part-*.parquet"))) < 3 and run.poll() is None:
    time.sleep(0.05)
run.kill()
run.wait()
print("rows there:", scaling.parts(out)["rows"].sum())

# %% [markdown] lang="en"
# Now run the same again. It may even be another engine: what counts is which parts are there.

# %% [markdown] lang="ko"
# 이제 같은 것을 다시 실행해요. 엔진을 바꿔도 괜찮아요. 어떤 파일이 이미 있는지만 보니까요.

# %% tags=["nbval-ignore-output"] reason="how many rows are left to do depends on when the run was killed"
report = scaling.classify(folder, out, engine="ray", workers=2, chunk_rows=8)
print(report)

# %%
after = pd.read_parquet(out)
print("rows:", len(after), "distinct ids:", after["id"].nunique())
print("the same rows as before:", after[["id", "label", "error"]].equals(answers[["id", "label", "error"]]))

# %% [markdown] lang="en"
# Only what was missing was done. And what if you come back a week later with another model, and name the same folder? Then
# half of the answers would be one model's and half another's, and nothing would show it. The folder's `_manifest.json` knows
# which input, model and settings its rows belong to.

# %% [markdown] lang="ko"
# 빠진 것만 했어요. 그런데 일주일 뒤에 다른 모델로 돌리면서 같은 폴더를 적으면 어떻게 될까요? 답의 절반은 이 모델, 절반은 저 모델의
# 것이 되는데 겉으로는 알 수 없어요. 그래서 폴더의 `_manifest.json`에 행들이 어떤 입력과 모델과 설정의 것인지 적어 둬요.

# %%
from helpers.errors import CourseError

try:
    scaling.classify(folder, out, engine="local", top_k=1, chunk_rows=8)
except CourseError as error:
    print(str(error).replace(str(work), "…"))

# %% [markdown] lang="en"
# ## How much faster are two workers?
#
# At most twice as fast, and only if there is a core for each. The rest is lost: to the shared memory of the machine, to
# whatever else it does, and to the end of the job, when one worker is done and waits for the other. What two workers reach,
# as a share of twice one worker's speed, is the [scaling efficiency](../../docs/glossary.md#scaling-efficiency). The seconds are
# counted from the first clip to the last: starting the workers and loading the model come on top, so that for a few clips one
# process is the faster way. Two workers did the folder above; now one does it alone.

# %% [markdown] lang="ko"
# ## 작업자가 둘이면 얼마나 빨라지나요?
#
# 아무리 빨라도 두 배이고, 그것도 작업자마다 코어가 하나씩 있을 때만 그래요. 나머지는 잃어요. 메모리를 함께 써서, 컴퓨터가 다른
# 일도 해서, 그리고 끝날 무렵에는 먼저 마친 작업자가 기다리게 되어서요. 둘이 실제로 낸 속도를 하나일 때 속도의 두 배로 나눈 값이
# [확장 효율(scaling efficiency)](../../docs/glossary.md#scaling-efficiency)이에요. 시간은 첫 클립부터 마지막 클립까지만 재요.
# 작업자를 띄우고 모델을 불러오는 시간은 따로 들기 때문에, 클립이 몇 개뿐이라면 프로세스 하나가 더 빨라요. 위에서
# 작업자 둘이 한 것을 이번에는 하나가 혼자 해요.

# %% tags=["nbval-ignore-output"] reason="timings differ from run to run"
one_worker = scaling.classify(folder, work / "one-worker", engine="ray", workers=1, chunk_rows=8)

speed = [report.clips_per_second for report in (one_worker, two_workers)]
print(f"one worker:  {speed[0]:.1f} clips a second")
print(f"two workers: {speed[1]:.1f} clips a second")
print(f"efficiency:  {speed[1] / (2 * speed[0]):.2f}")

# %% [markdown] lang="en"
# So short a run says little: one clip more or less at the end changes the figure. Raise `CLIPS` for one to rely on.
#
# ## And where are the other machines?
#
# The job does not know how many machines there are, and that is the point. To give it more, start Ray on each of them, in the
# course's environment:
#
#     export RAY_AUTH_MODE=token                               # on every machine
#     ray get-auth-token --generate                            # on the first; copy ~/.ray/auth_token to the others
#     ray start --head --port=6379 --disable-usage-stats       # on the first
#     ray start --address=FIRST_MACHINE:6379                   # on every other one
#
# and give the address and more workers, on the first machine:
#
#     course classify /shared/calls --engine ray --address FIRST_MACHINE:6379 --workers 16 --out /shared/answers
#
# (`scaling.classify(..., address=..., workers=16)` in Python.) `ray stop` on each machine ends it. Four things to know:
# - **Every machine needs** the course and the model at the same place, and has to see the input and the output folder. An
#   address such as `hf://datasets/PolyAI/minds14@REVISION/en-AU` is seen from everywhere.
# - **GPUs:** `gpus=1` (`--gpus 1`) makes a pool with a GPU for each worker. The clips are then decoded by CPUs ahead of it, on
#   whichever machine has some, so that no GPU waits for a file.
# - **Memory does not grow** with the number of calls: the program that hands out the work holds chunk numbers, a worker one
#   chunk.
# - **The token is the cluster's password.** Whoever has it can run programs on your machines. Guard it, and keep a cluster in a
#   network of its own: without `RAY_AUTH_MODE=token`, whoever reaches its port can do so.
#
# You can try it on this one machine: a second `ray start --address=…` in another shell counts as a second machine, with a node
# id of its own in `scaling.parts(out)["node"]`.
#
# ## When is it worth it?
#
# Later than one thinks. A cluster is one more thing that can break. Divide the clips that you have by the clips per second of
# lesson 07: if the result is a night, let one machine run that night, with the local engine. It goes on where it stopped just
# the same.

# %% [markdown] lang="ko"
# 이렇게 짧게 재서는 알 수 있는 것이 적어요. 끝에서 클립 하나 차이로도 값이 달라져요. 믿을 만한 값을 얻으려면 `CLIPS`를 키우세요.
#
# ## 그럼 다른 컴퓨터는 어디에 있나요?
#
# 작업은 컴퓨터가 몇 대인지 몰라요. 바로 그게 핵심이에요. 더 주고 싶으면 컴퓨터마다 코스의 환경에서 Ray를 시작하고
#
#     export RAY_AUTH_MODE=token                               # 모든 컴퓨터에서
#     ray get-auth-token --generate                            # 첫 번째 컴퓨터에서. ~/.ray/auth_token을 나머지에 복사해요
#     ray start --head --port=6379 --disable-usage-stats       # 첫 번째 컴퓨터에서
#     ray start --address=FIRST_MACHINE:6379                   # 나머지 컴퓨터마다
#
# 첫 번째 컴퓨터에서 주소와 더 많은 작업자를 적어 주면 돼요.
#
#     course classify /shared/calls --engine ray --address FIRST_MACHINE:6379 --workers 16 --out /shared/answers
#
# (파이썬에서는 `scaling.classify(..., address=..., workers=16)`이에요.) 끝낼 때는 컴퓨터마다 `ray stop`을 실행해요. 알아 둘 것이
# 네 가지 있어요.
# - **컴퓨터마다** 코스와 모델이 같은 자리에 있어야 하고, 입력 폴더와 출력 폴더가 보여야 해요.
#   `hf://datasets/PolyAI/minds14@REVISION/en-AU` 같은 주소는 어디에서나 보여요.
# - **GPU:** `gpus=1`(`--gpus 1`)이라고 쓰면 작업자마다 GPU가 하나씩 있는 풀이 돼요. 이때 클립은 CPU가 있는 아무 컴퓨터에서나 미리
#   디코딩해 두기 때문에, GPU가 파일을 기다리는 일이 없어요.
# - **메모리는 통화 수에 따라 늘지 않아요.** 일을 나눠 주는 프로그램은 조각 번호만, 작업자는 조각 하나만 들고 있어요.
# - **토큰은 클러스터의 비밀번호예요.** 토큰이 있는 사람은 누구나 여러분의 컴퓨터에서 프로그램을 실행할 수 있어요. 잘 간수하고,
#   클러스터는 따로 떼어 놓은 네트워크에 두세요. `RAY_AUTH_MODE=token`이 없으면 포트에 닿기만 해도 그럴 수 있어요.
#
# 이 컴퓨터 한 대로도 해 볼 수 있어요. 다른 셸에서 `ray start --address=…`를 한 번 더 실행하면 두 번째 컴퓨터로 치고,
# `scaling.parts(out)["node"]`에 다른 노드 id로 나타나요.
#
# ## 언제 쓸 만한가요?
#
# 생각보다 나중이에요. 클러스터는 망가질 수 있는 것이 하나 더 느는 일이니까요. 가진 클립 수를 레슨 07에서 잰 초당 클립 수로 나눠
# 보세요. 하룻밤이면 되겠다 싶으면, 컴퓨터 한 대에 local 엔진으로 하룻밤 맡기세요. 멈춘 곳에서 이어서 하는 것은 똑같아요.

# %%
ray.shutdown()
print("running:", ray.is_initialized())

# %% [markdown] lang="en"
# ## What you did
#
# - A Ray Data job is read, map, write. Of a class Ray makes actors, which load the model once; the pool of them is the workers.
# - The labels are those of lesson 07, on every row.
# - A damaged clip became a row with an error. A killed worker and a killed run cost time, and no row: each chunk is written
#   under another name and renamed, and another run does only what is missing.
# - Two workers are at most twice as fast; one address makes it many machines.

# %% [markdown] lang="ko"
# ## 오늘 한 일
#
# - Ray Data 작업은 읽고, 처리하고, 쓰는 세 단계예요. 클래스는 액터가 되어 모델을 한 번만 불러오고, 그 액터들이 작업자예요.
# - 레이블은 모든 행에서 레슨 07과 같았어요.
# - 망가진 클립은 오류가 적힌 행이 됐어요. 작업자가 죽고 실행이 죽어도 시간만 잃고 행은 잃지 않았어요. 조각은 다른 이름으로 다 쓴
#   다음 이름을 바꾸고, 다시 실행하면 빠진 것만 하니까요.
# - 작업자가 둘이면 아무리 빨라도 두 배예요. 주소 하나만 적으면 컴퓨터 여러 대가 돼요.

# %% [markdown] lang="en"
# ## Exercises
#
# As before: your answer goes in place of the three dots, and `check`, `hint` and `solution` stand by.

# %% [markdown] lang="ko"
# ## 연습 문제
#
# 지난 레슨과 같아요. 점 세 개 자리에 답을 쓰세요. `check`, `hint`, `solution`을 쓸 수 있어요.

# %%
from helpers.exercises import lesson_10

q1 = lesson_10.DoneAgain(rows=len(answers), chunk_rows=8)
q2 = lesson_10.CountedIds()
q3 = lesson_10.Efficiency(one=30, many=96, workers=4)

# %% [markdown] lang="en"
# **1. Predict.** Somebody deletes `part-000003.parquet` from the folder `answers`, and runs the same job again. How many rows will it
# classify?

# %% [markdown] lang="ko"
# **1. 예측해 보세요.** 누군가 `answers` 폴더에서 `part-000003.parquet`을 지우고 같은 작업을 다시 실행해요. 몇 행을 분류할까요?

# %%
### BEGIN SOLUTION
again = 8  # one part holds one chunk: chunk_rows
### END SOLUTION

# %%
q1.check(again)

# %% [markdown] lang="en"
# Decided? Then try it. Without an answer this cell keeps quiet.

# %% [markdown] lang="ko"
# 정했나요? 그럼 해 봐요. 답이 없으면 다음 셀은 조용히 있어요.

# %%
if q1.answered:
    (work / "answers" / "part-000003.parquet").unlink()
    print(scaling.classify(folder, work / "answers", engine="local", chunk_rows=8))

# %% [markdown] lang="en"
# **2. Find the bug.** A job has no ids, so somebody numbers the rows as they come back: the first to arrive is call 0, and so on. A
# worker dies, Ray starts another, and the job ends well. What is wrong with the result? Choose `"a"`, `"b"` or `"c"`:
#
# - a: the rows of the dead worker are missing;
# - b: all rows are there, and nobody knows which call each belongs to;
# - c: nothing is wrong.

# %% [markdown] lang="ko"
# **2. 버그를 찾아보세요.** 작업에 id가 없어서, 누군가 돌아오는 순서대로 행에 번호를 매겼어요. 처음 도착한 것이 0번 통화, 다음이 1번
# 하는 식이에요. 작업자 하나가 죽었지만 Ray가 새로 띄웠고, 작업은 무사히 끝났어요. 결과의 무엇이 문제일까요? `"a"`, `"b"`, `"c"`
# 가운데 하나를 고르세요.
#
# - a: 죽은 작업자의 행이 빠졌어요.
# - b: 행은 다 있는데, 어느 통화의 행인지 아무도 몰라요.
# - c: 문제없어요.

# %%
### BEGIN SOLUTION
# Rows come back in the order in which workers finish, and that differs from run to run.
problem = "b"
### END SOLUTION

# %%
q2.check(problem)

# %% [markdown] lang="en"
# **3. Compute.** One worker classifies 30 clips a second, four workers 96. What is the scaling efficiency?

# %% [markdown] lang="ko"
# **3. 계산해 보세요.** 작업자 하나는 1초에 클립 30개를, 넷은 96개를 분류해요. 확장 효율은 얼마인가요?

# %%
### BEGIN SOLUTION
efficiency = 96 / (4 * 30)
### END SOLUTION

# %%
q3.check(efficiency)
