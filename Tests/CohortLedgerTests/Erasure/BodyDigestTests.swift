import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

/// DESIGN §2.10 and FAULTS 81: the digest of a body that named somebody would confirm guesses.
@Suite struct `The digest of a body that came with an idempotency key` {
  /// A request, and whether its body may have named `anna`.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let mayName: Bool
    let wish: @Sendable (TestShop) -> Command
  }

  static let cases = [
    Case(testDescription: "who enters", mayName: true) {
      $0.importing("new", add: ["anna", "bert"], remove: [])
    },
    Case(testDescription: "who leaves", mayName: true) {
      $0.importing("vip", add: [], remove: ["anna"])
    },
    Case(testDescription: "who was a member already", mayName: true) {
      $0.importing("vip", add: ["anna", "bert"], remove: [])
    },
    Case(testDescription: "who was no member anyway", mayName: true) {
      $0.importing("others", add: [], remove: ["anna", "cleo"])
    },
    Case(testDescription: "what matches nobody but is the user's alias", mayName: true) {
      $0.importing("vip", add: ["anna@a.org"], remove: [])
    },
    Case(testDescription: "a user of a batch", mayName: true) { _ in
      Command(
        author: .local,
        wish: .addAliases([
          AddAlias(externalID: "anna", alias: Alias(label: "email", name: "second")),
          AddAlias(externalID: "bert", alias: Alias(label: "email", name: "bert@b.org")),
        ]))
    },
    Case(testDescription: "others who enter", mayName: false) {
      $0.importing("new", add: ["bert", "cleo", "stranger"], remove: [])
    },
    Case(testDescription: "others who were members of another cohort", mayName: false) {
      $0.importing("others", add: ["cleo"], remove: [])
    },
    Case(testDescription: "others who are not members where the user is", mayName: false) {
      $0.importing("vip", add: [], remove: ["cleo"])
    },
    Case(testDescription: "no users at all", mayName: false) { _ in
      Command(
        author: .local,
        wish: .saveSegment(
          SaveSegment(name: "all", filter: .includes(partner: TestShop.partner, ["vip"]))))
    },
  ]

  private let idempotency = Idempotency(
    key: Array("once".utf8), fingerprint: SHA256.digest(Array("PUT anna".utf8).span))

  @Test(arguments: cases)
  func `is erased with whom the body may have named, and then the key decides`(
    _ request: Case
  ) throws {
    let shop = try shop()
    var command = request.wish(shop)
    command.idempotency = idempotency
    let first = try shop.ledger.submit(command)
    let head = shop.ledger.now.treeHead
    #expect(shop.ledger.keepSnapshot())
    #expect(try holdsDigest(shop))
    var other = command
    other.idempotency?.fingerprint = Digest(9, 9, 9, 9)
    try expect(other, isRepetition: false, of: first, shop)

    let receipt = try shop.ledger.erase(.externalID("anna"))
    #expect(shop.ledger.keepSnapshot())
    #expect(try holdsDigest(shop) == !request.mayName)
    func expectAfter() throws {
      #expect(try shop.ledger.now.treeHead(size: head.size) == head)
      let report = try shop.ledger.verify()
      #expect(report.findings == [] && report.erasedTexts == UInt64(receipt.textCount))
      // The answer stands, and nothing is done twice.
      try expect(command, isRepetition: true, of: first, shop)
      try expect(other, isRepetition: request.mayName, of: first, shop)
    }
    try expectAfter()
    // From the snapshot, and from nothing but the log.
    try shop.restart()
    try expectAfter()
    shop.disk.kill()
    try? shop.ledger.close()
    for name in try shop.disk.list("/ledger") where name.hasPrefix("snapshot-") {
      try shop.disk.unlink("/ledger/\(name)")
    }
    try shop.open()
    try expectAfter()
    try shop.ledger.close()
  }

  @Test func `is named by one erasure only`() throws {
    let shop = try shop()
    var command = shop.importing("new", add: ["anna", "bert"], remove: [])
    command.idempotency = idempotency
    try shop.ledger.submit(command)
    let committed = try shop.ledger.deleteAndErase([.externalID("anna"), .externalID("bert")])
    guard case .deletedUsers(let users, _) = committed.answer else {
      Issue.record("\(committed.answer)")
      return
    }
    // Two identifiers and the digest; then one identifier.
    #expect(users.map(\.texts.count) == [3, 1])
    #expect(try shop.ledger.erase(.externalID("cleo")).textCount == 1)
    #expect(try shop.ledger.verify().findings == [])
    try shop.ledger.close()
  }

  @Test func `goes with the unmatched mentions of a string that nobody bore`() throws {
    let shop = try shop()
    var command = shop.importing("new", add: ["bert", "stranger"], remove: [])
    command.idempotency = idempotency
    try shop.ledger.submit(command)
    #expect(try holdsDigest(shop))
    #expect(try shop.ledger.erase(.externalID("stranger")).textCount == 2)
    #expect(try !holdsDigest(shop))
    #expect(try shop.ledger.verify().findings == [])
    try shop.ledger.close()
  }

  @Test(arguments: [false, true])
  func `goes with anybody once unmatched identifiers of the body are forgotten`(
    isForgotten: Bool
  ) throws {
    let shop = try shop()
    var command = shop.importing("new", add: ["bert", "stranger"], remove: [])
    command.idempotency = idempotency
    try shop.ledger.submit(command)
    try shop.push("vip", remove: ["bert"])
    if isForgotten { _ = try shop.ledger.forgetUnmatched(before: shop.ledger.now.instant) }
    // The stranger may have been this one, under a name that nobody knows any more.
    _ = try shop.ledger.erase(.externalID("cleo"))
    #expect(try holdsDigest(shop) != isForgotten)
    #expect(try shop.ledger.verify().findings == [])
    try shop.ledger.close()
  }

  /// Three users, of whom the first two are in one cohort, and the third is in another.
  private func shop() throws -> TestShop {
    let shop = try TestShop()
    try shop.create(["anna", "bert", "cleo"])
    try shop.submit(
      .addAliases([
        AddAlias(externalID: "anna", alias: Alias(label: "mail", name: "anna@a.org"))
      ]))
    try shop.push("vip", add: ["anna", "bert"])
    try shop.push("others", add: ["cleo"])
    return shop
  }

  private func expect(
    _ command: Command, isRepetition: Bool, of first: Committed, _ shop: TestShop
  ) throws {
    let end = shop.ledger.now.end
    do {
      let again = try shop.ledger.submit(command)
      guard case .repeated(_, let position) = again.answer else {
        Issue.record("\(again.answer)")
        return
      }
      #expect(isRepetition && position == first.position)
    } catch LedgerError.refused(let refusal, _) {
      #expect(!isRepetition && refusal == .idempotencyKeyReused)
    }
    #expect(shop.ledger.now.end == end)
  }

  /// Whether any file in the storage folder does.
  private func holdsDigest(_ shop: TestShop) throws -> Bool {
    var needle: [UInt8] = []
    idempotency.fingerprint.append(to: &needle)
    return try shop.disk.list("/ledger").contains { name in
      let bytes = shop.disk.contents(of: "/ledger/\(name)") ?? []
      return bytes.indices.dropLast(needle.count - 1).contains {
        bytes[$0] == needle[0] && bytes[$0..<$0 + needle.count].elementsEqual(needle)
      }
    }
  }
}
