#!/bin/bash
# Proves modules as an array of Slurm jobs, each a shard, and puts the shards together in a last job.
#
#     docs/ci/slurm.sh submit 8 results specs/multipaxos.pax
#
# The last job's exit code is that of the whole proof; its report is results/merge.log.
# The folder for results, and the modules, must be on a file system that all nodes see.
#SBATCH --job-name=paxprove
#SBATCH --cpus-per-task=4
#SBATCH --mem=12G
#SBATCH --time=02:00:00
set -euo pipefail

usage="usage: slurm.sh submit N FOLDER FILE..."
role=${1:?$usage}
shift
case $role in
submit)
    n=${1:?$usage} folder=${2:?$usage} script=$(realpath "$0")
    shift 2
    mkdir -p "$folder"
    rm -f "$folder"/shard-*.run
    array=$(sbatch --parsable --array="1-$n" --output="$folder/shard-%a.log" "$script" shard "$n" "$folder" "$@")
    sbatch --parsable --dependency="afterany:$array" --output="$folder/merge.log" "$script" merge "$folder"
    ;;
shard)
    n=$1 folder=$2 task=$SLURM_ARRAY_TASK_ID code=0
    shift 2
    paxprove prove "$@" --shard "$task/$n" --save "$folder/shard-$task.run" --cache-dir "$folder/cache" \
        -j "${SLURM_CPUS_PER_TASK:-1}" || code=$?
    # What is not proved is told by the last job; here the shard only has to have been tried.
    case $code in 0 | 1 | 3 | 4 | 7) ;; *) exit "$code" ;; esac
    ;;
merge)
    folder=$1
    paxprove merge "$folder"/shard-*.run --require-complete
    ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac
