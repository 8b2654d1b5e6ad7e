# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
[1, 2, 3];
