import TestSupport
import Testing

@testable import CohortSync

@Suite struct `The order of texts` {
  /// Texts with and without a common beginning, of few letters, so that many repeat each other.
  static func texts(_ random: inout SeededRandom) -> [[UInt8]] {
    let common = Array("cust-".utf8.prefix(Int.random(in: 0...5, using: &random)))
    let beginnings: [[UInt8]] = [[], [0], Array("a long beginning, ".utf8), Array("0000".utf8)]
    let alphabets: [[UInt8]] = [[0, 1], [0x30, 0x31, 0x39], [0, 0x61, 0xFF]]
    let letters = alphabets.randomElement(using: &random) ?? []
    return (0..<Int.random(in: 0...3_000, using: &random)).map { _ in
      var text = common + (beginnings.randomElement(using: &random) ?? [])
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        text.append(letters.randomElement(using: &random) ?? 0)
      }
      return text
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `is that of their bytes, and tells each repeated one with its first place`(
    _ seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    let texts = Self.texts(&random)
    let given = texts.indices.filter { _ in Int.random(in: 0...9, using: &random) > 0 }
    let order = TextOrder(TextList(texts), given.map { UInt32($0) })
    var first: [[UInt8]: Int] = [:]
    var repeats: [UInt32: UInt32] = [:]
    for place in given {
      if let before = first[texts[place]] {
        repeats[UInt32(place)] = UInt32(before)
      } else {
        first[texts[place]] = place
      }
    }
    let expected = first.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { $0.value }
    #expect(order.places.map { Int($0) } == expected)
    #expect(order.repeats.count == repeats.count)
    #expect(order.repeats.allSatisfy { repeats[$0.place] == $0.first })
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `sorts a part of its numbers and leaves equal ones and the rest as they were`(
    _ seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    var sorter = ChunkSorter()
    for _ in 0..<5 {
      let mask: UInt64 = [3, 0xFF00, 0xFF00_0000_0000_00FF].randomElement(using: &random) ?? .max
      let count = Int.random(in: 0...400, using: &random)
      let before = (0..<count).map { _ in UInt64.random(in: 0...(.max), using: &random) & mask }
      let ends = [count, count].map { Int.random(in: 0...$0, using: &random) }.sorted()
      let range = ends[0]..<ends[1]
      var (chunks, places) = (before, before.indices.map { UInt32($0) })
      sorter.sort(&chunks, &places, range)
      // By number, then by place: what a stable sort does.
      let sorted = range.sorted { (before[$0], $0) < (before[$1], $1) }
      let expected = Array(0..<range.lowerBound) + sorted + Array(range.upperBound..<count)
      #expect(places.map { Int($0) } == expected)
      #expect(chunks == expected.map { before[$0] })
    }
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `is that in which texts are gathered`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let texts = Self.texts(&random)
    let places = texts.indices.shuffled(using: &random).prefix(Int(seed) * 64 + Int(seed % 3))
    let list = TextList(texts).gathered(places.map { UInt32($0) })
    #expect(list.count == places.count)
    #expect((0..<list.count).map { Array(list[$0]) } == places.map { texts[$0] })
  }

  @Test func `finds what two texts have in common, at every length and place`() {
    for count in 0...20 {
      let text = (0..<count).map { UInt8($0 + 1) }
      for otherCount in 0...20 {
        let other = (0..<otherCount).map { UInt8($0 + 1) }
        let shared = text.span.shared(with: other.span)
        #expect(shared == min(count, otherCount))
        for changed in other.indices {
          var another = other
          another[changed] ^= 0x80
          let sharedNow = text.span.shared(with: another.span)
          #expect(sharedNow == min(count, changed))
        }
        for start in 0...21 {
          let isHeld = text.span.holds(other.span, at: start)
          #expect(isHeld == (start <= count && text.dropFirst(start).starts(with: other)))
        }
      }
    }
  }

  @Test func `comes of two things that are done at once`() {
    let (theirs, mine) = both({ (0..<1_000).reduce(0, +) }, { (0..<10).reduce(0, +) })
    #expect(theirs == 499_500)
    #expect(mine == 45)
  }
}
