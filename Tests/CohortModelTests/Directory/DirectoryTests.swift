import CohortModel
import Testing

/// Hashes and tables under which everything collides, something collides, or nothing does.
private let configurations: [(hash: TextHash, slotBits: Int)] = [
  (TextHash(seed: 1), 6), (TextHash(seed: 2), 1), (TextHash(seed: 3, keeping: 0), 1),
  (TextHash(seed: 4, keeping: .max << 62), 3), (TextHash(seed: 5, keeping: 1), 2),
  (TextHash(seed: 6, keeping: .max), 2),
]

@Suite struct `The directory` {
  @Test(arguments: 0..<18)
  func `answers every question about every position as a replay of all events does`(
    seed: Int
  ) {
    let configuration = configurations[seed % configurations.count]
    var pair = DirectoryPair(
      seed: UInt64(seed), hashing: configuration.hash, minimumSlotBits: configuration.slotBits)
    var kept: [(copy: Directory, bytes: [UInt8])] = []
    for step in 1...90 {
      pair.step()
      if step % 45 == 0 { check(pair.directory, pair.oracle, upTo: pair.position) }
      if step % 9 == 0 { kept.append((pair.directory, pair.directory.snapshot)) }
    }
    for (copy, bytes) in kept { #expect(copy.snapshot == bytes, "a copy moved") }
  }

  @Test func `returns to a copy as if nothing had happened since`() {
    var pair = DirectoryPair(seed: 77, hashing: TextHash(seed: 9), minimumSlotBits: 1)
    for _ in 0..<60 { pair.step() }
    let before = pair
    for _ in 0..<60 { pair.step() }
    pair.directory = before.directory
    check(pair.directory, before.oracle, upTo: before.position)
    pair.oracle = before.oracle
    pair.position = before.position
    for _ in 0..<60 { pair.step() }
    check(pair.directory, pair.oracle, upTo: pair.position)
  }

  @Test func `is the same when texts were erased before it was built and after`() {
    func build(erasedBefore: Bool) -> Directory {
      var directory = Directory(hashSeed: erasedBefore ? 1 : 2)
      let label = directory.intern(label: Array("crm".utf8).span)
      for kind in [IdentifierKind.externalID, .alias(label), .device] {
        for place in 0..<3 {
          let user = directory.createUser(at: Position(UInt64(directory.userCount + 1)))
          let text = Array("the same".utf8)
          let isGone = erasedBefore && place == 1
          let identifier =
            isGone
            ? directory.introduce(kind, nil, bearer: user, at: directory.created(user))
            : directory.introduce(kind, text.span, bearer: user, at: directory.created(user))
          directory.release(identifier, at: directory.created(user).advanced(by: 1))
        }
      }
      if !erasedBefore {
        for number in [2, 5, 8] as [UInt32] { directory.eraseText(of: IdentifierID(number)) }
      }
      return directory
    }
    #expect(build(erasedBefore: true) == build(erasedBefore: false))
  }

  @Test func `keeps canonically equivalent ids apart`() {
    var directory = Directory(hashSeed: 3)
    let (composed, decomposed) = (Array("é".utf8), Array("e\u{301}".utf8))
    let user = directory.createUser(at: Position(1))
    let id = directory.introduce(.externalID, composed.span, bearer: user, at: Position(1))
    #expect(directory.identifier(.externalID, composed.span) == id)
    #expect(directory.identifier(.externalID, decomposed.span) == nil)
  }

  @Test func `finds none of the texts that nobody can bear`() {
    var directory = Directory(hashSeed: 3)
    let user = directory.createUser(at: Position(1))
    for count in [0, 1025, 4000] {
      let text = [UInt8](repeating: 1, count: count)
      let id = directory.introduce(.externalID, text.span, bearer: user, at: Position(1))
      #expect(directory.identifier(.externalID, text.span) == nil)
      #expect(directory.text(of: id) == nil)
    }
  }

  @Test func `answers for positions beyond 32 bits`() {
    var directory = Directory(hashSeed: 3)
    let places = [1, 1 << 32 - 1, 1 << 32, 1 << 32 + 1, 5 << 32, 1 << 62] as [UInt64]
    for place in places {
      let user = directory.createUser(at: Position(place))
      _ = directory.introduce(
        .device, [UInt8(user.rawValue)].span, bearer: user, at: Position(place))
    }
    for (index, place) in places.enumerated() {
      #expect(directory.created(UserID(UInt32(index + 1))) == Position(place))
      #expect(directory.introduced(IdentifierID(UInt32(index + 1))) == Position(place))
    }
    #expect(directory.reread(hashSeed: 4) == directory)
  }
}

/// Each user is merged into the next, or that in the opposite order, or everyone into the last.
@Suite struct `Merges of a hundred thousand users` {
  static let count: UInt32 = 100_000

  @Test(arguments: ["chain", "backward chain", "star"])
  func `find every survivor, in the`(_ shape: String) {
    var directory = Directory(hashSeed: 1)
    for place in 1...Self.count { _ = directory.createUser(at: Position(UInt64(place))) }
    for step in 1..<Self.count {
      // Backwards, (n−1 → n), (n−2 → n−1), …: the newest merge goes into one who ended long ago.
      let user = shape == "backward chain" ? Self.count - step : step
      let into = shape == "star" ? Self.count : user + 1
      directory.end(
        UserID(user), at: Position(UInt64(Self.count + step)), as: .merged(into: UserID(into)))
    }
    let last = UserID(Self.count)
    #expect((1...Self.count).allSatisfy { directory.survivor(of: UserID($0)) == last })
    #expect(directory.mergedUsers(into: last).count == Int(Self.count) - 1)
    let middle = Position(UInt64(Self.count + Self.count / 2))
    let then = directory.survivor(of: UserID(1), at: middle)
    switch shape {
    case "chain": #expect(then == UserID(Self.count / 2 + 1))
    case "star": #expect(then == last)
    default: #expect(then == UserID(1), "it is merged last")
    }
    #expect(directory.survivor(of: UserID(1), at: Position(UInt64(Self.count))) == UserID(1))
    #expect(directory.reread(hashSeed: 2) == directory)
  }
}
