# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
from helpers.language import say

print(say("12 clips of 14 intents", "의도 14개의 클립 13개"))
