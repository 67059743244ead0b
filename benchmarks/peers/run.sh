#!/usr/bin/env bash
# Compares the index with hnswlib and FAISS, all compiled for this machine, on the same files in the same minutes:
#   benchmarks/peers/run.sh BASE.npy [QUERIES.npy] [options of `vectordb bench index`]
# Needs the .NET SDK; g++ and the headers come from Debian's or Ubuntu's packages, which are installed where that is allowed.
# FAISS is compiled from Debian's source archive (about ten minutes, once); FAISS=no leaves it out.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
built=${VECTORDB_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/vectordb-peers}
faiss_url=http://deb.debian.org/debian/pool/main/f/faiss/faiss_1.7.3.orig.tar.gz

need() { # file, packages
    [ -e "$1" ] && return
    echo "Missing $1; installing $2" >&2
    { [ "$(id -u)" = 0 ] && apt-get install -y $2 >&2; } ||
        { echo "Please install it: sudo apt-get install -y $2" >&2; exit 1; }
}

build_faiss() {
    [ -e "$built/libfaiss.a" ] && return
    need /usr/include/x86_64-linux-gnu/cblas.h "libblas-dev liblapack-dev"
    curl -sSfL "$faiss_url" -o "$built/faiss.tar.gz"
    tar xzf "$built/faiss.tar.gz" -C "$built"
    (cd "$built"/faiss-1.7.3 && mkdir -p objects &&
        ls faiss/*.cpp faiss/{impl,invlists,utils}/*.cpp | xargs -P "$(nproc)" -I{} sh -c \
            'echo {} >&2; g++ -O3 -march=native -std=c++17 -fopenmp -DFINTEGER=int -I. -c {} -o objects/$(echo {} | tr / _).o' &&
        ar rcs ../libfaiss.a objects/*.o)
}

[ $# -gt 0 ] || { sed -n '2,5p' "$0" | cut -c3-; exit 2; }
base=$1; shift
arguments=(--base "$base")
if [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; then arguments+=(--queries "$1"); shift; fi

mkdir -p "$built"
need /usr/bin/g++ g++
need /usr/include/hnswlib/hnswlib.h libhnswlib-dev
flags="-O3 -march=native -std=c++17 -pthread"
g++ $flags "$here/hnswlib_peer.cpp" -o "$built/hnswlib_peer"
arguments+=(--peer "$built/hnswlib_peer")
if [ "${FAISS:-yes}" != no ]; then
    build_faiss
    g++ $flags -fopenmp -I"$built/faiss-1.7.3" "$here/faiss_peer.cpp" "$built/libfaiss.a" -llapack -lblas -o "$built/faiss_peer"
    arguments+=(--peer "$built/faiss_peer hnsw" --peer "$built/faiss_peer ivf")
fi
exec "$here/../../vectordb" bench index "${arguments[@]}" "$@"
