import CohortLedger
import CohortModel

/// Brings the weeks of the table into a ledger, from wherever it stands.
struct Import {
  let table: Table
  let pairs: Pairs?
  let shop: Shop
  /// Called with every request that is durable.
  let acknowledge: (Position) -> Void
  /// Called when a week is over, with its last position.
  let finishWeek: (Int, Position) -> Void
  private(set) var requests = 0
  private(set) var changes = 0
  private(set) var merges = 0
  /// Of the last merge.
  private(set) var merged = Position.origin
  private var known: [Model: Set<Int>] = [:]

  init(
    _ table: Table, _ pairs: Pairs?, into shop: Shop,
    acknowledge: @escaping (Position) -> Void = { _ in },
    finishWeek: @escaping (Int, Position) -> Void = { _, _ in }
  ) {
    self.table = table
    self.pairs = pairs
    self.shop = shop
    self.acknowledge = acknowledge
    self.finishWeek = finishWeek
  }

  /// Goes on in the week of the last event.
  ///
  /// Everything is a wish that may be true already, so what an earlier run has done in that week is
  /// not done again.
  mutating func run(through lastWeek: Int? = nil) throws {
    let source = Source(table.purchases)
    let mergedSource = pairs.map { pairs in
      Source(table.purchases) { pairs.survivor(of: $0) }
    }
    try readMembers()
    let newcomers = newcomersByDay()
    let last = lastWeek ?? table.weeks.upperBound - 1
    guard firstOpenWeek <= last else { return }
    for week in firstOpenWeek...last {
      if week == pairs?.week { try merge() }
      for day in table.end(ofWeek: week) - 6...table.end(ofWeek: week) {
        try create(newcomers[day, default: []], on: day)
      }
      shop.clock.advance(toDay: table.end(ofWeek: week), hour: 23)
      let isMerged = pairs.map { week >= $0.week } ?? false
      for model in Model.allCases {
        let source = (isMerged ? mergedSource : nil) ?? source
        try synchronise(model, source.members(of: model, endingOn: table.end(ofWeek: week)))
      }
      finishWeek(week, shop.ledger.now.end)
    }
    shop.clock.advance(toDay: table.end(ofWeek: last) + 1, hour: 0)
  }

  /// Brings a ledger that was set back to the end of the last week, at its own time.
  mutating func catchUp() throws {
    let source = Source(table.purchases)
    try readMembers()
    for model in Model.allCases {
      let day = table.end(ofWeek: table.weeks.upperBound - 1)
      try synchronise(model, source.members(of: model, endingOn: day))
    }
  }

  private var firstOpenWeek: Int {
    let day = shop.ledger.now.instant.microseconds / 86_400_000_000
    return max(0, (Int(day) - table.firstDay) / 7)
  }

  /// The source's own memory of what it has sent is lost with a crash; the ledger's is not.
  private mutating func readMembers() throws {
    let view = shop.ledger.now
    for model in Model.allCases {
      try shop.name(model)
      let cohort = try shop.ledger.now.state.find(Shop.name(of: model))
      let page = try view.members(of: cohort, limit: .max)
      known[model] = Set(try page.members.map { try Shop.customer($0.identity) })
    }
  }

  private func newcomersByDay() -> [Int: [Int]] {
    var first: [Int: Int] = [:]
    for purchase in table.purchases {
      first[purchase.customer] = min(first[purchase.customer] ?? .max, purchase.day)
    }
    return Dictionary(grouping: first.keys.sorted()) { first[$0] ?? 0 }
  }

  private mutating func create(_ customers: [Int], on day: Int) throws {
    if customers.isEmpty { return }
    shop.clock.advance(toDay: day, hour: 12)
    let lines = customers.enumerated().map {
      ImportLine(line: $0.offset + 1, externalID: Text(Shop.externalID($0.element)))
    }
    let committed = try shop.submit(.importUsers(lines))
    guard case .importedUsers(let created, 0, let unchanged, let refused) = committed.answer,
      created + unchanged == customers.count, refused.isEmpty
    else { throw Difference("\(customers.count) customers came to \(committed.answer)") }
    count(committed)
  }

  /// Every pair becomes one user; what the source has sent under the old id goes on under the
  /// other.
  private mutating func merge() throws {
    guard let pairs else { return }
    shop.clock.advance(toDay: table.end(ofWeek: pairs.week) - 6, hour: 6)
    let merged = Set(table.purchases.map(\.customer)).filter { pairs.isMergedAway($0) }.sorted()
    for start in stride(from: 0, to: merged.count, by: 50) {
      let wish = merged[start..<min(start + 50, merged.count)].map {
        MergeUsers(
          merge: .externalID(Text(Shop.externalID($0))),
          keep: .externalID(Text(Shop.externalID(pairs.survivor(of: $0)))))
      }
      let committed = try shop.submit(.mergeUsers(wish))
      guard case .items(processed: wish.count, errors: []) = committed.answer else {
        throw Difference("\(wish.count) merges came to \(committed.answer)")
      }
      count(committed)
      merges += wish.count
      self.merged = committed.position
    }
    try removeMergedAway(pairs)
  }

  /// A source takes merged rows out under the old id.
  ///
  /// That must change nobody: the survivor stays.
  private mutating func removeMergedAway(_ pairs: Pairs) throws {
    for model in Model.allCases {
      let members = known[model, default: []]
      let stale = members.filter { pairs.isMergedAway($0) }.sorted()
      for start in stride(from: 0, to: stale.count, by: 1_000) {
        let ids = stale[start..<min(start + 1_000, stale.count)]
        let (committed, counts) = try shop.push(model, leaving: ids, entering: [])
        try expect(counts[.merged], ids.count, "ids of merged customers in \(model.rawValue)")
        count(committed)
      }
      known[model] = Set(members.map { pairs.survivor(of: $0) })
    }
  }

  /// Sends how a model differs from what was sent before, at most 1,000 ids a request.
  private mutating func synchronise(_ model: Model, _ members: Set<Int>) throws {
    let before = known[model, default: []]
    let leaving = before.subtracting(members).sorted()
    let entering = members.subtracting(before).sorted()
    for start in stride(from: 0, to: leaving.count + entering.count, by: 1_000) {
      let range = start..<start + 1_000
      let left = leaving[range.clamped(to: leaving.indices)]
      let next = range.lowerBound - leaving.count..<range.upperBound - leaving.count
      let entered = entering[next.clamped(to: entering.indices)]
      let (committed, counts) = try shop.push(model, leaving: left, entering: entered)
      try expect(counts[.added], entered.count, "added to \(model.rawValue)")
      try expect(counts[.removed], left.count, "removed from \(model.rawValue)")
      changes += counts.total
      count(committed)
    }
    known[model] = members
  }

  private mutating func count(_ committed: Committed) {
    requests += 1
    acknowledge(committed.position)
  }
}
