import Testing

@testable import CohortModel

@Suite struct `A window of users` {
  /// Ranges whose ends lie at, before and behind members and the borders of words and chunks.
  private func ranges(_ users: [UInt32], _ dice: inout Dice) -> [ClosedRange<UInt32>] {
    var ends: [UInt32] = [0, 1, 63, 64, 65_535, 65_536, .max - 1, .max]
    let picked = (0..<6).map { _ in users.randomElement(using: &dice) ?? 70 }
    for user in picked + [users.first ?? 5, users.last ?? 9] {
      ends += [user, user &+ 1, user &- 1]
    }
    return (0..<(users.count < 2_000 ? 20 : 8)).map { _ in
      let (a, b) = (ends.randomElement(using: &dice) ?? 0, ends.randomElement(using: &dice) ?? 0)
      return min(a, b)...max(a, b)
    }
  }

  /// The part of ascending users within a range.
  private func part(_ users: [UInt32], _ range: ClosedRange<UInt32>) -> [UInt32] {
    func count(_ isEarly: (UInt32) -> Bool) -> Int {
      var (low, high) = (0, users.count)
      while low < high {
        let middle = (low + high) / 2
        if isEarly(users[middle]) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return Array(users[count { $0 < range.lowerBound }..<count { $0 <= range.upperBound }])
  }

  @Test func `sees of a packed set who is within it`() {
    var dice = Dice(3)
    for users in tellingSets + everySubset(of: 7, times: 40, from: 7) {
      // Behind other bytes, and with nothing behind it.
      let bytes = [1, 2, 3] + PackedUsers(sorted: users.span).bytes
      for range in ranges(users, &dice) {
        var found: [UInt32] = []
        PackedUsers.forEach(in: bytes.span, at: 3, within: range) { found.append($0) }
        #expect(found == part(users, range))
      }
    }
  }

  @Test func `holds what of a set is within it`() {
    var dice = Dice(4)
    for users in tellingSets {
      var set = LiveUsers(sorted: users.span)
      for _ in 0..<2 {
        #expect(set.last == users.last)
        for range in ranges(users, &dice) where range.count < 1 << 20 {
          let window = FoldWindow(range, of: set)
          let wanted = part(users, range)
          for limit in [0, 5, wanted.count + 1] {
            var found: [UInt32] = []
            window.append(atMost: limit, to: &found)
            #expect(found == Array(wanted.prefix(limit)))
          }
        }
        // The same members in the layout of a set that is written to.
        set = LiveUsers()
        set.insert(sorted: users.span)
      }
    }
  }

  @Test func `moves as a set does, within its range`() {
    var dice = Dice(5)
    for _ in 0..<24 {
      let sizes: [UInt32] = [300, 5_000, 300_000, 20_000_000]
      let last = sizes.randomElement(using: &dice) ?? 300
      var members = Set(some(Int.random(in: 0...150, using: &dice), of: 1...last, &dice))
      let a = UInt32.random(in: 0...last, using: &dice)
      let b = min(a + UInt32.random(in: 0...100_000, using: &dice), last)
      var window = FoldWindow(a...b, of: LiveUsers(sorted: members.sorted().span))
      for _ in 0..<20 {
        let users = some(Int.random(in: 0...150, using: &dice), of: 1...last, &dice)
        let bytes = PackedUsers(sorted: users.span).bytes
        let direction: Direction = Bool.random(using: &dice) ? .entering : .leaving
        window.change(direction, in: bytes.span, at: 0)
        if direction == .entering { members.formUnion(users) } else { members.subtract(users) }
        var found: [UInt32] = []
        window.append(atMost: .max, to: &found)
        #expect(found == members.filter { (a...b).contains($0) }.sorted())
      }
    }
  }

  @Test func `moves over the turns of a strip as over whole changes`() {
    var dice = Dice(7)
    for _ in 0..<24 {
      let sizes: [UInt32] = [300, 5_000, 300_000, 20_000_000]
      let last = sizes.randomElement(using: &dice) ?? 300
      var block = HistoryBlock()
      for row in 0..<20 {
        let users = some(Int.random(in: 0...150, using: &dice), of: 1...last, &dice)
        let bytes = PackedUsers(sorted: users.span).bytes
        _ = block.append(
          HistoryKind.allCases.randomElement(using: &dice) ?? .entering, bytes.span,
          0..<bytes.count, at: Position(UInt64(row / 2)), Instant(microseconds: 0), unmatched: 0,
          sizeBefore: 100_000)
      }
      let a = UInt32.random(in: 0...last, using: &dice)
      let b = min(a + UInt32.random(in: 0...100_000, using: &dice), last)
      let members = some(Int.random(in: 0...150, using: &dice), of: 1...last, &dice)
      var (window, other) = (
        FoldWindow(a...b, of: LiveUsers(sorted: members.span)),
        FoldWindow(a...b, of: LiveUsers(sorted: members.span))
      )
      block.fold(0..<block.rows.count, into: &window)
      // Of a wider strip, and of one that is as wide.
      let strip = Bool.random(using: &dice) ? a...b : a / 2...b + 1_000
      var turns: [UserTurn] = []
      block.appendTurns(of: strip, to: &turns)
      #expect(zip(turns, turns.dropFirst()).allSatisfy { $0.position <= $1.position })
      other.change(turns.span)
      var (found, wanted): ([UInt32], [UInt32]) = ([], [])
      other.append(atMost: .max, to: &found)
      window.append(atMost: .max, to: &wanted)
      #expect(found == wanted)
    }
  }

  @Test func `is as wide as the set has members in it`() {
    var dice = Dice(6)
    for users in tellingSets {
      let set = LiveUsers(sorted: users.span)
      let picked = (0..<4).map { _ in users.randomElement(using: &dice) ?? 70 }
      for user in picked + [0, 65_536, .max] {
        let rest = part(users, user...(.max))
        for ordinal in [1, 2, 64, 65, 1_000, rest.count, rest.count + 1] where ordinal > 0 {
          let wanted = ordinal <= rest.count ? rest[ordinal - 1] : nil
          #expect(set.user(ordinal, from: user) == wanted)
        }
      }
    }
  }
}
