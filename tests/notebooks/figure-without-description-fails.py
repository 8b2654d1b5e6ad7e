# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %%
import matplotlib.pyplot as plt

plt.plot([0, 1], [0, 1])
plt.show()
