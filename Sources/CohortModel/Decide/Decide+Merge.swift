extension LedgerState {
  /// `/users/merge`.
  ///
  /// RULES §4.
  func decide(_ item: MergeUsers) throws(ItemRefusal) -> [Event] {
    let keep: UserID
    do { keep = try user(item.keep) } catch {
      guard case .mergedAway(let survivor) = error else { throw error }
      guard case .active = directory.status(of: survivor) else { throw .unknownUser }
      keep = survivor
    }
    let merge: UserID
    do { merge = try user(item.merge) } catch {
      guard error == .mergedAway(survivor: keep) else { throw error }
      return []
    }
    guard merge != keep else { return [] }
    guard !directory.isIdentified(merge) || directory.isIdentified(keep) else {
      throw .survivorNotIdentified
    }
    return [.usersMerged(merging(merge, into: keep))]
  }

  /// `/users/identify`.
  ///
  /// RULES §4.
  func decide(_ item: IdentifyUser) throws(ItemRefusal) -> [Event] {
    try Self.require(item.externalID)
    let user: UserID
    switch item.user {
    case .alias(let alias):
      try Self.require(alias.label, alias.name)
      guard let bearer = bearer(of: alias) else { throw .unknownAlias }
      user = bearer.user
    case .device(let device):
      try Self.require(device)
      guard let bearer = bearer(ofDevice: device) else { throw .unknownUser }
      user = bearer.user
    }
    let owner = bearer(ofExternalID: item.externalID)
    if let owner, owner.role == .merged {
      throw .takenByMerged(survivor: directory.survivor(of: owner.user))
    }
    if owner?.user == user { return [] }
    guard !directory.isIdentified(user) else { throw .alreadyIdentified }
    guard let owner else {
      return [
        .userIdentified(UserIdentified(user: user, externalID: item.externalID.personal))
      ]
    }
    let merged = merging(user, into: owner.user)
    if let dropped = merged.dropped.first, case .alias(let label) = directory.kind(of: dropped) {
      throw .labelTaken(Text(bytes: directory.text(of: label)))
    }
    return [.usersMerged(merged)]
  }

  /// Everything that merging one user into another does, also to others.
  private func merging(_ user: UserID, into survivor: UserID) -> UsersMerged {
    var moved: [IdentifierID] = []
    var dropped: [IdentifierID] = []
    var retired: [IdentifierID] = []
    let labels = Set(
      directory.identifiers(of: survivor).filter { $0.role == .alias }
        .map { directory.kind(of: $0.identifier) })
    for (identifier, role) in directory.identifiers(of: user) {
      switch role {
      case .primary, .deprecated: retired.append(identifier)
      case .device: moved.append(identifier)
      case .alias where labels.contains(directory.kind(of: identifier)):
        dropped.append(identifier)
      case .alias: moved.append(identifier)
      case .merged, .free: break
      }
    }
    let left = memberships.cohorts(of: user)
    return UsersMerged(
      user: user, into: survivor, cohortsLeft: left,
      cohortsEntered: left.filter { !memberships.contains(survivor, in: $0) },
      moved: moved, dropped: dropped, retired: retired)
  }
}
