import CohortLog
import CohortModel
import TestSupport
import Testing

@testable import CohortLedger

@Suite struct HistoryPageTests {
  /// Checks pages of any length behind any user, at every position, against the sets of the story.
  private func check(_ history: History, pages story: PastStory, seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let last = story.scenes.flatMap { $0.alive }.max() ?? 0
    var wrong: [String] = []
    var (pages, hasties, agains) = (0, 0, 0)
    for cohort in story.cohorts {
      for raw in 0...story.end.rawValue {
        let position = Position(raw)
        let members = story.scene(at: position).members(of: cohort).sorted()
        for number in 0..<3 {
          let after =
            number == 0 ? 0 : number == 1 ? .max : UInt32(random.below(Int(last) + 3))
          let limit = [0, 1, 2, 3, 5, 1_000][random.below(6)]
          let hasty = try history.members(
            of: cohort, at: position, after: after, limit: limit, ifAtHand: true)
          let page = try #require(
            try history.members(of: cohort, at: position, after: after, limit: limit))
          let rest = members.filter { $0 > after }
          let isRight =
            page.count == members.count && page.users == Array(rest.prefix(limit))
            && page.hasMore == (limit > 0 && rest.count > limit)
            && (hasty == nil || hasty == page)
          // What was found a moment ago is at hand.
          let again = try history.members(
            of: cohort, at: position, after: after, limit: limit, ifAtHand: true)
          (hasties, agains) = (hasties + (hasty == nil ? 0 : 1), agains + (again == page ? 1 : 0))
          pages += 1
          if !isRight { wrong.append("\(cohort) at \(position) behind \(after), \(limit)") }
        }
      }
    }
    #expect(wrong == [])
    #expect(hasties > 0 && hasties < pages && agains == pages)
  }

  @Test(
    arguments: [(1, 1), (2, 20_011), (3, 7), (4, 65_536), (5, 9_000_017)] as [(UInt64, UInt32)])
  func `A page of every position is that of the plain set`(seed: UInt64, stride: UInt32) throws {
    let story = PastStory(seed: seed, requests: 60, stride: stride)
    let history = story.history
    #expect(history.track(CohortID(1)).bases.count > 1)
    try check(history, pages: story, seed: seed)
    history.spill(to: .some())
    #expect(history.unspilled.allSatisfy { $0.isSpilled })
    // The second time parts are at hand that were read the first time.
    try check(history, pages: story, seed: seed + 100)
  }

  @Test func `All pages together are the members, though most left after the base`() throws {
    var history = History(HistoryOptions())
    var state = LedgerState(hashSeed: 0)
    let cohort = CohortID(1)
    var (members, position) = (LiveUsers(), UInt64(0))
    func change(_ direction: Direction, _ users: [UInt32]) {
      position += 1
      history.apply(
        .membersChanged(
          MembersChanged(
            cohort: cohort, direction: direction, users: PackedUsers(sorted: users.span),
            unchanged: 0, unmatched: [])), at: Position(position),
        Instant(microseconds: Int64(position)))
      if direction == .entering {
        members.insert(sorted: users.span)
      } else {
        members.remove(sorted: users.span)
      }
      state.setMembers(of: cohort, to: members)
      history.settle(state.memberships)
    }
    change(.entering, Array(1...300_000))
    #expect(history.track(cohort).bases.count == 0)
    change(.entering, Array(stride(from: 300_001, through: 900_000, by: 3)))
    change(.leaving, Array(2_000...299_000))
    change(.leaving, Array(stride(from: 300_001, through: 900_000, by: 6)))
    change(.entering, [5_000_000, 40_000_000, .max])
    for spills in [false, true] {
      if spills { history.spill(to: .some()) }
      for limit in [1_700, 500_000] {
        var (found, after): ([UInt32], UInt32) = ([], 0)
        while true {
          let page = try #require(
            try history.members(
              of: cohort, at: Position(position), after: after, limit: limit))
          found += page.users
          guard page.hasMore, let last = page.users.last else { break }
          after = last
        }
        #expect(found == members.users)
      }
    }
  }

  @Test func `With every byte of the file wrong a page is made from the log`() throws {
    let story = PastStory(seed: 23, requests: 80, stride: 20_011)
    let disk = SimulatedDisk()
    let history = story.history
    history.spill(to: .some(on: disk, source: story))
    let bytes = try #require(disk.contents(of: "/tiles"))
    let file = try disk.open("/tiles", .readAndWrite)
    try disk.write(bytes.map { ~$0 }, to: file, at: 0)
    try check(history, pages: story, seed: 1)
    #expect(history.unspilled.contains { !$0.isSpilled })
  }
}

/// A cohort that changes at random, and the members that it had at each position.
private struct ChangingCohort {
  let cohort = CohortID(1)
  var history = History(.tiny)
  var scenes: [Set<UInt32>] = [[]]
  private var random: SeededRandom
  private let stride: UInt32

  init(seed: UInt64, stride: UInt32) {
    random = SeededRandom(seed: seed)
    self.stride = stride
  }

  /// Goes another way from here on.
  mutating func turn(to seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func change() {
    var members = scenes[scenes.count - 1]
    let isEntering = members.isEmpty || random.once(in: 2)
    let some = (0...random.below(5)).map { _ in
      isEntering
        ? UInt32(1 + random.below(90)) * stride : members.sorted()[random.below(members.count)]
    }
    let users = Set(some).filter { members.contains($0) != isEntering }.sorted()
    if isEntering { members.formUnion(users) } else { members.subtract(users) }
    let position = Position(UInt64(scenes.count))
    scenes.append(members)
    history.apply(
      .membersChanged(
        MembersChanged(
          cohort: cohort, direction: isEntering ? .entering : .leaving,
          users: PackedUsers(sorted: users.span), unchanged: 0, unmatched: [])),
      at: position, Instant(microseconds: Int64(scenes.count)))
    var state = LedgerState(hashSeed: 0)
    state.setMembers(of: cohort, to: LiveUsers(sorted: members.sorted().span))
    history.settle(state.memberships)
  }

  /// Asks for a page of some position.
  mutating func isRight() throws -> Bool {
    let index = random.below(scenes.count)
    let members = scenes[index].sorted()
    let after = random.once(in: 2) ? 0 : UInt32(random.below(91)) * stride
    let limit = [1, 3, 10, 1_000][random.below(4)]
    let hasty = try history.members(
      of: cohort, at: Position(UInt64(index)), after: after, limit: limit, ifAtHand: true)
    let page = try #require(
      try history.members(
        of: cohort, at: Position(UInt64(index)), after: after, limit: limit))
    let rest = members.filter { $0 > after }
    return page.count == members.count && page.users == Array(rest.prefix(limit))
      && page.hasMore == (rest.count > limit) && (hasty == nil || hasty == page)
  }
}

@Suite struct `Readings of tiles` {
  @Test(arguments: [(1, 1), (2, 700), (3, 9_000)] as [(UInt64, UInt32)])
  func `grow with the history, and serve its older copies`(seed: UInt64, stride: UInt32) throws {
    var cohort = ChangingCohort(seed: seed, stride: stride)
    var copies: [ChangingCohort] = []
    let store = TileStore.some()
    for step in 0..<300 {
      cohort.change()
      #expect(try cohort.isRight())
      if step % 60 == 30 { copies.append(cohort) }
      if step == 200 { cohort.history.spill(to: store) }
      for index in copies.indices { #expect(try copies[index].isRight()) }
    }
    #expect(cohort.history.track(cohort.cohort).bases.count > 5)
  }

  @Test(arguments: [1, 700] as [UInt32])
  func `are not those of what was undone`(stride: UInt32) throws {
    var tried = 0
    for seed in 0..<20 as Range<UInt64> {
      var one = ChangingCohort(seed: seed, stride: stride)
      for _ in 0..<20 + seed { one.change() }
      var other = one
      other.turn(to: seed + 1_000)
      for _ in 0..<30 {
        one.change()
        other.change()
        for _ in 0..<3 {
          #expect(try one.isRight())
          #expect(try other.isRight())
        }
        // A block that both have, and behind it one that only one of them has.
        let (a, b) = (one.history.track(one.cohort), other.history.track(other.cohort))
        let last = min(a.blocks.count, b.blocks.count) - 1
        if last > 0, a.blocks[0].part === b.blocks[0].part,
          a.blocks[last].part !== b.blocks[last].part
        {
          tried += 1
        }
      }
    }
    #expect(tried > 100)
  }

  @Test(arguments: [1, 700] as [UInt32])
  func `do not reach into what another copy still has open`(stride: UInt32) throws {
    var tried = 0
    // Tiles of some blocks.
    var options = HistoryOptions.tiny
    (options.blockSize, options.rowsMax, options.changesMin, options.changesMax) = (40, 30, 40, 60)
    for seed in 0..<120 as Range<UInt64> {
      var one = ChangingCohort(seed: seed, stride: stride)
      one.history = History(options)
      for _ in 0..<20 + seed { one.change() }
      var other = one
      other.turn(to: seed + 1_000)
      let count = one.history.track(one.cohort).blocks.count
      while one.history.track(one.cohort).blocks.count == count { one.change() }
      for _ in 0..<200 { #expect(try one.isRight()) }
      while other.scenes.count < one.scenes.count {
        other.change()
        for _ in 0..<20 { #expect(try other.isRight()) }
        let (a, b) = (one.history.track(one.cohort), other.history.track(other.cohort))
        let tile = TrackReader(other.cohort, of: other.history)
          .tile(at: Position(UInt64(other.scenes.count - 1)))
        if tile.count > 0, tile.openRows > 0, a.blocks.count > tile.first + tile.count,
          a.blocks[tile.first].part === b.blocks[tile.first].part
        {
          tried += 1
        }
      }
    }
    #expect(tried > 20)
  }

  @Test func `are asked for in few windows, however far away the members are`() {
    for range in [1, 1_000, 60_000_000, 100_000_000, .max] as [UInt32] {
      for count in [1, 5, 1_000, 1_000_000] {
        for wanted in [2, 101, 1_001, 10_001] {
          var newcomers = TrackReader.Newcomers()
          var last: UInt32 = 0
          for round in 0..<1_000 {
            let width = newcomers.width(of: wanted, among: count, within: range)
            #expect(width >= last && width <= range && (round < 11 || width == range))
            last = width
          }
        }
      }
    }
  }
}

@Suite struct `The parts of tiles at hand` {
  private func place(_ number: Int) -> CachedBytes {
    CachedBytes(offset: number * 1_000, length: 300 + number * 37 % 900, crc: UInt32(number))
  }

  private func users(_ number: Int) -> LiveUsers {
    LiveUsers(sorted: [UInt32(number), UInt32(number + 9)].span)
  }

  @Test func `are what was put there, within their bounds, those used last`() throws {
    var random = SeededRandom(seed: 4)
    var cache = TileCache<CachedBytes, LiveUsers>(bytesMax: 12_000)
    var hits = 0
    for _ in 0..<4_000 {
      let number = random.once(in: 2) ? random.below(3) : random.below(60)
      if let found = cache.find(place(number)) {
        #expect(found == users(number))
        hits += 1
      } else {
        let before = cache.bytes
        let forgotten = cache.keep(
          users(number), of: place(number).length, at: place(number))
        #expect(forgotten.isEmpty == (before + place(number).length + 256 <= 12_000))
      }
      #expect(cache.bytes <= 12_000)
    }
    #expect(hits > 1_800)
    // What would push out all the rest is not kept.
    let great = CachedBytes(offset: 1, length: 9_000, crc: 0)
    #expect(cache.keep(users(1), of: great.length, at: great).isEmpty)
    #expect(cache.find(great) == nil)
    // Another checksum is another part.
    _ = cache.keep(users(7), of: 300, at: place(7))
    let other = CachedBytes(offset: place(7).offset, length: place(7).length, crc: 8)
    #expect(cache.find(place(7)) != nil && cache.find(other) == nil)
    // What is kept in place of another counts as much as it takes.
    let before = cache.bytes
    _ = cache.keep(users(8), of: 100, at: place(7))
    #expect(cache.find(place(7)) == users(8) && cache.bytes == before - 200)
  }
}
