import CohortFormat
import CohortLog
import CohortModel
import CohortThreads
import Synchronization
import TestSupport
import Testing

@testable import CohortLedger

/// FAULTS 75, 77 and 78: what is made from the log can be made again, at any time.
@Suite struct `What is made from the log` {
  /// Every request takes one user out of a cohort and another in, so each has always eight.
  @Test func `is old or new and never mixed, while a writer works and caches go to pieces`() throws
  {
    let shop = try TestShop()
    try shop.create((0..<16).map { "user-\($0)" })
    for cohort in 0..<3 { try shop.push(Text("c\(cohort)"), add: (0..<8).map { "user-\($0)" }) }
    let cohorts = try (0..<3).map { try shop.cohort(Text("c\($0)")) }
    let commands = (0..<240).map { round in
      let turn = round / 3
      return shop.importing(
        Text("c\(round % 3)"), add: ["user-\((turn + 8) % 16)"], remove: ["user-\(turn % 16)"])
    }
    let (ledger, disk) = (shop.ledger, shop.disk)
    let isDone = Atomic(false)
    let seen = Mutex<[(Position, [[UInt32]])]>([])
    let work: @Sendable (Int) -> Void = { index in
      do {
        switch index {
        case 0:
          for command in commands { try ledger.submit(command) }
          isDone.store(true, ordering: .sequentiallyConsistent)
        case 1:
          var random = SeededRandom(seed: 4)
          repeat {
            _ = ledger.keepSnapshot()
            let tiles = disk.contents(of: "/ledger/tiles")?.count ?? 0
            if tiles > 0 { try disk.rot("/ledger/tiles", bit: random.below(tiles * 8)) }
          } while !isDone.load(ordering: .sequentiallyConsistent)
        default:
          var random = SeededRandom(seed: UInt64(index))
          repeat {
            let now = ledger.now
            let past = Position(17 + UInt64(random.below(Int(now.position.rawValue) - 16)))
            for view in [now, try ledger.view(asOf: .position(past))] where !view.cutsRequest {
              let members = try cohorts.map { try view.members(of: $0).users }
              for (cohort, found) in zip(cohorts, members) where view.position >= Position(30) {
                let size = try view.size(of: cohort)
                if found.count != 8 || size != 8 {
                  Issue.record("\(found.count) and \(size) of \(cohort) at \(view.position)")
                }
              }
              seen.withLock { $0.append((view.position, members)) }
            }
          } while !isDone.load(ordering: .sequentiallyConsistent)
        }
      } catch {
        Issue.record("\(error)")
        isDone.store(true, ordering: .sequentiallyConsistent)
      }
    }
    let threads = try (0..<4).map { index in try Thread("caches-\(index)") { work(index) } }
    for thread in threads { thread.join() }
    let glimpses = seen.withLock { $0 }
    #expect(glimpses.count > 4)
    try shop.ledger.close()
    try forgetCaches(of: disk)
    try shop.open()
    for (position, members) in glimpses {
      let view = try shop.ledger.view(asOf: .position(position))
      #expect(try cohorts.map { try view.members(of: $0).users } == members, "\(position)")
    }
    try shop.ledger.close()
  }

  @Test func `is whole again after a start that was killed while it made it`() throws {
    let start = try KeptStory()
    let expected = try answers(start.ledger)
    try start.ledger.close()
    try forgetCaches(of: start.disk)
    var (operation, isDone, isRepeated) = (1, false, 0)
    while !isDone {
      let disk = start.disk.copy()
      disk.inject(.powerLoss, at: operation)
      if let ledger = try? disk.open(KeptStory.folder) {
        isDone = ledger.keepSnapshot() && !disk.isDown
        try? ledger.close()
      }
      disk.repair()
      disk.crash(seed: UInt64(operation))
      for _ in 0..<2 {
        let again = try disk.open(KeptStory.folder)
        #expect(try answers(again) == expected, "operation \(operation)")
        #expect(again.keepSnapshot())
        try again.close()
      }
      isRepeated += 1
      operation += 1
    }
    #expect(isRepeated > 5)
  }

  @Test func `goes on around a place that cannot be read, and behind it once that is mended`()
    throws
  {
    let story = try KeptStory()
    let ledger = story.ledger
    let whole = try ledger.now.events(after: .origin, limit: 1_000)
    let expected = try answers(ledger)
    let bytes = try Bytes(story.disk)
    let frames = try bytes.frames()
    let middle = frames[frames.count / 2]
    let bit = Int(middle.lowerBound + 120) * 8
    try story.disk.rot(KeptStory.log, bit: bit)
    // The feed stops before the frame, and says where; what comes behind it can be read.
    var read: [Recorded] = []
    var error: LedgerError?
    do throws(LedgerError) {
      try ledger.now.forEachEvent(after: .origin) { decoded, _ in
        read.append(decoded.recorded)
        return true
      }
    } catch let found { error = found }
    guard case .unreadable(let failure) = error, case .damaged(let damage) = failure.error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(damage.offset == middle.lowerBound)
    #expect(damage.after == read.last?.position)
    var headers: [FrameHeader] = []
    try bytes.forEachFrame { frame, _ in headers.append(frame.header) }
    let next = try #require(
      headers.first { $0.kind == .events && $0.fileOffset >= middle.upperBound }
    ).firstPosition
    let behind = try ledger.now.events(after: Position(next.rawValue - 1), limit: 1_000)
    #expect(behind == Array(whole[(Int(next.rawValue) - 1)...]))
    #expect(read == Array(whole[..<read.count]) && read.count < whole.count)
    // Everything else goes on.
    #expect(try story.shop.members("vip") == expected.last?["vip"])
    try story.shop.push("vip", add: ["fay"])
    // Mended, the feed goes on from where it had stopped.
    try story.disk.rot(KeptStory.log, bit: bit)
    let last = read.last?.position ?? .origin
    let rest = try ledger.now.events(after: last, through: Position(UInt64(whole.count)))
    #expect(read + rest == whole)
    try ledger.close()
  }

  @Test func `has the same bytes for any seed of the hashing`() throws {
    let story = try KeptStory()
    let position = story.ledger.now.position
    try story.ledger.close()
    try forgetCaches(of: story.disk)
    var found: [[String: [UInt8]]] = []
    for seed: UInt64 in [1, 2, 3, 77] {
      let disk = story.disk.copy()
      let ledger = try Ledger.open(
        KeptStory.folder, for: .write, on: disk, clock: SimulatedClock(step: 3),
        random: SeededRandomSource(seed: seed), options: .small)
      #expect(ledger.keepSnapshot())
      #expect(ledger.now.position == position)
      for format in ExportFormat.allCases {
        _ = try ledger.now.exportChanges(
          to: "/export-\(format.rawValue)", as: format, fileSize: 300, on: disk)
      }
      var files: [String: [UInt8]] = [:]
      for folder in [KeptStory.folder, "/export-ndjson", "/export-csv"] {
        for name in try disk.list(folder) where name != "lock" && name != "writer" {
          files["\(folder)/\(name)"] = disk.contents(of: "\(folder)/\(name)") ?? []
        }
      }
      #expect(files.keys.contains { $0.contains("snapshot-") })
      #expect(files.keys.contains { $0.hasSuffix("manifest.json") })
      found.append(files)
      try ledger.close()
    }
    for files in found {
      #expect(files.keys.sorted() == found[0].keys.sorted())
      for (name, bytes) in files { #expect(bytes == found[0][name], "\(name)") }
    }
  }

  /// The members of each cohort at every position.
  private func answers(_ ledger: Ledger) throws -> [[String: [String]]] {
    try (0...ledger.now.position.rawValue).map { number in
      let view = try ledger.view(asOf: .position(Position(number)))
      var found: [String: [String]] = [:]
      for number in 0..<view.state.cohorts.count {
        let cohort = CohortID(UInt32(number + 1))
        guard view.exists(cohort) else { continue }
        found[view.state.cohorts[cohort].name.cohortID.description] =
          try view.members(of: cohort, limit: 1_000).members
          .map { $0.identity.externalID?.description ?? $0.user.description }.sorted()
      }
      return found
    }
  }

  private func forgetCaches(of disk: SimulatedDisk) throws {
    for name in try disk.list(KeptStory.folder)
    where name == "tiles" || name.hasPrefix("snapshot-") {
      try disk.unlink("\(KeptStory.folder)/\(name)")
    }
    try disk.syncDirectory(KeptStory.folder)
  }
}
