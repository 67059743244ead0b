using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Commands;

using var interruption = new Interruption();
return await CommandLine.RunAsync(args, interruption);
