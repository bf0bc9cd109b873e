import CohortModel

/// A plan, and what must be told beside it.
struct Planned {
  var plan: Plan
  /// Members that no row names, by an identifier of another kind than the sync's.
  var others: [MatchKind: ChosenIdentifiers] = [:]

  var removalCount: Int { plan.removals.count + others.values.reduce(0) { $0 + $1.count } }
}

extension SyncRun {
  func plan(
    _ kept: StateFile, _ resync: RunReport.Resync?, _ model: Model,
    _ ledger: (any LedgerQuestions)?, _ keys: DestinationKeys, _ report: inout RunReport
  ) throws(Unread) -> Planned {
    observer.progress("comparing")
    let planned: Planned
    if resync != nil, let ledger {
      planned = try compare(with: ledger, kept, model, keys, &report)
    } else {
      planned = Planned(
        plan: Plan(
          from: kept.known, to: model.identifiers, resendsAll: resync != nil,
          removesRows: file.removesRows))
    }
    report.entered = planned.plan.entered
    report.left = resync != nil && ledger != nil ? planned.removalCount : planned.plan.left
    report.unchanged = planned.plan.unchanged
    return planned
  }

  /// Plans by what the ledger says who is in the cohort.
  ///
  /// Members that no row names are removed only if the state says that this sync brought them, or
  /// if it is allowed.
  private func compare(
    with ledger: any LedgerQuestions, _ kept: StateFile, _ model: Model, _ keys: DestinationKeys,
    _ report: inout RunReport
  ) throws(Unread) -> Planned {
    var truth = LedgerTruth(file.match.kind)
    try asking { () throws(LedgerUnread) in
      try ledger.members(of: file.cohortName) { truth.add($0) }
    }
    let known = truth.known(keysFrom: kept.known)
    let first = Plan(from: known, to: model.identifiers) { _ in false }
    truth.nameMembers(of: known, in: model.identifiers)
    if truth.hasUnnamed, first.entered > 0 {
      try nameSurvivors(&truth, first, ledger, keys)
    }
    guard file.removesRows else { return Planned(plan: first) }

    let unnamed = truth.unnamed
    let goes = unnamed.map { index in
      options.allowsRemovals || truth.identifiers(index).contains { kept.known.holds($0) }
    }
    var leaving: Set<Int> = []
    var others: [LedgerMember] = []
    var staying: [LedgerMember] = []
    for (index, isGoing) in zip(unnamed, goes) {
      if !isGoing {
        staying.append(truth.members[index])
      } else if let place = truth.place(index) {
        leaving.insert(place)
      } else {
        others.append(truth.members[index])
      }
    }
    try list(staying, &report)
    let plan = Plan(from: known, to: model.identifiers) {
      leaving.contains(truth.place(ofRank: $0))
    }
    return Planned(plan: plan, others: LedgerTruth.byOtherKinds(others))
  }

  /// Asks for whom the rows that the ledger does not list stand: a deprecated external id or one
  /// that was merged away names a member all the same.
  private func nameSurvivors(
    _ truth: inout LedgerTruth, _ plan: Plan, _ ledger: any LedgerQuestions,
    _ keys: DestinationKeys
  ) throws(Unread) {
    let asked = services.carrier(ledger.preview, keys).carry(
      Parcel(
        cohort: file.cohortName, kind: file.match.kind, naming: nil, removals: .none,
        additions: plan.added, wantsResults: true), stop: stop
    ) { [observer] in observer.progress("\($0) rows asked about") }
    if let reason = asked.stopped { throw .unread(LedgerUnread(reason: reason)) }
    for (index, fate) in asked.additions.enumerated() {
      switch fate {
      case .alreadyMember:
        let identifier = Array(plan.added[index])
        let user = try asking { () throws(LedgerUnread) in
          try ledger.user(file.match.kind, identifier)
        }
        if let user { truth.name(user) }
      case .merged: if let survivor = asked.survivors[index] { truth.name(survivor) }
      case .notSent, .unsure, .accepted, .added, .removed, .notMember, .unknown, .identified,
        .refused:
        break
      }
    }
  }

  /// Lists the members that no row names: all in a file, a few in words.
  private func list(_ members: [LedgerMember], _ report: inout RunReport) throws(Unread) {
    report.unnamed = members.count
    guard !members.isEmpty else { return }
    observer.say(
      "No row names \(members.count) of the members. "
        + "They stay; run with --full --allow-removals to take them out.")
    for member in members.prefix(20) { observer.say("  \(member.selector)") }
    if members.count > 20 { observer.say("  and \(members.count - 20) more") }
    guard !options.isDryRun else { return }
    do throws(SyncFailure) {
      try SyncFailure.storage(state.unnamed) { () throws(FileFailure) in
        try Rejects.writeUnnamed(members, to: state.unnamed)
      }
    } catch { throw .failure(error) }
  }
}

extension Known {
  /// Whether the destination was told of an identifier and took it.
  func holds(_ identifier: [UInt8]) -> Bool {
    guard let rank = identifiers.rank(of: identifier) else { return false }
    return standings[rank] == .member || standings[rank] == .unsure
  }
}

// MARK: - Guard rails

extension SyncRun {
  /// - Returns: Whether nothing stands in the way.
  func guards(
    _ planned: Planned, _ model: Model, _ kept: StateFile, _ report: inout RunReport
  ) -> Bool {
    guard !options.allowsRemovals else { return true }
    if model.identifiers.count == 0, !file.guard.allowsEmpty {
      report.stopped = .empty
      report.message =
        "The model has no row with an identifier. "
        + "Check its query, or confirm with --allow-removals."
      return false
    }
    let last = kept.head.baseline > 0 ? kept.head.baseline : planned.plan.old.identifiers.count
    if let share = file.guard.maxRemovedShare,
      share.isExceeded(by: planned.removalCount, of: last)
    {
      report.stopped = .guard
      report.message =
        "The run would remove \(planned.removalCount) of \(last), more than the share of \(share). "
        + "Check the query, or confirm with --allow-removals."
      return false
    }
    return true
  }
}
