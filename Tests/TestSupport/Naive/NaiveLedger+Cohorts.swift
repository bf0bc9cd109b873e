import CohortModel

/// RULES §2 and §3.
extension NaiveLedger {
  mutating func name(_ wish: NameCohort) throws(Refusal) -> Answer {
    let partner = try partner(of: wish.cohort)
    guard isValidName(wish.cohort.cohortID.bytes) else {
      throw .invalidName("cohort_id must be a valid string")
    }
    guard isValidName(wish.name.bytes) else {
      throw .invalidName("name must be a non-empty string")
    }
    guard let id = now.cohort(named: wish.cohort), let cohort = now.cohorts[id] else {
      create(wish.cohort, of: partner, name: wish.name, createdAt: wish.createdAt)
      return .done
    }
    guard !cohort.isArchived else { throw .cohortArchived(wish.cohort) }
    // The first naming sets `createdAt`, also where the name is the id already.
    guard cohort.displayName != wish.name || cohort.createdAt == nil else { return .done }
    now.cohorts[id]?.displayName = wish.name
    now.cohorts[id]?.createdAt = cohort.createdAt ?? wish.createdAt
    recordName(of: id)
    return .done
  }

  private func partner(of name: CohortName) throws(Refusal) -> PartnerID {
    guard let partner = now.partner(code: name.partner) else {
      throw .unknownPartner(name.partner)
    }
    return partner
  }

  @discardableResult
  private mutating func create(
    _ name: CohortName, of partner: PartnerID, name displayName: Text, createdAt: Instant?
  ) -> CohortID {
    let id = CohortID(UInt32(now.cohorts.count + 1))
    now.cohorts[id] = NaiveCohort(
      partner: partner, name: name, displayName: displayName, createdAt: createdAt)
    now.members[id] = []
    recordName(of: id)
    return id
  }

  private mutating func recordName(of id: CohortID) {
    guard let cohort = now.cohorts[id] else { return }
    record(
      .cohortNamed(
        CohortNamed(
          cohort: id, partner: cohort.partner, cohortID: cohort.name.cohortID,
          name: cohort.displayName, createdAt: cohort.createdAt)))
  }

  mutating func importMembers(_ wish: ChangeMembers) throws(Refusal) -> Answer {
    let partner = try partner(of: wish.cohort)
    guard isValidName(wish.cohort.cohortID.bytes) else {
      throw .invalidName("cohort_id must be a valid string")
    }
    guard wish.changes.reduce(0, { $0 + $1.count }) <= ChangeMembers.identifiersMax else {
      throw .tooMany(limit: ChangeMembers.identifiersMax, what: .identifiers)
    }
    var counts = OutcomeCounts()
    var results: [IdentifierResult] = []
    // Without any identifier it is a key check: nothing is written or created.
    guard wish.changes.contains(where: { $0.count > 0 }) else { return .changedMembers(counts, []) }
    let known = now.cohort(named: wish.cohort)
    if let known, now.cohorts[known]?.isArchived == true { throw .cohortArchived(wish.cohort) }
    let cohort =
      known ?? create(wish.cohort, of: partner, name: wish.cohort.cohortID, createdAt: nil)
    for (index, change) in wish.changes.enumerated() where change.count > 0 {
      for result in apply(change, in: wish.buffer, to: cohort) {
        counts[result.outcome] += 1
        results.append(
          IdentifierResult(change: index, outcome: result.outcome, survivor: result.survivor))
      }
    }
    return .changedMembers(counts, wish.wantsResults ? results : [])
  }

  private mutating func apply(
    _ change: ChangeMembers.Change, in buffer: [UInt8], to cohort: CohortID
  ) -> [(outcome: Outcome, survivor: UserID?)] {
    var results: [(outcome: Outcome, survivor: UserID?)] = []
    var users: Set<UserID> = []
    var unchanged: UInt32 = 0
    var unmatched: [Unmatched] = []
    for name in change.identifiers(in: buffer) {
      func miss(_ outcome: Outcome, _ reason: Unmatched.Reason, survivor: UserID? = nil) {
        unmatched.append(Unmatched(identifier: name.cut, reason: reason))
        results.append((outcome, survivor))
      }
      switch now.standing(of: name) {
      case .nobody: miss(.unknown, .unknown)
      case .merged(_, let survivor): miss(.merged, .merged, survivor: survivor)
      case .user(let user):
        if case .device = name, now.isIdentified(user) {
          miss(.identified, .identified)
        } else if now.members[cohort, default: []].contains(user) != change.shouldRemove {
          unchanged += 1
          results.append((change.shouldRemove ? .notMember : .alreadyMember, nil))
        } else {
          users.insert(user)
          results.append((change.shouldRemove ? .removed : .added, nil))
          if change.shouldRemove {
            now.members[cohort]?.remove(user)
          } else {
            now.members[cohort]?.insert(user)
          }
        }
      }
    }
    record(
      .membersChanged(
        NaiveChange(
          cohort: cohort, direction: change.shouldRemove ? .leaving : .entering, users: users,
          unchanged: unchanged, unmatched: unmatched)))
    return results
  }

  mutating func archive(_ name: CohortName) throws(Refusal) -> Answer {
    let cohort = try existing(name)
    if now.cohorts[cohort]?.isArchived == false {
      now.cohorts[cohort]?.isArchived = true
      record(.cohortArchived(cohort))
    }
    return .archived(dependants(of: cohort))
  }

  /// CONTRACT part 3: "what depends on it is in the answer" of both.
  mutating func restore(_ name: CohortName) throws(Refusal) -> Answer {
    let cohort = try existing(name)
    if now.cohorts[cohort]?.isArchived == true {
      now.cohorts[cohort]?.isArchived = false
      record(.cohortRestored(cohort))
    }
    return .archived(dependants(of: cohort))
  }

  func existing(_ name: CohortName) throws(Refusal) -> CohortID {
    guard let cohort = now.cohort(named: name) else {
      throw .unknownCohort(name, nearest: nearestCohort(to: name))
    }
    return cohort
  }
}
