# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
from helpers.exercises import Question


class Half(Question, lesson="00_tiny", name="q1"):
    def mistake(self, answer):
        return None if answer == 21 else "Half of 42 is wanted."


q1 = Half()

# %%
### BEGIN SOLUTION
half = 42 / 4
### END SOLUTION

# %%
q1.check(half)
