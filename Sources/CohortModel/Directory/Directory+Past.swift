// Who was who at a position. `.never`, the default, asks for the present.

extension Directory {
  /// Who bore `identifier` at `position`, and as what; nil before its introduction and while free.
  ///
  /// - Complexity: one step for each transition of the identifier after `position`.
  public func bearer(of identifier: IdentifierID, at position: Position = .never) -> Bearer? {
    guard contains(identifier) else { return nil }
    let record = identifiers[Int(identifier.rawValue)]
    var (user, role) = (record.bearer, record.role)
    if position != .never {
      guard introduced(identifier) <= position else { return nil }
      var transition = latest[Int(identifier.rawValue)]
      while transition != 0 {
        let change = transitions[Int(transition) - 1]
        guard change.at > position.rawValue else { break }
        user = change.bearer
        role = change.formerRole
        transition = change.previous
      }
    }
    return role == .free ? nil : Bearer(UserID(user), role)
  }

  /// Every stretch during which somebody bore `identifier` in one role, oldest first.
  ///
  /// What began and ended at one position is left out: no reader can have seen it.
  public func bearings(of identifier: IdentifierID) -> [Bearing] {
    guard contains(identifier) else { return [] }
    let record = identifiers[Int(identifier.rawValue)]
    var found: [Bearing] = []
    var (user, role, until) = (record.bearer, record.role, Position.never)
    func note(from: Position) {
      guard role != .free, from < until else { return }
      // What left and came back at one position never left.
      if let next = found.last, next.from == until, next.user.rawValue == user, next.role == role {
        until = next.until
        found.removeLast()
      }
      found.append(
        Bearing(identifier: identifier, user: UserID(user), role: role, from: from, until: until))
    }
    var transition = latest[Int(identifier.rawValue)]
    while transition != 0 {
      let change = transitions[Int(transition) - 1]
      note(from: Position(change.at))
      (user, role, until) = (change.bearer, change.formerRole, Position(change.at))
      transition = change.previous
    }
    note(from: introduced(identifier))
    return found.reversed()
  }

  /// Calls `body` with each identifier that `user` bore at `position`, by first time.
  public func forEachIdentifier(
    of user: UserID, at position: Position = .never,
    _ body: (IdentifierID, IdentifierRole) -> Void
  ) {
    func visit(_ number: UInt32) {
      let identifier = IdentifierID(number)
      guard let bearer = bearer(of: identifier, at: position), bearer.user == user else { return }
      body(identifier, bearer.role)
    }
    let list = users[Int(user.rawValue)].list
    let number = list & UserRecord.numberMask
    guard list & UserRecord.ringBit != 0 else {
      if number != 0 { visit(number) }
      return
    }
    var link = number
    repeat {
      link = links[Int(link)].next
      visit(links[Int(link)].identifier)
    } while link != number
  }

  /// The identifiers that `user` bore at `position`, in the order in which it first bore them.
  public func identifiers(
    of user: UserID, at position: Position = .never
  ) -> [(identifier: IdentifierID, role: IdentifierRole)] {
    var found: [(identifier: IdentifierID, role: IdentifierRole)] = []
    forEachIdentifier(of: user, at: position) { found.append(($0, $1)) }
    return found
  }

  /// Every identifier that `user` ever bore, in the order in which it first bore them.
  public func identifiersEver(of user: UserID) -> [IdentifierID] {
    let list = users[Int(user.rawValue)].list
    let number = list & UserRecord.numberMask
    guard list & UserRecord.ringBit != 0 else {
      return number == 0 ? [] : [IdentifierID(number)]
    }
    var found: [IdentifierID] = []
    var link = number
    repeat {
      link = links[Int(link)].next
      found.append(IdentifierID(links[Int(link)].identifier))
    } while link != number
    return found
  }

  /// Whether `user` has an external id now.
  ///
  /// - Complexity: O(1).
  @inline(__always) public func isIdentified(_ user: UserID) -> Bool {
    users[Int(user.rawValue)].list & UserRecord.identifiedBit != 0
  }

  /// Whether `user` had an external id at `position`.
  public func isIdentified(_ user: UserID, at position: Position) -> Bool {
    if position == .never { return isIdentified(user) }
    var result = false
    forEachIdentifier(of: user, at: position) { _, role in result = result || role.identifies }
    return result
  }
}

extension Directory.Transition {
  var formerRole: IdentifierRole {
    IdentifierRole(rawValue: UInt8(truncatingIfNeeded: role)) ?? .free
  }
}

extension Directory {
  /// What had become of `user` by `position`.
  public func status(of user: UserID, at position: Position = .never) -> UserStatus {
    guard contains(user), position == .never || created(user) <= position else { return .absent }
    guard let end = kinship.end(of: user, at: position) else { return .active }
    return end.into == 0
      ? .deleted(at: Position(end.at)) : .merged(into: UserID(end.into), at: Position(end.at))
  }

  /// Calls `body` with everyone who was merged away or deleted, in the order of their ends.
  package func forEachEnded(_ body: (UserID) -> Void) {
    for index in 0..<kinship.ends.count { body(UserID(kinship.ends[index].user)) }
  }

  /// Who `user` is after every merge: itself if it was never merged away.
  ///
  /// - Complexity: O(1), whatever the chain.
  public func survivor(of user: UserID) -> UserID { kinship.survivor(of: user) }

  /// Who `user` was at `position`.
  ///
  /// - Complexity: O(1) after the last end, else one step for each merge of the chain.
  public func survivor(of user: UserID, at position: Position) -> UserID {
    kinship.survivor(of: user, at: position)
  }

  /// Everyone merged into `user`, directly or through others, by `position`, by time of the merge.
  public func mergedUsers(into user: UserID, at position: Position = .never) -> [UserID] {
    kinship.merged(into: user, at: position)
  }
}
