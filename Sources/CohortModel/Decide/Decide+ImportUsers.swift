extension LedgerState {
  /// One unit of a users import: a line creates a user or completes the one it names.
  ///
  /// RULES §4.
  mutating func perform(_ lines: [ImportLine], _ draft: inout Draft) throws(Refusal) -> Answer {
    guard lines.count <= Self.importLinesMax else {
      throw .tooMany(limit: Self.importLinesMax, what: .lines)
    }
    var (created, completed, unchanged) = (0, 0, 0)
    var refused: [ItemError] = []
    for (index, line) in lines.enumerated() {
      if index.isMultiple(of: Self.linesAhead) {
        directory.prefetch(
          lines[index...].prefix(Self.linesAhead).compactMap(\.externalID),
          with: draft.scratch.resolution.prefetch)
      }
      do throws(ItemRefusal) {
        if let text = line.externalID, line.aliases.isEmpty, line.devices.isEmpty {
          // As most are: decided like the others, but without an array.
          if let event = try decide(externalID: text) {
            record(event, in: &draft)
            created += 1
          } else {
            unchanged += 1
          }
        } else {
          let events = try decide(line)
          switch events.first {
          case nil: unchanged += 1
          case .userCreated: created += 1
          default: completed += 1
          }
          for event in events { record(event, in: &draft) }
        }
      } catch {
        refused.append(ItemError(index: line.line, refusal: error))
      }
    }
    return .importedUsers(
      created: created, completed: completed, unchanged: unchanged, refused: refused)
  }

  public static let importLinesMax = 10_000

  /// How many lines are looked up while the first of them is decided.
  private static var linesAhead: Int { 64 }

  func decide(_ line: ImportLine) throws(ItemRefusal) -> [Event] {
    guard line.externalID != nil || !line.aliases.isEmpty || !line.devices.isEmpty else {
      throw .identifierRequired
    }
    try Self.require(line.externalID)
    for alias in line.aliases { try Self.require(alias.label, alias.name) }
    for device in line.devices { try Self.require(device) }

    let given = try identifiers(of: line)
    var owners: [UserID] = []
    for identifier in given {
      if let owner = identifier.owner, !owners.contains(owner) { owners.append(owner) }
    }
    guard owners.count <= 1 else { throw .severalUsers(owners.sorted()) }
    if let label = line.repeatedLabel { throw .labelTaken(label) }
    let new = given.filter { $0.owner == nil }.map(\.name)
    guard let user = owners.first else { return [created(new)] }
    return try new.map { name throws(ItemRefusal) in try completing(user, with: name) }
  }

  /// The event of a line with nothing but an external id; `nil` if there is such a user.
  private func decide(externalID text: Text) throws(ItemRefusal) -> Event? {
    try Self.require(text)
    guard let bearer = bearer(ofExternalID: text) else {
      return created([.externalID(text.personal)])
    }
    guard bearer.role == .merged else { return nil }
    throw .takenByMerged(survivor: directory.survivor(of: bearer.user))
  }

  /// The identifiers of a line, each once, with who bears them now.
  private func identifiers(
    of line: ImportLine
  ) throws(ItemRefusal) -> [(name: IdentifierName, owner: UserID?)] {
    var given: [(name: IdentifierName, owner: UserID?)] = []
    if let text = line.externalID {
      let bearer = bearer(ofExternalID: text)
      if let bearer, bearer.role == .merged {
        throw .takenByMerged(survivor: directory.survivor(of: bearer.user))
      }
      given.append((.externalID(text.personal), bearer?.user))
    }
    for (index, alias) in line.aliases.enumerated() {
      guard !line.aliases[..<index].contains(alias) else { continue }
      given.append((alias.identifier, bearer(of: alias)?.user))
    }
    for (index, device) in line.devices.enumerated()
    where !line.devices[..<index].contains(device) {
      given.append((.device(device.personal), bearer(ofDevice: device)?.user))
    }
    return given
  }

  private func completing(
    _ user: UserID, with name: IdentifierName
  ) throws(ItemRefusal) -> Event {
    switch name {
    case .externalID(let text):
      guard !directory.isIdentified(user) else { throw .alreadyIdentified }
      return .userIdentified(UserIdentified(user: user, externalID: text))
    case .alias(let label, _):
      guard alias(of: user, under: label) == nil else { throw .labelTaken(label) }
      return .identifierAdded(IdentifierAdded(user: user, identifier: name))
    case .device:
      return .identifierAdded(IdentifierAdded(user: user, identifier: name))
    }
  }
}

extension ImportLine {
  /// A label under which the line gives two names.
  fileprivate var repeatedLabel: Text? {
    for (index, alias) in aliases.enumerated() {
      if aliases[..<index].contains(where: { $0.label == alias.label && $0.name != alias.name }) {
        return alias.label
      }
    }
    return nil
  }
}
