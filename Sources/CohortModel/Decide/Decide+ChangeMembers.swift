/// Room for deciding imports, used again from request to request.
struct ImportScratch: Sendable {
  var resolution: ResolutionScratch
  var resolutions: [Resolution] = []
  /// Whom the identifiers of one change object name: as given, then sorted and distinct.
  var users: [UInt32] = []
  var effective: [UInt32] = []
  var sorter = UserSorter()

  init(prefetch: Prefetch?) { resolution = ResolutionScratch(prefetch: prefetch) }
}

/// What is known of one change object while its identifiers are looked up, in order.
private struct Tally {
  let index: Int
  let wantsResults: Bool
  var unmatched: [Unmatched] = []
  /// Who was named, in order; 0 where nobody matched.
  ///
  /// Only if results are wanted.
  var named: [UInt32] = []
  /// Stand-ins for those who matched, in order.
  ///
  /// Only if results are wanted.
  var results: [IdentifierResult] = []
}

extension LedgerState {
  func refusal(of wish: ChangeMembers) -> Refusal? {
    guard partners[wish.cohort.partner] != nil else { return .unknownPartner(wish.cohort.partner) }
    guard Self.isName(wish.cohort.cohortID) else { return .invalidName("cohort_id") }
    let count = wish.changes.reduce(0) { $0 + $1.count }
    guard count <= ChangeMembers.identifiersMax else {
      return .tooMany(limit: ChangeMembers.identifiersMax, what: .identifiers)
    }
    guard count > 0, let cohort = cohorts[wish.cohort], cohorts.isArchived(cohort) else {
      return nil
    }
    return .cohortArchived(wish.cohort)
  }

  /// An import: change object by change object, each decided against what the one before left.
  ///
  /// RULES §3.
  mutating func perform(_ wish: ChangeMembers, _ draft: inout Draft) -> Answer {
    var counts = OutcomeCounts()
    var results: [IdentifierResult] = []
    guard wish.changes.contains(where: { $0.count > 0 }),
      let partner = partners[wish.cohort.partner]
    else { return .changedMembers(counts, results) }

    let cohort = cohorts[wish.cohort] ?? cohorts.next
    if !cohorts.contains(cohort) {
      record(
        .cohortNamed(
          CohortNamed(
            cohort: cohort, partner: partner, cohortID: wish.cohort.cohortID,
            name: wish.cohort.cohortID, createdAt: nil)), in: &draft)
    }
    for (index, change) in wish.changes.enumerated() where change.count > 0 {
      var tally = Tally(index: index, wantsResults: wish.wantsResults)
      let event = decide(change, of: cohort, wish.buffer, &tally, &draft.scratch)
      counts.add(event)
      results += tally.results
      record(.membersChanged(event), in: &draft)
    }
    return .changedMembers(counts, results)
  }

  private func decide(
    _ change: ChangeMembers.Change, of cohort: CohortID, _ buffer: [UInt8], _ tally: inout Tally,
    _ scratch: inout ImportScratch
  ) -> MembersChanged {
    scratch.users.removeAll(keepingCapacity: true)
    match(externalIDs: change.userIDs, buffer, &tally, &scratch)
    if !change.deviceIDs.isEmpty { match(devices: change.deviceIDs, buffer, &tally, &scratch) }
    if !change.aliases.isEmpty { match(aliases: change.aliases, buffer, &tally, &scratch) }

    let matched = scratch.users.count
    scratch.sorter.sortDistinct(&scratch.users)
    var effective = lend(&scratch.effective)
    defer { scratch.effective = effective }
    effective.removeAll(keepingCapacity: true)
    let members = memberships.cohortCount < Int(cohort.rawValue) ? LiveUsers() : memberships[cohort]
    if change.shouldRemove {
      members.selectPresent(from: scratch.users.span, into: &effective)
    } else {
      members.selectAbsent(from: scratch.users.span, into: &effective)
    }
    if tally.wantsResults { tally.settle(removing: change.shouldRemove, effective) }
    return MembersChanged(
      cohort: cohort, direction: change.shouldRemove ? .leaving : .entering,
      users: PackedUsers(sorted: effective.span),
      unchanged: UInt32(matched - effective.count), unmatched: tally.unmatched)
  }

  private func match(
    externalIDs ranges: [TextRange], _ buffer: [UInt8], _ tally: inout Tally,
    _ scratch: inout ImportScratch
  ) {
    directory.resolve(
      ranges.span, of: buffer.span, as: .externalID, into: &scratch.resolutions,
      using: &scratch.resolution)
    for (index, found) in scratch.resolutions.enumerated() {
      switch found.role {
      case .primary, .deprecated: tally.match(found.user, &scratch.users)
      case .merged:
        tally.miss(
          .externalID(.cut(buffer, ranges[index])), .merged,
          survivor: directory.survivor(of: found.user))
      case .free, .alias, .device:
        tally.miss(.externalID(.cut(buffer, ranges[index])), .unknown)
      }
    }
  }

  private func match(
    devices ranges: [TextRange], _ buffer: [UInt8], _ tally: inout Tally,
    _ scratch: inout ImportScratch
  ) {
    directory.resolve(
      ranges.span, of: buffer.span, as: .device, into: &scratch.resolutions,
      using: &scratch.resolution)
    for (index, found) in scratch.resolutions.enumerated() {
      if found.role != .device {
        tally.miss(.device(.cut(buffer, ranges[index])), .unknown)
      } else if directory.isIdentified(found.user) {
        tally.miss(.device(.cut(buffer, ranges[index])), .identified)
      } else {
        tally.match(found.user, &scratch.users)
      }
    }
  }

  private func match(
    aliases: [ChangeMembers.AliasRange], _ buffer: [UInt8], _ tally: inout Tally,
    _ scratch: inout ImportScratch
  ) {
    var names: [TextRange] = []
    var labels: [LabelID] = []
    for alias in aliases {
      names.append(alias.name)
      labels.append(directory.label(buffer.span.extracting(alias.label.indices)) ?? LabelID(0))
    }
    directory.resolveAliases(
      names.span, of: buffer.span, labels: labels.span,
      into: &scratch.resolutions, using: &scratch.resolution)
    for (index, found) in scratch.resolutions.enumerated() {
      if found.role == .alias {
        tally.match(found.user, &scratch.users)
        continue
      }
      let name = IdentifierName.alias(
        label: .cut(buffer, aliases[index].label), name: .cut(buffer, aliases[index].name))
      let survivor = survivor(
        ofDropped: .alias(labels[index]), buffer.span.extracting(aliases[index].name.indices))
      tally.miss(name, survivor == nil ? .unknown : .merged, survivor: survivor)
    }
  }
}

/// Takes an array out of its place, with its room, and leaves an empty one.
private func lend<Element>(_ place: inout [Element]) -> [Element] {
  var taken: [Element] = []
  swap(&taken, &place)
  return taken
}

extension Tally {
  @inline(__always) mutating func match(_ user: UserID, _ users: inout [UInt32]) {
    users.append(user.rawValue)
    if wantsResults { note(.added, user.rawValue) }
  }

  mutating func miss(
    _ identifier: IdentifierName, _ reason: Unmatched.Reason, survivor: UserID? = nil
  ) {
    unmatched.append(Unmatched(identifier: identifier, reason: reason))
    if wantsResults { note(Outcome(reason), 0, survivor) }
  }

  private mutating func note(_ outcome: Outcome, _ user: UInt32, _ survivor: UserID? = nil) {
    named.append(user)
    results.append(IdentifierResult(change: index, outcome: outcome, survivor: survivor))
  }

  /// Gives each of those who matched its outcome: the first mention of a person who is to enter
  /// or leave does it, every other one finds it done.
  mutating func settle(removing: Bool, _ effective: [UInt32]) {
    var open = Set(effective)
    for (place, user) in named.enumerated() where user != 0 {
      let isFirst = open.remove(user) != nil
      results[place].outcome =
        removing ? (isFirst ? .removed : .notMember) : (isFirst ? .added : .alreadyMember)
    }
  }
}

extension Outcome {
  public init(_ reason: Unmatched.Reason) {
    switch reason {
    case .unknown: self = .unknown
    case .identified: self = .identified
    case .merged: self = .merged
    }
  }
}

extension OutcomeCounts {
  /// Adds what a change object came to: the counts of a request are a fold of its events.
  public mutating func add(_ event: MembersChanged) {
    let isEntering = event.direction == .entering
    self[isEntering ? .added : .removed] += event.users.count
    self[isEntering ? .alreadyMember : .notMember] += Int(event.unchanged)
    for unmatched in event.unmatched { self[Outcome(unmatched.reason)] += 1 }
  }
}

/// What is kept of a text that an import could not match: at most 1,024 bytes, and no part of a
/// character.
private func keptBytes(_ buffer: [UInt8], _ range: TextRange) -> [UInt8] {
  let start = Int(range.start)
  var end = start + min(Int(range.count), PersonalText.sizeMax)
  if Int(range.count) > PersonalText.sizeMax {
    while end > start, buffer[end] & 0xC0 == 0x80 { end -= 1 }
  }
  return Array(buffer[start..<end])
}

extension PersonalText {
  fileprivate static func cut(_ buffer: [UInt8], _ range: TextRange) -> PersonalText {
    PersonalText(keptBytes(buffer, range))
  }
}

extension Text {
  fileprivate static func cut(_ buffer: [UInt8], _ range: TextRange) -> Text {
    Text(bytes: keptBytes(buffer, range))
  }
}

extension IdentifierName {
  /// As an import keeps it that names nobody so; `nil` for a user's number.
  package init?(keptOf name: UserName) {
    func kept(_ text: Text) -> [UInt8] {
      keptBytes(text.bytes, TextRange(start: 0, count: UInt32(clamping: text.bytes.count)))
    }
    switch name {
    case .externalID(let text): self = .externalID(PersonalText(kept(text)))
    case .device(let text): self = .device(PersonalText(kept(text)))
    case .alias(let label, let name):
      self = .alias(label: Text(bytes: kept(label)), name: PersonalText(kept(name)))
    case .number: return nil
    }
  }
}
