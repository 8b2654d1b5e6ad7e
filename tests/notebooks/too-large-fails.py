# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
from IPython.display import HTML

HTML("x" * 3_000_001)
