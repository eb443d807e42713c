"""What transformers with PyTorch takes on the same device, and the speed of the device's matrix products, beside ours.

One JSON line. The update is that of DPO with a saved reference: policy forward and backward under autocast with bfloat16,
clipping, fused AdamW.
"""

import argparse
import json
import statistics
import sys
import time

import torch

SIZES = {"nano": (4, 128, 4), "small": (12, 768, 12), "medium": (24, 1024, 16), "large": (36, 1280, 20)}


def model(size, device):
    try:
        from transformers import GPT2Config, GPT2LMHeadModel
    except ImportError:
        sys.exit("peer.py: transformers is not there, so nothing is compared")
    layers, width, heads = SIZES[size]
    config = GPT2Config(n_layer=layers, n_embd=width, n_head=heads, vocab_size=4096 if size == "nano" else 50257)
    return GPT2LMHeadModel(config).to(device)


def wait(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def timed(work, device, warmup, steps):
    for _ in range(warmup):
        work()
    seconds = []
    for _ in range(steps):
        wait(device)
        start = time.perf_counter()
        work()
        wait(device)
        seconds.append(time.perf_counter() - start)
    return seconds


def matrix_rate(device):
    """Operations a second of the best of some products of bfloat16."""
    n = 8192 if device.type == "cuda" else 1024
    a = torch.randn(n, n, device=device, dtype=torch.bfloat16)
    b = torch.randn(n, n, device=device, dtype=torch.bfloat16)
    return 2 * n**3 / min(timed(lambda: a @ b, device, 3, 10))


def dpo(args, device, ours):
    policy = model(args.size, device).eval()
    policy.train()
    for module in policy.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    optimiser = torch.optim.AdamW(policy.parameters(), lr=1e-6, fused=True)
    rows = 2 * args.pairs
    tokens = torch.randint(0, policy.config.vocab_size, (rows, args.length), device=device)
    reference = torch.zeros(rows, device=device)
    half = args.length // 2

    def update():
        with torch.autocast(device.type, torch.bfloat16):
            logits = policy(tokens).logits
        own = torch.log_softmax(logits[:, half - 1 : -1].float(), -1)
        sums = own.gather(2, tokens[:, half:, None]).squeeze(2).sum(1) - reference
        loss = -torch.nn.functional.logsigmoid(0.1 * (sums[: args.pairs] - sums[args.pairs :])).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    seconds = timed(update, device, 2, args.steps)
    count = rows * args.length
    parameters = sum(p.numel() for p in policy.parameters())
    rate = matrix_rate(device)
    median = statistics.median(seconds)
    found = {
        "work": "peer dpo",
        "medianMillis": 1e3 * median,
        "tokensPerSecond": count / median,
        "bfloat16OperationsPerSecond": rate,
        "mfu": 6 * parameters * count / median / rate,
    }
    if device.type == "cuda":
        found["peakBytes"] = torch.cuda.max_memory_allocated(device)
    if ours:
        found["oursMfu"] = 6 * parameters * count / (ours["medianMillis"] / 1e3) / rate
    return found


def generate(args, device, ours):
    policy = model(args.size, device).eval().to(torch.bfloat16)
    rows = ours.get("prompts", 16) * ours.get("samples", 2) if ours else 32
    prompt = ours.get("promptLength", 64) if ours else 64
    new = ours.get("newTokens", 64) if ours else 64
    tokens = torch.randint(0, policy.config.vocab_size, (rows, prompt), device=device)

    def draw():
        with torch.no_grad():
            policy.generate(
                tokens,
                attention_mask=torch.ones_like(tokens),
                do_sample=True,
                temperature=0.7,
                max_new_tokens=new,
                min_new_tokens=new,
                pad_token_id=0,
            )

    median = statistics.median(timed(draw, device, 1, 3))
    return {"work": "peer generate", "medianMillis": 1e3 * median, "millisPerToken": 1e3 * median / new}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["dpo", "generate"])
    parser.add_argument("--size", choices=SIZES, default="large")
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--ours", help="the line that 'preference bench' printed")
    args = parser.parse_args()
    device = torch.device(args.device.replace("torch-cpu", "cpu"))
    ours = json.load(open(args.ours, encoding="utf-8")) if args.ours else None
    found = dpo(args, device, ours) if args.work == "dpo" else generate(args, device, ours)
    found.update(device=args.device, torch=torch.__version__, size=args.size)
    if ours:
        found["oursMedianMillis"] = ours["medianMillis"]
        found["timesFasterThanPeer"] = found["medianMillis"] / ours["medianMillis"]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
