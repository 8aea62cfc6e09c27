#!/bin/sh
# Train the published network and ours three times each on the set of make_default.sh, and judge
# all six on its test part; `python -m benchmarks.networks FOLDER` then prints them side by side:
#   sh models/btsbot/compare.sh FOLDER           (some three hours on 2 cores)
set -eu
folder=$1
skysift=${SKYSIFT:-skysift}

for config in mm_cnn_short compact; do
    for seed in 2 3 4; do
        run="$folder/runs/$config-$seed"
        $skysift train btsbot --config $config --set "$folder/set" --seed $seed \
            --name "$config-$seed" --trained-on "simulation; no real sky" --output "$run"
        $skysift evaluate btsbot --weights "$run" --data "$folder/set" --output "$run/report"
    done
done
