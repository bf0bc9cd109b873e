package import CohortFormat
import CohortLog
package import CohortModel

/// Goes over the events of the log, some at a time: each is decoded once, wherever it stops.
///
/// Holds a place and no bytes. A frame that was left in its midst is read again, and checked, but
/// not decoded again: whoever is slow costs no memory, and texts are those that are stored by then.
package struct EventPass: Sendable {
  /// Everything up to here was handed over.
  package private(set) var position: Position
  /// Of the frame that holds ``position`` and the next one, as bytes of its own: behind
  /// ``position``.
  private var midst: (frame: FrameExtent, decoder: EventDecoder)?

  package init(after position: Position) { self.position = position }

  /// Calls `body` with the next events, up to the view's position, until it returns `false`.
  ///
  /// - Throws: ``LedgerError/unreadable(_:)`` at the first frame that cannot be read; everything
  ///   before it was handed over.
  /// - Complexity: One walk over the headers in 64 KiB of log, or one read of the frame in whose
  ///   midst it stands; then one pass over the frames.
  package mutating func forEachEvent(
    of view: View, _ body: (DecodedEvent, Epoch) -> Bool
  ) throws(LedgerError) {
    guard position < view.position else { return }
    let (log, last) = (view.log, view.position)
    do {
      if let (frame, decoder) = midst {
        let stored = try log.frame(frame.header)
        guard try take(frame, decoder, in: stored.bytes.span, through: last, body) else { return }
      }
      guard position < last else { return }
      // Not captured: the closure may not change this value while it is called on it.
      var pass = self
      defer { self = pass }
      try log.forEachFrame(
        position.advanced(by: 1)...last, readSize: Self.readSize
      ) { frame, bytes throws(LogError) in
        try pass.take(
          frame.atStart, EventDecoder(frame.atStart, ledger: log.ledger),
          in: bytes.extracting(frame.start..<frame.end), through: last, body)
      }
    } catch { throw LedgerError(reading: error) }
  }

  /// Hands over the events of a frame behind ``position``.
  ///
  /// - Returns: Whether more are wanted.
  private mutating func take(
    _ frame: FrameExtent, _ decoder: EventDecoder, in bytes: Span<UInt8>, through last: Position,
    _ body: (DecodedEvent, Epoch) -> Bool
  ) throws(LogError) -> Bool {
    var decoder = decoder
    midst = nil
    do throws(EventFault) {
      while position < last, let decoded = try decoder.next(in: bytes) {
        if decoded.recorded.position <= position { continue }
        position = decoded.recorded.position
        guard body(decoded, frame.header.epoch) else {
          if position < frame.header.lastPosition { midst = (frame, decoder) }
          return false
        }
      }
    } catch { throw .event(error) }
    if position < frame.header.lastPosition { midst = (frame, decoder) }
    return true
  }

  /// As much as the events of one part of a feed take, or somewhat more.
  private static let readSize = 256 << 10
}
