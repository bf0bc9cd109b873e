import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct `A restore` {
  @Test func `to every position equals the past there`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    let ends = try Bytes(story.disk).checkpoints()
    for cut in 0...Int(story.end.rawValue) {
      let disk = story.disk.copy()
      var options = RestoreOptions()
      options.cut = .position(Position(UInt64(cut)))
      options.acceptsLosses = cut == story.states.count - 1
      let report = try disk.restore(options)
      #expect(report.cut == Position(UInt64(cut)))
      #expect(report.acceptedLoss == options.acceptsLosses)
      #expect(report.known == story.end)

      let ledger = try disk.open("/new")
      let view = ledger.now
      let states = try KeptStory.fold(ledger)
      #expect(states[cut].sameMeaning(as: story.states[cut]), "cut \(cut)")
      for position in 0..<cut where position.isMultiple(of: 9) {
        #expect(states[position].sameMeaning(as: story.states[position]))
      }
      guard case .restored(let event) = try view.event(at: Position(UInt64(cut + 1))).event else {
        Issue.record("A restored event stands behind the cut.")
        return
      }
      #expect(event.cut == report.cut && event.head == story.end)
      #expect(try ledger.verify().findings == [], "cut \(cut)")
      #expect(
        try view.treeHead(size: UInt64(cut)) == story.ledger.now.treeHead(size: UInt64(cut)))
      // Checkpoints up to the cut go on, those behind it are noticed.
      for (position, epoch) in ends {
        let checkpoint = Checkpoint(position: position, epoch: epoch)
        #expect(try view.holds(checkpoint) == (position <= report.cut))
      }
      try ledger.close()
    }
  }

  @Test func `to an instant keeps whole requests up to it`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    for position in [5, 20, 40] as [UInt64] {
      let time = try story.ledger.now.event(at: Position(position)).time.microseconds
      for (instant, isIn) in [(time, true), (time - 1, false)] {
        let moment = Moment.instant(Instant(microseconds: instant))
        var options = RestoreOptions()
        options.cut = moment
        let report = try story.disk.copy().restore(options)
        #expect(try report.cut == story.ledger.view(asOf: moment).position)
        #expect((report.cut >= Position(position)) == isIn)
      }
    }
  }

  @Test func `carries erasures, invalidated keys and disabled partners forward`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    let events = try story.ledger.now.events(after: .origin, limit: 1_000)
    let merge = try #require(
      events.first { if case .usersMerged = $0.event { true } else { false } })
    // Before the merge ada and cyd are two people. Both are erased behind the cut, and so is eve.
    var options = RestoreOptions()
    options.cut = .position(Position(merge.position.rawValue - 1))
    let disk = story.disk.copy()
    let report = try disk.restore(options)
    #expect(report.carriedErasures == 2)
    #expect(report.carriedInvalidations == 1 && report.carriedDisablings == 1)
    let ledger = try disk.open("/new")
    let view = ledger.now
    for name in ["ada", "cyd", "eve"] as [Text] { #expect(view.user(.externalID(name)) == nil) }
    #expect(view.user(.externalID("dan")) != nil)
    #expect(view.state.keys[KeyID(3)].invalidatedAt != nil)
    let partner = try #require(view.state.partners["segment"])
    #expect(view.state.partners[partner].isEnabled.latest == false)
    #expect(view.state.erasures.pending.isEmpty)
    try ledger.close()
    let bytes = try Bytes(disk, "/new/events.log").bytes
    for secret in ["ada@a.org", "ada@b.org", "zoe@example.org", "gus@example.org"] {
      #expect(!bytes.holds(secret), "\(secret)")
    }
  }

  @Test func `of a backup from before an erasure needs the newer log, or consent`() throws {
    let shop = try TestShop()
    try shop.create(["anna-secret", "bert"])
    try shop.push("vip", add: ["anna-secret"])
    let backup = try shop.ledger.backup(to: "/backup")
    _ = try shop.ledger.erase(.externalID("anna-secret"))
    try shop.ledger.close()
    #expect(throws: KeepingError.self) { try shop.disk.restore() }
    #expect(try shop.disk.identity(at: "/new/events.log") == nil)

    var options = RestoreOptions()
    options.newer = "/ledger"
    let report = try shop.disk.copy().restore(options)
    #expect(report.carriedErasures == 1 && !report.acceptedLoss)

    var replacing = RestoreOptions()
    replacing.replaces = true
    let disk = shop.disk.copy()
    let replaced = try disk.restore(to: KeptStory.folder, replacing)
    #expect(replaced.carriedErasures == 1 && replaced.cut == Position(backup.head.size))
    #expect(try !Bytes(disk).bytes.holds("anna-secret"))

    var accepting = RestoreOptions()
    accepting.acceptsLosses = true
    let lossy = try shop.disk.restore(accepting)
    #expect(lossy.acceptedLoss && lossy.carriedErasures == 0)
    let ledger = try shop.disk.open("/new")
    #expect(ledger.now.user(.externalID("anna-secret")) == UserID(1))
    let event = try ledger.now.event(at: lossy.cut.advanced(by: 1)).event
    guard case .restored(let restored) = event else {
      Issue.record("The event says so.")
      return
    }
    #expect(restored.acceptedLoss)
    try ledger.close()
  }

  @Test func `does not take another ledger for a newer log`() throws {
    let shop = try TestShop()
    try shop.create(["anna"])
    _ = try shop.ledger.backup(to: "/backup")
    let other = try Bytes(KeptStory(seed: 7).disk).bytes
    try LogFile("/other", .create, on: shop.disk).write(other, at: 0)
    var options = RestoreOptions()
    options.newer = "/other"
    #expect(throws: KeepingError.self) { try shop.disk.restore(options) }
  }

  @Test func `is refused into a folder with something in it, or where a writer is`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    var options = RestoreOptions()
    options.acceptsLosses = true
    #expect(throws: KeepingError.self) { try story.disk.restore(to: KeptStory.folder, options) }
    options.replaces = true
    #expect(throws: KeepingError.self) { try story.disk.restore(to: KeptStory.folder, options) }
    try story.shop.create(["kim"])
  }

  @Test func `refuses a backup that was cut short or damaged before the cut`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    let frames = try Bytes(story.disk, "/backup/events.log").frames()
    var options = RestoreOptions()
    options.acceptsLosses = true
    let short = story.disk.copy()
    try LogFile("/backup/events.log", .readAndWrite, on: short)
      .truncate(to: frames[frames.count - 3].upperBound)
    #expect(throws: KeepingError.self) { try short.restore(options) }
    let rotten = story.disk.copy()
    try LogFile("/backup/events.log", .readAndWrite, on: rotten)
      .write([0xAA, 0x55], at: frames[5].lowerBound + 130)
    #expect(throws: KeepingError.self) { try rotten.restore(options) }
    #expect(try rotten.identity(at: "/new/events.log") == nil)
  }

  @Test func `carries forward from the damaged log that it replaces`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    _ = try story.ledger.erase(.externalID("dan"))
    try story.ledger.close()
    let frames = try Bytes(story.disk).frames()
    try LogFile(KeptStory.log, .readAndWrite, on: story.disk)
      .write([0xAA, 0x55], at: frames[5].lowerBound + 130)
    var options = RestoreOptions()
    options.replaces = true
    let report = try story.disk.restore(to: KeptStory.folder, options)
    #expect(report.carriedErasures == 1 && !report.acceptedLoss)
    let ledger = try story.disk.open(KeptStory.folder)
    #expect(ledger.now.user(.externalID("dan")) == nil)
    try ledger.close()
  }

  @Test func `interrupted at any operation leaves the old ledger or the new one`() throws {
    let story = try KeptStory()
    _ = try story.ledger.backup(to: "/backup")
    let users = story.ledger.now.state.directory.userCount
    try story.shop.create(["kim"])
    _ = try story.ledger.erase(.externalID("dan"))
    let end = story.ledger.now.end
    try story.ledger.close()
    var options = RestoreOptions()
    options.replaces = true
    var (olds, news) = (0, 0)
    var operation = 1
    var isDone = false
    while !isDone {
      let disk = story.disk.copy()
      disk.inject(.powerLoss, at: operation)
      isDone = (try? disk.restore(to: KeptStory.folder, options)) != nil
      disk.repair()
      disk.crash(seed: UInt64(operation) &* 31)
      let ledger = try disk.open(KeptStory.folder)
      let isNew = ledger.now.state.directory.userCount == users
      if isNew { news += 1 } else { olds += 1 }
      #expect(ledger.report.condition == .writable)
      #expect(isNew || ledger.now.end == end)
      #expect(isNew || !isDone)
      #expect(ledger.now.user(.externalID("dan")) == nil)
      #expect(try disk.identity(at: "\(KeptStory.folder)/events.log.new") == nil)
      try ledger.close()
      operation += 1
    }
    #expect(olds > 20 && news > 0)
  }
}

extension SimulatedDisk {
  @discardableResult
  func restore(
    to folder: String = "/new", _ options: RestoreOptions = RestoreOptions()
  ) throws(KeepingError) -> RestoreReport {
    try Ledger.restore(
      from: "/backup", to: folder, options, on: self, clock: SimulatedClock(step: 3),
      random: SeededRandomSource(seed: 11))
  }

  func open(_ folder: String) throws -> Ledger {
    try Ledger.open(
      folder, for: .write, on: self, clock: SimulatedClock(step: 3),
      random: SeededRandomSource(seed: 12), options: .small)
  }
}

extension LedgerState {
  /// Members, identities and definitions alike.
  ///
  /// Texts aside, and requests: one that a cut goes through ends with the cut.
  func sameMeaning(as other: LedgerState) -> Bool {
    guard position == other.position, directory.userCount == other.directory.userCount,
      directory.identifierCount == other.directory.identifierCount,
      memberships == other.memberships, partners == other.partners, segments == other.segments,
      campaigns == other.campaigns, cohorts == other.cohorts, keys.records == other.keys.records,
      erasures == other.erasures
    else { return false }
    for number in 0..<directory.userCount {
      let user = UserID(UInt32(number + 1))
      guard directory.status(of: user) == other.directory.status(of: user),
        directory.identifiers(of: user).elementsEqual(
          other.directory.identifiers(of: user), by: ==)
      else { return false }
    }
    return true
  }
}

extension Bytes {
  /// The last position of each frame of events, with its epoch.
  func checkpoints() throws -> [(Position, Epoch)] {
    var found: [(Position, Epoch)] = []
    try forEachFrame { frame, _ in
      if frame.header.kind == .events {
        found.append((frame.header.lastPosition, frame.header.epoch))
      }
    }
    return found
  }
}
