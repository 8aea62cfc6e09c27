#!/bin/sh
# Make the weights that ship: simulate three nights of alerts, make their features, and learn from
# 200 labels a target, drawn from the truth of the simulation.
#   sh models/vra/make_default.sh FOLDER      (some 5 minutes on 2 cores, 0.4 GB in FOLDER)
set -eu
here=$(dirname "$0")
folder=$1
skysift=${SKYSIFT:-skysift}
mix=supernova=0.16,dim_supernova=0.16,variable=0.22,cv=0.10,agn=0.14,asteroid=0.10,bogus=0.12

for night in 0 1 2; do
    [ -e "$folder/nights/$night/truth.csv" ] ||
        $skysift simulate alerts --count "${COUNT:-1600}" --seed $((2000 + night)) \
            --night $((2460320 + 110 * night)) --alerts-per-object 2 --mix $mix --tarball \
            --output "$folder/nights/$night"
done
awk 'FNR > 1 || NR == 1' "$folder"/nights/*/truth.csv >"$folder/truth.csv"
$skysift data build vra --alerts "$folder/nights" --output "$folder/features.parquet"
$skysift train vra --table "$folder/features.parquet" --labels "$folder/truth.csv" --column class \
    --label-map "$here/labels_simulation.toml" --most 200 --seed 1 --name vra-sim \
    --trained-on "simulation: three nights of skysift simulate alerts; no real sky" \
    --output "$folder/weights"
