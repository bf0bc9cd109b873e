import CohortFormat
import CohortLedger
import CohortModel
import CohortThreads
import Synchronization

/// A ledger with a partner, driven from outside with many requests under way at once.
final class RunningShop: Sendable {
  let ledger: Ledger
  let recorded = Counter()
  private let pending = Monitor(0)
  private let credentials: PartnerCredentials

  final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .acquiring) }
    func add(_ number: Int) { count.add(number, ordering: .acquiringAndReleasing) }
  }

  init(_ ledger: Ledger) throws {
    self.ledger = ledger
    let partner = SHA256.digest(Array("partner".utf8).span)
    let key = SHA256.digest(Array("data import".utf8).span)
    credentials = PartnerCredentials(
      code: "hightouch", partnerKey: partner, dataImportKey: key, address: nil)
    try ledger.submit(
      Command(
        author: .local,
        wish: .enablePartner(
          EnablePartner(code: "hightouch", displayName: nil, key: .digest(partner)))))
    try ledger.submit(
      Command(
        author: .local,
        wish: .issueKey(
          IssueKey(kind: .dataImport, partner: "hightouch", label: "bench", digest: key))))
  }

  func createUsers(_ count: Int) { create(Self.imports(of: count)) }

  /// Imports of 10,000 users each.
  static func imports(of users: Int) -> [Command] {
    stride(from: 0, to: users, by: 10_000).map { start in
      Command(
        author: .local,
        wish: .importUsers(
          (start..<start + 10_000).map {
            ImportLine(line: $0, externalID: Text(bytes: id($0)))
          }))
    }
  }

  /// Carries them out, four at a time under way.
  func create(_ imports: [Command]) {
    for command in imports { submit(command, atMost: 4) }
    drain()
  }

  /// Requests of 1,000 users, 50 cohorts, one in five removing, until so many changes are recorded.
  func push(changes: Int, of users: Int, _ random: inout SplitMix) {
    while recorded.value < changes {
      var buffer: [UInt8] = []
      buffer.reserveCapacity(16 * 1_000)
      var ranges: [TextRange] = []
      for _ in 0..<1_000 {
        let id = Self.id(Int(random.next() % UInt32(users)))
        ranges.append(TextRange(start: UInt32(buffer.count), count: UInt32(id.count)))
        buffer += id
      }
      let (a, b) = (random.next() % 50, random.next() % 50)
      let cohort = CohortName(
        partner: "hightouch", cohortID: Text("cohort-\(min(a, b))"))
      submit(
        Command(
          author: .partner(credentials),
          wish: .changeMembers(
            ChangeMembers(
              cohort: cohort, buffer: buffer,
              changes: [
                ChangeMembers.Change(shouldRemove: random.next() % 5 == 0, userIDs: ranges)
              ]))), atMost: 128)
    }
    drain()
  }

  /// The first so many users into one cohort, a thousand a request, in their order.
  func fill(_ cohort: Text, _ users: Int) { push(cohort, users, shouldRemove: false) }

  /// The first so many users out of it again.
  func empty(_ cohort: Text, _ users: Int) { push(cohort, users, shouldRemove: true) }

  private func push(_ cohort: Text, _ users: Int, shouldRemove: Bool) {
    for start in stride(from: 0, to: users, by: 1_000) {
      var buffer: [UInt8] = []
      let ranges = (start..<start + 1_000).map { number in
        let id = Self.id(number)
        defer { buffer += id }
        return TextRange(start: UInt32(buffer.count), count: UInt32(id.count))
      }
      submit(
        Command(
          author: .partner(credentials),
          wish: .changeMembers(
            ChangeMembers(
              cohort: CohortName(partner: "hightouch", cohortID: cohort), buffer: buffer,
              changes: [ChangeMembers.Change(shouldRemove: shouldRemove, userIDs: ranges)]))),
        atMost: 128)
    }
    drain()
  }

  private func submit(_ command: Command, atMost limit: Int) {
    pending.wait { pending -> Void? in
      guard pending < limit else { return nil }
      pending += 1
      return ()
    }
    ledger.submit(command) { [self] result in
      if case .success(let committed) = result,
        case .changedMembers(let counts, _) = committed.answer
      {
        recorded.add(counts[.added] + counts[.removed])
      }
      if case .failure(let error) = result { print("refused: \(error)") }
      pending.change { $0 -= 1 }
    }
  }

  private func drain() { pending.wait { $0 == 0 ? () : nil } }

  private static func id(_ number: Int) -> [UInt8] {
    var id = Array("cust-00000000".utf8)
    var (rest, place) = (number, 12)
    while rest > 0 {
      id[place] = UInt8(0x30 + rest % 10)
      rest /= 10
      place -= 1
    }
    return id
  }
}
