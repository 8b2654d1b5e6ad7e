#!/bin/sh
# Trains what the bundled intent model is made of, and what says how good it is. Two runs at a time, one thread each, so that each
# repeats bit for bit. Run it again after a stop: finished runs are kept, others go on after their last finished epoch.
#
#     recipes/train_intent_models.sh              the bundled model, build/model/bundled: the mean of a run on en-AU and one on
#                                                 en-GB, each with synthetic English and Korean, tested on the variety it left out
#     recipes/train_intent_models.sh varieties    the same pair of runs with seeds 1 and 2: build/model/{au,gb}-{1,2}
#     recipes/train_intent_models.sh folds        two runs on both varieties, each without one half of the calls: build/model/fold-{0,1}
#
# GENUINE: MInDS-14 as a folder in the Hub's layout (default: the Hub). SOUNDS: ESC-10 as one Parquet file (default: none).
set -eu
part=${1:-bundled}
case $part in
bundled | folds | varieties) ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

train() { # reads the options of a run from each line
    xargs -r -P 2 -L 1 python recipes/train_intent_model.py --genuine "${GENUINE:-PolyAI/minds14}" ${SOUNDS:+--sounds "$SOUNDS"}
}

# What the frozen layers make of the clips, once for all runs: 13 GB.
for clips in en-AU en-GB synthetic-en synthetic-ko no-call; do
    [ -f build/model/heard-$clips.npy ] || echo --hear $clips --out build/model
done | train

pair() { # one run on each variety, for each seed
    for seed in "$@"; do
        echo --seed "$seed" --train en-AU --test en-GB --out "build/model/au-$seed"
        echo --seed "$seed" --train en-GB --test en-AU --out "build/model/gb-$seed"
    done | train
}

case $part in
bundled)
    pair 0
    python recipes/average_models.py build/model/au-0 build/model/gb-0 --out build/model/bundled --genuine "${GENUINE:-PolyAI/minds14}"
    ;;
varieties)
    pair 1 2
    ;;
folds)
    for fold in 0 1; do
        echo --fold "$fold/2" --out "build/model/fold-$fold"
    done | train
    ;;
esac
