import CohortModel
import Testing

/// A generator that repeats itself: the same seed, the same numbers.
struct DirectoryDice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

/// A directory and its oracle, moved in step by random operations.
struct DirectoryPair {
  var directory: Directory
  var oracle = DirectoryOracle()
  var dice: DirectoryDice
  var position = Position(1)

  /// Texts of all lengths around a word, one of 1,024 bytes, and twins under canonical equivalence.
  static let texts: [[UInt8]] =
    [[1], [2], Array("é".utf8), Array("e\u{301}".utf8), Array(repeating: 7, count: 1024)]
    + (6...18).map { Array(repeating: 0x61, count: $0) } + [Array(repeating: 0x61, count: 36)]
  static let labels: [[UInt8]] = [Array("crm".utf8), Array("crm2".utf8)]

  static var names: [DirectoryOracle.Name] {
    let kinds: [IdentifierKind] = [.externalID, .device, .alias(LabelID(1)), .alias(LabelID(2))]
    return kinds.flatMap { kind in texts.map { .init(kind: kind, bytes: $0) } }
  }

  init(seed: UInt64, hashing hash: TextHash, minimumSlotBits: Int) {
    directory = Directory(hashing: hash, minimumSlotBits: minimumSlotBits)
    dice = DirectoryDice(state: seed)
    for label in Self.labels { _ = directory.intern(label: label.span) }
  }

  var users: [UserID] { (0..<directory.userCount).map { UserID(UInt32($0 + 1)) } }
  var identifiers: [IdentifierID] {
    (0..<directory.identifierCount).map { IdentifierID(UInt32($0 + 1)) }
  }

  mutating func note(_ fact: DirectoryOracle.Fact) { oracle.facts.append((position, fact)) }

  mutating func step() {
    position = position.advanced(by: Int.random(in: 0...2, using: &dice))
    guard let user = users.randomElement(using: &dice) else { return create() }
    switch Int.random(in: 0..<20, using: &dice) {
    case 0...3: create()
    case 4...9: introduce(to: user)
    case 10...13: move(to: user)
    case 14...15: release()
    case 16: end(user, .deleted)
    case 17...18:
      if let other = users.randomElement(using: &dice) { end(user, .merged(into: other)) }
    default: erase()
    }
  }

  private mutating func create() {
    let user = directory.createUser(at: position)
    #expect(user == users.last)
    note(.created(user))
  }

  private mutating func introduce(to user: UserID) {
    guard let name = Self.names.randomElement(using: &dice),
      oracle.world(at: .never).found[name] == nil
    else { return }
    let isErased = Int.random(in: 0..<8, using: &dice) == 0
    let identifier: IdentifierID
    if isErased {
      identifier = directory.introduce(name.kind, nil, bearer: user, at: position)
      oracle.erased.insert(identifier)
    } else {
      identifier = directory.introduce(name.kind, name.bytes.span, bearer: user, at: position)
    }
    let role = directory.bearer(of: identifier)?.role ?? .free
    note(.introduced(identifier, name, Bearer(user, role)))
  }

  private mutating func move(to user: UserID) {
    guard let identifier = identifiers.randomElement(using: &dice),
      oracle.world(at: .never).bearers[identifier] != nil,
      let role = IdentifierRole.allCases
        .filter({ $0 != .free && $0.suits(directory.kind(of: identifier)) })
        .randomElement(using: &dice)
    else { return }
    directory.transfer(identifier, to: user, role: role, at: position)
    note(.moved(identifier, Bearer(user, role)))
  }

  private mutating func release() {
    guard let identifier = identifiers.randomElement(using: &dice) else { return }
    directory.release(identifier, at: position)
    note(.moved(identifier, nil))
  }

  /// Who has ended cannot end again, and nobody is merged into someone who is gone.
  private mutating func end(_ user: UserID, _ end: UserEnd) {
    let world = oracle.world(at: .never)
    var isPossible = world.status(of: user) == .active
    if case .merged(let into) = end {
      isPossible = isPossible && into != user && world.status(of: into) == .active
    }
    directory.end(user, at: position, as: isPossible ? end : .merged(into: user))
    if isPossible { note(.ended(user, end)) }
  }

  private mutating func erase() {
    guard let identifier = identifiers.randomElement(using: &dice) else { return }
    directory.eraseText(of: identifier)
    oracle.erased.insert(identifier)
  }
}
