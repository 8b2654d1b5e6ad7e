# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
half = 21
### END SOLUTION

# %%
q1.check(half)
