import CohortModel

/// RULES §4, creating and completing. CONTRACT part 2.
extension NaiveLedger {
  /// Gives names that are free to a user; they take the next numbers, in this order.
  ///
  /// Must be followed by the fact that introduces them.
  mutating func introduce(
    _ names: [IdentifierName], to user: UserID, as role: NaiveIdentifier.Role? = nil
  ) {
    for (item, name) in names.enumerated() {
      let usual: NaiveIdentifier.Role =
        switch name {
        case .externalID: .primary
        case .alias: .alias
        case .device: .device
        }
      let id = IdentifierID(UInt32(now.identifiers.count + 1))
      now.identifiers[id] = NaiveIdentifier(
        id: id, name: name, text: TextName(position: end.advanced(by: 1), item: UInt32(item)),
        role: role ?? usual, holder: user)
      now.taken[name] = id
    }
  }

  mutating func create(_ names: [IdentifierName]) {
    let user = UserID(UInt32(now.users.count + 1))
    now.users[user] = NaiveUser()
    introduce(names, to: user)
    record(.userCreated(UserCreated(user: user, identifiers: names)))
  }

  mutating func add(_ name: IdentifierName, to user: UserID) {
    introduce([name], to: user)
    record(.identifierAdded(IdentifierAdded(user: user, identifier: name)))
  }

  mutating func track(_ items: [TrackItem]) throws(Refusal) -> Answer {
    guard items.count <= 75 else { throw .tooMany(limit: 75, what: .track) }
    let errors = batch(items) { ledger, item throws(ItemRefusal) in try ledger.track(item) }
    guard errors.count < items.count else { throw .noValidItem }
    return .items(processed: items.count - errors.count, errors: errors)
  }

  private mutating func track(_ item: TrackItem) throws(ItemRefusal) {
    let names =
      [item.externalID.map { IdentifierName.externalID($0) }, item.alias.map { .alias($0) }]
      .compactMap(\.self)
    let device = item.device.map { IdentifierName.device($0) }
    guard !item.hasUnsupportedIdentifier else { throw .identifierNotSupported }
    guard !names.isEmpty || device != nil else { throw .identifierRequired }
    guard names.count <= 1 else { throw .twoIdentifiers }
    guard names.allSatisfy(\.isValid), device?.isValid ?? true else { throw .invalidIdentifier }
    guard let name = names.first else {
      guard let device, case .nobody = now.standing(of: device) else { return }
      // silent: as for external ids, a lone device of nobody creates unless told not to.
      if item.updateExistingOnly != true { create([device]) }
      return
    }
    switch now.standing(of: name) {
    case .user(let user):
      guard let device else { return }
      switch now.standing(of: device) {
      case .user(user): return
      case .user: throw .deviceTaken
      case .nobody, .merged: add(device, to: user)
      }
    case .merged(_, let survivor) where name.isExternalID:
      // silent: also with `_update_existing_only`: the caller should learn of the survivor.
      throw .takenByMerged(survivor: survivor)
    case .merged, .nobody:
      let creates =
        name.isExternalID ? item.updateExistingOnly != true : item.updateExistingOnly == false
      guard creates else { return }
      if let device, case .user = now.standing(of: device) { throw .deviceTaken }
      create([name] + (device.map { [$0] } ?? []))
    }
  }

  mutating func importUsers(_ lines: [ImportLine]) throws(Refusal) -> Answer {
    guard lines.count <= 10_000 else { throw .tooMany(limit: 10_000, what: .lines) }
    var (created, completed, unchanged) = (0, 0, 0)
    var refused: [ItemError] = []
    for line in lines {
      do throws(ItemRefusal) {
        switch try importUser(line) {
        case .created: created += 1
        case .completed: completed += 1
        case .unchanged: unchanged += 1
        }
      } catch {
        refused.append(ItemError(index: line.line, refusal: error))
      }
    }
    return .importedUsers(
      created: created, completed: completed, unchanged: unchanged, refused: refused)
  }

  private enum LineOutcome { case created, completed, unchanged }

  private mutating func importUser(_ line: ImportLine) throws(ItemRefusal) -> LineOutcome {
    var names: [IdentifierName] = []
    let given =
      (line.externalID.map { [IdentifierName.externalID($0)] } ?? [])
      + line.aliases.map { .alias($0) } + line.devices.map { .device($0) }
    for name in given where !names.contains(name) { names.append(name) }
    guard !names.isEmpty else { throw .identifierRequired }
    guard names.allSatisfy(\.isValid) else { throw .invalidIdentifier }
    let fresh = names.filter { name in
      guard case .user = now.standing(of: name) else { return true }
      return false
    }
    if let survivor = names.compactMap(takenByMerged).first {
      throw .takenByMerged(survivor: survivor)
    }
    let bearers = Set(
      names.compactMap { name -> UserID? in
        guard case .user(let user) = now.standing(of: name) else { return nil }
        return user
      })
    guard bearers.count <= 1 else { throw .severalUsers(bearers.sorted()) }
    // silent: a user that has another external id cannot be given a second one by a line.
    if let user = bearers.first, now.isIdentified(user), fresh.contains(where: \.isExternalID) {
      throw .alreadyIdentified
    }
    for (index, name) in fresh.enumerated() {
      guard let label = name.label else { continue }
      let isTaken =
        fresh[..<index].contains { $0.label == label }
        || bearers.contains { now.alias(of: $0, label: label) != nil }
      if isTaken { throw .labelTaken(label) }
    }
    guard let user = bearers.first else {
      create(names)
      return .created
    }
    for name in fresh {
      if case .externalID(let text) = name {
        introduce([name], to: user)
        record(.userIdentified(UserIdentified(user: user, externalID: text)))
      } else {
        add(name, to: user)
      }
    }
    return fresh.isEmpty ? .unchanged : .completed
  }

  /// The survivor, if this is an external id that stays taken by a user merged away.
  func takenByMerged(_ name: IdentifierName) -> UserID? {
    guard name.isExternalID, case .merged(_, let survivor) = now.standing(of: name) else {
      return nil
    }
    return survivor
  }
}
