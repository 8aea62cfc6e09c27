#!/bin/sh
# Make the weights that ship: simulate fourteen nights of alerts, make a training set of them, train
# our network on it, and judge it on the sources it never saw.
#   sh models/btsbot/make_default.sh FOLDER      (about an hour on 2 cores, 9 GB in FOLDER)
set -eu
here=$(dirname "$0")
folder=$1
skysift=${SKYSIFT:-skysift}
mix=supernova=0.22,dim_supernova=0.16,variable=0.24,cv=0.06,agn=0.12,asteroid=0.08,bogus=0.12

for night in 0 1 2 3 4 5 6 7 8 9 10 11 12 13; do
    [ -e "$folder/nights/$night/truth.csv" ] ||
        $skysift simulate alerts --count "${COUNT:-7200}" --seed $((1000 + night)) \
            --night $((2460310 + 36 * night)) --alerts-per-object 12 --mix $mix --tarball \
            --output "$folder/nights/$night"
done
awk 'FNR > 1 || NR == 1' "$folder"/nights/*/truth.csv >"$folder/truth.csv"
$skysift data build btsbot --config "$here/default_set.toml" --alerts "$folder/nights" \
    --labels "$folder/truth.csv" --output "$folder/set"
$skysift train btsbot --config compact --set "$folder/set" --seed 2 --name btsbot-sim \
    --trained-on "simulation: fourteen nights of skysift simulate alerts; no real sky" \
    --output "$folder/weights"
$skysift evaluate btsbot --weights "$folder/weights" --data "$folder/set" --record \
    --output "$folder/report"
