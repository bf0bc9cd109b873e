import Testing

@testable import CohortModel

@Suite struct `A fold in a scratch bitmap` {
  @Test func `sets and clears exactly the users of a packed set`() {
    var fold = FoldBitmap()
    for users in tellingSets where (users.last ?? 0) < 1 << 24 {
      let packed = PackedUsers(sorted: users.span)
      #expect(fold.insert(in: packed.bytes.span, at: 0) == packed.bytes.count)
      #expect(fold.count == users.count)
      let cut = fold.cut()
      #expect(cut.users == users)
      #expect(cut == LiveUsers(sorted: users.span))
      for user in users.prefix(50) { #expect(fold.contains(user)) }
      #expect(fold.remove(in: packed.bytes.span, at: 0) == packed.bytes.count)
      #expect(fold.count == 0)
      #expect(fold.cut().isEmpty)
      #expect(!fold.contains(users.first ?? 0))
      fold.insert(LiveUsers(sorted: users.span))
      #expect(fold.cut().users == users)
      fold.reset()
      #expect(fold.cut().isEmpty && fold.count == 0)
    }
  }

  @Test func `sets and clears every subset of a small universe`() {
    var fold = FoldBitmap(users: 100)
    let (all, sets) = (Array(UInt32(0)...200), everySubset(of: 11, from: 60))
    let everybody = PackedUsers(sorted: all.span)
    for users in sets + everySubset(of: 8, times: 17, from: 1) {
      let packed = PackedUsers(sorted: users.span)
      fold.insert(in: everybody.bytes.span, at: 0)
      fold.remove(in: packed.bytes.span, at: 0)
      #expect(fold.cut().users == all.filter { !users.contains($0) })
      fold.reset()
    }
  }

  @Test(arguments: UInt64(1)...8) func `comes to the same set as a live set, cohort after cohort`(
    seed: UInt64
  ) {
    var (fold, dice) = (FoldBitmap(users: 300_000), Dice(seed))
    for _ in 0..<6 {
      var (log, oracle) = ([UInt8](), LiveUsers())
      var changes: [(isAdding: Bool, offset: Int, count: Int)] = []
      for _ in 0..<40 {
        let asked = some(Int.random(in: 1...900, using: &dice), of: 1...600_000, &dice)
        let isAdding = Int.random(in: 0..<5, using: &dice) > 0
        var effective: [UInt32] = []
        if isAdding {
          oracle.selectAbsent(from: asked.span, into: &effective)
          oracle.insert(sorted: effective.span)
        } else {
          oracle.selectPresent(from: asked.span, into: &effective)
          oracle.remove(sorted: effective.span)
        }
        changes.append((isAdding, log.count, oracle.count))
        log += PackedUsers(sorted: effective.span).bytes
      }
      for change in changes {
        if change.isAdding {
          fold.insert(in: log.span, at: change.offset)
        } else {
          fold.remove(in: log.span, at: change.offset)
        }
        #expect(fold.count == change.count)
      }
      #expect(fold.cut() == oracle)
      #expect(fold.cut().users == oracle.users)
      fold.reset()
    }
  }
}

@Suite struct `Sorting users` {
  @Test func `brings every short sequence into strictly increasing order`() {
    var sorter = UserSorter()
    for code in 0..<5 * 5 * 5 * 5 * 5 {
      var (rest, users) = (code, [UInt32]())
      for _ in 0..<5 {
        users.append(UInt32(rest % 5) << UInt32(rest % 3 * 9))
        rest /= 5
      }
      for length in 0...5 {
        var prefix = Array(users[..<length])
        sorter.sortDistinct(&prefix)
        #expect(prefix == Set(users[..<length]).sorted())
      }
    }
  }

  @Test(arguments: [31, 32, 33, 1_000, 8_191, 8_192, 50_000])
  func `agrees with the library's sort for`(count: Int) {
    var (sorter, dice) = (UserSorter(), Dice(UInt64(count)))
    for last in [3, 255, 256, 1 << 16, 1_000_000, UInt32.max] {
      var users = (0..<count).map { _ in UInt32.random(in: 0...last, using: &dice) }
      let expected = Set(users).sorted()
      sorter.sortDistinct(&users)
      #expect(users == expected)
      sorter.sortDistinct(&users)
      #expect(users == expected, "sorted already")
    }
  }
}
