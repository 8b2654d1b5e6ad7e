# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
### BEGIN SOLUTION
half = 21
### END SOLUTION

# %%
q2.check(half)
