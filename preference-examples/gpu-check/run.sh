#!/bin/sh
# Checks and measures a GPU with what 'gpu-check' packed, in the folder that holds its files.
#   run.sh [STEP...]     unpack, doctor, conformance, speed, peer, sampling; without one all of them, each below 10 minutes
# Environment: DEVICE (default cuda:0), SIZE (large), PAIRS (8), LENGTH (512), STEPS (5), PYTHON (python3).
set -eu
cd "$(dirname "$0")"
device=${DEVICE:-cuda:0}
size=${SIZE:-large}
pairs=${PAIRS:-8}
length=${LENGTH:-512}
steps=${STEPS:-5}
python=${PYTHON:-python3}

preference() {
    JAVA_HOME=$PWD/check/java check/preference-examples/bin/preference "$@"
}

step() {
    echo "== $1"
    case $1 in
        unpack)
            sha256sum --quiet -c sha256sums
            cat check.part-* | tar -xzf -
            ;;
        doctor)
            preference doctor
            ;;
        conformance)
            preference conformance check/golden --device "$device"
            preference conformance check/golden --device cpu
            ;;
        speed)
            for precision in FLOAT32 BFLOAT16; do
                preference bench dpo --size "$size" --pairs "$pairs" --length "$length" --device "$device" \
                    --precision $precision --warmup 2 --repeats "$steps" | tee -a measured.jsonl
            done
            ;;
        peer)
            # both in one call, so that both meet the same machine
            preference bench dpo --size "$size" --pairs "$pairs" --length "$length" --device "$device" \
                --precision BFLOAT16 --warmup 2 --repeats "$steps" | tee -a measured.jsonl | tail -n 1 > ours.json
            "$python" check/peer.py dpo --size "$size" --pairs "$pairs" --length "$length" --steps "$steps" \
                --device "$device" --ours ours.json | tee -a measured.jsonl
            ;;
        sampling)
            preference bench generate --size "$size" --device "$device" --precision BFLOAT16 --warmup 1 --repeats 2 \
                | tee -a measured.jsonl | tail -n 1 > sampled.json
            "$python" check/peer.py generate --size "$size" --device "$device" --ours sampled.json \
                | tee -a measured.jsonl
            ;;
        *)
            echo "run.sh: no step '$1'; steps: unpack doctor conformance speed peer sampling" >&2
            exit 2
            ;;
    esac
}

if [ $# -eq 0 ]; then
    set -- unpack doctor conformance speed peer sampling
fi
for each in "$@"; do
    step "$each"
done
