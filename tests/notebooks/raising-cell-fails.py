# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
print("this ran")

# %%
answer = 6 * 7
raise ValueError(f"{answer} is not the answer")
