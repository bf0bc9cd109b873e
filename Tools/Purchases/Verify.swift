import CohortLedger
import CohortModel

/// Compares what a ledger says about the end of every week with the transactions.
struct Verification {
  let table: Table
  let naive: NaiveWeeks
  var pairs: Pairs?
  /// The last position of every week, as it was acknowledged.
  let positions: [Int: Position]
  private(set) var lists = 0
  private(set) var members = 0

  init(_ table: Table, _ naive: NaiveWeeks, _ pairs: Pairs? = nil, _ positions: [Int: Position]) {
    self.table = table
    self.naive = naive
    self.pairs = pairs
    self.positions = positions
  }

  mutating func check(_ ledger: Ledger, through lastWeek: Int? = nil) throws {
    for week in 0...(lastWeek ?? table.weeks.upperBound - 1) {
      let instant = PurchaseClock.end(ofDay: table.end(ofWeek: week))
      let byInstant = try ledger.view(asOf: .instant(instant))
      if let position = positions[week] {
        try expect(byInstant.position, position, "the last position of week \(week + 1)")
      }
      let byPosition = try ledger.view(asOf: .position(byInstant.position))
      for model in Model.allCases {
        try check(model, week, byPosition, byInstant)
      }
    }
    try checkPresent(ledger, lastWeek)
  }

  private mutating func check(
    _ model: Model, _ week: Int, _ byPosition: View, _ byInstant: View
  ) throws {
    let what = "\(model.rawValue) at the end of week \(week + 1)"
    let wanted = naive.members(of: model, inWeek: week)
    let cohort = try byPosition.state.find(Shop.name(of: model))
    let users = try byPosition.members(of: cohort)
    try expect(names(byPosition, cohort), wanted, "\(what), by position")
    try expect(try byInstant.members(of: cohort) == users, true, "\(what), by instant as well")
    try expect(try byPosition.size(of: cohort), wanted.count, "the size of \(what)")
    // Every hundredth user alone: in or out, without the list.
    for user in stride(from: 1, through: UInt32(byPosition.state.directory.userCount), by: 100) {
      let isMember = try byInstant.contains(UserID(user), in: cohort)
      try expect(isMember, users.contains(user), "user:\(user) in \(what)")
    }
    lists += 2
    members += 2 * wanted.count
    guard let pairs else { return }
    let survivors = Set(wanted.map { pairs.survivor(of: $0) })
    try expect(names(byPosition, cohort, .now), survivors, "\(what), identities of now")
    lists += 1
    members += survivors.count
  }

  mutating func checkPresent(_ ledger: Ledger, _ lastWeek: Int? = nil) throws {
    let week = lastWeek ?? table.weeks.upperBound - 1
    for model in Model.allCases {
      let cohort = try ledger.now.state.find(Shop.name(of: model))
      let wanted = naive.members(of: model, inWeek: week)
      try expect(names(ledger.now, cohort), wanted, "\(model.rawValue) now")
      lists += 1
      members += wanted.count
    }
  }

  /// Right behind the last merge, before the source has sent anything: everybody is in who was.
  mutating func checkMoment(afterMergesOf ledger: Ledger, _ merged: Position) throws {
    guard let pairs else { return }
    let view = try ledger.view(asOf: .position(merged))
    for model in Model.allCases {
      let before = naive.members(of: model, inWeek: pairs.week - 1)
      let cohort = try view.state.find(Shop.name(of: model))
      let wanted = Set(before.map { pairs.survivor(of: $0) })
      try expect(names(view, cohort), wanted, "\(model.rawValue) right after the merges")
      lists += 1
      members += wanted.count
    }
  }

  private func names(
    _ view: View, _ cohort: CohortID, _ identity: IdentityTime = .then
  ) throws -> Set<Int> {
    let page = try view.members(of: cohort, identity: identity, limit: .max)
    let names = Set(try page.members.map { try Shop.customer($0.identity) })
    try expect(names.count, page.count, "members listed once")
    try expect(page.gone, 0, "members gone")
    return names
  }
}
