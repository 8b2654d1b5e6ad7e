# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
from helpers.exercises import Question


class Half(Question, lesson="00_tiny", name="q1"):
    def mistake(self, answer):
        return None if answer == 21 else "Half of 42 is wanted."

    def hint_text(self):
        return "Divide."


q1 = Half()

# %%
whole = 42
### BEGIN SOLUTION
parts = 2
half = whole // parts
### END SOLUTION

# %%
q1.check(half)

# %%
if q1.answered:
    print("only after an answer")
