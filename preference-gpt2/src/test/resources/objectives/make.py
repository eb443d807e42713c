"""Makes policy.safetensors, and trl.json: what TRL's own trainers compute of a tiny GPT-2 in double precision, and the gradients by its weights.

TRL 1.13 on transformers 5.18 and torch 2.13; `python make.py` in this folder.
"""
import collections, json, math, random, types
from unittest.mock import MagicMock

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
from trl.experimental.bco.bco_trainer import BCOTrainer, RunningMoments
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.kto_trainer import KTOTrainer
from trl.trainer.rloo_trainer import RLOOTrainer

TINY = "../golden-tiny/"
PAD = 0
rng = random.Random(11)


def model(name):
    made = GPT2LMHeadModel(GPT2Config(**json.load(open(TINY + "config.json")), attn_implementation="eager"))
    tensors = {k.removeprefix("transformer."): v for k, v in load_file(TINY + name).items()}
    missing, unexpected = made.transformer.load_state_dict(tensors, strict=False)
    assert not missing, missing
    made.tie_weights()
    return made.double().eval()


policy, reference = model("policy.safetensors"), model("reference.safetensors")
with torch.no_grad():  # larger differences than the file's, so that ratios are clipped and margins count
    generator = torch.Generator().manual_seed(3)
    for weight in policy.parameters():
        weight.copy_((weight + 0.15 * torch.randn(weight.shape, generator=generator)).float().double())
save_file({k: v.float().clone() for k, v in policy.transformer.named_parameters()}, "policy.safetensors")


def gradients():
    """Of every weight, its norm and its product with a fixed vector."""
    found = {}
    for name, weight in policy.transformer.named_parameters():
        g = weight.grad.flatten()
        found[name] = [float(g.norm()), float((g * torch.sin(0.37 * torch.arange(len(g)) + 0.3)).sum())]
    policy.zero_grad()
    return found


def accelerator():
    a = MagicMock()
    a.device = "cpu"
    a.gather_for_metrics = a.gather = lambda x: x
    a.reduce = lambda x, reduction=None: x
    a.num_processes = 1
    return a


def trainer(**settings):
    return types.SimpleNamespace(
        accelerator=accelerator(), model=types.SimpleNamespace(training=True, is_gradient_checkpointing=False), ref_model=reference,
        _metrics={"train": collections.defaultdict(list)}, aux_loss_enabled=False, precompute_ref_logps=False,
        _total_train_tokens=0, _tp_size=1, use_liger_kernel=False, _is_vlm=False,
        **{"args": types.SimpleNamespace(gradient_checkpointing_kwargs=None, discopop_tau=0.05), **settings})


def metrics(t):
    return {k: v[0] for k, v in t._metrics["train"].items() if k != "num_tokens"}


def draw(n):
    return [rng.randrange(1, 60) for _ in range(n)]


def padded(rows):
    longest = max(len(p) + len(c) for p, c in rows)
    ids, attention, completion = [], [], []
    for p, c in rows:
        pad = longest - len(p) - len(c)
        ids.append(p + c + [PAD] * pad)
        attention.append([1] * (len(p) + len(c)) + [0] * pad)
        completion.append([0] * len(p) + [1] * len(c) + [0] * pad)
    return torch.tensor(ids), torch.tensor(attention), torch.tensor(completion)


# Pairs

pairs = [(draw(p), draw(c), draw(r)) for p, c, r in [(4, 9, 3), (2, 5, 12), (7, 6, 6), (3, 1, 8)]]
# so that some tokens are the likeliest
for p, c, r in pairs[:2]:
    for response in (c, r):
        for t in range(0, len(response), 2):
            seen = torch.tensor([p + response[:t]])
            response[t] = int(policy(seen).logits[0, -1].argmax())


def dpo(**settings):
    usual = dict(beta=0.3, loss_types=["sigmoid"], loss_weights=[1.0], label_smoothing=0.0, f_divergence_type="reverse_kl",
                 ld_alpha=None, use_weighting=False)
    t = trainer(**{**usual, **settings})
    ids, attention, completion = padded([(p, c) for p, c, _ in pairs] + [(p, r) for p, _, r in pairs])
    loss = DPOTrainer._compute_loss(
        t, policy, dict(input_ids=ids, attention_mask=attention, completion_mask=completion), False)
    loss.backward()
    return {"loss": float(loss), "metrics": metrics(t), "gradients": gradients()}


# Single responses

responses = [(draw(3), draw(5), True), (draw(6), draw(4), False), (draw(2), draw(9), True), (draw(4), draw(1), False), (draw(5), draw(7), False)]
for i, (_, response, _) in enumerate(responses):  # likely after the next prompt, so that the divergence is above 0
    for t in range(0, len(response), 2):
        seen = torch.tensor([responses[(i + 1) % len(responses)][0] + response[:t]])
        response[t] = int(policy(seen).logits[0, -1].argmax())
kl = [(responses[i][0], responses[i - 1][1]) for i in range(len(responses))]


def kto(loss_type, beta, desirable, undesirable):
    calculates = loss_type == "kto"
    t = trainer(loss_type=loss_type, beta=beta, desirable_weight=desirable, undesirable_weight=undesirable,
                calculate_KL=calculates)
    t._compute_kl_logps = lambda m, b: KTOTrainer._compute_kl_logps(t, m, b)
    batch = dict(zip(["input_ids", "attention_mask", "completion_mask"], padded([r[:2] for r in responses])))
    batch["label"] = torch.tensor([r[2] for r in responses])
    if calculates:
        batch.update(zip(["KL_input_ids", "KL_attention_mask", "KL_completion_mask"], padded(kl)))
    loss = KTOTrainer._compute_loss(t, policy, batch, False)
    loss.backward()
    return {"loss": float(loss), "metrics": metrics(t), "gradients": gradients()}


def sums(m, rows):
    ids, attention, completion = padded(rows)
    logps = m(input_ids=ids, attention_mask=attention).logits[:, :-1].log_softmax(-1)
    logps = logps.gather(-1, ids[:, 1:, None])[..., 0]
    return (logps * completion[:, 1:]).sum(-1)


def bco(beta):
    """Two batches, so that the mean is of both in the second."""
    t = trainer(beta=beta, running=RunningMoments(accelerator()), match_underlying_distribution=False)
    found = []
    for part in (responses[:3], responses[3:]):
        chosen = [r[:2] for r in part if r[2]]
        rejected = [r[:2] for r in part if not r[2]]
        of = lambda m, rows: sums(m, rows) if rows else torch.zeros(0)
        with torch.no_grad():
            references = of(reference, chosen), of(reference, rejected)
        losses, _, _, delta = BCOTrainer.bco_loss(t, of(policy, chosen), of(policy, rejected), *references, None, None)
        losses.mean().backward()
        found.append({"loss": float(losses.mean()), "delta": float(delta), "gradients": gradients()})
    return found


# Sampled responses

prompts = [draw(4), draw(4)]
rollouts = [(prompts[i // 3], draw(n)) for i, n in enumerate([2, 7, 5, 3, 8, 1])]
rewards = [0.3, 1.7, -0.4, 2.0, 0.1, 0.6]
with torch.no_grad():
    ids, attention, completion = padded(rollouts)
    logps = policy(input_ids=ids, attention_mask=attention).logits[:, :-1].log_softmax(-1)
    logps = logps.gather(-1, ids[:, 1:, None])[..., 0]
    noise = torch.randn(logps.shape, generator=generator)
    drift = torch.tensor([0.1, -0.3, 0.25, -0.35, 0.3, 0.1])[:, None]
    old = logps + 0.2 * noise + drift  # of the policy that drew them
behaviour = [old[i, 3:3 + len(c)].tolist() for i, (_, c) in enumerate(rollouts)]


def advantages(kind):
    groups = torch.tensor(rewards).view(2, 3)
    centred = groups - groups.mean(1, keepdim=True)
    if kind == "leave_one_out":
        return (centred * 3 / 2).flatten()
    if kind == "normalised":
        return (centred / (groups.std(1, keepdim=True) + 1e-4)).flatten()
    return centred.flatten()


def sampled(compute, kind, **settings):
    usual = dict(epsilon_low=0.2, epsilon_high=0.2, beta=0.0, current_gradient_accumulation_steps=1, top_entropy_quantile=1.0,
                 off_policy_mask_threshold=None, importance_sampling_level="token", use_vllm=False,
                 _entropy_bonus_enabled=False, max_completion_length=8,
                 args=types.SimpleNamespace(delta=None, steps_per_generation=1, use_bias_correction_kl=False))
    t = trainer(**{**usual, **settings})

    def logps_and_entropies(m, input_ids, attention_mask, keep, **_):
        logits = m(input_ids=input_ids, attention_mask=attention_mask).logits[:, -keep - 1:-1]
        logs = logits.log_softmax(-1)
        return logs.gather(-1, input_ids[:, -keep:, None])[..., 0], -(logs.exp() * logs).sum(-1), None

    t._get_per_token_logps_and_entropies = logps_and_entropies
    mask = completion[:, 4:]
    a = advantages(kind)
    loss = compute(t, policy, dict(
        prompt_ids=ids[:, :4], prompt_mask=attention[:, :4], completion_ids=ids[:, 4:], completion_mask=mask,
        advantages=a, old_per_token_logps=old[:, 3:], old_logps=(old[:, 3:] * mask).sum(1),
        num_items_in_batch=mask.sum()))
    loss.backward()
    return {"advantages": a.tolist(), "loss": float(loss),
            "clip": t._metrics["train"]["clip_ratio/region_mean"][0], "gradients": gradients()}


def reinforce():
    """Plain PyTorch: minus the mean of advantage times log-probability."""
    a = advantages("leave_one_out")
    loss = -(a * sums(policy, rollouts)).mean()
    loss.backward()
    return {"advantages": a.tolist(), "loss": float(loss), "clip": 0.0, "gradients": gradients()}


def sft():
    """As TRL's SFT trainer: cross-entropy of a token, entropy and accuracy of tokens."""
    ids, attention, completion = padded([(p, c) for p, c, _ in pairs])
    logits = policy(input_ids=ids, attention_mask=attention).logits[:, :-1]
    keep = completion[:, 1:].bool()
    loss = F.cross_entropy(logits[keep], ids[:, 1:][keep])
    loss.backward()
    logs = logits[keep].log_softmax(-1)
    return {"loss": float(loss), "metrics": {
        "entropy": float(-(logs.exp() * logs).sum(-1).mean()),
        "mean_token_accuracy": float((logs.argmax(-1) == ids[:, 1:][keep]).double().mean())}, "gradients": gradients()}


json.dump({
    "pairs": pairs,
    "pair_losses": {
        "sigmoid": dpo(),
        "ld_sigmoid_0.3": dpo(ld_alpha=0.3),
        "ld_sigmoid_0.0": dpo(ld_alpha=0.0),
        "ld_sigmoid_norm_0.6": dpo(loss_types=["sigmoid_norm"], ld_alpha=0.6),
        "wpo_aligned_sigmoid": dpo(use_weighting=True),
        "ld_wpo_aligned_sigmoid_0.3": dpo(use_weighting=True, ld_alpha=0.3),
    },
    "responses": responses,
    "mismatched": kl,
    "response_losses": {
        "kto": kto("kto", 0.3, 1.0, 1.0),
        "kto_1.33_0.7": kto("kto", 0.5, 1.33, 0.7),
        "apo_zero_unpaired": kto("apo_zero_unpaired", 0.3, 1.0, 1.0),
    },
    "bco": bco(0.3),
    "rollouts": rollouts,
    "rewards": rewards,
    "behaviour": behaviour,
    "rollout_losses": {
        "reinforce": reinforce(),
        "ppo_clip_0.2": sampled(RLOOTrainer._compute_loss, "leave_one_out"),
        "grpo_0.2": sampled(GRPOTrainer._compute_loss, "normalised", loss_type="grpo", importance_sampling_level="sequence"),
        "dr_grpo_0.2_8": sampled(GRPOTrainer._compute_loss, "centred", loss_type="dr_grpo", importance_sampling_level="sequence"),
    },
    "token_losses": {
        "token_ppo_clip_0.2": sampled(GRPOTrainer._compute_loss, "leave_one_out", loss_type="bnpo"),
        "token_grpo_0.2": sampled(GRPOTrainer._compute_loss, "normalised", loss_type="grpo"),
        "token_dr_grpo_0.2_8": sampled(GRPOTrainer._compute_loss, "centred", loss_type="dr_grpo"),
        "token_dapo_0.2_0.28": sampled(GRPOTrainer._compute_loss, "normalised", loss_type="dapo", epsilon_high=0.28),
    },
    "sft": sft(),
}, open("trl.json", "w"))
