import CohortModel
import Testing

@Suite struct `A snapshot of the directory` {
  /// Merges, deletions, renames, erased texts, lists of several: a little of everything.
  static let pair: DirectoryPair = {
    var pair = DirectoryPair(seed: 5, hashing: TextHash(seed: 5), minimumSlotBits: 2)
    for _ in 0..<120 { pair.step() }
    return pair
  }()

  @Test func `cannot be read when it ends early, wherever that is`() {
    let bytes = Self.pair.directory.snapshot
    for cut in 0..<bytes.count {
      var offset = 0
      #expect(throws: SnapshotDamage.self, "cut at \(cut)") {
        try Directory(from: bytes.span.extracting(first: cut), at: &offset, hashSeed: 1)
      }
      #expect(offset == 0)
    }
  }

  /// What is read from damaged bytes may be another directory, but must be one that answers.
  @Test func `is refused or answers every question, whichever byte is damaged`() {
    let bytes = Self.pair.directory.snapshot
    var dice = DirectoryDice(state: 8)
    var refused = 0
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &dice)
      if place % 3 == 0 { damaged[place] = 0xFF }
      var offset = 0
      guard let read = try? Directory(from: damaged.span, at: &offset, hashSeed: 1) else {
        refused += 1
        continue
      }
      ask(read)
    }
    #expect(refused > 500)
  }

  @Test func `tells where it is damaged and what to do`() {
    let damage = SnapshotDamage(at: 12, "it ends in the middle of a section")
    #expect(
      "\(damage)" == """
        The snapshot is damaged at byte 12: it ends in the middle of a section. \
        Delete it; the ledger rebuilds it from the log.
        """)
  }

  @Test func `goes on as the directory that was written would have`() {
    var (pair, copy) = (Self.pair, Self.pair)
    copy.directory = pair.directory.reread(hashSeed: 99) ?? Directory(hashSeed: 0)
    for _ in 0..<60 {
      pair.step()
      copy.step()
    }
    #expect(pair.directory == copy.directory)
    check(copy.directory, copy.oracle, upTo: copy.position)
  }

  private func ask(_ directory: Directory) {
    var sum = 0
    for place in [Position(0), Position(60), .never] {
      for number in 0...UInt32(directory.userCount + 1) {
        let user = UserID(number)
        sum += directory.identifiers(of: user, at: place).count
        sum += Int(directory.survivor(of: user, at: place).rawValue)
        sum += directory.mergedUsers(into: user, at: place).count
        sum += directory.status(of: user, at: place) == .active ? 1 : 0
      }
      for number in 1..<UInt32(max(1, directory.identifierCount + 1)) {
        let identifier = IdentifierID(number)
        sum += directory.bearings(of: identifier).count
        sum += directory.text(of: identifier)?.count ?? 0
        if case .alias(let label) = directory.kind(of: identifier) {
          sum += directory.text(of: label).count
        }
      }
      for name in DirectoryPair.names {
        sum += Int(directory.identifier(name.kind, name.bytes.span, at: place)?.rawValue ?? 0)
      }
    }
    var changed = directory
    for number in 1..<UInt32(max(1, directory.identifierCount + 1)) {
      changed.release(IdentifierID(number), at: Position(1000))
      changed.eraseText(of: IdentifierID(number))
    }
    #expect(sum >= 0)
  }
}
