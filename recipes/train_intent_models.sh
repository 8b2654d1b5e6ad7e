#!/bin/sh
# Trains what the bundled intent model is made of, and what says how good it is. Two runs at a time, one thread each, so that each
# repeats bit for bit. Run it again after a stop: finished runs are kept, others go on after their last finished epoch.
#
#     recipes/train_intent_models.sh              the bundled model: build/model/bundled, from four runs that left a quarter out each
#     recipes/train_intent_models.sh varieties    English of one variety, tested on the other: build/model/{au-gb,gb-au}-{0,1,2}
#
# GENUINE: MInDS-14 as a folder in the Hub's layout (default: the Hub). SOUNDS: ESC-10 as one Parquet file (default: none).
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

train() { # reads the options of a run from each line
    xargs -P 2 -L 1 python recipes/train_intent_model.py --genuine "${GENUINE:-PolyAI/minds14}" ${SOUNDS:+--sounds "$SOUNDS"}
}

# First synthetic speech alone. No genuine call is in it, so that every run below may start here, whatever it keeps out.
for seed in 0 1; do
    echo --train none --synthetic-en 1600 --synthetic-ko 1600 --epochs 5 --full-epochs 0 --merge 8 --seed $seed --out build/model/speech-$seed
done | train
python recipes/average_models.py build/model/speech-0 build/model/speech-1 --loosen 16 --out build/model/speech

if [ "${1:-}" = varieties ]; then
    # Korean has nothing to tell about English calls: left out of these.
    for seed in 0 1 2; do
        set -- --start-from build/model/speech --synthetic-en 200 --synthetic-ko 0 --epochs 8 --words 1 --lr 1.5e-4 --seed $seed
        echo --train en-AU --test en-GB "$@" --out build/model/au-gb-$seed
        echo --train en-GB --test en-AU "$@" --out build/model/gb-au-$seed
    done | train
else
    for fold in 0 1 2 3; do
        echo --fold $fold/4 --start-from build/model/speech --synthetic-en 400 --synthetic-ko 500 --epochs 5 --words 1 --lr 1.5e-4 --out build/model/fold-$fold
    done | train
    python recipes/average_models.py build/model/fold-0 build/model/fold-1 build/model/fold-2 build/model/fold-3 --out build/model/bundled
fi
