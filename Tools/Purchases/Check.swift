import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import Foundation
import TestSupport

/// The whole check, part after part, each saying what it has seen.
struct Check {
  let words: Words
  let table: Table
  let naive: NaiveWeeks
  private let begin = ContinuousClock.now

  init(_ words: Words) throws {
    self.words = words
    table = try Table(at: words.path, customersMax: words.customersMax)
    naive = NaiveWeeks(table)
    let customers = Set(table.purchases.map(\.customer)).count
    print(
      """
      table: \(table.purchases.count) purchases of \(customers) customers \
      in \(table.weeks.count) weeks (\(table.origin))
      """)
  }

  func run() throws {
    let folder = try TemporaryFolder()
    let requests = try checkImport(folder.path + "/plain")
    try checkRestores(of: folder.path + "/plain", in: folder.path)
    try checkCrashes(folder.path + "/killed", requests)
    try checkMerges(folder.path + "/merged")
    print("all as the transactions say, in \(seconds(since: begin)) s")
  }

  /// - Returns: How many requests the import takes.
  private func checkImport(_ folder: String) throws -> Int {
    let start = ContinuousClock.now
    let shop = try Shop(folder, from: table.firstDay)
    var positions: [Int: Position] = [:]
    var importing = Import(table, nil, into: shop, finishWeek: { positions[$0] = $1 })
    try importing.run()
    tell("import", importing, shop.ledger, start)
    try shop.checkThatKeysAreChecked()
    try verify(shop.ledger, positions, "every week")
    try shop.ledger.close()
    try verify(folder, positions, "after a restart")
    let caches = try removeCaches(folder)
    try verify(folder, positions, "without \(caches)")
    return importing.requests
  }

  /// Restores a backup to the end of an earlier week, and brings in the weeks after it once more.
  private func checkRestores(of folder: String, in parent: String) throws {
    let backup = parent + "/backup"
    let shop = try Shop(folder, from: table.firstDay)
    let report = try shop.ledger.backup(to: backup)
    print("backup: \(report.bytes) bytes, \(report.head.size) events")
    for share in [3, 2] {
      let week = table.weeks.count / share
      let end = PurchaseClock.end(ofDay: table.end(ofWeek: week))
      let position = try shop.ledger.view(asOf: .instant(end)).position
      let cut: Moment = share == 3 ? .instant(end) : .position(position)
      try checkRestore(of: backup, to: "\(parent)/restored-\(share)", cut, position, week)
    }
    try shop.ledger.close()
  }

  private func checkRestore(
    of backup: String, to folder: String, _ cut: Moment, _ position: Position, _ week: Int
  ) throws {
    var options = RestoreOptions()
    options.cut = cut
    let report = try Ledger.restore(
      from: backup, to: folder, options, on: PosixDisk(),
      clock: PurchaseClock(day: table.end(ofWeek: week) + 1), random: SystemRandomSource())
    try expect(report.cut, position, "the cut of a backup restored to week \(week + 1)")
    let shop = try Shop(folder, from: table.firstDay)
    var checking = Verification(table, naive, nil, [week: position])
    try self.report("restored to the end of week \(week + 1)", &checking) {
      try $0.check(shop.ledger, through: week)
    }
    // Time does not go back: the new history begins behind the old one.
    let last = try shop.ledger.view(asOf: .instant(PurchaseClock.end(ofDay: table.lastDay)))
    try expect(last.position, position, "the last position before the restore")
    let start = ContinuousClock.now
    var importing = Import(table, nil, into: shop)
    try importing.catchUp()
    tell("and gone on to the last week", importing, shop.ledger, start)
    try checking.checkPresent(shop.ledger)
    try shop.ledger.close()
    try checkSoundness(of: folder)
  }

  /// Checksums, commitments and the tree of the whole log.
  private func checkSoundness(of folder: String) throws {
    let report = try Ledger.verify(folder)
    if let finding = report.findings.first { throw Difference("\(folder): \(finding)") }
    print("verified: \(report.events) events in \(report.frames) frames are as they were written")
  }

  private func checkCrashes(_ folder: String, _ requests: Int) throws {
    let start = ContinuousClock.now
    var crashes = Crashes(words, in: folder)
    try crashes.run(requests: requests)
    print("import, killed with SIGKILL \(crashes.kills) times: \(seconds(since: start)) s")
    try verify(folder, crashes.positions, "after \(crashes.kills) kills")
    try checkSoundness(of: folder)
  }

  private func checkMerges(_ folder: String) throws {
    let start = ContinuousClock.now
    let pairs = Pairs(week: table.weeks.count / 2, among: table)
    let naive = NaiveWeeks(table, pairs: pairs)
    let shop = try Shop(folder, from: table.firstDay)
    var positions: [Int: Position] = [:]
    var importing = Import(table, pairs, into: shop, finishWeek: { positions[$0] = $1 })
    try importing.run()
    tell(
      "import with \(importing.merges) merges in week \(pairs.week + 1)", importing, shop.ledger,
      start)
    var checking = Verification(table, naive, pairs, positions)
    try report("every week, identities then and now", &checking) {
      try $0.check(shop.ledger)
      try $0.checkMoment(afterMergesOf: shop.ledger, importing.merged)
    }
    try shop.ledger.close()
    _ = try removeCaches(folder)
    let again = try Shop(folder, from: table.firstDay)
    checking = Verification(table, naive, pairs, positions)
    try report("the same after a restart without caches", &checking) {
      try $0.check(again.ledger)
      try $0.checkMoment(afterMergesOf: again.ledger, importing.merged)
    }
    try again.ledger.close()
    try checkSoundness(of: folder)
  }
}

extension Check {
  private func verify(_ folder: String, _ positions: [Int: Position], _ what: String) throws {
    let shop = try Shop(folder, from: table.firstDay)
    try verify(shop.ledger, positions, what)
    try shop.ledger.close()
  }

  private func verify(_ ledger: Ledger, _ positions: [Int: Position], _ what: String) throws {
    var checking = Verification(table, naive, nil, positions)
    try report(what, &checking) { try $0.check(ledger) }
  }

  private func report(
    _ what: String, _ checking: inout Verification,
    _ body: (inout Verification) throws -> Void
  ) throws {
    let start = ContinuousClock.now
    do { try body(&checking) } catch let difference as Difference {
      throw Difference("\(what): \(difference)")
    }
    print(
      """
      \(what): \(checking.lists) lists of members, \(checking.members) members, \
      \(seconds(since: start)) s
      """)
  }

  private func tell(
    _ what: String, _ importing: Import, _ ledger: Ledger, _ start: ContinuousClock.Instant
  ) {
    print(
      """
      \(what): \(importing.requests) requests, \(importing.changes) changes, \
      \(ledger.now.end.rawValue) events, \(seconds(since: start)) s
      """)
  }

  /// Takes away everything but the log.
  ///
  /// - Returns: What it was, for people.
  private func removeCaches(_ folder: String) throws -> String {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0 != "events.log" }.sorted()
    for file in files { try FileManager.default.removeItem(atPath: "\(folder)/\(file)") }
    guard !files.isEmpty else { throw Difference("there was no cache to take away") }
    return files.joined(separator: ", ")
  }

  private func seconds(since start: ContinuousClock.Instant) -> String {
    let time = ContinuousClock.now - start
    return String(
      format: "%.1f", Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
  }
}
