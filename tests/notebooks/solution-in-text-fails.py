# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% [markdown] lang="en"
# ### BEGIN SOLUTION
# It is 21.
# ### END SOLUTION

# %% [markdown] lang="ko"
# 21이에요.
