import CohortFormat
package import CohortLedger
import CohortLog
package import CohortModel

/// A ledger on a simulated machine, with a partner that may push cohorts.
package final class TestShop {
  package let disk: SimulatedDisk
  package let clock: SimulatedClock
  package private(set) var ledger: Ledger
  private let random: SeededRandomSource
  private let options: LedgerOptions
  private let credentials: PartnerCredentials

  package static let partner: Text = "hightouch"

  package init(
    seed: UInt64 = 1, disk: SimulatedDisk = SimulatedDisk(), options: LedgerOptions = .small
  ) throws {
    self.disk = disk
    self.options = options
    clock = SimulatedClock(step: 7)
    random = SeededRandomSource(seed: seed)
    ledger = try Ledger.open(
      "/ledger", on: disk, clock: clock, random: random, options: options)
    credentials = PartnerCredentials(
      code: Self.partner, partnerKey: SHA256.digest(Array("pk-1".utf8).span),
      dataImportKey: SHA256.digest(Array("dik-1".utf8).span),
      address: nil)
    guard ledger.now.end == .origin else { return }
    try submit(
      .enablePartner(
        EnablePartner(
          code: Self.partner, displayName: nil,
          key: .digest(SHA256.digest(Array("pk-1".utf8).span)))))
    try submit(
      .issueKey(
        IssueKey(
          kind: .dataImport, partner: Self.partner, label: "warehouse",
          digest: SHA256.digest(Array("dik-1".utf8).span))))
  }

  @discardableResult
  package func submit(_ wish: Wish, _ idempotency: Idempotency? = nil) throws -> Committed {
    try ledger.submit(Command(author: .local, wish: wish, idempotency: idempotency))
  }

  @discardableResult
  package func create(_ ids: [String]) throws -> Committed {
    try submit(
      .importUsers(
        ids.enumerated().map { ImportLine(line: $0.offset + 1, externalID: Text($0.element)) }))
  }

  /// An import with the partner's keys.
  @discardableResult
  package func push(
    _ cohort: Text, add: [String] = [], remove: [String] = [], results: Bool = false
  ) throws -> Committed {
    try ledger.submit(importing(cohort, add: add, remove: remove, results: results))
  }

  /// The command of ``push(_:add:remove:results:)``.
  package func importing(
    _ cohort: Text, add: [String], remove: [String], results: Bool = false
  ) -> Command {
    var buffer: [UInt8] = []
    func ranges(_ ids: [String]) -> [TextRange] {
      ids.map { id in
        let start = UInt32(buffer.count)
        buffer += Array(id.utf8)
        return TextRange(start: start, count: UInt32(id.utf8.count))
      }
    }
    let changes = [
      ChangeMembers.Change(shouldRemove: true, userIDs: ranges(remove)),
      ChangeMembers.Change(shouldRemove: false, userIDs: ranges(add)),
    ]
    return Command(
      author: .partner(credentials),
      wish: .changeMembers(
        ChangeMembers(
          cohort: CohortName(partner: Self.partner, cohortID: cohort), buffer: buffer,
          changes: changes, wantsResults: results)))
  }

  package func cohort(_ id: Text) throws -> CohortID {
    try ledger.now.state.find(CohortName(partner: Self.partner, cohortID: id))
  }

  /// The external ids of a cohort's members, sorted.
  package func members(
    _ id: Text, asOf moment: Moment? = nil, identity: IdentityTime = .then
  ) throws -> [String] {
    let view = try moment.map { try ledger.view(asOf: $0) } ?? ledger.now
    return try view.members(of: cohort(id), identity: identity, limit: 10_000).members
      .map { $0.identity.externalID?.description ?? $0.user.description }.sorted()
  }

  /// Closes the ledger and opens it again.
  package func restart() throws {
    try ledger.close()
    try open()
  }

  /// Opens the ledger again, as after ``SimulatedDisk/kill()`` or a power loss.
  package func open() throws {
    ledger = try Ledger.open("/ledger", on: disk, clock: clock, random: random, options: options)
  }
}

extension LedgerOptions {
  /// Groups, tiles and snapshots so small that everything happens in a short test.
  package static var small: LedgerOptions {
    var options = LedgerOptions()
    options.history.changesMin = 8
    options.history.changesMax = 16
    options.history.rowsMax = 8
    options.history.blockSize = 512
    options.history.pieceSize = 256
    options.history.threadCount = 1
    options.log.space.minimum = 64 << 10
    options.log.space.maximum = 128 << 10
    options.log.space.ballast = 32 << 10
    options.log.space.step = 16 << 10
    options.groupSize = 16 << 10
    options.snapshotBytes = 1 << 40
    options.idleMilliseconds = 60_000
    return options
  }
}
