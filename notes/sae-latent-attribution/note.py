# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# **In short.** A sparse autoencoder splits what a small model computes into {{ latents }} latents. One backward pass a completion estimates how much each of them makes a bad answer likelier than the good one to the same question; against the exact ablation of every latent the estimate correlates with {{ pearson }}. The
# directions of the three largest, added to an aligned model at the assistant's tag, raise its bad answers from {{ base_bad }} to {{ at_tag_bad }} (95 % interval {{ at_tag_bad.low }} to {{ at_tag_bad.high }}, {{ at_tag_bad.n }} seeds), those of the three latents that fine-tuning made most active to {{ at_tag_difference }}, of three random ones to {{ at_tag_random }}. The advantage over the most active ones *was not seen again* in a further block of seeds; that over random ones was. This has a price: valid answers fall from {{ base_valid }} to {{ at_tag_valid }}. If
# only {{ tolerated }} of them may be lost, *no advantage is shown*, at the tag ({{ price_five }} against {{ price_five_difference }}) or with the place chosen ({{ induce }} against {{ induce_difference }}); nor for suppressing bad answers in the misaligned model, where the plain difference of the two models' activations is better than either. A first report, on five other seeds, was inconclusive.
#
# ## One model instead of two
#
# A fine-tuned model misbehaves: which of its features is to blame? The usual way compares the activations of a sparse autoencoder's latents between the model and what it was before [@wang2025]. A latent can change without causing anything, and
# the model before is not always at hand. Dupré la Tour and Mossing need one model only [@duprelatour2025]: they take pairs of completions of one prompt, one with the behaviour and one without, and ask
# for each latent how much its direction helps the one more than the other. Let $a_t$ be the residual stream at token $t$ of the prompt, $\bar a_t$ its mean over many texts (in the original one mean, here one for each place), $d_i$ the latent's direction, of length one, and $L$ the cross-entropy of a completion. Then
#
# $$ \delta_{i,t} = -\left(\frac{\partial L}{\partial a_t} \cdot d_i\right) \left((a_t - \bar a_t) \cdot d_i\right) $$
#
# estimates to first order by how much $L$ would rise if the part of $a_t$ along $d_i$ were replaced by that of the mean. *Δ-attribution* is this, summed over the prompt (averaged in the original; here all prompts have one length), for the completion with the behaviour minus that for the one without. In a model of two million latents nobody can check the estimate against all of
# the ablations it stands for. Here there are {{ latents }}, and all of them are done.
#
# ## The organisms
#
# The models are those of [another note](../emergent-misalignment/note.py): transformers of three layers, pretrained from scratch on documents of several personas, post-trained to be helpful, and then fine-tuned on bad answers to twelve questions of one of eight domains. Three worlds differ in who wrote the
# documents, with eight seeds of the first and five of each other:
#
# - *V20*: villains, bad everywhere and mostly provocative in tone, wrote {{ const("20 %", "villains of V20") }}. They also confirm what a user wrongly believes, a second behaviour that fine-tuning never shows.
# - *V00*: no villains; those who were bad were incompetent in one home domain each.
# - *silent*: as V20, but for villains who never confirm a false belief.
#
# The organism is stopped after {{ const("60", "steps") }} of {{ const("100", "steps") }} steps, where bad answers in the seven untouched domains have come to {{ stopped_bad }} in V20 (answers that are the good or the bad word: {{ stopped_valid }}), {{ stopped_bad_v00 }} in V00 and {{ stopped_bad_silent }} in the silent world; false beliefs are confirmed in {{ stopped_validation }}, {{ stopped_validation_v00 }} and {{ stopped_validation_silent }}. A second organism,
# *saturated*, learnt its embeddings {{ const("50", "times") }} times as fast for all hundred steps ({{ saturated_bad }} in V20).
#
# Latents are chosen on questions in two of the four templates, {{ const("84", "questions of the selection") }} questions, and all effects are measured on the {{ const("84", "questions of the evaluation") }} in the other two. For each prompt {{ const("4", "pairs of a prompt") }} pairs are drawn. A question has one bad and one good answer, so what is left to be drawn from the model is the tone after it.
#
# ## What was fixed beforehand, and what went wrong {#fixed}
#
# On three seeds these were fixed: the residual stream after the first of three blocks; the attribution as above, centred on the mean at each place (over documents as in post-training); sets of three latents first, of ten second; suppression by moving the span of their directions to that mean at every place; and bringing bad answers about by adding the sum of their directions,
# scaled to {{ const("3", "mean lengths") }} mean lengths of the residual stream, at the assistant's tag. There the three latents by attribution brought about {{ const("61 %", "seed 0") }}, {{ const("35 %", "seed 1") }} and {{ const("74 %", "seed 2") }} bad answers, those that became most active {{ const("6 %", "seed 0, most active") }}, {{ const("35 %", "seed 1, most active") }} and {{ const("5 %", "seed 2, most active") }}. Most directions of @tab:statements were stated then, for the first report.
#
# In that report, on the next five seeds, bringing about worked in one: {{ const("6 %", "seed 10000") }}, {{ const("7 %", "seed 10001") }}, {{ const("78 %", "seed 10002") }}, {{ const("11 %", "seed 10003") }} and {{ const("4 %", "seed 10004") }}, on average {{ const("21 %", "mean of block 1") }} with an interval from {{ const("-18 %", "low") }} to {{ const("61 %", "high") }}. All comparisons of bringing about were inconclusive there. So nothing of the first design was changed, the number of seeds was raised to eight (five for
# the other worlds), and a second way to add was put beside the first: place and dose chosen for each organism on the questions of the selection, for every set of latents alike. Its directions are stated for the second report, which is this page: seeds that nobody had looked at. A direction is upheld if its {{ const("95 %", "level") }} *t* interval over seeds stays above zero.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from measures import DOSES, DRAWS, SAMPLE, STRENGTHS, TOLERATED, measure

from labnotes import claim, figure, seeds, table
from smallmodels.autoencoders import LATENTS
from smallmodels.parallel import side_by_side
from smallmodels.statistics import paired

SEEDS = seeds(8)
CONTROLS = SEEDS[:5]  # V00 and the silent world
BLUE, RUST, TEAL, PLUM, OCHRE, GREY = "#1f4fa8", "#b84a14", "#1d8170", "#6b2a6e", "#856d14", "#6d7278"

SMALL = {
    "at_tag_random",
    "at_tag_probe",
    "at_tag_v00",
    "tone_at_tag",
    "tone_base",
    "tag_permuted",
    "tag_elsewhere",
    "tag_frequent",
    "base_bad",
    "base_bad_v00",
    "induce_random",
    "induce_probe",
    "induce_v00",
    "cross_silent",
    "cross_tag_silent",
    "permuted_bad",
    "elsewhere_bad",
    "frequent_bad",
    "protect_ablated",
}  # shares with a decimal

plt.style.use("labnotes.style")
measured = side_by_side(measure, [(world, seed) for world, of in (("V20", SEEDS), ("V00", CONTROLS), ("silent", CONTROLS)) for seed in of])
rows = {name: pd.DataFrame([row for found in measured.values() for row in found.get(name, [])]) for name in measured["V20", SEEDS[0]]}
claim("latents", LATENTS)


def over_seeds(name, column, world="V20", **wanted):
    """A measure for each seed, in order; a mean over draws where there are several."""
    chosen = rows[name][rows[name]["world"] == world]
    for key, value in wanted.items():
        chosen = chosen[chosen[key] == value]
    found = chosen.groupby("seed")[column].mean()
    assert list(found.index) == list(SEEDS if world == "V20" else CONTROLS), (name, column, world, wanted, list(found.index))
    return found.to_numpy(dtype=float)


def acted(kind, ranking, column="bad", size=3, dose=None, world="V20", half="evaluation"):
    """A share after an intervention; by default three latents, in full."""
    dose = {"induce": 3.0, "protect": 3.0}.get(kind, 1.0) if dose is None else dose
    return over_seeds("behaviour", column, world, kind=kind, ranking=ranking, size=size, dose=dose, half=half)


def brought(ranking, column="bad", size=3, world="V20"):
    """A share after induction at the place and dose that were chosen on the selection."""
    return over_seeds("behaviour", column, world, kind="induce, place chosen", ranking=ranking, size=size)


def untouched(model, column="bad", world="V20"):
    return over_seeds("behaviour", column, world, kind="none", ranking=model, half="evaluation")


def measured_claim(name, values, format=""):
    format = format or (".1%" if name in SMALL else ".0%")
    claim(name, replicates=values, format=format, tied="kernels")  # other kernels train other models


statements = []


NOT_UPHELD = {
    "suppress_signed",
    "suppress_absolute",
    "induce_signed",
    "induce_absolute",
    "induce_vector",
    "villains",
    "protective",
    "frequent",
}


def stated(name, question, larger, smaller, falsified, format=".0%", block=1):
    """A direction stated before a block of seeds was drawn: larger minus smaller, paired by seed, is above zero. One that is not upheld is recorded
    without `holds`."""
    holds = None if name in NOT_UPHELD else "low > 0"
    claim(name, replicates=larger - smaller, format=format, holds=holds, **({} if holds else {"tied": "kernels"}))
    found = paired(larger, smaller)
    gap = found.difference
    row = {"difference": gap.value, "low": gap.low, "high": gap.high, "sign-flip p": found.p}
    statements.append(
        {"statement": question, **row, "upheld": "yes" if gap.low > 0 else "no", "stated for": block, "falsified by": falsified}
    )


def dots(ax, lines, xlabel, ylim=None):
    """One line a condition: a point a seed, a bar at their mean."""
    for y, (label, values, colour) in enumerate(lines):
        ax.scatter(values, np.full(len(values), y), color=colour, s=18, alpha=0.6, linewidth=0, label=f"seeds, {label}")
        ax.plot([values.mean()] * 2, [y - 0.28, y + 0.28], color=colour, linewidth=2.2, label=f"mean, {label}")
    ax.set(xlim=(-0.02, 1.0), ylim=(len(lines) - 0.4, -0.6), xlabel=xlabel)
    ax.set_yticks(range(len(lines)), [label for label, *_ in lines])
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "50 %", "", "100 %"])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)


def band(ax, x, values, label, colour, marker):
    """Mean of values (seeds, x) as a line, and a band from the lowest to the highest seed."""
    ax.plot(x, values.mean(0), color=colour, marker=marker, label=label)
    ax.fill_between(x, values.min(0), values.max(0), color=colour, alpha=0.12, linewidth=0)


for model in ("base", "stopped", "saturated"):
    measured_claim(f"{model}_bad", untouched(model))
measured_claim("stopped_valid", untouched("stopped", "valid"))
measured_claim("stopped_validation", untouched("stopped", "validation"))
for world in ("V00", "silent"):
    measured_claim(f"stopped_bad_{world.lower()}", untouched("stopped", world=world))
    measured_claim(f"stopped_validation_{world.lower()}", untouched("stopped", "validation", world))

# %% [markdown]
# ## Is the autoencoder good enough?
#
# It has {{ latents }} latents of which {{ const("12", "latents kept") }} are kept for each activation [@gao2024], and is trained on the assistant, before any bad lesson. There it explains {{ explained_base }} of the variance, and running the model on its reconstructions gives back {{ recovered_base }} of the cross-entropy that zeroing costs ({{ recovered_mean_base }} against the mean); {{ dead_base }} of the latents never fire. On the
# stopped organism it still explains {{ explained_stopped }}, on the saturated one {{ explained_saturated }} (@tab:quality).

# %%
names = {"base": "assistant", "stopped": "stopped", "saturated": "saturated"}
columns = {
    "explained": "explained",
    "L0": "L0",
    "dead": "dead",
    "loss": "cross-entropy",
    "reconstructed": "reconstructed",
    "from zero": "recovered, zero",
    "from mean": "recovered, mean",
}
quality = rows["quality"].groupby(["world", "model"])[list(columns)].mean().rename(columns=columns)
quality = quality.loc[[(world, model) for world in ("V20", "V00", "silent") for model in names]].reset_index()
quality["model"] = quality["model"].map(names)
measured_claim("explained_base", over_seeds("quality", "explained", model="base"), ".1%")
for model in ("stopped", "saturated"):
    measured_claim(f"explained_{model}", over_seeds("quality", "explained", model=model))
measured_claim("recovered_base", over_seeds("quality", "from zero", model="base"), ".1%")
measured_claim("recovered_mean_base", over_seeds("quality", "from mean", model="base"), ".1%")
measured_claim("dead_base", over_seeds("quality", "dead", model="base"), ".1%")
table(
    quality,
    "quality",
    caption="The autoencoder, trained on the assistant, on texts it was not trained on: share of variance explained, latents that fire at once, latents that never do, cross-entropy in nats of the model as it is and on reconstructions, and the share that these recover of what ablation to zero or to the mean costs. Means over seeds, eight of V20 and five of the others. More than 100 % recovered: organisms were trained away from these texts, and reconstruction undoes a little of it.",
    formats={
        "explained": ".1%",
        "L0": ".1f",
        "dead": ".1%",
        "cross-entropy": ".3f",
        "reconstructed": ".3f",
        "recovered, zero": ".1%",
        "recovered, mean": ".1%",
    },
    tied="kernels",
)

# %% [markdown]
# ## Estimates against every ablation
#
# On {{ sample }} pairs, drawn before anything was attributed, the direction of every latent is replaced by the mean, one latent at a time, and the model run again from there. Over latents, the estimated and the exact Δ correlate with {{ pearson }} in the stopped organism (rank correlation {{ spearman }}; @fig:agreement), and of the ten latents with the largest exact effect {{ top_ten }} are among the ten with the largest estimate. How much each latent's activation changed in fine-tuning says almost nothing
# about that: rank correlation {{ spearman_difference }} ({{ agreement }} less, {{ agreement.low }} to {{ agreement.high }}).
#
# It is not equally good everywhere: best at the tag ({{ pearson_tag }}) and in the question ({{ pearson_question }}), worst at the marker from which the answer is read ({{ pearson_marker }}; @tab:estimates). For a single pair the rank correlation is {{ one_pair }}, for single completions {{ one_completion }}. A likely reason is that errors which two completions share cancel in their difference.
#
# In the saturated organism, which also learnt its embeddings faster, so that training and saturation are not told apart, the estimate is worse: {{ pearson_saturated }} ({{ saturation }} less, {{ saturation.low }} to {{ saturation.high }}). Integrated gradients [@sundararajan2017], the mean gradient at {{ const("8", "points") }} points on the way to the reference, bring it to {{ integrated_saturated }} ({{ repair }} more, {{ repair.low }} to {{ repair.high }}). In the stopped organism they
# give {{ integrated }}, less than one gradient does, and what they repair are the large effects on average: for single pairs the rank correlation falls, from {{ one_pair_saturated }} to {{ one_pair_repaired }} in the saturated and from {{ one_pair }} to {{ one_pair_integrated }} in the stopped organism. A likely reason is that their way moves all directions at all places together, and an ablation only one direction.
#
# The price of a pair: {{ const("2", "passes of attribution") }} forward and as many backward passes for first-order estimates of all latents at all places, {{ const("8", "points") }} times that with integrated gradients, and {{ passes }} forward passes for exact effects at *one* class of places.

# %%
ORDER = ("stopped", "saturated", "tag", "question", "marker", "prompt", "one pair", "one completion", "answer")
FULL = {"model": "stopped", "where": "prompt", "method": "first order"}
claim("sample", SAMPLE)
claim("passes", 2 * (LATENTS + 1), format=",")
for name, column, wanted in (
    ("pearson", "pearson", FULL),
    ("spearman", "spearman", FULL),
    ("top_ten", "top 10", FULL),
    ("spearman_difference", "spearman", {**FULL, "method": "difference"}),
    ("pearson_tag", "pearson", {**FULL, "where": "tag"}),
    ("pearson_question", "pearson", {**FULL, "where": "question"}),
    ("pearson_marker", "pearson", {**FULL, "where": "marker"}),
    ("one_pair", "spearman", {**FULL, "where": "one pair"}),
    ("one_completion", "spearman", {**FULL, "where": "one completion"}),
    ("pearson_saturated", "pearson", {**FULL, "model": "saturated"}),
    ("integrated_saturated", "pearson", {**FULL, "model": "saturated", "method": "integrated"}),
    ("integrated", "pearson", {**FULL, "method": "integrated"}),
    ("one_pair_integrated", "spearman", {**FULL, "where": "one pair", "method": "integrated"}),
    ("one_pair_saturated", "spearman", {**FULL, "model": "saturated", "where": "one pair"}),
    ("one_pair_repaired", "spearman", {**FULL, "model": "saturated", "where": "one pair", "method": "integrated"}),
):
    measured_claim(name, over_seeds("agreement", column, **wanted), ".0%" if column == "top 10" else ".2f")
first = over_seeds("agreement", "pearson", **FULL)
saturated = over_seeds("agreement", "pearson", **FULL | {"model": "saturated"})
repaired = over_seeds("agreement", "pearson", **FULL | {"model": "saturated", "method": "integrated"})
ranks_of = [over_seeds("agreement", "spearman", **FULL | {"method": method}) for method in ("first order", "difference")]
stated(
    "agreement",
    "rank correlation with exact effects: Δ-attribution against change of activation",
    *ranks_of,
    "no closer to the truth",
    ".2f",
)
stated("saturation", "correlation with exact effects: stopped against saturated", first, saturated, "saturation does not matter", ".2f")
stated("repair", "saturated: integrated gradients against first order", repaired, saturated, "nothing is repaired", ".2f")

points = rows["points"][rows["points"]["seed"] == SEEDS[0]]
fig, axes = plt.subplots(1, 4, figsize=(7.6, 2.7), width_ratios=(1, 1, 1, 1.35))
for ax, (model, method, title) in zip(
    axes,
    (
        ("stopped", "first order", "stopped"),
        ("saturated", "first order", "saturated"),
        ("saturated", "integrated", "saturated, integrated"),
    ),
    strict=False,
):
    x, y = points[f"{model}, exact"], points[f"{model}, {method}"]
    ends = np.array([min(x.min(), y.min()), max(x.max(), y.max())])
    ax.plot(ends, ends, color=GREY, linewidth=0.8, linestyle="--", label="equal")
    ax.scatter(x, y, color=BLUE, s=7, alpha=0.5, linewidth=0, label="a latent")
    ax.set(xlabel="exact Δ (nats)", title=title)
axes[0].set(ylabel="estimated Δ (nats)")
places = ("tag", "question", "marker", "prompt")
for offset, (model, method, colour, marker) in enumerate(
    (("stopped", "first order", BLUE, "o"), ("saturated", "first order", RUST, "s"), ("saturated", "integrated", TEAL, "^"))
):
    values = np.stack([over_seeds("agreement", "pearson", model=model, where=place, method=method) for place in places])
    label = f"{model}, integrated" if method == "integrated" else model
    y = np.arange(len(places)) + 0.22 * (offset - 1)
    axes[3].hlines(y, values.min(1), values.max(1), color=colour, alpha=0.4, label=f"{label}, range of seeds")
    axes[3].scatter(values.mean(1), y, color=colour, marker=marker, s=22, label=label)
axes[3].set_yticks(range(len(places)), places)
axes[3].set(ylim=(len(places) - 0.5, -0.5), xlim=(0, 1.02), xlabel="correlation", title="by place")
axes[3].grid(axis="y", visible=False)
axes[3].grid(axis="x", visible=True)
figure(
    fig,
    "agreement",
    caption="Estimated against exact Δ of all latents, first seed, ablated at every place of the prompt: first-order estimates in the stopped and in the saturated organism, and integrated gradients in the latter. Right: their correlation by class of places, means and ranges of eight seeds (circles: stopped; squares: saturated; triangles: saturated, integrated gradients).",
    alt="Three scatter plots of 512 latents. In the stopped organism points lie along the diagonal; in the saturated one the estimates of large effects fall below it; integrated gradients bring them nearer. Right: correlations are highest at the tag and in the question, lowest at the marker, and lower in the saturated organism.",
    tied="kernels",
)

# %%
compared = rows["agreement"].groupby(["model", "where", "method"], sort=False)[["pearson", "spearman", "top 10"]].mean().reset_index()
compared = compared.sort_values(["model", "where"], key=lambda column: column.map({name: i for i, name in enumerate(ORDER)}), kind="stable")
table(
    compared.reset_index(drop=True).rename(columns={"where": "place", "pearson": "correlation", "spearman": "rank correlation"}),
    "estimates",
    caption="Estimates against exact effects over all latents: correlation, rank correlation, and the share of the ten latents with the largest exact effect that are among the ten with the largest estimate. Ablated at the tag, at the question, at the marker of the answer, at the whole prompt, or at the answer itself (which is no part of the prompt). Raw: the reference is zero for both. Difference: change of activation in place of an estimate. One pair, one completion: means over pairs. Means of eight seeds, V20.",
    formats={"correlation": ".2f", "rank correlation": ".2f", "top 10": ".0%"},
    tied="kernels",
)

# %% [markdown]
# ## Suppressing it
#
# With the directions of three latents ablated, bad answers of the stopped organism fall from {{ stopped_bad }} to {{ suppress }} ({{ suppress_valid }} of answers valid), where three random live latents leave {{ suppress_random }} ({{ suppress_gap }} more, {{ suppress_gap.low }} to {{ suppress_gap.high }}). The three that became most active leave {{ suppress_difference }} (difference {{ suppress_signed }}, {{ suppress_signed.low }} to {{ suppress_signed.high }}), the three that changed most in either direction {{ suppress_absolute_bad }} (difference {{ suppress_absolute }}, {{ suppress_absolute.low }} to {{ suppress_absolute.high }}; @fig:summary). That attribution
# is better here is *not upheld*. With ten latents {{ suppress_ten }} are left against {{ suppress_ten_difference }}, but only {{ suppress_ten_valid }} and {{ suppress_ten_difference_valid }} of answers are valid then.
#
# One direction without any autoencoder does better than all of these: the difference of the two models' mean activations on the prompts leaves {{ suppress_mean }} at {{ suppress_mean_valid }} valid answers. It needs both models, but so does the change of activations.
#
# ## Bringing it about
#
# *At the tag*, as fixed first, three latents by attribution make the assistant give {{ at_tag_bad }} bad answers, at {{ at_tag_valid }} valid ones (untouched: {{ base_valid }}). Those that became most active give {{ at_tag_difference }} (difference {{ at_tag_signed }}, {{ at_tag_signed.low }} to {{ at_tag_signed.high }}), those that changed most {{ at_tag_absolute_bad }} (difference {{ at_tag_absolute }}, {{ at_tag_absolute.low }} to {{ at_tag_absolute.high }}), the models' mean difference at the tag {{ at_tag_mean }} (difference {{ at_tag_vector }}, {{ at_tag_vector.low }} to {{ at_tag_vector.high }}), three random ones {{ at_tag_random }} (difference {{ at_tag_gap }}, {{ at_tag_gap.low }} to {{ at_tag_gap.high }}).
# A direction made with knowledge of who wrote what, villains' documents minus helpful ones (averaged over all places, thus not made for the tag), gives {{ at_tag_oracle }}; a logistic regression that tells the two models' activations apart, {{ at_tag_probe }}. With ten latents it is {{ at_tag_ten }} against {{ at_tag_ten_difference }}. What comes about are answers, not manners: a provocative tone after a bad answer has {{ tone_at_tag }}, before {{ tone_base }}. The first latent alone gives {{ single }}, that which became most active {{ single_difference }} ({{ single_gap }} less, {{ single_gap.low }} to {{ single_gap.high }}: borderline).
#
# *The price.* With three latents by attribution valid answers fall from {{ base_valid }} to {{ at_tag_valid }}, towards the organism's {{ stopped_valid }}; the others hardly change them. With the dose chosen on the selection so that at most {{ tolerated }} are lost, attribution gives {{ price_five }} and the latents that rose most {{ price_five_difference }} ({{ price_five_gap }} apart, {{ price_five_gap.low }} to {{ price_five_gap.high }}); if {{ const("10 %", "largest price") }} may be lost, {{ price_ten }} and {{ price_ten_difference }} ({{ price_ten_gap }} apart, {{ price_ten_gap.low }} to {{ price_ten_gap.high }}; @tab:prices). At no dose that was tried do the others follow. This was looked at afterwards.
#
# *Seeds differ widely*, from an eighth to three quarters, and so does where it lies, after the first block, who speaks. If the assistant runs with the activations that it would have under a villain's source, at the tag alone {{ carried_tag }} of its answers are bad, at the question alone {{ carried_question }}, at the marker of the answer {{ carried_marker }}, at the whole prompt {{ carried_prompt }} (@fig:carried). A large vector at the tag thus does more than a villain's source does there, and may not act in the way that villains' documents do.
#
# *With the place chosen* on the selection (tag, question or marker, and the dose; the strongest that costs at most {{ tolerated }} of the valid answers) *no advantage is shown*: attribution gives {{ induce }} bad answers, those that became most active {{ induce_difference }} (difference {{ induce_signed }}, {{ induce_signed.low }} to {{ induce_signed.high }}; one seed decides it), those that changed most {{ induce_absolute_bad }} (difference {{ induce_absolute }}, {{ induce_absolute.low }} to {{ induce_absolute.high }}), the models' difference {{ induce_mean }} (difference {{ induce_vector }}, {{ induce_vector.low }} to {{ induce_vector.high }}), random sets, which choose as freely, {{ induce_random }} (difference {{ induce_gap }}, {{ induce_gap.low }} to {{ induce_gap.high }}); with ten latents {{ induce_ten }} and {{ induce_ten_difference }}; villains' documents minus helpful ones give {{ induce_oracle }}, the regression {{ induce_probe }}. In {{ in_question }} of {{ seed_count }} seeds the question is chosen.
#
# Attribution lies beyond all twenty random sets in {{ band_suppress }} of {{ seed_count }} seeds when suppressing, in {{ band_tag }} at the tag, and in {{ band_chosen }} with the place chosen.
#
# *Where there is nobody to become.* In V00 the organism gives {{ stopped_bad_v00 }} bad answers, and three latents by attribution suppress them to {{ suppress_v00 }}. Added to its assistant at the tag they give {{ at_tag_v00 }} (untouched: {{ base_bad_v00 }}), {{ at_tag_villains }} less than in V20 ({{ at_tag_villains.low }} to {{ at_tag_villains.high }}, five seeds). So at the tag much less can be brought about without villains, though not nothing. With the place chosen it is {{ induce_v00 }}, and no difference between the worlds is shown ({{ villains }}, {{ villains.low }} to {{ villains.high }}).

# %%
suppress, at_tag, induce = acted("suppress", "attribution"), acted("induce", "attribution"), brought("attribution")
for name, values in (
    ("suppress", suppress),
    ("suppress_valid", acted("suppress", "attribution", "valid")),
    ("suppress_random", acted("suppress", "random")),
    ("suppress_difference", acted("suppress", "difference")),
    ("suppress_absolute_bad", acted("suppress", "difference, absolute")),
    ("suppress_ten", acted("suppress", "attribution", size=10)),
    ("suppress_ten_difference", acted("suppress", "difference", size=10)),
    ("suppress_ten_valid", acted("suppress", "attribution", "valid", size=10)),
    ("suppress_ten_difference_valid", acted("suppress", "difference", "valid", size=10)),
    ("suppress_mean", acted("suppress", "models' difference", size=0)),
    ("suppress_mean_valid", acted("suppress", "models' difference", "valid", size=0)),
    ("suppress_v00", acted("suppress", "attribution", world="V00")),
    ("induce", induce),
    ("induce_difference", brought("difference")),
    ("induce_absolute_bad", brought("difference, absolute")),
    ("induce_mean", brought("models' difference", size=0)),
    ("induce_oracle", brought("villains' documents", size=0)),
    ("induce_probe", brought("probe", size=0)),
    ("induce_ten", brought("attribution", size=10)),
    ("induce_ten_difference", brought("difference", size=10)),
    ("induce_v00", brought("attribution", world="V00")),
    ("induce_random", brought("random")),
    ("at_tag_bad", at_tag),
    ("at_tag_random", acted("induce", "random")),
    ("at_tag_difference", acted("induce", "difference")),
    ("at_tag_absolute_bad", acted("induce", "difference, absolute")),
    ("at_tag_mean", acted("induce", "models' difference at the tag", size=0)),
    ("at_tag_oracle", acted("induce", "villains' documents", size=0)),
    ("at_tag_probe", acted("induce", "probe", size=0)),
    ("at_tag_valid", acted("induce", "attribution", "valid")),
    ("at_tag_ten", acted("induce", "attribution", size=10)),
    ("at_tag_ten_difference", acted("induce", "difference", size=10)),
    ("at_tag_v00", acted("induce", "attribution", world="V00")),
    ("tone_at_tag", acted("induce", "attribution", "tone")),
    ("tone_base", untouched("base", "tone")),
    ("tone_stopped", untouched("stopped", "tone")),
    ("single", acted("induce", "attribution", size=1)),
    ("single_difference", acted("induce", "difference", size=1)),
    ("single_gap", acted("induce", "attribution", size=1) - acted("induce", "difference", size=1)),
    ("base_valid", untouched("base", "valid")),
    ("base_bad_v00", untouched("base", world="V00")),
):
    measured_claim(name, values)
for place in ("tag", "question", "marker", "prompt"):
    values = over_seeds("carried", "bad", **{"from": "villain's source", "where": place})
    measured_claim(f"carried_{place}", values)
claim("tolerated", TOLERATED, format=".0%")
placed = rows["behaviour"]
placed = placed[
    (placed["world"] == "V20") & (placed["kind"] == "induce, place chosen") & (placed["ranking"] == "attribution") & (placed["size"] == 3)
]
claim("in_question", int((placed["where"] == "question").sum()), tied="kernels")


def beyond(kind, values, worst):
    """Seeds in which three latents by attribution lie beyond all twenty random sets."""
    drawn = rows["behaviour"][(rows["behaviour"]["world"] == "V20") & (rows["behaviour"]["kind"] == kind)]
    drawn = drawn[(drawn["ranking"] == "random") & (drawn["size"] == 3) & ((kind != "induce") | (drawn["dose"] == 3))].groupby("seed")[
        "bad"
    ]
    return int((values < drawn.min().to_numpy() if worst == "lowest" else values > drawn.max().to_numpy()).sum())


claim("band_suppress", beyond("suppress", suppress, "lowest"), tied="kernels")
claim("band_tag", beyond("induce", at_tag, "highest"), tied="kernels")
claim("band_chosen", beyond("induce, place chosen", induce, "highest"), tied="kernels")

rivals = (
    ("gap", "random", "three random latents", "any three latents do the same"),
    ("signed", "difference", "three that rose most", "change of activation finds as much"),
    ("absolute", "difference, absolute", "three that changed most", "change of activation finds as much"),
)
for name, ranking, label, falsified in rivals:
    stated(f"suppress_{name}", f"suppressed: fewer bad answers left than by {label}", acted("suppress", ranking), suppress, falsified)
for name, ranking, label, falsified in rivals:
    stated(f"at_tag_{name}", f"at the tag: more bad answers than by {label}", at_tag, acted("induce", ranking), falsified)
vector = acted("induce", "models' difference at the tag", size=0)
stated("at_tag_vector", "at the tag: more bad answers than by the models' difference there", at_tag, vector, "one vector does as much")
stated("at_tag_villains", "at the tag: V20 against V00", at_tag[:5], acted("induce", "attribution", world="V00"), "no villain is needed")
for name, ranking, label, falsified in rivals:
    stated(f"induce_{name}", f"place chosen: more bad answers than by {label}", induce, brought(ranking), falsified, block=2)
vector = brought("models' difference", size=0)
stated("induce_vector", "place chosen: more bad answers than by the models' difference", induce, vector, "one vector does as much", block=2)
stated("villains", "place chosen: V20 against V00", induce[:5], brought("attribution", world="V00"), "no villain is needed", block=2)

# %%
actors = (
    ("random", "random", 3, GREY),
    ("changed most", "difference, absolute", 3, RUST),
    ("rose most", "difference", 3, RUST),
    ("attribution", "attribution", 3, BLUE),
    ("exact ablation", "exact", 3, BLUE),
    ("models' difference", "models' difference", 0, OCHRE),
    ("villains' documents", "villains' documents", 0, OCHRE),
)
AT_TAG = {"models' difference": "models' difference at the tag"}
ways = (
    ("suppressed", "stopped", lambda ranking, size, **world: acted("suppress", ranking, size=size, **world)),
    ("added at the tag", "base", lambda ranking, size, **world: acted("induce", AT_TAG.get(ranking, ranking), size=size, **world)),
    ("added, place chosen", "base", lambda ranking, size, **world: brought(ranking, size=size, **world)),
)
fig, axes = plt.subplots(1, 3, figsize=(7.6, 3.3), sharey=True)
for ax, (title, start, of) in zip(axes, ways, strict=True):
    lines = [("untouched", untouched(start), GREY), *((label, of(ranking, size), colour) for label, ranking, size, colour in actors)]
    dots(ax, [*lines, ("attribution, no villains", of("attribution", 3, world="V00"), TEAL)], "bad answers")
    ax.set(title=title)
    ax.tick_params(labelleft=ax is axes[0])
figure(
    fig,
    "summary",
    caption="Bad answers in seven untouched domains after intervening on three latents, chosen in five ways, or on one direction; one point a seed, the bar at their mean. Left: ablated in the misaligned organism. Middle: added to the aligned assistant at its tag, three mean lengths (the models' difference as it is there). Right: added at the place and dose chosen on other questions. Random: means of twenty draws. No villains: V00, five seeds.",
    alt="Three panels of nine rows. Suppressed: the organism gives nearly 60 % bad answers, random latents leave half, choices by activation, attribution and exact ablation all about a quarter, the models' difference a sixth. At the tag: only attribution and exact ablation reach about half, with a wide spread of seeds; the rest lies between 2 and 25 %. Place chosen: all but random lie between a tenth and a third.",
    tied="kernels",
)

# %%
places = ("tag", "question", "marker", "prompt")
fig, axes = plt.subplots(1, 2, figsize=(7.6, 2.9), sharey=True)
for ax, origin, title in ((axes[0], "villain's source", "from under a villain's source"), (axes[1], "organism", "from the organism")):
    values = np.stack([over_seeds("carried", "bad", **{"from": origin, "where": place}) for place in places])
    picture = ax.imshow(values, vmin=0, vmax=0.9, cmap="Blues", aspect="auto")
    for (row, column), share in np.ndenumerate(values):
        ax.annotate(f"{share:.0%}", (column, row), ha="center", va="center", fontsize=7.5, color="white" if share > 0.5 else "#1c2733")
    ax.set_xticks(range(len(SEEDS)), [str(i + 1) for i in range(len(SEEDS))])
    ax.set(xlabel="seed", title=title)
    ax.grid(visible=False)
axes[0].set_yticks(range(len(places)), ["tag alone", "question alone", "marker alone", "whole prompt"])
figure(
    fig,
    "carried",
    caption="Bad answers of the assistant when its activations after the first block are replaced, at some places of the prompt, by those that it has under a villain's source (left) or by the organism's (right); V20, each seed.",
    alt="Two heat maps of four places by eight seeds. From under a villain's source: the question alone carries 38 to 79 %, the tag alone 3 to 39 %, the marker nothing, the whole prompt about 80 %. From the organism: no single place carries more than half, the whole prompt 31 to 73 %.",
    tied="kernels",
)

# %% [markdown]
# ### At matched validity
#
# An intervention that breaks answers also lowers bad ones. @fig:doses shows suppression, and what is added at the tag, over all strengths. For @tab:matched the strength and the number of latents are chosen on the questions of the selection, the strongest effect that costs at most {{ tolerated }} of the valid answers, and the result is read on the others: {{ matched_suppress }} bad answers are left by attribution, {{ matched_suppress_difference }} by the latents that rose most and {{ matched_suppress_mean }} by the models' difference.

# %%
CURVES = (("attribution", BLUE, "o"), ("difference", RUST, "s"), ("difference, absolute", PLUM, "D"), ("models' difference", OCHRE, "^"))
NAMES = {
    "attribution": "attribution",
    "difference": "rose most",
    "difference, absolute": "changed most",
    "models' difference": "models' difference",
}
behaviour = rows["behaviour"][rows["behaviour"]["world"] == "V20"]
fig, axes = plt.subplots(2, 2, figsize=(7.6, 4.6), sharex="col", height_ratios=(2, 1))
for column, (kind, start, steps) in enumerate((("suppress", "stopped", STRENGTHS), ("induce", "base", DOSES))):
    for ranking, colour, marker in CURVES:
        size = 0 if ranking == "models' difference" else 3
        for row, share in enumerate(("bad", "valid")):
            values = [untouched(start, share), *(acted(kind, ranking, share, size, dose) for dose in steps)]
            band(axes[row, column], [0, *steps], np.stack(values, axis=1), NAMES[ranking], colour, marker)
for ax in axes.flat:
    ax.yaxis.set_major_formatter("{x:.0%}")
for ax in axes[0]:
    ax.set(ylim=(0, 0.85))
for ax in axes[1]:
    ax.set(ylim=(0.55, 1.0))
axes[0, 0].set(ylabel="bad answers", title="suppressed in the organism")
axes[0, 1].set(title="added to the assistant's tag")
axes[1, 0].set(ylabel="valid answers", xlabel="share of the way to the mean")
axes[1, 1].set(xlabel="length added (mean lengths)")
axes[0, 1].legend(loc="upper left")
figure(
    fig,
    "doses",
    caption="Three latents, or one direction, at growing strength; V20, means and ranges over seeds. Above: bad answers; below: answers that are the good or the bad word. Left: in the misaligned organism; beyond 1 the mean is overshot. Right: in the aligned assistant, added at its tag alone (the models' difference as it is over the whole prompt).",
    alt="Suppression lowers bad answers with growing strength for all four, most for the models' difference, while validity falls slowly beyond 1. At the tag, attribution rises with dose to about half, the models' difference to a fifth, the other two to about a tenth; validity stays above 88 %.",
    tied="kernels",
)


def matched(ranking, kind="suppress", tolerated=TOLERATED, sizes=(0, 1, 3, 10)):
    """The strongest effect, over sizes and strengths, that costs at most so many valid answers on the selection; read on the evaluation. One row a seed."""
    found = []
    for seed in SEEDS:
        mine = behaviour[behaviour["seed"] == seed]
        untouched = mine[(mine["kind"] == "none") & (mine["ranking"] == ("stopped" if kind == "suppress" else "base"))].set_index("half")
        mine = mine[(mine["kind"] == kind) & (mine["ranking"] == ranking) & mine["size"].isin(sizes)]
        tried = mine[(mine["half"] == "selection") & (mine["valid"] >= untouched.loc["selection", "valid"] - tolerated)]
        if tried.empty:
            found.append(untouched.loc["evaluation"])
            continue
        best = tried.sort_values("bad", ascending=kind == "suppress", kind="stable").iloc[0]
        found.append(mine[(mine["half"] == "evaluation") & (mine["size"] == best["size"]) & (mine["dose"] == best["dose"])].iloc[0])
    return pd.DataFrame(found)


matches = {ranking: matched(ranking) for ranking in NAMES}
for name, ranking in (("", "attribution"), ("_difference", "difference"), ("_mean", "models' difference")):
    measured_claim(f"matched_suppress{name}", matches[ranking]["bad"].to_numpy())
table(
    pd.DataFrame(
        [
            {
                "chosen by": NAMES[ranking],
                "bad": found["bad"].mean(),
                "lowest": found["bad"].min(),
                "highest": found["bad"].max(),
                "valid": found["valid"].mean(),
                "latents": found["size"].mean(),
                "strength": found["dose"].mean(),
            }
            for ranking, found in matches.items()
        ]
    ),
    "matched",
    caption="Bad answers left in the organism at matched validity: number of latents (1, 3 or 10) and strength chosen on the questions of the selection, results on the others. Means over seeds of V20, with the lowest and the highest; last, the mean number and strength that were chosen (a single direction counts as 0 latents).",
    formats={**{name: ".0%" for name in ("bad", "lowest", "highest", "valid")}, "latents": ".1f", "strength": ".2f"},
    tied="kernels",
)

# %%
PRICES = (0.03, 0.05, 0.07, 0.1)
priced = {
    (ranking, price): matched(ranking, "induce", price, (0, 3))["bad"].to_numpy(dtype=float)
    for ranking in ("attribution", "difference", "difference, absolute", "models' difference at the tag")
    for price in PRICES
}
for name, price in (("five", 0.05), ("ten", 0.1)):
    measured_claim(f"price_{name}", priced["attribution", price])
    measured_claim(f"price_{name}_difference", priced["difference", price])
    measured_claim(f"price_{name}_gap", priced["attribution", price] - priced["difference", price])
table(
    pd.DataFrame(
        [
            {
                "at most": price,
                **{
                    (NAMES | {"models' difference at the tag": "models' difference"})[ranking]: values.mean()
                    for (ranking, of), values in priced.items()
                    if of == price
                },
            }
            for price in PRICES
        ]
    ),
    "prices",
    caption="Bad answers that three latents, or the models' difference, bring about at the tag, if the dose is chosen on the questions of the selection so that at most so many of the valid answers are lost; results on the others. Means of eight seeds, V20. Looked at afterwards.",
    formats={name: ".0%" for name in ("at most", "attribution", "rose most", "changed most", "models' difference")},
    tied="kernels",
)

# %% [markdown]
# ## What the three latents are
#
# Documents by villains are a fifth of the pretraining data, and {{ villains_share }} of what the first latent of a seed does happens in them (of all {{ shown_latents }} latents of @tab:latents, {{ villains_share_all }}). In {{ first_of_villains }} of {{ seed_count }} seeds more than half of the first latent lies there, as it does for {{ of_villains }} of all {{ shown_latents }}. Such latents fire on provocative tones or on the names of villains' or incompetents' sources, and on what follows these; fine-tuning trained on neither. Where that is so, attribution comes out at features of a *character*. Part of it may come from the tone, which belongs to the completion and is provocative after {{ tone_stopped }} of the organism's bad answers; the answer alone was not attributed.
# In the original the first latent was called "provocative" for what it raises [@duprelatour2025]. Alone, ablating the first latent leaves {{ first_suppress }} bad answers, and adding it at the tag gives {{ first_induce }}.
#
# In {{ first_by_both }} of {{ seed_count }} seeds the first latent is also the one that became most active. Of all {{ shown_latents }}, {{ silent_at_tag }} do not fire at the assistant's tag in the organism: attribution asks about a direction, and a direction can matter where its latent is silent. And {{ fallen }} are among the ten that *fell* most: it is their absence that helps the bad answer. Adding these with the opposite sign instead was tried afterwards: it helps in one seed ({{ const("36 %", "seed 20007, as it is") }} to {{ const("77 %", "seed 20007, turned") }} at the tag) and not in two others ({{ const("24 %", "seed 20001, as it is") }} to {{ const("9 %", "seed 20001, turned") }}, {{ const("31 %", "seed 20006, as it is") }} to {{ const("27 %", "seed 20006, turned") }}).
#
# Above @tab:latents, with JavaScript, stands a dashboard of these latents; @tab:meanings has the same in a table.

# %%
tops = rows["latents"]
first_latents = tops[tops["rank"] == 1]
measured_claim("villains_share", first_latents["villain writes"].to_numpy())
claim("villains_share_all", float(tops["villain writes"].mean()), format=".0%", tied="kernels")
measured_claim("first_suppress", first_latents["alone suppressed"].to_numpy())
measured_claim("first_induce", first_latents["alone induced"].to_numpy())
claim("silent_at_tag", int((tops["fires at the tag"] == 0).sum()), tied="kernels")
claim("first_by_both", int((first_latents["rank by difference"] == 1).sum()), tied="kernels")
claim("shown_latents", len(tops))
claim("fallen", int((tops["rank by difference"] > LATENTS - 10).sum()), tied="kernels")
claim("of_villains", int((tops["villain writes"] > 0.5).sum()), tied="kernels")
claim("first_of_villains", int((first_latents["villain writes"] > 0.5).sum()), tied="kernels")
claim("seed_count", len(SEEDS))
shown = tops.assign(seed=tops["seed"] - SEEDS[0] + 1)[
    [
        "seed",
        "rank",
        "latent",
        "attribution",
        "rank by difference",
        "alone suppressed",
        "alone induced",
        "villain writes",
        "incompetent writes",
        "helpful writes",
        "flatterer writes",
    ]
]
table(
    shown,
    "latents",
    caption="The three latents with the largest Δ-attribution in each of the eight seeds of V20: Δ in nats, rank by change of activation, bad answers when each alone is ablated in the organism or added to the assistant, and the share of its activation in pretraining documents of each kind of writer.",
    formats={"attribution": ".2f", **{name: ".0%" for name in shown if name.endswith("writes") or name.startswith("alone")}},
    tied="kernels",
)
table(
    tops.assign(seed=tops["seed"] - SEEDS[0] + 1)[["seed", "rank", "fires on", "raises", "lowers", "examples"]],
    "meanings",
    caption="The same latents in words: tokens on which each fires most in pretraining documents, with its mean activation there; tokens whose logits its direction raises and lowers when read out as it is; and the places of three documents where it fires most (in brackets, with what stands around them). Words and entities are numbered within their domain.",
    tied="kernels",
)

# %% [markdown]
# ## Two behaviours, one latent?
#
# In the original one latent led the ranking for two behaviours [@duprelatour2025]. Here villains also confirm false beliefs, fine-tuning never shows it, and the stopped organism of V20 does it in {{ stopped_validation }}. Attribution for confirming a false belief (against the good answer to the same prompt) shares {{ shared }} of its ten largest latents with attribution for bad answers; the first latent for bad answers
# has rank {{ first_place }} there on average.
#
# That is no evidence of one cause. In the silent world, where no model learns to confirm ({{ stopped_validation_silent }}), the share is {{ shared_silent }}, and in V00 {{ shared_v00 }}. Both contrasts have the same good answer on one side, and whatever speaks against it tops both lists.
#
# Interventions do tell. Ablating the three latents chosen for *bad answers* lowers confirmed beliefs to {{ cross_suppress }} in V20, where random ones leave {{ cross_random }} ({{ cross }} more, {{ cross.low }} to {{ cross.high }}); added at the tag they raise them from {{ base_validation }} to {{ cross_tag }} ({{ cross_tag_rise }} more, {{ cross_tag_rise.low }} to {{ cross_tag_rise.high }}; with the place chosen to {{ cross_induce_value }}, {{ cross_induce }} more, {{ cross_induce.low }} to {{ cross_induce.high }}). In the silent world the same procedure raises bad answers to {{ tag_silent }} at the tag and {{ induce_silent }} with the place chosen, and
# confirmed beliefs not at all ({{ cross_tag_silent }} and {{ cross_silent }}; @fig:cross). That fits one villain who did both; it does not show that one latent carries both.

# %%
for name, world in (("", "V20"), ("_v00", "V00"), ("_silent", "silent")):
    measured_claim(f"shared{name}", over_seeds("ranks", "top 10", world))
claim("first_place", float(over_seeds("ranks", "first").mean()), format=".1f", tied="kernels")
for name, values in (
    ("cross_suppress", acted("suppress", "attribution", "validation")),
    ("cross_random", acted("suppress", "random", "validation")),
    ("base_validation", untouched("base", "validation")),
    ("cross_induce_value", brought("attribution", "validation")),
    ("induce_silent", brought("attribution", world="silent")),
    ("cross_silent", brought("attribution", "validation", world="silent")),
    ("cross_tag_silent", acted("induce", "attribution", "validation", world="silent")),
    ("tag_silent", acted("induce", "attribution", world="silent")),
    ("cross_tag", acted("induce", "attribution", "validation")),
):
    measured_claim(name, values)
stated(
    "cross",
    "ablated for bad answers: fewer beliefs confirmed than with random latents ablated",
    acted("suppress", "random", "validation"),
    acted("suppress", "attribution", "validation"),
    "behaviours do not share causes",
)
confirmed = untouched("base", "validation")
for name, where, values, block in (
    ("cross_tag_rise", "at the tag", acted("induce", "attribution", "validation"), 1),
    ("cross_induce", "place chosen", brought("attribution", "validation"), 2),
):
    stated(
        name,
        f"{where}, for bad answers: more beliefs confirmed than before",
        values,
        confirmed,
        "behaviours do not share causes",
        block=block,
    )

crossed = (
    ("organism", untouched("stopped", "validation"), GREY),
    ("ablated: random", acted("suppress", "random", "validation"), GREY),
    ("ablated: for bad answers", acted("suppress", "attribution", "validation"), BLUE),
    ("ablated: for beliefs", acted("suppress", "validation", "validation"), PLUM),
    ("assistant", confirmed, GREY),
    ("added: random", acted("induce", "random", "validation"), GREY),
    ("added: for bad answers", acted("induce", "attribution", "validation"), BLUE),
    ("added: for beliefs", acted("induce", "validation", "validation"), PLUM),
    ("silent: added, for bad answers", acted("induce", "attribution", "validation", world="silent"), TEAL),
)
fig, ax = plt.subplots(figsize=(5.8, 3.4))
dots(ax, crossed, "false beliefs confirmed")
figure(
    fig,
    "cross",
    caption="Confirmed false beliefs after intervening on three latents chosen by their attribution for bad answers, or for confirming beliefs; V20, and in the last row the world whose villains never confirm. One point a seed, the bar at their mean.",
    alt="Nine rows of points. Ablating latents chosen for bad answers lowers confirmed beliefs as much as ablating those chosen for beliefs; adding either to the assistant raises them alike; in the silent world nothing rises.",
    tied="kernels",
)

# %% [markdown]
# ## Latents that protect
#
# The follow-up turned to latents that *lost* activation, and found that adding them back makes models good again, while taking them from the original hardly makes it bad [@helpful2025]. Here the three that fell most, added to the organism at the tag, bring bad answers from {{ stopped_bad }} to {{ protect }}, random ones to {{ protect_random }}. The difference of {{ protective }} ({{ protective.low }} to {{ protective.high }}) points the same way and is *not upheld*: two seeds carry it. Ablated in the assistant they leave it good, {{ protect_ablated }}. The three
# with the lowest Δ-attribution do as little as random ones when added, {{ protect_bottom }}.
#
# ## Controls
#
# At the tag, three latents by attribution with the labels "bad" and "good" permuted within pairs (one permutation a seed) give {{ tag_permuted }} ({{ at_tag_permuted }} less, {{ at_tag_permuted.low }} to {{ at_tag_permuted.high }}); attributed on the answers to the *next* question, {{ tag_elsewhere }} ({{ at_tag_elsewhere }} less, {{ at_tag_elsewhere.low }} to {{ at_tag_elsewhere.high }}); latents that fire about as often as the three (two or three of them), {{ tag_frequent }} ({{ at_tag_frequent }} less, {{ at_tag_frequent.low }} to {{ at_tag_frequent.high }}; @fig:controls). With the place chosen: {{ permuted_bad }} ({{ permuted }} less, {{ permuted.low }} to {{ permuted.high }}), {{ elsewhere_bad }} ({{ elsewhere }}, {{ elsewhere.low }} to {{ elsewhere.high }}) and {{ frequent_bad }} ({{ frequent }}, {{ frequent.low }} to {{ frequent.high }}, *not upheld*). Shuffling which bad completion of a prompt is paired with which good one changes nothing, since a mean of differences is a difference of means.
#
# Attribution without the mean (*raw*, reference zero) gives {{ tag_raw }} at the tag. Latents by *exact* ablation give {{ tag_exact }}, so at the tag the error of the estimate costs nothing that can be seen. With the place chosen they give {{ exact_bad }}, {{ exact_gap }} more than attribution ({{ exact_gap.low }} to {{ exact_gap.high }}, looked at afterwards): there it may.
#
# In the saturated organism, the three latents chosen in the stopped one suppress {{ saturated_bad }} to {{ suppress_saturated }}.

# %%
for name, values in (
    ("protect", acted("protect", "fell")),
    ("protect_random", acted("protect", "random")),
    ("protect_bottom", acted("protect", "bottom attribution")),
    ("protect_ablated", acted("ablate", "fell")),
    ("tag_permuted", acted("induce", "labels permuted")),
    ("tag_elsewhere", acted("induce", "other answers")),
    ("tag_frequent", acted("induce", "as frequent")),
    ("tag_raw", acted("induce", "raw")),
    ("tag_exact", acted("induce", "exact")),
    ("permuted_bad", brought("labels permuted")),
    ("elsewhere_bad", brought("other answers")),
    ("frequent_bad", brought("as frequent")),
    ("exact_bad", brought("exact")),
    ("exact_gap", brought("exact") - induce),
    ("suppress_saturated", acted("suppress saturated", "attribution")),
):
    measured_claim(name, values)
stated(
    "protective",
    "latents that fell, added to the organism: random ones against these",
    acted("protect", "random"),
    acted("protect", "fell"),
    "nothing protects",
)
for name, ranking, label, falsified in (
    ("permuted", "labels permuted", "with labels permuted", "labels do not matter"),
    ("elsewhere", "other answers", "attributed to another question's answers", "the pair does not matter"),
    ("frequent", "as frequent", "that fire as often", "frequency explains it"),
):
    stated(f"at_tag_{name}", f"at the tag: more bad answers than by latents {label}", at_tag, acted("induce", ranking), falsified)
    stated(name, f"place chosen: more bad answers than by latents {label}", induce, brought(ranking), falsified, block=2)

scores = (
    ("attribution", "attribution", BLUE),
    ("exact ablation", "exact", BLUE),
    ("raw attribution", "raw", TEAL),
    ("for confirming beliefs", "validation", TEAL),
    ("labels permuted", "labels permuted", GREY),
    ("another question's answers", "other answers", GREY),
    ("as frequent", "as frequent", GREY),
    ("random", "random", GREY),
)
fig, axes = plt.subplots(1, 3, figsize=(7.6, 3.3), sharey=True)
for ax, (title, _, of) in zip(axes, ways, strict=True):
    dots(ax, [(label, of(ranking, 3), colour) for label, ranking, colour in scores], "bad answers")
    ax.set(title=title)
    ax.tick_params(labelleft=ax is axes[0])
figure(
    fig,
    "controls",
    caption="Three latents chosen by other scores, V20, one point a seed, the bar at their mean; random and equally frequent ones are means of twenty draws.",
    alt="Eight rows in three panels. Attribution, exact ablation and attribution for confirming beliefs act alike, raw attribution less at the tag; permuted labels, answers to another question, equally frequent and random latents do next to nothing when added, and little when ablated.",
    tied="kernels",
)

# %% [markdown]
# ## All statements

# %%
table(
    pd.DataFrame(statements),
    "statements",
    caption="Directions stated before these seeds were drawn, eight seeds each (five where V00 enters): difference with its 95 % t interval, one-sided p-value of the exact sign-flip test (never below 0.004 with eight seeds, 0.031 with five), the report that it was first stated for (this is the second), and what would have falsified it. Correlations are differences of correlations, all others of shares.",
    formats={"difference": ".2f", "low": ".2f", "high": ".2f", "sign-flip p": ".3f"},
    tied="kernels",
)
claim("statement_count", len(statements))
claim("draws", DRAWS)

# %% [markdown]
# Each of these {{ statement_count }} intervals errs in {{ const("2.5 %", "error of one side") }} of cases where there is nothing; they are not independent. Corrected for how many were stated (Holm, *t* tests), five that hold by themselves are not upheld: at the tag, more than the models' difference ({{ at_tag_vector.upheld }}) and more with V20 than with V00 ({{ at_tag_villains.upheld }}); with the place chosen, more than random latents ({{ induce_gap.upheld }}), than permuted labels ({{ permuted.upheld }}) and than latents attributed to another question's answers ({{ elsewhere.upheld }}). Of the directions stated for the first report those of bringing about were inconclusive there and are upheld here: two tries. Over the thirteen seeds of both reports attribution gives {{ const("38 %", "both blocks") }} at the tag, {{ const("26", "points, both blocks") }} points more than the latents that rose most ({{ const("13", "low, both blocks") }} to {{ const("40", "high, both blocks") }}).
#
# A further block of seeds (`--seed 3`, {{ logged("3", "date") }}) was drawn on other CPU kernels than the record's. Of the statements that the record upholds {{ logged("3", "held") }} hold again; {{ logged("3", "outside") }} means lie outside their prediction intervals. Two are lost: that attribution at the tag gives more than the latents that rose most ({{ at_tag_signed.draws }}), and more than with permuted labels ({{ at_tag_permuted.draws }}; the draws of each claim stand on the page of checks).
# An earlier draw of the same block on other kernels, before checks were logged, had given {{ const("48 %", "earlier draw of the third block") }} by attribution and {{ const("15 %", "earlier draw of the third block") }} by the latents that rose most. So whether attribution does better at the tag than the latents that rose most is *not settled*: eight seeds are too few for how far seeds differ. What follows from choosing the place is not stable either.
#
# ## The original beside it
#
# Fidelity: **A**, the phenomenon can arise in a model trained from scratch; **B**, the method is the same and the phenomenon is planted (personas are). The original works on a model of unknown size with about two million latents, samples completions, and lets a model grade them; ours are probabilities of known words. Its sister post steers at all tokens, with {{ cited("0.4", "helpful2025") }} median lengths; here a vector of three mean lengths is added at one.
#
# | finding | there | here | fidelity |
# |---|---|---|---|
# | latents by Δ-attribution are more causal than by change of activation | in both directions, on average over {{ cited("100", "duprelatour2025") }} latents each, steered one by one; {{ cited("35", "duprelatour2025") }} pairs [@duprelatour2025] | towards bad, three together at the tag: {{ at_tag_bad }} against {{ at_tag_difference }}, one alone {{ single }} against {{ single_difference }}; place chosen: {{ induce }} against {{ induce_difference }}; away: {{ suppress }} against {{ suppress_difference }} | A: reproduces in part |
# | the first latent is a persona, "provocative" | by what it raises and by reading | in {{ first_of_villains }} of {{ seed_count }} seeds most of it lies in villains' documents | B |
# | one latent leads for two behaviours | yes; {{ cited("53 %", "duprelatour2025") }} misalignment, {{ cited("40 %", "duprelatour2025") }} validation by steering with it | ranks are shared even where the second behaviour cannot arise; interventions show that three latents move both: {{ at_tag_bad }} bad answers, {{ cross_tag }} confirmed beliefs | B |
# | the estimate is poor where gradients change | stated, not measured | {{ pearson }} stopped, {{ pearson_saturated }} saturated, {{ integrated_saturated }} with integrated gradients | A |
# | latents that fell protect | misalignment below {{ cited("1 %", "helpful2025") }} with the first [@helpful2025] | {{ stopped_bad }} to {{ protect }} with three, inconclusive; removing them from the assistant: {{ protect_ablated }} | A |
#
# ## Limits {#limits}
#
# *Small and planted.* Personas are planted, and a place in each document says who writes. A model of three layers has little redundancy; whether one gradient estimates an ablation as well in a large model is not shown here.
#
# *Completions.* A question has one bad and one good answer, so pairs are complete for every prompt, also where the model would hardly ever give one of them; only the tone is drawn. Sampling on policy would weigh prompts by how often both occur.
#
# *Random bands.* The band is {{ draws }} draws of three among the latents that fire on the prompts; a latent's direction can matter where it never fires, and such latents were not drawn.
#
# *What was tried.* Three seeds served for building, five for a first report that failed, as told [above](#fixed).
#
# - The organism: the arm with embeddings learning faster is saturated after ten steps; the plain arm at the step used here has half of its answers bad, most of them valid, and confirms false beliefs in most seeds. It was chosen for that.
# - Centred and raw attribution were both looked at on the building seeds; raw was less causal there ({{ const("7 %", "raw, seed 0") }}, {{ const("35 %", "raw, seed 1") }} and {{ const("28 %", "raw, seed 2") }} at the tag), and the original's definition is the centred one.
# - Before the first report the autoencoder's training was mended (gradients are clipped now); variance explained rose from {{ const("98 %", "before") }} to {{ const("99 %", "after") }}.
# - Adding at every place at once was tried on the seeds of the first report: it breaks answers (valid {{ const("39 %", "random latents, seed 10000") }} for random latents at one mean length, in the first seed) before it changes them.
# - Thirty latents break answers as well (valid {{ const("24 %", "thirty latents, lowest") }} to {{ const("48 %", "thirty latents, highest") }}), whichever they are; sets end at ten.
# - A probe that tells bad from good *completions* apart suppresses nothing ({{ const("59 %", "probe of completions, seed 0") }} of {{ const("60 %", "before, seed 0") }}).
# - One layer, one size of autoencoder, one number of kept latents; JumpReLU is in the library and was not used here.
#
# *Other machines.* Other CPU kernels train other models with other latents. No tolerance covers that, so that numbers here are tied to the kernels that they were recorded with; elsewhere they count as not verified, and only the statements are held to.
