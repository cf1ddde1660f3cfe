# %% [markdown]
# Say in one sentence what was found: a bent coin shows heads in {{ heads }} of tosses, 95 % interval {{ heads.low }} to {{ heads.high }}
# over {{ heads.n }} seeds (@fig:heads, @tab:heads-by-seed).

# %%
import random

import matplotlib.pyplot as plt
import pandas as pd

from labnotes import claim, figure, seeds, table

plt.style.use("labnotes.style")
TOSSES = 1_000
BENT = 0.6  # probability of heads

# %% [markdown]
# Every seed is derived from the run's seed, so that the same run gives the same numbers and another seed gives an independent repetition.

# %%
rows = []
for seed in seeds(6):
    rng = random.Random(seed)
    rows.append({"seed": seed, "heads": sum(rng.random() < BENT for _ in range(TOSSES)) / TOSSES})
frame = pd.DataFrame(rows)

# %% [markdown]
# A claim is a value that the prose states. With `holds`, the sentence is checked too.

# %%
claim("heads", replicates=frame["heads"], format=".1%", holds="low > 0.5")

# %%
fig, ax = plt.subplots(figsize=(5.6, 2.4))
ax.axhline(0.5, color="#868b92", linewidth=1)
ax.plot(frame["seed"], frame["heads"], "o")
ax.set(xlabel="seed", ylabel="share of heads")
figure(
    fig,
    "heads",
    caption="Share of heads for each seed; the line marks one half.",
    alt="Six points, one a seed, well above a line at one half.",
)

# %%
table(frame, "heads-by-seed", caption="Share of heads by seed.", formats={"heads": ".3f"})
