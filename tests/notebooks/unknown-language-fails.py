# %% [markdown] lang="en"
# # A title

# %% [markdown] lang="ko"
# # 제목

# %% [markdown] lang="fr"
# Une phrase.
