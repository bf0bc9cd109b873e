/// What answers requests: all that a server knows of the house above it.
///
/// Both methods are called on the loop that serves the connection, with thousands of others waiting
/// behind it: they must not wait for anything.
package protocol Application: Sendable {
  /// Decides what becomes of a request, once its head is complete and before its body is read.
  func plan(_ head: RequestHead) -> Plan

  /// Is told of every exchange, once: when its answer has left, or when it never will.
  func note(_ exchange: Exchange.Summary)
}

/// What becomes of a request.
package enum Plan: Sendable {
  /// It is answered at once; of its body only so much is read as keeps the connection usable.
  case answer(Response)
  /// Its body is read whole, at most `limit` bytes of it (413 beyond), then `handler` answers.
  case collect(limit: Int, on: Place, handler: @Sendable (Request, Exchange) -> Void)
  /// Its body is handed on as it comes, however long.
  case receive(any BodyReceiver)
  /// The same as `plan`; if the server itself answers, because the body is too large, too slow or
  /// no body at all, it adds these fields.
  indirect case telling([(name: String, value: String)], plan: Plan)
}

/// Where a handler runs.
package enum Place: Sendable {
  /// On the loop itself: for what takes microseconds and waits for nothing.
  case loop
  /// On a worker: for what reads from the disk or takes long. If all workers are busy and their
  /// queue is full, the server answers 503 with `Retry-After`.
  case worker
}

/// Takes a body as it comes.
///
/// The methods are called on workers, one after another, never two at a time. While one runs, no
/// more is read than the connection's buffer holds, so a slow receiver slows its sender down.
package protocol BodyReceiver: AnyObject, Sendable {
  /// Takes the next bytes.
  ///
  /// - Returns: An answer ends the exchange before the body does; the connection is then closed.
  func take(_ bytes: [UInt8]) -> Response?

  /// Is told that the body is complete, and answers.
  func finish(_ exchange: Exchange)

  /// Is told that the rest of the body will never come. Nothing can be answered.
  func abandon()
}

/// Makes a body as it is wanted.
///
/// Called on workers, never twice at a time, and only when the socket has room: a slow reader slows
/// its source down, and memory stays bounded.
package protocol BodySource: AnyObject, Sendable {
  /// Makes the next part.
  ///
  /// - `wake`: Makes the server ask again after ``BodyPart/wait(milliseconds:)``; can be kept and
  ///   called from any thread, any number of times, also when the exchange is over.
  func next(_ wake: Wake) -> BodyPart

  /// Is told that no more is wanted: the body has ended, or its reader is gone. Called once.
  func end()
}

/// A part of a body.
package enum BodyPart: Sendable {
  /// Some bytes, 64 KiB or so; not none.
  case bytes([UInt8])
  /// There is nothing yet: ask again when woken, or after so long.
  case wait(milliseconds: Int)
  /// The body is complete.
  case end
  /// It cannot be completed: the connection is closed so that nobody takes it for whole.
  case fail
}

/// Makes the server ask a source again.
package struct Wake: Sendable {
  private let body: @Sendable () -> Void

  package init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  package func callAsFunction() { body() }
}
