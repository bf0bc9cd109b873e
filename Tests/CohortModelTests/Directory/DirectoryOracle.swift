import CohortModel

/// The directory as a list of facts, replayed from the beginning for every position asked about.
struct DirectoryOracle {
  enum Fact {
    case created(UserID)
    case introduced(IdentifierID, Name, Bearer)
    case moved(IdentifierID, Bearer?)
    case ended(UserID, UserEnd)
  }

  /// What an identifier is found by.
  struct Name: Hashable {
    var kind: IdentifierKind
    var bytes: [UInt8]
  }

  /// What was so at one position, found by doing every fact up to it.
  struct World {
    var bearers: [IdentifierID: Bearer] = [:]
    var found: [Name: IdentifierID] = [:]
    var statuses: [UserID: UserStatus] = [:]
    var merges: [UserID] = []
    /// By first time, whatever became of them since.
    var lists: [UserID: [IdentifierID]] = [:]
  }

  var facts: [(at: Position, fact: Fact)] = []
  var erased: Set<IdentifierID> = []

  func world(at position: Position) -> World {
    var world = World()
    var names: [IdentifierID: Name] = [:]
    for (at, fact) in facts where at <= position {
      switch fact {
      case .created(let user): world.statuses[user] = .active
      case .introduced(let identifier, let name, let bearer):
        names[identifier] = name
        world.move(identifier, to: bearer)
      case .moved(let identifier, let bearer): world.move(identifier, to: bearer)
      case .ended(let user, .deleted): world.statuses[user] = .deleted(at: at)
      case .ended(let user, .merged(let into)):
        world.statuses[user] = .merged(into: into, at: at)
        world.merges.append(user)
      }
    }
    for (identifier, name) in names
    where world.bearers[identifier] != nil && !erased.contains(identifier) {
      world.found[name] = identifier
    }
    return world
  }

  func name(of identifier: IdentifierID) -> Name? {
    guard !erased.contains(identifier) else { return nil }
    for case .introduced(identifier, let name, _) in facts.lazy.map(\.fact) { return name }
    return nil
  }

  /// Every stretch of every identifier, oldest first, seen by looking at every position.
  func bearings() -> [IdentifierID: [Bearing]] {
    var found: [IdentifierID: [Bearing]] = [:]
    let places = Set(facts.map(\.at)).sorted()
    let worlds = places.map(world)
    for index in places.indices {
      for (identifier, bearer) in worlds[index].bearers {
        let isSame = index > 0 && worlds[index - 1].bearers[identifier] == bearer
        let from = isSame ? found[identifier]?.removeLast().from : nil
        found[identifier, default: []].append(
          Bearing(
            identifier: identifier, user: bearer.user, role: bearer.role,
            from: from ?? places[index],
            until: index + 1 == places.count ? .never : places[index + 1]))
      }
    }
    return found
  }

  /// The identifiers that were ever found by `name`, oldest first.
  func identifiersEver(_ name: Name) -> [IdentifierID] {
    facts.compactMap { _, fact in
      guard case .introduced(let identifier, name, _) = fact, !erased.contains(identifier) else {
        return nil
      }
      return identifier
    }
  }
}

extension DirectoryOracle.World {
  fileprivate mutating func move(_ identifier: IdentifierID, to bearer: Bearer?) {
    bearers[identifier] = bearer
    guard let user = bearer?.user, lists[user]?.contains(identifier) != true else { return }
    lists[user, default: []].append(identifier)
  }

  func status(of user: UserID) -> UserStatus { statuses[user] ?? .absent }

  func identifiers(of user: UserID) -> [IdentifierID] {
    lists[user, default: []].filter { bearers[$0]?.user == user }
  }

  func survivor(of user: UserID) -> UserID {
    var user = user
    while case .merged(let next, _) = status(of: user) { user = next }
    return user
  }

  func merged(into user: UserID) -> [UserID] {
    merges.filter { merged in
      var next = merged
      while case .merged(let into, _) = status(of: next) {
        next = into
        if next == user { return true }
      }
      return false
    }
  }
}
