import CohortFormat
public import CohortModel

/// What a key did with one request.
public struct KeyAction: Hashable, Sendable {
  /// Named by the position of its last event.
  public let request: Position
  public let time: Instant
  public internal(set) var events: [Recorded]
}

extension View {
  /// The requests of a key, newest first.
  ///
  /// - `before`: Only requests that ended before this position: the last of the page before.
  /// - `limit`: How many at most.
  /// - Complexity: One pass over the log from its newest frame back, until there are enough.
  public func activity(
    of key: KeyID, before: Position = .never, limit: Int = 100
  ) throws(LedgerError) -> [KeyAction] {
    var end = min(before == .never ? position : Position(before.rawValue - 1), position)
    var found: [KeyAction] = []
    // One more than wanted: the oldest may go on in the next stretch.
    while end > .origin, found.count <= limit {
      let start = Position(end.rawValue - min(end.rawValue, Self.activityStride))
      var stretch: [Recorded] = []
      try forEachEvent(after: start, through: end) { decoded, _ in
        if decoded.recorded.key == key, decoded.recorded.request < before {
          stretch.append(decoded.recorded)
        }
        return true
      }
      for recorded in stretch.reversed() {
        if found.last?.request == recorded.request {
          found[found.count - 1].events.append(recorded)
        } else {
          found.append(
            KeyAction(request: recorded.request, time: recorded.time, events: [recorded]))
        }
      }
      end = start
    }
    return found.prefix(limit).map { action in
      KeyAction(request: action.request, time: action.time, events: action.events.reversed())
    }
  }

  private static var activityStride: UInt64 { 4_096 }
}
