package import CohortModel

/// When a sync runs.
package enum Schedule: Hashable, Sendable {
  case every(Period)
  case cron(Cron, TimeZoneName)

  /// The first moment behind another at which a run is due, in seconds since 1970.
  ///
  /// - Parameters:
  ///   - second: The moment, in seconds since 1970.
  ///   - base: The last moment that was due: intervals count from there.
  /// - Returns: `nil` if there is none within sixty years.
  package func next(after second: Int, base: Int) -> Int? {
    switch self {
    case .every(let period):
      let length = Int(period.seconds)
      guard second >= base else { return base + length }
      return base + ((second - base) / length + 1) * length
    case .cron(let cron, let zone): return cron.next(after: second, on: zone)
    }
  }
}

extension Cron {
  /// The first second behind `second` at which the schedule is due on these clocks.
  ///
  /// A local time that does not exist is due when the clocks are set forward over it, one that
  /// comes twice only the first time; several that fall on one second are one.
  package func next(after second: Int, on clock: some WallClock) -> Int? {
    var minute = (second + clock.offset(at: second)).flooredQuotient(60)
    while let found = next(after: minute) {
      let due = clock.firstSecond(showing: found * 60)
      if due > second { return due }
      minute = found
    }
    return nil
  }
}

extension Schedule: CustomStringConvertible {
  package var description: String {
    switch self {
    case .every(let period): "every \(period.seconds) s"
    case .cron(let cron, let zone): "\(cron.text) (\(zone.name))"
    }
  }
}
