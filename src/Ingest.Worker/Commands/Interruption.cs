using System.Runtime.InteropServices;

namespace VectorDb.IngestWorker.Commands;

/// <summary>
/// Ctrl+C and SIGTERM as a token: the first asks the command to stop cleanly, a second ends the program at once.
/// </summary>
public sealed class Interruption : IDisposable
{
    /// <summary>128 + SIGINT, what shells expect of a program that Ctrl+C ended.</summary>
    public const int ExitCode = 130;

    readonly CancellationTokenSource _stop = new();
    readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    public CancellationToken Token => _stop.Token;

    /// <summary>True when a service manager asked to stop, for whom stopping a server is no failure.</summary>
    public bool IsTermination { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
            Environment.Exit(ExitCode);
        IsTermination = context.Signal == PosixSignal.SIGTERM;
        _stop.Cancel();
    }
}
