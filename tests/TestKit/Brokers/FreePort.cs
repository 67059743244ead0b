using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace VectorDb.TestKit.Brokers;

/// <summary>
/// Ports for servers that come back on the same port: below the range from which the system takes ports for outgoing
/// connections, so that none of those sits on it in between.
/// </summary>
public static class FreePort
{
    const int First = 20_000;
    const int Last = 29_999;

    public static int Next() => NextRange(1);

    /// <summary>The first of `count` free ports that follow each other.</summary>
    public static int NextRange(int count)
    {
        while (true)
        {
            var first = RandomNumberGenerator.GetInt32(First, Last + 2 - count);
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
