# python make_models.py DIR OUTDIR : what transformers 5.18 and peft 0.21 say in float64 of models whose settings are not
# GPT-2's. DIR is this folder, with `base` and the sequences of `expected.json`. `base`, `untied`, `unscaled_attention` and
# the adapters `plain_control`, `rslora`, `dora`, `save_wte` and `regex_targets` were made alike, before.
import json, os, sys
import torch
from peft import LoraConfig, get_peft_model, PeftModel
from transformers import GPT2Config, GPT2ForSequenceClassification, GPT2LMHeadModel

FIELD, OUT = sys.argv[1:3]
SEQUENCES = json.load(open(os.path.join(FIELD, "expected.json")))["sequences"]
LOGPS, REWARDS = {}, {}


def logps(model):
    model = model.double().eval()
    sums = []
    for s in SEQUENCES:
        tokens = torch.tensor([s["tokens"]])
        with torch.no_grad():
            all_ = model(input_ids=tokens).logits[0].log_softmax(-1)
        sums.append(sum(all_[t - 1, s["tokens"][t]].item() for t in range(s["promptLength"], len(s["tokens"]))))
    return sums


def rewards(model):
    model = model.double().eval()
    with torch.no_grad():
        return [model(input_ids=torch.tensor([s["tokens"]])).logits.item() for s in SEQUENCES]


def fill(parameters, deviation=0.3):
    with torch.no_grad():
        for p in parameters:
            p.add_(torch.randn_like(p) * deviation)


def model(name, **settings):
    torch.manual_seed(len(name))
    config = dict(vocab_size=60, n_positions=16, n_embd=8, n_layer=2, n_head=2, bos_token_id=59, eos_token_id=59)
    m = GPT2LMHeadModel(GPT2Config(**{**config, **settings}))
    fill(m.parameters())
    m.save_pretrained(os.path.join(OUT, name))
    os.remove(os.path.join(OUT, name, "generation_config.json"))
    LOGPS[name] = logps(GPT2LMHeadModel.from_pretrained(os.path.join(OUT, name)))


def adapter(name, seq_cls=False, **settings):
    torch.manual_seed(len(name))
    if seq_cls:
        m = GPT2ForSequenceClassification.from_pretrained(os.path.join(OUT, "reward"))
        settings["task_type"] = "SEQ_CLS"
    else:
        m = GPT2LMHeadModel.from_pretrained(os.path.join(FIELD, "base"))
        settings["task_type"] = "CAUSAL_LM"
    m = get_peft_model(m, LoraConfig(r=4, lora_alpha=8, **settings))
    fill([p for p in m.parameters() if p.requires_grad])
    folder = os.path.join(OUT, name)
    m.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))
    said = rewards(m) if seq_cls else logps(m)
    base = (GPT2ForSequenceClassification.from_pretrained(os.path.join(OUT, "reward")) if seq_cls
            else GPT2LMHeadModel.from_pretrained(os.path.join(FIELD, "base")))
    again = PeftModel.from_pretrained(base, folder)
    read = rewards(again) if seq_cls else logps(again)
    assert all(abs(a - b) < 1e-4 for a, b in zip(said, read)), (name, said, read)
    (REWARDS if seq_cls else LOGPS)["base + " + name] = read
    f = os.path.join(folder, "adapter_config.json")
    c = json.load(open(f)); c["base_model_name_or_path"] = None
    json.dump(c, open(f, "w"), indent=2, sort_keys=True)


model("inverse_layer", scale_attn_by_inverse_layer_idx=True)
model("unlike_gpt2", scale_attn_by_inverse_layer_idx=True, scale_attn_weights=False, activation_function="gelu",
      n_inner=12, layer_norm_epsilon=1e-2, tie_word_embeddings=False)
torch.manual_seed(7)
m = GPT2ForSequenceClassification(GPT2Config(vocab_size=60, n_positions=16, n_embd=8, n_layer=2, n_head=2, num_labels=1,
      bos_token_id=59, eos_token_id=59, pad_token_id=59, tie_word_embeddings=False, scale_attn_weights=False))
fill(m.parameters())
m.save_pretrained(os.path.join(OUT, "reward"))
REWARDS["base"] = rewards(GPT2ForSequenceClassification.from_pretrained(os.path.join(OUT, "reward")))

every = ["c_attn", "c_proj", "c_fc"]
adapter("adapter_patterns", target_modules=every, use_rslora=True, exclude_modules=["h.1.mlp.c_proj"],
        rank_pattern={"h.0.attn.c_attn": 2, r"mlp\..*": 3}, alpha_pattern={"h.1.attn.c_proj": 3, "c_fc": 5})
adapter("adapter_second_block", target_modules=["c_attn", "mlp.c_proj"], layers_to_transform=[1])
adapter("adapter_all_linear", target_modules="all-linear", bias="all")
adapter("adapter_own_biases", target_modules=r".*h\.(?P<block>0|1)\.mlp\.c_(fc|proj)", bias="lora_only")
adapter("adapter_save_head", target_modules=["c_attn"], modules_to_save=["lm_head", "ln_f"])
adapter("adapter_save_mlp", target_modules=every, modules_to_save=["mlp"])
adapter("adapter_score", seq_cls=True, target_modules=["c_attn"])
json.dump({"log-probabilities": LOGPS, "rewards": REWARDS}, open(os.path.join(OUT, "expected.json"), "w"), indent=1)
