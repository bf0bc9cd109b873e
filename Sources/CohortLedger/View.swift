package import CohortFormat
package import CohortLog
public import CohortModel

/// Where a question stands: what the ledger knew at one position, asked at one instant.
///
/// Holds durable state that never changes under it, so any number of questions give answers that
/// fit together. Cheap to make; keep it only as long as the question lasts.
public struct View: Sendable {
  @usableFromInline let durable: Durable
  package let log: LogReader
  /// The last event that is seen.
  public let position: Position
  /// Where time leaves stand, and what answers call `as_of.time`.
  public let instant: Instant
  /// By when keys expire.
  ///
  /// As the clock says, also where what is known is older.
  package let clock: Instant
  /// Whether ``position`` lies within a request, of which only a part is seen then.
  public let cutsRequest: Bool

  /// The ledger as it is durable now; temporal parts of it answer for ``position``.
  ///
  /// Inlinable: through a call, other modules would copy all of it, some sixty references, to look
  /// at one.
  @inlinable package var state: LedgerState { _read { yield durable.core.state } }
  package var history: History { _read { yield durable.core.history } }
  package var tree: MerkleIndex { _read { yield durable.core.tree } }

  /// The epoch of the last durable event; `nil` if there is none.
  package var epoch: Epoch? { durable.core.epoch }

  /// The last durable event.
  public var end: Position { state.position }

  /// Whether this is the present: no event is left out.
  public var isNow: Bool { position == state.position }
}

extension Ledger {
  /// The present.
  public var now: View {
    let instant = time.now()
    let durable = disk.durable
    return View(
      durable: durable, log: log.reader, position: durable.core.state.position,
      instant: max(instant, durable.core.state.time), clock: max(instant, time.clockInstant),
      cutsRequest: false)
  }

  /// The ledger as of a position or an instant.
  ///
  /// RULES §1.
  ///
  /// - `moment`: An instant stands for the last position not later; it never cuts a request.
  /// - `instant`: Where time leaves stand, to repeat an earlier answer. By default the instant
  ///     itself, or the time of the position's frame.
  /// - Throws: ``LedgerError/beyondEnd(_:end:)`` and ``LedgerError/laterThanNow(_:now:)``;
  ///   ``LedgerError/unreadable(_:)`` if the log cannot be read there.
  /// - Complexity: A walk over the frame headers in 64 KiB of log.
  public func view(asOf moment: Moment, at instant: Instant? = nil) throws(LedgerError) -> View {
    let now = now
    if let instant, instant > now.instant { throw .laterThanNow(instant, now: now.instant) }
    switch moment {
    case .instant(let time):
      guard time <= now.instant else { throw .laterThanNow(time, now: now.instant) }
      let position = try reading { () throws(LogError) in try log.reader.position(at: time) }
      return now.seen(through: min(position, now.end), at: instant ?? time, cutsRequest: false)
    case .position(let position):
      guard position <= now.end else { throw .beyondEnd(position, end: now.end) }
      guard position > .origin else {
        return now.seen(through: position, at: instant ?? log.header.created, cutsRequest: false)
      }
      let recorded = try event(at: position).recorded
      return now.seen(
        through: position, at: instant ?? recorded.time,
        cutsRequest: recorded.request != position)
    }
  }
}

extension View {
  /// The same durable state, seen from an earlier position.
  ///
  /// - `instant`: Where time leaves stand; not later than now.
  package func seen(through position: Position, at instant: Instant, cutsRequest: Bool) -> View {
    View(
      durable: durable, log: log, position: position, instant: instant, clock: clock,
      cutsRequest: cutsRequest)
  }
}
