import CohortModel
import CohortSync
import TestSupport
import Testing

@Suite struct `The difference` {
  /// Texts that share beginnings, end in zeros, repeat each other and are empty.
  static func texts(_ count: Int, _ random: inout SeededRandom) -> [[UInt8]] {
    let beginnings: [[UInt8]] = [
      [], Array("customer-000".utf8), [0], [0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    return (0..<count).map { _ in
      var text = beginnings.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 0...9, using: &random) {
        text.append([0, 1, 0x61, 0xFF].randomElement(using: &random) ?? 0)
      }
      return text
    }
  }

  static func identifiers(_ texts: [[UInt8]]) throws -> Identifiers {
    var builder = ModelBuilder()
    for (index, text) in texts.enumerated() {
      try builder.add(key: .text(ArraySlice("\(index)".utf8)), identifier: .text(text[...]))
    }
    return try builder.finish().identifiers
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `sorts identifiers as bytes, each once with the key of its first row`(
    _ seed: UInt64
  ) throws {
    var random = SeededRandom(seed: seed)
    let texts = Self.texts(Int.random(in: 0...300, using: &random), &random)
    let sorted = try Self.identifiers(texts)
    let expected = Set(texts).filter { !$0.isEmpty }.sorted { $0.lexicographicallyPrecedes($1) }
    #expect((0..<sorted.count).map { Array(sorted[$0]) } == expected)
    for rank in 0..<sorted.count {
      let first = texts.firstIndex(of: Array(sorted[rank]))
      #expect(String(decoding: sorted.key(rank), as: UTF8.self) == first.map { "\($0)" })
      #expect(sorted.rank(of: Array(sorted[rank])) == rank)
    }
    #expect(sorted.rank(of: Array("nobody".utf8)) == nil)
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `is that of sets`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let pool = Self.texts(200, &random).filter { !$0.isEmpty }
    let (old, new) = (
      pool.filter { _ in Bool.random(using: &random) },
      pool.filter { _ in Bool.random(using: &random) }
    )
    let (one, other) = (try Self.identifiers(old), try Self.identifiers(new))
    var (entered, left, unchanged): ([[UInt8]], [[UInt8]], [[UInt8]]) = ([], [], [])
    Difference.walk(from: one, to: other) { step in
      switch step {
      case .entered(let rank): entered.append(Array(other[rank]))
      case .left(let rank): left.append(Array(one[rank]))
      case .unchanged(let rank, let same):
        unchanged.append(Array(one[rank]))
        #expect(Array(one[rank]) == Array(other[same]))
      }
    }
    #expect(Set(entered) == Set(new).subtracting(old) && entered.count == Set(entered).count)
    #expect(Set(left) == Set(old).subtracting(new) && left.count == Set(left).count)
    #expect(Set(unchanged) == Set(old).intersection(new))
  }

  @Test func `names rows without a primary key, and rows that repeat one`() throws {
    var builder = ModelBuilder()
    for field: ModelBuilder.Field in [
      .text(Array("a".utf8)[...]), .null, .missing, .notText, .text(Array("b".utf8)[...]),
      .text(Array("a".utf8)[...]), .text(Array("a".utf8)[...]),
    ] {
      try builder.add(key: field, identifier: .text([1]))
    }
    let error = #expect(throws: SourceError.self) { try builder.finish() }
    let expected: [(Int, KeyFault.Reason)] = [
      (2, .null), (3, .missing), (4, .notText), (6, .duplicate(of: 1)), (7, .duplicate(of: 1)),
    ]
    guard case .keys(let faults, 5) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(faults.map(\.row) == expected.map(\.0))
    #expect(faults.map(\.reason) == expected.map(\.1))
  }

  @Test func `lists twenty faults and counts the others`() throws {
    var builder = ModelBuilder()
    for _ in 0..<50 { try builder.add(key: .null, identifier: .text([1])) }
    let error = #expect(throws: SourceError.self) { try builder.finish() }
    #expect("\(error as Any)".contains("30 more"))
  }
}
