# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
# NBVAL_IGNORE_OUTPUT
print("anything")
