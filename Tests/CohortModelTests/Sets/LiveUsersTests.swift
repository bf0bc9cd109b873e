import Testing

@testable import CohortModel

@Suite struct `A live set of users` {
  @Test func `holds every subset of numbers around the border of two chunks`() throws {
    for users in everySubset(of: 10, from: 65_531) + everySubset(of: 7, times: 40_000) {
      try check(LiveUsers(sorted: users.span), holds: users)
    }
  }

  @Test func `holds sets of every layout`() throws {
    for users in tellingSets {
      try check(LiveUsers(sorted: users.span), holds: users)
      var written = LiveUsers()
      written.insert(sorted: users.span)
      try check(written, holds: users)
      #expect(written == LiveUsers(sorted: users.span))
    }
  }

  @Test func `goes from every small set to every other by inserting and removing`() throws {
    let subsets = everySubset(of: 6, times: 3, from: 65_530)
    for a in subsets {
      for b in subsets {
        for start in [LiveUsers(sorted: a.span), written(a)] {
          var users = start
          #expect(users.insert(sorted: b.span) == Set(b).subtracting(a).count)
          #expect(users.users == Set(a).union(b).sorted())
          users = start
          #expect(users.remove(sorted: b.span) == Set(a).intersection(b).count)
          #expect(users.users == Set(a).subtracting(b).sorted())
          #expect(start.users == a, "the copy taken before is frozen")
        }
      }
    }
  }

  @Test(arguments: UInt64(1)...8) func `follows a set of the library through random changes`(
    seed: UInt64
  ) throws {
    var dice = Dice(seed)
    let last = UInt32([50, 3_000, 70_000, 200_000].randomElement(using: &dice) ?? 50)
    var (users, oracle) = (LiveUsers(), Set<UInt32>())
    var frozen: [(LiveUsers, [UInt32])] = []
    for step in 0..<30 {
      let most = min(Int(last) / 2, 6_000)
      let changed = some(Int.random(in: 0...most, using: &dice), of: 0...last, &dice)
      switch Int.random(in: 0..<5, using: &dice) {
      case 0, 1:
        #expect(users.insert(sorted: changed.span) == Set(changed).subtracting(oracle).count)
        oracle.formUnion(changed)
      case 2, 3:
        #expect(users.remove(sorted: changed.span) == oracle.intersection(changed).count)
        oracle.subtract(changed)
      default:
        users.compact()
      }
      if step % 5 == 0 { frozen.append((users, oracle.sorted())) }
      #expect(users.count == oracle.count)
      #expect(users.users == oracle.sorted())
    }
    try check(users, holds: oracle.sorted())
    for (snapshot, members) in frozen { #expect(snapshot.users == members) }
  }

  @Test func `applies a change of any size as the same insertions and removals`() {
    for added in tellingSets {
      for removed in [[], [65_536], Array(64_000...66_000)] as [[UInt32]] {
        var users = LiveUsers(sorted: Array(65_000...68_000).span)
        users.apply(
          added: PackedUsers(sorted: added.span), removed: PackedUsers(sorted: removed.span))
        let expected = Set(65_000...68_000).subtracting(removed).union(added)
        #expect(users.users == expected.sorted())
      }
    }
  }

  @Test func `splits users into those in it and those not`() {
    var dice = Dice(5)
    for members in tellingSets {
      for users in [LiveUsers(sorted: members.span), written(members)] {
        var asked = Set(members.shuffled(using: &dice).prefix(300))
        for _ in 0..<300 { asked.insert(UInt32.random(in: 0...400_000, using: &dice)) }
        let question = asked.sorted()
        var (absent, present): ([UInt32], [UInt32]) = ([9], [8])
        users.selectAbsent(from: question.span, into: &absent)
        users.selectPresent(from: question.span, into: &present)
        let oracle = Set(members)
        #expect(absent == [9] + question.filter { !oracle.contains($0) })
        #expect(present == [8] + question.filter { oracle.contains($0) })
      }
    }
  }

  @Test func `takes no more than two bytes a member at rest, chunks apart`() {
    for members in tellingSets {
      let users = LiveUsers(sorted: members.span)
      #expect(users.memory <= 2 * members.count + 24 * users.chunks.count + 128)
    }
    var dice = Dice(11)
    let members = some(160_000, of: 1...1_000_000, &dice)
    #expect(LiveUsers(sorted: members.span).memory <= 2 * members.count)
  }

  @Test func `becomes an array again when nearly everybody has left`() {
    var users = LiveUsers(sorted: Array(0...9_999).span)
    users.remove(sorted: Array(100...9_999).span)
    #expect(users.users == Array(0...99))
    #expect(users.memory < 1_000)
  }

  @Test func `is refused as snapshot bytes that are cut, and changed bytes never stop us`() {
    for members in tellingSets.filter({ $0.count < 200 }) + everySubset(of: 7, from: 65_532) {
      var bytes: [UInt8] = []
      LiveUsers(sorted: members.span).append(to: &bytes)
      for length in 0..<bytes.count {
        let cut = Array(bytes[..<length])
        #expect(throws: LiveUsersFault.cutShort(at: 0)) {
          _ = try LiveUsers.read(cut.span, at: 0)
        }
      }
      for bit in 0..<bytes.count * 8 {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let (users, end) = try? LiveUsers.read(flipped.span, at: 0) else { continue }
        var again: [UInt8] = []
        users.append(to: &again)
        #expect(again == Array(flipped[..<end]))
        #expect(end < bytes.count || users.users != members)
      }
    }
  }

  @Test func `says in two sentences why a snapshot is refused`() {
    for fault in [LiveUsersFault.cutShort(at: 1), .contradictsHeader(at: 2)] {
      #expect(fault.description.split(separator: ". ").count == 2)
    }
  }
}

private func written(_ users: [UInt32]) -> LiveUsers {
  var written = LiveUsers()
  for user in users { written.insert(sorted: [user].span) }
  return written
}

private func check(_ users: LiveUsers, holds members: [UInt32]) throws {
  #expect(users.count == members.count)
  #expect(users.isEmpty == members.isEmpty)
  #expect(users.users == members)
  #expect(users.first == members.first)
  #expect(users.compacted() == users)
  let oracle = Set(members)
  for user in members.prefix(300) {
    #expect(users.contains(user))
    if user < .max { #expect(users.contains(user + 1) == oracle.contains(user + 1)) }
  }

  var (paged, last) = ([UInt32](), users.contains(0) ? UInt32?(0) : users.next(after: 0))
  while let user = last, paged.count < 2_000 {
    paged.append(user)
    last = users.next(after: user)
  }
  #expect(paged == Array(members.prefix(2_000)))

  var bytes: [UInt8] = [1, 2, 3]
  users.append(to: &bytes)
  let length = bytes.count
  bytes.append(4)
  let (read, end) = try LiveUsers.read(bytes.span, at: 3)
  #expect(read == users)
  #expect(end == length)
}
