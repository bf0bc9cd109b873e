// What an event does to the directory. Nothing here searches, refuses or looks at a clock:
// which identifiers move and which are freed was found by `decide` and stands in the event.

extension Directory {
  /// Creates the next user.
  package mutating func createUser(at position: Position) -> UserID {
    guard let number = UInt32(exactly: users.count) else {
      preconditionFailure("One ledger can hold 4,294,967,295 users.")
    }
    users.append(UserRecord(created: userHeights.note(position, of: number), list: 0))
    return UserID(number)
  }

  /// The number of the label with these bytes, which it gets if it has none.
  package mutating func intern(label text: Span<UInt8>) -> LabelID {
    labels.intern(text, in: &texts, by: hash)
  }

  /// Introduces the next identifier, in the first role of its kind unless told another.
  ///
  /// The text has 1 to 1,024 bytes, which nobody bears in this name space. It is nil if it was
  /// erased before this directory was built: then the number has no bytes, and nothing finds it.
  package mutating func introduce(
    _ kind: IdentifierKind, _ text: Span<UInt8>?, bearer: UserID, role: IdentifierRole? = nil,
    at position: Position
  ) -> IdentifierID {
    precondition(contains(bearer), "The bearer of an identifier must have been created.")
    if case .alias(let label) = kind {
      precondition(label.rawValue - 1 < labelCount, "The label of an alias must have a number.")
    }
    precondition(identifierCount < Self.maximumIdentifiers, "The identifiers are used up.")
    let number = UInt32(truncatingIfNeeded: identifiers.count)
    let role = role ?? kind.firstRole
    var record = IdentifierRecord(
      word: 0, bearer: bearer.rawValue, info: kind.code << 11,
      introduced: identifierHeights.note(position, of: number))
    record.role = role
    if let text, Self.canBeBorne(text.count) {
      record.info |= UInt32(text.count)
      record.word = texts.store(text, behind: kind.labelWord)
      if !slots.hasRoom(for: Int(number)) { rebuildSlots() }
      let key = TextKey(kind, text, start: 0, count: text.count, by: hash)
      let found = find(key, text)
      if found.number == 0 {
        slots.insert(number, key.hash, at: found.slot)
      } else {
        earlier[Int(number)] = found.number
        slots.replace(with: number, key.hash, at: found.slot)
      }
    } else if let label = kind.labelWord {
      let none: [UInt8] = []
      record.word = texts.store(none.span, behind: label)
    }
    identifiers.append(record)
    attach(number, to: bearer)
    if role.identifies { users[Int(bearer.rawValue)].list |= UserRecord.identifiedBit }
    return IdentifierID(number)
  }

  /// Gives `identifier` to `user` in `role`, from `position` on; the past stays.
  package mutating func transfer(
    _ identifier: IdentifierID, to user: UserID, role: IdentifierRole, at position: Position
  ) {
    precondition(contains(identifier), "The identifier was never introduced.")
    precondition(contains(user), "The bearer of an identifier must have been created.")
    let index = Int(identifier.rawValue)
    let before = identifiers[index]
    guard before.bearer != user.rawValue || before.role != role else { return }
    if before.bearer != user.rawValue, !wasBorne(identifier, by: user) {
      attach(identifier.rawValue, to: user)
    }
    transitions.append(
      Transition(
        at: position.rawValue, identifier: identifier.rawValue, bearer: before.bearer,
        role: UInt32(before.role.rawValue), previous: latest[index]))
    latest[index] = UInt32(transitions.count)
    identifiers[index].bearer = user.rawValue
    identifiers[index].role = role
    if before.role.identifies { refreshIdentified(UserID(before.bearer)) }
    if role.identifies { users[Int(user.rawValue)].list |= UserRecord.identifiedBit }
  }

  /// Frees `identifier`: from `position` on nobody bears it, and its bytes can be given again.
  package mutating func release(_ identifier: IdentifierID, at position: Position) {
    precondition(contains(identifier), "The identifier was never introduced.")
    let last = UserID(identifiers[Int(identifier.rawValue)].bearer)
    transfer(identifier, to: last, role: .free, at: position)
  }

  /// Ends `user`, whose identifiers are moved and freed by their own calls.
  ///
  /// A user who has ended already stays as it is, as does one who would be merged into someone
  /// whose survivor it is.
  package mutating func end(_ user: UserID, at position: Position, as end: UserEnd) {
    precondition(contains(user), "A user who ends must have been created.")
    switch end {
    case .deleted: _ = kinship.end(user, at: position, into: nil)
    case .merged(let survivor):
      precondition(contains(survivor), "A user who survives must have been created.")
      _ = kinship.end(user, at: position, into: survivor)
    }
  }
}

extension IdentifierKind {
  var firstRole: IdentifierRole {
    switch self {
    case .externalID: .primary
    case .alias: .alias
    case .device: .device
    }
  }
}

extension IdentifierRole {
  /// Whether bearing an identifier in this role makes a user identified.
  @inline(__always) var identifies: Bool { self == .primary || self == .deprecated }
}

extension Directory {
  /// Puts `identifier` at the end of the list of `user`.
  private mutating func attach(_ identifier: UInt32, to user: UserID) {
    let index = Int(user.rawValue)
    let list = users[index].list
    let number = list & UserRecord.numberMask
    let flag = list & UserRecord.identifiedBit
    guard list & (UserRecord.ringBit | UserRecord.numberMask) != 0 else {
      users[index].list = identifier | flag
      return
    }
    let link = UInt32(links.count)
    if list & UserRecord.ringBit == 0 {
      links.append(Link(identifier: number, next: link + 1))
      links.append(Link(identifier: identifier, next: link))
      users[index].list = (link + 1) | UserRecord.ringBit | flag
    } else {
      links.append(Link(identifier: identifier, next: links[Int(number)].next))
      links[Int(number)].next = link
      users[index].list = link | UserRecord.ringBit | flag
    }
  }

  private func wasBorne(_ identifier: IdentifierID, by user: UserID) -> Bool {
    var transition = latest[Int(identifier.rawValue)]
    while transition != 0 {
      let record = transitions[Int(transition) - 1]
      if record.bearer == user.rawValue { return true }
      transition = record.previous
    }
    return identifiers[Int(identifier.rawValue)].bearer == user.rawValue
  }

  private mutating func refreshIdentified(_ user: UserID) {
    var isIdentified = false
    forEachIdentifier(of: user) { _, role in isIdentified = isIdentified || role.identifies }
    let flag = isIdentified ? UserRecord.identifiedBit : 0
    users[Int(user.rawValue)].list =
      users[Int(user.rawValue)].list & ~UserRecord.identifiedBit | flag
  }
}
