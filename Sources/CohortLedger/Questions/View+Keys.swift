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
  /// The keys that there were, as they were, in the order of their issue.
  public var keys: [KeyRecord] {
    state.keys.records.filter { $0.issuedAt <= position }.map { $0.asOf(position) }
  }

  /// What each key had been used for, by its number; that of the operator first.
  ///
  /// - Complexity: O(keys) for the present; else one pass over the log up to this view.
  public func keyUsage() throws(LedgerError) -> [KeyUsage] {
    let now = state.keys.usage
    guard !isNow else { return now }
    var usage = now.map { used in
      if let last = used.lastWrite, last > position { return KeyUsage() }
      return used
    }
    // Only those that were used since are counted again.
    let isCounted = now.map { $0.lastWrite ?? .origin <= position }
    guard isCounted.contains(false) else { return usage }
    try forEachEvent(after: .origin) { decoded, _ in
      let (recorded, index) = (decoded.recorded, Int(decoded.recorded.key.rawValue))
      if recorded.request == recorded.position, !isCounted[index] {
        usage[index].count(recorded.position, recorded.time)
      }
      return true
    }
    return usage
  }

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
