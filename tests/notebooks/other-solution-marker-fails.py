# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
# begin solution
half = 21
# end solution

# %%
q1.check(half)
