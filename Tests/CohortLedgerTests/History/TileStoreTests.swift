import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct TileStoreTests {
  private let story = PastStory(seed: 21, requests: 110, stride: 20_011)

  /// The story as a history all of whose sealed parts lie in the file.
  private func spilled(to store: TileStore) -> History {
    let history = story.history
    history.spill(to: store)
    return history
  }

  @Test func `What is spilled is not in memory, and answers the same`() throws {
    let disk = SimulatedDisk()
    let history = spilled(to: .some(on: disk))
    #expect(history.unspilled.count > 20)
    #expect(history.unspilled.allSatisfy { $0.isSpilled })
    #expect(disk.durableContents(of: "/tiles")?.count == history.tilesEnd)
    try check(history, tells: story)
  }

  @Test func `Spilling after every request leaves a history that answers the same`() throws {
    let store = TileStore.some()
    var history = History(.tiny)
    story.tell(&history) { history, _ in
      let published = history
      published.spill(to: store)
    }
    #expect(history.unspilled.allSatisfy { $0.isSpilled })
    try check(history, tells: story)
  }

  @Test func `With every byte of the file wrong everything is made again from the log`() throws {
    let disk = SimulatedDisk()
    let store = TileStore.some(on: disk, source: story)
    let history = spilled(to: store)
    let bytes = try #require(disk.contents(of: "/tiles"))
    let file = try disk.open("/tiles", .readAndWrite)
    try disk.write(bytes.map { ~$0 }, to: file, at: 0)
    try check(history, tells: story)
    #expect(history.unspilled.contains { !$0.isSpilled })
    // Written once more, it is read from the file again.
    history.spill(to: store)
    store.setSource { _, _ throws(LogError) in throw .stopped }
    #expect(history.unspilled.allSatisfy { $0.isSpilled })
    try check(history, tells: story)
  }

  @Test func `Any one byte of the file wrong, and a file cut anywhere, changes no answer`() throws {
    let story = PastStory(seed: 22, requests: 60)
    let users = Set(story.scenes.flatMap { $0.alive }).sorted()
    let whole = SimulatedDisk()
    var history = History(.tiny)
    story.tell(&history)
    history.spill(to: .some(on: whole))
    let bytes = try #require(whole.contents(of: "/tiles"))
    var snapshot: [UInt8] = []
    history.append(to: &snapshot)
    for place in stride(from: 0, to: bytes.count, by: 19) {
      var wrong = bytes
      if place.isMultiple(of: 2) { wrong[place] ^= 1 << UInt8(place & 7) }
      if !place.isMultiple(of: 2) { wrong.removeLast(bytes.count - place) }
      let disk = SimulatedDisk()
      try disk.place(wrong, at: "/tiles")
      let damaged = TileStore(in: StorageFolder("/"), of: someLedger, on: disk, isReadOnly: false)
      damaged.setSource(of: story)
      let history = try #require(History.read(snapshot, damaged))
      for cohort in story.cohorts {
        for raw in stride(from: 0, through: story.end.rawValue, by: 5) {
          let position = Position(raw)
          let members = story.scene(at: position).members(of: cohort)
          #expect(try history.size(of: cohort, at: position) == members.count)
          #expect(try history.members(of: cohort, at: position).users == members.sorted())
          let user = users[Int(raw) % users.count]
          #expect(
            try history.contains(UserID(user), in: cohort, at: position) == members.contains(user))
        }
      }
    }
  }

  @Test func `Where neither file nor log gives an answer, a question throws`() throws {
    let disk = SimulatedDisk()
    let history = spilled(to: .some(on: disk))
    let file = try disk.open("/tiles", .readAndWrite)
    try disk.truncate(file, to: 0)
    #expect(throws: LogError.self) {
      for raw in 0...story.end.rawValue {
        _ = try history.members(of: CohortID(1), at: Position(raw))
      }
    }
    #expect(try history.size(of: CohortID(1), at: .origin) == 0)
  }

  @Test func `A log that tells another story is noticed`() throws {
    let disk = SimulatedDisk()
    let store = TileStore.some(on: disk, source: PastStory(seed: 99, requests: 110))
    let history = spilled(to: store)
    let file = try disk.open("/tiles", .readAndWrite)
    try disk.truncate(file, to: 0)
    #expect(throws: LogError.self) {
      for raw in 0...story.end.rawValue {
        _ = try history.members(of: CohortID(1), at: Position(raw))
      }
    }
  }

  @Test func `What the disk does not take stays in memory`() throws {
    let disk = SimulatedDisk()
    let store = TileStore.some(on: disk, source: story)
    let history = story.history
    disk.inject(.error(28), on: .write, of: "/tiles", at: 5, times: .max)
    history.spill(to: store)
    #expect(history.unspilled.contains { $0.isSpilled })
    #expect(history.unspilled.contains { !$0.isSpilled })
    try check(history, tells: story)
  }

  @Test func `A reader beside the writer adds nothing and cuts nothing off`() throws {
    let disk = SimulatedDisk()
    let history = spilled(to: .some(on: disk))
    var snapshot: [UInt8] = []
    history.append(to: &snapshot)
    let before = disk.contents(of: "/tiles")
    let store = TileStore.some(on: disk, isReadOnly: true)
    let other = try #require(History.read(snapshot, store))
    try check(other, tells: story)
    story.history.spill(to: store)
    store.clear()
    #expect(disk.contents(of: "/tiles") == before)
  }
}

extension History {
  static func read(_ bytes: [UInt8], _ store: TileStore) -> History? {
    History(from: bytes.span, .tiny, store)
  }

  /// Behind the last byte that the history refers to.
  var tilesEnd: Int {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return Int(bytes.span.littleEndian(UInt64.self, at: 0))
  }
}
