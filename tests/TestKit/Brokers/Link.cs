using System.Net;
using System.Net.Sockets;

namespace VectorDb.TestKit.Brokers;

/// <summary>
/// A cable between one program and a broker: a port of its own on this machine whose bytes are passed on, until somebody cuts it,
/// lets it swallow bytes in one direction or both, or makes it slow. Thread-safe.
/// </summary>
public sealed class Link : IDisposable
{
    const int BufferBytes = 64 * 1024;

    readonly TcpListener _listener;
    readonly BrokerAddress _target;
    readonly Lock _lock = new();
    readonly HashSet<Socket> _sockets = [];
    readonly CancellationTokenSource _end = new();
    readonly Gate _toBroker = new();
    readonly Gate _fromBroker = new();
    volatile bool _isCut;

    public Link(BrokerAddress target)
    {
        _target = target;
        Port = FreePort.Next();
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Resets every connection and every new one.</summary>
    public void Cut()
    {
        _isCut = true;
        ResetAll();
    }

    /// <summary>Nothing arrives any more, and no end is told, as with a cable that is pulled out.</summary>
    public void Swallow(bool toBroker, bool fromBroker)
    {
        if (toBroker)
            _toBroker.Close();
        if (fromBroker)
            _fromBroker.Close();
    }

    /// <summary>Every piece of up to 64 KiB takes so long in each direction.</summary>
    public void Slow(TimeSpan delay) => (_toBroker.Delay, _fromBroker.Delay) = (delay, delay);

    /// <summary>As new. What was held back arrives late, or its connections are reset, as a router does that has forgotten them.</summary>
    public void Mend(bool reset)
    {
        _isCut = false;
        Slow(TimeSpan.Zero);
        if (reset)
            ResetAll();
        _toBroker.Open();
        _fromBroker.Open();
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        ResetAll();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                if (_isCut)
                    Reset(client);
                else
                    _ = ConnectAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The link is disposed.
        }
    }

    async Task ConnectAsync(Socket client)
    {
        var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_lock)
        {
            _sockets.Add(client);
            _sockets.Add(broker);
        }
        try
        {
            await broker.ConnectAsync(_target.Host, _target.Port, _end.Token);
            await Task.WhenAny(PumpAsync(client, broker, _toBroker), PumpAsync(broker, client, _fromBroker));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The broker is not there.
        }
        Reset(client);
        Reset(broker);
    }

    async Task PumpAsync(Socket source, Socket target, Gate gate)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await source.ReceiveAsync(buffer, _end.Token) is > 0 and var count)
            {
                await gate.PassAsync(_end.Token);
                for (var sent = 0; sent < count;)
                    sent += await target.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
            }
            // The other direction may still have something to say; it ends by itself.
            target.Shutdown(SocketShutdown.Send);
            await Task.Delay(TimeSpan.FromSeconds(1), _end.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end is gone, and so is the connection.
        }
    }

    void ResetAll()
    {
        List<Socket> sockets;
        lock (_lock)
            sockets = [.. _sockets];
        foreach (var socket in sockets)
            Reset(socket);
    }

    void Reset(Socket socket)
    {
        lock (_lock)
            _sockets.Remove(socket);
        try
        {
            socket.LingerState = new(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }
        socket.Dispose();
    }

    /// <summary>Where bytes wait.</summary>
    sealed class Gate
    {
        readonly Lock _lock = new();
        TaskCompletionSource? _closed;
        long _delayTicks;

        public TimeSpan Delay
        {
            get => new(Interlocked.Read(ref _delayTicks));
            set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
        }

        public void Close()
        {
            lock (_lock)
                _closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public void Open()
        {
            lock (_lock)
            {
                _closed?.TrySetResult();
                _closed = null;
            }
        }

        public async ValueTask PassAsync(CancellationToken cancellationToken)
        {
            if (Delay is { Ticks: > 0 } delay)
                await Task.Delay(delay, cancellationToken);
            Task? opened;
            lock (_lock)
                opened = _closed?.Task;
            if (opened is not null)
                await opened.WaitAsync(cancellationToken);
        }
    }
}
