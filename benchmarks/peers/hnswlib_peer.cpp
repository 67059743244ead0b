// hnswlib, searched on command, so that its runs can be interleaved with ours in one session on one machine.
// Build: run.sh does it, or: apt-get install -y g++ libhnswlib-dev
//        g++ -O3 -march=native -std=c++17 -pthread hnswlib_peer.cpp -o hnswlib_peer
#include <hnswlib/hnswlib.h>

#include <memory>

#include "peer.h"

constexpr int kLinks = 16, kEfConstruction = 200;

int main(int argc, char** argv) {
    Arguments in(argc, argv, 1);
    const Rows& base = in.base;
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    if (in.squared_distance)
        space = std::make_unique<hnswlib::L2Space>(base.dimensions);
    else
        space = std::make_unique<hnswlib::InnerProductSpace>(base.dimensions);
    hnswlib::HierarchicalNSW<float> index(space.get(), base.count, kLinks, kEfConstruction, 1);
    auto start = Clock::now();
    index.addPoint(base.at(0), 0);
    on_threads(base.count - 1, in.threads, [&](size_t i) { index.addPoint(base.at(i + 1), i + 1); });
    announce("hnswlib", since(start), {10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300});
    answer(in, [&](int ef) { index.setEf(ef); },
           [&](const float* query, int* rows) {
               auto found = index.searchKnn(query, kNeighbors);
               for (; !found.empty(); found.pop()) *rows++ = int(found.top().second);
           });
}
