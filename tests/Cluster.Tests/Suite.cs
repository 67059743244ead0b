using Xunit.Sdk;
using Xunit.v3;

// Each test breaks the machine's processes on purpose: one after the other.
[assembly: Parallelization(Mode = ParallelMode.None)]
