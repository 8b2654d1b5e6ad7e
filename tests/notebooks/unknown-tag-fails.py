# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% tags=["nbval-skip"]
print("never run")
