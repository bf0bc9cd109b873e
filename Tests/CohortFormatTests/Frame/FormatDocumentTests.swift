import CohortFormat
import CohortModel
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct `The worked example of FORMAT.md` {
  /// Bytes that count up, so that the example can be read.
  private final class CountingBytes: RandomBytes {
    private let next: Mutex<UInt8>

    init(first: UInt8) { next = Mutex(first) }

    func fill(_ bytes: inout OutputSpan<UInt8>) {
      let first = next.withLock { [count = bytes.freeCapacity] next in
        next &+= UInt8(count)
        return next &- UInt8(count)
      }
      for index in 0..<bytes.freeCapacity { bytes.append(first &+ UInt8(index)) }
    }
  }

  private func example() throws -> [UInt8] {
    let ledger = LedgerID(random: CountingBytes(first: 0xA0))
    let noon = Instant(microseconds: 1_767_268_800_000_000)
    func later(_ seconds: Int64) -> Instant {
      Instant(microseconds: noon.microseconds + seconds * 1_000_000)
    }
    var builder = FrameBuilder(
      ledger: ledger, epoch: Epoch(generation: 1, random: CountingBytes(first: 0xE0)),
      chain: FrameChain(), tree: MerkleFrontier(), lastRequest: 0,
      random: CountingBytes(first: 0x10))
    builder.begin(time: later(1), rawClock: later(1))
    try builder.append(
      .userCreated(UserCreated(user: UserID(1), identifiers: [.externalID(PersonalText("ada"))])),
      key: KeyID(0), endsRequest: true)
    try builder.append(
      .cohortNamed(
        CohortNamed(
          cohort: CohortID(1), partner: PartnerID(1), cohortID: "c1", name: "VIP", createdAt: nil)),
      key: KeyID(2), endsRequest: false)
    try builder.append(
      .membersChanged(
        MembersChanged(
          cohort: CohortID(1), direction: .entering, users: PackedUsers(sorted: [1].span),
          unchanged: 0,
          unmatched: [
            Unmatched(
              identifier: .alias(label: "email", name: PersonalText("bob@example.org")),
              reason: .unknown)
          ])),
      key: KeyID(2), endsRequest: true)
    let frame = builder.finish()
    let seal = builder.seal(time: later(2), rawClock: later(2))
    var bytes = FileHeader(ledger: ledger, created: noon).bytes
    bytes += frame.bytes
    bytes += [UInt8](repeating: 0, count: Int(seal.fileOffset) - bytes.count)
    return bytes + seal.bytes
  }

  @Test func `is what the product writes, read by an inspector that shares no code`() throws {
    var inspector = Inspector(try example())
    try inspector.readLog()
    let dump = "```text\n" + inspector.lines.joined(separator: "\n") + "\n```"
    let document = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Storage/FORMAT.md").standardizedFileURL
    let text = try String(contentsOf: document, encoding: .utf8)
    #expect(text.contains(dump), "the example is now:\n\(dump)")
  }
}

@Suite struct `An inspector that knows only FORMAT.md` {
  @Test func `reads every frame, checksum, root and text`() throws {
    for seed in UInt64(0)..<20 {
      var (some, log) = (SomeEvents(seed: 500 + seed), SmallLog())
      var expected: [[UInt8]?] = []
      for round in 0..<6 {
        try log.append(
          (0..<3).map { _ in
            let events = [EventKind.userCreated, .cohortNamed, .membersChanged].map {
              some.event($0)
            }
            return (events, some.random.once(in: 2) ? some.receipt() : nil)
          })
        if round.isMultiple(of: 2) { log.seal() }
      }
      for recorded in log.recorded { expected += recorded.personalTexts.map(\.bytes) }
      var bytes = log.bytes
      if seed.isMultiple(of: 2), let frame = SmallLog.read(bytes).frames.first,
        let text = try frame.texts(in: bytes.span, ledger: SmallLog.ledger).first
      {
        for index in text.range { bytes[index] = 0 }
        expected[0] = nil
      }
      var inspector = Inspector(bytes)
      try inspector.readLog()
      #expect(inspector.foundTexts == expected)
    }
  }
}

extension Recorded {
  /// Of the kinds that the inspector reads.
  fileprivate var personalTexts: [PersonalText] {
    let receipt = receipt.map { [$0.key, $0.fingerprint] } ?? []
    return switch event {
    case .userCreated(let event): event.identifiers.map(\.text) + receipt
    case .membersChanged(let event): event.unmatched.map(\.identifier.text) + receipt
    default: receipt
    }
  }
}
