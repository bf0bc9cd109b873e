import CohortModel

extension SyncRun {
  /// Tells the destination, and keeps the state by what it answers.
  func tell(
    _ planned: Planned, _ kept: StateFile, _ resync: RunReport.Resync?, _ keys: DestinationKeys,
    _ isLedger: Bool, _ redaction: Redaction, _ report: inout RunReport
  ) throws(Unread) -> Delivered {
    let plan = planned.plan
    let naming = naming(kept.head, resync, report)
    var head = kept.head
    if !plan.isEmpty { try write(plan, head, after: nil) }
    let carrier = services.carrier(services.destination(file.destination.endpoint), keys)
    for (kind, members) in planned.others.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      guard report.stopped == nil else { break }
      let parcel = Parcel(
        cohort: file.cohortName, kind: kind, naming: nil, removals: members, additions: .none,
        wantsResults: isLedger)
      report.count(carry(parcel, carrier))
    }
    let parcel = Parcel(
      cohort: file.cohortName, kind: file.match.kind, naming: naming, removals: plan.removed,
      additions: plan.added, wantsResults: isLedger)
    var delivered =
      report.stopped == nil
      ? carry(parcel, carrier)
      : Delivered(
        removals: Array(repeating: .notSent, count: plan.removals.count),
        additions: Array(repeating: .notSent, count: plan.additions.count))
    delivered.stopped = delivered.stopped.map { redaction.apply($0) }
    report.count(delivered)
    report.message = report.message.map { redaction.apply($0) }
    if let naming, delivered.isNamed {
      (head.name, head.namedAt) = (naming.name, naming.createdAt)
    }
    if report.stopped == nil { head.baseline = plan.new.count }
    if !plan.keepsState || head != kept.head || !FileSystem.exists(state.state) {
      try write(plan, head, after: delivered)
    }
    return delivered
  }

  private func carry(_ parcel: Parcel, _ carrier: any Carrier) -> Delivered {
    let count = parcel.removals.count + parcel.additions.count
    return carrier.carry(parcel, stop: stop) { [observer] done in
      observer.progress("\(done) of \(count) sent")
    }
  }

  /// The naming that is due: of a cohort to be created, unless it has this name already.
  private func naming(
    _ head: StateHead, _ resync: RunReport.Resync?, _ report: RunReport
  ) -> Parcel.Naming? {
    guard let name = file.cohort.name, head.name != name || resync != nil else { return nil }
    return Parcel.Naming(name: name, createdAt: head.namedAt ?? report.started)
  }

  private func write(
    _ plan: Plan, _ head: StateHead, after delivered: Delivered?
  ) throws(Unread) {
    do throws(SyncFailure) {
      try SyncFailure.storage(state.state) { () throws(FileFailure) in
        try StateFile.write(state.state, head) { body throws(FileFailure) in
          try plan.state(after: delivered, body)
        }
      }
    } catch { throw .failure(error) }
  }

  // MARK: Rejects

  func writeRejects(
    _ planned: Planned, _ delivered: Delivered, _ model: Model, _ redaction: Redaction,
    _ report: inout RunReport
  ) throws(Unread) {
    let rejects = Rejects(
      planned.plan, delivered, withoutIdentifier: model.withoutIdentifier, redaction)
    (report.rejected, report.refused) = (rejects.count, rejects.refused)
    do throws(SyncFailure) {
      try SyncFailure.storage(state.rejects) { () throws(FileFailure) in
        try rejects.write(to: state.rejects)
      }
    } catch { throw .failure(error) }
  }

  // MARK: Dry run

  /// Says what would change, and asks a ledger what would come of it; nothing is written.
  func dryRun(
    _ planned: Planned, _ ledger: (any LedgerQuestions)?, _ keys: DestinationKeys,
    _ redaction: Redaction, _ report: inout RunReport
  ) {
    let plan = planned.plan
    var parcels = planned.others.sorted { "\($0.key)" < "\($1.key)" }.map {
      (kind: $0.key, removals: $0.value, additions: ChosenIdentifiers.none)
    }
    parcels.append((file.match.kind, plan.removed, plan.added))
    for (kind, removals, additions) in parcels {
      var delivered: Delivered?
      if let ledger, report.stopped != .destination, removals.count + additions.count > 0 {
        let parcel = Parcel(
          cohort: file.cohortName, kind: kind, naming: nil, removals: removals,
          additions: additions, wantsResults: true)
        var asked = carry(parcel, services.carrier(ledger.preview, keys))
        let stopped = report.stopped
        asked.stopped = asked.stopped.map { redaction.apply($0) }
        report.count(asked)
        // A guard rail that stops the run is more to know than a preview that failed.
        report.stopped = stopped ?? report.stopped
        delivered = asked
      }
      for index in 0..<removals.count {
        observer.change(
          PlannedChange(
            isRemoval: true, identifier: Array(removals[index]), key: Array(removals.key(index)),
            fate: delivered?.removals[index]))
      }
      for index in 0..<additions.count {
        observer.change(
          PlannedChange(
            isRemoval: false, identifier: Array(additions[index]),
            key: Array(additions.key(index)), fate: delivered?.additions[index]))
      }
    }
    report.sent = 0
    report.position = nil
  }
}
