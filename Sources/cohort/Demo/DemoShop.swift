import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortWire

/// A made-up shop whose warehouse pushes cohorts: what the demo does, in the words of the library.
struct DemoShop {
  let ledger: Ledger
  let clock: DemoClock
  private let credentials: PartnerCredentials

  /// Monday, 7 September 2026, 08:00 UTC.
  static let start: Int64 = 1_788_768_000_000_000

  init(_ folder: String) throws {
    clock = DemoClock(Self.start)
    let random = SystemRandomSource()
    ledger = try Ledger.open(folder, on: PosixDisk(), clock: clock, random: random)
    let partner = SHA256.digest(random.bytes(16).span)
    let key = SHA256.digest(random.bytes(16).span)
    credentials = PartnerCredentials(
      code: "hightouch", partnerKey: partner, dataImportKey: key, address: nil)
    try submit(
      .enablePartner(EnablePartner(code: "hightouch", displayName: nil, key: .digest(partner))))
    try submit(
      .issueKey(
        IssueKey(kind: .dataImport, partner: "hightouch", label: "warehouse", digest: key)))
  }

  @discardableResult
  func submit(_ wish: Wish, key: String? = nil) throws -> Committed {
    let idempotency = key.map {
      Idempotency(key: Array($0.utf8), fingerprint: SHA256.digest(Array($0.utf8).span))
    }
    return try ledger.submit(Command(author: .local, wish: wish, idempotency: idempotency))
  }

  func createUsers(_ ids: [String]) throws {
    try submit(
      .importUsers(
        ids.enumerated().map { ImportLine(line: $0.offset + 1, externalID: Text($0.element)) }))
  }

  func name(_ cohort: String, _ name: String) throws {
    try ledger.submit(
      Command(
        author: .partner(credentials),
        wish: .nameCohort(
          NameCohort(
            cohort: Self.path(cohort), name: Text(name),
            createdAt: Instant(microseconds: clock.wall)))))
  }

  /// An import as the partner sends it: who entered, who left.
  func push(_ cohort: String, enter: [String] = [], leave: [String] = []) throws -> Committed {
    var buffer: [UInt8] = []
    func ranges(_ ids: [String]) -> [TextRange] {
      ids.map { id in
        defer { buffer += Array(id.utf8) }
        return TextRange(start: UInt32(buffer.count), count: UInt32(id.utf8.count))
      }
    }
    let changes = [
      ChangeMembers.Change(shouldRemove: true, userIDs: ranges(leave)),
      ChangeMembers.Change(shouldRemove: false, userIDs: ranges(enter)),
    ]
    return try ledger.submit(
      Command(
        author: .partner(credentials),
        wish: .changeMembers(
          ChangeMembers(cohort: Self.path(cohort), buffer: buffer, changes: changes))))
  }

  static func path(_ cohort: String) -> CohortName {
    CohortName(partner: "hightouch", cohortID: Text(cohort))
  }
}

extension View {
  /// The external ids of a page of members, as the demo prints them.
  func names(_ page: MemberPage) -> String {
    let names = page.members.map { $0.identity.externalID?.description ?? $0.user.description }
    return names.isEmpty ? "nobody" : names.sorted().joined(separator: ", ")
  }
}
