#!/bin/sh
# Make the weights that ship: simulate 1,900 small frames with comets, learn from most of them, then go
# on with those that are full of asteroids, streaks and blends too, and judge on quadrants never seen.
#   sh models/tails/make_default.sh FOLDER      (about three hours on 2 cores, 60 GB in FOLDER)
set -eu
folder=$1
skysift=${SKYSIFT:-skysift}
small="--size 1024"

$skysift simulate frames $small --count 640 --seed 4101 --comets 18 --output "$folder/frames_a"
$skysift simulate frames $small --count 700 --seed 4102 --comets 18 --output "$folder/frames_b"
$skysift simulate frames $small --count 560 --seed 4103 --comets 14 --confusers 12 \
    --output "$folder/frames_c"
$skysift data build tails --frames "$folder/frames_a" --frames "$folder/frames_b" \
    --shares train=0.96,validation=0.04 --output "$folder/first"
$skysift train tails --config heat_map --set "$folder/first" --output "$folder/begun" \
    --name tails-sim --trained-on "simulation: 1,285 frames of skysift simulate frames; no real sky"
$skysift data build tails --frames "$folder/frames_a" --frames "$folder/frames_b" \
    --frames "$folder/frames_c" --shares train=0.96,validation=0.04 --output "$folder/set"
$skysift train tails --config heat_map_confusers --start "$folder/begun" --set "$folder/set" \
    --output "$folder/weights" --name tails-sim \
    --trained-on "simulation: 1,824 frames of skysift simulate frames; no real sky"
$skysift simulate frames --count "${COUNT:-30}" --seed 555 --output "$folder/quadrants"
$skysift data build tails --frames "$folder/quadrants" --shares test=1 --output "$folder/test"
$skysift evaluate tails --weights "$folder/weights" --data "$folder/test" --output "$folder/report"
