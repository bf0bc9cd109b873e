import CohortModel
import CohortWire
import TestSupport
import Testing

@Suite struct `Users by their numbers` {
  @Test func `stand as if each had been written alone`() {
    var edges: [UInt32] = [0, .max, 4_294_967_294]
    for power in 0..<10 {
      let ten = (0..<power).reduce(UInt32(1)) { product, _ in product * 10 }
      edges += [ten, ten - 1, ten + 1, ten &* 3]
    }
    var random = SeededRandom(seed: 5)
    let some = (0..<1_000).map { _ in
      UInt32(truncatingIfNeeded: random.next()) >> UInt32(random.below(32))
    }
    for users in [[], [7], edges, some] {
      var (fast, plain) = (JSONWriter(), JSONWriter())
      fast.array { json in
        json.object { _ in }
        json.numbers(users.span)
        json.null()
      }
      plain.array { json in
        json.object { _ in }
        for user in users { json.listed(UserShape(hidden: UserID(user))) }
        json.null()
      }
      #expect(fast.bytes == plain.bytes)
      var lines = JSONWriter()
      lines.numbers(users.span, asLines: true)
      lines.object { _ in }
      let expected = users.map { "{\"user\":\($0)}\n" }.joined() + "{}"
      #expect(lines.bytes == Array(expected.utf8))
    }
  }
}
