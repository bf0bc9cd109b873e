import CohortLog
import CohortModel

/// The parts of the file of tiles that were used last, unpacked.
///
/// A place and its checksum name the same bytes for ever, so nothing here is ever out of date.
/// Holds numbers of users only, no text of anybody.
///
/// Invariant: `bytes` is the sum of what the parts are counted as, and at most `bytesMax`.
struct TileCache: Sendable {
  enum Part: Sendable {
    case block(HistoryBlock)
    case users(LiveUsers)
  }

  private var parts: [CachedBytes: (part: Part, used: UInt64)] = [:]
  private(set) var bytes = 0
  private var uses: UInt64 = 0
  private let bytesMax: Int

  init(bytesMax: Int = 16 << 20) { self.bytesMax = bytesMax }

  mutating func find(_ place: CachedBytes) -> Part? {
    guard let index = parts.index(forKey: place) else { return nil }
    uses += 1
    parts.values[index].used = uses
    return parts.values[index].part
  }

  /// Keeps a part, and forgets those that were not used for longest if they are too many.
  mutating func keep(_ part: Part, at place: CachedBytes) {
    guard Self.cost(place) <= bytesMax / 4, parts[place] == nil else { return }
    uses += 1
    parts[place] = (part, uses)
    bytes += Self.cost(place)
    if bytes > bytesMax { forgetSome() }
  }

  /// Forgets a quarter or more: to look for the oldest each time would cost more than a read.
  private mutating func forgetSome() {
    var rest = bytes
    for (place, entry) in parts.sorted(by: { $0.value.used < $1.value.used }) {
      if rest <= bytesMax * 3 / 4 { break }
      _ = entry
      parts[place] = nil
      rest -= Self.cost(place)
    }
    bytes = rest
  }

  /// Unpacked a part takes about as much as in the file, and its entry a little.
  private static func cost(_ place: CachedBytes) -> Int { place.length + 256 }
}
