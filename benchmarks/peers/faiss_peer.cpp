// FAISS, in two kinds: "hnsw" (HNSW over float32, M 16, efConstruction 200) and "ivf" (inverted lists of 4-bit product codes
// scanned by FastScan, the best re-ranked with float32). Build: run.sh, which compiles the library for this machine.
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFPQFastScan.h>
#include <faiss/IndexRefine.h>
#include <omp.h>

#include <cmath>
#include <cstring>
#include <memory>

#include "peer.h"

static void copy_found(const faiss::Index& index, const float* query, int* rows) {
    float distances[kNeighbors];
    faiss::Index::idx_t labels[kNeighbors];
    index.search(1, query, kNeighbors, distances, labels);
    for (size_t i = 0; i < kNeighbors; i++) rows[i] = int(labels[i]);
}

int main(int argc, char** argv) {
    if (argc < 2 || (strcmp(argv[1], "hnsw") && strcmp(argv[1], "ivf"))) {
        fprintf(stderr, "usage: %s hnsw|ivf ...\n", argv[0]);
        return 2;
    }
    Arguments in(argc, argv, 2);
    const Rows& base = in.base;
    auto metric = in.squared_distance ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
    omp_set_num_threads(in.threads);
    auto start = Clock::now();
    if (!strcmp(argv[1], "hnsw")) {
        faiss::IndexHNSWFlat index(int(base.dimensions), 16, metric);
        index.hnsw.efConstruction = 200;
        index.add(base.count, base.at(0));
        auto build_s = since(start);
        omp_set_num_threads(1);
        announce("faiss-hnsw", build_s, {10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300});
        answer(in, [&](int ef) { index.hnsw.efSearch = ef; },
               [&](const float* query, int* rows) { copy_found(index, query, rows); });
        return 0;
    }
    // About 1.1 times the root of the count of cells was best of those tried on such data; four dimensions a code.
    size_t cells = size_t(1.1 * std::sqrt(double(base.count)));
    faiss::IndexFlat coarse(base.dimensions, metric);
    faiss::IndexIVFPQFastScan codes(&coarse, base.dimensions, cells, base.dimensions / 4, 4, metric);
    faiss::IndexRefineFlat index(&codes);
    index.train(base.count, base.at(0));
    index.add(base.count, base.at(0));
    auto build_s = since(start);
    omp_set_num_threads(1);
    index.k_factor = 10;
    announce("faiss-ivfpqfs", build_s, {2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128});
    answer(in, [&](int probes) { codes.nprobe = probes; },
           [&](const float* query, int* rows) { copy_found(index, query, rows); });
}
