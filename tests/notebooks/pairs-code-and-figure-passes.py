# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="en"
# # A title
#
# What this lesson is about.

# %% [markdown] lang="ko"
# # 제목
#
# 이 레슨에서 하는 일이에요.

# %% [markdown]
# $$y = a x + b$$

# %%
import sys

from helpers.language import say

print("written to the error stream", file=sys.stderr)
print(say("three clips, 7.8 s", "7.8초, 클립 세 개"))

# %%
import matplotlib.pyplot as plt

plt.plot([0, 1], [0, 1])
print(say("a line from 0 to 1", "0에서 1까지 가는 직선"))
plt.show()

# %% tags=["nbval-ignore-output"] reason="the system differs from machine to machine"
import platform

print(platform.system())

# %% [markdown] lang="en"
# ```python
# print("no need to translate code")
# ```

# %% [markdown] lang="ko"
# ```python
# print("no need to translate code")
# ```

# %% tags=["raises-exception"]
int("eight")

# %%
from ipywidgets import IntSlider

IntSlider(value=3)

# %%
round(2 / 3, 3)
