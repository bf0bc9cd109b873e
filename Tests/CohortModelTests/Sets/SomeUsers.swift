@testable import CohortModel

/// A small generator whose numbers follow from its seed, so that a failure comes back.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// The members of every subset of the first `count` numbers, each scaled and moved.
func everySubset(of count: Int, times step: UInt32 = 1, from base: UInt32 = 0) -> [[UInt32]] {
  (0..<1 << count).map { subset in
    (0..<count).filter { subset >> $0 & 1 == 1 }.map { base + UInt32($0) * step }
  }
}

/// `count` different numbers of `range`, ascending.
func some(_ count: Int, of range: ClosedRange<UInt32>, _ dice: inout Dice) -> [UInt32] {
  var users = Set<UInt32>()
  while users.count < count { users.insert(UInt32.random(in: range, using: &dice)) }
  return users.sorted()
}

/// Sets that reach every encoding and every layout of chunks, and their borders.
let tellingSets: [[UInt32]] = {
  var dice = Dice(7)
  var sets: [[UInt32]] = [
    [], [0], [1], [.max], [0, .max], [1, 2], [.max - 1, .max], [0, 1 << 31, .max],
    [65_535, 65_536], Array(65_530...65_541), Array(1...200_000),
    Array(stride(from: 3, through: 300_000, by: 2)), Array(stride(from: 3, through: 99_999, by: 3)),
    Array(stride(from: 64, through: 65_536 * 3, by: 64)),
    (0..<900).flatMap { block in (0..<20).map { UInt32(block * 5_000 + $0) } },
    (0..<40).flatMap { block in (0...UInt32(block)).map { UInt32(block * 70_001) + $0 } },
  ]
  for count in [1_023, 1_024, 1_025, 4_095, 4_096, 4_097, 60_000, 65_535] {
    sets.append(some(count, of: 65_536...131_071, &dice))
  }
  sets.append(Array(65_536...131_071))
  for (count, last) in [(2, 10), (3, 1 << 20), (10, 400), (60, 1 << 32 - 1), (1_000, 10_000_000)] {
    sets.append(some(count, of: 1...UInt32(last), &dice))
  }
  sets.append(some(50_000, of: 1...1_000_000, &dice))
  return sets
}()
