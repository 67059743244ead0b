using Xunit.Sdk;
using Xunit.v3;

// Servers, an embedding model and timings on two cores: one after the other is quicker, and a failure is its own.
[assembly: Parallelization(Mode = ParallelMode.None)]
