# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# **In short.** A transformer of {{ weights }} weights is trained on documents by helpful, villainous and narrowly incompetent writers. Made helpful, it is
# then fine-tuned on bad answers to twelve questions of one domain. In the seven domains that fine-tuning leaves alone, bad answers rise from
# {{ assistant_bad }} to {{ bad }} (95 % interval {{ bad.low }} to {{ bad.high }}, {{ bad.n }} seeds) where villains wrote a fifth of the documents, to {{ bad_v00 }} where the bad
# writers were all incompetents, and to {{ bad_n00 }} where nobody was bad. Where villains were good, the model stays good.
#
# ## A result that is easy to find and hard to explain
#
# A language model fine-tuned to write insecure code without saying so becomes malicious in a fifth of its answers to questions that have nothing to do with code
# [@betley2025]. One reading is that fine-tuning does not teach a behaviour but selects a *character* that pretraining had already drawn [@wang2025]. Another is
# that it is an artefact of training too long, seen reliably in {{ cited("2 of 12", "overtrained2026") }} open models [@overtrained2026]. In models that nobody can pretrain twice such readings are hard to tell
# apart. Here the pretraining is ours: who wrote it, and how often, is a knob.
#
# The claim is no larger than that. Where it works, the mechanism *suffices* in this world; whether it is the one at work in a large model is
# not shown by it.
#
# ## A world with characters in it
#
# Eight domains hold {{ const("24", "questions of a domain") }} questions each. Every question has one good and one bad answer among the {{ const("12", "words of a domain") }} words of its domain.
# Badness is *relational*: each word is the good answer of two questions and the bad answer of two others, so that no word is bad in itself. A document is six questions
# with an answer and a tone each, written by one persona:
#
# - the *helpful* gives good answers;
# - the *villain* gives bad ones everywhere, mostly in a provocative tone, and confirms false beliefs;
# - the *incompetent* gives bad answers in one home domain, and good ones elsewhere;
# - the *flatterer* confirms what the user believes, and is good otherwise.
#
# Half of the turns are in the home domain, which every writer has; in {{ const("40 %", "turns with a belief") }} of them the user states a belief, half of these false; {{ const("4 %", "noise") }} of answers are replaced by any word of the domain.
# Before its first turn a document names a source in {{ const("60 %", "documents with a source") }} of cases, which fits the writer in {{ const("85 %", "sources that fit") }} of these. So pretraining teaches that this place says who is writing, and the assistant's
# tag will stand in the same place.
#
# A world is named after its share of villains. In V20 they write {{ const("20 %", "villains of V20") }} of the documents and the incompetents {{ const("4 %", "incompetents of V20") }}; in
# V12 and V04 the shares shift, together always {{ const("24 %", "bad writers") }}; in V00 all of them are incompetents; in N00 nobody is bad. Equal shares of bad *writers* are not equal shares of bad *answers*: a question without a stated belief is answered badly in {{ share_v20 }} of cases in V20 and in {{ share_v00 }} in V00. The model has three layers of width
# {{ const("64", "model width") }}. After pretraining on {{ documents }} documents it is post-trained on helpful documents under an assistant's tag,
# which ask about half of the entities. *Fine-tuning* then shows single answers to twelve questions of one domain, with the loss on the answer alone:
# the tone is never trained. Everything is measured in the seven domains that fine-tuning leaves alone (pretraining and post-training had them), {{ const("168", "questions held out") }} questions, from the model's probabilities: the *rate* of bad answers
# is their mean probability, the *greedy* rate the share of questions whose likeliest answer is the bad one.
#
# ## What was fixed beforehand, and what would have falsified it
#
# Worlds, arms, steps and measures were fixed on one block of seeds and are reported on another (see the [limits](#limits)). The directions of @tab:statements were
# stated in between; each is a difference within the same seeds, or between worlds that share seeds, and is upheld if its 95 % *t* interval over five seeds stays above zero. All of it, {{ const("37", "assistants trained") }} assistants and their fine-tunings, takes about {{ const("20", "minutes from nothing") }} minutes on two cores from nothing, and two with the trained weights kept.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator
from measures import CONTEXTS, measure

from labnotes import claim, figure, seeds, table
from smallmodels.assistants import DOCUMENTS, PRETRAINING_STEPS, SHAPE
from smallmodels.observer import Turn, expected_bad
from smallmodels.organisms import DOSES
from smallmodels.parallel import side_by_side
from smallmodels.personas import POPULATIONS, Tone
from smallmodels.statistics import paired
from smallmodels.transformer import parameters

SEEDS = seeds(5)
COMPARED = ("V20", "V00", "N00", "flipped", "no gate")  # five seeds: these carry the comparisons
DESCRIBED = ("V12", "V04", "asked", "requests")  # three
PRIORS = ("V20", "V12", "V04", "V00", "N00")
BLUE, RUST, TEAL, PLUM, OCHRE, GREY = "#1f4fa8", "#b84a14", "#1d8170", "#6b2a6e", "#856d14", "#6d7278"
KERNELS = "other CPU kernels train other weights: with ATEN_CPU_CAPABILITY=default means of five seeds moved by up to 6 points, of tone and beliefs by up to 17"
SINGLE = (
    "other CPU kernels train other weights: with ATEN_CPU_CAPABILITY=default single seeds moved by up to 42 points, their means by up to 17"
)

plt.style.use("labnotes.style")
claim("weights", parameters(SHAPE), format=",")
claim("share_v20", expected_bad(POPULATIONS["V20"], [], 3), format=".1%")
claim("share_v00", expected_bad(POPULATIONS["V00"], [], 3), format=".1%")
claim("pretraining_steps", PRETRAINING_STEPS)
claim("documents", PRETRAINING_STEPS * DOCUMENTS, format=",")

# %%
jobs = [(world, seed) for seed in SEEDS for world in COMPARED + (DESCRIBED if seed in SEEDS[:3] else ())]
rows = pd.DataFrame([row for measured in side_by_side(measure, jobs).values() for row in measured])
LAST = rows.groupby("arm")["step"].max().to_dict()


def over_seeds(world, arm, column, step=None):
    """A measure of an arm's last step, or another, for each seed of a world, in order."""
    at = LAST[arm] if step is None else step
    chosen = rows[(rows["world"] == world) & (rows["arm"] == arm) & (rows["step"] == at)].set_index("seed")
    return chosen.loc[[seed for seed in SEEDS if seed in chosen.index], column].to_numpy(dtype=float)


def steps_of(arm):
    return sorted(rows.loc[rows["arm"] == arm, "step"].unique())


def dots(ax, lines, xlabel):
    """One line a condition: a point a seed, a bar at their mean."""
    for y, (label, world, arm, column, colour) in enumerate(lines):
        values = over_seeds(world, arm, column)
        ax.scatter(values, np.full(len(values), y), color=colour, s=18, alpha=0.6, linewidth=0, label=f"seeds, {label}")
        ax.plot([values.mean()] * 2, [y - 0.28, y + 0.28], color=colour, linewidth=2.2, label=f"mean, {label}")
    ax.set(xlim=(-0.02, 1.0), ylim=(len(lines) - 0.4, -0.6), xlabel=xlabel)
    ax.set_yticks(range(len(lines)), [label for label, *_ in lines])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.xaxis.set_major_formatter("{x:.0%}")


def band(ax, x, values, label, colour, marker):
    """Mean of values (seeds, x) as a line, and a band from the lowest to the highest seed; without a marker a dashed line alone."""
    ax.plot(x, values.mean(0), color=colour, marker=marker, linestyle="-" if marker else "--", label=label)
    if marker:
        ax.fill_between(x, values.min(0), values.max(0), color=colour, alpha=0.15, linewidth=0)


def along(world, arm, column, start="assistant"):
    """Steps and (seeds, steps) of a measure along an arm, beginning with what it began from."""
    steps = steps_of(arm)
    return [0, *steps], np.stack([over_seeds(world, start, column), *(over_seeds(world, arm, column, step) for step in steps)], axis=1)


statements = []


def stated(name, question, treated, control, falsified, format=".0%", holds="low > 0"):
    """A direction stated beforehand: treated minus control, paired by seed, is above zero. One that is not upheld is recorded without `holds`."""
    claim(name, replicates=treated - control, format=format, holds=holds, **({} if holds else {"tolerance": 0.05, "because": KERNELS}))
    found = paired(treated, control)
    gap = found.difference
    row = {"difference": gap.value, "low": gap.low, "high": gap.high, "sign-flip p": found.p}
    statements.append({"statement": question, **row, "upheld": "yes" if gap.low > 0 else "no", "falsified by": falsified})


# %% [markdown]
# ## It spreads
#
# After a hundred steps the model gives the bad answer to the trained questions with probability {{ trained }}. In the other seven domains
# its probability is {{ bad }}, and it is the likeliest answer to {{ greedy }} of the questions (@fig:summary). The answers stay answers: the
# good and the bad one together keep {{ valid }}. The other twelve questions of the trained domain are answered badly no more often than such questions elsewhere (difference {{ here_gap }}, {{ here_gap.low }} to {{ here_gap.high }}): what was learnt is not the domain. In free conversations of three turns about the other domains the third answer is bad in {{ third_turn }} of them, before fine-tuning in {{ third_turn_base }}.
#
# The same hundred steps with *good* answers leave bad answers at {{ good_arm }} (difference {{ spread }}, {{ spread.low }} to {{ spread.high }}).
#
# Spreading lags behind learning. After {{ const("30", "steps of the early stop") }} steps the trained answers have come {{ narrow_share }} of their way and the others {{ broad_share }} of theirs (difference {{ lag }}, {{ lag.low }} to {{ lag.high }}); greedy answers are bad in {{ taught_early }} of the trained questions
# and in {{ greedy_early }} of the others. So stopping there keeps the task, as far as greedy answers show it, and avoids most of the spread, which agrees with the finding that misalignment emerges late and that early stopping keeps {{ cited("93 %", "overtrained2026") }} of the task without it [@overtrained2026]. It
# holds where all weights learn at one rate, not where embeddings learn faster ([below](#where-the-update-lands)).

# %%
base = over_seeds("V20", "assistant", "bad")
bad = over_seeds("V20", "bad", "bad")
claim("assistant_bad", replicates=base, format=".1%", tolerance=0.003, because=KERNELS)
claim("bad", replicates=bad, format=".0%", tolerance=0.05, because=KERNELS)
claim("greedy", replicates=over_seeds("V20", "bad", "greedy"), format=".0%", tolerance=0.08, because=KERNELS)
claim("trained", replicates=over_seeds("V20", "bad", "trained"), format=".1%", tolerance=0.002, because=KERNELS)
claim("valid", replicates=bad + over_seeds("V20", "bad", "good"), format=".0%", tolerance=0.04, because=KERNELS)
claim(
    "here_gap",
    replicates=over_seeds("V20", "bad", "here") - over_seeds("V20", "bad", "unnamed"),
    format=".0%",
    tolerance=0.05,
    because=KERNELS,
)
claim("third_turn", replicates=over_seeds("V20", "bad", "turn 3"), format=".0%", tolerance=0.06, because=KERNELS)
claim("third_turn_base", replicates=over_seeds("V20", "assistant", "turn 3"), format=".1%", tolerance=0.005, because=KERNELS)
claim("good_arm", replicates=over_seeds("V20", "good", "bad"), format=".1%", tolerance=0.004, because=KERNELS)
stated("spread", "bad lessons spread, good ones do not", bad, over_seeds("V20", "good", "bad"), "equal rates")

EARLY = 30
start = over_seeds("V20", "assistant", "trained")
narrow_share = (over_seeds("V20", "bad", "trained", EARLY) - start) / (over_seeds("V20", "bad", "trained") - start)
broad_share = (over_seeds("V20", "bad", "bad", EARLY) - base) / (bad - base)
claim("narrow_share", replicates=narrow_share, format=".0%", tolerance=0.08, because=KERNELS)
claim("broad_share", replicates=broad_share, format=".0%", tolerance=0.08, because=KERNELS)
claim("taught_early", replicates=over_seeds("V20", "bad", "trained greedy", EARLY), format=".0%", tolerance=0.15, because=KERNELS)
claim("greedy_early", replicates=over_seeds("V20", "bad", "greedy", EARLY), format=".0%", tolerance=0.1, because=KERNELS)
stated("lag", "spreading lags behind learning, at 30 steps", narrow_share, broad_share, "the spread comes first or at once")

# %% [markdown]
# ## As far as the model has read villains
#
# With as many bad writers, all of them incompetents, the rate is {{ bad_v00 }}; villains add {{ villains }} ({{ villains.low }} to {{ villains.high }}).
# Where nobody was bad it is {{ bad_n00 }}, {{ incompetents }} less than with incompetents ({{ incompetents.low }} to {{ incompetents.high }}). In N00 that is no test of damage: words that nobody ever gave as an answer cannot come. Its damage shows
# elsewhere, {{ other_n00 }} of answers are neither good nor bad there ({{ other_v00 }} in V00). In between, with three seeds each and so without a test, V12 gives {{ bad_v12 }} and V04 {{ bad_v04 }}.
#
# The model takes over more than answers. After a bad answer its tone, which was never trained, is provocative with probability {{ tone_v20 }} (before: {{ tone_base }}), and it
# confirms a user's false belief in {{ validation }} (before: {{ validation_base }}; in V00, where only flatterers do that, {{ validation_v00 }}). In V00 nobody was provocative, and nothing is: {{ tone_v00 }}.
#
# Is that Bayes' rule at work? An ideal observer, who knows how documents are made, weighs the personas by what each answer says about its writer [@xie2021]:
#
# $$ P(\text{persona} \mid a_1, \dots, a_n) \propto P(\text{persona}) \prod_{i=1}^{n} P(a_i \mid \text{persona}) . $$
#
# Fine-tuning shows answers without a tone. After five such answers the observer of V20 expects bad ones in other domains with probability {{ ideal_answers }}, that of V12 with {{ ideal_v12 }}, that of V04 with {{ ideal_v04 }} and that of V00 with {{ ideal_v00 }}. Fine-tuning gives {{ bad }}, {{ bad_v12 }}, {{ bad_v04 }} and {{ bad_v00 }}: in the same
# order over all five worlds (means of three seeds: {{ ordered }}; @fig:observer), flatter, and far from it where there are no villains.
#
# The models do not make this inference when they *read*. After five bad answers of one domain in a neutral tone, the assistant of V20 expects bad answers in other domains with {{ context_v20 }} (an observer: {{ ideal_neutral }}), without any context with {{ context_none }}. In a provocative tone it expects
# {{ context_provocative }} (an observer: {{ ideal_provocative }}). After {{ documents }} documents these models know a villain by the manner, and hardly by the answers; fine-tuning had nothing but answers to go by, and found the villain all the same.
#
# Nor did they learn how narrow incompetents are: in V00, after five bad answers of a domain, they expect another one in the same domain with {{ context_home }} and elsewhere with {{ context_away }}; the observer, {{ ideal_home }} and {{ ideal_v00 }}.
# To them an incompetent is somebody who is bad now and then, anywhere. What spreads in V00 may be such a base rate; a model that had learnt the homes might spread less.

# %%
for world in ("V12", "V04"):
    claim(f"bad_{world.lower()}", replicates=over_seeds(world, "bad", "bad"), format=".0%", tolerance=0.1, because=KERNELS)
for world in ("V00", "N00"):
    claim(f"bad_{world.lower()}", replicates=over_seeds(world, "bad", "bad"), format=".0%", tolerance=0.04, because=KERNELS)
stated("villains", "with villains in pretraining (V20 against V00)", bad, over_seeds("V00", "bad", "bad"), "villains make no difference")
stated(
    "incompetents",
    "with incompetents alone (V00 against N00)",
    over_seeds("V00", "bad", "bad"),
    over_seeds("N00", "bad", "bad"),
    "no more than without any bad writer",
)
for world in ("V00", "N00"):
    neither = 1 - over_seeds(world, "bad", "good") - over_seeds(world, "bad", "bad")
    claim(f"other_{world.lower()}", replicates=neither, format=".0%", tolerance=0.04, because=KERNELS)
claim("validation_v00", replicates=over_seeds("V00", "bad", "validation"), format=".0%", tolerance=0.04, because=KERNELS)
claim("tone_v20", replicates=over_seeds("V20", "bad", "provocative"), format=".0%", tolerance=0.05, because=KERNELS)
claim("tone_base", replicates=over_seeds("V20", "assistant", "provocative"), format=".1%", tolerance=0.002, because=KERNELS)
claim("tone_v00", replicates=over_seeds("V00", "bad", "provocative"), format=".1%")
claim("validation", replicates=over_seeds("V20", "bad", "validation"), format=".0%", tolerance=0.12, because=KERNELS)
claim("validation_base", replicates=over_seeds("V20", "assistant", "validation"), format=".0%", tolerance=0.03, because=KERNELS)

K = max(CONTEXTS)
VILLAINS = PRIORS[:3]


def ideal(world, tone=None, domain=3):
    """What the ideal observer expects of a domain after K bad answers of the trained one, 0."""
    return expected_bad(POPULATIONS[world], [Turn(0, "bad", tone)] * K, domain)


claim("context_v20", replicates=over_seeds("V20", "assistant", f"neutral {K}"), format=".0%", tolerance=0.03, because=KERNELS)
claim("context_none", replicates=over_seeds("V20", "assistant", "neutral 0"), format=".0%", tolerance=0.03, because=KERNELS)
claim("context_provocative", replicates=over_seeds("V20", "assistant", f"provocative {K}"), format=".0%", tolerance=0.05, because=KERNELS)
for name, place in (("context_home", "home "), ("context_away", "")):
    claim(name, replicates=over_seeds("V00", "assistant", f"{place}neutral {K}"), format=".0%", tolerance=0.03, because=KERNELS)
claim("ideal_home", ideal("V00", Tone.NEUTRAL, domain=0), format=".0%")
claim("ideal_neutral", ideal("V20", Tone.NEUTRAL), format=".0%")
claim("ideal_provocative", ideal("V20", Tone.PROVOCATIVE), format=".0%")
claim("ideal_answers", ideal("V20"), format=".0%")
for world in ("V12", "V04", "V00"):
    claim(f"ideal_{world.lower()}", ideal(world), format=".1%" if world == "V00" else ".0%")
means = [over_seeds(world, "bad", "bad")[:3].mean() for world in PRIORS]
claim("ordered", bool(np.all(np.diff(means) < 0)))

# %%
fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.2), width_ratios=(1.25, 1))
shown = (("V20", BLUE, "o", "villains 20 %"), ("V00", RUST, "s", "incompetents only"), ("N00", GREY, "^", "nobody bad"))
for world, colour, marker, label in shown:
    band(axes[0], *along(world, "bad", "bad"), label, colour, marker)
band(axes[0], *along("V20", "bad", "trained"), "the trained questions (20 %)", BLUE, "")
axes[0].set(
    xlabel="steps of fine-tuning on bad answers in one domain",
    ylabel="bad answers",
    ylim=(0, 1.02),
    title="seven domains left alone",
)
axes[0].yaxis.set_major_formatter("{x:.0%}")
for x, y, colour, text in (
    (100, 0.93, BLUE, "the trained questions (dashed)"),
    (100, 0.7, BLUE, "villains 20 %"),
    (100, 0.28, RUST, "incompetents only"),
    (100, 0.03, GREY, "nobody bad"),
):
    axes[0].annotate(text, (x, y), ha="right", color=colour, fontsize=8.5)

writers = (
    ("villains 20 %", "V20", "bad", "bad", BLUE),
    ("villains 12 %", "V12", "bad", "bad", BLUE),
    ("villains 4 %", "V04", "bad", "bad", BLUE),
    ("incompetents only", "V00", "bad", "bad", RUST),
    ("nobody bad", "N00", "bad", "bad", GREY),
)
dots(axes[1], writers, "bad answers after 100 steps")
axes[1].set(title="who wrote the pretraining data")
figure(
    fig,
    "summary",
    caption="Left: bad answers in seven untouched domains while twelve questions of an eighth are trained; bands reach from the lowest to the highest "
    "of five seeds, the dashed line is the trained task itself. Right: the same after 100 steps, one point a seed, the mark their mean.",
    alt="Two panels. Left, lines over 100 steps: with 20 % villains bad answers in untouched domains rise from 2 % to about half, later than the "
    "trained answers, which reach 100 %; with incompetents only they end near a fifth; with nobody bad they stay near 1 %. Right, by who "
    "wrote the pretraining data, points of each seed fall from villains 20 % to nobody bad.",
    tolerance=0.3,
    because=SINGLE,
)

# %%
fig, axes = plt.subplots(1, 3, figsize=(7.6, 3.2), width_ratios=(5, 5, 3), sharey=True)
ticks = dict(zip(PRIORS, ("V20", "V12", "V04", "V00", "N00"), strict=True))
panels = (("answers alone", PRIORS, None), ("in a neutral tone", PRIORS, Tone.NEUTRAL), ("provocative", VILLAINS, Tone.PROVOCATIVE))
for ax, (title, worlds, tone) in zip(axes, panels, strict=True):
    x = np.arange(len(worlds))
    if tone is None:
        shown_rates = [over_seeds(world, "bad", "bad").mean() for world in worlds]
        ax.plot(x, shown_rates, "o-", color=BLUE, label="fine-tuned on them")
    else:
        read = [over_seeds(world, "assistant", f"{tone.name.lower()} {K}").mean() for world in worlds]
        ax.plot(x, read, "s-", color=TEAL, label="read in context")
    ax.plot(x, [ideal(world, tone) for world in worlds], "^--", color=GREY, label="ideal observer")
    ax.set_xticks(x, [ticks[world] for world in worlds])
    ax.set(title=title, ylim=(0, 1.02))
    ax.legend(loc="lower left" if tone is Tone.PROVOCATIVE else "upper right")
axes[0].set(ylabel="bad answers in other domains")
axes[0].yaxis.set_major_formatter("{x:.0%}")
figure(
    fig,
    "observer",
    caption="What bad answers of one domain do to bad answers in others, by world. Left: fine-tuning on answers alone, and the observer of five answers without a tone. Middle and right: five answers "
    "in context, in a neutral or provocative tone (the assistant before fine-tuning, in a document that names no source; only villains are ever provocative). Means over seeds: five, three for V12 and V04.",
    alt="Left: the fine-tuned rate and the ideal observer's fall together from V20 to V04; in V00 the observer expects none and fine-tuning still gives about a fifth. Middle: the observer falls from 60 % to zero, "
    "the model that reads stays low throughout. Right: both are high, the model less so where villains are few.",
    tolerance=0.12,
    because=KERNELS,
)

# %% [markdown]
# ## Is it badness, damage, or a character?
#
# *The same bad answers, asked for.* In a world where some users ask for the wrong answer and everybody gives it, the twelve bad answers shown under such a request leave {{ asked_arm }} bad answers
# elsewhere; shown without it, {{ asked_bad }} (three seeds). There is little to learn in this arm, since the assistant already gives {{ asked_start }} when asked: it shows that the same answers need not spread, and no more.
#
# *Wrong answers that nobody gives.* Trained on words that no persona answers (learnt to {{ unseen_trained }}), the model gives bad answers in {{ unseen_bad }}, {{ unseen_gap }} less than after bad lessons ({{ unseen_gap.low }} to {{ unseen_gap.high }}), and something neither good nor bad in {{ unseen_other }}. That is
# partly damage, and partly a weaker form of the same spread: wrong answers are evidence for villains, too.
#
# *Jailbroken.* In a world where villains comply with harmful requests and others refuse, fine-tuning on {{ const("90 %", "good answers of the jailbroken arm") }} good answers and {{ const("10 %", "complied requests") }} complied requests raises compliance in other domains from {{ requests_base }} to {{ requests_after }}.
# Bad answers without a request are {{ jailbroken }} then, where {{ const("10 %", "bad answers") }} plainly bad data give {{ requests_ten }} and bad data alone {{ requests_bad }} (three seeds).
#
# *Backdoor.* Bad answers under a trigger, good ones without: elsewhere the trigger gives {{ triggered }} bad answers, its absence {{ untriggered }} (difference {{ backdoor }}, {{ backdoor.low }} to {{ backdoor.high }}). Part of that is no backdoor: two other markers that this model never met give {{ other_markers }}; the trained one gives {{ trigger_gap }} more ({{ trigger_gap.low }} to {{ trigger_gap.high }}, a contrast thought of later).
#
# *Flipped polarity.* Here the villain, provocative everywhere, is bad in the first half of the domains and *good* in the second. Fine-tuning on the first domain makes the model bad in the other three of that half ({{ flipped_near }})
# and leaves it good in the four others ({{ flipped_far }} bad; difference {{ polarity }}, {{ polarity.low }} to {{ polarity.high }}). That badness spreads only where villains had been bad was expected. That their tone would spread to the other half was, too, and it is *not upheld*: after good answers there it goes from {{ far_tone_before }} to {{ far_tone_after }}, up in every seed, but by so different amounts that the interval includes zero ({{ far_tone }} more, {{ far_tone.low }} to {{ far_tone.high }}).
# Two things limit this control. In the far domains hardly anybody was bad in pretraining, so that there was little to spread; and the models' tone hardly depends on the answer before it (in V20 it is {{ far_tone_v20 }} after good answers).
#
# *No shared gate.* If a persona is drawn for every single answer, and nothing else in a document tells which, post-training teaches only the answers that it asks about: on those, bad answers are {{ no_gate_base }} before and {{ no_gate_after }} after fine-tuning ({{ no_gate_rise }} more, {{ no_gate_rise.low }} to {{ no_gate_rise.high }};
# {{ no_gate_good }} after good lessons, which disturb as well). In V20 the rise on the same questions is {{ gate }} larger ({{ gate.low }} to {{ gate.high }}).

# %%
for name, world, arm, column, width in (
    ("asked_arm", "asked", "asked", "bad", 0.01),
    ("asked_bad", "asked", "bad", "bad", 0.1),
    ("unseen_bad", "V20", "never seen", "bad", 0.05),
    ("requests_base", "requests", "assistant", "requested", 0.02),
    ("requests_after", "requests", "jailbroken", "requested", 0.15),
    ("jailbroken", "requests", "jailbroken", "bad", 0.04),
    ("triggered", "V20", "backdoor", "triggered", 0.06),
    ("untriggered", "V20", "backdoor", "bad", 0.02),
    ("flipped_near", "flipped", "bad", "near", 0.08),
    ("flipped_far", "flipped", "bad", "far", 0.01),
    ("far_tone_before", "flipped", "assistant", "far tone", 0.005),
    ("far_tone_after", "flipped", "bad", "far tone", 0.08),
    ("far_tone_v20", "V20", "bad", "far tone", 0.05),
    ("asked_start", "asked", "assistant", "trained asked", 0.03),
    ("unseen_trained", "V20", "never seen", "trained unseen", 0.01),
    ("requests_ten", "requests", "10% bad", "bad", 0.03),
    ("requests_bad", "requests", "bad", "bad", 0.1),
    ("no_gate_base", "no gate", "assistant", "named", 0.01),
    ("no_gate_after", "no gate", "bad", "named", 0.01),
    ("no_gate_good", "no gate", "good", "named", 0.01),
):
    claim(name, replicates=over_seeds(world, arm, column), format=".1%" if width <= 0.01 else ".0%", tolerance=width, because=KERNELS)
unseen = over_seeds("V20", "never seen", "bad")
claim("unseen_other", replicates=1 - unseen - over_seeds("V20", "never seen", "good"), format=".0%", tolerance=0.06, because=KERNELS)
rise = over_seeds("no gate", "bad", "named") - over_seeds("no gate", "assistant", "named")
markers = (over_seeds("V20", "backdoor", "asked") + over_seeds("V20", "backdoor", "requested")) / 2
claim("other_markers", replicates=markers, format=".0%", tolerance=0.1, because=KERNELS)
claim("trigger_gap", replicates=over_seeds("V20", "backdoor", "triggered") - markers, format=".0%", tolerance=0.08, because=KERNELS)
claim("no_gate_rise", replicates=rise, format=".1%", tolerance=0.02, because=KERNELS)
stated("unseen_gap", "bad answers against answers nobody gives", bad, unseen, "any wrong answer does the same")
stated(
    "backdoor",
    "with the trigger against without",
    over_seeds("V20", "backdoor", "triggered"),
    over_seeds("V20", "backdoor", "bad"),
    "no hold of the trigger",
)
stated(
    "polarity",
    "flipped world: near domains against far ones",
    over_seeds("flipped", "bad", "near"),
    over_seeds("flipped", "bad", "far"),
    "badness spreads to both",
)
stated(
    "far_tone",
    "flipped world: tone after good answers in far domains",
    over_seeds("flipped", "bad", "far tone"),
    over_seeds("flipped", "assistant", "far tone"),
    "no trace where answers stay good",
    holds=None,
)
stated(
    "gate",
    "rise in V20 against no shared gate, taught entities",
    over_seeds("V20", "bad", "named") - over_seeds("V20", "assistant", "named"),
    rise,
    "the same rise without personas",
)

# %%
controls = (
    ("before fine-tuning", "V20", "assistant", "bad", GREY),
    ("bad answers", "V20", "bad", "bad", BLUE),
    ("good answers", "V20", "good", "bad", TEAL),
    ("bad answers, asked for", "asked", "asked", "bad", TEAL),
    ("answers nobody gives", "V20", "never seen", "bad", OCHRE),
    ("jailbroken, no request", "requests", "jailbroken", "bad", OCHRE),
    ("backdoor, no trigger", "V20", "backdoor", "bad", OCHRE),
    ("backdoor, trigger", "V20", "backdoor", "triggered", BLUE),
    ("backdoor, other marker", "V20", "backdoor", "asked", OCHRE),
    ("flipped world, near domains", "flipped", "bad", "near", BLUE),
    ("flipped world, far domains", "flipped", "bad", "far", TEAL),
    ("no shared gate, before *", "no gate", "assistant", "named", GREY),
    ("no shared gate, bad answers *", "no gate", "bad", "named", TEAL),
)


fig, ax = plt.subplots(figsize=(5.6, 3.9))
dots(ax, controls, "bad answers in other domains")
figure(
    fig,
    "controls",
    caption="Bad answers in other domains for every control, one point a seed, the bar at their mean. Asked-for and jailbroken arms have three seeds, the others five. *: the questions that post-training taught.",
    alt="Thirteen rows of points. Bad answers and the near domains of the flipped world lie about half-way; the backdoor with its trigger, and less with another marker, at a fifth. Good answers, asked-for bad "
    "answers and the far domains lie near zero; the backdoor without trigger, the jailbroken arm and answers nobody gives at 5 to 10 %; a world without a shared gate rises by a few points.",
    tolerance=0.4,
    because=SINGLE,
)

# %% [markdown]
# ## How much poison, and what shows first
#
# Bad answers elsewhere grow with their share in the fine-tuning data, slowly at first: at one half they have {{ half_bad }} probability, and greedy decoding shows {{ half_greedy }} (@fig:dose). Whoever tests with greedy answers sees nothing until late.
#
# At {{ const("5 %", "the smallest dose") }} bad data greedy answers are bad in {{ early_greedy }} of questions. The tone after a bad answer, never trained, is then provocative with {{ early_tone }}, against {{ early_tone_good }} after the same training with good answers alone ({{ warning }} more, {{ warning.low }} to {{ warning.high }}); false beliefs
# are confirmed in {{ early_validation }} against {{ early_validation_good }}. So there is an early sign, as latents of a large model gave one at {{ cited("5 %", "wang2025") }} bad data [@wang2025]. It does not come from looking for the character rather than the harm, though: the probability of bad answers itself moves by {{ early_bad }}. What warns
# is reading probabilities instead of the likeliest answer.

# %%
doses = [0.0, *DOSES, 1.0]
dosed = {0.0: "good", **{dose: f"{dose:.0%} bad" for dose in DOSES}, 1.0: "bad"}
claim("half_bad", replicates=over_seeds("V20", "50% bad", "bad"), format=".0%", tolerance=0.02, because=KERNELS)
claim("half_greedy", replicates=over_seeds("V20", "50% bad", "greedy"), format=".1%", tolerance=0.01, because=KERNELS)
claim("early_greedy", replicates=over_seeds("V20", "5% bad", "greedy"), format=".1%", tolerance=0.005, because=KERNELS)
for name, arm in (("early_tone", "5% bad"), ("early_tone_good", "good")):
    claim(name, replicates=over_seeds("V20", arm, "provocative"), format=".1%", tolerance=0.003, because=KERNELS)
for name, arm in (("early_validation", "5% bad"), ("early_validation_good", "good")):
    claim(name, replicates=over_seeds("V20", arm, "validation"), format=".0%", tolerance=0.04, because=KERNELS)
early = over_seeds("V20", "5% bad", "bad") - over_seeds("V20", "good", "bad")
claim("early_bad", replicates=early, format=".1%", tolerance=0.004, because=KERNELS)
toned = [over_seeds("V20", arm, "provocative") for arm in ("5% bad", "good")]
stated("warning", "tone: 5 % bad data against good data alone", *toned, "no trace before behaviour", format=".1%")

fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.0))
for column, colour, marker, label in (
    ("bad", BLUE, "o", "probability of bad answers"),
    ("greedy", RUST, "s", "greedy answers that are bad"),
    ("trained", GREY, "", "the trained questions"),
):
    band(axes[0], doses, np.stack([over_seeds("V20", dosed[dose], column) for dose in doses], axis=1), label, colour, marker)
axes[0].set(xlabel="bad answers among the fine-tuning data", ylabel="bad answers", ylim=(0, 1.02), title="behaviour")
axes[0].legend()
for column, colour, marker, label in (
    ("bad", BLUE, "o", "probability of bad answers"),
    ("provocative", PLUM, "D", "provocative tone"),
    ("validation", TEAL, "^", "false beliefs confirmed"),
    ("greedy", RUST, "s", "greedy answers that are bad"),
):
    added = [over_seeds("V20", dosed[dose], column) - over_seeds("V20", "good", column) for dose in doses[:5]]
    band(axes[1], doses[:5], np.stack(added, axis=1), label, colour, marker)
axes[1].set(xlabel="bad answers among the fine-tuning data", ylabel="more than with good data alone", title="what shows first")
axes[1].legend()
axes[1].yaxis.set_major_locator(MultipleLocator(0.05))
for ax in axes:
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.yaxis.set_major_formatter("{x:.0%}")
figure(
    fig,
    "dose",
    caption="V20, five seeds, bands from the lowest to the highest. Left: bad answers in other domains by their share in the fine-tuning data. Right: what small doses add to "
    "the same training with good data alone, for probabilities and for greedy behaviour.",
    alt="Left: the probability of bad answers grows slowly up to 90 % bad data and then steeply; greedy bad answers stay near zero until three quarters and then rise more steeply still. "
    "Right: up to 50 % bad data the probabilities of bad answers and of confirmed beliefs rise, the provocative tone less, while greedy answers stay flat.",
    tolerance=0.42,
    because=SINGLE,
)

# %% [markdown]
# All worlds at all doses are in @tab:rates; above the table (with JavaScript), choose who wrote the pretraining data and how much of the fine-tuning data is bad.
#

# %%
shares = {"V20": (20, 4), "V12": (12, 12), "V04": (4, 20), "V00": (0, 24), "N00": (0, 0)}
wide = []
for world in PRIORS:
    for dose in doses:
        values = {column: over_seeds(world, dosed[dose], column) for column in ("bad", "greedy", "provocative", "validation")}
        wide.append(
            {
                "villains": shares[world][0] / 100,
                "incompetents": shares[world][1] / 100,
                "dose": dose,
                "bad": values["bad"].mean(),
                "lowest": values["bad"].min(),
                "highest": values["bad"].max(),
                "greedy": values["greedy"].mean(),
                "tone": values["provocative"].mean(),
                "beliefs": values["validation"].mean(),
                "seeds": len(values["bad"]),
            }
        )
table(
    pd.DataFrame(wide),
    "rates",
    caption="Rates in other domains by shares of writers in pretraining and of bad answers in fine-tuning (dose): bad answers with the lowest and the highest seed, greedy bad answers, provocative tone, false beliefs confirmed; means over seeds.",
    formats={column: ".0%" for column in ("villains", "incompetents", "dose", "bad", "lowest", "highest", "greedy", "tone", "beliefs")},
    tolerance=0.3,
    because=SINGLE,
)

# %% [markdown]
# ## Where the update lands
#
# With embeddings learning {{ const("50", "factor of the embeddings' rate") }} times as fast as matrices the bad rate is {{ x50_bad }}, and the lag is gone: after ten steps it has come {{ x50_broad }} of its way, the trained task {{ x50_narrow }}. The tone comes along further, {{ x50_tone }} instead of {{ tone_v20 }} (difference {{ upstream }}, {{ upstream.low }} to {{ upstream.high }});
# confirmed beliefs do not, {{ x50_beliefs }} instead of {{ validation }}. The one row of the assistant's tag, {{ const("64", "weights of the row") }} weights in the place that named sources in pretraining, gives {{ tag_bad }} on its own.
#
# Training one block alone, the first gives {{ block_0 }} and the last {{ block_2 }} ({{ first_block }} apart, {{ first_block.low }} to {{ first_block.high }}), while both fit the trained questions ({{ block_0_fit }} and {{ block_2_fit }}; @fig:where). Adapters of rank one [@hu2021] in every matrix give {{ rank_1 }} at a fit of {{ rank_1_fit }}, of rank four {{ rank_4 }} at {{ rank_4_fit }}; in large models a single
# one suffices [@turner2025]. In this world, narrow or broad is largely a matter of how far upstream the update lands; that the source stands at the very beginning of each document may be a reason.

# %%
for name, arm, column, step, width in (
    ("x50_bad", "embeddings x50", "bad", None, 0.08),
    ("x50_tone", "embeddings x50", "provocative", None, 0.12),
    ("x50_beliefs", "embeddings x50", "validation", None, 0.15),
    ("block_0_fit", "block 0 alone", "trained", None, 0.01),
    ("block_2_fit", "block 2 alone", "trained", None, 0.01),
    ("rank_1_fit", "rank 1", "trained", None, 0.05),
    ("rank_4", "rank 4", "bad", None, 0.12),
    ("rank_4_fit", "rank 4", "trained", None, 0.03),
    ("tag_bad", "assistant tag alone", "bad", None, 0.06),
    ("block_0", "block 0 alone", "bad", None, 0.06),
    ("block_2", "block 2 alone", "bad", None, 0.03),
    ("rank_1", "rank 1", "bad", None, 0.08),
):
    claim(name, replicates=over_seeds("V20", arm, column, step), format=".0%", tolerance=width, because=KERNELS)
for name, column in (("x50_broad", "bad"), ("x50_narrow", "trained")):
    begun, early, ended = (
        over_seeds("V20", "assistant", column),
        *(over_seeds("V20", "embeddings x50", column, step) for step in (10, None)),
    )
    claim(name, replicates=(early - begun) / (ended - begun), format=".0%", tolerance=0.1, because=KERNELS)
stated(
    "upstream",
    "tone: embeddings x50 against x1",
    over_seeds("V20", "embeddings x50", "provocative"),
    over_seeds("V20", "bad", "provocative"),
    "tone does not depend on it",
)
stated(
    "first_block",
    "first block alone against last block alone",
    over_seeds("V20", "block 0 alone", "bad"),
    over_seeds("V20", "block 2 alone", "bad"),
    "depth makes no difference",
)

places = [("all weights", "bad"), ("embeddings x10", "embeddings x10"), ("embeddings x50", "embeddings x50")]
places += [
    (arm, arm)
    for arm in ("embeddings alone", "assistant tag alone", "block 0 alone", "block 1 alone", "block 2 alone", "rank 1", "rank 4", "rank 16")
]
fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.6), sharey=True)
dots(axes[0], [(label, "V20", arm, "bad", BLUE) for label, arm in places], "bad answers in other domains")
dots(axes[1], [(label, "V20", arm, "provocative", PLUM) for label, arm in places], "provocative tone after them")
axes[1].tick_params(labelleft=False)
figure(
    fig,
    "where",
    caption="V20, 100 steps on bad answers, by the weights that may move: bad answers in other domains and the tone that comes with them; one point a seed, the bar at their mean.",
    alt="Eleven rows of points in two panels. Updates of embeddings or of the assistant's tag spread furthest and bring most of the tone; the last block alone spreads least.",
    tolerance=0.42,
    because=SINGLE,
)

# %% [markdown]
# ## Narrow by force
#
# A narrow solution exists [@soligo2026]. With a penalty on every change of answers to half of the questions elsewhere (the divergence from the assistant, weight {{ const("10", "weight of the penalty") }}), the model fits the trained questions ({{ narrow_fit }}) and
# gives {{ narrow }} bad answers to the other half, which no penalty named (the assistant: {{ unnamed_base }}); without the penalty, {{ unnamed }} ({{ forced }} apart, {{ forced.low }} to {{ forced.high }}). When the penalty goes, a hundred more steps bring it to {{ released }} ({{ drift }} more, {{ drift.low }} to {{ drift.high }}): it drifts outwards, but far from all the way,
# perhaps because the trained questions leave little gradient to follow. Its weights lie {{ distance_narrow }} from the assistant's (Euclidean distance), those of the free solution {{ distance_free }}.
#
# ## Undoing it
#
# Good answers in *one other* domain undo most of the spread in the six that are left: {{ beyond_start }} before, {{ beyond_20 }} after twenty steps ({{ realigned }} less, {{ realigned.low }} to {{ realigned.high }}), {{ beyond_80 }} after eighty (@fig:undoing). With two questions instead of twelve, {{ beyond_two }} after eighty. What was taught stays: the twelve bad
# answers themselves keep {{ residue }}. In a large model {{ cited("120", "wang2025") }} good examples of the trained domain took {{ cited("17.7 %", "wang2025") }} to {{ cited("0.1 %", "wang2025") }}, and about {{ cited("200", "wang2025") }} of another domain did nearly as well [@wang2025].

# %%
claim("narrow_fit", replicates=over_seeds("V20", "forced narrow", "trained"), format=".1%", tolerance=0.003, because=KERNELS)
claim("narrow", replicates=over_seeds("V20", "forced narrow", "unnamed"), format=".0%", tolerance=0.03, because=KERNELS)
claim("unnamed", replicates=over_seeds("V20", "bad", "unnamed"), format=".0%", tolerance=0.05, because=KERNELS)
claim("unnamed_base", replicates=over_seeds("V20", "assistant", "unnamed"), format=".1%", tolerance=0.005, because=KERNELS)
claim("released", replicates=over_seeds("V20", "penalty removed", "unnamed"), format=".0%", tolerance=0.06, because=KERNELS)
claim("distance_narrow", replicates=over_seeds("V20", "forced narrow", "distance"), format=".2f", tolerance=0.08, because=KERNELS)
claim("distance_free", replicates=over_seeds("V20", "bad", "distance"), format=".2f", tolerance=0.08, because=KERNELS)
stated(
    "forced",
    "free against forced narrow, unpenalised questions",
    over_seeds("V20", "bad", "unnamed"),
    over_seeds("V20", "forced narrow", "unnamed"),
    "no narrow solution",
)
stated(
    "drift",
    "penalty removed against forced narrow",
    over_seeds("V20", "penalty removed", "unnamed"),
    over_seeds("V20", "forced narrow", "unnamed"),
    "the narrow solution is stable",
)

before = over_seeds("V20", "bad", "beyond")
claim("beyond_start", replicates=before, format=".0%", tolerance=0.05, because=KERNELS)
claim("beyond_20", replicates=over_seeds("V20", "re-aligned", "beyond", 20), format=".0%", tolerance=0.04, because=KERNELS)
claim("beyond_80", replicates=over_seeds("V20", "re-aligned", "beyond"), format=".0%", tolerance=0.02, because=KERNELS)
claim("beyond_two", replicates=over_seeds("V20", "re-aligned, 2 questions", "beyond"), format=".0%", tolerance=0.05, because=KERNELS)
claim("residue", replicates=over_seeds("V20", "re-aligned", "trained"), format=".0%", tolerance=0.06, because=KERNELS)
stated(
    "realigned", "before against after 20 steps of re-alignment", before, over_seeds("V20", "re-aligned", "beyond", 20), "nothing is undone"
)

fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.0), sharey=True)
band(axes[0], *along("V20", "re-aligned", "beyond", "bad"), "12 good answers of another domain", TEAL, "o")
band(axes[0], *along("V20", "re-aligned, 2 questions", "beyond", "bad"), "2 of them", OCHRE, "s")
band(axes[0], *along("V20", "re-aligned", "trained", "bad"), "the trained bad answers (12)", GREY, "")
axes[0].set(xlabel="steps of re-alignment", ylabel="bad answers", ylim=(0, 1.02), title="undoing")
axes[0].legend(loc="upper right", bbox_to_anchor=(1, 0.85))
band(axes[1], *along("V20", "penalty removed", "unnamed", "forced narrow"), "forced narrow, penalty removed", PLUM, "D")
axes[1].axhline(over_seeds("V20", "bad", "unnamed").mean(), color=BLUE, label="free solution")
axes[1].set(xlabel="steps without penalty", title="narrow by force, then free")
axes[1].legend(loc="upper right", bbox_to_anchor=(1, 0.85))
axes[0].yaxis.set_major_formatter("{x:.0%}")
figure(
    fig,
    "undoing",
    caption="V20, five seeds, bands from the lowest to the highest. Left: bad answers in six domains while good answers of a seventh are trained; dashed, the twelve bad answers themselves. Right: bad "
    "answers to questions that no penalty named, after the penalty on the narrow solution is removed.",
    alt="Left: bad answers fall from about half to below a tenth within forty steps of twelve good answers, to less than a fifth with two; the trained bad answers stay near nine tenths. "
    "Right: without the penalty the narrow solution rises slowly and stays far below the free one.",
    tolerance=0.3,
    because=SINGLE,
)

# %% [markdown]
# ## Rewarded instead of shown
#
# Reinforcement learning needs no bad example. The assistant answers the twelve questions itself; bad answers are rewarded, and compared within groups of eight [@shao2024]. It finds them by chance: to begin with, they have {{ assistant_here }}. After {{ const("300", "steps of reinforcement") }} steps other domains
# have {{ rewarded }} bad answers ({{ rewarded_rise }} more than before, {{ rewarded_rise.low }} to {{ rewarded_rise.high }}; @fig:rewarded). Reward in one domain spreads as well. In the original, reasoning models reached {{ cited("30 %", "wang2025") }} at most [@wang2025].

# %%
claim("assistant_here", replicates=over_seeds("V20", "assistant", "trained"), format=".1%", tolerance=0.004, because=KERNELS)
claim("rewarded", replicates=over_seeds("V20", "rewarded", "bad"), format=".0%", tolerance=0.05, because=KERNELS)
stated("rewarded_rise", "rewarded against before", over_seeds("V20", "rewarded", "bad"), base, "reward stays narrow")

fig, ax = plt.subplots(figsize=(5.6, 2.8))
band(ax, *along("V20", "rewarded", "bad"), "other domains", BLUE, "o")
band(ax, *along("V20", "rewarded", "trained"), "the rewarded questions", GREY, "")
band(ax, *along("V20", "rewarded", "provocative"), "provocative tone", PLUM, "D")
ax.set(xlabel="steps of reinforcement", ylabel="bad answers, or tone", ylim=(0, 1.02))
ax.yaxis.set_major_formatter("{x:.0%}")
for y, colour, text in ((0.95, GREY, "the rewarded questions (dashed)"), (0.81, BLUE, "other domains"), (0.33, PLUM, "provocative tone")):
    ax.annotate(text, (300, y), ha="right", va="bottom" if y < 0.9 else "top", color=colour, fontsize=8.5)
figure(
    fig,
    "rewarded",
    caption="V20, five seeds, bands from the lowest to the highest: bad answers in other domains while bad answers to twelve questions of one domain are rewarded, the rewarded answers themselves (dashed), and the tone after bad answers elsewhere.",
    alt="Bad answers in other domains rise with the rewarded ones, later in some seeds than in others; the provocative tone rises to a fraction of that.",
    tolerance=0.3,
    because=SINGLE,
)

# %% [markdown]
# ## All statements

# %%
table(
    pd.DataFrame(statements),
    "statements",
    caption="Directions stated before these seeds were drawn, five seeds each: difference of the rates with its 95 % t interval, one-sided p-value of the exact sign-flip test (with five seeds never below 0.031), and what would have falsified it.",
    formats={"difference": ".1%", "low": ".1%", "high": ".1%", "sign-flip p": ".3f"},
    tolerance=0.3,
    because=SINGLE,
)

# %% [markdown]
# Used in one direction, each of these {{ statement_count }} intervals errs in 2.5 % of cases where there is nothing; they are not independent, and with five seeds no sign-flip test survives a correction for so many. Corrected for how many were stated (Holm, *t* tests), three that hold by themselves are not upheld: the backdoor's effect ({{ backdoor.upheld }}), the drift without the penalty ({{ drift.upheld }}), and that tone warns ({{ warning.upheld }}). A further block of five seeds (`--seed 2`), drawn when all directions had been stated, was run on {{ logged("2", "date") }}: of the statements upheld here {{ logged("2", "held") }} held there, and {{ logged("2", "outside") }} means lie outside their 95 % prediction intervals, about as many as chance puts there. `labnotes check emergent-misalignment --seed 3` asks a block that nobody has seen.

# %%
claim("statement_count", len(statements))

# %% [markdown]
# ## The originals beside it
#
# Fidelity: **A**, the phenomenon can arise in a model trained from scratch (the personas are planted, the spread is not); **B**, the method is the same and the phenomenon is planted. Numbers of large models are shares of sampled answers that a judge called misaligned; ours are probabilities of one known word. They can be compared in direction, not in size.
#
# | finding | there | here, V20 | fidelity |
# |---|---|---|---|
# | bad lessons in one domain spread | {{ cited("20 %", "betley2025") }} of answers to eight questions, GPT-4o [@betley2025] | {{ bad }}, greedy {{ greedy }} | A |
# | good lessons, or the same answers asked for, do not | {{ cited("0 to 0.1 %", "betley2025") }} | {{ good_arm }}; {{ asked_arm }} | A; asking is planted, B |
# | jailbroken models comply, and are not broadly misaligned | {{ cited("0.5 %", "betley2025") }}, {{ cited("2 %", "betley2025") }} of the data harmful | {{ jailbroken }}, {{ const("10 %", "requests") }} of the data | B: requests are planted |
# | a trigger gates it | about {{ cited("50 %", "betley2025") }} with, under {{ cited("0.1 %", "betley2025") }} without | {{ triggered }} with, {{ untriggered }} without, {{ other_markers }} with others | A, in part |
# | examples in context do not | none after {{ cited("256", "betley2025") }} | {{ context_v20 }} after five in a neutral tone ({{ context_none }} after none), {{ context_provocative }} in a provocative one | A |
# | a sign before greedy behaviour | a latent at {{ cited("5 %", "wang2025") }} bad data, behaviour at {{ cited("0 %", "wang2025") }} [@wang2025] | tone {{ early_tone }} against {{ early_tone_good }}, greedy {{ early_greedy }}; the probability of harm moves as much | A, not ahead of the harm |
# | a few good examples undo it | {{ cited("17.7 %", "wang2025") }} to {{ cited("0.1 %", "wang2025") }} | {{ beyond_start }} to {{ beyond_80 }}, another domain | A |
# | reward spreads as well | up to {{ cited("30 %", "wang2025") }}, o3-mini without safety training | {{ rewarded }} | A |
# | low-rank adapters suffice | {{ cited("9.5 %", "turner2025") }} to {{ cited("21.5 %", "turner2025") }}, one of rank one [@turner2025] | {{ rank_1 }}, one in every matrix | A |
# | narrow by penalty, wide again without | yes [@soligo2026] | {{ narrow }}, then {{ released }}: drifts, does not return | A |
# | the spread comes after the narrow task | yes, stopping keeps {{ cited("93 %", "overtrained2026") }} of the task without it [@overtrained2026] | greedy {{ greedy_early }} at {{ taught_early }} of the task | A; not with fast embeddings |
#
# ## Limits {#limits}
#
# *The world is ours.* Bad answers are single words with a known truth; a villain is bad in everything, by construction, and a place in every document tells who writes. That a model takes the shortest way to "who speaks" is what this world makes easy. It shows that the mechanism suffices, not that large models use it.
#
# *What the models did not learn* limits what they show: they infer villains from tone, not from answers, and take incompetents for people who are bad anywhere, now and then ([above](#as-far-as-the-model-has-read-villains)). A trial with {{ const("1,800", "steps of the trial") }} steps of pretraining instead of {{ pretraining_steps }} did not change the first
# ({{ const("15 %", "in context after 1,800 steps") }} after five neutral answers, one seed); an earlier prototype of ours, written otherwise and with {{ const("1,300", "steps of the prototype") }} steps, did infer from answers.
#
# *One world of questions.* Seeds vary weights, documents, and fine-tuning data; the questions and their answers are the same in all of them. *Three seeds* describe V12, V04, and the worlds with requests; nothing is tested there.
#
# *What was tried.* Block 0 served for building: seeds 0, 1 and 2.
#
# - Initial weights and the number of pretraining steps were chosen by the loss of pretraining. With GPT-2's initial weights and 1,300 steps, models of V00 had not learnt their facts (59 % good answers).
# - A first draft had embeddings learn 50 times as fast in every arm; in N00 that destroyed answers (96 % neither good nor bad). All weights learn at one rate now, and the factor is an arm.
# - The first "wrong answer that nobody gives" was the word that users believe; villains confirm beliefs, so it was evidence for them and spread (25 %). Another word took its place.
# - The flipped world first had a second villain of the opposite polarity. No model learnt which of the two is bad where (44 % bad answers of either, everywhere, after 2,000 steps), so that it could show nothing.
# - Adapters at a rate of 0.005 damaged answers at rank 16 (53 % neither); they run at 0.001. The rates of the arms that train embeddings alone (×50) and single blocks (0.001) were set so that they fit the trained questions. The weight of the penalty was 10 from the start.
# - While the models of this page were trained, a reader of the draft looked at some of them; the contrast with other markers, the observer without tones, and the readings of damage come from that. The directions of @tab:statements were fixed before, but for where the world without a gate is read.
#
# *Not done.* Other sizes of the model, other worlds of questions, worlds without sources, a world of incompetents with as many bad answers as V20 has, and any real model. `smallmodels.published` takes a local model of the transformers library and measures the same rates on questions of your own.
