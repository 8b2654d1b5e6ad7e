# ---
# jupyter:
#   kernelspec:
#     display_name: My environment
#     language: python
#     name: my-environment
# ---

# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

