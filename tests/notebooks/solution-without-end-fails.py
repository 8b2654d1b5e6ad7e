# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
### BEGIN SOLUTION
half = 21

# %%
q1.check(half)
