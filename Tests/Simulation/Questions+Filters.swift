import CohortLedger
import CohortModel
import TestSupport

extension Questions {
  /// Random filters and every segment, with the definitions of then and of now.
  mutating func askForFilters(_ position: Position) throws {
    guard !naive.now.cohorts.isEmpty, position > .origin else { return }
    var instant = naive.time(of: position)
    let later = random.pick([0, 0, 1, 3_600, 86_400, 2_592_000]) as Int64
    instant = min(
      Instant(microseconds: instant.microseconds + later * 1_000_000), ledger.now.instant)
    let view = try ledger.view(asOf: .position(position), at: instant)
    for _ in 0..<3 {
      let filter = queries.filter(in: naive, depth: 3)
      for definition in NaiveDefinition.allCases {
        let expected = naive.evaluate(filter, at: position, instant, definition: definition)
        let what = "\(filter), definitions of \(definition), at \(instant.microseconds)"
        try expect(
          view.users(filter, definitions: definition.real).numbers, expected.numbers, what,
          position)
        let size = try view.size(of: filter, definitions: definition.real)
        try expect(size.size, expected.count, "size of " + what, position)
        for leaf in size.leaves {
          try expect(
            leaf.size,
            naive.evaluate(leaf.filter, at: position, instant, definition: definition).count,
            "size of leaf \(leaf.filter) in " + what, position)
        }
        guard let user = naive.state(at: position).liveUsers.randomElement(using: &random) else {
          continue
        }
        try expect(
          view.explain(filter, user, definitions: definition.real).holds,
          expected.contains(user), "truth for \(user) of " + what, position)
      }
    }
    for segment in naive.now.segments.keys {
      for definition in NaiveDefinition.allCases {
        try expect(
          view.users(segment, definitions: definition.real)?.numbers,
          naive.members(of: segment, at: position, instant, definition: definition)?.numbers,
          "members of \(segment) by definitions of \(definition)", position)
      }
    }
  }
}

extension NaiveDefinition {
  var real: DefinitionsAsOf { self == .then ? .then : .now }
}
