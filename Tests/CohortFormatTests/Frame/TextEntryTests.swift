import CohortFormat
import CohortModel
import TestSupport
import Testing

@Suite struct `A personal text` {
  private func log(_ seed: UInt64) throws -> (log: SmallLog, frame: FrameExtent) {
    var (some, log) = (SomeEvents(seed: seed), SmallLog())
    try log.append(
      (0..<6).map { _ in
        ([some.event(.userCreated), some.event(.membersChanged)], some.receipt())
      })
    return (log, SmallLog.read(log.bytes).frames[0])
  }

  @Test func `that was zeroed is erased, and nothing else changes`() throws {
    for seed in UInt64(1)...5 {
      let (log, frame) = try log(seed)
      let (whole, ledger) = (log.bytes, SmallLog.ledger)
      let texts = try frame.texts(in: whole.span, ledger: ledger, checkingCommitments: true)
      #expect(texts.allSatisfy { $0.state == .intact })
      for text in texts {
        var bytes = whole
        for index in text.range { bytes[index] = 0 }
        #expect(SmallLog.read(bytes).frames == [frame])
        #expect(try frame.leaves(in: bytes.span) == log.frames[0].leaves)
        let after = try frame.texts(in: bytes.span, ledger: ledger, checkingCommitments: true)
        #expect(after.map(\.name) == texts.map(\.name))
        #expect(after.map(\.commitment) == texts.map(\.commitment))
        for entry in after {
          #expect(entry.state == (entry.name == text.name ? .erased : .intact))
          #expect((entry.opening(in: bytes.span) == nil) == (entry.name == text.name))
        }
      }
    }
  }

  @Test func `of every size fits its entry, is read back, and never looks the same twice`() throws {
    var log = SmallLog()
    let sizes = Array(0...80) + [1_018, 1_019, 1_023, 1_024]
    for _ in 0..<2 {
      try log.append(
        sizes.map {
          .userIdentified(
            UserIdentified(
              user: UserID(1), externalID: PersonalText([UInt8](repeating: 0, count: $0))))
        })
    }
    var commitments = Set<Digest>()
    for frame in SmallLog.read(log.bytes).frames {
      let texts = try frame.texts(in: log.bytes.span, ledger: SmallLog.ledger)
      #expect(texts.map { $0.opening(in: log.bytes.span)?.text.count } == sizes)
      #expect(texts.map(\.range.count) == sizes.map { 16 + ($0 + 6 + 15) / 16 * 16 })
      commitments.formUnion(texts.map(\.commitment))
    }
    #expect(commitments.count == sizes.count * 2)
  }

  @Test func `that was exchanged for another does not open the commitment`() throws {
    var log = SmallLog()
    for name in ["ada", "bob"] {
      try log.append([
        .userIdentified(UserIdentified(user: UserID(1), externalID: PersonalText(name)))
      ])
    }
    let frames = SmallLog.read(log.bytes).frames
    var bytes = log.bytes
    bytes.replace(at: frames[0].privateArea.lowerBound, with: Array(bytes[frames[1].privateArea]))
    let believed = try frames[0].texts(in: bytes.span, ledger: SmallLog.ledger)
    #expect(believed.map(\.state) == [.intact], "the checksum alone cannot know")
    let checked = try frames[0].texts(
      in: bytes.span, ledger: SmallLog.ledger, checkingCommitments: true)
    #expect(checked.map(\.state) == [.damaged])
  }
}
