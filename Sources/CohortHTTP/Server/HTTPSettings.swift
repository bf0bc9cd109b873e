/// How a server is set up.
package struct HTTPSettings: Sendable {
  package var connection = ConnectionSettings()
  /// Threads that serve connections.
  package var loops = 2
  /// Threads for what may take long.
  package var workers = 4
  /// Handlers that wait for a worker, beyond which requests are answered 503.
  package var workerQueue = 256
  /// Connections, beyond which new ones are answered 503 and closed.
  package var maxConnections = 16_384
  /// Bytes of unfinished bodies that all connections hold together, beyond which the one that comes
  /// on top is answered 503.
  package var heldBytes = 512 << 20
  /// Connections that the system holds before they are accepted.
  package var backlog: Int32 = 4_096

  package init() {}
}

/// What a server has counted since its start.
package struct HTTPCounters: Sendable, Hashable {
  package var openConnections = 0
  package var accepted: UInt64 = 0
  /// Connections beyond the limit.
  package var refused: UInt64 = 0
  package var requests: UInt64 = 0
  /// As they came from and went to the sockets.
  package var bytesIn: UInt64 = 0
  package var bytesOut: UInt64 = 0
  /// Requests that broke the protocol.
  package var protocolErrors: UInt64 = 0
  /// Requests refused by HTTP for other reasons: too large, too slow, too many.
  package var otherRefusals: UInt64 = 0
  /// How often the system had no descriptor for a new connection.
  package var acceptPauses: UInt64 = 0
  /// Bytes of unfinished bodies, now.
  package var heldBytes = 0
  /// Jobs that wait for a worker, now.
  package var waitingJobs = 0

  package init() {}
}
