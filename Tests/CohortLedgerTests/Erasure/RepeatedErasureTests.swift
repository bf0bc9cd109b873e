import CohortFormat
import CohortLog
import CohortModel
import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CohortLedger

/// CONTRACT part 0 and FAULTS 81 for the writes that read the log before they are decided.
@Suite struct `With an idempotency key` {
  /// A write, and another under the same key that must be refused.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The position of the answer, and whether it was a kept one.
    let send: @Sendable (Ledger, Idempotency) throws -> (position: Position, isKept: Bool)
    let sendOther: @Sendable (Ledger, Idempotency) throws -> Void
  }

  static let cases = [
    Case(
      testDescription: "erase",
      send: {
        let receipt = try $0.erase(.externalID("anna"), by: .local, $1)
        return (receipt.position, receipt.kept != nil)
      },
      sendOther: { _ = try $0.erase(.externalID("bert"), by: .local, $1) }),
    Case(
      testDescription: "erase of a string that nobody bore",
      send: {
        let receipt = try $0.erase(.externalID("stranger"), by: .local, $1)
        return (receipt.position, receipt.kept != nil)
      },
      sendOther: { _ = try $0.erase(.number(UserID(2)), by: .local, $1) }),
    Case(
      testDescription: "delete and erase",
      send: {
        let committed = try $0.deleteAndErase(
          [.externalID("anna"), .externalID("nobody")], by: .local, $1)
        return (committed.position, committed.isKept)
      },
      sendOther: {
        _ = try $0.deleteAndErase([.externalID("anna"), .externalID("bert")], by: .local, $1)
      }),
    Case(
      testDescription: "forget unmatched",
      send: {
        let receipt = try $0.forgetUnmatched(before: $0.now.instant, by: .local, $1)
        #expect((receipt.textCount == nil) == receipt.committed.isKept)
        return (receipt.committed.position, receipt.committed.isKept)
      },
      sendOther: {
        let other = Idempotency(key: $1.key, fingerprint: Digest(9, 9, 9, 9))
        _ = try $0.forgetUnmatched(before: Instant(microseconds: 2), by: .local, other)
      }),
    Case(
      testDescription: "launch",
      send: {
        let committed = try $0.launch(CampaignReference(kind: .campaign, number: 1), by: .local, $1)
        return (committed.position, committed.isKept)
      },
      sendOther: {
        let other = Idempotency(key: $1.key, fingerprint: Digest(9, 9, 9, 9))
        _ = try $0.launch(CampaignReference(kind: .campaign, number: 1), by: .local, other)
      }),
  ]

  private let idempotency = Idempotency(
    key: Array("once".utf8), fingerprint: Digest(1, 2, 3, 4))

  @Test(arguments: cases)
  func `a write is carried out once, whoever asks again and whenever`(_ write: Case) throws {
    let shop = try shop()
    let ledger = shop.ledger
    let start = ledger.now.end
    let positions = Mutex<[(position: Position, isKept: Bool)]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      do {
        let answer = try write.send(ledger, idempotency)
        positions.withLock { $0.append(answer) }
      } catch { Issue.record("\(error)") }
    }
    let answers = positions.withLock { $0 }
    let first = try #require(answers.first).position
    #expect(answers.allSatisfy { $0.position == first } && first > start)
    #expect(answers.filter { !$0.isKept }.count == 1)
    let end = ledger.now.end
    func expectOnce() throws {
      let again = try write.send(shop.ledger, idempotency)
      #expect(again.position == first && again.isKept)
      #expect(shop.ledger.now.end == end)
      expectRefusal(.idempotencyKeyReused) { try write.sendOther(shop.ledger, idempotency) }
      #expect(shop.ledger.now.end == end)
      #expect(shop.ledger.now.state.erasures.pending.isEmpty)
    }
    try expectOnce()
    try shop.restart()
    try expectOnce()
    #expect(shop.ledger.keepSnapshot())
    shop.disk.kill()
    try? shop.ledger.close()
    try shop.open()
    try expectOnce()
    #expect(try shop.ledger.verify().findings == [])
    // Under another key it is a request of its own.
    let other = Idempotency(key: Array("twice".utf8), fingerprint: idempotency.fingerprint)
    if let second = try? write.send(shop.ledger, other) {
      #expect(!second.isKept && second.position >= first)
    }
    try shop.ledger.close()
  }

  @Test func `no digest of a body that named an erased person stays in any file`() throws {
    let shop = try shop()
    let body = SHA256.digest(Array(#"POST /ledger/erase {"external_id":"anna"}"#.utf8).span)
    let other = SHA256.digest(Array(#"POST /users/delete {"external_ids":["bert"]}"#.utf8).span)
    _ = try shop.ledger.erase(
      .externalID("anna"), by: .local, Idempotency(key: Array("a".utf8), fingerprint: body))
    _ = try shop.ledger.deleteAndErase(
      [.externalID("bert")], by: .local, Idempotency(key: Array("b".utf8), fingerprint: other))
    #expect(shop.ledger.keepSnapshot())
    for name in try shop.disk.list("/ledger") {
      let bytes = shop.disk.contents(of: "/ledger/\(name)") ?? []
      for digest in [body, other] {
        var needle: [UInt8] = []
        digest.append(to: &needle)
        #expect(!bytes.includes(needle), "\(name)")
      }
    }
    try shop.ledger.close()
  }

  @Test func `an erasure is not mistaken for a later person of the same name`() throws {
    let shop = try shop()
    let first = try shop.ledger.erase(.externalID("anna"), by: .local, idempotency)
    // The source sends the person again: the first answer stands, and erases nobody new.
    try shop.create(["anna"])
    let end = shop.ledger.now.end
    let again = try shop.ledger.erase(.externalID("anna"), by: .local, idempotency)
    #expect(again.position == first.position && again.kept != nil)
    #expect(shop.ledger.now.end == end)
    #expect(shop.ledger.now.user(.externalID("anna")) != nil)
    // Another kind of write under the key is another request.
    expectRefusal(.idempotencyKeyReused) {
      _ = try shop.ledger.deleteAndErase([.externalID("anna")], by: .local, idempotency)
    }
    expectRefusal(.idempotencyKeyReused) { try shop.submit(.disablePartner("x"), idempotency) }
    let new = Idempotency(key: Array("new".utf8), fingerprint: .zero)
    let second = try shop.ledger.erase(.externalID("anna"), by: .local, new)
    #expect(second.position > first.position && second.kept == nil)
    try shop.ledger.close()
  }

  @Test func `an erasure that failed behind its event is finished by its repetition`() throws {
    let start = try shop()
    try start.ledger.close()
    var finished = 0
    for operation in 1...40 {
      let disk = start.disk.copy()
      let ledger = try disk.open(KeptStory.folder)
      disk.inject(.error(EIO), at: operation)
      let hasFailed = (try? ledger.erase(.externalID("anna"), by: .local, idempotency)) == nil
      guard hasFailed, let receipt = try? ledger.erase(.externalID("anna"), by: .local, idempotency)
      else {
        disk.repair()
        try? ledger.close()
        continue
      }
      disk.repair()
      #expect(ledger.now.state.erasures.pending.isEmpty, "operation \(operation)")
      #expect(ledger.now.state.erasures.erasure(of: UserID(1)) == receipt.position)
      if receipt.kept != nil { finished += 1 }
      try? ledger.close()
    }
    #expect(finished > 0)
  }

  /// Two users, a stranger who was pushed and matched nobody, and a campaign.
  private func shop() throws -> TestShop {
    let shop = try TestShop()
    try shop.create(["anna", "bert"])
    try shop.push("vip", add: ["anna", "bert", "stranger"])
    try shop.submit(
      .saveSegment(
        SaveSegment(
          name: "all", filter: .includes(partner: TestShop.partner, ["vip"]))))
    try shop.submit(
      .saveCampaign(
        SaveCampaign(
          kind: .campaign, name: "autumn",
          audience: SaveCampaign.NamedAudience(segments: ["segment:1"], filter: nil))))
    return shop
  }

  private func expectRefusal(_ refusal: Refusal, _ body: () throws -> Void) {
    do {
      try body()
      Issue.record("not refused")
    } catch LedgerError.refused(let found, _) {
      #expect(found == refusal)
    } catch { Issue.record("\(error)") }
  }
}

extension Committed {
  fileprivate var isKept: Bool { if case .repeated = answer { true } else { false } }
}

extension [UInt8] {
  fileprivate func includes(_ needle: [UInt8]) -> Bool {
    indices.dropLast(needle.count - 1).contains {
      self[$0] == needle[0] && self[$0..<$0 + needle.count].elementsEqual(needle)
    }
  }
}
