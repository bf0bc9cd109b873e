import CohortLog
import CohortModel
import Synchronization

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

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  mutating func find(_ place: CachedBytes) -> Part? {
    guard let index = parts.index(forKey: place) else { return nil }
    uses += 1
    parts.values[index].used = uses
    return parts.values[index].part
  }

  /// Keeps a part, and forgets those that were not used for longest if they are too many.
  ///
  /// - Returns: What was forgotten, for the caller to let go of where nobody waits for it.
  mutating func keep(_ part: Part, at place: CachedBytes) -> [Part] {
    guard Self.cost(place) <= bytesMax / 4, parts[place] == nil else { return [] }
    uses += 1
    parts[place] = (part, uses)
    bytes += Self.cost(place)
    return bytes > bytesMax ? forgetSome() : []
  }

  /// Forgets a quarter or more: to look for the oldest each time would cost more than a read.
  private mutating func forgetSome() -> [Part] {
    var forgotten: [Part] = []
    for (place, entry) in parts.sorted(by: { $0.value.used < $1.value.used }) {
      if bytes <= bytesMax * 3 / 4 { break }
      forgotten.append(entry.part)
      parts[place] = nil
      bytes -= Self.cost(place)
    }
    return forgotten
  }

  /// Unpacked a part takes about as much as in the file, and its entry a little.
  private static func cost(_ place: CachedBytes) -> Int { place.length + 256 }
}

/// Some caches, so that threads that read different parts seldom wait for each other.
final class TileCaches: Sendable {
  private final class One: Sendable {
    let cache: Mutex<TileCache>

    init(bytesMax: Int) { cache = Mutex(TileCache(bytesMax: bytesMax)) }
  }

  private let caches: [One]

  /// - Parameter bytesMax: Of all together.
  init(bytesMax: Int = 64 << 20) {
    caches = (0..<8).map { _ in One(bytesMax: bytesMax / 8) }
  }

  func find(_ place: CachedBytes) -> TileCache.Part? {
    self[place].cache.withLock { $0.find(place) }
  }

  func keep(_ part: TileCache.Part, at place: CachedBytes) {
    _ = self[place].cache.withLock { $0.keep(part, at: place) }
  }

  private subscript(place: CachedBytes) -> One { caches[Int(place.crc) % caches.count] }
}
