package import CohortModel

/// Slows down those who guess keys, and nobody else.
///
/// Each address has a bucket of `burst` wrong keys that fills up again, one every `interval`; a
/// right key never asks for it, so nobody can be locked out by a neighbour's guesses. The buckets
/// are slots of a fixed table, found by a keyed hash: time and memory are the same for one guess
/// and for a million addresses. Two addresses in one slot share its bucket, which can only make
/// wrong keys slower.
///
/// A slot holds one number: when the bucket would be full again (the generic cell rate algorithm).
package struct WrongKeyBuckets: Sendable {
  private var fullAt: [Int64]
  private let seed: UInt64

  /// Wrong keys at once.
  package static let burst = 20
  /// Microseconds for one more.
  package static let interval: Int64 = 3_000_000

  /// - Parameters:
  ///   - seed: Nobody outside knows it, so nobody can choose addresses that share a slot.
  ///   - count: Of the slots.
  package init(seed: UInt64, count: Int = 4_096) {
    self.seed = seed
    fullAt = [Int64](repeating: .min, count: count)
  }

  /// Notes a wrong key.
  ///
  /// - Parameters:
  ///   - address: From where it came; all who have none share a bucket.
  ///   - now: Of a clock that never goes back, in microseconds.
  /// - Returns: `nil` if the bucket had room; else in how many seconds it will have.
  package mutating func take(_ address: NetworkAddress?, at now: Int64) -> Int? {
    let slot = slot(of: address)
    let full = max(fullAt[slot], now)
    let wait = full + Self.interval - now - Int64(Self.burst) * Self.interval
    guard wait <= 0 else { return Int((wait + 999_999) / 1_000_000) }
    fullAt[slot] = full + Self.interval
    return nil
  }

  /// An IPv6 network of 64 bits is one caller: whoever has one has all of its addresses.
  private func slot(of address: NetworkAddress?) -> Int {
    guard let address else { return 0 }
    var hash = seed ^ (address.isIPv4 ? address.low : address.high)
    // The finalizer of MurmurHash3.
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    hash ^= hash >> 33
    return Int(hash % UInt64(fullAt.count))
  }
}
