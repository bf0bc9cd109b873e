package import CohortFormat
import CohortLog
public import CohortModel

extension View {
  /// Calls `body` with the events of a range of positions, in order, until it returns `false`.
  ///
  /// Texts are as they are stored now: erased ones are gone. Nothing behind the view's position is
  /// read.
  ///
  /// - Throws: ``LedgerError/unreadable(_:)`` at the first frame that cannot be read; everything
  ///   before it was handed over.
  /// - Complexity: One pass over the frames of the range.
  package func forEachEvent(
    after: Position, through: Position? = nil, _ body: (DecodedEvent, Epoch) -> Bool
  ) throws(LedgerError) {
    let last = min(through ?? position, position)
    guard after < last else { return }
    do {
      try log.forEachFrame(after.advanced(by: 1)...last) { frame, bytes throws(LogError) in
        do throws(EventFault) {
          var decoder = EventDecoder(frame, ledger: log.ledger)
          while let decoded = try decoder.next(in: bytes) {
            let position = decoded.recorded.position
            if position <= after { continue }
            if position > last { return false }
            guard body(decoded, frame.header.epoch) else { return false }
          }
        } catch { throw .event(error) }
        return true
      }
    } catch { throw LedgerError(reading: error) }
  }

  /// The events of a range, at most `limit`.
  public func events(
    after: Position, through: Position? = nil, limit: Int = 100
  ) throws(LedgerError) -> [Recorded] {
    var found: [Recorded] = []
    guard limit > 0 else { return found }
    try forEachEvent(after: after, through: through) { decoded, _ in
      found.append(decoded.recorded)
      return found.count < limit
    }
    return found
  }

  /// The event at a position.
  public func event(at position: Position) throws(LedgerError) -> Recorded {
    guard position <= self.position else { throw .beyondEnd(position, end: self.position) }
    return try log.event(at: position).recorded
  }

  /// The requests that recorded the events at `positions`, as ``request(of:)`` gives them.
  ///
  /// - Complexity: One read of each frame, and one pass over its events, as long as positions in
  ///   one frame follow each other.
  public func requests(of positions: [Position]) throws(LedgerError) -> [[Recorded]] {
    var events: [Recorded] = []
    var requests: [[Recorded]] = []
    for position in positions {
      guard position <= self.position else { throw .beyondEnd(position, end: self.position) }
      if !events.holds(position) { events = try frameEvents(at: position) }
      guard events.holds(position), let first = events.first else {
        throw .beyondEnd(position, end: self.position)
      }
      let index = Int(position.rawValue - first.position.rawValue)
      let request = events[index].request
      let start = events[..<index].lastIndex { $0.request != request }.map { $0 + 1 } ?? 0
      let end = events[index...].firstIndex { $0.request != request } ?? events.endIndex
      requests.append(Array(events[start..<end]))
    }
    return requests
  }

  /// Every event of the frame that holds the event at `position`.
  private func frameEvents(at position: Position) throws(LedgerError) -> [Recorded] {
    let frame: StoredFrame
    do { frame = try log.frame(containing: position) } catch {
      throw LedgerError(reading: error)
    }
    var events: [Recorded] = []
    do throws(EventFault) {
      var decoder = EventDecoder(frame.extent, ledger: log.ledger)
      while let decoded = try decoder.next(in: frame.bytes.span) { events.append(decoded.recorded) }
    } catch { throw .unreadable(LogFailure(.event(error))) }
    return events
  }

  /// Every event of the request that recorded the event at `position`, in order.
  public func request(of position: Position) throws(LedgerError) -> [Recorded] {
    guard position <= self.position else { throw .beyondEnd(position, end: self.position) }
    let frame: StoredFrame
    do { frame = try log.frame(containing: position) } catch {
      throw LedgerError(reading: error)
    }
    var found: [Recorded] = []
    var wanted: Position?
    do throws(EventFault) {
      var decoder = EventDecoder(frame.extent, ledger: log.ledger)
      while let decoded = try decoder.next(in: frame.bytes.span) {
        let recorded = decoded.recorded
        if recorded.request != found.last?.request {
          if wanted != nil { break }
          found = []
        }
        found.append(recorded)
        if recorded.position == position { wanted = recorded.request }
      }
    } catch { throw .unreadable(LogFailure(.event(error))) }
    return found.filter { $0.request == wanted }
  }
}

/// A place in the feed that notices when history was changed by a restore.
///
/// In text `500@…`, the position and the epoch of its frame.
public struct Checkpoint: Hashable, Sendable {
  public let position: Position
  package let epoch: Epoch?

  package init(position: Position, epoch: Epoch?) {
    self.position = position
    self.epoch = epoch
  }
}

extension Checkpoint: LosslessStringConvertible {
  /// Reads `500@…`; also `500` and `#500`, which are not checked.
  public init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts[0].hasPrefix("#") ? parts[0].dropFirst() : parts[0]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = UInt64(digits)
    else { return nil }
    guard parts.count == 2 else {
      self.init(position: Position(number), epoch: nil)
      return
    }
    guard let epoch = Epoch(String(parts[1])) else { return nil }
    self.init(position: Position(number), epoch: epoch)
  }

  public var description: String {
    epoch.map { "\(position.rawValue)@\($0)" } ?? String(position.rawValue)
  }
}

extension View {
  /// The checkpoint behind the event at a position.
  ///
  /// Position 0 has none to check.
  public func checkpoint(at position: Position) throws(LedgerError) -> Checkpoint {
    guard position > .origin else { return Checkpoint(position: .origin, epoch: nil) }
    do {
      let frame = try log.frame(containing: position)
      return Checkpoint(position: position, epoch: frame.header.epoch)
    } catch { throw LedgerError(reading: error) }
  }

  /// Whether what a consumer has read up to `checkpoint` is part of this log.
  public func holds(_ checkpoint: Checkpoint) throws(LedgerError) -> Bool {
    guard let epoch = checkpoint.epoch else { return true }
    guard checkpoint.position <= end else { return false }
    return try self.checkpoint(at: checkpoint.position).epoch == epoch
  }
}

extension [Recorded] {
  /// Whether the event at a position is among these of one frame.
  fileprivate func holds(_ position: Position) -> Bool {
    guard let first, let last else { return false }
    return (first.position...last.position).contains(position)
  }
}
