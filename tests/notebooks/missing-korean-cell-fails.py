# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% [markdown] lang="en"
# A sentence without a partner.

# %%
1 + 1
