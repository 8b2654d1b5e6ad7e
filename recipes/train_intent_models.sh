#!/bin/sh
# Trains what the bundled intent model is made of, and what says how good it is. Two runs at a time, one thread each, so that each
# repeats bit for bit. Run it again after a stop: finished runs are kept, others go on after their last finished epoch.
#
#     recipes/train_intent_models.sh              the bundled model: build/model/bundled, the mean of two runs that left a quarter out each
#     recipes/train_intent_models.sh folds        the other two quarters: build/model/on-{2,3}
#     recipes/train_intent_models.sh varieties    trained on one variety, tested on the other: build/model/{au-gb,gb-au}-{0,1,2}
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
    xargs -P 2 -L 1 python recipes/train_intent_model.py --genuine "${GENUINE:-PolyAI/minds14}" ${SOUNDS:+--sounds "$SOUNDS"}
}

folds() { # each leaves one quarter of the genuine calls out, and goes on in a second round with more synthetic speech
    for fold in "$@"; do
        echo --fold $fold/4 --start-from build/model/speech --synthetic-en 400 --synthetic-ko 500 --epochs 5 --words 1 --lr 1.5e-4 \
            --out build/model/fold-$fold
    done | train
    for fold in "$@"; do
        echo --fold $fold/4 --start-from build/model/fold-$fold --synthetic-en 800 --synthetic-ko 800 --epochs 4 --full-epochs 0 \
            --words 1 --lr 1e-4 --out build/model/on-$fold
    done | train
}

# First synthetic speech alone. No genuine call is in it, so that every run below may start here, whatever it keeps out.
for seed in 0 1; do
    echo --train none --synthetic-en 1600 --synthetic-ko 1600 --epochs 5 --full-epochs 0 --merge 8 --seed $seed --out build/model/speech-$seed
done | train
python recipes/average_models.py build/model/speech-0 build/model/speech-1 --loosen 16 --out build/model/speech

case $part in
bundled)
    folds 0 1
    python recipes/average_models.py build/model/on-0 build/model/on-1 --out build/model/bundled
    ;;
folds)
    folds 2 3
    ;;
varieties)
    # Korean has nothing to tell about English calls: left out of these.
    for seed in 0 1 2; do
        set -- --start-from build/model/speech --synthetic-en 200 --synthetic-ko 0 --epochs 8 --words 1 --lr 1.5e-4 --seed $seed
        echo --train en-AU --test en-GB "$@" --out build/model/au-gb-$seed
        echo --train en-GB --test en-AU "$@" --out build/model/gb-au-$seed
    done | train
    ;;
esac
