#!/bin/sh
# Fetches a model's public files, or takes them from a local file, checks their SHA-256 and puts them where VectorDb looks.
set -eu

usage() {
    cat <<'TEXT'
Usage: models/fetch-model.sh [MODEL] [--from FILE] [--to FOLDER]

MODEL    all-mpnet-base-v2 (default; 768 dimensions, 436 MB) or all-MiniLM-L6-v2 (384 dimensions, 90 MB)
--from   take model.onnx from FILE instead of the network; vocab.txt is taken from the same folder if it is there
--to     the folder that holds one folder a model (default: the folder of this script)

Only files with a known SHA-256 are put in place. Afterwards: vectordb serve --model MODEL
TEXT
}

fail() {
    echo "fetch-model: $*" >&2
    exit 1
}

# VectorDb accepts the same checksums: src/Embedding/KnownModel.cs.
describe() {
    case $1 in
    all-mpnet-base-v2)
        revision=e8c3b32edf5434bc2275fc9bab85f82640a19130
        public_sha=74187b16d9c946fea252e120cfd7a12c5779d8b8b86838a2e4c56573c47941bd
        other_sha=313d8fd0121f0bf380944d1795e192132d4cf512261051ae8b9522b0be3e505e
        vocabulary_sha=dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada
        ;;
    all-MiniLM-L6-v2)
        revision=1110a243fdf4706b3f48f1d95db1a4f5529b4d41
        public_sha=6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452
        other_sha=be67306457231037890c86901101212497e82459a0f4e52e8a6b31f0c3752804
        vocabulary_sha=07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3
        ;;
    *)
        fail "unknown model \"$1\"; known: all-mpnet-base-v2, all-MiniLM-L6-v2"
        ;;
    esac
    url=https://huggingface.co/sentence-transformers/$1/resolve/$revision
}

sha256_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 "$1" | cut -d ' ' -f 1
    else
        fail "neither sha256sum nor shasum is installed; install coreutils"
    fi
}

download() { # URL FILE
    command -v curl >/dev/null 2>&1 || fail "curl is not installed; install it, or download $1 yourself and use --from FILE"
    echo "fetching $1"
    curl --fail --location --proto '=https' --retry 3 --progress-bar --output "$2" "$1" ||
        fail "cannot download $1; check the network, or download it elsewhere and use --from model.onnx with vocab.txt beside it"
}

check() { # FILE WHAT SHA...
    actual=$(sha256_of "$1")
    what=$2
    shift 2
    for expected in "$@"; do
        [ "$actual" = "$expected" ] && return 0
    done
    fail "$what has SHA-256 $actual, expected $(echo "$*" | sed 's/ / or /g'); nothing was changed"
}

model=all-mpnet-base-v2
from=
to=$(cd "$(dirname "$0")" && pwd)
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --from | --to)
        [ $# -ge 2 ] || fail "$1 needs a value; see --help"
        [ "$1" = --from ] && from=$2 || to=$2
        shift
        ;;
    -*) fail "unknown option $1; see --help" ;;
    *) model=$1 ;;
    esac
    shift
done
describe "$model"

folder=$to/$model
mkdir -p "$folder"
model_new=$folder/model.onnx.$$.tmp
vocabulary_new=$folder/vocab.txt.$$.tmp
trap 'rm -f "$model_new" "$vocabulary_new"' EXIT
trap 'exit 1' HUP INT TERM

if [ -n "$from" ]; then
    [ -f "$from" ] || fail "$from does not exist"
    cp "$from" "$model_new"
    chmod u+w "$model_new"
    check "$model_new" "$from" "$public_sha" "$other_sha"
    beside=$(dirname "$from")/vocab.txt
else
    download "$url/onnx/model.onnx" "$model_new"
    check "$model_new" "$url/onnx/model.onnx" "$public_sha"
    beside=
fi

# The vocabulary comes from beside the file, else stays if it is good, else from the network.
if [ -n "$beside" ] && [ -f "$beside" ]; then
    cp "$beside" "$vocabulary_new"
    chmod u+w "$vocabulary_new"
elif [ -f "$folder/vocab.txt" ] && [ "$(sha256_of "$folder/vocab.txt")" = "$vocabulary_sha" ]; then
    cp "$folder/vocab.txt" "$vocabulary_new"
else
    [ -z "$from" ] || echo "no vocab.txt beside $from, so it is fetched"
    download "$url/vocab.txt" "$vocabulary_new"
fi
check "$vocabulary_new" "vocab.txt" "$vocabulary_sha"

mv -f "$vocabulary_new" "$folder/vocab.txt"
mv -f "$model_new" "$folder/model.onnx"
echo "$folder is complete: vectordb serve --model $model"
