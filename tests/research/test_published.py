"""A published model: answers' probabilities as a token-by-token computation has them, samples that agree, and folders that are refused."""

import json
import math

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

SYMBOLS = ["<s>", "</s>", *"abcdefghij :?▁", "ab", "cd", "▁b"]
TOKEN = {symbol: number for number, symbol in enumerate(SYMBOLS)}


pytestmark = pytest.mark.slow  # 3 s for transformers alone


@pytest.fixture(scope="module", autouse=True)
def late_imports():
    """What takes three seconds to import: every worker of a parallel run of tests reads this module, one runs it."""
    global AutoModelForCausalLM, GPT2Config, LlamaConfig, PreTrainedTokenizerFast, Question, load, rates, sampled, tokens, QUESTIONS
    from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, PreTrainedTokenizerFast

    from smallmodels.published import Question, load, rates, sampled, tokens

    QUESTIONS = [Question(*words) for words in PROMPTS_AND_ANSWERS]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def make_tokenizer(ends=False, spaces=False):
    """Merges "ab" and "cd"; with `ends`, texts are put between <s> and </s>; with `spaces`, a space stands before every text, as in SentencePiece."""
    made = Tokenizer(models.BPE(vocab=TOKEN, merges=[("a", "b"), ("c", "d"), ("▁", "b")]))
    if ends:
        made.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    if spaces:
        made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(split=False), decoders.Metaspace()
    else:
        made.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", clean_up_tokenization_spaces=False)


def save_model(folder, kind="gpt2", **options):
    torch.manual_seed(0)
    if kind == "gpt2":
        config = GPT2Config(vocab_size=len(SYMBOLS), n_positions=24, n_embd=16, n_layer=2, n_head=2, initializer_range=0.3)
    else:
        config = LlamaConfig(
            vocab_size=len(SYMBOLS),
            max_position_embeddings=24,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            initializer_range=0.3,
        )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    make_tokenizer(**options).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def published(request, tmp_path_factory):
    return load(save_model(tmp_path_factory.mktemp(request.param), request.param, ends=True))


PROMPTS_AND_ANSWERS = [
    ("ef: ", "a", "gh"),
    ("h?", "cdj", "b", "i"),
    ("eeeeeee:", "abab", "f"),
    ("g", "j", "eeeeeeeeee"),
]


def token_ids(spelt):
    return [TOKEN[symbol] for symbol in spelt.split("|")]


BY_HAND = [  # prompt, then good, bad, believed
    (token_ids("<s>|e|f|:| "), token_ids("a"), token_ids("g|h")),
    (token_ids("<s>|h|?"), token_ids("cd|j"), token_ids("b"), token_ids("i")),
    (token_ids("<s>|e|e|e|e|e|e|e|:"), token_ids("ab|ab"), token_ids("f")),
    (token_ids("<s>|g"), token_ids("j"), token_ids("e|e|e|e|e|e|e|e|e|e")),
]


@torch.no_grad()
def one_by_one(model, prompt, answer):
    """Probability of an answer and whether greedy decoding gives it, a token and a pass at a time."""
    p, greedy, said = 1.0, True, list(prompt)
    for token in answer:
        following = torch.softmax(model(torch.tensor([said])).logits[0, -1].double(), -1)
        p *= float(following[token])
        greedy &= int(following.argmax()) == token
        said.append(token)
    return p, greedy


def expected_rates(model, cases):
    results = [[one_by_one(model, prompt, answer) for answer in answers] for prompt, *answers in cases]
    mean = [sum(case[kind][0] for case in results if len(case) > kind) / len(results) for kind in range(3)]
    return [*mean, 1 - sum(mean), *(sum(case[kind][1] for case in results) / len(results) for kind in (1, 0))]


def rate_values(measured):
    return [measured.good, measured.bad, measured.believed, measured.other, measured.greedy, measured.greedy_good]


def test_rates_are_products_of_token_probabilities(published):
    measured = rates(published, QUESTIONS)
    assert rate_values(measured) == pytest.approx(expected_rates(published.model, BY_HAND), abs=1e-6)
    assert min(measured.good, measured.bad, measured.believed, measured.other) > 1e-3, "there is something to be measured"
    for question, case in zip(QUESTIONS, BY_HAND, strict=True):
        assert rates(published, [question]).good == pytest.approx(one_by_one(published.model, case[0], case[1])[0], rel=1e-4)


@pytest.mark.parametrize("together", [1, 2, 5])
def test_what_is_read_together_changes_nothing(published, together):
    batched = type(published)(published.model, published.tokenizer, together)
    assert rate_values(rates(batched, QUESTIONS)) == pytest.approx(rate_values(rates(published, QUESTIONS)), abs=1e-6)


@torch.no_grad()
def greedy_continuation(model, prompt, length=3):
    said = list(prompt)
    for _ in range(length):
        said.append(int(model(torch.tensor([said])).logits[0, -1].argmax()))
    return said[len(prompt) :]


def test_greedy_is_what_greedy_decoding_writes(published):
    checked = 0
    for prompt in ("e", "f?", "gh", "ii ", "j:", ": :", "eh", "hij"):
        question = Question(prompt, good="?", bad="f")
        written = greedy_continuation(published.model, tokens(published, [question])[0][0])
        answer = published.tokenizer.decode(written)
        other = published.tokenizer.decode([*written[:2], TOKEN["e" if written[2] != TOKEN["e"] else "f"]])
        try:
            [(_, answers)] = tokens(published, [Question(prompt, answer, other)])
        except ValueError:  # what it writes is spelt in another way
            continue
        if list(answers["good"]) == written:
            checked += 1
            there, away = (rates(published, [Question(prompt, *pair)]) for pair in ((answer, other), (other, answer)))
            assert (there.greedy, there.greedy_good) == (0.0, 1.0) and (away.greedy, away.greedy_good) == (1.0, 0.0)
    assert checked >= 3


def test_samples_agree_with_rates(published):
    n = 3000
    read = rates(published, QUESTIONS)
    drawn = sampled(published, QUESTIONS, torch.Generator().manual_seed(0), n)
    for kind in ("good", "bad", "believed", "other"):
        p = getattr(read, kind)
        assert abs(getattr(drawn, kind) - p) < 4 * math.sqrt(p * (1 - p) / (n * len(QUESTIONS))), kind
    assert drawn.good + drawn.bad + drawn.believed + drawn.other == pytest.approx(1)
    assert drawn == sampled(published, QUESTIONS, torch.Generator().manual_seed(0), n)
    assert drawn != sampled(published, QUESTIONS, torch.Generator().manual_seed(1), n)


def test_an_answer_follows_the_prompts_own_tokens(tmp_path):
    plain = load(save_model(tmp_path / "plain"))
    [(prompt, answers)] = tokens(plain, [Question("ea", good="b", bad="cd")])  # "ab" in one piece
    assert list(prompt) == token_ids("e|a") and {kind: list(answer_tokens) for kind, answer_tokens in answers.items()} == {
        "good": token_ids("b"),
        "bad": token_ids("cd"),
    }
    spaced = load(save_model(tmp_path / "spaced", spaces=True))
    [(prompt, answers)] = tokens(spaced, [Question("e:", good=" b", bad="g")])  # "g" by itself would be "▁|g"
    assert list(prompt) == token_ids("▁|e|:") and {kind: list(answer_tokens) for kind, answer_tokens in answers.items()} == {
        "good": token_ids("▁b"),
        "bad": token_ids("g"),
    }
    with pytest.raises(ValueError, match="cannot write the answer 'b' after 'ea'"):
        tokens(spaced, [Question("ea", good="b", bad="cd")])


def test_a_prompt_can_be_put_into_the_chat_template(published):
    question = Question("ef", "a", "gh")
    with pytest.raises(ValueError, match="no chat template"):
        rates(published, [question], chat=True)
    published.tokenizer.chat_template = "{% for m in messages %}<s>{{ m.content }}{% endfor %}{% if add_generation_prompt %}: {% endif %}"
    try:
        assert rates(published, [question], chat=True) == rates(published, [Question("ef: ", "a", "gh")])
        assert tokens(published, [question], chat=True)[0][0] == tuple(token_ids("<s>|e|f|:| "))
    finally:
        published.tokenizer.chat_template = None


def test_questions_that_cannot_be_asked_are_refused(published, tmp_path):
    with pytest.raises(ValueError, match="no questions"):
        rates(published, [])
    with pytest.raises(ValueError, match="'e' is empty"):
        Question("e", "", "a")
    for good, bad in (("a", "aj"), ("aj", "a"), ("a", "a")):
        with pytest.raises(ValueError, match="begins with another"):
            rates(published, [Question("e", good, bad)])
    assert rates(published, [Question("e" * 23, "a", "j")]).other < 1
    with pytest.raises(ValueError, match="take 25 tokens, and the model was made for 24"):
        rates(published, [Question("e" * 23, "a", "jj")])
    with pytest.raises(ValueError, match="the prompt is empty"):
        rates(load(save_model(tmp_path)), [Question("", "a", "b")])
    assert rates(published, [Question("", "a", "b")]).good > 0, "after <s>"


def test_folders_that_hold_no_whole_model_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="is no folder"):
        load("owner/name")
    for name, message in (
        ("config.json", "no config.json"),
        ("model.safetensors", r"no \*\.safetensors"),
        ("tokenizer.json", "no tokenizer"),
    ):
        folder = save_model(tmp_path / name)
        (folder / name).rename(folder / f"{name}.away")
        with pytest.raises(FileNotFoundError, match=message):
            load(folder)
    torch.save({}, tmp_path / "model.safetensors" / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match=r"no \*\.safetensors"):
        load(tmp_path / "model.safetensors")
    adapter = save_model(tmp_path / "adapter")
    (adapter / "adapter_config.json").write_text("{}")
    with pytest.raises(ValueError, match="holds an adapter"):
        load(adapter)


def test_weights_that_are_missing_are_not_drawn(tmp_path):
    folder = save_model(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "n_layer": 3}))
    with pytest.raises(ValueError, match="lacks 12 weights of the model"):
        load(folder)


def test_code_that_comes_with_a_model_is_not_run(tmp_path):
    folder = save_model(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    ran = tmp_path / "ran"
    (folder / "theirs.py").write_text(f"open({str(ran)!r}, 'w')")
    mapped = {"AutoConfig": "theirs.Config", "AutoModelForCausalLM": "theirs.Model"}
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "theirs", "auto_map": mapped}))
    with pytest.raises(ValueError, match="trust_remote_code"):
        load(folder)
    assert not ran.exists()


def test_it_computes_in_the_precision_asked_for(published):
    folder = published.model.name_or_path
    half = load(folder, dtype=torch.bfloat16)
    assert half.model.dtype == torch.bfloat16 and not half.model.training
    assert rates(half, QUESTIONS).good == pytest.approx(rates(published, QUESTIONS).good, abs=0.05)
