# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% [markdown] lang="en"
# A sentence.

# %%
1 + 1

# %% [markdown] lang="ko"
# 문장이에요.
