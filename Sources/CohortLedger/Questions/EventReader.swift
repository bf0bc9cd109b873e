import CohortFormat
import CohortLog
import CohortModel

/// Reads single events of the log for one question, and keeps the frame that was read last: a walk
/// over many events of a frame reads and decodes it once.
///
/// Invariant: `events` are the first of the frame's, all that `decoder` has gone past.
struct EventReader {
  private let log: LogReader
  /// The last position that is seen.
  private let end: Position
  private var frame: StoredFrame?
  private var decoder: EventDecoder?
  private var events: [Recorded] = []

  init(_ view: View) {
    log = view.log
    end = view.position
  }

  /// The event at a position, as ``View/event(at:)`` gives it.
  ///
  /// - Complexity: O(1) for an event before one that was read of the same frame; else decodes on to
  ///   it, after one read of the frame if that is another one.
  mutating func event(at position: Position) throws(LedgerError) -> Recorded {
    guard position <= end else { throw .beyondEnd(position, end: end) }
    let frame = try load(position)
    let index = Int(position.rawValue - frame.header.firstPosition.rawValue)
    do throws(EventFault) {
      while events.count <= index, let decoded = try decoder?.next(in: frame.bytes.span) {
        events.append(decoded.recorded)
      }
    } catch {
      self.frame = nil
      throw .unreadable(LogFailure(.event(error)))
    }
    guard index < events.count else { throw .beyondEnd(position, end: log.chain.position) }
    return events[index]
  }

  /// The frame that holds the event at `position`.
  private mutating func load(_ position: Position) throws(LedgerError) -> StoredFrame {
    if let frame, frame.header.firstPosition <= position, position <= frame.header.lastPosition {
      return frame
    }
    let new: StoredFrame
    do { new = try log.frame(containing: position) } catch { throw LedgerError(reading: error) }
    frame = new
    decoder = EventDecoder(new.extent, ledger: log.ledger)
    events = []
    return new
  }
}
