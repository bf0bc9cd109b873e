import CohortModel
import Foundation

/// How far the clocks of a place are ahead of UTC.
package protocol WallClock: Sendable {
  /// In seconds, at a second since 1970 in UTC.
  func offset(at second: Int) -> Int
}

extension WallClock {
  /// The first second at which the clocks show `local` or later.
  ///
  /// So a local time that comes twice is the first of the two, and one that is skipped is the
  /// moment at which the clocks are set forward.
  ///
  /// - Parameter local: Seconds since 1970-01-01 00:00 of these clocks.
  /// - Returns: Seconds since 1970 in UTC.
  package func firstSecond(showing local: Int) -> Int {
    // No clock is 26 hours from UTC: at the beginning of the search it shows less, at the end more.
    var start = local - 26 * 3_600
    while true {
      let end = start + 3_600
      let (before, after) = (offset(at: start), offset(at: end))
      // The first second of the hour with the offset of its end: the clocks were set there.
      let change = before == after ? end : change(from: start, to: end, after)
      if local - before < change { return local - before }
      if before != after {
        if change + after >= local { return change }
        if local - after < end { return local - after }
      }
      start = end
    }
  }

  private func change(from start: Int, to end: Int, _ after: Int) -> Int {
    var (low, high) = (start, end)
    while high - low > 1 {
      let middle = (low + high) / 2
      if offset(at: middle) == after { high = middle } else { low = middle }
    }
    return high
  }
}

/// The name of a time zone, with its clocks.
package struct TimeZoneName: Hashable, Sendable, WallClock {
  package let name: String
  private let zone: TimeZone

  /// - Returns: `nil` if there is no such zone.
  package init?(_ name: String) {
    guard name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(name),
      let zone = TimeZone(identifier: name)
    else { return nil }
    (self.name, self.zone) = (name, zone)
  }

  package func offset(at second: Int) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
  }

  static func nearest(to name: String) -> String? {
    NearestText.nearest(to: name, in: TimeZone.knownTimeZoneIdentifiers)
  }
}
