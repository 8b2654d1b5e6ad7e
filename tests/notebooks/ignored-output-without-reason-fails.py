# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% tags=["nbval-ignore-output"]
print("anything")
