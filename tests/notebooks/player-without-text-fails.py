# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
from IPython.display import HTML

HTML('<audio controls src="data:audio/wav;base64,UklGRg=="></audio>')
