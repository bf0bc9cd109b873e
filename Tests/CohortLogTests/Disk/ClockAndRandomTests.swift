import CohortLog
import Glibc
import TestSupport
import Testing

@Suite struct `A clock` {
  @Test func `of this machine agrees with the system and never runs backwards`() {
    let clock = SystemClock()
    let before = Int64(time(nil))
    let wall = clock.wall
    #expect(wall / 1_000_000 >= before - 1 && wall / 1_000_000 <= Int64(time(nil)) + 1)
    var last = clock.monotonic
    for _ in 0..<10_000 {
      let now = clock.monotonic
      #expect(now >= last)
      last = now
    }
  }

  @Test func `that is simulated stands still, passes and jumps as told`() {
    let clock = SimulatedClock(wall: 1_000)
    #expect([clock.wall, clock.wall, clock.monotonic] == [1_000, 1_000, 0])
    clock.advance(by: 5)
    #expect([clock.wall, clock.monotonic] == [1_005, 5])
    clock.jump(to: -7)
    #expect([clock.wall, clock.monotonic] == [-7, 5])

    let ticking = SimulatedClock(wall: 10, step: 2)
    #expect([ticking.wall, ticking.wall, ticking.monotonic] == [10, 12, 4])
  }
}

@Suite struct `A random source` {
  /// Lengths around the size of the stock, and small ones between which the stock runs out.
  private let lengths = [0, 1, 16, 4_000, 16_383, 16_384, 16_385, 1, 40_000, 5_000, 12_000, 7]

  @Test func `of this machine fills exactly what was asked for, with different bytes each time`() {
    let source = SystemRandomSource()
    for length in lengths {
      var bytes: [UInt8] = [1, 2, 3]
      source.append(length, to: &bytes)
      #expect(bytes.count == 3 + length)
      #expect(bytes.starts(with: [1, 2, 3]))
      // 64 zeros in a row are less likely than a broken computer.
      for start in stride(from: 3, to: bytes.count - 64, by: 64) {
        #expect(bytes[start..<start + 64].contains { $0 != 0 })
      }
    }
    #expect(Set((0..<20_000).map { _ in source.bytes(16) }).count == 20_000)
  }

  @Test func `of this machine uses every value of a byte about equally often`() {
    let bytes = SystemRandomSource().bytes(256 * 1_000)
    var counts = [Int](repeating: 0, count: 256)
    for byte in bytes { counts[Int(byte)] += 1 }
    // Ten standard deviations of a count that is 1,000 on average.
    #expect(counts.allSatisfy { abs($0 - 1_000) < 320 })
  }

  @Test func `shares its stock between copies, so that none hands out what another did`() {
    let source = SystemRandomSource()
    let copy = source
    #expect(
      Set((0..<2_000).map { $0.isMultiple(of: 2) ? source.bytes(16) : copy.bytes(16) }).count
        == 2_000)
  }

  @Test func `with a seed repeats itself, and differs from its neighbours`() {
    let all = (0..<100).map { SeededRandomSource(seed: $0).bytes(16) }
    #expect(all == (0..<100).map { SeededRandomSource(seed: $0).bytes(16) })
    #expect(Set(all).count == 100)
    for length in 0..<20 { #expect(SeededRandomSource(seed: 1).bytes(length).count == length) }
    // The first three outputs of the published splitmix64 for the seed 1234567.
    var random = SeededRandom(seed: 1_234_567)
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
    ]
    #expect(published.allSatisfy { $0 == random.next() })
  }

  @Test func `with a seed draws every number below a bound and none other`() {
    var random = SeededRandom(seed: 7)
    for bound in 1...40 {
      #expect(Set((0..<2_000).map { _ in random.below(bound) }) == Set(0..<bound))
    }
  }
}
