import CohortFormat
import CohortLog
import TestSupport
import Testing

@testable import CohortLedger
@testable import CohortModel

/// Logs whose checksums and roots are right, and whose events cannot have happened.
@Suite struct `A forged log` {
  @Test func `opens if its story can have happened`() throws {
    #expect(try ForgedLog.shop().refusal() == nil)
  }

  @Test func `is refused at the first event that names what is not there`() throws {
    let users = [UserID(9), UserID(0), UserID(.max)]
    var senseless: [Event] = users.flatMap { user -> [Event] in
      [
        ForgedLog.entering(1, [user.rawValue]),
        .userCreated(UserCreated(user: user, identifiers: [.device(PersonalText("d"))])),
        .userCreated(UserCreated(user: user, identifiers: [.externalID(PersonalText("d"))])),
        .identifierAdded(IdentifierAdded(user: user, identifier: .device(PersonalText("d")))),
        .userIdentified(UserIdentified(user: user, externalID: PersonalText("d"))),
        .usersMerged(
          UsersMerged(
            user: user, into: UserID(2), cohortsLeft: [], cohortsEntered: [], moved: [],
            dropped: [], retired: [])),
        .usersMerged(
          UsersMerged(
            user: UserID(2), into: user, cohortsLeft: [], cohortsEntered: [], moved: [],
            dropped: [], retired: [])),
        .userDeleted(UserDeleted(user: user, cohortsLeft: [], freed: [])),
        .userErased(UserErased(user: user, identifiers: [], texts: [])),
      ]
    }
    for number: UInt32 in [0, 7, .max] {
      senseless += [
        ForgedLog.entering(number, [2]), ForgedLog.entering(number, []),
        .cohortArchived(CohortID(number)), .keyInvalidated(KeyID(number)),
        .partnerDisabled(PartnerID(number)), .segmentArchived(SegmentID(number)),
        .campaignArchived(CampaignReference(kind: .canvas, number: number)),
        .identifierRemoved(IdentifierRemoved(user: UserID(2), identifier: IdentifierID(number))),
        .userErased(UserErased(user: nil, identifiers: [IdentifierID(number)], texts: [])),
        .userDeleted(UserDeleted(user: UserID(2), cohortsLeft: [CohortID(number)], freed: [])),
        segment(2, .includes([CohortID(number)])), segment(2, .segment(SegmentID(number))),
      ]
    }
    for event in senseless {
      var log = ForgedLog.shop()
      let end = log.position
      log.add([event])
      let refusal = try log.refusal()
      #expect(refusal?.position == end.advanced(by: 1), "\(event)")
    }
  }

  @Test func `is refused for a key that was never issued`() throws {
    for event in [
      ForgedLog.entering(2, [3]), .cohortArchived(CohortID(1)),
      .userCreated(UserCreated(user: UserID(5), identifiers: [.externalID(PersonalText("e"))])),
    ] {
      var log = ForgedLog.shop()
      log.add([event], by: KeyID(2))
      #expect(try log.refusal()?.reason == "key:2 does not exist")
    }
  }

  @Test func `is refused for who enters twice, or leaves without being in`() throws {
    for event in [
      ForgedLog.entering(2, [2]), ForgedLog.leaving(2, [3]), ForgedLog.leaving(1, [1, 2]),
    ] {
      var log = ForgedLog.shop()
      let end = log.position
      log.add([event])
      log.add([ForgedLog.entering(2, [3])])
      #expect(try log.refusal()?.position == end.advanced(by: 1))
    }
  }

  @Test func `is refused for who enters twice, though as many leave without being in`() throws {
    var log = ForgedLog.shop()
    let end = log.position
    log.add([ForgedLog.entering(2, [2])])
    log.add([ForgedLog.leaving(2, [3])])
    #expect(try log.refusal()?.position == end.advanced(by: 1))
  }

  @Test func `is refused for who enters after having been merged away or deleted`() throws {
    let deletion = Event.userDeleted(UserDeleted(user: UserID(3), cohortsLeft: [], freed: []))
    for (number, users) in [(1, [1]), (3, [3]), (3, [2, 3]), (1, [1, 3, 4])] as [(Int, [UInt32])] {
      for leavesAgain in [false, true] {
        var log = ForgedLog.shop()
        if users.contains(3) { log.add([ForgedLog.entering(2, [3]), ForgedLog.leaving(2, [3])]) }
        log.add([deletion])
        if users.contains(2) { log.add([ForgedLog.leaving(2, [2])]) }
        let end = log.position
        log.add([ForgedLog.entering(2, users)])
        if leavesAgain { log.add([ForgedLog.leaving(2, users)]) }
        let refusal = try log.refusal()
        #expect(refusal?.position == end.advanced(by: 1))
        #expect(refusal?.reason == "user:\(number) is no more, and enters cohort:2")
      }
    }
  }

  @Test func `is refused for who enters after an end that came before the gathering`() throws {
    var state = LedgerState(hashSeed: 1)
    for (index, event) in ForgedLog.story.joined().enumerated() {
      state.apply(event, at: Position(UInt64(index + 1)), Instant(microseconds: 1), by: KeyID(0))
    }
    for (users, isRefused) in [([2], false), ([1], true), ([1, 3], true)] as [([UInt32], Bool)] {
      var rebuild = HistoryRebuild(
        History(.tiny), Memberships(), nil, ended: EndedUsers(state.directory))
      rebuild.take(
        ForgedLog.entering(1, users), at: state.position.advanced(by: 1),
        Instant(microseconds: 2))
      do {
        let (_, members) = try rebuild.finish()
        #expect(!isRefused && members.count == 1)
      } catch { #expect(isRefused) }
    }
  }

  @Test func `is refused for a set of users that is none, whichever byte is wrong`() throws {
    let wide: [UInt32] = (0..<12).map { $0 * $0 % 7 + $0 * 25 + 1 }
    let dense: [UInt32] = (1...99).filter { $0 % 3 != 0 }
    let runs: [UInt32] = Array(1...90) + Array(200...290) + [300]
    for shape in [wide.sorted(), dense, runs] {
      let packed = PackedUsers(sorted: shape.span)
      for index in packed.bytes.indices {
        var bytes = packed.bytes
        bytes[index] ^= 0x91
        var log = ForgedLog()
        log.add(Array(ForgedLog.story[0]))
        log.add(
          (1...300).map {
            .userCreated(
              UserCreated(user: UserID($0), identifiers: [.externalID(PersonalText("user-\($0)"))]))
          })
        log.add(Array(ForgedLog.story[4].prefix(1)))
        log.add([ForgedLog.change(1, .entering, PackedUsers(accepted: bytes))])
        let isSet = (try? PackedUsers.check(bytes.span, at: 0)) == bytes.count
        let refusal = try log.refusal()
        #expect(isSet || refusal?.position == log.position, "byte \(index)")
      }
    }
  }

  @Test func `is refused if its tree is that of other events, and says where`() throws {
    var log = ForgedLog.shop()
    let start = log.next
    log.addRootedElsewhere([Self.forth])
    guard case .failure(.storage(let failure)) = log.open(on: try log.disk()) else {
      Issue.record("a tree of other events was taken")
      return
    }
    #expect(failure.error == .otherTree(log.position))
    let report = try Ledger.verify("/ledger", on: try log.disk())
    #expect(report.findings.map(\.kind) == [.root])
    #expect(report.findings.first?.bytes?.lowerBound == start)
    #expect(report.findings.first?.positions == log.position...log.position)
    // Put in place of the right ones while the ledger runs, a scrubber finds it too.
    var right = ForgedLog.shop()
    right.add([Self.forth])
    let disk = try right.disk()
    let ledger = try right.open(on: disk).get()
    let frame = Array(log.bytes[Int(start)..<Int(log.next)])
    try LogFile("/ledger/events.log", .readAndWrite, on: disk).write(frame, at: start)
    let scrubber = Scrubber(ledger)
    var found: [Finding] = []
    while scrubber.lastRound == nil { found += try scrubber.step(bytes: 512) }
    #expect(found.map(\.kind) == [.root])
    try ledger.close()
  }

  private static let forth = ForgedLog.entering(2, [3])

  /// A start from a snapshot judges nothing that the snapshot stands for.
  @Test func `does not pass a replay, however it was opened`() throws {
    var (log, forged) = (ForgedLog.shop(), ForgedLog.shop())
    let end = log.position
    log.add([Self.forth])
    forged.add([ForgedLog.entering(2, [2])])
    // What is proven durable by another frame is read without the lock.
    log.add([.cohortArchived(CohortID(2))])
    forged.add([.cohortArchived(CohortID(2))])
    try #require(log.bytes.count == forged.bytes.count)
    let disk = try log.disk()
    let ledger = try log.open(on: disk, for: .read).get()
    var told: [PositionDigest] = []
    try ledger.digests { digest in
      told.append(digest)
      return true
    }
    #expect(told.map(\.position.rawValue) == Array(1...end.rawValue + 1))
    try LogFile("/ledger/events.log", .readAndWrite, on: disk).write(forged.bytes, at: 0)
    var again: [PositionDigest] = []
    let error = #expect(throws: LedgerError.self) {
      try ledger.digests { digest in
        again.append(digest)
        return true
      }
    }
    guard case .unreadable(let failure) = error, case .impossible(_, let place) = failure.error
    else {
      Issue.record("an event that cannot have happened was replayed")
      return
    }
    #expect(place == end.advanced(by: 1))
    #expect(again == Array(told.dropLast()))
    try ledger.close()
  }

  @Test func `is refused for a segment that includes itself`() throws {
    var log = ForgedLog.shop()
    log.add([segment(2, .segment(SegmentID(1)))])
    log.add([segment(1, version: 2, .segment(SegmentID(2)))])
    #expect(try log.refusal() != nil)
  }

  @Test func `opens with the largest receipts, and keeps them in a snapshot`() throws {
    var log = ForgedLog.shop()
    let receipt = Receipt(
      key: PersonalText("key"), fingerprint: PersonalText("body"), status: 201,
      answer: Text(bytes: [UInt8](repeating: 0x20, count: 70_000)))
    log.add([ForgedLog.entering(2, [3])], receipt)
    let disk = try log.disk()
    let ledger = try log.open(on: disk).get()
    #expect(ledger.keepSnapshot())
    try ledger.close()
    let again = try log.open(on: disk).get()
    #expect(again.now.state.receipts.find(Array("key".utf8), of: KeyID(0))?.receipt == receipt)
    try again.close()
  }

  @Test func `is not written to behind the last of all times, or the last generation`() throws {
    for (generation, time) in [
      (Epoch.generationMax, nil), (1, Instant(microseconds: FrameHeader.timeMax)),
    ] as [(UInt32, Instant?)] {
      var log = ForgedLog(generation: generation)
      log.add(ForgedLog.story[0], at: time)
      let ledger = try log.open(on: try log.disk()).get()
      #expect(ledger.report.condition != .writable)
      #expect(ledger.now.position == Position(1))
      try ledger.close()
    }
    for (generation, time) in [
      (.max, nil), (1, Instant(microseconds: .max)), (1, Instant(microseconds: -1)),
    ] as [(UInt32, Instant?)] {
      var log = ForgedLog(generation: generation)
      log.add(ForgedLog.story[0], at: time)
      if time?.microseconds != .max { log.add(ForgedLog.story[1]) }
      // Nothing of it can be believed.
      let ledger = try log.open(on: try log.disk()).get()
      #expect(ledger.now.state.partners.records.isEmpty)
      try ledger.close()
    }
  }

  private func segment(_ number: UInt32, version: UInt32 = 1, _ filter: Filter) -> Event {
    .segmentSaved(
      SegmentSaved(
        segment: SegmentID(number), version: version, name: "Worst", description: "", tags: [],
        filter: filter))
  }
}
