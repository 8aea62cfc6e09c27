#!/bin/sh
# Make the weights that ship: simulate 1,340 small frames with comets, make a training set of them,
# train our network on it, and judge it on 220 whole quadrants that it never saw.
#   sh models/tails/make_default.sh FOLDER      (about three hours on 2 cores, 60 GB in FOLDER)
set -eu
folder=$1
skysift=${SKYSIFT:-skysift}

$skysift simulate frames --count 640 --seed 4101 --size 1024 --comets 18 --output "$folder/frames_a"
$skysift simulate frames --count 700 --seed 4102 --size 1024 --comets 18 --output "$folder/frames_b"
$skysift data build tails --frames "$folder/frames_a" --frames "$folder/frames_b" \
    --shares train=0.96,validation=0.04 --output "$folder/set"
$skysift train tails --config heat_map --set "$folder/set" --name tails-sim \
    --trained-on "simulation: 1,285 frames of skysift simulate frames; no real sky" \
    --output "$folder/weights"
$skysift simulate frames --count 220 --seed 9001 --output "$folder/quadrants"
$skysift data build tails --frames "$folder/quadrants" --shares test=1 --output "$folder/test"
$skysift evaluate tails --weights "$folder/weights" --data "$folder/test" --output "$folder/report"
