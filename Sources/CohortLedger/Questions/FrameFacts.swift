package import CohortFormat
import CohortLog
package import CohortModel

/// What is known of every position of one frame: read once, it serves them all.
///
/// Never changes: neither do frames that are durable, but for texts that are erased.
package struct FrameFacts: Sendable {
  package let positions: ClosedRange<Position>
  package let time: Instant
  package let epoch: Epoch
  /// A bit for each position, set where a request ends.
  private var ends: [UInt64]

  init(_ frame: StoredFrame) throws(EventFault) {
    let header = frame.header
    positions = header.firstPosition...header.lastPosition
    (time, epoch) = (header.time, header.epoch)
    ends = [UInt64](repeating: 0, count: (Int(header.eventCount) + 63) / 64)
    var walk = EventWalk(frame.extent)
    while let head = try walk.next(in: frame.bytes.span) {
      // Or with the frame: a restored log may end in half a request.
      guard head.endsRequest || head.position == header.lastPosition else { continue }
      let index = Int(head.position.rawValue - header.firstPosition.rawValue)
      ends[index >> 6] |= 1 << UInt64(index & 63)
    }
  }

  /// Whether a request goes on behind a position of the frame.
  package func cutsRequest(at position: Position) -> Bool {
    let index = Int(position.rawValue - positions.lowerBound.rawValue)
    return ends[index >> 6] >> UInt64(index & 63) & 1 == 0
  }

  /// In memory.
  package var byteCount: Int { 128 + 8 * ends.count }
}

extension View {
  /// What is known of the frame that holds `position`, which must have been reached.
  ///
  /// - Throws: ``LedgerError/unreadable(_:)`` if the log cannot be read there.
  /// - Complexity: One read of the frame, and 15 ns for each of its events.
  package func frameFacts(at position: Position) throws(LedgerError) -> FrameFacts {
    let frame: StoredFrame
    do { frame = try log.frame(containing: position) } catch { throw LedgerError(reading: error) }
    do { return try FrameFacts(frame) } catch { throw .unreadable(LogFailure(.event(error))) }
  }
}
