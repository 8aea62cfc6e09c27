#!/bin/sh
# Make the weights that ship: simulate ten nights of alerts, train our compact network on them.
#   sh models/btsbot/make_default.sh FOLDER      (about 20 minutes on 2 cores, less on a GPU)
# Keras' backend is what KERAS_BACKEND says; the weights run on TensorFlow whatever made them.
set -eu
folder=$1
skysift=${SKYSIFT:-skysift}
mix=supernova=0.22,dim_supernova=0.16,variable=0.24,cv=0.06,agn=0.12,asteroid=0.08,bogus=0.12

for night in 0 1 2 3 4 5 6 7 8 9; do
    $skysift simulate alerts --count "${COUNT:-2400}" --seed $((1000 + night)) \
        --night $((2460310 + 36 * night)) --alerts-per-object 4 --mix $mix \
        --output "$folder/nights/$night"
done
awk 'FNR > 1 || NR == 1' "$folder"/nights/*/truth.csv >"$folder/truth.csv"
$skysift train btsbot --config compact --alerts "$folder/nights" --labels "$folder/truth.csv" \
    --name btsbot-sim --trained-on "simulation: ten nights of skysift simulate alerts; no real sky" \
    --output "$folder/weights"
