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
  /// Connections beyond that limit that are told so at the same time; others are closed unheard.
  package var refusedConnections = 256
  /// Bytes of unfinished bodies that all connections hold together, beyond which the one that comes
  /// on top is answered 503.
  package var heldBytes = 512 << 20
  /// Connections that the system holds before they are accepted.
  package var backlog: Int32 = 4_096

  package init() {}

  /// Leaves room for others, if this process may have no more than so many descriptors open.
  ///
  ///     │ others 1/8, ≤ 256 │ told that there is no room 1/8, ≤ 256 │ served … │
  ///
  /// Others are the files of the house above, its terminals, and what listens. Whoever floods the
  /// door must not take from them what they need to go on.
  package mutating func fit(descriptors: Int) {
    let share = min(256, max(1, descriptors / 8))
    refusedConnections = min(refusedConnections, share)
    maxConnections = min(maxConnections, max(1, descriptors - share - refusedConnections))
  }
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
