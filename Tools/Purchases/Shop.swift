import CohortFormat
import CohortLedger
import CohortLog
import CohortModel

/// A ledger in a folder, with the partner whose keys push the models.
struct Shop {
  let ledger: Ledger
  let clock: PurchaseClock
  private static let partner: Text = "hightouch"
  private static let partnerKey = "pk-purchases"
  private static let importKey = "dik-purchases"

  /// Opens the ledger, begins it if it is new, and sets the clock to where it stands.
  init(_ folder: String, from day: Int) throws {
    clock = PurchaseClock(day: day)
    var options = LedgerOptions()
    options.snapshotBytes = 512 << 10
    ledger = try Ledger.open(
      folder, on: PosixDisk(), clock: clock, random: SystemRandomSource(), options: options)
    clock.follow(ledger.now.instant)
    try admitPartner()
  }

  private func admitPartner() throws {
    let partnerKey = SHA256.digest(Array(Self.partnerKey.utf8).span)
    let importKey = SHA256.digest(Array(Self.importKey.utf8).span)
    try submit(
      .enablePartner(
        EnablePartner(code: Self.partner, displayName: nil, key: .digest(partnerKey))))
    guard ledger.now.state.keys.find(importKey) == nil else { return }
    try submit(
      .issueKey(
        IssueKey(
          kind: .dataImport, partner: Self.partner, label: "warehouse", digest: importKey)))
  }

  @discardableResult
  func submit(_ wish: Wish) throws -> Committed {
    try ledger.submit(Command(author: .local, wish: wish))
  }

  // What the partner does, with its keys.

  private func author(importKey: String = Shop.importKey) -> Author {
    .partner(
      PartnerCredentials(
        code: Self.partner, partnerKey: SHA256.digest(Array(Self.partnerKey.utf8).span),
        dataImportKey: SHA256.digest(Array(importKey.utf8).span), address: nil))
  }

  func name(_ model: Model) throws {
    let createdAt = Instant(microseconds: clock.wall)
    let wish = Wish.nameCohort(
      NameCohort(cohort: Self.name(of: model), name: Text(model.rawValue), createdAt: createdAt))
    try ledger.submit(Command(author: author(), wish: wish))
  }

  /// One contract import: what leaves stands before what enters.
  func push(
    _ model: Model, leaving: some Sequence<Int>, entering: some Sequence<Int>,
    importKey: String = Shop.importKey
  ) throws -> (committed: Committed, counts: OutcomeCounts) {
    var body: [UInt8] = []
    func ranges(_ customers: some Sequence<Int>) -> [TextRange] {
      customers.map { customer in
        let id = Array(Self.externalID(customer).utf8)
        body += id
        return TextRange(start: UInt32(body.count - id.count), count: UInt32(id.count))
      }
    }
    let changes = [
      ChangeMembers.Change(shouldRemove: true, userIDs: ranges(leaving)),
      ChangeMembers.Change(shouldRemove: false, userIDs: ranges(entering)),
    ]
    let wish = Wish.changeMembers(
      ChangeMembers(cohort: Self.name(of: model), buffer: body, changes: changes))
    let committed = try ledger.submit(
      Command(author: author(importKey: importKey), wish: wish))
    guard case .changedMembers(let counts, _) = committed.answer else {
      throw Difference("an import was answered with \(committed.answer)")
    }
    return (committed, counts)
  }

  /// A key that was never issued is refused, and nothing is recorded.
  func checkThatKeysAreChecked() throws {
    let end = ledger.now.end
    do {
      _ = try push(.lapsed, leaving: [], entering: [1], importKey: "dik-somebody-else")
    } catch LedgerError.refused(.invalidClientSecret, _) {
      try expect(ledger.now.end, end, "the end of the log after a refused import")
      return
    }
    throw Difference("an import with an unknown key was accepted")
  }

  // What the outside calls things.

  static func name(of model: Model) -> CohortName {
    CohortName(partner: partner, cohortID: Text(model.rawValue))
  }

  static func externalID(_ customer: Int) -> String { "customer-\(customer)" }

  static func customer(_ identity: Identity) throws -> Int {
    let id = identity.externalID?.description ?? "nobody"
    guard let customer = Int(id.dropFirst("customer-".count)), externalID(customer) == id else {
      throw Difference("a member is called \(id)")
    }
    return customer
  }
}

/// Something is not as the transactions say.
struct Difference: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

func expect<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
  guard found == wanted else {
    throw Difference("\(what): the ledger says \(found), the transactions say \(wanted)")
  }
}

func expect(_ found: Set<Int>, _ wanted: Set<Int>, _ what: String) throws {
  guard found != wanted else { return }
  let extra = found.subtracting(wanted).sorted().prefix(5)
  let missing = wanted.subtracting(found).sorted().prefix(5)
  throw Difference(
    "\(what): the ledger has \(found.count) members, the transactions give \(wanted.count); "
      + "only the ledger has \(Array(extra)), only the transactions have \(Array(missing))")
}
