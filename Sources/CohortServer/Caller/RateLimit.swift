import Synchronization

/// `--rate-limit N`: so many authenticated requests of part 1 in a clock hour of UTC.
///
/// In memory: a restart begins anew. Who is not authenticated does not count.
final class RateLimit: Sendable {
  private let limit: Int
  private let used: Mutex<(hour: Int64, count: Int)>

  init(_ limit: Int) {
    self.limit = limit
    used = Mutex((0, 0))
  }

  /// Counts a request.
  ///
  /// - `now`: The wall clock, in microseconds.
  /// - Returns: Whether it is one too many.
  func take(at now: Int64) -> Bool {
    used.withLock { used in
      Self.turn(&used, now)
      guard used.count < limit else { return true }
      used.count += 1
      return false
    }
  }

  /// What every answer of part 1 tells.
  func headers(at now: Int64) -> [(name: String, value: String)] {
    let remaining = used.withLock { used in
      Self.turn(&used, now)
      return limit - used.count
    }
    return [
      ("x-ratelimit-limit", String(limit)), ("x-ratelimit-remaining", String(remaining)),
      ("x-ratelimit-reset", String(Self.reset(after: now))),
    ]
  }

  /// Seconds until the next hour, at least 1.
  static func retryAfter(_ now: Int64) -> Int {
    max(1, Int(reset(after: now) - now / 1_000_000))
  }

  /// When the next hour begins, in seconds since 1970.
  private static func reset(after now: Int64) -> Int64 { (now / hour + 1) * hour / 1_000_000 }

  private static func turn(_ used: inout (hour: Int64, count: Int), _ now: Int64) {
    // A clock that is set back does not give an hour twice.
    if now / hour > used.hour { used = (now / hour, 0) }
  }

  private static let hour: Int64 = 3_600_000_000
}
