package import CohortFormat
import CohortLog
package import CohortModel

extension Ledger {
  /// Reads from the log; what goes wrong there is told in the ledger's words.
  func reading<Value>(_ body: () throws(LogError) -> Value) throws(LedgerError) -> Value {
    do { return try body() } catch { throw LedgerError(reading: error) }
  }

  /// The event at a position, with its texts as they are stored now.
  ///
  /// - Complexity: One read of its frame.
  package func event(at position: Position) throws(LedgerError) -> DecodedEvent {
    try log.reader.event(at: position)
  }
}

extension LedgerError {
  init(reading error: LogError) {
    switch error {
    case .beyondEnd(let position, let end): self = .beyondEnd(position, end: end)
    default: self = .unreadable(LogFailure(error))
    }
  }
}

extension LogReader {
  package func event(at position: Position) throws(LedgerError) -> DecodedEvent {
    let frame: StoredFrame
    do { frame = try self.frame(containing: position) } catch { throw LedgerError(reading: error) }
    do throws(EventFault) {
      var decoder = EventDecoder(frame.extent, ledger: ledger)
      while let decoded = try decoder.next(in: frame.bytes.span) {
        if decoded.recorded.position == position { return decoded }
      }
    } catch { throw .unreadable(LogFailure(.event(error))) }
    throw .beyondEnd(position, end: chain.position)
  }
}

extension LogReader {
  /// Calls `body` with the events of a range of positions, as a tile is made again.
  func forEachEvent(
    in range: ClosedRange<Position>, _ body: (Event, Position, Instant) -> Void
  ) throws(LogError) {
    try forEachFrame(range) { frame, bytes throws(LogError) in
      do throws(EventFault) {
        var decoder = EventDecoder(frame, ledger: ledger)
        while let recorded = try decoder.next(in: bytes)?.recorded {
          if range.contains(recorded.position) {
            body(recorded.event, recorded.position, recorded.time)
          }
        }
      } catch { throw .event(error) }
      return true
    }
  }
}
