import CohortLog
import Synchronization

/// Random numbers that a seed repeats: splitmix64.
///
/// Neighbouring seeds give unrelated sequences, so a loop over 0, 1, 2 … tries different things.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Returns a number from 0 up to but without `bound`, which must be positive.
  package mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Returns `true` once in `n` times on average.
  package mutating func once(in n: Int) -> Bool { below(n) == 0 }

  package mutating func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (count + 7) / 8 * 8)
    unsafe bytes.withUnsafeMutableBytes { buffer in
      for offset in stride(from: 0, to: buffer.count, by: 8) {
        unsafe buffer.storeBytes(of: next().littleEndian, toByteOffset: offset, as: UInt64.self)
      }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}

/// A random source that a seed repeats, for as long as one thread asks at a time.
package final class SeededRandomSource: RandomSource {
  private let random: Mutex<SeededRandom>

  package init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

  package func fill(_ bytes: inout OutputSpan<UInt8>) {
    let new = random.withLock { [count = bytes.freeCapacity] in $0.bytes(count) }
    for byte in new { bytes.append(byte) }
  }
}
