# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% [markdown] lang="en"
# A sentence with `code` and $x$.

# %% [markdown] lang="ko"
# A sentence with `code` and $x$.
