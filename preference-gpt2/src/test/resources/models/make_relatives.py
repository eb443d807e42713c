# python make_relatives.py : run in this folder. GPT-2's relatives in small, by the fields of their published configurations, and
# files of models as other programs leave them; what transformers 5.18 and peft 0.21 say of them in float64 is relatives.json.
import json, os, shutil
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2ForSequenceClassification, GPT2LMHeadModel

SEQUENCES = json.load(open("expected.json"))["sequences"]
LOGPS, REWARDS, GRADIENTS = {}, {}, {}


def logps(m):
    sums = []
    for s in SEQUENCES:
        all_ = m(input_ids=torch.tensor([s["tokens"]])).logits[0].log_softmax(-1)
        sums.append(sum(all_[t - 1, s["tokens"][t]] for t in range(s["promptLength"], len(s["tokens"]))))
    return torch.stack(sums)


def relative(name, **settings):
    torch.manual_seed(len(name))
    config = dict(vocab_size=60, n_positions=16, n_embd=8, n_layer=2, n_head=2, bos_token_id=59, eos_token_id=59)
    m = GPT2LMHeadModel(GPT2Config(**{**config, **settings}))
    with torch.no_grad():
        for p in m.parameters():
            p.add_(torch.randn_like(p) * 0.3)
    m.save_pretrained(name)
    os.remove(name + "/generation_config.json")
    said(name)


def said(name):
    m = GPT2LMHeadModel.from_pretrained(name).double().eval()
    found = logps(m)
    LOGPS[name] = found.tolist()
    (found * torch.tensor([0.7, -1.1, 0.4], dtype=torch.float64)).sum().backward()
    GRADIENTS[name] = {n.removeprefix("transformer."): [p.grad.norm().item(), p.grad.flatten()[p.numel() // 3].item()]
                       for n, p in m.named_parameters()}


relative("distil", n_layer=1, summary_type="cls_index", summary_use_proj=True, attn_pdrop=0.1,
         task_specific_params={"text-generation": {"do_sample": True, "max_length": 50}}, _num_labels=1)
relative("dialog", task_specific_params={"conversational": {"max_length": 1000}}, n_ctx=16, n_positions=16)
relative("cerebras", activation_function="gelu", n_inner=32, n_positions=24, attn_pdrop=0.0, reorder_and_upcast_attn=False,
         scale_attn_by_inverse_layer_idx=False, scale_attn_weights=True, use_cache=True)
relative("tanh", activation_function="gelu_pytorch_tanh")
for name in ["untied", "unscaled_attention", "inverse_layer", "unlike_gpt2"]:
    said(name)

# a classifier of three labels
torch.manual_seed(3)
m = GPT2ForSequenceClassification(GPT2Config(vocab_size=60, n_positions=16, n_embd=8, n_layer=1, n_head=2, num_labels=3,
                                             bos_token_id=59, eos_token_id=59, pad_token_id=59))
with torch.no_grad():
    for p in m.parameters():
        p.add_(torch.randn_like(p) * 0.3)
m.save_pretrained("labels")
m = GPT2ForSequenceClassification.from_pretrained("labels").double().eval()
with torch.no_grad():
    REWARDS["labels"] = [m(input_ids=torch.tensor([s["tokens"]])).logits[0].tolist() for s in SEQUENCES]

# weights as wrappers that were not taken off leave them
os.makedirs("wrapped", exist_ok=True)
shutil.copy("base/config.json", "wrapped/config.json")
tensors = load_file("base/model.safetensors")
torch.save({"_orig_mod.module." + n: t for n, t in tensors.items()}, "wrapped/pytorch_model.bin")

# adapters in peft's older file
base = GPT2LMHeadModel.from_pretrained("base")
m = PeftModel.from_pretrained(base, "adapter_own_biases")
m.save_pretrained("adapter_bin", safe_serialization=False)
if not os.path.exists("adapter_bin/adapter_model.bin"):
    torch.save(load_file("adapter_own_biases/adapter_model.safetensors"), "adapter_bin/adapter_model.bin")
for extra in ["README.md", "adapter_model.safetensors"]:
    if os.path.exists("adapter_bin/" + extra):
        os.remove("adapter_bin/" + extra)
shutil.copy("adapter_own_biases/adapter_config.json", "adapter_bin/adapter_config.json")

json.dump({"log-probabilities": LOGPS, "rewards": REWARDS, "gradients": GRADIENTS}, open("relatives.json", "w"), indent=1)
