#!/bin/sh
# Make weights for the template stamps of ZTF's alerts: simulate galaxies with votes, learn from most of
# them, and judge on the others. What was interrupted goes on where it was.
#   sh models/zoobot/make_default.sh FOLDER      (COUNT galaxies, EPOCHS at most)
set -eu
folder=$1
count=${COUNT:-8000}
skysift=${SKYSIFT:-skysift}

$skysift simulate galaxies --survey ztf --tree decals --size 63 --count "$count" --seed 6101 \
    --volunteers 40 --overdispersion 0.05 --output "$folder/galaxies" \
    --mix elliptical=0.18,lenticular=0.14,spiral=0.38,irregular=0.05,ring=0.04,merger=0.12,star=0.06,blank=0.03
$skysift data build zoobot --catalog "$folder/galaxies/votes.csv" --images "$folder/galaxies/images" \
    --truth "$folder/galaxies/truth.parquet" --size 63 --shares train=0.75,validation=0.1,test=0.15 \
    --output "$folder/set"
$skysift train zoobot --config stamps --set "$folder/set" --output "$folder/weights" \
    --name zoobot-sim ${EPOCHS:+--epochs "$EPOCHS"} \
    --trained-on "simulation: template stamps of skysift simulate galaxies --survey ztf; no real sky"
$skysift evaluate zoobot --data "$folder/set" --weights "$folder/weights" --output "$folder/report"
