# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
from helpers.language import say

print(say("an answer", "another answer"))
