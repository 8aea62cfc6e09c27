#!/bin/sh
# Make the weights that ship: simulate 1,900 small frames with comets, some of them full of asteroids,
# streaks and blends; teach a quick network to find, and a second one to look again; then judge both on
# quadrants never seen.
#   sh models/tails/make_default.sh FOLDER      (about three hours on 2 cores, 60 GB in FOLDER)
set -eu
folder=$1
skysift=${SKYSIFT:-skysift}
small="--size 1024"
made="simulation: 1,824 frames of skysift simulate frames; no real sky"

$skysift simulate frames $small --count 640 --seed 4101 --comets 18 --output "$folder/frames_a"
$skysift simulate frames $small --count 700 --seed 4102 --comets 18 --output "$folder/frames_b"
$skysift simulate frames $small --count 560 --seed 4103 --comets 14 --confusers 12 \
    --output "$folder/frames_c"
$skysift data build tails --frames "$folder/frames_a" --frames "$folder/frames_b" \
    --frames "$folder/frames_c" --shares train=0.96,validation=0.04 --output "$folder/set"
$skysift train tails --config finder --set "$folder/set" --output "$folder/finder" \
    --name finder --trained-on "$made"
$skysift train tails --config second_look --start "$folder/finder" --set "$folder/set" \
    --output "$folder/weights" --name tails-sim --trained-on "$made"
$skysift simulate frames --count "${COUNT:-30}" --seed 555 --output "$folder/quadrants"
$skysift data build tails --frames "$folder/quadrants" --shares test=1 --output "$folder/test"
$skysift evaluate tails --weights "$folder/weights" --data "$folder/test" --output "$folder/report"
