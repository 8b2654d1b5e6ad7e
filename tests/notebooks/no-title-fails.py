# %% [markdown] lang="en"
# The text begins without a heading.

# %% [markdown] lang="ko"
# 제목 없이 시작하는 글이에요.
