import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `Verifying a log` {
  @Test func `finds nothing in a sound one, open, closed or beside its writer`() throws {
    let story = try KeptStory()
    let head = story.ledger.now.treeHead
    let earlier = try #require(try story.ledger.now.treeHead(size: 17))
    let open = try story.ledger.verify(against: [head, earlier])
    #expect(open.findings == [])
    #expect(open.head == head)
    #expect(open.events == head.size)
    #expect(open.erasedTexts > 5)
    let beside = try Ledger.verify(KeptStory.folder, against: [head], on: story.disk)
    #expect(beside.findings == [] && beside.head == head)
    try story.ledger.close()
    let closed = try Ledger.verify(KeptStory.folder, against: [head], on: story.disk)
    #expect(closed.findings == [] && closed.isSealed && closed.torn == nil)
  }

  @Test func `ends when nobody waits for it any more`() throws {
    let story = try KeptStory()
    let frames = try story.ledger.verify().frames
    #expect(frames > 10)
    for wanted in 0...frames {
      var asked: UInt64 = 0
      let report = try Ledger.verify(KeptStory.folder, on: story.disk) {
        asked += 1
        return asked <= wanted
      }
      #expect(report.frames == wanted)
    }
  }

  @Test func `notices another history and one that was set back`() throws {
    let story = try KeptStory()
    let other = try KeptStory(seed: 2)
    let head = other.ledger.now.treeHead
    #expect(
      try story.ledger.verify(against: [head]).findings.map(\.kind) == [.otherHistory(head)])
    let longer = TreeHead(size: head.size + 1, root: head.root)
    #expect(try story.ledger.verify(against: [longer]).findings.map(\.kind) == [.shorter(longer)])
    let same = try story.ledger.now.firstDifference(from: story.ledger.now)
    #expect(same == nil)
    // The first events, of the partner and its keys, hold no nonce; users differ from the third on.
    let early = try story.ledger.view(asOf: .position(Position(2)))
    #expect(early.treeHead.size == head.size)
    let difference = try #require(try story.ledger.now.firstDifference(from: other.ledger.now))
    let (mine, theirs) = (
      try story.ledger.now.leafHash(of: difference), try other.ledger.now.leafHash(of: difference)
    )
    #expect(mine != theirs)
    for number in 1..<difference.rawValue {
      let mine = try story.ledger.now.leafHash(of: Position(number))
      #expect(try other.ledger.now.leafHash(of: Position(number)) == mine)
    }
  }

  @Test func `finds every flipped bit, in the right frame, or it lies in what means nothing`()
    throws
  {
    let shop = try TestShop()
    try shop.create(["ada", "bob"])
    try shop.push("vip", add: ["ada", "bob", "nobody@example.org"])
    try shop.push("vip", remove: ["ada"])
    try shop.ledger.close()
    let whole = try Bytes(shop.disk)
    let frames = try whole.frames()
    let last = try #require(frames.last)
    for offset in 4_096..<Int(last.upperBound) {
      // In the gap before the seal all bits are alike.
      let isGap = whole.bytes[offset...].prefix(64).allSatisfy { $0 == 0 }
      for bit in isGap ? offset & 7..<offset & 7 + 1 : 0..<8 {
        let report = try whole.flipped(offset, bit).verify()
        let found = report.findings.contains { finding in
          guard let bytes = finding.bytes else { return false }
          return bytes.contains(UInt64(offset)) || bytes.lowerBound == last.lowerBound
            || frames.contains { $0.lowerBound == bytes.lowerBound && $0.contains(UInt64(offset)) }
        }
        let isTorn =
          report.torn?.contains(UInt64(offset)) ?? false
          || offset >= Int(last.lowerBound) && report.end <= last.lowerBound
        #expect(found || isTorn, "byte \(offset), bit \(bit): \(report)")
        if !(found || isTorn) { return }
      }
    }
  }

  @Test(arguments: [0x00, 0xFF] as [UInt8]) func `finds every sector that was filled`(
    byte: UInt8
  ) throws {
    let story = try KeptStory()
    try story.ledger.close()
    let whole = try Bytes(story.disk)
    let frames = try whole.frames()
    let last = try #require(frames.last)
    for size in [512, 4_096] {
      for start in stride(from: 4_096, to: Int(last.lowerBound), by: size) {
        let range = start..<min(start + size, Int(last.lowerBound))
        let isSame = whole.bytes[range].allSatisfy { $0 == byte }
        let report = try whole.filled(range, byte).verify()
        #expect(report.isSound == isSame, "\(range): \(report)")
        guard let first = report.findings.compactMap(\.bytes).map(\.lowerBound).min() else {
          continue
        }
        let touched = frames.first { Int($0.upperBound) > range.lowerBound }
        #expect(first >= (touched?.lowerBound ?? 0) && first < UInt64(range.upperBound))
      }
    }
  }

  @Test func `goes on behind damage, and says which positions are missing`() throws {
    let story = try KeptStory()
    try story.ledger.close()
    let whole = try Bytes(story.disk)
    let frames = try whole.frames()
    for index in [0, 1, frames.count / 2, frames.count - 3] {
      let at = Int(frames[index].lowerBound) + 20
      let report = try whole.flipped(at, 3).verify()
      let finding = try #require(report.findings.first)
      #expect(finding.bytes == frames[index])
      #expect(finding.before != nil && (index == 0) == (finding.after == nil))
      let lost = finding.positions.map { $0.upperBound.rawValue - $0.lowerBound.rawValue + 1 } ?? 0
      #expect(report.events + lost == story.end.rawValue)
      #expect(report.end == frames[frames.count - 1].upperBound)
    }
  }

  @Test func `finds frames that were swapped, repeated or taken out`() throws {
    let story = try KeptStory()
    try story.ledger.close()
    let whole = try Bytes(story.disk)
    let frames = try whole.frames()
    let (a, b) = (frames[3], frames[4])
    let first = Array(whole.bytes[Int(a.lowerBound)..<Int(a.upperBound)])
    let second = Array(whole.bytes[Int(b.lowerBound)..<Int(b.upperBound)])
    let range = Int(a.lowerBound)..<Int(b.upperBound)
    for other in [second + first, first + first, second, first, first + second + second] {
      var bytes = whole
      bytes.bytes.replaceSubrange(range, with: other)
      let report = try bytes.verify()
      #expect(!report.isSound)
      #expect((report.findings.first?.bytes?.lowerBound ?? 0) >= a.lowerBound, "\(report.findings)")
    }
  }

  @Test func `is not deceived by an edit with every checksum made right`() throws {
    let shop = try TestShop()
    try shop.create(["ada", "bob"])
    try shop.push("vip", add: ["ada"])
    try shop.push("vip", add: ["bob"])
    let head = shop.ledger.now.treeHead
    try shop.ledger.close()
    var whole = try Bytes(shop.disk)
    let forged = try whole.forged { event in
      guard case .membersChanged(let change) = event, change.users.users == [2] else {
        return event
      }
      return .membersChanged(
        MembersChanged(
          cohort: change.cohort, direction: change.direction,
          users: PackedUsers(sorted: [1].span), unchanged: 0, unmatched: []))
    }
    whole.bytes = forged
    let report = try whole.verify(against: [head])
    #expect(report.findings.map(\.kind).contains(.otherHistory(head)))
    let isImpossible = report.findings.contains {
      if case .impossible = $0.kind { true } else { false }
    }
    #expect(isImpossible, "user:1 enters a second time")
  }

  @Test func `scrubs piece by piece to the same findings`() throws {
    let story = try KeptStory()
    let scrubber = Scrubber(story.ledger)
    var steps = 0
    while scrubber.lastRound == nil {
      #expect(try scrubber.step(bytes: 512) == [])
      steps += 1
    }
    #expect(steps > 5)
    let frames = try Bytes(story.disk).frames()
    let file = try LogFile(KeptStory.log, .readAndWrite, on: story.disk)
    try file.write([0x55], at: frames[4].lowerBound + 120)
    var found: [Finding] = []
    for _ in 0..<2 * steps { found += try scrubber.step(bytes: 512) }
    #expect(found.contains { $0.bytes == frames[4] })
    // The rest of the ledger goes on.
    try story.shop.create(["kim"])
  }

  /// What it reads ahead may have been zeros, and then be frames.
  @Test(arguments: 0...3) func `scrubs a log that grows under it without an alarm`(
    _ frames: Int
  ) throws {
    let story = try KeptStory()
    let scrubber = Scrubber(story.ledger)
    for turn in 0..<60 {
      for frame in 0..<frames { try story.shop.create(["grown-\(turn)-\(frame)"]) }
      #expect(try scrubber.step(bytes: 512) == [], "turn \(turn)")
    }
    while scrubber.lastRound == nil { #expect(try scrubber.step(bytes: 512) == []) }
    #expect(scrubber.lastRound?.findings == [])
    #expect(scrubber.lastRound?.events == story.ledger.now.treeHead.size)
  }
}
