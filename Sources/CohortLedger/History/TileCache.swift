import CohortLog
import CohortModel
import Synchronization

/// What was read of tiles last, unpacked.
///
/// A key names the same thing for ever, so nothing here is ever out of date. Holds numbers of users
/// only, no text of anybody.
///
/// Invariant: `bytes` is the sum of what the parts are counted as, and at most `bytesMax`.
struct TileCache<Key: Hashable & Sendable, Part: Sendable>: Sendable {
  private var parts: [Key: (part: Part, bytes: Int, used: UInt64)] = [:]
  private(set) var bytes = 0
  private var uses: UInt64 = 0
  private let bytesMax: Int

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  mutating func find(_ key: Key) -> Part? {
    guard let index = parts.index(forKey: key) else { return nil }
    uses += 1
    parts.values[index].used = uses
    return parts.values[index].part
  }

  /// Keeps a part in place of what has its key, and forgets those that were not used for longest if
  /// they are too many.
  ///
  /// - Returns: What was forgotten, for the caller to let go of where nobody waits for it.
  mutating func keep(_ part: Part, of size: Int, at key: Key) -> [Part] {
    // The entry takes a little too.
    let cost = size + 256
    guard cost <= bytesMax / 2 else { return [] }
    uses += 1
    let old = parts.updateValue((part, cost, uses), forKey: key)
    bytes += cost - (old?.bytes ?? 0)
    return (old.map { [$0.part] } ?? []) + (bytes > bytesMax ? forgetSome() : [])
  }

  /// Forgets a quarter or more: to look for the oldest each time would cost more than a read.
  private mutating func forgetSome() -> [Part] {
    var forgotten: [Part] = []
    for (key, entry) in parts.sorted(by: { $0.value.used < $1.value.used }) {
      if bytes <= bytesMax * 3 / 4 { break }
      forgotten.append(entry.part)
      parts[key] = nil
      bytes -= entry.bytes
    }
    return forgotten
  }
}

/// Some caches, so that threads that read different parts seldom wait for each other.
final class TileCaches<Key: Hashable & Sendable, Part: Sendable>: Sendable {
  private final class One: Sendable {
    let cache: Mutex<TileCache<Key, Part>>

    init(bytesMax: Int) { cache = Mutex(TileCache(bytesMax: bytesMax)) }
  }

  private let caches: [One]

  /// - Parameter bytesMax: Of all together.
  init(bytesMax: Int) {
    caches = (0..<8).map { _ in One(bytesMax: bytesMax / 8) }
  }

  func find(_ key: Key) -> Part? { self[key].cache.withLock { $0.find(key) } }

  func keep(_ part: Part, of size: Int, at key: Key) {
    _ = self[key].cache.withLock { $0.keep(part, of: size, at: key) }
  }

  private subscript(key: Key) -> One {
    caches[Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 5) % caches.count]
  }
}
