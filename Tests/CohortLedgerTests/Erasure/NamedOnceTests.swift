import CohortLog
import CohortModel
import Glibc
import TestSupport
import Testing

@testable import CohortLedger

/// RULES §5: what a receipt counts does not hang on how an erasure before it went.
@Suite struct `A text that one erasure has named` {
  @Test(arguments: [false, true])
  func `is not named by the next, though its bytes were not zero yet`(forgets: Bool) throws {
    let start = try shop()
    try start.ledger.close()
    var unfinished = 0
    for operation in 1...40 {
      let disk = start.disk.copy()
      let ledger = try disk.open(KeptStory.folder)
      disk.inject(.error(EIO), at: operation)
      let isDone: Bool
      if forgets {
        isDone = (try? ledger.forgetUnmatched(before: ledger.now.instant)) != nil
      } else {
        isDone = (try? ledger.erase(.externalID("twin"))) != nil
      }
      disk.repair()
      defer { try? ledger.close() }
      // After a sync that failed nothing is written any more.
      guard !isDone, !ledger.log.isStopped,
        let first = ledger.now.state.erasures.pending.first
      else { continue }
      let second = try ledger.erase(.alias(label: "nick", name: "twin"))
      unfinished += 1
      // Its own two identifiers, and nothing of the import that brought the same string.
      #expect(second.position > first && second.textCount == 2, "operation \(operation)")
      #expect(second.earlierBearers == [] && second.user == UserID(2))
      #expect(ledger.now.state.erasures.pending.isEmpty)
      let report = try ledger.verify()
      #expect(report.findings == [] && report.erasedTexts == (forgets ? 4 : 5))
    }
    #expect(unfinished > 0)
  }

  @Test func `is not told in a preview either, while it is still there`() throws {
    let start = try shop()
    try start.ledger.close()
    var unfinished = 0
    for operation in 1...40 {
      let disk = start.disk.copy()
      let ledger = try disk.open(KeptStory.folder)
      defer { try? ledger.close() }
      let name = UserName.alias(label: "nick", name: "twin")
      #expect(try ledger.mentions(of: [name]).mentions.count == 1)
      disk.inject(.error(EIO), at: operation)
      let isDone = (try? ledger.erase(.externalID("twin"))) != nil
      disk.repair()
      guard !isDone, !ledger.now.state.erasures.pending.isEmpty else { continue }
      unfinished += 1
      #expect(try ledger.mentions(of: [name]).mentions == [:])
    }
    #expect(unfinished > 0)
  }

  /// Two users who were called by the same string, which an import has mentioned twice before.
  private func shop() throws -> TestShop {
    let shop = try TestShop()
    try shop.push("vip", add: ["twin", "twin"])
    try shop.create(["twin", "other"])
    try shop.submit(
      .addAliases([AddAlias(externalID: "other", alias: Alias(label: "nick", name: "twin"))]))
    return shop
  }
}
