# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% [markdown] lang="ko"
# 짝보다 먼저 나온 문장이에요.

# %% [markdown] lang="en"
# A sentence after its partner.
