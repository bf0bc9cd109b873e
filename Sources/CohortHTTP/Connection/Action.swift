/// What the world must do for a connection now, in this order.
enum Action {
  /// Runs a handler; its answer comes back by ``Connection/answered(_:with:_:into:)``.
  case run(UInt64, Request, on: Place, @Sendable (Request, Exchange) -> Void)
  /// Hands bytes to a receiver; its word comes back by ``Connection/taken(_:_:_:into:)``.
  case take(UInt64, any BodyReceiver, [UInt8])
  /// Has a receiver answer.
  case finish(UInt64, any BodyReceiver)
  case abandon(any BodyReceiver)
  /// Asks a source; its word comes back by ``Connection/gave(_:_:_:into:)``.
  case pull(UInt64, any BodySource)
  case end(any BodySource)
  /// Tells the application what became of an exchange.
  case note(Exchange.Summary)
  /// Counts what the client did wrong.
  case fault(HTTPFault)
  /// Ends our half of the connection, so that the client sees the end behind the last answer.
  case shutdown
  /// Closes; with `reset`, so that the client cannot take what it has for whole.
  case close(reset: Bool)
}

/// What a connection asks while it reads, and must have answered before it can go on.
protocol Desk {
  /// The number of the next request.
  func number() -> UInt64
  func plan(_ head: RequestHead) -> Plan
}

/// When something happens.
struct Now {
  /// Of a clock that never goes back.
  var microseconds: Int64
  /// As `Date` fields have it.
  var date: [UInt8]
}

/// How long and how much a connection waits and holds.
package struct ConnectionSettings: Sendable {
  /// From the first byte of a head to its last.
  package var headMilliseconds = 10_000
  /// In each such time, ``progressBytes`` of a body must come, or its end.
  package var bodyMilliseconds = 30_000
  /// Between an answer and the next request.
  package var idleMilliseconds = 75_000
  /// In each such time, ``progressBytes`` of the answers must leave, or all.
  package var writeMilliseconds = 30_000
  /// How long a connection that we have ended waits for the client to end it too.
  package var lingerMilliseconds = 2_000
  /// How long it waits, while the server stops, for more of what the client still sends.
  package var quietMilliseconds = 100
  package var progressBytes = 1_024
  /// Requests of one connection that are being answered; further ones are not read.
  package var pipelined = 16
  /// Bytes waiting to be sent, beyond which no further request is read.
  package var unsentBytes = 262_144
  /// Bytes waiting to be sent, beyond which a source is not asked for more.
  package var sourceBytes = 131_072
  /// What a body is given room for before it comes.
  package var aheadBytes = 65_536
  /// Bytes that wait for a receiver, beyond which no more is read.
  package var receiverBytes = 65_536
  /// What is read of a body that nobody wants, so that the connection stays usable.
  package var unwantedBytes = 65_536
  /// What is thrown away behind the last answer before the connection is cut.
  package var lingerBytes = 16 << 20

  package init() {}
}
