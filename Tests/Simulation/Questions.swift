import CohortLedger
import CohortModel
import TestSupport

/// Asks a ledger about every position, and the naive model the same.
struct Questions {
  let ledger: Ledger
  let naive: NaiveLedger
  var random: SeededRandom
  let vocabulary = Vocabulary()
  var queries: QueryGenerator

  init(_ voyage: Voyage, seed: UInt64) {
    ledger = voyage.ledger
    naive = voyage.naive
    random = SeededRandom(seed: seed)
    queries = QueryGenerator(seed: seed)
  }

  mutating func askEverything() throws {
    try askAboutNow()
    for number in 0...naive.end.rawValue {
      let position = Position(number)
      let view = try ledger.view(asOf: .position(position))
      try expect(view.position, position, "position of the view", position)
      try expect(view.cutsRequest, !naive.endsRequest(position), "cutting a request", position)
      if position > .origin {
        try expect(view.instant, naive.time(of: position), "instant", position)
        try askAboutInstants(around: naive.time(of: position))
      }
      try askAboutCohorts(view)
      try askAboutPeople(view)
      if random.once(in: 4) { try askWhy(view) }
      try askForFilters(position)
    }
  }

  func expect<Value: Equatable>(
    _ found: Value, _ expected: Value, _ what: @autoclosure () -> String, _ position: Position
  ) throws {
    guard found != expected else { return }
    throw Wrong("\(what()) at \(position)\n  naive \(expected)\n  ledger \(found)")
  }

  var cohorts: [CohortID] { (1...UInt32(naive.now.cohorts.count + 1)).map { CohortID($0) } }

  var users: [UserID] { (1...UInt32(naive.now.users.count + 1)).map { UserID($0) } }

  var names: [UserName] {
    vocabulary.externalIDs.map { .externalID($0) } + vocabulary.devices.map { .device($0) }
      + vocabulary.labels.flatMap { label in
        vocabulary.aliasNames.map { .alias(label: label, name: $0) }
      }
  }

  private func askAboutInstants(around time: Instant) throws {
    for offset in [-1, 0, 1] as [Int64] {
      let instant = Instant(microseconds: time.microseconds + offset)
      guard instant <= ledger.now.instant else { continue }
      let view = try ledger.view(asOf: .instant(instant))
      try expect(
        view.position, naive.position(asOf: instant), "as of \(instant.microseconds)",
        naive.position(asOf: instant))
      try expect(view.cutsRequest, false, "an instant cuts no request", view.position)
    }
  }

  /// Keys and requests, as they are now.
  private func askAboutNow() throws {
    let view = ledger.now
    for number in 0...UInt32(naive.now.keys.count) {
      let key = KeyID(number)
      let expected = naive.activity(of: key)
      let usage = view.state.keys.usage[Int(number)]
      try expect(Int(usage.writes), expected.writes, "writes of \(key)", view.end)
      try expect(usage.lastWrite, expected.lastPosition, "last write of \(key)", view.end)
      try expect(usage.lastTime, expected.lastTime, "last time of \(key)", view.end)
      let actions = try view.activity(of: key, limit: 10_000)
      let own = naive.facts.filter { $0.key == key }
      try expect(
        actions.reversed().flatMap { $0.events.map(\.position) }, own.map(\.position),
        "activity of \(key)", view.end)
      try expect(actions.count, expected.writes, "requests of \(key)", view.end)
    }
    for fact in naive.facts {
      let found = try view.request(of: fact.position).map(\.position)
      let expected = naive.facts.filter { $0.request == fact.request }.map(\.position)
      try expect(found, expected, "request", fact.position)
    }
  }
}
