import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import TestSupport

/// A ledger whose log comes out the same, byte for byte, whenever it is written.
///
/// A seeded random source, a clock that moves only between commands, one command a frame.
final class Story {
  let disk = SimulatedDisk()
  let clock = SimulatedClock(wall: 1_767_268_800_000_000)  // 2026-01-01T12:00:00Z
  let ledger: Ledger
  private static let folder = "/ledger"
  private static let partner: Text = "hightouch"

  init(seed: UInt64) throws {
    ledger = try Ledger.open(
      Self.folder, on: disk, clock: clock, random: SeededRandomSource(seed: seed),
      options: .small)
  }

  @discardableResult
  func submit(_ wish: Wish, by author: Author = .local, _ key: String? = nil) throws -> Committed {
    pass()
    let idempotency = key.map {
      Idempotency(
        key: Array($0.utf8), fingerprint: SHA256.digest(Array("the body of \($0)".utf8).span))
    }
    return try ledger.submit(Command(author: author, wish: wish, idempotency: idempotency))
  }

  /// A second goes by.
  func pass() { clock.advance(by: 1_000_000) }

  /// The log as it is on the disk, up to the end of its last frame.
  func bytes() throws -> [UInt8] {
    guard let bytes = disk.durableContents(of: "\(Self.folder)/events.log") else {
      throw GoldenError("there is no log")
    }
    return Array(bytes.prefix(Int(ledger.log.chain.end)))
  }

  func admitPartner() throws {
    try submit(
      .enablePartner(
        EnablePartner(
          code: Self.partner, displayName: nil,
          key: .digest(SHA256.digest(Array("pk-golden".utf8).span)))))
    try submit(
      .issueKey(
        IssueKey(
          kind: .dataImport, partner: Self.partner, label: "warehouse",
          digest: SHA256.digest(Array("dik-golden".utf8).span))))
  }

  func create(_ ids: String...) throws {
    try submit(
      .importUsers(
        ids.enumerated().map { ImportLine(line: $0.offset + 1, externalID: Text($0.element)) }))
  }

  /// An import with the partner's keys.
  func push(_ cohort: Text, add: [String] = [], remove: [String] = [], _ key: String? = nil) throws
  {
    var body: [UInt8] = []
    func ranges(_ ids: [String]) -> [TextRange] {
      ids.map { id in
        body += Array(id.utf8)
        let count = UInt32(id.utf8.count)
        return TextRange(start: UInt32(body.count) - count, count: count)
      }
    }
    let changes = [
      ChangeMembers.Change(shouldRemove: true, userIDs: ranges(remove)),
      ChangeMembers.Change(shouldRemove: false, userIDs: ranges(add)),
    ]
    let credentials = PartnerCredentials(
      code: Self.partner, partnerKey: SHA256.digest(Array("pk-golden".utf8).span),
      dataImportKey: SHA256.digest(Array("dik-golden".utf8).span),
      address: nil)
    try submit(
      .changeMembers(ChangeMembers(cohort: Self.name(cohort), buffer: body, changes: changes)),
      by: .partner(credentials), key)
  }

  static func name(_ cohort: Text) -> CohortName {
    CohortName(partner: partner, cohortID: cohort)
  }
}

/// A frozen log cannot be made.
struct GoldenError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
