# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% lang="ko"
print("안녕하세요")
