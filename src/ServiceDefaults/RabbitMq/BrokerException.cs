namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>The broker cannot be used as asked. The message says what to do.</summary>
public sealed class BrokerException(string message, Exception? cause = null) : Exception(message, cause);
